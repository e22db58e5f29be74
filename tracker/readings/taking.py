"""Takes the readings of a file line by line, and puts them in order of time."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from operator import add, sub
from typing import Final, TypeVar

from schema.counting import counted
from schema.instants import format_offset
from schema.vocabulary import KnownFrom, TemperatureUnit
from tracker.readings.cells import Clocks, Days, Temperatures, spreadsheet_ms
from tracker.readings.refusals import BadFile
from tracker.readings.sheet import Channel, Sheet
from tracker.readings.text import Content, cut_off
from tracker.readings.values import FORMAT_TITLES, Declared, Series, milliseconds, moment

T = TypeVar("T", TemperatureUnit, str, timedelta)

_ASKED: Final = {
    "unit": ("unit_unknown", "in which unit it is", "--unit celsius or --unit fahrenheit"),
    "serial": ("serial_unknown", "which logger it is of", "--serial and the number on the logger"),
    "offset": ("zone_unknown_in_file", "by which clock its times are", "--zone, as +01:00 or Europe/Berlin"),
}


def agreed(sheet: Sheet, what: str, said: T | None, declared: T | None) -> T:
    """What the file says, else what a person does; raises BadFile where nobody does, or they differ."""
    if said is not None and declared is not None and said != declared:
        raise BadFile(
            sheet.header_line,
            _shown(said),
            f"is what the file says, and {_shown(declared)} was given.",
            remedy=f"Leave out --{'zone' if what == 'offset' else what}, or take the right file.",
            code=f"{what}_differs",
        )
    found = said if said is not None else declared
    if found is None:
        code, question, option = _ASKED[what]
        raise BadFile(
            sheet.header_line,
            FORMAT_TITLES[sheet.file_format],
            f"does not say {question}.",
            remedy=f"Say {option}, if you know it. Nothing was recorded.",
            code=code,
        )
    return found


def _shown(value: TemperatureUnit | str | timedelta) -> str:
    return format_offset(value) if isinstance(value, timedelta) else str(value)


@dataclass
class Taking:
    """Takes the readings out of the lines of a file, and holds them as columns of numbers."""

    sheet: Sheet
    channel: Channel
    temperatures: Temperatures
    days: Days

    clocks: Clocks = field(default_factory=Clocks)
    day: array[int] = field(default_factory=lambda: array("i"))
    clock: array[int] = field(default_factory=lambda: array("i"))
    """Milliseconds of the day; where days are counted with a part of one, those since 1970."""

    parts: array[int] = field(default_factory=lambda: array("i"))
    lines: array[int] = field(default_factory=lambda: array("i"))
    ended: bool = False

    def take(self, rows: Iterator[tuple[int, list[str]]], content: Content) -> None:
        """Every line from below the titles to the end; raises BadFile at the first that is not certain."""
        sheet = self.sheet
        if sheet.days_counted:
            self.clock = array("q")
        for _ in zip(range(sheet.header_line), rows, strict=False):
            pass
        line = self._lines(rows)
        if sheet.ends is not None:
            line = self._rest(rows, line)
        elif not content.ends_with_line and not self.ended:
            raise cut_off(line, "")
        if sheet.end_mark is not None and not self.ended:
            raise cut_off(line, "")
        if not self.parts:
            raise BadFile(
                sheet.header_line,
                FORMAT_TITLES[sheet.file_format],
                "is followed by no reading.",
                code="no_readings",
            )
        if sheet.count is not None and sheet.count != len(self.parts):
            raise BadFile(line, str(len(self.parts)), f"are its readings, and its head says {sheet.count}.")

    def _lines(self, rows: Iterator[tuple[int, list[str]]]) -> int:
        """Every reading, each text read once and then looked up; gives the number of the last line."""
        sheet, column, day_column, clock_column = (
            self.sheet,
            self.channel.column,
            self.sheet.day,
            self.sheet.clock,
        )
        days, clocks, known = self.days.known.get, self.clocks.known.get, self.temperatures.known.get
        add_day, add_clock = self.day.append, self.clock.append
        add_parts, add_line = self.parts.append, self.lines.append
        low, high, end_mark = sheet.cells_min, sheet.cells_max, sheet.end_mark
        counted, zeros, between = sheet.days_counted, sheet.zeros, " "
        line = sheet.header_line
        for line, row in rows:
            if not low <= len(row) <= high or self.ended:
                if self._is_end(line, row):
                    return line
                continue
            if zeros:
                self._require_good(line, row)
            if end_mark is not None and row[end_mark]:
                self.ended = True
            cell, when = row[column], row[day_column]
            if not cell and self._is_mark(line, row):
                continue
            if clock_column is not None:
                day, clock = when, row[clock_column]
            elif counted:
                day, clock = "", when
            else:
                day, _, clock = when.partition(between)
                if not clock:
                    between = "T" if "T" in when else " "
                    day, _, clock = when.strip().partition(between)
            known_day, known_clock, parts = days(day), clocks(clock), known(cell)
            if known_day is None or known_clock is None or parts is None:
                known_day, known_clock, parts = self._new(line, day, clock, cell)
            add_day(known_day)
            add_clock(known_clock)
            add_parts(parts)
            add_line(line)
        return line

    def _new(self, line: int, day: str, clock: str, cell: str) -> tuple[int, int, int]:
        """What was not seen before in one of the cells of a reading."""
        if self.sheet.days_counted:
            when, known_day = spreadsheet_ms(clock, line), 0
        else:
            known = self.days.known.get(day)
            known_day = self.days.read(day, line) if known is None else known
            at = self.clocks.known.get(clock)
            when = self.clocks.read(clock, line) if at is None else at
        parts = self.temperatures.known.get(cell)
        return known_day, when, self.temperatures.read(cell, line) if parts is None else parts

    def _is_end(self, line: int, row: Sequence[str]) -> bool:
        """Whether a line that is no reading ends them; an empty one does not. Raises BadFile for others."""
        if not row:
            return False
        if self.ended:
            raise BadFile(line, ",".join(row), "comes after the line that is marked as the end.")
        ends = self.sheet.ends
        if ends is None or not row[0].strip().startswith(ends):
            said = f"has {counted(len(row), 'cell')}, and the titles are {self.sheet.cells_min}."
            raise BadFile(line, ",".join(row), said)
        self.ended = True
        return True

    def _is_mark(self, line: int, row: Sequence[str]) -> bool:
        """Whether a line without a temperature says what happened to the logger; raises BadFile otherwise."""
        if any(row[one].strip() for one in self.sheet.marks):
            return True
        raise BadFile(line, ",".join(row), "has no temperature, and nothing says why.")

    def _require_good(self, line: int, row: Sequence[str]) -> None:
        """Raise BadFile for a reading whose status is not the one that says it is good."""
        wrong = next((row[one] for one in self.sheet.zeros if row[one].strip() not in ("0", "")), None)
        if wrong is not None:
            raise BadFile(line, wrong, "is a status that cartrail does not know.")

    def _rest(self, rows: Iterator[tuple[int, list[str]]], line: int) -> int:
        """What comes after the end of the readings: the file has to be whole."""
        if not self.ended:
            raise cut_off(line, self.sheet.ends or "")
        found = self.sheet.after is None
        last = line
        for last, row in rows:  # noqa: B007  the last is the end
            found = found or (bool(row) and row[0].startswith(self.sheet.after or ""))
        if not found:
            raise cut_off(last, self.sheet.after or "")
        return last

    def readings(self, declared: Declared, serial: str, not_after: datetime) -> Series:
        """The readings in order of time; raises BadFile for times that contradict each other."""
        offset, clock = self._clock(declared)
        begins = [0] if self.sheet.days_counted else self.days.begins()
        shift = offset // timedelta(milliseconds=1)
        starts = [one - (0 if self.clocks.has_offsets else shift) for one in begins]
        at = array("q", map(add, map(starts.__getitem__, self.day), self.clock))
        self.day, self.clock = array("i"), array("i")
        self._require_past(at, milliseconds(not_after))
        at, parts, repeated = self._ordered(at, self.parts)
        return Series(
            self.sheet.file_format,
            serial,
            KnownFrom.DECLARED if self.sheet.serial is None else KnownFrom.IN_FILE,
            offset,
            clock,
            self.temperatures.unit,
            at,
            parts,
            repeated,
            self.sheet.interval,
        )

    def _clock(self, declared: Declared) -> tuple[timedelta, KnownFrom]:
        if self.clocks.has_offsets:
            return timedelta(), KnownFrom.IN_FILE
        said = self.sheet.offset
        found = agreed(self.sheet, "offset", said, declared.offset)
        return found, KnownFrom.DECLARED if said is None else KnownFrom.IN_FILE

    def _require_past(self, at: array[int], latest: int) -> None:
        if max(at) > latest:
            index = next(index for index, when in enumerate(at) if when > latest)
            raise BadFile(
                self.lines[index],
                f"{moment(at[index]):%Y-%m-%d %H:%M} UTC",
                "is still to come: the logger's clock was wrong.",
                remedy="Check --zone and the logger's clock. If it was wrong, open a deviation. "
                "Nothing was recorded.",
                code="reading_ahead",
            )

    def _ordered(self, at: array[int], parts: array[int]) -> tuple[array[int], array[int], int]:
        """Times that rise; a file may be the newest first, and say a reading twice."""
        lines = self.lines
        self.lines = array("i")
        least, most = _steps(at)
        if most <= 0 and least < 0:
            for column in (at, parts, lines):
                column.reverse()
            least, most = -most, -least
        if len(at) == 1 or least > 0:
            return at, parts, 0
        kept_at, kept_parts, last = array("q", at[:1]), array("i", parts[:1]), lines[0]
        for index, step in enumerate(map(sub, islice(at, 1, None), at), 1):
            if step < 0:
                raise _back(at, lines, index)
            if step == 0 and parts[index] != kept_parts[-1]:
                raise _two_values(at[index], last, lines[index])
            if step > 0:
                kept_at.append(at[index])
                kept_parts.append(parts[index])
                last = lines[index]
        return kept_at, kept_parts, len(at) - len(kept_at)


def _steps(at: Sequence[int]) -> tuple[int, int]:
    """The least and the greatest step from one time to the next; none is no step."""
    # Loggers have few different steps, so a set of them is small.
    steps = {*map(sub, islice(at, 1, None), at)} or {0}
    return min(steps), max(steps)


def _back(at: Sequence[int], lines: Sequence[int], index: int) -> BadFile:
    first, second = sorted((lines[index - 1], lines[index]))
    earlier, later = (f"{moment(at[one]):%Y-%m-%d %H:%M:%S} UTC" for one in (index, index - 1))
    return BadFile(
        second,
        earlier,
        f"is out of order beside {later} on line {first}: its clock was set, or it is two files.",
    )


def _two_values(at: int, first: int, second: int) -> BadFile:
    one, other = sorted((first, second))
    return BadFile(other, f"{moment(at):%Y-%m-%d %H:%M:%S} UTC", f"has another temperature on line {one}.")
