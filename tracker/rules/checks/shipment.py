"""The rules about a booked carrier: the lane, the box for so long, what else is booked, and what is packed.

A booking is a promise and is refused where it cannot be kept. What is packed otherwise can have happened.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from msgspec import Struct

from schema.events.shipments import ShipmentBooked, TimeWindow
from schema.instants import format_minute, format_offset
from schema.vocabulary import EquipmentType, Material
from tracker.planning.calendar import Lane, day_at, days_on
from tracker.protocols.bands import CelsiusRange, celsius_range, kept_as, range_of
from tracker.protocols.model import Keeping, Protocol, Shipping
from tracker.protocols.spans import format_duration
from tracker.rules.bookable import OffsetOf, lane_of
from tracker.rules.calendars import why_closed
from tracker.rules.checks.equipment import NAMED_MAX, booking_violations, named, tested_for_violations
from tracker.rules.decision import ScanAnswer, Violation
from tracker.rules.registry_state import CarrierLane, Equipment, RegistryState
from tracker.rules.shipment_state import ShipmentState, ShippingView
from tracker.rules.therapy_state import TherapyState

LOOKED_AHEAD: Final = timedelta(days=21)
"""How far the next pick-up of a lane is looked for."""

DAYS_MAX: Final = 60
"""Of a window; a longer one names no day."""


def clock_at(offset_of: OffsetOf, site: str, moment: datetime) -> str:
    """A moment by the clocks of a site."""
    return format_minute(moment, format_offset(offset_of(site)(moment)))


def material_of(therapy: TherapyState, from_site: str) -> Material:
    """What leaves a site in a therapy: the product from where it is made, else what was collected."""
    return Material.PRODUCT if from_site == therapy.sites.manufacturing else Material.LEUKAPHERESIS


def window_violations(pick_up: TimeWindow, delivery: TimeWindow, now: datetime) -> Iterator[Violation]:
    """A carrier comes from now on, and brings it after that."""
    if pick_up.latest <= now:
        yield _window("The window for the pick-up has passed.", "Name a window that is still to come.")
    elif delivery.latest <= pick_up.earliest:
        yield _window(
            "The delivery would be over before the pick-up begins.",
            "Name a window for the delivery after it.",
        )
    elif max(one.latest - one.earliest for one in (pick_up, delivery)) > timedelta(days=DAYS_MAX):
        yield _window(f"A window is longer than {DAYS_MAX} days.", "Name the day.")


def _window(message: str, remedy: str) -> Violation:
    return Violation("wrong_window", message, remedy, answer=ScanAnswer.CHECK, waivable=False)


def departures(way: Lane, pick_up: TimeWindow) -> list[datetime]:
    """When the carrier comes within a window, the first time first."""
    days = days_on(day_at(way.offset, pick_up.earliest), day_at(way.offset, pick_up.latest))
    found = (way.pick_up(day) for day in days)
    return [one for one in found if one is not None and pick_up.earliest <= one <= pick_up.latest]


def lane_violations(
    registry: RegistryState, view: ShippingView, code: str, pick_up: TimeWindow, delivery: TimeWindow
) -> Iterator[Violation]:
    """The lane picks up within the window, and is there before the delivery has to be."""
    known = registry.lanes[code]
    way = lane_of(registry, known, view.offset_of)
    leaves = departures(way, pick_up)
    if not leaves:
        yield _not_served(view.offset_of, known, way, pick_up)
        return
    arrival = leaves[0] + way.transit
    if arrival > delivery.latest:
        there = clock_at(view.offset_of, known.to_site, arrival)
        yield Violation(
            "transit_too_short",
            f"{code} takes {format_duration(way.transit)}: picked up at "
            f"{clock_at(view.offset_of, known.from_site, leaves[0])} it is there at {there}, after the "
            f"latest delivery, {clock_at(view.offset_of, known.to_site, delivery.latest)}.",
            "Book the delivery for later, an earlier pick-up, or another lane.",
            waivable=False,
        )
    yield from _closed_violations(registry, view.offset_of, known.to_site, delivery)


def _not_served(offset_of: OffsetOf, known: CarrierLane, way: Lane, pick_up: TimeWindow) -> Violation:
    """When the carrier comes instead, and why not within the window."""
    ahead = offset_of(known.from_site)
    first = day_at(ahead, pick_up.earliest)
    later = (way.pick_up(day) for day in days_on(first, first + LOOKED_AHEAD))
    following = next((one for one in later if one is not None and one >= pick_up.earliest), None)
    why = way.why_closed(first)
    on = ", ".join(day.value.capitalize() for day in sorted(known.picks_up_on, key=_number))
    window = f"{clock_at(offset_of, known.from_site, pick_up.earliest)} and "
    window += clock_at(offset_of, known.from_site, pick_up.latest)
    return Violation(
        "lane_not_served",
        f"{known.code} picks up at {known.cutoff:%H:%M} on {on}, and not between {window}"
        + (f" ({known.from_site} is {why})." if why else "."),
        "It does not pick up in the three weeks after that: book another lane."
        if following is None
        else f"The next pick-up is {clock_at(offset_of, known.from_site, following)}.",
        answer=ScanAnswer.CHECK,
        waivable=False,
    )


def _number(day: object) -> int:
    return list(type(day)).index(day)  # type: ignore[call-overload, no-any-return]


def _closed_violations(
    registry: RegistryState, offset_of: OffsetOf, code: str, delivery: TimeWindow
) -> Iterator[Violation]:
    site, ahead = registry.sites[code], offset_of(code)
    days = days_on(day_at(ahead, delivery.earliest), day_at(ahead, delivery.latest))
    closed = [why_closed(site, day) for day in days]
    if closed and None not in closed:
        yield Violation(
            "place_closed",
            f"{site.title} takes nothing in the whole window for the delivery: {closed[0]}.",
            "Book the delivery for a day on which it is open.",
            answer=ScanAnswer.CHECK,
            waivable=False,
        )


class HeldFor(Struct, frozen=True):
    """For how long a shipper has to hold: what the protocol asks, from its charge to the delivery."""

    asked: Shipping
    charged_at: datetime
    deliver_by: datetime

    def holds_until(self, box: Equipment) -> datetime:
        """Until when it can be relied on, by its test and the factor of the protocol."""
        minutes = (box.hold_hours or 0) * 60 * Decimal(self.asked.hold_factor)
        return self.charged_at + timedelta(minutes=int(minutes))

    @property
    def needed_until(self) -> datetime:
        """The latest delivery and the margin of the protocol."""
        return self.deliver_by + self.asked.hold_margin


def hold_violations(
    registry: RegistryState, view: ShippingView, site: str, box: Equipment, held: HeldFor
) -> Iterator[Violation]:
    """A shipper that cannot be relied on until it is there, with the others that can."""
    if box.equipment_type is not EquipmentType.SHIPPER or box.hold_hours is None:
        return
    holds, needs = held.holds_until(box), held.needed_until
    if holds >= needs:
        return
    others = [
        named(one)
        for one in registry.equipments.values()
        if one.equipment_type is EquipmentType.SHIPPER
        and one.site == box.site
        and one.hold_hours is not None
        and held.holds_until(one) >= needs
    ]
    instead = f" Long enough: {', '.join(others[:NAMED_MAX])}." if others else ""
    yield Violation(
        "hold_too_short",
        f"{named(box)} holds to {clock_at(view.offset_of, site, holds)}, needs "
        f"{clock_at(view.offset_of, site, needs)}: {box.hold_hours} h x {held.asked.hold_factor} from "
        f"{clock_at(view.offset_of, site, held.charged_at)}; delivery by "
        f"{clock_at(view.offset_of, site, held.deliver_by)} and {format_duration(held.asked.hold_margin)}.",
        f"Charge it later, have it delivered sooner, or take another one.{instead}",
        field="box",
    )


def expiry_violations(view: ShippingView, site: str, one: Equipment, until: datetime) -> Iterator[Violation]:
    """What has to be tested again before it is there."""
    due = one.requalification_due
    if due is not None and due < until:
        test = "calibrated" if one.equipment_type is EquipmentType.DATA_LOGGER else "qualified"
        yield Violation(
            "expires_in_transit",
            f"{named(one)} has to be {test} again by {clock_at(view.offset_of, site, due)}, and is to be "
            f"there at {clock_at(view.offset_of, site, until)}.",
            "Take another one.",
            field="data_logger" if one.equipment_type is EquipmentType.DATA_LOGGER else "box",
        )


class Carriage(Struct, frozen=True):
    """A lane at a time, for what of a therapy leaves its first site."""

    registry: RegistryState
    view: ShippingView
    lane: CarrierLane
    pick_up: TimeWindow
    delivery: TimeWindow

    def borne(self, therapy: TherapyState, protocol: Protocol) -> CelsiusRange | None:
        """The temperatures that the cells bear on the way, as their label says that they are kept."""
        material = material_of(therapy, self.lane.from_site)
        return range_of(protocol, material, kept_as(protocol, material), Keeping.TRANSPORT)


def carrier_violations(way: Carriage, therapy: TherapyState, protocol: Protocol) -> Iterator[Violation]:
    """A carrier that keeps other temperatures on this lane than the cells bear."""
    lane, allowed = way.lane, way.borne(therapy, protocol)
    kept = celsius_range(lane.celsius_min, lane.celsius_max)
    if allowed is None or kept.minimum is kept.maximum is None or allowed.covers(kept):
        return
    material = material_of(therapy, lane.from_site).value
    yield Violation(
        "wrong_temperature",
        f"{lane.carrier} keeps {kept} on {lane.code}; {material} of {therapy.coi} is to be {allowed}.",
        "Book another lane.",
        field="lane",
        expected=str(allowed),
        read=f"{lane.code}: {kept}",
    )


def carried_violations(
    way: Carriage, therapy: TherapyState, protocol: Protocol, one: Equipment
) -> Iterator[Violation]:
    """Why a box or logger is not the one for this way: whoever books is told, and is offered the others."""
    until = way.delivery.latest
    yield from booking_violations(one)
    yield from expiry_violations(way.view, way.lane.from_site, one, until)
    if one.equipment_type is not EquipmentType.DATA_LOGGER:
        yield from _box_violations(way, therapy, protocol, one)
    material = material_of(therapy, way.lane.from_site).value
    yield from tested_for_violations(way.borne(therapy, protocol), one, f"{material} of {therapy.coi}")


def _box_violations(
    way: Carriage, therapy: TherapyState, protocol: Protocol, one: Equipment
) -> Iterator[Violation]:
    """A box of the class that the protocol asks, which holds until it is there.

    One that is not charged yet, or whose charge is used up by then, is taken as charged for the pick-up.
    """
    begins = way.pick_up.earliest
    asked = protocol.shipping_of(material_of(therapy, way.lane.from_site))
    if one.equipment_type not in asked.equipment_types:
        wanted = " or ".join(kind.value for kind in asked.equipment_types)
        yield Violation(
            "wrong_equipment",
            f"{one.title} is a {one.equipment_type.value}; the protocol asks for a {wanted}.",
            f"Take a {wanted}.",
            field="box",
        )
    held = HeldFor(asked, one.charged_at or begins, way.delivery.latest)
    if held.holds_until(one) <= begins:
        held = HeldFor(asked, begins, way.delivery.latest)
    yield from hold_violations(way.registry, way.view, way.lane.from_site, one, held)
    yield from _longest_violations(way, one, held)


def _longest_violations(way: Carriage, one: Equipment, held: HeldFor) -> Iterator[Violation]:
    """It also holds for as long as the carrier may take on this lane, from the last pick-up on."""
    longest, site = way.lane.transit_max, way.lane.from_site
    leaves = departures(lane_of(way.registry, way.lane, way.view.offset_of), way.pick_up)
    if longest is None or one.hold_hours is None or not leaves:
        return
    holds, needs = held.holds_until(one), leaves[-1] + longest
    if holds < needs:
        yield Violation(
            "hold_too_short",
            f"{named(one)} holds to {clock_at(way.view.offset_of, site, holds)}; {way.lane.carrier} may take "
            f"{format_duration(longest)} on {way.lane.code}, until "
            f"{clock_at(way.view.offset_of, site, needs)}.",
            "Charge it later, or take another one that holds longer.",
            field="box",
        )


class ShipmentNeeds(Struct, frozen=True):
    """What a shipment takes for itself, and for how long."""

    shipment: str | None
    begins_at: datetime
    ends_at: datetime
    box: str | None = None
    data_logger: str | None = None
    waybill: str | None = None
    sscc: str | None = None


def taken_violations(
    registry: RegistryState, view: ShippingView, wanted: ShipmentNeeds
) -> Iterator[Violation]:
    """A box or logger that is booked for another shipment meanwhile, and a code that is another shipment's.

    Whose shipment that is, is not said: the therapies of others are none of this one's.
    """
    for other in view.others(wanted.shipment):
        way = f"from {other.from_site} to {other.to_site}"
        if other.overlaps(wanted.begins_at, wanted.ends_at):
            for field, mine, theirs in (
                ("box", wanted.box, other.box),
                ("data_logger", wanted.data_logger, other.data_logger),
            ):
                known = registry.equipment(mine or "")
                if mine is not None and mine == theirs:
                    yield Violation(
                        "already_booked",
                        f"{named(known) if known else mine} is booked for another shipment, {way}, until "
                        f"{clock_at(view.offset_of, other.to_site, other.ends_at)}.",
                        "Take another one, or another day.",
                        field=field,
                    )
        for field, mine, theirs in (
            ("waybill", wanted.waybill, other.waybill),
            ("sscc", wanted.sscc, other.sscc),
        ):
            if mine is not None and mine == theirs:
                yield code_taken(field, mine, f"another shipment, {way}")
    for field, mine in (("waybill", wanted.waybill), ("sscc", wanted.sscc)):
        if mine is not None and mine in view.known_codes:
            yield code_taken(field, mine, "something else in this store")


def code_taken(field: str, code: str, whose: str) -> Violation:
    """A waybill or SSCC that is not this shipment's."""
    title = "SSCC" if field == "sscc" else field
    return Violation(
        f"{field}_taken", f"The {title} {code} is that of {whose}.", f"Read the {title} again.", field=field
    )


