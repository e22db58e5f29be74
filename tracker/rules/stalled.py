"""A running therapy of which nothing was recorded for long: somebody is to look whether it was forgotten."""

from __future__ import annotations

from datetime import datetime

from schema.events.processing import Manufactured, ManufacturingStarted
from tracker.protocols.model import Protocol
from tracker.rules.therapy_state import TherapyState, TherapyStatus


def stalled_at(state: TherapyState, protocol: Protocol) -> datetime | None:
    """From when on the therapy is stalled if nothing more is recorded; None for one that may be silent.

    While cells grow there is nothing to record for many days, nor until the next thing that is booked. What
    is closed or canceled waits for nobody.
    """
    if state.status is not TherapyStatus.ACTIVE or _grows(state):
        return None
    last = (state.facts["enrolled"] if state.last is None else state.last).at
    booked = () if state.plan is None else state.plan.booked.values()
    waits = min((one.milestone.end for one in booked if one.milestone.end > last), default=last)
    return waits + protocol.planning.stalled_after


def _grows(state: TherapyState) -> bool:
    return any(
        ManufacturingStarted.kind in unit.facts and Manufactured.kind not in unit.facts
        for unit in state.units.values()
        if unit.final is None
    )
