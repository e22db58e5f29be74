"""The application with a store: opened, a station chosen, and left to its screens."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

import platformdirs

from schema.errors import CartrailError, InputError
from tracker.settings import APPLICATION, Settings
from tracker.tracker import Environment, Tracker
from tui.language import tr
from tui.locking import LockingShell
from tui.screens.signin import SignInScreen
from tui.search import TherapySearch
from tui.session import TerminalSession
from tui.shell import Shell
from tui.workers import in_thread

LOG_BYTES_MAX = 1_000_000
INTEGRATE_EVERY_SECONDS = 50
"""So that no entry waits longer than a minute while a terminal is open."""


class CartrailApp(LockingShell):
    """The shell over one session; it opens with the question who is there."""

    COMMANDS = Shell.COMMANDS | {TherapySearch}

    def on_mount(self) -> None:
        self.set_interval(INTEGRATE_EVERY_SECONDS, self._integrate)
        self.push_screen(SignInScreen(self.session))

    async def _integrate(self) -> None:
        """What was recorded is in the log a minute later at the latest; a store in use now is tried again."""
        try:
            await in_thread(self.session.tracker.integrate)
        except CartrailError as error:
            logging.getLogger("cartrail").warning("The log was not integrated: %s", error.message)


def run(*, url: str, station: str | None) -> None:
    """Open the store and the terminal; raises CartrailError when the store or the station cannot be used."""
    log_to_file(platformdirs.user_log_path(APPLICATION))
    settings = Settings.of(database=url)
    environment = Environment(config=settings.config)
    tracker = Tracker.open(url=url, environment=environment)
    try:
        session = TerminalSession.at(tracker, station or only_station(tracker))
        session.idle = settings.idle
        CartrailApp(session).run()
    finally:
        tracker.close()


def only_station(tracker: Tracker) -> str:
    """The one station in use, or the one a person names; raises InputError when the store has none."""
    stations = [one for one in tracker.registry.stations.values() if not one.retired]
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
