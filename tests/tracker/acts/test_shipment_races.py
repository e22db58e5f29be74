"""Two coordinators at one box, on both engines; and the bookings that stand in the table afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from schema.instants import format_instant
from tests.support.invariants import require_projections
from tests.support.journeys import World
from tests.tracker.acts.test_concurrency import at_once, sending
from tests.tracker.acts.test_plan_races import COORDINATOR, with_one_bed
from tracker.demo.journey import Journey, scan
from tracker.evidence.verification.store import verify_store
from tracker.requests.base import Request
from tracker.therapy.shipments.requests import BookShipment


def booking(world: World, journey: Journey, **more: Any) -> Request:
    """A carrier within the next two days, and a delivery two days after that."""
    now = world.clock.now()
    days = [format_instant(now + timedelta(days=number)) for number in (0, 2, 4)]
    values: dict[str, Any] = {
        "therapies": (scan(journey.coi),),
        "lane": "COLL-A-MFG-1",
        "pick_up": {"earliest": days[0], "latest": days[1]},
        "delivery": {"earliest": days[1], "latest": days[2]},
        **more,
    }
    return world.request(BookShipment, COORDINATOR, **values)


def test_one_of_two_gets_the_box_and_the_waybill(shared: World) -> None:
    """Both decide that it is free: one has it, the other is refused and not told whose it is."""
    with_one_bed(shared)
    box = shared.network.boxes["Dry shipper 1"]
    wishes: tuple[dict[str, Any], ...] = ({"box": scan(box)}, {"waybill": "020-12345675"})
    for number, taken in enumerate(wishes):
        requests = [booking(shared, one, **taken) for one in (shared.one, shared.two)]
        answers = [some[0] for some in at_once(shared, [sending(shared, [one]) for one in requests])]
        assert sorted(answer.ok for answer in answers) == [False, True], answers
        place = [answer.ok for answer in answers].index(True)
        problem = answers[1 - place].problem
        assert problem is not None and problem.error == ("already_booked", "waybill_taken")[number]
        winner = (shared.one, shared.two)[place]
        assert winner.coi not in problem.message + (problem.remedy or "")
    with shared.tracker.store.read() as transaction:
        assert len(transaction.shipments_booked()) == 2
        assert [row.box for row in transaction.shipments_with("box", box)] == [box]
    require_projections(shared, [shared.one, shared.two])
    assert verify_store(shared.url, clock=shared.clock).exit_code == 0


def test_a_booking_that_no_entry_says_is_found(shared: World) -> None:
    """A row changed by hand stands against the chain."""
    with_one_bed(shared)
    assert shared.send(booking(shared, shared.one, waybill="020-12345675")).ok
    with shared.tracker.store.begin() as transaction:
        (row,) = transaction.shipments_booked()
        transaction.put_shipments([row._replace(waybill="020-00000001")])  # type: ignore[attr-defined]
    words = " ".join(one.message for one in verify_store(shared.url, clock=shared.clock).findings)
    assert "shipment_now" in words and "020-00000001" in words
