"""Single cells of a logger's file: days, times of day and temperatures, each text read once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

from schema.instants import YEARS
from schema.measured import TEMPERATURE
from schema.vocabulary import DayOrder, TemperatureUnit
from tracker.readings.refusals import BadFile
from tracker.readings.values import DECIMALS_MAX, PARTS_PER_CELSIUS

DAY_MS: Final = 86_400_000
_MILLION: Final = 10**DECIMALS_MAX
_FREEZING: Final = 32 * _MILLION
_LOWEST: Final = int(TEMPERATURE.minimum) * PARTS_PER_CELSIUS
_HIGHEST: Final = int(TEMPERATURE.maximum) * PARTS_PER_CELSIUS
_NUMBER: Final = re.compile(r"([+-]?)(\d{1,4})(?:([.,])(\d{1,6}))?", re.ASCII)
_YEAR_FIRST: Final = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", re.ASCII)
_YEAR_LAST: Final = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d\d)", re.ASCII)
_CLOCK: Final = re.compile(
    r"(\d{1,2})([:.])(\d\d)(?:\2(\d\d)(?:[.,](\d{1,3}))?)?(?:\s?([AP])\.?M\.?)?\s?(Z|[+-]\d\d:\d\d)?",
    re.ASCII | re.IGNORECASE,
)
_TODAY: Final = date(1970, 1, 1).toordinal()


@dataclass(slots=True)
class Temperatures:
    """Reads temperatures of one unit, all with the same decimal sign."""

    unit: TemperatureUnit
    known: dict[str, int] = field(default_factory=dict)
    """Parts by the text that a cell has."""

    sign: str = ""

    def read(self, cell: str, line: int) -> int:
        """The parts of a cell that was not seen before; raises BadFile."""
        found = _NUMBER.fullmatch(cell.strip())
        if found is None:
            raise BadFile(line, cell, "is no temperature.")
        minus, whole, sign, decimals = found.groups()
        if sign is not None and sign != (self.sign or sign):
            raise BadFile(
                line, cell, f'has "{sign}" as decimal sign, and lines before it have "{self.sign}".'
            )
        self.sign = sign or self.sign
        millionths = int(whole) * _MILLION + int((decimals or "0").ljust(DECIMALS_MAX, "0"))
        if minus == "-":
            millionths = -millionths
        parts = 9 * millionths if self.unit is TemperatureUnit.CELSIUS else 5 * (millionths - _FREEZING)
        if not _LOWEST <= parts <= _HIGHEST:
            raise BadFile(
                line,
                cell,
                f"is no possible temperature: {TEMPERATURE.range}, and the file is in {self.unit}.",
            )
        self.known[cell] = parts
        return parts


@dataclass(slots=True)
class Clocks:
    """Reads times of day, all written alike: with or without AM and PM, with or without an offset."""

    known: dict[str, int] = field(default_factory=dict)
    """Milliseconds of the day by the text of a cell; those with an offset are by UTC."""

    style: tuple[bool, bool] | None = None

    @property
    def has_offsets(self) -> bool:
        """Whether each time says by which clock it is."""
        return self.style is not None and self.style[1]

    def read(self, text: str, line: int) -> int:
        """The milliseconds of a time that was not seen before; raises BadFile."""
        found = _CLOCK.fullmatch(text.strip())
        if found is None:
            raise BadFile(line, text, "is no time of day.")
        hours, _, minutes, seconds, fraction, half, offset = found.groups()
        style = half is not None, offset is not None
        if style != (self.style or style):
            raise BadFile(line, text, "is a time written otherwise than those before it.")
        hour = int(hours)
        if half is not None:
            if not 1 <= hour <= 12:
                raise BadFile(line, text, "is no time of a clock with twelve hours.")
            hour = hour % 12 + (12 if half in "Pp" else 0)
        if hour > 23 or int(minutes) > 59 or int(seconds or 0) > 59:
            raise BadFile(line, text, "is no time of day.")
        self.style = style
        at = ((hour * 60 + int(minutes)) * 60 + int(seconds or 0)) * 1000
        at += int((fraction or "0").ljust(3, "0")) - _offset_ms(offset, line)
        self.known[text] = at
        return at


def _offset_ms(text: str | None, line: int) -> int:
    if text is None or text in "Zz":
        return 0
    found = offset_of(text)
    if found is None:
        raise BadFile(line, text, "is no offset of a clock from UTC.")
    return found // timedelta(milliseconds=1)


def offset_of(text: str) -> timedelta | None:
    """An offset from UTC such as `+01:00`; None for one that no clock has."""
    hours, minutes = int(text[1:3]), int(text[4:6])
    if minutes > 59 or hours * 60 + minutes > 14 * 60:
        return None
    ahead = timedelta(hours=hours, minutes=minutes)
    return -ahead if text[0] == "-" else ahead


@dataclass(slots=True)
class Days:
    """Reads days in the order in which they come, and finds in which order their parts are written."""

    order: DayOrder | None
    """As the layout or a person says; where neither does, it has to follow from the days themselves."""

    known: dict[str, int] = field(default_factory=dict)
    """The place of a day in `texts` by its text."""

    texts: list[tuple[str, int]] = field(default_factory=list)
    """Each day as it is written, with the line on which it came first."""

    def read(self, text: str, line: int) -> int:
        """The place of a day that was not seen before; raises BadFile for what is no day in any order."""
        if not any(_day(text, order) for order in self._orders()):
            raise BadFile(line, text, "is no day.")
        self.known[text] = len(self.texts)
        self.texts.append((text, line))
        return self.known[text]

    def _orders(self) -> tuple[DayOrder, ...]:
        return tuple(DayOrder) if self.order is None else (DayOrder.YEAR_FIRST, self.order)

    def begins(self) -> list[int]:
        """When each day of `texts` begins, in milliseconds since 1970; raises BadFile if not certain.

        A day such as 07/08/16 is certain where only one order makes every text a day, or where in only one
        order each day follows upon the one before it.
        """
        orders = [order for order in self._orders() if all(_day(text, order) for text, _ in self.texts)]
        if not orders:
            raise self._mixed()
        found = [[_begin(text, order) for text, _ in self.texts] for order in orders]
        alike = [one for number, one in enumerate(found) if one not in found[:number]]
        if len(alike) > 1:
            alike = [one for one in alike if len(one) > 1 and _follow(one)]
        if len(alike) == 1:
            return alike[0]
        text, line = self.texts[0]
        raise BadFile(
            line,
            text,
            "may be two days: the month first, or the day first.",
            remedy="Say which, as --dates month_first or --dates day_first. Nothing was recorded.",
            code="day_order_unknown",
        )

    def _mixed(self) -> BadFile:
        for order in self._orders():
            wrong = [(text, line) for text, line in self.texts if not _day(text, order)]
            if wrong and wrong[0] != self.texts[0]:
                return BadFile(wrong[0][1], wrong[0][0], "is a day written otherwise than those before it.")
        return BadFile(self.texts[0][1], self.texts[0][0], "is a day written otherwise than others.")


def _follow(begins: list[int]) -> bool:
    """Whether each day is the next one, or each the one before."""
    steps = {later - earlier for earlier, later in pairwise(begins)}
    return steps in ({DAY_MS}, {-DAY_MS})


def _day(text: str, order: DayOrder) -> date | None:
    pattern = _YEAR_FIRST if order is DayOrder.YEAR_FIRST else _YEAR_LAST
    found = pattern.fullmatch(text.strip())
    if found is None:
        return None
    first, _, second, third = found.groups()
    if order is DayOrder.YEAR_FIRST:
        year, month, day = int(first), int(second), int(third)
    else:
        year = int(third) if len(third) == 4 else 2000 + int(third)
        month, day = (int(first), int(second)) if order is DayOrder.MONTH_FIRST else (int(second), int(first))
    try:
        on = date(year, month, day)
    except ValueError:
        return None
    return on if YEARS[0] <= year <= YEARS[1] else None


def is_day(cell: str) -> bool:
    """Whether a cell begins with a day, in whatever order, or is one as a spreadsheet counts it."""
    text = cell.strip().partition("T" if "T" in cell else " ")[0]
    return any(_day(text, order) for order in DayOrder) or _SERIAL_DAY.fullmatch(text) is not None


def _begin(text: str, order: DayOrder) -> int:
    on = _day(text, order)
    return 0 if on is None else (on.toordinal() - _TODAY) * DAY_MS


_SERIAL_DAY: Final = re.compile(r"(\d{5,6})(?:[.,](\d{1,15}))?", re.ASCII)
_SPREADSHEET: Final = date(1899, 12, 30).toordinal()


def spreadsheet_ms(cell: str, line: int) -> int:
    """Milliseconds since 1970 of a day that a spreadsheet counted, to the nearest second; raises BadFile."""
    found = _SERIAL_DAY.fullmatch(cell.strip())
    if found is None:
        raise BadFile(line, cell, "is no day counted from 1900.")
    days, fraction = found.groups()
    on = _SPREADSHEET + int(days)
    if not date(YEARS[0], 1, 1).toordinal() <= on < date(YEARS[1] + 1, 1, 1).toordinal():
        raise BadFile(line, cell, f"is before {YEARS[0]} or after {YEARS[1]}.")
    seconds = round(Decimal(f"0.{fraction or 0}") * 86_400)
    return (on - _TODAY) * DAY_MS + seconds * 1000
