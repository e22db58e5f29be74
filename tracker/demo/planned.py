"""Therapies of the demo that live by their plan: each goes on when its next milestone is booked.

A coordinator books them, and moves them when a patient is not there, has an infection or a carrier is late.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Final

from schema.errors import Refusal
from schema.instants import format_instant
from schema.vocabulary import EquipmentType, Priority, Reason
from schema.zones import zone_info
from tracker.demo import cast, courses, stages
from tracker.demo.journey import Journey, scan
from tracker.demo.network import FRESH_PROTOCOL, PROTOCOL
from tracker.demo.on_the_road import read_logger
from tracker.demo.stories import Story
from tracker.therapy.planning.requests import Reschedule, Schedule
from tracker.therapy.shipments.requests import BookShipment
from tracker.views.planning import PlanLine

FIRST_NUMBER: Final = 101
"""Of an invented patient; the stories have smaller ones."""

HISTORY: Final = timedelta(days=182)
OLDEST_DAY, RECENT_DAY, NEWEST_DAY = 170, 60, 1
"""How many days before the end the first of them is enrolled, the first that still runs, and the last one."""

MORE_LATELY: Final = 1.4
"""Above 1, so that more of those that run are at their beginning, with most of their plan ahead."""

HANDS_OFF: Final = timedelta(hours=3)
"""So long before the end the stories have the clock to themselves: what is booked then is done before."""

LOGGER_READ_EVERY: Final = 3
"""Of so many boxes that came to the manufacturer, the file of the logger in one is read."""

BOOKED_BEFORE: Final = timedelta(hours=6)
"""A pick-up that is later than this after packing is that of another day."""

AT_THE_DOCK: Final = timedelta(hours=1)
"""After the planned receipt a carrier still counts as on time."""

TIME_TO_PACK: Final = timedelta(minutes=50)
"""A box that is packed after the carrier was to come is not packed as it was booked."""

MOVES_TRIED: Final = 10
"""Days in a row on which a milestone that has to be moved is tried."""

Life = Iterator[datetime]
"""What happens to a therapy; between two stretches it says when it goes on."""


class Twist(Enum):
    """What comes between a therapy and its plan."""

    NONE = 0
    MISSED = 1
    """The patient is not at the chair on the booked day: the slot is lost."""

    INFECTION = 2
    """The patient has an infection before lymphodepletion: it waits, and the infusion with it."""

    DELAYED = 3
    """The carrier cannot bring the product on the booked day."""


TWISTS: Final = (
    *(Twist.NONE, Twist.NONE, Twist.INFECTION, Twist.NONE),
    *(Twist.MISSED, Twist.NONE, Twist.NONE, Twist.DELAYED),
)
"""In the order of the therapies, again and again."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One therapy that lives by its plan."""

    number: int
    letter: str
    protocol: str
    enrolled: datetime
    ready: date
    priority: Priority
    twist: Twist

    @property
    def is_fresh(self) -> bool:
        """Whether its cells travel fresh."""
        return self.protocol == FRESH_PROTOCOL


def planned(count: int, end: datetime, chance: random.Random) -> tuple[Planned, ...]:
    """So many therapies: half of them long ago, the others in the last two months."""
    return tuple(_planned(number, count, end, chance) for number in range(count))


def _planned(number: int, count: int, end: datetime, chance: random.Random) -> Planned:
    half = count // 2
    if number < half:
        days = OLDEST_DAY - round((OLDEST_DAY - RECENT_DAY) * number / half)
    else:
        left = 1 - (number - half) / (count - half)
        days = NEWEST_DAY + round((RECENT_DAY - NEWEST_DAY) * left**MORE_LATELY)
    letter = "AB"[number % 2]
    zone = next(one.zone for one in cast.SITES if one.code == f"TREAT-{letter}")
    on_day = _workday(end.date() - timedelta(days=days))
    at = time(9, chance.randint(0, 55))
    return Planned(
        FIRST_NUMBER + 2 * number,
        letter,
        FRESH_PROTOCOL if chance.random() < 0.35 else PROTOCOL,
        datetime.combine(on_day, at, zone_info(zone)),
        on_day + timedelta(days=chance.randint(4, 14)),
        chance.choices((Priority.ROUTINE, Priority.URGENT, Priority.CRITICAL), (7, 2, 1))[0],
        TWISTS[number % len(TWISTS)],
    )


