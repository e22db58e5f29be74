"""Events after the infusion: how the patient bears the cells, as codes and numbers alone."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from schema.events.base import Day, EventId, Payload, UnitId, Value, WholeNumber, Word
from schema.instants import Instant
from schema.measured import AmountText, NumberText
from schema.vocabulary import DoseUnit, Route, Syndrome

GRADE_MAX = 5
"""Death: the scales of adverse reactions go no further."""


class GradeFinding(Value):
    """One thing that was found, by the word that its scale has for it."""

    finding: Word
    value: NumberText | None = None
    """None where it is there or not."""


class ToxicityGraded(Payload):
    """An adverse reaction was graded by a named scale, with what the grade rests on."""

    kind: ClassVar[str] = "toxicity_graded"
    syndrome: Syndrome
    scale: Word
    scale_version: Word
    grade: WholeNumber = Field(ge=0, le=GRADE_MAX)
    findings: tuple[GradeFinding, ...] = Field(default=(), max_length=30)
    assessed_at: Instant
    after: tuple[UnitId, ...] = Field(default=(), max_length=200)
    """The containers from which cells had begun to flow by then."""

    onset: Day | None = None
    """The day of its first signs."""


class MedicineGiven(Payload):
    """A medicine was given: before the cells, or for a reaction to them. It is a record and no advice."""

    kind: ClassVar[str] = "medicine_given"
    medicine: Word
    amount: AmountText
    unit_of_measure: DoseUnit
    route: Route
    given_at: Instant
    about: EventId | None = None
    """The grade for which it was given."""


class OutcomeRecorded(Payload):
    """What was due after the infusion was done: seen, told, or how the patient is."""

    kind: ClassVar[str] = "outcome_recorded"
    duty: Word
    due_on: Day
    """Which of its days it answers."""

    result: Word
    value: NumberText | None = None
    recorded_for: Day
    """The day of which it tells, which may be long before it is recorded."""
