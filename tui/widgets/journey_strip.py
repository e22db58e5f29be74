"""A therapy as a line of nodes from vein to vein: what is behind, where it is now, what is to come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.cells import cell_len
from rich.text import Text
from textual.widgets import Static

from tracker.values import Progress, Standing, Stretch, TherapyJourney
from tui.answers import safe
from tui.glyphs import AHEAD, BAD, DONE, LEFT, LOOK, NOW, TO_COME, USED
from tui.language import tr
from tui.states import GRAVE
from tui.widgets.limit_bar import urgency_of
from tui.words import brief, day

COLUMN_MAX: Final = 14
"""Columns of a stretch where there is room; beyond that the line would only be longer."""

Local = Callable[[datetime], datetime]


@dataclass(frozen=True, slots=True)
class _Column:
    """A stretch in words."""

    short: str
    node: str
    style: str
    """`ok`, `key`, `check`, `stop`, or `line` of what is to come."""
    day: str
    spent: tuple[str, ...]
    """How long it took, as exactly as there is room for: the longest first."""

    is_now: bool

    @property
    def width(self) -> int:
        """What it takes at least."""
        return max(cell_len(self.short), cell_len(self.day), 1)

    def spent_in(self, width: int) -> str:
        """The longest of its times that fits."""
        return next((words for words in self.spent if cell_len(words) <= width), "")


def strip_text(journey: TherapyJourney, now: datetime, local: Local, *, width: int) -> Text:
    """Names, nodes, days and times; one line a stretch where they do not fit side by side."""
    columns = [_column(one, journey, now, local) for one in journey.stretches]
    if not columns:
        return Text()
    needed = sum(one.width for one in columns) + len(columns) - 1
    if needed > width:
        return standing_text(journey, now, local)
    spare = (width - needed) // len(columns)
    widths = [max(min(one.width + spare, COLUMN_MAX), one.width) for one in columns]
    lines = [Text(no_wrap=True) for _ in range(4)]
    for place, (one, room) in enumerate(zip(columns, widths, strict=True)):
        is_last = place == len(columns) - 1
        _put(lines[0], _name(one), room)
        _put(lines[1], _node(one, 0 if is_last else room - 1), room)
        _put(lines[2], Text(one.day, style="" if one.is_now else "muted"), room)
        _put(lines[3], Text(one.spent_in(room), style=_time_style(one)), room)
    return Text("\n", no_wrap=True).join(lines)


def standing_text(journey: TherapyJourney, now: datetime, local: Local) -> Text:
    """One line a stretch: node, name, day and time."""
    columns = [_column(one, journey, now, local) for one in journey.stretches]
    names = max((cell_len(one.short) for one in columns), default=0)
    days = max((cell_len(one.day) for one in columns), default=0)
    lines = []
    for one in columns:
        line = Text(f"{one.node} ", style="line" if one.style == "line" else f"bar.{one.style}", no_wrap=True)
        _put(line, _name(one), names + 1)
        _put(line, Text(one.day, style="" if one.is_now else "muted"), days + 1)
        line.append(one.spent[0] if one.spent else "", style=_time_style(one))
        line.rstrip()
        lines.append(line)
    return Text("\n", no_wrap=True).join(lines)


def _put(line: Text, part: Text, width: int) -> None:
    """Add a part and blanks up to its column's width and the gap behind it."""
    line.append_text(part).append(" " * (width + 1 - part.cell_len))


def _name(one: _Column) -> Text:
    style = f"now.{one.style}" if one.is_now else "muted" if one.style == "line" else "bold"
    return Text(one.short, style=style)


def _node(one: _Column, line: int) -> Text:
    if one.style == "line":
        return Text(one.node + LEFT * line, style="line")
    text = Text(one.node, style=f"bar.{one.style}")
    if one.is_now:
        return text.append(AHEAD * line, style=f"bar.{one.style}")
    return text.append(USED * line, style=f"bar.{one.style}")


def _time_style(one: _Column) -> str:
    return one.style if one.is_now and one.style in ("check", "stop") else "muted"


def _column(one: Stretch, journey: TherapyJourney, now: datetime, local: Local) -> _Column:
    node, style = _shape(one, journey, now)
    began = "" if one.began_at is None else day(local(one.began_at), local(now))
    if one.projected_at is not None:
        # What is planned is never a year away, and a year would leave no room for the other columns.
        began = f"{LOOK if one.projected_at < now else '~'}{day(one.projected_at, one.projected_at)}"
    return _Column(safe(one.short), node, style, began, _spent(one), one.progress is Progress.NOW)


def _spent(one: Stretch) -> tuple[str, ...]:
    if one.spent is None:
        return ()
    whole = (brief(one.spent),)
    return (*whole, tr("{days} d", days=one.spent.days)) if one.spent.days else whole


def _shape(one: Stretch, journey: TherapyJourney, now: datetime) -> tuple[str, str]:
    """Node and color of a stretch; of the one that is under way by the limit that ends first."""
    if one.progress is Progress.TO_COME:
        return TO_COME, "line"
    if one.progress is Progress.DONE:
        return (DONE, "line") if journey.is_canceled else (DONE, "ok")
    first = journey.line.first
    urgency = "" if first is None else urgency_of(first, now)
    if journey.line.standing in GRAVE or urgency == "stop":
        return BAD, "stop"
    is_soon = urgency == "check" or journey.line.standing is Standing.AT_RISK
    return (LOOK, "check") if is_soon else (NOW, "key")


class JourneyStrip(Static):
    """The strip of one therapy, drawn for the room there is."""

    DEFAULT_CSS = "JourneyStrip { height: auto; }"

    def __init__(self, local: Local, *, name: str | None = None, is_standing: bool = False) -> None:
        super().__init__(id=name, markup=False, classes="pane" if is_standing else "")
        self._local = local
        self._is_standing = is_standing
        self._shown: tuple[TherapyJourney, datetime] | None = None

    def on_resize(self) -> None:
        self._draw()

    def show(self, journey: TherapyJourney | None, now: datetime) -> None:
        """Show a therapy as it stands now; nothing for None."""
        self._shown = None if journey is None else (journey, now)
        self._draw()

    def _draw(self) -> None:
        if self._shown is None:
            self.update("")
            return
        journey, now = self._shown
        if self._is_standing:
            self.update(standing_text(journey, now, self._local))
        else:
            width = self.content_size.width or self.app.size.width
            self.update(strip_text(journey, now, self._local, width=width))