def until_the_end(one: Life, begins: datetime, end: datetime) -> Life:
    """A life from its beginning to the end of the demo; what is due in the last hours is done before them."""
    last = end - HANDS_OFF
    moment: datetime | None = begins
    while moment is not None and moment <= end:
        yield min(moment, last)
        moment = next(one, None)


def with_its_plan(told: Life, journey: Journey, story: Story, end: datetime) -> Life:
    """A story that is told; a coordinator books what is still to come when only its last hours are left.

    One that only begins then is left to whoever tries the demo.
    """
    last = end - HANDS_OFF
    is_booked, latest = story.task is None, end
    for moment in told:
        if moment > last and journey.coi and not is_booked:
            is_booked = True
            _book_the_rest(journey)
        yield moment
        latest = moment
    if latest <= last and not is_booked:
        _book_the_rest(journey)


def _book_the_rest(journey: Journey) -> None:
    """What is on its way already comes as soon as it can."""
    book(journey, journey.network.clock.now().date(), at_once=bool(journey.products))


def _workday(day: date) -> date:
    return day - timedelta(days=max(day.weekday() - 4, 0))


def life(journey: Journey, one: Planned) -> Life:
    """From the order to the end of its record, as its plan says; it stops wherever the demo ends."""
    journey.enroll()
    yield journey.network.clock.now() + timedelta(minutes=50)
    if not book(journey, one.ready, one.priority):
        return
    if one.twist is Twist.MISSED:
        yield _line(journey, "collection").start + timedelta(hours=5)
        _move(journey, "collection", Reason.PATIENT_NOT_READY)
    yield _line(journey, "collection").start
    courses.begin_collection(journey)
    yield journey.network.clock.now() + timedelta(hours=3, minutes=20)
    journey.complete_collection()
    if not journey.is_fresh:
        yield journey.network.clock.now() + timedelta(minutes=80)
        stages.freeze_collection(journey)
    yield _pick_up(journey, "receipt")
    _book_carrier(journey)
    stages.pick_up_leukapheresis(journey, _shipper(journey, journey.collection))
    yield _line(journey, "receipt").start
    courses.receive(journey)
    if one.number % LOGGER_READ_EVERY == 0:
        read_logger(journey.network, journey.state.units[journey.bag], "5" if journey.is_fresh else "-184.2")
    yield _line(journey, "manufacturing_start").start
    stages.start_manufacturing(journey)
    yield from _made(journey, one)
    yield from _given(journey, one)


