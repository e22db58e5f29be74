"""An invented network for the planner: therapies that arrive over eight weeks at six centers, two plants."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from msgspec import Struct

from tracker.planning.calendar import Lane, Resource
from tracker.planning.chain import Chain, LongestGap, Milestone, Pathway, Taken, Weight
from tracker.planning.planner import PlanProposal, Wish, propose, propose_each

MONDAY: Final = date(2027, 1, 4)
NOW: Final = datetime(2027, 1, 4, 6, tzinfo=UTC)
WEEKS: Final = 8
THERAPIES: Final = 200
ENOUGH_BEDS, FEW_BEDS = 9, 6
WEEKDAYS: Final = frozenset(range(5))
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)


def no_offset(_: datetime) -> timedelta:
    """The clocks of a place that keeps UTC."""
    return timedelta()


def weekend(day: date) -> str | None:
    """Closed on Saturday and Sunday."""
    return None if day.weekday() in WEEKDAYS else f"not open on {day:%A}"


def always(_: date) -> str | None:
    """A place that is always open."""
    return None


def resource(code: str, a_day: int | None = None, **facts: object) -> Resource:
    """A resource with so many places on each day of the working week, at UTC."""
    places = None if a_day is None else (a_day,) * 5 + (0, 0)
    return Resource(code, code, no_offset, weekend, places, **facts)  # type: ignore[arg-type]


class Arrival(Struct, frozen=True):
    """A therapy as it is asked for: on which day, and what is wished."""

    asked: date
    wish: Wish


class Network:
    """Six collection centers with two chairs each, two plants, six hospitals with so many beds."""

    def __init__(self, beds: int) -> None:
        """The resources and lanes; `beds` are those of each hospital."""
        work = (time(8), time(16))
        self.chairs = [resource(f"chair {number}", 2, hours=work) for number in range(6)]
        self.docks = [resource(f"dock {number}") for number in range(2)]
        self.starts = [
            resource(f"start {number}", starts, hours=work, occupies=9 * DAY, concurrent=suites)
            for number, (starts, suites) in enumerate(((4, 36), (3, 27)))
        ]
        self.release = [resource(f"plant {number}", hours=work) for number in range(2)]
        self.wards = [resource(f"ward {number}") for number in range(6)]
        self.beds = [
            Resource(f"beds {number}", f"beds {number}", no_offset, always, None, beds, 14 * DAY,
                     hours=(time(9), time(17)))
            for number in range(6)
        ]  # fmt: skip
        self.lane = Lane("lane", "lane", "", "", DAY, time(17), WEEKDAYS, no_offset, weekend)

    def pathway(self, center: int, plant: int, ward: int, *, fresh: bool) -> Pathway:
        """The pathway of a therapy whose starting material travels fresh, within 72 h, or frozen."""
        found = (
            Milestone("collection", "Collection", (self.chairs[center],), lasts=5 * HOUR),
            Milestone("receipt", "Receipt", (self.docks[plant],), "collection", 2 * HOUR, lanes=(self.lane,)),
            Milestone("start", "Start of manufacturing", (self.starts[plant],), "receipt"),
            Milestone("release", "Release", (self.release[plant],), "start", 12 * DAY, 15 * DAY),
            Milestone("delivery", "Delivery", (self.wards[ward],), "release", 2 * HOUR, lanes=(self.lane,)),
            Milestone("infusion", "Infusion", (self.beds[ward],), "delivery", 3 * DAY, 6 * DAY),
        )
        limit = LongestGap("Collection to start of manufacturing", "collection", "start", 72 * HOUR)
        return Pathway(found, (limit,) if fresh else ())

    def arrivals(self, seed: int, count: int = THERAPIES) -> Sequence[Arrival]:
        """Therapies over eight weeks, in the order in which they are asked for; each is ready days later."""
        chance = random.Random(seed)
        days = sorted(chance.randrange(WEEKS * 7) for _ in range(count))
        return [
            Arrival(
                MONDAY + day * DAY,
                Wish(
                    self.pathway(
                        chance.randrange(6), chance.choices((0, 1), (4, 3))[0], chance.randrange(6),
                        fresh=chance.random() < 1 / 2,
                    ),
                    MONDAY + (day + chance.randrange(7, 22)) * DAY,
                    chance.choice((Weight.ROUTINE, Weight.URGENT, Weight.CRITICAL)),
                ),
            )
            for day in days
        ]  # fmt: skip


class Outcome(Struct, frozen=True):
    """What became of all therapies: how many have a plan, and how long their patients wait."""

    placed: int
    wait: float
    """Days from ready to infusion, each as often as the therapy weighs."""

    vein_to_vein: float
    """Median days from collection to infusion."""


def _outcome(planned: Sequence[tuple[Wish, Chain]]) -> Outcome:
    waits = [
        wish.weight * (chain["infusion"].start - datetime.combine(wish.ready, time(), UTC)) / DAY
        for wish, chain in planned
    ]
    veins = sorted((chain["infusion"].start - chain["collection"].start) / DAY for _, chain in planned)
    return Outcome(len(planned), sum(waits), veins[len(veins) // 2])


def first_come(arrivals: Sequence[Arrival]) -> Outcome:
    """Each as it is asked for, and as early as it goes."""
    taken = Taken()
    planned: list[tuple[Wish, Chain]] = []
    for one in arrivals:
        found = propose(one.wish, taken, _at(one.asked))
        if isinstance(found, PlanProposal):
            taken.book_chain(one.wish.pathway, found.earliest.values())
            planned.append((one.wish, found.earliest))
    return _outcome(planned)


def each_week(arrivals: Sequence[Arrival]) -> Outcome:
    """All of a week together on its last day, by weight, as the planner proposes them."""
    taken = Taken()
    planned: list[tuple[Wish, Chain]] = []
    for week in range(WEEKS):
        monday = MONDAY + 7 * week * DAY
        wishes = [one.wish for one in arrivals if monday <= one.asked < monday + 7 * DAY]
        for wish, found in propose_each(wishes, taken, _at(monday + 7 * DAY)):
            if isinstance(found, PlanProposal):
                taken.book_chain(wish.pathway, found.slots.values())
                planned.append((wish, found.slots))
    return _outcome(planned)


def _at(day: date) -> datetime:
    return datetime.combine(day, time(6), UTC)
