"""Deviations: a person opens one, quality assesses it and closes it.

What the program drafts stands here too: beside what happened outside the rules, and beside prevented mix-ups.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import ClassVar, Final, Self

from msgspec.structs import replace
from pydantic import Field, model_validator

from schema.counting import counted
from schema.entry import Statement
from schema.errors import InputError
from schema.events import deviations as events
from schema.events.base import EventId, Payload, WholeNumber, Word
from schema.events.processing import Quarantined, Rejected
from schema.instants import parse_offset
from schema.vocabulary import DeviationDecision, Disposition, LaboratoryFinding, Reason, Severity
from tracker.requests.base import FreeText, PayloadClass, ScanField, TherapyRequest
from tracker.requests.fields import NearDay
from tracker.rules.attempt import local
from tracker.rules.checks.identity import foreign, stop
from tracker.rules.decision import Decision, Denied, Draft, ScanAnswer, Violation
from tracker.rules.deviation_state import Assessment, DeviationState, DeviationStatus
from tracker.rules.oos import OOS, investigated
from tracker.rules.selection import not_a, therapy_of
from tracker.rules.situation import Decisions, Situation
from tracker.rules.therapy_state import Changes, Occurrence, TherapyState, UnitState
from tracker.rules.units import decide_on_therapy

UNFIT: Final = frozenset({"not_qualified", "not_calibrated", "not_in_service"})
"""Causes that put in doubt what a shipper has carried and a logger has shown."""

CONFIRMING: Final = frozenset({DeviationDecision.NO_IMPACT, DeviationDecision.OOS})
"""What lets units go on after a fact outside the rules; what is out of specification goes its own way."""

BY_OTHERS: Final = "only people who did not sign what the deviation is about judge it"


class OpenDeviation(TherapyRequest):
    """Open a quality record."""

    name: ClassVar[str] = "open_deviation"
    summary: ClassVar[str] = "Open a quality record about the therapy or some of its units."
    records: ClassVar[PayloadClass] = events.DeviationOpened
    units: tuple[ScanField, ...] = Field(default=(), max_length=200)
    category: Word
    description: FreeText


class AssessDeviation(TherapyRequest):
    """Judge a deviation."""

    name: ClassVar[str] = "assess_deviation"
    summary: ClassVar[str] = (
        "Assess a deviation: how grave, from what, what becomes of the units; "
        '"no_impact" and "oos" confirm what was outside the rules.'
    )
    records: ClassVar[PayloadClass] = events.DeviationAssessed
    deviation: EventId = Field(description="the event that drafted or opened it")
    severity: Severity
    cause: Word
    decision: DeviationDecision
    units: tuple[ScanField, ...] = Field(
        default=(), max_length=200, description="those the deviation is about when not given"
    )
    laboratory: LaboratoryFinding | None = None
    retests: WholeNumber | None = Field(default=None, ge=0, le=events.RETESTS_MAX)
    capa: Word | None = None

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        """What confirms a fact outside the rules says why nothing came of it, however it is recorded."""
        if self.decision is DeviationDecision.NO_IMPACT and not (self.remark or "").strip():
            raise ValueError("no_impact needs its reason as remark")
        return self


class CloseDeviation(TherapyRequest):
    """End a deviation."""

    name: ClassVar[str] = "close_deviation"
    summary: ClassVar[str] = (
        "Close an assessed deviation, approved by another person; it blocks no release then."
    )
    records: ClassVar[PayloadClass] = events.DeviationClosed
    deviation: EventId = Field(description="the event that drafted or opened it")
    capa: Word | None = None
    effective_by: NearDay | None = Field(default=None, description="by when the action must have helped")


def decide_open(situation: Situation, request: OpenDeviation) -> Decision:
    """A person opens a quality record; its text is committed."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    units = _units(situation, request, therapy, events.DeviationOpened.kind)
    if isinstance(units, Denied):
        return units
    payload = events.DeviationOpened(
        units=units,
        category=request.category,
        description=situation.commit(therapy.coi, "description", request.description),
    )
    return decide_on_therapy(situation, request, request.coi, payload)


