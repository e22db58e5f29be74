"""Deviations: drafted and opened ones, how quality assesses and closes them, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace
from pydantic import ValidationError

from schema.errors import InputError
from schema.events import deviations as events
from schema.events.identity import Closed
from schema.vocabulary import DeviationDecision, Disposition, Meaning, Reason, Role, Severity
from tests.support.journeys import scans
from tests.support.rule_cases import Case
from tracker.demo.journey import scan
from tracker.protocols.model import SignatureRule
from tracker.rules.decision import Allowed
from tracker.rules.deviation_state import DeviationStatus
from tracker.rules.marks.standing import attention
from tracker.rules.registry_state import ZoneSince
from tracker.therapy.decide import decide
from tracker.therapy.deviations import AssessDeviation, CloseDeviation, OpenDeviation
from tracker.therapy.making import requests as processing

Cases = Callable[[str], Case]


def opened(case: Case, *units: str) -> str:
    """A deviation that quality opened about these units; gives its event id."""
    drafts = case.do(
        OpenDeviation, "QA-2", coi=scan(case.one.coi), category="label", description="Loose label.",
        units=scans(*units),
    )  # fmt: skip
    assert [draft.payload.kind for draft in drafts] == ["deviation_opened"]
    return [*case.state.deviations][-1]


def assessment(case: Case, deviation: str, decision: str = "no_impact", **values: Any) -> dict[str, Any]:
    """What quality says of a deviation."""
    said = {"severity": "minor", "cause": "human_error", "decision": decision}
    if decision == "no_impact":
        said["remark"] = "The cells were not touched by it."
    return {"coi": scan(case.one.coi), "deviation": deviation, **said, **values}


class TestAssessing:
    @pytest.mark.parametrize("remark", [{}, {"remark": None}])
    def test_no_impact_says_why_however_it_is_recorded(self, case: Cases, remark: dict[str, Any]) -> None:
        """Given no reason, `record` is refused as the terminal is; another decision needs none."""
        given = case("made")
        asked = assessment(given, opened(given, given.one.products[0]))
        head = {"event_id": "00000000-0000-7000-8000-000000000000", "actor": "QA-2", "station": "MFG-1-01"}
        del asked["remark"]
        with pytest.raises(ValidationError, match="no_impact needs its reason as remark"):
            AssessDeviation.model_validate({**head, **asked, **remark})
        with pytest.raises(InputError, match="only blanks"):
            AssessDeviation.model_validate({**head, **asked, "remark": " "})
        asked["decision"] = "quarantine"
        assert AssessDeviation.model_validate({**head, **asked}).remark is None

    def test_quality_assesses_and_two_people_close(self, case: Cases) -> None:
        """Open, assessed, closed; the state names each, and the board is quiet after the last."""
        given = case("made")
        deviation = opened(given, given.one.products[0])
        assert given.state.deviations[deviation].status is DeviationStatus.OPEN
        assert "deviation" in [*attention(given.state, given.protocol)]
        (assessed,) = given.do(AssessDeviation, "QA-2", **assessment(given, deviation, capa="capa-7"))
        assert assessed.payload.remark is not None  # the reason, as a commitment
        assert assessed.payload.model_copy(update={"remark": None}) == events.DeviationAssessed(
            deviation=deviation,
            severity=Severity.MINOR,
            cause="human_error",
            units=(given.one.products[0],),
            decision=DeviationDecision.NO_IMPACT,
            capa="capa-7",
        )
        assert given.state.deviations[deviation].status is DeviationStatus.ASSESSED
        close = {"coi": scan(given.one.coi), "deviation": deviation}
        assert given.signature_refusal(CloseDeviation, "QA-2", **close).rule == "signature_missing"
        given.do(CloseDeviation, "QA-2", others="QP-1 approved", effective_by="2027-01-31", **close)
        assert given.state.deviations[deviation].status is DeviationStatus.CLOSED
        assert "deviation" not in [*attention(given.state, given.protocol)]

    @pytest.mark.parametrize("is_frozen", [False, True])
    def test_findings_b8_a_unit_of_another_therapy_is_said_as_such(
        self, case: Cases, *, is_frozen: bool
    ) -> None:
        """Whose code is read decides: nobody is told to bind another patient's bag to its cassette."""
        given = case("made")
        deviation, theirs = opened(given, given.one.products[0]), given.two.bag
        read = given.two.cassettes[theirs] if is_frozen else theirs
        for request, values in (
            (AssessDeviation, assessment(given, deviation, "reject")),
            (OpenDeviation, {"coi": scan(given.one.coi), "category": "label", "description": "Loose."}),
        ):
            found = given.refusal(request, "QA-2", **values, units=(scan(read),))
            assert found.rule == "mixup" and "it may be another patient's" in found.remedy
            assert (found.expected, found.unit) == (f"one of therapy {given.one.coi}", theirs)

    def test_only_quality(self, case: Cases) -> None:
        """Neither who works with the cells nor an auditor."""
        given = case("made")
        deviation = opened(given)
        for staff in ("OPER-1", "QP-1", "DOCK-M"):
            found = given.refusal(AssessDeviation, staff, **assessment(given, deviation))
            assert (found.rule, found.waivable) == ("role_missing", False)

    def test_the_last_assessment_counts_until_it_is_closed(self, case: Cases) -> None:
        """First blocked, then found harmless; a closed one is not assessed again."""
        given = case("made")
        deviation = opened(given, given.one.products[0])
        given.do(AssessDeviation, "QA-2", **assessment(given, deviation, "quarantine"))
        close = {"coi": scan(given.one.coi), "deviation": deviation, "others": "QP-1 approved"}
        assert given.refusal(CloseDeviation, "QA-2", **close).rule == "units_undecided"
        given.do(AssessDeviation, "QA-2", **assessment(given, deviation))
        given.do(CloseDeviation, "QA-2", **close)
        found = given.refusal(AssessDeviation, "QA-2", **assessment(given, deviation))
        assert found.rule == "already_done" and "was closed at" in found.message
        assert given.refusal(CloseDeviation, "QA-2", **close).rule == "already_done"

    def test_findings_g1_who_signed_what_it_is_about_approves_no_assessment(self, case: Cases) -> None:
        """Where a protocol asks two to assess, the second is none of those who signed it either."""
        given = case("made")
        deviation = opened(given, given.one.products[0])
        approved = SignatureRule(meaning=Meaning.APPROVED, roles=(Role.QUALITY, Role.QUALIFIED_PERSON))
        steps = tuple(
            step.model_copy(update={"signatures": (*step.signatures, approved)})
            if step.kind == "deviation_assessed"
            else step
            for step in given.protocol.steps
        )
        given.protocol = given.protocol.model_copy(update={"steps": steps})
        request = given.request(
            AssessDeviation, "QA-2", others="QP-1 approved", **assessment(given, deviation)
        )
        for signed, rules in ((frozenset({"OPER-1"}), []), (frozenset({"QP-1"}), ["same_person"])):
            decision = decide(replace(given.situation(request), signed=signed), request)
            assert isinstance(decision, Allowed)
            found = given.unsigned(request, decision.events)
            assert [one.rule for one in found] == rules
            assert all("did not sign what the deviation is about" in one.message for one in found)

    def test_an_action_has_helped_by_a_day_of_the_place(self, case: Cases) -> None:
        """At 20:30 on 30 June in New York it is 1 July in UTC: 30 June is a day to come, 29 June is not."""
        given = case("made")
        site = given.registry.sites["MFG-1"]
        there = replace(site, zones=(ZoneSince("America/New_York"),))
        given.registry = replace(given.registry, sites={**given.registry.sites, "MFG-1": there})
        deviation = opened(given, given.one.products[0])
        given.do(AssessDeviation, "QA-2", **assessment(given, deviation, capa="capa-7"))
        given.now = datetime(given.now.year + 1, 7, 1, 0, 29, tzinfo=UTC)
        close = {"coi": scan(given.one.coi), "deviation": deviation, "others": "QP-1 approved"}
        with pytest.raises(InputError, match="is over"):
            given.decide(CloseDeviation, "QA-2", effective_by=f"{given.now.year}-06-29", **close)
        given.do(CloseDeviation, "QA-2", effective_by=f"{given.now.year}-06-30", **close)

    def test_not_closed_before_it_is_assessed(self, case: Cases) -> None:
        """The refusal names it by what it is about."""
        given = case("made")
        deviation = opened(given)
        found = given.refusal(CloseDeviation, "QA-2", coi=scan(given.one.coi), deviation=deviation)
        assert found.rule == "not_assessed" and "label" in found.message

    @pytest.mark.parametrize(("decision", "kind"), [("quarantine", "quarantined"), ("reject", "rejected")])
    def test_the_decision_is_carried_out_in_the_same_act(self, case: Cases, decision: str, kind: str) -> None:
        """Only for the units it names, and once."""
        given = case("made")
        one, other = given.one.products
        deviation = opened(given, one, other)
        drafts = given.do(AssessDeviation, "QA-2", **assessment(given, deviation, decision, units=scans(one)))
        assert [draft.payload.kind for draft in drafts] == ["deviation_assessed", kind]
        assert drafts[1].payload.reason is Reason.DEVIATION_ASSESSED
        blocked = {unit: given.unit(unit) for unit in (one, other)}
        if decision == "quarantine":
            assert blocked[one].quarantined and not blocked[other].quarantined
        else:
            assert blocked[one].disposition is Disposition.REJECTED
            assert blocked[other].disposition is Disposition.PENDING
        again = given.do(AssessDeviation, "QA-2", **assessment(given, deviation, decision, units=scans(one)))
        assert [draft.payload.kind for draft in again] == ["deviation_assessed"]

    def test_findings_a12_what_is_said_of_one_unit_is_not_said_of_another(self, case: Cases) -> None:
        """One bag is out of specification, the other without impact: neither word takes back the other."""
        given = case("tested")
        one, other = given.one.products
        deviation = opened(given, one, other)
        for units, decision in (((one,), "oos"), ((other,), "no_impact")):
            given.do(
                AssessDeviation, "QA-2", **assessment(given, deviation, decision, units=scans(*units))
            )  # fmt: skip
        given.do(CloseDeviation, "QA-2", others="QP-1 approved", coi=scan(given.one.coi), deviation=deviation)
        release = {"others": "QA-2 reviewed"}
        found = given.refusal(processing.Release, "QP-1", units=given.one.frozen_scans((one,)), **release)
        assert found.rule == "assessed_otherwise" and "oos" in found.message
        given.do(processing.Release, "QP-1", units=given.one.frozen_scans((other,)), **release)

    def test_findings_a12_a_unit_that_waits_keeps_it_open(self, case: Cases) -> None:
        """One bag stays in quarantine when the other is found harmless, and lifting it is refused."""
        given = case("made")
        one, other = given.one.products
        deviation = opened(given, one, other)
        for unit, decision in ((one, "quarantine"), (other, "no_impact")):
            given.do(AssessDeviation, "QA-2", **assessment(given, deviation, decision, units=scans(unit)))
        close = {"coi": scan(given.one.coi), "deviation": deviation, "others": "QP-1 approved"}
        found = given.refusal(CloseDeviation, "QA-2", **close)
        assert found.rule == "units_undecided" and one in found.message and other not in found.message
        lift = {"units": given.one.frozen_scans((one,)), "reason": "investigation_closed"}
        found = given.refusal(processing.LiftQuarantine, "QA-2", others="QP-1 approved", **lift)
        assert found.rule == "assessed_otherwise"
        given.do(AssessDeviation, "QA-2", **assessment(given, deviation, units=scans(one)))
        given.do(processing.LiftQuarantine, "QA-2", others="QP-1 approved", **lift)
        given.do(CloseDeviation, "QA-2", **close)

    def test_findings_a12_an_unconfirmed_unit_keeps_it_open(self, case: Cases) -> None:
        """Of two units of which something happened outside the rules, one was confirmed: not the other."""
        given = case("made")
        first, second = given.one.products[:2]
        drafts = given.do(
            processing.Quarantine, "OPER-1", units=given.one.frozen_scans((first, second)),
            reason="temperature_excursion",
        )  # fmt: skip
        about = [*given.statements][-1]
        assert drafts[0].payload.kind == "quarantined"
        deviation = given.happened(
            events.DeviationDrafted(cause=("out_of_band",), about=about), actor="OPER-1"
        ).event_id
        unconfirmed = {**given.state.unconfirmed, about: (first, second)}
        given.therapies[given.one.coi] = replace(given.state, unconfirmed=unconfirmed)
        one, other = (given.one.frozen_scans((unit,)) for unit in (first, second))
        given.do(AssessDeviation, "QA-2", **assessment(given, deviation, units=one))
        close = {"coi": scan(given.one.coi), "deviation": deviation, "others": "QP-1 approved"}
        found = given.refusal(CloseDeviation, "QA-2", **close)
        assert found.rule == "units_undecided" and second in found.message and first not in found.message
        lift = {"others": "QP-1 approved", "reason": "investigation_closed"}
        refused = given.refusal(processing.LiftQuarantine, "QA-2", units=other, **lift)
        assert refused.rule == "not_assessed" and second in refused.message
        given.do(processing.LiftQuarantine, "QA-2", units=one, **lift)
        given.do(AssessDeviation, "QA-2", **assessment(given, deviation, units=other))
        given.do(processing.LiftQuarantine, "QA-2", units=other, **lift)
        given.do(CloseDeviation, "QA-2", **close)

    def test_a_quarantine_of_its_own_is_lifted_beside_an_open_deviation(self, case: Cases) -> None:
        """What quality has not said yet of the therapy as a whole holds no single unit."""
        given = case("made")
        unit = given.one.frozen_scans(tuple(given.one.products[:1]))
        given.do(processing.Quarantine, "OPER-1", units=unit, reason="temperature_excursion")
        given.do(OpenDeviation, "QA-2", coi=scan(given.one.coi), category="label", description="Loose.")
        lift = {"others": "QP-1 approved", "reason": "investigation_closed"}
        given.do(processing.LiftQuarantine, "QA-2", units=unit, **lift)

    def test_a_decision_over_units_names_some(self, case: Cases) -> None:
        """A deviation of the therapy as a whole says nothing of which bag to block."""
        given = case("made")
        deviation = opened(given)
        assert given.refusal(AssessDeviation, "QA-2", **assessment(given, deviation, "reject")).rule == (
            "no_unit_named"
        )

    def test_bad_input(self, case: Cases) -> None:
        """A deviation of nobody, a day that is over, a day without an action, a day that is none."""
        given = case("made")
        nobody = "01890a5d-ac96-774b-8000-00000000ffff"
        found = given.refusal(AssessDeviation, "QA-2", **assessment(given, nobody))
        assert found.rule == "deviation_unknown" and "cartrail deviation list" in found.remedy
        deviation = opened(given)
        given.do(AssessDeviation, "QA-2", **assessment(given, deviation))
        close: dict[str, Any] = {
            "coi": scan(given.one.coi),
            "deviation": deviation,
            "others": "QP-1 approved",
        }
        with pytest.raises(InputError, match="none is named"):
            given.decide(CloseDeviation, "QA-2", effective_by="2027-01-31", **close)
        with pytest.raises(InputError, match="is over"):
            given.decide(CloseDeviation, "QA-2", effective_by="2026-01-04", capa="c-1", **close)
        for day in ("2027-02-29", "2027-13-01", "31.01.2027", "2027-1-3", "\uff12027-01-01"):
            with pytest.raises(ValueError, match="effective_by"):
                given.request(CloseDeviation, "QA-2", effective_by=day, **close)
        for retests in (-1, 4):
            with pytest.raises(ValueError, match="retests"):
                given.request(AssessDeviation, "QA-2", **assessment(given, deviation, "oos", retests=retests))

    def test_after_the_therapy_is_closed(self, case: Cases) -> None:
        """A quality record may end after the therapy; a step with cells may not."""
        given = case("infused")
        deviation = opened(given)
        given.happened(Closed())
        given.do(AssessDeviation, "QA-2", **assessment(given, deviation))
        given.do(CloseDeviation, "QA-2", others="QP-1 approved", coi=scan(given.one.coi), deviation=deviation)
        remainder = {"units": scans(given.one.products[0]), "others": "LAB-A1 witnessed"}
        assert given.refusal(processing.Destroy, "PHARM-A", **remainder).rule == "therapy_closed"
