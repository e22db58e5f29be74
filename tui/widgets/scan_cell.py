"""One of several equal cells: a word to be read from two meters, and under it what it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from rich.text import Text
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from tui.bigtext import CELL_HIGH, DOTS_HIGH
from tui.glyphs import BAD, DONE, NOW, TO_COME, GlyphSet
from tui.states import style_of
from tui.widgets.big_word import BigWord, glyphs_of
from tui.widgets.pane import name_pane
from tui.wrapping import wrap

_BORDER: Final = 2
LETTERS_FROM_LINES: Final = 30
"""Where dot letters take seven rows each, a lower window has ordinary capitals in its cells."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell says."""

    title: str
    shape: str
    """`DONE`, `BAD`, `NOW` or `TO_COME`: it decides the color too."""

    word: str
    value: Text
    note: str = ""


def lines_of(cell: Cell, width: int) -> int:
    """How many lines it takes below its word."""
    value = f"{cell.shape} {cell.value.plain}"
    return sum(len(wrap(line, max(width, 1))) for text in (value, cell.note) for line in text.split("\n"))


def is_in_dots(app: App[None]) -> bool:
    """Whether the words of cells stand in dot letters."""
    return glyphs_of(app) is not GlyphSet.ASCII or app.size.height >= LETTERS_FROM_LINES


def letters_high(app: App[None]) -> int:
    """What the border and the word of a cell take of its lines."""
    if not is_in_dots(app):
        return _BORDER + 1
    return _BORDER + (DOTS_HIGH if glyphs_of(app) is GlyphSet.ASCII else CELL_HIGH)


class ScanCell(Vertical, can_focus=False):
    """A cell of a row in which all are equally wide and high."""

    CLASS_OF: ClassVar = {DONE: "-done", BAD: "-bad", NOW: "-next", TO_COME: ""}
    DEFAULT_CSS = """
    ScanCell {
        width: 1fr;
        height: 100%;
        & Static { height: auto; }
        & .note { color: $muted; }
        & BigWord { color: $muted; }
        &.-done BigWord { color: $success; }
        &.-bad BigWord { color: $error; }
        &.-next BigWord { color: $primary; }
    }
    """

    def __init__(self) -> None:
        super().__init__(classes="pane")
        self._word = BigWord()
        self._value = Static(markup=False)
        self._note = Static(classes="note", markup=False)

    def compose(self) -> ComposeResult:
        yield self._word
        yield self._value
        yield self._note

    def show(self, cell: Cell) -> None:
        """Say something else."""
        name_pane(self, cell.title)
        for shape, name in self.CLASS_OF.items():
            if name:
                self.set_class(shape == cell.shape, name)
        self._word.in_dots = is_in_dots(self.app)
        self._word.say(cell.word)
        value = Text().append(f"{cell.shape} ", style=style_of(cell.shape))
        self._value.update(value.append_text(cell.value))
        self._note.update(cell.note)
