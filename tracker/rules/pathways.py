"""The milestones of one therapy as the planner takes them: of its protocol, at its sites."""

from __future__ import annotations

from schema.events.identity import TherapySites
from schema.vocabulary import SitePart
from tracker.planning.chain import LongestGap, Milestone, Pathway
from tracker.protocols.bands import celsius_range, range_of
from tracker.protocols.milestone_checks import gaps_of
from tracker.protocols.model import Keeping, PlannedStep, Protocol, ThermalState
from tracker.rules.bookable import OffsetOf, lanes_between, resources_at, site_of
from tracker.rules.registry_state import CarrierLane, RegistryState


def pathway_of(
    protocol: Protocol, sites: TherapySites, registry: RegistryState, offset_of: OffsetOf
) -> Pathway:
    """What can be planned of a therapy; a milestone whose site has no resource of its type has none."""
    return Pathway(
        tuple(_milestone(protocol, one, sites, registry, offset_of) for one in protocol.milestones),
        (
            *(LongestGap(limit.title, a.name, b.name, limit.within) for limit, a, b in gaps_of(protocol)),
            *_latest(protocol),
        ),
    )


def _milestone(
    protocol: Protocol, one: PlannedStep, sites: TherapySites, registry: RegistryState, offset_of: OffsetOf
) -> Milestone:
    here = _site(sites, one.part)
    found = (
        (site_of(registry, here, offset_of),)
        if one.resource is None
        else resources_at(registry, here, one.resource, offset_of)
    )
    origin = None if one.carried_from is None else _site(sites, one.carried_from)
    # Two parts of one site are next door to each other: nobody drives.
    stays = origin is None or origin == here
    lanes = None
    if origin is not None and not stays:
        known = lanes_between(registry, origin, here, offset_of)
        lanes = tuple(lane for lane in known if _bears(protocol, one, registry.lanes[lane.code]))
    return Milestone(one.name, one.title, found, one.after, one.earliest, one.typical, one.lasts, lanes)


def _bears(protocol: Protocol, one: PlannedStep, lane: CarrierLane) -> bool:
    """Whether each material of the milestone bears, fresh or frozen, what the carrier keeps on the way."""
    kept = celsius_range(lane.celsius_min, lane.celsius_max)
    if kept.minimum is None and kept.maximum is None:
        return True
    return all(
        any(
            allowed.covers(kept)
            for state in (ThermalState.FRESH, ThermalState.FROZEN)
            if (allowed := range_of(protocol, material, state, Keeping.TRANSPORT)) is not None
        )
        for material in one.materials
    )


def _latest(protocol: Protocol) -> tuple[LongestGap, ...]:
    titles = {one.name: one.title for one in protocol.milestones}
    return tuple(
        LongestGap(f"{titles[one.after]} to {one.title.lower()}", one.after, one.name, one.latest)
        for one in protocol.milestones
        if one.after is not None and one.latest is not None
    )


def _site(sites: TherapySites, part: SitePart) -> str:
    return {
        SitePart.COLLECTION: sites.collection,
        SitePart.MANUFACTURING: sites.manufacturing,
        SitePart.TREATMENT: sites.treatment,
    }[part]
