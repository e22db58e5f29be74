"""The chain `registry` as one value: everything that permission, custody and signatures are judged by."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from msgspec import Struct, field

from schema.entry import Statement
from schema.events import Payload
from schema.events.registry import WristbandRule
from schema.positions import position_at
from schema.vocabulary import (
    ClockKind,
    EquipmentStatus,
    EquipmentType,
    LocationType,
    LotStatus,
    Material,
    Purpose,
    ResourceType,
    ReviewOutcome,
    Role,
    SiteType,
    Weekday,
)

_Key = TypeVar("_Key")
_Record = TypeVar("_Record")

LOG_OWNER = "log"
"""The owner of the key that signs checkpoints."""

STATION_OWNER = "station/"
"""Before a station id: the owner of the key with which that station cosigns."""


EVERY_STATION = ""
"""In place of a station id: all of them, where somebody is locked out."""


class FounderKey(Struct, frozen=True):
    """One of the two people whose word the store is founded on, and the key it was given with."""

    staff: str
    key: str


class ZoneSince(Struct, frozen=True):
    """An IANA time zone by name, and from when a site's clocks go by it."""

    zone: str
    since: datetime | None = None
    """None for the zone a site joined with."""


class Closure(Struct, frozen=True):
    """Days on which a site, or one thing of it, is closed."""

    event_id: str
    resource: str | None
    first: date
    last: date
    """The last day is closed too."""

    title: str


class Site(Struct, frozen=True):
    """An organization's place in the network."""

    code: str
    title: str
    site_type: SiteType
    address: str
    phone_24h: str
    zones: tuple[ZoneSince, ...]
    """Its time zones in the order in which they count; the first has counted for ever."""

    wristband: tuple[WristbandRule, ...] = ()
    active: bool = True
    open_on: frozenset[Weekday] = frozenset(Weekday)
    closures: tuple[Closure, ...] = ()
    """Those that were not lifted, in the order in which they were made."""


class BookableResource(Struct, frozen=True):
    """What a milestone takes a place of at a site."""

    site: str
    code: str
    resource_type: ResourceType
    title: str
    per_weekday: tuple[int, ...]
    """How many can begin on a day, Monday first."""

    concurrent: int | None
    """How many can be in it on one day; None where nobody counts."""

    occupies: timedelta
    notice: timedelta
    hours: tuple[time, time]
    """From when until when one can begin, by the clocks of the site."""

    from_day: date
    until_day: date

    @property
    def id(self) -> str:
        """By which it is booked: `SITE/RESOURCE`."""
        return f"{self.site}/{self.code}"


class CarrierLane(Struct, frozen=True):
    """The way of a carrier from one site to another."""

    code: str
    from_site: str
    to_site: str
    carrier: str
    transit: timedelta
    cutoff: time
    """When it picks up, by the clocks of the site it leaves."""

    picks_up_on: frozenset[Weekday]
    until_day: date
    transit_max: timedelta | None = None
    celsius_min: str | None = None
    celsius_max: str | None = None
    """What the carrier keeps on the way; without any it takes whatever the box holds."""

    documents: tuple[str, ...] = ()
    """What has to go with a box on this way."""


class Department(Struct, frozen=True):
    """A part of a site that can be custodian, with the roles that answer for it."""

    site: str
    code: str
    title: str
    roles: frozenset[Role]

    @property
    def id(self) -> str:
        """The id under which it is custodian: `SITE/DEPARTMENT`."""
        return f"{self.site}/{self.code}"


class CountSaid(Struct, frozen=True):
    """What a count of a place said, when and by whom."""

    at: datetime
    actor: str
    expected: int
    found: int
    missing: int
    unexpected: int
    unknown: int
    """Codes that stand for no unit of this store."""


class LoggerSince(Struct, frozen=True):
    """From when on a logger recorded in a place."""

    logger: str | None
    """None from when on it was in another place."""

    since: datetime


