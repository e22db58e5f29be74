"""How custody events change who holds a unit and where it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from schema.entry import Statement
from schema.events import Party, Payload
from schema.events.custody import (
    Accepted,
    Inspected,
    Lapsed,
    Packed,
    PartlyAccepted,
    Refused,
    Relinquished,
    Retrieved,
    Stored,
    Unpacked,
)
from schema.vocabulary import InspectionResult, PartyType
from tracker.rules.therapy_state import HandoffState, Occurrence, TherapyState, UnitState

Change = Callable[[UnitState], UnitState]


def change_units(state: TherapyState, units: Iterable[str], change: Change) -> TherapyState:
    """The state with a change applied to each unit it knows; unknown units are passed over."""
    changed = {name: change(state.units[name]) for name in units if name in state.units}
    return replace(state, units={**state.units, **changed})


def _stored(state: TherapyState, statement: Statement, payload: Stored, _: Occurrence) -> TherapyState:
    custodian = Party(type=PartyType.LOCATION, id=payload.location)
    return change_units(
        state,
        payload.units,
        lambda unit: replace(unit, custodian=custodian, location=payload.location, site=statement.site),
    )


def _retrieved(state: TherapyState, statement: Statement, payload: Retrieved, _: Occurrence) -> TherapyState:
    return change_units(
        state,
        payload.units,
        lambda unit: replace(unit, custodian=payload.custodian, location=None, site=statement.site),
    )


def _packed(state: TherapyState, _: Statement, payload: Packed, __: Occurrence) -> TherapyState:
    evolved = change_units(
        state,
        payload.units,
        lambda unit: replace(unit, box=payload.box, shipment=payload.shipment, location=None),
    )
    return replace(
        evolved,
        seals={**evolved.seals, payload.box: payload.seal},
        boxes_carrier={**evolved.boxes_carrier, payload.box: (payload.carrier, payload.destination)},
    )


def _unpacked(state: TherapyState, _: Statement, payload: Unpacked, __: Occurrence) -> TherapyState:
    return change_units(state, payload.units, lambda unit: replace(unit, box=None, shipment=None))


def _relinquished(
    state: TherapyState, statement: Statement, payload: Relinquished, _: Occurrence
) -> TherapyState:
    handoff = HandoffState(
        event_id=statement.event_id,
        digest=statement.digest,
        type=payload.type,
        units=payload.units,
        from_party=payload.from_party,
        to_party=payload.to_party,
        box=payload.box,
        seal=payload.seal,
        at=statement.occurred_at,
        actor=statement.actor,
        site=statement.site,
    )
    evolved = change_units(state, payload.units, lambda unit: replace(unit, handoff=statement.event_id))
    return still_waiting(replace(evolved, handoffs={**evolved.handoffs, statement.event_id: handoff}))


def still_waiting(state: TherapyState) -> TherapyState:
    """The state without handoffs of which no unit waits any more: ended since, or given to somebody else."""
    waited_for = {unit.handoff for unit in state.units.values()}
    return replace(
        state, handoffs={key: handoff for key, handoff in state.handoffs.items() if key in waited_for}
    )


def _without(state: TherapyState, handoff: str, units: Iterable[str]) -> TherapyState:
    """The state with a handoff answered: none of its units waits any more."""
    known = state.handoffs.get(handoff)
    waiting = (*units, *(known.units if known else ()))
    evolved = change_units(
        state, waiting, lambda unit: replace(unit, handoff=None) if unit.handoff == handoff else unit
    )
    return replace(
        evolved, handoffs={key: value for key, value in evolved.handoffs.items() if key != handoff}
    )


def _site_of(custodian: Party, statement: Statement) -> str:
    return custodian.site or statement.site


def _accepted(
    state: TherapyState, statement: Statement, payload: Accepted | PartlyAccepted, _: Occurrence
) -> TherapyState:
    site = _site_of(payload.custodian, statement)
    evolved = _without(state, payload.handoff, payload.units)
    return change_units(
        evolved,
        payload.units,
        lambda unit: replace(unit, custodian=payload.custodian, site=site, location=None),
    )


def _refused(state: TherapyState, _: Statement, payload: Refused, __: Occurrence) -> TherapyState:
    return _without(state, payload.handoff, payload.units)


def _lapsed(state: TherapyState, _: Statement, payload: Lapsed, __: Occurrence) -> TherapyState:
    return _without(state, payload.handoff, payload.units)


def _inspected(state: TherapyState, _: Statement, payload: Inspected, __: Occurrence) -> TherapyState:
    results = {result.unit: result.result for result in payload.results}
    return change_units(
        state,
        results,
        lambda unit: replace(
            unit,
            box=None,
            shipment=None,
            quarantined=unit.quarantined or results[unit.unit] is not InspectionResult.ACCEPT,
        ),
    )


HANDLERS: Mapping[type[Payload], Callable[[TherapyState, Statement, Any, Occurrence], TherapyState]] = {
    Stored: _stored,
    Retrieved: _retrieved,
    Packed: _packed,
    Unpacked: _unpacked,
    Relinquished: _relinquished,
    Accepted: _accepted,
    PartlyAccepted: _accepted,
    Refused: _refused,
    Lapsed: _lapsed,
    Inspected: _inspected,
}
