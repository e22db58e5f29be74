"""The decision over a step of the process: what touched the cells, what was measured, what went where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from msgspec import Struct

from schema.errors import InputError
from schema.events import Payload
from schema.events import processing as events
from schema.instants import CLOCKS_APART_MAX
from schema.vocabulary import EntryMode, Material
from tracker.kinds import BESIDE, STEP_KINDS
from tracker.protocols.model import ItemCode, Protocol, Step
from tracker.requests.base import Scan
from tracker.rules.attempt import local_time
from tracker.rules.checks.bench import instrument_taken, is_for_one
from tracker.rules.checks.identity import Mismatch, foreign, stop
from tracker.rules.checks.label import label_missing
from tracker.rules.conclusion import with_notices
from tracker.rules.decision import Allowed, Decision, Denied, Notice, ScanAnswer, Violation
from tracker.rules.failed import attempt_of
from tracker.rules.growth import counted, curve, growth_notices
from tracker.rules.instruments import instrument_violations, is_exclusive
from tracker.rules.lots import lot_named, lot_violations
from tracker.rules.measured import FILLED, require_described, require_measured, require_volume
from tracker.rules.registry_state import Equipment, Lot, RegistryState
from tracker.rules.selection import Selected, not_a, select
from tracker.rules.situation import Decisions, Found, Resolution, Situation
from tracker.rules.therapy_state import TherapyState, UnitState
from tracker.rules.units import decide_units
from tracker.therapy.making import requests as asked

FILLED_ONCE: Final = frozenset({Material.QC_SAMPLE, Material.RETAIN, Material.SYRINGE})
"""Containers into which nothing more goes once something is in them."""


class LookedUpMove(Struct, frozen=True):
    """Cells that went from one container into another, each looked up."""

    source: UnitState
    target: UnitState
    read: Resolution
    given: asked.MoveGiven


class Scanned(Struct, frozen=True):
    """What was scanned beside the units, looked up, and what of it is no such thing."""

    instruments: tuple[Equipment, ...]
    lots: tuple[tuple[Lot, asked.LotGiven, Resolution], ...]
    moves: tuple[LookedUpMove, ...]
    samples: Mapping[str, str]
    """The sample of each measure that was measured on one."""


def decide_perform_step(situation: Situation, request: asked.PerformStep) -> Decision:
    """A step of the process is one therapy's, whatever is on the bench beside it."""
    started, ended = _times(situation, request)
    groups = select(situation, request.units).groups
    first = next((situation.therapy(coi) for coi in groups), None)
    expected = situation.therapies.get(request.begun_with or "") or first
    if request.step in STEP_KINDS or request.step in BESIDE:
        return Denied(_no_such_step(request))
    refusal = _by_program(request)
    if refusal is not None:
        return Denied(refusal)
    if expected is not None:
        strange = _stranger(situation, request, expected)
        if strange is not None:
            return stop(situation, request, strange)
    scanned = _looked_up(situation, request)
    if isinstance(scanned, Violation):
        return Denied(scanned)
    if expected is not None:
        _require_whole(situation, request, expected, scanned, started)

    def build(therapy: TherapyState, units: tuple[str, ...]) -> Payload:
        return _event(situation, request, therapy, units, scanned, (started, ended))

    def rules(therapy: TherapyState, item: Selected) -> Iterable[Violation]:
        step = situation.protocol(therapy).step(request.step, item.unit.material)
        if step is None:
            return ()
        return _violations(situation, request, therapy, item.unit, step, scanned, (started, ended))

    decision = decide_units(situation, request, request.step, build, extra=rules)
    if isinstance(decision, Denied):
        return decision
    return with_notices(decision, [*_grown(situation, decision)])


