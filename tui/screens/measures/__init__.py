"""Measures: how long it takes from vein to vein and in between, by site, carrier, protocol and month."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from msgspec.structs import replace
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.message import Message
from textual.widgets import DataTable, Static

from schema.errors import CartrailError, InputError
from tracker.values import MEASURES, Grouping, MeasureLine, MeasureName, MeasureReport, MeasureWish
from tui.answers import check, ok
from tui.commands import Command, Discard, Refresh, WhatIsThis, WriteFile
from tui.framing import RawScan, printed_code
from tui.language import tr
from tui.screens.measures.text import (
    GROUPED,
    cells_of,
    columns_for,
    definition_text,
    groups_text,
    heading_of,
    period_typed,
    period_words,
    scale_words,
    trend_text,
)
from tui.screens.what import ExplainingScreen
from tui.session import TerminalSession
from tui.widgets.drawn_pane import DrawnPane
from tui.widgets.pages import LinesTable
from tui.widgets.pane import PANE_COLUMNS, name_pane
from tui.widgets.room import WIDE_FROM
from tui.workers import start

HALF: Final = 11
"""Measures on the screen at once in a window that has no room for all."""

_ALL_WORDS: Final = ("all", "*")
_LIST_CELLS: Final = 67
"""Of the table beside the groups."""


class SiteFigures(Command):
    """Show what this site has a part in only, or all again."""

    key = "f4"
    footer = "This site"
    palette = "Show the figures of this site"


class GroupBy(Command):
    """Set the chosen measure side by side by month, site, carrier, lane, protocol, resource or reason."""

    key = "f11"
    footer = "Group by"
    palette = "Group the chosen measure otherwise"


class MeasuresTable(LinesTable):
    """The measures; Left and Right go from the times to the shares and counts where not all have room."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "screen.half(0)", show=False),
        Binding("right", "screen.half(1)", show=False),
    ]


