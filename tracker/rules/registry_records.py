"""What the registry knows of each site, person, grant, key and thing, as small frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from schema.events.registry import WristbandRule
from schema.vocabulary import EquipmentType, LocationType, Material, Role, SiteType

LOG_OWNER = "log"
"""The owner of the key that signs checkpoints."""

STATION_OWNER = "station/"
"""Before a station id: the owner of the key with which that station cosigns."""


@dataclass(frozen=True, slots=True)
class Founder:
    """One of the two people whose word the store is founded on, and the key it was given with."""

    staff: str
    key: str
    public: bytes


@dataclass(frozen=True, slots=True)
class Site:
    """An organization's place in the network."""

    code: str
    title: str
    site_type: SiteType
    address: str
    phone_24h: str
    offset: str
    """The UTC offset as text, such as `+01:00`: entries keep the local time they were made at."""

    wristband: tuple[WristbandRule, ...] = ()
    active: bool = True


@dataclass(frozen=True, slots=True)
class Department:
    """A part of a site that can be custodian, with the roles that answer for it."""

    site: str
    code: str
    title: str
    roles: frozenset[Role]

    @property
    def id(self) -> str:
        """The id under which it is custodian: `SITE/DEPARTMENT`."""
        return f"{self.site}/{self.code}"


@dataclass(frozen=True, slots=True)
class Location:
    """A place that can hold units; its site and department answer for them."""

    id: str
    site: str
    department: str
    title: str
    location_type: LocationType


@dataclass(frozen=True, slots=True)
class ScannerCheck:
    """The newest check of the scanner at a station."""

    scanner: str
    passed: bool
    faults: tuple[str, ...]
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Station:
    """A terminal, at one site for good."""

    id: str
    site: str
    title: str
    pasted_accepted: bool
    retired: bool = False
    location: str | None = None
    """The bench it stands at, where that is a location of its own."""

    @property
    def bench(self) -> str:
        """What is one therapy's at a time: the bench it stands at, else the terminal itself is one."""
        return self.location or self.id


@dataclass(frozen=True, slots=True)
class Person:
    """A person under a staff id that is never given to another."""

    staff: str
    name: str
    active: bool = True
    badges: tuple[str, ...] = ()
    """The badges that stand for the person now; revoked ones are left out."""


@dataclass(frozen=True, slots=True)
class Badge:
    """A badge and whose it is; a revoked one stays known, so that it can be named when it is scanned."""

    id: str
    staff: str
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
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
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """A public key and the registry sequences between which its signatures count."""

    owner: str
    key: str
    public: bytes
    added_sequence: int
    activated_sequence: int | None = None
    retired_sequence: int | None = None
    on_hub: bool | None = None

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


@dataclass(frozen=True, slots=True)
class ProtocolVersion:
    """A version of a protocol that therapies may be pinned to, named by its bytes."""

    protocol: str
    version: int
    sha256: str
    title: str


@dataclass(frozen=True, slots=True)
class Equipment:
    """A box, shipper or data logger that belongs to a site."""

    id: str
    equipment_type: EquipmentType
    title: str
    site: str
    hold_hours: int | None
    requalification_due: datetime | None
    emptied_at_site: str | None = None
    """Where two people last looked inside and found nothing."""

    emptied_uses: int = 0
    """How many acts on it there had been then."""

    with_carrier: str | None = None
    """The carrier that took it away empty and has not brought it back."""


@dataclass(frozen=True, slots=True)
class AccessCode:
    """That a one-time code is out, by whom and until when; the code itself is nowhere in the ledger."""

    staff: str
    issuer: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LabelStock:
    """A counted set of blank labels at a site; which of them are bound, the therapies' chains say."""

    set: str
    site: str
    material: Material
    units: tuple[str, ...]
    destroyed: tuple[str, ...] = ()
