"""The list of what waits, a window of it at a time, its clocks ticking without a question to the store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from rich.text import Text
from textual.widgets import Static

from tracker.views.models import WorkLine, Worklist
from tui.language import tr
from tui.waiting import summary, worklist_text


class WaitingPanel(Static):
    """Shows as many lines as fit; the numbers count through the whole list."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(id="waiting", markup=False)
        self.worklist: Worklist | None = None
        self.stale = ""
        """Why the list may not be what is there now; empty when it was just read."""
        self.is_numbered = True
        self._now = now
        self._first = 0

    def show(self, worklist: Worklist) -> None:
        """Show a list just read; the window stays where it was."""
        self.worklist, self.stale = worklist, ""
        self._first = min(self._first, max(len(worklist.lines) - 1, 0))
        self.tick()

    def fade(self, why: str) -> None:
        """Keep the list that is there, and say that it could not be read again."""
        self.stale = why
        self.tick()

    def turn(self, pages: int) -> None:
        """Move the window; it never leaves the list."""
        rows = max(self.size.height, 1)
        last = max(len(self.worklist.lines) - 1, 0) if self.worklist else 0
        moved = self._first + pages * rows
        self._first = moved if 0 <= moved <= last else 0 if moved < 0 else self._first
        self.tick()

    def line(self, number: int) -> WorkLine | None:
        """The line of a number."""
        lines = self.worklist.lines if self.worklist else ()
        return lines[number - 1] if 1 <= number <= len(lines) else None

    def heading(self) -> Text:
        """How urgent it is as a whole, in one line."""
        if self.worklist is None:
            return Text(self.stale or tr("Reading what waits here ..."), style="bold" if self.stale else "")
        return summary(self.worklist, self._now(), stale=self.stale)

    def tick(self) -> None:
        """Draw the lines anew as the clocks have gone on."""
        if self.worklist is None:
            return
        text = worklist_text(
            self.worklist,
            self._now(),
            width=max(self.size.width, 40),
            first=self._first,
            rows=max(self.size.height, 1),
            numbered=self.is_numbered,
        )
        self.update(text, layout=False)

    def on_resize(self) -> None:
        self.tick()
