"""Requests about what a data logger recorded, and about what quality makes of an excursion."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from schema.events import conditions as events
from schema.events.base import EventId, WholeNumber
from schema.events.conditions import ClockOffset
from schema.events.equipment import EquipmentSerial
from schema.vocabulary import DayOrder, ExcursionDecision, TemperatureUnit
from tracker.requests.base import FreeText, PayloadClass, Request, ScanField, TherapyRequest
from tracker.therapy.conditions.logger_file import FILE_CHARACTERS_MAX


class RecordConditions(Request):
    """Read a logger's file and judge by it."""

    name: ClassVar[str] = "record_conditions"
    summary: ClassVar[str] = (
        "Read what a data logger recorded in a box or place; what was outside is quarantined in the act."
    )
    records: ClassVar[PayloadClass] = events.ConditionsRecorded
    shipment: ScanField | None = Field(default=None, description="the shipment in whose box it was")
    location: ScanField | None = Field(default=None, description="the place that it records in")
    file: Annotated[str, Field(min_length=1, max_length=FILE_CHARACTERS_MAX)] = Field(
        description="the file as the logger's program wrote it, packed by gzip, in base64"
    )
    zone: ClockOffset | None = Field(
        default=None, description="how far the logger's clock was from UTC, where the file does not say it"
    )
    unit: TemperatureUnit | None = Field(default=None, description="where the file does not say it")
    serial: EquipmentSerial | None = Field(default=None, description="where the file does not say it")
    dates: DayOrder | None = Field(default=None, description="the order of a day that may be two")
    channel: WholeNumber | None = Field(
        default=None, ge=1, le=200, description="the column of the probe, where there are several"
    )


class AssessExcursion(TherapyRequest):
    """Say whether cells may be used after an excursion."""

    name: ClassVar[str] = "assess_excursion"
    summary: ClassVar[str] = (
        "Say whether cells may be used after an excursion (quality, approved by another person)."
    )
    records: ClassVar[PayloadClass] = events.ExcursionAssessed
    excursion: EventId = Field(description="the event that found it")
    decision: ExcursionDecision
    basis: FreeText = Field(description="on which data it rests; committed")
