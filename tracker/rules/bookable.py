"""What the registry knows of resources and lanes, as the planner takes it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from msgspec import Struct

from schema.vocabulary import ResourceType, Weekday
from tracker.planning.calendar import Lane, Offset, Resource
from tracker.planning.chain import Taken
from tracker.rules.calendars import why_closed
from tracker.rules.registry_state import BookableResource, CarrierLane, RegistryState

OffsetOf = Callable[[str], Offset]
"""Gives, for a site, how far its clocks are ahead of UTC at a moment."""


class PlaceView(Struct, frozen=True):
    """What is left at the resources for one therapy: its own places are not among those taken."""

    offset_of: OffsetOf
    taken: Taken


def resource_of(registry: RegistryState, one: BookableResource, offset_of: OffsetOf) -> Resource:
    """A resource of a site with its places, hours and closures."""
    return Resource(
        one.id,
        one.title,
        offset_of(one.site),
        partial(why_closed, registry.sites[one.site], resource=one.code),
        one.per_weekday,
        one.concurrent,
        one.occupies,
        one.notice,
        one.hours,
        one.from_day,
        one.until_day,
    )


def resources_at(
    registry: RegistryState, site: str, resource_type: ResourceType, offset_of: OffsetOf
) -> tuple[Resource, ...]:
    """What can be booked of a type at a site, by code."""
    found = (one for one in registry.resources.values() if one.site == site)
    of_type = (one for one in found if one.resource_type is resource_type)
    return tuple(resource_of(registry, one, offset_of) for one in sorted(of_type, key=lambda one: one.code))


def site_of(registry: RegistryState, site: str, offset_of: OffsetOf) -> Resource:
    """A site itself: where nothing is counted, a milestone can be on each day on which it is open."""
    known = registry.sites[site]
    return Resource(site, known.title, offset_of(site), partial(why_closed, known))


def lane_of(registry: RegistryState, one: CarrierLane, offset_of: OffsetOf) -> Lane:
    """A lane with the days on which its carrier picks up and the site that it leaves is open."""
    site = registry.sites[one.from_site]
    return Lane(
        one.code,
        f"{registry.sites[one.carrier].title}, {one.from_site} to {one.to_site}",
        one.from_site,
        one.to_site,
        one.transit,
        one.cutoff,
        frozenset(number for number, day in enumerate(Weekday) if day in one.picks_up_on),
        offset_of(one.from_site),
        lambda day: why_closed(site, day) if day <= one.until_day else "no longer served",
    )


def lanes_between(
    registry: RegistryState, from_site: str, to_site: str, offset_of: OffsetOf
) -> tuple[Lane, ...]:
    """The lanes from one site to another, by code."""
    found = sorted(
        (one for one in registry.lanes.values() if (one.from_site, one.to_site) == (from_site, to_site)),
        key=lambda one: one.code,
    )
    return tuple(lane_of(registry, one, offset_of) for one in found)
