"""The application with a store: opened, a station chosen, locked when it is left, and its screens."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Iterable, Sequence
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, ClassVar, Final, Protocol, runtime_checkable

import platformdirs
from textual import events
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from schema.errors import CartrailError, InputError
from schema.vocabulary import Purpose
from tracker.settings import (
    APPLICATION,
    GLYPHS,
    Settings,
    remember_station,
    remembered_glyphs,
    remembered_station,
)
from tracker.tracker import Environment, Tracker
from tracker.values import Station
from tui.answers import check, waited_answer
from tui.commands import NOT_HERE, SignOut
from tui.glyphs import GlyphSet, glyphs_for
from tui.invented import Invented
from tui.language import tr
from tui.screens.acting import ActingScreen
from tui.screens.base import BaseScreen
from tui.screens.lock import LockScreen
from tui.screens.sign import SignScreen
from tui.screens.signin import SignInScreen
from tui.search import TherapySearch
from tui.session import LeftBehind, TerminalSession
from tui.shell import Shell
from tui.waits import waits_shown
from tui.workers import in_thread

LOG_BYTES_MAX = 1_000_000
INTEGRATE_EVERY_SECONDS = 50
"""So that no entry waits longer than a minute while a terminal is open."""

LOOK_EVERY: Final = 1.0
LEAVE_SECONDS: Final = 2.0
"""How long who leaves waits for an act that is being written, and then for what is known of it."""


@runtime_checkable
class HoldsUnsigned(Protocol):
    """A screen on which something may stand that was entered and not signed."""

    def unsigned(self) -> tuple[str, ...]:
        """What that is, in words; no patient's numbers among them."""

    def tallied(self) -> tuple[str, ...]:
        """Ids of units counted in a tally that was not signed."""

    def come_back(self) -> None:
        """The same person goes on after a lock: identity has to be scanned again."""


