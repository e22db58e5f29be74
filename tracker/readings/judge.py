"""Holds readings against what cells bear: for how long they were outside, how far, and what nobody knows.

A reading holds until the next one (half-open), so times outside are weighed by time. Where the next one is
more than two intervals away, it holds for one interval and the rest is unknown: unknown is never good.
Nothing is judged but the time in which the cells were beside the logger.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import islice
from typing import Final

from schema.vocabulary import ExposureVerdict
from tracker.readings.values import Series, celsius, milliseconds, moment, parts_of

GAP_INTERVALS: Final = 2
"""After so many intervals without a reading some are missing."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A time in which cells were beside the logger; its end is none of it."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Bounds:
    """What cells bear: the temperatures of their band, both included, and how much outside it."""

    celsius_min: Decimal | None
    celsius_max: Decimal | None
    longest: timedelta = timedelta()
    """One excursion."""

    total: timedelta | None = None
    """All of them in their life."""

    peak: Decimal | None = None
    """Beyond it they are lost, however short it was; above the band, or below it."""

    count: int | None = None
    """How many excursions in their life."""


@dataclass(frozen=True, slots=True)
class Before:
    """What happened to cells before these readings."""

    outside: timedelta = timedelta()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Excursion:
    """A time without a break in which the temperature was outside."""

    began_at: datetime
    ended_at: datetime
    peak: str
    """The temperature furthest outside, in degrees Celsius."""

    @property
    def lasted(self) -> timedelta:
        """For how long."""
        return self.ended_at - self.began_at


@dataclass(frozen=True, slots=True)
class Exposure:
    """What readings say of a time in which cells were beside the logger."""

    excursions: tuple[Excursion, ...]
    unknown: tuple[Stay, ...]
    """Without a reading."""

    peak: Decimal | None
    """The temperature furthest outside, exactly; None where none was."""

    peak_celsius: str | None
    """The same as the record writes it, never nearer to the band than it was."""

    worst: tuple[timedelta, ...]
    """How long each time without a break was if all that is unknown was outside too."""

    @property
    def outside(self) -> timedelta:
        """For how long in all it was outside."""
        return sum((one.lasted for one in self.excursions), timedelta())

    @property
    def longest(self) -> timedelta:
        """For how long without a break."""
        return max((one.lasted for one in self.excursions), default=timedelta())

    @property
    def unknown_for(self) -> timedelta:
        """For how long nobody knows."""
        return sum((one.until - one.since for one in self.unknown), timedelta())


@dataclass(frozen=True, slots=True)
class _Piece:
    """A time that is not known to be inside, in milliseconds; without a temperature it is unknown."""

    since: int
    until: int
    parts: int | None


def found_in(readings: Series, windows: Iterable[Stay], bounds: Bounds) -> Exposure:
    """What the readings say of these times, which do not overlap, by the band of the cells."""
    low = None if bounds.celsius_min is None else parts_of(bounds.celsius_min)
    high = None if bounds.celsius_max is None else parts_of(bounds.celsius_max)
    pieces = [
        piece
        for window in sorted(windows, key=lambda one: one.since)
        for piece in _pieces(readings, milliseconds(window.since), milliseconds(window.until), low, high)
    ]
    outside = [group for group in _joined(pieces) if group[0].parts is not None]
    unknown = [group for group in _joined(pieces) if group[0].parts is None]
    furthest = [_furthest(group, low, high) for group in outside]
    peak = max(furthest, key=lambda one: _distance(one, low, high), default=None)
    return Exposure(
        tuple(
            Excursion(moment(group[0].since), moment(group[-1].until), _shown(parts, high))
            for group, parts in zip(outside, furthest, strict=True)
        ),
        tuple(Stay(moment(group[0].since), moment(group[-1].until)) for group in unknown),
        None if peak is None else _exactly(peak),
        None if peak is None else _shown(peak, high),
        tuple(
            timedelta(milliseconds=group[-1].until - group[0].since)
            for group in _joined(pieces, together=True)
        ),
    )


