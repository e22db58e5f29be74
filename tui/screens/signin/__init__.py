"""Sign-in: the first screen of the day and of every change of hands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from schema.vocabulary import Purpose
from tracker.values import Signer, Station
from tui.answers import check, ok, safe
from tui.commands import Command
from tui.framing import RawScan
from tui.glyphs import DONE, LEFT, NOW, TO_COME, USED
from tui.language import tr
from tui.screens.home import HomeScreen
from tui.screens.scanner import scanner_due
from tui.screens.selftest import SelfTestReminder
from tui.screens.shift import TakeOverScreen, left_by
from tui.screens.today import TodayScreen
from tui.screens.today.morning import begins_with_today
from tui.screens.who import WhoScreen
from tui.session import TerminalSession
from tui.widgets.big_word import BigWord
from tui.widgets.pane import name_pane
from tui.workers import in_thread


class SwitchStation(Command):
    """Work at another station; only where one machine plays all stations: a demo or training store."""

    key = "f7"
    footer = "Station"
    palette = "Work at another station"


_JOURNEY: Final = (
    Text()
    .append(f"{DONE}{USED * 6}" * 3, style="bar.ok")
    .append(NOW, style="bar.key")
    .append(f"{LEFT * 6}{TO_COME}" * 3, style="line")
    .append("\n" + tr("one patient's cells, vein to vein"), style="muted")
)


class SignInScreen(WhoScreen):
    """Who is there? Nothing is shown of any patient before somebody has answered."""

    about = tr("Sign in with your badge and your password. A staff id may be typed in place of the badge.")
    own_commands: ClassVar[tuple[type[Command], ...]] = (SwitchStation,)
    DEFAULT_CSS = """
    SignInScreen #name { width: 100%; text-align: center; margin: 1 0 0 0; }
    SignInScreen #journey { width: 100%; text-align: center; }
    SignInScreen #stations { display: none; height: 1fr; scrollbar-size: 1 1; }
    SignInScreen.-stations #stations { display: block; }
    SignInScreen.-stations #name, SignInScreen.-stations #journey { display: none; }
    SignInScreen.-stations #middle { display: none; }
    """

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(session)
        self._stations: tuple[Station, ...] = ()
        self._reminder = SelfTestReminder(session)

    def ask(self, staff: str | None) -> None:
        """Ask who is there; the list of stations is put away."""
        self._stations = ()
        self.set_class(False, "-stations")
        super().ask(staff)

    def body(self) -> ComposeResult:
        """The name of the program, then the card."""
        yield BigWord("cartrail", name="name")
        yield Static(_JOURNEY, id="journey", markup=False)
        yield from super().body()
        yield OptionList(id="stations", classes="pane -next", markup=False)

    def headline(self) -> str:
        """What is done here."""
        return tr("Sign in")

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
        """A badge or staff id; while stations are listed, the number or name of one."""
        if self._stations:
            found = stations_meant(scan.text, self._stations)
            if len(found) == 1:
                self._work_at(found[0])
            else:
                self._not_one(found)
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
        if begins_with_today(self.session):
            self.app.push_screen(TodayScreen(self.session))
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
        options = self.query_one("#stations", OptionList)
        options.clear_options()
        options.add_options(Option(line) for line in station_lines(self._stations))
        here = [place for place, one in enumerate(self._stations) if one.id == self.session.station.id]
        self.set_class(True, "-stations")
        count = tr("{count} stations", count=len(self._stations))
        name_pane(options, tr("At which station do you work?"), tr("{count}, arrows and PgDn", count=count))
        options.focus()
        options.highlighted = here[0] if here else 0
        self.answers.clear()
        self.show_keys()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """The arrows and Enter choose, as a number or a name does."""
        if self._stations:
            self._work_at(self._stations[event.option_index])

    def _work_at(self, chosen: Station) -> None:
        here = TerminalSession.at(self.session.tracker, chosen.id)
        self.session.station, self.session.zone = here.station, here.zone
        # Another place: what was left open at the one before is taken over there.
        self.session.left = None
        self.ask(None)
        self.show_header()
        self.show(ok(tr("This is now the station {station}.", station=here.station.id)))

    def _not_one(self, found: Sequence[Station]) -> None:
        if found:
            many = ", ".join(one.id for one in found[:3])
            self.show(check(tr("Several stations are named so: {many}.", many=many), _ONE_OF_THE_LIST))
        else:
            self.show(check(tr("No station has that number or name."), _ONE_OF_THE_LIST))

    def prompt(self) -> str:
        """Which station, while they are listed."""
        return tr("Type the number or name of a station") if self._stations else super().prompt()

    def escape_word(self) -> str:
        """Esc puts the list away."""
        return tr("Back") if self._stations else super().escape_word()

    def why_not_discard(self) -> str | None:
        """A list of stations is put away."""
        return None if self._stations else super().why_not_discard()

    def action_discard(self) -> None:
        """Stay at this station, or ask again who is there."""
        if not self._stations:
            super().action_discard()
            return
        self.ask(None)
        self.show(ok(tr("This is still the station {station}.", station=self.session.station.id)))


_ONE_OF_THE_LIST: Final = tr("Type one of the list, or choose it with the arrows and Enter.")


def station_lines(stations: Sequence[Station]) -> tuple[Text, ...]:
    """Number, name and title of each, one below the other."""
    room = max((len(one.id) for one in stations), default=0)
    return tuple(
        Text(f"{number:>3}  ", style="key")
        .append(f"{one.id:<{room}}  ", style="bold")
        .append(safe(one.title))
        for number, one in enumerate(stations, 1)
    )


def stations_meant(text: str, stations: Sequence[Station]) -> tuple[Station, ...]:
    """The station of a number or a name; with part of a name, all that have it."""
    sought = text.strip().casefold()
    if sought.isdecimal():
        place = int(sought)
        return tuple(stations[place - 1 : place]) if place else ()
    names = [(one, one.id.casefold(), one.title.casefold()) for one in stations]
    whole = tuple(one for one, *both in names if sought in both)
    return whole or tuple(one for one, *both in names if sought and any(sought in name for name in both))
