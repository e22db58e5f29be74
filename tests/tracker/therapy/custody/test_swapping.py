"""Another box on its way: two people at a third site, one act, and custody as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from schema.events.custody import Packed, Unpacked
from schema.vocabulary import PartyType
from tests.support.rule_cases import Case
from tests.tracker.therapy.custody.test_transit import SEAL, packed
from tracker.demo.journey import party, scan
from tracker.requests.base import Scan
from tracker.rules.decision import Draft, Violation
from tracker.therapy.custody import requests as custody
from tracker.therapy.shipments.requests import ReportShipment

Cases = Callable[[str], Case]
NEW_SEAL = Scan(code="SEAL-99")
TECH, OTHER = "TECH-B1", "TECH-B2 witnessed"


class Road:
    """Two released bags for Harborview Hospital in one box, with the courier, at the door of COLL-B."""

    def __init__(self, case: Case) -> None:
        self.case, self.units = case, case.one.frozen_scans(tuple(case.one.products))
        self.old, boxes = packed(case), case.one.network.boxes
        self.new = scan(boxes["Dry shipper 3"])
        case.do(custody.Relinquish, "OPER-1", box=self.old, seal=SEAL)
        case.do(custody.Accept, "COUR-X1", at="MFG-1", box=self.old, seal=SEAL)
        case.later(hours=3)
        self.heard()

    def heard(self, place: str = "coll-b") -> None:
        """Its courier says where the shipper failed."""
        said = {"milestone": "delayed", "place": place, "source": "courier"}
        self.case.do(ReportShipment, "COUR-X1", at="COLL-B", shipment=self.old, **said)

    def asked(self, **more: Any) -> dict[str, Any]:
        """All that is in the old box, into the shipper of COLL-B with the logger of COLL-B."""
        given = {
            "at": "COLL-B", "others": OTHER, "units": self.units, "from_box": self.old, "box": self.new,
            "seal": NEW_SEAL, "tally": 2, "carrier": "CARR-X", "destination": "TREAT-A",
            "hold_until": "2026-02-01T12:00:00Z",
        }  # fmt: skip
        return {**given, **more}

    def swapped(self, **more: Any) -> tuple[Draft, ...]:
        """What is recorded."""
        return self.case.do(custody.Pack, TECH, **self.asked(**more))

    def refused(self, **more: Any) -> Violation:
        """Why the rules say no."""
        return self.case.refusal(custody.Pack, TECH, **self.asked(**more))

    def boxes(self) -> set[str | None]:
        """Where the bags are now."""
        return {self.case.unit(bag).box for bag in self.case.one.products}


@pytest.fixture
def road(case: Cases) -> Road:
    """With the courier, three hours on."""
    return Road(case("released"))


def test_logistics_l4_another_box_before_two_people(road: Road) -> None:
    """Taken out and packed in one act, in the same shipment; the courier holds it as before."""
    before = road.case.unit(road.case.one.products[0])
    out, into = road.swapped()
    assert isinstance(out.payload, Unpacked) and isinstance(into.payload, Packed)
    assert out.payload.units == into.payload.units and out.outside_rules == into.outside_rules == ()
    assert into.payload.shipment == before.shipment
    for draft in (out, into):
        assert [slot.meaning.value for slot in draft.slots] == ["performed", "witnessed"]
    after = road.case.unit(road.case.one.products[0])
    assert (after.custodian, after.site) == (before.custodian, before.site)
    assert after.custodian == party(PartyType.CARRIER, "CARR-X")
    assert road.boxes() == {into.payload.box} != {out.payload.box}
    shipment = road.case.state.shipments[into.payload.shipment]
    assert shipment.box == into.payload.box
    given = road.case.do(custody.Relinquish, "COUR-X1", at="TREAT-A", box=road.new, seal=NEW_SEAL)
    assert given[0].payload.kind == "relinquished"


def test_the_stays_with_each_logger_are_told_apart(road: Road) -> None:
    """Whose file tells of which hours: the old logger until the swap, the new one from then on."""
    road.swapped()
    first, second = road.case.unit(road.case.one.products[0]).stays
    assert first.until == second.since and first.box != second.box
    assert None not in (first.data_logger, second.data_logger) and first.data_logger != second.data_logger
    assert second.until is None


def test_one_logger_may_go_along(road: Road) -> None:
    """It lies in the box that is opened: at hand, though it belongs to MFG-1."""
    logger = road.case.unit(road.case.one.products[0]).logger_beside
    assert logger is not None
    _, into = road.swapped(data_logger=scan(logger))
    assert isinstance(into.payload, Packed) and into.payload.data_logger == logger
    assert {stay.data_logger for stay in road.case.unit(road.case.one.products[0]).stays} == {logger}


def test_logistics_l4_nobody_changes_a_box_that_is_elsewhere_by_the_record(road: Road) -> None:
    """Where it is, its courier says first; by the record it may be at its destination without a word."""
    road.case.later(hours=1)
    road.heard("hub-2")
    found = road.refused()
    assert (found.rule, found.field) == ("not_here", "from_box")
    assert "on its way to TREAT-A, not at COLL-B. It was last heard of at hub-2." in found.message
    assert "--place coll-b" in found.remedy
    road.case.later(hours=1)
    road.heard()
    assert len(road.swapped()) == 2


def test_logistics_l4_it_goes_to_whom_it_was_sent_in_the_other_box_too(road: Road) -> None:
    """Sent elsewhere with a receiver of its own, then put into another box: the receiver stands."""
    ward = party(PartyType.DEPARTMENT, "MFG-1/DOCK")
    road.case.do(
        custody.Divert, "QA-A", at="COLL-B", box=road.old, destination="MFG-1", receiver=ward,
        reason="place_closed",
    )  # fmt: skip
    _, into = road.swapped(destination="MFG-1")
    assert isinstance(into.payload, Packed)
    assert dict(road.case.state.boxes_receiver) == {into.payload.box: ward}


def test_one_person_is_not_enough(road: Road) -> None:
    """Nothing is recorded until both have signed."""
    found = road.case.signature_refusal(custody.Pack, TECH, **road.asked(others=""))
    assert found.rule == "signature_missing"
    assert road.boxes() == {road.case.unit(road.case.one.products[0]).box}


def test_nothing_is_left_behind(road: Road) -> None:
    """One of two bags: the box that is to be left still holds the other by the record."""
    found = road.refused(units=road.units[:1], tally=1)
    assert found.rule == "units_missing" and road.case.one.products[1] in found.message


def test_a_bag_that_is_not_in_it(road: Road) -> None:
    """A unit of the same therapy that by the record lies elsewhere is no content of this box."""
    road.case.change(road.case.one.products[1], box=None, shipment=None)
    found = road.refused()
    assert found.rule == "not_in_box" and found.unit == road.case.one.products[1]


def test_another_patients_bag_in_the_box(road: Road) -> None:
    """It is stopped as a mix-up, with evidence in the chain of whose box it is; nothing has moved."""
    other = road.case.two.frozen_scans((road.case.two.products[0],))
    drafts = road.case.stopped(custody.Pack, TECH, **road.asked(units=(*road.units, *other), tally=3))
    assert road.refused(units=(*road.units, *other), tally=3).waivable
    assert {draft.chain for draft in drafts} == {road.case.one.coi}
    assert [draft.payload.kind for draft in drafts] == ["mixup_prevented", "deviation_drafted"]
    assert len(road.boxes()) == 1 and None not in road.boxes()


@pytest.mark.parametrize(("field", "value"), [("destination", "TREAT-B"), ("carrier", "CARR-Y")])
def test_it_goes_on_as_it_was_sent(road: Road, field: str, value: str) -> None:
    """Another way is decided by who may send it elsewhere."""
    found = road.refused(**{field: value})
    assert found.rule == "other_way" and not found.waivable


def test_an_empty_box_and_the_same_box(road: Road) -> None:
    """Nothing to take out, and nothing to change."""
    empty = road.asked(from_box=road.new, at="MFG-1", others="OPER-2 witnessed")
    found = road.case.refusal(custody.Pack, "OPER-1", **empty)
    assert (found.rule, found.field) == ("wrong_kind", "from_box")
    assert road.refused(box=road.old).rule == "box_not_empty"


def test_the_other_box_holds_until_it_is_there(road: Road) -> None:
    """Judged from its own charge; what stands elsewhere is not for this site to take."""
    road.case.charge()
    found = road.refused(hold_until="2025-01-01T12:00:00Z")
    assert found.rule == "hold_until_past"
    found = road.refused(box=scan(road.case.one.network.boxes["Dry shipper 1"]))
    assert found.rule == "other_site"


def test_in_the_hands_of_another_courier_nothing_is_opened(road: Road) -> None:
    """While a handoff is open nobody knows who answers for it."""
    road.case.do(custody.Relinquish, "COUR-X1", at="COLL-B", box=road.old, seal=SEAL)
    assert road.refused().rule == "handoff_open"
