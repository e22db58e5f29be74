"""The request that sets what the patient is to be given."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from schema.events import dosing as events
from schema.events.base import Word
from schema.measured import WeightText
from tracker.requests.base import PayloadClass, TherapyRequest
from tracker.requests.fields import NearDay


class SetDose(TherapyRequest):
    """Set the dose."""

    name: ClassVar[str] = "set_dose"
    summary: ClassVar[str] = (
        "Set the dose by indication and weight: least and most cells are computed by the protocol's rule."
    )
    records: ClassVar[PayloadClass] = events.DoseSet
    indication: Word | None = Field(default=None, description="that of the enrollment when not given")
    regimen: Word | None = Field(
        default=None, description="one of the protocol's, where its dose has several"
    )
    weight_kg: WeightText | None = Field(default=None, description="where the rule asks for it")
    weighed_on: NearDay | None = Field(default=None, description="today when not given")
