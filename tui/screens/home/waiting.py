"""What waits, as lines of the home screen: urgency as word and shape, clock, order and thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rich.table import Table
from rich.text import Text
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from schema.events.deviations import DeviationAssessed, DeviationClosed
from tracker.values import WorkLine, Worklist
from tui.answers import safe
from tui.language import tr
from tui.shown_codes import code_text, grouped
from tui.states import style_of
from tui.widgets.room import WIDE_FROM
from tui.words import DUE_SOON, attention_words, brief, held_words

_JUDGING: Final = frozenset({DeviationAssessed.kind, DeviationClosed.kind})

_LATE, _SOON = tr("■ LATE"), tr("▲ SOON")
_SECONDS_BELOW: Final = timedelta(hours=1)
_HOURS_BELOW: Final = timedelta(days=1)
CLOCK_CELLS: Final = 20
_NUMBER_CELLS: Final = 4
_CODE_CELLS: Final = 13


EMPTY: Final = tr("Nothing waits here. Scan any code: unit, cassette, COI card, box or place.")


def empty_words(boxes: int) -> str:
    """What stands where no line does; a courier's boxes are on a list of their own."""
    one = tr("1 box is on your list of shipments: Ctrl+O shows it. Or scan the box.")
    many = tr("{count} boxes are on your list of shipments: Ctrl+O shows them. Or scan one.", count=boxes)
    return EMPTY if not boxes else one if boxes == 1 else many


@dataclass(frozen=True, slots=True)
class Counts:
    """How many lines are late, due soon, and neither."""

    late: int
    soon: int
    rest: int


def counts(lines: tuple[WorkLine, ...], now: datetime) -> Counts:
    """How urgent a list is as a whole."""
    left = [line.clock.due_at - now for line in lines if line.clock is not None]
    late = sum(one < timedelta(0) for one in left)
    soon = sum(timedelta(0) <= one <= DUE_SOON for one in left)
    return Counts(late, soon, len(lines) - late - soon)


def summary(worklist: Worklist, now: datetime, *, boxes: int = 0, stale: str = "") -> Text:
    """One line over the list, which stays when something else takes its place."""
    found = counts(worklist.lines, now)
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(tr("■ {late} LATE", late=found.late), style="stop" if found.late else "muted")
    text.append("  ").append(tr("▲ {soon} SOON", soon=found.soon), style="check" if found.soon else "muted")
    text.append("  " + tr("{rest} open", rest=found.rest), style="muted")
    if not worklist.is_whole:
        text.append("  " + tr("and others: see the board"), style="muted")
    if boxes and worklist.lines:
        one, many = tr("1 box: ^O"), tr("{count} boxes: ^O", count=boxes)
        text.append("  ").append(one if boxes == 1 else many, style="key")
    if stale:
        text.append(f"   ▲ {safe(stale)}", style="check")
    return text


def clock_cell(line: WorkLine, now: datetime) -> str:
    """The clock that runs, with its word and shape; seconds in the last hour."""
    if line.clock is not None:
        left = line.clock.due_at - now
        if left < timedelta(0):
            return f"{_LATE} {_short(left)}"
        return f"{_SOON} {_short(left)}" if left <= DUE_SOON else tr("○ open {time}", time=_short(left))
    if line.attention:
        return attention_words(line.attention)
    if line.since is None:
        return tr("○ open")
    time = brief(now - line.since)
    return tr("○ out {time}", time=time) if line.is_out else tr("○ since {time}", time=time)


def _short(left: timedelta) -> str:
    seconds = int(abs(left).total_seconds())
    if seconds < _SECONDS_BELOW.total_seconds():
        return tr("{time} min", time=f"{seconds // 60}:{seconds % 60:02d}")
    if seconds < _HOURS_BELOW.total_seconds():
        return tr("{time} h", time=f"{seconds // 3600}:{seconds // 60 % 60:02d}")
    return brief(left)


def line_grid(line: WorkLine, now: datetime, *, is_whole: bool, is_wide: bool) -> Table:
    """Clock, number, order and thing; whole on two lines, else on one. What is longer goes on below itself.

    What this person here cannot do is not bold, so that the eye finds what can be done.
    """
    table = Table.grid(padding=(0, 1, 0, 0), expand=True)
    table.add_column(width=CLOCK_CELLS, no_wrap=True)
    table.add_column(width=_NUMBER_CELLS, justify="right")
    clock = clock_cell(line, now)
    state = Text(clock, style=style_of(clock))
    number = Text("" if line.number is None else str(line.number), style="bold")
    order = Text(safe(line.what), style="bold" if line.kind else "")
    code = code_text(line.subject)
    if is_whole:
        table.add_column(ratio=1, overflow="fold")
        table.add_row(state, number, order)
        thing = code.append("  ").append(_about(line, is_wide=is_wide))
        table.add_row(Text(""), Text(""), thing)
        return table
    if line.kind in _JUDGING:
        # What a deviation is about says more than the name of the step that judges it.
        order.append(f": {safe(line.where)}")
    table.add_column(ratio=3, overflow="fold")
    table.add_column(width=_CODE_CELLS, no_wrap=True)
    row = [state, number, order, code]
    if is_wide:
        table.add_column(ratio=3, overflow="fold")
        row.append(Text(_about(line, is_wide=True)))
    table.add_row(*row)
    return table


