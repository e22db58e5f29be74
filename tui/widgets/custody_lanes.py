"""Who held it when: one lane a holder in order of time, under one axis; nobody is two question marks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual.widgets import Static

from tracker.values import CustodyLane, Unheld
from tui.answers import safe
from tui.glyphs import EMPTY, FETCH, NOW, USED
from tui.language import tr
from tui.words import brief
from tui.wrapping import wrap

_NAME_SHARE: Final = 3
"""Of a line at most this part is for the holder's name; a longer one goes on in the next line."""

_TICK_CELLS: Final = 8
"""From the beginning of one date to the next."""

_NOBODY: Final = "??"
_CURSOR: Final = "│"
_STEPS: Final = (
    *(timedelta(minutes=minutes) for minutes in (5, 15, 30, 60, 120, 180, 360, 720)),
    *(timedelta(days=days) for days in (1, 2, 5, 7, 14, 28, 56, 182, 364)),
)


@dataclass(frozen=True, slots=True)
class LanesView:
    """What is drawn: lanes in order, the times when nobody held it, and where the axis ends."""

    lanes: tuple[CustodyLane, ...]
    unheld: tuple[Unheld, ...]
    until: datetime
    """Where a span ends that lasts; never before the last event."""

    @property
    def since(self) -> datetime:
        """Where the axis begins."""
        return min(span.since for lane in self.lanes for span in lane.spans)


@dataclass(frozen=True, slots=True)
class _Scale:
    since: datetime
    until: datetime
    cells: int

    def __call__(self, moment: datetime) -> int:
        """The cell of a moment; one outside is in the first or last."""
        whole = (self.until - self.since).total_seconds()
        part = (moment - self.since).total_seconds() / whole if whole > 0 else 0.0
        return min(max(int(part * self.cells), 0), self.cells - 1)


def lane_name(lane: CustodyLane) -> str:
    """A holder without its id, with its site where it has one."""
    title = safe(lane.holder).rpartition(" (")[0] or safe(lane.holder)
    return f"{title}, {lane.site}" if lane.site else title


def lanes_text(
    view: LanesView,
    *,
    width: int,
    local: Callable[[datetime], datetime],
    cursor: datetime | None = None,
    shown: slice = slice(None),
) -> Text:
    """The axis over all lanes, then those that are shown; `width` is all there is for a line."""
    if not view.lanes:
        return Text(tr("Nobody has had a unit yet."), style="muted")
    names = [lane_name(one) for one in view.lanes]
    margin = _margin(names, width)
    scale = _Scale(view.since, view.until, max(width - margin, 10))
    offset = tr("clock {offset}", offset=local(view.since).isoformat()[-6:])
    text = Text(no_wrap=True, end="").append(set_cell_size(offset, margin), style="muted")
    text.append(_axis(scale, local), style="muted")
    for name, lane in zip(names[shown], view.lanes[shown], strict=True):
        first, *rest = wrap(name, margin - 1) or [""]
        text.append("\n").append(set_cell_size(first, margin))
        text.append_text(_bars(lane, view, scale, cursor))
        for line in rest:
            text.append("\n" + line)
    return text


