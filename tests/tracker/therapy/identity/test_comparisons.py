"""Every comparison of identity answers in one way: what was compared, expected and read, and off what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from schema.events.identity import MixupPrevented
from schema.vocabulary import InspectionResult, Material, PartyType
from tests.support.journeys import scans
from tests.support.rule_cases import Case
from tests.tracker.therapy.custody.test_seals import box_and_seal
from tests.tracker.therapy.identity.test_identity import assert_names_nothing, at_step, frozen
from tracker.demo.journey import party, scan
from tracker.requests.base import Request, Scan
from tracker.rules.decision import Denied, ScanAnswer
from tracker.therapy.custody import requests as custody
from tracker.therapy.identity import requests as identity
from tracker.therapy.labels import requests as labels
from tracker.therapy.making import requests as processing

Cases = Callable[[str], Case]
Values = dict[str, Any]


@dataclass(frozen=True)
class Comparison:
    """Something of the second therapy where one of the first is expected."""

    name: str
    stage: str
    request_class: type[Request]
    asked: Callable[[Case], tuple[str, Values]]
    field: str
    compared: str
    carrier: str
    expected: Callable[[Case], str] = lambda given: f"one of therapy {given.one.coi}"
    read: Callable[[Case], str] | None = None


def swapped(
    request_class: type[Request], swap: Callable[[Case], Values]
) -> Callable[[Case], tuple[str, Values]]:
    """An identity step of the first therapy with something of the second."""
    return lambda given: at_step(request_class, given, **swap(given))


def box_of(given: Case) -> str:
    """The box in which the first therapy's bag is."""
    return given.unit(given.one.bag).box or ""


def received(given: Case) -> Case:
    """The packed box in the production's hands."""
    box, seal = box_and_seal(given)
    production = party(PartyType.DEPARTMENT, "MFG-1/PRODUCTION")
    for giver, receiver, at, more in (
        ("TECH-A1", "COUR-X1", "COLL-A", {}),
        ("COUR-X1", "DOCK-M", "MFG-1", {}),
        ("DOCK-M", "OPER-1", "MFG-1", {"to": production}),
    ):
        given.do(custody.Relinquish, giver, at=at, box=box, seal=seal, **more)
        given.do(custody.Accept, receiver, at=at, box=box, seal=seal)
    return given


def opened(given: Case) -> tuple[str, Values]:
    """The box opened, and another patient's bag in it."""
    box = scan(box_of(received(given)))
    units = (*given.one.frozen_scans((given.one.bag,)), *given.two.frozen_scans((given.two.bag,)))
    results = [custody.InspectionGiven(unit=unit, result=InspectionResult.ACCEPT) for unit in units]
    return "OPER-1", {"box": box, "seal_intact": True, "results": tuple(results)}


def handed_over(given: Case) -> tuple[str, Values]:
    """The box with the units scanned, one of them another patient's."""
    box, seal = box_and_seal(given)
    units = given.two.frozen_scans((given.two.bag,))
    return "TECH-A1", {"box": box, "seal": seal, "units": units}


def scanned_back(given: Case) -> tuple[str, Values]:
    """The label of another patient's bag, where this one was labeled."""
    return "NURSE-A1", {"units": scans(given.two.bag), "begun_with": given.one.coi}


def bound(given: Case) -> tuple[str, Values]:
    """Another patient's bound cassette with this patient's bag."""
    return "TECH-A1", {"units": scans(given.one.bag), "cassette": frozen(given.two, given.two.bag)[0]}


def contents(given: Case) -> str:
    """What the box holds by the record."""
    return f"what the box {box_of(given)} holds: {given.one.bag}"


