"""What can be booked and on which days: resources with places by weekday, and lanes between sites."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from msgspec import Struct

Offset = Callable[[datetime], timedelta]
"""How far the clocks of a site are ahead of UTC at a moment."""

WhyClosed = Callable[[date], str | None]
"""Why a site, or one thing of it, is closed on a day of its own; None for a day on which it is open."""

WHOLE_DAY: Final = (time.min, time.max)
_INSTANT: Final = timedelta(milliseconds=1)
_NOTHING: Final = timedelta()


def instant_at(offset: Offset, day: date, clock: time) -> datetime:
    """The moment at which the clocks of a site show a time of a day.

    A time that was skipped gives the same moment as the one an hour on, one shown twice its second reading.
    """
    wall = datetime.combine(day, clock, UTC)
    return wall - offset(wall - offset(wall))


def day_at(offset: Offset, moment: datetime) -> date:
    """The day that the calendar of a site shows at a moment, by whichever clocks the moment was given."""
    utc = moment.astimezone(UTC)
    return (utc + offset(utc)).date()


class Resource(Struct, frozen=True):
    """What a milestone needs a place of: a chair, a start of manufacturing, a bed; or a site that is open."""

    code: str
    title: str
    offset: Offset
    why_closed: WhyClosed
    per_weekday: tuple[int, ...] | None = None
    """How many may begin on a day, Monday first; None where nobody counts."""

    concurrent: int | None = None
    """How many may be in it on one day, those included that began before; None where nobody counts."""

    occupies: timedelta = timedelta(0)
    """How long one is in it; every day it touches counts."""

    notice: timedelta = timedelta(0)
    """How long before it begins a place has to be booked."""

    hours: tuple[time, time] = WHOLE_DAY
    """From when until when one can begin, by the clocks of the site; the whole day where nobody says it."""

    from_day: date = date.min
    until_day: date = date.max

    def days_of(self, start: datetime) -> range:
        """The days on which a place is taken that begins at a moment, as `date.toordinal` counts them."""
        first = day_at(self.offset, start).toordinal()
        last = day_at(self.offset, start + max(self.occupies - _INSTANT, _NOTHING)).toordinal()
        return range(first, last + 1)

    def opening(self, day: date) -> tuple[datetime, datetime]:
        """From when until when one can begin on a day that is not closed."""
        return instant_at(self.offset, day, self.hours[0]), instant_at(self.offset, day, self.hours[1])

    def begins(self, opens: datetime, day: date, since: datetime) -> datetime:
        """When one can begin on a day that opens then, and that could begin since a moment.

        What waits for a later day begins when that opens; where nobody says when that is, at the same hour:
        nothing is planned for midnight because a weekend was in between.
        """
        if opens <= since:
            return since
        if self.hours is not WHOLE_DAY:
            return opens
        utc = since.astimezone(UTC)
        return instant_at(self.offset, day, (utc + self.offset(utc)).time())

    def why_not_on(self, day: date) -> str | None:
        """Why nothing can begin on a day, however few have booked it."""
        if not self.from_day <= day <= self.until_day:
            return "not in use"
        # What somebody closed comes first: that can be lifted, and the weekday stays as it is.
        why = self.why_closed(day)
        if why is None and self.per_weekday is not None and not self.per_weekday[day.weekday()]:
            return f"closed on {day:%A}s"
        return why


class Lane(Struct, frozen=True):
    """The way of a carrier from one site to another."""

    code: str
    title: str
    from_site: str
    to_site: str
    transit: timedelta
    """How long it takes from the pick-up to the door."""

    cutoff: time
    """When the carrier picks up, by the clocks of the site it leaves; what is ready later waits."""

    weekdays: frozenset[int]
    """On which it picks up, Monday is 0."""

    offset: Offset
    why_closed: WhyClosed

    def pick_up(self, day: date) -> datetime | None:
        """When the carrier is at the door on a day; None for a day on which it does not come."""
        return None if self.why_not_on(day) is not None else instant_at(self.offset, day, self.cutoff)

    def why_not_on(self, day: date) -> str | None:
        """Why the carrier does not come on a day."""
        return self.why_closed(day) if day.weekday() in self.weekdays else f"no pick-up on {day:%A}s"


def days_on(first: date, last: date) -> Iterator[date]:
    """Each day from one on until another, both included."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def days_back(last: date, first: date) -> Iterator[date]:
    """Each day from one back until an earlier one, both included."""
    for number in range((last - first).days + 1):
        yield last - timedelta(days=number)