def _grown(situation: Situation, decision: Allowed) -> Iterator[Notice]:
    """What a count says of the growth of its culture, and a harvest of the dose."""
    for draft in decision.events:
        payload = draft.payload
        if not isinstance(payload, events.StepPerformed):
            continue
        therapy = situation.therapy(draft.chain)
        protocol = situation.protocol(therapy)
        before = curve(therapy, protocol, payload.attempt, situation.offset_of)
        found = counted(before, protocol, payload, situation.offset_of)
        if found is not None:
            yield from growth_notices(protocol, payload.step, found, therapy.dose)


def _no_such_step(request: asked.PerformStep) -> Violation:
    return Violation(
        "not_in_protocol",
        f"{request.step} is no step of a process; it has a request of its own.",
        "Name a step as the protocol does, such as activation.",
        waivable=False,
    )


def _times(situation: Situation, request: asked.PerformStep) -> tuple[datetime, datetime]:
    """When it began and ended; raises InputError for times that cannot be."""
    ended = request.ended_at or situation.occurred_at
    started = request.started_at or ended
    if ended - situation.occurred_at > CLOCKS_APART_MAX:
        raise InputError(
            f"The step cannot end at {local_time(situation, ended)}, after it is recorded.",
            remedy="Check the day and the year.",
        )
    if started > ended:
        raise InputError(
            f"The step cannot begin at {local_time(situation, started)}, after it ended at "
            f"{local_time(situation, ended)}.",
            remedy="Check both times.",
        )
    return started, ended


def _by_program(request: asked.PerformStep) -> Violation | None:
    """An instrument says what it measured; what was scanned and what went where, a person says."""
    if request.entry.mode is not EntryMode.UNATTENDED or not (request.lots or request.moves):
        return None
    return Violation(
        "person_scans",
        "An unattended entry names lots or containers that were filled; nobody scanned them.",
        "Send measured values alone; a person at a terminal scans lots and containers.",
        waivable=False,
    )


def _stranger(situation: Situation, request: asked.PerformStep, expected: TherapyState) -> Mismatch | None:
    """A container of another therapy among what goes in or is filled: nothing is done with any of them.

    Of what happened outside the rules each therapy is told its own; what went from one patient's container
    into another's cannot be told in one chain without naming the other, and is a deviation in each.
    """
    within = [("moves", scan) for one in request.moves for scan in (one.source, one.target)]
    within += [("measured", one.sample) for one in request.measured if one.sample is not None]
    if request.outside_rules is not None and not within:
        return None
    for field, scan in [*(("units", scan) for scan in request.units), *within]:
        read = situation.resolve(scan)
        if read.coi is not None and read.coi != expected.coi:
            outside = request.outside_rules is not None
            return foreign(expected, request.step, read, field=field, waivable=not outside)
    return None


def _looked_up(situation: Situation, request: asked.PerformStep) -> Scanned | Violation:
    instruments: dict[str, Equipment] = {}
    for scan in request.instruments:
        read = situation.resolve(scan)
        one = situation.registry.equipment(read.object_id or "") if read.found is Found.INSTRUMENT else None
        if one is None:
            return not_a(read, "instrument")
        instruments[one.id] = one
    lots: dict[str, tuple[Lot, asked.LotGiven, Resolution]] = {}
    for given in request.lots:
        read = situation.resolve(given.lot)
        lot = situation.registry.lot(read.object_id or "") if read.found is Found.LOT else None
        if lot is None:
            return not_a(read, "lot of goods")
        lots[lot.id] = lot, given, read
    moves: list[LookedUpMove] = []
    for move in request.moves:
        source, target = (_unit(situation, scan) for scan in (move.source, move.target))
        if isinstance(source, Violation):
            return source
        if isinstance(target, Violation):
            return target
        moves.append(LookedUpMove(source, target, situation.resolve(move.target), move))
    samples: dict[str, str] = {}
    for value in request.measured:
        if value.sample is not None:
            sample = _unit(situation, value.sample)
            if isinstance(sample, Violation):
                return sample
            samples[value.measure] = sample.unit
    return Scanned(tuple(instruments.values()), tuple(lots.values()), tuple(moves), samples)


