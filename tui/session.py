"""Who is signed in at this terminal, at which station and on which store; every screen has it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import platformdirs

from schema.errors import CartrailError, InputError
from schema.identifiers import SHORT_NAME_PATTERN
from schema.vocabulary import ObjectType, Purpose
from schema.zones import on_clock, zone_info
from tracker.settings import APPLICATION, IDLE_MINUTES
from tracker.tracker import Tracker
from tracker.values import HubStatus, RegistryState, SessionEnded, Signer, Station
from tui.framing import RawScan, printed_code
from tui.language import tr
from tui.widgets.lines import HeaderView


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """Who was at this terminal last, and what they had entered and not signed."""

    staff: str
    name: str
    at: datetime
    unsigned: tuple[str, ...] = ()
    """In words, to be seen by the next person; identity is scanned again whatever it says."""

    tallied: tuple[str, ...] = ()
    """Ids of units scanned for a tally that was not signed."""

    reader: LeftBehind | None = None
    """Who was here since and only read, so that it is still to be taken over; None for nobody."""

    @property
    def last(self) -> LeftBehind:
        """Who was at the terminal last, and when."""
        return self.reader or self


@dataclass(slots=True)
class TerminalSession:
    """One terminal: its store, its station and, after sign-in, the person whose key is unlocked."""

    tracker: Tracker
    station: Station
    purpose: Purpose
    zone: ZoneInfo
    """The site's time zone, in which every time is shown and typed."""

    folder: Path = field(default_factory=lambda: platformdirs.user_documents_path() / APPLICATION)
    """Where labels and slips are put."""

    labels_to: str = ""
    """The printer they go to instead, written as `--to` takes it."""

    database: str = ""
    """Where the store is, as a command line names it; without its password."""

    signer: Signer | None = None

    idle: timedelta = timedelta(minutes=IDLE_MINUTES)

    hub: HubStatus | None = None
    """How the hub stood when this terminal looked last; None before that, and in a demo."""

    left: LeftBehind | None = None
    """Who was here before; None on a fresh terminal."""

    uncleared: str = ""
    """A therapy of which something is left at this bench, as its clearing was told; empty for none."""

    passed: LeftBehind | None = None
    """What somebody who only reads has not taken over: the next one does."""

    @classmethod
    def at(cls, tracker: Tracker, station: str) -> TerminalSession:
        """A session at a station of the store; raises InputError for one that is not there or retired."""
        registry = tracker.registry
        found = registry.station(station)
        if found is None or found.retired:
            known = ", ".join(one.id for one in registry.stations.values() if not one.retired)
            raise InputError(
                tr("This store has no station {station} in use.", station=station[:20]),
                remedy=tr("Name one of: {known}.", known=known),
            )
        zone = zone_info(registry.zone_at(found.site, tracker.clock.now()))
        return cls(tracker, found, registry.purpose, zone)

    @property
    def registry(self) -> RegistryState:
        """People, sites and places as they stand now."""
        return self.tracker.registry

    @property
    def staff(self) -> str:
        """The staff id of who is signed in; raises SessionEnded when nobody is."""
        if self.signer is None or not self.signer.in_session:
            raise SessionEnded(tr("Nobody is signed in here."))
        return self.signer.staff

    @property
    def is_open(self) -> bool:
        """Whether somebody is signed in."""
        return self.signer is not None and self.signer.in_session

    def now(self) -> datetime:
        """The station's time with its offset."""
        return self.local(self.tracker.clock.now())

    def local(self, moment: datetime) -> datetime:
        """A moment as this site's clock shows it."""
        return on_clock(moment, self.zone)

    def header(self) -> HeaderView:
        """The facts of the header, without a question to the store: it is asked every second."""
        person = self.signer.name if self.signer is not None and self.is_open else None
        return HeaderView(
            self.purpose,
            self.station.site,
            self.station.id,
            person,
            self.now(),
            place=self.station.title,
            log_waits=self.tracker.log_trouble is not None,
            hub_absent=self.hub is not None and self.hub.absent_since is not None,
        )

    def whom_to_call(self) -> str:
        """What to do where nothing goes on, as a sentence; empty where the store cannot be asked."""
        try:
            site = self.registry.site(self.station.site)
        except CartrailError:
            return ""
        if site is None:
            return ""
        if site.phone_24h:
            return tr(
                "No way on? Call {site}: {phone}, day and night.", site=site.title, phone=site.phone_24h
            )
        return tr("No way on? Call quality at {site}.", site=site.title)

    def end(self, unsigned: tuple[str, ...] = (), tallied: tuple[str, ...] = ()) -> None:
        """Forget the key of who was signed in, and remember who it was and what was not signed."""
        if self.signer is not None:
            own = LeftBehind(self.signer.staff, self.signer.name, self.now(), unsigned, tallied)
            self.left = own if self.passed is None else replace(self.passed, reader=own)
            self.passed = None
            self.signer.end()
        self.signer, self.uncleared = None, ""


def owner_of(registry: RegistryState, scan: RawScan) -> str:
    """The staff id of a scanned badge, or the staff id itself; raises InputError for anything else.

    It does not matter how a staff id came: a quick typist or a remote terminal looks like a scanner, and the
    password that follows is what proves who it is.
    """
    code = printed_code(scan.text)
    if code is None:
        text = scan.text.strip().upper()
        if SHORT_NAME_PATTERN.fullmatch(text) and registry.person(text):
            return text
        raise InputError(
            tr("That is neither a badge nor a staff id of this store."),
            remedy=tr("Scan your badge, or type your staff id."),
        )
    if code.object_type is not ObjectType.BADGE:
        raise InputError(tr("That is not a badge."), remedy=tr("Scan your badge, or type your staff id."))
    owner = registry.badge_owner(code.object_id)
    if owner is None:
        raise InputError(
            tr("This badge belongs to nobody here: it was revoked, or is from another store."),
            remedy=tr("Type your staff id, and ask an administrator for a new badge."),
        )
    return owner.staff
