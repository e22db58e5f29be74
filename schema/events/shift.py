"""The event of a change of hands at a terminal: who goes on with what somebody else left open."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from schema.events.base import EventId, Payload, ShortName, UnitId, Value, Word
from schema.instants import Instant


class OpenClock(Value):
    """A limit that ran for a unit at the change of hands."""

    limit: Word
    unit: UnitId
    due_at: Instant


class OpenLabels(Value):
    """Printed copies of a unit's label that nobody had applied or destroyed yet."""

    unit: UnitId
    copies: Annotated[str, Field(pattern=r"^[2-9B-X]{1,26}$")]
    """Their copy letters."""


class TakenOver(Payload):
    """The next person at a terminal goes on with what the one before left open in this therapy.

    Custody does not move by it: what somebody holds in person is handed over or put away.
    """

    kind: ClassVar[str] = "taken_over"
    from_staff: ShortName
    clocks: tuple[OpenClock, ...] = ()
    handoffs: tuple[EventId, ...] = ()
    """Handoffs that the one before gave and nobody had answered."""

    held: tuple[UnitId, ...] = ()
    """Units in that person's own custody."""

    labels: tuple[OpenLabels, ...] = ()
    tallied: tuple[UnitId, ...] = ()
    """Units scanned for a tally that was never signed; they are to be scanned again."""
