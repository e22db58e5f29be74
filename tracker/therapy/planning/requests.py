"""Requests about the plan of a therapy: book a chain, move milestones, give all of it back."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from schema.events import planning as events
from schema.events.base import EventId, Value, Word
from schema.events.planning import PlaceCode
from schema.vocabulary import Priority
from tracker.requests.base import PayloadClass, TherapyRequest
from tracker.requests.fields import DeclaredTime, NearDay


class WantedMilestone(Value):
    """A milestone with the place and the time that are wanted for it."""

    name: Word
    resource: PlaceCode
    start: DeclaredTime


class WantedMove(WantedMilestone):
    """Where a milestone is to be, and where it stood when that was decided."""

    from_start: DeclaredTime


class Schedule(TherapyRequest):
    """Book a whole chain of milestones at once."""

    name: ClassVar[str] = "schedule"
    summary: ClassVar[str] = "Book every milestone of a therapy at once (coordinator)."
    records: ClassVar[PayloadClass] = events.Scheduled
    ready_from: NearDay
    priority: Priority = Priority.ROUTINE
    milestones: tuple[WantedMilestone, ...] = Field(min_length=1, max_length=40)


class Reschedule(TherapyRequest):
    """Move milestones of a booked chain, or promise the day for which its last one is booked."""

    name: ClassVar[str] = "reschedule"
    summary: ClassVar[str] = (
        "Move booked milestones, each from where it stands, or promise the day that is booked (coordinator)."
    )
    records: ClassVar[PayloadClass] = events.Rescheduled
    needs_reason: ClassVar[bool] = True
    moved: tuple[WantedMove, ...] = Field(default=(), max_length=40)
    promises_anew: bool = Field(
        default=False, description="the patient was told the day for which the last milestone is booked then"
    )
    because: EventId | None = Field(
        default=None, description="an event of this therapy that made it necessary"
    )


class Unschedule(TherapyRequest):
    """Give back what is booked and still to come."""

    name: ClassVar[str] = "unschedule"
    summary: ClassVar[str] = "Give back all that is booked and still to come, with a reason (coordinator)."
    records: ClassVar[PayloadClass] = events.Unscheduled
    needs_reason: ClassVar[bool] = True
