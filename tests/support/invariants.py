"""What must be true of a store whatever was asked of it, looked up in the raw bytes and rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from decimal import Decimal
from functools import cache

from schema.entry import REGISTRY, Entry, Signature, read_entry
from schema.events.base import Payload
from schema.events.bench import LineCleared
from schema.events.custody import Inspected, Stored
from schema.identifiers import possible_copies
from schema.signing import verifies
from schema.tables import CodeRow, TherapyRow, UnitRow
from schema.vocabulary import Disposition, Material
from tests.support.journeys import World
from tracker.acts.deciding import Decider
from tracker.acts.read_tables import rows_after
from tracker.acts.state_cache import StateCache
from tracker.demo.journey import Journey
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_state import TherapyState, UnitState
from tracker.therapy.evolve import evolve

GATES = {
    "thaw_started": ("pre_thaw_matched",),
    "infusion_started": ("thaw_ended", "bedside_matched"),
}
"""What no unit passes without having been released, unless the statement says so openly."""


def require_custody(state: TherapyState) -> None:
    """Each unit with cells has one custodian until its end; only outside the rules does it go on then."""
    for unit in state.units.values():
        holds_cells = "collected" in unit.facts or (unit.parents and "manufactured" in unit.facts)
        if unit.final is not None:
            assert state.outside or (unit.custodian is None and unit.handoff is None), unit
        elif holds_cells:
            assert unit.custodian is not None, unit
        assert unit.handoff is None or unit.handoff in state.handoffs, unit
    for handoff in state.handoffs.values():
        assert any(unit.handoff == handoff.event_id for unit in state.units.values()), handoff


def require_entries(world: World, journeys: Sequence[Journey]) -> None:
    """Chains link, signatures verify under keys that counted, and the gates before a patient held."""
    registry = world.tracker.registry
    for journey in journeys:
        previous: Entry | None = None
        state: TherapyState | None = None
        doubted: set[str] = set()
        for sequence, entry in enumerate(world.entries(journey.coi)):
            assert entry.sequence == sequence
            assert entry.previous == (previous.digest if previous else None)
            assert previous is None or entry.recorded_at >= previous.recorded_at
            require_signatures(registry, entry)
            if state is not None:
                require_gates(state, entry)
                require_condition(registry, state, entry, doubted)
            state = evolve(state, sequence, entry.statement)
            previous = entry
        assert state == journey.state


def require_signatures(registry: RegistryState, entry: Entry) -> None:
    """Each signature verifies with a key that counted at the recorder's head, and nobody signs twice."""
    assert entry.registry is not None
    for signature in entry.signatures:
        key = registry.key(signature.key)
        assert key is not None and key.counts_at(entry.registry.sequence) and key.owner == signature.signer
        assert verified(signature, entry.statement.digest, key.public)
    staff = [signature.signer for signature in entry.signatures]
    assert len({*staff}) == len(staff)
    if entry.statement.outside_rules:
        assert len(staff) >= 2, entry.statement


@cache
def verified(signature: Signature, digest: str, public: bytes) -> bool:
    """Whether a signature verifies; most belong to the stages that all journeys begin at."""
    return verifies(signature, digest, public)


def require_gates(state: TherapyState, entry: Entry) -> None:
    """Nothing is thawed or infused unreleased, unmatched or quarantined, except marked as such."""
    needed = GATES.get(entry.statement.kind)
    if needed is None or entry.statement.outside_rules:
        return
    for name in getattr(entry.statement.payload, "units", ()):
        unit: UnitState = state.units[name]
        assert unit.disposition in (Disposition.RELEASED, Disposition.RELEASED_OUT_OF_SPECIFICATION)
        assert not unit.quarantined and all(fact in unit.facts for fact in needed)
        assert state.status.value == "active"


FROZEN_MAX, FRESH, THAWED = Decimal(-150), (Decimal(2), Decimal(8)), (Decimal(2), Decimal(25))
"""What the cells of the shipped protocol bear, written out a second time."""


def bears(unit: UnitState, low: Decimal | None, high: Decimal | None) -> bool:
    """Whether a unit bears everything from the one to the other temperature."""
    if unit.material not in (Material.LEUKAPHERESIS, Material.PRODUCT):
        return True
    if "cryopreserved" in unit.facts and "thaw_started" not in unit.facts:
        return high is not None and high <= FROZEN_MAX
    if "cryopreserved" not in unit.facts and unit.material is Material.PRODUCT:
        return low == high is not None
    allowed = THAWED if "thaw_started" in unit.facts else FRESH
    return low is not None and high is not None and allowed[0] <= low <= high <= allowed[1]


