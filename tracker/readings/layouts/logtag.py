"""LogTag loggers: lines of two cells that say what it is, then lines of an index, day, time and temperature.

The file names no offset, so a person has to say by which clock its times are.
"""

from __future__ import annotations

from typing import Final

from tracker.readings.sheet import Rows, Sheet, channels_in, columns_named, labeled, one_serial, span_of
from tracker.readings.values import Format

_SERIAL: Final = "Serial #"
_INTERVAL: Final = "Reading interval"
_HEAD_WITHIN: Final = 80


def sheet_of(rows: Rows) -> Sheet | None:
    """The sheet of a LogTag file; None where this is none."""
    number = next((one for one, row in enumerate(rows[:_HEAD_WITHIN]) if len(row) > 3), None)
    if number is None:
        return None
    said: dict[str, str] = {}
    for label, value in labeled(rows, number):
        said.setdefault(label, value)
    header = rows[number]
    days, clocks = columns_named(header, "Date"), columns_named(header, "Time")
    channels = channels_in(header)
    if _SERIAL not in said or _INTERVAL not in said or not (days and clocks and channels):
        return None
    return Sheet(
        Format.LOGTAG,
        number + 1,
        cells_min=len(header),
        cells_max=len(header),
        day=days[0],
        clock=clocks[0],
        channels=channels,
        serial=one_serial([said[_SERIAL]], number + 1),
        interval=span_of(said[_INTERVAL]),
    )
