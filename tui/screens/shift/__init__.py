"""The change of hands: what the person before left open is listed, then signed by the one who goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from tracker.values import WORKING_ROLES, Signer, grant_violation
from tui.answers import ShownAnswer, check, ok
from tui.commands import Command, Discard, Sign
from tui.framing import RawScan, printed_code
from tui.language import tr
from tui.screens.acting import ActingScreen
from tui.screens.shift.text import OpenHere, left_text, take_over_request
from tui.session import LeftBehind, TerminalSession
from tui.widgets.lines import CLOCK_EVERY
from tui.widgets.pane import name_pane
from tui.workers import in_thread


async def left_by(session: TerminalSession, signer: Signer) -> OpenHere | None:
    """What this person has to take over from the one before; None for nobody, nothing, or the same person."""
    left = session.left
    if left is None or left.staff == signer.staff:
        return None
    here = await open_here(session, left)
    session.passed = None
    registry = await in_thread(lambda: session.registry)
    now = session.tracker.clock.now()
    is_on_shift = grant_violation(registry, signer.staff, WORKING_ROLES, session.station.site, now) is None
    if is_on_shift:
        return here if here.must_be_signed else None
    session.passed = left
    return None


async def open_here(session: TerminalSession, left: LeftBehind) -> OpenHere:
    """What somebody has left open, read now."""
    station = session.station.id
    found = await in_thread(lambda: session.tracker.read.left_open(staff=left.staff, station=station))
    return OpenHere(left, found)


class ShiftScreen(ActingScreen):
    """A list of what is open; its clocks go on while it is read."""

    codes: ClassVar[Mapping[str, type[Command]]] = {"CANCEL": Discard, "DONE": Sign}

    def __init__(self, session: TerminalSession, here: OpenHere, then: Callable[[bool], None]) -> None:
        super().__init__(session)
        self.here = here
        self._then = then

    def heading(self) -> str:
        """What the list is."""
        raise NotImplementedError

    def prompt(self) -> str:
        """Nothing is scanned here but a command."""
        return tr("Read the list, then F10; Esc goes back")

    def body(self) -> ComposeResult:
        """The list."""
        with VerticalScroll(classes="pane") as pane:
            yield Static(id="left", markup=False)
        name_pane(pane, self.heading())

    def on_mount(self) -> None:
        self.tick()
        self.set_interval(CLOCK_EVERY, self.tick)

    def tick(self) -> None:
        """Let the clocks go on."""
        text = left_text(self.here, self.session.tracker.clock.now())
        self.query_one("#left", Static).update(text)

    def end_with(self, done: bool) -> None:  # noqa: FBT001  an answer, not a switch
        """Leave, and tell who asked."""
        self.dismiss(None)
        self.app.call_later(self._then, done)

    async def take_scan(self, scan: RawScan) -> None:
        """DONE signs, CANCEL leaves; everything else waits."""
        code = printed_code(scan.text)
        if code is not None and code.command is not None and code.command in self.codes:
            await self.take_code(code.command)
        else:
            self.show(
                check(
                    tr("Not now: this scan was not taken."), tr("F10 goes on, Esc goes back; scan it then.")
                )
            )


class TakeOverScreen(ShiftScreen):
    """What you go on with; your signature stands in the chain of each therapy it concerns."""

    about = tr(
        "What the person before you left open here. F10 or DONE takes it over: you "
        "sign with your PIN. What was entered and not signed is not taken over; scan "
        "it again. Esc: you are not signed in."
    )

    def heading(self) -> str:
        """Whose it was."""
        left = self.here.left
        return tr(
            "TAKE OVER from {name} ({staff}), who left at {time}",
            name=left.name,
            staff=left.staff,
            time=f"{self.session.local(left.at):%H:%M}",
        )

    def on_mount(self) -> None:
        self.show(check(tr("Read what you take over."), tr("F10 or DONE: sign for it. Esc: not signed in.")))

    def label_of(self, command: type[Command]) -> str:
        """What is signed here is what somebody left."""
        return tr("Sign takeover") if command is Sign else super().label_of(command)

    def action_sign(self) -> None:
        """Sign for it."""
        self.do(self._sign())

    async def _sign(self) -> None:
        session = self.session
        request = take_over_request(
            self.here,
            actor=session.staff,
            station=session.station.id,
            event_id=session.tracker.new_event_id(),
        )
        outcome = await self.act(request)
        if outcome is None:
            return
        if outcome.problem is not None and outcome.problem.error != "nothing_open":
            self.refused(outcome)
            return
        self.end_with(True)

    def sign_out(self, answer: ShownAnswer) -> None:
        """Three wrong PINs: whoever comes next still takes over from the one before."""
        left = self.session.left
        super().sign_out(answer)
        self.session.left = left

    def action_discard(self) -> None:
        """Not taken over: nobody is signed in."""
        left = self.session.left
        self.session.end()
        self.session.left = left
        self.end_with(False)
        self.show(check(tr("Nothing was taken over, nobody is signed in."), tr("Scan a badge.")))


class LeavingScreen(ShiftScreen):
    """What runs on when you sign out: the next person is shown the same list and signs for it."""

    about = tr("What you leave running here. F10 or DONE signs you out; Esc stays.")

    def heading(self) -> str:
        """Whose it is."""
        return tr("YOU LEAVE OPEN; the next person here takes it over by signature")

    def on_mount(self) -> None:
        self.show(check(tr("This runs on when you have left."), tr("F10 or DONE: sign out. Esc: stay.")))

    def label_of(self, command: type[Command]) -> str:
        """Leaving takes no signature."""
        return tr("Sign out") if command is Sign else super().label_of(command)

    def action_sign(self) -> None:
        """Sign out."""
        self.end_with(True)

    def action_discard(self) -> None:
        """Stay."""
        self.end_with(False)
        self.show(ok(tr("You are still signed in.")))
