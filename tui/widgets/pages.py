"""Tables of lines to choose from, and those of which one page is read after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import DataTable

NEAR: Final = 2
"""So many lines before the end the next page is asked for, so that it is there when the cursor arrives."""


class LinesTable(DataTable[Text]):
    """Lines to choose from; the chosen one stays in sight when the window gets lower."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("home", "scroll_top", show=False),  # Textual's keys for the first and last column
        Binding("end", "scroll_bottom", show=False),
    ]

    def on_resize(self) -> None:
        self.move_cursor(row=self.cursor_row)


class PagedTable(LinesTable):
    """Lines to choose from; it asks for more with `MoreWanted`, once until `took` says what came."""

    class MoreWanted(Message):
        """The cursor is near the last line, and more may lie below it."""

    def __init__(self, columns: Sequence[tuple[str, int]]) -> None:
        super().__init__(cursor_type="row", cursor_foreground_priority="renderable", zebra_stripes=False)
        self._titles = columns
        self.is_whole = True
        """Whether nothing more is to be asked for: all is here, or the rest is being read."""

    def on_mount(self) -> None:
        for title, width in self._titles:
            self.add_column(Text(title), width=width)

    def start_over(self) -> None:
        """Take all lines away; nothing is asked for until a first page came."""
        self.clear()
        self.is_whole = True

    def took(self, lines: int, asked: int) -> None:
        """A page came: with fewer lines than asked for it is the last one."""
        self.is_whole = lines < asked

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        if not self.is_whole and self.row_count and event.cursor_row >= self.row_count - NEAR:
            self.is_whole = True
            self.post_message(self.MoreWanted())
