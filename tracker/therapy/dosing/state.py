"""How setting a dose changes the state of its therapy."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from schema.entry import Statement
from schema.events.dosing import DoseSet
from tracker.rules.therapy_state import Changes, DoseState, Occurrence, TherapyState


def _dose(state: TherapyState, _: Statement, payload: DoseSet, occurrence: Occurrence) -> TherapyState:
    """The last one counts."""
    dose = DoseState(
        occurrence=occurrence,
        indication=payload.indication,
        regimen=payload.regimen,
        weight_kg=_number(payload.weight_kg),
        weighed_on=payload.weighed_on,
        minimum=Decimal(payload.minimum),
        target=_number(payload.target),
        maximum=Decimal(payload.maximum),
    )
    return replace(state, dose=dose)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


CHANGES: Final[Changes] = {DoseSet: _dose}
