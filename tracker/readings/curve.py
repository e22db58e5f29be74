"""The readings of a file as a curve that can be drawn: no more points than can be seen, and no peak lost."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tracker.readings.judge import GAP_INTERVALS, Stay
from tracker.readings.values import PARTS_PER_CELSIUS, Series, milliseconds, moment

STRIPES: Final = 400
"""A curve is seen in so many columns at most; each keeps its first, lowest, highest and last reading."""


@dataclass(frozen=True, slots=True)
class Point:
    """One reading."""

    at: datetime
    celsius: float


Run = tuple[Point, ...]
"""Readings without a gap between them."""


def curve_of(series: Series, stays: Iterable[Stay], *, stripes: int = STRIPES) -> tuple[Run, ...]:
    """The readings of these times, in order; where readings are missing one run ends and another begins."""
    return tuple(
        run for stay in sorted(stays, key=lambda one: one.since) for run in _runs(series, stay, stripes)
    )


def _runs(series: Series, stay: Stay, stripes: int) -> Iterator[Run]:
    since, until = milliseconds(stay.since), milliseconds(stay.until)
    first, last = bisect_left(series.at, since), bisect_left(series.at, until)
    longest = GAP_INTERVALS * (series.interval // timedelta(milliseconds=1))
    wide = max((until - since) // stripes, 1)
    begin = first
    for number in range(first + 1, last + 1):
        if number == last or series.at[number] - series.at[number - 1] > longest:
            yield tuple(_thinned(series, range(begin, number), wide))
            begin = number


def _thinned(series: Series, numbers: Sequence[int], wide: int) -> Iterator[Point]:
    """Of each stripe the readings by which it looks as it is."""
    at = series.at
    stripe: list[int] = []
    for number in numbers:
        if stripe and at[number] // wide != at[stripe[0]] // wide:
            yield from _seen(series, stripe)
            stripe = []
        stripe.append(number)
    yield from _seen(series, stripe)


def _seen(series: Series, stripe: Sequence[int]) -> Iterator[Point]:
    parts = series.parts
    kept = {stripe[0], stripe[-1], min(stripe, key=parts.__getitem__), max(stripe, key=parts.__getitem__)}
    return (Point(moment(series.at[one]), parts[one] / PARTS_PER_CELSIUS) for one in sorted(kept))
