"""The limits that a step is judged by, as its entry carries them for whoever has no protocol."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Final

from schema.events import Payload
from schema.events.base import JudgedClock, JudgedValue
from schema.events.custody import Accepted, Packed, PartlyAccepted, Relinquished
from schema.events.processing import Manufactured
from schema.vocabulary import Fault
from tracker.protocols.model import Keeping, Protocol
from tracker.rules.checks.condition import OUT_OF_BAND, allowed_for
from tracker.rules.clocks import judged_by
from tracker.rules.marks.events import units_about
from tracker.rules.therapy_state import TherapyState, UnitState

Judged = JudgedClock | JudgedValue

_DISPLAYS: Final = (Packed, Relinquished, Accepted, PartlyAccepted)
_OF_UNITS: Final = frozenset({"unit", "units", "results", "box", "parents"})
"""Fields by which an event is about units: where none of them is known, nothing is judged."""


def limits_judged(state: TherapyState, protocol: Protocol, payload: Payload) -> tuple[Judged, ...]:
    """What the protocol holds a step against that is taken in this state, each limit once."""
    units: tuple[UnitState | None, ...] = _units(state, payload)
    if not units and _OF_UNITS.isdisjoint(type(payload).model_fields):
        units = (None,)
    clocks = (one for unit in units for one in _clocks(state, protocol, payload.kind, unit))
    values = (one for unit in units if unit is not None for one in _display(protocol, payload, unit))
    return tuple(dict.fromkeys((*clocks, *values)))


def is_broken(judged: Judged, occurred_at: datetime) -> bool:
    """Whether a step at that time breaks the limit."""
    if isinstance(judged, JudgedClock):
        return occurred_at > judged.due
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


def _display(protocol: Protocol, payload: Payload, unit: UnitState) -> Iterator[JudgedValue]:
    """What a display showed; what was found not in order and said so is no violation."""
    if not isinstance(payload, _DISPLAYS) or payload.display_celsius is None:
        return
    if not isinstance(payload, Packed) and Fault.DISPLAY in payload.faults:
        return
    allowed = allowed_for(protocol, unit, Keeping.TRANSPORT)
    if allowed is not None:
        low, high = (None if one is None else str(one) for one in (allowed.minimum, allowed.maximum))
        yield JudgedValue(rule=OUT_OF_BAND, value=payload.display_celsius, minimum=low, maximum=high)