def _pieces(
    readings: Series, since: int, until: int, low: Decimal | None, high: Decimal | None
) -> Iterator[_Piece]:
    """The parts of one window that are outside or unknown, in order of time."""
    at, parts = readings.at, readings.parts
    interval = readings.interval // timedelta(milliseconds=1)
    if since < at[0]:
        yield _Piece(since, min(at[0], until), None)
    first, last = max(bisect_right(at, since) - 1, 0), bisect_left(at, until)
    # Parts are whole numbers, and comparing those with each other is much faster than with a Decimal.
    floor = min(parts) if low is None else math.ceil(low)
    ceiling = max(parts) if high is None else math.floor(high)
    longest = GAP_INTERVALS * interval
    ends = islice(at, first + 1, last + 1)
    for begin, end, value in zip(islice(at, first, last), ends, islice(parts, first, last), strict=False):
        known = end - begin <= longest
        if known and floor <= value <= ceiling:
            continue
        inside = floor <= value <= ceiling
        held = end if known else begin + interval
        yield from _cut(since, until, begin, held, end, None if inside else value)
    if last == len(at):
        inside = floor <= parts[-1] <= ceiling
        end = max(until, at[-1] + interval)
        yield from _cut(since, until, at[-1], at[-1] + interval, end, None if inside else parts[-1])


def _cut(since: int, until: int, begin: int, held: int, end: int, outside: int | None) -> Iterator[_Piece]:
    """What one reading adds within a window: outside while it held, and unknown from then on."""
    if outside is not None and max(begin, since) < min(held, until):
        yield _Piece(max(begin, since), min(held, until), outside)
    if max(held, since) < min(end, until):
        yield _Piece(max(held, since), min(end, until), None)


def _joined(pieces: Sequence[_Piece], *, together: bool = False) -> Iterator[list[_Piece]]:
    """Pieces that touch each other; what is outside and what is unknown apart, or together."""
    group: list[_Piece] = []
    for piece in pieces:
        alike = not group or together or (group[-1].parts is None) == (piece.parts is None)
        if group and (group[-1].until != piece.since or not alike):
            yield group
            group = []
        group.append(piece)
    if group:
        yield group


def _furthest(group: Sequence[_Piece], low: Decimal | None, high: Decimal | None) -> int:
    return max(
        (piece.parts for piece in group if piece.parts is not None), key=lambda one: _distance(one, low, high)
    )


def _distance(parts: int, low: Decimal | None, high: Decimal | None) -> Decimal:
    above = Decimal(0) if high is None else parts - high
    below = Decimal(0) if low is None else low - parts
    return max(above, below)


def _shown(parts: int, high: Decimal | None) -> str:
    """A peak is never shown nearer to its band than it was."""
    return celsius(parts, ROUND_CEILING if high is not None and parts > high else ROUND_FLOOR)


def _exactly(parts: int) -> Decimal:
    return parts / parts_of(Decimal(1))


def broken(found: Exposure, bounds: Bounds, before: Before) -> tuple[str, ...]:
    """Which of the bounds outside the band were passed, by name; those of a life count what was before."""
    count = len(found.excursions)
    rules = {
        "too_long": found.longest > bounds.longest,
        "too_far": _too_far(found, bounds),
        "too_long_in_all": _too_long(bounds, before.outside, found.outside),
        "too_often": bounds.count is not None and count > 0 and before.count + count > bounds.count,
    }
    return tuple(rule for rule, passed in rules.items() if passed)


def verdict_of(found: Exposure, bounds: Bounds, before: Before) -> ExposureVerdict:
    """What these readings say of cells that bear so much; unknown time counts against them."""
    if broken(found, bounds, before):
        return ExposureVerdict.OUTSIDE
    if not found.unknown:
        return ExposureVerdict.WITHIN
    doubtful = (
        bounds.peak is not None
        or max(found.worst) > bounds.longest
        or _too_long(bounds, before.outside, sum(found.worst, timedelta()))
    )
    return ExposureVerdict.NOT_JUDGEABLE if doubtful else ExposureVerdict.WITHIN


def _too_long(bounds: Bounds, before: timedelta, now: timedelta) -> bool:
    """Whether it is more than is allowed in a life, to which these readings added."""
    return bounds.total is not None and now > timedelta() and before + now > bounds.total


def _too_far(found: Exposure, bounds: Bounds) -> bool:
    if bounds.peak is None or found.peak is None:
        return False
    above = bounds.celsius_max is not None and bounds.peak > bounds.celsius_max
    return found.peak > bounds.peak if above else found.peak < bounds.peak
