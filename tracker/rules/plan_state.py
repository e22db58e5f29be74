"""What is booked for a therapy."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from schema.events.planning import BookedMilestone
from schema.vocabulary import Priority


class Booking(Struct, frozen=True):
    """A booked milestone, and the entry that booked it or moved it last."""

    milestone: BookedMilestone
    sequence: int


class Promise(Struct, frozen=True):
    """What a patient was told; it outlives the plan by which it was made."""

    milestone: BookedMilestone
    """The last milestone of the chain, as it was booked when its day was promised."""

    day: str
    """The day that is promised now, by the calendar of its site."""

    first: str
    """The day that was promised at first; another is promised only openly, with a reason."""


class PlanState(Struct, frozen=True):
    """The standing plan of a therapy."""

    ready_from: str
    priority: Priority
    booked: Mapping[str, Booking]
    """By the name of the milestone."""
