"""What a step asks of one unit at one place: judged at each scan of a rack, and again for the whole set.

Both ask here, so that a unit that is counted is not refused when the set is signed.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from schema.events import Party
from schema.events.custody import Inspected, Packed, Retrieved, Stored, Unpacked
from schema.vocabulary import PartyType
from tracker.rules.attempt import local
from tracker.rules.checks.condition import place_violations, removal_violations
from tracker.rules.checks.label import leaving_violations
from tracker.rules.checks.position import position_violations
from tracker.rules.checks.step import role_violation
from tracker.rules.custodians import responsible_roles
from tracker.rules.decision import ScanAnswer, Violation
from tracker.rules.registry_state import Location
from tracker.rules.selection import CARRIERS, Selected
from tracker.rules.situation import Situation
from tracker.rules.therapy_state import TherapyState

Rule = Callable[[Situation, str, str, TherapyState, Selected], Iterable[Violation]]
"""By whom, and at which location or box."""


def put_away(
    situation: Situation, actor: str, location: str, therapy: TherapyState, item: Selected
) -> Iterable[Violation]:
    """A place that keeps what the unit bears, and in which it is not yet."""
    yield from _responsible(situation, actor, location)
    place = situation.registry.location(location)
    if place is not None:
        yield from place_violations(situation.protocol(therapy), item.unit, place)
    # What lies in a place with positions is put away there again when it gets another one.
    if item.unit.location == location and (place is None or place.grid is None):
        yield _already(situation, item, "there")


def in_position(
    situation: Situation, place: Location, position: str | None, item: Selected, moved: Container[str]
) -> Iterable[Violation]:
    """A free position of the place, or of what is `moved` in the same act; not the one it has."""
    lying = {at: unit for at, unit in situation.lying.items() if unit not in moved}
    yield from position_violations(place, position, item.unit.unit, lying)
    is_there = item.unit.location == place.id and place.grid is not None
    if is_there and position == item.unit.position and not item.unit.is_missed:
        yield _already(situation, item, f"in {position}" if position else "there")


def _already(situation: Situation, item: Selected, where: str) -> Violation:
    return Violation(
        "already_done",
        f"{item.unit.unit} is already put away {where}{_since(situation, item)}.",
        "Nothing to do.",
        answer=ScanAnswer.CHECK,
        unit=item.unit.unit,
    )


def retrieved(
    situation: Situation, actor: str, location: str, therapy: TherapyState, item: Selected
) -> Iterable[Violation]:
    """Only what is in the place that was scanned is taken out of it, and not too often."""
    yield from _responsible(situation, actor, location)
    yield from removal_violations(situation.protocol(therapy), item.unit)
    if item.unit.location != location:
        yield Violation(
            "not_there",
            f"By the record {item.unit.unit} is not there but in {item.unit.location or 'no location'}"
            f"{_gone(situation, item)}.",
            "Scan the location you took it from; never infer it.",
            field="location",
            compared="location",
            expected=item.unit.location or "no location",
            read=location,
            carrier="location",
            unit=item.unit.unit,
        )


def packed(
    situation: Situation, _: str, __: str, therapy: TherapyState, item: Selected
) -> Iterable[Violation]:
    """No label of it that was printed here is left behind unaccounted for."""
    return leaving_violations(situation, therapy, item.unit)


def unpacked(_: Situation, __: str, box: str, ___: TherapyState, item: Selected) -> Iterable[Violation]:
    """It is in the box, which has not been handed over."""
    yield from in_box(item, box)
    yield from _travelled(item, wanted=False)


def opened(_: Situation, __: str, box: str, ___: TherapyState, item: Selected) -> Iterable[Violation]:
    """It is in the box, which came here."""
    yield from in_box(item, box)
    yield from _travelled(item, wanted=True)


RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        Stored.kind: put_away,
        Retrieved.kind: retrieved,
        Packed.kind: packed,
        Unpacked.kind: unpacked,
        Inspected.kind: opened,
    }
)
"""By the kind of step; what other steps ask of a unit they ask of it anywhere."""


def elsewhere(situation: Situation, place: str) -> str | None:
    """The site of a place where a station of another site records what happened there; else None."""
    return None if place == situation.station.site else place


def in_box(item: Selected, box: str) -> Iterable[Violation]:
    """Why a unit does not come out of a box that it is not in."""
    if item.unit.box != box:
        yield Violation(
            "not_in_box",
            f"{item.unit.unit} is not in the box {box} by the record.",
            "Stop and look: contents differ. Quarantine it and call quality.",
            field="units",
            compared="box",
            expected=f"a unit that is in the box {box}",
            read=f"{item.unit.unit}, which is in {item.unit.box or item.unit.location or 'no box'}",
            carrier=CARRIERS.get(item.resolution.found, "label"),
            unit=item.unit.unit,
        )


def missing_violations(situation: Situation, box: str, seen: Container[str]) -> Iterable[Violation]:
    """What is in a box by the record and was not scanned when it was opened."""
    inside = [unit.unit for therapy in situation.therapies.values() for unit in therapy.in_box(box)]
    absent = [unit for unit in inside if unit not in seen]
    if absent:
        yield Violation(
            "units_missing",
            f"By the record the box {box} also holds {', '.join(absent)}, not scanned.",
            "Scan every unit; if one is not there, record it outside the rules and call quality.",
        )


def _travelled(item: Selected, *, wanted: bool) -> Iterable[Violation]:
    """A box that nobody has taken over since it was packed is unpacked; one that came is inspected."""
    if Packed.kind not in item.unit.facts or item.unit.has_travelled is wanted:
        return
    if wanted:
        yield Violation(
            "not_received",
            f"{item.unit.unit} was packed here and nobody has taken it over since.",
            "Hand the box over, or unpack it.",
        )
    else:
        yield Violation(
            "was_received",
            f"{item.unit.unit} came in this box.",
            "Open the box by inspection: each unit is matched and judged.",
        )


def _responsible(situation: Situation, actor: str, location: str) -> Iterable[Violation]:
    """Only who answers for a place puts into it and takes out of it."""
    roles = responsible_roles(situation.registry, Party(type=PartyType.LOCATION, id=location))
    found = role_violation(situation, actor, roles)
    if found is not None:
        yield found


def _since(situation: Situation, item: Selected) -> str:
    stored = item.unit.facts.get(Stored.kind)
    return f", at {local(situation, stored)}" if stored else ""


def _gone(situation: Situation, item: Selected) -> str:
    """Who took it out and when, for the second of two people who want the same bag."""
    taken, stored = item.unit.facts.get(Retrieved.kind), item.unit.facts.get(Stored.kind)
    if item.unit.location is not None or taken is None:
        return ""
    is_last = stored is None or taken.sequence > stored.sequence
    return f": retrieved at {local(situation, taken)}" if is_last else ""
