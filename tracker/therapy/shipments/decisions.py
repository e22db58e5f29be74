"""Decisions over shipments: booked as it can be kept, and what is heard of one on its way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from schema.errors import InputError
from schema.events.shipments import ShipmentBooked, ShipmentProgress, TimeWindow
from schema.instants import format_apart, format_offset, parse_declared
from schema.vocabulary import Meaning, ObjectType, ProgressSource, Role, ShipmentMilestone
from tracker.requests.base import Scan
from tracker.rules.authority import grant_violation
from tracker.rules.checks.carriers_booked import not_ready_violations
from tracker.rules.checks.condition import destination_violations
from tracker.rules.checks.shipment import (
    Carriage,
    ShipmentNeeds,
    carried_violations,
    carrier_violations,
    clock_at,
    lane_violations,
    taken_violations,
    window_violations,
)
from tracker.rules.clocks import HOLD, running_clocks
from tracker.rules.conclusion import Plan, conclude, with_notices
from tracker.rules.decision import Decision, Denied, Notice, ScanAnswer, Slot, Violation, never_waived
from tracker.rules.registry_state import CarrierLane
from tracker.rules.selection import fresh_id, not_a, object_of, reads_for, therapy_of
from tracker.rules.shipment_state import HeardOf, ShipmentState, ShippingView
from tracker.rules.situation import Decisions, Found, Situation
from tracker.rules.therapy_state import TherapyState, TherapyStatus
from tracker.therapy.shipments.requests import BookShipment, ReportShipment

BOOKERS: Final = frozenset({Role.COORDINATOR})
"""Who promises a carrier's time to a patient."""

REPORTERS: Final = frozenset({Role.COORDINATOR, Role.COURIER, Role.DOCK})
"""Who passes on what a carrier says: its own people, and those who answer its calls."""

SITES: Final = REPORTERS - {Role.COURIER}
"""Those who work at a site of the therapy."""

HARMED: Final = frozenset({ShipmentMilestone.LOST, ShipmentMilestone.DAMAGED})
"""What puts the cells in doubt, whoever says it."""

COMES_LATER: Final = ("box", "data_logger", "waybill", "sscc")
"""What a booking may say later than its times: it is booked anew with it."""

BEFORE_IT_LEFT: Final = frozenset({ShipmentMilestone.DELAYED})
"""What can be heard of a shipment that nobody has packed yet."""

FOLLOWS: Final = (
    (ShipmentMilestone.ARRIVED, ShipmentMilestone.DEPARTED),
    (ShipmentMilestone.CUSTOMS_RELEASED, ShipmentMilestone.CUSTOMS_HELD),
)
"""What comes only after what."""


def decide_book(situation: Situation, request: BookShipment) -> Decision:
    """One booking in the chain of each therapy, none of which names another."""
    therapies: dict[str, TherapyState] = {}
    for scan in request.therapies:
        therapy = therapy_of(situation, scan)
        if isinstance(therapy, Violation):
            return Denied(therapy)
        therapies[therapy.coi] = therapy
    found = grant_violation(situation.registry, request.actor, BOOKERS, None, situation.occurred_at)
    lane = situation.registry.lanes.get(request.lane)
    if found is not None or lane is None:
        return Denied(never_waived(found or _lane_unknown(situation, request.lane)))
    box, logger = (
        None if scan is None else object_of(situation, scan, kind)
        for scan, kind in ((request.box, Found.BOX), (request.data_logger, Found.DATA_LOGGER))
    )
    for one in (box, logger):
        if isinstance(one, Violation):
            return Denied(one)
    payload = ShipmentBooked(
        shipment=fresh_id(situation, ObjectType.SHIPMENT, request.shipment),
        lane=lane.code,
        carrier=lane.carrier,
        from_site=lane.from_site,
        to_site=lane.to_site,
        pick_up=TimeWindow(earliest=request.pick_up.earliest, latest=request.pick_up.latest),
        delivery=TimeWindow(earliest=request.delivery.earliest, latest=request.delivery.latest),
        box=box if isinstance(box, str) else None,
        data_logger=logger if isinstance(logger, str) else None,
        waybill=request.waybill,
        sscc=request.sscc,
    )
    payload = _as_it_stood(request, payload, tuple(therapies.values()))
    for violation in _against(situation, request, lane, payload, tuple(therapies.values())):
        return Denied(never_waived(violation))
    slots = (Slot(Meaning.PERFORMED, BOOKERS, staff=request.actor),)
    plans = [
        Plan(therapy, payload, (), reads_for(situation, request, coi), slots)
        for coi, therapy in therapies.items()
    ]
    return conclude(situation, request, plans, ())


