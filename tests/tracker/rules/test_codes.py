"""Codes: each fault of a scan has its own answer, and no code begins to stand for a second thing."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from msgspec.structs import replace

from schema.errors import BadCode, InputError
from schema.events.base import Party
from schema.events.identity import MixupPrevented
from schema.identifiers import first_copy, possible_copies
from schema.vocabulary import CodeType, Meaning
from tests.support.journeys import scans
from tests.support.rule_cases import Case
from tests.tracker.therapy.identity.test_identity import (
    CLINICAL,
    Cases,
    assert_names_nothing,
    at_step,
    frozen,
)
from tracker.demo.journey import scan
from tracker.requests.base import AdoptedCodeGiven, Scan
from tracker.rules.decision import Denied
from tracker.therapy.adoption.requests import AdoptCode
from tracker.therapy.custody import requests as custody
from tracker.therapy.identity import requests as identity
from tracker.therapy.labels.requests import ApplyLabel, SupersedeLabel
from tracker.therapy.making import requests as processing


def custodian(values: dict[str, str]) -> Party:
    """A custodian of its JSON."""
    return Party.model_validate(values)


class TestCodes:
    def test_each_fault_has_its_own_answer(self, case: Cases) -> None:
        """Unknown, of another purpose, and of the wrong kind are told apart, and none is a mix-up."""
        given = case("frozen")
        for code, rule in (
            (first_copy("UD234567892").text, "unknown_code"),
            (first_copy("UP234567892").text, "other_purpose"),
            (first_copy(given.one.network.boxes["Dry shipper 1"]).text, "wrong_kind"),
            (first_copy(given.one.network.badges["TECH-A1"]).text, "wrong_kind"),
            ("CTX22222222263D7", "wrong_kind"),
            ("4006381333931", "wrong_kind"),
        ):
            for outside in (None, CLINICAL):
                decision = given.decide(
                    processing.Quarantine,
                    "QA-2",
                    units=(Scan(code=code),),
                    reason="other",
                    outside_rules=outside,
                )
                assert isinstance(decision, Denied) and decision.reason.rule == rule, code
                assert not decision.reason.waivable and not decision.events

    def test_one_wrong_character_is_caught(self, case: Cases) -> None:
        """Whatever single character is misread, the code is not taken for another one."""
        given = case("frozen")
        code = first_copy(given.one.bag).text
        for place in range(2, len(code)):
            for wrong in "23459BCX":
                if wrong != code[place]:
                    misread = Scan(code=code[:place] + wrong + code[place + 1 :])
                    with pytest.raises(BadCode):
                        given.decide(processing.Quarantine, "QA-2", units=(misread,), reason="other")

    def test_a_superseded_copy_is_stopped(self, case: Cases) -> None:
        """Once removed before two people a copy no longer stands for the unit; the others still do."""
        given = case("collected")
        first, second = list(possible_copies(given.one.bag))[:2]
        given.do(ApplyLabel, "NURSE-A1", units=(Scan(code=second.text),))
        given.do(
            SupersedeLabel,
            "NURSE-A1",
            others="NURSE-A2 witnessed",
            units=(Scan(code=first.text),),
            reason="label_damaged",
        )
        lab = {"to": {"type": "department", "id": "COLL-A/CELL-LAB"}}
        found = given.refusal(custody.Relinquish, "NURSE-A1", units=(Scan(code=first.text),), **lab)
        assert found.rule == "superseded"
        given.do(custody.Relinquish, "NURSE-A1", units=(Scan(code=second.text),), **lab)

    def test_cassette_or_label_as_the_step_says(self, case: Cases) -> None:
        """Frozen steps scan the cassette, bedside steps the bag."""
        given = case("at_hand")
        actor, values = at_step(identity.MatchBeforeThaw, given, units=scans(given.one.products[0]))
        assert given.refusal(identity.MatchBeforeThaw, actor, **values).rule == "wrong_carrier"
        given = case("bedside")
        cassette = frozen(given.one, given.one.products[0])
        assert given.refusal(processing.StartInfusion, "DOC-A1", units=cassette).rule == "wrong_carrier"


class TestForeignThings:
    def test_another_patients_cassette_is_not_bound(self, case: Cases) -> None:
        """It is a mix-up prevented, also for who says that it happened: its code may not stand here."""
        given = case("frozen")
        bag = given.one.bag
        facts = {
            kind: fact
            for kind, fact in given.unit(bag).facts.items()
            if kind in ("collected", "label_applied")
        }
        tech = {"type": "person", "id": "TECH-A1"}
        given.change(bag, cassette=None, facts=facts, location=None, custodian=custodian(tech))
        for outside in (None, CLINICAL):
            evidence = given.stopped(
                identity.BindCassette,
                "TECH-A1",
                units=scans(bag),
                cassette=frozen(given.two, given.two.bag)[0],
                outside_rules=outside,
            )
            assert isinstance(evidence[0].payload, MixupPrevented) and evidence[0].chain == given.one.coi
            for draft in evidence:
                assert_names_nothing(draft, given.two)

    def test_another_patients_container_is_not_filled(self, case: Cases) -> None:
        """A foreign child at the end of manufacturing is a mix-up prevented."""
        given = case("received")
        tank = scan(given.one.network.storage["MFG-1"])
        given.do(custody.Retrieve, "OPER-1", units=frozen(given.one, given.one.bag), location=tank)
        actor, values = at_step(processing.StartManufacturing, given)
        given.do(processing.StartManufacturing, actor, **values)
        child = processing.ChildGiven(unit=scan(given.two.bag))
        evidence = given.stopped(
            processing.CompleteManufacturing,
            "OPER-1",
            others="OPER-2 witnessed",
            units=frozen(given.one, given.one.bag),
            children=(child,),
        )
        assert isinstance(evidence[0].payload, MixupPrevented) and evidence[0].chain == given.one.coi
        for draft in evidence:
            assert_names_nothing(draft, given.two)

    def test_a_donation_number_of_another_therapy(self, case: Cases) -> None:
        """It stands for that therapy and cannot stand for this one, outside the rules either."""
        given = case("collected")
        bag = given.unit(given.one.bag)
        given.change(
            given.one.bag, din=None, custodian=None, facts={"label_applied": bag.facts["label_applied"]}
        )
        din = given.unit(given.two.bag).din
        for outside in (None, CLINICAL):
            actor, values = at_step(processing.StartCollection, given, din=Scan(code=f"={din}00"))
            found = given.refusal(processing.StartCollection, actor, outside_rules=outside, **values)
            assert found.rule == "din_foreign" and not found.waivable
        actor, values = at_step(processing.StartCollection, given, din=scan(given.two.bag))
        assert (
            given.refusal(processing.StartCollection, actor, outside_rules=CLINICAL, **values).rule
            == "din_foreign"
        )

    @pytest.mark.parametrize("code_of", ["bag", "coi"])
    def test_a_code_of_ours_is_not_adopted(self, case: Cases, code_of: str) -> None:
        """Adopting is for other issuers' codes; ours already stand for something, or somebody else."""
        given = case("collected")
        for journey in (given.one, given.two):
            adopted = AdoptedCodeGiven(
                code=first_copy(getattr(journey, code_of)).text, issuer="MAKER", type=CodeType.LOT
            )
            found = given.refusal(AdoptCode, "NURSE-A1", coi=scan(given.one.coi), adopted=adopted)
            assert found.rule == "wrong_kind" and not found.waivable

    def test_the_units_of_others_stay_out_of_reads(self, case: Cases) -> None:
        """In an act over two therapies each chain holds the reads of its own units only."""
        given = case("frozen")
        units = (*frozen(given.one, given.one.bag), *frozen(given.two, given.two.bag))
        tank = scan(given.one.network.storage["COLL-A"])
        drafts = given.do(custody.Retrieve, "TECH-A1", units=units, location=tank)
        for draft, other in zip(
            drafts, sorted((given.one, given.two), key=lambda one: one.coi)[::-1], strict=True
        ):
            assert_names_nothing(draft, other)
            assert [read.field for read in draft.reads] == ["units", "location"]


