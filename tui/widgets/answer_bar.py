"""The last answer: a line under the header, or a band with one word to be read from two meters."""

from __future__ import annotations

import time
from typing import Final

from rich.cells import cell_len
from rich.text import Text
from textual.widgets import Static

from tui.answers import ShownAnswer, Verdict, band_lines, mark, safe, writing_text
from tui.bigtext import dot_letters
from tui.glyphs import GlyphSet
from tui.language import tr
from tui.shown_codes import wrapped

STALE_AFTER_SECONDS: Final = 60.0
"""An OK that stands longer is about something that nobody remembers."""


def glyphs_of(app: object) -> GlyphSet:
    """The shapes of an application; all of them where it does not say."""
    found: GlyphSet = getattr(app, "glyphs", GlyphSet.FULL)
    return found


_LEAD: Final = 11
"""Columns before the sentence of an answer: bar, shape and word."""


def answer_text(answer: ShownAnswer, *, width: int) -> Text:
    """The answer in a line, or as many as it takes: shape, word, sentence; what to do next below it."""
    style = answer.verdict.value.lower()
    room = max(width - _LEAD - 1, 20)
    said = [(line, "bold") for line in wrapped(safe(answer.line), room) or [""]]
    said += [(line, "") for line in wrapped(safe(answer.advice), room)]
    text = Text(no_wrap=True, overflow="ellipsis")
    for index, (line, weight) in enumerate(said):
        word = f"{mark(answer.verdict)} {answer.verdict.value}" if index == 0 else ""
        text.append("\n" if index else "").append("\u258c ", style=f"bar.{style}")
        text.append(word, style=style).append(" " * (_LEAD - 2 - cell_len(word)))
        text.append(line, style=weight)
    return text


class AnswerBar(Static):
    """The last answer as shape, word and sentence; a long one up to half the screen, read on with PgDn.

    An OK goes with the next input, and so does what is left of a STOP; a CHECK stays until it is answered.
    What was signed, or has to be decided, stands in a band with its word.
    """

    DEFAULT_CSS = """
    AnswerBar { height: 1; background: $panel; color: $foreground; text-wrap: nowrap; }
    AnswerBar.-band { background: $background; }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._first = 0
        """The first line shown of an answer that is longer than the bar."""
        self.answer: ShownAnswer | None = None
        self.is_band = False
        self._waited: ShownAnswer | None = None
        """What is said while the database is waited for, in place of the answer."""
        self.is_writing = False
        self._since = 0.0

    def show_wait(self, answer: ShownAnswer | None) -> None:
        """Show in place of the last answer that one is waited for, silently; None shows that one again."""
        if answer != self._waited:
            self._waited = answer
            self._draw()

    def show(self, answer: ShownAnswer) -> None:
        """Show an answer in place of the last one."""
        self._first, self._since = 0, time.monotonic()
        self.answer, self._waited, self.is_writing = answer, None, False
        self.is_band = bool(answer.cause) and answer.verdict is not Verdict.STOP
        self._draw()

    def clear(self) -> None:
        """Show nothing: what was said is about an earlier moment."""
        if self.answer is not None:
            self.answer, self.is_band = None, False
            self._draw()

    def show_writing(self) -> None:
        """From the signature until the store has answered: nothing of before is true any more."""
        self.answer, self.is_band, self.is_writing = None, False, True
        self._draw()

    def end_writing(self) -> None:
        """The store has answered; what it said is shown by who asked."""
        if self.is_writing:
            self.is_writing = False
            self._draw()

    def input_came(self) -> None:
        """Somebody goes on: a band becomes a line, and an OK that was a line is gone."""
        if self.answer is None or self.answer.verdict is Verdict.CHECK:
            return
        if self.is_band:
            self.is_band = False
            self._draw()
        else:
            self.clear()

    def left(self) -> None:
        """Another screen is in front: what went well here is of the past when it is seen again."""
        if self.answer is not None and self.answer.verdict is Verdict.OK:
            self.clear()

    def age(self) -> None:
        """Forget what stands too long, as `input_came` does."""
        if self.answer is not None and time.monotonic() - self._since >= STALE_AFTER_SECONDS:
            self.is_band = False
            self.input_came()

    def store_is_back(self) -> None:
        """Forget what was said of a store that could not be reached."""
        if self.answer is not None and self.answer.about_store:
            self.clear()

    def turn(self, pages: int) -> bool:
        """Show the next lines of a long answer, or those before; False when there are none."""
        lines, rows = self._lines(), self._rows_max
        first = min(max(self._first + pages * (rows - 1), 0), max(len(lines) - rows, 0))
        if first == self._first:
            return False
        self._first = first
        self._draw()
        return True

    def fit(self) -> None:
        """Break the lines for the room there is in the window."""
        self._draw()

    @property
    def _rows_max(self) -> int:
        if self.is_band:
            return max(self.app.size.height - 3, 1)
        return max(self.app.size.height // 2 - 2, 3)

    def _lines(self) -> list[Text]:
        answer = self._waited or self.answer
        if self.is_writing and self._waited is None:
            return [writing_text()]
        if answer is None:
            return []
        # It is as wide as the window, also while it is hidden in one that is too small.
        width = self.app.size.width
        said = list(answer_text(answer, width=width).split("\n"))
        if not self.is_band or answer is self._waited:
            return said
        style = f"band.{answer.verdict.value.lower()}"
        band = [Text(line, style=style) for line in band_lines(answer.verdict, width)]
        word = [Text(f" {row}", style="bold") for row in dot_letters(answer.cause, glyphs_of(self.app))]
        return [*band, *word, *said]

    def _draw(self) -> None:
        self.set_class(self.is_band, "-band")
        if self.is_attached and not getattr(self.screen, "has_room_for_band", True):
            self.screen.set_class(self.is_band, "-band")
        lines, rows = self._lines(), self._rows_max
        first = 0 if self._waited else self._first
        shown = lines[first : first + rows]
        if shown and first + rows < len(lines):
            mark = tr("... PgDn")
            shown[-1].truncate(self.app.size.width - len(mark) - 1)
            shown[-1].append(f" {mark}", style="bold reverse")
        height = max(len(shown), 1)
        is_higher = self.styles.height is None or self.styles.height.value != height
        if is_higher:
            self.styles.height = height
        self.update(Text("\n", no_wrap=True, overflow="ellipsis", end="").join(shown), layout=is_higher)
