"""Storage: the places of a site with how full they are, and a place as a picture with what lies where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final

from rich.console import Group
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.screen import Screen
from textual.widgets import DataTable, Static

from schema.positions import position_at, row_and_column
from tracker.values import WORKING_ROLES, Found, StorageMap, StoredUnit, grant_violation
from tui.answers import check, ok
from tui.commands import Command, Discard, Refresh, Sign
from tui.framing import RawScan
from tui.language import tr
from tui.looking import ScannedThing, look
from tui.screens.rack.tally import COUNT, PUT_AWAY, RESTOW, Task
from tui.screens.storage.text import (
    columns_for,
    map_cells,
    map_legend,
    place_cells,
    place_rows,
    unit_rows,
    unplaced_text,
)
from tui.screens.what import ExplainingScreen
from tui.session import TerminalSession
from tui.typing import is_position
from tui.widgets.pages import LinesTable
from tui.widgets.pane import facts_grid, name_pane
from tui.widgets.place_grid import GridWindow, grid_table, window_of, window_words
from tui.workers import in_thread, start

MAP_LINES_MIN: Final = 4
RackOf = Callable[[Task, ScannedThing | None], Screen[None]]
"""Makes the rack screen with a task chosen, and with the place whose card was scanned just now."""


class PutAway(Command):
    """Put units away: scan the place, then each unit and its position."""

    key = "f4"
    footer = "Put away"
    palette = "Put units away"


class Restow(Command):
    """Give all that lies in a place its position anew, as after a spilled rack."""

    key = "f7"
    footer = "Restow"
    palette = "Restow a place"


class OpensRacks(ExplainingScreen):
    """What both screens open: a rack with its task chosen, which asks for the card of the place."""

    own_commands: ClassVar[tuple[type[Command], ...]] = (PutAway, Restow)
    is_misread_grave = False

    def __init__(self, session: TerminalSession, rack_of: RackOf) -> None:
        super().__init__(session)
        self.rack_of = rack_of
        self.card: ScannedThing | None = None
        """The place on the screen, where it is there because its card was scanned."""

    def label_of(self, command: type[Command]) -> str:
        """F10 counts here."""
        return tr("Count") if command is Sign else super().label_of(command)

    def likeliest(self) -> tuple[type[Command], ...]:
        """What is done at a tank."""
        return (Sign, PutAway, Restow, Refresh, Discard)

    def action_sign(self) -> None:
        """Count: scan all that lies in a place, then sign."""
        self.app.push_screen(self.rack_of(COUNT, self.card))

    def action_put_away(self) -> None:
        """Put units away."""
        self.app.push_screen(self.rack_of(PUT_AWAY, self.card))

    def action_restow(self) -> None:
        """Give each unit of a place its position anew."""
        self.app.push_screen(self.rack_of(RESTOW, self.card))

    def may_see(self, site: str) -> bool:
        """Whether who looks has a part at the site; others see how full a place is, and not of what."""
        registry, now = self.session.tracker.registry, self.session.tracker.clock.now()
        return grant_violation(registry, self.session.staff, WORKING_ROLES, site, now) is None


class StorageScreen(OpensRacks):
    """The storage places of this site; a wide window shows the chosen one as a picture."""

    about = tr(
        "The storage places of this site: how many units lie in each, what it keeps, when it was counted. "
        "Up and Down choose, Enter shows the place as a picture; so does a scan of its card or of a unit."
    )
    DEFAULT_CSS = """
    StorageScreen {
        & #places { height: 1fr; }
        & #beside { display: none; width: 1fr; height: 1fr; }
        &.-wide #places, &.-very-wide #places { width: 1fr; }
        &.-wide #beside, &.-very-wide #beside { display: block; }
    }
    """

    @dataclass
    class Loaded(Message):
        """The places have been read."""

        places: tuple[StorageMap, ...]

    def __init__(self, session: TerminalSession, rack_of: RackOf) -> None:
        super().__init__(session, rack_of)
        self.places: tuple[StorageMap, ...] = ()

    def body(self) -> ComposeResult:
        """The list; in a wide window the picture of the chosen place beside it."""
        with Horizontal():
            yield LinesTable(
                id="places", classes="pane", cursor_type="row", cursor_foreground_priority="renderable"
            )
            yield Static(id="beside", classes="pane", markup=False)

    def on_mount(self) -> None:
        name_pane(self.query_one("#places"), tr("Storage"), tr("reading ..."))
        self.read()

    def on_screen_resume(self) -> None:
        self.query_one(LinesTable).focus()
        self.read()

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    def prompt(self) -> str:
        """A place or something in one."""
        return tr("Scan a place, or a unit")

    def read(self) -> None:
        """Read all places of the site."""
        reader, site = self.session.tracker.read, self.session.station.site
        start(self, lambda: reader.storage(site=site), job="storage", done=StorageScreen.Loaded)

    def on_storage_screen_loaded(self, message: Loaded) -> None:
        """Show them."""
        self.places = message.places
        self._draw()
        self.answers.store_is_back()

    def _draw(self) -> None:
        table, now = self.query_one(LinesTable), self.session.tracker.clock.now()
        row = table.cursor_row
        columns = columns_for(max(table.content_size.width, 40))
        table.clear(columns=True)
        for _, title, cells in columns:
            table.add_column(Text(title, style="muted"), width=cells)
        names = [name for name, _, _ in columns]
        for one in self.places:
            table.add_row(*place_cells(one, names, now, self.session.local), key=one.place.id)
        table.move_cursor(row=row, animate=False)
        count = tr("1 place") if len(self.places) == 1 else tr("{count} places", count=len(self.places))
        name_pane(table, tr("Storage of {site}", site=self.session.station.site), count)
        self._draw_beside()

    @property
    def chosen(self) -> StorageMap | None:
        """The place that the cursor is on."""
        row = self.query_one(LinesTable).cursor_row
        return self.places[row] if 0 <= row < len(self.places) else None

    def on_data_table_row_highlighted(self) -> None:
        self._draw_beside()

    def _draw_beside(self) -> None:
        pane, one = self.query_one("#beside", Static), self.chosen
        if one is None:
            name_pane(pane, "")
            pane.update(Text(tr("No storage place: `cartrail site location` adds one."), style="muted"))
            return
        now, shown = self.session.tracker.clock.now(), self.may_see(one.place.site)
        size, grid = pane.content_size, one.place.grid
        parts: list[object] = []
        if grid is not None:
            window = window_of(grid, None, width=size.width, height=max(size.height - 6, MAP_LINES_MIN))
            parts += [grid_table(map_cells(one, now, is_shown=shown), window), Text("")]
        loose = unplaced_text(one, now, size.width, 6, is_shown=shown)
        parts += [loose, Text("")] if loose else []
        name_pane(pane, one.place.title, map_legend(one, now) if grid is not None else "")
        pane.update(Group(*parts, facts_grid(place_rows(one, self.session.local))))  # type: ignore[arg-type]

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        if event.row_key.value is not None:
            self.open(event.row_key.value)

    def open(self, location: str, unit: str | None = None, card: ScannedThing | None = None) -> None:
        """Show a place as a picture, with one of its units chosen."""
        shown = PlaceScreen(self.session, self.rack_of, location, unit)
        shown.card = card
        self.app.push_screen(shown)

    async def take_scan(self, scan: RawScan) -> None:
        """A place opens; so does the one in which a unit lies."""
        subject = await in_thread(lambda: look(self.session, scan))
        unit = None if subject.unit is None else subject.unit
        if subject.found is Found.LOCATION and subject.object_id is not None:
            self.open(subject.object_id, card=subject)
        elif unit is not None and unit.location is not None:
            self.open(unit.location, unit.unit)
        elif unit is not None:
            self.show(check(tr("By the record this unit is in no place."), tr("F2 says where it is.")))
        else:
            self.show(check(tr("This is neither a place nor a unit."), tr("Scan one of these.")))

    def action_refresh(self) -> None:
        """Read the places again."""
        self.read()

    def action_discard(self) -> None:
        """Leave."""
        self.close_with(ok(tr("Back from storage.")))


class PlaceMap(Static, can_focus=True):
    """The picture of a place; the arrows choose a position. It is drawn again when its room changes."""

    class Resized(Message):
        """There is another room for it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "screen.move(0, -1)", show=False),
        Binding("right", "screen.move(0, 1)", show=False),
        Binding("up", "screen.move(-1, 0)", show=False),
        Binding("down", "screen.move(1, 0)", show=False),
        Binding("home", "screen.move(0, -99)", show=False),
        Binding("end", "screen.move(0, 99)", show=False),
    ]

    def on_resize(self) -> None:
        self.post_message(self.Resized())


