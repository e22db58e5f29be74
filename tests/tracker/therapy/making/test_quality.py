"""Quality: quarantine, tests, release in and out of specification, rejection, expiry and cancellation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from schema.events import processing as events
from schema.vocabulary import (
    DeviationDecision,
    Disposition,
    Fault,
    FinalDisposition,
    InspectionResult,
    Reason,
    Severity,
)
from tests.support.journeys import PROTOCOL, scans
from tests.support.rule_cases import Case
from tracker.demo.journey import GOOD_RESULTS, scan
from tracker.protocols.model import Operator, ReleaseTest
from tracker.requests.base import Request, Scan
from tracker.rules.decision import Allowed, ScanAnswer
from tracker.rules.deviation_state import Assessment, DeviationState
from tracker.rules.marks.standing import attention
from tracker.therapy.custody import requests as custody
from tracker.therapy.deviations import AssessDeviation, OpenDeviation
from tracker.therapy.identity import requests as identity
from tracker.therapy.making import requests as processing

Cases = Callable[[str], Case]


def cassettes(case: Case) -> dict[str, Any]:
    """Both products by their cassettes."""
    return {"units": case.one.frozen_scans(tuple(case.one.products))}


def quarantined(case: Case, *units: str) -> Case:
    """The case with these units in quarantine."""
    case.happened(events.Quarantined(units=units, reason=Reason.TEMPERATURE_EXCURSION))
    return case


def first(case: Case) -> dict[str, Any]:
    """The first product by its cassette."""
    return {"units": case.one.frozen_scans((case.one.products[0],))}


def matched(case: Case) -> dict[str, Any]:
    """The first product, the card and the wristband."""
    return {**first(case), "coi": scan(case.one.coi), "patient": case.one.wristband()}


class TestQuarantine:
    @pytest.mark.parametrize(
        ("stage", "request_class", "actor", "others"),
        [
            ("received", processing.StartManufacturing, "OPER-1", "OPER-2 witnessed"),
            ("tested", processing.Release, "QP-1", "QA-2 reviewed"),
            ("tested", processing.ReleaseOutOfSpecification, "QP-1", "DOC-A1 approved"),
            ("matched", processing.StartThaw, "LAB-A1", ""),
            ("bedside", processing.StartInfusion, "DOC-A1", ""),
        ],
    )
    def test_it_blocks(
        self, case: Cases, stage: str, request_class: type[Request], actor: str, others: str
    ) -> None:
        """Manufacture, release, thaw and infusion."""
        given = failed(case) if request_class is processing.ReleaseOutOfSpecification else case(stage)
        unit = given.one.bag if stage == "received" else given.one.products[0]
        quarantined(given, unit)
        code = scans(unit) if stage == "bedside" else given.one.frozen_scans((unit,))
        values: dict[str, Any] = {"units": code, "others": others}
        if request_class is processing.StartManufacturing:
            values["coi"] = scan(given.one.coi)
        assert "quarantined" in rules_broken(given, request_class, actor, values)

    def test_the_thing_can_still_be_moved(self, case: Cases) -> None:
        """Retrieval, marked shipping, receipt, inspection, put-away, return and destruction stay possible."""
        given = quarantined(case("made"), *case("made").one.products)
        box, seal = scan(given.one.network.boxes["Dry shipper 4"]), Scan(code="SEAL-Q")
        tank = given.one.network.storage
        given.do(custody.Retrieve, "OPER-1", location=scan(tank["MFG-1"]), **cassettes(given))
        given.do(
            custody.Pack,
            "OPER-1",
            others="OPER-2 witnessed",
            box=box,
            seal=seal,
            tally=2,
            carrier="CARR-X",
            destination="TREAT-A",
            **cassettes(given),
        )
        for giver, receiver, at in (("OPER-1", "COUR-X1", "MFG-1"), ("COUR-X1", "DOCK-A", "TREAT-A")):
            given.do(custody.Relinquish, giver, at=at, box=box, seal=seal)
            given.do(custody.Accept, receiver, at=at, box=box, seal=seal)
        lab = {"type": "department", "id": "TREAT-A/CELL-LAB"}
        given.do(custody.Relinquish, "DOCK-A", box=box, seal=seal, to=lab)
        given.do(custody.Accept, "LAB-A1", box=box, seal=seal)
        results = tuple(
            custody.InspectionGiven(unit=one, result=InspectionResult.QUARANTINE, faults=(Fault.SEAL,))
            for one in cassettes(given)["units"]
        )
        given.do(custody.Inspect, "LAB-A1", box=box, seal_intact=True, results=results)
        given.do(custody.StoreUnits, "LAB-A1", location=scan(tank["TREAT-A"]), **cassettes(given))
        given.do(
            processing.Destroy, "PHARM-A", others="LAB-A1 witnessed", reason="expired", **cassettes(given)
        )
        assert all(given.unit(one).final is FinalDisposition.DESTROYED for one in given.one.products)

    def test_ordered_anywhere_lifted_by_quality(self, case: Cases) -> None:
        """An alarm does not wait until the box is opened; the end of a quarantine is quality's, by two."""
        given = case("packed")
        unit = scans(given.one.bag)
        assert given.refusal(processing.Quarantine, "QA-2", units=unit).rule == "reason_missing"
        given.do(processing.Quarantine, "QA-2", units=unit, reason="temperature_excursion")
        assert given.unit(given.one.bag).quarantined
        assert "quarantined" in [*attention(given.state, PROTOCOL)]
        lift = {"units": unit, "reason": "investigation_closed"}
        assert given.refusal(processing.LiftQuarantine, "DOCK-M", **lift).rule == "role_missing"
        assert given.signature_refusal(processing.LiftQuarantine, "QA-2", **lift).rule == "signature_missing"
        given.do(processing.LiftQuarantine, "QA-2", others="QP-1 approved", **lift)
        assert not given.unit(given.one.bag).quarantined

    def test_only_what_is_quarantined_is_lifted(self, case: Cases) -> None:
        """To lift nothing would be a record of nothing."""
        given = case("frozen")
        values = {"units": scans(given.one.bag), "reason": "investigation_closed"}
        found = given.refusal(processing.LiftQuarantine, "QA-2", others="QP-1 approved", **values)
        assert found.rule == "not_quarantined"

    def test_logistics_q4_no_quarantine_is_lifted_before_the_deviation_is_assessed(self, case: Cases) -> None:
        """Given cells quarantined for a broken seal, when quality lifts it, it assesses it first."""
        given = opened(case)
        unit = given.unit(given.one.bag)
        code = scan(given.one.cassettes[given.one.bag])
        result = custody.InspectionGiven(unit=code, result=InspectionResult.QUARANTINE, faults=(Fault.SEAL,))
        given.do(custody.Inspect, "OPER-1", box=scan(unit.box or ""), seal_intact=False, results=(result,))
        (deviation,) = given.state.open_deviations(given.one.bag)
        lift = {"units": (code,), "reason": "investigation_closed"}
        found = given.refusal(processing.LiftQuarantine, "QA-2", others="QP-1 approved", **lift)
        assert found.rule == "not_assessed" and deviation.deviation in found.message
        given.do(
            AssessDeviation, "QA-2", coi=scan(given.one.coi), deviation=deviation.deviation,
            severity="minor", cause="transport", decision="no_impact", remark="The seal was replaced.",
        )  # fmt: skip
        given.do(processing.LiftQuarantine, "QA-2", others="QP-1 approved", **lift)
        assert not given.unit(given.one.bag).quarantined

    def test_what_is_not_accepted_at_inspection_is_quarantined(self, case: Cases) -> None:
        """Quarantine and rejection at the opened box block until quality has decided."""
        for result in (InspectionResult.QUARANTINE, InspectionResult.REJECT):
            given = opened(case)
            box = given.unit(given.one.bag).box or ""
            code = scan(given.one.cassettes[given.one.bag])
            results = (custody.InspectionGiven(unit=code, result=result, faults=(Fault.SEAL,)),)
            drafts = given.do(custody.Inspect, "OPER-1", box=scan(box), seal_intact=False, results=results)
            assert [draft.payload.kind for draft in drafts] == ["inspected", "deviation_drafted"]
            unit = given.unit(given.one.bag)
            assert unit.quarantined and unit.box is None

    def test_a_broken_seal_is_not_in_order(self, case: Cases) -> None:
        """Cells out of a box whose seal was broken are not simply accepted."""
        given = opened(case)
        box = given.unit(given.one.bag).box or ""
        results = (
            custody.InspectionGiven(
                unit=scan(given.one.cassettes[given.one.bag]), result=InspectionResult.ACCEPT
            ),
        )
        values = {"box": scan(box), "seal_intact": False, "results": results}
        assert given.refusal(custody.Inspect, "OPER-1", **values).rule == "seal_broken"
        given.do(
            custody.Inspect,
            "OPER-1",
            others="OPER-2 witnessed",
            outside_rules={"reason": "seal_broken"},
            **values,
        )


