"""What is to be planned and what is booked: milestones with their lags and limits, slots, places taken."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import IntEnum
from functools import cached_property
from typing import Self

from msgspec import Struct

from tracker.planning.calendar import Lane, Resource


class Weight(IntEnum):
    """How much a day of waiting counts for a therapy."""

    ROUTINE = 1
    URGENT = 2
    CRITICAL = 4


class LongestGap(Struct, frozen=True):
    """A milestone may not begin later than so long after an earlier one is done."""

    title: str
    start: str
    until: str
    within: timedelta


class Milestone(Struct, frozen=True):
    """One planned step of a therapy: after which, how long after, and what it needs a place of."""

    name: str
    title: str
    resources: tuple[Resource, ...]
    """Any one of them will do; the first that has a place earliest is proposed."""

    after: str | None = None
    earliest: timedelta = timedelta(0)
    """What must lie between the end of the milestone before and this one, or its pick-up."""

    typical: timedelta | None = None
    """What is planned between them; `earliest` where it is left out."""

    lasts: timedelta = timedelta(0)
    lanes: tuple[Lane, ...] | None = None
    """By which it comes from the milestone before; None where nothing travels."""

    @property
    def ways(self) -> tuple[Lane | None, ...]:
        """How it can come here: by a lane each, or None where nothing travels."""
        return (None,) if self.lanes is None else self.lanes

    @property
    def lag(self) -> timedelta:
        """What is planned between the milestone before and this one."""
        return self.earliest if self.typical is None else self.typical


class PlannedSlot(Struct, frozen=True):
    """A milestone at its time, in one place of a resource."""

    name: str
    resource: str
    start: datetime
    end: datetime
    lane: str | None = None
    departs: datetime | None = None
    """The pick-up of what travels to this milestone."""

    @property
    def leaves(self) -> datetime:
        """When what it needs from the milestone before has to be ready: at its pick-up, or at its start."""
        return self.start if self.departs is None else self.departs


Chain = Mapping[str, PlannedSlot]
"""Slots by the names of their milestones, in the order of the protocol."""


class Pathway(Struct, frozen=True, dict=True):
    """The milestones of one therapy with their limits; each comes after one that is listed before it."""

    milestones: tuple[Milestone, ...]
    gaps: tuple[LongestGap, ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, Milestone]:
        """The milestones by their names."""
        return {one.name: one for one in self.milestones}

    @cached_property
    def next_of(self) -> Mapping[str, tuple[Milestone, ...]]:
        """Those that come right after a milestone."""
        found: dict[str, tuple[Milestone, ...]] = {one.name: () for one in self.milestones}
        for one in self.milestones:
            if one.after is not None:
                found[one.after] = (*found[one.after], one)
        return found


def passed(pathway: Pathway, slots: Chain) -> dict[str, datetime]:
    """When each milestone and all that lead to it have ended: what was done out of order waits for them."""
    found: dict[str, datetime] = {}
    for one in pathway.milestones:
        if one.name in slots:
            before = found.get(one.after or "", slots[one.name].end)
            found[one.name] = max(slots[one.name].end, before)
    return found


class Taken:
    """How many places of each resource are taken on each day."""

    def __init__(self) -> None:
        """No place is taken."""
        self.begun: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self.held: defaultdict[str, Counter[int]] = defaultdict(Counter)

    def copy(self) -> Self:
        """Another count, of the same places so far."""
        other = type(self)()
        for mine, copied in ((self.begun, other.begun), (self.held, other.held)):
            copied.update({code: days.copy() for code, days in mine.items()})
        return other

    def book(self, resource: Resource, start: datetime, count: int = 1) -> None:
        """Take a place that begins at a moment; with a count of -1, give it back."""
        days = resource.days_of(start)
        self.begun[resource.code][days.start] += count
        held = self.held[resource.code]
        for day in days:
            held[day] += count

    def count(self, resource: str, day: int, begun: int, held: int) -> None:
        """Take places of a resource by its code, of which so many begin on a day and so many are in it."""
        self.begun[resource][day] += begun
        self.held[resource][day] += held

    def book_chain(self, pathway: Pathway, slots: Iterable[PlannedSlot], count: int = 1) -> None:
        """Take the places of a whole chain; with a count of -1, give them back."""
        for slot in slots:
            found = (one for one in pathway.by_name[slot.name].resources if one.code == slot.resource)
            for resource in found:
                self.book(resource, slot.start, count)

    def full_day(self, resource: Resource, start: datetime) -> int | None:
        """The first day on which no place is left for one that begins at a moment; None where there is one.

        Who stays for days needs a place on each of them: it can be any day of the stay.
        """
        days = resource.days_of(start)
        most, limit = resource.per_weekday, resource.concurrent
        begun = self.begun[resource.code]
        if most is not None and begun[days.start] >= most[date.fromordinal(days.start).weekday()]:
            return days.start
        if limit is None:
            return None
        held = self.held[resource.code]
        return next((day for day in days if held[day] >= limit), None)
