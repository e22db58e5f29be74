"""Measures as a file: CSV, JSON lines, or a spreadsheet of all groupings with every value behind them.

In a CSV a cell that a spreadsheet would run has an apostrophe before it; in the spreadsheet text is text and
numbers are numbers, so that somebody can compute with them. No file names a patient.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import orjson

from schema.errors import InputError
from schema.instants import format_instant
from tracker.exports.csvs import BYTE_ORDER_MARK, guarded
from tracker.exports.files import whole_file
from tracker.rules.measures.drawn import Grouping, Outcome
from tracker.rules.measures.figures import TOLD_FROM, MeasuredValue, MeasureLine, told_value
from tracker.rules.measures.table import MEASURES
from tracker.views.measures import MeasureReport

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

Cell = str | int | float | None
Record = Mapping[str, Cell]

_ALL: Final = "all"
_DECIMALS: Final = 4
_BESIDE: Final = frozenset({"running", "left_out", "impossible", "outside_rules", "from_paper"})
_NOTHING: Final[tuple[tuple[Cell, ...], ...]] = ((None, ""), (None, "", 0))
"""Cells in which nothing stands; of what is told beside a figure also no one."""

_WIDTH_MAX: Final = 46
_DEFINITION_WIDTH: Final = 100


def figure_records(report: MeasureReport, by: Grouping | None) -> Iterator[Record]:
    """One flat record for each measure and group."""
    yield from (figure_record(report, line, by) for line in report.told_by(by))


def figure_record(report: MeasureReport, line: MeasureLine, by: Grouping | None) -> Record:
    """A line for a program; a figure that is not told is empty."""
    told, row = line.figures, line.row
    return {
        "measure": line.name.value,
        "title": row.title,
        "unit": row.unit.value,
        "by": "" if by is None else by.value,
        "group": line.group,
        "group_title": report.titles.get(line.group, _reason_words(line.group, by)),
        "n": told.count,
        "quartile_low": _rounded(told.quartile_low),
        "median": _rounded(told.median),
        "quartile_high": _rounded(told.quartile_high),
        "percent": _rounded(told.percent),
        "running": told.running,
        "left_out": told.left_out,
        "impossible": told.impossible,
        "outside_rules": told.outside,
        "from_paper": told.from_paper,
        "first_day": "" if report.wish.first is None else report.wish.first.isoformat(),
        "last_day": "" if report.wish.last is None else report.wish.last.isoformat(),
        "site": report.wish.site or "",
    }


def _reason_words(group: str, by: Grouping | None) -> str:
    return group.replace("_", " ") if by is Grouping.REASON else ""


def value_records(report: MeasureReport) -> Iterator[Record]:
    """One flat record for each value behind the figures, and for each that has none, with why."""
    yield from map(_value_record, report.values)


def _value_record(one: MeasuredValue) -> Record:
    drawn, row = one.drawn, MEASURES[one.name]
    is_counted = drawn.outcome is Outcome.COUNTED
    return {
        "measure": one.name.value,
        "title": row.title,
        "unit": row.unit.value,
        "about": drawn.about,
        "outcome": drawn.outcome.value,
        "value": _rounded(told_value(row, drawn)) if is_counted else None,
        "of": drawn.of if is_counted else None,
        "since": "" if drawn.since is None else format_instant(drawn.since),
        "at": "" if drawn.at is None else format_instant(drawn.at),
        "day": "" if one.day is None else one.day.isoformat(),
        "site": drawn.site,
        **{by.value: drawn.words.get(by, "") for by in Grouping if by not in (Grouping.SITE, Grouping.MONTH)},
        "outside_rules": "yes" if drawn.is_outside else "",
        "from_paper": "yes" if drawn.is_from_paper else "",
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DECIMALS)


def write_measures(report: MeasureReport, path: Path, *, is_of_values: bool = False) -> None:
    """Write the file, whole or not at all; raises InputError for a name of no form there is."""
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise InputError(
            f"{path.name[:60]} is no form that measures have.",
            remedy="Name a file that ends in .csv, .json or .xlsx.",
            code="form_unknown",
        )
    with whole_file(path) as file:
        write(report, file, is_of_values)


def write_records(records: Iterable[Record], file: BinaryIO) -> None:
    """A line of headings and one for each record; where there is none, nothing but the byte order mark."""
    out = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out)
    for number, record in enumerate(records):
        if not number:
            writer.writerow(record)
        writer.writerow(["" if cell is None else _as_text(cell) for cell in record.values()])
    out.detach()


def _as_text(cell: Cell) -> str:
    """A number is never guarded: what stands before a negative one is no formula."""
    return guarded(cell) if isinstance(cell, str) else str(cell)


def _csv(report: MeasureReport, file: BinaryIO, is_of_values: bool) -> None:  # noqa: FBT001  a row of a table
    records = value_records(report) if is_of_values else figure_records(report, report.wish.by)
    write_records(records, file)


def _json(report: MeasureReport, file: BinaryIO, is_of_values: bool) -> None:  # noqa: FBT001  a row of a table
    records = value_records(report) if is_of_values else figure_records(report, report.wish.by)
    file.writelines(orjson.dumps(record) + b"\n" for record in records)


def new_workbook(whole: io.BytesIO, title: str) -> Workbook:
    """A spreadsheet in which text is text, whatever it begins with."""
    from xlsxwriter import Workbook

    as_text = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = Workbook(whole, {**as_text, "in_memory": True})
    book.set_properties({"title": title})
    return book


def _workbook(report: MeasureReport, file: BinaryIO, _: bool) -> None:  # noqa: FBT001  a row of a table
    """What it is, then a sheet for each grouping that was asked for, or all; then definitions and values.

    A half one could not be closed on a full disk, so it is made in memory.
    """
    whole = io.BytesIO()
    book = new_workbook(whole, "Measures")
    _about(book, report)
    asked: Sequence[Grouping | None] = (None, *Grouping) if report.wish.by is None else (report.wish.by,)
    for by in asked:
        write_sheet(book, _ALL if by is None else f"by {by.value}", [*figure_records(report, by)], _FIGURES)
    write_sheet(book, "values", [*value_records(report)], _VALUES)
    book.close()
    file.write(whole.getbuffer())


_FIGURES: Final = {
    "title": "measure",
    "unit": "unit",
    "group": "group",
    "group_title": "called",
    "n": "n",
    "quartile_low": "lower quartile",
    "median": "median",
    "quartile_high": "upper quartile",
    "percent": "percent",
    "running": "running",
    "left_out": "left out",
    "impossible": "impossible",
    "outside_rules": "against a rule",
    "from_paper": "from paper",
}
_VALUES: Final = {
    "title": "measure",
    "unit": "unit",
    "about": "of",
    "outcome": "outcome",
    "value": "value",
    "of": "of how many",
    "since": "since (UTC)",
    "at": "until (UTC)",
    "day": "day",
    "site": "site",
    "carrier": "carrier",
    "lane": "lane",
    "protocol": "protocol",
    "resource": "resource",
    "reason": "reason",
    "outside_rules": "against a rule",
    "from_paper": "from paper",
}
"""What of a record stands in a sheet, with its heading."""


def write_sheet(book: Workbook, name: str, records: Sequence[Record], headings: Mapping[str, str]) -> None:
    """A table that can be filtered; a column in which nothing stands is left out."""
    filled = {key for one in records for key, cell in one.items() if cell not in _NOTHING[key in _BESIDE]}
    shown = {key: title for key, title in headings.items() if key in filled} or {"title": "measure"}
    sheet = book.add_worksheet(name)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.freeze_panes(1, 1)
    sheet.set_footer(f"&L{name}&RPage &P of &N")
    head = book.add_format({"bold": True, "bottom": 2, "valign": "bottom", "text_wrap": True})
    text = book.add_format({"valign": "top", "num_format": "@"})
    formats: dict[type, Format] = {int: book.add_format({"valign": "top", "num_format": "0"})}
    formats[float] = book.add_format({"valign": "top", "num_format": "0.0"})
    for place, (key, title) in enumerate(shown.items()):
        width = max((len(str(one[key])) for one in records if isinstance(one[key], str)), default=0)
        sheet.set_column(place, place, min(max(width + 2, len(title) // 2 + 5, 9), _WIDTH_MAX))
        sheet.write_string(0, place, title, head)
        for line, one in enumerate(records, start=1):
            cell = one[key]
            if isinstance(cell, str) and cell:
                sheet.write_string(line, place, cell, text)
            elif isinstance(cell, int | float):
                sheet.write_number(line, place, cell, formats[type(cell)])
    if not records:
        sheet.write_string(1, 0, "Nothing of this was recorded.", text)
    sheet.autofilter(0, 0, max(len(records), 1), len(shown) - 1)


def _about(book: Workbook, report: MeasureReport) -> None:
    sheet = book.add_worksheet("about")
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    bold = book.add_format({"bold": True, "valign": "top"})
    text = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, _DEFINITION_WIDTH)
    facts = [*about(report)]
    facts += [(row.title, f"{row.definition} Source: {row.source}.") for row in MEASURES.values()]
    for line, (name, words) in enumerate(facts):
        sheet.write_string(line, 0, name, bold)
        sheet.write_string(line, 1, words, text)


def about(report: MeasureReport) -> Iterator[tuple[str, str]]:
    """What the figures are of, and how to read them."""
    wish = report.wish
    first = "the beginning" if wish.first is None else wish.first.isoformat()
    last = "now" if wish.last is None else wish.last.isoformat()
    yield "Measures", f"of {report.therapies} therapies, made {format_instant(report.at)}"
    yield "Period", f"from {first} until {last}, by the day that counts for each measure at its site"
    yield "Site", "all" if wish.site is None else f"only what {wish.site} has a part in"
    yield (
        "n, median, quartiles",
        (
            f"The quartiles are those of QUARTILE.INC. Fewer than {TOLD_FROM} values are told as n only. "
            "Running has begun and not ended; left out will never have a value; impossible ends before it "
            "begins. Those are in no figure. Values with a step against a rule behind them, or with a time "
            "off paper, are counted, and their number stands beside."
        ),
    )


_WRITERS: Final[Mapping[str, Callable[[MeasureReport, BinaryIO, bool], None]]] = {
    ".csv": _csv,
    ".json": _json,
    ".xlsx": _workbook,
}
