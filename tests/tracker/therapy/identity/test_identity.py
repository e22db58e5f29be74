"""Chain of identity: another patient's code is stopped, kept as evidence, and never named in a chain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from schema.canonical import canonical
from schema.commitments import opens
from schema.events.deviations import DeviationDrafted
from schema.events.identity import MixupOccurred, MixupPrevented, PatientIdentified
from schema.identifiers import possible_copies
from tests.support.journeys import scans
from tests.support.rule_cases import Case
from tracker.demo.journey import Journey, scan
from tracker.requests.base import Request, Scan
from tracker.rules.decision import Denied, Draft
from tracker.therapy.identity import requests as identity
from tracker.therapy.making import requests as processing

Cases = Callable[[str], Case]
CLINICAL = {"reason": "clinical_need"}


def at_step(request_class: type[Request], case: Case, **swapped: Any) -> tuple[str, dict[str, Any]]:
    """Who does an identity step of the first therapy, and everything it reads, some of it swapped."""
    one = case.one
    product = one.products[0] if one.products else one.bag
    reads: dict[type[Request], tuple[str, dict[str, Any]]] = {
        identity.IdentifyPatient: ("NURSE-A1", {"others": "NURSE-A2 witnessed"}),
        processing.StartCollection: (
            "NURSE-A1",
            {"units": scans(one.bag), "din": Scan(code="=A99992600000700")},
        ),
        processing.StartManufacturing: (
            "OPER-1",
            {"units": frozen(one, one.bag), "others": "OPER-2 witnessed"},
        ),
        identity.MatchBeforeThaw: (
            "LAB-A1",
            {"units": frozen(one, product), "others": "PHARM-A witnessed"},
        ),
        identity.MatchAtBedside: ("DOC-A1", {"units": scans(product), "others": "DOC-A2 witnessed"}),
        identity.MatchBag: (
            "LAB-A1",
            {"units": scans(product), "cassette": frozen(one, product)[0], "begun_with": one.coi},
        ),
    }
    actor, values = reads[request_class]
    if request_class is not identity.MatchBag:
        values["coi"] = scan(one.coi)
    if request_class in (identity.IdentifyPatient, identity.MatchBeforeThaw, identity.MatchAtBedside):
        values["patient"] = one.wristband()
    return actor, {**values, **swapped}


def frozen(journey: Journey, unit: str) -> tuple[Scan, ...]:
    """The unit's cassette, scanned; its label where it has none yet."""
    return scans(journey.cassettes.get(unit, unit))


def names_of(journey: Journey) -> list[str]:
    """Everything that names a therapy: ids, printed codes, patient identifiers."""
    units = [journey.bag, *journey.products, *journey.samples]
    ids = [one for one in (journey.coi, *units, *journey.cassettes.values()) if one]
    codes = [copy.text for one in ids for copy in possible_copies(one)]
    return [*ids, *codes, *(item.value for item in journey.wristband())]


def assert_names_nothing(draft: Draft, journey: Journey) -> None:
    """No code of that therapy stands in clear in the draft."""
    reads = [read.to_json() for read in draft.reads]
    text = canonical({"payload": draft.payload.to_json(), "reads": reads}).decode()
    assert not [name for name in names_of(journey) if name in text]


SWAPS: list[tuple[str, type[Request], Callable[[Case], dict[str, Any]], str]] = [
    ("identified", identity.IdentifyPatient, lambda case: {"patient": case.two.wristband()}, "patient"),
    (
        "delivered",
        identity.MatchBeforeThaw,
        lambda case: {"units": frozen(case.two, case.two.products[0])},
        "units",
    ),
    ("at_hand", identity.MatchBeforeThaw, lambda case: {"patient": case.two.wristband()}, "patient"),
    ("on_ward", identity.MatchAtBedside, lambda case: {"units": scans(case.two.products[0])}, "units"),
    ("on_ward", identity.MatchAtBedside, lambda case: {"patient": case.two.wristband()}, "patient"),
    (
        "thawed",
        identity.MatchBag,
        lambda case: {"cassette": frozen(case.two, case.two.products[0])[0]},
        "cassette",
    ),
    (
        "received",
        processing.StartManufacturing,
        lambda case: {"units": frozen(case.two, case.two.bag)},
        "units",
    ),
    ("at_hand", identity.MatchBeforeThaw, lambda case: {"coi": scan(case.two.coi)}, "coi"),
    ("on_ward", identity.MatchAtBedside, lambda case: {"coi": scan(case.two.coi)}, "coi"),
    ("collected", processing.StartCollection, lambda case: {"units": scans(case.two.bag)}, "units"),
]
"""Stage, identity step of the first therapy, what of the second one is read there, and which field tells."""


