"""A therapy as a journey: the strip from vein to vein, where it is now with every limit, what happened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from tracker.tracker import Tracker
from tracker.values import NextStep, NoteLine, TherapyForecast, TherapyJourney, TrailEntry
from tui.answers import check, ok
from tui.commands import Command, Deviation, Discard, Refresh, ShowPlan, ShowReadings, ShowTrail
from tui.framing import RawScan
from tui.language import tr
from tui.looking import by_id, look
from tui.screens.condition import ConditionScreen
from tui.screens.plan import PlanScreen
from tui.screens.prepare import PrepareScreen
from tui.screens.release import ReleaseScreen
from tui.screens.step import DEVIATION, StepScreen, about_note
from tui.screens.step.booking import BookCarrier, open_booking, why_no_booking
from tui.screens.therapy.text import (
    frame_of,
    next_text,
    note_rows,
    now_rows,
    route_of,
    title_of,
    units_text,
    vein_line,
    why_canceled,
)
from tui.screens.trail import TrailScreen
from tui.screens.watch import WatchScreen
from tui.screens.what import ExplainingScreen
from tui.session import TerminalSession
from tui.shown_codes import grouped
from tui.widgets.happened import happened_table
from tui.widgets.journey_strip import JourneyStrip
from tui.widgets.lines import CLOCK_EVERY
from tui.widgets.pane import facts_grid, name_pane
from tui.widgets.window import Window
from tui.workers import in_thread, start


class WriteNote(Command):
    """Write down what others should know of this therapy; no rule reads it."""

    key = "ctrl+w"
    footer = "Note"
    palette = "Write a note"


class ShowRelease(Command):
    """See what must hold before its product is released, and what of it does."""

    key = "f6"
    footer = "Release"
    palette = "Show what must hold for a release"


class Prepare(Command):
    """See what a product that is prepared asks for: patient, certificate, dose, its own clock, containers."""

    key = "ctrl+a"
    footer = "Prepare"
    palette = "Prepare the product"


class OpenWatch(Command):
    """Watch the patient after the infusion: grades, medicines, what is due, what touched the cells."""

    key = "ctrl+d"
    footer = "Watch"
    palette = "Watch the patient"


UNITS_ASKED: Final = 4
"""So many units are asked for their next step."""


class NowPane(Static):
    """State, place, holder and every limit, drawn for the room there is."""

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(id="now", classes="pane", markup=False)
        self._session = session
        self._shown: tuple[TherapyJourney, datetime, TherapyScreen.Loaded] | None = None

    def on_resize(self) -> None:
        self._draw()

    def show(self, journey: TherapyJourney, now: datetime, loaded: TherapyScreen.Loaded) -> None:
        """Show a therapy as it stands now, why so, and what was noted."""
        self._shown = journey, now, loaded
        for name in ("-bad", "-look"):
            self.set_class(frame_of(journey, now) == name, name)
        self._draw()

    def _draw(self) -> None:
        if self._shown is not None:
            journey, now, loaded = self._shown
            width = self.content_size.width or self.app.size.width
            local = self._session.local
            why = why_canceled(loaded.entries)
            rows = now_rows(journey, now, local, why=why, width=width, forecast=loaded.forecast)
            self.update(facts_grid((*rows, *note_rows(loaded.notes, now, local, width=width))))


class TherapyScreen(ExplainingScreen):
    """What is recorded of one therapy, at a glance; the trail has all of it."""

    about = tr(
        "One therapy from vein to vein: what is behind, where it is now, every limit that runs, and "
        "what happened. F4 shows its plan, F6 what a release asks, ^A what a preparation asks, ^D the time "
        "after the infusion, F7 every event, F11 what loggers recorded. A scan shows another therapy."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (
        ShowPlan,
        ShowTrail,
        ShowRelease,
        Prepare,
        OpenWatch,
        ShowReadings,
        WriteNote,
        BookCarrier,
    )
    is_misread_grave = False
    DEFAULT_CSS = """
    TherapyScreen {
        & #strip, & #now { height: auto; }
        & #upper { height: auto; }
        & #upper > #now { width: 3fr; }
        & #then, & #units { display: none; }
        & #lower { height: 1fr; }
        & #happened { width: 2fr; height: 1fr; }
        &.-wide #then, &.-very-wide #then { display: block; width: 2fr; height: 100%; }
        &.-wide #units, &.-very-wide #units { display: block; width: 1fr; height: 1fr; }
    }
    """

    @dataclass
    class Loaded(Message):
        """The therapy has been read; None where there is none of that code."""

        journey: TherapyJourney | None
        entries: tuple[TrailEntry, ...]
        steps: tuple[NextStep, ...]
        notes: tuple[NoteLine, ...] = ()
        forecast: TherapyForecast | None = None
        """Why it is not on time, in one sentence."""

    def __init__(self, session: TerminalSession, coi: str) -> None:
        super().__init__(session)
        self.coi = coi
        self._loaded: TherapyScreen.Loaded | None = None

    def body(self) -> ComposeResult:
        """The strip; now and then; what happened and the units."""
        with Vertical(id="strip", classes="pane"):
            yield JourneyStrip(self.session.local)
            yield Static(id="vein", markup=False)
        with Horizontal(id="upper"):
            yield NowPane(self.session)
            yield Static(id="then", classes="pane", markup=False)
        with Horizontal(id="lower"):
            with Window(id="happened", classes="pane"):
                yield Static(id="events", markup=False)
            with Window(id="units", classes="pane"):
                yield Static(id="open-units", markup=False)

    def on_mount(self) -> None:
        name_pane(self.query_one("#strip"), grouped(self.coi), tr("reading ..."))
        name_pane(self.query_one("#now"), tr("Now"))
        name_pane(self.query_one("#then"), tr("Next for you here"))
        name_pane(self.query_one("#happened"), tr("What happened"), tr("reading ..."))
        name_pane(self.query_one("#units"), tr("Units"))
        self.set_interval(CLOCK_EVERY, self._tick)
        self.read()

    def on_screen_resume(self) -> None:
        if self._loaded is not None:
            self.read()

    def prompt(self) -> str:
        """A scan shows another therapy."""
        return tr("Scan anything, or type a therapy")

    def likeliest(self) -> tuple[type[Command], ...]:
        """Its plan and its trail, then what can be said about it."""
        return (
            ShowPlan,
            ShowTrail,
            ShowRelease,
            ShowReadings,
            WriteNote,
            BookCarrier,
            Deviation,
            Refresh,
            Discard,
        )

    def read(self) -> None:
        """Read the therapy again; what stands there stays until then."""
        coi, tracker = self.coi, self.session.tracker
        staff, station = self.session.staff, self.session.station.id

        def found() -> TherapyScreen.Loaded:
            journey = tracker.read.journey(coi=coi)
            if journey is None:
                return TherapyScreen.Loaded(None, (), ())
            tracker.audit.note_opened(coi, staff=staff, station=station)
            steps = tuple(_next_steps(tracker, journey, staff, station))
            entries, notes = tracker.read.trail(coi=coi).entries, tracker.read.notes(coi=coi)
            return TherapyScreen.Loaded(
                journey, entries, steps, notes, tracker.read.therapy_forecast(coi=coi)
            )

        start(self, found, job="therapy", done=lambda loaded: loaded)

    def on_therapy_screen_loaded(self, message: Loaded) -> None:
        """Show it."""
        self._loaded = message
        self._draw(message)
        self.show_keys()

    def _tick(self) -> None:
        """Let clocks and bars go on."""
        if self._loaded is not None:
            self._draw_now(self._loaded)

    def _draw(self, loaded: Loaded) -> None:
        journey, now = loaded.journey, self._now()
        if journey is None:
            name_pane(self.query_one("#strip"), grouped(self.coi))
            self.query_one("#vein", Static).update(tr("There is no such therapy in this store."))
            return
        name_pane(self.query_one("#strip"), title_of(journey), route_of(journey))
        local = self.session.local
        self.query_one("#events", Static).update(happened_table(loaded.entries, now, local))
        name_pane(
            self.query_one("#happened"), tr("What happened"), tr("F7 all {count}", count=len(loaded.entries))
        )
        self.query_one("#then", Static).update(next_text(loaded.steps))
        self.query_one("#open-units", Static).update(units_text(journey))
        name_pane(self.query_one("#units"), tr("Units"), str(len(journey.whereabouts)))
        self._draw_now(loaded)

    def _draw_now(self, loaded: Loaded) -> None:
        journey, now = loaded.journey, self._now()
        if journey is None:
            return
        self.query_one(JourneyStrip).show(journey, now)
        self.query_one("#vein", Static).update(vein_line(journey, now))
        self.query_one(NowPane).show(journey, now, loaded)

    def _now(self) -> datetime:
        return self.session.tracker.clock.now()

    async def take_scan(self, scan: RawScan) -> None:
        """Another therapy by any code of it."""
        subject = await in_thread(lambda: look(self.session, scan))
        if subject.therapy is None:
            self.show(
                check(tr("This code belongs to no therapy."), tr("Scan a unit, cassette, COI card or box."))
            )
            return
        self.coi = subject.therapy.coi
        self.read()
        self.show(ok(tr("Therapy {coi}.", coi=self.coi)))

    def action_show_plan(self) -> None:
        """What is booked for it, and how that can be changed."""
        self.app.push_screen(PlanScreen(self.session, self.coi))

    def action_show_trail(self) -> None:
        """Every event with its signatures."""
        self.app.push_screen(TrailScreen(self.session, self.coi))

    def action_show_release(self) -> None:
        """What must hold before it is released."""
        self.app.push_screen(ReleaseScreen(self.session, self.coi))

    def action_prepare(self) -> None:
        """What is looked at while it is prepared."""
        self.app.push_screen(PrepareScreen(self.session, self.coi))

    def action_open_watch(self) -> None:
        """What is looked at after the infusion."""
        self.app.push_screen(WatchScreen(self.session, self.coi))

    def action_show_readings(self) -> None:
        """What loggers recorded beside its cells."""
        self.app.push_screen(ConditionScreen(self.session, self.coi))

    def action_deviation(self) -> None:
        """Say what went wrong with it."""
        self.do(self._deviate())

    async def _deviate(self) -> None:
        subject = await in_thread(lambda: look(self.session, by_id(self.coi)))
        self.app.push_screen(StepScreen(self.session, DEVIATION, subject))

    def why_not_deviation(self) -> str | None:
        """Somebody has to be signed in to open one."""
        return None if self.session.is_open else tr("Sign in first.")

    def action_write_note(self) -> None:
        """Write down what others should know of it."""
        self.do(self._note())

    async def _note(self) -> None:
        subject = await in_thread(lambda: look(self.session, by_id(self.coi)))
        self.app.push_screen(about_note(self.session, subject, self.coi))

    def why_not_write_note(self) -> str | None:
        """Somebody has to be signed in to sign it."""
        return self.why_not_deviation()

    def action_book_carrier(self) -> None:
        """Book a carrier for what travels next."""
        self.do(open_booking(self, self.coi))

    def why_not_book_carrier(self) -> str | None:
        """Coordinators book."""
        return why_no_booking(self.session)

    def action_refresh(self) -> None:
        """Read the therapy again."""
        self.read()

    def action_discard(self) -> None:
        """Nothing is entered here: Esc leaves."""
        self.close_with(ok(tr("Back from the therapy.")))


def _next_steps(tracker: Tracker, journey: TherapyJourney, staff: str, station: str) -> Iterator[NextStep]:
    """What comes next for this person here, of the therapy and of its first units; each step once."""
    units = [one.unit for one in journey.whereabouts][:UNITS_ASKED]
    seen: set[int] = set()
    for code in (journey.line.coi, *units):
        for one in tracker.read.next_steps(code=code, actor=staff, station=station):
            if one.is_next and one.number not in seen:
                seen.add(one.number)
                yield one
