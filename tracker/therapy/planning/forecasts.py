"""What a forecast takes of the state of a therapy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from schema.events.processing import InfusionStarted
from schema.vocabulary import PartyType
from tracker.planning.chain import Chain
from tracker.protocols.milestone_checks import gaps_of
from tracker.protocols.model import PlannedStep, Protocol
from tracker.rules.attempt import site_of_part
from tracker.rules.clocks import RunningClock, late_arrival, running_clocks, shelf_life
from tracker.rules.failed import to_collect_again
from tracker.rules.forecast import MINUTE, PAPER_ENTRY, Ending, RecordedCourse
from tracker.rules.shipment_state import ShipmentState, ShipmentStatus
from tracker.rules.stalled import stalled_at
from tracker.rules.therapy_state import TherapyState, TherapyStatus
from tracker.therapy.planning.wishes import chain_of, done_of


def course_of(
    state: TherapyState, protocol: Protocol | None, clocks: tuple[RunningClock, ...] | None = None
) -> RecordedCourse:
    """The part of a therapy's state that its forecast depends on; `clocks` where they are known already."""
    milestones = () if protocol is None else protocol.milestones
    plan, running = state.plan, running_clocks(state, protocol) if clocks is None else clocks
    promise = state.promise
    done = {} if protocol is None or (plan is None and promise is None) else done_of(state, protocol)
    is_kept = promise is None or promise.milestone.name in done
    return RecordedCourse(
        is_running=state.status is TherapyStatus.ACTIVE,
        has_begun=bool(state.units),
        booked=chain_of(plan),
        done={name: slot for name, slot in done.items() if plan is not None and name in plan.booked},
        recorded=recorded_of(milestones),
        begun_by=begun_by_of(milestones),
        promised=None if promise is None else promise.day,
        promised_at=None if is_kept or promise is None else promise.milestone.start,
        endings=tuple(endings_of(state, protocol, running)),
        stalled_at=None if protocol is None else stalled_at(state, protocol),
        eta={} if plan is None else dict(_expected(state, milestones, done)),
        left=dict(_left(state, milestones, done)),
        collect_again=to_collect_again(state),
        gone=frozenset() if plan is None else frozenset(_gone(state, milestones)),
    )


def _gone(state: TherapyState, milestones: tuple[PlannedStep, ...]) -> Iterator[str]:
    """The milestones of which everything that is brought to them was taken over by somebody."""
    for one in milestones:
        units = [unit for unit in state.open_units() if unit.material in one.materials]
        if one.carried_from is not None and units and all(unit.has_travelled for unit in units):
            yield one.name


def _left(
    state: TherapyState, milestones: tuple[PlannedStep, ...], done: Chain
) -> Iterator[tuple[str, datetime]]:
    """When carriers took what they bring to a milestone, while they have it."""
    for one in milestones:
        carried = [
            unit.last_taken.at
            for unit in state.open_units()
            if unit.material in one.materials
            and unit.custodian is not None
            and unit.custodian.type is PartyType.CARRIER
            and unit.last_taken is not None
        ]
        if one.carried_from is not None and one.name not in done and carried:
            yield one.name, max(carried)


def _expected(
    state: TherapyState, milestones: tuple[PlannedStep, ...], done: Chain
) -> Iterator[tuple[str, datetime]]:
    """When carriers say that they will be at the door, by the milestone that each shipment leads to."""
    for shipment in state.shipments.values():
        told = shipment.estimates
        estimate = told[-1].estimated_delivery if told else None
        if estimate is None or state.shipment_status(shipment) is ShipmentStatus.ENDED:
            continue
        for one in milestones:
            if one.name not in done and _leads_to(state, shipment, one):
                yield one.name, estimate


def _leads_to(state: TherapyState, shipment: ShipmentState, one: PlannedStep) -> bool:
    """Whether a shipment brings what a milestone waits for, as it was booked or as it is on its way."""
    if one.carried_from is None:
        return False
    booking, to_site = shipment.booking, site_of_part(state, one.part)
    if booking is not None:
        return (booking.from_site, booking.to_site) == (site_of_part(state, one.carried_from), to_site)
    return any(
        unit.material in one.materials and state.boxes_carrier.get(unit.box or "", ("", ""))[1] == to_site
        for unit in state.in_shipment(shipment.shipment)
    )


