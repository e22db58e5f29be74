"""Decisions over what is done to the cells: collected, manufactured, infused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from schema.errors import InputError
from schema.events import Payload
from schema.events import processing as events
from schema.events.processing import Manufactured, ManufacturedUnit
from schema.instants import CLOCKS_APART_MAX
from schema.vocabulary import CodeType
from tracker.protocols.model import Protocol
from tracker.rules.attempt import local_time
from tracker.rules.checks.identity import foreign, stop
from tracker.rules.checks.label import label_missing
from tracker.rules.conclusion import with_notices
from tracker.rules.decision import Decision, Denied, Notice, ScanAnswer, Violation
from tracker.rules.dosing import GIVEN_FROM, Factor, as_text, cells_by_formula, factors
from tracker.rules.failed import attempt_of
from tracker.rules.measured import FILLED, require_volume
from tracker.rules.selection import Selected, not_a
from tracker.rules.situation import Decisions, Found, Situation
from tracker.rules.therapy_state import TherapyState, UnitState
from tracker.rules.units import decide_units
from tracker.therapy.making import requests as asked

_NEARLY_ALL: Final = Decimal("0.9")
"""What stays in a bag and its tube is less than the rest of it."""


def decide_start_collection(situation: Situation, request: asked.StartCollection) -> Decision:
    """Donation number and label at the chair; the number is kept without prefix, as the label shows it."""
    din = situation.resolve(request.din)
    numbers = (one.value for one in din.identities if one.type is CodeType.DIN)
    value = next(numbers, din.object_id or din.text)

    def unused(therapy: TherapyState, item: Selected) -> Iterable[Violation]:
        others = (
            unit
            for unit in therapy.units.values()
            if unit.unit != item.unit.unit and (unit.din == value or unit.unit == din.unit)
        )
        for other in others:
            yield Violation(
                "din_used", f"{value} already stands for {other.unit}.", "Scan this collection's number."
            )
        if din.coi is not None and din.coi != therapy.coi:
            yield Violation(
                "din_foreign",
                "This donation number stands for another therapy.",
                "Stop; call quality.",
                waivable=False,
                field="din",
                compared="donation number",
                expected=f"one of therapy {therapy.coi}",
                read=value,
                carrier="label",
            )
        elif din.found is not Found.FOREIGN and (din.coi is None or din.copy is not None):
            yield not_a(din, "donation")

    return decide_units(
        situation,
        request,
        events.CollectionStarted.kind,
        lambda _, units: events.CollectionStarted(unit=units[0], din=value),
        extra=unused,
    )


def decide_complete_collection(situation: Situation, request: asked.CompleteCollection) -> Decision:
    """End time, volume and the second person's label check."""
    ended_at = request.ended_at or situation.occurred_at
    if ended_at > situation.occurred_at:
        ended = local_time(situation, ended_at)
        raise InputError(f"The collection cannot end at {ended}, after it is recorded.")

    def after_it_began(_: TherapyState, item: Selected) -> Iterable[Violation]:
        began = item.unit.facts.get(events.CollectionStarted.kind)
        if began is not None and ended_at < began.at - CLOCKS_APART_MAX:
            raise InputError(
                f"The collection cannot end at {local_time(situation, ended_at)}, before it began "
                f"at {local_time(situation, began.at)}."
            )
        return ()

    return decide_units(
        situation,
        request,
        events.Collected.kind,
        lambda _, units: events.Collected(unit=units[0], volume_ml=request.volume_ml, ended_at=ended_at),
        extra=after_it_began,
    )


def decide_infusion_end(
    situation: Situation, request: asked.CompleteInfusion | asked.StopInfusion
) -> Decision:
    """How much was infused; it cannot be more than the container held, nor more than was planned of it.

    An infusion as intended gave something, and nearly all of what was intended.
    """
    is_completed = isinstance(request, asked.CompleteInfusion)
    planned = request.planned_ml if isinstance(request, asked.CompleteInfusion) else None
    infused = Decimal(request.infused_ml)
    notices: list[Notice] = []

    def fits(_: TherapyState, item: Selected) -> Iterable[Violation]:
        volume = item.unit.volume_ml
        if is_completed and not infused:
            yield Violation(
                "nothing_infused",
                f"0 mL of {item.unit.unit} is no infusion as intended.",
                "Check the volume. If nothing flowed, record the infusion as stopped, with the reason.",
                waivable=False,
                field="infused_ml",
            )
        if planned is not None and volume is not None and Decimal(planned) > volume:
            yield Violation(
                "planned_exceeds",
                f"{planned} mL planned is more than the {volume} mL in {item.unit.unit}.",
                "Check what was planned of this container.",
                waivable=False,
                field="planned_ml",
            )
        intended = volume if planned is None else Decimal(planned)
        if is_completed and intended is not None and 0 < infused < intended * _NEARLY_ALL:
            notices.append(_less_than_intended(item.unit.unit, infused, intended))
        if volume is not None and infused > volume:
            yield Violation(
                "volume_exceeded",
                f"{request.infused_ml} mL is more than the {volume} mL in {item.unit.unit}.",
                "Check the volume.",
            )
        if planned is not None and infused > Decimal(planned):
            yield Violation(
                "more_than_planned",
                f"{request.infused_ml} mL is more than the {planned} mL planned of {item.unit.unit}.",
                "Check both volumes. If more was given than planned, record it outside the rules.",
            )

    def build(_: TherapyState, units: tuple[str, ...]) -> Payload:
        if isinstance(request, asked.StopInfusion):
            return events.InfusionStopped(units=units, infused_ml=request.infused_ml)
        return events.InfusionCompleted(units=units, infused_ml=request.infused_ml, planned_ml=planned)

    records = request.records
    decision = decide_units(situation, request, "" if records is None else records.kind, build, extra=fits)
    return with_notices(decision, tuple(dict.fromkeys(notices)))


