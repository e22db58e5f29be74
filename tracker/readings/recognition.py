"""Which layout a logger's file has; the programs of which no genuine file was seen are named and not read."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from tracker.readings.cells import is_day
from tracker.readings.layouts import berlinger, generic, hobo, lascar, logtag, madgetech
from tracker.readings.refusals import BadFile
from tracker.readings.sheet import Rows, Sheet
from tracker.readings.text import rows_of

LAYOUTS: Final[tuple[Callable[[Rows], Sheet | None], ...]] = (
    generic.sheet_of,
    berlinger.sheet_of,
    madgetech.sheet_of_2,
    madgetech.sheet_of_4,
    lascar.sheet_of,
    lascar.sheet_of_el_usb,
    hobo.sheet_of,
    logtag.sheet_of,
)
"""From the surest beginning to the one that could be anything."""

UNSEEN: Final = {
    "temptale": "TempTale",
    "sensitech": "Sensitech",
    "coldstream": "ColdStream",
    "libero": "LIBERO",
    "elpro": "ELPRO",
    "elitech": "Elitech",
    "vaisala": "Vaisala vLog",
    "device: reed": "Reed",
    "om-cp-": "Omega OM-CP",
}
"""Programs of which no genuine file was seen, by a word that stands in theirs."""

_DELIMITERS: Final = (",", ";", "\t")


def recognized(head: Sequence[str]) -> tuple[Sheet, str]:
    """The layout of a file and what separates its cells; raises BadFile for one that is not read."""
    for delimiter in _DELIMITERS:
        for rows in _cells(head, delimiter):
            for layout in LAYOUTS:
                sheet = layout(rows)
                if sheet is not None:
                    _require_below(rows, sheet)
                    return sheet, delimiter
    raise _unknown(head)


def _require_below(rows: Rows, sheet: Sheet) -> None:
    """Raise BadFile where what looks like a reading stands above the titles: it would be lost."""
    for line, row in enumerate(rows[: sheet.header_line - 1], 1):
        if sheet.cells_min <= len(row) <= sheet.cells_max and is_day(row[sheet.day]):
            raise BadFile(line, ",".join(row), "is a reading above the titles of its columns.")


def _cells(head: Sequence[str], delimiter: str) -> Iterator[list[list[str]]]:
    """The first lines as cells, up to one that is wrong, which is said when it is read.

    Where one is wrong because of quotation marks, they come once more with the marks as part of the cells.
    """
    for quoted in (True, False):
        text = io.StringIO("".join(head), newline="")
        found: list[list[str]] = []
        try:
            for _, row in rows_of(text, "utf-8", delimiter, quoted=quoted):
                found.append(row)
        except BadFile:
            yield found
        else:
            yield found
            return


def _unknown(head: Sequence[str]) -> BadFile:
    first = head[0] if head else ""
    if first.startswith(("PK\x03\x04", "%PDF")):
        return BadFile(
            1,
            first[:4],
            "begins a workbook or PDF, and only text is read.",
            remedy="Export the readings as CSV. Nothing was recorded.",
            code="logger_format_unknown",
        )
    text = "".join(head[:60]).casefold()
    name = next((name for word, name in UNSEEN.items() if word in text), None)
    if name is not None:
        return BadFile(
            1,
            name,
            "is not read: no genuine file of it was seen.",
            remedy="Send one to whoever looks after cartrail, or write the readings in cartrail's own "
            "layout: serial,NUMBER, then time,celsius. Nothing was recorded.",
            code="logger_format_unseen",
        )
    return BadFile(
        1,
        "" if "title" in first.casefold() else first[:20],
        "begins no layout that is read.",
        remedy="Export from HOBOware, HOBOconnect, MadgeTech, EasyLog or LogTag as CSV, take the text "
        "file of a Q-tag or Fridge-tag, or use cartrail's own layout. Nothing was recorded.",
        code="logger_format_unknown",
    )
