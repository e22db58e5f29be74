"""Home: what waits here, most urgent first; scan anything, see what can be done with it, choose by number."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from schema.errors import CartrailError
from tracker.rules.situation import Found
from tui.answers import Answer as Said
from tui.answers import Stop, Verdict, check, ok, shown_read, stop_for
from tui.commands import Command, Deviation, Label, Refresh, WhatIsThis
from tui.framing import Scan, printed_code
from tui.language import named, tr
from tui.looking import HANDOVER_KINDS, Offer, Subject, by_id, look
from tui.screens.bench import CLEAR, BenchScreen
from tui.screens.handoff import HandoffScreen
from tui.screens.home.rooms import CORRIDOR, room_of
from tui.screens.home_commands import Enroll, Happened, SignOut, Trail
from tui.screens.label import LabelScreen
from tui.screens.shift import LeavingScreen, open_here
from tui.screens.step import StepScreen
from tui.screens.trail import TrailScreen
from tui.screens.waiting import MAIN, WaitingScreen
from tui.screens.what import WhatScreen
from tui.screens.what.panels import offers_panel, subject_panel
from tui.session import Left, Session
from tui.waiting import what_words
from tui.words import thing_words
from tui.workers import in_thread

_DEVIATION = Offer("deviation_opened", "open_deviation", tr("Open a deviation"))
_ENROLL = Offer("enrolled", "enroll", tr("Enroll a therapy"))


class HomeScreen(WaitingScreen):
    """The screen between two tasks: the list of what waits, or what was scanned; always armed for a scan."""

    about = tr(
        "What waits here for you, the most urgent first: type the number of a line, or "
        "scan any code, then the number of a step. Esc goes back to the list; PgUp and "
        "PgDn show more. ^R means Ctrl and R."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (
        *MAIN,
        *CORRIDOR,
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "read_on(-1)", show=False),
        Binding("pagedown", "read_on(1)", show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.subject: Subject | None = None
        self.chosen: Offer | None = None
        """The step that was refused last, which may have happened all the same."""

    def on_screen_resume(self) -> None:
        if not self.is_current:
            return  # left again by the same key
        self.read_waiting()
        if not self.session.is_open:
            self.sign_out(check(tr("The session is over."), tr("Sign in again.")))
        elif self.subject is not None:
            self.do(self._look_again(self.subject))

    async def _look_again(self, before: Subject) -> None:
        subject = await in_thread(lambda: look(self.session, before.scan))
        if self.subject is before:
            self._see(subject)

    def turn_to(self, object_id: str) -> None:
        """Show what has just come into being."""
        self.do(self._turn(object_id))

    async def _turn(self, object_id: str) -> None:
        self._see(await in_thread(lambda: look(self.session, by_id(object_id))))

    def _see(self, subject: Subject | None) -> None:
        self.subject, self.chosen = subject, None
        self.set_class(subject is not None, "-subject")
        self.waiting.is_numbered = subject is None
        if subject is not None:
            panel = subject_panel(subject, self.session.tracker.clock.now())
            self.query_one("#subject", Static).update(panel)
            self.query_one("#steps", Static).update(offers_panel(subject.offers, subject.unit))
        self.tick()
        self.query_one("#offers").scroll_home(animate=False)
        self.show_keys()

    async def take_scan(self, scan: Scan) -> None:
        """A step's number, the seal of the box on the screen, a command, or the next thing to look at."""
        if not self.accepts(scan):
            return
        text, code = scan.text.strip(), printed_code(scan.text)
        if code is not None and code.command is not None:
            self._command(code.command)
        elif text.isdecimal() and len(text) <= 2:
            if self.subject is not None:
                self._choose(int(text))
            else:
                self._choose_line(int(text))
        else:
            subject = await in_thread(lambda: look(self.session, scan))
            if self._is_seal(subject):
                self._hand_over(scan)
            else:
                self._see(subject)
                self._answer(subject)

    def _command(self, command: str) -> None:
        if command == "CANCEL":
            self.cancel()
        elif command == CLEAR:
            self.app.push_screen(BenchScreen(self.session))
        else:
            self.show(
                check(
                    tr("{command}: no step is open that it could belong to.", command=command),
                    tr("Scan what it is about first."),
                )
            )

    def _is_seal(self, subject: Subject) -> bool:
        """Whether this scan is the seal of the box before it: a handoff takes four scans and no more keys."""
        before = self.subject
        is_box = before is not None and before.found is Found.BOX and bool(before.held)
        return is_box and subject.found is Found.FOREIGN

    def _hand_over(self, seal: Scan | None) -> None:
        if self.subject is not None:
            self.app.push_screen(HandoffScreen(self.session, self.subject, seal=seal))

    def _answer(self, subject: Subject) -> None:
        if subject.found is Found.OTHER_PURPOSE:
            resolution = subject.lookup.resolution
            advice = tr("Keep it out of here: demo, training and production labels never mix.")
            self.stop(
                Stop(
                    resolution.note,
                    tr("a {purpose} code", purpose=named(self.session.purpose.value)),
                    resolution.text,
                    advice,
                )
            )
        elif subject.found in (Found.UNKNOWN, Found.FOREIGN):
            self.show(
                check(
                    tr("This code stands for nothing in this store."),
                    tr("Nothing was recorded. F2 explains it."),
                )
            )
        elif subject.lookup.superseded:
            self.show(
                check(
                    tr("This copy was superseded."),
                    tr("Scan the valid label; destroy the old copy before a witness."),
                )
            )
        else:
            possible = sum(offer.possible for offer in subject.offers)
            self.show(
                ok(
                    tr("{title} read.", title=thing_words(subject.lookup)),
                    tr("{possible} steps are possible for you here.", possible=possible),
                )
            )

    def _choose(self, number: int) -> None:
        offers = self.subject.offers if self.subject else ()
        if not 1 <= number <= len(offers):
            self.show(
                check(
                    tr("There is no step {number}.", number=number),
                    tr("Type a number from the list, then Enter."),
                )
            )
            return
        offer = offers[number - 1]
        if offer.violation is not None:
            self.chosen = offer
            self.show_keys()
            verdict = Verdict(offer.violation.answer.value)
            happened = " " + tr("If it has happened all the same: F11.") if offer.violation.waivable else ""
            shown = Verdict.CHECK if verdict is Verdict.STOP else verdict
            self.show(Said(shown, offer.violation.message, offer.violation.remedy + happened))
        else:
            self._open(offer)

    def _choose_line(self, number: int) -> None:
        line = self.waiting.line(number)
        if line is None:
            self.show(
                check(
                    tr("There is no line {number}.", number=number),
                    tr("Type a number from the list, or scan a code."),
                )
            )
        else:
            self.turn_to(line.subject)
            self.show(
                ok(f"{what_words(line)}: {line.subject}.", tr("The thing itself is scanned at the step."))
            )

    def _open(self, offer: Offer, *, outside: bool = False) -> None:
        subject = self.subject
        if subject is not None and offer.kind in HANDOVER_KINDS:
            self.app.push_screen(HandoffScreen(self.session, subject, outside=outside))
        else:
            variant = "box" if subject is not None and subject.found is Found.BOX else ""
            self.app.push_screen(StepScreen(self.session, offer, subject, variant=variant, outside=outside))

    def why_not(self, command: type[Command]) -> str | None:
        """Trail, label and deviation need something on the screen; F11 a step that was refused."""
        if command is WhatIsThis:
            return None
        if (room := room_of(command)) is not None:
            return room.why_not(self.session, self.subject)
        if command in (Trail, Deviation) and (self.subject is None or self.subject.therapy is None):
            return tr("Scan a unit or COI card first.")
        if command is Label and self.subject is None:
            return tr("Scan something first.")
        if command is Happened:
            violation = self.chosen.violation if self.chosen else None
            is_waivable = violation is not None and violation.waivable
            return None if is_waivable else tr("Choose a step that was refused first.")
        return None if command in (Trail, Deviation, Label, Refresh) else super().why_not(command)

    async def perform(self, command: type[Command]) -> None:
        """Open what was asked for."""
        subject = self.subject
        if command is WhatIsThis:
            self.app.push_screen(WhatScreen(self.session))
        elif (room := room_of(command)) is not None:
            self.app.push_screen(room.open(self.session, subject))
        elif command is Enroll:
            self.app.push_screen(StepScreen(self.session, _ENROLL, None))
        elif command is SignOut:
            self.do(self._leave())
        elif command is Happened and self.chosen is not None:
            self._open(self.chosen, outside=True)
        elif command is Refresh:
            self.read_waiting()
            if subject is not None:
                self.do(self._look_again(subject))
        elif subject is None:
            await super().perform(command)
        elif command is Trail and subject.therapy is not None:
            self.app.push_screen(TrailScreen(self.session, subject.therapy.coi))
        elif command is Deviation:
            self.app.push_screen(StepScreen(self.session, _DEVIATION, subject))
        elif command is Label:
            self.app.push_screen(LabelScreen(self.session, subject))
        else:
            await super().perform(command)

    async def _leave(self) -> None:
        """Sign out; what runs on is listed first, since the next person will have to sign for it."""
        session = self.session
        here = await open_here(session, Left(session.staff, session.header().person or "", session.now()))
        if here.found:
            self.app.push_screen(LeavingScreen(session, here, self._left))
        else:
            self._left(done=True)

    def _left(self, done: bool) -> None:  # noqa: FBT001  an answer, not a switch
        if done:
            self.sign_out(ok(tr("Signed out.")))

    def scan_failed(self, scan: Scan, error: CartrailError) -> None:
        """A misread code: what is on the screen is no longer what is in the hand."""
        self._see(None)
        self.stop(stop_for(error, expected=tr("a code that can be read"), read=shown_read(scan)))

    def go_back(self) -> None:
        """Home is where back ends; leaving it is signing out."""
        self.show(check(tr("This is home."), tr("F12 signs you out.")))

    def cancel(self) -> None:
        """Put away what was scanned; the list of what waits comes back."""
        self._see(None)
        self.show(ok(tr("Nothing is on the screen now; nothing was recorded.")))

    def action_read_on(self, pages: int) -> None:
        """Show more steps, or more of what waits."""
        if self.subject is None:
            self.waiting.turn(pages)
            return
        window = self.query_one("#offers", VerticalScroll)
        window.scroll_relative(y=pages * max(window.size.height - 1, 1), animate=False)
