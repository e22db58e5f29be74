"""Cells of tables in which nothing is cut: words go on below, and a line is as high as its cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from tui.answers import safe
from tui.states import style_of
from tui.wrapping import wrap

LINES_MAX: Final = 3
"""Of words from outside that are longer than their column."""

_BETWEEN: Final = 2
_UNDER_SHAPE: Final = 2
"""Where the words of a mark go on."""


def broken(words: str, cells: int, *, indent: int = 0) -> Text:
    """Words that go on in the next line, as far as there is room."""
    return Text("\n".join(wrap(safe(words), cells, indent=indent, lines_max=LINES_MAX)))


def with_marks(text: Text, marks: Iterable[str], cells: int) -> Text:
    """The same with every mark beside it, or below where there is no room; each in the color of its shape."""
    room = cells - text.cell_len if text else cells + _BETWEEN
    for mark in marks:
        style = style_of(mark)
        if room >= cell_len(mark) + _BETWEEN:
            text.append("  " if text else "").append(mark, style=style)
            room -= cell_len(mark) + _BETWEEN
            continue
        lines = wrap(safe(mark), cells, indent=_UNDER_SHAPE)
        text.append("\n" if text else "").append("\n".join(lines), style=style)
        room = cells - cell_len(lines[-1])
    return text


def lines_of(cells: Sequence[Text]) -> int:
    """How high a line of a table is."""
    return max(cell.plain.count("\n") for cell in cells) + 1


def columns_within(columns: Iterable[tuple[str, int]], width: int, *, widest: str) -> list[tuple[str, int]]:
    """The columns from the first on that have room, by name and cells; what is left goes to one of them."""
    kept: list[tuple[str, int]] = []
    room = width
    for name, cells in columns:
        if cells + _BETWEEN > room:
            break
        kept.append((name, cells))
        room -= cells + _BETWEEN
    return [(name, cells + (room if name == widest else 0)) for name, cells in kept]
