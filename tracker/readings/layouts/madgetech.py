"""MadgeTech loggers: what the MadgeTech software writes in its versions 2 and 4.

Version 2 names an offset, and no source says whether its times are by that offset or by UTC: where the two
differ, a person has to say by which clock they are. Version 4 names none.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from schema.vocabulary import TemperatureUnit
from tracker.readings.refusals import BadFile
from tracker.readings.sheet import Channel, Rows, Sheet, channels_in, columns_named, one_serial
from tracker.readings.values import Format

_BEGINS: Final = "%DATA MadgeTech Data File"
_READINGS: Final = "[Reading]"
_ZONE: Final = re.compile(r"TZUTC([+-])(\d{6})\|.*", re.ASCII)
_RATE: Final = re.compile(r"R(\d{1,5})([HMS])", re.ASCII)
_SECONDS: Final = {"S": 1, "M": 60, "H": 3600}
_UNITS: Final = {"UNITDEGREESC": TemperatureUnit.CELSIUS, "UNITDEGREESF": TemperatureUnit.FAHRENHEIT}
_BLOCK: Final = ("Device Name", "Model", "Serial Number")
_ROW: Final = ("Reading #", "Date", "Time")


def sheet_of_2(rows: Rows) -> Sheet | None:
    """The sheet of a file of version 2; None where this is none."""
    if not rows or not rows[0] or _BEGINS not in rows[0][0]:
        return None
    starts = [number for number, row in enumerate(rows) if row and row[0].strip() == _READINGS]
    if not starts or starts[0] + 1 >= len(rows):
        raise BadFile(1, _BEGINS, "is not followed by any readings.", code="no_readings")
    start, header = starts[0], rows[starts[0] + 1]
    said = {
        row[0].strip(): (row[1].strip(), number + 1)
        for number, row in enumerate(rows[:start])
        if len(row) == 2
    }
    titles = [title.strip().strip("#").strip() for title in header]
    beside = columns_named(header, "Status", "Annotation", "Selections")
    columns = [column for column in range(2, len(titles)) if column not in beside]
    channels = tuple(_channels(columns, titles, said))
    if not channels:
        raise BadFile(
            start + 2, ",".join(titles), "names no column with temperatures.", code="no_temperature"
        )
    return Sheet(
        Format.MADGETECH_2,
        start + 2,
        cells_min=len(header),
        cells_max=len(header),
        day=1,
        days_counted=True,
        channels=channels,
        serial=one_serial([said.get("SerialNumber", ("", 0))[0]], 1),
        offset=_same_clock(said.get("TimeZone")),
        interval=_rate(said.get("ReadingRate")),
        count=_count(said.get("Series")),
        ends="[End Reading]",
        zeros=columns_named(header, "StatusByte"),
    )


def _channels(columns: list[int], titles: list[str], said: dict[str, tuple[str, int]]) -> list[Channel]:
    found = []
    for number, column in enumerate(columns):
        kind = said.get(f"UnitType({number})", ("", 0))[0]
        if kind == "UTYPTEMPERATURE":
            unit, line = said.get(f"TemperatureUnit({number})", ("", 0))
            if unit and unit not in _UNITS:
                raise BadFile(line, unit, "is a unit that cartrail does not know.")
            found.append(Channel(column, titles[column], _UNITS.get(unit)))
    return found


def _same_clock(said: tuple[str, int] | None) -> timedelta | None:
    """No offset at all: only then local time and UTC are one."""
    if said is None:
        return None
    found = _ZONE.fullmatch(said[0])
    if found is None:
        raise BadFile(said[1], said[0], "is no time zone as MadgeTech writes it.")
    return timedelta() if int(found[2]) == 0 else None


def _rate(said: tuple[str, int] | None) -> timedelta | None:
    if said is None:
        return None
    found = _RATE.fullmatch(said[0])
    if found is None or int(found[1]) == 0:
        raise BadFile(said[1], said[0], "is no rate of readings in seconds, minutes or hours.")
    return timedelta(seconds=int(found[1]) * _SECONDS[found[2]])


def _count(said: tuple[str, int] | None) -> int | None:
    if said is None:
        return None
    if not (said[0].isascii() and said[0].isdecimal()):
        raise BadFile(said[1], said[0], "is no number of readings.")
    return int(said[0])


def sheet_of_4(rows: Rows) -> Sheet | None:
    """The sheet of a file of version 4; None where this is none."""
    if not rows or tuple(cell.strip() for cell in rows[0][:3]) != _BLOCK:
        return None
    for number, header in enumerate(rows[:40]):
        if tuple(cell.strip() for cell in header[:3]) == _ROW:
            channels = channels_in(header)
            if not channels:
                break
            return Sheet(
                Format.MADGETECH_4,
                number + 1,
                cells_min=len(header),
                cells_max=len(header),
                day=1,
                clock=2,
                channels=channels,
                serial=one_serial((row[2] for row in rows[1:2] if len(row) > 2), 2),
            )
    raise BadFile(1, ", ".join(_BLOCK), "is not followed by a column of temperatures.", code="no_temperature")