class CartrailApp(Shell):
    """The shell over one session: it opens with the question who is there, and locks when no key comes."""

    COMMANDS = Shell.COMMANDS | {TherapySearch}

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+k", "lock", "Lock", show=False, priority=True, id="lock")
    ]

    def __init__(self, session: TerminalSession, *, glyphs: GlyphSet = GlyphSet.FULL) -> None:
        super().__init__(header=session.header, glyphs=glyphs)
        self.session = session
        self.touched = time.monotonic()

    def on_mount(self) -> None:
        self.set_interval(LOOK_EVERY, self.look)
        self.set_interval(INTEGRATE_EVERY_SECONDS, self._integrate)
        first = SignInScreen(self.session)
        self.push_screen(first)
        trouble = self.session.tracker.head_trouble
        if trouble is not None:
            first.answers.show(check(trouble.message, trouble.remedy))

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, (events.Key, events.Paste, events.MouseDown)):
            self.touched = time.monotonic()
        await super().on_event(event)

    async def look(self) -> None:
        """Each second: whether the database is waited for, and whether nobody has been here for long."""
        # While the terminal closes there may be none.
        front: object = next(reversed(self.screen_stack), None)
        if isinstance(front, (BaseScreen, SignScreen)):
            front.answers.show_wait(waited_answer(Tracker.longest_wait()))
        if time.monotonic() - self.touched >= self.session.idle.total_seconds():
            await self.lock()

    async def action_lock(self) -> None:
        """Lock now; where nobody is signed in say so."""
        front: object = self.screen
        if not self.session.is_open and isinstance(front, BaseScreen):
            front.show(check(f"^K: {NOT_HERE[SignOut.name()]}"))
        await self.lock()

    async def lock(self) -> None:
        """Lock now; nothing to do where nobody is signed in."""
        if not self.session.is_open or any(isinstance(one, LockScreen) for one in self.screen_stack):
            return
        front: object = self.screen
        if isinstance(front, SignScreen):
            # A half-signed statement is nothing: it is shown again when somebody comes back.
            front.action_discard()
        self.push_screen(LockScreen(self.session, self._leave(), self.come_back))

    def _leave(self) -> LeftBehind:
        holding = [one for one in self.screen_stack if isinstance(one, HoldsUnsigned)]
        unsigned = tuple(line for one in holding for line in one.unsigned())
        tallied = tuple(unit for one in holding for unit in one.tallied())
        self.session.end(unsigned, tallied)
        left = self.session.left
        if left is None:
            raise RuntimeError("Nobody was signed in.")
        return left

    def come_back(self) -> None:
        """After an unlock by the same person."""
        for one in self.screen_stack:
            if isinstance(one, HoldsUnsigned):
                one.come_back()

    async def action_quit(self) -> None:
        """Leave within seconds whatever the database does; of an act that is being written, what is known."""
        acting = [one for one in self.screen_stack if isinstance(one, ActingScreen)]
        writing = [one for one in acting if one.is_in_doubt]
        if not await _concluded(writing):
            Tracker.give_up_waiting()
            await _concluded(writing)
        self.exit(message="\n".join(one.known() for one in writing) or None)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The lock is reached from everywhere."""
        if self.session.is_open:
            yield SystemCommand(
                tr("Lock this terminal"),
                tr("Forget your key; work and clocks stay on the screen. Ctrl+K"),
                self.action_lock,
            )
        yield from super().get_system_commands(screen)

    async def _integrate(self) -> None:
        """What was recorded is in the log a minute later at the latest; a store in use now is tried again."""
        try:
            self.session.hub = await in_thread(lambda: self.session.tracker.tick(self.session.station.id))
        except CartrailError as error:
            logging.getLogger("cartrail").warning("The log was not integrated: %s", error.message)


async def _concluded(screens: Sequence[ActingScreen]) -> bool:
    """Whether what is being written has ended, after a little while at most."""
    try:
        async with asyncio.timeout(LEAVE_SECONDS):
            for one in screens:
                await one.concluded.wait()
    except TimeoutError:
        return False
    return True


def run(*, url: str, station: str | None, invented: Invented | None = None) -> None:
    """Open the store and the terminal; raises CartrailError when the store or the station cannot be used.

    Raises SystemExit with the code of a hangup when the line broke, with 1 when a fault of ours ended it.

    `invented` are the people and scenes of a demo; the training tray is there in demo and training stores.
    """
    log_to_file(platformdirs.user_log_path(APPLICATION))
    settings = Settings.of(database=url)
    environment = Environment(config=settings.config)
    with waits_shown():
        tracker = Tracker.open(url=url, environment=environment)
    try:
        # A demo opens on its scenes, and each of them says at which station it plays.
        first = next(iter(invented.scenes), None) if invented is not None else None
        at = station or (this_station(tracker, settings) if first is None else first.station)
        session = TerminalSession.at(tracker, at)
        session.idle, session.database = settings.idle, settings.shown_database
        if invented is not None and invented.folder is not None:
            session.folder = invented.folder
        choice = settings.glyphs
        if choice == GLYPHS[0]:
            choice = remembered_glyphs(settings.config, tracker.registry.origin)
        app = app_of(session, glyphs_for(choice, os.environ), invented)
        app.run()
    finally:
        tracker.close()
    if app.return_code:
        raise SystemExit(app.return_code)


def app_of(session: TerminalSession, glyphs: GlyphSet, invented: Invented | None = None) -> CartrailApp:
    """The terminal of a store; where nothing is real it has a tray, which no other store even imports."""
    if session.purpose in (Purpose.DEMO, Purpose.TRAINING):
        from tui.training import TrainingApp

        people = invented if invented is not None and session.purpose is Purpose.DEMO else Invented()
        return TrainingApp(session, glyphs=glyphs, invented=people)
    return CartrailApp(session, glyphs=glyphs)


def this_station(tracker: Tracker, settings: Settings) -> str:
    """The station that this machine remembers to be, else the only one, else the one a person names.

    What is named is remembered, but for a demo. Raises InputError when the store has no station in use.
    """
    registry = tracker.registry
    stations = [one for one in registry.stations.values() if not one.retired]
    remembered = remembered_station(settings.config, registry.origin)
    if any(one.id == remembered for one in stations):
        return remembered or ""
    named = _only_station(stations)
    if len(stations) > 1 and registry.purpose is not Purpose.DEMO:
        remember_station(settings.config, registry.origin, named)
    return named


def _only_station(stations: Sequence[Station]) -> str:
    if not stations:
        raise InputError(tr("This store has no station in use."), remedy=tr("Add one: cartrail station add."))
    if len(stations) == 1:
        return stations[0].id
    print(tr("This store has several stations. Which one is this terminal?"))
    for number, one in enumerate(stations, start=1):
        print(f"{number:>3}  {one.id:<16} {one.site}: {one.title}")
    while True:
        answer = input(tr("Number or id:") + " ").strip().upper()
        if answer.isdecimal() and 1 <= int(answer) <= len(stations):
            return stations[int(answer) - 1].id
        if any(one.id == answer for one in stations):
            return answer
        print(tr("There is no such station. Next time, name one with --station."))


def log_to_file(folder: Path) -> None:
    """Faults go to a file: the terminal draws on the same stream as stderr."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(
        folder / "terminal.log", maxBytes=LOG_BYTES_MAX, backupCount=2, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    log = logging.getLogger("cartrail")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
