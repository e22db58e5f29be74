"""A pane whose content is drawn for the room that it has."""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text
from textual.widgets import Static


class DrawnPane(Static):
    """Something that is drawn for the room there is, again whenever that changes."""

    def __init__(self, *, id: str) -> None:  # noqa: A002  as every widget names it
        super().__init__(id=id, classes="pane", markup=False)
        self._drawing: Callable[[int, int], Text] | None = None

    def say(self, words: Text) -> None:
        """Words that need no room of their own."""
        self._drawing = None
        self.update(words)

    def draw(self, drawing: Callable[[int, int], Text]) -> None:
        """What is made of the width and height inside the frame."""
        self._drawing = drawing
        self.on_resize()

    def on_resize(self) -> None:
        width, height = self.content_size
        if self._drawing is not None and width > 0:
            self.update(self._drawing(width, height))
