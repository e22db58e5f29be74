"""Measures as lines of a table, groups as lines on one scale, and months as a plot. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from schema.errors import InputError
from tracker.values import Figures, Grouping, MeasureLine, MeasureReport, MeasureRow, MeasureUnit, MeasureWish
from tui.answers import safe
from tui.glyphs import DONE, EMPTY, LEFT, LOOK, USED
from tui.language import tr
from tui.plotting import PlotMeaning, add_line, empty_plot, plot_text
from tui.wrapping import wrap

COLUMNS: Final = (
    (tr("Measure"), 22),
    (tr("n"), 6),
    ("25 %", 8),
    (tr("Median"), 8),
    ("75 %", 8),
    ("", 6),
    (tr("Running"), 9),
)
"""Columns with their cells. What stands at the end leaves first where there is no room."""

GROUPED: Final = {
    Grouping.SITE: tr("by site"),
    Grouping.CARRIER: tr("by carrier"),
    Grouping.LANE: tr("by lane"),
    Grouping.PROTOCOL: tr("by protocol"),
    Grouping.RESOURCE: tr("by resource"),
    Grouping.REASON: tr("by reason"),
    Grouping.MONTH: tr("by month"),
}
_UNITS: Final = {
    MeasureUnit.DAYS: tr("days"),
    MeasureUnit.HOURS: tr("hours"),
    MeasureUnit.PERCENT: "%",
    MeasureUnit.COUNT: "",
}
_NUMBERS: Final = 17
"""Cells of n and the figure beside a bar."""

_BAR_MIN: Final = 8
_AXIS: Final = 8
"""Cells before a plot begins."""

_SHARES: Final = (5, 10, 20, 50, 100, 200)
"""To where a scale of shares goes; more can be booked than there are places."""

_FINE: Final = 10
"""Below so much from end to end an axis has decimals."""

_MONTH: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?")


def columns_for(width: int) -> tuple[tuple[str, int], ...]:
    """The columns that a table of this width has room for."""
    found = [*COLUMNS]
    while len(found) > 1 and sum(cells for _, cells in found) > width:
        found.pop()
    return tuple(found)


def heading_of(title: str, cells: int) -> Text:
    """Over a column of numbers it stands at the right, as they do."""
    is_words = title == COLUMNS[0][0]
    shown = title if is_words or not title else f"{title:>{cells - 1 if title == COLUMNS[-1][0] else cells}}"
    return Text(shown, style="muted")


def cells_of(line: MeasureLine, columns: int) -> tuple[Text, ...]:
    """One measure over everything that was asked for."""
    told, row = line.figures, line.row
    middle = figure_of(told, row)
    unit = _UNITS[row.unit] if middle is not None and row.unit is not MeasureUnit.COUNT else ""
    marks = f" {LOOK}" if told.outside or told.impossible else ""
    cells = (
        Text(row.title),
        _right(str(told.count), 6, "bold" if row.unit is MeasureUnit.COUNT and told.count else ""),
        _right(number(told.quartile_low), 8, "muted"),
        _right("" if row.unit is MeasureUnit.COUNT else number(middle), 8, "bold"),
        _right(number(told.quartile_high), 8, "muted"),
        Text(f" {unit}", style="muted"),
        _right(str(told.running or ""), 7).append(marks, style="check"),
    )
    return cells[:columns]


def _right(words: str, cells: int, style: str = "") -> Text:
    return Text(f"{words:>{cells}}", style=style)


def figure_of(told: Figures, row: MeasureRow) -> float | None:
    """What stands for a measure in a word: the median, the share, or the count."""
    if row.unit is MeasureUnit.COUNT:
        return float(told.count)
    return told.percent if row.unit is MeasureUnit.PERCENT else told.median


def number(value: float | None) -> str:
    """As many decimals as anybody reads."""
    return "" if value is None else f"{value:.1f}"


def figure_words(told: Figures, row: MeasureRow) -> str:
    """The figure with its unit."""
    value = figure_of(told, row)
    if value is None:
        return ""
    words = f"{value:.0f}" if row.unit is MeasureUnit.COUNT else number(value)
    return f"{words} {_UNITS[row.unit]}".strip()


def definition_text(row: MeasureRow, told: Figures, width: int) -> Text:
    """What the chosen measure means, what is in no figure of it, and from where the meaning is."""
    text = Text("\n".join(wrap(safe(row.definition), width)))
    left = [*_left_out(told)]
    if left:
        style = "check" if told.impossible or told.outside else "muted"
        text.append(
            "\n" + "\n".join(wrap(tr("Beside it: {what}.", what=", ".join(left)), width)), style=style
        )
    source = tr("Source: {source}.", source=safe(row.source))
    return text.append("\n" + "\n".join(wrap(source, width)), style="muted")


def _left_out(told: Figures) -> Iterator[str]:
    for count, words in (
        (told.running, tr("{count} running", count=told.running)),
        (told.left_out, tr("{count} without a value", count=told.left_out)),
        (told.impossible, tr("{count} impossible", count=told.impossible)),
        (told.outside, tr("{count} counted against a rule", count=told.outside)),
        (told.from_paper, tr("{count} counted off paper", count=told.from_paper)),
    ):
        if count:
            yield words


def groups_text(
    report: MeasureReport, lines: Sequence[MeasureLine], by: Grouping, *, width: int, height: int
) -> Text:
    """The groups one below the other on one scale, the newest months where not all have room."""
    if not lines:
        return Text(tr("Nothing of this was recorded."), style="muted")
    shown = lines[-height:] if by is Grouping.MONTH else lines[:height]
    left = len(lines) - len(shown)
    if left:
        shown = shown[1:] if by is Grouping.MONTH else shown[:-1]
        left += 1
    labels = [group_words(report, one.group) for one in shown]
    longest = max(map(cell_len, labels))
    if width - longest - _NUMBERS < _BAR_MIN:
        # A name goes away whole, and its code stays.
        labels = [
            safe(one.group) if one.group in report.titles else label
            for one, label in zip(shown, labels, strict=True)
        ]
        longest = max(map(cell_len, labels))
    scale = scale_of(shown)
    text = [
        _group_line(one, label, scale, longest=longest, width=width)
        for one, label in zip(shown, labels, strict=True)
    ]
    if left:
        more = Text(tr("{count} more: F12 writes them all", count=left), style="muted")
        text.insert(0 if by is Grouping.MONTH else len(text), more)
    return Text("\n", no_wrap=True).join(text)


def group_words(report: MeasureReport, group: str) -> str:
    """A group as people call it: `CARR-X Polar Courier`, `2026-11`, `infection`."""
    title = report.titles.get(group)
    if title is not None:
        return f"{group} {safe(title)}"
    return safe(group).replace("_", " ") or tr("none given")


def scale_of(lines: Sequence[MeasureLine]) -> tuple[float, float]:
    """From where to where the lines of groups go: a share to 100, a count from 0, a time as its quartiles."""
    told = [one.figures for one in lines]
    ends = [end for one in told for end in (one.quartile_low, one.quartile_high) if end is not None]
    if ends:
        room = max((max(ends) - min(ends)) * 0.1, 0.1)
        return max(min(ends) - room, 0.0), max(ends) + room
    shares = [one.percent for one in told if one.percent is not None]
    if shares:
        return 0.0, float(next(top for top in _SHARES if top >= max(shares) or top == _SHARES[-1]))
    return 0.0, float(max((one.count for one in told), default=0)) or 1.0


def scale_words(lines: Sequence[MeasureLine]) -> str:
    """What the lines of groups of a time show, and between which ends."""
    told = [one.figures for one in lines]
    low, high = scale_of(lines)
    if any(one.percent is not None for one in told):
        return tr("to {high} %", high=f"{high:.0f}")
    if not any(one.median is not None for one in told):
        return ""
    ends = tr(
        "from {low} to {high} {unit}", low=number(low), high=number(high), unit=_UNITS[lines[0].row.unit]
    )
    return f"{LEFT}{DONE}{LEFT} {ends}"


def _group_line(
    one: MeasureLine, label: str, scale: tuple[float, float], *, longest: int, width: int
) -> Text:
    told, row = one.figures, one.row
    value = figure_of(told, row)
    text = Text(no_wrap=True).append(label + " " * (longest - cell_len(label) + 1))
    room = max(width - longest - _NUMBERS, 0)
    words = figure_words(told, row)
    if value is None:
        said = tr("n {count}", count=told.count) if told.count else tr("none")
        return text.append(f"{EMPTY * room} ", style="line").append(said, style="muted")
    if room and told.quartile_low is not None and told.quartile_high is not None:
        text.append_text(_box((told.quartile_low, value, told.quartile_high), scale, room))
    else:
        used = min(round(value / scale[1] * room), room)
        text.append(USED * used, style="key").append(EMPTY * (room - used), style="line")
    text.append(f" {words}", style="bold")
    return text if row.unit is MeasureUnit.COUNT else text.append(f" n {told.count}", style="muted")


def _box(told: tuple[float, float, float], scale: tuple[float, float], room: int) -> Text:
    """From quartile to quartile a line, and the median on it."""
    low, high = scale
    first, at, last = (min(int((value - low) / (high - low) * room), room - 1) for value in told)
    cells = [EMPTY] * room
    cells[first : last + 1] = [LEFT] * (last + 1 - first)
    cells[at] = DONE
    text = Text("".join(cells), style="line")
    text.stylize("key", first, last + 1)
    text.stylize("bold", at, at + 1)
    return text


def trend_text(lines: Sequence[MeasureLine], *, width: int, height: int) -> Text:
    """The figure of each month as a curve, with the quartiles beside it where there are some."""
    told = [
        (one.group, one.figures, value)
        for one in lines
        if (value := figure_of(one.figures, one.row)) is not None
    ]
    if len(told) < 2:
        words = tr("A curve needs two months with five values each.")
        return Text("\n".join(wrap(words, width)), style="muted")
    rows = max(height - 1, 3)
    low, high = scale_of(lines)
    plot = empty_plot(width, rows)
    plot.xlim(0, len(told) - 1)
    plot.ylim(low, high)
    ticks = [low + (high - low) * part for part in (0, 0.5, 1)]
    plot.yticks(ticks, [f"{tick:>{_AXIS - 2}.{int(high - low < _FINE)}f} " for tick in ticks])
    for bounds in ([one.quartile_low for _, one, _ in told], [one.quartile_high for _, one, _ in told]):
        points = [(float(at), bound) for at, bound in enumerate(bounds) if bound is not None]
        if len(points) > 1:
            add_line(plot, points, PlotMeaning.TICK)
    add_line(plot, [(float(at), value) for at, (_, _, value) in enumerate(told)], PlotMeaning.TRACE)
    return Text("\n").join((plot_text(plot, rows), _months([group for group, _, _ in told], width)))


def _months(groups: Sequence[str], width: int) -> Text:
    """The months under a curve, as many as have room; the year beside the first and each January."""
    room, line = width - _AXIS, ""
    for at, group in enumerate(groups):
        month = date.fromisoformat(f"{group}-01")
        words = f"{month:%b %Y}" if not line or month.month == 1 else f"{month:%b}"
        place = round(at / (len(groups) - 1) * (room - 1))
        start = min(place, room - cell_len(words))
        if not line or start > cell_len(line):
            line += " " * (start - cell_len(line)) + words
    return Text(" " * _AXIS + line, style="muted", no_wrap=True)


def period_words(wish: MeasureWish) -> str:
    """Of which days the figures are."""
    if wish.first is None or wish.last is None:
        return tr("all months")
    if wish.first.day == 1 and (wish.last + timedelta(days=1)).day == 1:
        first, last = f"{wish.first:%b %Y}", f"{wish.last:%b %Y}"
        return first if first == last else tr("{first} to {last}", first=first, last=last)
    return tr("{first} to {last}", first=wish.first.isoformat(), last=wish.last.isoformat())


def period_typed(text: str) -> tuple[date, date]:
    """A month, a year or two of either as `2026-01..2026-03`; raises InputError for anything else."""
    first, _, last = text.partition("..")
    return _span(first.strip(), text)[0], _span((last or first).strip(), text)[1]


def _span(words: str, text: str) -> tuple[date, date]:
    match = _MONTH.fullmatch(words)
    try:
        if match is not None:
            year, month = int(match[1]), int(match[2] or 1)
            begun = date(year, month, 1)
            later = date(year + 1, 1, 1) if match[2] is None or month == 12 else date(year, month + 1, 1)
            return begun, later - timedelta(days=1)
    except ValueError:
        pass
    raise InputError(
        tr("{text} is no month.", text=text[:30]),
        remedy=tr("Type it as 2026-11, 2026-01..2026-03 or 2026; `all` shows every month."),
        code="bad_period",
    )
