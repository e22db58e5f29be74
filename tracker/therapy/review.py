"""The decision over a review of a trail: who may sign that it was read, and to where.

It is no step of a protocol: a trail is read whatever the therapy's workflow is, also after its end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import ClassVar, Final

from msgspec.structs import replace
from pydantic import Field

from schema.entry import Statement
from schema.events.base import COUNT_MAX, EventId, Value, WholeNumber, Word
from schema.events.review import FINDINGS_MAX, FindingAnswer, TrailReviewed
from schema.vocabulary import FindingWord, Meaning, ReviewOutcome, Role
from tracker.concerns import CHECKS
from tracker.requests.base import PayloadClass, TherapyRequest
from tracker.rules.authority import grant_violation
from tracker.rules.conclusion import entry_slots, reason_of
from tracker.rules.decision import Allowed, Decision, Denied, Draft, ScanAnswer, Slot, Violation, never_waived
from tracker.rules.selection import therapy_of
from tracker.rules.situation import Decisions, Situation, remark_of
from tracker.rules.therapy_state import Changes, Occurrence, ReviewState, TherapyState

REVIEWERS: Final = frozenset({Role.AUDITOR, Role.QUALITY, Role.QUALIFIED_PERSON})


class GivenFinding(Value):
    """One finding as it was shown, and what is said of it."""

    check: Word
    entry: WholeNumber | None = Field(
        default=None, ge=0, le=COUNT_MAX, description="the number of the entry that it is about, where it is"
    )
    finding: str = Field(min_length=1, max_length=2000, description="the finding as it was shown")
    answer: FindingWord | None = None
    remark: str | None = Field(default=None, min_length=1, max_length=500)


class ReviewTrail(TherapyRequest):
    """Sign that the trail of a therapy was read to an event, gaps first, and what is to be said of each."""

    name: ClassVar[str] = "review_trail"
    summary: ClassVar[str] = (
        "Sign that a therapy's trail was reviewed, to which event and with which findings."
    )
    records: ClassVar[PayloadClass] = TrailReviewed
    through: EventId = Field(description="the last event that was read")
    findings: tuple[GivenFinding, ...] = Field(
        default=(),
        max_length=FINDINGS_MAX,
        description="each finding that no earlier review has explained, with what is said of it",
    )
    outcome: ReviewOutcome


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
        outcome=request.outcome,
        answers=tuple(_answers(situation, request, therapy.coi)),
        reason=reason_of(request),
        remark=remark_of(situation, request, therapy.coi),
    )
    people = (Slot(Meaning.AUDIT_TRAIL_REVIEWED, staff=request.actor),)
    return Allowed((Draft(therapy.coi, payload, (), (), entry_slots(request, people)),))


def _answers(situation: Situation, request: ReviewTrail, coi: str) -> Iterator[FindingAnswer]:
    for one in request.findings:
        if one.answer is not None and one.remark is not None:
            yield FindingAnswer(
                check=one.check,
                entry=one.entry,
                finding=situation.commit(coi, "finding", one.finding),
                answer=one.answer,
                remark=situation.commit(coi, "remark", one.remark),
            )


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
    yield from _unanswered(situation, request, therapy)
    yield from _outcome_violations(request)


def _unanswered(situation: Situation, request: ReviewTrail, therapy: TherapyState) -> Iterator[Violation]:
    """Each finding is answered once: those that are named, and those that the checks find in the trail."""
    for one in request.findings:
        if one.answer is None or one.remark is None:
            yield _nothing_said(one.check, one.finding)
    named = [(one.check, one.entry) for one in request.findings if one.entry is not None]
    explained = _explained_before(therapy)
    for check, entry in situation.found:
        if (check, entry) not in named and (check, entry) not in explained:
            yield _nothing_said(check, f"entry {entry}")
    said = Counter((one.check, one.entry, one.finding) for one in request.findings)
    for (check, _, finding), count in said.items():
        if count > 1:
            yield Violation(
                "findings_differ",
                f"{_title(check)}: {finding} is answered {count} times.",
                "Answer each finding once.",
                waivable=False,
            )


def _explained_before(therapy: TherapyState) -> frozenset[tuple[str, int]]:
    return frozenset() if therapy.reviewed is None else therapy.reviewed.explained


def _nothing_said(check: str, finding: str) -> Violation:
    return Violation(
        "finding_unanswered",
        f"Nothing is said of {_title(check)}: {finding}.",
        "Say of each finding why it is in order, or what is not.",
        waivable=False,
    )


def _title(check: str) -> str:
    """A check as the report calls it; by its word where this program has none of that name."""
    return next((row.title for one, row in CHECKS.items() if one.value == check), check)


def _outcome_violations(request: ReviewTrail) -> Iterator[Violation]:
    """The outcome follows from the answers."""
    observed = any(one.answer is FindingWord.OBSERVED for one in request.findings)
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
    observed = tuple(
        dict.fromkeys(one.check for one in payload.answers if one.answer is FindingWord.OBSERVED)
    )
    explained = frozenset(
        (one.check, one.entry)
        for one in payload.answers
        if one.answer is FindingWord.EXPLAINED and one.entry is not None
    )
    read = ReviewState(
        payload.through,
        statement.actor,
        statement.occurred_at,
        statement.site,
        payload.outcome,
        observed,
        explained | _explained_before(state),
    )
    return replace(state, reviewed=read)


DECISIONS: Final[Decisions] = {
    ReviewTrail: decide_review,
}

CHANGES: Final[Changes] = {
    TrailReviewed: _reviewed,
}
