"""Data on the standard output: lines of JSON, rows of names and values, and tables that fit 80 columns."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import IO, Any, Final

import orjson

from labels.frames import escaped

WIDTH: Final = 80
"""The width of a pipe, and the least that a terminal has."""

NAMES_WIDTH: Final = 17
"""Of the names of rows, where none is longer."""

_WORD_MAX: Final = 24
"""A longer word, such as an address, may be broken all the same."""


def print_json(value: Any) -> None:
    """One JSON value on one line."""
    sys.stdout.write(orjson.dumps(value).decode() + "\n")


def print_rows(rows: Iterable[tuple[str, str]]) -> None:
    """Names and values, one pair a line; what is empty is left out."""
    shown = [(name, value) for name, value in rows if value]
    width = max((NAMES_WIDTH, *(len(name) for name, _ in shown)))
    for name, value in shown:
        print(f"{name:<{width}} {escaped(value)}")


def print_records(
    records: Sequence[Mapping[str, Any]],
    headings: Sequence[tuple[str, str]],
    *,
    as_json: bool,
    whole: Collection[str] = (),
    none: str = "",
) -> None:
    """Records as lines of JSON, or as a table of the named keys under their headings.

    Columns of the headings in `whole` are never folded; `none` is said where there is no record. A column in
    which nothing stands is left out: its place is for the others.
    """
    if as_json:
        for record in records:
            print_json(record)
        return
    if records:
        filled = [one for one in headings if any(_shown(record.get(one[0])) for record in records)]
        lines = [[_shown(record.get(key)) for key, _ in filled] for record in records]
        print_table([heading for _, heading in filled], lines, whole=whole)
    elif none:
        print(none, file=sys.stderr)


def print_table(
    headings: Sequence[str],
    lines: Iterable[Sequence[Any]],
    *,
    file: IO[str] | None = None,
    whole: Collection[str] = (),
) -> None:
    """A table without frame; cells are text or rich texts, and no cell's text is ever taken as markup.

    Columns named in `whole` are never folded: their cells are there to be copied.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    rows = [*lines]
    least = _least_widths(headings, rows)
    for heading, width in zip(headings, least, strict=True):
        table.add_column(heading, overflow="fold", no_wrap=heading in whole, min_width=width)
    for line in rows:
        table.add_row(*(Text(clean(cell)) if isinstance(cell, str) else cell for cell in line))
    console = Console(file=file or sys.stdout, markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = WIDTH
    console.print(table)


def _least_widths(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> tuple[int, ...]:
    """How wide each column is at least, so that no word is broken; all nothing where that cannot fit."""
    columns = zip(headings, *([str(cell) for cell in row] for row in rows), strict=True)
    words = (max((len(word) for cell in column for word in cell.split()), default=0) for column in columns)
    found = tuple(min(width, _WORD_MAX) for width in words)
    return found if sum(found) + len(found) <= WIDTH else (0,) * len(found)


def clean(cell: str) -> str:
    """The text of a cell: its own line ends stay, everything else that does not print is shown."""
    return "\n".join(escaped(line) for line in cell.split("\n"))


def _shown(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