class MeasuresScreen(ExplainingScreen):
    """Every measure in a line; of the chosen one its groups, its months as a curve, and what it means."""

    about = tr(
        "Median, quartiles and number of what is measured; fewer than five values are told as their number. "
        "Up and Down choose a measure, F11 sets it side by side by month, site, carrier and more. Typing a "
        "month as 2026-11, two as 2026-01..2026-03, or a year leaves what counts for it; `all` shows "
        "everything again. Enter says what the chosen one means. F12 writes all of it as a spreadsheet."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (SiteFigures, GroupBy)
    is_misread_grave = False
    DEFAULT_CSS = """
    MeasuresScreen {
        & #measures { height: 1fr; layout: vertical; }
        & #list { height: 14; background: $background; }
        & #said { display: none; height: auto; }
        & #groups { height: 1fr; min-height: 4; text-wrap: nowrap; }
        & #trend { display: none; height: 1fr; text-wrap: nowrap; }
        &.-opened.-narrow #list { display: none; }
        &.-opened #said { display: block; }
        &.-opened.-narrow.-months #trend { display: block; }
        &.-opened.-narrow.-months #groups { display: none; }
        &.-wide #measures, &.-very-wide #measures {
            layout: grid; grid-size: 2 2; grid-columns: 71 1fr; grid-rows: 1fr 11;
        }
        &.-wide #list, &.-very-wide #list { height: 100%; }
        &.-wide #said, &.-very-wide #said { display: block; height: 100%; }
        &.-wide #groups, &.-very-wide #groups { height: 100%; }
        &.-wide #trend, &.-very-wide #trend { display: block; height: 100%; }
        &.-refused #list, &.-refused #groups, &.-refused #trend { display: none; }
        &.-refused #said { display: block; }
    }
    """

    @dataclass
    class Loaded(Message):
        """The figures have been read."""

        wish: MeasureWish
        report: MeasureReport

    @dataclass
    class Refused(Message):
        """Who is signed in does not see them."""

        words: str
        remedy: str

    @dataclass
    class Written(Message):
        """The spreadsheet is there."""

        path: Path

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(session)
        self.wish = MeasureWish()
        self.chosen = MeasureName.READY_TO_VEIN
        self.by = Grouping.MONTH
        """As it was asked for; a measure that cannot be grouped so is grouped by month."""

        self._report: MeasureReport | None = None
        self._shown: tuple[MeasureName, ...] = ()
        self._columns = 0

    def body(self) -> ComposeResult:
        """All measures, and of the chosen one its groups; with room, or after Enter, months and meaning."""
        with Container(id="measures"):
            table = MeasuresTable(
                id="list", classes="pane", cursor_type="row", cursor_foreground_priority="renderable"
            )
            table.cell_padding = 0
            yield table
            yield DrawnPane(id="groups")
            yield Static(id="said", classes="pane", markup=False)
            yield DrawnPane(id="trend")

    def on_mount(self) -> None:
        name_pane(self.query_one("#list"), tr("Measures"), tr("reading ..."))
        self.read()

    def on_screen_resume(self) -> None:
        self.query_one(MeasuresTable).focus()

    def on_resize(self) -> None:
        self._draw()

    def prompt(self) -> str:
        """A period."""
        return tr("Type a month as 2026-11, a year, or all")

    def likeliest(self) -> tuple[type[Command], ...]:
        """What sets them side by side, and what takes them to a meeting."""
        return (GroupBy, SiteFigures, WriteFile, Refresh, Discard, WhatIsThis)

    def label_of(self, command: type[Command]) -> str:
        """F4 says what it will show."""
        if command is SiteFigures and self.wish.site is not None:
            return tr("All sites")
        return super().label_of(command)

    def read(self) -> None:
        """Read the figures again; what stands there stays until then."""
        tracker, wish, staff = self.session.tracker, self.wish, self.session.staff

        def found() -> Message:
            violation = tracker.exports.not_a_measurer(staff)
            if violation is not None:
                return MeasuresScreen.Refused(violation.message, violation.remedy)
            return MeasuresScreen.Loaded(wish, tracker.read.measures(wish, with_values=True))

        start(self, found, job="measures", done=lambda message: message)

    def on_measures_screen_refused(self, message: Refused) -> None:
        """Say who sees them."""
        self.set_class(True, "-refused")
        said = self.query_one("#said", Static)
        name_pane(said, tr("Measures"), tr("not for you"))
        said.update(Text(tr("Coordinators, quality and auditors see them.")))
        self.show(check(message.words, message.remedy))

    def on_measures_screen_loaded(self, message: Loaded) -> None:
        """Show them."""
        if message.wish == self.wish:
            self._report = message.report
            self._draw()
            self.answers.store_is_back()

    @property
    def grouping(self) -> Grouping:
        """By what the chosen measure is set side by side."""
        return self.by if self.by in MEASURES[self.chosen].groupings else Grouping.MONTH

    def _lines(self, by: Grouping | None) -> tuple[MeasureLine, ...]:
        return () if self._report is None else self._report.told_of(self.chosen, by)

    def _draw(self) -> None:
        if self._report is None or not self.is_attached:
            return
        self._draw_list(self._report)
        self._draw_chosen(self._report)
        self.show_keys()

    def _draw_list(self, report: MeasureReport) -> None:
        table, names = self.query_one(MeasuresTable), [*MeasureName]
        is_wide = self.app.size.width >= WIDE_FROM
        at = names.index(self.chosen)
        shown = names if is_wide else names[:HALF] if at < HALF else names[HALF:]
        columns = columns_for(_LIST_CELLS if is_wide else self.app.size.width - PANE_COLUMNS)
        self._shown = tuple(shown)
        table.clear(columns=len(columns) != self._columns)
        if len(columns) != self._columns:
            self._columns = len(columns)
            for title, cells in columns:
                table.add_column(heading_of(title, cells), width=cells)
        for line in report.lines:
            if line.name in shown:
                table.add_row(*cells_of(line, len(columns)), key=line.name.value)
        table.move_cursor(row=shown.index(self.chosen), animate=False)
        whose = self.wish.site or tr("all sites")
        subtitle = tr("{count} therapies   {whose}", count=report.therapies, whose=whose)
        title = tr("Measures, {period}", period=period_words(self.wish))
        if not is_wide:
            title += tr("   1 of 2 ►") if at < HALF else tr("   ◄ 2 of 2")
        name_pane(table, title, subtitle)

    def _draw_chosen(self, report: MeasureReport) -> None:
        """Its groups, its months as a curve, and what it means."""
        row, by = MEASURES[self.chosen], self.grouping
        self.set_class(by is Grouping.MONTH, "-months")
        groups, trend = self.query_one("#groups", DrawnPane), self.query_one("#trend", DrawnPane)
        lines, months = self._lines(by), self._lines(Grouping.MONTH)
        name_pane(groups, f"{row.title}, {GROUPED[by]}", scale_words(lines))
        groups.draw(lambda width, height: groups_text(report, lines, by, width=width, height=height))
        name_pane(trend, tr("{title}, month by month", title=row.title))
        trend.draw(lambda width, height: trend_text(months, width=width, height=height))
        said = self.query_one("#said", Static)
        name_pane(said, tr("What it means"))
        (told,) = (one.figures for one in self._lines(None))
        width = (_LIST_CELLS if self.app.size.width >= WIDE_FROM else self.app.size.width) - PANE_COLUMNS
        said.update(definition_text(row, told, width))

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """The arrows choose a measure."""
        self._choose(event.cursor_row)

    def _choose(self, row: int) -> None:
        """What the arrows stand at, which the table says only after the next key."""
        if self._report is not None and 0 <= row < len(self._shown) and self._shown[row] is not self.chosen:
            self.chosen = self._shown[row]
            self._draw_chosen(self._report)
            self.show_keys()

    def on_data_table_row_selected(self) -> None:
        """Enter says what it means, where the window has no room for that beside the list."""
        self.set_class(not self.has_class("-opened"), "-opened")
        self._draw()

    def action_half(self, half: int) -> None:
        """The times, or the shares and counts."""
        names = [*MeasureName]
        if (names.index(self.chosen) >= HALF) is not bool(half) and self.app.size.width < WIDE_FROM:
            self.chosen = names[half * HALF]
            self._draw()

    def action_group_by(self) -> None:
        """The next way in which the chosen measure can be grouped."""
        self._choose(self.query_one(MeasuresTable).cursor_row)
        there = MEASURES[self.chosen].groupings
        self.by = there[(there.index(self.grouping) + 1) % len(there)]
        if self._report is not None:
            self._draw_chosen(self._report)

    def action_site_figures(self) -> None:
        """What this site has a part in, or all."""
        self._ask(replace(self.wish, site=None if self.wish.site else self.session.station.site))

    def _ask(self, wish: MeasureWish) -> None:
        if wish != self.wish:
            self.wish = wish
            self.read()

    async def take_scan(self, scan: RawScan) -> None:
        """A period; no code is looked up here."""
        text = scan.text.strip()
        if printed_code(scan.text) is not None:
            self.show(check(tr("Measures are of many therapies."), tr("Scan on the board to see one.")))
        elif text.lower() in _ALL_WORDS:
            self._ask(replace(self.wish, first=None, last=None))
        else:
            try:
                first, last = period_typed(text)
                self._ask(replace(self.wish, first=first, last=last))
            except InputError as error:
                self.show(check(error.message, error.remedy))

    def why_not_write_file(self) -> str | None:
        """There is nothing to write before it is read."""
        return None if self._report is not None else tr("Nothing has been read yet.")

    def action_write_file(self) -> None:
        """Write all groupings and every value as a spreadsheet."""
        report, exports = self._report, self.session.tracker.exports
        if report is None:
            return
        path = self.session.folder / f"measures-{self.session.now():%Y%m%d-%H%M%S}.xlsx"

        def written() -> Path:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            exports.measures(report, path)
            return path

        start(self, written, job="write", done=MeasuresScreen.Written)

    def on_measures_screen_written(self, message: Written) -> None:
        """Say where it is."""
        self.show(ok(tr("Written to {path}.", path=message.path), tr("It names therapies and no patient.")))

    def action_refresh(self) -> None:
        """Read them again."""
        self.read()

    def read_failed(self, error: CartrailError) -> None:
        """What stands on the screen stays."""
        self.show(check(error.message, error.remedy, about_store=True))

    def escape_word(self) -> str:
        """First what was opened is closed."""
        return tr("All measures") if self._is_opened else super().escape_word()

    @property
    def _is_opened(self) -> bool:
        return self.has_class("-opened") and self.app.size.width < WIDE_FROM

    def action_discard(self) -> None:
        """Close what was opened; else leave."""
        if self._is_opened:
            self.set_class(False, "-opened")
            self._draw()
            self.query_one(MeasuresTable).focus()
        else:
            self.close_with(ok(tr("Back from the measures.")))