@pytest.mark.parametrize(("stage", "request_class", "swap", "field"), SWAPS)
class TestMixups:
    def test_stopped_with_evidence(
        self,
        case: Cases,
        stage: str,
        request_class: type[Request],
        swap: Callable[[Case], dict[str, Any]],
        field: str,
    ) -> None:
        """The expected chain says that it was prevented, by a commitment only; the other one nothing."""
        given = case(stage)
        actor, values = at_step(request_class, given, **swap(given))
        evidence = given.stopped(request_class, actor, **values)
        assert {draft.chain for draft in evidence} == {given.one.coi}
        prevented, deviation = (draft.payload for draft in evidence)
        assert isinstance(prevented, MixupPrevented) and prevented.field == field
        assert isinstance(deviation, DeviationDrafted) and deviation.cause == ("mixup",)
        opening = given.openings[prevented.read.commitment]
        assert opens(prevented.read.commitment, opening)
        assert str(opening.value) in str(
            [names_of(given.two), [vars(item) for item in given.two.wristband()]]
        ) or (field == "patient")
        for draft in evidence:
            assert_names_nothing(draft, given.two)

    def test_recorded_when_it_happened(
        self,
        case: Cases,
        stage: str,
        request_class: type[Request],
        swap: Callable[[Case], dict[str, Any]],
        field: str,
    ) -> None:
        """Taken all the same it is marked in each chain it concerns, by two people, and names no other."""
        given = case(stage)
        actor, values = at_step(request_class, given, **swap(given))
        values.setdefault("others", f"{'PHARM-A' if actor == 'LAB-A1' else 'NURSE-A2'} witnessed")
        drafts = given.do(request_class, actor, outside_rules=CLINICAL, **values)
        concerned = {given.one.coi} if field in ("patient", "coi") else {given.one.coi, given.two.coi}
        assert {draft.chain for draft in drafts} == concerned
        for chain in concerned:
            mine = [draft for draft in drafts if draft.chain == chain]
            assert [draft.payload.kind for draft in mine][-1] == "deviation_drafted"
            assert "mixup" in mine[0].outside_rules
            assert len({slot.meaning for slot in mine[0].slots}) == 2
            for draft in mine:
                assert_names_nothing(draft, given.two if chain == given.one.coi else given.one)
        if field not in ("patient", "coi"):
            assert len([draft for draft in drafts if isinstance(draft.payload, MixupOccurred)]) == 1


