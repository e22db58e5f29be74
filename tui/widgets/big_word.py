"""A word that is read from two meters: the verdict, its cause, or what to scan now."""

from __future__ import annotations

from rich.text import Text
from textual.widgets import Static

from tui.bigtext import CELL_WIDE, dot_letters
from tui.glyphs import GlyphSet


def glyphs_of(app: object) -> GlyphSet:
    """The shapes of an application; all of them where it does not say."""
    found: GlyphSet = getattr(app, "glyphs", GlyphSet.FULL)
    return found


class BigWord(Static):
    """One word in dot letters; in ordinary capitals where it does not fit."""

    DEFAULT_CSS = "BigWord { height: auto; text-wrap: nowrap; text-style: bold; }"

    def __init__(self, word: str = "", *, name: str | None = None) -> None:
        super().__init__(id=name, markup=False)
        self._word = word
        self.in_dots = True
        """Whether there is room for dot letters; else the word stands in ordinary capitals."""

    def on_mount(self) -> None:
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def say(self, word: str) -> None:
        """Show another word."""
        self._word = word
        self._draw()

    def _draw(self) -> None:
        width = self.size.width or self.app.size.width
        rows = dot_letters(self._word, glyphs_of(self.app))
        is_fitting = self.in_dots and len(self._word) * CELL_WIDE <= width + 1
        self.update(Text("\n".join(rows) if is_fitting else self._word.upper(), no_wrap=True))