def _as_it_stood(
    request: BookShipment, payload: ShipmentBooked, therapies: tuple[TherapyState, ...]
) -> ShipmentBooked:
    """What a booking anew does not say stays as it was booked; only null takes it away."""
    known = (one.shipments.get(payload.shipment) for one in therapies)
    before = next((one.booking for one in known if one is not None and one.booking is not None), None)
    if before is None:
        return payload
    kept = {name: getattr(before, name) for name in COMES_LATER if name not in request.model_fields_set}
    return payload.model_copy(update=kept)


def _view(situation: Situation) -> ShippingView:
    if situation.shipping is None:
        raise TypeError("A shipment is decided with what else is booked.")
    return situation.shipping


def _lane_unknown(situation: Situation, code: str) -> Violation:
    lanes = ", ".join(sorted(situation.registry.lanes)) or "none"
    return Violation(
        "lane_unknown",
        f"There is no lane {code}.",
        f"Name a lane of this network: {lanes}.",
        field="lane",
        waivable=False,
    )


def _against(
    situation: Situation,
    request: BookShipment,
    lane: CarrierLane,
    payload: ShipmentBooked,
    therapies: tuple[TherapyState, ...],
) -> Iterator[Violation]:
    """Why this cannot be promised: the therapies, the times, the lane, the box and the logger."""
    view = _view(situation)
    for therapy in therapies:
        yield from _ended(therapy)
        yield from destination_violations(therapy, lane.to_site, "lane")
    if request.shipment is not None:
        yield from _not_standing(therapies, request.shipment)
    yield from window_violations(payload.pick_up, payload.delivery, situation.now)
    yield from lane_violations(situation.registry, view, lane.code, payload.pick_up, payload.delivery)
    way = Carriage(situation.registry, view, lane, payload.pick_up, payload.delivery)
    for therapy in therapies:
        protocol = situation.protocol(therapy)
        yield from carrier_violations(way, therapy, protocol)
        yield from not_ready_violations(way, therapy, protocol)
        yield from not_ready_violations(way, therapy, protocol)
        for one in map(situation.registry.equipment, filter(None, (payload.box, payload.data_logger))):
            if one is not None:
                yield from carried_violations(way, therapy, protocol, one)
    wanted = ShipmentNeeds(
        request.shipment,
        payload.pick_up.earliest,
        payload.delivery.latest,
        payload.box,
        payload.data_logger,
        payload.waybill,
        payload.sscc,
    )
    yield from taken_violations(situation.registry, view, wanted)


def _ended(therapy: TherapyState) -> Iterator[Violation]:
    if therapy.status is not TherapyStatus.ACTIVE:
        yield Violation(
            "therapy_ended",
            f"{therapy.coi} is {therapy.status.value}: nothing of it is booked any more.",
            "Nothing to do.",
            answer=ScanAnswer.CHECK,
            waivable=False,
        )


def _not_standing(therapies: tuple[TherapyState, ...], shipment: str) -> Iterator[Violation]:
    """Only what was booked for each of them, and not packed yet, is booked anew."""
    for therapy in therapies:
        known = therapy.shipments.get(shipment)
        if known is None or known.booking is None:
            said = f"{shipment} is no shipment of {therapy.coi}."
            yield Violation(
                "shipment_unknown", said, "Leave the shipment out: a new one is booked.", waivable=False
            )
        elif known.packed_at is not None:
            yield Violation(
                "already_packed",
                f"{shipment} is packed already.",
                "Say what is heard of it: delayed, with the new estimate. F7 sends it elsewhere.",
                answer=ScanAnswer.CHECK,
                waivable=False,
            )