class Location(Struct, frozen=True):
    """A place that can hold units; its site and department answer for them."""

    id: str
    site: str
    department: str
    title: str
    location_type: LocationType
    celsius_min: str | None = None
    celsius_max: str | None = None
    """What it keeps, as somebody set it last; both None while nobody has."""

    rows: int | None = None
    columns: int | None = None
    """Of its positions; both None where it has none."""

    counted: CountSaid | None = None
    """What the last count of it said; None while nobody has counted it."""

    loggers: tuple[LoggerSince, ...] = ()
    """Those that record in it, one after the other."""

    @property
    def grid(self) -> tuple[int, int] | None:
        """Its rows and columns; None where it has no positions."""
        return None if self.rows is None or self.columns is None else (self.rows, self.columns)

    @property
    def range_words(self) -> str:
        """Its first and last position; empty where it has none."""
        return "" if self.grid is None else f"A1 to {position_at(self.grid[0] - 1, self.grid[1] - 1)}"

    @property
    def logger(self) -> str | None:
        """The one that records in it now."""
        return self.loggers[-1].logger if self.loggers else None


class StoreLoss(Struct, frozen=True):
    """A backup in the place of a store that held more: what two people accepted to be lost."""

    event_id: str
    sequence: int
    at: str
    """When, by the clocks of the station where it was said, with their offset."""

    restored_size: int
    known_size: int
    known_root: str
    actor: str
    reason: str
    heads: tuple[tuple[int, str], ...] = ()
    """Size and root of larger heads of the lost log that were named later."""

    @property
    def largest(self) -> int:
        """How many entries the lost log had at least."""
        return max(self.known_size, *(size for size, _ in self.heads), 0)

    def took(self, tree_size: int, root: str) -> bool:
        """Whether a head of that size is of the log that was lost, as far as anybody can tell."""
        named = {self.known_size: self.known_root, **dict(self.heads)}
        if tree_size in named:
            return root == named[tree_size]
        return self.restored_size < tree_size < self.largest

    @property
    def words(self) -> str:
        """The loss as every verdict and report tells it."""
        return (
            f"entries are lost: on {self.at} a backup of {self.restored_size} entries took the place"
            f" of a store that held {self.largest} or more (registry entry {self.sequence}: on the word of"
            f" {self.actor} and of quality, {self.reason})"
        )


class ScannerCheck(Struct, frozen=True):
    """The newest check of the scanner at a station."""

    scanner: str
    passed: bool
    faults: tuple[str, ...]
    at: datetime
    by: str


class Station(Struct, frozen=True):
    """A terminal, at one site for good."""

    id: str
    site: str
    title: str
    pasted_accepted: bool
    retired: bool = False
    location: str | None = None
    """The bench it stands at, where that is a location of its own."""

    shows_board: bool = False
    """Whether its site lets it show the board while nobody is signed in."""

    @property
    def bench(self) -> str:
        """What is one therapy's at a time: the bench it stands at, else the terminal itself is one."""
        return self.location or self.id


class Person(Struct, frozen=True):
    """A person under a staff id that is never given to another."""

    staff: str
    name: str
    active: bool = True
    badges: tuple[str, ...] = ()
    """The badges that stand for the person now; revoked ones are left out."""


def compared_name(name: str) -> str:
    """A printed name as two are compared: what looks the same beside a signature is the same."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


class Badge(Struct, frozen=True):
    """A badge and whose it is; a revoked one stays known, so that it can be named when it is scanned."""

    staff: str
    revoked: bool = False


class Grant(Struct, frozen=True):
    """What a person may do at a site, from when, until when, and on what training."""

    event_id: str
    staff: str
    role: Role
    site: str
    valid_from: datetime
    valid_until: datetime | None
    training_reference: str
    training_expires_at: datetime | None
    granted_by: str
    sequence: int
    """Where it stands in the registry."""

    revoked: bool = False


class RightsReview(Struct, frozen=True):
    """That quality reviewed who may do what."""

    reviewer: str
    at: datetime
    day: str
    """Whose rights were reviewed."""

    outcome: ReviewOutcome


class Key(Struct, frozen=True):
    """A public key and the registry sequences between which its signatures count."""

    owner: str
    key: str
    public: bytes
    added_sequence: int
    activated_sequence: int | None = None
    retired_sequence: int | None = None
    on_hub: bool | None = None
    activated_at: datetime | None = None
    issuer: str | None = None
    """Who issued the one-time code with which a person made it."""

    after_reset: bool = False
    """Whether its owner had another key before: what it signs is by whoever used a one-time code."""

    @property
    def counts_from(self) -> int | None:
        """A person's key counts from its activation, the key of the log or of a station from its addition."""
        if self.owner == LOG_OWNER or self.owner.startswith(STATION_OWNER):
            return self.added_sequence
        return self.activated_sequence

    def counts_at(self, registry_sequence: int) -> bool:
        """Whether a signature counts that was given when the registry's head was that sequence."""
        start, end = self.counts_from, self.retired_sequence
        return start is not None and start <= registry_sequence and (end is None or registry_sequence < end)


