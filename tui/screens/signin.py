"""Sign-in: badge or staff id, then the password; the first screen of the day and of every change of hands."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Input, Static

from schema.errors import CartrailError
from schema.vocabulary import Purpose
from tracker.people.signer import Signer
from tracker.rules.registry_state import Station
from tui.answers import Answer, Verdict, check, ok, safe
from tui.commands import Command
from tui.framing import Scan, has_our_form
from tui.screens.base import BaseScreen
from tui.screens.home import HomeScreen
from tui.session import Session, owner_of
from tui.workers import in_thread


class SwitchStation(Command):
    """Work at another station; only where one machine plays all stations: a demo or training store."""

    key = "f7"
    footer = "Station"
    palette = "Work at another station"


class SignInScreen(BaseScreen):
    """Who is there? Nothing is shown of any patient before somebody has answered."""

    about = "Sign in with your badge and your password. A staff id may be typed in place of the badge."
    own_commands: ClassVar[tuple[type[Command], ...]] = (SwitchStation,)
    DEFAULT_CSS = """
    SignInScreen #who { height: 1fr; padding: 1 3; }
    SignInScreen Input { margin: 0 3; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._staff: str | None = None
        self._stations: tuple[Station, ...] = ()

    def body(self) -> ComposeResult:
        """The order and the password field."""
        yield Static(id="who", markup=False)
        yield Input(password=True, compact=True)

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self._ask(None)

    def _ask(self, staff: str | None) -> None:
        self._staff, self._stations = staff, ()
        secret = self.query_one(Input)
        secret.clear()
        secret.display = staff is not None
        if staff is None:
            self.set_focus(None)
            self._say("Scan your badge, or type your staff id and Enter.", self._alerts())
        else:
            secret.focus()
            self._say(f"{staff}: type your password, then Enter.", "Esc: somebody else.")

    def _say(self, order: str, more: str = "") -> None:
        station = self.session.station
        text = Text(f"cartrail at {station.site}, station {station.id}: {safe(station.title)}\n\n")
        text.append(order + "\n", style="bold").append(safe(more))
        self.query_one("#who", Static).update(text)

    def _alerts(self) -> str:
        now = self.session.tracker.clock.now()
        locked = [
            f"/!\\ {staff} is locked out here until {self.session.local(until):%H:%M}."
            for (staff, station), until in self.session.registry.lockouts.items()
            if station == self.session.station.id and until > now
        ]
        return "\n".join(locked)

    async def take_scan(self, scan: Scan) -> None:
        """A badge or staff id; while stations are listed, the number of one."""
        if self._stations:
            self._choose_station(scan.text.strip())
            return
        registry = await in_thread(lambda: self.session.registry)
        self._ask(owner_of(registry, scan))
        self.show(ok("Badge read." if has_our_form(scan.text) else "Staff id read."))

    def scan_failed(self, scan: Scan, error: CartrailError) -> None:
        """A wrong badge is to be looked at; nothing is in anybody's hands yet."""
        self.show(check(error.message, error.remedy))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        password, staff = event.value, self._staff
        event.input.clear()
        if staff and password:
            self.run_worker(self._unlock(staff, password), exclusive=True, group="sign-in")

    async def _unlock(self, staff: str, password: str) -> None:
        session = self.session
        self.show(Answer(Verdict.CHECK, "Checking the password ..."))

        def unlock() -> Signer:
            return session.tracker.unlock(staff=staff, password=password, station=session.station.id)

        try:
            session.signer = await in_thread(unlock)
        except CartrailError as error:
            self._ask(None)
            self.show(check(error.message, error.remedy))
            return
        self._ask(None)
        self.app.push_screen(HomeScreen(session))

    def why_not(self, command: type[Command]) -> str | None:
        """Stations are switched only in stores that are not for patients."""
        if command is SwitchStation:
            is_play = self.session.purpose in (Purpose.DEMO, Purpose.TRAINING)
            return (
                None if is_play else "This machine is one station; start cartrail with --station for another."
            )
        return super().why_not(command)

    async def perform(self, command: type[Command]) -> None:
        """List the stations, or what every screen does."""
        if command is SwitchStation:
            registry = await in_thread(lambda: self.session.registry)
            self._ask(None)
            self._stations = tuple(one for one in registry.stations.values() if not one.retired)
            lines = [f"{number:>3}  {one.id}  {one.title}" for number, one in enumerate(self._stations, 1)]
            self._say("Type the number of a station, then Enter.", "\n".join(lines))
        else:
            await super().perform(command)

    def _choose_station(self, text: str) -> None:
        if text.isdecimal() and 1 <= int(text) <= len(self._stations):
            here = Session.at(self.session.tracker, self._stations[int(text) - 1].id)
            self.session.station, self.session.zone = here.station, here.zone
            self._ask(None)
            self.show_header()
            self.show(ok(f"This is now the station {here.station.id}."))
        else:
            self.show(check("There is no station of that number.", "Type one from the list, or Esc."))

    def cancel(self) -> None:
        """Ask anew who is there."""
        self._ask(None)
        self.show(ok("Nobody is signed in."))
