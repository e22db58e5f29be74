"""One therapy as every form of export takes it: events in words beside their entries, and where they led."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from schema.commitments import Opening
from schema.entry import REGISTRY, Entry
from schema.instants import parse_offset
from tracker.evidence.bundle_openings import shown
from tracker.exports.rows import TrailRow, trail_rows
from tracker.exports.sharing import Sharing
from tracker.exports.trails import Trails
from tracker.protocols.model import Protocol
from tracker.rules.custodians import described, party_site
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_evolve import evolve
from tracker.rules.therapy_state import TherapyState, UnitState
from tracker.views.as_of import known_registry


@dataclass(frozen=True, slots=True)
class Told:
    """One event that was asked for: its entry, its words, and what may be shown of what it committed to."""

    entry: Entry
    row: TrailRow
    opened: tuple[tuple[str, str], ...]

    @property
    def happened(self) -> datetime:
        """The local time, as it was where it happened."""
        return local(self.entry.statement.occurred_at, self.entry.statement.offset)


@dataclass(frozen=True, slots=True)
class Spell:
    """How long one custodian had one unit at one place; `until` is None while it lasts."""

    unit: str
    material: str
    custodian: str
    site: str
    place: str
    since: Entry
    until: Entry | None = None


@dataclass(frozen=True, slots=True)
class Dossier:
    """What one chain says, for reading; the entries stay the evidence."""

    chain: str
    registry: RegistryState
    protocol: Protocol | None
    entries: tuple[Entry, ...]
    """All that were known, since custody and gaps follow from the whole."""

    events: tuple[Told, ...]
    """Those that were asked for."""

    state: TherapyState | None
    spells: tuple[Spell, ...]
    openings: Mapping[str, Opening]
    sharing: Sharing
    notice: str = ""

    @property
    def identifiers(self) -> tuple[str, ...]:
        """The patient's identifiers where they were chosen and are still held."""
        first = self.entries[0] if self.entries else None
        if first is None or not self.sharing.identifiers:
            return ()
        return tuple(value for _, value in self.sharing.opened(first, self.openings))


def dossiers(trails: Trails, sharing: Sharing) -> Iterator[Dossier]:
    """The dossiers of all chains that were asked for, one after the other."""
    registry = trails.tracker.registry
    if trails.as_of is not None:
        with trails.tracker.store.read() as transaction:
            registry = known_registry(transaction, trails.as_of)
    for chain in trails.chains:
        yield _dossier(trails, chain, registry, sharing)


def local(moment: datetime, offset: str) -> datetime:
    """A moment as the clocks showed it at that offset, still knowing its offset."""
    return moment.astimezone(parse_offset(offset))


def _dossier(trails: Trails, chain: str, registry: RegistryState, sharing: Sharing) -> Dossier:
    found = trails.known(chain)
    protocol = trails.protocol(chain, found)
    people = sharing.people(registry)
    with trails.tracker.store.read() as transaction:
        openings = shown(found.entries, transaction.openings_of(chain))
    notice = trails.notice_of(found)
    rows = trail_rows(people, protocol, found.entries, notice)
    events = tuple(
        Told(entry, _signed(row, entry, sharing), tuple(sharing.opened(entry, openings)))
        for entry, row in zip(found.entries, rows, strict=True)
        if trails.selection.takes(entry.statement)
    )
    state, spells = (None, ()) if chain == REGISTRY else _walked(people, found.entries)
    return Dossier(chain, registry, protocol, found.entries, events, state, spells, openings, sharing, notice)


def _signed(row: TrailRow, entry: Entry, sharing: Sharing) -> TrailRow:
    if sharing.names:
        return row
    offset = entry.statement.offset
    signatures = "; ".join(
        f"{one.meaning.value} by {one.signer} {local(one.signed_at, offset):%Y-%m-%dT%H:%M:%S}{offset}"
        for one in entry.signatures
    )
    return replace(row, signatures=signatures)


def _walked(
    registry: RegistryState, entries: tuple[Entry, ...]
) -> tuple[TherapyState | None, tuple[Spell, ...]]:
    """The state at the end, and who had each unit where on the way there."""
    state: TherapyState | None = None
    standing: dict[str, Spell] = {}
    ended: list[Spell] = []
    for entry in entries:
        after = evolve(state, entry.sequence, entry.statement)
        for name, unit in after.units.items() if after is not None else ():
            before = state.unit(name) if state is not None else None
            if before == unit:
                continue
            old = standing.get(name)
            new = _spell(registry, unit, entry)
            if old is not None and (new is None or _place(old) != _place(new)):
                ended.append(replace(standing.pop(name), until=entry))
                old = None
            if old is None and new is not None:
                standing[name] = new
        state = after
    spells = (*ended, *standing.values())
    return state, tuple(sorted(spells, key=lambda one: (one.unit, one.since.sequence)))


def _spell(registry: RegistryState, unit: UnitState, entry: Entry) -> Spell | None:
    """None from the unit's end on, and while nobody has it yet."""
    if unit.custodian is None or unit.final is not None:
        return None
    location = registry.location(unit.location) if unit.location else None
    place = location.title if location is not None else unit.location or ""
    if unit.box is not None:
        box = registry.equipment(unit.box)
        place = f"in {box.title if box is not None else unit.box}"
    site = unit.site or party_site(registry, unit.custodian) or ""
    material = unit.material.value.replace("_", " ")
    return Spell(unit.unit, material, described(registry, unit.custodian), site, place, entry)


def _place(spell: Spell) -> tuple[str, str, str]:
    return spell.custodian, spell.site, spell.place