class TestWhoIsThere:
    def test_a_stranger_leaves_no_evidence(self, case: Cases) -> None:
        """Somebody whom the store does not know cannot write into a chain by scanning a wrong code."""
        given = case("on_ward")
        _, values = at_step(identity.MatchAtBedside, given, units=scans(given.two.products[0]))
        station = given.stations["TREAT-A"]
        decision = given.decide(identity.MatchAtBedside, "NOBODY-1", station=station, **values)
        assert isinstance(decision, Denied)
        assert decision.reason.rule == "person_unknown" and not decision.events

    def test_one_therapy_on_a_bench(self, case: Cases) -> None:
        """A step with the product open or at the bed is for one therapy at a time."""
        given = case("delivered")
        for journey in (given.one, given.two):
            for product in journey.products:
                unit = given.unit(product)
                facts = {**unit.facts, "pre_thaw_matched": replace(unit.facts["stored"], at=given.now)}
                given.change(
                    product,
                    facts=facts,
                    location=None,
                    custodian=custodian({"type": "person", "id": "LAB-A1"}),
                )
        both = (*frozen(given.one, given.one.products[0]), *frozen(given.two, given.two.products[0]))
        assert given.refusal(processing.StartThaw, "LAB-A1", units=both).rule == "one_therapy"

    def test_a_step_the_protocol_lacks_needs_two_people_too(self, case: Cases) -> None:
        """Recorded all the same it is signed by who did it and by a witness."""
        given = case("made")
        sample = given.one.samples[0]
        drafts = given.do(
            processing.Cryopreserve,
            "OPER-1",
            others="OPER-2 witnessed",
            units=scans(sample),
            outside_rules=CLINICAL,
        )
        assert drafts[0].outside_rules == ("not_in_protocol",)
        assert [slot.meaning for slot in drafts[0].slots] == [Meaning.PERFORMED, Meaning.WITNESSED]


