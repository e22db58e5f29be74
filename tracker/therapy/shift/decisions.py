"""The decision over a change of hands at a terminal.

It is no step of a protocol: it happens at every terminal, whatever therapy is at hand.
"""

from __future__ import annotations

from collections.abc import Iterator

from schema.events.shift import OpenClock, OpenLabels, TakenOver
from schema.vocabulary import Meaning, Role
from tracker.rules.checks.step import role_violation
from tracker.rules.conclusion import entry_slots
from tracker.rules.decision import Allowed, Answer, Decision, Denied, Draft, Slot, Violation
from tracker.rules.selection import therapy_of
from tracker.rules.situation import Situation
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.shift.open_work import open_work
from tracker.therapy.shift.requests import TakeOver

SHIFT_ROLES = frozenset(Role) - {Role.AUDITOR, Role.ADMINISTRATOR}
"""Roles that go on with work; somebody who only reads takes nothing over."""


def decide_take_over(situation: Situation, request: TakeOver) -> Decision:
    """One statement in each therapy that has something open; clocks and handoffs are what the chain says."""
    for violation in _violations(situation, request):
        return Denied(violation)
    drafts: list[Draft] = []
    slots = entry_slots(request, (Slot(Meaning.PERFORMED, staff=request.actor),))
    for scan in request.therapies:
        therapy = therapy_of(situation, scan)
        if isinstance(therapy, Violation):
            return Denied(therapy)
        payload = _taken_over(situation, request, therapy)
        if payload is not None and all(draft.chain != therapy.coi for draft in drafts):
            drafts.append(Draft(therapy.coi, payload, slots=slots))
    if not drafts:
        return Denied(
            Violation(
                "nothing_open",
                f"{request.from_staff} left nothing open here.",
                "Nothing to take over; go on.",
                answer=Answer.CHECK,
                waivable=False,
            )
        )
    return Allowed(tuple(drafts))


def _taken_over(situation: Situation, request: TakeOver, therapy: TherapyState) -> TakenOver | None:
    """What this chain is told, none of it another therapy's; None where nothing is open."""
    protocol = situation.protocol(therapy)
    found = open_work(therapy, protocol, request.from_staff, situation.station.site)
    labels = tuple(
        OpenLabels(unit=one.unit, copies=one.copies) for one in request.labels if one.unit in therapy.units
    )
    tallied = tuple(unit for unit in request.tallied if unit in therapy.units)
    if not (found or labels or tallied):
        return None
    return TakenOver(
        from_staff=request.from_staff,
        clocks=tuple(
            OpenClock(limit=clock.name, unit=clock.unit, due_at=clock.due_at) for clock in found.clocks
        ),
        handoffs=found.handoffs,
        held=found.held,
        labels=labels,
        tallied=tallied,
    )


def _violations(situation: Situation, request: TakeOver) -> Iterator[Violation]:
    registry = situation.registry
    if request.actor == request.from_staff:
        yield Violation(
            "same_person",
            "Nobody takes over from themselves.",
            "Sign in and go on.",
            answer=Answer.CHECK,
            waivable=False,
        )
    if registry.person(request.from_staff) is None:
        yield Violation(
            "person_unknown",
            f"{request.from_staff} is nobody in this store.",
            "Name the person who was here before.",
            waivable=False,
        )
    own = role_violation(situation, request.actor, SHIFT_ROLES)
    if own is not None:
        yield Violation(own.rule, own.message, own.remedy, waivable=False)
