"""What a command works with: settings, the open store, and the people who signed in for this run."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from uuid import UUID

import typer

from schema.errors import CartrailError, InputError, OutcomeUnknown, Refusal, RequestReused, StoreError
from schema.identifiers import short_name
from schema.vocabulary import EntryMode, Purpose
from tracker.settings import Settings, remembered_station
from tui.cli.ending import say
from tui.cli.options import SharedOptions, options_in
from tui.cli.secrets import Secret, SecretSource
from tui.waits import waits_shown

if TYPE_CHECKING:
    from tracker.tracker import Tracker
    from tracker.values import Signer


WEB_DRIVER: Final = "textual.drivers.web_driver:WebDriver"
"""What `cartrail serve` sets for the terminals that it starts: their pipes lead to a browser."""

_LOOK: Final = (
    "Do not give this command again before you looked: `cartrail trail`, `person list`, `site list` and"
    " `station list` show what is recorded."
)
_ONCE: Final = "what is recorded is then answered, and not recorded twice."


class CommandSession:
    """One run of one command."""

    def __init__(self, given: SharedOptions) -> None:
        self.options = given
        self.settings = Settings.of(database=given.database, station=given.station)
        self.secrets = SecretSource(given)
        self._first_event = given.event_id
        self._events = 0

    @classmethod
    def of(cls, context: typer.Context) -> CommandSession:
        """The session of the command that runs."""
        return cls(options_in(context))

    @property
    def as_json(self) -> bool:
        """Whether data is printed as JSON."""
        return self.options.as_json

    @property
    def staff(self) -> str:
        """Who acts; raises InputError when nobody was named."""
        if self.options.staff is None:
            raise InputError(
                "This needs to know who acts.", remedy="Add --as STAFF, your own staff id.", code="no_staff"
            )
        return short_name(self.options.staff, what="The staff id of --as")

    def new_event_id(self, tracker: Tracker) -> str:
        """The id of the next request of this command: they count up, so that the first names them all."""
        first = self._first_event = self._first_event or tracker.new_event_id()
        self._events += 1
        return str(UUID(int=UUID(first).int + self._events - 1))

    def recorded(self, tracker: Tracker) -> bytes | None:
        """What is recorded under the event id given: then the command is answered, not judged again."""
        first = self._first_event
        return None if first is None else tracker.read.body(event_id=first)

    @contextmanager
    def reading(self) -> Iterator[Tracker]:
        """The store, opened for questions only."""
        yield from self._opened(read_only=True)

    @contextmanager
    def writing(self) -> Iterator[Tracker]:
        """The store, opened for recording."""
        yield from self._opened(read_only=False)

    @contextmanager
    def restored(self) -> Iterator[Tracker]:
        """A store just put back that lacks entries, open so that the loss can be recorded."""
        from tracker.tracker import Environment, Tracker

        environment = Environment(config=self.settings.config)
        tracker = Tracker.open_restored(url=self.settings.database, environment=environment)
        try:
            yield tracker
        finally:
            tracker.close()

    def _opened(self, *, read_only: bool) -> Iterator[Tracker]:
        from tracker.tracker import Environment, Tracker

        environment = Environment(config=self.settings.config)
        with waits_shown():
            tracker = Tracker.open(url=self.settings.database, environment=environment, read_only=read_only)
            try:
                trouble = tracker.head_trouble
                if trouble is not None:
                    say(f"{trouble.message} {trouble.remedy}")
                with self._asked_again():
                    yield tracker
            finally:
                tracker.close()

    @contextmanager
    def _asked_again(self) -> Iterator[None]:
        """Say how a command is given again whose end is not known, and what that meant where it was."""
        try:
            yield
        except OutcomeUnknown as doubt:
            if self._events:
                doubt.remedy = f"Give the same command again with --event-id {self._first_event}: {_ONCE}"
            elif self.options.staff is not None:
                doubt.remedy = _LOOK
            raise
        except RequestReused as reused:
            if self.options.event_id is not None:
                reused.remedy = f"It was given before, with other values. {_LOOK}"
            raise
        except KeyboardInterrupt:
            if self._events:
                say(f"To ask for the very same again: --event-id {self._first_event}")
            raise
        if self.options.event_id is not None and not self._events:
            say("--event-id was of no use here: this command asks under ids of its own.")

    def station_in(self, tracker: Tracker) -> str:
        """This terminal: as given, else as this machine remembers it, else the store's only one.

        Raises InputError when that is not clear, and for a remembered one that is no longer in use.
        """
        if self.settings.station is not None:
            return short_name(self.settings.station, what="The station id")
        registry = tracker.registry
        stations = [one.id for one in registry.stations.values() if not one.retired]
        remembered = remembered_station(self.settings.config, registry.origin)
        if remembered in stations:
            return remembered
        if len(stations) == 1:
            return stations[0]
        raise InputError(
            f"This machine is the station {remembered}, which is not in use any more."
            if remembered is not None
            else f"This store has {len(stations)} stations, and this machine does not know which one it is.",
            remedy="Say it once: `cartrail station use STATION`; `cartrail station list` lists them.",
            code="no_station",
        )

    def open_terminal(self) -> None:
        """Open the screens on this store."""
        is_served = os.environ.get("TEXTUAL_DRIVER") == WEB_DRIVER
        if not is_served and not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise InputError(
                "The screens need a terminal, and input or output is not one.",
                remedy="Run `cartrail` in a terminal, or use its commands: `cartrail --help`.",
                code="no_terminal",
            )
        if not is_served and is_dumb(os.environ):
            raise InputError(
                "The screens cannot be drawn on this terminal: TERM is dumb.",
                remedy="Say what it is, as `TERM=vt100 cartrail`, or use the commands: `cartrail --help`.",
                code="no_terminal",
            )
        from tui.app import run

        run(url=self.settings.database, station=self.settings.station)


def is_dumb(environment: Mapping[str, str]) -> bool:
    """Whether the terminal says of itself that it cannot move its cursor."""
    return environment.get("TERM", "") == "dumb"


def unattended(purpose: Purpose) -> Refusal:
    """The refusal of a step for two people whose passwords a file gave."""
    return Refusal(
        f"This takes two people who are there; in a {purpose.value} store a file cannot stand in for them.",
        remedy="Leave --credentials out: both type their passwords at the terminal.",
        code="unattended",
    )


class SignedIn:
    """The people unlocked in one run, each once; who could not sign in is not tried again.

    A second try with the same wrong password would only bring the lock-out closer.
    """

    def __init__(self, tracker: Tracker, secrets: SecretSource) -> None:
        self._tracker = tracker
        self._secrets = secrets
        self._demo = tracker.purpose is Purpose.DEMO
        self._signers: dict[str, Signer | CartrailError] = {}
        self._unattended: set[str] = set()

    def signer(self, staff: str, station: str) -> Signer:
        """A person's key; raises CartrailError when they cannot sign in."""
        found = self._signers.get(staff)
        if found is None:
            found = self._signers[staff] = self._unlocked(staff, station)
        if isinstance(found, CartrailError):
            raise found
        return found

    def mode(self, signers: list[Signer]) -> EntryMode | None:
        """How entries signed by these come in: unattended when a password came from a file.

        In a demo store the request's own mode stands.
        """
        unattended = any(signer.staff in self._unattended for signer in signers)
        return EntryMode.UNATTENDED if unattended and not self._demo else None

    def require_attended(self, signers: list[Signer], secret: Secret | None = None) -> None:
        """Raise Refusal where a file stands in for people who should be there, outside a demo."""
        if self.mode(signers) is None and (self._demo or secret is None or secret.attended):
            return
        raise unattended(self._tracker.purpose)

    def _unlocked(self, staff: str, station: str) -> Signer | CartrailError:
        try:
            secret = self._secrets.password(staff)
            if not secret.attended:
                self._unattended.add(staff)
            return self._tracker.unlock(staff=staff, password=secret.text, station=station)
        except StoreError:
            raise  # the store may be usable again for the next line
        except CartrailError as error:
            return error
