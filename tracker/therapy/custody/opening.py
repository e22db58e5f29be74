"""Opening a box: taken out again where it was packed, or matched unit by unit where it came."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Final

from msgspec.structs import replace

from schema.errors import InputError
from schema.events.custody import Inspected, Inspection, Packed, Unpacked
from schema.vocabulary import Fault, InspectionResult
from tracker.rules.checks.condition import OUT_OF_BAND, door_violations
from tracker.rules.checks.equipment import Use, travelling_violations
from tracker.rules.checks.identity import Mismatch, stop, strangers_in
from tracker.rules.checks.seal import seal_violations
from tracker.rules.decision import Decision, Denied, Violation
from tracker.rules.selection import Selected, object_of, seal_of, select
from tracker.rules.situation import Decisions, Found, Situation
from tracker.rules.therapy_state import TherapyState
from tracker.rules.units import decide_units
from tracker.therapy.custody.at_place import missing_violations, opened, unpacked
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
        extra=partial(unpacked, situation, request.actor, box),
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
    strangers = _strangers(situation, request, box)
    if strangers and request.outside_rules is None:
        return stop(situation, request, *strangers)
    missing = () if box is None else tuple(missing_violations(situation, box, results))
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
            yield from _taken_out(situation, therapy, item)
            return
        yield from opened(situation, request.actor, box, therapy, item)
        yield from missing
        if not request.seal_intact and results[item.unit.unit] is InspectionResult.ACCEPT:
            yield _broken(item, box)
        if results[item.unit.unit] is InspectionResult.ACCEPT:
            use = Use(situation.registry, situation.station.site, situation.occurred_at, situation.offset_of)
            yield from travelling_violations(use, box, item.unit.logger_beside, (item.unit.unit,))
        if Fault.SEAL not in found[item.unit.unit]:
            yield from _other_seal(situation, request, therapy, item, box)

    return decide_units(
        situation,
        request,
        Inspected.kind,
        build,
        scans=tuple(given.unit for given in request.results),
        extra=matches,
        faults=lambda unit: causes(found[unit]),
    )


def _strangers(situation: Situation, request: Inspect, box: str | None) -> tuple[Mismatch, ...]:
    """A unit of a therapy that the box does not hold: it may be another patient's."""
    inside = tuple(one for one in situation.therapies.values() if box is not None and any(one.in_box(box)))
    if box is None or not inside:
        return ()
    selection = select(situation, (given.unit for given in request.results))
    return strangers_in(box, inside, selection, Inspected.kind, waivable=True)


def _broken(item: Selected, box: str) -> Violation:
    return Violation(
        "seal_broken",
        f"The seal of the box {box} was not intact.",
        "Put its units into quarantine and call quality.",
        field="seal_intact",
        unit=item.unit.unit,
        quarantines=(item.unit.unit,),
    )


def _other_seal(
    situation: Situation, request: Inspect, therapy: TherapyState, item: Selected, box: str
) -> Iterable[Violation]:
    read = None if request.seal is None else seal_of(situation, request.seal)
    if isinstance(read, Violation):
        yield read
    elif read is not None:
        yield from seal_violations(box, therapy.seals.get(box), read, (item.unit.unit,))


def _never_accepted(warm: Violation) -> Violation:
    """What comes out of a warm box is accepted by nobody, also not outside the rules."""
    return replace(
        warm,
        remedy="If it is so, say quarantine or reject for the unit, and the display as what is wrong. "
        "If not, type what the display shows.",
        waivable=False,
    )


def _taken_out(situation: Situation, therapy: TherapyState, item: Selected) -> Iterable[Violation]:
    """Without a box only what was taken out of one at the door, and not yet matched, is inspected.

    What was made elsewhere and packed by nobody here came in its maker's box, which this record knows not.
    """
    elsewhere = situation.protocol(therapy).is_made_elsewhere and Packed.kind not in item.unit.facts
    if item.unit.was_taken_out or elsewhere:
        return
    yield Violation(
        "box_not_scanned",
        f"{item.unit.unit} was not taken out of a box at the door.",
        "Scan the box that it came in.",
        waivable=False,
    )


DECISIONS: Final[Decisions] = {
    Unpack: decide_unpack,
    Inspect: decide_inspect,
}
