"""Trails as a spreadsheet (XLSX) of several sheets, in which no cell is ever a formula or a link.

A spreadsheet knows no offset: each date is the local time of where it happened, with its offset in the
column beside it and the exact instant, in UTC, as text.

It prints as it is read: in the size of its type, on as many pages side by side as its columns need, therapy
and sequence and the headings on each. A row is at most as high as a spreadsheet shows; what is longer goes on
in the next row, so that nothing is cut.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO, Final

from schema.errors import InputError
from tracker.exports.columns import (
    REPEATED,
    THERAPY,
    Cell,
    CellKind,
    Column,
    Course,
    Row,
    Rows,
    for_programs,
    moment_cells,
    time_columns,
)
from tracker.exports.dossiers import Dossier
from tracker.exports.judged_sheets import JUDGED_SHEETS
from tracker.exports.release_tests import results_of
from tracker.exports.wording import Heading
from tracker.views.aftercare import after_lines
from tracker.views.making import made_steps
from tracker.views.marks import transitions

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet


CELL_MAX: Final = 32_767
"""Characters that a cell holds, by the format."""

ROWS_MAX: Final = 1_048_576
ROW_LINES_MAX: Final = 24
"""Lines of text in one row: a spreadsheet makes no row higher than 409 points, and hides the rest."""

CONTINUED: Final = "(continued) "

PAGE_PIXELS: Final = 1046
"""The width of A4 across between margins of 10 mm, at 96 to the inch."""

PRINT_PERCENT: Final = 75
"""Of type of 11 points: what is printed has 8."""

_BY_WIDTH: Final = 0.8
"""Characters of a text to a column's width: capitals and codes are wider than the digits it is counted in."""
_DATE: Final = "yyyy-mm-dd hh:mm:ss"
_TIMES: Final = (
    "Each date is the local time of where it happened; the column beside it has the offset from UTC, and the "
    "column named UTC the exact instant as text."
)
_PRINTING: Final = (
    "Each sheet prints on as many pages side by side as its columns need. The columns event id, act, digests "
    "and facts (JSON) of the sheet events are for programs and stay on the screen. A text longer than a row "
    'can be high goes on in the next row, which begins with "(continued)".'
)
_EVIDENCE: Final = (
    "This file is for reading. The evidence is the stored entries: `cartrail trail --format json`, or "
    "a bundle of `cartrail export`."
)


EVENTS: Final = (
    *THERAPY, *time_columns("happened"), *time_columns("recorded"), Column("what", 34), Column("kind", 22),
    Column("units", 26), Column("said", 60), Column("read", 50), Column("by", 24), Column("site", 10),
    Column("station", 13),
    Column("custody from here", 32), Column("marks", 30), Column("signatures", 46), Column("entry mode", 11),
    Column("entered by", 12), Column("earlier state", 30), for_programs("event id", 37),
    for_programs("act", 37), for_programs("entry digest", 66), for_programs("statement digest", 66),
    for_programs("facts (JSON)", 60),
)  # fmt: skip
SIGNATURES: Final = (
    *THERAPY, Column("event id", 37), Column("kind", 22), Column("what", 34), Column("meaning", 16),
    Column("staff id", 12), Column("printed name", 24), *time_columns("signed"), Column("key", 18),
    Column("signature (Ed25519, Base64)", 90),
)  # fmt: skip
CUSTODY: Final = (
    *THERAPY, Column("unit", 13), Column("material", 14), Column("custodian", 34), Column("site", 10),
    Column("place", 24), *time_columns("from"), *time_columns("until"), Column("hours", 9, CellKind.DECIMAL),
    Column("ended by sequence", 9, CellKind.NUMBER),
)  # fmt: skip
READS: Final = (
    *THERAPY, Column("event id", 37), Column("kind", 22), Column("field", 14), Column("code", 40),
    Column("mode", 10), Column("read off", 16),
)  # fmt: skip
TESTS: Final = (
    *THERAPY, Column("event id", 37), Column("manufacture", 11, CellKind.NUMBER), Column("test", 18),
    Column("title", 34), Column("result", 16),
    Column("unit of measure", 14), Column("limit", 14), Column("limit is met", 10), Column("basis", 40),
    Column("sample", 13), Column("corrected", 30),
    Column("repeats", 20), Column("reviewed", 30), *time_columns("happened"),
)  # fmt: skip


MANUFACTURE: Final = (
    *THERAPY, Column("event id", 37), Column("manufacture", 11, CellKind.NUMBER), Column("step", 18),
    Column("title", 34), Column("units", 26), *time_columns("began"), *time_columns("ended"),
    Column("instruments", 34), Column("lots", 50), Column("measured", 40), Column("moved", 40),
    Column("by", 12),
)  # fmt: skip


AFTER: Final = (
    *THERAPY, Column("event id", 37), *time_columns("was so"), Column("what", 24), Column("result", 22),
    Column("details", 60), Column("units given before", 26), Column("by", 12),
)  # fmt: skip


