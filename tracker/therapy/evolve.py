"""From event to state: total, clockless folds over one therapy's chain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from schema.entry import Statement
from schema.events import Payload, adoption
from schema.events import identity as events
from schema.events.custody import Inspected
from schema.events.processing import Manufactured
from schema.events.review import TrailReviewed
from tracker.kinds import is_progress
from tracker.rules.checks.bench import benches_after
from tracker.rules.therapy_state import (
    EventReference,
    ManifestState,
    Occurrence,
    ReviewState,
    TherapyState,
    TherapyStatus,
    UnitState,
)
from tracker.therapy.custody import state as evolve_custody
from tracker.therapy.labels import state as evolve_labels
from tracker.therapy.making import state as evolve_processing
from tracker.therapy.paperwork import state as evolve_paperwork

Handler = Callable[[TherapyState, Statement, Any, Occurrence], TherapyState]


def enrolled_state(sequence: int, statement: Statement, payload: events.Enrolled) -> TherapyState:
    """The state after the first entry of a chain."""
    occurrence = Occurrence(statement.occurred_at, statement.event_id, sequence, statement.actor)
    return TherapyState(
        coi=payload.coi,
        sequence=sequence,
        protocol=payload.protocol,
        sites=payload.sites,
        patient_identifiers=tuple(item.commitment for item in payload.patient_identifiers),
        facts={"enrolled": occurrence},
        events={statement.event_id: _reference(sequence, statement)},
        adopted=payload.adopted_codes,
        outside=(statement.event_id,) if statement.outside_rules else (),
        last=occurrence,
    )


def evolve(state: TherapyState | None, sequence: int, statement: Statement) -> TherapyState | None:
    """The state after one more entry; never raises. None only before a chain is enrolled."""
    payload = statement.payload
    if state is None:
        return enrolled_state(sequence, statement, payload) if isinstance(payload, events.Enrolled) else None
    occurrence = Occurrence(statement.occurred_at, statement.event_id, sequence, statement.actor)
    handler = _HANDLERS.get(type(payload))
    evolved = handler(state, statement, payload, occurrence) if handler else state
    if evolved.forms:
        evolved = evolve_paperwork.from_form(evolved, statement)
    facts, units = _with_facts(evolved, payload, occurrence)
    outside = evolved.outside
    if statement.outside_rules:
        outside = (*outside, statement.event_id)
    return replace(
        evolved,
        sequence=sequence,
        facts=facts,
        units=units,
        events={**evolved.events, statement.event_id: _reference(sequence, statement)},
        benches=benches_after(state, statement, occurrence),
        outside=outside,
        last=occurrence,
        last_kind=payload.kind if is_progress(payload.kind) else evolved.last_kind,
    )


def replay(entries: Iterable[tuple[int, Statement]]) -> TherapyState | None:
    """The state after a whole chain."""
    state: TherapyState | None = None
    for sequence, statement in entries:
        state = evolve(state, sequence, statement)
    return state


def _reference(sequence: int, statement: Statement) -> EventReference:
    return EventReference(sequence, statement.digest)


def _units_of(payload: Payload) -> tuple[str, ...]:
    """The units an event is a fact about; parents of a process keep their own facts."""
    if isinstance(payload, Manufactured):
        return (*payload.parents, *(child.unit for child in payload.children))
    if isinstance(payload, Inspected):
        return tuple(result.unit for result in payload.results)
    units = getattr(payload, "units", None)
    if isinstance(units, tuple):
        return units
    unit = getattr(payload, "unit", None)
    return (unit,) if isinstance(unit, str) else ()


def _with_facts(
    state: TherapyState, payload: Payload, occurrence: Occurrence
) -> tuple[Mapping[str, Occurrence], Mapping[str, UnitState]]:
    """The facts of the therapy and its units with this one: of the units it names, or else of the therapy."""
    kind, units = payload.kind, _units_of(payload)
    if not units:
        return {**state.facts, kind: occurrence}, state.units
    changed: dict[str, UnitState] = {}
    for name in units:
        unit = state.units.get(name)
        if unit is not None:
            changed[name] = replace(unit, facts={**unit.facts, kind: occurrence})
    return state.facts, {**state.units, **changed}


def _unit_registered(
    state: TherapyState, _: Statement, payload: events.UnitRegistered, __: Occurrence
) -> TherapyState:
    if payload.unit in state.units:
        return state
    return state.with_unit(UnitState(payload.unit, payload.material, payload.parents))


def _code_adopted(
    state: TherapyState, _: Statement, payload: events.CodeAdopted, __: Occurrence
) -> TherapyState:
    if payload.unit is None:
        return replace(state, adopted=(*state.adopted, payload.code))
    unit = state.unit(payload.unit)
    return state if unit is None else state.with_unit(replace(unit, adopted=(*unit.adopted, payload.code)))


def _manifest_received(
    state: TherapyState, statement: Statement, payload: adoption.ManifestReceived, _: Occurrence
) -> TherapyState:
    manifest = ManifestState(statement.event_id, payload.issuer, payload.number, payload.codes, payload.units)
    named = (*payload.codes, *(code for unit in payload.units for code in unit.codes))
    return replace(
        state,
        manifests={**state.manifests, f"{payload.issuer}|{payload.number}": manifest},
        announced=state.announced.union(named),
    )


def _codes_bound(
    state: TherapyState, _: Statement, payload: adoption.CodesBound, __: Occurrence
) -> TherapyState:
    """A container's own codes stand for it, those of the therapy for the therapy."""
    manifests = state.manifests.values()
    shared = {code for one in manifests for code in one.codes}
    of_therapy = [code for code in payload.codes if payload.unit is None or code in shared]
    adopted = (*state.adopted, *(code for code in of_therapy if code not in state.adopted))
    changed = state if adopted == state.adopted else replace(state, adopted=adopted)
    unit = None if payload.unit is None else changed.unit(payload.unit)
    if unit is None:
        return changed
    own = [code for code in payload.codes if code not in shared and code not in unit.adopted]
    return changed.with_unit(replace(unit, adopted=(*unit.adopted, *own)))