def _margin(names: Sequence[str], width: int) -> int:
    return min(max(map(cell_len, names)), width // _NAME_SHARE) + 1


def _axis(scale: _Scale, local: Callable[[datetime], datetime]) -> str:
    """Dates, or hours where it is short, as close together as they can be read."""
    line, free, month = "", 0, 0
    for moment, is_day in _ticks(scale, local):
        there = local(moment)
        is_date = is_day or not (there.hour or there.minute)
        words = f"{there.day}" if is_date else f"{there:%H:%M}"
        if is_date and there.month != month:
            words, month = f"{there.day} {there:%b}", there.month
        at = scale(moment)
        if at >= free and at + len(words) <= scale.cells:
            line = line.ljust(at) + words
            free = at + max(_TICK_CELLS, len(words) + 1)
    return line


def _ticks(scale: _Scale, local: Callable[[datetime], datetime]) -> Iterator[tuple[datetime, bool]]:
    """The beginning, then round times by the local clock; whether they are days."""
    whole = scale.until - scale.since
    step = next((one for one in _STEPS if whole / one * _TICK_CELLS <= scale.cells), _STEPS[-1])
    is_day = step >= timedelta(days=1)
    start = local(scale.since)
    yield scale.since, True
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    moment = midnight if is_day else midnight + (start - midnight) // step * step
    while moment <= scale.until:
        if moment >= start:
            yield moment, is_day
        moment += step


def _bars(lane: CustodyLane, view: LanesView, scale: _Scale, cursor: datetime | None) -> Text:
    cells = [(EMPTY, "line")] * scale.cells
    for one in lane.spans:
        first = scale(one.since)
        last = max(first, scale(one.until or view.until) - (one.until is not None))
        for at in range(first, last + 1):
            cells[at] = (USED, "bar.check" if one.is_on_paper else "bar.ok")
    gaps = [one for one in view.unheld if one.holder == lane.holder]
    for gap in gaps:
        for at in range(*_marked(gap, scale)):
            cells[at] = ("?", "now.stop")
    for gap in gaps:
        _write_length(cells, gap, scale)
    if cursor is not None and cursor >= scale.since:
        at = scale(cursor)
        cells[at] = (NOW if cells[at][0] == USED else _CURSOR, "key") if cells[at][0] != "?" else cells[at]
    text = Text(no_wrap=True, end="")
    for shape, style in cells:
        text.append(shape, style=style)
    return text


def _marked(gap: Unheld, scale: _Scale) -> tuple[int, int]:
    """From which cell to which the question marks stand: at least two of them, before the taking."""
    end = max(scale(gap.until), len(_NOBODY))
    return min(scale(gap.since), end - len(_NOBODY)), end


def _write_length(cells: list[tuple[str, str]], gap: Unheld, scale: _Scale) -> None:
    """How long nobody held it, where the lane has room: behind the bar, else before the marks."""
    length = tr("{length} nobody", length=brief(gap.length))
    first, after = _marked(gap, scale)
    while after < scale.cells and cells[after][0] == USED:
        after += 1
    before = first - len(length) - 2
    for at, words in ((after, f" {FETCH} {length} "), (before, f" {length} ")):
        room = cells[at : at + len(words)] if at >= 0 else []
        if len(room) == len(words) and all(shape == EMPTY for shape, _ in room):
            cells[at : at + len(words)] = [(char, "stop" if char != " " else "line") for char in words]
            return


LANES_MAX_NARROW: Final = 5
LANES_MAX_WIDE: Final = 14
"""Lanes that are seen at once; which, follows the cursor."""


class CustodyLanes(Static):
    """The lanes of one therapy with a cursor in time; drawn again for the room there is."""

    DEFAULT_CSS = """
    CustodyLanes { height: auto; text-wrap: nowrap; }
    """

    def __init__(self, local: Callable[[datetime], datetime]) -> None:
        super().__init__(markup=False)
        self._local = local
        self._view: LanesView | None = None
        self._cursor: datetime | None = None
        self._first = 0
        self.lanes_max = LANES_MAX_NARROW

    def show(self, view: LanesView) -> None:
        """Draw other lanes; the cursor stays at its time."""
        self._view = view
        self._draw()

    def point(self, moment: datetime | None) -> None:
        """Put the cursor at a time."""
        if moment != self._cursor:
            self._cursor = moment
            self._draw()

    def cell_of(self, moment: datetime) -> int:
        """The cell of a time, for whoever moves the cursor from cell to cell."""
        view = self._view
        if view is None or not view.lanes:
            return 0
        margin = _margin([lane_name(one) for one in view.lanes], self.size.width)
        return _Scale(view.since, view.until, max(self.size.width - margin, 10))(moment)

    def row_of(self, moment: datetime | None) -> int:
        """The number of the lane that holds it at a time, or takes it next, from 1; 0 where none does."""
        if moment is None or self._view is None:
            return 0
        lanes = self._view.lanes
        for gap in self._view.unheld:
            if gap.since <= moment < gap.until:
                return next(at for at, one in enumerate(lanes, start=1) if one.holder == gap.holder)
        for row, lane in enumerate(lanes):
            if any(one.since <= moment and (one.until is None or moment < one.until) for one in lane.spans):
                return row + 1
        return 0

    def on_resize(self) -> None:
        self._draw()

    @property
    def shown(self) -> tuple[int, int, int]:
        """The numbers of the first and last lane that are seen, and how many there are."""
        count = len(self._view.lanes) if self._view is not None else 0
        return min(self._first + 1, count), min(self._first + self.lanes_max, count), count

    def _draw(self) -> None:
        if self._view is None or not self.size.width:
            return
        lane = max(self.row_of(self._cursor) - 1, 0)
        self._first = min(max(self._first, lane - self.lanes_max + 1), lane)
        self._first = max(min(self._first, len(self._view.lanes) - self.lanes_max), 0)
        part = slice(self._first, self._first + self.lanes_max)
        width, local = self.size.width, self._local
        self.update(lanes_text(self._view, width=width, local=local, cursor=self._cursor, shown=part))