def _unit(situation: Situation, scan: Scan) -> UnitState | Violation:
    read = situation.resolve(scan)
    return situation.unit_of(read) or not_a(read, "registered container")


def _require_whole(
    situation: Situation,
    request: asked.PerformStep,
    therapy: TherapyState,
    scanned: Scanned,
    started: datetime,
) -> None:
    """Raise InputError for numbers, times and moves that cannot be."""
    enrolled = therapy.facts.get("enrolled")
    if enrolled is not None and started < enrolled.at - CLOCKS_APART_MAX:
        raise InputError(
            f"The step cannot begin at {local_time(situation, started)}, before the therapy was enrolled.",
            remedy="Check the day and the year.",
        )
    protocol = situation.protocol(therapy)
    step = next(protocol.steps_of(request.step), None)
    if step is not None:
        given = {one.measure: one.value for one in request.measured}
        if len(given) < len(request.measured):
            raise InputError("A measure is given twice.", remedy="Give each value once.", code="given_twice")
        units = {one.measure: one.unit_of_measure for one in request.measured if one.unit_of_measure}
        require_measured(protocol, step, given, units)
    for lot, said, _ in scanned.lots:
        item = protocol.items.get(lot.item)
        try:
            require_described(protocol, None if item is None else item.measure, said.quantity, lot_named(lot))
        except InputError as error:
            raise error.at("lots") from error
    _require_moves(situation, request, therapy, protocol, scanned.moves)


def _require_moves(
    situation: Situation,
    request: asked.PerformStep,
    therapy: TherapyState,
    protocol: Protocol,
    moves: Sequence[LookedUpMove],
) -> None:
    """Raise InputError for cells that go in a circle, come from nowhere, or are more than there were."""
    taken: dict[str, Decimal] = {}
    filled: dict[str, Decimal] = {}
    named = {situation.resolve(scan).unit for scan in request.units}
    for one in moves:
        source, target = one.source, one.target
        if source.unit not in named:
            raise InputError(
                f"{source.unit} is emptied and was not scanned as what the step is done with.",
                remedy="Scan it among the units too.",
                code="source_not_named",
            )
        if target.unit in {source.unit, *therapy.lineage(source.unit)}:
            raise InputError(
                f"{source.unit} cannot go into {target.unit}: that is itself, or what it was made from.",
                remedy="Scan the container that was filled.",
                code="circle",
            )
        if one.given.volume_ml is not None:
            taken[source.unit] = taken.get(source.unit, Decimal(0)) + Decimal(one.given.volume_ml)
            filled[target.unit] = filled.get(target.unit, Decimal(0)) + Decimal(one.given.volume_ml)
    if {one.target.unit for one in moves} & {one.source.unit for one in moves}:
        raise InputError(
            "A container is filled and emptied in one step.",
            remedy="Record what happened one after the other as two steps.",
            code="circle",
        )
    for one in moves:
        out, held = taken.get(one.source.unit), one.source.volume_ml
        if out is not None and held is not None and out > held:
            raise InputError(
                f"{out} mL cannot come out of the {held} mL in {one.source.unit}.",
                remedy="Check the volume.",
                code="volume_exceeded",
            )
        volume = filled.get(one.target.unit)
        if volume is not None:
            require_volume(protocol, one.target.material, FILLED, str(volume))


def _violations(
    situation: Situation,
    request: asked.PerformStep,
    therapy: TherapyState,
    unit: UnitState,
    step: Step,
    scanned: Scanned,
    times: tuple[datetime, datetime],
) -> Iterator[Violation]:
    at, site, clock = times[1], situation.station.site, situation.offset_of
    protocol = situation.protocol(therapy)
    for one in scanned.instruments:
        yield from instrument_violations(protocol, step, one, site=site, at=at, offset_of=clock)
        if is_exclusive(protocol, one):
            yield from instrument_taken(situation, request, therapy, one.id)
    for lot, _, read in scanned.lots:
        yield from _of_item(protocol, step, lot, read)
        yield from lot_violations(situation.registry, lot, site=site, at=at, offset_of=clock)
    yield from _missing(protocol, step, request, scanned)
    yield from _moved(protocol, step, scanned)
    yield from _overlaps(situation, therapy, unit, step, times)


