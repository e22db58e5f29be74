"""Corrections: a new event with reason, old and new value; the wrong value stays (21 CFR 11.10(e))."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import ClassVar, Final

from pydantic import Field

from schema.commitments import Commitment
from schema.entry import Statement
from schema.errors import InputError
from schema.events.base import EventId, Word
from schema.events.custody import Inspected
from schema.events.deviations import DeviationDrafted
from schema.events.identity import Corrected
from schema.events.processing import Collected, CollectionStarted, Quarantined, Tested
from schema.instants import parse_instant
from schema.vocabulary import Meaning, Role
from tracker.protocols.model import ReleaseTest
from tracker.requests.base import PayloadClass, TherapyRequest
from tracker.rules.attempt import Attempt
from tracker.rules.authority import grant_violation
from tracker.rules.checks.condition import DISPLAY, OUT_OF_BAND, display_violations
from tracker.rules.checks.step import step_violations
from tracker.rules.conclusion import Plan, conclude, slots_of, with_notices
from tracker.rules.decision import Decision, Denied, Draft, Notice, Slot, Violation
from tracker.rules.measured import require_volume
from tracker.rules.results import result_notices
from tracker.rules.selection import reads_for, therapy_of
from tracker.rules.situation import Decisions, Situation
from tracker.rules.therapy_state import Changes, Occurrence, TherapyState, UnitState


class Correct(TherapyRequest):
    """Correct a recorded value; both stay."""

    name: ClassVar[str] = "correct"
    summary: ClassVar[str] = "Correct a measured value, result or time of an earlier event; both values stay."
    records: ClassVar[PayloadClass] = Corrected
    needs_reason: ClassVar[bool] = True
    event: EventId
    field: Word
    new: str = Field(min_length=1, max_length=80)


def decide_correct(situation: Situation, request: Correct) -> Decision:
    """Only listed fields; a result or time needs a second signature; identity and custody never change."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    wrong = situation.statements.get(request.event)
    if wrong is None or wrong.chain != therapy.coi:
        return Denied(
            Violation(
                "event_unknown",
                f"The therapy {therapy.coi} has no event {request.event}.",
                "Take the event id from the trail.",
                waivable=False,
            )
        )
    refused = _field_violation(wrong, request)
    if refused is not None:
        return Denied(refused)
    old, new = _values(situation, therapy, wrong, request)
    payload = Corrected(event=request.event, field=request.field, old=old, new=new)
    attempt = Attempt(situation, request, therapy, Corrected.kind)
    steps = (attempt.step,) if attempt.step else ()
    slots = slots_of(situation, request, therapy, steps)
    if request.field in wrong.payload.correctable:
        slots = (*slots, Slot(Meaning.APPROVED, frozenset({Role.QUALITY, Role.QUALIFIED_PERSON})))
    plan = Plan(therapy, payload, steps, reads_for(situation, request, therapy.coi), slots)
    violations = (*_not_theirs(attempt, wrong), *step_violations(attempt))
    decision = conclude(situation, request, (plan,), violations)
    warm = _warm(situation, therapy, payload, wrong)
    failing = _failing(situation, therapy, payload, wrong)
    broken = (*_newly_broken(situation, therapy, payload, wrong), *((OUT_OF_BAND,) if warm else ()))
    decision = with_notices(decision, _notices(situation, therapy, payload, wrong))
    if isinstance(decision, Denied) or not broken:
        return decision
    finding = Draft(therapy.coi, DeviationDrafted(cause=broken, about=request.event_id))
    held = _quarantine(decision.events[0], (*warm, *failing))
    return replace(decision, events=(*decision.events, finding, *held))


def _not_theirs(attempt: Attempt, wrong: Statement) -> Iterator[Violation]:
    """Who may not record a value may not correct it either; quality may correct every one."""
    situation, request = attempt.situation, attempt.request
    unit = next(filter(None, map(attempt.therapy.unit, _units_of(wrong))), None)
    step = attempt.protocol.step(wrong.kind, None if unit is None else unit.material)
    if step is not None and step.roles:
        roles = frozenset((*step.roles, Role.QUALITY, Role.QUALIFIED_PERSON))
        found = grant_violation(situation.registry, request.actor, roles, None, situation.occurred_at)
        if found is not None:
            yield found


