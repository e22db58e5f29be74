"""Who may have something written in a therapy's chain, and what follows on a fact outside the rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from schema.errors import InputError
from schema.events.base import Doer
from schema.instants import format_instant
from schema.vocabulary import Disposition, Grade, Meaning
from tests.support.journeys import World, scans
from tests.support.rule_cases import Case
from tests.tracker.therapy.identity.test_identity import at_step
from tests.tracker.therapy.test_deviations import assessment
from tracker.demo.journey import scan
from tracker.requests.base import Request
from tracker.rules.decision import Allowed, Denied, ScanAnswer
from tracker.therapy.custody import requests as custody
from tracker.therapy.deviations import AssessDeviation, CloseDeviation, OpenDeviation
from tracker.therapy.identity import requests as identity
from tracker.therapy.making import requests as processing
from tracker.therapy.standing import outsider

Cases = Callable[[str], Case]
LATE = {"reason": "time_limit_exceeded"}
OUTSIDER = {"name": "Nele Brandt", "employer": "Night Freight"}
ATTESTED = "OPER-1 attested, OPER-2 witnessed"


def cassettes(case: Case) -> dict[str, Any]:
    """Both products by their cassettes."""
    return {"units": case.one.frozen_scans(tuple(case.one.products))}


def thawed_outside(case: Cases) -> Case:
    """The first product taken to the thaw by the pharmacist's colleague of the ward, who may not."""
    given = case("matched")
    given.do(
        processing.StartThaw, "WARD-A", others="LAB-A1 witnessed", outside_rules=LATE,
        units=given.one.frozen_scans((given.one.products[0],)),
    )  # fmt: skip
    return given


def elsewhere(given: Case, coi: str) -> None:
    """Let a therapy be that of two centers elsewhere."""
    state = given.therapies[coi]
    sites = state.sites.model_copy(update={"collection": "COLL-B", "treatment": "TREAT-B"})
    given.therapies[coi] = replace(state, sites=sites, named_sites=frozenset({"MFG-1", "CARR-X"}))


class TestDecisionsAreNoFacts:
    @pytest.mark.parametrize(
        ("stage", "request_class", "actor", "values"),
        [
            ("made", processing.Release, "COUR-X1", cassettes),
            ("made", processing.Release, "QP-1", cassettes),
            ("made", processing.Reject, "OPER-1", lambda given: {**cassettes(given), "reason": "other"}),
            ("released", processing.LiftQuarantine, "OPER-1",
             lambda given: {**cassettes(given), "reason": "other"}),
            ("made", processing.RecordTest, "COUR-X1",
             lambda given: {"coi": scan(given.one.coi), "test": "viability", "result": "90"}),
        ],
    )  # fmt: skip
    def test_findings_g1_a_decision_without_authority_is_none(
        self, case: Cases, stage: str, request_class: type[Request], actor: str, values: Callable[..., Any]
    ) -> None:
        """An untested product is not released outside the rules, by whomever; nor is any other decision."""
        given = case(stage)
        for outside in (None, LATE):
            found = given.refusal(request_class, actor, outside_rules=outside, **values(given))
            assert not found.waivable

    def test_findings_g1_nor_where_nothing_forbids_it(self, case: Cases) -> None:
        """A review, a release or a result that is in order is not called outside the rules."""
        given = case("tested")
        found = given.refusal(processing.Release, "QP-1", outside_rules=LATE, **cassettes(given))
        assert found.rule == "decision" and "Leave out" in found.remedy
        given.do(processing.Release, "QP-1", others="QA-2 reviewed", **cassettes(given))


