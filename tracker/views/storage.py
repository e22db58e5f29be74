"""What lies in the places of a site, position by position, and what a count of one would say.

It reads the read tables alone: no chain is replayed for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import orjson

from schema.instants import parse_instant
from schema.positions import every_position
from schema.tables import UnitRow
from schema.vocabulary import LocationType
from tracker.acts.resolving import asked, resolve
from tracker.ledger.transaction import Transaction
from tracker.registry.places.counting import held_against
from tracker.rules.checks.position import position_violations
from tracker.rules.decision import Violation
from tracker.rules.registry_state import Location, RegistryState


@dataclass(frozen=True, slots=True)
class StoredUnit:
    """One unit in a place."""

    unit: str
    coi: str
    material: str
    cassette: str | None
    position: str | None
    """None where nobody has said it, or the place has none."""

    stored_at: datetime | None
    expires_at: datetime | None
    is_quarantined: bool
    is_missed: bool
    """Whether the last count did not find it."""

    is_handed_over: bool
    """Whether it was given to somebody who has not taken it yet: it is there, or on its way."""


@dataclass(frozen=True, slots=True)
class StorageMap:
    """A place with what lies in it."""

    place: Location
    units: tuple[StoredUnit, ...]
    """By position; those without one last."""

    @property
    def free(self) -> tuple[str, ...]:
        """The positions in which nothing lies."""
        if self.place.grid is None:
            return ()
        taken = {one.position for one in self.units}
        return tuple(one for one in every_position(*self.place.grid) if one not in taken)

    def at(self, position: str) -> StoredUnit | None:
        """What lies in a position."""
        return next((one for one in self.units if one.position == position), None)


@dataclass(frozen=True, slots=True)
class CountedUnit:
    """One unit or code of a count, and where the record has it."""

    unit: str
    """The code as it was read, where it stands for no unit."""

    position: str | None = None
    by_record: str = ""
    """Where it is by the record, in words; empty for what is there, or stands for nothing."""


@dataclass(frozen=True, slots=True)
class CountPreview:
    """What a count would say, before anybody signs it."""

    place: Location
    found: tuple[CountedUnit, ...]
    missing: tuple[CountedUnit, ...]
    unexpected: tuple[CountedUnit, ...]
    unknown: tuple[CountedUnit, ...]
    on_the_way: tuple[CountedUnit, ...]
    """Handed over and not scanned: neither there nor missing."""

    @property
    def expected(self) -> int:
        """How many units are there by the record."""
        return len(self.found) + len(self.missing)


def storage_places(registry: RegistryState, *, site: str | None = None) -> tuple[Location, ...]:
    """The storage places of a site, or of all, by site and name."""
    found = (one for one in registry.locations.values() if one.location_type is LocationType.STORAGE)
    return tuple(
        sorted((one for one in found if site in (None, one.site)), key=lambda one: (one.site, one.title))
    )


def storage_map(transaction: Transaction, place: Location) -> StorageMap:
    """A place with what lies in it."""
    lies = {row.unit: row.position for row in transaction.positions_in(place.id)}
    rows = transaction.units_in_location(place.id)
    units = sorted((_stored(row, lies.get(row.unit)) for row in rows), key=_order)
    return StorageMap(place, tuple(units))


def _order(one: StoredUnit) -> tuple[bool, str, int, str]:
    position = one.position or ""
    return not position, position[:1], int(position[1:] or 0), one.unit


def _stored(row: UnitRow, position: str | None) -> StoredUnit:
    document = orjson.loads(row.document)
    stored, expires = document["facts"].get("stored"), document["expires_at"]
    return StoredUnit(
        row.unit,
        row.coi,
        row.material,
        row.cassette,
        position,
        None if stored is None else parse_instant(stored["at"]),
        None if expires is None else parse_instant(expires),
        row.quarantined,
        document.get("out_of_place") == "missing",
        row.handoff is not None,
    )


def position_violation(
    transaction: Transaction, place: Location, position: str, unit: str, moved: Iterable[str]
) -> Violation | None:
    """Why a unit cannot lie in a position, unless what is `moved` in the same act leaves it."""
    leaving = {*moved}
    rows = transaction.positions_in(place.id)
    lying = {row.position: row.unit for row in rows if row.unit not in leaving}
    return next(position_violations(place, position, unit, lying), None)


def count_preview(
    transaction: Transaction, registry: RegistryState, place: Location, codes: Iterable[str]
) -> CountPreview:
    """What a count of these codes would say; raises BadCode for one of ours that was misread."""
    there = {row.unit: row for row in transaction.units_in_location(place.id)}
    lies = {row.unit: row.position for row in transaction.positions_in(place.id)}
    scanned: dict[str, None] = {}
    unknown: dict[str, None] = {}
    for code in codes:
        found = resolve(transaction, registry, asked(code))
        if found.unit is None:
            unknown[found.text] = None
        else:
            scanned[found.unit] = None
    given = frozenset(name for name, row in there.items() if row.handoff is not None)
    result = held_against(scanned, there.keys(), given)
    return CountPreview(
        place,
        tuple(CountedUnit(name, lies.get(name)) for name in result.found),
        tuple(CountedUnit(name, lies.get(name)) for name in result.missing),
        tuple(CountedUnit(name, None, _where(transaction, registry, name)) for name in result.unexpected),
        tuple(CountedUnit(text) for text in unknown),
        tuple(CountedUnit(name, lies.get(name)) for name in sorted(given - scanned.keys())),
    )


def _where(transaction: Transaction, registry: RegistryState, unit: str) -> str:
    """Where the record has a unit that lies elsewhere."""
    row = transaction.unit(unit)
    if row is None:
        return ""
    return "; ".join(_said_of(registry, row))


def _said_of(registry: RegistryState, row: UnitRow) -> Iterator[str]:
    place = registry.location(row.location or "")
    if row.final_disposition is not None:
        yield row.final_disposition.replace("_", " ")
    elif place is not None:
        yield f"{place.title} at {place.site}"
    elif row.box is not None:
        box = registry.equipment(row.box)
        yield f"{'the box' if box is None else box.title} ({row.box})"
    elif row.custodian:
        yield row.custodian
    if row.handoff is not None:
        yield "handed over, not taken yet"