def _units(
    situation: Situation, request: OpenDeviation | AssessDeviation, therapy: TherapyState, kind: str
) -> tuple[str, ...] | Denied:
    """The units that were scanned, each of this therapy and each once; another patient's is a mix-up."""
    units: list[str] = []
    for scan in request.units:
        resolution = situation.resolve(scan)
        if resolution.unit is not None and resolution.coi != therapy.coi:
            return stop(situation, request, foreign(therapy, kind, resolution, waivable=False))
        unit = situation.unit_of(resolution)
        if unit is None:
            return Denied(not_a(resolution, "unit"))
        units.append(unit.unit)
    return tuple(dict.fromkeys(units))


def decide_assess(situation: Situation, request: AssessDeviation) -> Decision:
    """What quality finds; units that it blocks or rejects are blocked or rejected in the same act."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    deviation = _deviation(situation, therapy, request.deviation)
    if isinstance(deviation, Violation):
        return Denied(deviation)
    units = _units(situation, request, therapy, events.DeviationAssessed.kind)
    if isinstance(units, Denied):
        return units
    _require_concerned(request.decision, units, therapy, deviation)
    _require_retests(situation, request, therapy, deviation)
    units = units or deviation.units
    payload = events.DeviationAssessed(
        deviation=request.deviation,
        severity=request.severity,
        cause=request.cause,
        units=units,
        decision=request.decision,
        laboratory=request.laboratory,
        retests=request.retests,
        capa=request.capa,
    )
    judging = judging_violations(therapy, deviation, payload.kind, request.actor, situation.signed)
    extra = (*judging, *_undirected(request.decision, units))
    decision = _by_others(situation, decide_on_therapy(situation, request, request.coi, payload, extra))
    follows = _consequence(request.decision, [therapy.units[name] for name in units])
    if isinstance(decision, Denied) or follows is None:
        return decision
    (assessed,) = decision.events
    return replace(decision, events=(assessed, Draft(therapy.coi, follows, slots=assessed.slots)))


def _deviation(situation: Situation, therapy: TherapyState, event: str) -> DeviationState | Violation:
    """A deviation of the therapy that is not closed."""
    found = therapy.deviations.get(event)
    if found is None:
        return Violation(
            "deviation_unknown",
            f"The therapy {therapy.coi} has no deviation {event}.",
            "See `cartrail deviation list`.",
            waivable=False,
        )
    if found.closed_at is not None:
        closed = Occurrence(found.closed_at, event, 0, "quality")
        return Violation(
            "already_done",
            f"The deviation {event} ({found.title}) was closed at {local(situation, closed)}.",
            "Nothing to do. If more is known now, open another.",
            answer=ScanAnswer.CHECK,
            waivable=False,
        )
    return found


def _require_concerned(
    decision: DeviationDecision, units: tuple[str, ...], therapy: TherapyState, deviation: DeviationState
) -> None:
    """Raise InputError where units are confirmed for which the deviation cannot be confirmed alone."""
    if decision not in CONFIRMING or not units:
        return
    what = f"The deviation {deviation.deviation} ({deviation.title})"
    if therapy.unconfirmed.get(deviation.about or "") == ():
        said, remedy = f"{what} is about the therapy as a whole.", "Leave out the units."
        raise InputError(said, remedy=remedy).at("units")
    others = [unit for unit in units if not deviation.concerns((unit,))]
    if others:
        said, remedy = f"{what} is not about {', '.join(others)}.", "Scan units that it is about: "
        raise InputError(said, remedy=f"{remedy}{', '.join(deviation.units)}.").at("units")


def _require_retests(
    situation: Situation, request: AssessDeviation, therapy: TherapyState, deviation: DeviationState
) -> None:
    """Raise InputError where more repeat tests are allowed than the protocol has for what failed."""
    if OOS not in deviation.cause or not request.retests:
        return
    failed = investigated(therapy, situation.protocol(therapy), deviation)
    most = max((test.retests_max for test in failed), default=0)
    if request.retests > most:
        titles = ", ".join(test.title for test in failed)
        raise InputError(
            f"The protocol allows {counted(most, 'repeat test')} of {titles}, not {request.retests}.",
            remedy="Give a number that it allows; a further one is a change of the protocol.",
        ).at("retests")


def judging_violations(
    therapy: TherapyState, deviation: DeviationState, kind: str, actor: str, signed: Collection[str] = ()
) -> Iterator[Violation]:
    """Why this person cannot assess, or close, an open deviation, whatever they would say of it.

    `signed` are those who signed what it is about, where that was looked up.
    """
    yield from _own(actor, deviation, signed)
    if kind == events.DeviationClosed.kind:
        yield from _undecided(therapy, deviation)


def _own(actor: str, deviation: DeviationState, signed: Collection[str]) -> Iterator[Violation]:
    """Nobody confirms what they did themselves outside the rules, or witnessed."""
    did = deviation.about is not None and deviation.actor == actor
    if did or actor in signed:
        yield Violation(
            "same_person",
            f"{actor} {'did' if did else 'signed'} what this deviation is about, and cannot judge it too.",
            "Somebody else of quality does it.",
            waivable=False,
        )


def _by_others(situation: Situation, decision: Decision) -> Decision:
    """The decision, with no signature by whoever signed what the deviation is about."""
    if isinstance(decision, Denied) or not situation.signed:
        return decision
    drafts = (
        replace(
            draft,
            slots=tuple(
                slot if slot.because else replace(slot, other_than=situation.signed, because=BY_OTHERS)
                for slot in draft.slots
            ),
        )
        for draft in decision.events
    )
    return replace(decision, events=tuple(drafts))


def _undirected(decision: DeviationDecision, units: tuple[str, ...]) -> Iterator[Violation]:
    if decision in (DeviationDecision.QUARANTINE, DeviationDecision.REJECT) and not units:
        yield Violation(
            "no_unit_named",
            f"The decision {decision.value} is about units, and none is named.",
            "Scan the units that it is about.",
            waivable=False,
        )


def _consequence(decision: DeviationDecision, units: Sequence[UnitState]) -> Payload | None:
    """What the decision does to those units that are not blocked, rejected or at their end already."""
    standing = [unit for unit in units if unit.final is None]
    if decision is DeviationDecision.QUARANTINE:
        names = tuple(unit.unit for unit in standing if not unit.quarantined)
        return Quarantined(units=names, reason=Reason.DEVIATION_ASSESSED) if names else None
    if decision is DeviationDecision.REJECT:
        names = tuple(unit.unit for unit in standing if unit.disposition is not Disposition.REJECTED)
        return Rejected(units=names, reason=Reason.DEVIATION_ASSESSED) if names else None
    return None


def decide_close(situation: Situation, request: CloseDeviation) -> Decision:
    """Closed once it is assessed and no unit waits for the end of an investigation."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    deviation = _deviation(situation, therapy, request.deviation)
    if isinstance(deviation, Violation):
        return Denied(deviation)
    _require_effective(situation, request, deviation)
    payload = events.DeviationClosed(
        deviation=request.deviation, capa=request.capa, effective_by=request.effective_by
    )
    extra = tuple(judging_violations(therapy, deviation, payload.kind, request.actor, situation.signed))
    return _by_others(situation, decide_on_therapy(situation, request, request.coi, payload, extra))