def _units_of(wrong: Statement) -> tuple[str, ...]:
    said = wrong.payload
    one = getattr(said, "unit", None) or getattr(said, "sample", None)
    return (*getattr(said, "units", ()), *((one,) if isinstance(one, str) else ()))


def _failing(
    situation: Situation, therapy: TherapyState, payload: Corrected, wrong: Statement
) -> tuple[UnitState, ...]:
    """The released units of a manufacture one of whose results, put right, does not meet its limit."""
    test = _test_of(situation, therapy, wrong) if payload.field == "result" else None
    if not isinstance(wrong.payload, Tested) or test is None or not isinstance(payload.new, str):
        return ()
    if test.meets(payload.new):
        return ()
    made = (unit for unit in therapy.units.values() if unit.attempt == wrong.payload.attempt)
    return tuple(unit for unit in made if unit.released and unit.final is None)


def _warm(
    situation: Situation, therapy: TherapyState, payload: Corrected, wrong: Statement
) -> tuple[UnitState, ...]:
    """The living units that did not bear what a display really showed, as they were at that event."""
    if payload.field != DISPLAY or not isinstance(payload.new, str):
        return ()
    at, protocol, found = therapy.events[wrong.event_id].sequence, situation.protocol(therapy), []
    said = wrong.payload
    names = [one.unit for one in said.results] if isinstance(said, Inspected) else getattr(said, "units", ())
    for unit in filter(None, map(therapy.unit, names)):
        facts = {kind: fact for kind, fact in unit.facts.items() if fact.sequence < at}
        if unit.final is None and any(
            display_violations(protocol, (replace(unit, facts=facts),), payload.new)
        ):
            found.append(unit)
    return tuple(found)


def _quarantine(corrected: Draft, warm: tuple[UnitState, ...]) -> Iterator[Draft]:
    """Those of them that are in quarantine already stay there."""
    units = tuple(dict.fromkeys(unit.unit for unit in warm if not unit.quarantined))
    if units:
        said = Quarantined(units=units, reason=corrected.payload.reason)
        yield Draft(corrected.chain, said, slots=corrected.slots)


def _notices(
    situation: Situation, therapy: TherapyState, payload: Corrected, wrong: Statement
) -> tuple[Notice, ...]:
    """That a corrected result does not meet its limit, as when it had been recorded so at first."""
    test = _test_of(situation, therapy, wrong) if payload.field == "result" else None
    return result_notices(test, payload.new) if test is not None and isinstance(payload.new, str) else ()


def _test_of(situation: Situation, therapy: TherapyState, wrong: Statement) -> ReleaseTest | None:
    """The release test of a result; None for another event, or where the protocol has it no more."""
    if not isinstance(wrong.payload, Tested):
        return None
    return situation.protocol(therapy).release_test(wrong.payload.test)


def _newly_broken(
    situation: Situation, therapy: TherapyState, payload: Corrected, wrong: Statement
) -> tuple[str, ...]:
    """The rules that earlier decisions break with the corrected value; recorded as findings."""
    if not isinstance(payload.new, str):
        return ()
    broken: list[str] = []
    test = _test_of(situation, therapy, wrong)
    if isinstance(wrong.payload, Tested) and payload.field == "result" and test is not None:
        made = (unit for unit in therapy.units.values() if unit.attempt == wrong.payload.attempt)
        was = isinstance(payload.old, str) and test.meets(payload.old)
        if was and not test.meets(payload.new) and any(unit.released for unit in made):
            broken.append("test_failed")
    for unit in therapy.units.values():
        measured = any(fact.event_id == payload.event for fact in unit.facts.values())
        volume = Decimal(payload.new) if payload.field == "volume_ml" and measured else unit.volume_ml
        infused = Decimal(payload.new) if payload.field == "infused_ml" and measured else unit.infused_ml
        if measured and volume is not None and infused is not None and infused > volume:
            broken.append("volume_exceeded")
    return tuple(dict.fromkeys(broken))


