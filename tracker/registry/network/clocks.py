"""Decisions over clocks: a date confirmed after a long silence, and recorded times that may go back."""

from __future__ import annotations

from typing import Final

from schema.events import registry as events
from schema.vocabulary import Meaning
from tracker.registry.network import requests
from tracker.registry.situation import (
    OVERSEERS,
    QUALITY,
    Decisions,
    RegistrySituation,
    allowed,
    denied,
    performed,
)
from tracker.rules.decision import Decision, Slot


def correct(situation: RegistrySituation, request: requests.CorrectClock) -> Decision:
    """Two people, one of quality: time may go back from here on, and nowhere else."""
    corrected = events.ClockCorrected(corrected_to=situation.shown_at)
    return allowed(
        situation, request, [corrected], performed(request, OVERSEERS), Slot(Meaning.APPROVED, QUALITY)
    )


def confirm(situation: RegistrySituation, request: requests.ConfirmClock) -> Decision:
    """The date is typed, not offered: who reads it off the clock that is asked about confirms nothing."""
    today = situation.now.date().isoformat()
    if request.day != today:
        return denied(
            "other_day",
            f"You typed {request.day}; by this station's clock it is {today} in UTC.",
            "Look at a calendar: if yours is right, have the clock of this station set (NTP).",
        )
    return allowed(
        situation,
        request,
        [events.ClockConfirmed(day=request.day)],
        performed(request),
        Slot(Meaning.WITNESSED),
    )


DECISIONS: Final[Decisions] = {requests.CorrectClock: correct, requests.ConfirmClock: confirm}