def recorded_of(milestones: tuple[PlannedStep, ...]) -> frozenset[str]:
    """The milestones that a step fulfills."""
    return frozenset(one.name for one in milestones if one.fulfilled_by is not None)


def begun_by_of(milestones: tuple[PlannedStep, ...]) -> frozenset[str]:
    """Those that are fulfilled when they begin."""
    return frozenset(one.name for one in milestones if one.is_fulfilled_at_start)


def endings_of(
    state: TherapyState, protocol: Protocol | None, clocks: Iterable[RunningClock]
) -> Iterator[Ending]:
    """Every limit that runs, the shelf life of what is to be given, and the forms that are out."""
    if state.status is not TherapyStatus.ACTIVE:
        return
    milestones = () if protocol is None else protocol.milestones
    for clock in clocks:
        until = "" if protocol is None else _ended_by(state, milestones, clock)
        arrives = late_arrival(state, clock)
        yield Ending(clock.title, clock.due_at, clock.name != PAPER_ENTRY, until, arrives)
    for unit in state.open_units():
        if protocol is not None and protocol.step(InfusionStarted.kind, unit.material) is not None:
            last = milestones[-1].name if milestones else ""
            for one in shelf_life(unit):
                arrives = late_arrival(state, one)
                yield Ending(f"{one.title} of {one.unit}", one.due_at, until=last, arrives=arrives)


def _ended_by(state: TherapyState, milestones: tuple[PlannedStep, ...], clock: RunningClock) -> str:
    """The milestone that ends a limit, where one does."""
    unit = state.unit(clock.unit)
    for one in milestones:
        is_about = unit is None or not one.materials or unit.material in one.materials
        if one.fulfilled_by is not None and one.fulfilled_by in clock.until.split("|") and is_about:
            return one.name
    return ""


def is_at_risk(state: TherapyState, course: RecordedCourse, protocol: Protocol) -> bool:
    """Whether by the record alone something booked may be later than promised, or past a limit.

    Whatever a forecast finds is found here, but for what only a calendar or the time of day makes late; of
    what is found the forecast decides.
    """
    if broken_at(state, course) is not None or _is_past_gap(course, protocol):
        return True
    if course.left.keys() - course.eta.keys() or (course.collect_again and not course.booked):
        return True
    for one in protocol.milestones:
        slot, before = course.booked.get(one.name), course.done.get(one.after or "")
        if slot is None or one.name in course.done:
            continue
        if course.eta.get(one.name, slot.start) >= slot.start + MINUTE:
            return True
        if any(
            ending.is_limit and ending.until == one.name and slot.start > ending.at
            for ending in course.endings
        ):
            return True
        if before is not None and one.latest is not None and slot.start > before.end + one.latest:
            return True
        if before is not None and before.end + one.earliest >= slot.leaves + MINUTE:
            return True
    return False


def _is_past_gap(course: RecordedCourse, protocol: Protocol) -> bool:
    """Whether what is booked comes after a limit that runs from a milestone that is done."""
    return any(
        start.name in course.done
        and until.name in course.booked
        and until.name not in course.done
        and course.booked[until.name].start > course.done[start.name].end + limit.within
        for limit, start, until in gaps_of(protocol)
    )


def broken_at(state: TherapyState, course: RecordedCourse) -> datetime | None:
    """When a promise was to be kept for which nothing is booked, or something later; else None."""
    if state.promise is None or course.promised_at is None:
        return None
    booked = None if state.plan is None else state.plan.booked.get(state.promise.milestone.name)
    is_later = booked is None or booked.milestone.first_day > state.promise.day
    return course.promised_at if is_later else None


def first_due(course: RecordedCourse) -> datetime | None:
    """When the first booked milestone is due that nobody has fulfilled, or the first pick-up."""
    waiting = [
        slot for name, slot in course.booked.items() if name in course.recorded and name not in course.done
    ]
    pick_ups = (course.pick_up_due_at(slot) for slot in waiting)
    due = (*map(course.due_at, waiting), *(one for one in pick_ups if one is not None))
    return min(due, default=None)