class ProtocolVersion(Struct, frozen=True):
    """A version of a protocol that therapies may be pinned to, named by its bytes."""

    protocol: str
    version: int
    sha256: str
    title: str
    unverified_because: str | None = None
    """Why it was adopted with figures that nobody has verified."""


class Equipment(Struct, frozen=True):
    """A box, shipper, data logger or instrument that belongs to a site."""

    id: str
    equipment_type: EquipmentType
    title: str
    site: str
    hold_hours: int | None
    requalification_due: datetime | None
    """When it has to be qualified or calibrated again; None where nobody has said so, or it failed."""

    has_display: bool
    """Whether it shows the temperature inside."""

    serial: str | None = None
    """The number that its maker gave it; None where nobody has said it."""

    instrument_class: str | None = None
    """What an instrument is, by the word that protocols have for it."""

    exclusive: bool = False
    """Whether one therapy at a time is in it, so that it is taken and cleared as a bench is."""

    status: EquipmentStatus = EquipmentStatus.IN_SERVICE
    qualified_at: datetime | None = None
    """When it was last tested, with whatever outcome; None for what was only said when it was added."""

    failed: bool = False
    """Whether it failed when it was last tested."""

    unfit_since: datetime | None = None
    """Since when it cannot be relied on, where it failed."""

    standard: str = ""
    """By what it was last tested."""

    celsius_min: str | None = None
    celsius_max: str | None = None
    """The temperatures for which it was last tested."""

    charged_at: datetime | None = None
    brought_to: str | None = None
    """The site to which a carrier last brought it empty."""

    emptied_at_site: str | None = None
    """Where two people last looked inside and found nothing."""

    emptied_uses: int | None = None
    """How many acts on it there had been then."""

    with_carrier: str | None = None
    """The carrier that took it away empty and has not brought it back."""

    seen_at: datetime | None = None
    seen_at_site: str | None = None
    """When and where somebody last had it in hand empty: looked into, charged, taken away or brought back."""

    @property
    def holds_until(self) -> datetime | None:
        """When its charge is used up; None where it was never charged or nobody knows how long it holds."""
        if self.charged_at is None or self.hold_hours is None:
            return None
        return self.charged_at + timedelta(hours=self.hold_hours)


class Lot(Struct, frozen=True):
    """Goods of one lot at a site, with which cells are made: reagent, vector, set."""

    id: str
    item: str
    """What it is, by the word that protocols have for it."""

    site: str
    number: str
    """As its maker printed it."""

    gtin: str | None
    """By which its maker's own code is known together with the number; None where nobody has said it."""

    expires: str
    """The last day on which it is good, by the calendar of its site."""

    celsius_min: str | None
    celsius_max: str | None
    certificate: str | None
    """The SHA-256 of the file of its certificate."""

    received_at: datetime
    status_since: datetime
    status: LotStatus = LotStatus.QUARANTINED
    released_at: datetime | None = None
    """When quality first released it; None where it never has."""


class IssuedCode(Struct, frozen=True):
    """That a one-time code is out, by whom and until when; the code itself is nowhere in the ledger."""

    issuer: str
    expires_at: datetime
    issued_at: datetime
    sequence: int
    """Where it stands in the registry."""


class LabelStock(Struct, frozen=True):
    """A counted set of blank labels at a site; which of them are bound, the therapies' chains say."""

    set: str
    site: str
    material: Material
    units: tuple[str, ...]
    destroyed: tuple[str, ...] = ()


