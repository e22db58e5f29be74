"""The locked terminal: work and clocks stay in sight without patient data, no scan is lost without a word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from schema.errors import CartrailError
from schema.identifiers import SHORT_NAME_PATTERN
from schema.vocabulary import ObjectType
from tracker.values import LeftOpen, Signer, Worklist
from tui.answers import check, ok, safe
from tui.framing import RawScan, has_our_form, printed_code
from tui.language import tr
from tui.screens.shift import TakeOverScreen, left_by, open_here
from tui.screens.shift.text import OpenHere, left_text, site_clocks
from tui.screens.who import WhoScreen
from tui.session import LeftBehind, TerminalSession
from tui.widgets.lines import CLOCK_EVERY
from tui.workers import in_thread, run_alone

READ_EVERY = 60.0


class LockScreen(WhoScreen):
    """Nobody is signed in; the person who was goes on with a full sign-in, another one takes over."""

    about = tr(
        "The terminal is locked: the key of who was here is forgotten, what was "
        "entered stays. The same person goes on with badge and password; another "
        "person takes over what is listed, by signature."
    )
    DEFAULT_CSS = """
    LockScreen #running { height: 1fr; margin: 1 0 0 0; }
    """

    def __init__(self, session: TerminalSession, left: LeftBehind, come_back: Callable[[], None]) -> None:
        super().__init__(session)
        self._come_back = come_back
        self.left = left
        self.lost = 0
        """Scans made at the locked terminal; none was taken."""
        self._here: OpenHere | None = None
        self._site: Worklist | None = None
        self._signer: Signer | None = None

    def body(self) -> ComposeResult:
        """Who left, the question who is there, what runs."""
        yield from super().body()
        with VerticalScroll(id="running", classes="pane", can_focus=False):
            yield Static(id="open", markup=False)

    def on_mount(self) -> None:
        self.set_interval(CLOCK_EVERY, self.tick)
        self.set_interval(READ_EVERY, self.read)
        self.read()

    def headline(self) -> str:
        """Who was here last."""
        left = self.left.last
        return tr(
            "LOCKED at {time}, {name} ({staff}) was here",
            time=f"{self.session.local(left.at):%H:%M}",
            name=safe(left.name),
            staff=left.staff,
        )

    def notice(self) -> Sequence[str]:
        """How many scans were not taken while it was locked."""
        if not self.lost:
            return ()
        return (
            tr(
                "▲ {lost} scan(s) at the locked terminal were NOT taken: scan again after sign-in.",
                lost=self.lost,
            ),
        )

    def read(self) -> None:
        """Read what runs; the list before stays where the store cannot be asked."""
        run_alone(self, self._read, group="open")

    async def _read(self) -> None:
        try:
            self._here = await open_here(self.session, self.left)
            read, station = self.session.tracker.read.worklist, self.session.station.id
            self._site = await in_thread(lambda: read(actor=self.left.staff, station=station))
        except CartrailError as error:
            self.show(
                check(tr("What runs could not be read: {message}", message=error.message), error.remedy)
            )
        self.tick()

    def tick(self) -> None:
        """Let the clocks go on."""
        here = self._here or OpenHere(self.left, LeftOpen(self.left.staff))
        now = self.session.tracker.clock.now()
        text = left_text(here, now, tr("OPEN, of {name}", name=self.left.name))
        if self._site is not None:
            text.append_text(site_clocks(self._site, here, now))
        self.query_one("#open", Static).update(text)

    async def take_scan(self, scan: RawScan) -> None:
        """A badge or staff id; of anything else the person is told that it was not taken."""
        code = printed_code(scan.text)
        is_badge = code is not None and code.object_type is ObjectType.BADGE
        is_staff = SHORT_NAME_PATTERN.fullmatch(scan.text.strip().upper()) is not None
        if not is_badge and (has_our_form(scan.text) or not is_staff):
            self._lose()
        else:
            await super().take_scan(scan)

    def _lose(self) -> None:
        self.lost += 1
        self.ask(self._staff)
        self.show(
            check(tr("This terminal is locked: the scan was NOT taken."), tr("Sign in, then scan it again."))
        )

    def scan_discarded(self, scan: RawScan) -> None:
        """A scan that was on its way when the terminal locked is reported as not taken, too."""
        self._lose()

    async def enter(self, signer: Signer) -> None:
        """The same person goes on; another one takes over what is open, then begins at home."""
        if signer.staff == self.left.last.staff:
            self.session.signer = signer
            if self.left.reader is not None:
                self.session.passed = replace(self.left, reader=None)
            self.dismiss(None)
            self.app.call_later(self._welcome)
            return
        here = await left_by(self.session, signer)
        self.session.signer = signer
        if here is None:
            self._taken_over(True)
        else:
            self.app.push_screen(TakeOverScreen(self.session, here, self._taken_over))

    def _welcome(self) -> None:
        self._come_back()
        lost = (
            (" " + tr("{lost} scan(s) meanwhile were not taken: scan them again.", lost=self.lost))
            if self.lost
            else ""
        )
        self.show(
            ok(tr("Unlocked: what was entered is still here.") + lost, tr("Identity is scanned again."))
        )

    def _taken_over(self, done: bool) -> None:  # noqa: FBT001  an answer, not a switch
        if not done:
            return
        app = self.app
        while len(app.screen_stack) > 2:  # Textual's own, then sign-in
            app.pop_screen()
        first = app.screen
        if isinstance(first, WhoScreen):
            first.go_home()

    def action_discard(self) -> None:
        """Ask again who is there; Esc unlocks nothing."""
        self.ask(None)
        self.show(ok(tr("Still locked.")))

    def why_not_discard(self) -> str | None:
        """Nothing behind a lock is reached by a key."""
        return None if self._staff is not None else tr("This terminal is locked. Scan your badge.")
