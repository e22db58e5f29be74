"""Whether the hub is there, and how log, backup and stations stand: for boards and administrators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from schema.canonical import Json
from schema.counting import counted
from schema.entry import read_entry
from schema.errors import StoreError
from schema.instants import format_instant, parse_instant
from schema.tables import PresenceRow
from schema.vocabulary import ClockKind
from tracker.ledger.transaction import Transaction
from tracker.rules.decision import Notice
from tracker.rules.registry_state import RegistryState

HUB: Final = "hub"
BACKUP: Final = "backup"
STATION: Final = "station/"
TWO_HUBS: Final = "two_hubs"

SILENT_AFTER: Final = timedelta(minutes=3)
"""Three beats left out: longer than a restart of the machine's service takes."""

BACKUP_AGE_MAX: Final = timedelta(hours=26)
"""A daily backup, and two hours for the day it runs late."""

STATION_AGE_MAX: Final = timedelta(days=1)
CLOCK_DIFFERENCE_MAX: Final = timedelta(seconds=30)
"""A quarter of what recording refuses."""

DISK_FREE_BYTES_MIN: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class StationSeen:
    """A station in use and when it was last heard of."""

    station: str
    site: str
    seen_at: datetime | None

    def to_json(self) -> dict[str, Json]:
        """As a part of the status document."""
        return {"station": self.station, "site": self.site, "seen_at": _text(self.seen_at)}


@dataclass(frozen=True, slots=True)
class HubStatus:
    """How what runs beside recording stands at one moment."""

    at: datetime
    hub_seen_at: datetime | None
    hub_instance: str
    hub_trouble: str
    waiting: int
    """Entries that the tree has not taken in."""

    unsigned: int
    """Entries under no signed head, those that wait among them."""

    unsigned_since: datetime | None
    backup_at: datetime | None
    clock_difference: timedelta | None
    """This machine's clock less the database server's; None on SQLite."""

    stations: tuple[StationSeen, ...]
    disk_free_bytes: int | None = None
    """Left where the store and the hub's files lie; None where nobody measured it."""

    @property
    def absent_since(self) -> datetime | None:
        """Since when no hub does its work; None while one does, and where none was ever needed.

        Without a hub that said so lately, heads that a terminal on the hub's machine signs in time count too.
        """
        if self.hub_seen_at is not None and self.at - self.hub_seen_at <= SILENT_AFTER:
            return None
        if self.unsigned_since is not None and self.at - self.unsigned_since > SILENT_AFTER:
            return max(filter(None, (self.hub_seen_at, self.unsigned_since)))
        return self.hub_seen_at

    def problems(self) -> Iterator[str]:
        """What an administrator should look into, in sentences."""
        if self.absent_since is not None:
            yield f"No hub has reported since {format_instant(self.absent_since)}: start `cartrail hub`."
        if self.hub_trouble:
            yield f"The hub reports: {self.hub_trouble}"
        if self.unsigned_since is not None and self.at - self.unsigned_since > SILENT_AFTER:
            since = format_instant(self.unsigned_since)
            unsigned = counted(self.unsigned, "entry is", "entries are")
            yield f"{unsigned} under no signed head, the oldest since {since}."
        if self.backup_at is None:
            yield "No backup was ever made: `cartrail backup`."
        elif self.at - self.backup_at > BACKUP_AGE_MAX:
            yield f"The last backup is of {format_instant(self.backup_at)}: `cartrail backup`."
        if self.clock_difference is not None and abs(self.clock_difference) > CLOCK_DIFFERENCE_MAX:
            seconds = self.clock_difference.total_seconds()
            yield f"This machine's clock differs from the database server's by {seconds:.0f} s: set it."
        if self.disk_free_bytes is not None and self.disk_free_bytes < DISK_FREE_BYTES_MIN:
            yield f"{self.disk_free_bytes // 1_000_000} MB are left on the disk: make room."
        for one in self.stations:
            if one.seen_at is not None and self.at - one.seen_at > STATION_AGE_MAX:
                yield f"The station {one.station} was last heard of {format_instant(one.seen_at)}."

    def to_json(self) -> dict[str, Json]:
        """As a document for monitoring; times in UTC, spans in seconds."""
        difference = self.clock_difference
        return {
            "at": format_instant(self.at),
            "hub_seen_at": _text(self.hub_seen_at),
            "hub_instance": self.hub_instance,
            "hub_absent_since": _text(self.absent_since),
            "waiting": self.waiting,
            "unsigned": self.unsigned,
            "unsigned_since": _text(self.unsigned_since),
            "backup_at": _text(self.backup_at),
            "clock_difference_seconds": None if difference is None else str(difference.total_seconds()),
            "disk_free_bytes": self.disk_free_bytes,
            "stations": [one.to_json() for one in self.stations],
            "problems": list(self.problems()),
        }


