"""The screen that a STOP fills: left by F3, never by Enter and never by another scan."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Static

from schema.errors import CartrailError
from tui.answers import StopAnswer, Verdict, stop_text
from tui.commands import Back
from tui.delivery import TakesScans
from tui.framing import RawScan
from tui.language import tr
from tui.shell import Shell
from tui.widgets.answer_bar import flash
from tui.widgets.room import NeedsRoom
from tui.widgets.window import Window

_FRAME = 8
"""Columns that border and padding take."""


class StopScreen(TakesScans, NeedsRoom[None], ModalScreen[None]):
    """What was expected, what was read, what to do; scans meanwhile are thrown away and counted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Back.binding(),
        Binding("pageup", "read_on(-1)", show=False),
        Binding("pagedown", "read_on(1)", show=False),
    ]
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    StopScreen {
        background: $background;
        & > Window {
            width: 100%;
            height: 100%;
            padding: 1 3;
            background: $error;
            color: $background;
            border: heavy $background;
            scrollbar-size: 0 0;
            & > Static { width: 100%; height: auto; }
            &.-flash { background: $background; color: $error; }
        }
    }
    """

    def __init__(self, stop: StopAnswer) -> None:
        super().__init__()
        self.stop = stop
        self._words = Static(markup=False)
        self._window = Window()
        self.discarded = 0

    def compose(self) -> ComposeResult:
        with self._window:
            yield self._words

    def now(self) -> datetime:
        """The time of the header."""
        return self.app.header().now if isinstance(self.app, Shell) else datetime.now().astimezone()

    def on_mount(self) -> None:
        self._refresh()
        self._ring()

    def on_resize(self) -> None:
        """Lines are broken for the room there is."""
        self._refresh()

    def _refresh(self) -> None:
        width = self.app.size.width - _FRAME
        self._words.update(stop_text(self.stop, discarded=self.discarded, width=width))
        self.call_after_refresh(self._say_more)

    def _say_more(self) -> None:
        """The frame says that there is more than fits."""
        is_longer = self._window.max_scroll_y > 0
        self._window.border_subtitle = tr("PgUp PgDn: read on") if is_longer else ""

    def action_read_on(self, pages: int) -> None:
        """Show the rest of what is longer than the screen."""
        self._window.turn(pages)

    def action_back(self) -> None:
        """Leave."""
        self.dismiss(None)

    async def take_scan(self, scan: RawScan) -> None:
        """No scan is taken here."""
        self.scan_discarded(scan)

    def scan_discarded(self, scan: RawScan) -> None:
        """One more is counted, and the alarm rings again."""
        self.discarded += 1
        self._refresh()
        self._ring()

    def scan_failed(self, scan: RawScan, error: CartrailError) -> None:
        """A scan that failed behind the stop is counted like any other."""
        self.scan_discarded(scan)

    def _ring(self) -> None:
        if isinstance(self.app, Shell):
            self.app.ring(Verdict.STOP)
            flash(self._window, Verdict.STOP)
