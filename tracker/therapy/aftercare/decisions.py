"""Decisions over what is recorded after the infusion: the grade of an adverse reaction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from schema.errors import InputError
from schema.events.aftercare import GradeFinding, MedicineGiven, OutcomeRecorded, ToxicityGraded
from schema.events.processing import InfusionStarted
from schema.instants import CLOCKS_APART_MAX, parse_offset
from schema.measured import parse
from schema.vocabulary import Meaning, Role
from tracker.protocols.model import Duty, Protocol, Scale
from tracker.rules.attempt import local_time
from tracker.rules.checks.step import role_violation
from tracker.rules.decision import Decision, Denied, ScanAnswer, Slot, Violation
from tracker.rules.duties import DueDuty, duties_of, open_duties
from tracker.rules.grading import Findings, Table, lowest_grade, signatures_needed, table_of
from tracker.rules.measured import require_described
from tracker.rules.selection import therapy_of
from tracker.rules.situation import Decisions, Situation
from tracker.rules.therapy_state import TherapyState
from tracker.rules.units import decide_on_therapy
from tracker.therapy.aftercare import requests as asked


def decide_grade(situation: Situation, request: asked.GradeToxicity) -> Decision:
    """A grade by a scale of the protocol: not below what was found, and a grave one by two people."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    protocol = situation.protocol(therapy)
    scale = protocol.scale(request.by.syndrome, request.by.scale, request.by.scale_version)
    if scale is None:
        return Denied(_scale_unknown(protocol, request))
    assessed_at = request.assessed_at or situation.occurred_at
    _require_times(situation, request, assessed_at)
    table = table_of(scale)
    found = _found(request, table, scale)
    lowest = (0, "") if table is None else lowest_grade(table, scale, found)
    grade = request.grade if request.grade is not None else lowest[0]
    payload = ToxicityGraded(
        syndrome=request.by.syndrome,
        scale=request.by.scale,
        scale_version=request.by.scale_version,
        grade=grade,
        findings=tuple(GradeFinding(finding=one.finding, value=one.value) for one in request.findings),
        assessed_at=assessed_at,
        after=_after(therapy, assessed_at),
        onset=request.onset,
    )
    refused = [*_not_graded(request, table, scale, found), *_too_low(scale, grade, lowest)]
    if not payload.after:
        refused.append(_before_infusion(situation, assessed_at))
    second = signatures_needed(protocol, scale.syndrome, scale.scale, scale.scale_version, grade) > 1
    slots = (_second(situation, scale),) if second else ()
    return decide_on_therapy(situation, request, request.coi, payload, tuple(refused), slots)


def _scale_unknown(protocol: Protocol, request: asked.GradeToxicity) -> Violation:
    named = f"{request.by.syndrome.value} by {request.by.scale} {request.by.scale_version}"
    known = ", ".join(f"{one.syndrome.value} {one.scale} {one.scale_version}" for one in protocol.scales)
    return Violation(
        "scale_unknown",
        f"The protocol {protocol.id} has no scale for {named}.",
        f"Name one of: {known}." if known else "Have quality adopt a protocol that has scales.",
        waivable=False,
        field="by",
    )


def _require_times(situation: Situation, request: asked.GradeToxicity, assessed_at: datetime) -> None:
    """Raise InputError for a time to come, and for first signs after the assessment."""
    if assessed_at - situation.occurred_at > CLOCKS_APART_MAX:
        raise InputError(
            f"It cannot have been assessed at {local_time(situation, assessed_at)}, after it is recorded.",
            remedy="Check the day and the year.",
        ).at("assessed_at")
    zone = parse_offset(situation.offset_of(assessed_at))
    if request.onset is not None and request.onset > assessed_at.astimezone(zone).date().isoformat():
        raise InputError(
            f"Its first signs cannot be of {request.onset}, after it was assessed.",
            remedy="Check both days.",
        ).at("onset")


