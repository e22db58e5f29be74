"""A therapy as the planner takes it: what it needs, what of it is done, and what is booked."""

from __future__ import annotations

from datetime import date, datetime

from schema.events.processing import ManufacturingStarted
from schema.vocabulary import FailurePath, Priority
from tracker.planning.chain import Pathway, PlannedSlot, Weight
from tracker.planning.planner import Wish
from tracker.protocols.model import PlannedStep, Protocol
from tracker.rules.bookable import PlaceView
from tracker.rules.failed import begun_anew
from tracker.rules.pathways import pathway_of
from tracker.rules.plan_state import PlanState
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_state import Occurrence, TherapyState

RECOLLECT, REMANUFACTURE = FailurePath.RECOLLECT, FailurePath.REMANUFACTURE
WEIGHTS = {
    Priority.ROUTINE: Weight.ROUTINE,
    Priority.URGENT: Weight.URGENT,
    Priority.CRITICAL: Weight.CRITICAL,
}


def wish_of(
    therapy: TherapyState,
    protocol: Protocol,
    registry: RegistryState,
    places: PlaceView,
    *,
    ready: date,
    priority: Priority,
) -> Wish:
    """What is to be planned of a therapy."""
    pathway = pathway_of(protocol, therapy.sites, registry, places.offset_of)
    return Wish(pathway, ready, WEIGHTS[priority], done_of(therapy, protocol))


def chain_of(plan: PlanState | None) -> dict[str, PlannedSlot]:
    """What is booked, as the planner takes it."""
    booked = {} if plan is None else plan.booked
    return {
        name: PlannedSlot(
            name,
            one.milestone.resource,
            one.milestone.start,
            one.milestone.end,
            one.milestone.lane,
            one.milestone.departs,
        )
        for name, one in booked.items()
    }


def done_of(therapy: TherapyState, protocol: Protocol) -> dict[str, PlannedSlot]:
    """The milestones that were fulfilled, at the time at which they were.

    One that is not recorded is done when a later one is, of the cells: what is done to the patient alone,
    such as lymphodepletion, says nothing of where they are. After a manufacture that failed, all of it is to
    be done once more, or what comes from the start of manufacturing on.
    """
    names = [one.fulfilled_by for one in protocol.milestones]
    again = names.index(ManufacturingStarted.kind) if ManufacturingStarted.kind in names else len(names)
    collected, made = (begun_anew(therapy, path) for path in (RECOLLECT, REMANUFACTURE))
    booked = chain_of(therapy.plan)
    found: dict[str, PlannedSlot] = {}
    later: datetime | None = None
    for place, one in reversed([*enumerate(protocol.milestones)]):
        since = [at for at in (collected, made if place >= again else None) if at is not None]
        fact = _fulfilled(therapy, one, max(since, default=None))
        at = fact.at if fact is not None else later
        if at is not None:
            later = at if one.materials or fact is None else later
            resource = booked[one.name].resource if one.name in booked else ""
            # What is fulfilled when it begins goes on; of anything else the step records the end.
            ends = at + one.lasts if one.is_fulfilled_at_start else at
            found[one.name] = PlannedSlot(one.name, resource, at, ends)
    return {one.name: found[one.name] for one in protocol.milestones if one.name in found}


def _fulfilled(therapy: TherapyState, one: PlannedStep, since: datetime | None) -> Occurrence | None:
    if one.fulfilled_by is None:
        return None
    facts = [
        unit.facts[one.fulfilled_by]
        for unit in therapy.units.values()
        if one.fulfilled_by in unit.facts and (not one.materials or unit.material in one.materials)
    ]
    if not one.materials and one.fulfilled_by in therapy.facts:
        facts.append(therapy.facts[one.fulfilled_by])
    own = (fact for fact in facts if since is None or fact.at > since)
    return min(own, key=lambda fact: fact.at, default=None)


def days_of(pathway: Pathway, slot: PlannedSlot) -> tuple[str, str]:
    """The first and the last day on which a slot takes a place, by the calendar of its site."""
    resource = next(one for one in pathway.by_name[slot.name].resources if one.code == slot.resource)
    days = resource.days_of(slot.start)
    return date.fromordinal(days.start).isoformat(), date.fromordinal(days.stop - 1).isoformat()