COMPARISONS = [
    Comparison(
        "chair: wristband", "enrolled", identity.IdentifyPatient,
        swapped(identity.IdentifyPatient, lambda given: {"patient": given.two.wristband()}),
        "patient", "wristband", "wristband",
        lambda given: f"the wristband of the patient of therapy {given.one.coi}",
        lambda _: "hospital number of HOSPITAL-A",
    ),
    Comparison(
        "chair: bag", "collected", processing.StartCollection,
        swapped(processing.StartCollection, lambda given: {"units": scans(given.two.bag)}),
        "units", "unit", "label",
    ),
    Comparison(
        "label scanned back (B3)", "collected", labels.ApplyLabel, scanned_back, "units", "unit", "label",
    ),
    Comparison(
        "bag and cassette bound", "frozen", identity.BindCassette, bound, "cassette", "cassette", "cassette",
        lambda given: f"an unused cassette, or one of therapy {given.one.coi}",
    ),
    Comparison(
        "contents at a handoff", "packed", custody.Relinquish, handed_over, "units", "cassette", "cassette",
        contents,
    ),
    Comparison(
        "box opened", "packed", custody.Inspect, opened, "units", "cassette", "cassette", contents,
    ),
    Comparison(
        "manufacturing: bag", "received", processing.StartManufacturing,
        swapped(processing.StartManufacturing, lambda given: {"units": frozen(given.two, given.two.bag)}),
        "units", "cassette", "cassette",
    ),
    Comparison(
        "before thaw: cassette", "delivered", identity.MatchBeforeThaw,
        swapped(
            identity.MatchBeforeThaw, lambda given: {"units": frozen(given.two, given.two.products[0])}
        ),
        "units", "cassette", "cassette",
    ),
    Comparison(
        "before thaw: card", "at_hand", identity.MatchBeforeThaw,
        swapped(identity.MatchBeforeThaw, lambda given: {"coi": scan(given.two.coi)}),
        "coi", "COI card", "coi_card", lambda given: f"the card of therapy {given.one.coi}",
    ),
    Comparison(
        "bag and cassette matched: the bag (B2)", "thawed", identity.MatchBag,
        swapped(
            identity.MatchBag,
            lambda given: {"units": scans(given.two.products[0]), "begun_with": None},
        ),
        "units", "unit", "label",
    ),
    Comparison(
        "bag and cassette matched: the cassette", "thawed", identity.MatchBag,
        swapped(identity.MatchBag, lambda given: {"cassette": frozen(given.two, given.two.products[0])[0]}),
        "cassette", "cassette", "cassette",
        lambda given: f"the cassette {given.one.cassettes[given.one.products[0]]} of therapy {given.one.coi}",
    ),
    Comparison(
        "bedside: bag (B1)", "on_ward", identity.MatchAtBedside,
        swapped(identity.MatchAtBedside, lambda given: {"units": scans(given.two.products[0])}),
        "units", "unit", "label",
    ),
    Comparison(
        "bedside: wristband", "on_ward", identity.MatchAtBedside,
        swapped(identity.MatchAtBedside, lambda given: {"patient": given.two.wristband()}),
        "patient", "wristband", "wristband",
        lambda given: f"the wristband of the patient of therapy {given.one.coi}",
        lambda _: "hospital number of HOSPITAL-A",
    ),
    Comparison(
        "the card of a step without units", "made", processing.RecordTest,
        lambda given: (
            "OPER-1",
            {"coi": scan(given.two.coi), "begun_with": given.one.coi, "test": "viability", "result": "91"},
        ),
        "coi", "COI card", "coi_card", lambda given: f"the card of therapy {given.one.coi}",
    ),
]  # fmt: skip
"""Every place where the program compares identities, by what the person does there."""


@pytest.mark.parametrize("one", COMPARISONS, ids=lambda one: one.name)
def test_findings_b1_the_answer_comes_from_the_comparison(case: Cases, one: Comparison) -> None:
    """Given another patient's thing, when it is read, then the answer says what and the chain keeps it."""
    given = case(one.stage)
    actor, values = one.asked(given)
    decision = given.decide(one.request_class, actor, **values)
    assert isinstance(decision, Denied)
    found = decision.reason
    assert (found.rule, found.answer) == ("mixup", ScanAnswer.STOP)
    assert (found.field, found.compared, found.carrier) == (one.field, one.compared, one.carrier)
    assert found.expected == one.expected(given)
    # The finding comes first: "Bedside matched: the unit read ..." would begin like success.
    assert found.message.startswith(f"STOP: The {one.compared} read ({found.read}) is not of this therapy")
    if one.read is not None:
        assert found.read == one.read(given)
    else:
        assert found.read in {code.code for code in codes(values)}
    assert given.one.coi not in found.read and given.two.coi not in found.expected
    (evidence,) = decision.events
    assert evidence.chain == given.one.coi, "the therapy that was worked on has the event"
    assert isinstance(evidence.payload, MixupPrevented) and evidence.payload.field == one.field
    assert_names_nothing(evidence, given.two)


def codes(values: Values) -> list[Scan]:
    """Every code of a request's values."""
    found = []
    for value in values.values():
        for one in value if isinstance(value, tuple) else (value,):
            found += [one] if isinstance(one, Scan) else [one.unit] if hasattr(one, "unit") else []
    return found


def test_findings_b2_the_right_cassette_is_not_blamed(case: Cases) -> None:
    """Given the right cassette and the wrong bag, when they are matched, then the bag is what is wrong."""
    given = case("thawed")
    cassette, bag = frozen(given.one, given.one.products[0])[0], scans(given.two.products[0])
    found = given.refusal(identity.MatchBag, "LAB-A1", units=bag, cassette=cassette)
    assert found.read == bag[0].code and found.carrier == "label"
    assert cassette.code not in found.message and given.one.coi in found.expected


def test_findings_b3_the_label_of_another_bag_of_the_same_patient(case: Cases) -> None:
    """A label of this patient is no mix-up of patients: the rule of labels judges it."""
    given = case("made")
    values = {"units": scans(given.one.products[0]), "begun_with": given.one.coi}
    assert given.refusal(labels.ApplyLabel, "OPER-1", **values).rule != "mixup"


def test_a_cassette_of_the_same_therapy_is_said_alike(case: Cases) -> None:
    """Two bags of one patient: no mix-up, and the answer has the same parts."""
    given = case("thawed")
    first, second = given.one.products
    other = frozen(given.one, second)[0]
    found = given.refusal(identity.MatchBag, "LAB-A1", units=scans(first), cassette=other)
    assert (found.rule, found.field, found.compared) == ("wrong_cassette", "cassette", "cassette")
    assert (found.expected, found.read) == (given.one.cassettes[first], other.code)


def test_another_material_is_no_identity(case: Cases) -> None:
    """What a step compares is whose it is, not what it is."""
    given = case("collected")
    found = given.refusal(
        identity.RegisterUnit, "NURSE-A1", coi=scan(given.one.coi), material=Material.PRODUCT
    )
    assert found.rule != "mixup" and not found.compared
