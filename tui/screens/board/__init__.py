"""The board: every therapy with its stage, where its units are, what is due and what calls for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from textwrap import wrap
from typing import ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.message import Message
from textual.widgets import DataTable, Static

from tracker.values import BoardRow
from tui.answers import check, ok, safe
from tui.commands import Command
from tui.framing import RawScan
from tui.language import named, tr
from tui.looking import look
from tui.screens.trail import TrailScreen
from tui.screens.what import ExplainingScreen
from tui.session import TerminalSession
from tui.states import styled
from tui.widgets.pages import PagedTable
from tui.words import DUE_SOON, attention_mark, attention_words, fitted, span
from tui.workers import in_thread, start

PAGE: Final = 50
NARROW: Final = 80
"""The columns of the smallest terminal, on which the widths below fit."""

COLUMNS: Final = (
    (tr("THERAPY"), 11),
    (tr("STAGE"), 16),
    (tr("WHERE"), 15),
    (tr("DUE"), 10),
    (tr("ATTENTION"), 18),
)


class Mine(Command):
    """Show the therapies of this site only, or all again."""

    key = "f4"
    footer = "This site"
    palette = "Show this site's therapies"


class Attention(Command):
    """Show only what calls for somebody, or all again."""

    key = "f7"
    footer = "Attention"
    palette = "Show what calls for somebody"


def widths(columns: int) -> tuple[int, ...]:
    """The width of each column on a terminal this wide; spare cells go where words are longest."""
    spare = max(columns - NARROW, 0)
    stage, where, due = min(spare, 14), min(max(spare - 14, 0), 24), min(max(spare - 38, 0), 12)
    extra = (0, stage, where, due, max(spare - stage - where - due, 0))
    return tuple(width + more for (_, width), more in zip(COLUMNS, extra, strict=True))


def whole_cells(row: BoardRow, now: datetime, columns: int = NARROW) -> tuple[Text, ...]:
    """One therapy with every unit's holder and every mark, in as many lines as they take."""
    _, stage, place, width, attention = widths(columns)
    holders = [f"{unit.custodian}" for unit in row.units] or [named(row.status)]
    marks = [attention_mark(flag) for flag in row.attention] or [_reviewed(row)]
    due = _due(row, now)
    return (
        Text(row.coi),
        _lines([row.stage_title], stage),
        _lines(list(dict.fromkeys(holders)), place),
        Text("\n".join(wrap(due.plain, width)), style=due.style),
        _lines(marks, attention),
    )


def _lines(texts: Sequence[str], width: int) -> Text:
    return Text("\n".join(part for text in texts for part in wrap(safe(text), width)))


def height_of(cells: Sequence[Text]) -> int:
    """The lines that a therapy takes on the board."""
    return max(cell.plain.count("\n") for cell in cells) + 1


def board_cells(row: BoardRow, now: datetime, columns: int = NARROW) -> tuple[Text, ...]:
    """One line of the board; what is serious has a shape as well as a color."""
    _, stage, place, width, attention = widths(columns)
    open_units = row.units
    where = open_units[0].custodian if open_units else named(row.status)
    due = _due(row, now)
    if len(open_units) > 1:
        where = f"{len(open_units)}: {where}"
    return (
        Text(row.coi),
        Text(fitted(safe(row.stage_title), stage)),
        Text(fitted(safe(where), place)),
        Text("\n".join(wrap(due.plain, width)[:1]), style=due.style),
        Text(fitted(attention_words(row.attention) or _reviewed(row), attention)),
    )


def _reviewed(row: BoardRow) -> str:
    """How far an auditor has read, where nothing else calls for somebody."""
    return "" if row.reviewed_through is None else tr("reviewed #{sequence}", sequence=row.reviewed_through)


def _due(row: BoardRow, now: datetime) -> Text:
    if not row.clocks:
        return Text("")
    left = min(clock.due_at for clock in row.clocks) - now
    if left.total_seconds() < 0:
        return styled(tr("■ LATE {span}", span=span(left)))
    return styled(f"▲ {span(left)}" if left <= DUE_SOON else span(left))


