"""A patient after the infusion: given, graded, medicines, what is due, and what touched the cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from tracker.values import WatchedTherapy
from tui.answers import check, ok
from tui.commands import Command, Deviation, Discard, Refresh, Sign
from tui.framing import RawScan
from tui.language import tr
from tui.looking import by_id, look
from tui.screens.one_therapy import OneTherapyScreen
from tui.screens.watch.text import (
    after_text,
    day_words,
    due_text,
    facts_of,
    grade_lines,
    links_words,
    title_of,
    trace_rows,
    verdict_word,
    worst,
)
from tui.session import TerminalSession
from tui.shown_codes import grouped
from tui.widgets.big_word import BigWord
from tui.widgets.pane import facts_grid, name_pane
from tui.widgets.window import Window
from tui.workers import in_thread, start

READ_EVERY: Final = 60.0
"""Seconds between two looks at the store."""

GRADE: Final = "toxicity_graded"
MEDICINE: Final = "medicine_given"
OUTCOME: Final = "outcome_recorded"


class ShowTrace(Command):
    """See everything that touched the cells before they were given; again to come back."""

    key = "f4"
    footer = "Trace"
    palette = "Show what touched the cells"


class AddMedicine(Command):
    """Record a medicine that was given to this patient."""

    key = "f6"
    footer = "Medicine"
    palette = "Record a medicine"


class AddOutcome(Command):
    """Record what the protocol makes due after the infusion."""

    key = "f7"
    footer = "Outcome"
    palette = "Record what was due"


class WatchScreen(OneTherapyScreen):
    """One patient; what stands here is read anew each minute."""

    about = tr(
        "One patient from the first drop on: what was given, the newest grade by each scale with what it "
        "rests on, the medicines, what is due, and what the label says of the days after. F10 grades a "
        "reaction from what was found; from a grave grade on a clinician signs as second person. F4 shows "
        "everything that touched the cells. A scan shows another patient."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (ShowTrace, AddMedicine, AddOutcome)
    is_misread_grave = False
    has_room_for_band = False
    DEFAULT_CSS = """
    WatchScreen {
        & #facts { height: auto; }
        & #known, & #said, & #recorded, & #comes, & #touched { height: auto; }
        & #reactions { height: 1fr; min-height: 5; }
        & #graded { width: 1fr; height: 1fr; }
        & #word { width: auto; padding: 0 1; }
        & #after, & #due { width: 1fr; height: 1fr; }
        & #below { height: 6; }
        & #trace { height: 1fr; display: none; }
        &.-wide #trace, &.-very-wide #trace, &.-trace #trace { display: block; }
        &.-wide #below, &.-very-wide #below { height: 8; }
        &.-trace #reactions, &.-trace #below, &.-trace #facts { display: none; }
        &.-none #reactions, &.-none #below, &.-none #trace { display: none; }
    }
    """

    @dataclass
    class Loaded(Message):
        """The patient has been read; None where the protocol is not here."""

        view: WatchedTherapy | None

    def __init__(self, session: TerminalSession, coi: str) -> None:
        super().__init__(session, coi)
        self.view: WatchedTherapy | None = None

    def body(self) -> ComposeResult:
        """What was given; the grades; what was recorded and what comes; or what touched the cells."""
        with Vertical():
            with Window(id="facts", classes="pane"):
                yield Static(id="known", markup=False)
            with Horizontal(id="reactions", classes="pane"):
                with Window(id="graded"):
                    yield Static(id="said", markup=False)
                yield BigWord(name="word")
            with Horizontal(id="below"):
                with Window(id="after", classes="pane"):
                    yield Static(id="recorded", markup=False)
                with Window(id="due", classes="pane"):
                    yield Static(id="comes", markup=False)
            with Window(id="trace", classes="pane"):
                yield Static(id="touched", markup=False)

    def on_mount(self) -> None:
        self.set_class(True, "-none")
        self.set_interval(READ_EVERY, self.read)
        if self.coi:
            name_pane(self.query_one("#facts"), grouped(self.coi), tr("reading ..."))
            self.read()
        else:
            name_pane(self.query_one("#facts"), tr("Watch a patient"))
            self.query_one("#known", Static).update(tr("Scan the COI card or the container."))

    def on_screen_resume(self) -> None:
        if self.view is not None:
            self.read()

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    def prompt(self) -> str:
        """Another patient is chosen by a code."""
        return tr("Scan the card or container of another patient")

    def likeliest(self) -> tuple[type[Command], ...]:
        """To grade, to give, to record, to trace; what went wrong, and reading again."""
        return (Sign, AddMedicine, AddOutcome, ShowTrace, Deviation, Refresh, Discard)

    def label_of(self, command: type[Command]) -> str:
        """What F10 does here is grading."""
        return tr("Grade") if command is Sign else super().label_of(command)

    def read(self) -> None:
        """Read it again; what stands there stays until then."""
        coi, tracker = self.coi, self.session.tracker
        if not coi:
            return
        staff, station = self.session.staff, self.session.station.id

        def found() -> WatchScreen.Loaded:
            tracker.audit.note_opened(coi, staff=staff, station=station)
            return WatchScreen.Loaded(tracker.read.watch(coi=coi))

        start(self, found, job="watch", done=lambda loaded: loaded)

    def on_watch_screen_loaded(self, message: Loaded) -> None:
        """Show it."""
        self.view = message.view
        self._draw()
        self.show_keys()
        self.answers.store_is_back()

    def _draw(self) -> None:
        view = self.view
        if not self.is_attached or view is None:
            return
        self.set_class(False, "-none")
        local, now = self.session.local, self.session.now()
        facts = self.query_one("#facts")
        name_pane(facts, title_of(view), view.product)
        self.query_one("#known", Static).update(facts_grid(facts_of(view, local)))
        facts.set_class(view.is_out_of_specification and not view.recalled, "-look")
        facts.set_class(bool(view.recalled), "-bad")
        self._draw_grades(view)
        after, due = self.query_one("#after"), self.query_one("#due")
        name_pane(after, tr("Given and recorded"), tr("F6, F7"))
        self.query_one("#recorded", Static).update(after_text(view, local, self._width(after)))
        name_pane(due, tr("Due"), tr("F7"))
        due.set_class(any(one.due_at < now for one in view.duties), "-bad")
        self.query_one("#comes", Static).update(due_text(view, now, local, self._width(due)))
        trace = self.query_one("#trace")
        name_pane(
            trace, tr("What touched the cells of {coi}", coi=grouped(view.coi)), links_words(view.traces)
        )
        self.query_one("#touched", Static).update(facts_grid(trace_rows(view)))

    def _draw_grades(self, view: WatchedTherapy) -> None:
        pane, found = self.query_one("#reactions"), worst(view)
        is_grave = found is not None and found.is_grave
        pane.set_class(is_grave, "-bad")
        pane.set_class(found is not None and found.grade > 0 and not is_grave, "-look")
        name_pane(pane, tr("Reactions"), day_words(view))
        self.query_one("#word", BigWord).say(verdict_word(view))
        graded = self.query_one("#graded")
        self.query_one("#said", Static).update(grade_lines(view, self.session.local, self._width(graded)))

    def _width(self, pane: Widget) -> int:
        return pane.content_size.width or self.app.size.width // 2

    def why_not_show_trace(self) -> str | None:
        """Cells have to have been given."""
        is_given = self.view is not None and bool(self.view.traces)
        return None if is_given else tr("No cells were given yet.")

    def action_show_trace(self) -> None:
        """To what touched the cells, and back."""
        self.set_class(not self.has_class("-trace"), "-trace")
        self.call_after_refresh(self._draw)

    async def take_scan(self, scan: RawScan) -> None:
        """Any code of another therapy shows that patient."""
        subject = await in_thread(lambda: look(self.session, scan))
        if subject.therapy is None:
            self.show(check(tr("This code belongs to no therapy."), self.prompt()))
            return
        if subject.therapy.coi != self.coi:
            self._coi, self.view = subject.therapy.coi, None
            self.set_class(True, "-none")
        self.read()
        self.show(ok(tr("Therapy {coi}.", coi=grouped(self.coi))))

    def why_not_sign(self) -> str | None:
        """Somebody signed in, and cells in the patient."""
        if not self.session.is_open:
            return tr("Sign in first.")
        if self.view is None or self.view.began_at is None:
            return tr("No cells were given yet.")
        return None

    def why_not_add_medicine(self) -> str | None:
        """Somebody signed in; before the cells too, as for premedication."""
        if not self.session.is_open:
            return tr("Sign in first.")
        return None if self.view is not None else self.prompt()

    def why_not_add_outcome(self) -> str | None:
        """Something has to be due."""
        if not self.session.is_open:
            return tr("Sign in first.")
        return None if self.view is not None and self.view.duties else tr("Nothing is due.")

    def action_sign(self) -> None:
        """Grade a reaction from what was found."""
        self.do(self._begin(GRADE))

    def action_add_medicine(self) -> None:
        """Record what was given."""
        self.do(self._begin(MEDICINE))

    def action_add_outcome(self) -> None:
        """Record what was due."""
        self.do(self._begin(OUTCOME))

    async def _begin(self, kind: str) -> None:
        subject = await in_thread(lambda: look(self.session, by_id(self.coi)))
        offer = next((one for one in subject.offers if one.kind == kind), None)
        await self.open_step(offer, subject)

    def action_discard(self) -> None:
        """From the trace to the patient, then back to where it was opened."""
        if self.has_class("-trace"):
            self.action_show_trace()
        else:
            self.close_with(ok(tr("Back from the watch.")))
