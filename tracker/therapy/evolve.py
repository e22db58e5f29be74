"""From event to state: total, clockless folds over one therapy's chain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec.structs import replace

from schema.entry import Statement
from schema.events import Payload
from schema.events import identity as events
from schema.events.aftercare import MedicineGiven, ToxicityGraded
from schema.events.custody import Inspected
from schema.events.processing import (
    Collected,
    Manufactured,
    ManufacturingFailed,
    ResultsReviewed,
    StepPerformed,
    Tested,
)
from tracker.kinds import is_only_said, is_progress, opens_gates
from tracker.rules.checks.bench import benches_after
from tracker.rules.condition_state import place_stays
from tracker.rules.growing import Growing
from tracker.rules.measures.keeping import first_history, history_after, moment_of
from tracker.rules.tables import joined
from tracker.rules.therapy_state import (
    Changes,
    EventReference,
    Occurrence,
    TherapyState,
    UnitState,
)
from tracker.therapy import alerts, corrections, course, deviations, notes, review
from tracker.therapy.adoption import state as adoption
from tracker.therapy.aftercare import state as aftercare
from tracker.therapy.conditions import state as conditions
from tracker.therapy.custody import state as custody
from tracker.therapy.dosing import state as dosing
from tracker.therapy.identity import state as identity
from tracker.therapy.labels import state as labels
from tracker.therapy.making import state as making
from tracker.therapy.paperwork import state as paperwork
from tracker.therapy.planning import state as planning
from tracker.therapy.shipments import state as shipments
from tracker.therapy.takeover import state as takeover

CHANGES: Final[Changes] = joined(
    course.CHANGES,
    identity.CHANGES,
    takeover.CHANGES,
    adoption.CHANGES,
    labels.CHANGES,
    paperwork.CHANGES,
    custody.CHANGES,
    making.CHANGES,
    aftercare.CHANGES,
    deviations.CHANGES,
    dosing.CHANGES,
    planning.CHANGES,
    conditions.CHANGES,
    shipments.CHANGES,
    notes.CHANGES,
    alerts.CHANGES,
    corrections.CHANGES,
    review.CHANGES,
)
"""What each event changes; for an event that is not here, only the fact is kept."""


def enrolled_state(sequence: int, statement: Statement, payload: events.Enrolled) -> TherapyState:
    """The state after the first entry of a chain."""
    occurrence = Occurrence(statement.occurred_at, statement.event_id, sequence, statement.actor)
    return TherapyState(
        coi=payload.coi,
        sequence=sequence,
        protocol=payload.protocol,
        sites=payload.sites,
        patient_identifiers=tuple(item.commitment for item in payload.patient_identifiers),
        history=first_history(payload, moment_of(statement, sequence)),
        indication=payload.indication,
        facts={events.Enrolled.kind: occurrence},
        events=Growing({statement.event_id: EventReference(sequence, statement.digest)}),
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
    change = CHANGES.get(type(payload))
    evolved = change(state, statement, payload, occurrence) if change else state
    if evolved.forms:
        evolved = paperwork.from_form(evolved, statement)
    is_done = not is_only_said(payload.kind)
    facts, units = evolved.facts, evolved.units
    if is_done:
        facts, units = _with_facts(evolved, payload, _happened(payload, occurrence))
    units = _with_places(state.units, units, occurrence)
    outside, unconfirmed = evolved.outside, evolved.unconfirmed
    if statement.outside_rules:
        outside = (*outside, statement.event_id)
    if statement.outside_rules and opens_gates(payload.kind):
        unconfirmed = {**unconfirmed, statement.event_id: _units_of(payload)}
    return replace(
        evolved,
        sequence=sequence,
        facts=facts,
        units=units,
        events=evolved.events.plus(
            statement.event_id, EventReference(sequence, statement.digest, _concerned(evolved, payload))
        ),
        benches=benches_after(state, statement, occurrence),
        history=history_after(state, evolved, statement, sequence),
        outside=outside,
        unconfirmed=unconfirmed,
        last=occurrence if is_done else evolved.last,
        last_kind=payload.fact if is_progress(payload.kind) else evolved.last_kind,
    )


def replay(entries: Iterable[tuple[int, Statement]]) -> TherapyState | None:
    """The state after a whole chain."""
    state: TherapyState | None = None
    for sequence, statement in entries:
        state = evolve(state, sequence, statement)
    return state


def _happened(payload: Payload, occurrence: Occurrence) -> Occurrence:
    """When it happened by its own word: limits count from the end of the collection, not from its entry."""
    ended = payload.ended_at if isinstance(payload, Collected | StepPerformed) else None
    return occurrence if ended is None else replace(occurrence, at=ended)


def _concerned(state: TherapyState, payload: Payload) -> tuple[str, ...]:
    """The units an event is about, also where it is no fact of theirs: a result, and what is put right."""
    if isinstance(payload, Tested | ResultsReviewed | ManufacturingFailed):
        return tuple(unit.unit for unit in state.units.values() if unit.attempt == payload.attempt)
    if isinstance(payload, ToxicityGraded):
        return tuple(unit for unit in payload.after if unit in state.units)
    if isinstance(payload, MedicineGiven):
        graded = state.events.get(payload.about or "")
        return () if graded is None else graded.units
    if isinstance(payload, events.Corrected):
        corrected = state.events.get(payload.event)
        return () if corrected is None else corrected.units
    return tuple(unit for unit in _units_of(payload) if unit in state.units)


def _units_of(payload: Payload) -> tuple[str, ...]:
    """The units an event is a fact about; parents of a process keep their own facts.

    Containers that a manifest announces are no units of ours yet: its fact is the therapy's.
    """
    if isinstance(payload, Manufactured):
        return (*payload.parents, *(child.unit for child in payload.children))
    if isinstance(payload, StepPerformed):
        return tuple(dict.fromkeys((*payload.units, *payload.filled)))
    if isinstance(payload, Inspected):
        return tuple(result.unit for result in payload.results)
    named = (*(getattr(payload, "units", None) or ()), getattr(payload, "unit", None))
    return tuple(name for name in named if isinstance(name, str))


def _with_places(
    before: Mapping[str, UnitState], units: Mapping[str, UnitState], occurrence: Occurrence
) -> Mapping[str, UnitState]:
    """The units with when each lay where, whatever brought it there or took it out."""
    moved: dict[str, UnitState] = {}
    for name, unit in units.items():
        known = before.get(name)
        if unit is not known and unit.location != (None if known is None else known.location):
            moved[name] = replace(unit, places=place_stays(unit.places, unit.location, occurrence.at))
    return {**units, **moved} if moved else units


def _with_facts(
    state: TherapyState, payload: Payload, occurrence: Occurrence
) -> tuple[Mapping[str, Occurrence], Mapping[str, UnitState]]:
    """The facts of the therapy and its units with this one: of the units it names, or else of the therapy."""
    fact, units = payload.fact, _units_of(payload)
    if not units:
        return {**state.facts, fact: occurrence}, state.units
    changed: dict[str, UnitState] = {}
    for name in units:
        unit = state.units.get(name)
        if unit is not None:
            changed[name] = replace(unit, facts={**unit.facts, fact: occurrence})
    return state.facts, {**state.units, **changed}