def _repinned(
    state: TherapyState, _: Statement, payload: events.ProtocolRepinned, __: Occurrence
) -> TherapyState:
    return replace(state, protocol=payload.protocol)


def _mixup(state: TherapyState, _: Statement, __: events.MixupPrevented, ___: Occurrence) -> TherapyState:
    return replace(state, mixups_prevented=state.mixups_prevented + 1)


def _canceled(state: TherapyState, _: Statement, __: events.Canceled, ___: Occurrence) -> TherapyState:
    return replace(state, status=TherapyStatus.CANCELED)


def _reviewed(
    state: TherapyState, statement: Statement, payload: TrailReviewed, occurrence: Occurrence
) -> TherapyState:
    read = ReviewState(payload.through, statement.actor, statement.occurred_at)
    return replace(state, reviewed=read)


def _closed(state: TherapyState, _: Statement, __: events.Closed, ___: Occurrence) -> TherapyState:
    return replace(state, status=TherapyStatus.CLOSED)


_HANDLERS: Mapping[type[Payload], Handler] = {
    events.UnitRegistered: _unit_registered,
    events.CodeAdopted: _code_adopted,
    adoption.ManifestReceived: _manifest_received,
    adoption.CodesBound: _codes_bound,
    events.ProtocolRepinned: _repinned,
    events.MixupPrevented: _mixup,
    events.Canceled: _canceled,
    events.Closed: _closed,
    TrailReviewed: _reviewed,
    **evolve_custody.HANDLERS,
    **evolve_labels.HANDLERS,
    **evolve_paperwork.HANDLERS,
    **evolve_processing.HANDLERS,
}
