"""Median, quartiles, shares and counts over what was drawn, set side by side by site, carrier or month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from statistics import quantiles
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from schema.errors import InputError
from tracker.rules.measures.drawn import MILLISECONDS_PER_DAY, Drawn, Grouping, Outcome, Population
from tracker.rules.measures.table import MEASURES, MeasureName, MeasureRow, MeasureUnit

TOLD_FROM: Final = 5
"""Fewer values say little, and may be told apart: only their number is told."""

_PER_UNIT: Final = {MeasureUnit.DAYS: MILLISECONDS_PER_DAY, MeasureUnit.HOURS: 3_600_000}


class MeasureWish(Struct, frozen=True):
    """Which figures somebody wants."""

    by: Grouping | None = None
    first: date | None = None
    last: date | None = None
    """By the day that counts, at the site of each measure; both included."""

    site: str | None = None
    """Only what this site has a part in."""

    def __post_init__(self) -> None:
        """Raises InputError for days in the wrong order."""
        if self.first is not None and self.last is not None and self.last < self.first:
            raise InputError(
                f"The period ends on {self.last}, before it begins on {self.first}.",
                remedy="Give the earlier day first.",
                code="bad_period",
            )


class Figures(Struct, frozen=True):
    """What is known of one measure for one group."""

    count: int
    """How many values there are; of a share, of how many."""

    quartile_low: float | None = None
    """In the unit of the measure, as the two after it; None where there are fewer values than are told."""

    median: float | None = None
    quartile_high: float | None = None
    percent: float | None = None
    running: int = 0
    left_out: int = 0
    impossible: int = 0
    outside: int = 0
    """Of the values counted, those with a step against a rule behind them."""

    from_paper: int = 0
    """Of the values counted, those with a time that was read off paper."""


class MeasureLine(Struct, frozen=True):
    """The figures of one measure for one group; its group is empty where all are taken together."""

    name: MeasureName
    group: str
    figures: Figures

    @property
    def row(self) -> MeasureRow:
        """The measure."""
        return MEASURES[self.name]


class MeasuredValue(Struct, frozen=True, gc=False):
    """One value behind the figures, as somebody who checks them wants it."""

    name: MeasureName
    drawn: Drawn
    day: date | None
    """The day by which it counts; None while it runs."""


def measured(
    population: Population, wish: MeasureWish, *, with_days: bool = False
) -> Iterator[MeasuredValue]:
    """Every value that was asked for, of each measure that can be grouped as it was asked.

    The day of a time is looked up in the calendar of its site only where it is asked for.
    """
    with_days = with_days or wish.by is Grouping.MONTH or (wish.first or wish.last) is not None
    for name, row in MEASURES.items():
        if wish.by is not None and wish.by not in row.groupings:
            continue
        for drawn in row.draw(population):
            if wish.site is not None and wish.site not in drawn.sites:
                continue
            day = drawn.day
            if with_days and day is None and drawn.at is not None:
                day = population.day_of(drawn.site, drawn.at)
            if not with_days or _is_in(wish, day, population, drawn):
                yield MeasuredValue(name, drawn, day)


def _is_in(wish: MeasureWish, day: date | None, population: Population, drawn: Drawn) -> bool:
    """What runs belongs to a period that is not over."""
    if day is None:
        return wish.last is None or wish.last >= population.day_of(drawn.site, population.now)
    return (wish.first is None or day >= wish.first) and (wish.last is None or day <= wish.last)


def lines(values: Iterable[MeasuredValue], by: Grouping | None) -> tuple[MeasureLine, ...]:
    """The figures by measure, and in each by group; without a grouping every measure has one line."""
    found: dict[MeasureName, dict[str, list[Drawn]]] = {
        name: {} if by is not None else {"": []}
        for name, row in MEASURES.items()
        if by is None or by in row.groupings
    }
    for one in values:
        group = "" if by is None else _group(one, by)
        if group is not None and one.name in found:
            found[one.name].setdefault(group, []).append(one.drawn)
    return tuple(
        MeasureLine(name, group, figures(MEASURES[name], found[name][group]))
        for name in found
        for group in sorted(found[name])
    )


def told_value(row: MeasureRow, drawn: Drawn) -> float:
    """A value in the unit of its measure; of a share, how many of those it is of."""
    per_unit = _PER_UNIT.get(row.unit)
    return drawn.value if per_unit is None else drawn.value / per_unit


def _group(one: MeasuredValue, by: Grouping) -> str | None:
    if by is Grouping.MONTH:
        return None if one.day is None else f"{one.day:%Y-%m}"
    return one.drawn.site if by is Grouping.SITE else one.drawn.words.get(by, "")


def figures(row: MeasureRow, drawn: Sequence[Drawn]) -> Figures:
    """Of some values of one measure."""
    counted = [one for one in drawn if one.outcome is Outcome.COUNTED]
    told = Figures(
        count=sum(one.of for one in counted) if row.unit is MeasureUnit.PERCENT else len(counted),
        running=sum(one.outcome is Outcome.RUNNING for one in drawn),
        left_out=sum(one.outcome is Outcome.LEFT_OUT for one in drawn),
        impossible=sum(one.outcome is Outcome.IMPOSSIBLE for one in drawn),
        outside=sum(one.is_outside for one in counted),
        from_paper=sum(one.is_from_paper for one in counted),
    )
    if told.count < TOLD_FROM:
        return told
    if row.unit is MeasureUnit.PERCENT:
        return replace(told, percent=100 * sum(one.value for one in counted) / told.count)
    per_unit = _PER_UNIT.get(row.unit)
    if per_unit is None:
        return told
    # As QUARTILE.INC of a spreadsheet: the values are all there are, and no sample of others.
    spent = [one.value / per_unit for one in counted]
    low, middle, high = quantiles(spent, n=4, method="inclusive")
    return replace(told, quartile_low=low, median=middle, quartile_high=high)
