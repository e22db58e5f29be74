"""A pane: a border with what it is at the left of its title, and count, key or source at the right below."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from typing import Final
from weakref import WeakKeyDictionary

from rich.table import Table
from rich.text import Text
from textual.widget import Widget

from tui.answers import safe

PANES: str = """
    .pane {
        border: $frame $line;
        border-title-color: $foreground;
        border-title-style: bold;
        border-subtitle-color: $muted;
        padding: 0 1;
        background: $background;
    }
    .pane:focus { border: $frame $line; background-tint: transparent; }
    OptionList.pane { min-width: 20; }
    OptionList.pane > .option-list--option-highlighted { color: $foreground; background: $cursor; }
    .pane.-next { border: $frame $primary; border-title-color: $primary; }
    .pane.-done { border: $frame $success; border-title-color: $success; }
    .pane.-look, .pane.-look:focus { border: $frame $warning; border-title-color: $warning; }
    .pane.-bad, .pane.-bad:focus { border: $frame $error; border-title-color: $error; }
"""
"""One pane of a screen at most is the next one."""

PANE_COLUMNS = 4
"""What border and padding take of a line."""

LABEL_CELLS: Final = 10
"""Columns of the words before the values."""


def facts_grid(rows: Iterable[tuple[Text, Text]]) -> Table:
    """Labels and values side by side; a value that is longer than its column goes on below itself."""
    known = tuple(rows)
    table = Table.grid(padding=(0, 1, 0, 0), expand=True)
    table.add_column(width=max((LABEL_CELLS, *(label.cell_len for label, _ in known))), no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    for label, value in known:
        table.add_row(label, value)
    return table


_NAMED: Final[MutableMapping[Widget, tuple[Text, Text]]] = WeakKeyDictionary()
"""What stands in the border of each pane, with colors by their meaning."""


def name_pane(pane: Widget, title: str | Text, subtitle: str | Text = "") -> None:
    """Say what a pane is; words from outside are no markup."""
    _NAMED[pane] = (_in_parts(title), _in_parts(subtitle))
    name_again(pane)


def _in_parts(words: str | Text) -> Text:
    """Textual knows the styles of parts of a title by our names, and that of the whole not."""
    return Text().append_text(words if isinstance(words, Text) else Text(safe(words)))


def name_again(pane: Widget) -> None:
    """Give a border the colors of the theme: Textual finds them when a title is set, and keeps them."""
    if pane in _NAMED:
        pane.border_title, pane.border_subtitle = _NAMED[pane]