def goods_violations(
    registry: RegistryState,
    protocol: Protocol,
    step: Step,
    thing: str,
    *,
    site: str,
    at: datetime,
    offset_of: Callable[[datetime], str],
) -> Iterator[Violation]:
    """Why a lot or an instrument is not for a step, as soon as it is scanned for it."""
    lot, instrument = registry.lot(thing), registry.equipment(thing)
    if lot is not None:
        yield from _of_item(protocol, step, lot, Resolution(lot.id, Found.LOT, lot.id))
        yield from lot_violations(registry, lot, site=site, at=at, offset_of=offset_of)
    if instrument is not None:
        yield from instrument_violations(protocol, step, instrument, site=site, at=at, offset_of=offset_of)


def _of_item(protocol: Protocol, step: Step, lot: Lot, read: Resolution) -> Iterator[Violation]:
    """Whether the step takes the lot's item, and whether the maker's own code is taken for it."""
    described = protocol.items.get(lot.item)
    if lot.item not in step.items:
        wanted = ", ".join(protocol.items[name].title for name in step.items) or "no lot"
        title = described.title if described is not None else lot.item.replace("_", " ")
        yield Violation(
            "lot_wrong_item",
            f"{lot_named(lot)} is {title}; {step.title} takes {wanted}.",
            "Scan the lot that is used; put the other one away.",
            field="lots",
            compared="item",
            expected=wanted,
            read=title,
            carrier="label",
        )
    elif described is not None:
        is_makers = read.object_id is not None and read.object_id not in read.text
        if is_makers and ItemCode.GTIN not in described.codes:
            yield Violation(
                "makers_code",
                f"{lot_named(lot)}: for {described.title} its maker's code is not taken.",
                f"Scan our label; `cartrail label {lot.id}` prints it.",
                answer=ScanAnswer.CHECK,
                field="lots",
            )
        yield from _kept_otherwise(lot, described.celsius_min, described.celsius_max)


def _kept_otherwise(lot: Lot, low: str | None, high: str | None) -> Iterator[Violation]:
    """A label that allows what the protocol does not is that of other goods, or of another protocol."""
    warmer = high is not None and lot.celsius_max is not None and Decimal(lot.celsius_max) > Decimal(high)
    colder = low is not None and lot.celsius_min is not None and Decimal(lot.celsius_min) < Decimal(low)
    if warmer or colder:
        yield Violation(
            "lot_wrong_storage",
            f"{lot_named(lot)} is kept at {lot.celsius_min} to {lot.celsius_max} C; "
            f"the protocol asks for {low} to {high} C.",
            "Check what was typed when it was received; ask quality.",
            field="lots",
        )


def _missing(
    protocol: Protocol, step: Step, request: asked.PerformStep, scanned: Scanned
) -> Iterator[Violation]:
    """What the step asks for and nobody scanned or read."""
    classes = {one.instrument_class for one in scanned.instruments}
    items = {lot.item for lot, _, _ in scanned.lots}
    read = {one.measure for one in request.measured}
    measures = {one.name: one.title for one in protocol.measures}
    for rule, field, titles in (
        (
            "missing_instrument",
            "instruments",
            [protocol.instruments[name].title for name in step.instruments if name not in classes],
        ),
        ("missing_lot", "lots", [protocol.items[name].title for name in step.lots if name not in items]),
        ("missing_value", "measured", [measures[name] for name in step.measures if name not in read]),
    ):
        if titles:
            what = {"measured": "Read and type", "lots": "Scan the lot of"}.get(field, "Scan the")
            yield Violation(
                rule,
                f"{step.title}: missing {', '.join(titles)}.",
                f"{what}: {', '.join(titles)}.",
                answer=ScanAnswer.CHECK,
                field=field,
            )