def _field_violation(wrong: Statement, request: Correct) -> Violation | None:
    allowed = wrong.payload.descriptive | wrong.payload.correctable
    if wrong.payload.remark is not None:
        allowed |= {"remark"}
    if request.field in allowed and getattr(wrong.payload, request.field) is not None:
        return None
    names = ", ".join(sorted(allowed)) or "none"
    return Violation(
        "not_correctable",
        f"{request.field} of {wrong.kind} cannot be corrected; its correctable fields: {names}.",
        "Identity, custody and disposition are undone by their own events.",
        waivable=False,
    )


def _values(
    situation: Situation, therapy: TherapyState, wrong: Statement, request: Correct
) -> tuple[str | Commitment, str | Commitment]:
    if request.field == "remark" and wrong.payload.remark is not None:
        return wrong.payload.remark, situation.commit(therapy.coi, "remark", request.new)
    old = wrong.payload.to_json()[request.field]
    if not isinstance(old, str):
        raise InputError(f"{request.field} of {wrong.kind} is not a text or number.")
    test = _test_of(situation, therapy, wrong) if request.field == "result" else None
    try:
        if test is not None:
            test.read(request.new)
        for unit in _measured(therapy, request.event) if request.field.endswith("_ml") else ():
            require_volume(situation.protocol(therapy), unit.material, request.field, request.new)
    except InputError as error:
        raise error.at("new") from error
    try:
        corrected = type(wrong.payload).model_validate(
            {**wrong.payload.to_json(), request.field: request.new}
        )
    except ValueError as error:
        raise InputError(f"{request.new!r} is not a value of {request.field}.") from error
    if isinstance(corrected, Collected):
        if corrected.ended_at > wrong.occurred_at:
            raise InputError(f"The collection cannot end at {request.new}, after it was recorded.")
        for unit in filter(None, map(therapy.unit, _units_of(wrong))):
            started = unit.facts.get(CollectionStarted.kind)
            if started is not None and corrected.ended_at < started.at:
                raise InputError(f"The collection cannot end at {request.new}, before it started.")
    new = corrected.to_json()[request.field]
    return old, new if isinstance(new, str) else request.new


def _corrected(state: TherapyState, _: Statement, payload: Corrected, occurrence: Occurrence) -> TherapyState:
    """The state takes the corrected value; the wrong one stays in the chain."""
    if not isinstance(payload.new, str):
        return state
    if payload.field == "result":
        tests = {
            name: replace(test, result=payload.new) if test.occurrence.event_id == payload.event else test
            for name, test in state.tests.items()
        }
        return replace(state, tests=tests)
    if payload.field == "ended_at":
        return _ended(state, payload)
    if payload.field not in ("volume_ml", "infused_ml"):
        return state
    try:
        value = Decimal(payload.new)
    except InvalidOperation:
        return state
    if not value.is_finite():
        return state
    field = payload.field
    return state.with_changed(
        [unit.unit for unit in _measured(state, payload.event)],
        lambda unit: (
            replace(unit, volume_ml=value) if field == "volume_ml" else replace(unit, infused_ml=value)
        ),
    )


def _measured(state: TherapyState, event: str) -> Iterator[UnitState]:
    """The units that an event is a fact of."""
    for unit in state.units.values():
        if any(fact.event_id == event for fact in unit.facts.values()):
            yield unit


def _ended(state: TherapyState, payload: Corrected) -> TherapyState:
    """The state in which a collection ended at another time: its limits and shelf life count from it."""
    try:
        ended_at = parse_instant(str(payload.new))
    except InputError:
        return state
    kind = Collected.kind

    def moved(unit: UnitState) -> UnitState:
        fact = unit.facts.get(kind)
        if fact is None or fact.event_id != payload.event:
            return unit
        expires_at = unit.expires_at and unit.expires_at + (ended_at - fact.at)
        return replace(unit, facts={**unit.facts, kind: replace(fact, at=ended_at)}, expires_at=expires_at)

    return state.with_changed([*state.units], moved)


DECISIONS: Final[Decisions] = {
    Correct: decide_correct,
}

CHANGES: Final[Changes] = {
    Corrected: _corrected,
}
