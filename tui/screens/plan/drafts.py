"""What is to be signed on the plan screen: a chain that was proposed, or a move with all that moves along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from schema.canonical import Json
from schema.instants import format_instant
from schema.vocabulary import Priority
from tracker.values import PlanLine, PlanMove, PlanOffer

RACE_LOST = frozenset(
    {
        *("slot_full", "resource_closed", "notice_short", "no_pick_up", "past_limit", "out_of_order"),
        *("booking_changed", "already_planned", "already_done", "before_ready", "not_planned"),
    }
)
"""Refusals of what was possible when it was shown: somebody was quicker, or time has passed."""


@dataclass(frozen=True, slots=True)
class ProposedChain:
    """A chain that could be booked for a patient who is ready from a day on."""

    ready: date
    priority: Priority
    offer: PlanOffer

    @property
    def request(self) -> dict[str, Json]:
        """What is asked for."""
        return {
            "request": "schedule",
            "ready_from": self.ready.isoformat(),
            "priority": self.priority.value,
            "milestones": [_wanted(one) for one in self.offer.lines if not one.is_done],
        }


@dataclass(frozen=True, slots=True)
class MovedChain:
    """A milestone at another time, and what goes along; why is said last."""

    name: str
    start: datetime
    resource: str | None
    found: PlanMove
    reason: str | None = None

    @property
    def request(self) -> dict[str, Json]:
        """What is asked for, each milestone with where it stood when that was decided."""
        pairs = zip(self.found.before, self.found.after, strict=True)
        return {
            "request": "reschedule",
            "reason": self.reason,
            "moved": [
                {**_wanted(after), "from_start": format_instant(before.start)} for before, after in pairs
            ],
        }

    @property
    def after(self) -> Mapping[str, PlanLine]:
        """Where each of those that move would be."""
        return {one.name: one for one in self.found.after}


Draft = ProposedChain | MovedChain


def next_of(lines: Iterable[PlanLine]) -> PlanLine | None:
    """The first milestone that is still to come."""
    return next((one for one in lines if not one.is_done), None)


def _wanted(one: PlanLine) -> dict[str, Json]:
    return {"name": one.name, "resource": one.resource, "start": format_instant(one.start)}
