"""Where one milestone fits: its first place from a moment on, its last until another, or one right then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from msgspec import Struct

from tracker.planning.calendar import Lane, Resource, day_at, days_back, days_on
from tracker.planning.chain import Milestone, PlannedSlot, Taken
from tracker.planning.obstacles import Blocker, Obstacle

HORIZON: Final = timedelta(days=400)
"""How far ahead a place is looked for."""


class Places(Struct, frozen=True):
    """What places are looked for in: those that are taken, and the time it is."""

    taken: Taken
    now: datetime
    met: list[Obstacle]
    """What was in the way so far, in the order in which it was met."""

    def note(self, milestone: Milestone, blocker: Blocker, text: str, when: datetime, of: Resource) -> None:
        """Keep what is in the way on the day of a moment."""
        self.met.append(Obstacle(milestone.name, blocker, text, day_at(of.offset, when)))

    def note_full(self, milestone: Milestone, of: Resource, start: datetime, full: int) -> None:
        """Keep the day that is full: a stay that begins on a free day can meet one later."""
        days, day = of.days_of(start), date.fromordinal(full)
        within = "" if full == days.start else f" within the {len(days)} days it takes:"
        self.met.append(Obstacle(milestone.name, Blocker.FULL, f"{of.title} full{within}", day))

    def first(self, milestone: Milestone, after: datetime, floor: datetime) -> PlannedSlot | None:
        """The first place of a milestone: ready to leave for it `after`, and beginning not before `floor`."""
        self._note_nothing(milestone)
        found: PlannedSlot | None = None
        for resource in milestone.resources:
            for lane in milestone.ways:
                slot = next(self._from(milestone, resource, lane, max(after, self.now), floor), None)
                if slot is not None and (found is None or slot.start < found.start):
                    found = slot
        return found

    def last(self, milestone: Milestone, bound: datetime, floor: PlannedSlot) -> PlannedSlot:
        """The last place that begins by `bound`; the place it has where none is later."""
        found = floor
        for resource in milestone.resources:
            for lane in milestone.ways:
                slot = next(self._back(milestone, resource, lane, bound, floor.start), None)
                if slot is not None and slot.leaves > found.leaves:
                    found = slot
        return found

    def at(self, milestone: Milestone, start: datetime, only: str | None = None) -> PlannedSlot | None:
        """The place of a milestone that begins at just that moment, in one resource where it is named."""
        if only is not None and only not in {one.code for one in milestone.resources}:
            said = f"{only} is no place for {milestone.title.lower()}"
            self.met.append(Obstacle(milestone.name, Blocker.NO_PLACE, said))
            return None
        self._note_nothing(milestone)
        for resource in milestone.resources:
            if only not in (None, resource.code):
                continue
            for lane in milestone.ways:
                departs = None if lane is None else self._pick_up_for(lane, start)
                if lane is not None and departs is None:
                    self.note(
                        milestone,
                        Blocker.NO_PICK_UP,
                        f"{lane.title} brings nothing by then",
                        start,
                        resource,
                    )
                elif self._free(milestone, resource, start):
                    return _slot(milestone, resource, lane, start, departs)
        return None

    def _note_nothing(self, milestone: Milestone) -> None:
        """Keep that a site has nothing to book, or that no carrier goes there."""
        if not milestone.resources:
            said = f"{milestone.title}: its site has nothing that can be booked"
            self.met.append(Obstacle(milestone.name, Blocker.NO_PLACE, said))
        if not milestone.ways:
            said = f"{milestone.title}: no carrier goes there with what it bears"
            self.met.append(Obstacle(milestone.name, Blocker.NO_PICK_UP, said))

    def _from(
        self, milestone: Milestone, resource: Resource, lane: Lane | None, after: datetime, floor: datetime
    ) -> Iterator[PlannedSlot]:
        soonest = max(floor, self.now + resource.notice)
        if lane is None:
            begin = max(after, soonest)
            for day in days_on(day_at(resource.offset, begin), day_at(resource.offset, begin + HORIZON)):
                opens, closes = resource.opening(day)
                start = resource.begins(opens, day, begin)
                if start <= closes and self._free(milestone, resource, start):
                    yield _slot(milestone, resource, None, start, None)
            return
        for day in days_on(day_at(lane.offset, after), day_at(lane.offset, max(after, soonest) + HORIZON)):
            departs = lane.pick_up(day)
            if departs is None or departs < after:
                continue
            start = self._arrival(resource, lane, departs)
            if start >= soonest and self._free(milestone, resource, start):
                yield _slot(milestone, resource, lane, start, departs)

    def _back(
        self, milestone: Milestone, resource: Resource, lane: Lane | None, bound: datetime, floor: datetime
    ) -> Iterator[PlannedSlot]:
        if lane is not None:
            for day in days_back(day_at(lane.offset, bound), day_at(lane.offset, floor - lane.transit)):
                departs = lane.pick_up(day)
                start = None if departs is None else self._arrival(resource, lane, departs)
                if start is not None and floor <= start <= bound and self._free(milestone, resource, start):
                    yield _slot(milestone, resource, lane, start, departs)
            return
        counted = resource.per_weekday is not None or resource.concurrent is not None
        for day in days_back(day_at(resource.offset, bound), day_at(resource.offset, floor)):
            opens, closes = resource.opening(day)
            start = max(opens if counted else min(bound, closes), floor)
            if start <= min(closes, bound) and self._free(milestone, resource, start):
                yield _slot(milestone, resource, None, start, None)

    def _arrival(self, resource: Resource, lane: Lane, departs: datetime) -> datetime:
        """When what was picked up is taken in: at the door, or when the day begins there."""
        arrives = departs + lane.transit
        return max(arrives, resource.opening(day_at(resource.offset, arrives))[0])

    def _pick_up_for(self, lane: Lane, start: datetime) -> datetime | None:
        latest = day_at(lane.offset, start - lane.transit)
        for day in days_back(latest, latest - timedelta(days=7)):
            departs = lane.pick_up(day)
            if departs is not None and departs + lane.transit <= start:
                return departs
        return None

    def _free(self, milestone: Milestone, resource: Resource, start: datetime) -> bool:
        """Whether one may begin there then; what is in the way is noted."""
        day = day_at(resource.offset, start)
        why = resource.why_not_on(day)
        opens, closes = resource.opening(day)
        if why is not None:
            self.note(milestone, Blocker.CLOSED, f"{resource.title}: {why},", start, resource)
        elif not opens <= start <= closes:
            hours = f"{resource.hours[0]:%H:%M} to {resource.hours[1]:%H:%M}"
            self.note(milestone, Blocker.CLOSED, f"{resource.title} begins from {hours},", start, resource)
        elif start < self.now + resource.notice:
            ahead = f"{resource.notice.total_seconds() / 3600:g} h"
            self.note(
                milestone, Blocker.NOTICE, f"{resource.title} is booked {ahead} ahead,", start, resource
            )
        elif (full := self.taken.full_day(resource, start)) is not None:
            self.note_full(milestone, resource, start, full)
        else:
            return True
        return False


def _slot(
    milestone: Milestone, resource: Resource, lane: Lane | None, start: datetime, departs: datetime | None
) -> PlannedSlot:
    way = None if lane is None else lane.code
    return PlannedSlot(milestone.name, resource.code, start, start + milestone.lasts, way, departs)
