"""One therapy as every form of export takes it: its events in words beside their entries, and its state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from schema.commitments import Opening
from schema.entry import Entry
from schema.instants import parse_offset
from tracker.exports.disclosure import Disclosure
from tracker.exports.openings import shown
from tracker.exports.rows import RowWriter, TrailRow, teller_of
from tracker.exports.selection import EVERYTHING, EventSelection
from tracker.exports.trails import Trails
from tracker.local_time import local as site_clock
from tracker.protocols.model import Protocol
from tracker.rules.custodians import described, party_site
from tracker.rules.marks.events import Mark
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_state import TherapyState, UnitState
from tracker.views.as_of import known_registry
from tracker.views.logger_readings import KeptFile, not_kept
from tracker.views.marks import Transition, transitions


@dataclass(frozen=True, slots=True)
class DossierEvent:
    """One event that was asked for: its entry, its words, and each of its facts and reads in words."""

    entry: Entry
    row: TrailRow
    said: tuple[str, ...]
    read: tuple[str, ...]
    marks: tuple[Mark, ...] = ()
    """What in it calls for attention, the gravest first."""

    @property
    def happened(self) -> datetime:
        """The local time, as it was where it happened."""
        return local(self.entry.statement.occurred_at, self.entry.statement.offset)


@dataclass(frozen=True, slots=True)
class Holding:
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
    """All of the chain that were known: custody and gaps follow from the whole."""

    events: tuple[DossierEvent, ...]
    """Those that were asked for."""

    state: TherapyState | None
    holdings: tuple[Holding, ...]
    openings: Mapping[str, Opening]
    disclosure: Disclosure
    notice: str = ""
    kept_file: KeptFile = not_kept
    """The files of loggers, for who draws them."""

    @property
    def reviewed_on(self) -> date | None:
        """The day of the newest review, by the clocks of where it was signed; None before the first."""
        read = None if self.state is None else self.state.reviewed
        return None if read is None else site_clock(self.registry, read.site, read.at).date()

    @property
    def identifiers(self) -> tuple[str, ...]:
        """The patient's identifiers where they were chosen and are still held."""
        first = self.entries[0] if self.entries else None
        if first is None or not self.disclosure.identifiers:
            return ()
        return tuple(value for _, value in self.disclosure.opened(first, self.openings))


@dataclass(frozen=True, slots=True)
class Source:
    """What the store holds for one dossier."""

    chain: str
    registry: RegistryState
    protocol: Protocol | None
    entries: tuple[Entry, ...]
    openings: Mapping[str, Opening]
    """Those that a reader of this chain may see."""

    selection: EventSelection = EVERYTHING
    notice: str = ""
    kept_file: KeptFile = not_kept


def dossiers(trails: Trails, disclosure: Disclosure) -> Iterator[Dossier]:
    """The dossiers of all chains that were asked for, one after the other."""
    for source in sources(trails):
        yield dossier_of(source, disclosure)


def sources(trails: Trails) -> Iterator[Source]:
    """What the store holds of each chain that was asked for."""
    registry = trails.opened.registry
    if trails.as_of is not None:
        with trails.opened.store.read() as transaction:
            registry = known_registry(transaction, trails.as_of)
    for chain in trails.counted():
        yield _source(trails, chain, registry)


def local(moment: datetime, offset: str) -> datetime:
    """A moment in local time, with that offset."""
    return moment.astimezone(parse_offset(offset))


def minute_there(moment: datetime, offset: str) -> str:
    """A moment by clocks with that offset, to the minute: `2026-03-02 14:05 +01:00`."""
    return f"{local(moment, offset):%Y-%m-%d %H:%M} {offset}"


def dossier_of(source: Source, disclosure: Disclosure) -> Dossier:
    """The dossier of one chain, from what the store holds of it."""
    people = disclosure.people(source.registry)
    teller = teller_of(source.entries, source.registry, disclosure, source.openings, source.protocol)
    writer = RowWriter(people, source.protocol, teller, source.notice, disclosure)
    wanted = source.selection.among(source.entries)
    holdings = _Holdings(people)
    events: list[DossierEvent] = []
    state: TherapyState | None = None
    for transition in transitions(source.entries):
        entry, state = transition.entry, transition.after
        holdings.take(transition)
        if wanted(entry.statement):
            marks = transition.marks(source.protocol, source.registry)
            words = writer.said(entry), writer.read(entry)
            events.append(DossierEvent(entry, writer.row(transition), *words, marks))
    return Dossier(
        source.chain,
        source.registry,
        source.protocol,
        source.entries,
        tuple(events),
        state,
        holdings.found(),
        source.openings,
        disclosure,
        source.notice,
        source.kept_file,
    )


def _source(trails: Trails, chain: str, registry: RegistryState) -> Source:
    found = trails.known(chain)
    with trails.opened.store.read() as transaction:
        openings = shown(found.entries, transaction.openings_of(chain))
    protocol = trails.protocol(chain, found)

    def kept_file(sha256: str) -> bytes | None:
        with trails.opened.store.read() as transaction:
            return transaction.condition_file(chain, sha256)

    return Source(
        *(chain, registry, protocol, found.entries, openings, trails.selection, trails.notice_of(found)),
        kept_file=kept_file,
    )


class _Holdings:
    """Who had each unit where, gathered on the way through a chain."""

    def __init__(self, registry: RegistryState) -> None:
        self._registry = registry
        self._standing: dict[str, Holding] = {}
        self._ended: list[Holding] = []

    def take(self, transition: Transition) -> None:
        """What one event ended and began."""
        for name, unit in transition.after.units.items() if transition.after is not None else ():
            before = transition.before.units.get(name) if transition.before is not None else None
            if before is unit or before == unit:
                continue
            old = self._standing.get(name)
            new = _holding(self._registry, unit, transition.entry)
            if old is not None and (new is None or _place(old) != _place(new)):
                self._ended.append(replace(self._standing.pop(name), until=transition.entry))
                old = None
            if old is None and new is not None:
                self._standing[name] = new

    def found(self) -> tuple[Holding, ...]:
        """All of them, unit by unit."""
        holdings = (*self._ended, *self._standing.values())
        return tuple(sorted(holdings, key=lambda one: (one.unit, one.since.sequence)))


def _holding(registry: RegistryState, unit: UnitState, entry: Entry) -> Holding | None:
    """None before the unit has a custodian, and from its final disposition on."""
    if unit.custodian is None or unit.final is not None:
        return None
    location = registry.location(unit.location) if unit.location else None
    place = location.title if location is not None else unit.location or ""
    if unit.box is not None:
        box = registry.equipment(unit.box)
        place = f"in {box.title if box is not None else unit.box}"
    site = unit.site or party_site(registry, unit.custodian) or ""
    material = unit.material.value.replace("_", " ")
    return Holding(unit.unit, material, described(registry, unit.custodian), site, place, entry)


def _place(holding: Holding) -> tuple[str, str, str]:
    return holding.custodian, holding.site, holding.place


@dataclass(frozen=True, slots=True)
class Held:
    """One unit at that moment."""

    holding: Holding
    since: datetime
    sequence: int
    """The entry that says so."""


def held_at(dossier: Dossier, moment: datetime) -> tuple[Held, ...]:
    """Who held each unit then, by what the entries declare to have happened when."""
    return tuple(_held(dossier, moment))


def _held(dossier: Dossier, moment: datetime) -> Iterator[Held]:
    for holding in dossier.holdings:
        since = holding.since.statement.occurred_at
        until = None if holding.until is None else holding.until.statement.occurred_at
        if since <= moment and (until is None or moment < until):
            yield Held(holding, since, holding.since.sequence)
