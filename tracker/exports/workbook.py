"""Trails as a spreadsheet (XLSX) of several sheets, in which no cell is ever a formula or a link.

A spreadsheet knows no offset: each date is the local time of where it happened, with its offset in the column
beside it and the exact instant, in UTC, as text.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO, Final

from schema.errors import InputError
from tracker.exports.dossiers import Dossier
from tracker.exports.sheets import SHEETS, Cell, Column, Kind
from tracker.exports.wording import Heading

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

CELL_MAX: Final = 32_767
"""Characters that a cell holds, by the format."""

ROWS_MAX: Final = 1_048_576
_CUT: Final = " [cut here: a cell holds 32,767 characters; the JSON form has all]"
_DATE: Final = "yyyy-mm-dd hh:mm:ss"
_TIMES: Final = (
    "Each date is the local time of where it happened; the column beside it has the offset from UTC, and the "
    "column named UTC the exact instant as text."
)
_EVIDENCE: Final = (
    "This file is for reading. The evidence is the stored entries: `cartrail trail --format json`, or "
    "a bundle of `cartrail export`."
)


def write_workbook(dossiers: Iterable[Dossier], heading: Heading, out: BinaryIO) -> None:
    """One sheet for each thing that is listed, and one that says what the file is."""
    from xlsxwriter import Workbook

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = Workbook(out, options)
    book.set_properties(
        {"title": heading.title, "subject": heading.origin, "created": heading.at.replace(tzinfo=None)}
    )
    sheets = [_Sheet(book, name, columns) for name, (columns, _) in SHEETS.items()]
    for dossier in dossiers:
        for sheet, (_, rows_of) in zip(sheets, SHEETS.values(), strict=True):
            for row in rows_of(dossier):
                sheet.add(row)
    for sheet in sheets:
        sheet.finish()
    _about(book, heading)
    book.close()


class _Sheet:
    """A table of one kind of thing, written line by line."""

    def __init__(self, book: Workbook, name: str, columns: tuple[Column, ...]) -> None:
        self._sheet: Worksheet = book.add_worksheet(name)
        self._columns = columns
        self._lines = 1
        self._formats: dict[Kind, Format] = {
            Kind.TEXT: book.add_format({"valign": "top", "text_wrap": True, "num_format": "@"}),
            Kind.TIME: book.add_format({"valign": "top", "align": "left", "num_format": _DATE}),
            Kind.NUMBER: book.add_format({"valign": "top", "num_format": "0"}),
            Kind.DECIMAL: book.add_format({"valign": "top", "num_format": "0.0"}),
        }
        head = book.add_format({"bold": True, "bottom": 2, "valign": "bottom", "text_wrap": True})
        for at, column in enumerate(columns):
            self._sheet.set_column(at, at, column.width)
            self._sheet.write_string(0, at, column.title, head)
        self._sheet.freeze_panes(1, 2)
        self._sheet.set_landscape()
        self._sheet.set_paper(9)
        self._sheet.fit_to_pages(1, 0)
        self._sheet.repeat_rows(0)
        self._sheet.set_footer(f"&L{name}&RPage &P of &N")

    def add(self, row: tuple[Cell, ...]) -> None:
        """One more line; raises InputError where the format has no room for it."""
        if self._lines >= ROWS_MAX:
            raise InputError(
                f"A sheet holds {ROWS_MAX - 1} lines, and there are more.",
                remedy="Choose fewer therapies or days, or use csv or json.",
                code="too_long",
            )
        for at, (column, cell) in enumerate(zip(self._columns, row, strict=True)):
            if cell is None or cell == "":
                continue
            form = self._formats[column.kind]
            if isinstance(cell, datetime):
                self._sheet.write_datetime(self._lines, at, cell.replace(tzinfo=None), form)
            elif isinstance(cell, str):
                self._sheet.write_string(self._lines, at, _fitting(cell), form)
            else:
                self._sheet.write_number(self._lines, at, cell, form)
        self._lines += 1

    def finish(self) -> None:
        """Let every column be filtered."""
        self._sheet.autofilter(0, 0, max(self._lines - 1, 1), len(self._columns) - 1)


def _about(book: Workbook, heading: Heading) -> None:
    sheet = book.add_worksheet("about")
    bold = book.add_format({"bold": True, "valign": "top"})
    text = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 100)
    told = (*heading.lines(), ("Times", _TIMES), ("Evidence", _EVIDENCE))
    for line, (name, words) in enumerate(told):
        sheet.write_string(line, 0, name, bold)
        sheet.write_string(line, 1, _fitting(words), text)


def _fitting(cell: str) -> str:
    return cell if len(cell) <= CELL_MAX else cell[: CELL_MAX - len(_CUT)] + _CUT
