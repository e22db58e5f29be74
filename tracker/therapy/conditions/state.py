"""How a logger's file, and what quality says of an excursion, change what is known of units."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from schema.entry import Statement
from schema.events.conditions import (
    ConditionsRecorded,
    ExcursionAssessed,
    ExcursionFound,
    JudgedUnit,
)
from schema.vocabulary import ExposureVerdict
from tracker.rules.condition_state import (
    ExcursionState,
    FileRead,
    OutsideBand,
    TemperatureMark,
    told_with,
)
from tracker.rules.therapy_state import Changes, Occurrence, TherapyState, UnitState


def _recorded(
    state: TherapyState, statement: Statement, payload: ConditionsRecorded, occurrence: Occurrence
) -> TherapyState:
    read = FileRead(
        statement.event_id,
        payload.shipment,
        payload.location,
        payload.data_logger,
        payload.file.commitment,
        payload.first_at,
        payload.last_at + timedelta(seconds=payload.interval_s),
        occurrence.at,
        statement.actor,
    )
    judged = {one.unit: one for one in payload.judged}
    evolved = state.with_changed(judged, lambda unit: _lived(unit, judged[unit.unit], read))
    return replace(evolved, files_read=(*state.files_read, read))


def _lived(unit: UnitState, found: JudgedUnit, read: FileRead) -> UnitState:
    """A unit with what it was outside added to its life."""
    lasted = timedelta(seconds=found.outside_s)
    new = OutsideBand(read.shipment, read.first_at, read.ends_at, lasted, found.excursions)
    return replace(unit, told_outside=told_with(unit.told_outside, new))


def _found(
    state: TherapyState, statement: Statement, payload: ExcursionFound, occurrence: Occurrence
) -> TherapyState:
    found = ExcursionState(statement.event_id, payload.units, occurrence.at, _outside(payload))
    return replace(state, excursions={**state.excursions, statement.event_id: found})


def _outside(payload: ExcursionFound) -> TemperatureMark:
    """Above the band, below it, or nobody knows; without a peak there is nothing else to say."""
    peak, low = payload.peak_celsius, payload.celsius_min
    if payload.verdict is not ExposureVerdict.OUTSIDE or peak is None:
        return TemperatureMark.UNKNOWN
    return TemperatureMark.COLD if low is not None and Decimal(peak) < Decimal(low) else TemperatureMark.WARM


def _assessed(state: TherapyState, _: Statement, payload: ExcursionAssessed, __: Occurrence) -> TherapyState:
    known = state.excursions.get(payload.excursion)
    if known is None:
        return state
    said = replace(known, decision=payload.decision)
    return replace(state, excursions={**state.excursions, payload.excursion: said})


CHANGES: Final[Changes] = {
    ConditionsRecorded: _recorded,
    ExcursionFound: _found,
    ExcursionAssessed: _assessed,
}
