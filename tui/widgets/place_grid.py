"""A place with positions as a picture: letters for rows, numbers for columns, a shape in each cell. Pure.

What does not fit is shown as a window of rows and columns around the position that matters; nothing is cut.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from schema.positions import position_at, row_and_column
from tui.glyphs import EMPTY
from tui.language import tr

CELL_CELLS: Final = 6
"""A blank, a shape, a blank and the last three characters of a code."""

BELOW_CELLS: Final = 10
"""Of a cell with a word of six characters below its code."""

_LABEL: Final = 3
_CODE: Final = 3
_BETWEEN: Final = 2
HIGH_ROWS: Final = 3
"""Lines of a row where there is room: the cell, the word below it, a blank."""


@dataclass(frozen=True, slots=True)
class GridCell:
    """One position: what it is by its shape and color, the end of the code that lies there."""

    shape: str
    code: str = ""
    style: str = ""
    below: str = ""
    """A word under the code, where a cell is two lines high."""

    @property
    def words(self) -> str:
        """Shape and code, as wide as every cell."""
        return f" {self.shape} {self.code[-_CODE:]:<{_CODE}}"


EMPTY_CELL: Final = GridCell(EMPTY, style="line")


@dataclass(frozen=True, slots=True)
class GridWindow:
    """The rows and columns that are shown, the first included, the end not."""

    rows: range
    columns: range
    lines_each: int = 1
    """Lines of a row: with a blank below it, and with a word in between, where there is room."""

    def is_whole(self, grid: tuple[int, int]) -> bool:
        """Whether all of the place is shown."""
        return (len(self.rows), len(self.columns)) == grid


def window_of(grid: tuple[int, int], around: str | None, *, width: int, height: int) -> GridWindow:
    """The part of a place that fits, with one position in it; high cells where all of it fits so."""
    row, column = (0, 0) if around is None else row_and_column(around)
    room = max((width - _LABEL) // CELL_CELLS, 1)
    lines = max(height - 1, 1)
    columns = _part(grid[1], column, room)
    is_broad = (width - _LABEL) // len(columns) >= BELOW_CELLS
    each = next((high for high in ((HIGH_ROWS, 2) if is_broad else (2,)) if grid[0] * high <= lines + 1), 1)
    return GridWindow(_part(grid[0], row, lines), columns, each)


def _part(count: int, chosen: int, room: int) -> range:
    """So many of them as there is room for, in whole pages."""
    if count <= room:
        return range(count)
    first = min(chosen // room * room, count - room)
    return range(first, first + room)


def grid_table(cells: Mapping[str, GridCell], window: GridWindow, chosen: str | None = None) -> Table:
    """The picture: a position without a cell is empty, the chosen one is reversed."""
    table = Table.grid(expand=True, padding=0)
    table.add_column(width=_LABEL, style="bold")
    for _ in window.columns:
        table.add_column(ratio=1, no_wrap=True, min_width=CELL_CELLS)
    table.add_row("", *(Text(f" {column + 1}", style="muted") for column in window.columns))
    for row in window.rows:
        places = [position_at(row, column) for column in window.columns]
        shown = [_shown(cells.get(one, EMPTY_CELL), is_chosen=one == chosen) for one in places]
        table.add_row(Text(f" {position_at(row, 0)[0]}"), *shown)
        if window.lines_each == HIGH_ROWS:
            below = (cells.get(one, EMPTY_CELL).below for one in places)
            table.add_row("", *(Text(f"   {word}", style="muted", no_wrap=True) for word in below))
        if window.lines_each > 1 and row != window.rows[-1]:
            table.add_row()
    return table


def _shown(cell: GridCell, *, is_chosen: bool) -> Text:
    style = "now.key" if is_chosen else cell.style
    return Text().append(cell.words + (" " if is_chosen else ""), style=style)


def loose_text(units: Sequence[tuple[str, str, Text]], width: int, lines: int | None = None) -> Text:
    """What has no position: shape, style and code, one after the other; none is broken, the rest counted."""
    text, used, row = Text(), 0, 1
    for number, (shape, style, code) in enumerate(units):
        cells = cell_len(f" {shape} ") + code.cell_len + _BETWEEN
        if used and used + cells > width:
            text.append("\n")
            used, row = 0, row + 1
        if lines is not None and row > lines:
            return text.append(tr("and {count} more", count=len(units) - number), style="muted")
        text.append(f" {shape} ", style=style).append_text(code).append(" " * _BETWEEN)
        used += cells
    return text


def loose_lines(count: int, width: int, cells: int = 19) -> int:
    """How many lines so many units take."""
    return -(-count // max(width // cells, 1))


def turned(window: GridWindow | None, grid: tuple[int, int], pages: int) -> str | None:
    """The first position of the next part of a place, or of the one before: columns first, then rows."""
    if window is None or window.is_whole(grid):
        return None
    row, column = window.rows[0], window.columns[0] + pages * len(window.columns)
    if not 0 <= column < grid[1]:
        row += pages * len(window.rows)
        column = 0 if pages > 0 else grid[1] - 1
    if not 0 <= row < grid[0]:
        return position_at(window.rows[0], window.columns[0])
    return position_at(row, column)


def window_words(window: GridWindow, grid: tuple[int, int]) -> str:
    """Which part of a place is shown; empty where it is all."""
    if window.is_whole(grid):
        return ""
    first = position_at(window.rows[0], window.columns[0])
    last = position_at(window.rows[-1], window.columns[-1])
    return f"{first}-{last}"
