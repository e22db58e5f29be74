"""Today: whom we will fail, what is due and whether all is there, and what is on the road."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.screen import Screen
from textual.widgets import OptionList, Static

from schema.errors import CartrailError
from tracker.values import (
    AlertLine,
    DueLine,
    Pane,
    RoadLine,
    StoredLine,
    TherapyForecast,
)
from tui.answers import check, ok
from tui.commands import Command, Discard, Refresh, ShowPlan, ShowWeek
from tui.framing import RawScan, printed_code
from tui.language import named, tr
from tui.looking import by_id, look
from tui.screens.board import BoardScreen
from tui.screens.board.text import Shown
from tui.screens.measures import MeasuresScreen
from tui.screens.plan import PlanScreen
from tui.screens.step import DEVIATION, StepScreen
from tui.screens.therapy import TherapyScreen
from tui.screens.today.beside import box_rows, called_rows, course_text, items_text, stored_rows
from tui.screens.today.lists import Line, TodayList, therapy_of
from tui.screens.today.morning import LATER_HOURS, Morning, Viewer, first_lines, morning_of
from tui.screens.today.text import (
    NOTHING,
    ShownLine,
    Told,
    allotted,
    counts_text,
    days_grid,
    due_columns,
    due_line,
    exception_line,
    newest_note,
    note_lines,
    promised_text,
    road_columns,
    road_line,
    seen_words,
    state_cells,
    state_words,
    stored_line,
    unplanned_text,
    week_text,
)
from tui.screens.week import WeekScreen
from tui.screens.what import ExplainingScreen
from tui.session import TerminalSession
from tui.shown_codes import code_text
from tui.states import GRAVE, styled
from tui.widgets.pane import PANE_COLUMNS, facts_grid, name_pane
from tui.widgets.room import WIDE_FROM
from tui.words import week_day
from tui.workers import in_thread, start

READ_EVERY: Final = 60.0
"""Seconds between two looks at the store."""

AROUND: Final = 8
"""Rows of the screen in which no line of a list stands: header, answer, frames, the week, prompt and keys."""

TICK: Final = 20.0
"""Seconds between two looks at the clock: bars and times left go on, nothing is read."""

_SCROLL_BAR: Final = 1
_BORDER: Final = 2
_PROMISED: Final = 36

TITLES: Final = {
    Pane.EXCEPTIONS: tr("Exceptions"),
    Pane.DUE: tr("Next 48 hours"),
    Pane.ROAD: tr("On the road"),
    Pane.STORED: tr("In our tanks"),
}
LISTS: Final = tuple(TITLES)


class AllTherapies(Command):
    """See the board with every therapy, the most urgent first."""

    key = "f6"
    footer = "Board"
    palette = "Show the board"


class Measures(Command):
    """See how long it takes from vein to vein, what was late or warm, and how full the slots were."""

    key = "ctrl+v"
    footer = "Measures"
    palette = "Show the measures"


class Unplanned(Command):
    """See the running therapies of which nothing is booked."""

    key = "ctrl+u"
    footer = "Not planned"
    palette = "Show the therapies without a plan"


class SeenIt(Command):
    """Sign that you have seen what calls in the chosen therapy; it stays here until its cause ends."""

    key = "f7"
    footer = "Seen it"
    palette = "Sign that you have seen it"


class PaneColumn(Vertical):
    """Where the lists stand below each other; what room there is for them is known when it is laid out."""

    class Resized(Message):
        """There is another room for them now."""

    def on_resize(self) -> None:
        self.post_message(self.Resized())


class TodayScreen(ExplainingScreen):
    """Exceptions first; below them the next 48 hours, the road and the week; more where there is room."""

    about = tr(
        "What is late or will be, with the time that was promised and the one that is projected; what is due "
        "in 48 hours with its readiness: slot, labels and results, shipper and logger, courier and people. "
        "The arrows go through all lists, Enter opens the therapy, F4 its plan; F7 signs that you have seen "
        "it. It is read each minute."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (
        ShowPlan,
        SeenIt,
        AllTherapies,
        Unplanned,
        ShowWeek,
        Measures,
    )
    is_misread_grave = False
    DEFAULT_CSS = """
    TodayScreen {
        & #upper { height: 1fr; }
        & #lists { width: 1fr; height: 1fr; overflow: hidden; }
        & TodayList { scrollbar-size: 1 1; }
        & TodayList.-quiet { border: none; padding: 0 2; height: 1; min-height: 1; }
        & #beside { display: none; width: 36; height: 1fr; }
        & #beside > Static { height: auto; }
        & #use { height: auto; }
        & #unplanned { height: 1; padding: 0 2; }
        & #told { height: auto; max-height: 1; padding: 0 2; }
        & #lower { display: none; height: 9; }
        & #later { width: 1fr; height: 1fr; }
        & #promised { width: 36; height: 1fr; }
        & #notes { width: 33%; height: 1fr; }
        &.-wide #beside, &.-very-wide #beside { display: block; }
        &.-wide #lower, &.-very-wide #lower { display: block; }
        &.-wide #told, &.-very-wide #told { display: none; }
    }
    """

    @dataclass
    class Loaded(Message):
        """The morning has been read."""

        morning: Morning

    @dataclass
    class Called(Message):
        """It is known what calls for somebody."""

        alerts: tuple[AlertLine, ...]

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(session)
        self.viewer = Viewer.of(session)
        self.morning: Morning | None = None
        # Made here and not found by query: each key of the footer asks for the chosen line.
        self._upper = [TodayList(pane) for pane in self.viewer.panes if pane in LISTS]
        self._later = TodayList(None)
        self._read_at: datetime | None = None
        self._is_wide = False

    def body(self) -> ComposeResult:
        """The lists in the order of this person's need; beside and below them what there is room for."""
        with Horizontal(id="upper"):
            with PaneColumn(id="lists"):
                yield from self._upper
            with Vertical(id="beside"):
                yield Static(id="why", classes="pane", markup=False)
                yield Static(id="box", classes="pane", markup=False)
        yield Static(id="unplanned", markup=False)
        yield Static(id="use", classes="pane", markup=False)
        yield Static(id="told", markup=False)
        with Horizontal(id="lower"):
            yield self._later
            yield Static(id="promised", classes="pane", markup=False)
            yield Static(id="notes", classes="pane", markup=False)

    def on_mount(self) -> None:
        for listed in self._lists():
            name_pane(listed, TITLES[listed.pane] if listed.pane else "", tr("reading ..."))
        for name in ("#unplanned", "#use", "#told"):
            self.query_one(name).display = False
        self.set_interval(READ_EVERY, self._read_again)
        self.set_interval(TICK, self._draw)
        self.read()

    def on_screen_resume(self) -> None:
        if not self.session.is_open:
            self.sign_out(check(tr("The session is over."), tr("Sign in again.")))
        elif self.morning is not None:
            self.read()

    def on_resize(self) -> None:
        is_wide = self.app.size.width >= WIDE_FROM
        if is_wide is not self._is_wide and self.morning is not None:
            self.read()
        self._is_wide = is_wide
        self._draw()

    def _lists(self) -> list[TodayList]:
        """The lists, from the top."""
        return [*self._upper, self._later]

    def prompt(self) -> str:
        """A therapy."""
        return tr("Scan, or type a therapy")

    def likeliest(self) -> tuple[type[Command], ...]:
        """Move, then the other screens."""
        return (ShowPlan, SeenIt, AllTherapies, ShowWeek, Refresh, Discard, Measures)

    def label_of(self, command: type[Command]) -> str:
        """Whoever looks at what is wrong wants to move it."""
        moves = command is ShowPlan and self.viewer.plans
        return tr("Move") if moves else super().label_of(command)

    def _read_again(self) -> None:
        if self.is_current and self.session.is_open:
            self.read()

    def read(self) -> None:
        """Read the morning again; what stands there stays until then, and the arrows where they are."""
        tracker, viewer = self.session.tracker, self.viewer
        is_wide, lines = self.app.size.width >= WIDE_FROM, max(self.app.size.height - AROUND, 1)
        if self.morning is None:
            start(
                self,
                lambda: TodayScreen.Loaded(first_lines(tracker, viewer, lines=lines)),
                job="today",
                done=lambda loaded: loaded,
            )
            return
        start(
            self,
            lambda: TodayScreen.Loaded(morning_of(tracker, viewer, is_wide=is_wide)),
            job="today",
            done=lambda loaded: loaded,
        )

    def on_today_screen_loaded(self, message: Loaded) -> None:
        """Show it; the first time the arrows stand at the first line of all.

        What is not on the screen, and what only counts, is read when the first lines are painted.
        """
        is_first = self.morning is None
        alerts = () if self.morning is None else self.morning.alerts
        message.morning = replace(message.morning, alerts=alerts)
        self.morning, self.as_of, self._read_at = message.morning, None, self.session.now()
        self._draw()
        self.answers.store_is_back()
        if is_first:
            self._stand_first()
        self.show_keys()
        if not message.morning.is_whole:
            self.call_after_refresh(self.read)
        elif Pane.EXCEPTIONS in self.viewer.panes:
            self.call_after_refresh(self._read_alerts)

    def _read_alerts(self) -> None:
        """What calls for somebody, once the rest is there."""
        reader, site = self.session.tracker.read, self.viewer.site
        start(
            self, lambda: TodayScreen.Called(reader.alerts(site=site)), job="alerts", done=lambda found: found
        )

    def on_today_screen_called(self, message: Called) -> None:
        """Show it beside what is not on time."""
        if self.morning is not None and message.alerts != self.morning.alerts:
            had_none = not self.morning.exceptions
            self.morning = replace(self.morning, alerts=message.alerts)
            self._draw()
            if had_none and self.chosen is None:
                self._stand_first()
            self.show_keys()

    def read_failed(self, error: CartrailError) -> None:
        """What stands on the screen stays, and says since when it is not new."""
        self.as_of = self._read_at
        self.show(check(error.message, error.remedy, about_store=True))

    def _stand_first(self) -> None:
        filled = [one for one in self._lists() if one.lines and one.display]
        if filled:
            filled[0].focus()
            filled[0].highlighted = 0

    def _draw(self) -> None:
        morning = self.morning
        if morning is None or not self.is_attached:
            return
        self._draw_below(morning)
        self._draw_lists(morning)
        self._draw_beside()

    def _now(self) -> datetime:
        return self.session.now()

    def _draw_lists(self, morning: Morning) -> None:
        shown = [one for one in self._lists() if one.pane is not None]
        column = self.query_one("#lists").size
        width = column.width - PANE_COLUMNS - _SCROLL_BAR
        quiet = [one for one in shown if not morning.lines(_pane(one))]
        filled = [one for one in shown if one not in quiet]
        room = column.height - len(quiet) - len(filled) * _BORDER
        told = Told.WHOLE
        counts = self._heights(filled, morning, width, room, told=told)
        if sum(counts) > room and Pane.EXCEPTIONS in map(_pane, filled):
            told = Told.ELSEWHERE if self._has_room else Told.BRIEFLY
            counts = self._heights(filled, morning, width, room, told=told)
        for one in quiet:
            one.be_quiet(True)
            one.say((), (), NOTHING[_pane(one)])
        for one, rows in zip(filled, allotted(counts, room), strict=True):
            one.be_quiet(False)
            one.styles.height = rows + _BORDER
            lines = morning.lines(_pane(one))
            one.say(lines, self._shown(_pane(one), morning, width, told=told), "")
            self._entitle(one, morning)

    def _heights(
        self, lists: Sequence[TodayList], morning: Morning, width: int, room: int, *, told: Told
    ) -> list[int]:
        """How many rows each list asks for; more than there are at all are not counted."""
        counts = []
        for one in lists:
            count = 0
            for line in self._shown(_pane(one), morning, width, told=told):
                count += line.lines
                if count > room:
                    break
            counts.append(count)
        return counts

    @property
    def _has_room(self) -> bool:
        return self.app.size.width >= WIDE_FROM

    def on_column_resized(self) -> None:
        """Divide the room again: the answer above takes more or less of it."""
        if self.morning is not None:
            self._draw_lists(self.morning)

    def _shown(self, pane: Pane, morning: Morning, width: int, *, told: Told) -> Iterator[ShownLine]:
        now, today = self._now(), morning.today
        if pane is Pane.EXCEPTIONS:
            first, local = state_cells(morning.exceptions), self.session.local
            seen = {one.coi: seen_words(morning.alerts_of(one.coi), local) for one in morning.exceptions}
            return (
                exception_line(one, now, width, first, seen=seen[one.coi], told=told)
                for one in morning.exceptions
            )
        if pane is Pane.DUE:
            columns = due_columns(today.due, now, width)
            return (due_line(one, now, columns, width) for one in today.due)
        if pane is Pane.ROAD:
            room = road_columns(today.road, now)
            return (road_line(one, now, room, width) for one in today.road)
        return (stored_line(one, now, width) for one in today.stored)

    def _entitle(self, listed: TodayList, morning: Morning) -> None:
        pane, today = _pane(listed), morning.today
        shown = len(listed.lines)
        marked = len(morning.exceptions) - len(today.exceptions)
        totals = {Pane.EXCEPTIONS: today.exception_count + marked, Pane.DUE: today.due_count}
        total = totals.get(pane, shown)
        if pane is Pane.EXCEPTIONS:
            is_grave = marked > 0 or any(one.standing in GRAVE for one in today.exceptions)
            listed.set_class(is_grave, "-bad")
            listed.set_class(not is_grave, "-look")
            words = counts_text(today, marked).append(tr("promised › projected"), style="muted")
        elif pane is Pane.DUE:
            words = Text(tr("● ready  ▲ look  ■ missing  ○ later"), style="muted")
        elif pane is Pane.ROAD:
            words = Text(tr("1 box") if shown == 1 else tr("{count} boxes", count=shown))
        else:
            words = Text(tr("1 unit") if shown == 1 else tr("{count} units", count=shown))
        if not morning.is_whole:
            words = Text(tr("reading ..."), style="muted")
        elif total > shown:
            words.append("  " + tr("{shown} of {total}", shown=shown, total=total), style="muted")
        name_pane(listed, TITLES[pane], words)

    def _draw_below(self, morning: Morning) -> None:
        use, told = self.query_one("#use", Static), self.query_one("#told", Static)
        registry, width = self.session.registry, self.app.size.width - PANE_COLUMNS
        use.display = Pane.WEEK in self.viewer.panes and bool(morning.today.week)
        unplanned = self.query_one("#unplanned", Static)
        unplanned.display = self.why_not_unplanned() is None
        unplanned.update(unplanned_text(morning.today.unplanned))
        if self._has_room and morning.weeks:
            use.update(days_grid(morning.weeks, registry))
            name_pane(use, tr("Seven days: used of what there is"), tr("▲ full  ■ over  F11 week"))
        else:
            use.update(week_text(morning.today.week, width))
            name_pane(use, tr("This week"), tr("F11 week"))
        told.display = bool(morning.notes) and not self._has_room
        told.update(newest_note(morning.notes, registry, self.session.local))
        if self._has_room:
            self._draw_lower(morning)

    def _draw_lower(self, morning: Morning) -> None:
        later, now = self._later, self._now()
        beside = (_PROMISED if self.viewer.plans or morning.promised else 0) + (
            self.app.size.width // 3 if morning.notes else 0
        )
        width = self.app.size.width - beside - PANE_COLUMNS - _SCROLL_BAR
        columns = due_columns(morning.later, now, width)
        later.say(
            morning.later,
            (due_line(one, now, columns, width) for one in morning.later),
            tr("Nothing more is booked until then."),
        )
        until = (morning.today.now + timedelta(hours=LATER_HOURS)).date()
        name_pane(later, tr("Then, until {day}", day=week_day(until)), str(len(morning.later) or ""))
        promised, notes = self.query_one("#promised", Static), self.query_one("#notes", Static)
        bad = {one.coi: one for one in morning.today.exceptions}
        promised.display = self.viewer.plans or bool(morning.promised)
        promised.update(promised_text(morning.promised, bad))
        name_pane(promised, tr("Promised infusions"))
        notes.display = bool(morning.notes)
        room = self.app.size.width // 3 - PANE_COLUMNS
        notes.update(note_lines(morning.notes, self.session.registry, self.session.local, room))
        name_pane(notes, tr("Notes since yesterday"), str(len(morning.notes)))

    @property
    def chosen(self) -> Line | None:
        """The line that the arrows stand at."""
        return next((one.chosen for one in self._lists() if one.has_focus), None)

    @property
    def _coi(self) -> str | None:
        return therapy_of(self.chosen)

    def _draw_beside(self) -> None:
        """More of the line that the arrows stand at: why it is so, and where its box is."""
        morning = self.morning
        if morning is None or not self._has_room:
            return
        one, now = self.chosen, self._now()
        road = one if isinstance(one, RoadLine) else self._box_of(one, morning)
        why, box = self.query_one("#why", Static), self.query_one("#box", Static)
        why.display, box.display = one is not None and one is not road, road is not None
        width = why.parent.size.width - PANE_COLUMNS if isinstance(why.parent, Vertical) else _PROMISED
        if isinstance(one, DueLine):
            ready = one.words == "ready"
            name_pane(why, tr("Why ready") if ready else tr("Why not ready"), code_text(one.coi))
            why.update(items_text(one))
        elif isinstance(one, TherapyForecast):
            name_pane(why, styled(state_words(one)), code_text(one.coi))
            why.update(course_text(one, now, width))
        elif isinstance(one, AlertLine):
            name_pane(why, styled(state_words(one)), code_text(one.coi))
            why.update(facts_grid(called_rows(one, self.session.local)))
        elif isinstance(one, StoredLine):
            name_pane(why, named(one.material.value), code_text(one.unit))
            why.update(facts_grid(stored_rows(one, now)))
        if road is not None:
            name_pane(box, code_text(road.box), road.title)
            box.update(facts_grid(box_rows(road, now)))

    def _box_of(self, one: Line | None, morning: Morning) -> RoadLine | None:
        """The box on the road in which cells of the chosen therapy are."""
        coi = therapy_of(one)
        return next((each for each in morning.today.road if coi in each.therapies), None)

    def on_today_list_left(self, message: TodayList.Left) -> None:
        """Go on in the next list that has lines."""
        lists = [one for one in self._lists() if one.lines and one.display]
        if message.listed not in lists:
            self._stand_first()
            return
        place = lists.index(message.listed) + message.by
        if 0 <= place < len(lists) and (lists[place].pane is not None or self._has_room):
            message.listed.highlighted = None
            lists[place].focus()
            lists[place].highlighted = 0 if message.by > 0 else len(lists[place].lines) - 1

    def on_option_list_option_highlighted(self) -> None:
        """Say more of it where there is room, and what can be done with it."""
        self._draw_beside()
        self.show_keys()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter opens the therapy."""
        event.stop()
        coi = self._coi
        if coi is not None:
            self._open(TherapyScreen(self.session, coi))

    def _open(self, screen: Screen[None]) -> None:
        self.app.push_screen(screen)

    async def take_scan(self, scan: RawScan) -> None:
        """The therapy that a code belongs to."""
        if not self.accepts(scan):
            return
        code = printed_code(scan.text)
        if code is not None and code.command is not None:
            await self.take_code(code.command)
            return
        subject = await in_thread(lambda: look(self.session, scan))
        if subject.therapy is None:
            self.show(check(tr("This code belongs to no therapy."), tr("Scan a unit, COI card or box.")))
        else:
            self._open(TherapyScreen(self.session, subject.therapy.coi))

    def _why_not_chosen(self) -> str | None:
        return None if self._coi is not None else tr("Choose a line with the arrows first.")

    why_not_deviation = _why_not_chosen

    def why_not_show_plan(self) -> str | None:
        """Who drives moves nothing."""
        if self.viewer.carrier is not None:
            return tr("Coordinators plan; Ctrl+O shows your shipments.")
        return self._why_not_chosen()

    @property
    def _unseen(self) -> AlertLine | None:
        """The gravest that calls in the chosen therapy and that nobody has seen."""
        coi, morning = self._coi, self.morning
        alerts = () if coi is None or morning is None else morning.alerts_of(coi)
        return next((one for one in alerts if not one.is_acknowledged), None)

    def why_not_seen_it(self) -> str | None:
        """Something of it has to call."""
        if self._coi is None:
            return self._why_not_chosen()
        return None if self._unseen is not None else tr("Nothing of it calls that was not seen.")

    def action_seen_it(self) -> None:
        """Have it signed that this person has seen it."""
        alert = self._unseen
        if alert is not None:
            self.do(self._see(alert))

    async def _see(self, alert: AlertLine) -> None:
        outcome = await self.act(
            {
                **alert.request,
                "request": "acknowledge_alert",
                "event_id": self.session.tracker.new_event_id(),
                "actor": self.session.staff,
                "station": self.session.station.id,
            }
        )
        if outcome is None:
            return
        self.read()
        if outcome.problem is not None:
            # Nobody's cells are in hand here: who may see it is named, and nothing stops.
            self.show(check(outcome.problem.message, outcome.problem.remedy))
        else:
            self.show(self.written(outcome, tr("It stays here until its cause ends.")))

    def action_show_plan(self) -> None:
        """The plan of the chosen therapy, at the milestone that the line is about."""
        one, coi = self.chosen, self._coi
        if coi is None:
            return
        name = one.milestone if isinstance(one, DueLine) else None
        if isinstance(one, TherapyForecast) and one.about is not None:
            name = one.about.name
        self._open(PlanScreen(self.session, coi, milestone=name))

    def action_all_therapies(self) -> None:
        """The board."""
        self._open(BoardScreen(self.session))

    def why_not_unplanned(self) -> str | None:
        """It is a coordinator's question, where something runs without a plan."""
        morning = self.morning
        is_coordinator = {Pane.EXCEPTIONS, Pane.WEEK} <= {*self.viewer.panes}
        if is_coordinator and morning is not None and morning.today.unplanned:
            return None
        return tr("Nothing runs here without a plan.")

    def action_unplanned(self) -> None:
        """The board with them alone."""
        self._open(BoardScreen(self.session, Shown(site=self.viewer.site, unplanned=True)))

    def action_show_week(self) -> None:
        """How full the weeks are."""
        self._open(WeekScreen(self.session, lambda coi: PlanScreen(self.session, coi)))

    def action_measures(self) -> None:
        """How long it took, and what went wrong, over months."""
        self._open(MeasuresScreen(self.session))

    def action_deviation(self) -> None:
        """Say what went wrong with the chosen therapy."""
        coi = self._coi
        if coi is not None:
            self.do(self._deviate(coi))

    async def _deviate(self, coi: str) -> None:
        subject = await in_thread(lambda: look(self.session, by_id(coi)))
        self._open(StepScreen(self.session, DEVIATION, subject))

    def action_refresh(self) -> None:
        """Read all of it again."""
        self.read()

    def action_discard(self) -> None:
        """To what waits here."""
        self.close_with(ok(tr("Back from Today; Ctrl+Y shows it again.")))


def _pane(listed: TodayList) -> Pane:
    if listed.pane is None:
        raise TypeError("What is due later is no list of the upper part.")
    return listed.pane
