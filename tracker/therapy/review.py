"""The decision over a review of a trail: who may sign that it was read, and to where.

It is no step of a protocol: a trail is read whatever the therapy's workflow is, also after its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar, Final

from pydantic import Field

from schema.entry import Statement
from schema.events.base import COUNT_MAX, EventId, WholeNumber, Word
from schema.events.review import TrailReviewed
from schema.vocabulary import Meaning, Role
from tracker.requests.base import PayloadClass, TherapyRequest
from tracker.rules.authority import grant_violation
from tracker.rules.conclusion import entry_slots, reason_of
from tracker.rules.decision import Allowed, Decision, Denied, Draft, ScanAnswer, Slot, Violation, never_waived
from tracker.rules.selection import therapy_of
from tracker.rules.situation import Decisions, Situation, remark_of
from tracker.rules.therapy_state import Changes, Occurrence, ReviewState, TherapyState

REVIEWERS: Final = frozenset({Role.AUDITOR, Role.QUALITY, Role.QUALIFIED_PERSON})


class ReviewTrail(TherapyRequest):
    """Sign that the trail of a therapy was read to an event, gaps first."""

    name: ClassVar[str] = "review_trail"
    summary: ClassVar[str] = (
        "Sign that a therapy's trail was reviewed, to which event and with which findings."
    )
    records: ClassVar[PayloadClass] = TrailReviewed
    through: EventId = Field(description="the last event that was read")
    findings: WholeNumber = Field(ge=0, le=COUNT_MAX, description="how many gaps the reviewer was shown")
    checks: tuple[Word, ...] = Field(default=(), max_length=60, description="the checks that found something")


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


def _reviewed(
    state: TherapyState, statement: Statement, payload: TrailReviewed, occurrence: Occurrence
) -> TherapyState:
    read = ReviewState(payload.through, statement.actor, statement.occurred_at)
    return replace(state, reviewed=read)


DECISIONS: Final[Decisions] = {
    ReviewTrail: decide_review,
}

CHANGES: Final[Changes] = {
    TrailReviewed: _reviewed,
}
