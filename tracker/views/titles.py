"""What an event is called, as its protocol calls the step."""

from __future__ import annotations

from schema.entry import Statement
from tracker.protocols.model import Protocol
from tracker.rules.therapy_state import TherapyState


def step_title(protocol: Protocol | None, state: TherapyState | None, statement: Statement) -> str:
    """The title of an event's step; one kind is another step for a collection bag than for a product."""
    payload = statement.payload
    units = getattr(payload, "units", None) or (getattr(payload, "unit", None),)
    unit = state.units.get(units[0] or "") if state else None
    step = protocol.step(statement.kind, unit.material if unit else None) if protocol else None
    return step.title if step else statement.kind.replace("_", " ").capitalize()
