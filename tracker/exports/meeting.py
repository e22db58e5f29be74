"""Tables for a meeting as a file: a paper, or a spreadsheet in which no cell is a formula or a link."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO, Final

from labels.papers.tables import PaperTable, TablesPaper, tables_pdf
from schema.errors import InputError
from tracker.exports.files import whole_file

SHEET_NAME_MAX: Final = 31
COLUMN_MAX: Final = 60
"""Characters beyond which a column is not made wider; its text goes on in the next line of the cell."""


def write_tables(paper: TablesPaper, path: Path) -> None:
    """Write the file; raises InputError for a name that ends otherwise than in .pdf or .xlsx."""
    writers = {".pdf": _pdf, ".xlsx": _workbook}
    write = writers.get(path.suffix.lower())
    if write is None:
        raise InputError(
            f"{path.name[:60]} is neither a PDF nor a spreadsheet.",
            remedy="Name a file that ends in .pdf or .xlsx.",
            code="form_unknown",
        )
    with whole_file(path) as file:
        write(paper, file)


def _pdf(paper: TablesPaper, file: BinaryIO) -> None:
    file.write(tables_pdf(paper))


def _workbook(paper: TablesPaper, file: BinaryIO) -> None:
    """One sheet for each table; a half one could not be closed on a full disk, so it is made in memory."""
    from xlsxwriter import Workbook

    whole = io.BytesIO()
    as_text = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = Workbook(whole, {**as_text, "in_memory": True})
    book.set_properties({"title": paper.title, "subject": paper.origin})
    head = book.add_format({"bold": True, "bottom": 2, "valign": "bottom", "text_wrap": True})
    cell = book.add_format({"valign": "top", "text_wrap": True, "num_format": "@"})
    for table in paper.tables:
        sheet = book.add_worksheet(table.title[:SHEET_NAME_MAX])
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(1)
        sheet.freeze_panes(2, 0)
        sheet.set_footer("&R&P of &N")
        sheet.write_string(0, 0, f"{paper.title}: {paper.heading}", book.add_format({"bold": True}))
        rows = table.rows or ((table.none,),)
        for place, (title, width) in enumerate(zip(table.headings, _widths(table), strict=True)):
            sheet.set_column(place, place, width)
            sheet.write_string(1, place, title, head)
        for line, row in enumerate(rows, start=2):
            for place, text in enumerate(row):
                sheet.write_string(line, place, text, cell)
    book.close()
    file.write(whole.getbuffer())


def _widths(table: PaperTable) -> list[int]:
    """As wide as its longest text, within bounds."""
    columns = zip(table.headings, *table.rows, strict=True)
    return [min(max(len(text) for text in column) + 2, COLUMN_MAX) for column in columns]
