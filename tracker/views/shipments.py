"""Boxes on their way: which a carrier holds or is to fetch, where each goes next, and by when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final

from schema.events import Party
from schema.events.custody import DeliveryAttempted, Packed
from schema.vocabulary import PartyType
from tracker.acts.state_cache import StateCache
from tracker.ledger.transaction import Transaction
from tracker.local_time import local
from tracker.protocols.model import Protocol
from tracker.rules.calendars import closed_days
from tracker.rules.clocks import HOLD, RunningClock, running_clocks
from tracker.rules.custodians import described
from tracker.rules.registry_state import RegistryState
from tracker.rules.shipment_state import ShipmentStatus
from tracker.rules.therapy_state import Occurrence, TherapyState, UnitState
from tracker.views.bookings import ShipmentLine, line_of, shipment_lines
from tracker.views.models import CourierStop, DueClock, Leg, Shipment

ProtocolOf = Callable[[str], Protocol | None]
"""A protocol by the SHA-256 of its file."""

Held = list[tuple[TherapyState, UnitState]]
"""What is in a box, each unit with its therapy."""

ARRIVES_WITHIN: Final = timedelta(days=3)
FETCHED_WITHIN: Final = timedelta(days=3)
"""So long before its pick-up a booking stands on the list of its courier."""

LOOKED_AHEAD: Final = timedelta(days=14)
BOXES_MAX: Final = 500
"""Units in boxes that are looked at; a network with more of them on the road looks by carrier elsewhere."""


def shipments(
    transaction: Transaction,
    memory: StateCache,
    registry: RegistryState,
    protocol_of: ProtocolOf,
    *,
    carrier: str | None,
    site: str | None,
    now: datetime,
) -> tuple[Shipment, ...]:
    """What a carrier has to do; without one, what concerns a site: from it, to it, or of its therapies.

    Without a site as well, every box.
    """
    rows = transaction.units_boxed(limit=BOXES_MAX)
    states = _states(transaction, memory, (row.coi for row in rows))
    found = list(_packed(registry, states, protocol_of))
    uses = {
        box.id: transaction.version(f"box:{box.id}")
        for box in registry.equipments.values()
        if box.emptied_at_site is not None
    }
    found += _empty(registry, uses)
    booked = shipment_lines(transaction, memory, registry, site=None, carrier=carrier, ended=False)
    waiting = [line for line in booked if _is_to_come(line, now)]
    states = {**states, **_states(transaction, memory, (coi for line in waiting for coi in line.therapies))}
    found += (_booked(registry, line) for line in waiting)
    concerned = (
        replace(one, closed=tuple(_closed(registry, one, now)))
        for one in found
        if _concerns(one, states, carrier, site)
    )
    return tuple(sorted(concerned, key=lambda one: one.urgency))


def _states(transaction: Transaction, memory: StateCache, cois: Iterable[str]) -> Mapping[str, TherapyState]:
    loaded = ((coi, memory.therapy(transaction, coi)) for coi in dict.fromkeys(cois))
    return {coi: known.state for coi, known in loaded if known is not None}


def _is_to_come(line: ShipmentLine, now: datetime) -> bool:
    """Whether a carrier is booked for the next days, and nothing is packed for it yet."""
    is_booked = line.status == ShipmentStatus.BOOKED.value and line.pick_up is not None
    return is_booked and line.pick_up is not None and line.pick_up[0] <= now + FETCHED_WITHIN


def _booked(registry: RegistryState, line: ShipmentLine) -> Shipment:
    return Shipment(
        box=line.box,
        title=line.box_title or line.waybill or line.shipment,
        leg=Leg.BOOKED,
        stop=stop_at(registry, line.from_site),
        destination=line.to_site,
        holder="",
        carrier=line.carrier,
        therapies=line.therapies,
        equipment=registry.equipment(line.box),
        line=line,
    )


def _packed(
    registry: RegistryState, states: Mapping[str, TherapyState], protocol_of: ProtocolOf
) -> Iterator[Shipment]:
    inside = [
        (unit.box, therapy, unit)
        for therapy in states.values()
        for unit in therapy.units.values()
        if unit.box is not None
    ]
    inside.sort(key=lambda one: (one[0], one[1].coi))
    for box, group in groupby(inside, key=lambda one: one[0]):
        held = [(therapy, unit) for _, therapy, unit in group]
        planned = held[0][0].boxes_carrier.get(box)
        if planned is not None:
            yield _shipment(registry, box, held, planned, _first_clock(held, protocol_of))


def _first_clock(held: Held, protocol_of: ProtocolOf) -> DueClock | None:
    """The limit that ends first of all that run for what is in a box."""
    inside = {unit.unit for _, unit in held}
    clocks = (
        DueClock.of(clock)
        for therapy in dict.fromkeys(therapy.coi for therapy, _ in held)
        for clock in _clocks(next(one for one, _ in held if one.coi == therapy), protocol_of)
        if clock.unit in inside and clock.name != HOLD
    )
    return min(clocks, key=lambda clock: clock.due_at, default=None)


def _clocks(therapy: TherapyState, protocol_of: ProtocolOf) -> Iterator[RunningClock]:
    return running_clocks(therapy, protocol_of(therapy.protocol.sha256))


def _shipment(
    registry: RegistryState,
    box: str,
    held: Held,
    planned: tuple[str, str],
    clock: DueClock | None,
) -> Shipment:
    therapy, unit = held[0]
    handoff = therapy.handoffs.get(unit.handoff or "")
    leg = _leg(unit)
    known, hold = registry.equipment(box), therapy.boxes_hold.get(box)
    carrier, destination = planned
    receiver = handoff.to_party if leg is Leg.OFFERED and handoff else therapy.boxes_receiver.get(box)
    place = (unit.site or destination) if leg is Leg.FETCH else destination
    who = described(registry, unit.custodian) if leg is Leg.FETCH else _named(registry, receiver)
    return Shipment(
        box=box,
        title=known.title if known else box,
        equipment=known,
        leg=leg,
        stop=stop_at(registry, place, who),
        destination=destination,
        holder=described(registry, unit.custodian),
        carrier=carrier,
        seal=therapy.seals.get(box, ""),
        units=len(held),
        therapies=tuple(dict.fromkeys(one.coi for one, _ in held)),
        hold_until=None if hold is None else hold.until,
        hold_since=None if hold is None else hold.since,
        clock=clock,
        attempted=_attempted(unit),
        refused=therapy.boxes_refused.get(box),
        offered_to=described(registry, handoff.to_party) if handoff else "",
        line=_line(registry, held, unit.shipment or ""),
    )


def _line(registry: RegistryState, held: Held, shipment: str) -> ShipmentLine | None:
    """How it was booked and what was heard of it, from the therapies that travel in it."""
    states = {one.coi: one for one, _ in held if shipment in one.shipments}
    if not states:
        return None
    return line_of(registry, states.values(), next(iter(states.values())).shipments[shipment])


def _leg(unit: UnitState) -> Leg:
    is_with_carrier = unit.custodian is not None and unit.custodian.type is PartyType.CARRIER
    if is_with_carrier:
        return Leg.CARRIED if unit.handoff is None else Leg.OFFERED
    return Leg.ARRIVED if unit.has_travelled else Leg.FETCH


def _closed(registry: RegistryState, one: Shipment, now: datetime) -> Iterator[tuple[date, date, str]]:
    """By the days at the destination, from today until it is to be there by booking and estimate, or holds.

    A few days where nobody knows; what is late and of which nothing was heard may arrive on any of them.
    """
    site = registry.site(one.destination)
    if site is None or one.leg is Leg.ARRIVED:
        return
    until = min(one.due_at or now + ARRIVES_WITHIN, now + LOOKED_AHEAD)
    booked = None if one.line is None or one.line.delivery is None else one.line.delivery[1]
    expected = None if one.line is None else one.line.expected_at or booked
    if booked is not None and expected is not None and expected > now:
        until = min(until, max(booked, expected))
    first, last = (local(registry, site.code, moment).date() for moment in (now, until))
    yield from closed_days(site, first, last)


def _named(registry: RegistryState, party: Party | None) -> str:
    return "" if party is None else described(registry, party)


def _attempted(unit: UnitState) -> Occurrence | None:
    packed, tried = unit.facts.get(Packed.kind), unit.facts.get(DeliveryAttempted.kind)
    return tried if tried is not None and packed is not None and tried.sequence > packed.sequence else None


def stop_at(registry: RegistryState, code: str, receiver: str = "") -> CourierStop:
    """A site as a courier needs it."""
    site = registry.site(code)
    if site is None:
        return CourierStop(code, code, "", "", receiver)
    return CourierStop(code, site.title, site.address, site.phone_24h, receiver)


def _empty(registry: RegistryState, uses: Mapping[str, int]) -> Iterator[Shipment]:
    """Boxes that two people found empty, and those that a carrier has taken away."""
    for box in registry.equipments.values():
        if box.with_carrier is not None:
            home = stop_at(registry, box.site)
            yield Shipment(
                box.id, box.title, Leg.EMPTY_CARRIED, home, box.site, box.with_carrier, box.with_carrier
            )
        elif box.emptied_at_site not in (None, box.site) and box.emptied_uses == uses.get(box.id, 0):
            here = stop_at(registry, box.emptied_at_site or "")
            yield Shipment(box.id, box.title, Leg.EMPTY_FETCH, here, box.site, here.title, "")


def _concerns(
    one: Shipment, states: Mapping[str, TherapyState], carrier: str | None, site: str | None
) -> bool:
    if carrier is not None:
        return one.leg is not Leg.ARRIVED and one.carrier in (carrier, "")
    if site is None:
        return True
    parts = {one.stop.site, one.destination}
    for coi in one.therapies:
        sites = states[coi].sites
        parts |= {sites.collection, sites.manufacturing, sites.treatment}
    return site in parts
