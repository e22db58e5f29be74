"""The lists of Today: one cursor goes through all of them and finds its line again after each reading."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.text import Text
from textual.css.styles import RulesMap
from textual.message import Message
from textual.visual import RichVisual
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tracker.values import AlertLine, DueLine, Pane, RoadLine, StoredLine, TherapyForecast
from tui.screens.today.text import ShownLine

Line = TherapyForecast | AlertLine | DueLine | RoadLine | StoredLine


class LineVisual(RichVisual):
    """A line of a list, drawn when it comes into sight: how high it is stands before."""

    def __init__(self, widget: Widget, line: ShownLine) -> None:
        super().__init__(widget, line)
        self._lines = line.lines

    def get_height(self, rules: RulesMap, width: int) -> int:
        """As its cells say; Textual would draw every line of a list to count its rows."""
        del rules, width
        return self._lines


class TodayList(OptionList):
    """One list of several below each other: the arrows go on from its end into the next one."""

    @dataclass
    class Left(Message):
        """The arrows have left a list, down (1) or up (-1)."""

        listed: TodayList
        by: int

    def __init__(self, pane: Pane | None) -> None:
        super().__init__(id="later" if pane is None else pane.value, classes="pane", markup=False)
        self.pane = pane
        self.lines: tuple[Line, ...] = ()

    def action_cursor_down(self) -> None:
        """The line below, or the first of the next list."""
        if self.highlighted is None or self.highlighted < len(self.lines) - 1:
            super().action_cursor_down()
        else:
            self.post_message(self.Left(self, 1))

    def action_cursor_up(self) -> None:
        """The line above, or the last of the list before."""
        if self.highlighted:
            super().action_cursor_up()
        else:
            self.post_message(self.Left(self, -1))

    def be_quiet(self, is_so: bool) -> None:  # noqa: FBT001  a state, not a switch
        """Without lines it is one line without a frame, so that others have its room."""
        self.set_class(is_so, "-quiet")
        self.set_class(not is_so, "pane")
        if is_so:
            self.styles.height = 1
            self.set_class(False, "-bad", "-look")

    @property
    def chosen(self) -> Line | None:
        """The line that the arrows stand at."""
        at = self.highlighted
        return self.lines[at] if at is not None and at < len(self.lines) else None

    def say(self, lines: Sequence[Line], shown: Iterable[ShownLine], nothing: str) -> None:
        """Show these lines; the arrows stay with what they stood at."""
        kept, at = self.chosen, self.highlighted
        self.lines = tuple(lines)
        self.clear_options()
        self.add_options(Option(LineVisual(self, one)) for one in shown)
        if not lines:
            self.add_option(Option(Text(nothing), disabled=True))
        same = (place for place, one in enumerate(lines) if kept is not None and key_of(one) == key_of(kept))
        place = next(same, None if at is None else min(at, len(lines) - 1))
        self.highlighted = place if lines else None


def key_of(one: Line) -> tuple[str, ...]:
    """What a line is about, so that the arrows find it again."""
    if isinstance(one, DueLine):
        return one.coi, one.milestone
    if isinstance(one, RoadLine):
        return (one.box,)
    return (one.unit,) if isinstance(one, StoredLine) else (one.coi,)


def therapy_of(one: Line | None) -> str | None:
    """The therapy that a line is about; of a box the first one inside."""
    if isinstance(one, RoadLine):
        return next(iter(one.therapies), None)
    return None if one is None else one.coi
