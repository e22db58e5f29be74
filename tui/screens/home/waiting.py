"""What waits, as lines of the home screen: urgency as word and shape, clock, order and thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from textwrap import wrap
from typing import Final

from rich.cells import set_cell_size
from rich.text import Text
from textual.widgets import Static

from schema.events.deviations import DeviationAssessed, DeviationClosed
from tracker.values import WorkLine, Worklist
from tui.answers import safe
from tui.language import named, tr
from tui.states import style_of
from tui.words import DUE_SOON, INSIDE, attention_words, fitted, held_words, span

WIDE: Final = 120
"""Columns from which a line has room for the limit's name and the therapy."""

_JUDGING: Final = frozenset({DeviationAssessed.kind, DeviationClosed.kind})

_LATE, _SOON, _WAITING = tr("■ LATE"), tr("▲ SOON"), "..."
_SECONDS_BELOW: Final = timedelta(hours=1)
_HOURS_BELOW: Final = timedelta(days=1)
CLOCK_CELLS: Final = 18
_SHORT: Final = {
    "leukapheresis": tr("leuka."),
    "product": tr("prod."),
    "in process": tr("proc."),
    "qc sample": tr("sample"),
    "therapy": tr("COI"),
}


EMPTY: Final = tr("Nothing waits here. Scan any code: unit, cassette, COI card, box or place.")


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


def summary(worklist: Worklist, now: datetime, *, stale: str = "") -> Text:
    """One line over the list, which stays when something else takes its place."""
    found = counts(worklist.lines, now)
    text = Text(tr("WAITING") + "  ", style="bold", no_wrap=True, overflow="ellipsis")
    text.append(tr("■ {late} LATE", late=found.late), style="stop" if found.late else "dim")
    text.append("  ").append(tr("▲ {soon} SOON", soon=found.soon), style="check" if found.soon else "dim")
    text.append("  " + tr("{rest} more", rest=found.rest), style="not bold")
    if not worklist.is_whole:
        text.append("  " + tr("and others: see the board"), style="not bold")
    if stale:
        text.append(f"   ▲ {safe(stale)}", style="check")
    return text


def clock_cell(line: WorkLine, now: datetime) -> str:
    """The clock that runs, with its word and shape; seconds in the last hour."""
    if line.clock is not None:
        left = line.clock.due_at - now
        if left < timedelta(0):
            return f"{_LATE} {_short(left)}"
        return f"{_SOON if left <= DUE_SOON else _WAITING} {_short(left)}"
    if line.attention:
        return attention_words(line.attention)
    if line.since is None:
        return ""
    time = span(now - line.since)
    return tr("out {time}", time=time) if line.is_out else tr("since {time}", time=time)


def _short(left: timedelta) -> str:
    seconds = int(abs(left).total_seconds())
    if seconds < _SECONDS_BELOW.total_seconds():
        return tr("{time} min", time=f"{seconds // 60}:{seconds % 60:02d}")
    if seconds < _HOURS_BELOW.total_seconds():
        return tr("{time} h", time=f"{seconds // 3600}:{seconds // 60 % 60:02d}")
    return span(left)


def line_text(
    line: WorkLine, now: datetime, *, width: int, is_chosen: bool = False, is_whole: bool = False
) -> Text:
    """One line: what cannot be done by this person here is not bold, so that the eye finds what can."""
    clock = clock_cell(line, now)
    style = style_of(clock)
    label = f"{'>' if is_chosen else ' '}{line.number if line.number is not None else '':>2} "
    text = Text(label, no_wrap=True, overflow="ellipsis")
    text.append(set_cell_size(clock, CLOCK_CELLS), style=style).append(" ")
    room = max(width - CLOCK_CELLS - 5, 20)
    for part, cells, bold in _parts(line, room, is_whole=is_whole):
        text.append(fitted(safe(part), cells), style="bold" if bold else "")
        text.append(" ")
    text.rstrip()
    return text


def _parts(line: WorkLine, room: int, *, is_whole: bool) -> tuple[tuple[str, int, bool], ...]:
    """What to do, which thing, where; the width that each of them gets."""
    can = bool(line.kind)
    if is_whole:
        return (line.what, min(max(room - 19, 16), 44), can), (_thing(line), 18, False)
    thing = f"{held_words(line)} {line.subject}"
    if room + CLOCK_CELLS + 5 < WIDE:
        # What a deviation is about says more than the name of the step that judges it.
        what = 18 if line.kind in _JUDGING else max(min(room - 31, 44), 16)
        return (
            (line.what, what, can),
            (_thing(line), 18, False),
            (line.where, max(room - what - 20, 8), False),
        )
    limit = line.clock.title if line.clock is not None else ""
    therapy = line.cois[0] + (f" +{len(line.cois) - 1}" if len(line.cois) > 1 else "")
    rest = max(room - 30 - 30 - 15 - 26 - 5, 10)
    return (
        (line.what, 30, can),
        (thing, 30, False),
        ("" if line.subject == line.cois[0] else therapy, 15, False),
        (limit if limit != line.what else "", 26, False),
        (line.where, rest, False),
    )