class TestPart:
    def test_findings_g1_nobody_without_a_part_acts_or_signs(self, case: Cases) -> None:
        """Neither the courier of a carrier that no shipment names, nor the staff of a hospital elsewhere."""
        given = case("at_hand")
        for actor in ("COUR-Y1", "LAB-B1", "QA-B"):
            found = given.refusal(
                processing.Quarantine,
                actor,
                at="TREAT-A",
                outside_rules=LATE,
                units=scans(given.one.products[0]),
            )  # fmt: skip
            assert (found.rule, found.waivable) == ("no_part", False), actor
        given = case("matched")
        about = {"units": given.one.frozen_scans((given.one.products[0],)), "outside_rules": LATE}
        for witness in ("COUR-Y1", "LAB-B1", "AUDIT-1"):
            found = given.signature_refusal(
                processing.StartThaw, "WARD-A", others=f"{witness} witnessed", **about
            )
            assert found.rule == "no_part", witness

    def test_findings_g1_a_carrier_has_a_part_once_a_shipment_names_it(self, case: Cases) -> None:
        """Its courier takes the box over; before it was packed the same person could record nothing."""
        given = case("frozen")
        assert "CARR-X" not in given.state.named_sites
        unit = scans(given.one.bag)
        said = {"category": "temperature", "description": "The lid was open.", "coi": scan(given.one.coi)}
        assert given.refusal(OpenDeviation, "COUR-X1", at="COLL-A", **said).rule == "no_part"
        assert given.refusal(OpenDeviation, "COUR-X1", at="COLL-A", units=unit, **said).rule == "no_part"
        packed = case("packed")
        assert {"CARR-X", "MFG-1"} <= packed.state.named_sites
        packed.do(OpenDeviation, "COUR-X1", at="COLL-A", **{**said, "coi": scan(packed.one.coi)})

    def test_findings_g1_what_an_outsider_did_two_others_attest(self, case: Cases) -> None:
        """Name and employer are committed, the grade says how it is known, and it is red."""
        given = case("at_hand")
        unit = given.one.products[0]
        outside = {"reason": "other", "doer": OUTSIDER}
        about: dict[str, Any] = {"units": scans(unit), "outside_rules": outside}
        found = given.signature_refusal(processing.Quarantine, "LAB-A1", **about)
        assert found.rule == "signature_missing"
        drafts = given.do(
            processing.Quarantine, "LAB-A1", signed="LAB-A1 attested, PHARM-A witnessed", **about
        )
        assert [draft.payload.kind for draft in drafts] == ["quarantined", "deviation_drafted"]
        doer = drafts[0].payload.doer
        assert isinstance(doer, Doer) and doer.evidence is Grade.ATTESTED
        told = {given.openings[one.commitment].value for one in (doer.name, doer.employer)}
        assert told == {"Nele Brandt", "Night Freight"}
        assert "Brandt" not in drafts[0].payload.model_dump_json()
        assert drafts[0].outside_rules == ("no_part",)
        assert [slot.meaning for slot in drafts[0].slots] == [Meaning.ATTESTED, Meaning.WITNESSED]
        for signed, rule in (
            ("LAB-A1 attested, LAB-B1 witnessed", "no_part"),
            ("WARD-A attested, PHARM-A witnessed", "wrong_signer"),
        ):
            refused = given.signature_refusal(processing.Quarantine, "LAB-A1", signed=signed, **about)
            assert refused.rule == rule

    @pytest.mark.parametrize("first", [True, False])
    def test_findings_g1_a_part_in_one_of_those_scanned_is_enough_to_be_heard(
        self, case: Cases, *, first: bool
    ) -> None:
        """Whichever of the two it is in: what each chain then asks of the person is judged for itself."""
        given = case("at_hand")
        elsewhere(given, (given.two if first else given.one).coi)
        cois = (given.one.coi, given.two.coi)
        given.therapies = {coi: given.therapies[coi] for coi in cois}
        request = given.request(processing.Quarantine, "LAB-A1", units=scans(given.one.products[0]))
        situation = replace(given.situation(request), therapies=given.therapies)
        assert outsider(situation, request) is None

    def test_findings_g1_nor_who_keys_it_in(self, case: Cases) -> None:
        """Somebody else's hands on the keyboard are asked the same as the actor's."""
        given = case("at_hand")
        said = {"units": scans(given.one.products[0]), "reason": "other"}
        found = given.refusal(processing.Quarantine, "LAB-A1", entry={"by": "LAB-B1"}, **said)
        assert (found.rule, found.waivable) == ("no_part", False) and "LAB-B1" in found.message

    def test_findings_g1_what_follows_is_the_word_of_those_who_sign(self, case: Cases) -> None:
        """The driver put it into the refrigerator; who signs puts it into quarantine."""
        given = case("frozen")
        tank = given.registry.locations[given.one.network.storage["COLL-A"]]
        fridge = replace(tank, id="LD2222222F2", title="Refrigerator", celsius_min="2", celsius_max="8")
        given.registry = replace(given.registry, locations={**given.registry.locations, fridge.id: fridge})
        units = given.one.frozen_scans((given.one.bag,))
        given.do(custody.Retrieve, "TECH-A1", units=units, location=scan(tank.id))
        drafts = given.do(
            custody.StoreUnits, "TECH-A1", units=units, location=scan(fridge.id),
            signed="TECH-A1 attested, TECH-A2 witnessed",
            outside_rules={"reason": "other", "doer": OUTSIDER},
        )  # fmt: skip
        assert [one.payload.kind for one in drafts] == ["stored", "deviation_drafted", "quarantined"]
        stored, _, held = drafts
        assert isinstance(stored.payload.doer, Doer) and held.payload.doer is None
        assert [slot.meaning for slot in held.slots] == [Meaning.ATTESTED, Meaning.WITNESSED]

    def test_findings_g1_from_paper_it_is_transcribed_and_verified(self, case: Cases) -> None:
        """The two who enter it attest nothing: the paper says who did it."""
        given = case("at_hand")
        decision = given.decide(
            processing.Quarantine, "LAB-A1", units=scans(given.one.products[0]),
            outside_rules={"reason": "other", "doer": OUTSIDER},
            entry={"mode": "paper", "reason": "network_down"}, occurred_at=format_instant(given.now),
        )  # fmt: skip
        assert isinstance(decision, Allowed), decision
        (draft,) = decision.events
        assert [slot.meaning for slot in draft.slots] == [Meaning.TRANSCRIBED, Meaning.VERIFIED]
        assert isinstance(draft.payload.doer, Doer) and draft.outside_rules == ("no_part",)

    def test_findings_g1_where_two_were_mixed_up_a_part_in_one_will_do(self, case: Cases) -> None:
        """The ward that read another ward's bag records it in both chains; alone it writes in its own."""
        given = case("delivered")
        elsewhere(given, given.two.coi)
        actor, values = at_step(
            identity.MatchBeforeThaw, given, units=given.two.frozen_scans((given.two.products[0],))
        )
        drafts = given.do(identity.MatchBeforeThaw, actor, outside_rules=LATE, **values)
        assert {draft.chain for draft in drafts} == {given.one.coi, given.two.coi}
        assert {slot.parts for draft in drafts for slot in draft.slots} == {
            frozenset({frozenset({"COLL-A", "MFG-1", "TREAT-A", "CARR-X", "COLL-B", "TREAT-B"})})
        }

    def test_findings_g1_where_two_are_named_a_part_in_both_is_asked(self, case: Cases) -> None:
        """Nothing was mixed up: whoever puts two into quarantine has a part in each."""
        given = case("at_hand")
        units = scans(given.one.products[0], given.two.products[0])
        for outside in (None, LATE):
            given.therapies = dict(given.therapies)
            elsewhere(given, given.two.coi)
            found = given.refusal(
                processing.Quarantine, "LAB-A1", units=units, reason="other", outside_rules=outside
            )
            assert (found.rule, found.waivable) == ("no_part", False)

    @pytest.mark.parametrize(
        ("without", "actor", "rule"),
        [(True, "LAB-A1", "no_part"), (False, "WARD-A", "role_missing"), (False, "LAB-A1", "mixup")],
    )
    def test_findings_g1_evidence_is_left_by_whose_step_it_is(
        self, case: Cases, actor: str, rule: str, *, without: bool
    ) -> None:
        """A part in the other therapy, or a part without the role, fills no chain."""
        given = case("delivered")
        if without:
            elsewhere(given, given.one.coi)
        _, values = at_step(
            identity.MatchBeforeThaw, given, units=given.two.frozen_scans((given.two.products[0],))
        )
        decision = given.decide(identity.MatchBeforeThaw, actor, **values)
        assert isinstance(decision, Denied), decision
        assert decision.reason.rule == rule
        assert [draft.payload.kind for draft in decision.events] == ["mixup_prevented"] * (rule == "mixup")

    def test_findings_g1_training_that_ran_out_leaves_a_part(self, case: Cases) -> None:
        """A rule about one's own grant can be passed by who works there; the end of the grant cannot."""
        given = case("at_hand")
        changes: tuple[tuple[dict[str, Any], str], ...] = (
            ({"training_expires_at": given.now}, "training_expired"),
            ({"revoked": True}, "grant_revoked"),
        )
        for change, rule in changes:
            grants = tuple(replace(one, **change) for one in given.registry.grants_of("LAB-A1"))
            given.registry = replace(given.registry, grants={**given.registry.grants, "LAB-A1": grants})
            values = {"units": given.one.frozen_scans((given.one.products[0],))}
            found = given.refusal(
                custody.StoreUnits, "LAB-A1", location=scan(given.one.network.storage["TREAT-A"]), **values
            )
            assert (found.rule, found.waivable) == (rule, rule == "training_expired")


