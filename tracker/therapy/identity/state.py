"""How events of identity change a therapy: containers, their cassettes, prevented mix-ups."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from schema.entry import Statement
from schema.events import identity as events
from schema.events.identity import CassetteBound
from schema.vocabulary import LabelState
from tracker.rules.therapy_state import Changes, Occurrence, PreventedMixup, TherapyState, UnitState


def _unit_registered(
    state: TherapyState, _: Statement, payload: events.UnitRegistered, __: Occurrence
) -> TherapyState:
    if payload.unit in state.units:
        return state
    unit = UnitState(
        payload.unit,
        payload.material,
        payload.parents,
        number=payload.number,
        of=payload.of,
        component=payload.component,
        part=payload.part,
        color=payload.color,
    )
    return state.with_unit(unit)


COMPARED_MAX: Final = 20
"""Prevented mix-ups with which the next one is compared."""


def _mixup(
    state: TherapyState, statement: Statement, payload: events.MixupPrevented, _: Occurrence
) -> TherapyState:
    prevented = PreventedMixup(
        event_id=statement.event_id,
        actor=statement.actor,
        step=payload.step,
        field=payload.field,
        commitment=payload.read.commitment,
        at=statement.occurred_at,
    )
    newest = (*state.last_prevented, prevented)[-COMPARED_MAX:]
    return replace(state, mixups_prevented=state.mixups_prevented + 1, last_prevented=newest)


def _bound(state: TherapyState, _: Statement, payload: CassetteBound, __: Occurrence) -> TherapyState:
    unit = state.unit(payload.unit)
    if unit is None:
        return state
    state = state.with_unit(replace(unit, cassette=payload.cassette))
    if payload.copy_letter is None:
        return state
    return state.with_copy(payload.cassette, payload.copy_letter, LabelState.APPLIED)


def _matched(
    state: TherapyState, _: Statement, payload: events.PreThawMatched | events.BedsideMatched, __: Occurrence
) -> TherapyState:
    def change(unit: UnitState) -> UnitState:
        return replace(unit, confirmed=tuple(dict.fromkeys((*unit.confirmed, *payload.confirmed))))

    return state.with_changed(payload.units, change) if payload.confirmed else state


CHANGES: Final[Changes] = {
    events.UnitRegistered: _unit_registered,
    CassetteBound: _bound,
    events.MixupPrevented: _mixup,
    events.PreThawMatched: _matched,
    events.BedsideMatched: _matched,
}
