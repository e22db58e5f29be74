"""A part of the screen that is read a page at a time."""

from __future__ import annotations

from textual.containers import VerticalScroll


class Window(VerticalScroll, can_focus=False):
    """What is longer than the room for it: PgUp and PgDn turn its pages, whatever has the focus."""

    def turn(self, pages: int) -> None:
        """Scroll this many pages down; the last line of a page is the first of the next."""
        self.scroll_relative(y=pages * max(self.size.height - 1, 1), animate=False)
