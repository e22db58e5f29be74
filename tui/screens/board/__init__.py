"""The board: every therapy by how it stands, the most urgent first, its first limit as a line."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.coordinate import Coordinate
from textual.message import Message
from textual.timer import Timer
from textual.widgets import DataTable, Static

from schema.errors import CartrailError
from schema.vocabulary import ReadMode
from tracker.values import BoardCounts, BoardOrder, BoardPage, BoardPlace, BoardRow, Standing, TherapyJourney
from tui.answers import check, ok
from tui.commands import Command, Deviation, Discard, Refresh, WhatIsThis
from tui.framing import RawScan
from tui.language import tr
from tui.looking import by_id, look
from tui.screens.board.text import (
    ORDERS,
    BoardColumn,
    Shown,
    cells_of,
    columns_for,
    counts_text,
    filters_text,
    reason_text,
)
from tui.screens.step import DEVIATION, StepScreen
from tui.screens.therapy import TherapyScreen
from tui.screens.therapy.text import frame_of, route_of
from tui.screens.what import ExplainingScreen
from tui.session import TerminalSession
from tui.shown_codes import code_text
from tui.widgets.journey_strip import JourneyStrip
from tui.widgets.pages import PagedTable
from tui.widgets.pane import name_pane
from tui.widgets.room import WIDE_FROM
from tui.widgets.table_cells import lines_of
from tui.workers import in_thread, start

PAGE: Final = 200
SCREENS_AT_FIRST: Final = 3
"""Of the first page only what fills the screen is read before it is painted, and so many screens after it."""

LINES_AROUND: Final = 5
"""Header, filters, titles, scan line and keys."""

TICK: Final = 30.0
"""Seconds between two looks at the clock: bars move, nothing is read."""

COUNTS_COLUMNS: Final = 24
"""Of the counts by stage, in the narrowest window that shows them."""

TYPED_AFTER: Final = 0.25
"""Seconds after the last character: a scanner has sent its whole code by then."""

FILTERS: Final = (None, *Standing)


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


class OrderBy(Command):
    """Sort by the time that is left, by the last change, by code, and by state again."""

    key = "f11"
    footer = "Order by"
    palette = "Sort the board in another order"


class BoardTable(PagedTable):
    """The lines of the board; Left and Right choose a filter and no column."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "screen.filter(-1)", show=False),
        Binding("right", "screen.filter(1)", show=False),
    ]

    class Scrolled(Message):
        """Other lines are in sight."""

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell the board."""
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Scrolled())


class BoardScreen(ExplainingScreen):
    """A screenful at first, then two hundred at a time; more are read when the cursor reaches the end.

    Lines that are there are never put up again for those that come: a list of thousands would stand still.
    """

    about = tr(
        "Every therapy, the most urgent first. Left and Right show only what is in one state, from breach "
        "and late to done; typing shows only what has that code, site, stage or person. Up and Down choose, "
        "Enter opens the therapy; so does a scan."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (Mine, Attention, OrderBy)
    is_misread_grave = False
    DEFAULT_CSS = """
    BoardScreen {
        & #filters { height: auto; padding: 0 1; }
        & DataTable { height: 1fr; }
        & #below { display: none; height: 11; }
        & #chosen { width: 2fr; height: 1fr; }
        & #counts { width: 1fr; height: 1fr; }
        &.-wide #below, &.-very-wide #below { display: block; }
    }
    """

    @dataclass
    class Loaded(Message):
        """A page of the board has been read."""

        page: BoardPage
        is_first: bool

    @dataclass
    class Counted(Message):
        """It is known how many therapies stand how."""

        counts: BoardCounts

    @dataclass
    class Chosen(Message):
        """The journey of the line that the cursor is on has been read."""

        journey: TherapyJourney | None

    def __init__(self, session: TerminalSession, shown: Shown | None = None) -> None:
        super().__init__(session)
        self.rows: list[BoardRow] = []
        self._place: BoardPlace | None = None
        self._counts: BoardCounts | None = None
        self._journey: TherapyJourney | None = None
        self._reading: str | None = None
        """The therapy whose journey is being read."""
        self._shown = shown or Shown()
        self._typed: Timer | None = None
        self._columns: tuple[tuple[BoardColumn, int], ...] = ()
        self._tops: list[int] = []
        """At which line of the table each row begins."""
        self._last_lines = 0
        self._as_of = ""

    def body(self) -> ComposeResult:
        """The filters over the table; below it the chosen therapy and the counts."""
        yield Static(tr("reading ..."), id="filters", markup=False)
        yield BoardTable(())
        with Horizontal(id="below"):
            with Vertical(id="chosen", classes="pane"):
                yield JourneyStrip(self.session.local)
                yield Static(id="reason", markup=False)
            yield Static(id="counts", classes="pane", markup=False)

    def on_mount(self) -> None:
        self.set_interval(TICK, self._age)
        self._fit()
        self.read(first=True)

    def on_resize(self) -> None:
        if self._fit():
            self._show_rows()
        self._read_chosen()

    def _fit(self) -> bool:
        """The columns that there is room for now; whether they are others than before."""
        columns = columns_for(self.app.size.width)
        if columns == self._columns:
            return False
        self._columns = columns
        table = self.query_one(BoardTable)
        table.clear(columns=True)
        for one, width in columns:
            table.add_column(Text(one.title, style="muted"), width=width, key=one.name)
        return True

    def _add(self, rows: Sequence[BoardRow]) -> None:
        """Put lines below those that are there."""
        table, now = self.query_one(BoardTable), self._now()
        for row in rows:
            cells = cells_of(row, now, self.session.local, self._columns)
            height = lines_of(cells)
            self._tops.append(self._tops[-1] + self._last_lines if self._tops else 0)
            self._last_lines = height
            table.add_row(*cells, height=height, key=row.coi)

    def _age(self) -> None:
        """Show the clocks as they stand now in the lines in sight; the others when they come there."""
        table, now = self.query_one(BoardTable), self._now()
        first = max(bisect(self._tops, int(table.scroll_y)) - 1, 0)
        last = bisect(self._tops, int(table.scroll_y) + table.size.height)
        for place in range(first, min(last, len(self.rows))):
            cells = cells_of(self.rows[place], now, self.session.local, self._columns)
            for column, cell in enumerate(cells):
                at = Coordinate(place, column)
                if table.get_cell_at(at) != cell:
                    table.update_cell_at(at, cell)
        self._show_chosen()

    def on_board_table_scrolled(self) -> None:
        """What comes into sight may have waited there for hours."""
        self._age()

    def _show_rows(self) -> None:
        """Put the lines on the screen again, with the clocks as they stand now."""
        table = self.query_one(BoardTable)
        chosen, top = self._chosen_coi(), table.scroll_y
        with self.app.batch_update():
            table.clear()
            self._tops.clear()
            self._add(self.rows)
            place = next((i for i, row in enumerate(self.rows) if row.coi == chosen), 0)
            table.move_cursor(row=place, animate=False, scroll=False)
            table.scroll_to(y=top, animate=False, immediate=True)
        self._show_chosen()

    def _chosen_coi(self) -> str | None:
        """The therapy that the cursor is on."""
        place = self.query_one(BoardTable).cursor_row
        return self.rows[place].coi if 0 <= place < len(self.rows) else None

    def on_screen_resume(self) -> None:
        self.query_one(BoardTable).focus()
        if self._counts is not None:
            self.read(first=True)

    def prompt(self) -> str:
        """Typing narrows the list."""
        return tr("Type to filter, or scan")

    def likeliest(self) -> tuple[type[Command], ...]:
        """What narrows the list first."""
        return (Mine, Attention, OrderBy, Refresh, Deviation, WhatIsThis, Discard)

    @property
    def _screenful(self) -> int:
        """How many lines of one row each are in sight at most."""
        return max(self.app.size.height - LINES_AROUND, 1)

    def read(self, *, first: bool) -> None:
        """Read the first page, or the one after the last line; then how many there are."""
        reader, shown = self.session.tracker.read, self._shown
        after = None if first else self._place
        screen = self._screenful
        if first:  # and where somebody has come back to a line, all down to it
            limit = min(max(screen, self.query_one(BoardTable).cursor_row + screen), PAGE)
        else:
            limit = SCREENS_AT_FIRST * screen if len(self.rows) <= screen else PAGE

        def page() -> BoardPage:
            return reader.board_page(
                limit=limit,
                after=after,
                site=shown.site,
                standing=shown.standing,
                attention=shown.attention,
                unplanned=shown.unplanned,
                text=shown.text,
                order=shown.order,
            )

        start(self, page, job="board", done=lambda found: BoardScreen.Loaded(found, first))

    def _read_counts(self) -> None:
        reader, site = self.session.tracker.read, self._shown.site
        start(self, lambda: reader.board_counts(site=site), job="counts", done=BoardScreen.Counted)

    def on_board_screen_loaded(self, message: Loaded) -> None:
        """Add the lines, or replace those that are there; those of the first pages stand in one order."""
        table, page, now = self.query_one(BoardTable), message.page, self._now()
        if message.is_first:
            table.is_whole = True
            self.rows = []
        known = {row.coi for row in self.rows}
        new = [row for row in page.rows if row.coi not in known]
        rows = [*self.rows, *new]
        if self._shown.order is BoardOrder.STANDING and len(rows) <= PAGE:
            rows.sort(key=lambda row: row.order(now))
        is_below = not message.is_first and rows[: len(self.rows)] == self.rows
        self.rows, self._place, self._as_of = rows, page.place, ""
        if is_below:
            self._add(new)
        else:
            self._show_rows()
        table.is_whole = page.place is None
        if message.is_first:
            is_more = page.place is not None and len(self.rows) <= self._screenful
            table.is_whole = table.is_whole or is_more  # asked for already
            # Only then, so that nothing is read beside the painting of what was asked for first.
            self.call_after_refresh(self._read_rest, is_more=is_more)
        self._show_filters()

    def _read_rest(self, *, is_more: bool) -> None:
        self._read_counts()
        if is_more:
            self.read(first=False)

    def on_board_screen_counted(self, message: Counted) -> None:
        """Say how many there are."""
        self._counts = message.counts
        self._show_filters()

    def _show_filters(self) -> None:
        counts = self._counts
        if counts is None:
            return
        shown = self._now_shown()
        text = filters_text(counts, shown, width=self.size.width)
        if self._as_of:
            text.append(f"  ▲ {self._as_of}", style="check")
        self.query_one("#filters", Static).update(text)
        pane = self.query_one("#counts", Static)
        name_pane(pane, tr("{count} open therapies", count=counts.running))
        pane.update(counts_text(counts, width=COUNTS_COLUMNS))

    def _now_shown(self) -> Shown:
        return replace(self._shown, rows=len(self.rows), is_whole=self._place is None)

    def on_paged_table_more_wanted(self) -> None:
        self.read(first=False)

    def on_data_table_row_highlighted(self) -> None:
        self._read_chosen()

    def _read_chosen(self) -> None:
        """Read the journey of the line that the cursor is on, where there is room to show it."""
        coi, reader = self._chosen_coi(), self.session.tracker.read
        is_known = self._journey is not None and self._journey.line.coi == coi
        if coi is None or self.app.size.width < WIDE_FROM or is_known or coi == self._reading:
            return
        self._reading = coi
        start(self, lambda: reader.journey(coi=coi), job="chosen", done=BoardScreen.Chosen)

    def on_board_screen_chosen(self, message: Chosen) -> None:
        """Show it below the table."""
        self._reading = None
        self._journey = message.journey
        self._show_chosen()

    def _show_chosen(self) -> None:
        journey, now = self._journey, self._now()
        if journey is None or journey.line.coi != self._chosen_coi():
            return
        pane = self.query_one("#chosen")
        for name in ("-bad", "-look"):
            pane.set_class(frame_of(journey, now) == name, name)
        name_pane(pane, code_text(journey.line.coi), route_of(journey))
        self.query_one(JourneyStrip).show(journey, now)
        self.query_one("#reason", Static).update(reason_text(journey, now))

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        if event.row_key.value is not None:
            self.app.push_screen(TherapyScreen(self.session, event.row_key.value))

    def read_failed(self, error: CartrailError) -> None:
        """What stands on the screen stays, and says since when it is not new."""
        self._reading = None
        self._as_of = tr("AS OF {at}: {message}", at=f"{self.session.now():%H:%M}", message=error.message)
        self.show(check(error.message, error.remedy))
        self._show_filters()

    def _now(self) -> datetime:
        return self.session.tracker.clock.now()

    def scan_typed(self, text: str, waiting: int) -> None:
        """What is being typed narrows the list, once it is plain that no scanner sends it."""
        super().scan_typed(text, waiting)
        if self._typed is not None:
            self._typed.stop()
        self._typed = self.set_timer(TYPED_AFTER, lambda: self._narrow(text)) if text else None

    def _narrow(self, text: str) -> None:
        self._show_only(replace(self._shown, text=text.strip()))

    def _show_only(self, shown: Shown) -> None:
        if shown != self._shown:
            self._shown = shown
            self.read(first=True)

    async def take_scan(self, scan: RawScan) -> None:
        """The therapy that a code belongs to; what was typed and is no code narrows the list."""
        subject = await in_thread(lambda: look(self.session, scan))
        if subject.therapy is not None:
            self.app.push_screen(TherapyScreen(self.session, subject.therapy.coi))
        elif scan.mode is ReadMode.MANUAL:
            self._narrow(scan.text)
        else:
            self.show(
                check(tr("This code belongs to no therapy."), tr("Scan a unit, cassette, COI card or box."))
            )

    def action_filter(self, by: int) -> None:
        """Show the therapies of the next state in which there are any, or of the one before."""
        counts = {} if self._counts is None else dict(self._counts.standings)
        there = [one for one in FILTERS if one in (None, self._shown.standing) or counts.get(one)]
        place = (there.index(self._shown.standing) + by) % len(there)
        self._show_only(replace(self._shown, standing=there[place]))

    def action_mine(self) -> None:
        """The therapies of this site alone, or of all."""
        site = None if self._shown.site else self.session.station.site
        self._show_only(replace(self._shown, site=site))

    def action_attention(self) -> None:
        """What calls for somebody alone, or everything."""
        self._show_only(replace(self._shown, attention=not self._shown.attention))

    def action_order_by(self) -> None:
        """The next order."""
        orders = list(ORDERS)
        order = orders[(orders.index(self._shown.order) + 1) % len(orders)]
        self._show_only(replace(self._shown, order=order))
        self.show(ok(tr("The board stands {order}.", order=ORDERS[order])))

    def action_refresh(self) -> None:
        """Read the first page again."""
        self._journey = None
        self.read(first=True)

    def why_not_deviation(self) -> str | None:
        """A deviation is about a therapy."""
        return None if self._chosen_coi() is not None else tr("Choose a therapy first.")

    def action_deviation(self) -> None:
        """Say what went wrong with the chosen therapy."""
        coi = self._chosen_coi()
        if coi is not None:
            self.do(self._deviate(coi))

    async def _deviate(self, coi: str) -> None:
        subject = await in_thread(lambda: look(self.session, by_id(coi)))
        self.app.push_screen(StepScreen(self.session, DEVIATION, subject))

    def escape_word(self) -> str:
        """First what narrows the list goes."""
        return tr("Back") if self._shown == Shown() else tr("All")

    def action_discard(self) -> None:
        """Show all again; with all on the screen, leave."""
        if self._shown != Shown():
            self._show_only(Shown())
        else:
            self.close_with(ok(tr("Back from the board.")))