def _less_than_intended(unit: str, infused: Decimal, intended: Decimal) -> Notice:
    return Notice(
        "less_than_intended",
        f"{infused} mL of the {intended} mL of {unit} that were to be given is not all of it.",
        "Check the volume. If the infusion was ended early, correct it: it was stopped, for a reason.",
        ScanAnswer.CHECK,
    )


def decide_manufactured(situation: Situation, request: asked.CompleteManufacturing) -> Decision:
    """Parents into filled containers, each registered and labeled before it was filled."""
    children: list[tuple[asked.ChildGiven, UnitState]] = []
    violations: list[Violation] = []
    for given in request.children:
        resolution = situation.resolve(given.unit)
        unit = situation.unit_of(resolution)
        if unit is None or resolution.coi is None:
            return Denied(not_a(resolution, "registered container"))
        parents = {situation.resolve(scan).coi for scan in request.units}
        if resolution.coi not in parents:
            for therapy in [known for coi, known in situation.therapies.items() if coi in parents][:1]:
                other = foreign(therapy, Manufactured.kind, resolution, field="children", waivable=False)
                return stop(situation, request, other)
        violations.extend(_child_violations(situation, resolution.coi, unit, given))
        if given.volume_ml is not None:
            protocol = situation.protocol(situation.therapy(resolution.coi))
            require_volume(protocol, unit.material, FILLED, given.volume_ml)
        children.append((given, unit))

    def build(therapy: TherapyState, units: tuple[str, ...]) -> Payload:
        attempt = attempt_of(therapy, units)
        protocol = situation.protocol(therapy)
        own = frozenset().union(*(therapy.lineage(one) for one in units))
        known = factors(therapy, protocol, attempt, own)
        made = tuple(_made(protocol, known, unit, given) for given, unit in children)
        return Manufactured(parents=units, children=made, attempt=attempt)

    def same_therapy(therapy: TherapyState, parent: Selected) -> Iterable[Violation]:
        yield from violations
        for given, unit in children:
            if unit.unit == parent.unit.unit:
                yield Violation(
                    "own_parent",
                    f"{unit.unit} cannot be filled from itself.",
                    "Scan the container that was filled.",
                    waivable=False,
                )
            if therapy.unit(unit.unit) is None:
                read = situation.resolve(given.unit)
                yield foreign(therapy, Manufactured.kind, read, field="children", waivable=False).violation

    return decide_units(situation, request, Manufactured.kind, build, extra=same_therapy)


def _made(
    protocol: Protocol, known: Mapping[str, Factor], unit: UnitState, given: asked.ChildGiven
) -> ManufacturedUnit:
    """A filled container, of what is given to the patient with the cells in it."""
    cells = None
    if unit.material in GIVEN_FROM and given.volume_ml is not None:
        cells = cells_by_formula(protocol, known, Decimal(given.volume_ml))
    return ManufacturedUnit(
        unit=unit.unit,
        material=unit.material,
        volume_ml=given.volume_ml,
        cells=None if cells is None else as_text(cells),
        component=unit.component,
        part=unit.part,
        color=unit.color,
    )


def _child_violations(
    situation: Situation, coi: str, unit: UnitState, given: asked.ChildGiven
) -> Iterator[Violation]:
    if unit.final is not None:
        yield Violation(
            "unit_ended",
            f"{unit.unit} is {unit.final.value}: its record has ended.",
            "Scan an empty container.",
            waivable=False,
        )
    yield from label_missing(situation.protocol(situation.therapy(coi)), unit)
    if Manufactured.kind in unit.facts:
        yield Violation("already_done", f"{unit.unit} is already filled.", "Scan an empty container.")
    if given.material is not None and given.material is not unit.material:
        yield Violation(
            "wrong_material",
            f"{unit.unit} was registered as {unit.material.value}, not as {given.material.value}.",
            "Scan the right container.",
        )


DECISIONS: Final[Decisions] = {
    asked.StartCollection: decide_start_collection,
    asked.CompleteCollection: decide_complete_collection,
    asked.CompleteManufacturing: decide_manufactured,
    asked.StopInfusion: decide_infusion_end,
    asked.CompleteInfusion: decide_infusion_end,
}