def _moved(protocol: Protocol, step: Step, scanned: Scanned) -> Iterator[Violation]:
    """What is filled at the step, and into what."""
    if step.into is None and scanned.moves:
        yield Violation(
            "nothing_filled",
            f"Nothing is filled at {step.title}.",
            "Record the filling by the step that the protocol has for it.",
            field="moves",
        )
    if step.into is not None and not scanned.moves:
        into = step.into.value.replace("_", " ")
        yield Violation(
            "missing_move",
            f"{step.title}: nobody said what went into which {into}.",
            f"Scan what it came out of, and each {into} that was filled.",
            answer=ScanAnswer.CHECK,
            field="moves",
        )
    for one in scanned.moves if step.into is not None else ():
        target = one.target
        if target.material is not step.into:
            yield Violation(
                "wrong_material",
                f"{target.unit} was registered as {target.material.value}, and {step.title} fills "
                f"{step.into}.",
                "Scan the right container.",
                field="moves",
            )
        if target.final is not None:
            yield Violation(
                "unit_ended",
                f"{target.unit} is {target.final.value}: its record has ended.",
                "Scan an empty container.",
                waivable=False,
                field="moves",
            )
        if target.attempt and (target.material in FILLED_ONCE):
            yield Violation(
                "already_done",
                f"{target.unit} is already filled.",
                "Scan an empty container.",
                answer=ScanAnswer.CHECK,
                field="moves",
            )
        yield from label_missing(protocol, target)


def _overlaps(
    situation: Situation,
    therapy: TherapyState,
    unit: UnitState,
    step: Step,
    times: tuple[datetime, datetime],
) -> Iterator[Violation]:
    """Two steps on one vessel at the same time are one too many, or a time was mistyped."""
    started, ended = times
    for record in therapy.process:
        if unit.unit in record.touched and started < record.ended_at and record.started_at < ended:
            yield Violation(
                "overlap",
                f"{step.title} from {local_time(situation, started)} to {local_time(situation, ended)} lies "
                f"within {record.step.replace('_', ' ')} of the same container, "
                f"{local_time(situation, record.started_at)} to {local_time(situation, record.ended_at)}.",
                "Check the times. If both happened at once, record it outside the rules.",
                answer=ScanAnswer.CHECK,
            )
            return


def _event(
    situation: Situation,
    request: asked.PerformStep,
    therapy: TherapyState,
    units: tuple[str, ...],
    scanned: Scanned,
    times: tuple[datetime, datetime],
) -> events.StepPerformed:
    protocol = situation.protocol(therapy)
    started, ended = times
    return events.StepPerformed(
        units=units,
        step=request.step,
        attempt=attempt_of(therapy, units),
        started_at=started,
        ended_at=ended,
        instruments=tuple(one.id for one in scanned.instruments),
        lots=tuple(events.LotUsed(lot=lot.id, quantity=given.quantity) for lot, given, _ in scanned.lots),
        measured=tuple(
            events.ValueMeasured(
                measure=one.measure, value=one.value, sample=scanned.samples.get(one.measure)
            )
            for one in request.measured
        ),
        moves=tuple(
            events.CellsMoved(
                source=one.source.unit,
                target=one.target.unit,
                volume_ml=one.given.volume_ml,
                empties=one.given.empties,
            )
            for one in scanned.moves
        ),
        bench=_bench(request, protocol, scanned),
    )


def _bench(request: asked.PerformStep, protocol: Protocol, scanned: Scanned) -> str | None:
    """The exclusive instrument at which a live step was taken; else the bench is that of the station."""
    if request.entry.mode is not EntryMode.LIVE or not is_for_one(tuple(protocol.steps_of(request.step))):
        return None
    return next((one.id for one in scanned.instruments if is_exclusive(protocol, one)), None)


DECISIONS: Final[Decisions] = {asked.PerformStep: decide_perform_step}
