"""The handoff slip on the screen: its words, and its codes as QR that a camera or scanner reads off it."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from labels.text import render_text
from schema.errors import CartrailError
from tui.answers import check, ok
from tui.framing import RawScan
from tui.language import tr
from tui.looking import ScannedThing
from tui.screens.acting import ActingScreen
from tui.screens.label import LabelScreen
from tui.session import TerminalSession
from tui.shown_codes import code_text
from tui.widgets.pane import name_pane
from tui.widgets.window import Window
from tui.workers import in_thread


class SlipScreen(ActingScreen):
    """One slip, to be read, scanned off the screen, or printed by F8."""

    about = tr("The slip of the last handoff of this box. PgUp and PgDn scroll; F8 prints it on paper.")
    DEFAULT_CSS = """
    SlipScreen #slip { height: 1fr; }
    SlipScreen #words { background: $code-ground; color: $code-light; width: auto; }
    """

    def __init__(self, session: TerminalSession, subject: ScannedThing) -> None:
        super().__init__(session)
        self.subject = subject
        self.words = ""

    def body(self) -> ComposeResult:
        """The slip in a window that scrolls; white on black, whatever the theme: so the codes can be read."""
        with Window(id="slip", classes="pane") as window:
            yield Static(id="words", markup=False)
        title = Text(tr("Slip of the last handoff of") + " ")
        title.append_text(code_text(self.subject.object_id or ""))
        name_pane(window, title, tr("F8 prints it"))

    def on_mount(self) -> None:
        self.do(self._read())

    async def _read(self) -> None:
        box, station = self.subject.object_id or "", self.session.station.id
        try:
            slip = await in_thread(lambda: self.session.tracker.labels.slip(station=station, box=box))
        except CartrailError as error:
            self.close_with(check(error.message, error.remedy))
            return
        self.words = render_text(slip)
        self.query_one("#words", Static).update(Text(self.words, no_wrap=True))
        self.show(ok(tr("The slip of the last handoff."), tr("PgDn reads on; F8 prints it on paper.")))

    async def take_scan(self, scan: RawScan) -> None:
        """Nothing is scanned here."""
        self.show(check(tr("Nothing is scanned on this screen."), tr("Esc goes back.")))

    def prompt(self) -> str:
        """The codes are read off the screen; nothing is scanned into it."""
        return tr("Scan the codes off this screen, or print it")

    def action_print_label(self) -> None:
        """Print it."""
        self.app.push_screen(LabelScreen(self.session, self.subject))
