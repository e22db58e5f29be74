"""Events of a plan: what was promised to one therapy, and how it was changed."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from schema.events.base import Day, EventId, Payload, ShortName, Value, Word
from schema.instants import Instant
from schema.vocabulary import Priority

PlaceCode = Annotated[str, Field(pattern=r"^[A-Z0-9-]{2,16}(/[A-Z0-9-]{2,16})?$")]
"""`SITE/RESOURCE`, or a site where a milestone needs nothing of it but that it is open."""


class BookedMilestone(Value):
    """A milestone at its time, and the days on which it takes a place."""

    name: Word
    resource: PlaceCode
    start: Instant
    end: Instant
    first_day: Day
    """By the clocks of its site, as the last one, so that replay needs no time zones."""

    last_day: Day
    lane: ShortName | None = None
    """By which it comes from the milestone before."""

    departs: Instant | None = None


class MovedMilestone(BookedMilestone):
    """A milestone that was moved, and from where: the booking that stood then."""

    from_start: Instant


class Scheduled(Payload):
    """A whole chain of milestones was booked for a therapy."""

    kind: ClassVar[str] = "scheduled"
    ready_from: Day
    """From which day on the patient can be collected."""

    priority: Priority
    milestones: tuple[BookedMilestone, ...] = Field(min_length=1, max_length=40)
    promised_infusion: Day
    """The day that is promised for the last milestone: its own, or the one that was promised before."""


class Rescheduled(Payload):
    """Milestones of a booked chain were moved, or another day was promised."""

    kind: ClassVar[str] = "rescheduled"
    moved: tuple[MovedMilestone, ...] = Field(default=(), max_length=40)
    promised_infusion: Day | None = None
    """The day of the last milestone, where it is promised from now on; else what was promised stands."""

    because: EventId | None = None
    """The event of this therapy that made it necessary: a quarantine, a delay, a deviation."""


class Unscheduled(Payload):
    """What was booked and is still to come was given back."""

    kind: ClassVar[str] = "unscheduled"
    names: tuple[Word, ...] = Field(min_length=1, max_length=40)