def _require_effective(situation: Situation, request: CloseDeviation, deviation: DeviationState) -> None:
    """Raise InputError for a day without an action, or one that is over."""
    if request.effective_by is None:
        return
    if request.capa is None and (deviation.assessed is None or deviation.assessed.capa is None):
        raise InputError(
            f"By {request.effective_by} no action can have helped: none is named.", remedy="Name the action."
        )
    now = situation.occurred_at
    if request.effective_by < now.astimezone(parse_offset(situation.offset_of(now))).date().isoformat():
        raise InputError(f"The day {request.effective_by} is over.", remedy="Give a day to come.")


def _undecided(therapy: TherapyState, deviation: DeviationState) -> Iterator[Violation]:
    """Quarantine is a decision for the time being: it ends in use, rejection or destruction."""
    if deviation.assessed is None:
        yield Violation(
            "not_assessed",
            f"The deviation {deviation.deviation} ({deviation.title}) was not assessed.",
            "Assess it first.",
            waivable=False,
        )
        return
    unsaid = therapy.unconfirmed.get(deviation.about or "")
    named = dict.fromkeys((*_held(deviation), *(therapy.units if unsaid == () else unsaid or ())))
    waiting = [unit for unit in map(therapy.unit, named) if _waits(unit)]
    if waiting:
        yield Violation(
            "units_undecided",
            f"These units still wait for a decision: {', '.join(unit.unit for unit in waiting if unit)}.",
            "Assess it again: no_impact, oos or reject; or destroy them.",
            waivable=False,
        )


