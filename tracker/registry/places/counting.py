"""The decision over a count: everything that lies in a place was scanned and is held against the record.

The registry keeps how many there were. Which unit was missed, or lies where the record does not have it,
stands in the chain of its patient alone. Where more therapies have to hear of it than one act takes, the
count comes first, and the same codes sent again tell the others.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from typing import Final

from msgspec import Struct

from schema.counting import counted
from schema.entry import Read
from schema.events import Party
from schema.events.custody import CountFound
from schema.events.registry import StorageCounted
from schema.vocabulary import CountResult, LocationType, Meaning, PartyType, Role
from tracker.registry.places.requests import CountStorage
from tracker.registry.situation import Decisions, RegistrySituation, allowed, denied, denied_by
from tracker.rules.authority import grant_violation
from tracker.rules.custodians import responsible_roles
from tracker.rules.decision import Allowed, Decision, Denied, Draft, Notice, ScanAnswer, Slot
from tracker.rules.registry_state import Location
from tracker.rules.selection import CARRIERS
from tracker.rules.therapy_state import UnitState

TOLD_AT_ONCE: Final = 100
"""Therapies in whose chains one act writes what differs."""

COUNT_GOES_ON: Final = "count_goes_on"
"""The rule of the notice that there are more therapies to tell."""

CAUSES: Final = {
    CountResult.MISSING: "unit_missing",
    CountResult.UNEXPECTED: "unit_unexpected",
}
"""As what a deviation is drafted."""


class Counted(Struct, frozen=True):
    """The units of a place by what a count says of each."""

    found: tuple[str, ...]
    missing: tuple[str, ...]
    unexpected: tuple[str, ...]


def held_against(scanned: Collection[str], there: Collection[str], given: Container[str]) -> Counted:
    """What was scanned against what is there by the record; what was handed over may be on its way."""
    return Counted(
        found=tuple(name for name in scanned if name in there),
        missing=tuple(sorted(name for name in there if name not in scanned and name not in given)),
        unexpected=tuple(name for name in scanned if name not in there),
    )


def decide_count(situation: RegistrySituation, request: CountStorage) -> Decision:
    """Whoever answers for the place counts it; what differs gets a deviation in its own chain."""
    place = situation.registry.location(request.location)
    refusal = _not_to_count(situation, request, place)
    if refusal is not None or place is None:
        return refusal or denied("location_unknown", "No such place.", "Scan the code of the place.")
    units = {unit.unit: unit for inside in situation.inside.values() for _, unit in inside}
    result = _result(situation, request, units)
    said = [*_said_of_each(situation, result, units, place.id)]
    told = [*dict.fromkeys(coi for coi, _, _ in said)]
    now = {*told[:TOLD_AT_ONCE]}
    performed = Slot(Meaning.PERFORMED, staff=request.actor)
    drafts = tuple(
        Draft(
            coi,
            CountFound(units=named, location=place.id, result=what),
            reads=() if what is CountResult.MISSING else _reads(situation, request, named),
            slots=(performed,),
            deviates=(CAUSES[what],) if what in CAUSES else (),
        )
        for coi, what, named in said
        if coi in now
    )
    left = len(told) - len(now)
    notices = () if not left else (_more(place, left),)
    if request.goes_on:
        return _not_this_count(place, result, drafts) or Allowed(drafts, notices)
    unknown = tuple(
        situation.commit("code", found.text)
        for found in (situation.resolutions.get(scan.key) for scan in request.units)
        if found is not None and found.unit is None
    )
    event = StorageCounted(
        location=place.id,
        expected=len(result.found) + len(result.missing),
        found=len(result.found),
        missing=len(result.missing),
        unexpected=len(result.unexpected),
        unknown=unknown,
    )
    decision = allowed(situation, request, [event], performed)
    return Allowed((*drafts, *decision.events), notices)


def _not_this_count(place: Location, result: Counted, drafts: tuple[Draft, ...]) -> Denied | None:
    """Why these codes do not go on with the last count of the place; None where they do."""
    last = place.counted
    numbers = [*map(len, (result.found, result.missing, result.unexpected))]
    if last is None or [last.found, last.missing, last.unexpected] != numbers:
        before = None if last is None else (last.found, last.missing, last.unexpected)
        said = "there is none" if before is None else _numbers(*before)
        return denied(
            "other_count",
            f"These codes say of {place.title}: {_numbers(*numbers)}. The last count: {said}.",
            "Count it anew: what lies there has changed, or other codes were read.",
        )
    if drafts:
        return None
    return denied(
        "already_done",
        f"The count of {place.title} is written in every therapy.",
        "Nothing to do.",
        answer=ScanAnswer.CHECK,
    )


def _numbers(found: int, missing: int, unexpected: int) -> str:
    return f"{found} found, {missing} missing, {unexpected} unexpected"


def _more(place: Location, left: int) -> Notice:
    return Notice(
        COUNT_GOES_ON,
        f"{place.title} is counted; to {counted(left, 'therapy', 'therapies')} nothing is written yet.",
        f"Go on with the same codes: `cartrail storage count {place.id} --go-on`; at a terminal F10.",
        ScanAnswer.CHECK,
    )


def _not_to_count(
    situation: RegistrySituation, request: CountStorage, place: Location | None
) -> Denied | None:
    """Why this person cannot count it at this station; None for a place that they answer for."""
    if place is None:
        return denied(
            "location_unknown",
            f"This store has no place {request.location}.",
            "Scan the code of the place, or add it first.",
        )
    station = situation.registry.station(situation.station)
    if station is None or place.site != station.site:
        return denied(
            "other_site",
            f"{place.title} is not at the site of this station.",
            "Count it at a station of its site.",
        )
    if place.location_type is not LocationType.STORAGE:
        return denied("not_storage", f"{place.title} is not a storage location.", "Scan a storage location.")
    roles = responsible_roles(situation.registry, Party(type=PartyType.LOCATION, id=place.id))
    violation = grant_violation(
        situation.registry, request.actor, roles | {Role.QUALITY}, place.site, situation.now
    )
    return None if violation is None else denied_by(violation)


def _result(situation: RegistrySituation, request: CountStorage, units: Mapping[str, UnitState]) -> Counted:
    read = (situation.resolutions.get(scan.key) for scan in request.units)
    scanned = dict.fromkeys(one.unit for one in read if one is not None and one.unit in units)
    there = {name for name, unit in units.items() if unit.location == request.location}
    given = {name for name in there if units[name].handoff is not None}
    return held_against([name for name in scanned if name is not None], there, given)


def _said_of_each(
    situation: RegistrySituation, result: Counted, units: Mapping[str, UnitState], location: str
) -> Iterator[tuple[str, CountResult, tuple[str, ...]]]:
    """What each chain is told, where a count before has not said the same; most hear nothing."""
    again = tuple(name for name in result.found if units[name].is_missed)
    for what, named in (
        (CountResult.MISSING, result.missing),
        (CountResult.UNEXPECTED, result.unexpected),
        (CountResult.FOUND_AGAIN, again),
    ):
        new = {name for name in named if not _said_before(units[name], what, location)}
        for coi, inside in situation.inside.items():
            own = tuple(unit.unit for _, unit in inside if unit.unit in new)
            if own:
                yield coi, what, own


def _said_before(unit: UnitState, what: CountResult, location: str) -> bool:
    word = unit.out_of_place
    return word is not None and (word.result, word.location) == (what, location)


def _reads(situation: RegistrySituation, request: CountStorage, named: Iterable[str]) -> tuple[Read, ...]:
    """How the units of one therapy were read: a chain holds no code of another."""
    wanted, reads = {*named}, []
    for scan in request.units:
        found = situation.resolutions.get(scan.key)
        if found is not None and found.unit in wanted:
            carrier = scan.carrier or CARRIERS.get(found.found, "label")
            reads.append(Read("units", found.text, scan.mode, carrier))
            wanted.discard(found.unit)
    return tuple(reads)


DECISIONS: Final[Decisions] = {CountStorage: decide_count}