def _thing(line: WorkLine) -> str:
    """The id with a short word before it: the id is what is read aloud."""
    inside = INSIDE.fullmatch(line.thing)
    word = tr("box {count}", count=inside[1]) if inside else _SHORT.get(line.thing) or named(line.thing)
    return f"{set_cell_size(word, 6)} {line.subject}"


def page_of(lines: tuple[WorkLine, ...], first: int, rows: int) -> tuple[WorkLine, ...]:
    """The lines that a window of this many rows shows."""
    return lines[first : first + max(rows, 1)]


def worklist_text(
    lines: tuple[WorkLine, ...],
    now: datetime,
    *,
    width: int,
    first: int,
    rows: int,
    chosen: WorkLine | None = None,
) -> Text:
    """The window of the list; before each line the number of its step.

    On a narrow terminal each line is told whole while there is room for all of them.
    """
    shown = page_of(lines, first, rows)
    if not shown:
        return Text(EMPTY)
    text = Text("\n", no_wrap=True, overflow="ellipsis")
    if width < WIDE and len(lines) * 2 <= rows:
        whole = [whole_text(line, now, width=width, is_chosen=line is chosen) for line in shown]
        if sum(one.plain.count("\n") + 1 for one in whole) <= rows:
            return text.join(whole)
    return text.join(line_text(line, now, width=width, is_chosen=line is chosen) for line in shown)


def whole_text(line: WorkLine, now: datetime, *, width: int, is_chosen: bool = False) -> Text:
    """The same with nothing cut: what to do and which thing, below it where, or what it is about."""
    text = line_text(replace(line, where=""), now, width=width, is_chosen=is_chosen, is_whole=True)
    room = max(width - CLOCK_CELLS - 5, 20)
    for part in wrap(safe(line.where), room):
        text.append("\n" + " " * (CLOCK_CELLS + 5) + part)
    return text


class WaitingPanel(Static):
    """Shows as many lines as fit: all that waits, or only what waits for one step."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(id="waiting", markup=False)
        self.worklist: Worklist | None = None
        self.stale = ""
        """Why the list may not be what is there now; empty when it was just read."""
        self.only: int | None = None
        """The number of the step whose lines alone are shown."""
        self._now = now
        self._first = 0
        self._cursor: int | None = None

    def show(self, worklist: Worklist) -> None:
        """Show a list just read; the window stays where it was."""
        chosen = self.chosen
        self.worklist, self.stale = worklist, ""
        self._first = min(self._first, max(len(self.lines) - 1, 0))
        # The arrow stays with its thing: Enter must not take what another has become.
        same = [i for i, one in enumerate(self.lines) if chosen and one.subject == chosen.subject]
        self._cursor = next((i for i in same if self.lines[i].kind == (chosen and chosen.kind)), None)
        self.tick()

    def fade(self, why: str) -> None:
        """Keep the list that is there, and say that it could not be read again."""
        self.stale = why
        self.tick()

    def turn(self, pages: int) -> None:
        """Move the window; it never leaves the list."""
        rows = max(self.size.height, 1)
        last = max(len(self.lines) - 1, 0)
        moved = self._first + pages * rows
        self._first = moved if 0 <= moved <= last else 0 if moved < 0 else self._first
        self.tick()

    @property
    def lines(self) -> tuple[WorkLine, ...]:
        """The lines that are shown, or can be turned to."""
        lines = self.worklist.lines if self.worklist else ()
        return tuple(one for one in lines if self.only in (None, one.number))

    @property
    def chosen(self) -> WorkLine | None:
        """The line that the arrows stand at; None when none was used since the last input."""
        lines = self.lines
        return lines[self._cursor] if self._cursor is not None and self._cursor < len(lines) else None

    def narrow(self, number: int | None) -> tuple[WorkLine, ...]:
        """Show only what waits for one step, or everything again; the lines that are left."""
        self.only, self._first, self._cursor = number, 0, None
        self.tick()
        return self.lines

    def move(self, by: int) -> None:
        """Move the arrow by so many lines; it never leaves the list, and the window goes along."""
        last = len(self.lines) - 1
        if last < 0:
            return
        start = self._first - 1 if by > 0 else self._first + 1
        self._cursor = min(max((start if self._cursor is None else self._cursor) + by, 0), last)
        rows = max(self.size.height, 1)
        self._first = min(self._first, self._cursor)
        if self._cursor >= self._first + rows:
            self._first = self._cursor - rows + 1
        self.tick()

    def leave(self) -> None:
        """Take the arrow away: something was typed or scanned since."""
        self._cursor = None
        self.tick()

    def heading(self) -> Text:
        """How urgent it is as a whole, in one line."""
        if self.worklist is None:
            return Text(self.stale or tr("Reading what waits here ..."), style="bold" if self.stale else "")
        return summary(self.worklist, self._now(), stale=self.stale)

    def tick(self) -> None:
        """Draw the lines again, with the clocks as they stand now."""
        if self.worklist is None:
            return
        text = worklist_text(
            self.lines,
            self._now(),
            width=max(self.size.width, 40),
            first=self._first,
            rows=max(self.size.height, 1),
            chosen=self.chosen,
        )
        self.update(text, layout=False)

    def on_resize(self) -> None:
        self.tick()
