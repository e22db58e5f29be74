"""Who is there? Badge or staff id, then the password; asked at sign-in and at a locked terminal."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Center, Vertical
from textual.widgets import Input, Static

from schema.errors import CartrailError
from tracker.values import Signer
from tui.answers import StopAnswer, check, ok, safe
from tui.framing import RawScan, has_our_form
from tui.glyphs import DONE
from tui.language import tr
from tui.screens.base import BaseScreen
from tui.screens.stop import StopBackground
from tui.session import TerminalSession, owner_of
from tui.states import style_of, styled
from tui.widgets.lines import alert_words
from tui.widgets.pane import name_pane
from tui.workers import in_thread, run_alone


class WhoScreen(BaseScreen):
    """Badge, then password; what a right one opens its subclasses say."""

    is_misread_grave = False
    DEFAULT_CSS = """
    WhoScreen #middle { height: auto; }
    WhoScreen #card { width: 62; height: auto; margin: 1 0 0 0; }
    WhoScreen #who, WhoScreen #facts { height: auto; }
    WhoScreen #facts { margin: 1 0 0 0; }
    """

    def __init__(self, session: TerminalSession) -> None:
        super().__init__()
        self.session = session
        self._staff: str | None = None
        self._facts_shown: tuple[tuple[str, str], ...] = ()

    def body(self) -> ComposeResult:
        """A card with the order, the password field and what is known of this terminal."""
        with Center(id="middle"), Vertical(id="card", classes="pane -next"):
            yield Static(id="who", markup=False)
            yield Input(password=True, compact=True)
            yield Static(id="facts", markup=False)

    def stop_background(self, stop: StopAnswer) -> StopBackground:
        """What to do, and whom to call."""
        orders = tuple(filter(None, (stop.advice, tr("F3 goes back to signing in."))))
        return StopBackground(orders=orders, call=self.session.whom_to_call())

    def on_screen_resume(self) -> None:
        self.ask(self._staff)

    def ask(self, staff: str | None) -> None:
        """Ask for a badge, or for the password of who showed one."""
        self._staff = staff
        secret = self.query_one(Input)
        secret.clear()
        secret.display = staff is not None
        if staff is None:
            self.set_focus(None)
            self.say(
                tr("Scan your badge, or type your staff id and Enter."),
                tr("Then your password, at this keyboard."),
                *self.notice(),
            )
        else:
            secret.focus()
            self.say(tr("{staff}: type your password, then Enter.", staff=staff), tr("Esc: somebody else."))
        self.show_keys()

    @property
    def asked_of(self) -> str | None:
        """Whose password is asked for; None while a badge is."""
        return self._staff

    def notice(self) -> Sequence[str]:
        """The lines below the question."""
        return ()

    def headline(self) -> str:
        """What the card is."""
        raise NotImplementedError

    def say(self, order: str, *lines: str) -> None:
        """Show the question with lines below it."""
        text = Text().append(order, style="bold")
        for line in lines:
            text.append("\n").append(safe(line), style=style_of(line) or "muted")
        self.query_one("#who", Static).update(text)
        name_pane(self.query_one("#card"), self.headline(), tr("F1 help"))
        self._show_facts()

    def show_header(self) -> None:
        """The clock of the card goes on with that of the header."""
        super().show_header()
        self._show_facts()

    def _show_facts(self) -> None:
        """Where this terminal stands, what its clock says, and whether the store is reached."""
        station, now = self.session.station, self.session.now()
        trouble = alert_words(self.session.header())
        rows = (
            (tr("Station"), f"{station.id}, {station.title}, {station.site}"),
            (tr("Clock"), f"{now.day} {now:%b %H:%M}, UTC {now.isoformat()[-6:]}"),
            (tr("Store"), trouble or f"{DONE} " + tr("reached")),
        )
        if rows == self._facts_shown:
            return
        self._facts_shown = rows
        facts = Table.grid(padding=(0, 3, 0, 0))
        for name, value in rows:
            facts.add_row(Text(name, style="muted"), styled(value))
        self.query_one("#facts", Static).update(facts)

    async def take_scan(self, scan: RawScan) -> None:
        """A badge or a staff id."""
        registry = await in_thread(lambda: self.session.registry)
        self.ask(owner_of(registry, scan))
        self.show(ok(tr("Badge read.") if has_our_form(scan.text) else tr("Staff id read.")))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        password, staff = event.value, self._staff
        event.input.clear()
        if staff and password:
            run_alone(self, partial(self._unlock, staff, password), group="sign-in")

    async def _unlock(self, staff: str, password: str) -> None:
        session = self.session
        self.answers.clear()
        self.query_one(Input).display = False
        self.say(tr("Checking the password ..."))

        def unlock() -> Signer:
            return session.tracker.unlock(staff=staff, password=password, station=session.station.id)

        try:
            signer = await in_thread(unlock)
            self.ask(None)
            await self.enter(signer)
        except CartrailError as error:
            self.ask(None)
            self.show(check(error.message, error.remedy))

    async def enter(self, signer: Signer) -> None:
        """The password was right."""
        raise NotImplementedError

    def go_home(self) -> None:
        """Begin the session on a fresh home screen; only sign-in opens one."""

    def escape_word(self) -> str:
        """What Esc does once a badge was read."""
        return tr("Somebody else")

    def why_not_discard(self) -> str | None:
        """The first screen stays."""
        return None if self._staff is not None else super().why_not_discard()

    def prompt(self) -> str:
        """The badge, or the password of who showed one."""
        return tr("Scan your badge") if self._staff is None else tr("Type your password above")

    def action_discard(self) -> None:
        """Ask again who is there."""
        self.ask(None)
        self.show(ok(tr("Nobody is signed in.")))
