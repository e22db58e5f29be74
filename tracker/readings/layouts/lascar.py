"""Lascar loggers: what EasyLog writes, for loggers with a name and for the older EL-USB.

EasyLog writes the order of a day into its title. The EL-USB writes its serial number on the first line of
readings alone. Neither names an offset.
"""

from __future__ import annotations

import re
from typing import Final

from schema.vocabulary import DayOrder
from tracker.readings.sheet import Rows, Sheet, channels_in, columns_named, labeled, one_serial
from tracker.readings.values import Format

_ORDERS: Final = {
    "ymd": DayOrder.YEAR_FIRST,
    "mdy": DayOrder.MONTH_FIRST,
    "dmy": DayOrder.DAY_FIRST,
}
_NAMED: Final = "Logger Name:"
_DATE: Final = re.compile(r"Date \(([DMY]+)/([DMY]+)/([DMY]+)\)", re.IGNORECASE)
_SERIAL: Final = re.compile(r"(?:Logger )?Serial (?:Number|No\.?|#)", re.IGNORECASE)
_HEAD_WITHIN: Final = 40


def sheet_of(rows: Rows) -> Sheet | None:
    """The sheet of an EasyLog file with the logger's name; None where this is none."""
    if not rows or not rows[0] or not rows[0][0].strip().startswith(_NAMED):
        return None
    for number, header in enumerate(rows[:_HEAD_WITHIN]):
        days, clocks = columns_named(header, "Date ("), columns_named(header, "Time (")
        channels = channels_in(header)
        if days and clocks and channels:
            order = _order(header[days[0]])
            said = (value for label, value in labeled(rows, number) if _SERIAL.fullmatch(label))
            return Sheet(
                Format.LASCAR,
                number + 1,
                cells_min=len(header),
                cells_max=len(header),
                day=days[0],
                clock=clocks[0],
                channels=channels,
                serial=one_serial(said, number + 1),
                days=order,
            )
    return None


def _order(title: str) -> DayOrder | None:
    found = _DATE.match(title.strip())
    if found is None:
        return None
    letters = "".join(part[0].lower() for part in found.groups())
    return _ORDERS.get(letters)


def sheet_of_el_usb(rows: Rows) -> Sheet | None:
    """The sheet of an EL-USB file; None where this is none."""
    header = [cell.strip() for cell in rows[0]] if rows else []
    channels = channels_in(header[2:3])
    serials = columns_named(header, "Serial Number")
    if len(header) < 4 or header[1] != "Time" or not channels or serials != (len(header) - 1,):
        return None
    column = serials[0]
    return Sheet(
        Format.EL_USB,
        1,
        cells_min=column,
        cells_max=column + 1,
        day=1,
        channels=channels_in(["", "", header[2]]),
        serial=one_serial((row[column] for row in rows[1:2] if len(row) > column), 2),
    )
