"""Notes: what people write down about a therapy for each other."""

from __future__ import annotations

from typing import ClassVar

from schema.commitments import Commitment
from schema.events.base import Payload, UnitId, Word


class Noted(Payload):
    """Somebody wrote down what others should know. No rule reads it."""

    kind: ClassVar[str] = "noted"
    text: Commitment
    unit: UnitId | None = None
    """The unit that it is about; without one, and without a milestone, it is about the therapy."""

    milestone: Word | None = None
