"""F1: what the screen is for and what every key does."""

from __future__ import annotations

from textwrap import wrap
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from schema.errors import CartrailError
from tui.answers import Verdict
from tui.commands import Back, Command, Discard
from tui.delivery import TakesScans
from tui.framing import RawScan
from tui.language import tr
from tui.shell import Shell

_NAMED = 18
"""The width of a key and its word."""

_FRAME = 6
"""Columns that padding and the scroll bar take."""


def help_text(about: str, commands: tuple[type[Command], ...], *, width: int = 74) -> Text:
    """The help of a screen: its own sentence, then each key with the help of its command."""
    text = Text("\n".join(wrap(about, width)) + "\n\n")
    for command in commands:
        text.append(f"{command.key_word():<7}{tr(command.footer):<11}", style="bold")
        # Broken here and not by the screen: the lines after the first stay behind their key.
        lines = wrap(" ".join(command.help().split()), max(width - _NAMED, 20))
        text.append(("\n" + " " * _NAMED).join(lines) + "\n")
    return text.append("\n" + tr("Press F3 to go back."), style="bold")


class HelpScreen(TakesScans, ModalScreen[None]):
    """The help of one screen; a scan here is thrown away, with a notice."""

    BINDINGS: ClassVar[list[BindingType]] = [Back.binding(), Discard.binding()]
    DEFAULT_CSS = """
    HelpScreen > VerticalScroll { width: 100%; height: 100%; padding: 1 2; background: $surface; }
    """

    def __init__(self, about: str, commands: tuple[type[Command], ...]) -> None:
        super().__init__()
        self._about, self._commands = about, commands

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Static(markup=False)

    def on_resize(self) -> None:
        """Lines are broken for the room there is."""
        width = self.app.size.width - _FRAME
        self.query_one(Static).update(help_text(self._about, self._commands, width=width))

    def action_back(self) -> None:
        """Leave."""
        self.dismiss(None)

    def action_discard(self) -> None:
        """Esc leaves, as F3 does."""
        self.action_back()

    async def take_scan(self, scan: RawScan) -> None:
        """No scan is taken here."""
        self.scan_discarded(scan)

    def scan_discarded(self, scan: RawScan) -> None:
        """A notice says how to go on."""
        if isinstance(self.app, Shell):
            self.app.ring(Verdict.CHECK)
        self.notify(tr("Nothing is scanned while the help is open: press F3, then scan again."), markup=False)

    def scan_failed(self, scan: RawScan, error: CartrailError) -> None:
        """A scan that failed behind the help is thrown away like any other."""
        self.scan_discarded(scan)
