"""A booked carrier beside the plan of its therapy: whether it comes when there is something to fetch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from schema.events.planning import BookedMilestone
from schema.events.shipments import ShipmentBooked
from tracker.planning.chain import Chain
from tracker.protocols.model import PlannedStep, Protocol
from tracker.rules.attempt import site_of_part
from tracker.rules.checks.shipment import Carriage, clock_at, standing_bookings
from tracker.rules.decision import Violation
from tracker.rules.therapy_state import TherapyState


class BookedCarrier(Struct, frozen=True):
    """A carrier that is booked for the way to a milestone, and whether it comes as the milestone needs it."""

    shipment: str
    booking: ShipmentBooked
    departs: datetime | None
    """When it would have to be picked up; None where nothing travels as it is planned."""

    fits: bool


def carriers_booked(therapy: TherapyState, protocol: Protocol, chain: Chain) -> dict[str, BookedCarrier]:
    """The carriers that are booked and have nothing yet, by the milestone of a chain to which they lead."""
    found: dict[str, BookedCarrier] = {}
    for one in standing_bookings(therapy):
        booking = one.booking
        step = None if booking is None else _step(therapy, protocol, booking.from_site, booking.to_site)
        if booking is None or step is None or one.packed_at is not None:
            continue
        slot = chain.get(step.name)
        departs = None if slot is None else slot.departs
        window = booking.pick_up
        is_then = departs is not None and window.earliest <= departs <= window.latest
        fits = slot is not None and is_then and slot.lane == booking.lane
        found[step.name] = BookedCarrier(one.shipment, booking, departs, fits)
    return found


def not_ready_violations(way: Carriage, therapy: TherapyState, protocol: Protocol) -> Iterator[Violation]:
    """A carrier that would come before what it fetches is there, as the therapy is planned."""
    step = _step(therapy, protocol, way.lane.from_site, way.lane.to_site)
    before = None if step is None else next(one for one in protocol.milestones if one.name == step.after)
    booked = None if before is None else _booked(therapy, before)
    if step is None or before is None or booked is None or way.pick_up.latest >= booked.end + step.earliest:
        return
    site, offset_of = way.lane.from_site, way.view.offset_of
    yield Violation(
        "picked_up_too_early",
        f"{before.title} of {therapy.coi} is planned until {clock_at(offset_of, site, booked.end)}, and the "
        f"carrier would come by {clock_at(offset_of, site, way.pick_up.latest)}.",
        "Book a pick-up after that, or move the therapy first: `cartrail plan move`.",
        field="pick_up",
        waivable=False,
    )


def _step(therapy: TherapyState, protocol: Protocol, from_site: str, to_site: str) -> PlannedStep | None:
    """The milestone to which something is carried from one site to another."""
    for one in protocol.milestones:
        origin = None if one.carried_from is None else site_of_part(therapy, one.carried_from)
        if (origin, site_of_part(therapy, one.part)) == (from_site, to_site):
            return one
    return None


def _booked(therapy: TherapyState, one: PlannedStep) -> BookedMilestone | None:
    """As it is planned; None where nothing is, or where it is done."""
    booked = None if therapy.plan is None else therapy.plan.booked.get(one.name)
    facts = (therapy.facts, *(unit.facts for unit in therapy.units.values()))
    is_done = any(one.fulfilled_by in each for each in facts)
    return None if booked is None or is_done else booked.milestone
