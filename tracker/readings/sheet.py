"""What a layout finds in the head of a file: where its readings stand, and what the head says of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from schema.vocabulary import DayOrder, TemperatureUnit
from tracker.readings.cells import offset_of
from tracker.readings.refusals import BadFile
from tracker.readings.values import Format

Rows = Sequence[Sequence[str]]
"""The first lines of a file as cells; what is not there yet is not looked at."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A column with temperatures."""

    column: int
    title: str
    unit: TemperatureUnit | None = None
    """None where the head does not say it."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where the readings of one file stand, and what it says of itself."""

    file_format: Format
    header_line: int
    """The line above the first reading, counted from 1."""

    cells_min: int
    cells_max: int
    day: int
    """The column of the day, of day and time in one cell, or of a day counted as spreadsheets do."""

    channels: tuple[Channel, ...]
    clock: int | None = None
    """The column of the time of day, where it is one of its own."""

    days_counted: bool = False
    """Whether days are counted from 1900 with the time as a fraction."""

    serial: str | None = None
    offset: timedelta | None = None
    days: DayOrder | None = None
    interval: timedelta | None = None
    count: int | None = None
    """How many readings the file says it has."""

    ends: str | None = None
    """How the first cell of the line begins that ends the readings."""

    after: str | None = None
    """How a further line begins that has to come then, where the file is whole."""

    end_mark: int | None = None
    """The column in which the last line is marked as the end."""

    marks: tuple[int, ...] = ()
    """Columns of what happened to the logger: a line with such a mark may be without a temperature."""

    zeros: tuple[int, ...] = ()
    """Columns in which only 0 says that a reading is good."""

    quoted: bool = True
    """Whether cells may stand in quotation marks."""


_CHANNEL: Final = re.compile(
    r"(?P<what>temp(?:erature)?|[a-z]-type|celsius|fahrenheit)\b(?P<rest>.*)", re.IGNORECASE | re.DOTALL
)
UNIT_OF_LETTER: Final = {"C": TemperatureUnit.CELSIUS, "F": TemperatureUnit.FAHRENHEIT}
"""As it stands behind a degree sign."""

_UNIT: Final = re.compile(r"[\s,(]*(?:[°º˚?�*]|deg(?:rees)?)?\s*(?P<unit>[CF])(?=[\s(),#]|$)")


def channel_of(column: int, title: str) -> Channel | None:
    """The temperatures under a title such as `Temp, °C (LGR S/N: 1)`; None for a title of something else."""
    found = _CHANNEL.match(title.strip().lstrip("#").strip())
    if found is None:
        return None
    what = found["what"].lower()
    if what in ("celsius", "fahrenheit"):
        return Channel(column, title, TemperatureUnit(what))
    unit = _UNIT.match(found["rest"])
    return Channel(column, title, None if unit is None else UNIT_OF_LETTER[unit["unit"]])


def channels_in(header: Sequence[str]) -> tuple[Channel, ...]:
    """Every column with temperatures."""
    found = (channel_of(column, title) for column, title in enumerate(header))
    return tuple(one for one in found if one is not None)


def columns_named(header: Sequence[str], *beginnings: str) -> tuple[int, ...]:
    """The columns whose titles begin with one of these words, whatever their case."""
    words = tuple(one.lower() for one in beginnings)
    return tuple(
        column
        for column, title in enumerate(header)
        if title.strip().lstrip("#").strip().lower().startswith(words)
    )


def one_serial(found: Iterable[str], line: int) -> str | None:
    """The serial number that a head names; raises BadFile where it names several."""
    serials = tuple(dict.fromkeys(one.strip() for one in found if one.strip()))
    if len(serials) > 1:
        raise BadFile(line, " and ".join(serials), "are two loggers: a file is of one.")
    return serials[0] if serials else None


_GMT: Final = re.compile(r"(?:GMT|UTC)\s*([+-]\d\d:\d\d)?", re.IGNORECASE | re.ASCII)


def offset_in(text: str, line: int) -> timedelta | None:
    """The offset of `GMT-05:00`, which never follows the change of clocks; None where none is named."""
    found = _GMT.search(text)
    if found is None:
        return None
    if found[1] is None:
        return timedelta()
    offset = offset_of(found[1])
    if offset is None:
        raise BadFile(line, text, "names an offset that no clock has.")
    return offset


_SPAN: Final = re.compile(r"(\d{1,5})\s*(second|minute|hour|sec|min|hr|s|m|h)s?\b", re.IGNORECASE | re.ASCII)
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600}


def span_of(text: str) -> timedelta | None:
    """How long `5 minutes` is; None for what is no such span, or none at all."""
    found = _SPAN.match(text.strip())
    if found is None or int(found[1]) == 0:
        return None
    return timedelta(seconds=int(found[1]) * _SECONDS[found[2][0].lower()])


def labeled(rows: Rows, before: int) -> Iterator[tuple[str, str]]:
    """The label and the value of each line of the head that has both."""
    for row in rows[:before]:
        if len(row) >= 2 and row[0].strip():
            yield row[0].strip().rstrip(":"), row[1].strip()
