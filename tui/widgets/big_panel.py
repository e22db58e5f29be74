"""The middle of a screen in letters to be read from two meters."""

from __future__ import annotations

from datetime import datetime

from textual.widgets import Static

from tui.answers import ShownAnswer
from tui.bigtext import KeyFacts, big_text


class BigPanel(Static):
    """What to do, the thing, the answer and the clock; redrawn every second with the clock."""

    DEFAULT_CSS = "BigPanel { background: $background; color: $foreground; padding: 0 1; }"

    def __init__(self) -> None:
        super().__init__(markup=False)

    def show(self, facts: KeyFacts, answer: ShownAnswer | None, now: datetime) -> None:
        """Show the facts as large as they fit."""
        width, height = self.app.size.width - 2, self.size.height or self.app.size.height - 7
        self.update(big_text(facts, answer, now, width=width, height=height), layout=False)
