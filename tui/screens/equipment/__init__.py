"""Shippers and loggers in circulation: where each is, whether it is charged and fit, until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from schema.vocabulary import EquipmentShown, ReadMode
from tracker.values import EquipmentLine
from tui.answers import check, ok
from tui.commands import Command, Discard, Refresh, WhatIsThis
from tui.equipment_words import where_words
from tui.framing import RawScan
from tui.language import tr
from tui.looking import look
from tui.screens.equipment.text import columns_for, detail_rows, filters_text, line_cells
from tui.screens.lots import LotsScreen
from tui.screens.what import ExplainingScreen
from tui.session import TerminalSession
from tui.widgets.pages import LinesTable
from tui.widgets.pane import facts_grid, name_pane
from tui.widgets.room import WIDE_FROM
from tui.widgets.table_cells import lines_of
from tui.workers import in_thread, start

TYPED_AFTER: Final = 0.25
"""Seconds after the last character: a scanner has sent its whole code by then."""

FILTERS: Final = (None, *EquipmentShown)


class HereOnly(Command):
    """Show what is at this site or belongs to it, or all of the network again."""

    key = "f4"
    footer = "This site"
    palette = "Show what is at this site or belongs to it"


class ShowLots(Command):
    """Show the lots of reagents, vectors and sets of this site: which may be used, until when."""

    key = "f7"
    footer = "Lots"
    palette = "Lots of reagents, vectors and sets"


class EquipmentTable(LinesTable):
    """The lines; Left and Right choose a filter and no column."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "screen.filter(-1)", show=False),
        Binding("right", "screen.filter(1)", show=False),
    ]


