"""The chain `registry` as one value: everything that permission, custody and signatures are judged by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from schema.entry import Statement
from schema.events import Payload
from schema.vocabulary import Clock, Purpose
from tracker.rules.registry_records import (
    AccessCode,
    Badge,
    Department,
    Equipment,
    Founder,
    Grant,
    Key,
    LabelStock,
    Location,
    Person,
    ProtocolVersion,
    ScannerCheck,
    Site,
    Station,
)

__all__ = [
    "AccessCode",
    "Badge",
    "Department",
    "Equipment",
    "Founder",
    "Grant",
    "Key",
    "LabelStock",
    "Location",
    "Person",
    "ProtocolVersion",
    "RegistryState",
    "Site",
    "Station",
]


_Key = TypeVar("_Key")
_Record = TypeVar("_Record")


@dataclass(frozen=True, slots=True)
class RegistryState:
    """The registry after its entry `sequence`; evolving copies only the mapping that changes.

    The mappings are never written to once they are in a state, so states may share them.
    """

    sequence: int = -1
    """The sequence of the head this state reflects; -1 before the store is created."""

    origin: str = ""
    purpose: Purpose = Purpose.PRODUCTION
    """Until the store is created, the purpose with the strictest rules."""

    clock: Clock = Clock.SYSTEM
    log_key: str = ""
    """The C2SP vkey of the log."""

    founders: tuple[Founder, ...] = ()
    sites: Mapping[str, Site] = field(default_factory=dict)
    departments: Mapping[str, Department] = field(default_factory=dict)
    """By `SITE/DEPARTMENT`."""

    locations: Mapping[str, Location] = field(default_factory=dict)
    stations: Mapping[str, Station] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    badges: Mapping[str, Badge] = field(default_factory=dict)
    grants: Mapping[str, tuple[Grant, ...]] = field(default_factory=dict)
    """By staff id, in the order they were given."""

    keys: Mapping[str, Key] = field(default_factory=dict)
    """By key id, retired ones too."""

    active_keys: Mapping[str, str] = field(default_factory=dict)
    """The key id that counts now, by owner."""

    protocols: Mapping[str, tuple[ProtocolVersion, ...]] = field(default_factory=dict)
    """By protocol id, ascending by version."""

    equipments: Mapping[str, Equipment] = field(default_factory=dict)
    access_codes: Mapping[str, AccessCode] = field(default_factory=dict)
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
    """The end of the newest lock-out of a person at a station."""

    def site(self, code: str) -> Site | None:
        """The site of a code, active or not."""
        return self.sites.get(code)

    def offset_at(self, site: str) -> str:
        """The UTC offset of a site as text; `+00:00` for a site nobody knows."""
        found = self.sites.get(site)
        return found.offset if found is not None else "+00:00"

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
        """The box, shipper or logger of an id."""
        return self.equipments.get(equipment_id)

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

    def active_key(self, owner: str) -> Key | None:
        """The key that counts now for a person, `log` or `station/<id>`."""
        key_id = self.active_keys.get(owner)
        return None if key_id is None else self.keys.get(key_id)

    def key_at(self, key_id: str, registry_sequence: int) -> Key | None:
        """The key if its signatures count under that registry head: activated by then, not yet retired."""
        key = self.keys.get(key_id)
        return key if key is not None and key.counts_at(registry_sequence) else None

    def founding_key(self, key_id: str) -> Founder | None:
        """The founder of a key, which may witness the other founder's activation before its own."""
        return next((founder for founder in self.founders if founder.key == key_id), None)

    def protocol(self, protocol: str, version: int) -> ProtocolVersion | None:
        """One adopted version of a protocol."""
        return next((one for one in self.protocols.get(protocol, ()) if one.version == version), None)

    def latest_protocol(self, protocol: str) -> ProtocolVersion | None:
        """The highest adopted version of a protocol."""
        versions = self.protocols.get(protocol, ())
        return versions[-1] if versions else None

    def access_code(self, staff: str) -> AccessCode | None:
        """The newest unused one-time code of a person, expired or not."""
        return self.access_codes.get(staff)

    def locked_until(self, staff: str, station: str) -> datetime | None:
        """When the newest lock-out of a person at a station ends or ended."""
        return self.lockouts.get((staff, station))


Changes = Mapping[type[Payload], Callable[[RegistryState, Statement, Any], RegistryState]]
"""What each event changes; the function takes the state whose `sequence` is already that of the event."""


def with_one_more(records: Mapping[_Key, _Record], key: _Key, record: _Record) -> Mapping[_Key, _Record]:
    """The records with one more; what is already there stays as it is."""
    return records if key in records else {**records, key: record}
