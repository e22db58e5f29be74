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


class PlanState(Struct, frozen=True):
    """The standing plan of a therapy."""

    ready_from: str
    priority: Priority
    promised_infusion: str
    """As it was promised when the chain was booked."""

    booked: Mapping[str, Booking]
    """By the name of the milestone."""
