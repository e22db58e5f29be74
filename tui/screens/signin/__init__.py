"""Sign-in: the first screen of the day and of every change of hands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from schema.vocabulary import Purpose
from tracker.values import Signer, Station
from tui.answers import check, ok, safe
from tui.commands import Command
from tui.framing import RawScan
from tui.language import tr
from tui.screens.home import HomeScreen
from tui.screens.scanner import scanner_due
from tui.screens.selftest import SelfTestReminder
from tui.screens.shift import TakeOverScreen, left_by
from tui.screens.who import WhoScreen
from tui.session import TerminalSession
from tui.workers import in_thread


class SwitchStation(Command):
    """Work at another station; only where one machine plays all stations: a demo or training store."""

    key = "f7"
    footer = "Station"
    palette = "Work at another station"


class SignInScreen(WhoScreen):
    """Who is there? Nothing is shown of any patient before somebody has answered."""

    about = tr("Sign in with your badge and your password. A staff id may be typed in place of the badge.")
    own_commands: ClassVar[tuple[type[Command], ...]] = (SwitchStation,)

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(session)
        self._stations: tuple[Station, ...] = ()
        self._reminder = SelfTestReminder(session)

    def ask(self, staff: str | None) -> None:
        """Ask who is there; the list of stations is put away."""
        self._stations = ()
        super().ask(staff)

    def headline(self) -> str:
        """Which terminal this is."""
        station = self.session.station
        return tr(
            "cartrail at {site}, station {station}: {title}",
            site=station.site,
            station=station.id,
            title=safe(station.title),
        )

    def notice(self) -> Sequence[str]:
        """Who is locked out here."""
        now = self.session.tracker.clock.now()
        return [
            tr(
                "▲ {staff} is locked out here until {time}.",
                staff=staff,
                time=f"{self.session.local(until):%H:%M}",
            )
            for staff, until in self.session.registry.locked_out_at(self.session.station.id, now).items()
        ]

    async def take_scan(self, scan: RawScan) -> None:
        """A badge or staff id; while stations are listed, the number of one."""
        if self._stations:
            self._choose_station(scan.text.strip())
        else:
            await super().take_scan(scan)

    async def enter(self, signer: Signer) -> None:
        """To home; before it, what the person before left open is taken over."""
        open_here = await left_by(self.session, signer)
        self.session.signer = signer
        if open_here is None:
            self.go_home()
        else:
            self.app.push_screen(TakeOverScreen(self.session, open_here, self._taken_over))

    def _taken_over(self, done: bool) -> None:  # noqa: FBT001  an answer, not a switch
        if done:
            self.go_home()

    def go_home(self) -> None:
        """Begin the session on a fresh home screen."""
        home = HomeScreen(self.session)
        self.app.push_screen(home)
        self.run_worker(self._remind(home), group="reminder")

    async def _remind(self, home: HomeScreen) -> None:
        """What this terminal lacks in this shift; the scanner last, since every step rests on it."""
        await self._reminder.remind(home)
        lacking = await in_thread(lambda: scanner_due(self.session, self.session.tracker.clock.now()))
        if lacking is not None:
            home.show(lacking)
        left = self.session.left
        if left is not None and left.unsigned and left.staff != self.session.staff:
            said = tr(
                "{name} had entered and not signed: {entries}",
                name=left.name,
                entries="; ".join(left.unsigned),
            )
            home.show(check(said, tr("It is discarded: scan it again.")))
        told = await in_thread(lambda: self.session.tracker.read.key_notices(staff=self.session.staff))
        if told:
            home.show(check(told[-1].message, told[-1].remedy))

    def why_not_switch_station(self) -> str | None:
        """Stations are switched only in stores that are not for patients."""
        if self.session.purpose in (Purpose.DEMO, Purpose.TRAINING):
            return None
        return tr("This machine is one station; start cartrail with --station for another.")

    async def action_switch_station(self) -> None:
        """List the stations."""
        registry = await in_thread(lambda: self.session.registry)
        self.ask(None)
        self._stations = tuple(one for one in registry.stations.values() if not one.retired)
        lines = [f"{number:>3}  {one.id}  {one.title}" for number, one in enumerate(self._stations, 1)]
        self.say(tr("Type the number of a station, then Enter."), *lines)

    def _choose_station(self, text: str) -> None:
        if text.isdecimal() and 1 <= int(text) <= len(self._stations):
            here = TerminalSession.at(self.session.tracker, self._stations[int(text) - 1].id)
            self.session.station, self.session.zone = here.station, here.zone
            # Another place: what was left open at the one before is taken over there.
            self.session.left = None
            self.ask(None)
            self.show_header()
            self.show(ok(tr("This is now the station {station}.", station=here.station.id)))
        else:
            self.show(check(tr("There is no station of that number."), tr("Type one from the list, or Esc.")))
