"""The board in words: its columns for the room there is, its lines, its filters with their counts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from tracker.values import BoardCounts, BoardOrder, BoardRow, Standing, TherapyJourney
from tui.answers import safe
from tui.glyphs import USED
from tui.language import tr
from tui.shown_codes import code_text
from tui.states import RUNS_WELL, STATES, WRONG, state_of, style_of
from tui.widgets.limit_bar import bar_text, left_text, urgency_of
from tui.widgets.table_cells import broken, with_marks
from tui.words import day, marks_beside

Local = Callable[[datetime], datetime]

GAP: Final = 2
"""What a table puts around each cell."""

SCROLL_BAR: Final = 1


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """A column of the board."""

    name: str
    title: str
    least: int


COLUMNS: Final = (
    BoardColumn("therapy", tr("Therapy"), 13),
    BoardColumn("state", tr("State"), 14),
    BoardColumn("stage", tr("Stage"), 8),
    BoardColumn("waits", tr("Waits for"), 14),
    BoardColumn("used", tr("Used"), 5),
    BoardColumn("left", tr("Left"), 13),
    BoardColumn("where", tr("Where"), 13),
    BoardColumn("next", tr("Next"), 15),
)
LEAVING: Final = ("next", "where", "used", "waits")
"""In this order columns go away, whole, where there is no room."""

_GROWING: Final = (
    *(("used", 8), ("next", 24), ("waits", 18), ("state", 28)),
    *(("where", 24), ("waits", 30), ("next", 40), ("used", 16)),
)
"""What is left over goes to these in turn, to each until it is so wide."""


def columns_for(width: int) -> tuple[tuple[BoardColumn, int], ...]:
    """The columns that fit, each with its width; what is left over goes to those that can use it."""
    kept = list(COLUMNS)
    for name in LEAVING:
        if _needed(kept) <= width:
            break
        kept = [one for one in kept if one.name != name]
    widths = {one.name: one.least for one in kept}
    spare = max(width - _needed(kept), 0)
    for name, most in _GROWING:
        more = min(spare, max(most - widths.get(name, most), 0))
        if more:
            widths[name] += more
            spare -= more
    return tuple((one, widths[one.name]) for one in kept)


def _needed(columns: Sequence[BoardColumn]) -> int:
    return sum(one.least + GAP for one in columns) + SCROLL_BAR


def cells_of(
    row: BoardRow,
    now: datetime,
    local: Local,
    columns: Sequence[tuple[BoardColumn, int]],
) -> tuple[Text, ...]:
    """One therapy; what is serious has word, shape and color. A cell may have several lines."""
    return tuple(_cell(one.name, width, row, now, local) for one, width in columns)


def _cell(name: str, width: int, row: BoardRow, now: datetime, local: Local) -> Text:
    first = None if row.standing is Standing.CLOSED else row.first
    if name == "therapy":
        return code_text(row.coi)
    if name == "state":
        return marked_state(row, now, width)
    if name == "stage":
        return Text(safe(row.stage_short))
    if name == "waits":
        return broken(waits_for(row, now, local), width)
    if name == "where":
        return broken(where_of(row), width)
    if name == "next":
        number, title = row.next_step or ("", "")
        return broken(f"{number} {title}", width, indent=3)
    if first is None:
        return Text("")
    if name == "left":
        return left_text(first, now)
    share = first.share_used(now)
    return Text("") if share is None else bar_text(share, width)


def marked_state(row: BoardRow, now: datetime, width: int) -> Text:
    """How it stands, and beside it all that calls for somebody."""
    return with_marks(state_cell(row, now), marks_beside(row.attention, row.standing), width)


def state_cell(row: BoardRow, now: datetime) -> Text:
    """How it stands; a limit of which little is left is soon."""
    state = state_of(row.standing, row.status).text
    is_running = row.standing in RUNS_WELL
    if is_running and row.first is not None and urgency_of(row.first, now) == "check":
        state = "▲ " + tr("SOON")
    style = style_of(state)
    return Text(state, style="muted" if not style and row.standing is not Standing.ON_TRACK else style)


def waits_for(row: BoardRow, now: datetime, local: Local) -> str:
    """Who has the cells; of what has ended the day."""
    if row.standing is Standing.CLOSED:
        return day(local(row.last_at), local(now))
    return row.units[0].custodian.partition(" (")[0] if row.units else _site_of(row)


def where_of(row: BoardRow) -> str:
    """The sites at which its open units are, or who carries them."""
    places = (unit.site or unit.custodian.partition(" (")[0] for unit in row.units)
    return ", ".join(dict.fromkeys(places)) or _site_of(row)


def _site_of(row: BoardRow) -> str:
    """The site of a therapy without an open unit: where it was given, else where it is collected."""
    is_given = row.standing is Standing.CLOSED or row.stage in _GIVEN
    return row.treatment_site if is_given else row.collection_site


_GIVEN: Final = frozenset({"infused", "closed"})
"""Stages in which no unit is left because the patient has it."""


def number(count: int) -> str:
    """A count in groups of three: 4 812."""
    return f"{count:,}".replace(",", " ")


@dataclass(frozen=True, slots=True)
class Shown:
    """Which part of the board is on the screen."""

    standing: Standing | None = None
    site: str | None = None
    attention: bool = False
    unplanned: bool = False
    text: str = ""
    order: BoardOrder = BoardOrder.STANDING
    rows: int = 0
    is_whole: bool = True


def filters_text(counts: BoardCounts, shown: Shown, *, width: int = 80) -> Text:
    """Every filter as a word with its count, the chosen one reversed; below what else narrows the list.

    Of states in which nothing stands only the chosen one is named; what does not fit begins a line.
    """
    text = Text()
    words = f" {tr('All {count}', count=number(counts.total))} "
    text.append(words, style="keycap" if shown.standing is None else "")
    for standing, count in counts.standings:
        is_chosen = shown.standing is standing
        if not count and not is_chosen:
            continue
        state = STATES[standing]
        words = f" {state.shape} {number(count)} {state.word.lower()} "
        style = style_of(state.text) if count else "muted"
        fits = cell_len(text.plain.rpartition("\n")[2]) + 1 + cell_len(words) <= width
        text.append(" " if fits else "\n").append(words, style="keycap" if is_chosen else style)
    second = Text()
    for part in _narrowed(shown):
        second.append(" " + part + " ", style="key")
    total = counts.total if shown.standing is None else dict(counts.standings)[shown.standing]
    is_narrowed = bool(shown.text or shown.attention or shown.unplanned)
    if not shown.is_whole and not is_narrowed:
        words = tr("{count} of {total}", count=number(shown.rows), total=number(total))
        second.append(f" {words}", style="muted")
    elif is_narrowed:
        more = "" if shown.is_whole else "+"
        second.append(" " + tr("{count} found", count=number(shown.rows) + more), style="muted")
    return text.append("\n").append_text(second) if second else text


def _narrowed(shown: Shown) -> list[str]:
    parts = []
    if shown.site is not None:
        parts.append(tr("site {site}", site=shown.site))
    if shown.attention:
        parts.append(tr("calls for somebody"))
    if shown.unplanned:
        parts.append(tr("without a plan"))
    if shown.text:
        parts.append(f"“{safe(shown.text)}”")
    if shown.order is not BoardOrder.STANDING:
        parts.append(ORDERS[shown.order])
    return parts


ORDERS: Final = {
    BoardOrder.STANDING: tr("by state"),
    BoardOrder.LEFT: tr("least time left first"),
    BoardOrder.CHANGED: tr("last change first"),
    BoardOrder.THERAPY: tr("by code"),
}
"""In what order the board stands, as F11 chooses one after the other."""


def counts_text(counts: BoardCounts, *, width: int) -> Text:
    """How many run in each stretch of the journey, with a line as long as their share."""
    lines = [
        (STATES[one].word.lower(), count, style_of(STATES[one].text))
        for one, count in counts.standings
        if one in WRONG
    ]
    lines += [(name, count, "") for name, count in counts.stages]
    most = max((count for _, count, _ in lines), default=0) or 1
    room = max(width - 10 - 7, 4)
    text = Text(no_wrap=True)
    for name, count, style in lines:
        text.append(f"{safe(name):<9}", style="muted").append(f"{number(count):>6} ", style=style)
        text.append(USED * max(round(count / most * room), 1 if count else 0), style=style or "").append("\n")
    text.rstrip()
    return text


def reason_text(journey: TherapyJourney, now: datetime) -> Text:
    """Why it stands so: its first limit by name, what calls for somebody, and the keys."""
    row = journey.line
    text = Text().append_text(state_cell(row, now))
    if row.first is not None and row.standing is not Standing.CLOSED:
        text.append("  ").append(safe(row.first.title) + ": ").append_text(left_text(row.first, now))
    for mark in marks_beside(row.attention, row.standing):
        text.append("  ").append(mark, style=style_of(mark))
    if row.reviewed_through is not None:
        text.append("  " + tr("reviewed #{sequence}", sequence=row.reviewed_through), style="muted")
    keys = Text("\n").append("Enter", style="key").append(" " + tr("open the therapy") + "   ")
    return text.append_text(keys.append("F9", style="key").append(" " + tr("open a deviation")))
