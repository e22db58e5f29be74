"""What a coordinator could book a carrier for: the pick-ups of a plan, else the next ones, and what fits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from schema.events.shipments import TimeWindow
from schema.vocabulary import EquipmentType
from tracker.acts.gathering import standing_of
from tracker.ledger.transaction import Transaction
from tracker.local_time import ahead_of, local
from tracker.planning.calendar import day_at, days_on
from tracker.planning.chain import PlannedSlot
from tracker.protocols.model import Protocol
from tracker.rules.bookable import lane_of
from tracker.rules.checks.carriers_booked import not_ready_violations
from tracker.rules.checks.shipment import (
    Carriage,
    ShipmentNeeds,
    carried_violations,
    carrier_violations,
    lane_violations,
    standing_bookings,
    taken_violations,
)
from tracker.rules.registry_state import CarrierLane, Equipment, RegistryState
from tracker.rules.shipment_state import ShippingView
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.planning.wishes import chain_of

COMES_WITHIN: Final = timedelta(hours=2)
"""How long before its time of pick-up a carrier may be at the door."""

DELIVERS_WITHIN: Final = timedelta(hours=4)
"""After the usual transit, where the lane does not say how long it may take."""

LOOKED_AHEAD: Final = timedelta(days=14)
NEXT_OF_A_LANE: Final = 2
OFFERED_MAX: Final = 6
LATER_DAYS_MAX: Final = 5
"""How many days on a delivery is put off because its site is closed."""


class Fitting(Struct, frozen=True):
    """A box or logger that could be booked."""

    id: str
    title: str


class PickUp(Struct, frozen=True):
    """A carrier that could be booked for a therapy; times by the clocks of the two ends of its lane."""

    lane: str
    carrier: str
    from_site: str
    to_site: str
    pick_up: tuple[datetime, datetime]
    delivery: tuple[datetime, datetime]
    is_planned: bool
    """Whether it is the pick-up of the standing plan."""

    shipment: str | None
    """The booking that stands for this way and would be replaced."""

    boxes: tuple[Fitting, ...]
    """The shippers that hold, fit and are free for so long; also of the carrier."""

    loggers: tuple[Fitting, ...]


def pick_ups(
    transaction: Transaction,
    registry: RegistryState,
    therapy: TherapyState,
    protocol: Protocol,
    now: datetime,
) -> tuple[PickUp, ...]:
    """What could be booked now: as planned first, then by when the carrier comes."""
    standing = tuple(standing_of(row) for row in transaction.shipments_booked())
    view = ShippingView(ahead_of(registry), standing)
    ways = (
        *_planned(registry, view, therapy, now),
        *_next(registry, view, therapy, protocol, now),
    )
    found: list[PickUp] = []
    for way, is_planned in ways:
        one = _offered(way, therapy, protocol, is_planned=is_planned)
        if one is not None and all((one.lane, one.pick_up) != (had.lane, had.pick_up) for had in found):
            found.append(one)
    found.sort(key=lambda one: (not one.is_planned, one.pick_up, one.lane))
    return tuple(found[:OFFERED_MAX])


def _ways(therapy: TherapyState) -> tuple[tuple[str, str], ...]:
    """From where to where something of it may still travel."""
    sites = therapy.sites
    first = () if therapy.attempts else ((sites.collection, sites.manufacturing),)
    return tuple(one for one in (*first, (sites.manufacturing, sites.treatment)) if one[0] != one[1])


def _lanes(registry: RegistryState, ways: tuple[tuple[str, str], ...]) -> Iterator[CarrierLane]:
    for way in ways:
        yield from sorted(
            (one for one in registry.lanes.values() if (one.from_site, one.to_site) == way),
            key=lambda one: one.code,
        )


def _planned(
    registry: RegistryState, view: ShippingView, therapy: TherapyState, now: datetime
) -> Iterator[tuple[Carriage, bool]]:
    """The pick-ups of the plan, by each lane whose carrier comes at that time."""
    lanes = {one.code: one for one in _lanes(registry, _ways(therapy))}
    for slot in chain_of(therapy.plan).values():
        lane = lanes.get(slot.lane or "")
        if slot.departs is None or slot.departs <= now or lane is None:
            continue
        yield _carriage(registry, view, lane, slot.departs, slot), True


def _next(
    registry: RegistryState, view: ShippingView, therapy: TherapyState, protocol: Protocol, now: datetime
) -> Iterator[tuple[Carriage, bool]]:
    """The next pick-ups of what travels next, planned or not, but none before that is there."""
    for lane in _lanes(registry, _ways(therapy)[:1]):
        way = lane_of(registry, lane, view.offset_of)
        first = day_at(way.offset, now)
        comes = (way.pick_up(day) for day in days_on(first, first + LOOKED_AHEAD))
        coming = (one for one in comes if one is not None and one > now)
        carried = (_carriage(registry, view, lane, departs, None) for departs in coming)
        fit = (one for one in carried if not any(not_ready_violations(one, therapy, protocol)))
        yield from ((one, False) for one in islice(fit, NEXT_OF_A_LANE))


def _carriage(
    registry: RegistryState,
    view: ShippingView,
    lane: CarrierLane,
    departs: datetime,
    slot: PlannedSlot | None,
) -> Carriage:
    """A pick-up with its windows: there by what was planned, else after the usual or longest transit."""
    arrives = departs + lane.transit
    usual = departs + lane.transit_max if lane.transit_max is not None else arrives + DELIVERS_WITHIN
    latest = usual if slot is None else max(slot.start, arrives)
    return Carriage(
        registry,
        view,
        lane,
        TimeWindow(earliest=departs - COMES_WITHIN, latest=departs),
        TimeWindow(earliest=arrives, latest=latest),
    )


def _offered(way: Carriage, therapy: TherapyState, protocol: Protocol, *, is_planned: bool) -> PickUp | None:
    """It with what fits; None where the lane cannot be booked so."""
    possible = _opened(way)
    if possible is None or next(carrier_violations(possible, therapy, protocol), None) is not None:
        return None
    lane, registry = possible.lane, possible.registry
    standing = next(
        (
            one.shipment
            for one in standing_bookings(therapy)
            if one.booking is not None
            and (one.booking.from_site, one.booking.to_site) == (lane.from_site, lane.to_site)
        ),
        None,
    )
    fitting = [
        one
        for one in registry.equipments.values()
        if _is_at_hand(possible, one) and _fits(possible, therapy, protocol, one, standing)
    ]
    fitting.sort(key=lambda one: (one.title, one.id))
    is_logger = EquipmentType.DATA_LOGGER
    return PickUp(
        lane=lane.code,
        carrier=lane.carrier,
        from_site=lane.from_site,
        to_site=lane.to_site,
        pick_up=_local(registry, lane.from_site, possible.pick_up),
        delivery=_local(registry, lane.to_site, possible.delivery),
        is_planned=is_planned,
        shipment=standing,
        boxes=_named(one for one in fitting if one.equipment_type is not is_logger),
        loggers=_named(one for one in fitting if one.equipment_type is is_logger),
    )


def _opened(way: Carriage) -> Carriage | None:
    """The same, delivered on the next day on which the destination is open."""
    for _ in range(LATER_DAYS_MAX):
        found = next(lane_violations(way.registry, way.view, way.lane.code, way.pick_up, way.delivery), None)
        if found is None:
            return way
        if found.rule != "place_closed":
            return None
        later = way.delivery.latest + timedelta(days=1)
        way = replace(way, delivery=TimeWindow(earliest=way.delivery.earliest, latest=later))
    return None


def _is_at_hand(way: Carriage, one: Equipment) -> bool:
    """Of the site that it leaves or of its carrier, or by the record there."""
    places = (one.site, one.brought_to, one.emptied_at_site)
    return way.lane.from_site in places or one.site == way.lane.carrier


def _fits(
    way: Carriage, therapy: TherapyState, protocol: Protocol, one: Equipment, standing: str | None
) -> bool:
    is_logger = one.equipment_type is EquipmentType.DATA_LOGGER
    needs = ShipmentNeeds(
        standing,
        way.pick_up.earliest,
        way.delivery.latest,
        box=None if is_logger else one.id,
        data_logger=one.id if is_logger else None,
    )
    against = (
        *carried_violations(way, therapy, protocol, one),
        *taken_violations(way.registry, way.view, needs),
    )
    return not against


def _named(found: Iterator[Equipment]) -> tuple[Fitting, ...]:
    return tuple(Fitting(one.id, one.title) for one in found)[:OFFERED_MAX]


def _local(registry: RegistryState, site: str, window: TimeWindow) -> tuple[datetime, datetime]:
    return local(registry, site, window.earliest), local(registry, site, window.latest)
