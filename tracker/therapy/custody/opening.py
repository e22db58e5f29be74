"""Opening a box: taken out again where it was packed, or matched unit by unit where it came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from schema.errors import InputError
from schema.events.custody import Inspected, Inspection, Packed, Unpacked
from schema.vocabulary import Fault, InspectionResult
from tracker.rules.checks.condition import OUT_OF_BAND, door_violations
from tracker.rules.checks.equipment import Use, travelling_violations
from tracker.rules.checks.seal import seal_violations
from tracker.rules.decision import Decision, Denied, Violation
from tracker.rules.selection import Selected, object_of, seal_of
from tracker.rules.situation import Decisions, Found, Situation
from tracker.rules.therapy_state import TherapyState
from tracker.rules.units import decide_units
from tracker.therapy.custody.faults import causes, inspection_violations
from tracker.therapy.custody.requests import Inspect, Unpack


def decide_unpack(situation: Situation, request: Unpack) -> Decision:
    """Taken out again before it was handed over."""
    box = object_of(situation, request.box, Found.BOX)
    if isinstance(box, Violation):
        return Denied(box)
    return decide_units(
        situation,
        request,
        Unpacked.kind,
        lambda _, units: Unpacked(units=units, box=box),
        extra=lambda _, item: (*_in_box(item, box), *_travelled(item, wanted=False)),
    )


def decide_inspect(situation: Situation, request: Inspect) -> Decision:
    """Each unit in the box matched: none missing, none unexpected."""
    box = None if request.box is None else object_of(situation, request.box, Found.BOX)
    if isinstance(box, Violation):
        return Denied(box)
    results: dict[str, InspectionResult] = {}
    found: dict[str, tuple[Fault, ...]] = {}
    for given in request.results:
        unit = situation.unit_of(situation.resolve(given.unit))
        if unit is not None:
            if unit.unit in results:
                raise InputError(f"The unit {unit.unit} was scanned twice in one inspection.")
            results[unit.unit] = given.result
            found[unit.unit] = given.faults
    missing = () if box is None else _missing(situation, box, frozenset(results))
    unsaid = tuple(inspection_violations(request))

    def build(_: TherapyState, units: tuple[str, ...]) -> Inspected:
        return Inspected(
            box=box,
            seal_intact=request.seal_intact,
            results=tuple(Inspection(unit=unit, result=results[unit], faults=found[unit]) for unit in units),
            display_celsius=request.display_celsius,
        )

    def matches(therapy: TherapyState, item: Selected) -> Iterable[Violation]:
        yield from unsaid
        accepted = results[item.unit.unit] is InspectionResult.ACCEPT
        seen = door_violations(
            situation, therapy, (item.unit,), box, request.display_celsius, found[item.unit.unit]
        )
        yield from (_never_accepted(one) if accepted and one.rule == OUT_OF_BAND else one for one in seen)
        if box is None:
            yield from _taken_out(item)
            return
        yield from _in_box(item, box)
        yield from _travelled(item, wanted=True)
        yield from missing
        packed = therapy.seals.get(box)
        read = None if request.seal is None else seal_of(situation, request.seal)
        if not request.seal_intact and results[item.unit.unit] is InspectionResult.ACCEPT:
            yield Violation(
                "seal_broken",
                f"The seal of the box {box} was not intact.",
                "Put its units into quarantine and call quality.",
                field="seal_intact",
                unit=item.unit.unit,
                quarantines=(item.unit.unit,),
            )
        if results[item.unit.unit] is InspectionResult.ACCEPT:
            use = Use(situation.registry, situation.station.site, situation.occurred_at, situation.offset_of)
            yield from travelling_violations(use, box, item.unit.logger_beside, (item.unit.unit,))
        if isinstance(read, Violation):
            yield read
        elif read is not None and Fault.SEAL not in found[item.unit.unit]:
            yield from seal_violations(box, packed, read, (item.unit.unit,))

    return decide_units(
        situation,
        request,
        Inspected.kind,
        build,
        scans=tuple(given.unit for given in request.results),
        extra=matches,
        faults=lambda unit: causes(found[unit]),
    )


def _never_accepted(warm: Violation) -> Violation:
    """What comes out of a warm box is accepted by nobody, also not outside the rules."""
    return replace(
        warm,
        remedy="Read the display again. If that is what it shows, say quarantine or reject for the unit, and "
        "the display as what is wrong.",
        waivable=False,
    )


def _missing(situation: Situation, box: str, seen: frozenset[str]) -> tuple[Violation, ...]:
    inside = [unit.unit for therapy in situation.therapies.values() for unit in therapy.in_box(box)]
    absent = [unit for unit in inside if unit not in seen]
    if not absent:
        return ()
    return (
        Violation(
            "units_missing",
            f"By the record the box {box} also holds {', '.join(absent)}, not scanned.",
            "Scan every unit; if one is not there, record it outside the rules and call quality.",
        ),
    )


def _in_box(item: Selected, box: str) -> Iterable[Violation]:
    if item.unit.box != box:
        yield Violation(
            "not_in_box",
            f"{item.unit.unit} is not in the box {box} by the record.",
            "Stop and look: contents differ. Quarantine it and call quality.",
        )


def _taken_out(item: Selected) -> Iterable[Violation]:
    """Without a box only what was taken out of one at the door, and not yet matched, is inspected."""
    if item.unit.was_taken_out:
        return
    yield Violation(
        "box_not_scanned",
        f"{item.unit.unit} was not taken out of a box at the door.",
        "Scan the box that it came in.",
        waivable=False,
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


DECISIONS: Final[Decisions] = {
    Unpack: decide_unpack,
    Inspect: decide_inspect,
}