def status_of(
    transaction: Transaction, registry: RegistryState, now: datetime, *, disk_free_bytes: int | None = None
) -> HubStatus:
    """How everything stands within one read transaction."""
    seen = transaction.presences()
    hub = seen.get(HUB)
    waiting, size = transaction.pending(), transaction.tree_size()
    newest = transaction.newest_checkpoint()
    signed = 0 if newest is None else newest.tree_size
    server = transaction.database_now()
    is_played = registry.clock is ClockKind.SIMULATED
    return HubStatus(
        at=now,
        hub_seen_at=None if hub is None else hub.seen_at,
        hub_instance="" if hub is None else hub.instance,
        hub_trouble="" if hub is None else hub.trouble,
        waiting=len(waiting),
        unsigned=size - signed + len(waiting),
        # Where days are played in minutes, nobody waits for a service.
        unsigned_since=None if is_played else _unsigned_since(transaction, signed, size, waiting),
        backup_at=seen[BACKUP].seen_at if BACKUP in seen else None,
        clock_difference=None if server is None else now - server,
        stations=tuple(_stations(registry, seen)),
        disk_free_bytes=disk_free_bytes,
    )


def require_no_other_hub(noted: PresenceRow | None, new: PresenceRow) -> None:
    """Raise StoreError (two_hubs) where a hub on another machine reported so lately that it still runs."""
    if noted is None or _machine(noted.instance) == _machine(new.instance):
        return
    silent = new.seen_at - noted.seen_at
    if silent <= SILENT_AFTER:
        raise StoreError(
            f"Another hub reported {int(silent.total_seconds())} s ago: {noted.instance}.",
            remedy="Stop that one, wait three minutes, then start this one.",
            code=TWO_HUBS,
        )


def _machine(instance: str) -> str:
    return instance.rpartition(" ")[0]


def absence(status: HubStatus) -> Notice | None:
    """What boards say while nobody signs: recording goes on, and paper should be at hand."""
    if status.absent_since is None:
        return None
    return Notice(
        "hub_absent",
        f"The hub has not reported since {format_instant(status.absent_since)}.",
        "Recording goes on. Call the administrator: no head is signed, and no downtime report is written.",
    )


def _unsigned_since(
    transaction: Transaction, signed: int, size: int, waiting: list[tuple[str, int, str]]
) -> datetime | None:
    times = [parse_instant(waiting[0][2])] if waiting else []
    if size > signed:
        for leaf in transaction.leaves(signed, signed + 1):
            for _, _, body in transaction.bodies(leaf.place.chain, leaf.place.sequence - 1, 1):
                times.append(read_entry(body).recorded_at)
    return min(times, default=None)


def _stations(registry: RegistryState, seen: Mapping[str, PresenceRow]) -> Iterator[StationSeen]:
    for one in registry.stations.values():
        if not one.retired:
            row = seen.get(STATION + one.id)
            yield StationSeen(one.id, one.site, None if row is None else row.seen_at)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else format_instant(moment)
