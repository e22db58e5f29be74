"""Events of what a data logger recorded beside cells, and of what quality made of it."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from schema.commitments import Commitment
from schema.events.base import (
    COUNT_MAX,
    BoxId,
    EquipmentId,
    EventId,
    LocationId,
    ShipmentId,
    UnitId,
    UnitsPayload,
    Value,
    WholeNumber,
    Word,
)
from schema.events.equipment import EquipmentSerial
from schema.instants import Instant
from schema.measured import CelsiusText
from schema.vocabulary import DayOrder, ExcursionDecision, ExposureVerdict, KnownFrom, TemperatureUnit

LOGGER_FILE_FIELD = "logger_file"
"""The field of the commitment to a logger's file: what is committed is its SHA-256."""

ClockOffset = Annotated[str, Field(pattern=r"^[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00)$")]
Count = Annotated[int, Field(strict=True, ge=0, le=COUNT_MAX)]


class JudgedUnit(Value):
    """How long and how far one unit was outside, with the bounds that it was judged by."""

    unit: UnitId
    verdict: ExposureVerdict
    celsius_min: CelsiusText | None = None
    celsius_max: CelsiusText | None = None
    allowed_s: Count = 0
    outside_s: Count = 0
    """While it was beside the logger: each reading holds until the next one."""

    longest_s: Count = 0
    unknown_s: Count = 0
    """Without a reading: unknown, and never good."""

    excursions: Count = 0
    peak_celsius: CelsiusText | None = None


class JudgedPlace(Value):
    """How a place kept what it is said to keep, while its logger recorded."""

    celsius_min: CelsiusText | None = None
    celsius_max: CelsiusText | None = None
    outside_s: Count = 0
    longest_s: Count = 0
    unknown_s: Count = 0
    peak_celsius: CelsiusText | None = None


class ConditionsRecorded(UnitsPayload):
    """A logger's file was read, held against what the cells bear, and kept.

    It is of a shipment and the box that it travelled in, or of a place.
    """

    kind: ClassVar[str] = "conditions_recorded"
    shipment: ShipmentId | None = None
    box: BoxId | None = None
    location: LocationId | None = None
    place: JudgedPlace | None = None
    """Of a place of which somebody said what it keeps."""

    data_logger: EquipmentId
    serial: EquipmentSerial
    serial_from: KnownFrom
    file: Commitment
    """Its SHA-256; the file may name a patient, so it lies where it can be erased."""

    file_format: Word
    clock_offset: ClockOffset
    """Of the logger's clock from UTC."""

    clock_from: KnownFrom
    temperature_unit: TemperatureUnit
    day_order: DayOrder | None = None
    """As a person said it, where a day of the file may be two."""

    channel: Count | None = None
    """The column of the probe, as a person said it, where there are several."""

    first_at: Instant
    last_at: Instant
    readings: WholeNumber = Field(ge=1, le=COUNT_MAX)
    repeated: Count = 0
    """Lines that said again what another said."""

    interval_s: Count
    outside_custody: Count
    """Readings of a time in which no unit of this therapy was beside it: they judge nothing."""

    celsius_min: CelsiusText
    celsius_max: CelsiusText
    celsius_mean: CelsiusText
    judged: tuple[JudgedUnit, ...] = Field(min_length=1, max_length=200)


class ExcursionFound(UnitsPayload):
    """The program found that units were outside longer or further than they may be, or that nobody knows."""

    kind: ClassVar[str] = "excursion_found"
    shipment: ShipmentId | None = None
    location: LocationId | None = None
    verdict: ExposureVerdict
    rules: tuple[Word, ...] = Field(default=(), max_length=10)
    """Which bounds were passed; none where it cannot be judged."""

    began_at: Instant
    ended_at: Instant
    celsius_min: CelsiusText | None = None
    celsius_max: CelsiusText | None = None
    peak_celsius: CelsiusText | None = None
    outside_s: Count
    unknown_s: Count
    allowed_s: Count


class ExcursionAssessed(UnitsPayload):
    """Quality said whether units may be used after an excursion; it lifts no quarantine by itself."""

    kind: ClassVar[str] = "excursion_assessed"
    excursion: EventId
    decision: ExcursionDecision
    basis: Commitment
    """On which data the decision rests."""
