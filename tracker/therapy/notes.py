"""The decision over a note: what people write down about a therapy for each other.

It is no step of a protocol, and no rule reads it: a note changes nothing of what may be done.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

from msgspec.structs import replace
from pydantic import Field

from schema.entry import Statement
from schema.events.base import Word
from schema.events.notes import Noted
from schema.vocabulary import Meaning
from tracker.requests.base import FreeText, PayloadClass, ScanField, TherapyRequest
from tracker.rules.checks.identity import foreign
from tracker.rules.conclusion import entry_slots, reason_of
from tracker.rules.decision import Allowed, Decision, Denied, Draft, Slot, Violation
from tracker.rules.note_state import NoteState
from tracker.rules.selection import not_a, reads_for, therapy_of
from tracker.rules.situation import Decisions, Situation, remark_of
from tracker.rules.therapy_state import Changes, Occurrence, TherapyState

TEXT_FIELD: Final = "note"
"""The field of the commitment to what was written."""


class Note(TherapyRequest):
    """Write down what others should know."""

    name: ClassVar[str] = "note"
    summary: ClassVar[str] = (
        "Write down what others should know of a therapy, a unit or a milestone; no rule reads it."
    )
    records: ClassVar[PayloadClass] = Noted
    text: FreeText = Field(description="committed, and erased with the therapy's other free texts")
    unit: ScanField | None = None
    milestone: Word | None = None


def decide_note(situation: Situation, request: Note) -> Decision:
    """Whoever has a part in the therapy may write one, at any terminal, also after its end."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    unit = _unit(situation, request, therapy)
    if isinstance(unit, Violation):
        return Denied(unit)
    for violation in _violations(situation, request, therapy):
        return Denied(violation)
    payload = Noted(
        text=situation.commit(therapy.coi, TEXT_FIELD, request.text),
        unit=unit,
        milestone=request.milestone,
        reason=reason_of(request),
        remark=remark_of(situation, request, therapy.coi),
    )
    # Which therapy is meant was chosen, and nothing rests on it; a unit is named by its scan.
    reads = tuple(one for one in reads_for(situation, request, therapy.coi) if one.field != "coi")
    slots = entry_slots(request, (Slot(Meaning.PERFORMED, staff=request.actor),), reads)
    return Allowed((Draft(therapy.coi, payload, reads, (), slots),))


def _unit(situation: Situation, request: Note, therapy: TherapyState) -> str | Violation | None:
    """The unit that was scanned; another patient's is refused, and no evidence of that is written."""
    if request.unit is None:
        return None
    resolution = situation.resolve(request.unit)
    if resolution.unit is not None and resolution.coi != therapy.coi:
        return foreign(therapy, Noted.kind, resolution, field="unit", waivable=False).violation
    unit = situation.unit_of(resolution)
    return not_a(resolution, "unit") if unit is None else unit.unit


def _violations(situation: Situation, request: Note, therapy: TherapyState) -> Iterator[Violation]:
    names = [one.name for one in situation.protocol(therapy).milestones]
    if request.milestone is not None and request.milestone not in names:
        yield Violation(
            "milestone_unknown",
            f"The protocol {therapy.protocol.id} of {therapy.coi} has no milestone {request.milestone}.",
            f"Name one of these: {', '.join(names)}." if names else "Leave the milestone out.",
            waivable=False,
        )


def _noted(state: TherapyState, statement: Statement, payload: Noted, occurrence: Occurrence) -> TherapyState:
    written = NoteState(
        statement.event_id,
        statement.actor,
        statement.site,
        occurrence.at,
        payload.text.commitment,
        payload.unit,
        payload.milestone,
    )
    return replace(state, notes=(*state.notes, written))


DECISIONS: Final[Decisions] = {
    Note: decide_note,
}

CHANGES: Final[Changes] = {
    Noted: _noted,
}
