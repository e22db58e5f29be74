"""The request to sign for having read a trail."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from schema.events import review as events
from schema.events.base import EventId, Word
from tracker.requests.base import PayloadClass, TherapyRequest


class ReviewTrail(TherapyRequest):
    """Sign that the trail of a therapy was read to an event, gaps first."""

    name: ClassVar[str] = "review_trail"
    summary: ClassVar[str] = (
        "Sign that a therapy's trail was reviewed, to which event and with which findings."
    )
    records: ClassVar[PayloadClass] = events.TrailReviewed
    through: EventId = Field(description="the last event that was read")
    findings: int = Field(ge=0, description="how many gaps the reviewer was shown")
    checks: tuple[Word, ...] = Field(default=(), max_length=60, description="the checks that found something")