def _about(line: WorkLine, *, is_wide: bool) -> str:
    """What it is and where; where there is room, of which therapy and by which limit."""
    parts = [held_words(line), line.where]
    if is_wide and line.subject not in line.cois:
        more = f" +{len(line.cois) - 1}" if len(line.cois) > 1 else ""
        parts.append(tr("of {coi}", coi=grouped(line.cois[0])) + more)
    if is_wide and line.clock is not None and line.clock.title != line.what:
        parts.append(line.clock.title)
    return safe(", ".join(grouped(part) for part in parts if part))


class WaitingPanel(OptionList, can_focus=False):
    """All that waits, or only what waits for one step; each on two lines while all of them fit so."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(id="waiting", classes="pane", markup=False)
        self.worklist: Worklist | None = None
        self.stale = ""
        """Why the list may not be what is there now; empty when it was just read."""
        self.only: int | None = None
        """The number of the step whose lines alone are shown."""
        self.empty = EMPTY
        """What is said where there is no line."""
        self.boxes = 0
        """Boxes on a courier's own list, said beside the lines."""
        self._now = now
        self._cursor: int | None = None
        self._drawn: tuple[tuple[WorkLine, ...], bool, bool, str] | None = None
        """The lines that stand there, and in which form; then what is said where there is none."""
        self._clocks: list[str] = []

    def show(self, worklist: Worklist) -> None:
        """Show a list just read; the arrow stays with its thing, for Enter takes what it points to."""
        chosen = self.chosen
        self.worklist, self.stale = worklist, ""
        same = [i for i, one in enumerate(self.lines) if chosen and one.subject == chosen.subject]
        self._cursor = next((i for i in same if self.lines[i].kind == (chosen and chosen.kind)), None)
        self.tick()

    def fade(self, why: str) -> None:
        """Keep the list that is there, and say that it could not be read again."""
        self.stale = why
        self.tick()

    def turn(self, pages: int) -> None:
        """Show the page below, or the one before."""
        self.scroll_relative(y=pages * max(self.size.height - 1, 1), animate=False)

    @property
    def lines(self) -> tuple[WorkLine, ...]:
        """The lines that are shown, or can be scrolled to."""
        lines = self.worklist.lines if self.worklist else ()
        return tuple(one for one in lines if self.only in (None, one.number))

    @property
    def chosen(self) -> WorkLine | None:
        """The line that the arrows stand at; None when none was used since the last input."""
        lines = self.lines
        return lines[self._cursor] if self._cursor is not None and self._cursor < len(lines) else None

    def narrow(self, number: int | None) -> tuple[WorkLine, ...]:
        """Show only what waits for one step, or everything again; the lines that are left."""
        self.only, self._cursor = number, None
        self.tick()
        return self.lines

    def move(self, by: int) -> None:
        """Move the arrow by so many lines; it never leaves the list, which scrolls along."""
        last = len(self.lines) - 1
        if last < 0:
            return
        start = -1 if by > 0 else 1
        self._cursor = min(max((start if self._cursor is None else self._cursor) + by, 0), last)
        self.highlighted = self._cursor

    def take(self, place: int) -> None:
        """Put the arrow at a line."""
        self._cursor = self.highlighted = place

    def leave(self) -> None:
        """Take the arrow away: something was typed or scanned since."""
        self._cursor = self.highlighted = None

    def heading(self) -> Text:
        """How urgent it is as a whole, in one line."""
        if self.worklist is None:
            return Text(self.stale or tr("Reading what waits here ..."), style="bold" if self.stale else "")
        return summary(self.worklist, self._now(), boxes=self.boxes, stale=self.stale)

    def tick(self) -> None:
        """Draw again what has changed: the clocks of the lines, or all of them."""
        if self.worklist is None:
            return
        now, lines = self._now(), self.lines
        is_whole = len(lines) * 2 <= max(self.size.height, 1)
        is_wide = self.size.width >= WIDE_FROM
        clocks = [clock_cell(line, now) for line in lines]
        if (lines, is_whole, is_wide, self.empty) != self._drawn:
            self._draw(lines, now, is_whole=is_whole, is_wide=is_wide)
        else:
            for place, (line, clock, before) in enumerate(zip(lines, clocks, self._clocks, strict=True)):
                if clock != before:
                    grid = line_grid(line, now, is_whole=is_whole, is_wide=is_wide)
                    self.replace_option_prompt_at_index(place, grid)
        self._clocks = clocks

    def _draw(self, lines: tuple[WorkLine, ...], now: datetime, *, is_whole: bool, is_wide: bool) -> None:
        self._drawn = lines, is_whole, is_wide, self.empty
        self.clear_options()
        if not lines:
            self.add_option(Option(Text(self.empty), disabled=True))
            return
        self.add_options(Option(line_grid(one, now, is_whole=is_whole, is_wide=is_wide)) for one in lines)
        self.highlighted = self._cursor

    def on_resize(self) -> None:
        self.tick()
