"""A carrier booked for the therapies of a case: its lanes, a box of ten days and a coordinator."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from msgspec.structs import replace

from schema.instants import format_instant
from tests.support.plans import with_capacity
from tests.support.rule_cases import Case
from tracker.demo.journey import Journey, scan
from tracker.requests.base import Scan
from tracker.rules.decision import Draft, Violation
from tracker.therapy.custody.requests import Pack, Retrieve
from tracker.therapy.shipments.requests import BookShipment, ReportShipment

COORDINATOR: Final = "COORD-A"
COURIER: Final = "COUR-X1"
BOOKED_AT: Final = datetime(2026, 12, 3, 13, tzinfo=UTC)
"""A Thursday, 08:00 at COLL-A and 14:00 at MFG-1, across the ocean."""


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """In December 2026, in UTC."""
    return datetime(2026, 12, day, hour, minute, tzinfo=UTC)


def window(first: datetime, last: datetime) -> dict[str, str]:
    """As a request writes it."""
    return {"earliest": format_instant(first), "latest": format_instant(last)}


class Shipping:
    """A case with two therapies, of which something is booked from COLL-A to MFG-1."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.asked: dict[str, Any] = {}
        self.case.registry = with_capacity(self.case.registry)
        self.case.now = BOOKED_AT - timedelta(minutes=1)
        network = case.one.network
        self.box, self.logger = network.boxes["Dry shipper 1"], network.loggers["Logger 1"]
        self.other_box, self.other_logger = network.boxes["Dry shipper 2"], network.loggers["Logger 2"]
        due = datetime(2027, 6, 1, tzinfo=UTC)
        for one in case.registry.equipments.values():
            self.make(one.id, requalification_due=due, charged_at=None)
        self.make(self.box, hold_hours=240, charged_at=BOOKED_AT)

    def make(self, equipment: str, **changes: Any) -> None:
        """One box or logger is otherwise than it was."""
        known = self.case.registry.equipments[equipment]
        equipments = {**self.case.registry.equipments, equipment: replace(known, **changes)}
        self.case.registry = replace(self.case.registry, equipments=equipments)

    def lane(self, **changes: Any) -> None:
        """The lane is otherwise than it was."""
        lanes = self.case.registry.lanes
        known = replace(lanes["COLL-A-MFG-1"], **changes)
        self.case.registry = replace(self.case.registry, lanes={**lanes, known.code: known})

    def wanted(self, **more: Any) -> dict[str, Any]:
        """Picked up this Thursday afternoon, there by Saturday noon."""
        return {
            "therapies": (scan(self.case.one.coi),),
            "lane": "COLL-A-MFG-1",
            "pick_up": window(at(3, 19), at(3, 23)),
            "delivery": window(at(4, 22), at(5, 11)),
            "box": scan(self.box),
            "data_logger": scan(self.logger),
            **more,
        }

    def books(self, **more: Any) -> tuple[Draft, ...]:
        """A booking that the rules take."""
        return self.case.do(BookShipment, COORDINATOR, **self.wanted(**more))

    def refused(self, **more: Any) -> Violation:
        """Why it cannot be booked; a booking is a decision, which nothing waives."""
        found = self.case.refusal(BookShipment, COORDINATOR, **self.wanted(**more))
        assert not found.waivable
        return found

    def booked(self, **more: Any) -> str:
        """The shipment of a booking that the rules take."""
        payload: Any = self.books(**more)[0].payload
        return str(payload.shipment)

    def heard(self, milestone: str, **more: Any) -> tuple[Draft, ...]:
        """What the courier says of the box."""
        return self.case.do(ReportShipment, COURIER, at="MFG-1", **self.said(milestone, **more))

    def said(self, milestone: str, **more: Any) -> dict[str, Any]:
        """As a request has it."""
        given: dict[str, Any] = {
            "shipment": scan(self.box),
            "milestone": milestone,
            "place": "hub-1",
            "source": "courier",
        }
        return {**given, **more}

    def packing(self, *journeys: Journey, **more: Any) -> tuple[type[Pack], str]:
        """Whom and what the cell lab asks when it packs these therapies; what is asked is kept in `asked`."""
        case = self.case
        bags = [(one, one.bag) for one in journeys or (case.one,)]
        units = tuple(found for one, bag in bags for found in one.frozen_scans((bag,)))
        for _, bag in bags:
            case.change(bag, expires_at=None)
        if any(case.unit(bag).location is not None for _, bag in bags):
            place = scan(case.one.network.storage["COLL-A"])
            case.do(Retrieve, "TECH-A1", units=units, location=place)
        self.asked = {
            "others": "TECH-A2 witnessed",
            "units": units,
            "box": scan(self.box),
            "seal": Scan(code="SEAL-1"),
            "tally": len(units),
            "carrier": "CARR-X",
            "destination": "MFG-1",
            "data_logger": scan(self.logger),
            **more,
        }
        return Pack, "TECH-A1"

    def packed(self, *journeys: Journey, **more: Any) -> tuple[Draft, ...]:
        """The frozen bags of these therapies packed into the box, as the cell lab does it."""
        request_class, actor = self.packing(*journeys, **more)
        return self.case.do(request_class, actor, **self.asked)

    def not_packed(self, *journeys: Journey, **more: Any) -> Violation:
        """Why the rules refuse it."""
        request_class, actor = self.packing(*journeys, **more)
        return self.case.refusal(request_class, actor, **self.asked)