class TestFactsOpenNoGate:
    def test_findings_g1_what_follows_waits_for_quality(self, case: Cases) -> None:
        """A thaw outside the rules: no infusion until the deviation drafted with it is assessed."""
        given = thawed_outside(case)
        unit = given.one.products[0]
        values = {"units": scans(unit)}
        found = given.refusal(processing.StartInfusion, "DOC-A1", **values)
        assert found.rule == "fact_unconfirmed"
        assert "role missing" in found.message and found.waivable
        deviation = [*given.state.deviations][-1]
        assert deviation in found.remedy and given.state.deviations[deviation].units == (unit,)
        given.do(AssessDeviation, "QA-A", at="TREAT-A", **assessment(given, deviation))
        assert given.refusal(processing.StartInfusion, "DOC-A1", **values).rule == "not_custodian"

    def test_findings_g1_quarantine_confirms_nothing(self, case: Cases) -> None:
        """The gate stays shut, and the deviation open, until the unit has its last word."""
        given = thawed_outside(case)
        unit = given.one.products[0]
        deviation = [*given.state.deviations][-1]
        given.do(AssessDeviation, "QA-A", at="TREAT-A", **assessment(given, deviation, "quarantine"))
        assert [*given.state.unconfirmed_of(unit)]
        closing = {"coi": scan(given.one.coi), "deviation": deviation}
        found = given.refusal(CloseDeviation, "QA-A", at="TREAT-A", **closing)
        assert found.rule == "units_undecided" and unit in found.message
        given.do(AssessDeviation, "QA-A", at="TREAT-A", **assessment(given, deviation))
        assert not [*given.state.unconfirmed_of(unit)]

    @pytest.mark.parametrize("decision", ["no_impact", "oos"])
    def test_findings_g1_no_other_unit_is_confirmed(self, case: Cases, decision: str) -> None:
        """A unit the deviation is not about is bad input; rejecting it beside the other is not."""
        given = thawed_outside(case)
        unit, other = given.one.products
        deviation = [*given.state.deviations][-1]
        for units in ((other,), (unit, other)):
            asked = assessment(given, deviation, decision, units=scans(*units))
            with pytest.raises(InputError, match=f"is not about {other}") as refused:
                given.decide(AssessDeviation, "QA-A", at="TREAT-A", **asked)
            assert refused.value.field == "units" and unit in refused.value.remedy
        both = assessment(given, deviation, "reject", units=scans(unit, other))
        given.do(AssessDeviation, "QA-A", at="TREAT-A", **both)

    def test_findings_g1_what_concerns_the_therapy_is_confirmed_as_a_whole(self, case: Cases) -> None:
        """A wristband that was not read at the start is not made good for one bag and left for the other."""
        given = case("tested")
        unit, other = given.one.products
        given.do(
            OpenDeviation, "OPER-1", coi=scan(given.one.coi), category="other", description="Not allowed.",
            others="OPER-2 witnessed", outside_rules={**LATE, "doer": OUTSIDER}, signed=ATTESTED,
        )  # fmt: skip
        fact, deviation = [*given.state.unconfirmed][-1], [*given.state.deviations][-1]
        assert given.state.unconfirmed[fact] == () and given.state.deviations[deviation].units == ()
        asked = assessment(given, deviation, units=scans(unit))
        with pytest.raises(InputError, match="therapy as a whole"):
            given.decide(AssessDeviation, "QA-2", **asked)
        given.do(AssessDeviation, "QA-2", **assessment(given, deviation, "quarantine", units=scans(unit)))
        closing = {"coi": scan(given.one.coi), "deviation": deviation}
        found = given.refusal(CloseDeviation, "QA-2", **closing)
        assert found.rule == "units_undecided" and other in found.message
        given.do(AssessDeviation, "QA-2", **assessment(given, deviation))
        assert fact not in given.state.unconfirmed
        given.do(CloseDeviation, "QA-2", others="QP-1 approved", **closing)

    def test_findings_g1_what_is_out_of_specification_goes_its_own_way(self, case: Cases) -> None:
        """Released in specification, thawed outside the rules: no infusion before the release out of it."""
        given = thawed_outside(case)
        unit, other = given.one.products
        deviation = [*given.state.deviations][-1]
        given.do(AssessDeviation, "QA-A", at="TREAT-A", **assessment(given, deviation, "oos"))
        assert not [*given.state.unconfirmed_of(unit)]
        found = given.refusal(processing.StartInfusion, "DOC-A1", units=scans(unit))
        assert found.rule == "not_released" and "out of specification" in found.message and found.waivable
        release = {"units": given.one.frozen_scans((unit,)), "others": "DOC-A1 approved"}
        found = given.refusal(processing.ReleaseOutOfSpecification, "QP-1", **release)
        assert found.rule == "deviation_open"
        given.do(
            CloseDeviation, "QA-2", others="QP-1 approved", coi=scan(given.one.coi), deviation=deviation,
        )  # fmt: skip
        found = given.refusal(processing.StartInfusion, "DOC-A1", units=scans(unit))
        assert found.rule == "not_released"
        given.do(processing.ReleaseOutOfSpecification, "QP-1", **release)
        assert given.unit(unit).disposition is Disposition.RELEASED_OUT_OF_SPECIFICATION
        assert given.refusal(processing.StartInfusion, "DOC-A1", units=scans(unit)).rule == "not_custodian"
        found = given.refusal(processing.ReleaseOutOfSpecification, "QP-1", **release)
        assert found.rule == "already_done"
        free = given.refusal(
            processing.ReleaseOutOfSpecification, "QP-1",
            **{**release, "units": given.one.frozen_scans((other,))},
        )  # fmt: skip
        assert free.rule == "already_done"

    def test_findings_g1_the_other_bag_goes_on(self, case: Cases) -> None:
        """The fact is that of one bag; what was made of it would wait too."""
        given = thawed_outside(case)
        assert not [*given.state.unconfirmed_of(given.one.products[1])]
        given.change(given.one.products[1], parents=(given.one.products[0],))
        assert [*given.state.unconfirmed_of(given.one.products[1])]

    def test_findings_g1_nobody_confirms_their_own_fact(self, case: Cases) -> None:
        """Quality that acted outside the rules itself leaves the assessment to a colleague."""
        given = case("at_hand")
        given.do(
            processing.Destroy, "QA-A", at="MFG-1", others="LAB-A1 witnessed", outside_rules=LATE,
            units=scans(given.one.products[0]), reason="other",
        )  # fmt: skip
        deviation = [*given.state.deviations][-1]
        assert given.refusal(AssessDeviation, "QA-A", **assessment(given, deviation)).rule == "same_person"
        given.do(AssessDeviation, "QA-2", **assessment(given, deviation))

    def test_findings_g1_who_witnessed_it_does_not_judge_it(self, world: Callable[[str], World]) -> None:
        """Neither assesses, closes nor approves: only people who did not sign what it is about."""
        made = world("at_hand")
        made.do(
            processing.Destroy, "LAB-A1", at="MFG-1", others="QA-A witnessed", outside_rules=LATE,
            units=scans(made.one.products[0]), reason="other",
        )  # fmt: skip
        deviation = [*made.state().deviations][-1]
        asked = {
            "coi": scan(made.one.coi), "deviation": deviation, "severity": "minor", "cause": "human_error",
            "decision": "no_impact", "remark": "Nothing was given.",
        }  # fmt: skip
        found = made.refusal(AssessDeviation, "QA-A", at="TREAT-A", **asked)
        assert found.error == "same_person" and "QA-A signed" in found.message
        made.do(AssessDeviation, "QA-2", **asked)
        closing = {"coi": scan(made.one.coi), "deviation": deviation}
        found = made.refusal(CloseDeviation, "QA-A", at="TREAT-A", others="QP-1 approved", **closing)
        assert found.error == "same_person"
        found = made.refusal(CloseDeviation, "QA-2", others="QA-A approved", **closing)
        assert found.error == "same_person" and "only people who did not sign" in found.message
        made.do(CloseDeviation, "QA-2", others="QP-1 approved", **closing)


