"""What a move of a booked milestone brings with it, and why a chain cannot be booked as somebody wants it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from tracker.planning.calendar import day_at
from tracker.planning.chain import Chain, Milestone, Pathway, PlannedSlot, Taken, passed
from tracker.planning.obstacles import Blocker, Obstacle, day_text, gathered
from tracker.planning.placing import Places
from tracker.planning.planner import LONG_AGO, Wish, forward, is_past, out_of_order, past_limit

PUT_OFF_MAX: Final = timedelta(days=366)
"""Nobody puts a milestone off for longer without planning the therapy anew."""


class Move(Struct, frozen=True):
    """A milestone that is to begin at another time, in one resource where it is named."""

    name: str
    start: datetime
    resource: str | None = None


class Change(Struct, frozen=True):
    """A milestone as it is booked and as it would be."""

    before: PlannedSlot
    after: PlannedSlot

    @property
    def moved(self) -> bool:
        """Whether it would be at another time or in another place."""
        return (self.before.resource, self.before.start) != (self.after.resource, self.after.start)


class Consequences(Struct, frozen=True):
    """Every milestone of a chain before and after a move; what comes before the moved one is there too."""

    changes: tuple[Change, ...]
    obstacles: tuple[Obstacle, ...]
    """Why the others could not stay where they were."""

    @property
    def moved(self) -> tuple[Change, ...]:
        """The milestones that are not where they were."""
        return tuple(one for one in self.changes if one.moved)


class NoMove(Struct, frozen=True):
    """The milestone cannot be moved there: why, what decides it first, and when it can be instead."""

    obstacles: tuple[Obstacle, ...]
    first: Chain
    """The first chain with it from the time on that was asked for; where there is none, from now on."""


def consequences(
    wish: Wish, standing: Chain, move: Move, taken: Taken, now: datetime
) -> Consequences | NoMove:
    """What else moves with a milestone; the others stay where they are booked as long as they can.

    What comes after it goes later where it must, and what comes before it where a limit asks it. Where a
    milestone is moved forward in time, those after it follow only if a limit would pass otherwise.
    """
    far = too_far(wish, standing, move, now)
    if far is not None:
        return NoMove((far,), {})
    pathway, free = wish.pathway, taken.copy()
    free.book_chain(pathway, (slot for slot in standing.values() if slot.name not in wish.done), -1)
    places = Places(free, now, [])
    pinned = places.at(pathway.by_name[move.name], move.start, move.resource)
    if pinned is None:
        return _no_move(wish, standing, move, places)
    fixed = {**wish.done, move.name: pinned}
    for floors in _floors(wish, standing, move.name):
        found = forward(pathway, places, _raised(wish.floor(), floors), fixed, move.name)
        if found is not None:
            changes = (Change(standing[name], slot) for name, slot in found.items() if name in standing)
            return Consequences(tuple(changes), gathered(places.met))
    return _no_move(wish, standing, move, places)


def too_far(wish: Wish, standing: Chain, move: Move, now: datetime) -> Obstacle | None:
    """A day that can only be a mistyped year: longer after what is booked than anything is put off."""
    booked = standing.get(move.name)
    one = wish.pathway.by_name[move.name]
    if booked is None or move.start <= max(booked.start, now) + PUT_OFF_MAX or not one.resources:
        return None
    day, stands = (day_at(one.resources[0].offset, when) for when in (move.start, booked.start))
    text = (
        f"{day_text(day)} {day.year} is more than a year after {day_text(stands)} {stands.year}, when "
        f"{one.title.lower()} is booked: check the year"
    )
    return Obstacle(move.name, Blocker.TOO_FAR, text)


def _floors(wish: Wish, standing: Chain, name: str) -> Iterator[dict[str, datetime]]:
    """The others stay where they are booked; where that cannot be, what comes after may come earlier."""
    stay = {each: slot.start for each, slot in standing.items() if each not in wish.done and each != name}
    yield stay
    later = _after(wish, name)
    yield {each: start for each, start in stay.items() if each not in later}


def _no_move(wish: Wish, standing: Chain, move: Move, places: Places) -> NoMove:
    firsts = (_first(wish, standing, move, places, since) for since in (move.start, places.now))
    return NoMove(_decisive(places.met), next((one for one in firsts if one is not None), {}))


def _first(wish: Wish, standing: Chain, move: Move, places: Places, since: datetime) -> Chain | None:
    """The first chain in which the milestone is from a moment on."""
    pathway = _only_in(wish.pathway, move)
    for floors in _floors(wish, standing, move.name):
        raised = _raised(_raised(wish.floor(), floors), {move.name: since})
        found = forward(pathway, Places(places.taken, places.now, []), raised, wish.done)
        if found is not None:
            return found
    return None


def _only_in(pathway: Pathway, move: Move) -> Pathway:
    """The same with the one resource that was asked for, where it is one of those of the milestone."""
    one = pathway.by_name[move.name]
    named = tuple(each for each in one.resources if each.code == move.resource)
    if not named:
        return pathway
    only = replace(one, resources=named)
    return Pathway(tuple(only if each is one else each for each in pathway.milestones), pathway.gaps)


def _decisive(met: Sequence[Obstacle]) -> tuple[Obstacle, ...]:
    """What made it impossible, which was met last; then what else was in the way of that; then the rest."""
    if not met:
        return ()
    last = met[-1]
    others = [one for one in met if one.blocker is not Blocker.LIMIT]
    return gathered((last, *(one for one in others if one.milestone == last.milestone), *others))


def _raised(floor: dict[str, datetime], other: dict[str, datetime]) -> dict[str, datetime]:
    names = floor.keys() | other.keys()
    return {name: max(floor.get(name, LONG_AGO), other.get(name, LONG_AGO)) for name in names}


def _after(wish: Wish, name: str) -> set[str]:
    """The milestones that come after one, however far."""
    found = {name}
    for one in wish.pathway.milestones:
        if one.after in found:
            found.add(one.name)
    return found - {name}


def why_not(
    wish: Wish, chain: Chain, taken: Taken, now: datetime, *, judged: Collection[str] | None = None
) -> tuple[Obstacle, ...]:
    """What speaks against a chain as it is; nothing where it can be booked.

    The places that the therapy has booked itself must not be among those taken. Where only some milestones
    are `judged`, the places of the others are theirs already, and order and limits hold for all.
    """
    asked = frozenset(wish.pathway.by_name if judged is None else judged)
    return gathered(_against(wish, {**chain, **wish.done}, Places(taken, now, []), asked))


def _against(wish: Wish, chain: Chain, places: Places, judged: Collection[str]) -> Iterator[Obstacle]:
    pathway, ended = wish.pathway, passed(wish.pathway, chain)
    for one in pathway.milestones:
        slot = chain.get(one.name)
        if slot is None:
            yield Obstacle(one.name, Blocker.NO_PLACE, f"{one.title} is not in the chain")
            return
        if one.name in wish.done:
            continue
        before = None if one.after is None else chain[one.after]
        if before is not None and slot.leaves < max(before.end + one.earliest, ended[before.name]):
            yield out_of_order(pathway, slot, before)
        if one.name in judged:
            yield from _no_place(one, slot, places)
            yield from _before_ready(wish, slot)
    open_gaps = (gap for gap in pathway.gaps if gap.until not in wish.done)
    yield from (past_limit(pathway, gap, chain) for gap in open_gaps if is_past(gap, chain))


def _no_place(one: Milestone, slot: PlannedSlot, places: Places) -> Iterator[Obstacle]:
    met = len(places.met)
    if places.at(one, slot.start, slot.resource) is None:
        yield from places.met[met:]


def _before_ready(wish: Wish, slot: PlannedSlot) -> Iterator[Obstacle]:
    floor = wish.floor().get(slot.name)
    if floor is not None and slot.start < floor:
        text = f"the patient can be collected from {day_text(wish.ready)} on"
        yield Obstacle(slot.name, Blocker.NOT_READY, text)
