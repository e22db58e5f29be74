"""How a therapy stands: one list of states for the board, Today, the command line and every screen."""

from __future__ import annotations

from enum import StrEnum


class Standing(StrEnum):
    """How a therapy stands, the most urgent first; it has exactly one, the first that applies."""

    BREACH = "breach"
    """A limit of its protocol, a hold time or a shelf life has passed, or is projected to."""

    LATE = "late"
    """What was promised for a time before now has not happened."""

    STALLED = "stalled"
    AT_RISK = "at_risk"
    """Something is projected later than it was promised."""

    ON_TRACK = "on_track"
    NOT_STARTED = "not_started"
    CLOSED = "closed"