class TestOpenDeviations:
    def test_findings_a12_opened_after_the_release_it_is_shown(self, case: Cases) -> None:
        """At the match, the thaw and the bed: nobody is kept from going on, and nobody misses it."""
        given = case("matched")
        unit, other = given.one.products
        thaw = {"units": given.one.frozen_scans((unit,))}
        said: dict[str, Any] = {"coi": scan(given.one.coi), "category": "other", "description": "Dropped."}
        given.do(OpenDeviation, "LAB-A1", units=scans(other), **said)
        decision = given.decide(processing.StartThaw, "LAB-A1", **thaw)
        assert isinstance(decision, Allowed) and decision.notices == ()
        given.do(OpenDeviation, "LAB-A1", units=scans(unit), **said)
        (deviation,) = given.state.open_deviations(unit)
        decision = given.decide(processing.StartThaw, "LAB-A1", **thaw)
        assert isinstance(decision, Allowed)
        (notice,) = decision.notices
        assert (notice.rule, notice.answer) == ("deviation_open", ScanAnswer.CHECK)
        assert notice.message.startswith(f"A deviation about {unit} is open: other, open, of ")
        assert deviation.deviation in notice.message
        judged = assessment(given, deviation.deviation, severity="critical")
        given.do(AssessDeviation, "QA-A", at="TREAT-A", **judged)
        decision = given.decide(processing.StartThaw, "LAB-A1", **thaw)
        assert isinstance(decision, Allowed)
        (notice,) = decision.notices
        assert "is open: other, critical, assessed, of " in notice.message

    def test_findings_a12_an_open_deviation_blocks_release(self, case: Cases) -> None:
        """It is named; assessed is not enough; closed by two it blocks no more."""
        given = case("tested")
        given.do(
            OpenDeviation, "OPER-1", coi=scan(given.one.coi), category="container", description="A scratch.",
            units=scans(given.one.products[0]),
        )  # fmt: skip
        (deviation,) = given.state.deviations
        release = {**cassettes(given), "others": "QA-2 reviewed"}
        for request_class in (processing.Release, processing.ReleaseOutOfSpecification):
            found = given.refusal(request_class, "QP-1", **release)
            assert (found.rule, found.waivable) == ("deviation_open", False)
            assert deviation in found.message and "container" in found.message
        given.do(AssessDeviation, "QA-2", **assessment(given, deviation))
        assert given.refusal(processing.Release, "QP-1", **release).rule == "deviation_open"
        about = {"coi": scan(given.one.coi), "deviation": deviation}
        given.do(CloseDeviation, "QA-2", others="QP-1 approved", **about)
        given.do(processing.Release, "QP-1", **release)

    def test_findings_a12_only_what_concerns_the_unit(self, case: Cases) -> None:
        """A deviation about one bag leaves the other; one about the starting material blocks both."""
        given = case("tested")
        one, other = given.one.products
        values = {"coi": scan(given.one.coi), "category": "label", "description": "Loose."}
        given.do(OpenDeviation, "OPER-1", units=scans(one), **values)
        free = {"units": given.one.frozen_scans((other,)), "others": "QA-2 reviewed"}
        assert isinstance(given.decide(processing.Release, "QP-1", **free), Allowed)
        given.do(OpenDeviation, "OPER-1", units=scans(given.one.bag), **values)
        assert given.refusal(processing.Release, "QP-1", **free).rule == "deviation_open"


