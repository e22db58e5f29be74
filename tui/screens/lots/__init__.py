"""The lots of reagents, vectors and sets of this site: which may be used, until when, on what cells."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Static

from tracker.values import Found, LotLine, TouchedUnit
from tui.answers import check, ok
from tui.commands import Command, Discard, Refresh, WhatIsThis
from tui.framing import RawScan
from tui.language import tr
from tui.looking import look
from tui.screens.lots.text import columns_for, detail_rows, line_cells, state_word
from tui.screens.what import ExplainingScreen
from tui.session import TerminalSession
from tui.widgets.pages import LinesTable
from tui.widgets.pane import facts_grid, name_pane
from tui.widgets.room import WIDE_FROM
from tui.widgets.table_cells import lines_of
from tui.workers import in_thread, start


class LotsScreen(ExplainingScreen):
    """Every lot of the site; a wide window shows the chosen one with the cells that it touched."""

    about = tr(
        "Lots of reagents, vectors and sets of this site: what expires first, whether each may be used, and "
        "which cells it touched. A disc may be used, a triangle may not be used now, a square is recalled or "
        "rejected. A scan chooses one; Enter says all of it."
    )
    is_misread_grave = False
    DEFAULT_CSS = """
    LotsScreen {
        & #list { width: 2fr; height: 1fr; }
        & #one { display: none; width: 1fr; height: 1fr; }
        &.-wide #one, &.-very-wide #one { display: block; }
    }
    """

    @dataclass
    class Loaded(Message):
        """The lots have been read, each with the units that it touched."""

        lines: tuple[tuple[LotLine, tuple[TouchedUnit, ...]], ...]

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(session)
        self.lines: tuple[tuple[LotLine, tuple[TouchedUnit, ...]], ...] = ()

    def body(self) -> ComposeResult:
        """The list; in a wide window the chosen lot beside it."""
        with Horizontal():
            yield LinesTable(
                id="list", classes="pane", cursor_type="row", cursor_foreground_priority="renderable"
            )
            yield Static(id="one", classes="pane", markup=False)

    def on_mount(self) -> None:
        name_pane(self.query_one("#list"), tr("Lots"), tr("reading ..."))
        self.read()

    def on_screen_resume(self) -> None:
        self.query_one(LinesTable).focus()

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    def prompt(self) -> str:
        """A lot is chosen by its code or its maker's."""
        return tr("Scan a lot")

    def likeliest(self) -> tuple[type[Command], ...]:
        """Nothing is recorded here."""
        return (Refresh, WhatIsThis, Discard)

    def read(self) -> None:
        """Read the lots of this site."""
        reader, site = self.session.tracker.read, self.session.station.site

        def found() -> tuple[tuple[LotLine, tuple[TouchedUnit, ...]], ...]:
            return tuple((one, reader.trace(thing=one.lot.id).units) for one in reader.lots(site=site))

        start(self, found, job="lots", done=LotsScreen.Loaded)

    def on_lots_screen_loaded(self, message: Loaded) -> None:
        """Show them."""
        self.lines = message.lines
        self._draw()
        self.answers.store_is_back()

    def _draw(self) -> None:
        table = self.query_one(LinesTable)
        row, columns = table.cursor_row, columns_for(max(table.content_size.width, 40))
        table.clear(columns=True)
        for _, title, cells in columns:
            table.add_column(Text(title, style="muted"), width=cells)
        for line, _ in self.lines:
            cells_of_line = line_cells(line, columns)
            table.add_row(*cells_of_line, height=lines_of(cells_of_line), key=line.lot.id)
        table.move_cursor(row=row, animate=False)
        name_pane(table, tr("Lots of {site}", site=self.session.station.site), str(len(self.lines)))
        self._draw_one()

    @property
    def chosen(self) -> tuple[LotLine, tuple[TouchedUnit, ...]] | None:
        """The lot that the cursor is on, with what it touched."""
        row = self.query_one(LinesTable).cursor_row
        return self.lines[row] if 0 <= row < len(self.lines) else None

    def on_data_table_row_highlighted(self) -> None:
        self._draw_one()

    def on_data_table_row_selected(self) -> None:
        """In a narrow window the whole of one lot is said as the answer."""
        one = self.chosen
        if one is not None and self.app.size.width < WIDE_FROM:
            rows = detail_rows(*one, self.session.local)
            facts = (f"{label.plain} {value.plain}".strip() for label, value in rows)
            self.show(ok(one[0].lot.number, "; ".join(facts)))

    def _draw_one(self) -> None:
        pane, one = self.query_one("#one", Static), self.chosen
        if one is None:
            name_pane(pane, "")
            pane.update(Text(tr("No lot: `cartrail lot receive` takes one in."), style="muted"))
            return
        name_pane(pane, one[0].lot.number)
        pane.update(facts_grid(detail_rows(*one, self.session.local)))

    async def take_scan(self, scan: RawScan) -> None:
        """A lot is chosen; one of another site is said to be none of these."""
        subject = await in_thread(lambda: look(self.session, scan))
        ids = [line.lot.id for line, _ in self.lines]
        if subject.found is Found.LOT and subject.object_id in ids:
            row = ids.index(subject.object_id)
            self.query_one(LinesTable).move_cursor(row=row, animate=False)
            line, _ = self.lines[row]
            self.show(ok(f"{line.lot.number}: {state_word(line)}."))
        else:
            self.show(check(tr("This is no lot of this site."), tr("F2 says what it is.")))

    def action_refresh(self) -> None:
        """Read the lots again."""
        self.read()

    def action_discard(self) -> None:
        """Leave."""
        self.close_with(ok(tr("Back from lots.")))
