"""From a lot, an instrument or a person to the cells, and from the cells to everything that touched them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from schema.entry import REGISTRY, Entry, Statement, stored_entry
from schema.errors import InputError
from schema.events.custody import Packed, Relinquished, Stored
from schema.vocabulary import PartyType
from tracker.acts.mentions import naming
from tracker.acts.state_cache import StateCache, entries
from tracker.ledger.transaction import Transaction
from tracker.rules.certificates import out_of_specification
from tracker.rules.lineage import ancestors, descendants, touched_by, uses
from tracker.rules.lots import lot_named
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_state import TherapyState, UnitState

EVENTS_MAX: Final = 1000
"""Events of a person that one trace lists; more are found by `cartrail board --find`."""


@dataclass(frozen=True, slots=True)
class TouchedUnit:
    """A unit of one therapy, and how it stands."""

    coi: str
    unit: str
    material: str
    state: str
    """Its end, else its decision: `infused`, `released`, `quarantined`, `pending`."""

    grades: tuple[str, ...] = ()
    """Of adverse reactions after it was given, each by its scale: `CRS 4, ASTCT 2019`."""


@dataclass(frozen=True, slots=True)
class TracedUse:
    """One step at which a lot or an instrument was used, or one event of a person."""

    coi: str
    event_id: str
    sequence: int
    step: str
    at: datetime
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ThingTrace:
    """A lot, an instrument or a person, with every use and every unit below it."""

    thing: str
    title: str
    uses: tuple[TracedUse, ...]
    units: tuple[TouchedUnit, ...]


@dataclass(frozen=True, slots=True)
class UnitTrace:
    """A unit with what it was made from and what was made of it, and what touched it on the way."""

    coi: str
    unit: str
    title: str
    ancestors: tuple[str, ...]
    descendants: tuple[str, ...]
    lots: tuple[tuple[str, str], ...]
    """Id and name."""

    instruments: tuple[tuple[str, str], ...]
    benches: tuple[str, ...]
    people: tuple[str, ...]
    boxes: tuple[tuple[str, str], ...]
    places: tuple[tuple[str, str], ...]
    carriers: tuple[str, ...]
    excursions: int
    """How often it and what it was made from were outside their bands, by the files that were read."""

    is_out_of_specification: bool
    grades: tuple[str, ...]
    """Of adverse reactions after it was given, each by its scale."""


def trace_thing(
    transaction: Transaction, memory: StateCache, registry: RegistryState, thing: str
) -> ThingTrace:
    """Where a lot or an instrument was used, and which units that reaches."""
    rows = transaction.uses_of(thing)
    states = {coi: _state(transaction, memory, coi) for coi in dict.fromkeys(row.coi for row in rows)}
    records = {
        (state.coi, record.event_id): record.touched for state in states.values() for record in state.process
    }
    return ThingTrace(
        thing,
        name_of(registry, thing),
        tuple(
            TracedUse(
                row.coi,
                row.event_id,
                row.sequence,
                row.step,
                row.at,
                records.get((row.coi, row.event_id), ()),
            )
            for row in rows
        ),
        tuple(
            _touched(state, state.units[name])
            for state in states.values()
            for name in sorted(touched_by(state, thing))
            if name in state.units
        ),
    )


@dataclass(frozen=True, slots=True)
class SharedPlace:
    """A bench or an instrument that another therapy was at too, and when each of them was."""

    place: str
    title: str
    at: datetime
    step: str
    other: str
    """The other therapy."""

    other_at: datetime
    other_step: str
    other_sequence: int


def shared_places(
    transaction: Transaction, memory: StateCache, registry: RegistryState, coi: str, within: timedelta
) -> tuple[SharedPlace, ...]:
    """Which other therapies were at the benches and instruments of this one about the same time."""
    _state(transaction, memory, coi)  # raises for one that is not there
    stations, own = set[str](), list[tuple[str, Entry]]()
    for entry in entries(transaction, coi):
        stations.add(entry.statement.station)
        own += [(place, entry) for place in places_of(entry.statement)]
    others = {
        row.chain
        for station in sorted(stations)
        for row in naming(transaction, f"station:{station}")
        if row.chain not in (coi, REGISTRY)
    }
    # An instrument goes from bench to bench: who had it at another station is found by its own uses.
    others |= {
        use.coi for place in sorted({place for place, _ in own}) for use in transaction.uses_of(place)
    } - {coi}
    found = (
        SharedPlace(
            place, name_of(registry, place), mine.statement.occurred_at, mine.statement.payload.fact,
            other, theirs.statement.occurred_at, theirs.statement.payload.fact, theirs.sequence,
        )
        for other in sorted(others)
        for theirs in entries(transaction, other)
        for place in places_of(theirs.statement)
        for mine_at, mine in own
        if mine_at == place and abs(mine.statement.occurred_at - theirs.statement.occurred_at) <= within
    )  # fmt: skip
    nearest = sorted(found, key=lambda one: (one.place, one.other, abs(one.at - one.other_at)))
    return tuple({(one.place, one.other, one.other_sequence): one for one in reversed(nearest)}.values())


def places_of(statement: Statement) -> frozenset[str]:
    """The bench and the instruments of a step at which cells lie open, or are worked on."""
    bench = getattr(statement.payload, "bench", None)
    return frozenset((*getattr(statement.payload, "instruments", ()), *((bench,) if bench else ())))


def trace_person(
    transaction: Transaction, memory: StateCache, registry: RegistryState, staff: str
) -> ThingTrace:
    """What a person did or signed, in all therapies, and the units that it was about."""
    found: list[TracedUse] = []
    units: dict[tuple[str, str], TouchedUnit] = {}
    for row in naming(transaction, f"person:{staff}"):
        if row.chain == REGISTRY:
            continue
        state = _state(transaction, memory, row.chain)
        for use in _by(transaction, row.chain, staff, state):
            if len(found) == EVENTS_MAX:
                break
            found.append(use)
            for name in use.units:
                if name in state.units:
                    units.setdefault((state.coi, name), _touched(state, state.units[name]))
    return ThingTrace(staff, name_of(registry, staff), tuple(found), tuple(units.values()))


def trace_unit(
    transaction: Transaction, memory: StateCache, registry: RegistryState, coi: str, unit: str
) -> UnitTrace:
    """Everything that touched a unit or what it was made from; its children are named, and not followed."""
    state = _state(transaction, memory, coi)
    if unit not in state.units:
        raise InputError(f"The therapy {coi} has no unit {unit}.")
    behind = uses(state, unit)
    seen = _Seen()
    own = state.lineage(unit)
    for entry in entries(transaction, coi):
        reference = state.events.get(entry.statement.event_id)
        if reference is not None and not own.isdisjoint(reference.units):
            seen.take(entry.statement, tuple(one.signer for one in entry.signatures))
    return UnitTrace(
        coi,
        unit,
        f"{state.units[unit].material.value.replace('_', ' ')} {unit}",
        tuple(sorted(ancestors(state, unit))),
        tuple(sorted(descendants(state, [unit]))),
        tuple((one, name_of(registry, one)) for one in behind.lots),
        tuple((one, name_of(registry, one)) for one in behind.instruments),
        behind.benches,
        tuple(sorted(seen.people)),
        tuple((one, name_of(registry, one)) for one in sorted(seen.boxes)),
        tuple((one, name_of(registry, one)) for one in sorted(seen.places)),
        tuple(sorted(seen.carriers)),
        sum(state.units[one].excursions for one in own if one in state.units),
        out_of_specification(state, state.units[unit]),
        grades_after(state, unit),
    )


def grades_after(state: TherapyState, unit: str) -> tuple[str, ...]:
    """The grades of reactions that came after a container was given, in the order of the chain."""
    return tuple(
        f"{one.syndrome.value.replace('_', '-').upper()} {one.grade}, {one.scale.upper()} {one.scale_version}"
        for one in state.grades
        if unit in one.after
    )


def units_of_event(
    transaction: Transaction, memory: StateCache, event_id: str
) -> tuple[str, tuple[str, ...]]:
    """The therapy and the units of an event; raises InputError for one that is of none."""
    body = transaction.body_of_event(event_id)
    statement = None if body is None else stored_entry(body).statement
    if statement is None or statement.chain == REGISTRY:
        raise InputError(
            f"There is no event {event_id} of a therapy.",
            remedy="Its id stands in the trail: `--format json`.",
        )
    state = _state(transaction, memory, statement.chain)
    reference = state.events.get(event_id)
    named = () if reference is None else reference.units
    return statement.chain, tuple(name for name in named or sorted(state.units) if name in state.units)


def name_of(registry: RegistryState, thing: str) -> str:
    """What people call a lot, an instrument, a box, a place or a person."""
    lot, place, person = registry.lot(thing), registry.location(thing), registry.person(thing)
    if lot is not None:
        return lot_named(lot)
    named = registry.equipment(thing) or place
    if named is not None:
        return named.title
    return thing if person is None else person.name


class _Seen:
    """Who and what stands in the events of some cells."""

    def __init__(self) -> None:
        self.people: set[str] = set()
        self.boxes: set[str] = set()
        self.places: set[str] = set()
        self.carriers: set[str] = set()

    def take(self, statement: Statement, signers: tuple[str, ...]) -> None:
        """One event about them."""
        payload = statement.payload
        self.people.update((statement.actor, *signers))
        if isinstance(payload, Packed):
            self.boxes.add(payload.box)
        if isinstance(payload, Stored):
            self.places.add(payload.location)
        if isinstance(payload, Relinquished):
            parties = (payload.from_party, payload.to_party)
            self.carriers.update(one.id for one in parties if one.type is PartyType.CARRIER)


def _by(transaction: Transaction, coi: str, staff: str, state: TherapyState) -> Iterator[TracedUse]:
    for entry in entries(transaction, coi):
        statement = entry.statement
        if staff in (statement.actor, statement.entered_by, *(one.signer for one in entry.signatures)):
            reference = state.events.get(statement.event_id)
            yield TracedUse(
                coi,
                statement.event_id,
                entry.sequence,
                statement.payload.fact,
                statement.occurred_at,
                () if reference is None else reference.units,
            )


def _state(transaction: Transaction, memory: StateCache, coi: str) -> TherapyState:
    known = memory.therapy(transaction, coi)
    if known is None:
        raise InputError(f"There is no therapy {coi} in this store.")
    return known.state


def _touched(state: TherapyState, unit: UnitState) -> TouchedUnit:
    stands = unit.final or ("quarantined" if unit.quarantined else unit.disposition)
    return TouchedUnit(state.coi, unit.unit, unit.material.value, str(stands), grades_after(state, unit.unit))
