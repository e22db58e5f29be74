"""Events of a shipment beside its handoffs: how it was booked, and what is heard of it on its way."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from schema.events.base import BoxId, EquipmentId, Payload, ShipmentId, ShortName, Value, Word
from schema.instants import Instant
from schema.vocabulary import ProgressSource, ShipmentMilestone

WaybillText = Annotated[str, Field(pattern=r"^[A-Z0-9](?:[A-Z0-9 /-]{2,34}[A-Z0-9])$")]
"""The number of a carrier's waybill or job, as 020-12345675."""

SsccText = Annotated[str, Field(pattern=r"^[0-9]{18}$")]
"""A serial shipping container code (GS1 AI 00) with its check digit."""


class TimeWindow(Value):
    """From when until when somebody is expected."""

    earliest: Instant
    latest: Instant

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.latest < self.earliest:
            raise ValueError("its latest time is before its earliest")
        return self


class ShipmentBooked(Payload):
    """A carrier was booked before anything was packed; booked again, it takes the place of what stood."""

    kind: ClassVar[str] = "shipment_booked"
    shipment: ShipmentId
    lane: ShortName
    carrier: ShortName
    from_site: ShortName
    to_site: ShortName
    """The ends of the lane as it was then."""

    pick_up: TimeWindow
    delivery: TimeWindow
    box: BoxId | None = None
    data_logger: EquipmentId | None = None
    waybill: WaybillText | None = None
    sscc: SsccText | None = None


class ShipmentProgress(Payload):
    """What a carrier said of a shipment, by itself, in a file or on the telephone."""

    kind: ClassVar[str] = "shipment_progress"
    shipment: ShipmentId
    milestone: ShipmentMilestone
    place: Word
    """Where it was, as a carrier names places: an airport, a hub, a site."""

    estimated_delivery: Instant | None = None
    source: ProgressSource