def events(dossier: Dossier, _: Course) -> Iterator[Row]:
    """A line for each event."""
    for event in dossier.events:
        row, statement = event.row, event.entry.statement
        yield (
            row.chain, row.sequence,
            *moment_cells(statement.occurred_at, statement.offset),
            *moment_cells(event.entry.recorded_at, statement.offset),
            row.title, row.kind, row.units, "\n".join(event.said), "\n".join(event.read),
            row.actor, row.site, row.station, row.custody, row.marks,
            row.signatures, row.entry_mode, row.entered_by,
            row.as_of, row.event_id, statement.act, row.digest, row.statement_digest, row.payload,
        )  # fmt: skip


def signatures(dossier: Dossier, _: Course) -> Iterator[Row]:
    """A line for each signature."""
    for event in dossier.events:
        for one in event.entry.signatures:
            yield (
                event.row.chain, event.row.sequence, event.row.event_id, event.row.kind, event.row.title,
                one.meaning.value, one.signer, one.name if dossier.disclosure.names else "",
                *moment_cells(one.signed_at, event.entry.statement.offset), one.key, one.value,
            )  # fmt: skip


def custody(dossier: Dossier, _: Course) -> Iterator[Row]:
    """A line for each time that a custodian had a unit at a place, where the events asked for touch it."""
    shown = {event.entry.sequence for event in dossier.events}
    for holding in dossier.holdings:
        ending = holding.until.sequence if holding.until is not None else None
        if holding.since.sequence not in shown and ending not in shown:
            continue
        since, until = holding.since.statement, holding.until.statement if holding.until is not None else None
        took = None if until is None else (until.occurred_at - since.occurred_at).total_seconds() / 3600
        yield (
            dossier.chain, holding.since.sequence, holding.unit, holding.material, holding.custodian,
            holding.site, holding.place, *moment_cells(since.occurred_at, since.offset),
            *moment_cells(until.occurred_at if until else None, until.offset if until else ""), took, ending,
        )  # fmt: skip


def reads(dossier: Dossier, _: Course) -> Iterator[Row]:
    """A line for each code that was read and compared."""
    for event in dossier.events:
        for read in event.entry.statement.reads:
            code = read.code if isinstance(read.code, str) else f"commitment {read.code.commitment}"
            yield (
                event.row.chain, event.row.sequence, event.row.event_id, event.row.kind,
                read.field, code, read.mode.value, read.carrier.replace("_", " "),
            )  # fmt: skip


def tests(dossier: Dossier, _: Course) -> Iterator[Row]:
    """A line for each result of a release test."""
    for one in results_of(dossier):
        statement = one.entry.statement
        yield (
            dossier.chain, one.entry.sequence, statement.event_id, one.attempt, one.test, one.title,
            one.result, one.unit, one.limit, one.verdict, one.basis, one.sample, one.corrected,
            one.repeats, one.reviewed,
            *moment_cells(statement.occurred_at, statement.offset),
        )  # fmt: skip


def manufacture(dossier: Dossier, _: Course) -> Iterator[Row]:
    """A line for each step of the process."""
    for one in made_steps((event.entry for event in dossier.events), dossier.protocol, dossier.registry):
        statement = one.entry.statement
        yield (
            dossier.chain, one.entry.sequence, statement.event_id, one.attempt, one.step, one.title,
            "\n".join(one.units), *moment_cells(one.started_at, statement.offset),
            *moment_cells(one.ended_at, statement.offset), "\n".join(one.instruments), "\n".join(one.lots),
            "\n".join(one.measured), "\n".join(one.moves), statement.actor,
        )  # fmt: skip


def after(dossier: Dossier, _: Course) -> Iterator[Row]:
    """A line for each thing that was recorded after the infusion."""
    for one in after_lines((event.entry for event in dossier.events), dossier.protocol):
        statement = one.entry.statement
        yield (
            dossier.chain, one.entry.sequence, statement.event_id, *moment_cells(one.at, statement.offset),
            one.what, one.result, "\n".join(one.details), "\n".join(one.units), statement.actor,
        )  # fmt: skip


SHEETS: Final[Mapping[str, tuple[tuple[Column, ...], Rows]]] = {
    "events": (EVENTS, events),
    "signatures": (SIGNATURES, signatures),
    "custody": (CUSTODY, custody),
    "reads": (READS, reads),
    "manufacture": (MANUFACTURE, manufacture),
    "tests": (TESTS, tests),
    "after": (AFTER, after),
    **JUDGED_SHEETS,
}


def write_workbook(dossiers: Iterable[Dossier], heading: Heading, out: BinaryIO) -> None:
    """One sheet for each thing that is listed, and one that says what the file is.

    What it keeps on the disk meanwhile goes with it, also where that is full; the file itself is put together
    in memory, for a half one could not even be closed there.
    """
    whole = io.BytesIO()
    with tempfile.TemporaryDirectory(prefix="cartrail-xlsx-") as folder:
        _put_together(dossiers, heading, whole, folder)
    out.write(whole.getbuffer())


