"""The decision to erase a patient: when it may be, and who has to sign it.

It is no step of a protocol: what may be forgotten is a matter of law, not of a therapy's workflow.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar, Final

from pydantic import Field

from schema.errors import InputError
from schema.events.identity import Erased
from schema.vocabulary import ErasureGround, Meaning, Role
from tracker.requests.base import PayloadClass, TherapyRequest
from tracker.rules.attempt import finished, local_time
from tracker.rules.checks.step import role_violation
from tracker.rules.conclusion import entry_slots, reason_of
from tracker.rules.decision import Allowed, Decision, Denied, Draft, ScanAnswer, Slot, Violation, never_waived
from tracker.rules.selection import reads_for, therapy_of
from tracker.rules.situation import Decisions, Situation
from tracker.rules.therapy_state import TherapyState

APPROVERS: Final = frozenset({Role.QUALITY, Role.QUALIFIED_PERSON, Role.ADMINISTRATOR})


class Erase(TherapyRequest):
    """Delete what opens a patient's commitments."""

    name: ClassVar[str] = "erase"
    summary: ClassVar[str] = (
        "Delete the patient's identifiers, free texts and outside names for good; the proofs stay."
    )
    records: ClassVar[PayloadClass] = Erased
    needs_reason: ClassVar[bool] = True
    ground: ErasureGround | None = Field(
        default=None, description="needed before the therapy's end or its retention date"
    )


def decide_erase(situation: Situation, request: Erase) -> Decision:
    """How many values are deleted; `situation.openings` are those the store still holds."""
    if request.remark is not None:
        raise InputError(
            "An erasure carries no free text.",
            remedy="Leave the remark out; give a reason and, before the end, a ground.",
        )
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    for violation in _violations(situation, request, therapy):
        return Denied(violation)
    payload = Erased(erased=len(situation.openings), ground=request.ground, reason=reason_of(request))
    reads = reads_for(situation, request, therapy.coi)
    people = (Slot(Meaning.PERFORMED, staff=request.actor), Slot(Meaning.APPROVED, APPROVERS))
    return Allowed((Draft(therapy.coi, payload, reads, (), entry_slots(request, people, reads)),))


def retention_ends(situation: Situation, therapy: TherapyState) -> datetime:
    """Until when a therapy's values are kept, by its protocol and the latest thing that happened."""
    facts = list(therapy.facts.values())
    for unit in therapy.units.values():
        facts += unit.facts.values()
    return max(fact.at for fact in facts) + situation.protocol(therapy).retention.keep


def _violations(situation: Situation, request: Erase, therapy: TherapyState) -> Iterator[Violation]:
    found = role_violation(situation, request.actor, frozenset({Role.QUALITY}))
    if found is not None:
        yield never_waived(found)
    if not situation.openings:
        yield Violation(
            "already_done",
            f"Nothing is held any more that opens the commitments of {therapy.coi}.",
            "Nothing to do.",
            answer=ScanAnswer.CHECK,
            waivable=False,
        )
    if request.ground is None:
        yield from _too_early(situation, therapy)


def _too_early(situation: Situation, therapy: TherapyState) -> Iterator[Violation]:
    still_open = [unit.unit for unit in therapy.units.values() if not finished(unit)]
    ground = "Two people can erase earlier on a legal ground: give `ground`."
    if still_open:
        yield Violation(
            "units_open",
            f"These units have no final disposition: {', '.join(still_open)}.",
            f"End their record first; without identifiers nobody can be matched with them. {ground}",
            waivable=False,
        )
    ends = retention_ends(situation, therapy)
    if situation.now < ends:
        source = situation.protocol(therapy).retention.source
        yield Violation(
            "retention",
            f"The values of {therapy.coi} are to be kept until {local_time(situation, ends)} ({source}).",
            f"Erase them after that. {ground}",
            waivable=False,
        )


DECISIONS: Final[Decisions] = {
    Erase: decide_erase,
}