class Packing(Struct, frozen=True):
    """What is packed, where, when and for whom, as a booking is compared with it."""

    site: str
    at: datetime
    box: str
    data_logger: str | None
    carrier: str
    destination: str


def standing_bookings(therapy: TherapyState) -> Iterator[ShipmentState]:
    """The bookings of a therapy for which nothing was packed yet, by when they begin."""
    found = (one for one in therapy.shipments.values() if one.booking is not None and one.packed_at is None)
    yield from sorted(found, key=lambda one: (_booking(one).pick_up.earliest, one.shipment))


def booking_for(therapy: TherapyState, packing: Packing) -> ShipmentState | None:
    """The booking that a packing fulfills: that of the box, else the next that leaves this site."""
    leaving = [one for one in standing_bookings(therapy) if _booking(one).from_site == packing.site]
    of_box = [one for one in leaving if _booking(one).box == packing.box]
    there = [one for one in leaving if _booking(one).to_site == packing.destination]
    return next(iter([*of_box, *there, *leaving]), None)


def _booking(one: ShipmentState) -> ShipmentBooked:
    if one.booking is None:
        raise TypeError(f"The shipment {one.shipment} was not booked.")
    return one.booking


def as_booked_violations(
    registry: RegistryState,
    view: ShippingView,
    therapy: TherapyState,
    asked: Shipping,
    shipment: str,
    packing: Packing,
) -> Iterator[Violation]:
    """Why what is packed is not what was booked: for this therapy, or for another shipment meanwhile."""
    known, until = therapy.shipments.get(shipment), packing.at
    if known is not None and known.booking is not None:
        until = known.booking.delivery.latest
        yield from _otherwise(registry, view, known.booking, packing)
        box = registry.equipment(packing.box)
        if box is not None and box.charged_at is not None:
            held = HeldFor(asked, box.charged_at, until)
            yield from hold_violations(registry, view, packing.site, box, held)
        for one in (box, registry.equipment(packing.data_logger or "")):
            if one is not None:
                yield from expiry_violations(view, packing.site, one, until)
    else:
        other = booking_for(therapy, packing)
        if other is not None and _booking(other).to_site == packing.destination:
            yield Violation(
                "not_as_booked",
                f"{therapy.coi} was booked in another shipment, {other.shipment}.",
                "Pack it into that one, or record why it travels in this one.",
            )
    needs = ShipmentNeeds(shipment, packing.at, until, packing.box, packing.data_logger)
    yield from taken_violations(registry, view, needs)