def _found(request: asked.GradeToxicity, table: Table | None, scale: Scale) -> Findings:
    """The findings by their words; raises InputError for what the scale does not ask or no number can be."""
    found: dict[str, Decimal | None] = {}
    for one in request.findings:
        known = None if table is None else table.finding(one.finding)
        if known is None:
            asks = "no findings" if table is None else ", ".join(each.name for each in table.findings)
            raise InputError(
                f"{one.finding} is nothing that {scale.title} asks.",
                remedy=f"It asks {asks}.",
                code="finding_unknown",
            ).at("findings")
        if one.finding in found:
            raise InputError(
                f"{known.title} is given twice.", remedy="Give each finding once.", code="given_twice"
            ).at("findings")
        if (known.measure is None) != (one.value is None):
            needed = "has no number: it is there or not" if known.measure is None else "needs its number"
            raise InputError(
                f"{known.title} {needed}.", remedy="Give it as the scale asks it.", code="bad_number"
            ).at("findings")
        found[one.finding] = (
            None if known.measure is None or one.value is None else parse(one.value, known.measure)
        )
    return found


def _not_graded(
    request: asked.GradeToxicity, table: Table | None, scale: Scale, found: Findings
) -> Iterator[Violation]:
    """What has to be known before there is a grade by this scale."""
    if table is None:
        if request.grade is None:
            yield Violation(
                "grade_missing",
                f"No table of {scale.title} is in the program, and no grade was given.",
                "Give the grade as you read it from the scale.",
                answer=ScanAnswer.CHECK,
                field="grade",
            )
        return
    barred = table.barred(found, scale)
    if barred:
        yield Violation(
            "wrong_for_age",
            f"{scale.title}: {barred}.",
            "Give the findings that are for this age.",
            field="findings",
        )
    missing = table.missing(found, scale)
    if missing and not barred:
        yield Violation(
            "finding_missing",
            f"{scale.title}: there is no grade without {', '.join(missing)}.",
            f"Give {', '.join(missing)}.",
            answer=ScanAnswer.CHECK,
            field="findings",
        )


def _too_low(scale: Scale, grade: int, lowest: tuple[int, str]) -> Iterator[Violation]:
    least, finding = lowest
    if grade < least:
        yield Violation(
            "grade_too_low",
            f"{scale.title}: grade {grade} is below what was found; {finding} is grade {least}.",
            f"Give grade {least} or a higher one, or put the finding right.",
            field="grade",
            compared="grade",
            expected=str(least),
            read=str(grade),
        )


def _after(therapy: TherapyState, at: datetime) -> tuple[str, ...]:
    """The containers from which cells had begun to flow by then."""
    begun = ((unit.unit, unit.facts.get(InfusionStarted.kind)) for unit in therapy.units.values())
    return tuple(name for name, fact in begun if fact is not None and fact.at <= at)


def _before_infusion(situation: Situation, at: datetime) -> Violation:
    return Violation(
        "before_infusion",
        f"By {local_time(situation, at)} no cells had been given.",
        "Check the time. What was there before the cells is no reaction to them.",
        field="assessed_at",
    )


def _second(situation: Situation, scale: Scale) -> Slot:
    return Slot(
        Meaning.WITNESSED,
        frozenset({Role.CLINICIAN}),
        situation.station.site,
        because=f"a clinician confirms a grade of {scale.second_from} or more",
    )