def opened(case: Cases) -> Case:
    """The first therapy's box at the manufacturer, taken over by production and not yet inspected."""
    given = case("packed")
    production = {"type": "department", "id": "MFG-1/PRODUCTION"}
    unit = given.unit(given.one.bag)
    packed = unit.facts["packed"]
    facts = {**unit.facts, "accepted": replace(packed, sequence=packed.sequence + 1)}
    assert unit.custodian is not None
    given.change(unit.unit, site="MFG-1", custodian=unit.custodian.model_validate(production), facts=facts)
    return given


def rules_broken(
    case: Case, request_class: type[Request], actor: str, values: dict[str, Any]
) -> tuple[str, ...]:
    """Every rule that is broken when it is done all the same."""
    decision = case.decide(request_class, actor, outside_rules={"reason": "clinical_need"}, **values)
    if not isinstance(decision, Allowed):
        return (decision.reason.rule,)
    return decision.events[0].outside_rules


class TestRelease:
    def test_every_test_has_a_result(self, case: Cases) -> None:
        """What is missing is named."""
        given = case("made")
        results = dict(list(GOOD_RESULTS.items())[:-1])
        for test, result in results.items():
            given.do(processing.RecordTest, "QA-2", coi=scan(given.one.coi), test=test, result=result)
        found = given.refusal(processing.Release, "QP-1", others="QA-2 reviewed", **cassettes(given))
        assert found.rule == "tests_pending" and "sterility" in found.message
        given.do(processing.RecordTest, "QA-2", coi=scan(given.one.coi), test="sterility", result="negative")
        given.do(processing.Release, "QP-1", others="QA-2 reviewed", **cassettes(given))
        assert given.unit(given.one.products[0]).disposition is Disposition.RELEASED

    def test_a_failed_test_keeps_it_back(self, case: Cases) -> None:
        """Then only rejection or the path out of specification is left."""
        given = failed(case)
        found = given.refusal(processing.Release, "QP-1", others="QA-2 reviewed", **cassettes(given))
        assert found.rule == "test_failed" and "Viability 64 (at least 70 percent)" in found.message

    def test_out_of_specification_has_its_own_path(self, case: Cases) -> None:
        """The qualified person and the treating physician sign; it stays visible until infusion."""
        given = failed(case)
        for others, rule in (("QA-2 reviewed", "signature_missing"), ("DOC-B1 approved", "role_elsewhere")):
            found = given.signature_refusal(
                processing.ReleaseOutOfSpecification, "QP-1", others=others, **cassettes(given)
            )
            assert found.rule == rule
        (draft,) = given.do(
            processing.ReleaseOutOfSpecification, "QP-1", others="DOC-A1 approved", **cassettes(given)
        )
        assert isinstance(draft.payload, events.ReleasedOutOfSpecification)
        assert draft.payload.failed_tests == ("viability",)
        assert "out_of_specification" in [*attention(given.state, PROTOCOL)]
        found = given.refusal(processing.Release, "QP-1", others="QA-2 reviewed", **cassettes(given))
        assert (found.rule, found.answer) == ("already_done", ScanAnswer.CHECK)

    def test_logistics_l5_taken_out_of_storage_too_often_is_not_released(self, case: Cases) -> None:
        """Given 21 removals where 20 are borne, then quality has to assess that before its release."""
        given = case("tested")
        unit = replace(given.unit(given.one.products[0]), removals=21)
        given.therapies = {**given.therapies, given.one.coi: given.state.with_unit(unit)}
        found = given.refusal(processing.Release, "QP-1", others="QA-2 reviewed", **first(given))
        assert found.rule == "removed_too_often"
        assert found.message == f"The product {unit.unit} was taken out of storage 21 times, and may be 20."
        about = {"coi": scan(given.one.coi), "units": scans(unit.unit)}
        given.do(OpenDeviation, "QA-1", category="removed_too_often", description="Counted.", **about)
        said = {"severity": "minor", "cause": "handling", "decision": "no_impact", "remark": "Borne."}
        deviation = next(iter(given.state.deviations))
        given.do(AssessDeviation, "QA-2", coi=about["coi"], deviation=deviation, **said)
        found = given.refusal(processing.Release, "QP-1", others="QA-2 reviewed", **first(given))
        assert found.rule == "deviation_open"

    def test_findings_a12_assessed_out_of_specification_after_the_release(self, case: Cases) -> None:
        """Released in specification it goes nowhere any more; released by its own path it goes on."""
        given = case("delivered")
        product = given.one.products[0]
        assessed = Assessment(
            severity=Severity.MAJOR, cause="equipment", decision=DeviationDecision.OOS, units=(product,),
            capa=None, actor="QA-2", at=given.now,
        )  # fmt: skip
        deviation = DeviationState(
            deviation="event-1", cause=("out_of_band",), units=(product,), at=given.now, actor="QA-2",
            site="MFG-1", sequence=1, assessments=(assessed,),
        )  # fmt: skip
        given.therapies[given.one.coi] = replace(given.state, deviations={"event-1": deviation})
        asked = {"others": "PHARM-A witnessed", **matched(given)}
        assert "not_released" in rules_broken(given, identity.MatchBeforeThaw, "LAB-A1", asked)
        given.change(product, disposition=Disposition.RELEASED_OUT_OF_SPECIFICATION)
        assert "not_released" not in rules_broken(given, identity.MatchBeforeThaw, "LAB-A1", asked)

    def test_findings_a12_an_open_deviation_is_told_on_the_way_to_the_patient(self, case: Cases) -> None:
        """At a step that needs the release; not where the cells are only held."""
        given = case("delivered")
        said = {"category": "label", "description": "Loose label.", "units": first(given)["units"]}
        given.do(OpenDeviation, "QA-2", coi=scan(given.one.coi), **said)
        for request_class, values, told in (
            (identity.MatchBeforeThaw, {"others": "PHARM-A witnessed", **matched(given)}, True),
            (processing.Quarantine, {"reason": "other", **first(given)}, False),
        ):
            decision = given.decide(
                request_class, "LAB-A1", outside_rules={"reason": "clinical_need"} if told else None, **values
            )
            assert isinstance(decision, Allowed), decision
            assert ("deviation_open" in {one.rule for one in decision.notices}) is told

    def test_out_of_specification_is_for_what_failed(self, case: Cases) -> None:
        """What met every limit is released in specification."""
        found = case("tested").refusal(
            processing.ReleaseOutOfSpecification,
            "QP-1",
            others="DOC-A1 approved",
            **cassettes(case("tested")),
        )
        assert found.rule == "in_specification" and not found.waivable

    def test_rejected(self, case: Cases) -> None:
        """What was rejected goes nowhere near a patient."""
        given = case("tested")
        given.happened(events.Rejected(units=tuple(given.one.products)))
        assert "rejected" in [*attention(given.state, PROTOCOL)]
        for request_class, others in (
            (processing.Release, "QA-2 reviewed"),
            (processing.ReleaseOutOfSpecification, "DOC-A1 approved"),
        ):
            found = rules_broken(given, request_class, "QP-1", {"others": others, **cassettes(given)})
            assert "rejected" in found or found == ("in_specification",)
        given = case("delivered")
        given.happened(events.Rejected(units=tuple(given.one.products)))
        assert "rejected" in rules_broken(given, identity.MatchBeforeThaw, "LAB-A1", matched(given))

    def test_unreleased_is_not_packed_matched_or_thawed(self, case: Cases) -> None:
        """Release is looked at again at every step towards the patient."""
        given = case("matched")
        given.change(given.one.products[0], disposition=Disposition.PENDING)
        assert given.refusal(processing.StartThaw, "LAB-A1", **first(given)).rule == "not_released"
        found = given.refusal(
            identity.MatchBeforeThaw, "LAB-A1", others="PHARM-A witnessed", **matched(given)
        )
        assert found.rule == "not_released"

    def test_an_unknown_test(self, case: Cases) -> None:
        """Only tests the protocol asks for, once each; a repeat needs a correction."""
        given = case("made")
        coi = scan(given.one.coi)
        assert (
            given.refusal(processing.RecordTest, "QA-2", coi=coi, test="color", result="1").rule
            == "test_unknown"
        )
        given.do(
            processing.RecordTest,
            "QA-2",
            coi=coi,
            test="dose",
            result="80",
            sample=scan(given.one.samples[0]),
        )
        found = given.refusal(processing.RecordTest, "QA-2", coi=coi, test="dose", result="180")
        assert found.rule == "already_done" and "80" in found.message
        foreign = scan(given.two.samples[0])
        found = given.refusal(
            processing.RecordTest, "QA-2", coi=coi, test="endotoxin", result="1", sample=foreign
        )
        assert not found.waivable

    @pytest.mark.parametrize(
        ("operator", "limit", "met", "missed"),
        [
            (
                ">=",
                "70",
                ("70", "70.0", "99.9"),
                (
                    "69.9",
                    "69.95",
                    "NaN",
                    "sNaN",
                    "Infinity",
                    "",
                    "-70",
                    "n/a",
                    "75_0",
                    " 75",
                    "+75",
                    "1E2",
                    "185",
                ),
            ),
            ("<=", "5", ("5", "0.1"), ("5.1", "-1", "4.99", "nan", "-Infinity", "none")),
            (">", "1", ("1.1",), ("1", "inf")),
            ("<", "1", ("0.9",), ("1", "1.0", "-inf")),
            ("==", "negative", ("negative",), ("positive", "neg", "", "Negative", " negative", "1.2")),
        ],
    )
    def test_what_meets_a_limit(
        self, operator: str, limit: str, met: tuple[str, ...], missed: tuple[str, ...]
    ) -> None:
        """A result that is no finite number meets no limit, and no result makes the judgment fail."""
        test = ReleaseTest(
            code="t",
            title="T",
            operator=Operator(operator),
            limit=limit,
            basis="B",
            source="S",
            plausible_min="0",
            plausible_max="100",
            decimals=1,
            words=("negative", "positive"),
        )
        assert all(test.meets(result) for result in met)
        assert not any(test.meets(result) for result in missed)


def failed(case: Cases) -> Case:
    """The tested product with too little viability."""
    given = case("made")
    for test, result in {**GOOD_RESULTS, "viability": "64"}.items():
        limit = PROTOCOL.release_test(test)
        assert limit is not None
        given.happened(
            events.Tested(
                test=test, attempt=1, result=result, limit=limit.limit_text, meets_limit=limit.meets(result)
            )
        )
    return given


def test_dispositions_do_not_change_by_other_events(case: Cases) -> None:
    """Only quality's own events change what quality decided."""
    given = case("released")
    before = {one: given.unit(one).disposition for one in given.one.products}
    quarantined(given, *given.one.products)
    assert {one: given.unit(one).disposition for one in given.one.products} == before
    assert replace(given.state) == given.state
