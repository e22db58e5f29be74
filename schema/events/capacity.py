"""Events about what can be booked at the sites, and about the ways of carriers between them."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from schema.events.base import Day, Payload, ShortName, Title, WholeNumber
from schema.measured import CelsiusText
from schema.vocabulary import ResourceType, Weekday

ClockTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A time of day as the clocks of a site show it, as 08:30."""

PlacesPerWeekday = Annotated[
    tuple[Annotated[WholeNumber, Field(ge=0, le=999)], ...], Field(min_length=7, max_length=7)
]
"""How many can begin on each day of the week, Monday first."""

ResourceCode = Annotated[str, Field(pattern=r"^[A-Z0-9-]{2,16}/[A-Z0-9-]{2,16}$")]
"""`SITE/RESOURCE`."""


class ResourceSet(Payload):
    """What a milestone takes a place of at a site, as it is from here on: a chair, a start, a bed."""

    kind: ClassVar[str] = "resource_set"
    site: ShortName
    resource: ShortName
    resource_type: ResourceType
    title: Title
    per_weekday: PlacesPerWeekday
    concurrent: Annotated[WholeNumber, Field(ge=1, le=9999)] | None = None
    """How many can be in it on one day, those that began before included; None where nobody counts."""

    occupies_hours: Annotated[WholeNumber, Field(ge=1, le=2400)]
    """How long one is in it; every day of the site that it touches counts."""

    notice_hours: Annotated[WholeNumber, Field(ge=0, le=2400)] = 0
    """How long before it begins a place has to be booked."""

    opens: ClockTime
    closes: ClockTime
    """The last time at which one can begin."""

    from_day: Day | None = None
    """The first day on which it is there; None for one that always was."""

    until_day: Day | None = None


class LaneSet(Payload):
    """The way of a carrier from one site to another, as it is from here on."""

    kind: ClassVar[str] = "lane_set"
    lane: ShortName
    from_site: ShortName
    to_site: ShortName
    carrier: ShortName
    transit_hours: Annotated[WholeNumber, Field(ge=1, le=720)]
    """From the pick-up to the door, as it usually takes."""

    transit_hours_max: Annotated[WholeNumber, Field(ge=1, le=720)] | None = None
    """How long it may take: a box that travels by it holds its temperature for so long."""

    celsius_min: CelsiusText | None = None
    celsius_max: CelsiusText | None = None
    """What the carrier keeps on the way; without any it takes whatever the box holds."""

    cutoff: ClockTime
    """When the carrier picks up, by the clocks of the site it leaves."""

    picks_up_on: tuple[Weekday, ...] = Field(min_length=1, max_length=7)
    until_day: Day | None = None
    """The last day on which it picks up; None where no end is known."""

    documents: tuple[Title, ...] = Field(default=(), max_length=20)
    """What has to go with a box on this way, as for the customs."""