class PlaceScreen(OpensRacks):
    """One place as a picture: what lies in each position, whose, since when and until when."""

    about = tr(
        "A place as a picture. The arrows choose a position, and so does its name, typed, or a scan of what "
        "lies in it. A disc is in order, a triangle is to be looked at, a square is wrong: missed by the "
        "last count, in quarantine or expired; a dot is free."
    )
    DEFAULT_CSS = """
    PlaceScreen {
        & Horizontal { layout: vertical; height: 1fr; }
        & #map { height: 1fr; }
        & #chosen { height: auto; min-height: 5; max-height: 11; }
        &.-wide Horizontal, &.-very-wide Horizontal { layout: horizontal; }
        &.-wide #map, &.-very-wide #map { width: 2fr; }
        &.-wide #chosen, &.-very-wide #chosen { width: 1fr; height: 1fr; max-height: 100%; }
    }
    """

    @dataclass
    class Loaded(Message):
        """The place has been read."""

        found: StorageMap

    def __init__(
        self, session: TerminalSession, rack_of: RackOf, location: str, unit: str | None = None
    ) -> None:
        super().__init__(session, rack_of)
        self.location = location
        self.found: StorageMap | None = None
        self.cursor = "A1"
        """The chosen position."""

        self._wanted = unit
        self._loose: str | None = None
        """A unit without a position that was scanned."""

        self._window: GridWindow | None = None

    def body(self) -> ComposeResult:
        """The picture; below or beside it what lies in the chosen position."""
        with Horizontal():
            yield PlaceMap(id="map", classes="pane", markup=False)
            yield Static(id="chosen", classes="pane", markup=False)

    def on_mount(self) -> None:
        name_pane(self.query_one("#map"), tr("Storage"), tr("reading ..."))
        self.read()

    def on_screen_resume(self) -> None:
        self.query_one(PlaceMap).focus()
        self.read()

    def on_place_map_resized(self) -> None:
        self._draw()

    def prompt(self) -> str:
        """What chooses a position."""
        return tr("Type a position, or scan what lies there")

    def read(self) -> None:
        """Read what lies in the place now."""
        reader, location = self.session.tracker.read, self.location
        start(self, lambda: reader.storage_map(location=location), job="place", done=PlaceScreen.Loaded)

    def on_place_screen_loaded(self, message: Loaded) -> None:
        """Show it, with the unit chosen that led here."""
        self.found = message.found
        if self._wanted is not None:
            self._choose(self._wanted)
            self._wanted = None
        self._draw()
        self.answers.store_is_back()

    def _choose(self, unit: str) -> bool:
        lies = {one.unit: one for one in self.found.units} if self.found is not None else {}
        one = lies.get(unit)
        if one is None:
            return False
        self._loose = None if one.position is not None else unit
        self.cursor = one.position or self.cursor
        return True

    @property
    def chosen(self) -> StoredUnit | None:
        """What lies in the chosen position, or was scanned and has none."""
        if self.found is None:
            return None
        if self._loose is not None:
            return next((one for one in self.found.units if one.unit == self._loose), None)
        return self.found.at(self.cursor) if self.found.place.grid is not None else None

    def _draw(self) -> None:
        found, pane = self.found, self.query_one(PlaceMap)
        if found is None or not self.is_attached:
            return
        now, shown = self.session.tracker.clock.now(), self.may_see(found.place.site)
        grid, size = found.place.grid, pane.content_size
        lines = 3 if any(one.position is None for one in found.units) else 0
        parts: list[object] = []
        part = ""
        if grid is not None:
            window = window_of(
                grid, self.cursor, width=size.width, height=max(size.height - lines, MAP_LINES_MIN)
            )
            cursor = None if self._loose is not None else self.cursor
            parts.append(grid_table(map_cells(found, now, is_shown=shown), window, cursor))
            part = window_words(window, grid)
            self._window = window
        room = lines if grid is not None else max(size.height, 1)
        loose = unplaced_text(found, now, size.width, max(room, 1), is_shown=shown)
        parts += [loose] if loose else []
        if not parts:
            parts = [Text(tr("Nothing lies here by the record."), style="muted")]
        place = found.place
        title = (
            f"{place.title}, {place.range_words}" if grid else tr("{place}, no positions", place=place.title)
        )
        name_pane(pane, title, "   ".join(filter(None, (part, map_legend(found, now) if grid else ""))))
        pane.update(Group(*parts))  # type: ignore[arg-type]
        self._draw_chosen(found, shown=shown)
        self.show_keys()

    def _draw_chosen(self, found: StorageMap, *, shown: bool) -> None:
        pane, one = self.query_one("#chosen", Static), self.chosen
        now, local = self.session.tracker.clock.now(), self.session.local
        where = "" if found.place.grid is None or self._loose is not None else self.cursor
        if one is not None and shown:
            name_pane(pane, where or tr("no position"))
            pane.update(facts_grid(unit_rows(one, now, local)))
        elif one is not None:
            name_pane(pane, where)
            pane.update(
                Text(tr("Taken. What lies here is shown to who has a part at this site."), style="muted")
            )
        else:
            free = Text(tr("Free."), style="muted") if where else Text("")
            name_pane(pane, where or tr("The place"))
            pane.update(
                Group(free, facts_grid(place_rows(found, local)))
                if where
                else facts_grid(place_rows(found, local))
            )

    def action_move(self, down: int, right: int) -> None:
        """Choose another position."""
        grid = None if self.found is None else self.found.place.grid
        if grid is None:
            return
        row, column = row_and_column(self.cursor)
        self._loose = None
        row = min(max(row + down, 0), grid[0] - 1)
        self.cursor = position_at(row, min(max(column + right, 0), grid[1] - 1))
        self._draw()

    def turn_page(self, pages: int) -> None:
        """The next rows of a larger place."""
        if self._window is not None:
            self.action_move(pages * len(self._window.rows), 0)

    async def take_scan(self, scan: RawScan) -> None:
        """A position by its name, or what lies in one; another place opens instead."""
        text = scan.text.strip()
        if is_position(text) and self.found is not None and self.found.place.grid is not None:
            self._go_to(text.upper(), self.found)
            return
        subject = await in_thread(lambda: look(self.session, scan))
        if subject.found is Found.LOCATION and subject.object_id is not None:
            self.location, self.card = subject.object_id, subject
            self.found, self._loose, self.cursor = None, None, "A1"
            self.read()
        elif subject.unit is None:
            self.show(check(tr("This is neither a place nor a unit."), tr("Scan one of these.")))
        elif self._choose(subject.unit.unit):
            self._draw()
            self.show(ok(tr("{unit} lies here by the record.", unit=subject.unit.unit)))
        else:
            where = subject.unit.location or subject.unit.box or tr("no place")
            said = tr("By the record {unit} is not here but in {where}.", unit=subject.unit.unit, where=where)
            self.show(check(said, tr("F10 counts this place.")))

    def _go_to(self, position: str, found: StorageMap) -> None:
        grid = found.place.grid
        row, column = row_and_column(position)
        if grid is None or row >= grid[0] or column >= grid[1]:
            said = tr(
                "{place} has the positions {range}.", place=found.place.title, range=found.place.range_words
            )
            self.show(check(said, tr("Read the position again.")))
            return
        self._loose, self.cursor = None, position
        self._draw()

    def action_refresh(self) -> None:
        """Read the place again."""
        self.read()

    def action_discard(self) -> None:
        """Leave."""
        self.close_with(ok(tr("Back from the place.")))