def require_condition(registry: RegistryState, state: TherapyState, entry: Entry, doubted: set[str]) -> None:
    """What did not bear what it met is thawed or infused only marked, or after its quarantine was lifted.

    `doubted` goes along from entry to entry: the units that were warm, in a wrong place or in a late box, or
    that somebody at a door found not in order.
    """
    statement, payload = entry.statement, entry.statement.payload
    units = [state.units[name] for name in touched(payload) if name in state.units]
    if statement.kind == "quarantine_lifted":
        for unit in units:
            waiting = [one for one in state.open_deviations() if unit.unit in one.units and not one.assessed]
            assert not waiting, (statement, waiting)
        doubted.difference_update(unit.unit for unit in units)
    shown = getattr(payload, "display_celsius", None)
    if shown is not None:
        value = Decimal(shown)
        doubted.update(unit.unit for unit in units if not bears(unit, value, value))
    if isinstance(payload, Stored):
        place = registry.locations[payload.location]
        low, high = (None if one is None else Decimal(one) for one in (place.celsius_min, place.celsius_max))
        doubted.update(unit.unit for unit in units if not bears(unit, low, high))
    doubted.update(faulted(payload))
    holds = state.boxes_hold.get(getattr(payload, "box", None) or "")
    if statement.kind in ("accepted", "partly_accepted") and holds is not None:
        doubted.update(unit.unit for unit in units if statement.occurred_at > holds.until)
    if statement.kind in GATES and not statement.outside_rules:
        assert not doubted.intersection(unit.unit for unit in units), (statement, doubted)


def faulted(payload: Payload) -> tuple[str, ...]:
    """The units that somebody found not in order."""
    if isinstance(payload, Inspected):
        return tuple(one.unit for one in payload.results if one.faults)
    return touched(payload) if getattr(payload, "faults", ()) else ()


def touched(payload: Payload) -> tuple[str, ...]:
    """The units that an event is about."""
    if isinstance(payload, Inspected):
        return tuple(one.unit for one in payload.results)
    return tuple(getattr(payload, "units", ()))


def require_projections(world: World, journeys: Sequence[Journey]) -> None:
    """The read tables are what replay of the entries gives, under the protocol that each therapy follows."""
    decider = Decider(StateCache(), {})
    for journey in journeys:
        therapy: TherapyRow | None = None
        units: dict[str, UnitRow] = {}
        codes: dict[str, CodeRow] = {}
        state: TherapyState | None = None
        for sequence, entry in enumerate(world.entries(journey.coi)):
            before, state = state, evolve(state, sequence, entry.statement)
            assert state is not None
            with world.tracker.store.read() as transaction:
                protocol = decider.protocol(transaction, state.protocol.sha256)
            rows = rows_after(before, state, protocol)
            therapy = rows.therapy
            units.update((row.unit, row) for row in rows.units)
            codes.update((row.code, row) for row in rows.codes)
        with world.tracker.store.read() as transaction:
            assert transaction.therapy(journey.coi) == therapy
            assert {row.unit: row for row in transaction.units_of(journey.coi)} == units
            assert {row.code: row for row in transaction.codes_of(journey.coi)} == codes


def require_benches(world: World) -> None:
    """Nobody came to a bench where another therapy was, unless the statement says so openly."""
    states: dict[str, TherapyState | None] = {}
    with sqlite3.connect(world.url.removeprefix("sqlite:///")) as connection:
        bodies = connection.execute("SELECT body FROM custody_event ORDER BY rowid").fetchall()
    connection.close()
    for (body,) in bodies:
        entry = read_entry(body)
        statement = entry.statement
        if statement.chain == REGISTRY:
            continue
        bench = statement.payload.bench
        others = [
            coi
            for coi, state in states.items()
            if coi != statement.chain and state is not None and bench in state.benches
        ]
        is_clearing = isinstance(statement.payload, LineCleared)
        assert is_clearing or not others or statement.outside_rules, statement
        states[statement.chain] = evolve(states.get(statement.chain), entry.sequence, statement)
    with world.tracker.store.read() as transaction:
        rows = {(row.bench, row.coi) for row in transaction.benches_taken()}
    assert rows == {(bench, coi) for coi, state in states.items() if state for bench in state.benches}


def names_of(journey: Journey) -> list[bytes]:
    """Everything that names a therapy or its patient: ids, printed codes, donation and hospital numbers."""
    state = journey.state
    ids = [state.coi, *state.units, *(unit.cassette for unit in state.units.values() if unit.cassette)]
    codes = [copy.text for one in ids for copy in possible_copies(one)]
    numbers = [unit.din for unit in state.units.values() if unit.din]
    return [one.encode() for one in (*ids, *codes, *numbers)]


def require_silence(world: World, journeys: Sequence[Journey]) -> None:
    """No chain names another therapy, and none names any patient."""
    named = {journey.coi: names_of(journey) for journey in journeys}
    patients = [item.value.encode() for journey in journeys for item in journey.wristband()]
    for chain in (*named, REGISTRY):
        content = world.bytes_of(chain)
        foreign = [name for coi, names in named.items() if coi != chain for name in names]
        leaked = [name for name in (*foreign, *patients) if name in content]
        assert not leaked, (chain, leaked)
