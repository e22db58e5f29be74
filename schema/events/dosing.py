"""What the patient is to be given, in millions of viable CAR-positive cells."""

from __future__ import annotations

from typing import ClassVar

from schema.events.base import Day, Payload, Word
from schema.measured import CellsText, WeightText


class DoseSet(Payload):
    """A clinician set the dose before a pharmacist; its numbers are the protocol's rule for this patient."""

    kind: ClassVar[str] = "dose_set"
    indication: Word
    regimen: Word | None = None
    """Which way of splitting or sizing the dose, where the protocol has several."""

    weight_kg: WeightText | None = None
    weighed_on: Day | None = None
    minimum: CellsText
    target: CellsText | None = None
    maximum: CellsText