class ClockCorrection(Struct, frozen=True):
    """That recorded times may go back, and to which time."""

    sequence: int
    """Where it stands in the registry."""

    corrected_to: datetime


class RegistryState(Struct, frozen=True):
    """The registry after its entry `sequence`; evolving copies only the mapping that changes.

    The mappings are never written to once they are in a state, so states may share them.
    """

    sequence: int = -1
    """The sequence of the head this state reflects; -1 before the store is created."""

    founded_at: datetime | None = None
    """When the store was created; nothing in it happened before."""

    origin: str = ""
    purpose: Purpose = Purpose.PRODUCTION
    """Until the store is created, the purpose with the strictest rules."""

    clock: ClockKind = ClockKind.SYSTEM
    clock_corrections: tuple[ClockCorrection, ...] = ()
    """Where recorded times may go back, in the order of the registry."""

    losses: tuple[StoreLoss, ...] = ()
    """Where a backup took the place of a store that held more, in the order of the registry."""

    log_key: str = ""
    """The C2SP vkey of the log."""

    founders: tuple[FounderKey, ...] = ()
    sites: Mapping[str, Site] = field(default_factory=dict)
    departments: Mapping[str, Department] = field(default_factory=dict)
    """By `SITE/DEPARTMENT`."""

    resources: Mapping[str, BookableResource] = field(default_factory=dict)
    """By `SITE/RESOURCE`."""

    lanes: Mapping[str, CarrierLane] = field(default_factory=dict)
    locations: Mapping[str, Location] = field(default_factory=dict)
    stations: Mapping[str, Station] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    badges: Mapping[str, Badge] = field(default_factory=dict)
    grants: Mapping[str, tuple[Grant, ...]] = field(default_factory=dict)
    """By staff id, in the order they were given."""

    rights_review: RightsReview | None = None
    """The newest review of rights; None while nobody has reviewed them."""

    keys: Mapping[str, Key] = field(default_factory=dict)
    """By key id, retired ones too."""

    active_keys: Mapping[str, str] = field(default_factory=dict)
    """The key id that counts now, by owner."""

    protocols: Mapping[str, tuple[ProtocolVersion, ...]] = field(default_factory=dict)
    """By protocol id, ascending by version."""

    equipments: Mapping[str, Equipment] = field(default_factory=dict)
    lots: Mapping[str, Lot] = field(default_factory=dict)
    """By their G id."""

    access_codes: Mapping[str, IssuedCode] = field(default_factory=dict)
    """The newest unused one-time code of each person."""

    terminal_checks: Mapping[str, datetime] = field(default_factory=dict)
    """When each station's answers were last tried by somebody."""

    scanner_checks: Mapping[str, ScannerCheck] = field(default_factory=dict)
    """The newest check of the scanner at each station."""

    scanner_hours: Mapping[str, int] = field(default_factory=dict)
    """Stations that ask for a passed check, with the hours for which one counts."""

    stock: Mapping[str, LabelStock] = field(default_factory=dict)
    """Sets of blank labels, by their F id."""

    blanks: Mapping[str, str] = field(default_factory=dict)
    """The set of each blank label that was issued and not destroyed."""

    lockouts: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    """The end of the newest lock-out of a person at a station, or at `EVERY_STATION`."""

    def site(self, code: str) -> Site | None:
        """The site of a code, active or not."""
        return self.sites.get(code)

    def zone_at(self, site: str, moment: datetime) -> str:
        """The name of the zone by which a site's clocks go at a moment; `UTC` for a site nobody knows."""
        found = self.sites.get(site)
        zones = () if found is None else found.zones
        return next((one.zone for one in reversed(zones) if one.since is None or one.since <= moment), "UTC")

    def department(self, department_id: str) -> Department | None:
        """The department of `SITE/DEPARTMENT`."""
        return self.departments.get(department_id)

    def location(self, location_id: str) -> Location | None:
        """The place of an L id."""
        return self.locations.get(location_id)

    def station(self, station_id: str) -> Station | None:
        """The terminal of an id, retired or not."""
        return self.stations.get(station_id)

    def equipment(self, equipment_id: str) -> Equipment | None:
        """The box, shipper, logger or instrument of an id."""
        return self.equipments.get(equipment_id)

    def lot(self, lot_id: str) -> Lot | None:
        """The lot of goods of an id."""
        return self.lots.get(lot_id)

    def person(self, staff: str) -> Person | None:
        """The person of a staff id, active or not."""
        return self.people.get(staff)

    def badge(self, badge_id: str) -> Badge | None:
        """The badge of an id, revoked or not."""
        return self.badges.get(badge_id)

    def badge_owner(self, badge_id: str) -> Person | None:
        """The person a badge stands for; None for an unknown or revoked badge."""
        badge = self.badges.get(badge_id)
        return None if badge is None or badge.revoked else self.people.get(badge.staff)

    def grants_of(self, staff: str) -> tuple[Grant, ...]:
        """Every grant a person was ever given, revoked and expired ones too."""
        return self.grants.get(staff, ())

    def grant(self, event_id: str) -> Grant | None:
        """The grant of the event that gave it."""
        return next(
            (one for given in self.grants.values() for one in given if one.event_id == event_id), None
        )

    def key(self, key_id: str) -> Key | None:
        """The key of an id, retired or not."""
        return self.keys.get(key_id)

    def loss_of(self, tree_size: int, root: str, *, after: str = "") -> StoreLoss | None:
        """The loss that a head of the log is from, of those recorded after the one with that event id."""
        known = [one.event_id for one in self.losses]
        later = self.losses[known.index(after) + 1 if after in known else 0 :]
        return next((one for one in later if one.took(tree_size, root)), None)

    def clock_corrected_between(self, before: int, until: int) -> bool:
        """Whether recorded times may go back between entries that name these two heads."""
        return any(before < one.sequence <= until for one in self.clock_corrections)

    def active_key(self, owner: str) -> Key | None:
        """The key that counts now for a person, `log` or `station/<id>`."""
        key_id = self.active_keys.get(owner)
        return None if key_id is None else self.keys.get(key_id)

    def had_key(self, staff: str) -> bool:
        """Whether a key of this person ever counted, so that a further one is made after a reset."""
        return any(one.owner == staff and one.activated_sequence is not None for one in self.keys.values())

    def founding_key(self, key_id: str) -> FounderKey | None:
        """The founder of a key, which may witness the other founder's activation before its own."""
        return next((founder for founder in self.founders if founder.key == key_id), None)

    def protocol(self, protocol: str, version: int) -> ProtocolVersion | None:
        """One adopted version of a protocol."""
        return next((one for one in self.protocols.get(protocol, ()) if one.version == version), None)

    def unverified_because(self, protocol: str, version: int) -> str | None:
        """Why quality adopted a version with unverified figures; None where nobody had to say."""
        adopted = self.protocol(protocol, version)
        return None if adopted is None else adopted.unverified_because

    def latest_protocol(self, protocol: str) -> ProtocolVersion | None:
        """The highest adopted version of a protocol."""
        versions = self.protocols.get(protocol, ())
        return versions[-1] if versions else None

    def access_code(self, staff: str) -> IssuedCode | None:
        """The newest unused one-time code of a person, expired or not."""
        return self.access_codes.get(staff)

    def locked_until(self, staff: str, station: str) -> datetime | None:
        """When the newest lock-out of a person at a station, or at all of them, ends or ended."""
        found = (self.lockouts.get((staff, where)) for where in (station, EVERY_STATION))
        return max((until for until in found if until is not None), default=None)

    def locked_out_at(self, station: str, now: datetime) -> Mapping[str, datetime]:
        """Everybody who cannot sign in at a station now, with when that ends."""
        people = dict.fromkeys(staff for staff, _ in self.lockouts)
        found = ((staff, self.locked_until(staff, station)) for staff in people)
        return {staff: until for staff, until in found if until is not None and until > now}


Changes = Mapping[type[Payload], Callable[[RegistryState, Statement, Any], RegistryState]]
"""What each event changes; the function takes the state whose `sequence` is already that of the event."""


def with_one_more(records: Mapping[_Key, _Record], key: _Key, record: _Record) -> Mapping[_Key, _Record]:
    """The records with one more; what is already there stays as it is."""
    return records if key in records else {**records, key: record}
