"""The handoff slip on the screen: its words, and its codes as QR that a camera or scanner reads off it."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from labels.text import render_text
from schema.errors import CartrailError
from tracker import labeling
from tui.answers import check, ok
from tui.commands import Command, Label
from tui.framing import Scan
from tui.language import tr
from tui.looking import Subject
from tui.screens.acting import ActingScreen
from tui.screens.label import LabelScreen
from tui.session import Session
from tui.workers import in_thread


class SlipScreen(ActingScreen):
    """One slip, to be read, scanned off the screen, or printed by F8."""

    about = tr("The slip of the last handoff of this box. PgUp and PgDn scroll; F8 prints it on paper.")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "read_on(-1)", show=False),
        Binding("pagedown", "read_on(1)", show=False),
    ]
    DEFAULT_CSS = """
    SlipScreen #slip { height: 1fr; padding: 0 1; }
    SlipScreen #words { background: #000000; color: #ffffff; width: auto; }
    """

    def __init__(self, session: Session, subject: Subject) -> None:
        super().__init__(session)
        self.subject = subject
        self.words = ""

    def body(self) -> ComposeResult:
        """The slip in a window that scrolls; white on black, whatever the theme: so the codes can be read."""
        with VerticalScroll(id="slip", can_focus=False):
            yield Static(id="words", markup=False)

    def on_mount(self) -> None:
        self.do(self._read())

    async def _read(self) -> None:
        box, station = self.subject.object_id or "", self.session.station.id
        try:
            slip = await in_thread(
                lambda: labeling.handoff_slip(self.session.tracker, station=station, box=box)
            )
        except CartrailError as error:
            self.close_with(check(error.message, error.remedy))
            return
        self.words = render_text(slip)
        self.query_one("#words", Static).update(Text(self.words, no_wrap=True))
        self.show(ok(tr("The slip of the last handoff."), tr("PgDn reads on; F8 prints it on paper.")))

    async def take_scan(self, scan: Scan) -> None:
        """Nothing is scanned here."""
        self.show(check(tr("Nothing is scanned on this screen."), tr("F3 goes back.")))

    def why_not(self, command: type[Command]) -> str | None:
        """It can be printed."""
        return None if command is Label else super().why_not(command)

    async def perform(self, command: type[Command]) -> None:
        """Print, or what every screen does."""
        if command is Label:
            self.app.push_screen(LabelScreen(self.session, self.subject))
        else:
            await super().perform(command)

    def action_read_on(self, pages: int) -> None:
        """Scroll the slip."""
        window = self.query_one("#slip", VerticalScroll)
        window.scroll_relative(y=pages * max(window.size.height - 1, 1), animate=False)
