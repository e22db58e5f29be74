"""A logger's readings as a curve, and below it on the same axis of time who held the cells. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from tracker.values import LoggerReadings
from tui.answers import safe
from tui.glyphs import EMPTY, LEFT, ROUTE, USED
from tui.language import tr
from tui.plotting import PlotMeaning, add_line, empty_plot, plot_text
from tui.words import brief, day
from tui.wrapping import wrap

Local = Callable[[datetime], datetime]

MARGIN: Final = 12
"""Cells before the axis of time begins, for degrees and for the names of what lies below the curve."""

CURSOR: Final = "│"
_BLANK: Final = (" ", "\u2800")
_BLOCK: Final = "█"
_TICK_CELLS: Final = 10
_DEGREES: Final = (0.5, 1, 2, 5, 10, 20, 50, 100)
_HOURS: Final = (0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 120, 240)


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """Which cell of a line stands for which moment."""

    since: datetime
    until: datetime
    cells: int

    @classmethod
    def of(cls, one: LoggerReadings, width: int) -> TimeAxis:
        """From when the cells went into the box until they came out of it."""
        since, until = one.stays[0].since, one.stays[-1].until
        return cls(since, max(until, since + timedelta(minutes=1)), max(width - MARGIN, 10))

    def hours(self, moment: datetime) -> float:
        """How long after its beginning."""
        return (moment - self.since) / timedelta(hours=1)

    def cell(self, moment: datetime) -> int:
        """A moment outside is in the first or last cell."""
        part = (moment - self.since) / (self.until - self.since)
        return min(max(int(part * self.cells), 0), self.cells - 1)

    def moment(self, cell: int) -> datetime:
        """When a cell begins."""
        return self.since + (self.until - self.since) * cell / self.cells

    def middle(self, cell: int) -> datetime:
        """A time inside it, which no rounding takes to the one before."""
        return self.moment(cell) + (self.until - self.since) / (2 * self.cells)


def value_at(one: LoggerReadings, axis: TimeAxis, cell: int) -> str:
    """What was read in the time of a cell, else what the reading before says; or that there is none."""
    since, until = axis.moment(cell), axis.moment(cell + 1)
    before: float | None = None
    for run in one.trace.runs if one.trace is not None else ():
        found = [point.celsius for point in run if since <= point.at < until]
        if found:
            low, high = f"{min(found):.4g}", f"{max(found):.4g}"
            return tr("{low} C", low=low) if low == high else tr("{low} to {high} C", low=low, high=high)
        if run[0].at <= since <= run[-1].at:
            before = max((point for point in run if point.at <= since), key=lambda point: point.at).celsius
    return tr("no reading") if before is None else tr("{low} C", low=f"{before:.4g}")


def holder_at(one: LoggerReadings, moment: datetime) -> str:
    """Who answered for the cells then; empty where nobody is known."""
    held = (each.holder for each in one.held if each.since <= moment < each.until)
    return next(map(holder_name, held), "")


def curve_text(
    one: LoggerReadings, local: Local, *, width: int, height: int, cursor: datetime | None = None
) -> Text:
    """The curve with its limits in so many lines, the last of which are the times; the cursor is a line."""
    axis = TimeAxis.of(one, width)
    plot = _plot(one, axis, max(height - 1, 3))
    return Text("\n").join(
        (plot if cursor is None else _crossed(plot, MARGIN + axis.cell(cursor)), _times(axis, local))
    )


def _crossed(plot: Text, column: int) -> Text:
    """The plot with a line down at a column, behind the curve."""
    found = []
    for line in plot.split("\n", allow_blank=True):
        is_free = line.plain[column : column + 1] in _BLANK
        crossed = Text.assemble(line[:column], (CURSOR, "key"), line[column + 1 :], no_wrap=True, end="")
        found.append(crossed if is_free else line)
    return Text("\n", no_wrap=True, end="").join(found)


def _plot(one: LoggerReadings, axis: TimeAxis, rows: int) -> Text:
    low, high = _range(one)
    plot = empty_plot(MARGIN + axis.cells, rows)
    plot.xlim(0, axis.hours(axis.until))
    plot.ylim(low, high)
    degrees = tuple(_degrees(one, low, high, rows))
    plot.yticks([at for at, _ in degrees], [f"{words:>{MARGIN - 1}} " for _, words in degrees])
    for bound in one.bounds:
        plot.hline(float(bound), PlotMeaning.LIMIT.value)
    for run in one.trace.runs if one.trace is not None else ():
        points = [(axis.hours(point.at), point.celsius) for point in run]
        add_line(plot, points, PlotMeaning.TRACE)
    for part in _outside(one, axis):
        add_line(plot, part, PlotMeaning.OUTSIDE)
    return plot_text(plot, rows)


def _range(one: LoggerReadings) -> tuple[float, float]:
    """The lowest and the highest degrees that are drawn, with some room around them."""
    found = [point.celsius for run in (one.trace.runs if one.trace else ()) for point in run]
    found += [float(bound) for bound in one.bounds]
    low, high = min(found), max(found)
    room = max((high - low) * 0.1, 0.5)
    return low - room, high + room


def _degrees(one: LoggerReadings, low: float, high: float, rows: int) -> Iterator[tuple[float, str]]:
    """The limits with their number, then round degrees that are in no line with another."""
    taken: set[int] = set()
    step = next((step for step in _DEGREES if (high - low) / step <= max(rows / 2, 2)), _DEGREES[-1])
    first = int(low // step) + 1
    limits = [(float(bound), tr("{bound} limit", bound=bound)) for bound in one.bounds]
    others = [(number * step, f"{number * step:g}") for number in range(first, int(high // step) + 1)]
    for at, words in (*limits, *others):
        row = round((high - at) / (high - low) * (rows - 1))
        if row not in taken:
            taken.add(row)
            yield at, words


def _outside(one: LoggerReadings, axis: TimeAxis) -> Iterator[list[tuple[float, float]]]:
    """What of the curve is outside, from where it crosses the limit to where it comes back."""
    bounds = [float(bound) for bound in one.bounds]
    for excursion in one.trace.outside if one.trace is not None else ():
        found = []
        for run in one.trace.runs if one.trace is not None else ():
            found += [point for point in run if excursion.began_at <= point.at < excursion.ended_at]
        limit = min(bounds, key=lambda bound: abs(bound - float(excursion.peak)))
        if found:
            ends = axis.hours(min(excursion.ended_at, axis.until))
            yield [*((axis.hours(point.at), point.celsius) for point in found), (ends, limit)]


def _times(axis: TimeAxis, local: Local) -> Text:
    """The times under the curve; the first one, and each midnight, with its day."""
    line, free, shown = " " * MARGIN, MARGIN, ""
    hours = axis.hours(axis.until)
    step = timedelta(
        hours=next((one for one in _HOURS if hours / one * _TICK_CELLS <= axis.cells), _HOURS[-1])
    )
    start = local(axis.since)
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    moment = midnight + -(-(start - midnight) // step) * step
    while moment <= axis.until:
        there = local(moment)
        date = day(there, there)
        clock = f"{there:%H}" if step >= timedelta(hours=1) else f"{there:%H:%M}"
        words = clock if date == shown else f"{date} {clock}"
        at = MARGIN + axis.cell(moment)
        if at >= free and at + cell_len(words) <= MARGIN + axis.cells:
            line = line.ljust(at) + words
            free, shown = at + cell_len(words) + 1, date
        moment += step
    return Text(line, style="muted", no_wrap=True, end="")


def lanes_text(one: LoggerReadings, local: Local, *, width: int, cursor: datetime | None = None) -> Text:
    """Who held the cells, what was outside, what nobody knows, and the cursor, on the axis of the curve."""
    axis = TimeAxis.of(one, width)
    lines = [_label(tr("who held it")).append_text(_bars(one, axis)), *_names(one, axis)]
    outside = [(each.began_at, each.ended_at, tr("{peak} C", peak=each.peak)) for each in _times_outside(one)]
    if outside:
        lines.append(_marked(_word(one), axis, outside, local))
    if one.trace is not None and one.trace.unknown:
        unknown = [(each.since, each.until, brief(each.until - each.since)) for each in one.trace.unknown]
        lines.append(_marked(tr("no reading"), axis, unknown, local, shape="?", style="check"))
    if cursor is not None:
        lines.append(_pointed(one, axis, axis.cell(cursor), local))
    return Text("\n", no_wrap=True, end="").join(lines)


def _pointed(one: LoggerReadings, axis: TimeAxis, cursor: int, local: Local) -> Text:
    """When the cursor is, what was read then and who had the cells, beside the cursor where there is room."""
    moment = axis.moment(cursor)
    there = local(moment)
    said = [f"{day(there, there)} {there:%H:%M}", value_at(one, axis, cursor), holder_at(one, moment)]
    words = "  ".join(filter(None, said))
    line = _label(tr("cursor")).append(EMPTY * cursor, style="line")
    if cursor + cell_len(words) + 2 <= axis.cells:
        return line.append(f"{CURSOR} ", style="key").append(words, style="bold")
    start = max(cursor - cell_len(words) - 1, 0)
    line = _label(tr("cursor")).append(EMPTY * start, style="line").append(words, style="bold")
    return line.append(f" {CURSOR}", style="key")


@dataclass(frozen=True, slots=True)
class _TimeOutside:
    began_at: datetime
    ended_at: datetime
    peak: str


def _times_outside(one: LoggerReadings) -> list[_TimeOutside]:
    """By the readings; where the file was erased, by what the chain says of them."""
    if one.trace is not None:
        return [_TimeOutside(each.began_at, each.ended_at, each.peak) for each in one.trace.outside]
    return [
        _TimeOutside(each.found.began_at, each.found.ended_at, each.found.peak_celsius)
        for each in one.excursions
        if each.found.peak_celsius is not None
    ]


def _word(one: LoggerReadings) -> str:
    """Whether it was too warm or too cold."""
    highest = [Decimal(bound.celsius_max) for bound in one.said.judged if bound.celsius_max is not None]
    peaks = [Decimal(each.peak) for each in _times_outside(one)]
    return tr("warm") if highest and max(peaks) > min(highest) else tr("cold")


def _label(word: str) -> Text:
    return Text(no_wrap=True, end="").append(f"{word:<{MARGIN}}", style="muted")


def _span(since: datetime, until: datetime, local: Local, more: str) -> str:
    """From when to when, with the day of each where they are two."""
    first, last = local(since), local(until)
    ends = f"{last:%H:%M}" if first.date() == last.date() else f"{day(last, last)} {last:%H:%M}"
    start = f"{day(first, first)} {first:%H:%M}"
    return tr("{start} to {end}, {more}", start=start, end=ends, more=more)


def _marked(
    word: str,
    axis: TimeAxis,
    spans: Sequence[tuple[datetime, datetime, str]],
    local: Local,
    *,
    shape: str = _BLOCK,
    style: str = "stop",
) -> Text:
    """Where something was is a block, however short it was; beside it the first in words."""
    cells = [(EMPTY, "line")] * axis.cells
    for since, until, _ in spans:
        for at in range(axis.cell(since), max(axis.cell(until), axis.cell(since) + 1)):
            cells[at] = (shape, f"bar.{style}")
    words = _span(*spans[0][:2], local, spans[0][2])
    if len(spans) > 1:
        words = tr("{span}, and {count} times more", span=words, count=len(spans) - 1)
    after = next(at for at in range(axis.cells, 0, -1) if cells[at - 1][0] == shape)
    before = axis.cell(spans[0][0]) - cell_len(words) - 2
    line = _label(word)
    for at in (after, before):
        if 0 <= at <= axis.cells - cell_len(words) - 2:
            for number, char in enumerate(f" {words} "):
                cells[at + number] = (char, style)
            return line.append_text(_drawn(cells))
    return (
        line.append_text(_drawn(cells)).append_text(Text("\n")).append_text(_label("")).append(words, style)
    )


def _drawn(cells: Sequence[tuple[str, str]]) -> Text:
    text = Text(no_wrap=True, end="")
    for shape, style in cells:
        text.append(shape, style=style)
    return text


def _bars(one: LoggerReadings, axis: TimeAxis) -> Text:
    """A bar for each holder; between two of them one cell is empty."""
    cells = [(EMPTY, "line")] * axis.cells
    for period in one.held:
        for at in range(axis.cell(period.since), axis.cell(period.until) + 1):
            cells[at] = (USED, "bar.ok")
    for period in one.held[1:]:
        cells[axis.cell(period.since)] = (LEFT, "line")
    return _drawn(cells)


def _names(one: LoggerReadings, axis: TimeAxis) -> Iterator[Text]:
    """Each holder below the beginning of their bar; where there is no room for that, one after the other."""
    names = [(axis.cell(period.since), holder_name(period.holder)) for period in one.held]
    line = ""
    for at, name in names:
        start = min(at, max(axis.cells - cell_len(name), 0))
        if line and cell_len(line) >= start:
            break
        line += " " * (start - cell_len(line)) + name
    else:
        yield _label("").append(line)
        return
    for part in wrap(f" {ROUTE} ".join(name for _, name in names), axis.cells):
        yield _label("").append(part)


def holder_name(holder: str) -> str:
    """A holder without its id."""
    return safe(holder).rpartition(" (")[0] or safe(holder)
