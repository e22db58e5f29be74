"""Plans a therapy: the earliest chain that fits, then collected as late as its infusion allows.

Forward, a milestone takes the first place that its predecessor, its floor and the places taken leave. Where a
limit would pass between two milestones, the earlier one gets a later floor and all begins again: floors only
rise, so what is found is the earliest chain there is. Backward, the last milestone stays and the others take
their last places. Where a limit would pass, the later one gets an earlier bound; bounds never fall before the
earliest chain, which passes none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from msgspec import Struct

from tracker.planning.calendar import day_at, instant_at
from tracker.planning.chain import Chain, LongestGap, Pathway, PlannedSlot, Taken, Weight
from tracker.planning.obstacles import Blocker, Obstacle, day_text, gathered, span_text
from tracker.planning.placing import Places

LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Wish(Struct, frozen=True):
    """A therapy that is to be planned: from which day on its patient can be collected."""

    pathway: Pathway
    ready: date
    weight: Weight = Weight.ROUTINE
    done: Chain = {}
    """Milestones that were fulfilled, at the time at which they were."""

    def floor(self) -> dict[str, datetime]:
        """Nothing of the therapy begins before its patient is ready."""
        return {
            one.name: min(instant_at(each.offset, self.ready, time(0)) for each in one.resources)
            for one in self.pathway.milestones
            if one.after is None and one.resources
        }


class PlanProposal(Struct, frozen=True):
    """A chain that can be booked, the earliest one before it was moved right, and what was in the way."""

    slots: Chain
    earliest: Chain
    obstacles: tuple[Obstacle, ...]


class Unplaced(Struct, frozen=True):
    """There is no chain within the horizon: what is in the way."""

    obstacles: tuple[Obstacle, ...]


Planned = tuple[Wish, PlanProposal | Unplaced]
"""A therapy with what became of its wish."""


def propose(wish: Wish, taken: Taken, now: datetime) -> PlanProposal | Unplaced:
    """The chain in which the patient waits least until the infusion, collected as late as that allows."""
    places = Places(taken, now, [])
    earliest = forward(wish.pathway, places, wish.floor(), wish.done)
    if earliest is None:
        return Unplaced(gathered(places.met))
    shifted = right_shift(wish, earliest, taken, now)
    return PlanProposal(shifted, earliest, gathered(places.met))


def propose_each(wishes: Sequence[Wish], taken: Taken, now: datetime) -> list[Planned]:
    """A proposal for each, none taking the place of another, in the order in which they wait least.

    Tried are: by weight and who is ready first, by who is ready first alone, and as they were given.
    """
    orders = (
        sorted(wishes, key=lambda one: (-one.weight, one.ready)),
        sorted(wishes, key=lambda one: (one.ready, -one.weight)),
        list(wishes),
    )
    return min((_in_order(each, taken, now) for each in orders), key=_waited)


def _in_order(wishes: Iterable[Wish], taken: Taken, now: datetime) -> list[Planned]:
    count = taken.copy()
    found = []
    for wish in wishes:
        proposal = propose(wish, count, now)
        if isinstance(proposal, PlanProposal):
            count.book_chain(wish.pathway, proposal.slots.values())
        found.append((wish, proposal))
    return found


def _waited(found: Iterable[Planned]) -> tuple[int, timedelta]:
    """How many have no place, then how long the others wait until their last milestone, as they weigh."""
    unplaced, waited = 0, timedelta()
    for wish, proposal in found:
        if isinstance(proposal, PlanProposal):
            ends = max(slot.start for slot in proposal.slots.values())
            waited += wish.weight * (ends - datetime.combine(wish.ready, time(0), UTC))
        else:
            unplaced += 1
    return unplaced, waited


def right_shift(wish: Wish, earliest: Chain, taken: Taken, now: datetime) -> Chain:
    """The chain with its last milestone where it is, and all before it as late as that and limits allow."""
    pathway, places = wish.pathway, Places(taken, now, [])
    latest = _backward(pathway, places, earliest, wish.done)
    chosen = {
        one.name: latest[one.name].start
        for one in pathway.milestones
        if one.lanes or any(each.per_weekday is not None for each in one.resources)
    }
    return forward(pathway, places, wish.floor() | chosen, wish.done) or earliest


def forward(
    pathway: Pathway, places: Places, floors: Mapping[str, datetime], fixed: Chain, pinned: str = ""
) -> dict[str, PlannedSlot] | None:
    """The earliest chain with each milestone at or after its floor and the fixed ones where they are.

    Of those that are fixed one may be `pinned`: it is asked for, and judged; the others have happened.
    """
    floor = dict(floors)
    open_gaps = [gap for gap in pathway.gaps if gap.until not in fixed or gap.until == pinned]
    while (slots := _one_pass(pathway, places, floor, fixed, pinned)) is not None:
        broken = next((limit for limit in open_gaps if is_past(limit, slots)), None)
        if broken is None:
            return slots
        places.met.append(past_limit(pathway, broken, slots))
        if broken.start in fixed:
            return None
        ends = slots[broken.until].start - broken.within
        floor[broken.start] = ends - pathway.by_name[broken.start].lasts
    return None


def _one_pass(
    pathway: Pathway, places: Places, floor: Mapping[str, datetime], fixed: Chain, pinned: str
) -> dict[str, PlannedSlot] | None:
    slots: dict[str, PlannedSlot] = {}
    ended: dict[str, datetime] = {}
    for one in pathway.milestones:
        before = None if one.after is None else slots[one.after]
        slot = fixed.get(one.name)
        if slot is None:
            after = LONG_AGO if before is None else max(before.end + one.lag, ended[before.name])
            slot = places.first(one, after, floor.get(one.name, LONG_AGO))
        elif one.name == pinned and before is not None and slot.leaves < before.end + one.earliest:
            places.met.append(out_of_order(pathway, slot, before))
            return None
        if slot is None:
            return None
        slots[one.name] = slot
        ended[one.name] = slot.end if before is None else max(slot.end, ended[before.name])
    return slots


def _backward(pathway: Pathway, places: Places, earliest: Chain, fixed: Chain) -> Chain:
    by: dict[str, datetime] = {}
    while True:
        latest = _pass_back(pathway, places, earliest, fixed, by)
        open_gaps = (limit for limit in pathway.gaps if limit.until not in fixed)
        broken = next((limit for limit in open_gaps if is_past(limit, latest)), None)
        if broken is None:
            return latest
        by[broken.until] = latest[broken.start].end + broken.within


def _pass_back(
    pathway: Pathway, places: Places, earliest: Chain, fixed: Chain, by: Mapping[str, datetime]
) -> Chain:
    latest = dict(earliest)
    for one in reversed(pathway.milestones):
        following = pathway.next_of[one.name]
        if one.name not in fixed and following:
            bounds = [latest[each.name].leaves - each.lag - one.lasts for each in following]
            bound = min([*bounds, by.get(one.name, bounds[0])])
            latest[one.name] = places.last(one, bound, earliest[one.name])
    return latest


def is_past(limit: LongestGap, slots: Chain) -> bool:
    """Whether a chain lets more time pass than a limit allows."""
    return slots[limit.until].start > slots[limit.start].end + limit.within


def past_limit(pathway: Pathway, limit: LongestGap, slots: Chain) -> Obstacle:
    """That a limit would pass, with the days between which it would."""
    start, until = slots[limit.start], slots[limit.until]
    ended, begins = (
        day_text(_day(pathway, slot, moment)) for slot, moment in ((start, start.end), (until, until.start))
    )
    took, allowed = (span_text(span) for span in (until.start - start.end, limit.within))
    return Obstacle(
        limit.until,
        Blocker.LIMIT,
        f"{limit.title}: {ended} to {begins} is {took}, at most {allowed}",
    )


def out_of_order(pathway: Pathway, slot: PlannedSlot, before: PlannedSlot) -> Obstacle:
    """That a milestone would begin before the one that it waits for has ended."""
    one, first = pathway.by_name[slot.name], pathway.by_name[before.name]
    ended = day_text(_day(pathway, before, before.end))
    return Obstacle(slot.name, Blocker.ORDER, f"{one.title} comes after {first.title.lower()} ({ended})")


def _day(pathway: Pathway, slot: PlannedSlot, moment: datetime) -> date:
    resources = pathway.by_name[slot.name].resources
    used = next((one for one in resources if one.code == slot.resource), resources[0])
    return day_at(used.offset, moment)
