"""NOT-IN-ORDER has one meaning at every door: what is wrong with its value, a deviation, and quarantine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from schema.events.custody import Accepted, Refused
from schema.vocabulary import Condition, Fault, PartyType
from tests.support.journeys import scans
from tests.support.rule_cases import Case
from tests.tracker.therapy.custody.test_transit import SEAL, packed
from tracker.demo.journey import party
from tracker.requests.base import Request, Scan
from tracker.therapy.custody import requests as custody
from tracker.therapy.custody.faults import seen_words

Cases = Callable[[str], Case]
WARM: dict[str, Any] = {"condition": "not_in_order", "faults": ("display",), "display_celsius": "-118.0"}


@pytest.fixture
def at_the_door(case: Cases) -> tuple[Case, Scan]:
    """Two bags in one box, handed over by the courier at the hospital's dock."""
    given = case("released")
    box = packed(given)
    given.do(custody.Relinquish, "OPER-1", box=box, seal=SEAL)
    given.do(custody.Accept, "COUR-X1", at="MFG-1", box=box, seal=SEAL)
    given.do(custody.Relinquish, "COUR-X1", at="TREAT-A", box=box, seal=SEAL)
    return given, box


def kinds(drafts: tuple[Any, ...]) -> list[str]:
    """The kinds of an act's events, in their order."""
    return [draft.payload.kind for draft in drafts]


def test_findings_a16_taken_into_quarantine(at_the_door: tuple[Case, Scan]) -> None:
    """Given a warm box, when it is taken as not in order, then custody moves and nobody can use the cells."""
    given, box = at_the_door
    drafts = given.do(custody.Accept, "DOCK-A", box=box, seal=SEAL, **WARM)
    assert kinds(drafts) == ["accepted", "deviation_drafted", "quarantined"]
    accepted, deviation, quarantine = (draft.payload for draft in drafts)
    assert isinstance(accepted, Accepted) and not drafts[0].outside_rules
    assert (accepted.condition, accepted.faults) == (Condition.NOT_IN_ORDER, (Fault.DISPLAY,))
    assert accepted.display_celsius == "-118.0"
    assert deviation.to_json()["cause"] == ["display_not_in_order"]
    assert quarantine.to_json()["units"] == sorted(given.one.products)
    for product in given.one.products:
        unit = given.unit(product)
        assert unit.quarantined and unit.custodian == party(PartyType.DEPARTMENT, "TREAT-A/DOCK")


def test_findings_a16_the_giver_says_it_too(case: Cases) -> None:
    """One meaning on both sides: what the giver finds wrong is in quarantine before anybody takes it."""
    given = case("released")
    box = packed(given)
    drafts = given.do(
        custody.Relinquish, "OPER-1", box=box, seal=SEAL, condition="not_in_order", faults=("damage",),
        remark="The lid is cracked at one corner.",
    )  # fmt: skip
    assert kinds(drafts) == ["relinquished", "deviation_drafted", "quarantined"]
    given.do(custody.Accept, "COUR-X1", at="MFG-1", box=box, seal=SEAL)
    assert all(given.unit(product).quarantined for product in given.one.products)


def test_findings_a16_what_is_in_quarantine_is_not_put_there_twice(at_the_door: tuple[Case, Scan]) -> None:
    """A second finding drafts a second deviation and no second quarantine."""
    given, box = at_the_door
    given.do(custody.Refuse, "DOCK-A", box=box, seal=SEAL, reason="temperature_excursion", **WARM)
    given.do(custody.Relinquish, "COUR-X1", at="TREAT-A", box=box, seal=SEAL, **WARM)
    drafts = given.do(custody.Accept, "DOCK-A", box=box, seal=SEAL, **WARM)
    assert kinds(drafts) == ["accepted", "deviation_drafted"]


@pytest.mark.parametrize(
    ("fault", "missing"),
    [("display", "display_celsius"), ("hold_time", "hold_until"), ("damage", "remark"), ("label", "remark"),
     ("other", "remark")],
)  # fmt: skip
def test_findings_a16_each_fault_has_its_value(
    at_the_door: tuple[Case, Scan], fault: str, missing: str
) -> None:
    """Given a fault without what shows it, when it is recorded, then the missing value's field is named."""
    given, box = at_the_door
    asked: dict[str, Any] = {"box": box, "seal": SEAL, "condition": "not_in_order", "faults": (fault,)}
    found = given.refusal(custody.Accept, "DOCK-A", **asked)
    assert (found.rule, found.field, found.waivable) == ("fault_value_missing", missing, False)
    values = {
        "display_celsius": "-90",
        "hold_until": "2026-02-19T08:00:00Z",
        "remark": "Seen by two of us.",
    }
    drafts = given.do(custody.Accept, "DOCK-A", **asked, **{missing: values[missing]})
    assert kinds(drafts)[0] == "accepted"


