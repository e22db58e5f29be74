"""The request of a person who takes a terminal over with what runs there."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from schema.events import shift as events
from schema.events.base import ShortName, UnitId, Value
from tracker.requests.base import PayloadClass, Request, ScanField


class LabelsLeft(Value):
    """Printed copies of a unit's label that were found open."""

    unit: UnitId
    copies: Annotated[str, Field(pattern=r"^[2-9B-X]{1,26}$")]


class TakeOver(Request):
    """Go on with what somebody else left open at this station's site."""

    name: ClassVar[str] = "take_over"
    summary: ClassVar[str] = (
        "Take over what the person before you left open: running limits, open handoffs, labels and tallies."
    )
    records: ClassVar[PayloadClass] = events.TakenOver
    from_staff: ShortName
    therapies: tuple[ScanField, ...] = Field(min_length=1, max_length=200)
    """The therapies with something open; their COI ids, one statement in each chain."""

    labels: tuple[LabelsLeft, ...] = Field(default=(), max_length=200)
    tallied: tuple[UnitId, ...] = Field(default=(), max_length=1000)
