"""Corrections: a new event with reason, old and new value; the wrong value stays (21 CFR 11.10(e))."""

from __future__ import annotations

from collections.abc import Iterator

from schema.commitments import Commitment
from schema.entry import Statement
from schema.errors import InputError
from schema.events.identity import Corrected
from schema.vocabulary import Meaning, Role
from tracker.requests.identity import Correct
from tracker.rules.attempt import Attempt
from tracker.rules.conclusion import Plan, conclude, reason_of, slots_of
from tracker.rules.decision import Decision, Refused, Slot, Violation
from tracker.rules.selection import reads_for, therapy_of
from tracker.rules.situation import Situation
from tracker.rules.step_checks import step_violations
from tracker.rules.therapy_state import TherapyState


def decide_correct(situation: Situation, request: Correct) -> Decision:
    """Only fields the kind lists; a result or time needs a second signature; identity and custody never."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Refused(therapy)
    wrong = situation.statements.get(request.event)
    if wrong is None or wrong.chain != therapy.coi:
        return Refused(
            Violation(
                "event_unknown",
                f"The therapy {therapy.coi} has no event {request.event}.",
                "Take the event id from the trail.",
                waivable=False,
            )
        )
    refused = _field_violation(wrong, request)
    if refused is not None:
        return Refused(refused)
    old, new = _values(situation, therapy, wrong, request)
    payload = Corrected(event=request.event, field=request.field, old=old, new=new)
    attempt = Attempt(situation, request, therapy, Corrected.kind)
    steps = (attempt.step,) if attempt.step else ()
    slots = slots_of(situation, request, therapy, steps)
    if request.field in wrong.payload.correctable:
        slots = (*slots, Slot(Meaning.APPROVED, frozenset({Role.QUALITY, Role.QUALIFIED_PERSON})))
    plan = Plan(therapy, payload, steps, reads_for(situation, request, therapy.coi), slots)
    return conclude(situation, request, (plan,), [*step_violations(attempt), *_reason(request)])


def _reason(request: Correct) -> Iterator[Violation]:
    if reason_of(request) is None:
        yield Violation(
            "reason_missing",
            "A correction needs a reason code.",
            'Add a reason, such as "keying_error".',
            waivable=False,
        )


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
    if request.field.endswith("_ml") and request.new.startswith("-"):
        raise InputError(f"{request.new!r} is no volume.")
    try:
        corrected = type(wrong.payload).model_validate(
            {**wrong.payload.to_json(), request.field: request.new}
        )
    except ValueError as error:
        raise InputError(f"{request.new!r} is not a value of {request.field}.") from error
    new = corrected.to_json()[request.field]
    return old, new if isinstance(new, str) else request.new