def test_findings_a16_a_seal_that_is_gone_has_no_text(at_the_door: tuple[Case, Scan]) -> None:
    """A seal that is said to be wrong need not be read; without that word it must be."""
    given, box = at_the_door
    assert given.refusal(custody.Accept, "DOCK-A", box=box).rule == "seal_missing"
    drafts = given.do(custody.Accept, "DOCK-A", box=box, condition="not_in_order", faults=("seal",))
    assert kinds(drafts) == ["accepted", "deviation_drafted", "quarantined"]


def test_findings_a16_another_seal_is_declared_once(at_the_door: tuple[Case, Scan]) -> None:
    """Given another seal that was declared, when the box goes on, then that seal is the one to compare."""
    given, box = at_the_door
    other, lab = Scan(code="SEAL-99"), party(PartyType.DEPARTMENT, "TREAT-A/CELL-LAB")
    given.do(custody.Accept, "DOCK-A", box=box, seal=other, condition="not_in_order", faults=("seal",))
    found = given.refusal(custody.Relinquish, "DOCK-A", box=box, seal=SEAL, to=lab)
    assert (found.rule, found.expected, found.read) == ("seal_mismatch", "SEAL-99", SEAL.code)
    drafts = given.do(custody.Relinquish, "DOCK-A", box=box, seal=other, to=lab)
    assert kinds(drafts) == ["relinquished"]


def test_findings_a16_units_without_a_box_have_no_seal(case: Cases) -> None:
    """Seal and hold time are of boxes; a bag in the hand has neither."""
    given = case("collected")
    lab = party(PartyType.DEPARTMENT, "COLL-A/CELL-LAB")
    found = given.refusal(
        custody.Relinquish, "NURSE-A1", units=scans(given.one.bag), to=lab, condition="not_in_order",
        faults=("seal",),
    )  # fmt: skip
    assert (found.rule, found.field) == ("fault_of_a_box", "faults")


@pytest.mark.parametrize("request_class", [custody.Relinquish, custody.Accept, custody.AcceptPartly])
def test_findings_a16_nothing_is_in_order_by_itself(request_class: type[Request]) -> None:
    """What nobody said is signed by nobody: the condition has no default where a box changes hands."""
    head = {"event_id": "01890a5d-ac96-774b-8000-000000000001", "actor": "DOCK-A", "station": "TREAT-A-01"}
    with pytest.raises(ValidationError, match="condition"):
        request_class.model_validate({**head, "units": ["CTUX"]})
    for said in (
        {"condition": "not_in_order"},
        {"condition": "in_order", "faults": ["seal"]},
        {"condition": "not_in_order", "faults": ["seal", "seal"]},
    ):
        with pytest.raises(ValidationError, match="fault"):
            request_class.model_validate({**head, "units": ["CTUX"], **said})


def test_findings_b6_a_refusal_says_what_was_found(at_the_door: tuple[Case, Scan]) -> None:
    """Given another seal, when it is refused for that, then the record says so with the seal read."""
    given, box = at_the_door
    other = Scan(code="SEAL-99")
    asked: dict[str, Any] = {"box": box, "reason": "seal_mismatch"}
    found = given.refusal(custody.Refuse, "DOCK-A", **asked, seal=other)
    assert (found.rule, found.field) == ("fault_missing", "faults")
    said = {**asked, "condition": "not_in_order", "faults": ("seal",)}
    for seal in ({}, {"seal": SEAL}):
        assert given.refusal(custody.Refuse, "DOCK-A", **said, **seal).rule == "seal_not_other"
    drafts = given.do(custody.Refuse, "DOCK-A", **said, seal=other)
    assert kinds(drafts) == ["refused", "deviation_drafted", "quarantined"]
    payload = drafts[0].payload
    assert isinstance(payload, Refused)
    assert (payload.condition, payload.faults, payload.seal) == (
        Condition.NOT_IN_ORDER,
        (Fault.SEAL,),
        "SEAL-99",
    )


def test_findings_b6_nobody_looked(at_the_door: tuple[Case, Scan]) -> None:
    """A box that is refused because the place is closed was seen by nobody, and the record says nothing."""
    given, box = at_the_door
    (draft,) = given.do(custody.Refuse, "DOCK-A", box=box, reason="place_closed")
    assert "condition" not in draft.payload.to_json()
    assert not any(given.unit(product).quarantined for product in given.one.products)


def test_findings_a16_inspection_says_what_is_wrong(case: Cases) -> None:
    """A unit that is not accepted has a fault, in the same words as at the door."""
    given = case("received")
    unit = {"unit": scans(given.one.bag)[0], "result": "quarantine"}
    with pytest.raises(ValidationError, match="fault"):
        custody.InspectionGiven.model_validate(unit)
    with pytest.raises(ValidationError, match="fault"):
        custody.InspectionGiven.model_validate({**unit, "result": "accept", "faults": ("label",)})


def test_findings_a16_in_words() -> None:
    """On paper as on the screen: which faults, and nothing where nobody looked."""
    assert seen_words(None, ()) == ""
    assert seen_words(Condition.IN_ORDER, ()) == "in order"
    assert (
        seen_words(Condition.NOT_IN_ORDER, (Fault.SEAL, Fault.HOLD_TIME)) == "not in order: seal, hold time"
    )
