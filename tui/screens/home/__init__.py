"""Home: what waits here, most urgent first; scan anything, see what can be done with it, choose by number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Collapsible, OptionList, Static

from schema.errors import CartrailError
from schema.events.conditions import ExcursionAssessed
from schema.events.processing import Released
from schema.vocabulary import ReadMode
from tracker.values import (
    BEFORE_THERAPY,
    WORKING_ROLES,
    BenchNow,
    BoardCounts,
    Found,
    TherapyJourney,
    TrailEntry,
    Worklist,
)
from tui.answers import ShownAnswer, StopAnswer, Verdict, check, ok, shown_read, stop_for
from tui.causes import NOT_ALLOWED, OLD_LABEL
from tui.commands import (
    Command,
    Deviation,
    Discard,
    Happened,
    Help,
    PrintLabel,
    ShowTrail,
    WhatIsThis,
)
from tui.framing import RawScan, printed_code
from tui.glyphs import EXPANDED, NEXT
from tui.language import named, tr
from tui.looking import HANDOVER_KINDS, Offer, ScannedThing, by_id, look
from tui.numbers import step_number
from tui.screens.bench import CLEAR
from tui.screens.bench.text import bench_line
from tui.screens.board.text import counts_text
from tui.screens.condition import ConditionScreen
from tui.screens.handoff import HandoffScreen
from tui.screens.handoff.courier import own_carrier
from tui.screens.home.line import first_step_text, late_words, line_panel, line_title
from tui.screens.home.screens import OPENED_FROM_HOME, READ_FROM_HOME, ClearBench, opened
from tui.screens.home.waiting import WaitingPanel, empty_words
from tui.screens.label import LabelScreen
from tui.screens.release import ReleaseScreen
from tui.screens.shift import LeavingScreen, open_here
from tui.screens.step import DEVIATION, StepScreen, deviation_about
from tui.screens.step.swapping import is_swap, swap_screen
from tui.screens.stop import StopBackground
from tui.screens.therapy.text import route_of, title_of
from tui.screens.trail import TrailScreen
from tui.screens.what import ExplainingScreen
from tui.screens.what.panels import (
    barred_panel,
    barred_title,
    next_step,
    offers_panel,
    subject_panel,
)
from tui.session import LeftBehind, TerminalSession
from tui.shown_codes import grouped
from tui.typing import is_early_pin, slip_of
from tui.widgets.happened import happened_table
from tui.widgets.journey_strip import JourneyStrip
from tui.widgets.lines import CLOCK_EVERY
from tui.widgets.pane import name_pane
from tui.widgets.room import VERY_WIDE_FROM, WIDE_FROM
from tui.widgets.window import Window
from tui.words import thing_words
from tui.workers import in_thread, start


class NewTherapy(Command):
    """Begin a therapy: protocol, sites and the patient's numbers from the order."""

    key = "f4"
    footer = "Enroll"
    palette = "Enroll a therapy"


READ_EVERY: Final = 60.0
"""Seconds between two looks at what waits."""

_FOLDED: Final = 2
"""Columns by which what a fold holds stands to the right."""

_PADDED: Final = 6
"""Columns that border, padding and scroll bar take of a line."""

_HAPPENED: Final = tr("If it happened anyway: F11. If it was done in time and not entered: F11, then F6.")
_ENROLL = Offer("enrolled", "enroll", tr("Enroll a therapy"), number=BEFORE_THERAPY["enrolled"])


def _known_not(scan: RawScan) -> ShownAnswer:
    """That a code stands for nothing, with the code as it was read: small letters may be the reason."""
    is_small = scan.mode is ReadMode.MANUAL and scan.text != scan.text.upper()
    again = tr("Type it as it is printed, capitals as capitals.") if is_small else tr("Read it again.")
    return check(
        tr("{code} stands for nothing in this store.", code=shown_read(scan)),
        f"{tr('Nothing was recorded.')} {again}",
    )


