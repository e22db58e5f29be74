"""What loggers recorded beside the cells of a therapy: curve, band, who held them, what quality has said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from schema.canonical import Json
from schema.errors import CartrailError
from schema.events.conditions import ExcursionAssessed
from schema.vocabulary import ReadMode
from tracker.values import ASSESSING, LoggerReadings, TherapyReadings, grant_violation
from tui.answers import check, ok
from tui.commands import Command, Deviation, Discard, Refresh
from tui.framing import RawScan
from tui.language import tr
from tui.looking import Offer, by_id, look
from tui.screens.condition.curve import curve_text, lanes_text
from tui.screens.condition.text import (
    erased_text,
    found_text,
    judged_rows,
    none_text,
    title_of,
    unread_words,
    verdict_text,
)
from tui.screens.step import StepScreen, about_deviation
from tui.screens.what import ExplainingScreen
from tui.session import TerminalSession
from tui.shown_codes import grouped
from tui.widgets.drawn_pane import DrawnPane
from tui.widgets.pane import facts_grid, name_pane
from tui.widgets.window import Window
from tui.workers import in_thread, start

ASSESS: Final = Offer(ExcursionAssessed.kind, "assess_excursion", tr("Assess an excursion"))


class Assess(Command):
    """Say whether the cells may be used after the excursion; a second person of quality approves."""

    key = "f4"
    footer = "Assess"
    palette = "Assess the excursion on the screen"


class ConditionScreen(ExplainingScreen):
    """One file at a time; Left and Right go from one to the next."""

    about = tr(
        "What a logger recorded beside the cells while they were in its box, against what they bear. The "
        "line across is the limit; below stand who held them, what was outside, and where nobody knows. "
        "Left and Right show the file before and after. F4 says whether the cells may be used."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (Assess,)
    is_misread_grave = False
    has_room_for_band = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn_file(1)", show=False),
        Binding("right", "turn_file(-1)", show=False),
    ]
    DEFAULT_CSS = """
    ConditionScreen {
        & #curve { height: 1fr; min-height: 8; text-wrap: nowrap; }
        & #lanes { height: auto; text-wrap: nowrap; }
        & #found { height: auto; max-height: 8; }
        & #found > Static { height: auto; }
        & #judged { display: none; height: auto; max-height: 12; }
        &.-wide #judged, &.-very-wide #judged { display: block; }
        &.-none #lanes, &.-none #found, &.-none #judged { display: none; }
        &.-band.-narrow #curve { display: none; }
        &.-erased #curve { height: auto; }
        &.-erased #judged { height: 1fr; }
    }
    """

    @dataclass
    class Loaded(Message):
        """What was recorded has been read; None where there is no such therapy."""

        known: TherapyReadings | None

    def __init__(self, session: TerminalSession, coi: str, *, box: str = "") -> None:
        super().__init__(session)
        self.coi = coi
        self._box = box
        """Of which the newest file is shown first; empty for any."""

        self._known: TherapyReadings | None = None
        self._place = 0

    def body(self) -> ComposeResult:
        """The curve; below it the same time; what is to be assessed; in a wide window how it was judged."""
        with Vertical():
            yield DrawnPane(id="curve")
            yield DrawnPane(id="lanes")
            with Window(id="found", classes="pane"):
                yield Static(id="excursions", markup=False)
            yield Static(id="judged", classes="pane", markup=False)

    def on_mount(self) -> None:
        name_pane(self.query_one("#curve"), grouped(self.coi), tr("reading ..."))
        name_pane(self.query_one("#lanes"), tr("At the same time"))
        name_pane(self.query_one("#judged"), tr("How this was judged"))
        self.set_class(True, "-none")
        self.read()

    def on_screen_resume(self) -> None:
        if self._known is not None:
            self.read()

    def prompt(self) -> str:
        """A box or a unit: another therapy, or another file of this one."""
        return tr("Scan a box or a unit")

    def likeliest(self) -> tuple[type[Command], ...]:
        """What is to be decided, then what can be said about it."""
        return (Assess, Deviation, Refresh, Discard)

    def read(self) -> None:
        """Read it again; what stands there stays until then."""
        tracker, coi = self.session.tracker, self.coi
        staff, station = self.session.staff, self.session.station.id

        def found() -> ConditionScreen.Loaded:
            known = tracker.read.therapy_readings(coi=coi)
            if known is not None:
                tracker.audit.note_opened(coi, staff=staff, station=station)
            return ConditionScreen.Loaded(known)

        start(self, found, job="condition", done=lambda loaded: loaded)

    def on_condition_screen_loaded(self, message: Loaded) -> None:
        """Show it: what is to be assessed first, else the newest."""
        is_first = self._known is None
        self._known = message.known
        files = self.files
        if is_first:
            wanted = [at for at, one in enumerate(files) if self._box in (one.said.box, one.said.location)]
            waiting = [at for at in wanted or range(len(files)) if files[at].to_assess]
            self._place = next(iter((*waiting, *wanted)), 0)
        self._place = min(self._place, max(len(files) - 1, 0))
        self._draw()
        self.answers.store_is_back()

    @property
    def files(self) -> tuple[LoggerReadings, ...]:
        """Those of the therapy, the newest first."""
        return self._known.files if self._known is not None else ()

    @property
    def shown(self) -> LoggerReadings | None:
        """The file on the screen."""
        return self.files[self._place] if self.files else None

    def _draw(self) -> None:
        if self._known is None or not self.is_attached:
            return
        one, curve = self.shown, self.query_one("#curve", DrawnPane)
        self.set_class(one is None, "-none")
        self.set_class(one is not None and one.trace is None, "-erased")
        if one is None:
            name_pane(curve, grouped(self.coi))
            curve.say(none_text(self._known, self.session.local))
        else:
            self._draw_file(one)
        self.show_keys()

    def _draw_file(self, one: LoggerReadings) -> None:
        local, curve, known = self.session.local, self.query_one("#curve", DrawnPane), self._known
        title = title_of(one)
        if len(self.files) > 1:
            title.append("   " + tr("file {place} of {count}", place=self._place + 1, count=len(self.files)))
        name_pane(curve, title, verdict_text(one))
        is_open = bool(one.to_assess)
        curve.set_class(is_open, "-bad")
        if one.trace is None:
            curve.say(erased_text(one))
        else:
            curve.draw(lambda width, height: curve_text(one, local, width=width, height=height))
        lanes, found = self.query_one("#lanes", DrawnPane), self.query_one("#found")
        lanes.draw(lambda width, _: lanes_text(one, local, width=width))
        title_words = tr("► To be assessed") if is_open else tr("What was found")
        name_pane(found, title_words, unread_words(known) if known is not None else "")
        found.set_class(is_open, "-next")
        self.query_one("#excursions", Static).update(found_text(one))
        self.query_one("#judged", Static).update(facts_grid(judged_rows(one, local)))

    def action_turn_file(self, by: int) -> None:
        """The file before this one, or after it."""
        if self.files:
            self._place = min(max(self._place + by, 0), len(self.files) - 1)
            self._draw()

    async def take_scan(self, scan: RawScan) -> None:
        """The newest file of a box, or another therapy by any code of it."""
        subject = await in_thread(lambda: look(self.session, scan))
        boxes = [
            at for at, one in enumerate(self.files) if subject.object_id in (one.said.box, one.said.location)
        ]
        if boxes:
            self._place = boxes[0]
            self._draw()
        elif subject.therapy is not None:
            self.coi, self._known, self._box = subject.therapy.coi, None, subject.object_id or ""
            self.read()
        else:
            self.show(check(tr("Of this nothing was recorded."), tr("Scan a box, a unit or a COI card.")))

    def why_not_assess(self) -> str | None:
        """Quality alone, and only what is not assessed."""
        one, session = self.shown, self.session
        if one is None or not one.excursions:
            return tr("There is no excursion to assess.")
        if not session.is_open:
            return tr("Sign in first.")
        now, site = session.tracker.clock.now(), session.station.site
        violation = grant_violation(session.registry, session.staff, ASSESSING, site, now)
        return None if violation is None else tr("Quality assesses it. You can look.")

    def action_assess(self) -> None:
        """Say whether the cells may be used."""
        self.do(self._assess())

    async def _assess(self) -> None:
        one = self.shown
        if one is None or not one.excursions:
            return
        excursion = next(iter(one.to_assess), one.excursions[0])
        subject = await in_thread(lambda: look(self.session, by_id(self.coi)))
        fixed: dict[str, Json] = {
            "coi": {"code": self.coi, "mode": ReadMode.PASTED.value},
            "excursion": excursion.state.event_id,
        }
        self.app.push_screen(StepScreen(self.session, ASSESS, subject, fixed=fixed))

    def why_not_deviation(self) -> str | None:
        """Somebody has to be signed in to open one."""
        return None if self.session.is_open else tr("Sign in first.")

    def action_deviation(self) -> None:
        """Say what went wrong with it."""
        self.do(self._deviate())

    async def _deviate(self) -> None:
        subject = await in_thread(lambda: look(self.session, by_id(self.coi)))
        self.app.push_screen(about_deviation(self.session, subject, self.coi))

    def action_refresh(self) -> None:
        """Read it again."""
        self.read()

    def read_failed(self, error: CartrailError) -> None:
        """What stands on the screen stays."""
        self.show(check(error.message, error.remedy, about_store=True))

    def action_discard(self) -> None:
        """Nothing is entered here: Esc leaves."""
        self.close_with(ok(tr("Back from condition.")))