def _put_together(dossiers: Iterable[Dossier], heading: Heading, out: BinaryIO, folder: str) -> None:
    from xlsxwriter import Workbook

    options = {
        "constant_memory": True,
        "tmpdir": folder,
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
        course = Course(tuple(transitions(dossier.entries)), heading.standing_at)
        for sheet, (_, rows_of) in zip(sheets, SHEETS.values(), strict=True):
            for row in rows_of(dossier, course):
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
        self._formats: dict[CellKind, Format] = {
            CellKind.TEXT: book.add_format({"valign": "top", "text_wrap": True, "num_format": "@"}),
            CellKind.TIME: book.add_format({"valign": "top", "align": "left", "num_format": _DATE}),
            CellKind.NUMBER: book.add_format({"valign": "top", "num_format": "0"}),
            CellKind.DECIMAL: book.add_format({"valign": "top", "num_format": "0.0"}),
        }
        head = book.add_format({"bold": True, "bottom": 2, "valign": "bottom", "text_wrap": True})
        for at, column in enumerate(columns):
            self._sheet.set_column(at, at, column.width)
            self._sheet.write_string(0, at, column.title, head)
        self._sheet.freeze_panes(1, REPEATED)
        self._sheet.set_landscape()
        self._sheet.set_paper(9)
        self._sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        self._sheet.set_print_scale(PRINT_PERCENT)
        self._sheet.set_v_pagebreaks(page_breaks(columns))
        self._sheet.print_across()
        self._sheet.repeat_rows(0)
        self._sheet.repeat_columns(0, REPEATED - 1)
        self._sheet.set_footer(f"&L{name}&RPage &P of &N")

    def add(self, row: tuple[Cell, ...]) -> None:
        """One more line, or several where a text is long; raises InputError where there is no room."""
        pieces = [
            _pieces(cell, column) if isinstance(cell, str) else [cell]
            for column, cell in zip(self._columns, row, strict=True)
        ]
        for number in range(max(map(len, pieces))):
            repeated = (one[0] if at < REPEATED else None for at, one in enumerate(pieces))
            self._write(
                tuple(
                    one[number] if number < len(one) else again
                    for one, again in zip(pieces, repeated, strict=True)
                )
            )

    def _write(self, row: tuple[Cell, ...]) -> None:
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
                self._sheet.write_string(self._lines, at, cell, form)
            else:
                self._sheet.write_number(self._lines, at, cell, form)
        self._lines += 1

    def finish(self) -> None:
        """Let every column be filtered, and those for people be printed."""
        printed = sum(column.printed for column in self._columns)
        self._sheet.print_area(0, 0, max(self._lines - 1, 1), printed - 1)
        self._sheet.autofilter(0, 0, max(self._lines - 1, 1), len(self._columns) - 1)


def _about(book: Workbook, heading: Heading) -> None:
    sheet = book.add_worksheet("about")
    bold = book.add_format({"bold": True, "valign": "top"})
    text = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 100)
    facts = (*heading.lines(), ("Times", _TIMES), ("Printing", _PRINTING), ("Evidence", _EVIDENCE))
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    for line, (name, words) in enumerate(facts):
        sheet.write_string(line, 0, name, bold)
        sheet.write_string(line, 1, words, text)


def page_breaks(columns: Sequence[Column]) -> list[int]:
    """The columns before which a new page begins, so that each page is as wide as the paper at most."""
    room = PAGE_PIXELS * 100 // PRINT_PERCENT
    repeated = sum(column.pixels for column in columns[:REPEATED])
    found, taken = [], 0
    for at, column in enumerate(one for one in columns if one.printed):
        if taken + column.pixels > room:
            found.append(at)
            taken = repeated
        taken += column.pixels
    return found


def _pieces(text: str, column: Column) -> list[str]:
    """A text as the cells that hold it, one below the other; one of a column for programs is cut anywhere."""
    if not column.printed or len(text) <= column.width * _BY_WIDTH:
        return [text[at : at + CELL_MAX] for at in range(0, len(text), CELL_MAX)] or [""]
    across = int(column.width * _BY_WIDTH)
    pieces: list[list[str]] = [[]]
    room = ROW_LINES_MAX
    for line in _lines(text, across * (ROW_LINES_MAX - 1)):
        high = -(-len(line) // across) or 1
        if high > room:
            pieces.append([])
            room = ROW_LINES_MAX - 1
        pieces[-1].append(line)
        room -= high
    return [("" if at == 0 else CONTINUED) + "\n".join(lines) for at, lines in enumerate(pieces)]


def _lines(text: str, longest: int) -> Iterator[str]:
    """The lines of a text, those that are too long for a row cut, at a blank where there is one."""
    for line in text.split("\n"):
        rest = line
        while len(rest) > longest:
            at = rest.rfind(" ", longest // 2, longest) + 1 or longest
            yield rest[:at]
            rest = rest[at:]
        yield rest
