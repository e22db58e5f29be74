"""Why a milestone is not when somebody would like it: what was in the way, as data and as a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from msgspec import Struct

from schema.counting import under_a_minute


class Blocker(StrEnum):
    """What kind of thing is in the way."""

    FULL = "slot_full"
    CLOSED = "resource_closed"
    NOTICE = "notice_short"
    NO_PLACE = "resource_unknown"
    ORDER = "out_of_order"
    LIMIT = "past_limit"
    NOT_READY = "before_ready"
    NO_PICK_UP = "no_pick_up"
    TOO_FAR = "beyond_calendar"


class Obstacle(Struct, frozen=True):
    """One thing in the way of a milestone; on a day, or on each of several days in a row."""

    milestone: str
    blocker: Blocker
    text: str
    day: date | None = None
    last: date | None = None

    @property
    def sentence(self) -> str:
        """In words: `COLL-A chair full Tue 8 Dec`."""
        if self.day is None:
            return self.text
        if self.last is None or self.last == self.day:
            return f"{self.text} {day_text(self.day)}"
        return f"{self.text} {day_text(self.day)} to {day_text(self.last)}"


REASONS_MAX: Final = 4


def in_short(reasons: Sequence[str], most: int = REASONS_MAX) -> str:
    """The first reasons in one sentence, and how many there are besides: nobody reads each week of a year."""
    more = len(reasons) - most
    return "; ".join((*reasons[:most], *((f"and {more} more",) if more > 0 else ())))


def span_text(span: timedelta) -> str:
    """A span as people say it: `25 s`, `0:42 h`, `6:13 h`, from two days on `3 d 4 h`."""
    if seconds := under_a_minute(span):
        return seconds
    minutes = int(span.total_seconds()) // 60
    if minutes < 48 * 60:
        return f"{minutes // 60}:{minutes % 60:02d} h"
    days, hours = minutes // 1440, minutes % 1440 // 60
    return f"{days} d {hours} h" if hours else f"{days} d"


def day_text(day: date) -> str:
    """A day as a planner says it: `Tue 8 Dec`."""
    return f"{day:%a} {day.day} {day:%b}"


def gathered(found: Iterable[Obstacle]) -> tuple[Obstacle, ...]:
    """Each obstacle once, in the order met, days in a row as one."""
    days: dict[tuple[str, Blocker, str], set[date]] = {}
    for one in found:
        met = days.setdefault((one.milestone, one.blocker, one.text), set())
        if one.day is not None:
            met.add(one.day)
    return tuple(
        obstacle
        for (milestone, blocker, text), met in days.items()
        for obstacle in (
            [Obstacle(milestone, blocker, text, first, last) for first, last in _runs(sorted(met))]
            or [Obstacle(milestone, blocker, text)]
        )
    )


def _runs(days: list[date]) -> Iterator[tuple[date, date]]:
    if not days:
        return
    first = days[0]
    for before, day in pairwise(days):
        if day - before > timedelta(days=1):
            yield first, before
            first = day
    yield first, days[-1]
