"""What the protocol has next for what is in the hand, judged by the rules that will judge it then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final

from schema.canonical import Json
from schema.commitments import Commitment
from schema.events.aftercare import OutcomeRecorded, ToxicityGraded
from schema.events.custody import Inspected, Lapsed, Retrieved, Stored
from schema.events.deviations import DeviationAssessed, DeviationClosed
from schema.events.identity import Closed, Enrolled, ProtocolRepinned, UnitRegistered
from schema.events.processing import (
    InfusionStarted,
    LymphodepletionStarted,
    Manufactured,
    QuarantineLifted,
    Released,
    ReleasedOutOfSpecification,
    ResultsReviewed,
    Tested,
)
from schema.identifiers import copy_ordinal
from schema.vocabulary import ObjectType
from tracker.catalog import requests_by_kind
from tracker.kinds import STEP_KINDS, About, Box, Handoff, row_of
from tracker.local_time import offset_of
from tracker.protocols.model import Protocol, Step
from tracker.requests.base import Request
from tracker.rules.attempt import Attempt, sites_with_part
from tracker.rules.authority import part_violation
from tracker.rules.checks.condition import storing_violations
from tracker.rules.checks.label import copy_out_of_use
from tracker.rules.checks.step import step_violations
from tracker.rules.decision import ScanAnswer, Violation
from tracker.rules.label_accounts import PrintRecord
from tracker.rules.registry_state import RegistryState, Station
from tracker.rules.results import open_attempts, to_record
from tracker.rules.selection import Selected, not_a
from tracker.rules.situation import Found, Occupant, Resolution, Situation
from tracker.rules.therapy_state import TherapyState, UnitState
from tracker.therapy.aftercare.decisions import nothing_to_record
from tracker.therapy.course import not_ended
from tracker.therapy.custody.at_place import RULES
from tracker.therapy.custody.handoffs import answering_violations
from tracker.therapy.deviations import judging_violations
from tracker.therapy.making.conditioning import product_not_here
from tracker.therapy.making.quality import not_lifted, not_released, not_released_out_of_specification
from tracker.therapy.making.reviewing import nothing_to_review
from tracker.views.models import NextStep, RackItem

_NO_EVENT = "00000000-0000-7000-8000-000000000000"
_OF_DEVIATIONS = frozenset({DeviationAssessed.kind, DeviationClosed.kind})
"""Nothing to offer where no deviation is open."""

_AFTERWARDS = frozenset({ToxicityGraded.kind, OutcomeRecorded.kind})
"""Nothing to offer before cells were given."""

_CARRIER_RULES = frozenset({"wrong_carrier"})
"""A step that wants the other code of the same unit is offered; the scan is asked again there."""


def next_steps(
    registry: RegistryState,
    therapy: TherapyState,
    protocol: Protocol,
    resolution: Resolution,
    actor: str,
    station: Station,
    now: datetime,
    at_bench: tuple[Occupant, ...] = (),
) -> tuple[NextStep, ...]:
    """The steps of the protocol for what was scanned: possible ones first, in the protocol's order."""
    unit = therapy.unit(resolution.unit) if resolution.unit else None
    situation = looked_at(registry, therapy, protocol, station, now, at_bench)
    request = Request(event_id=_NO_EVENT, actor=actor, station=station.id)
    stranger = part_violation(registry, actor, sites_with_part(therapy), now)
    found: list[NextStep] = []
    for step in protocol.steps:
        if step.kind == Enrolled.kind or not _applies(step, unit, resolution):
            continue
        about = row_of(step.fact).about
        if about is About.EITHER and not therapy.manifests:
            continue
        if step.kind in _OF_DEVIATIONS and not any(therapy.open_deviations()):
            continue
        if step.kind in _AFTERWARDS and not _was_given(therapy):
            continue
        if step.kind == ProtocolRepinned.kind and len(registry.protocols.get(protocol.id, ())) < 2:
            continue  # there is no other version to move to
        subject = None if about is About.THERAPY else unit
        # A container about to be registered is no unit yet: its material says which step is meant.
        material = step.materials[0] if subject is None and step.materials else None
        attempt = Attempt(situation, request, therapy, step.fact, subject, resolution, material)
        found.append(_judged(step, attempt, stranger))
    return tuple(sorted(found, key=lambda one: not one.possible))


