"""Deviations: drafted by the program or opened by a person, assessed and closed by quality."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from schema.commitments import Commitment
from schema.events.base import Day, EventId, Payload, UnitId, UnitsPayload, WholeNumber, Word
from schema.vocabulary import DeviationDecision, LaboratoryFinding, Severity

RETESTS_MAX = 3
"""More repeat tests of one result are no investigation."""


class DeviationDrafted(Payload):
    """The program drafted a quality record because a rule was broken or nearly so."""

    kind: ClassVar[str] = "deviation_drafted"
    cause: tuple[Word, ...] = Field(min_length=1)
    about: EventId
    """The event that broke the rule or the prevented attempt."""


class DeviationOpened(UnitsPayload):
    """A person opened a quality record."""

    kind: ClassVar[str] = "deviation_opened"
    units: tuple[UnitId, ...] = ()
    category: Word
    description: Commitment


class DeviationAssessed(UnitsPayload):
    """Quality judged how grave it is, where it came from, and what it means for the units."""

    kind: ClassVar[str] = "deviation_assessed"
    deviation: EventId
    """The event that drafted or opened it."""

    severity: Severity
    cause: Word
    units: tuple[UnitId, ...] = ()
    """What the decision is about; empty where it concerns no unit."""

    decision: DeviationDecision
    laboratory: LaboratoryFinding | None = None
    """Whether a result out of specification came from the laboratory."""

    retests: WholeNumber | None = Field(default=None, ge=0, le=RETESTS_MAX)
    """How many repeat tests are allowed, fixed in advance."""

    capa: Word | None = None
    """The corrective and preventive action, as the quality system names it."""


class DeviationClosed(Payload):
    """Quality closed it, and another person approved."""

    kind: ClassVar[str] = "deviation_closed"
    deviation: EventId
    capa: Word | None = None
    effective_by: Day | None = None
    """By when it is looked at whether the action helped."""
