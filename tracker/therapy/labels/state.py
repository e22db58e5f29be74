"""How label events change what a chain says of each copy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from schema.entry import Statement
from schema.events import Payload
from schema.events.identity import CassetteBound, LabelApplied, LabelSuperseded
from schema.events.labels import LabelsDestroyed, LabelsReconciled, LabelVoided
from schema.vocabulary import LabelState, Reason
from tracker.rules.replacing import replace
from tracker.rules.therapy_state import Occurrence, TherapyState


def with_copy(state: TherapyState, object_id: str, letter: str, said: LabelState) -> TherapyState:
    """The state with the last word on one copy of a unit's own label, or of any other of the therapy's."""
    unit = state.unit(object_id)
    if unit is not None:
        return state.with_unit(replace(unit, labels={**unit.labels, letter: said}))
    known = state.labels.get(object_id, {})
    return replace(state, labels={**state.labels, object_id: {**known, letter: said}})


def _applied(state: TherapyState, statement: Statement, payload: LabelApplied, _: Occurrence) -> TherapyState:
    unit = state.unit(payload.unit)
    if unit is None:
        return state
    if unit.site is None:
        state = state.with_unit(replace(unit, site=statement.site))
    return with_copy(state, payload.cassette or payload.unit, payload.copy_letter, LabelState.APPLIED)


def _superseded(state: TherapyState, _: Statement, payload: LabelSuperseded, __: Occurrence) -> TherapyState:
    if state.unit(payload.unit) is None:
        return state
    return with_copy(state, payload.cassette or payload.unit, payload.copy_letter, LabelState.SUPERSEDED)


def _bound(state: TherapyState, _: Statement, payload: CassetteBound, __: Occurrence) -> TherapyState:
    unit = state.unit(payload.unit)
    if unit is None:
        return state
    state = state.with_unit(replace(unit, cassette=payload.cassette))
    if payload.copy_letter is None:
        return state
    return with_copy(state, payload.cassette, payload.copy_letter, LabelState.APPLIED)


def _voided(state: TherapyState, _: Statement, payload: LabelVoided, __: Occurrence) -> TherapyState:
    never = payload.reason is Reason.NEVER_CAME_OUT
    said = LabelState.NOT_PRINTED if never else LabelState.VOIDED
    return with_copy(state, payload.object, payload.copy_letter, said)


def _destroyed(state: TherapyState, _: Statement, payload: LabelsDestroyed, __: Occurrence) -> TherapyState:
    for one in payload.copies:
        state = with_copy(state, one.object, one.copy_letter, LabelState.DESTROYED)
    return state


def _reconciled(state: TherapyState, _: Statement, payload: LabelsReconciled, __: Occurrence) -> TherapyState:
    """A count is no new fact but for copies that never were paper, of which no other event speaks."""
    for one in payload.objects:
        for letter in one.not_printed:
            state = with_copy(state, one.object, letter, LabelState.NOT_PRINTED)
    return state


HANDLERS: Mapping[type[Payload], Callable[[TherapyState, Statement, Any, Occurrence], TherapyState]] = {
    LabelApplied: _applied,
    LabelSuperseded: _superseded,
    CassetteBound: _bound,
    LabelVoided: _voided,
    LabelsDestroyed: _destroyed,
    LabelsReconciled: _reconciled,
}