def _made(journey: Journey, one: Planned) -> Life:
    """Filled and tested on the way to the day of its release."""
    yield _line(journey, "release").start - timedelta(days=8)
    stages.complete_manufacturing(journey, 3 if one.is_fresh else 1 + one.number // 2 % 2)
    yield journey.network.clock.now() + timedelta(days=1)
    courses.results_of(*courses.EARLY)(journey)
    yield _line(journey, "release").start - timedelta(hours=20)
    courses.results_of(*courses.LATE)(journey)
    yield _line(journey, "release").start
    stages.sign_release(journey)


def _given(journey: Journey, one: Planned) -> Life:
    """Brought to the hospital, the patient made ready, infused; a week later closed, on day 28 looked at."""
    if one.twist is Twist.DELAYED:
        _move(journey, "delivery", Reason.STAFF_UNAVAILABLE)
    yield _pick_up(journey, "delivery")
    _book_carrier(journey)
    stages.send_product(journey, _shipper(journey, cast.HUB))
    yield _line(journey, "delivery").start
    stages.receive_product(journey)
    if one.twist is Twist.INFECTION:
        yield journey.network.clock.now() + timedelta(minutes=70)
        _move(journey, "lymphodepletion", Reason.INFECTION, days=3)
    yield _line(journey, "lymphodepletion").start
    stages.begin_lymphodepletion(journey)
    yield _line(journey, "infusion").start
    courses.infuse_all(journey)
    yield journey.network.clock.now() + timedelta(days=7)
    stages.close(journey)
    yield journey.network.clock.now() + timedelta(days=20, hours=20)
    stages.respond(journey)


def book(
    journey: Journey, ready: date, priority: Priority = Priority.ROUTINE, *, at_once: bool = False
) -> bool:
    """The coordinator books the chain that is proposed, or the earliest one; False where there is none."""
    offer = journey.network.tracker.read.plan_offer(coi=journey.coi, ready=ready, priority=priority)
    wanted = [
        {"name": one.name, "resource": one.resource, "start": format_instant(one.start)}
        for one in (offer.earliest if at_once else offer.lines)
        if not one.is_done
    ]
    if not wanted:
        return False
    try:
        journey.ask(
            Schedule,
            _coordinator(journey),
            journey.treatment,
            coi=scan(journey.coi),
            ready_from=ready.isoformat(),
            priority=priority,
            milestones=tuple(wanted),
        )
    except Refusal:
        return False
    _take_its_carrier(journey)
    return True


def _move(journey: Journey, milestone: str, reason: Reason, *, days: int = 1) -> None:
    """Moved to the next day on which it can be, with all that cannot stay where it is."""
    standing = _line(journey, milestone)
    today = max(standing.start, journey.network.clock.now().astimezone(standing.start.tzinfo))
    for later in range(days, days + MOVES_TRIED):
        day = datetime.combine(today.date() + timedelta(days=later), standing.start.time())
        start = day.replace(tzinfo=standing.start.tzinfo)
        found = journey.network.tracker.read.plan_move(coi=journey.coi, milestone=milestone, start=start)
        if not found.is_possible:
            continue
        moved = tuple(
            {
                "name": after.name,
                "resource": after.resource,
                "start": format_instant(after.start),
                "from_start": format_instant(before.start),
            }
            for before, after in zip(found.before, found.after, strict=True)
        )
        journey.ask(
            Reschedule,
            _coordinator(journey),
            journey.treatment,
            coi=scan(journey.coi),
            moved=moved,
            reason=reason,
        )
        _take_its_carrier(journey)
        return


def _book_carrier(journey: Journey) -> None:
    """The carrier of the plan is booked for the pick-up that is next, where its lane has one today."""
    offers = journey.network.tracker.read.pick_ups(coi=journey.coi)
    offer = next((one for one in offers if one.shipment is None), None)
    now = journey.network.clock.now()
    if offer is None or offer.pick_up[0] - now > BOOKED_BEFORE or offer.pick_up[1] - now < TIME_TO_PACK:
        return
    arrives, due = offer.delivery
    pick_up, delivery = (
        {"earliest": format_instant(first), "latest": format_instant(last)}
        for first, last in (offer.pick_up, (arrives, due + AT_THE_DOCK))
    )
    with suppress(Refusal):
        journey.ask(
            BookShipment,
            _coordinator(journey),
            journey.treatment,
            therapies=(scan(journey.coi),),
            lane=offer.lane,
            pick_up=pick_up,
            delivery=delivery,
        )


def _coordinator(journey: Journey) -> str:
    return f"COORD-{journey.letter}"


def _line(journey: Journey, milestone: str) -> PlanLine:
    lines = journey.network.tracker.read.plan(coi=journey.coi)
    return next(one for one in lines if one.name == milestone)


def _pick_up(journey: Journey, milestone: str) -> datetime:
    """An hour and a quarter before the carrier is at the door there is time to pack."""
    line = _line(journey, milestone)
    return (line.departs or line.start) - timedelta(minutes=75)


def _take_its_carrier(journey: Journey) -> None:
    """It travels with the carrier of the lane that is booked next."""
    registry, state = journey.network.tracker.registry, journey.state
    booked = () if state.plan is None else state.plan.booked.values()
    lanes = [registry.lanes[one.milestone.lane] for one in booked if one.milestone.lane is not None]
    if lanes:
        journey.carrier = lanes[-1].carrier


def _shipper(journey: Journey, site: str) -> str:
    """An empty one of those that no story needs: dry for what is frozen, cool for fresh cells."""
    units = tuple(journey.products) or (journey.bag,)
    name = "Dry" if all(unit in journey.cassettes for unit in units) else "Cool"
    lines = journey.network.tracker.read.equipment(site=site)
    return next(
        line.equipment.id
        for line in lines
        if line.equipment.equipment_type is EquipmentType.SHIPPER
        and line.equipment.title.startswith(name)
        and f" {site} " in line.equipment.title
        and (line.violation is None or line.violation.rule == "not_charged")
        and not line.units
    )