class TestEvidence:
    def test_findings_g5_the_same_attempt_again_is_counted(self, world: Callable[[str], World]) -> None:
        """One evidence with its deviation, then a number; another person or hour is evidence anew."""
        made = world("on_ward")
        values = {
            "units": scans(made.one.products[0]), "coi": scan(made.two.coi),
            "patient": made.one.wristband(),
        }  # fmt: skip
        before = made.count()
        for attempt in range(5):
            answer = made.ask(identity.MatchAtBedside, "DOC-A1", **values)
            assert answer.problem is not None and answer.problem.error == "mixup"
            assert len(answer.entries) == (2 if attempt == 0 else 0)
            assert ("this is counted" in answer.problem.remedy) is (attempt > 0)
        assert made.count() == before + 2
        (evidence,) = made.state(made.one).last_prevented
        with made.tracker.store.read() as transaction:
            assert transaction.counted_again(evidence.event_id) == 4
        (gap,) = (
            one for one in made.tracker.audit.therapy(made.one.coi).gaps if one.code == "repeated_mixups"
        )
        assert len(gap.findings) == 1 and "read again 4 times by DOC-A1" in gap.findings[0]
        assert made.ask(identity.MatchAtBedside, "DOC-A2", **values).entries
        made.clock.advance(timedelta(hours=2))
        assert made.ask(identity.MatchAtBedside, "DOC-A1", **values).entries

    def test_findings_g5_without_the_role_nothing_is_written(self, case: Cases) -> None:
        """An auditor's, a courier's or a foreign nurse's scan of another patient's bag leaves no evidence."""
        given = case("on_ward")
        values = {
            "units": scans(given.one.products[0]), "coi": scan(given.two.coi),
            "patient": given.one.wristband(),
        }  # fmt: skip
        for actor, rule in (("AUDIT-1", "no_part"), ("WARD-B", "no_part"), ("LAB-A1", "role_missing")):
            decision = given.decide(identity.MatchAtBedside, actor, at="TREAT-A", **values)
            assert isinstance(decision, Denied) and not decision.events, actor
            assert decision.reason.rule == rule, actor
        decision = given.decide(identity.MatchAtBedside, "DOC-A1", **values)
        assert isinstance(decision, Denied) and decision.reason.rule == "mixup"
        assert [draft.payload.kind for draft in decision.events] == ["mixup_prevented"]