class TestEnrolling:
    def enrol(self, given: Case, **values: Any) -> dict[str, Any]:
        """What an enrolment of a third patient carries."""
        common = {"collection_site": "COLL-A", "manufacturing_site": "MFG-1", "treatment_site": "TREAT-A"}
        patient = dataclasses.replace(given.one, number=3).wristband(carrier="order")
        return {"protocol": "autologous-cryopreserved", "patient": patient, **common, **values}

    def test_two_different_identifiers(self, case: Cases) -> None:
        """One identifier, or the same one twice, is too little to match a patient with later."""
        given = case("enrolled")
        values = self.enrol(given)
        first = values["patient"][0]
        for patient in ((first,), (first, first)):
            with pytest.raises(InputError):
                given.decide(identity.Enroll, "DOC-A1", **{**values, "patient": patient})
        misread = first.model_copy(update={"value": first.value + "0"})
        found = given.refusal(
            identity.Enroll, "DOC-A1", **{**values, "patient": (misread, values["patient"][1])}
        )
        assert found.rule == "wristband_form"
        given.do(identity.Enroll, "DOC-A1", **values)

    def test_an_adopted_code_is_not_taken_over(self, case: Cases) -> None:
        """A code that one issuer gave to one therapy cannot begin to stand for a second one."""
        given = case("enrolled")
        code = AdoptedCodeGiven(code="ORDER-1", issuer="MAKER", type=CodeType.ORDER)
        given.do(AdoptCode, "DOC-A1", coi=scan(given.one.coi), adopted=code)
        found = given.refusal(identity.Enroll, "DOC-A1", **self.enrol(given, adopted_codes=(code,)))
        assert found.rule == "code_taken" and not found.waivable
        ours = AdoptedCodeGiven(code=first_copy(given.one.coi).text, issuer="MAKER", type=CodeType.ORDER)
        found = given.refusal(identity.Enroll, "DOC-A1", **self.enrol(given, adopted_codes=(ours,)))
        assert found.rule == "wrong_kind"
        other = code.model_copy(update={"issuer": "OTHER-MAKER"})
        given.do(identity.Enroll, "DOC-A1", **self.enrol(given, adopted_codes=(other,)))