class TestWhatIsCompared:
    def test_the_right_codes_pass(self, case: Cases) -> None:
        """Each identity step takes the codes of its own therapy."""
        for stage, request_class in (
            ("enrolled", identity.IdentifyPatient),
            ("at_hand", identity.MatchBeforeThaw),
            ("on_ward", identity.MatchAtBedside),
        ):
            given = case(stage)
            actor, values = at_step(request_class, given)
            given.do(request_class, actor, **values)

    @pytest.mark.parametrize("field", ["coi", "patient"])
    def test_nothing_is_compared_with_itself(self, case: Cases, field: str) -> None:
        """The bag is no COI card, and one identifier read twice is not two."""
        given = case("on_ward")
        first, _ = given.one.wristband()
        swapped = {"coi": scan(given.one.products[0]), "patient": (first, first)}[field]
        actor, values = at_step(identity.MatchAtBedside, given, **{field: swapped})
        found = given.refusal(identity.MatchAtBedside, actor, **values)
        assert found.rule == {"coi": "wrong_kind", "patient": "identifier_missing"}[field]
        assert not found.waivable

    def test_a_misread_wristband_is_no_mixup(self, case: Cases) -> None:
        """A number that its issuer does not print was misread: stopped, and nobody is accused."""
        given = case("enrolled")
        first, second = given.one.wristband()
        for value in (first.value[:-1], first.value.replace("-0", "-", 1), "X" + first.value[1:]):
            misread = first.model_copy(update={"value": value})
            actor, values = at_step(identity.IdentifyPatient, given, patient=(misread, second))
            decision = given.decide(identity.IdentifyPatient, actor, **values)
            assert isinstance(decision, Denied) and decision.reason.rule == "wristband_form"
            assert not decision.events and value not in decision.reason.message

    def test_one_identifier_is_not_enough(self, case: Cases) -> None:
        """Two identifiers of the wristband are compared, each by issuer, type and value."""
        given = case("enrolled")
        first, second = given.one.wristband()
        for read in ((first,), (second,)):
            actor, values = at_step(identity.IdentifyPatient, given, patient=read)
            assert given.refusal(identity.IdentifyPatient, actor, **values).rule == "identifier_missing"
        other_number = first.model_copy(update={"value": first.value[:-1] + "9"})
        other_issuer = second.model_copy(update={"issuer": "HOSPITAL-C"})
        actor, values = at_step(identity.IdentifyPatient, given, patient=(other_number, second))
        assert given.refusal(identity.IdentifyPatient, actor, **values).rule == "mixup"
        actor, values = at_step(identity.IdentifyPatient, given, patient=(first, other_issuer))
        assert given.refusal(identity.IdentifyPatient, actor, **values).rule == "mixup"
        actor, values = at_step(identity.IdentifyPatient, given)
        draft = given.do(identity.IdentifyPatient, actor, **values)[0]
        assert isinstance(draft.payload, PatientIdentified) and draft.payload.identifiers_matched == 2

    def test_a_patient_is_committed_never_written(self, case: Cases) -> None:
        """What was read off the wristband stands in the statement as a commitment."""
        given = case("enrolled")
        actor, values = at_step(identity.IdentifyPatient, given)
        for draft in given.do(identity.IdentifyPatient, actor, **values):
            text = str([read.to_json() for read in draft.reads]) + str(draft.payload.to_json())
            assert not [item for item in given.one.wristband() if item.value in text]

    def test_the_cassette_must_be_read(self, case: Cases) -> None:
        """A bag that came out of a cassette is compared with it."""
        given = case("thawed")
        actor, values = at_step(identity.MatchBag, given, cassette=None)
        assert given.refusal(identity.MatchBag, actor, **values).rule == "identifier_missing"

    def test_a_wrong_kind_of_code_is_no_mixup(self, case: Cases) -> None:
        """A box, the patient's own other bag or an unbound cassette is stopped, and accuses nobody."""
        given = case("thawed")
        network = given.one.network
        for text in (
            network.boxes["Dry shipper 1"],
            given.one.cassettes[given.one.products[1]],
            "KD234567892",
        ):
            actor, values = at_step(identity.MatchBag, given, cassette=scan(text))
            decision = given.decide(identity.MatchBag, actor, **values)
            assert isinstance(decision, Denied) and decision.reason.rule in ("wrong_kind", "wrong_cassette")
            assert not decision.events

    def test_erased_identifiers_match_nobody(self, case: Cases) -> None:
        """A therapy whose openings were erased cannot be compared, by rule or outside the rules."""
        given = case("on_ward")
        given.openings = {}
        actor, values = at_step(identity.MatchAtBedside, given)
        found = given.refusal(identity.MatchAtBedside, actor, outside_rules=CLINICAL, **values)
        assert found.rule == "openings_erased" and not found.waivable


def test_findings_g5_the_twenty_newest_attempts_are_compared(case: Cases) -> None:
    """All are counted; a state that kept every one would grow with whoever tries."""
    given = case("identified")
    actor, values = at_step(identity.IdentifyPatient, given, patient=given.two.wristband())
    payload = given.stopped(identity.IdentifyPatient, actor, **values)[0].payload
    told = [given.happened(payload).event_id for _ in range(23)]
    assert given.state.mixups_prevented == 23
    assert [one.event_id for one in given.state.last_prevented] == told[3:]
