"""The limits that a step is judged by, as its entry carries them for whoever has no protocol."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Final

from schema.events import Payload
from schema.events.base import JudgedClock, JudgedValue
from schema.events.custody import Accepted, HandoffAnswer, Inspected, Packed, PartlyAccepted, Relinquished
from schema.events.processing import Manufactured
from schema.vocabulary import Fault
from tracker.protocols.model import Keeping, Protocol
from tracker.rules.checks.condition import HOLD_PASSED, OUT_OF_BAND, allowed_for
from tracker.rules.checks.unit import EXPIRED, wants_unexpired
from tracker.rules.clocks import judged_by
from tracker.rules.marks.events import units_about
from tracker.rules.therapy_state import TherapyState, UnitState

Judged = JudgedClock | JudgedValue

_DISPLAYS: Final = (Packed, Relinquished, HandoffAnswer, Inspected)
_DOORS: Final = (Relinquished, Accepted, PartlyAccepted, Inspected)
_OF_UNITS: Final = frozenset({"unit", "units", "results", "box", "parents"})
"""Fields by which an event is about units: where none of them is known, nothing is judged."""


def limits_judged(state: TherapyState, protocol: Protocol, payload: Payload) -> tuple[Judged, ...]:
    """What the protocol holds a step against that is taken in this state, each limit once."""
    units: tuple[UnitState | None, ...] = _units(state, payload)
    if not units and _OF_UNITS.isdisjoint(type(payload).model_fields):
        units = (None,)
    clocks = (one for unit in units for one in _clocks(state, protocol, payload.fact, unit))
    known = tuple(unit for unit in units if unit is not None)
    lives = (one for unit in known for one in _shelf_life(protocol, payload.fact, unit))
    values = (one for unit in known for one in _display(protocol, payload, unit))
    return tuple(dict.fromkeys((*clocks, *lives, *_hold_time(state, payload), *values)))


def is_broken(judged: Judged, occurred_at: datetime) -> bool:
    """Whether a step at that time breaks the limit."""
    if isinstance(judged, JudgedClock):
        return occurred_at > judged.due or (judged.rule == EXPIRED and occurred_at == judged.due)
    value = Decimal(judged.value)
    low, high = judged.minimum, judged.maximum
    return (low is not None and value < Decimal(low)) or (high is not None and value > Decimal(high))


def _units(state: TherapyState, payload: Payload) -> tuple[UnitState, ...]:
    if isinstance(payload, Manufactured):
        known = (state.unit(name) for name in payload.parents)
        return tuple(unit for unit in known if unit is not None)
    return units_about(payload, state)


def _clocks(
    state: TherapyState, protocol: Protocol, kind: str, unit: UnitState | None
) -> Iterator[JudgedClock]:
    for limit, start in judged_by(state, protocol, kind, unit):
        yield JudgedClock(rule=f"limit.{limit.name}", start=start.event_id, due=start.at + limit.within)


def _shelf_life(protocol: Protocol, kind: str, unit: UnitState) -> Iterator[JudgedClock]:
    """The end of a unit's shelf life, for a step that leads to the patient."""
    if unit.expires_at is None or unit.expires_by is None or protocol.step(kind, unit.material) is None:
        return
    if wants_unexpired(kind, unit):
        yield JudgedClock(rule=EXPIRED, start=unit.expires_by, due=unit.expires_at)


def _hold_time(state: TherapyState, payload: Payload) -> Iterator[JudgedClock]:
    """Until when a box holds that passes a door or is opened, unless that is what was found not in order."""
    if not isinstance(payload, _DOORS) or Fault.HOLD_TIME in _faults_of_all(payload):
        return
    hold = state.boxes_hold.get(payload.box or "")
    if hold is not None:
        yield JudgedClock(rule=HOLD_PASSED, start=hold.packed_by, due=hold.until)


def _display(protocol: Protocol, payload: Payload, unit: UnitState) -> Iterator[JudgedValue]:
    """What a display showed; what was found not in order and said so is no violation."""
    if not isinstance(payload, _DISPLAYS) or payload.display_celsius is None:
        return
    if Fault.DISPLAY in _faults(payload, unit):
        return
    allowed = allowed_for(protocol, unit, Keeping.TRANSPORT)
    if allowed is not None:
        low, high = (None if one is None else str(one) for one in (allowed.minimum, allowed.maximum))
        yield JudgedValue(rule=OUT_OF_BAND, value=payload.display_celsius, minimum=low, maximum=high)


def _faults(payload: Packed | Relinquished | HandoffAnswer | Inspected, unit: UnitState) -> tuple[Fault, ...]:
    """What was found wrong with a unit or with what holds it."""
    if isinstance(payload, Inspected):
        return next((one.faults for one in payload.results if one.unit == unit.unit), ())
    return () if isinstance(payload, Packed) else payload.faults


def _faults_of_all(payload: Relinquished | HandoffAnswer | Inspected) -> frozenset[Fault]:
    """What was found wrong with all that was in a box."""
    if not isinstance(payload, Inspected):
        return frozenset(payload.faults)
    return frozenset.intersection(*(frozenset(one.faults) for one in payload.results))
