"""Requests about what can be booked at a site, and about the lanes between sites."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from schema.events import capacity as events
from schema.events.base import ShortName, WholeNumber
from schema.events.capacity import ClockTime, PlacesPerWeekday
from schema.measured import CelsiusText
from schema.vocabulary import ResourceType, Weekday
from tracker.registry.requests import RegistryRequest
from tracker.requests.base import PayloadClass
from tracker.requests.fields import LabelTitle, NearDay


class SetResource(RegistryRequest):
    """Say what can be booked at a site: how many a day, when, for how long."""

    name: ClassVar[str] = "set_resource"
    summary: ClassVar[str] = (
        "Set what can be booked at a site: a chair, a start, a bed (administrator or coordinator)."
    )
    records: ClassVar[PayloadClass] = events.ResourceSet
    site: ShortName
    resource: ShortName
    resource_type: ResourceType
    title: LabelTitle
    per_weekday: PlacesPerWeekday = Field(description="how many can begin on each day, Monday first")
    concurrent: Annotated[WholeNumber, Field(ge=1, le=9999)] | None = Field(
        default=None, description="how many can be in it on one day, where they stay for several"
    )
    occupies_hours: Annotated[WholeNumber, Field(ge=1, le=2400)]
    notice_hours: Annotated[WholeNumber, Field(ge=0, le=2400)] = 0
    opens: ClockTime
    closes: ClockTime = Field(description="the last time at which one can begin")
    from_day: NearDay | None = None
    until_day: NearDay | None = None


class SetLane(RegistryRequest):
    """Say how a carrier goes from one site to another."""

    name: ClassVar[str] = "set_lane"
    summary: ClassVar[str] = (
        "Set when a carrier picks up at one site for another, and how long it takes (administrator or "
        "coordinator)."
    )
    records: ClassVar[PayloadClass] = events.LaneSet
    lane: ShortName
    from_site: ShortName
    to_site: ShortName
    carrier: ShortName
    transit_hours: Annotated[WholeNumber, Field(ge=1, le=720)]
    transit_hours_max: Annotated[WholeNumber, Field(ge=1, le=720)] | None = Field(
        default=None, description="how long it may take; a box has to hold for so long"
    )
    celsius_min: CelsiusText | None = None
    celsius_max: CelsiusText | None = Field(default=None, description="what the carrier keeps on the way")
    cutoff: ClockTime
    picks_up_on: tuple[Weekday, ...] = Field(min_length=1, max_length=7)
    until_day: NearDay | None = None
    documents: tuple[LabelTitle, ...] = Field(
        default=(), max_length=20, description="what has to go with a box on this way, as for the customs"
    )
