"""HOBO loggers: what HOBOware and HOBOconnect export.

HOBOware writes the offset of its times into the title of their column, `Date Time, GMT-05:00`; it holds for
the whole file. HOBOconnect writes an abbreviation such as `ADT`, which names no offset, and no serial number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from tracker.readings.sheet import Rows, Sheet, channels_in, columns_named, offset_in, one_serial
from tracker.readings.values import Format

_TITLES_WITHIN: Final = 3
_LOGGER: Final = re.compile(r"LGR S/N:\s*([^,)]+)", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"#\s?(\d{4,12})\b", re.ASCII)
_HAPPENED: Final = (
    *("coupler", "host connected", "stopped", "end of file", "button", "started", "new interval"),
    *("bad battery", "good battery", "water detect", "logged", "file paused", "file continued"),
)
_END: Final = "end of file"


def sheet_of(rows: Rows) -> Sheet | None:
    """The sheet of a HOBO file; None where this is none."""
    for number, header in enumerate(rows[:_TITLES_WITHIN]):
        times = [*columns_named(header, "Date Time", "Date-Time")]
        channels = channels_in(header)
        if not times or not channels or times[0] > 1:
            continue
        line, time = number + 1, header[times[0]]
        ends = columns_named(header, _END)
        named = {channel.column for channel in channels}
        marks = tuple(one for one in columns_named(header, *_HAPPENED) if one not in named)
        return Sheet(
            Format.HOBOCONNECT if time.strip().startswith("Date-Time") else Format.HOBOWARE,
            line,
            cells_min=len(header),
            cells_max=len(header) + 1,
            day=times[0],
            channels=channels,
            serial=one_serial(_serials(header), line),
            offset=offset_in(time, line),
            end_mark=ends[0] if ends else None,
            marks=marks,
        )
    return None


def _serials(header: Sequence[str]) -> list[str]:
    text = "\n".join(header)
    return _LOGGER.findall(text) or _NUMBERED.findall(text)
