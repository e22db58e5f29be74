"""The frame of home: what waits with its clocks, room for what was scanned, and the ways to other screens."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Static

from tracker.views.models import BenchNow, Worklist
from tui.commands import FIXED, Command
from tui.language import tr
from tui.screens.acting import ActingScreen
from tui.screens.bench.text import bench_line
from tui.screens.home.rooms import CORRIDOR, ROOMS, corridor_line
from tui.screens.home.waiting import WaitingPanel
from tui.screens.home_commands import Enroll, Happened, SignOut, Trail
from tui.session import Session
from tui.widgets.lines import CLOCK_EVERY, KeyBar
from tui.workers import Failed, start

MAIN: Final[tuple[type[Command], ...]] = (
    Enroll,
    *(room.command for room in ROOMS if room.command not in CORRIDOR),
    Trail,
    Happened,
    SignOut,
)
"""The commands in the line of keys."""

READ_EVERY: Final = 60.0
"""Seconds between two looks at what waits."""

SIDE_BY_SIDE: Final = 160
"""Columns from which list and scanned thing stand beside each other."""


class WaitingScreen(ActingScreen):
    """Reads what waits when it comes to the front, every minute and on F5; its clocks tick by themselves."""

    DEFAULT_CSS = """
    WaitingScreen {
        & #bench { display: none; height: auto; padding: 0 1; background: $panel; text-style: bold; }
        & #summary { height: 1; padding: 0 1; background: $surface; }
        & #desk { height: 1fr; }
        & #waiting { width: 1fr; height: 1fr; padding: 0 1; }
        & #thing { display: none; width: 1fr; }
        & #subject { height: auto; max-height: 9; padding: 0 1; background: $surface; }
        & #offers { height: 1fr; padding: 0 1; }
        & #rooms { height: 1; padding: 0 1; background: $surface; }
        & #subject, & #steps, & #waiting { text-wrap: nowrap; text-overflow: ellipsis; }
        &.-subject #thing { display: block; }
        &.-subject #waiting { display: none; }
        &.-wide #waiting { display: block; width: 3fr; }
        &.-wide #thing { width: 2fr; }
    }
    """

    @dataclass
    class Listed(Message):
        """What waits has been read."""

        worklist: Worklist

    @dataclass
    class Looked(Message):
        """It is known who is at this bench."""

        bench: BenchNow | None

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.waiting = WaitingPanel(session.tracker.clock.now)

    def body(self) -> ComposeResult:
        """What waits, what was scanned with its steps, and the ways to other screens."""
        yield Static(id="bench", markup=False)
        yield Static(id="summary", markup=False)
        with Horizontal(id="desk"):
            yield self.waiting
            with Vertical(id="thing"):
                yield Static(id="subject", markup=False)
                with VerticalScroll(id="offers", can_focus=False):
                    yield Static(id="steps", markup=False)
        yield Static(id="rooms", markup=False)

    def on_mount(self) -> None:
        self.set_interval(CLOCK_EVERY, self.tick)
        self.set_interval(READ_EVERY, self.read_waiting)

    def on_resize(self) -> None:
        self.set_class(self.size.width >= SIDE_BY_SIDE, "-wide")

    def tick(self) -> None:
        """Let the clocks of the list go on."""
        self.waiting.tick()
        self.query_one("#summary", Static).update(self.waiting.heading(), layout=False)

    def read_waiting(self) -> None:
        """Read anew what waits here; a list that cannot be read stays, and says so."""
        session = self.session
        if session.is_open and self.is_current:
            staff, station = session.staff, session.station.id
            work = partial(session.tracker.read.worklist, actor=staff, station=station)
            start(self, work, job="waiting", done=WaitingScreen.Listed)
            look = partial(session.tracker.read.bench, station=station)
            start(self, look, job="bench", done=WaitingScreen.Looked)

    def on_waiting_screen_listed(self, message: Listed) -> None:
        self.waiting.show(message.worklist)
        self.tick()

    def on_waiting_screen_looked(self, message: Looked) -> None:
        session = self.session
        self.show_bench(bench_line(message.bench, session.zone, session.tracker.clock.now()))

    def on_failed(self, message: Failed) -> None:
        """What stands on the screen stays."""
        at = f"{self.session.now():%H:%M}"
        self.waiting.fade(tr("not read since {at}: {message}", at=at, message=message.error.message))
        self.tick()

    def show_bench(self, text: Text | None) -> None:
        """Say over everything which therapy this bench is kept for; None when it is free."""
        bench = self.query_one("#bench", Static)
        bench.display = text is not None
        bench.update(text or "")

    def show_keys(self) -> None:
        """The commands of home, and the other rooms in a line of their own."""
        offered = self.offered()
        self.query_one(KeyBar).show(FIXED, MAIN, offered=offered)
        self.query_one("#rooms", Static).update(corridor_line(offered))