def under_way_violations(
    registry: RegistryState,
    view: ShippingView,
    therapy: TherapyState,
    asked: Shipping,
    shipment: str,
    packing: Packing,
) -> Iterator[Violation]:
    """Why another box or logger will not do for what has left already.

    It has to hold, and to be tested, until the latest delivery that was booked or the newest word of it.
    """
    known = therapy.shipments.get(shipment)
    booked = () if known is None or known.booking is None else (known.booking.delivery.latest,)
    told = () if known is None else known.estimates[-1:]
    until = max((*booked, *(one.estimated_delivery for one in told if one.estimated_delivery)), default=None)
    box = registry.equipment(packing.box)
    if until is not None:
        if box is not None and box.charged_at is not None:
            held = HeldFor(asked, box.charged_at, until)
            yield from hold_violations(registry, view, packing.site, box, held)
        for one in (box, registry.equipment(packing.data_logger or "")):
            if one is not None:
                yield from expiry_violations(view, packing.site, one, until)
    needs = ShipmentNeeds(shipment, packing.at, until or packing.at, packing.box, packing.data_logger)
    yield from taken_violations(registry, view, needs)


def _otherwise(
    registry: RegistryState, view: ShippingView, booking: ShipmentBooked, packing: Packing
) -> Iterator[Violation]:
    """What is packed otherwise than it was booked, all of it in one sentence."""
    differs = [
        f"{what} {_titled(registry, was)}, not {_titled(registry, now) if now else 'none'}"
        for what, was, now in (
            ("in the box", booking.box, packing.box),
            ("with the logger", booking.data_logger, packing.data_logger),
            ("by", booking.carrier, packing.carrier),
            ("to", booking.to_site, packing.destination),
        )
        if was is not None and was != now
    ]
    if packing.at > booking.pick_up.latest:
        latest = clock_at(view.offset_of, packing.site, booking.pick_up.latest)
        differs.append(f"picked up by {latest}, which has passed")
    if differs:
        yield Violation(
            "not_as_booked",
            f"The shipment {booking.shipment} was booked {'; '.join(differs)}.",
            "Pack it as it was booked, have the coordinator book it anew, or record why it is packed so.",
            field="box" if booking.box not in (None, packing.box) else "",
        )


def _titled(registry: RegistryState, code: str) -> str:
    known = registry.equipment(code)
    return named(known) if known is not None else code
