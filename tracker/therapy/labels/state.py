"""How label events change what a chain says of each copy."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from schema.entry import Statement
from schema.events.identity import LabelApplied, LabelSuperseded
from schema.events.labels import LabelsDestroyed, LabelsReconciled, LabelVoided
from schema.vocabulary import LabelState, Reason
from tracker.rules.therapy_state import Changes, Occurrence, TherapyState


def _applied(state: TherapyState, statement: Statement, payload: LabelApplied, _: Occurrence) -> TherapyState:
    unit = state.unit(payload.unit)
    if unit is None:
        return state
    if unit.site is None:
        state = state.with_unit(replace(unit, site=statement.site))
    return state.with_copy(payload.cassette or payload.unit, payload.copy_letter, LabelState.APPLIED)


def _superseded(state: TherapyState, _: Statement, payload: LabelSuperseded, __: Occurrence) -> TherapyState:
    if state.unit(payload.unit) is None:
        return state
    return state.with_copy(payload.cassette or payload.unit, payload.copy_letter, LabelState.SUPERSEDED)


def _voided(state: TherapyState, _: Statement, payload: LabelVoided, __: Occurrence) -> TherapyState:
    never = payload.reason is Reason.NEVER_CAME_OUT
    said = LabelState.NOT_PRINTED if never else LabelState.VOIDED
    return state.with_copy(payload.object, payload.copy_letter, said)


def _destroyed(state: TherapyState, _: Statement, payload: LabelsDestroyed, __: Occurrence) -> TherapyState:
    for one in payload.copies:
        state = state.with_copy(one.object, one.copy_letter, LabelState.DESTROYED)
    return state


def _reconciled(state: TherapyState, _: Statement, payload: LabelsReconciled, __: Occurrence) -> TherapyState:
    """A count changes nothing, except for copies that were never printed: no other event names them."""
    for one in payload.objects:
        for letter in one.not_printed:
            state = state.with_copy(one.object, letter, LabelState.NOT_PRINTED)
    return state


CHANGES: Final[Changes] = {
    LabelApplied: _applied,
    LabelSuperseded: _superseded,
    LabelVoided: _voided,
    LabelsDestroyed: _destroyed,
    LabelsReconciled: _reconciled,
}
