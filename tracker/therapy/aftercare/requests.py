"""Requests about the time after the infusion."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from schema.events import aftercare as events
from schema.events.base import Value, WholeNumber, Word
from schema.vocabulary import Syndrome
from tracker.requests.base import PayloadClass, TherapyRequest
from tracker.requests.fields import DeclaredTime, NearDay


class ScaleGiven(Value):
    """A scale of the protocol."""

    syndrome: Syndrome
    scale: Word
    scale_version: Word


class FindingGiven(Value):
    """One thing that was found at the bed."""

    finding: Word
    value: str | None = Field(
        default=None,
        min_length=1,
        max_length=40,
        pattern=r"^[\x20-\x7e]+$",
        description="where it is counted",
    )


class GradeToxicity(TherapyRequest):
    """Grade an adverse reaction."""

    name: ClassVar[str] = "grade_toxicity"
    summary: ClassVar[str] = (
        "Grade an adverse reaction by a scale of the protocol, with what the grade rests on."
    )
    records: ClassVar[PayloadClass] = events.ToxicityGraded
    by: ScaleGiven
    findings: tuple[FindingGiven, ...] = Field(default=(), max_length=30)
    grade: WholeNumber | None = Field(
        default=None,
        ge=0,
        le=events.GRADE_MAX,
        description="the lowest that the findings allow when not given; never a lower one",
    )
    assessed_at: DeclaredTime | None = Field(default=None, description="now when not given")
    onset: NearDay | None = Field(default=None, description="the day of its first signs")