class BoardScreen(ExplainingScreen):
    """Fifty lines at a time, the last touched first; more are read when the cursor reaches the end."""

    about = tr(
        "Every therapy, the last touched first. Up and Down choose, Enter opens the trail; so does a scan."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (Mine, Attention)
    is_misread_grave = False
    DEFAULT_CSS = """
    BoardScreen #heading { height: 1; padding: 0 1; background: $panel; }
    BoardScreen DataTable { height: 1fr; }
    """

    @dataclass
    class Loaded(Message):
        """A page of the board has been read."""

        rows: tuple[BoardRow, ...]
        counts: dict[str, int]
        is_first: bool
        asked: int

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(session)
        self.rows: list[BoardRow] = []
        self._site: str | None = None
        self._attention = False

    def body(self) -> ComposeResult:
        """The table under a heading."""
        yield Static(id="heading", markup=False)
        yield PagedTable(COLUMNS)

    def on_mount(self) -> None:
        self._fit()
        self.read(first=True)

    def on_resize(self) -> None:
        self._fit()
        if self.rows:
            self._show_rows()

    def _fit(self) -> None:
        """Use the columns there are."""
        table = self.query_one(PagedTable)
        for column, width in zip(table.ordered_columns, widths(self.app.size.width), strict=False):
            column.width = width

    def _show_rows(self) -> None:
        """Put the lines on the screen again, in the room there is now."""
        table = self.query_one(PagedTable)
        chosen = table.cursor_row
        table.clear()
        self._add(self.rows)
        table.move_cursor(row=chosen)

    def _add(self, rows: Sequence[BoardRow]) -> None:
        """Add lines: each therapy whole while all of them fit, else in one line."""
        table, now, columns = (
            self.query_one(PagedTable),
            self.session.tracker.clock.now(),
            self.app.size.width,
        )
        may_fit = len(self.rows) < table.size.height and len(rows) == len(self.rows)
        whole = [whole_cells(row, now, columns) for row in rows] if may_fit else []
        if whole and sum(map(height_of, whole)) < table.size.height:
            for row, cells in zip(rows, whole, strict=True):
                table.add_row(*cells, key=row.coi, height=height_of(cells))
        else:
            for row in rows:
                table.add_row(*board_cells(row, now, columns), key=row.coi)

    def on_screen_resume(self) -> None:
        self.query_one(PagedTable).focus()

    def read(self, *, first: bool) -> None:
        """Read the first page, or the one after the last line."""
        after = None if first or not self.rows else (self.rows[-1].last_at, self.rows[-1].coi)
        # What fills the screen is on it sooner; what lies below is read when somebody goes there.
        limit = min(PAGE, self.app.size.height) if first else PAGE
        reader, site, attention = self.session.tracker.read, self._site, self._attention

        def page() -> tuple[tuple[BoardRow, ...], dict[str, int]]:
            return reader.board(limit=limit, after=after, site=site, attention=attention), reader.counts()

        start(self, page, job="board", done=lambda found: BoardScreen.Loaded(*found, first, limit))

    def on_board_screen_loaded(self, message: Loaded) -> None:
        """Add the lines below, or replace those that are there."""
        table = self.query_one(PagedTable)
        if message.is_first:
            table.start_over()
            self.rows = []
        self.rows.extend(message.rows)
        self._add(message.rows)
        table.took(len(message.rows), message.asked)
        counts = ", ".join(f"{count} {named(status)}" for status, count in sorted(message.counts.items()))
        shown = (tr("with attention") + " ") if self._attention else ""
        where = tr("at {site}", site=self._site) if self._site else tr("of all sites")
        self.query_one("#heading", Static).update(
            tr(
                "BOARD {shown}{where}: {count} shown ({counts})",
                shown=shown,
                where=where,
                count=len(self.rows),
                counts=counts,
            )
        )

    def on_paged_table_more_wanted(self) -> None:
        self.read(first=False)

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        if event.row_key.value is not None:
            self.app.push_screen(TrailScreen(self.session, event.row_key.value))

    async def take_scan(self, scan: RawScan) -> None:
        """The trail of the therapy that a code belongs to."""
        subject = await in_thread(lambda: look(self.session, scan))
        if subject.therapy is None:
            self.show(
                check(tr("This code belongs to no therapy."), tr("Scan a unit, cassette, COI card or box."))
            )
        else:
            self.app.push_screen(TrailScreen(self.session, subject.therapy.coi))

    def action_mine(self) -> None:
        """The therapies of this site alone, or of all."""
        self._site = None if self._site else self.session.station.site
        self.read(first=True)

    def action_attention(self) -> None:
        """What calls for somebody alone, or everything."""
        self._attention = not self._attention
        self.read(first=True)

    def action_refresh(self) -> None:
        """Read the first page again."""
        self.read(first=True)

    def action_discard(self) -> None:
        """Nothing is entered here: Esc leaves."""
        self.close_with(ok(tr("The board is closed.")))