def judged(
    registry: RegistryState,
    therapy: TherapyState,
    protocol: Protocol,
    resolution: Resolution,
    *,
    kind: str,
    actor: str,
    station: Station,
    now: datetime,
    at_bench: tuple[Occupant, ...] = (),
    place: str | None = None,
    prints: tuple[PrintRecord, ...] = (),
) -> Violation | None:
    """Why one step cannot be taken with the unit that was scanned, here and now; None when it can.

    `place` is the location or box of the step; its rules are those that judge the whole set.
    """
    situation = looked_at(registry, therapy, protocol, station, now, at_bench, prints=prints)
    request = Request(event_id=_NO_EVENT, actor=actor, station=station.id)
    unit = therapy.unit(resolution.unit) if resolution.unit else None
    stranger = part_violation(registry, actor, sites_with_part(therapy), now)
    if stranger is not None:
        return stranger
    found = [*step_violations(Attempt(situation, request, therapy, kind, unit, resolution))]
    rule = RULES.get(kind)
    if rule is not None and unit is not None and place is not None:
        found.extend(rule(situation, actor, place, therapy, Selected(unit, resolution)))
    return found[0] if found else None


def looked_at(
    registry: RegistryState,
    therapy: TherapyState,
    protocol: Protocol,
    station: Station,
    now: datetime,
    at_bench: tuple[Occupant, ...] = (),
    *,
    prints: tuple[PrintRecord, ...] = (),
) -> Situation:
    """One therapy looked at from one station; nothing is committed to and nothing is named."""
    return Situation(
        registry=registry,
        therapies={therapy.coi: therapy},
        protocols={(therapy.protocol.id, therapy.protocol.version): protocol},
        resolutions={},
        openings={},
        occurred_at=now,
        now=now,
        station=station,
        offset_of=offset_of(registry, station.site),
        commit=_no_commitment,
        fresh=_no_id,
        at_bench=at_bench,
        prints=prints,
    )


def _was_given(therapy: TherapyState) -> bool:
    return any(InfusionStarted.kind in unit.facts for unit in therapy.units.values())


def in_question(kind: str, unit: UnitState | None) -> bool:
    """Whether a step comes up at all for a unit in the hand: whether it is in a box, and given or not."""
    row = row_of(kind)
    if row.handoff is Handoff.ANSWERS and (unit is None or unit.handoff is None):
        return False
    if unit is not None and unit.box is not None:
        return row.box not in (Box.BY_CODE, Box.ONLY)
    if kind == Inspected.kind:
        return unit is not None and unit.was_taken_out
    return row.box is not Box.ONLY


def _applies(step: Step, unit: UnitState | None, resolution: Resolution) -> bool:
    about = STEP_KINDS[step.kind].about
    if about is About.EITHER:
        return True
    if about is About.THERAPY:
        return unit is None or resolution.found is Found.COI
    return unit is not None and (not step.materials or unit.material in step.materials)


def _judged(step: Step, attempt: Attempt, stranger: Violation | None) -> NextStep:
    if stranger is not None:
        return _next(step, stranger)
    violations = [one for one in step_violations(attempt) if one.rule not in _CARRIER_RULES]
    again = step.kind == UnitRegistered.kind
    violations = [one for one in violations if not (again and one.rule == "already_done")]
    violations.extend(_of_this_kind(step.kind, attempt))
    first: Violation | None = violations[0] if violations else None
    return _next(step, first)


def _next(step: Step, violation: Violation | None) -> NextStep:
    return NextStep(step.fact, step.number, requests_by_kind()[step.kind].name, step.title, violation)


def _of_this_kind(kind: str, attempt: Attempt) -> Iterator[Violation]:
    """Rules of one kind of step alone that can be judged before anything is scanned for it."""
    if kind == Stored.kind and attempt.unit is not None:
        yield from storing_violations(attempt.protocol, attempt.unit)
    elif kind == Closed.kind:
        yield from not_ended(attempt.therapy, attempt.protocol)
    elif kind in _OF_DEVIATIONS:
        yield from _nothing_to_judge(kind, attempt)
    elif kind in _BY_QUALITY and attempt.unit is not None:
        yield from _BY_QUALITY[kind](attempt.situation, attempt.therapy, attempt.unit)
    elif kind == Retrieved.kind and attempt.unit is not None and attempt.unit.location is None:
        yield Violation(
            "not_there",
            f"By the record {attempt.unit.unit} is in no storage.",
            "Take it from whoever has it.",
            answer=ScanAnswer.CHECK,
        )
    elif kind in _OF_THERAPY:
        yield from _OF_THERAPY[kind](attempt)
    elif kind == ResultsReviewed.kind:
        yield from nothing_to_review(attempt.therapy, attempt.protocol, attempt.request.actor)
    elif kind == Manufactured.kind and attempt.unit is not None:
        yield from _nothing_to_fill(attempt)
    elif row_of(kind).handoff is Handoff.ANSWERS and kind != Lapsed.kind and attempt.unit is not None:
        handoff = attempt.therapy.handoffs.get(attempt.unit.handoff or "")
        if handoff is not None:
            yield from answering_violations(attempt.situation, handoff, attempt.request.actor)


