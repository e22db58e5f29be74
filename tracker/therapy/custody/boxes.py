"""Decisions over boxes and places: pack, put away, retrieve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from schema.errors import InputError
from schema.events import Party
from schema.events.custody import Packed, Retrieved, Stored
from schema.vocabulary import LocationType, ObjectType, PartyType, SiteType
from tracker.protocols.spans import format_duration
from tracker.rules.attempt import local_time
from tracker.rules.checks.condition import (
    TAKE_ANOTHER,
    box_violations,
    destination_violations,
    display_violations,
    unread_violations,
)
from tracker.rules.checks.count import tally_violations
from tracker.rules.checks.equipment import Use, packing_violations, same_box, temperature_violations
from tracker.rules.checks.identity import stop
from tracker.rules.checks.shipment import (
    Packing,
    as_booked_violations,
    booking_for,
    under_way_violations,
)
from tracker.rules.decision import Decision, Denied, Violation
from tracker.rules.selection import Selected, fresh_id, object_of, seal_of, select
from tracker.rules.situation import Decisions, Found, Situation
from tracker.rules.therapy_state import TherapyState
from tracker.rules.units import decide_units
from tracker.therapy.custody.at_place import (
    in_box,
    in_position,
    missing_violations,
    packed,
    put_away,
    retrieved,
)
from tracker.therapy.custody.requests import Pack, Retrieve, StoreUnits
from tracker.therapy.custody.swapping import Swap, strangers, swap_of, unpacked_first, way_violations


def decide_pack(situation: Situation, request: Pack) -> Decision:
    """Scanned units equal the tally; the box was empty; seal, carrier and destination are named."""
    box = object_of(situation, request.box, Found.BOX)
    if isinstance(box, Violation):
        return Denied(box)
    logger = None
    if request.data_logger is not None:
        found = object_of(situation, request.data_logger, Found.DATA_LOGGER)
        if isinstance(found, Violation):
            return Denied(found)
        logger = found
    swap = swap_of(situation, request)
    if isinstance(swap, Violation):
        return Denied(swap)
    for violation in (*way_violations(situation, request, swap), *_pack_violations(situation, request, box)):
        return Denied(violation)
    strange = strangers(situation, request, swap)
    if strange and request.outside_rules is None:
        return stop(situation, request, *strange)
    holds = _holds(situation, box, request.hold_until)
    unfit = tuple(_unfit(situation, request, box, logger, swap))
    packing = Packing(
        situation.station.site,
        situation.occurred_at,
        box,
        logger,
        request.carrier,
        request.destination,
    )
    shipment = _shipment(situation, request, packing, swap)
    seal = seal_of(situation, request.seal)
    if isinstance(seal, Violation):
        return Denied(seal)
    decision = decide_units(
        situation,
        request,
        Packed.kind,
        lambda _, units: Packed(
            units=units,
            box=box,
            shipment=shipment,
            seal=seal,
            tally=len(units),
            data_logger=logger,
            carrier=request.carrier,
            destination=request.destination,
            display_celsius=request.display_celsius,
            hold_until=holds,
        ),
        extra=lambda therapy, item: (
            *packed(situation, request.actor, box, therapy, item),
            *_taken_out(situation, request, item, swap),
            *unfit,
            *_tested_otherwise(situation, therapy, item, box, logger),
            *_as_the_protocol_says(situation, request, therapy, item, box, logger, holds),
            *_as_it_was_booked(situation, therapy, item, shipment, packing, swap),
        ),
    )
    return unpacked_first(decision, swap)


def _shipment(situation: Situation, request: Pack, packing: Packing, swap: Swap | None) -> str:
    """The one that goes on, that was booked or that other programs name; else a new one."""
    if swap is not None and swap.shipment is not None:
        return swap.shipment
    booked = request.shipment or _booked_for(situation, request, packing)
    return fresh_id(situation, ObjectType.SHIPMENT, booked)


def _taken_out(situation: Situation, request: Pack, item: Selected, swap: Swap | None) -> Iterator[Violation]:
    """It is in the box that is changed, of which nothing is left behind."""
    if swap is not None:
        seen = {one.unit.unit for group in select(situation, request.units).groups.values() for one in group}
        yield from in_box(item, swap.box)
        yield from missing_violations(situation, swap.box, seen)


def _unfit(
    situation: Situation, request: Pack, box: str, logger: str | None, swap: Swap | None
) -> Iterator[Violation]:
    """Why neither box nor logger may be used now; the logger of the box that is changed may go along."""
    use = Use(
        situation.registry,
        situation.station.site,
        situation.occurred_at,
        situation.offset_of,
        carrier=request.carrier,
        until=request.hold_until,
        closed_boxes=situation.closed_boxes,
        opened=None if swap is None else swap.box,
    )
    yield from packing_violations(use, box, logger)


def _booked_for(situation: Situation, request: Pack, packing: Packing) -> str | None:
    """The booking that is packed, of the first of the therapies that has one; None for a box without."""
    for coi in select(situation, request.units).groups:
        found = booking_for(situation.therapy(coi), packing)
        if found is not None:
            return found.shipment
    return None


def _as_it_was_booked(
    situation: Situation,
    therapy: TherapyState,
    item: Selected,
    shipment: str,
    packing: Packing,
    swap: Swap | None,
) -> Iterator[Violation]:
    """Its carrier, box, logger and times are those of the booking, and nobody else has booked them.

    Once it has left, another box only has to hold until it is there.
    """
    if situation.shipping is not None:
        asked = situation.protocol(therapy).shipping_of(item.unit.material)
        is_under_way = swap is not None and item.unit.has_travelled
        judge = under_way_violations if is_under_way else as_booked_violations
        yield from judge(situation.registry, situation.shipping, therapy, asked, shipment, packing)


def _as_the_protocol_says(
    situation: Situation,
    request: Pack,
    therapy: TherapyState,
    item: Selected,
    box: str,
    logger: str | None,
    holds: datetime | None,
) -> Iterator[Violation]:
    """What its protocol asks of the box, of what its display shows and of where it goes."""
    protocol, known = situation.protocol(therapy), situation.registry.equipment(box)
    yield from unread_violations(known, request.display_celsius)
    yield from display_violations(protocol, (item.unit,), request.display_celsius, remedy=TAKE_ANOTHER)
    yield from box_violations(protocol, item.unit, known, logger=logger, hold=holds)
    yield from destination_violations(therapy, request.destination, "destination")
    yield from _hold_violations(situation, request, box, holds)


def _hold_violations(
    situation: Situation, request: Pack, box: str, holds: datetime | None
) -> Iterator[Violation]:
    """What is packed for a lane holds for as long as its carrier may take."""
    way = (situation.station.site, request.destination, request.carrier)
    allowed = [
        one.transit_max
        for one in situation.registry.lanes.values()
        if (one.from_site, one.to_site, one.carrier) == way and one.transit_max is not None
    ]
    if holds is None or not allowed or situation.occurred_at + min(allowed) <= holds:
        return
    latest = local_time(situation, situation.occurred_at + min(allowed))
    yield Violation(
        "hold_too_short",
        f"The box {box} holds until {local_time(situation, holds)}; {request.carrier} may take "
        f"{format_duration(min(allowed))} to {request.destination}, until {latest}.",
        "Charge it, or take one that holds longer.",
    )


def _holds(situation: Situation, box: str, said: datetime | None) -> datetime | None:
    """Until when a box holds: what is said, and no longer than the shipper was found to hold."""
    known = situation.registry.equipment(box)
    if known is None or known.hold_hours is None:
        return said
    rated = known.holds_until or situation.occurred_at + timedelta(hours=known.hold_hours)
    return rated if said is None else min(said, rated)


def _tested_otherwise(
    situation: Situation, therapy: TherapyState, item: Selected, *equipment: str | None
) -> Iterator[Violation]:
    """Box and logger were tested for other temperatures than the unit bears."""
    for one in (situation.registry.equipment(name or "") for name in equipment):
        if one is not None:
            yield from temperature_violations(situation.protocol(therapy), item.unit, one)


def _pack_violations(situation: Situation, request: Pack, box: str) -> Iterator[Violation]:
    carrier, destination = (
        situation.registry.site(request.carrier),
        situation.registry.site(request.destination),
    )
    if carrier is None or not carrier.active or carrier.site_type is not SiteType.CARRIER:
        yield Violation(
            "carrier_unknown",
            f"{request.carrier} is not a carrier of this network.",
            "Name a carrier.",
            waivable=False,
        )
    if destination is None or not destination.active or destination.site_type is SiteType.CARRIER:
        yield Violation(
            "site_unknown",
            f"{request.destination} is not a site that can receive it.",
            "Name a site.",
            waivable=False,
        )
    found = select(situation, request.units)
    scanned = sum(len(selected) for selected in found.groups.values())
    if not found.violations:
        yield from tally_violations(request.tally, scanned)
    inside = [unit.unit for therapy in situation.therapies.values() for unit in therapy.in_box(box)]
    known = situation.registry.equipment(box)
    if request.from_box is not None and situation.resolve(request.from_box).object_id == box:
        yield same_box(box if known is None else known.title, box)
    elif inside:
        yield Violation(
            "box_not_empty",
            f"The box {box} already holds {', '.join(inside)}.",
            "Inspect or unpack it first, or take another box.",
            waivable=False,
        )


def decide_store(situation: Situation, request: StoreUnits) -> Decision:
    """Put away: custody passes to the location; what lies in it already only gets another position."""
    location = _location(situation, request.location.code, request)
    if isinstance(location, Violation):
        return Denied(location)
    place = situation.registry.locations[location]
    lies = _positions(situation, request)

    return decide_units(
        situation,
        request,
        Stored.kind,
        lambda _, units: Stored(
            units=units, location=location, positions=tuple(lies[unit] for unit in units) if lies else None
        ),
        extra=lambda therapy, item: (
            *in_position(situation, place, lies.get(item.unit.unit), item, lies),
            *put_away(situation, request.actor, location, therapy, item),
        ),
    )


def _positions(situation: Situation, request: StoreUnits) -> Mapping[str, str]:
    """The position of each unit; raises InputError for a unit that is named twice, with two of them."""
    found: dict[str, str] = {}
    for scan, position in zip(request.units, request.positions, strict=bool(request.positions)):
        unit = situation.resolve(scan).unit
        if unit is not None and found.setdefault(unit, position) != position:
            raise InputError(
                f"{unit} is named twice, in {found[unit]} and in {position}.", remedy="Scan each unit once."
            )
    return found


def decide_retrieve(situation: Situation, request: Retrieve) -> Decision:
    """Taken out by the signature of the one who now holds it."""
    location = _location(situation, request.location.code, request)
    if isinstance(location, Violation):
        return Denied(location)
    custodian = Party(type=PartyType.PERSON, id=request.actor)

    return decide_units(
        situation,
        request,
        Retrieved.kind,
        lambda _, units: Retrieved(units=units, location=location, custodian=custodian),
        extra=partial(retrieved, situation, request.actor, location),
    )


def _location(situation: Situation, code: str, request: StoreUnits | Retrieve) -> str | Violation:
    """A storage place of this site."""
    location = object_of(situation, request.location, Found.LOCATION)
    if isinstance(location, Violation):
        return location
    known = situation.registry.location(location)
    if known is None or known.site != situation.station.site:
        return Violation(
            "other_site",
            f"The location {code} is not at {situation.station.site}.",
            "Scan a location of this site.",
            waivable=False,
        )
    if known.location_type is not LocationType.STORAGE:
        return Violation(
            "not_storage",
            f"{known.title} is not a storage location.",
            "Scan a storage location.",
            waivable=False,
        )
    return location


DECISIONS: Final[Decisions] = {
    Pack: decide_pack,
    StoreUnits: decide_store,
    Retrieve: decide_retrieve,
}
