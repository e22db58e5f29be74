"""Trails as CSV (RFC 4180) that a spreadsheet opens without running anything.

The file is UTF-8 and begins with a byte order mark: without one a spreadsheet reads `°` or a name in the code
page of its machine. Python reads such a file as `utf-8-sig`.

A cell that begins with `=`, `+`, `-`, `@`, Tab, carriage return or an apostrophe gets one apostrophe before
it, so that no spreadsheet takes it for a formula. To have the value back, take one leading apostrophe off.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import fields
from operator import attrgetter
from typing import Final, TextIO

from tracker.exports.rows import TrailRow

GUARDED: Final = ("=", "+", "-", "@", "\t", "\r", "'")
"""The apostrophe is among them, so that taking one off is always right."""

BYTE_ORDER_MARK: Final = "\ufeff"

COLUMNS: Final = tuple(field.name for field in fields(TrailRow))
_CELLS: Final = attrgetter(*COLUMNS)


def write_csv(rows: Iterable[TrailRow], out: TextIO) -> None:
    """The byte order mark, a line of headings, then one line for each event."""
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([guarded(_words(cell)) for cell in _CELLS(row)])


def _words(cell: object) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return str(cell)


def guarded(cell: str) -> str:
    """The cell as it stands in the file."""
    return f"'{cell}" if cell.startswith(GUARDED) else cell