_BY_QUALITY: Final = {
    Released.kind: not_released,
    ReleasedOutOfSpecification.kind: not_released_out_of_specification,
    QuarantineLifted.kind: not_lifted,
}
"""Decisions over a unit that ask for nothing but the unit: why it would be refused is known before."""


def _nothing_to_test(attempt: Attempt) -> Iterator[Violation]:
    """Every test of every manufacture has its result."""
    therapy, protocol = attempt.therapy, attempt.protocol
    if not any(to_record(therapy, one, protocol) for one in open_attempts(therapy)):
        yield Violation(
            "already_done",
            f"Every test of {therapy.coi} has its result.",
            "Correct that event if one is wrong.",
            answer=ScanAnswer.CHECK,
            waivable=False,
        )


def _no_duty(attempt: Attempt) -> Iterator[Violation]:
    """Nothing is due, or what is due is another role's."""
    return nothing_to_record(attempt.situation, attempt.therapy, attempt.request.actor)


_OF_THERAPY: Final[Mapping[str, Callable[[Attempt], Iterator[Violation]]]] = {
    LymphodepletionStarted.kind: product_not_here,
    Tested.kind: _nothing_to_test,
    OutcomeRecorded.kind: _no_duty,
}
"""What is asked of a therapy as a whole: why it would be refused is known before."""


def _nothing_to_fill(attempt: Attempt) -> Iterator[Violation]:
    """Nothing is filled before a container was registered for it."""
    waits = (
        unit
        for unit in attempt.therapy.units.values()
        if not unit.facts.get(Manufactured.kind) and unit.final is None and not unit.attempt
    )
    if not any(unit.material is not attempt.unit.material for unit in waits if attempt.unit is not None):
        yield Violation(
            "nothing_registered",
            f"No container is registered that {attempt.therapy.coi} could be filled into.",
            "Register and label each container first.",
            answer=ScanAnswer.CHECK,
            waivable=False,
        )


def _nothing_to_judge(kind: str, attempt: Attempt) -> Iterator[Violation]:
    """Why none of the therapy's deviations can be assessed, or closed, by this person; nothing if one can."""
    therapy, actor = attempt.therapy, attempt.request.actor
    why_not = [next(judging_violations(therapy, one, kind, actor), None) for one in therapy.open_deviations()]
    if None not in why_not:
        yield from filter(None, why_not)


def _no_commitment(_: str, __: str, ___: Json) -> Commitment:
    raise AssertionError("Looking at steps commits to nothing.")


def _no_id(_: ObjectType) -> str:
    raise AssertionError("Looking at steps names nothing.")


def _ordinal(resolution: Resolution) -> str:
    return copy_ordinal(resolution.object_id or "", resolution.copy or "")


def rack_item(resolution: Resolution, therapy: TherapyState | None, violation: Violation | None) -> RackItem:
    """The item for a code; what is no unit has the answer that every step gives to it."""
    unit = therapy.unit(resolution.unit) if therapy is not None and resolution.unit else None
    if therapy is None or unit is None:
        return RackItem(resolution, violation=not_a(resolution, "unit"))
    if violation is None and copy_out_of_use(therapy, resolution) is not None:
        violation = Violation(
            "superseded",
            f"The scanned copy {_ordinal(resolution)} of {unit.unit} is out of use.",
            "Scan the valid label. Destroy the old copy before a witness.",
        )
    return RackItem(
        resolution,
        unit.unit,
        therapy.coi,
        unit.material.value,
        unit.location,
        unit.box,
        unit.has_travelled and unit.box is not None,
        violation,
    )
