"""Corrections: a new event with reason, old and new value; the wrong value stays (21 CFR 11.10(e))."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import ClassVar, Final

from msgspec.structs import replace
from pydantic import Field

from schema.commitments import Commitment
from schema.entry import Statement
from schema.errors import InputError
from schema.events.base import EventId, Word
from schema.events.identity import Corrected
from schema.events.processing import Collected, CollectionStarted, Tested
from schema.instants import parse_instant
from schema.vocabulary import Meaning, Role
from tracker.protocols.model import ReleaseTest
from tracker.requests.base import PayloadClass, TherapyRequest
from tracker.rules.attempt import Attempt
from tracker.rules.checks.condition import DISPLAY, OUT_OF_BAND, display_violations
from tracker.rules.checks.step import role_violation, step_violations
from tracker.rules.checks.unit import EXPIRED, wants_unexpired
from tracker.rules.clocks import passed_limits
from tracker.rules.conclusion import Plan, conclude, slots_of, with_notices
from tracker.rules.decision import Decision, Denied, Notice, ScanAnswer, Slot, Violation
from tracker.rules.deviation_state import FAILED_AFTER_RELEASE
from tracker.rules.measured import require_volume
from tracker.rules.results import fails_after_release, not_given, result_notices
from tracker.rules.selection import reads_for, therapy_of
from tracker.rules.situation import Decisions, Situation
from tracker.rules.therapy_state import Changes, Occurrence, TestState, TherapyState, UnitState


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
    broken = dict(_newly_broken(situation, therapy, payload, wrong))
    too_late = _fails_too_late(situation, therapy, payload, wrong)
    held = not_given(therapy, too_late) if too_late is not None else ()
    plan = Plan(
        therapy,
        payload,
        steps,
        reads_for(situation, request, therapy.coi),
        slots,
        faults=(*broken, *((FAILED_AFTER_RELEASE,) if too_late is not None else ())),
        doubtful=(*(unit for units in broken.values() for unit in units), *held),
    )
    violations = (*_not_theirs(attempt, payload, wrong), *step_violations(attempt), *_unchanged(payload))
    decision = conclude(situation, request, (plan,), violations)
    told_at = therapy.sites.treatment if too_late is not None else None
    return with_notices(decision, _notices(situation, therapy, payload, wrong, told_at, held))


def _unchanged(payload: Corrected) -> Iterator[Violation]:
    if payload.new == payload.old:
        yield Violation(
            "already_done",
            f"{payload.field} of this event is {payload.new} already.",
            "Nothing to do; or give the right value.",
            answer=ScanAnswer.CHECK,
            waivable=False,
            field="new",
        )


def _not_theirs(attempt: Attempt, payload: Corrected, wrong: Statement) -> Iterator[Violation]:
    """Who may not record a value here may not correct it either; quality may correct every one."""
    materials = {unit.material for unit in _about(attempt.therapy, payload)}
    steps = (attempt.protocol.step(wrong.payload.fact, material) for material in materials or (None,))
    roles = {role for step in steps if step is not None for role in step.roles}
    if roles:
        own = frozenset((*roles, Role.QUALITY, Role.QUALIFIED_PERSON))
        found = role_violation(attempt.situation, attempt.request.actor, own)
        if found is not None:
            yield found


def _newly_broken(
    situation: Situation, therapy: TherapyState, payload: Corrected, wrong: Statement
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The rules that earlier steps break with the right value, each with the units in doubt because of it.

    They become a deviation about the correction, and the units are quarantined in the same act.
    """
    if not isinstance(payload.new, str):
        return
    test = _test_of(situation, therapy, wrong) if payload.field == "result" else None
    if test is not None and test.meets(str(payload.old)) and not test.meets(payload.new):
        released = [unit.unit for unit in _about(therapy, payload) if unit.released]
        if released:
            yield "test_failed", _living(therapy, released)
    if any(_overfull(therapy, payload)):
        yield "volume_exceeded", ()
    warm = _warm(situation, therapy, payload)
    if warm:
        yield OUT_OF_BAND, _living(therapy, warm)
    yield from _too_late(situation, therapy, payload)


def _about(therapy: TherapyState, payload: Corrected) -> Iterator[UnitState]:
    """The units that the corrected event is about."""
    return filter(None, map(therapy.unit, therapy.events[payload.event].units))


def _living(therapy: TherapyState, units: Collection[str]) -> tuple[str, ...]:
    """Those of these units, and of what was made of them since, whose end is not known."""
    return tuple(one.unit for one in therapy.open_units() if not therapy.lineage(one.unit).isdisjoint(units))


def _overfull(therapy: TherapyState, payload: Corrected) -> Iterator[UnitState]:
    """The units of which more was infused than was in them."""
    after = _corrected_measure(therapy, payload)
    for unit in _measured(after, payload.event):
        if unit.volume_ml is not None and unit.infused_ml is not None and unit.infused_ml > unit.volume_ml:
            yield unit


def _warm(situation: Situation, therapy: TherapyState, payload: Corrected) -> tuple[str, ...]:
    """The units that did not bear what a display really showed, as they were at that event."""
    if payload.field != DISPLAY or not isinstance(payload.new, str):
        return ()
    at, protocol, found = therapy.events[payload.event].sequence, situation.protocol(therapy), []
    for unit in _about(therapy, payload):
        facts = {kind: fact for kind, fact in unit.facts.items() if fact.sequence < at}
        if any(display_violations(protocol, (replace(unit, facts=facts),), payload.new)):
            found.append(unit.unit)
    return tuple(found)


