"""A number in figures of three rows; in dots drawn with `#` where a terminal has no lines for it."""

from __future__ import annotations

from rich.text import Text
from textual.app import RenderResult
from textual.geometry import Size
from textual.widgets import Digits

from tui.bigtext import CELL_WIDE, DOTS_HIGH, dot_letters
from tui.glyphs import GlyphSet
from tui.widgets.big_word import glyphs_of


class BigNumber(Digits):
    """A count to be read from two meters."""

    DEFAULT_CSS = "BigNumber { width: auto; text-style: bold; }"

    @property
    def _is_in_dots(self) -> bool:
        return glyphs_of(self.app) is GlyphSet.ASCII

    def render(self) -> RenderResult:
        """Textual's figures, or dots."""
        if not self._is_in_dots:
            return super().render()
        return Text("\n".join(dot_letters(self.value, GlyphSet.ASCII)), no_wrap=True)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Textual's, or that of the dots."""
        return (
            len(self.value) * CELL_WIDE
            if self._is_in_dots
            else super().get_content_width(container, viewport)
        )

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Textual's, or that of the dots."""
        return DOTS_HIGH if self._is_in_dots else super().get_content_height(container, viewport, width)