def decide_medicine(situation: Situation, request: asked.GiveMedicine) -> Decision:
    """A medicine that was given to this patient; for a grade of this therapy, where one is named."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    given_at = request.given_at or situation.occurred_at
    enrolled = therapy.facts["enrolled"].at - CLOCKS_APART_MAX
    if not enrolled <= given_at <= situation.occurred_at + CLOCKS_APART_MAX:
        raise InputError(
            f"It cannot have been given at {local_time(situation, given_at)}: that is before the therapy "
            "was enrolled, or after it is recorded.",
            remedy="Check the day and the year.",
        ).at("given_at")
    if request.about is not None and all(one.event_id != request.about for one in therapy.grades):
        return Denied(
            Violation(
                "grade_unknown",
                f"The therapy {therapy.coi} has no grade {request.about}.",
                "Name the event of a grade of this therapy, or leave it out.",
                waivable=False,
                field="about",
            )
        )
    payload = MedicineGiven(
        medicine=request.medicine,
        amount=request.amount,
        unit_of_measure=request.unit_of_measure,
        route=request.route,
        given_at=given_at,
        about=request.about,
    )
    return decide_on_therapy(situation, request, request.coi, payload)


def decide_outcome(situation: Situation, request: asked.RecordOutcome) -> Decision:
    """What was due is answered for one of its days, by somebody whose duty it is; also after the close."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    protocol = situation.protocol(therapy)
    duty = next((one for one in protocol.duties if one.name == request.duty), None)
    if duty is None:
        known = ", ".join(one.name for one in protocol.duties) or "none"
        said = f"The protocol {protocol.id} has no duty {request.duty}."
        return Denied(_unknown("duty_unknown", said, f"Name one of: {known}.", "duty"))
    if request.result not in duty.results:
        raise InputError(
            f"{request.result} is no result of {duty.title}.",
            remedy=f"Give one of {', '.join(duty.results)}.",
            code="bad_word",
        ).at("result")
    try:
        require_described(protocol, duty.measure, request.value, duty.title)
    except InputError as error:
        raise error.at("value") from error
    today = _day_of(situation, situation.occurred_at)
    recorded_for = request.recorded_for or today
    if recorded_for > today:
        raise InputError(f"{recorded_for} is still to come.", remedy="Give the day of which it tells.").at(
            "recorded_for"
        )
    chosen = _chosen(situation, therapy, request, duty)
    if isinstance(chosen, Violation):
        return Denied(chosen)
    payload = OutcomeRecorded(
        duty=duty.name,
        due_on=chosen.due_on,
        result=request.result,
        value=request.value,
        recorded_for=recorded_for,
    )
    stranger = role_violation(situation, request.actor, frozenset(duty.roles))
    return decide_on_therapy(situation, request, request.coi, payload, tuple(filter(None, (stranger,))))


def _chosen(
    situation: Situation, therapy: TherapyState, request: asked.RecordOutcome, duty: Duty
) -> DueDuty | Violation:
    """The day that is answered: the one that was named, else the earliest that is open."""
    days = [
        one
        for one in duties_of(therapy, situation.protocol(therapy), situation.offset_of)
        if one.duty is duty
    ]
    left = [one for one in days if one.done is None]
    if request.due_on is None and left:
        return left[0]
    named = next((one for one in days if one.due_on == request.due_on), None)
    if named is not None and named.done is None:
        return named
    if named is not None or (days and request.due_on is None):
        return replace(
            _unknown(
                "already_done",
                f"{duty.title}: everything of it that was due was recorded.",
                "See `cartrail outcome due`.",
                "due_on",
            ),
            answer=ScanAnswer.CHECK,
        )
    listed = ", ".join(one.due_on for one in left[:5]) or "no day"
    said = f"{duty.title} is not due on {request.due_on or 'any day'} for the therapy {therapy.coi}."
    return _unknown("not_due", said, f"It is due on: {listed}.", "due_on")


def nothing_to_record(situation: Situation, therapy: TherapyState, actor: str) -> Iterator[Violation]:
    """Why none of the open duties can be answered by this person; nothing where one can."""
    left = open_duties(therapy, situation.protocol(therapy), situation.offset_of)
    why_not = [role_violation(situation, actor, frozenset(one.duty.roles)) for one in left]
    if None not in why_not:
        none_due = _unknown(
            "not_due", f"Nothing is due for the therapy {therapy.coi}.", "See `cartrail outcome due`.", "duty"
        )
        yield next(filter(None, why_not), none_due)


def _unknown(rule: str, message: str, remedy: str, field: str) -> Violation:
    return Violation(rule, message, remedy, waivable=False, field=field)


def _day_of(situation: Situation, moment: datetime) -> str:
    return moment.astimezone(parse_offset(situation.offset_of(moment))).date().isoformat()


DECISIONS: Final[Decisions] = {
    asked.GradeToxicity: decide_grade,
    asked.GiveMedicine: decide_medicine,
    asked.RecordOutcome: decide_outcome,
}
