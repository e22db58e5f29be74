"""cartrail's own layout, for a logger of which no genuine file was seen.

Lines `serial,NUMBER` and, where times have no offset, `zone,+01:00`; `interval_s,600` may say how far apart
readings are. Then the titles `time,celsius` or `time,fahrenheit`, and a line for each reading. A time is
`2026-12-01T08:00:00Z`, with an offset instead of Z, or `2026-12-01 08:00:00`.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from schema.vocabulary import DayOrder, TemperatureUnit
from tracker.readings.cells import offset_of
from tracker.readings.refusals import BadFile
from tracker.readings.sheet import Channel, Rows, Sheet, one_serial
from tracker.readings.values import Format

_TITLES: Final = {
    ("time", "celsius"): TemperatureUnit.CELSIUS,
    ("time", "fahrenheit"): TemperatureUnit.FAHRENHEIT,
}
_WORDS: Final = ("serial", "zone", "interval_s")
_OFFSET: Final = re.compile(r"[+-]\d\d:\d\d", re.ASCII)


def sheet_of(rows: Rows) -> Sheet | None:
    """The sheet of a file in cartrail's own layout; None where this is none."""
    said: dict[str, tuple[str, int]] = {}
    for number, row in enumerate(rows[:10]):
        cells = tuple(cell.strip() for cell in row)
        unit = _TITLES.get(cells[:2]) if len(cells) == 2 else None
        if unit is not None:
            return Sheet(
                Format.GENERIC,
                number + 1,
                cells_min=2,
                cells_max=2,
                day=0,
                channels=(Channel(1, cells[1], unit),),
                serial=one_serial([said.get("serial", ("", 0))[0]], 1),
                offset=_zone(said.get("zone")),
                days=DayOrder.YEAR_FIRST,
                interval=_interval(said.get("interval_s")),
            )
        if len(cells) != 2 or cells[0] not in _WORDS or cells[0] in said:
            return None
        said[cells[0]] = cells[1], number + 1
    return None


def _zone(said: tuple[str, int] | None) -> timedelta | None:
    if said is None:
        return None
    if said[0] in ("Z", "UTC"):
        return timedelta()
    offset = offset_of(said[0]) if _OFFSET.fullmatch(said[0]) else None
    if offset is None:
        raise BadFile(said[1], said[0], "is no offset such as +01:00.")
    return offset


def _interval(said: tuple[str, int] | None) -> timedelta | None:
    if said is None:
        return None
    if not (said[0].isascii() and said[0].isdecimal()) or not 0 < int(said[0]) <= 86_400:
        raise BadFile(said[1], said[0], "is no number of seconds between readings.")
    return timedelta(seconds=int(said[0]))