def _too_late(
    situation: Situation, therapy: TherapyState, payload: Corrected
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The limits and the shelf life that were passed by the right time, with the unit and what came of it."""
    if payload.field != "ended_at":
        return
    protocol, after = situation.protocol(therapy), _ended(therapy, payload)
    for unit in _about(therapy, payload):
        passed = {limit.name for limit in passed_limits(therapy, protocol, unit)}
        made = _living(after, (unit.unit,))
        if _used_expired(after.units[unit.unit]) and not _used_expired(unit):
            yield EXPIRED, made
        for limit in passed_limits(after, protocol, after.units[unit.unit]):
            if limit.name not in passed:
                yield f"limit.{limit.name}", made


def _used_expired(unit: UnitState) -> bool:
    """Whether a step that leads to the patient was taken on a unit whose shelf life was over."""
    ends = unit.expires_at
    used = (fact.at for kind, fact in unit.facts.items() if wants_unexpired(kind, unit))
    return ends is not None and any(at >= ends for at in used)


def _notices(
    situation: Situation,
    therapy: TherapyState,
    payload: Corrected,
    wrong: Statement,
    told_at: str | None,
    held: tuple[str, ...],
) -> tuple[Notice, ...]:
    """That a corrected result does not meet its limit, as when it had been recorded so at first."""
    test = _test_of(situation, therapy, wrong) if payload.field == "result" else None
    if test is None or not isinstance(payload.new, str):
        return ()
    return result_notices(test, payload.new, told_at=told_at, held=held)


def _fails_too_late(
    situation: Situation, therapy: TherapyState, payload: Corrected, wrong: Statement
) -> int | None:
    """The manufacture whose result, as corrected, tells only after the release that it does not meet."""
    test = _test_of(situation, therapy, wrong) if payload.field == "result" else None
    if test is None or not isinstance(wrong.payload, Tested) or not isinstance(payload.new, str):
        return None
    attempt = wrong.payload.attempt
    return attempt if fails_after_release(therapy, attempt, test, payload.new) else None


def _test_of(situation: Situation, therapy: TherapyState, wrong: Statement) -> ReleaseTest | None:
    """The release test of a result; None for another event, or where the protocol has it no more."""
    if not isinstance(wrong.payload, Tested):
        return None
    return situation.protocol(therapy).release_test(wrong.payload.test)


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
    stands = therapy.corrected.get((request.event, request.field))
    if request.field == "remark" and wrong.payload.remark is not None:
        return stands or wrong.payload.remark, situation.commit(therapy.coi, "remark", request.new)
    old = stands or wrong.payload.to_json()[request.field]
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
        for unit in filter(None, map(therapy.unit, therapy.events[wrong.event_id].units)):
            started = unit.facts.get(CollectionStarted.kind)
            if started is not None and corrected.ended_at < started.at:
                raise InputError(f"The collection cannot end at {request.new}, before it started.")
    new = corrected.to_json()[request.field]
    return old, new if isinstance(new, str) else request.new


def _set(payload: Corrected, actor: str, sequence: int, test: TestState) -> TestState:
    """The corrected result with its new value: whoever looked over the old one has not seen it."""
    if test.occurrence.event_id != payload.event:
        return test
    performers = test.performers | {actor}
    return replace(test, result=str(payload.new), changed=sequence, performers=performers)


def _corrected(
    state: TherapyState, statement: Statement, payload: Corrected, occurrence: Occurrence
) -> TherapyState:
    """The state takes the corrected value; the wrong one stays in the chain."""
    state = replace(state, corrected={**state.corrected, (payload.event, payload.field): payload.new})
    if not isinstance(payload.new, str):
        return state
    if payload.field == "result":
        change = partial(_set, payload, statement.actor, occurrence.sequence)
        return replace(state, tests={name: test.with_each(change) for name, test in state.tests.items()})
    if payload.field == "ended_at":
        return _ended(state, payload)
    return _corrected_measure(state, payload)


def _corrected_measure(state: TherapyState, payload: Corrected) -> TherapyState:
    """The state with a corrected volume of the units that were measured, or as it is for any other field."""
    if payload.field not in ("volume_ml", "infused_ml") or not isinstance(payload.new, str):
        return state
    try:
        value = Decimal(payload.new)
    except InvalidOperation:
        return state
    if not value.is_finite():
        return state
    measured = [unit.unit for unit in _measured(state, payload.event)]
    return state.with_changed(measured, partial(replace, **{payload.field: value}))


def _measured(state: TherapyState, event: str) -> Iterator[UnitState]:
    """The units of which an event is still the last of its kind."""
    for unit in state.units.values():
        if any(fact.event_id == event for fact in unit.facts.values()):
            yield unit


def _ended(state: TherapyState, payload: Corrected) -> TherapyState:
    """The state in which a collection ended at another time: its limits count from it.

    So does a shelf life that the collection began; one that freezing began stays as it is.
    """
    try:
        ended_at = parse_instant(str(payload.new))
    except InputError:
        return state
    kind = Collected.kind

    def moved(unit: UnitState) -> UnitState:
        fact = unit.facts.get(kind)
        if fact is None or fact.event_id != payload.event:
            return unit
        corrected = replace(unit, facts={**unit.facts, kind: replace(fact, at=ended_at)})
        if unit.expires_at is None or unit.expires_by != payload.event:
            return corrected
        return replace(corrected, expires_at=unit.expires_at + (ended_at - fact.at))

    return state.with_changed([*state.units], moved)


DECISIONS: Final[Decisions] = {
    Correct: decide_correct,
}

CHANGES: Final[Changes] = {
    Corrected: _corrected,
}
