"""What a therapy's state keeps of the time after the infusion."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from schema.entry import Statement
from schema.events.aftercare import OutcomeRecorded, ToxicityGraded
from tracker.rules.therapy_state import Changes, GradeState, Occurrence, OutcomeState, TherapyState


def _graded(
    state: TherapyState, statement: Statement, payload: ToxicityGraded, occurrence: Occurrence
) -> TherapyState:
    grade = GradeState(
        event_id=occurrence.event_id,
        sequence=occurrence.sequence,
        syndrome=payload.syndrome,
        scale=payload.scale,
        scale_version=payload.scale_version,
        grade=payload.grade,
        assessed_at=payload.assessed_at,
        after=payload.after,
        actor=statement.actor,
    )
    return replace(state, grades=(*state.grades, grade))


def _outcome(
    state: TherapyState, _: Statement, payload: OutcomeRecorded, occurrence: Occurrence
) -> TherapyState:
    outcome = OutcomeState(
        occurrence.event_id, occurrence.sequence, payload.duty, payload.due_on, payload.result
    )
    return replace(state, outcomes=(*state.outcomes, outcome))


CHANGES: Final[Changes] = {ToxicityGraded: _graded, OutcomeRecorded: _outcome}