def decide_report(situation: Situation, request: ReportShipment) -> Decision:
    """In the chain of each therapy that travels in it; what is lost or damaged goes into quarantine."""
    shipment = shipment_of(situation, request.shipment)
    if isinstance(shipment, Violation):
        return Denied(shipment)
    therapies = [one for one in situation.therapies.values() if shipment in one.shipments]
    if not therapies:
        return Denied(_no_shipment(shipment))
    at = said_at(situation, request)
    for therapy in therapies:
        _require_possible(situation, request, therapy.shipments[shipment], at)
    known = therapies[0].shipments[shipment]
    violations = (
        *_may_not(situation, request, known, therapies),
        *_not_so(request, therapies[0], known, at),
    )
    slots = (Slot(Meaning.PERFORMED, staff=request.actor),)
    is_harm = request.milestone in HARMED
    plans = []
    for therapy in therapies:
        units = tuple(unit.unit for unit in therapy.in_shipment(shipment)) if is_harm else ()
        payload = ShipmentProgress(
            shipment=shipment,
            milestone=request.milestone,
            place=request.place,
            estimated_delivery=request.estimated_delivery,
            source=request.source,
        )
        faults = (f"shipment_{request.milestone.value}",) if is_harm else ()
        reads = reads_for(situation, request, therapy.coi)
        plans.append(Plan(therapy, payload, (), reads, slots, faults=faults, doubtful=units))
    decision = conclude(situation, request, plans, violations)
    return with_notices(decision, [*_said(situation, request, therapies, shipment)])


def said_at(situation: Situation, request: ReportShipment) -> datetime:
    """When it happened, by the time that was declared for it, else now."""
    return situation.now if request.occurred_at is None else parse_declared(request.occurred_at)[0]


def shipment_of(situation: Situation, scan: Scan) -> str | Violation:
    """The shipment of a code: its own, its waybill or SSCC, or that of what is in a box."""
    resolution = situation.resolve(scan)
    if resolution.found is Found.SHIPMENT and resolution.object_id is not None:
        return resolution.object_id
    if resolution.found is not Found.BOX or resolution.object_id is None:
        return not_a(resolution, "shipment")
    inside = (unit for one in situation.therapies.values() for unit in one.in_box(resolution.object_id))
    found = next((unit.shipment for unit in inside if unit.shipment is not None), None)
    if found is None:
        return Violation(
            "box_empty",
            f"By the record nothing travels in the box {resolution.object_id}.",
            "Scan the waybill, or name the shipment.",
            answer=ScanAnswer.CHECK,
            waivable=False,
        )
    return found


def _no_shipment(shipment: str) -> Violation:
    return Violation(
        "shipment_unknown",
        f"No shipment {shipment} was booked or packed in this store.",
        "See `cartrail shipment list`, or scan the box.",
        waivable=False,
    )


def _may_not(
    situation: Situation, request: ReportShipment, one: ShipmentState, therapies: list[TherapyState]
) -> Iterator[Violation]:
    """A courier speaks for their own carrier alone."""
    registry, at = situation.registry, situation.occurred_at
    found = grant_violation(registry, request.actor, REPORTERS, None, at)
    if found is None and grant_violation(registry, request.actor, SITES, None, at) is not None:
        carriers = sorted({carrier for known in therapies for carrier, _ in known.boxes_carrier.values()})
        carrier = one.booking.carrier if one.booking is not None else next(iter(carriers), None)
        found = grant_violation(registry, request.actor, {Role.COURIER}, carrier, at)
    if found is not None:
        yield found


def _require_possible(
    situation: Situation, request: ReportShipment, known: ShipmentState, at: datetime
) -> None:
    """Raise InputError for times that contradict what is known, naming both."""
    view, here = _view(situation), situation.station.site
    estimate = request.estimated_delivery
    if estimate is not None and estimate < at:
        raise InputError(
            f"It cannot be expected at {clock_at(view.offset_of, here, estimate)}, before "
            f"{clock_at(view.offset_of, here, at)}, when that was said.",
            remedy="Read the estimate again.",
            code="eta_past",
        )
    for later, earlier in FOLLOWS:
        other = _contradicted(request, known, at, later, earlier)
        if other is not None:
            own, their = format_apart((at, other.at), format_offset(view.offset_of(here)(at)))
            raise InputError(
                f"It cannot have {_words(request.milestone)} {request.place} at {own}: it "
                f"{_words(other.milestone)} {other.place} at {their}.",
                remedy="Check both times; correct the one that is wrong.",
                code="out_of_order",
            )