class EquipmentScreen(ExplainingScreen):
    """Every box, shipper and logger of the network with where it is; filters answer a morning's questions."""

    about = tr(
        "Boxes, shippers and loggers: where each is, whether it is fit, until when it holds and is good. "
        "Left and Right show only what is ready, in use, to be charged, due, away or out of service; "
        "typing shows only what has that name, site or carrier. A scan chooses one."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (HereOnly, ShowLots)
    is_misread_grave = False
    DEFAULT_CSS = """
    EquipmentScreen {
        & #filters { height: auto; }
        & #list { width: 2fr; height: 1fr; }
        & #one { display: none; width: 1fr; height: 1fr; }
        &.-wide #one, &.-very-wide #one { display: block; }
    }
    """

    @dataclass
    class Loaded(Message):
        """All of them have been read."""

        lines: tuple[EquipmentLine, ...]

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(session)
        self.lines: tuple[EquipmentLine, ...] = ()
        self.shown: tuple[EquipmentLine, ...] = ()
        """Those that the filters leave."""

        self.group: EquipmentShown | None = None
        self.here = True
        self.text = ""
        self._typed: Timer | None = None

    def body(self) -> ComposeResult:
        """Filters over the list; in a wide window the chosen one beside it."""
        yield Static(tr("reading ..."), id="filters", markup=False)
        with Horizontal():
            yield EquipmentTable(
                id="list", classes="pane", cursor_type="row", cursor_foreground_priority="renderable"
            )
            yield Static(id="one", classes="pane", markup=False)

    def on_mount(self) -> None:
        self.read()

    def on_screen_resume(self) -> None:
        self.query_one(EquipmentTable).focus()

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    def prompt(self) -> str:
        """Typing narrows the list."""
        return tr("Type to filter, or scan a box or logger")

    def likeliest(self) -> tuple[type[Command], ...]:
        """What narrows the list first."""
        return (HereOnly, ShowLots, Refresh, WhatIsThis, Discard)

    def label_of(self, command: type[Command]) -> str:
        """F4 says what it would show."""
        if command is HereOnly and self.here:
            return tr("All sites")
        return super().label_of(command)

    def read(self) -> None:
        """Read all of them."""
        reader = self.session.tracker.read
        start(self, reader.equipment, job="equipment", done=EquipmentScreen.Loaded)

    def on_equipment_screen_loaded(self, message: Loaded) -> None:
        """Show them."""
        self.lines = message.lines
        self._draw()
        self.answers.store_is_back()

    def _here(self) -> tuple[EquipmentLine, ...]:
        site = self.session.station.site
        if not self.here:
            return self.lines
        return tuple(
            one
            for one in self.lines
            if site in (one.equipment.site, one.where.site, one.where.destination, one.where.carrier)
        )

    def _draw(self) -> None:
        table, local = self.query_one(EquipmentTable), self.session.local
        known, wanted = self._here(), self.text.casefold()
        before = self.chosen
        self.shown = tuple(
            one
            for one in known
            if (self.group is None or self.group in one.groups) and (not wanted or wanted in _searched(one))
        )
        self.query_one("#filters", Static).update(filters_text(known, self.group))
        columns = columns_for(max(table.content_size.width, 40))
        table.clear(columns=True)
        for _, title, cells in columns:
            table.add_column(Text(title, style="muted"), width=cells)
        for one in self.shown:
            cells_of_line = line_cells(one, columns, local)
            table.add_row(*cells_of_line, height=lines_of(cells_of_line), key=one.equipment.id)
        ids = [one.equipment.id for one in self.shown]
        row = ids.index(before.equipment.id) if before is not None and before.equipment.id in ids else 0
        table.move_cursor(row=row, animate=False)
        site = self.session.station.site
        title = tr("Shippers and loggers of {site}", site=site) if self.here else tr("Shippers and loggers")
        name_pane(table, title, tr('with "{text}"', text=self.text) if self.text else "")
        self._draw_one()
        self.show_keys()

    @property
    def chosen(self) -> EquipmentLine | None:
        """The line that the cursor is on."""
        row = self.query_one(EquipmentTable).cursor_row
        return self.shown[row] if 0 <= row < len(self.shown) else None

    def on_data_table_row_highlighted(self) -> None:
        self._draw_one()

    def on_data_table_row_selected(self) -> None:
        """In a narrow window the whole of one line is said as the answer."""
        one = self.chosen
        if one is not None and self.app.size.width < WIDE_FROM:
            rows = detail_rows(one, self.session.local)
            facts = (f"{label.plain} {value.plain}".strip() for label, value in rows)
            self.show(ok(one.equipment.title, "; ".join(facts)))

    def _draw_one(self) -> None:
        pane, one = self.query_one("#one", Static), self.chosen
        if one is None:
            name_pane(pane, "")
            pane.update(Text(tr("Nothing is shown by this filter."), style="muted"))
            return
        name_pane(pane, one.equipment.title)
        pane.update(facts_grid(detail_rows(one, self.session.local)))

    def action_filter(self, by: int) -> None:
        """What is under the next word, or the one before; words without anything are passed over."""
        known = self._here()
        found = {None, self.group, *(group for one in known for group in one.groups)}
        there = [one for one in FILTERS if one in found]
        self.group = there[(there.index(self.group) + by) % len(there)]
        self._draw()

    def action_here_only(self) -> None:
        """What this site has to do with, or all."""
        self.here = not self.here
        self._draw()

    def action_show_lots(self) -> None:
        """What cells are made with."""
        self.app.push_screen(LotsScreen(self.session))

    def scan_typed(self, text: str, waiting: int) -> None:
        """What is being typed narrows the list, once it is plain that no scanner sends it."""
        super().scan_typed(text, waiting)
        if self._typed is not None:
            self._typed.stop()
        self._typed = self.set_timer(TYPED_AFTER, lambda: self._narrow(text)) if text else None

    def _narrow(self, text: str) -> None:
        self.text = text.strip()
        self._draw()

    async def take_scan(self, scan: RawScan) -> None:
        """A box or logger is chosen; what was typed and is no code narrows the list."""
        subject = await in_thread(lambda: look(self.session, scan))
        if subject.equipment is not None:
            self.here, self.group, self.text = False, None, ""
            self._draw()
            wanted = subject.equipment.equipment
            row = [one.equipment.id for one in self.shown].index(wanted.id)
            self.query_one(EquipmentTable).move_cursor(row=row, animate=False)
            self.show(ok(f"{wanted.title}: {where_words(self.shown[row])}."))
        elif scan.mode is ReadMode.MANUAL:
            self._narrow(scan.text)
        else:
            self.show(check(tr("This is neither a box nor a logger."), tr("Scan the thing itself.")))

    def action_refresh(self) -> None:
        """Read all of them again."""
        self.read()

    def escape_word(self) -> str:
        """First what narrows the list goes."""
        return tr("Back") if self.group is None and not self.text else tr("All")

    def action_discard(self) -> None:
        """Show all again; with all on the screen, leave."""
        if self.group is not None or self.text:
            self.group, self.text = None, ""
            self._draw()
        else:
            self.close_with(ok(tr("Back from shippers and loggers.")))


def _searched(line: EquipmentLine) -> str:
    one = line.equipment
    return " ".join((one.id, one.title, one.site, where_words(line), one.serial or "")).casefold()
