"""Events that account for printed copies of labels (FACT CM7.2.2.1): voided, destroyed, counted."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from schema.events.base import (
    COUNT_MAX,
    CopyLetter,
    CopyLetters,
    LabeledId,
    Payload,
    UnitId,
    Value,
    WholeNumber,
)


class LabelCopy(Value):
    """One copy of one object's label."""

    object: LabeledId
    copy_letter: CopyLetter


class LabelVoided(Payload):
    """A copy is on nothing and will not be: misprinted, unused, or it never came out of the printer."""

    kind: ClassVar[str] = "label_voided"
    unit: UnitId | None = None
    """The unit whose label it was, or whose cassette's; none for a therapy's card."""

    object: LabeledId
    copy_letter: CopyLetter


class LabelsDestroyed(Payload):
    """Two people counted copies out of use and destroyed them together."""

    kind: ClassVar[str] = "labels_destroyed"
    copies: tuple[LabelCopy, ...] = Field(min_length=1, max_length=200)
    count: WholeNumber = Field(ge=1, le=200)
    """What was counted by hand, which equals what was scanned."""


class LabelCount(Value):
    """The copies of one object by what became of them, as letters in the order they are given out."""

    object: LabeledId
    printed: CopyLetters
    """Every copy that is or may be on paper."""

    not_printed: CopyLetters
    applied: CopyLetters
    voided: CopyLetters
    superseded: CopyLetters
    destroyed: CopyLetters
    kept: CopyLetters
    """Cards of the therapy, which stay in the chart."""

    open: CopyLetters
    """Copies of which nobody has said what became of them: the difference."""


class LabelsReconciled(Payload):
    """The print record of a therapy's labels was held against what became of each copy."""

    kind: ClassVar[str] = "labels_reconciled"
    objects: tuple[LabelCount, ...] = Field(max_length=400)
    printed: WholeNumber = Field(ge=0, le=COUNT_MAX)
    accounted: WholeNumber = Field(ge=0, le=COUNT_MAX)
    differences: WholeNumber = Field(ge=0, le=COUNT_MAX)
    """How many copies are open, or out of use and not yet destroyed."""
