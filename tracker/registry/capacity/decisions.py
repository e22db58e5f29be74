"""Decisions over what can be booked: places by weekday at a site, and lanes between two sites."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from schema.errors import InputError
from schema.vocabulary import SiteType
from tracker.registry.capacity import requests
from tracker.registry.situation import (
    PLANNERS,
    Decisions,
    RegistrySituation,
    allowed,
    denied,
    denied_by,
    event_of,
    performed,
)
from tracker.rules.authority import site_violation
from tracker.rules.decision import Decision, Denied


def set_resource(situation: RegistrySituation, request: requests.SetResource) -> Decision:
    """Its type stays what it was: what was booked in a chair is not suddenly in a bed."""
    violation = site_violation(situation.registry, request.site)
    if violation is not None:
        return denied_by(violation)
    if request.closes < request.opens:
        raise InputError(
            f"{request.resource} cannot begin from {request.opens} until {request.closes}.",
            remedy="Give the first and the last time of a day at which one can begin.",
        )
    first, last = request.from_day, request.until_day
    if first is not None and last is not None and last < first:
        raise InputError(
            f"{request.resource} cannot be there from {first} until {last}.",
            remedy="Name the first day, then the last one.",
        )
    before = situation.registry.resources.get(f"{request.site}/{request.resource}")
    if before is not None and before.resource_type is not request.resource_type:
        return denied(
            "resource_type_differs",
            f"{before.id} is of the type {before.resource_type}, not {request.resource_type}.",
            "Set another resource with a code of its own, and give this one a last day.",
        )
    return allowed(situation, request, [event_of(request)], performed(request, PLANNERS))


def set_lane(situation: RegistrySituation, request: requests.SetLane) -> Decision:
    """Between two sites that take part, by a carrier; where it goes stays what it was."""
    if request.from_site == request.to_site:
        raise InputError(
            f"The lane {request.lane} leads from {request.from_site} to itself.",
            remedy="Name the site where it is picked up and the one where it is delivered.",
        )
    if len({*request.picks_up_on}) < len(request.picks_up_on):
        raise InputError("A day of the week is named twice.", remedy="Name each once.")
    if request.transit_hours_max is not None and request.transit_hours_max < request.transit_hours:
        raise InputError(
            f"The lane {request.lane} takes {request.transit_hours} h, and at most "
            f"{request.transit_hours_max} h.",
            remedy="Give as transit_hours_max the longest time that it may take.",
        )
    low, high = request.celsius_min, request.celsius_max
    if low is not None and high is not None and Decimal(low) > Decimal(high):
        raise InputError(
            f"{low} C is given as the coldest and {high} C as the warmest.",
            remedy="Give the lower one as celsius_min.",
        )
    for site in (request.from_site, request.to_site, request.carrier):
        violation = site_violation(situation.registry, site)
        if violation is not None:
            return denied_by(violation)
    return _lane_refusal(situation, request) or allowed(
        situation, request, [event_of(request)], performed(request, PLANNERS)
    )


def _lane_refusal(situation: RegistrySituation, request: requests.SetLane) -> Denied | None:
    carrier = situation.registry.sites[request.carrier]
    if carrier.site_type is not SiteType.CARRIER:
        return denied(
            "no_carrier",
            f"{carrier.code} is a {carrier.site_type.value.replace('_', ' ')}, no carrier.",
            "Name the carrier that drives, or add it with `cartrail site add --type carrier`.",
        )
    before = situation.registry.lanes.get(request.lane)
    if before is not None and (before.from_site, before.to_site) != (request.from_site, request.to_site):
        return denied(
            "lane_differs",
            f"The lane {before.code} leads from {before.from_site} to {before.to_site}.",
            "Set another lane with a code of its own, and give this one a last day.",
        )
    return None


DECISIONS: Final[Decisions] = {
    requests.SetResource: set_resource,
    requests.SetLane: set_lane,
}