def _contradicted(
    request: ReportShipment,
    known: ShipmentState,
    at: datetime,
    later: ShipmentMilestone,
    earlier: ShipmentMilestone,
) -> HeardOf | None:
    """What stands against it: the first departure is not after the first arrival, at another place."""
    if request.milestone is later:
        left = [one for one in known.in_order if one.milestone is earlier]
        return left[0] if left and left[0].at > at else None
    if request.milestone is earlier:
        left = [one for one in known.in_order if one.milestone is earlier and one.at <= at]
        came = [one for one in known.in_order if one.milestone is later and one.at < at]
        if came and not (left and left[0].at <= came[0].at) and came[0].place != request.place:
            return came[0]
    return None


def _words(milestone: ShipmentMilestone) -> str:
    return {
        ShipmentMilestone.ARRIVED: "arrived at",
        ShipmentMilestone.DEPARTED: "departed from",
        ShipmentMilestone.CUSTOMS_RELEASED: "left the customs at",
        ShipmentMilestone.CUSTOMS_HELD: "was held by the customs at",
    }[milestone]


def _not_so(
    request: ReportShipment, therapy: TherapyState, known: ShipmentState, at: datetime
) -> Iterator[Violation]:
    if known.packed_at is None and request.milestone not in BEFORE_IT_LEFT:
        yield Violation(
            "nothing_packed",
            f"Nothing is packed for the shipment {known.shipment} by the record.",
            "Record the packing and the handoff first; a delay can be told before.",
            answer=ScanAnswer.CHECK,
            waivable=False,
        )
    is_released = request.milestone is ShipmentMilestone.CUSTOMS_RELEASED
    if is_released and not known.is_held and request.source is not ProgressSource.CARRIER_FILE:
        # A carrier's own file may name the release alone; who heard of one heard of the hold.
        yield Violation(
            "not_held",
            f"By the record the customs do not hold the shipment {known.shipment}.",
            "Say first that they held it, with the time of that; then that they released it.",
            answer=ScanAnswer.CHECK,
            waivable=False,
        )
    said = (request.milestone, request.place, request.estimated_delivery)
    for one in known.heard:
        if (one.milestone, one.place, one.estimated_delivery) == said and one.at == at:
            yield Violation(
                "already_done",
                f"That stands in {therapy.coi} already, as entry {one.sequence}, by {one.actor}.",
                "Nothing to do.",
                answer=ScanAnswer.CHECK,
                waivable=False,
            )


def _said(
    situation: Situation, request: ReportShipment, therapies: list[TherapyState], shipment: str
) -> Iterator[Notice]:
    """What somebody has to hear: it will be late, or the box will not hold so long."""
    estimate, view = request.estimated_delivery, _view(situation)
    if estimate is None:
        return
    known = therapies[0].shipments[shipment]
    site = known.booking.to_site if known.booking is not None else situation.station.site
    expected = clock_at(view.offset_of, site, estimate)
    box = known.box or ""
    holds = [one.boxes_hold[box].until for one in therapies if box in one.boxes_hold]
    ends = [
        (clock.due_at, clock.title)
        for one in therapies
        for clock in running_clocks(one, situation.protocol(one))
        if clock.name != HOLD and any(clock.unit == unit.unit for unit in one.in_shipment(shipment))
    ]
    if ends and estimate > min(ends)[0]:
        until, title = min(ends)
        yield Notice(
            "eta_past_limit",
            f"It is expected at {expected}, after the limit of the cells in it: {title}, until "
            f"{clock_at(view.offset_of, site, until)}.",
            "Call the carrier and quality.",
        )
    if holds and estimate > min(holds):
        yield Notice(
            "eta_past_hold",
            f"It is expected at {expected}, and its box holds until "
            f"{clock_at(view.offset_of, site, min(holds))}.",
            "Call the carrier and quality: charge it again on the way, or change the box.",
        )
    elif known.booking is not None and estimate > known.booking.delivery.latest:
        latest = clock_at(view.offset_of, site, known.booking.delivery.latest)
        yield Notice(
            "eta_late",
            f"It is expected at {expected}, and was to be delivered by {latest}.",
            "Tell the receiving site.",
            ScanAnswer.CHECK,
        )


DECISIONS: Final[Decisions] = {BookShipment: decide_book, ReportShipment: decide_report}