class HomeScreen(ExplainingScreen):
    """The screen between two tasks: the list of what waits, or what was scanned; always armed for a scan."""

    about = tr(
        "What waits here for you, the most urgent first. Scan any code, then press Space "
        "for its next step or type the number of another; with nothing scanned, a number "
        "shows what waits for that step. The arrows and Enter choose a line. Esc goes back "
        "to the whole list; PgUp and PgDn show more. ^R means Ctrl and R."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (
        NewTherapy,
        *OPENED_FROM_HOME,
        ShowTrail,
        Happened,
    )
    codes: ClassVar[Mapping[str, type[Command]]] = {"CANCEL": Discard, CLEAR: ClearBench}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("enter", "choose", show=False),
        Binding("space", "next_step", show=False),
        Binding("right", "unfold(True)", show=False),
        Binding("left", "unfold(False)", show=False),
    ]
    DEFAULT_CSS = """
    HomeScreen {
        & #bench { display: none; height: auto; padding: 0 1; background: $panel; text-style: bold; }
        & #desk { height: 1fr; }
        & #waiting { width: 1fr; height: 1fr; }
        & #thing { display: none; width: 1fr; }
        & #subject { height: auto; max-height: 11; }
        & #next { height: auto; }
        & #offers { height: 1fr; }
        & #steps, & #reasons { text-wrap: nowrap; text-overflow: ellipsis; height: auto; }
        & Collapsible { border: none; padding: 0; margin: 0; background: $background; height: auto; }
        & CollapsibleTitle { padding: 0; background: $background; color: $muted; }
        & CollapsibleTitle:hover, & CollapsibleTitle:focus { background: $cursor; color: $foreground; }
        & Collapsible > Contents { padding: 0; }
        & #line { display: none; width: 2fr; }
        & #chosen, & #first, & #late { height: auto; }
        & #site { height: 1fr; }
        &.-wide #line, &.-very-wide #line { display: block; }
        &.-subject #line { display: none; }
        & #waiting { max-height: 100%; scrollbar-size-vertical: 1; }
        &.-subject #thing { display: block; }
        &.-subject #waiting { display: none; }
        &.-wide #waiting, &.-very-wide #waiting { display: block; width: 3fr; }
        &.-wide #thing, &.-very-wide #thing { width: 2fr; }
        & #way { display: none; width: 2fr; }
        &.-very-wide.-subject #way { display: block; }
        & #history { height: 1fr; }
    }
    """

    @dataclass
    class Listed(Message):
        """What waits has been read."""

        worklist: Worklist
        boxes: int = 0
        """Boxes that concern a courier's carrier; those are no work of a site and stand under Ctrl+O."""

        counts: BoardCounts | None = None
        """How many therapies of this site stand where; None where there is no room to show it."""

        is_reader: bool = False
        """Whether this person only reads, and begins no therapy."""

    @dataclass
    class Travelled(Message):
        """The way of the therapy on the screen has been read."""

        journey: TherapyJourney | None
        entries: tuple[TrailEntry, ...]

    @dataclass
    class Looked(Message):
        """It is known who is at this bench."""

        bench: BenchNow | None

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(session)
        self.waiting = WaitingPanel(session.tracker.clock.now)
        self.subject: ScannedThing | None = None
        self.chosen: Offer | None = None
        """The step that was refused last; it may have happened anyway."""
        self._is_reader = False
        self._counts: BoardCounts | None = None
        self._is_wide = False

    def body(self) -> ComposeResult:
        """What waits, what was scanned with its steps, and the ways to other screens."""
        yield Static(id="bench", markup=False)
        with Horizontal(id="desk"):
            yield self.waiting
            with Vertical(id="thing"):
                yield Static(id="subject", classes="pane", markup=False)
                next_pane = Static(id="next", classes="pane -next", markup=False)
                name_pane(next_pane, f"{NEXT} " + tr("Next step"), tr("SPACE"))
                yield next_pane
                with Window(id="offers", classes="pane"):
                    yield Static(id="steps", markup=False)
                    with Collapsible(id="barred", collapsed_symbol=NEXT, expanded_symbol=EXPANDED):
                        yield Static(id="reasons", markup=False)
            with Vertical(id="line"):
                yield Static(id="chosen", classes="pane", markup=False)
                first_pane = Static(id="first", classes="pane -next", markup=False)
                name_pane(first_pane, f"{NEXT} " + tr("Next step"), tr("SCAN IT"))
                yield first_pane
                late_pane = Static(id="late", classes="pane -bad", markup=False)
                name_pane(late_pane, tr("■ LATE"))
                yield late_pane
                yield Static(id="site", classes="pane", markup=False)
            with Vertical(id="way"):
                yield JourneyStrip(self.session.local, is_standing=True)
                with Window(id="history", classes="pane"):
                    yield Static(id="events", markup=False)

    def on_mount(self) -> None:
        self.set_interval(CLOCK_EVERY, self.tick)
        self.set_interval(READ_EVERY, self.read_waiting)

    def on_resize(self) -> None:
        is_wide = self.app.size.width >= WIDE_FROM
        if is_wide is not self._is_wide:
            self._is_wide = is_wide
            # Where there is room the reasons stand open.
            self.query_one("#barred", Collapsible).collapsed = not is_wide
            self.read_waiting()
        self._show_line()
        if self.subject is not None:
            self._show_subject(self.subject)
            self._show_steps(self.subject)
            self._read_way(self.subject)

    def tick(self) -> None:
        """Let the clocks of the list go on."""
        self.waiting.tick()
        name_pane(self.waiting, tr("Waits here"), self.waiting.heading())
        self._show_line()
        if self.subject is not None:
            if self.subject.clocks:
                self._show_subject(self.subject)
            name_pane(
                self.query_one("#subject"),
                thing_words(self.subject.lookup),
                self.waiting.heading(),
            )

    def read_waiting(self) -> None:
        """Read again what waits here; if that fails, the old list stays and says so."""
        session = self.session
        if session.is_open and self.is_current:
            staff, station = session.staff, session.station.id
            listed = partial(_listed, session, staff, station, is_wide=self.app.size.width >= WIDE_FROM)
            start(self, listed, job="waiting", done=lambda found: found)
            look = partial(session.tracker.read.bench, station=station)
            start(self, look, job="bench", done=HomeScreen.Looked)

    def on_home_screen_listed(self, message: Listed) -> None:
        self._is_reader = message.is_reader
        self.waiting.empty, self.waiting.boxes = empty_words(message.boxes), message.boxes
        self.waiting.show(message.worklist)
        self._counts = message.counts
        self.answers.store_is_back()
        self.tick()
        self.show_keys()

    def on_home_screen_looked(self, message: Looked) -> None:
        session = self.session
        self.show_bench(bench_line(message.bench, session.zone, session.tracker.clock.now()))

    def read_failed(self, error: CartrailError) -> None:
        """What stands on the screen stays."""
        at = f"{self.session.now():%H:%M}"
        self.waiting.fade(tr("not read since {at}: {message}", at=at, message=error.message))
        self.tick()

    def show_bench(self, text: Text | None) -> None:
        """Say over everything which therapy this bench is kept for; None when it is free."""
        bench = self.query_one("#bench", Static)
        bench.display = text is not None
        bench.update(text or "")

    def likeliest(self) -> tuple[type[Command], ...]:
        """About the thing that was scanned; with none, the other screens."""
        if self._is_reader:
            first: tuple[type[Command], ...] = () if self.subject is None else (ShowTrail,)
            return (*first, *READ_FROM_HOME, PrintLabel, WhatIsThis, Discard, Help)
        if self.subject is not None:
            return (PrintLabel, Deviation, ShowTrail, Happened, WhatIsThis, Discard)
        return (NewTherapy, *(one for one in OPENED_FROM_HOME if one is not ClearBench), Help)

    def prompt(self) -> str:
        """Home is always armed for any code."""
        return tr("Scan anything, or type a number")

    def on_screen_resume(self) -> None:
        if not self.is_current:
            return  # left again by the same key
        self.read_waiting()
        if not self.session.is_open:
            self.sign_out(check(tr("The session is over."), tr("Sign in again.")))
        elif self.subject is not None:
            self.do(self._look_again(self.subject))

    async def _look_again(self, before: ScannedThing) -> None:
        subject = await in_thread(lambda: look(self.session, before.scan, due=before.due))
        if self.subject is before:
            self._see(subject)

    def turn_to(self, object_id: str) -> None:
        """Show what was just created."""
        self.do(self._turn(object_id))

    async def _turn(self, object_id: str, due: str = "") -> None:
        self._see(await in_thread(lambda: look(self.session, by_id(object_id), due=due)))

    @property
    def _was_left(self) -> bool:
        """Whether somebody signed out while the store was read: what was found is for nobody any more."""
        return self not in self.app.screen_stack

    def _see(self, subject: ScannedThing | None) -> None:
        if self._was_left:
            return
        self.subject, self.chosen = subject, None
        self.query_one("#barred", Collapsible).collapsed = not self._is_wide
        self.set_class(subject is not None, "-subject")
        self.waiting.narrow(None)
        if subject is not None:
            self._show_subject(subject)
            self._show_steps(subject)
            self._read_way(subject)
        self.tick()
        self.query_one("#offers").scroll_home(animate=False)
        self.show_keys()

    def _room(self) -> int:
        """The columns for what was scanned, as the style sheet divides the screen at this moment."""
        width = self.size.width
        if width >= VERY_WIDE_FROM:
            width = width * 2 // 7
        elif width >= WIDE_FROM:
            width = width * 2 // 5
        return max(width - _PADDED, 20)

    def _show_subject(self, subject: ScannedThing) -> None:
        """What was scanned, with its clocks as they stand now."""
        now = self.session.tracker.clock.now()
        panel = subject_panel(subject, now, self.session.local, width=self._room())
        self.query_one("#subject", Static).update(panel)

    def _show_line(self) -> None:
        """In a wide window, beside the list: the line that the arrows stand at, else the first of it."""
        if self.subject is not None or self.app.size.width < WIDE_FROM:
            return
        session, lines = self.session, self.waiting.lines
        line = self.waiting.chosen or next(iter(lines), None)
        chosen, first, late, site = (
            self.query_one(f"#{name}", Static) for name in ("chosen", "first", "late", "site")
        )
        chosen.display = first.display = line is not None
        why = ""
        if line is not None:
            now = session.tracker.clock.now()
            name_pane(chosen, line_title(line), tr("not scanned"))
            chosen.update(line_panel(line, now, width=self._room()))
            first.update(first_step_text(line))
            due = None if line.clock is None else session.local(line.clock.due_at)
            why = late_words(line, now, due)
        late.display = bool(why)
        late.update(why)
        site.display = self._counts is not None
        if self._counts is not None:
            name_pane(site, tr("This site now"), tr("{count} open therapies", count=self._counts.running))
            site.update(counts_text(self._counts, width=self._room()))

    def _read_way(self, subject: ScannedThing) -> None:
        """Read the way of its therapy where there is room to show it."""
        session, therapy = self.session, subject.therapy
        if therapy is None or self.size.width < VERY_WIDE_FROM or not session.is_open:
            self._show_way(HomeScreen.Travelled(None, ()))
            return
        tracker, coi, staff, station = session.tracker, therapy.coi, session.staff, session.station.id

        def way() -> HomeScreen.Travelled:
            tracker.audit.note_opened(coi, staff=staff, station=station)
            return HomeScreen.Travelled(tracker.read.journey(coi=coi), tracker.read.trail(coi=coi).entries)

        start(self, way, job="way", done=lambda found: found)

    def on_home_screen_travelled(self, message: Travelled) -> None:
        self._show_way(message)

    def _show_way(self, found: Travelled) -> None:
        strip, now = self.query_one(JourneyStrip), self.session.tracker.clock.now()
        strip.show(found.journey, now)
        history = self.query_one("#history")
        strip.display = history.display = found.journey is not None
        if found.journey is not None:
            name_pane(strip, title_of(found.journey), route_of(found.journey))
            name_pane(history, tr("What happened"), tr("F7 all {count}", count=len(found.entries)))
            self.query_one("#events", Static).update(happened_table(found.entries, now, self.session.local))

    def _show_steps(self, subject: ScannedThing) -> None:
        """The steps, for the room there is at this moment."""
        width = self._room()
        first, pane = next_step(subject.offers, width=width), self.query_one("#next", Static)
        pane.update(first)
        pane.display = bool(first)
        self.query_one("#offers").display = bool(subject.offers)
        possible = offers_panel(subject.offers, width=width)
        steps = self.query_one("#steps", Static)
        steps.display = bool(possible)
        steps.update(possible)
        barred = self.query_one("#barred", Collapsible)
        barred.display = any(one.violation is not None for one in subject.offers)
        barred.title = barred_title(subject.offers)
        hint = tr("◄ ► why others are not") if barred.display else ""
        name_pane(self.query_one("#offers"), tr("Also possible"), hint)
        self.query_one("#reasons", Static).update(
            barred_panel(subject.offers, subject.unit, width=width - _FOLDED)
        )

    async def take_scan(self, scan: RawScan) -> None:
        """A step's number, the seal of the box on the screen, a command, or the next thing to look at."""
        if not self.accepts(scan):
            return
        if is_early_pin(scan):
            self.show(check(tr("Six digits are no code."), tr("A PIN is typed where it is asked for.")))
            return
        code, number = printed_code(scan.text), step_number(scan.text)
        due = self._due
        self.waiting.leave()
        if code is not None and code.command is not None:
            await self.take_code(code.command)
        elif number is not None:
            if self.subject is not None:
                await self._choose(number)
            else:
                await self._narrow(number)
        else:
            subject = await in_thread(lambda: look(self.session, scan, due=due))
            if self._was_left:
                return
            if self._is_seal(subject):
                self._hand_over(scan)
            else:
                self._see(subject)
                self._answer(subject)

    @property
    def _due(self) -> str:
        """The kind of step that the list was narrowed to: what is scanned next is for it."""
        lines = self.waiting.lines if self.waiting.only is not None else ()
        return lines[0].kind if lines else ""

    async def take_code(self, name: str) -> None:
        """NOT-IN-ORDER about the box just scanned: its handoff opens with what is wrong."""
        box = self.subject
        if name == "NOT-IN-ORDER" and box is not None and box.found is Found.BOX and box.held:
            self.app.push_screen(HandoffScreen(self.session, box, wrong=True))
        else:
            await super().take_code(name)

    def code_refused(self, name: str) -> None:
        """Other commands belong to a step."""
        self.show(
            check(
                tr("{command}: no step is open that it could belong to.", command=name),
                tr("Scan what it is about first."),
            )
        )

    def _is_seal(self, subject: ScannedThing) -> bool:
        """Whether this scan is the seal of the box before it: a handoff takes four scans and no more keys."""
        before = self.subject
        is_box = before is not None and before.found is Found.BOX and bool(before.held)
        return is_box and subject.found is Found.FOREIGN

    def _hand_over(self, seal: RawScan | None) -> None:
        if self.subject is not None:
            self.app.push_screen(HandoffScreen(self.session, self.subject, seal=seal))

    def _answer(self, subject: ScannedThing) -> None:
        if subject.found is Found.OTHER_PURPOSE:
            resolution = subject.lookup.resolution
            advice = tr("Keep it out of here: demo, training and production labels never mix.")
            self.stop(
                StopAnswer(
                    resolution.note,
                    tr("a {purpose} code", purpose=named(self.session.purpose.value)),
                    resolution.text,
                    advice,
                    NOT_ALLOWED,
                )
            )
        elif subject.found in (Found.UNKNOWN, Found.FOREIGN):
            self.show(_known_not(subject.scan))
        elif subject.lookup.superseded:
            self.show(
                check(
                    tr("This copy was superseded."),
                    tr("Scan the valid label; destroy the old copy before a witness."),
                    cause=OLD_LABEL,
                )
            )
        else:
            possible = sum(offer.possible for offer in subject.offers)
            one = tr("1 step is possible for you here.")
            many = tr("{possible} steps are possible for you here.", possible=possible)
            none = tr("Nothing of it is for you to do here.")
            rules = {offer.violation.rule for offer in subject.offers if offer.violation is not None}
            if rules == {"no_part"}:
                none += " " + tr("Ctrl+F opens its trail: who held it, each entry proven, every check.")
            words = none if not possible else one if possible == 1 else many
            if subject.found is Found.BOX and subject.held:
                seal = tr("To hand it over, or take it over, scan its seal.")
                words = f"{words} {seal}" if possible else seal
            self.show(ok(tr("{title} read.", title=thing_words(subject.lookup)), words))

    async def _title_of(self, number: int) -> str | None:
        """What a number stands for in this store; None for none."""
        titles = await in_thread(self.session.tracker.read.step_titles)
        return titles.get(number)

    async def _choose(self, number: int) -> None:
        """A step by its number, judged anew: the bench may have been taken since the thing was scanned."""
        if self.subject is not None:
            await self._look_again(self.subject)
        offer = self.subject.numbered(number) if self.subject else None
        if offer is None:
            title = await self._title_of(number)
            self.show(
                check(
                    tr("There is no step {number}.", number=number)
                    if title is None
                    else tr("{number} {title}: not for what is on the screen.", number=number, title=title),
                    tr("Type a number from the list, then Enter."),
                )
            )
            return
        self._take(offer)

    def _take(self, offer: Offer) -> None:
        """Open the form of a step, or say why it cannot be taken."""
        if offer.kind == Released.kind and self.subject is not None and self.subject.therapy is not None:
            # What is against it stands there line by line.
            unit = self.subject.object_id or ""
            self.app.push_screen(ReleaseScreen(self.session, self.subject.therapy.coi, unit))
        elif offer.violation is not None:
            self.chosen = offer
            self.show_keys()
            verdict = Verdict(offer.violation.answer.value)
            happened = f" {_HAPPENED}" if offer.violation.waivable else ""
            shown = Verdict.CHECK if verdict is Verdict.STOP else verdict
            self.show(ShownAnswer(shown, offer.violation.message, offer.violation.remedy + happened))
        else:
            self._open(offer)

    async def _narrow(self, number: int) -> None:
        """Show what waits for one step; nothing is done to a thing that nobody scanned or chose."""
        if number == _ENROLL.number:
            self.action_new_therapy()
            return
        title = await self._title_of(number)
        if title is None:
            self.waiting.narrow(None)
            self.show(
                check(
                    tr("There is no step {number}.", number=number),
                    tr("The step card has the numbers; or scan a code."),
                )
            )
            return
        count = len(self.waiting.narrow(number))
        if count:
            one = tr("1 waits for you here.")
            many = tr("{count} wait for you here.", count=count)
            self.show(
                ok(
                    f"{number} {title}: {one if count == 1 else many}",
                    tr("Scan it, or choose it with the arrows and Enter."),
                )
            )
        else:
            self.waiting.narrow(None)
            self.show(
                check(
                    tr("{number} {title}: nothing waits for it here.", number=number, title=title),
                    tr("Scan what it is about; then the number again."),
                )
            )
        self.tick()

    def action_move(self, by: int) -> None:
        """Move the arrow through what waits."""
        if self.subject is None:
            self.waiting.move(by)
            self._show_line()

    def action_unfold(self, is_open: bool) -> None:  # noqa: FBT001  of a binding
        """Show or hide why the other steps are not possible."""
        if self.subject is not None:
            barred = self.query_one("#barred", Collapsible)
            barred.collapsed = not is_open
            offers = self.query_one("#offers", Window)
            self.call_after_refresh(offers.scroll_to_widget, barred, animate=False, top=True)

    def action_choose(self) -> None:
        """Show what the arrow stands at."""
        line = self.waiting.chosen if self.subject is None else None
        if line is not None and line.kind == ExcursionAssessed.kind:
            self.app.push_screen(ConditionScreen(self.session, line.cois[0]))
        elif line is not None and line.kind == Released.kind:
            self.app.push_screen(ReleaseScreen(self.session, line.cois[0], line.subject))
        elif line is not None:
            self.do(self._turn(line.subject, line.kind))
            self.show(
                ok(f"{line.what}: {grouped(line.subject)}.", tr("The item itself is scanned at the step."))
            )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A line that was clicked is chosen, as by the arrows and Enter."""
        if self.subject is None:
            self.waiting.take(event.option_index)
            self.action_choose()

    def action_next_step(self) -> None:
        """Open the step that comes first for what is on the screen, or the only line that waits."""
        if self.subject is not None:
            first = next((one for one in self.subject.offers if one.is_next), None)
            if first is None:
                self.show(check(tr("There is no next step for you here."), tr("F7 shows what happened.")))
            else:
                self._take(first)
        elif len(self.waiting.lines) == 1:
            self.waiting.move(1)
            self.action_choose()
        else:
            self.show(check(tr("Scan something first."), tr("Or choose a line with the arrows and Enter.")))

    def _open(self, offer: Offer, *, outside: bool = False) -> None:
        subject = self.subject
        if offer.kind == "corrected" and subject is not None and subject.therapy is not None:
            # What is wrong is chosen where it stands.
            self.app.push_screen(TrailScreen(self.session, subject.therapy.coi))
        elif subject is not None and offer.kind in HANDOVER_KINDS:
            self.app.push_screen(HandoffScreen(self.session, subject, outside=outside))
        elif subject is not None and is_swap(offer, subject):
            self.app.push_screen(swap_screen(self.session, offer, subject, outside=outside))
        else:
            variant = "box" if subject is not None and subject.found is Found.BOX else ""
            self.app.push_screen(StepScreen(self.session, offer, subject, variant=variant, outside=outside))

    def why_not_new_therapy(self) -> str | None:
        """Who only reads begins nothing."""
        return tr("You have no role that enrolls a therapy.") if self._is_reader else None

    def why_not_show_trail(self) -> str | None:
        """A trail is a therapy's."""
        is_therapy = self.subject is not None and self.subject.therapy is not None
        return None if is_therapy else tr("Scan a unit or COI card first.")

    def why_not_deviation(self) -> str | None:
        """So is a deviation."""
        return self.why_not_show_trail()

    def why_not_happened(self) -> str | None:
        """Only a step that a rule refused can have happened against it."""
        violation = self.chosen.violation if self.chosen else None
        is_waivable = violation is not None and violation.waivable
        return None if is_waivable else tr("Choose a step that was refused first.")

    def action_open_screen(self, name: str) -> None:
        """Open a screen of its own."""
        self.app.push_screen(opened(name, self.session, self.subject))

    def action_new_therapy(self) -> None:
        """Begin a therapy."""
        self.app.push_screen(StepScreen(self.session, _ENROLL, None))

    def action_show_trail(self) -> None:
        """Show what happened to the therapy on the screen."""
        if self.subject is not None and self.subject.therapy is not None:
            self.app.push_screen(TrailScreen(self.session, self.subject.therapy.coi))

    def stop_background(self, stop: StopAnswer) -> StopBackground:
        """A deviation is about the thing on the screen."""
        about = deviation_about(self, self.subject)
        return replace(super().stop_background(stop), deviation=about)

    def action_deviation(self) -> None:
        """Say what went wrong with it."""
        self.app.push_screen(StepScreen(self.session, DEVIATION, self.subject))

    def action_print_label(self) -> None:
        """Print for what is on the screen; with nothing on it, the cards for everybody."""
        self.app.push_screen(LabelScreen(self.session, self.subject))

    def action_happened(self) -> None:
        """Take the step that was refused, outside the rules."""
        if self.chosen is not None:
            self._open(self.chosen, outside=True)

    def action_refresh(self) -> None:
        """Read again what waits and what is on the screen."""
        self.read_waiting()
        if self.subject is not None:
            self.do(self._look_again(self.subject))

    def action_sign_out(self) -> None:
        """Sign out; what runs on is listed first, since the next person will have to sign for it."""
        self.do(self._leave())

    async def _leave(self) -> None:
        session = self.session
        here = await open_here(
            session, LeftBehind(session.staff, session.header().person or "", session.now())
        )
        if here.found:
            self.app.push_screen(LeavingScreen(session, here, self._left))
        else:
            self._left(done=True)

    def _left(self, done: bool) -> None:  # noqa: FBT001  an answer, not a switch
        if done:
            self.sign_out(ok(tr("Signed out.")))

    def scan_failed(self, scan: RawScan, error: CartrailError) -> None:
        """A misread code: what is on the screen is no longer what is in the hand."""
        self._see(None)
        slip = slip_of(scan, error)
        if slip is not None:
            self.show(slip)
            return
        self.stop(stop_for(error, expected=tr("a code that can be read"), read=shown_read(scan)))

    def why_not_discard(self) -> str | None:
        """Home is where back ends; leaving it is signing out."""
        return None if self.subject is not None else tr("This is home. Ctrl+X signs you out.")

    def action_discard(self) -> None:
        """Put away what was scanned, or the choice of one step; the list of what waits comes back."""
        self._see(None)
        self.show(ok(tr("Nothing is on the screen now; nothing was recorded.")))

    def turn_page(self, pages: int) -> None:
        """Show more steps, or more of what waits."""
        if self.subject is None:
            self.waiting.turn(pages)
        else:
            super().turn_page(pages)


def _listed(session: TerminalSession, staff: str, station: str, *, is_wide: bool) -> HomeScreen.Listed:
    """What waits here, read in a thread; of a courier how many boxes concern the carrier."""
    read = session.tracker.read
    worklist = read.worklist(actor=staff, station=station)
    is_reader = not any(one.role in WORKING_ROLES for one in session.registry.grants_of(staff))
    carrier = own_carrier(session)
    boxes = 0 if carrier is None else len(read.shipments(carrier=carrier, site=session.station.site))
    counts = read.board_counts(site=session.station.site) if is_wide else None
    return HomeScreen.Listed(worklist, boxes, counts, is_reader)