def _held(deviation: DeviationState) -> Iterator[str]:
    """The units of which the last word is that they are kept in quarantine."""
    for unit in dict.fromkeys(unit for one in deviation.assessments for unit in one.units):
        if any(one.decision is DeviationDecision.QUARANTINE for one in deviation.standing((unit,))):
            yield unit


def _waits(unit: UnitState | None) -> bool:
    return unit is not None and unit.final is None and unit.disposition is not Disposition.REJECTED


def _drafted(
    state: TherapyState, statement: Statement, payload: events.DeviationDrafted, occurrence: Occurrence
) -> TherapyState:
    about = state.events.get(payload.about)
    units = () if about is None else about.units
    if not UNFIT.isdisjoint(payload.cause) and payload.about not in state.unconfirmed:
        # What travelled in a shipper or with a logger that failed its test later is not confirmed either.
        state = replace(state, unconfirmed={**state.unconfirmed, payload.about: units})
    begun = _begun(statement, occurrence, payload.cause, units, about=payload.about)
    return _with(state, replace(begun, kind=_kind_of(state, payload.about)))


def _kind_of(state: TherapyState, event: str) -> str:
    """The kind of an event that stands as a fact of the therapy or of a unit."""
    of_units = (fact for unit in state.units.values() for fact in unit.facts.items())
    facts = (*state.facts.items(), *of_units)
    return next((kind for kind, fact in facts if fact.event_id == event), "")


def _opened(
    state: TherapyState, statement: Statement, payload: events.DeviationOpened, occurrence: Occurrence
) -> TherapyState:
    return _with(state, _begun(statement, occurrence, (payload.category,), payload.units))


def _begun(
    statement: Statement,
    occurrence: Occurrence,
    cause: tuple[str, ...],
    units: tuple[str, ...],
    *,
    about: str | None = None,
) -> DeviationState:
    return DeviationState(
        deviation=statement.event_id,
        cause=cause,
        units=units,
        at=statement.occurred_at,
        actor=statement.actor,
        site=statement.site,
        sequence=occurrence.sequence,
        about=about,
    )


def _with(state: TherapyState, deviation: DeviationState) -> TherapyState:
    return replace(state, deviations={**state.deviations, deviation.deviation: deviation})


def _assessed(
    state: TherapyState, statement: Statement, payload: events.DeviationAssessed, occurrence: Occurrence
) -> TherapyState:
    deviation = state.deviations.get(payload.deviation)
    if deviation is None or deviation.status is DeviationStatus.CLOSED:
        return state
    assessed = Assessment(
        severity=payload.severity,
        cause=payload.cause,
        decision=payload.decision,
        units=payload.units,
        capa=payload.capa,
        actor=statement.actor,
        at=statement.occurred_at,
        laboratory=payload.laboratory,
        retests=payload.retests or 0,
    )
    assessments = (*deviation.assessments, assessed)
    state = _with(state, replace(deviation, assessments=assessments, sequence=occurrence.sequence))
    if payload.decision not in CONFIRMING or deviation.about is None:
        return state
    return _confirmed(state, deviation.about, payload.units)


def _confirmed(state: TherapyState, event: str, units: tuple[str, ...]) -> TherapyState:
    """The state with a fact confirmed for these units; for the therapy as a whole where it names none."""
    if event not in state.unconfirmed:
        return state
    left = tuple(unit for unit in state.unconfirmed[event] if unit not in units)
    others = {name: waiting for name, waiting in state.unconfirmed.items() if name != event}
    return replace(state, unconfirmed={**others, event: left} if left else others)


def _closed(
    state: TherapyState, statement: Statement, payload: events.DeviationClosed, occurrence: Occurrence
) -> TherapyState:
    deviation = state.deviations.get(payload.deviation)
    if deviation is None:
        return state
    return _with(state, replace(deviation, closed_at=statement.occurred_at, sequence=occurrence.sequence))


DECISIONS: Final[Decisions] = {
    OpenDeviation: decide_open,
    AssessDeviation: decide_assess,
    CloseDeviation: decide_close,
}

CHANGES: Final[Changes] = {
    events.DeviationDrafted: _drafted,
    events.DeviationOpened: _opened,
    events.DeviationAssessed: _assessed,
    events.DeviationClosed: _closed,
}
