"""The decision over a review of a trail: who may sign that it was read, and to where.

It is no step of a protocol: a trail is read whatever the therapy's workflow is, also after its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar, Final

from pydantic import Field

from schema.entry import Statement
from schema.events.base import COUNT_MAX, EventId, Value, WholeNumber, Word
from schema.events.review import FindingAnswer, TrailReviewed
from schema.vocabulary import FindingWord, Meaning, ReviewOutcome, Role
from tracker.requests.base import PayloadClass, TherapyRequest
from tracker.rules.authority import grant_violation
from tracker.rules.conclusion import entry_slots, reason_of
from tracker.rules.decision import Allowed, Decision, Denied, Draft, ScanAnswer, Slot, Violation, never_waived
from tracker.rules.selection import therapy_of
from tracker.rules.situation import Decisions, Situation, remark_of
from tracker.rules.therapy_state import Changes, Occurrence, ReviewState, TherapyState

REVIEWERS: Final = frozenset({Role.AUDITOR, Role.QUALITY, Role.QUALIFIED_PERSON})


class GivenAnswer(Value):
    """What is said of the findings of one check."""

    check: Word
    answer: FindingWord
    remark: str = Field(min_length=1, max_length=500)


class ReviewTrail(TherapyRequest):
    """Sign that the trail of a therapy was read to an event, gaps first, and what is to be said of each."""

    name: ClassVar[str] = "review_trail"
    summary: ClassVar[str] = (
        "Sign that a therapy's trail was reviewed, to which event and with which findings."
    )
    records: ClassVar[PayloadClass] = TrailReviewed
    through: EventId = Field(description="the last event that was read")
    findings: WholeNumber = Field(ge=0, le=COUNT_MAX, description="how many gaps the reviewer was shown")
    checks: tuple[Word, ...] = Field(default=(), max_length=60, description="the checks that found something")
    outcome: ReviewOutcome
    answers: tuple[GivenAnswer, ...] = Field(
        default=(), max_length=60, description="one for each of these checks"
    )


def decide_review(situation: Situation, request: ReviewTrail) -> Decision:
    """The reviewer signs for the trail with the meaning `audit_trail_reviewed`."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    for violation in _violations(situation, request, therapy):
        return Denied(violation)
    read = therapy.events[request.through]
    payload = TrailReviewed(
        through=read.sequence,
        event=request.through,
        digest=read.digest,
        findings=request.findings,
        checks=request.checks,
        outcome=request.outcome,
        answers=tuple(
            FindingAnswer(
                check=one.check,
                answer=one.answer,
                remark=situation.commit(therapy.coi, "remark", one.remark),
            )
            for one in request.answers
        ),
        reason=reason_of(request),
        remark=remark_of(situation, request, therapy.coi),
    )
    people = (Slot(Meaning.AUDIT_TRAIL_REVIEWED, staff=request.actor),)
    return Allowed((Draft(therapy.coi, payload, (), (), entry_slots(request, people)),))


def _violations(situation: Situation, request: ReviewTrail, therapy: TherapyState) -> Iterator[Violation]:
    # An auditor reads every trail, wherever it happened.
    found = grant_violation(situation.registry, request.actor, REVIEWERS, None, situation.occurred_at)
    if found is not None:
        yield never_waived(found)
    read = therapy.events.get(request.through)
    if read is None:
        yield Violation(
            "unknown_event",
            f"The trail of {therapy.coi} has no event {request.through}.",
            "Name an event of this therapy.",
            waivable=False,
        )
    elif therapy.reviewed is not None and read.sequence <= therapy.reviewed.through:
        yield Violation(
            "already_done",
            f"The trail of {therapy.coi} was reviewed to entry {therapy.reviewed.through}"
            f" by {therapy.reviewed.actor} already.",
            "Nothing to do until more is recorded.",
            answer=ScanAnswer.CHECK,
            waivable=False,
        )
    if request.checks and not request.findings:
        yield Violation(
            "findings_differ", "Checks with findings are named, and no finding is counted.",
            "Count the findings that were shown.", waivable=False,
        )  # fmt: skip
    yield from _answer_violations(request)


def _answer_violations(request: ReviewTrail) -> Iterator[Violation]:
    """Each check that found something is answered once, and the outcome follows from the answers."""
    answered = [one.check for one in request.answers]
    open_ones = [one for one in request.checks if one not in answered]
    if open_ones:
        yield Violation(
            "finding_unanswered",
            f"Nothing is said of {', '.join(open_ones).replace('_', ' ')}.",
            "Say of each check that found something why it is in order, or what is not.",
            waivable=False,
        )
    if len(answered) > len({*answered}) or not {*answered} <= {*request.checks}:
        yield Violation(
            "findings_differ",
            "An answer is given twice, or to a check that found nothing.",
            "Answer each of the named checks once.",
            waivable=False,
        )
    observed = any(one.answer is FindingWord.OBSERVED for one in request.answers)
    accepted = request.outcome is ReviewOutcome.ACCEPTED
    if accepted == observed and not (not accepted and request.remark is not None):
        yield Violation(
            "outcome_differs",
            f"The outcome is {request.outcome.value.replace('_', ' ')}, and "
            f"{'something is' if observed else 'nothing is'} observed.",
            "A trail is accepted where nothing is observed; with observations one of them is written down.",
            waivable=False,
        )


def _reviewed(
    state: TherapyState, statement: Statement, payload: TrailReviewed, occurrence: Occurrence
) -> TherapyState:
    observed = tuple(one.check for one in payload.answers if one.answer is FindingWord.OBSERVED)
    read = ReviewState(
        payload.through, statement.actor, statement.occurred_at, statement.site, payload.outcome, observed
    )
    return replace(state, reviewed=read)


DECISIONS: Final[Decisions] = {
    ReviewTrail: decide_review,
}

CHANGES: Final[Changes] = {
    TrailReviewed: _reviewed,
}
