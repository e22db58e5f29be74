"""Requests about the time after the infusion."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from schema.events import aftercare as events
from schema.events.base import EventId, Value, WholeNumber, Word
from schema.measured import AmountText, NumberText
from schema.vocabulary import DoseUnit, Route, Syndrome
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


class GiveMedicine(TherapyRequest):
    """Give a medicine."""

    name: ClassVar[str] = "give_medicine"
    summary: ClassVar[str] = (
        "Record a medicine that was given: premedication, or for a reaction. It is a record and no advice."
    )
    records: ClassVar[PayloadClass] = events.MedicineGiven
    medicine: Word = Field(description="its substance, as tocilizumab or dexamethasone")
    amount: AmountText
    unit_of_measure: DoseUnit
    route: Route
    given_at: DeclaredTime | None = Field(default=None, description="now when not given")
    about: EventId | None = Field(default=None, description="the event of the grade for which it was given")


class RecordOutcome(TherapyRequest):
    """Record what was due."""

    name: ClassVar[str] = "record_outcome"
    summary: ClassVar[str] = (
        "Record what the protocol makes due after the infusion: follow-up, response, an authority told."
    )
    records: ClassVar[PayloadClass] = events.OutcomeRecorded
    duty: Word = Field(description="one of the protocol's")
    result: Word = Field(description="one of those that the duty has")
    value: NumberText | None = None
    due_on: NearDay | None = Field(default=None, description="the earliest open day of it when not given")
    recorded_for: NearDay | None = Field(default=None, description="today when not given")
