"""How full the weeks are: each chair, start and bed by day; who is booked on one; days that are closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import DataTable, OptionList, Static
from textual.widgets.option_list import Option

from schema.errors import CartrailError
from schema.instants import YEARS
from schema.vocabulary import Role
from tracker.values import BookedPlace, Closure, DayUse, ResourceWeek, grant_violation
from tui.answers import check, ok
from tui.commands import Command, Discard, Refresh, Sign
from tui.framing import RawScan, printed_code
from tui.language import tr
from tui.looking import look
from tui.screens.week.text import (
    DAY_CELLS,
    WIDE_DAY_CELLS,
    booked_lines,
    chosen_title,
    closing_text,
    day_cell,
    day_heading,
    first_columns,
    hit_words,
    name_of,
    site_of,
)
from tui.screens.what import ExplainingScreen
from tui.session import TerminalSession
from tui.typing import is_early_pin
from tui.widgets.pane import name_pane
from tui.widgets.room import WIDE_FROM
from tui.widgets.table_cells import broken, lines_of
from tui.words import week_day
from tui.workers import in_thread, start

DAYS: Final = 7
FIRST_DAY: Final = 2
"""Its column: site and name of the resource stand before it."""

TITLE_MAX: Final = 60
_SCROLL_BAR: Final = 1
MAY_CLOSE: Final = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR})


class OwnSite(Command):
    """Show the resources of this site only, or of all sites again."""

    key = "f4"
    footer = "This site"
    palette = "Show this site's resources"


class CloseDays(Command):
    """Close the chosen resource from the chosen day on; on a day that somebody closed, open it again."""

    key = "f6"
    footer = "Close"
    palette = "Close the chosen resource for some days, or lift its closure"


class WeekTable(DataTable[Text]):
    """Resources by day; the arrows choose one day of one resource, and go on into the next week."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "screen.day(1)", show=False),
        Binding("left", "screen.day(-1)", show=False),
        Binding("pagedown", "screen.turn_page(1)", show=False),
        Binding("pageup", "screen.turn_page(-1)", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(
            id="weeks",
            classes="pane",
            cursor_type="cell",
            cell_padding=0,
            fixed_columns=FIRST_DAY,
            cursor_foreground_priority="renderable",
        )


@dataclass(frozen=True, slots=True)
class Closing:
    """Days on which a resource is to be closed, and who is booked then."""

    week: ResourceWeek
    first: date
    last: date | None = None
    hit: tuple[BookedPlace, ...] | None = None
    """None until they are read: of the first day as long as only that is known."""

    title: str = ""


class WeekScreen(ExplainingScreen):
    """Seven days at a time, from today or from a day that somebody looks at."""

    about = tr(
        "Places taken of those there are: a triangle is full, a square over, a dash a day on which nothing "
        "begins. The arrows choose a day of a resource and its therapies stand below; Right goes on into the "
        "next day, PgDn into the next week. F6 closes the resource and first names all it hits; on a day "
        "that somebody closed it lifts the closure."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (OwnSite, CloseDays)
    is_misread_grave = False
    DEFAULT_CSS = """
    WeekScreen {
        & #weeks { height: auto; max-height: 60%; background: $background; }
        & #booked { height: 1fr; min-height: 4; }
        & #asked { display: none; height: auto; }
        &.-asked #asked { display: block; }
    }
    """

    @dataclass
    class Loaded(Message):
        """Seven days have been read."""

        first: date
        weeks: tuple[ResourceWeek, ...]

    @dataclass
    class Named(Message):
        """It is known who is booked on a day."""

        resource: str
        day: date
        booked: tuple[BookedPlace, ...]

    def __init__(
        self,
        session: TerminalSession,
        plan_of: Callable[[str], Screen[None]],
        *,
        first: date | None = None,
        resource: str | None = None,
    ) -> None:
        super().__init__(session)
        self._plan_of = plan_of
        """The screen of the plan of a therapy."""

        self.first = first or session.now().date()
        self.weeks: tuple[ResourceWeek, ...] = ()
        self.site: str | None = None
        self.closing: Closing | None = None
        """What F10 signs, or what is asked for it."""

        self._wanted = resource
        self._booked: tuple[BookedPlace, ...] = ()
        self._is_read = False
        self._columns: tuple[str, ...] = ()

    def body(self) -> ComposeResult:
        """The days; below them who is booked on the chosen one."""
        yield WeekTable()
        yield OptionList(id="booked", classes="pane", markup=False)
        yield Static(id="asked", classes="pane -next", markup=False)

    def on_mount(self) -> None:
        name_pane(self.query_one("#weeks"), tr("Week"), tr("reading ..."))
        self.read()

    def on_screen_resume(self) -> None:
        self.query_one(WeekTable).focus()

    def on_resize(self) -> None:
        self._draw()

    def prompt(self) -> str:
        """What is typed for a closure, else a day or a therapy."""
        one = self.closing
        if one is None or one.title:
            return tr("Type a day, as 2026-12-07, or scan a therapy")
        if one.last is None:
            return tr("Until which day? +2 for two days more, or 2026-12-07")
        return tr("What is the closure called? Holidays, repair ...")

    def likeliest(self) -> tuple[type[Command], ...]:
        """What is begun, then what narrows the list."""
        return (Sign, OwnSite, CloseDays, Refresh, Discard)

    def read(self, *, column: int | None = None) -> None:
        """Read the seven days from the first on; the arrows then stand at a column."""
        reader, first, site = self.session.tracker.read, self.first, self.site

        def found() -> WeekScreen.Loaded:
            return WeekScreen.Loaded(first, reader.plan_week(first=first, site=site))

        if column is not None:
            table = self.query_one(WeekTable)
            table.move_cursor(column=column, animate=False)
        start(self, found, job="week", done=lambda loaded: loaded)

    def on_week_screen_loaded(self, message: Loaded) -> None:
        """Show them."""
        self.weeks, self._is_read = message.weeks, True
        self._draw()
        self.answers.store_is_back()

    def _draw(self) -> None:
        if not self._is_read:
            return
        table = self.query_one(WeekTable)
        row, column = table.cursor_coordinate
        width = self.app.size.width - 4 - _SCROLL_BAR
        room = WIDE_DAY_CELLS if self.app.size.width >= WIDE_FROM else DAY_CELLS
        sites, names = first_columns(self.weeks, width, room)
        days = [self.first + timedelta(days=number) for number in range(DAYS)]
        widths = (sites, names, *(room for _ in days))
        table.clear(columns=True)
        titles = (tr("Site"), tr("Resource"), *(day_heading(one) for one in days))
        for title, wide in zip(titles, widths, strict=True):
            table.add_column(Text(title, style="muted"), width=wide)
        before = ""
        for one in self.weeks:
            site = site_of(one)
            cells = (day_cell(use, room) for use in one.days)
            shown = Text(site if site != before else "", style="bold")
            name = broken(name_of(one), names - 1)
            table.add_row(shown, name, *cells, key=one.resource, height=lines_of((name,)))
            before = site
        wanted = [place for place, one in enumerate(self.weeks) if one.resource == self._wanted]
        if wanted:
            row, self._wanted = wanted[0], None
        table.move_cursor(row=row, column=max(column, FIRST_DAY), animate=False)
        last = self.first + timedelta(days=DAYS - 1)
        title = tr("{first} to {last}", first=week_day(self.first), last=week_day(last))
        whose = tr("site {site}", site=self.site) if self.site else tr("all sites")
        name_pane(table, title, Text(f"{whose}   ").append(tr("▲ full  ■ over"), style="muted"))
        self._read_booked()
        self._draw_booked()

    @property
    def chosen(self) -> tuple[ResourceWeek, DayUse] | None:
        """The resource and the day that the arrows stand at."""
        row, column = self.query_one(WeekTable).cursor_coordinate
        if not 0 <= row < len(self.weeks):
            return None
        week = self.weeks[row]
        return week, week.days[min(max(column - FIRST_DAY, 0), DAYS - 1)]

    def on_data_table_cell_highlighted(self) -> None:
        """Say who is booked there; names of resources are no days."""
        table = self.query_one(WeekTable)
        if table.cursor_column < FIRST_DAY and table.row_count:
            table.move_cursor(column=FIRST_DAY, animate=False)
            return
        self._read_booked()
        self.show_keys()

    def _read_booked(self) -> None:
        one, reader, closing = self.chosen, self.session.tracker.read, self.closing
        if one is None or (closing is not None and closing.last is not None):
            return
        week, use = one

        def found() -> WeekScreen.Named:
            booked = reader.booked_on(resource=week.resource, first=use.day, last=use.day)
            return WeekScreen.Named(week.resource, use.day, booked)

        start(self, found, job="booked", done=lambda named: named)

    def on_week_screen_named(self, message: Named) -> None:
        """Show them, if the arrows still stand there."""
        one, closing = self.chosen, self.closing
        named = (message.resource, message.day)
        if closing is not None and closing.last is None:
            if (closing.week.resource, closing.first) == named:
                self.closing = replace(closing, hit=message.booked)
                self._draw_booked()
        elif one is not None and (one[0].resource, one[1].day) == named:
            self._booked = message.booked
            self._draw_booked()

    def _draw_booked(self) -> None:
        listed, one, closing = self.query_one("#booked", OptionList), self.chosen, self.closing
        asked = self.query_one("#asked", Static)
        self.set_class(closing is not None, "-asked")
        booked = self._booked if closing is None else closing.hit or ()
        listed.clear_options()
        if closing is not None:
            which = tr("Booked on these days: nothing of it is moved by itself")
            if closing.last is None:
                which = tr("Booked on {day}: nothing of it is moved by itself", day=week_day(closing.first))
            name_pane(listed, which, str(len(booked)) if closing.hit is not None else tr("reading ..."))
            asked.update(closing_text(closing.first, closing.last, closing.title))
            name_pane(asked, tr("Close {what}", what=f"{site_of(closing.week)} {name_of(closing.week)}"))
        elif one is not None:
            name_pane(listed, chosen_title(*one), tr("Enter plan") if booked else "")
        listed.set_class(closing is not None and bool(booked), "-look")
        listed.add_options(Option(line) for line in booked_lines(booked, has_days=closing is not None))
        if not booked:
            empty = tr("Nothing is set that can be booked: `cartrail site resource set`.")
            words = tr("Nobody is booked here.") if self.weeks else empty
            if closing is not None and closing.hit is None:
                words = tr("reading ...")
            listed.add_option(Option(Text(words, style="muted"), disabled=True))
        self.show_keys()

    def action_day(self, by: int) -> None:
        """The next day or the one before, over the end of the week too."""
        table = self.query_one(WeekTable)
        column = table.cursor_column + by
        if FIRST_DAY <= column < DAYS + FIRST_DAY:
            table.move_cursor(column=column, animate=False)
        else:
            self.first += timedelta(days=by)
            self.read()

    def action_week(self, by: int) -> None:
        """The seven days after these, or those before."""
        self.first += timedelta(days=by * DAYS)
        self.read()

    def turn_page(self, pages: int) -> None:
        """The list below has the arrows no longer: pages are weeks everywhere here."""
        self.action_week(pages)

    def on_data_table_cell_selected(self) -> None:
        """Enter goes into the list of who is booked, or opens the only one."""
        if len(self._booked) == 1:
            self._open(self._booked[0].coi)
        elif self._booked:
            self.query_one("#booked", OptionList).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        booked = self._booked if self.closing is None else self.closing.hit or ()
        if event.option_index < len(booked):
            self._open(booked[event.option_index].coi)

    def _open(self, coi: str) -> None:
        self.app.push_screen(self._plan_of(coi))

    async def take_scan(self, scan: RawScan) -> None:
        """A day to begin at, what is typed for a closure, or the plan of a therapy by any code of it."""
        if not self.accepts(scan):
            return
        text, code = scan.text.strip(), printed_code(scan.text)
        if code is not None and code.command is not None:
            await self.take_code(code.command)
            return
        if code is None and is_early_pin(scan):
            self.show(check(tr("Six digits are no day."), tr("A PIN is typed where it is asked for.")))
            return
        if code is None and self.closing is not None:
            await self._closing_typed(self.closing, text)
            return
        if code is None and (day := _typed_day(text, self.session.now().date())) is not None:
            self.first = day
            self.read(column=FIRST_DAY)
            return
        subject = await in_thread(lambda: look(self.session, scan))
        if subject.therapy is None:
            self.show(check(tr("That is no day and no therapy."), tr("Type a day as 2026-12-07.")))
        else:
            self._open(subject.therapy.coi)

    async def _closing_typed(self, closing: Closing, text: str) -> None:
        """The last day, then what the closure is called; then it is shown for signing."""
        if closing.last is None:
            last = _typed_day(text, closing.first)
            if last is None or last < closing.first:
                self.show(
                    check(
                        tr("That is no day from {day} on.", day=week_day(closing.first)),
                        tr("Type +0 for that day alone, +2 for two days more, or 2026-12-07."),
                    )
                )
                return
            reader, resource = self.session.tracker.read, closing.week.resource
            hit = await in_thread(lambda: reader.booked_on(resource=resource, first=closing.first, last=last))
            self.closing = replace(closing, last=last, hit=hit)
            self._draw_booked()
            self._say_hit(hit)
        elif len(text) > TITLE_MAX:
            self.show(check(tr("That is too long."), tr("At most {most} characters.", most=TITLE_MAX)))
        else:
            self.closing = replace(closing, title=text)
            self._draw_booked()
            self.action_sign()

    def _say_hit(self, hit: tuple[BookedPlace, ...]) -> None:
        if not hit:
            self.show(ok(tr("Nobody is booked on these days."), tr("Type what the closure is called.")))
            return
        then = tr("Nothing is moved by itself. Type the name of the closure.")
        self.show(check(hit_words(hit), then))

    def why_not_close_days(self) -> str | None:
        """Who plans closes too."""
        session = self.session
        if self.chosen is None:
            return tr("There is nothing to close.")
        if self.closing is not None:
            return tr("Esc discards the closure that is begun; then again.")
        now = session.tracker.clock.now()
        found = grant_violation(session.registry, session.staff, MAY_CLOSE, None, now)
        return None if found is None else tr("A coordinator or administrator closes. You can look.")

    @property
    def _closure(self) -> tuple[str, Closure] | None:
        """The site and the closure because of which the chosen day is closed; None for any other reason."""
        one = self.chosen
        if one is None:
            return None
        week, use = one
        code, _, resource = week.resource.partition("/")
        site = self.session.registry.sites.get(code)
        found = (
            each
            for each in (() if site is None else site.closures)
            if each.resource in (None, resource) and each.first <= use.day <= each.last
        )
        closure = next(found, None)
        return None if closure is None else (code, closure)

    def action_close_days(self) -> None:
        """Ask until when, and name who is booked then; what is closed is opened again."""
        one, closed = self.chosen, self._closure
        if closed is not None:
            self.do(self._lift(*closed))
        elif one is not None:
            week, use = one
            self.closing = Closing(week, use.day)
            self.answers.clear()
            self._read_booked()
            self._draw_booked()

    def why_not_sign(self) -> str | None:
        """A closure is begun first."""
        one = self.closing
        if one is None:
            return tr("F6 closes the chosen resource: then there is something to sign.")
        return None if one.last is not None and one.title else self.prompt()

    def action_sign(self) -> None:
        """Have the closure signed."""
        if self.closing is not None:
            self.do(self._sign(self.closing))

    async def _lift(self, site: str, closure: Closure) -> None:
        """Have it signed that a closure is over, all days of it."""
        outcome = await self.act(
            {
                "request": "lift_closure",
                "event_id": self.session.tracker.new_event_id(),
                "actor": self.session.staff,
                "station": self.session.station.id,
                "site": site,
                "closure": closure.event_id,
            }
        )
        if outcome is None:
            return
        if outcome.problem is not None:
            self.refused(outcome)
            return
        self.read()
        self.show(self.written(outcome))

    async def _sign(self, closing: Closing) -> None:
        site, _, code = closing.week.resource.partition("/")
        last = closing.last or closing.first
        outcome = await self.act(
            {
                "request": "close_resource",
                "event_id": self.session.tracker.new_event_id(),
                "actor": self.session.staff,
                "station": self.session.station.id,
                "site": site,
                "resource": code,
                "from_day": closing.first.isoformat(),
                "until_day": last.isoformat(),
                "title": closing.title,
            }
        )
        if outcome is None:
            return
        if outcome.problem is not None:
            self.refused(outcome)
            return
        self.closing = None
        self.read()
        count = sum(one.begins_then for one in closing.hit or ())
        self.show(
            self.written(outcome, tr("Move what is booked then: {count}.", count=count) if count else "")
        )

    def action_own_site(self) -> None:
        """The resources of this site, or of all."""
        self.site = None if self.site else self.session.station.site
        self.read()

    def label_of(self, command: type[Command]) -> str:
        """F4 shows all sites again; F6 opens again what somebody closed."""
        if command is CloseDays and self._is_read and self.closing is None and self._closure is not None:
            return tr("Reopen")
        return tr("All sites") if command is OwnSite and self.site else super().label_of(command)

    def action_refresh(self) -> None:
        """Read the days again."""
        self.read()

    def read_failed(self, error: CartrailError) -> None:
        """What stands on the screen stays."""
        self.show(check(error.message, error.remedy, about_store=True))

    def escape_word(self) -> str:
        """What is begun first, then the list, then the screen."""
        return tr("Discard") if self.closing is not None else tr("Back")

    def action_discard(self) -> None:
        """Discard the closure that is begun; out of the list; else leave."""
        if self.closing is not None:
            self.closing = None
            self._draw_booked()
            self._read_booked()
            self.show(self.discarded(tr("Discarded: nothing was signed, nothing was written.")))
        elif self.query_one("#booked").has_focus:
            self.query_one(WeekTable).focus()
        else:
            self.close_with(ok(tr("Back from the week.")))


def _typed_day(text: str, today: date) -> date | None:
    """A day, or so many days after another; None for anything else."""
    try:
        if text[:1] in "+-" and text[1:].isdecimal() and len(text) <= 4:
            return today + timedelta(days=int(text))
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if YEARS[0] <= day.year <= YEARS[1] else None
