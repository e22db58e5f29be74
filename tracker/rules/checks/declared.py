"""What a declared time is worth: it is somebody's word, has a bound, and alone puts nothing in order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from schema.vocabulary import EntryMode, Meaning
from tracker.kinds import STEP_KINDS, is_decision
from tracker.protocols.model import Limit
from tracker.protocols.spans import format_duration
from tracker.requests.base import Request
from tracker.rules.attempt import local_time
from tracker.rules.clocks import running_limits
from tracker.rules.decision import (
    Allowed,
    Decision,
    Denied,
    Draft,
    Notice,
    ScanAnswer,
    Slot,
    Violation,
    never_waived,
)
from tracker.rules.marks.events import units_about
from tracker.rules.situation import Situation
from tracker.rules.therapy_state import Occurrence

ENTERED_WITHIN: Final = timedelta(hours=24)
"""So long after it happened it may be entered from memory; later only from what was written then."""

FROM_MEMORY: Final = frozenset({EntryMode.LATE, EntryMode.UNATTENDED})
"""Entries behind which stands no form and no other system's record."""

ENTERED_TOO_LATE: Final = "entered_too_late"
DECLARED: Final = "it is in order only by the time declared for it, and a second person confirms that time"


def declared_violations(situation: Situation, request: Request) -> Iterator[Violation]:
    """Why what happened so long ago is not entered from memory."""
    if request.occurred_at is None or request.entry.mode not in FROM_MEMORY:
        return
    behind = situation.now - situation.occurred_at
    if behind <= ENTERED_WITHIN:
        return
    remedy = "Enter it from the form it was written on; if there is none, record it outside the rules."
    if request.records is not None and is_decision(request.records.kind):
        remedy = "Decide it now, and leave out the time."
    elif request.records is None or request.records.kind not in STEP_KINDS:
        remedy = "Enter it now, and leave out the time."
    yield Violation(
        "entered_too_late",
        f"It is said to have happened at {local_time(situation, situation.occurred_at)}, "
        f"{format_duration(behind)} ago, and nothing is entered from memory more than a day later.",
        remedy,
        field="occurred_at",
    )


def too_late(situation: Situation, request: Request, decision: Decision) -> Decision:
    """The decision, refused where it is entered from memory too late and did not go outside the rules for it.

    It is asked of every decision: enrollment, review, shift and others are no steps that a check is made of.
    """
    if isinstance(decision, Denied) or any(ENTERED_TOO_LATE in one.outside_rules for one in decision.events):
        return decision
    found = next(declared_violations(situation, request), None)
    return decision if found is None else Denied(never_waived(found))


def rests_on_declared(situation: Situation, request: Request) -> bool:
    """Whether nobody but the person entering it has said when it happened, and by the rules."""
    return (
        request.occurred_at is not None
        and request.entry.mode is not EntryMode.PAPER
        and request.outside_rules is None
        and situation.occurred_at < situation.now
    )


def clock_stopped(situation: Situation, request: Request, decision: Allowed) -> str | None:
    """What to say where a time told from memory ends a limit that still runs; None where it ends none.

    Entered live, the limit would show the time up to now, and what comes next begins it anew.
    """
    if request.entry.mode not in FROM_MEMORY:
        return None
    for limit, start in _ended(situation, decision):
        told, live = (format_duration(at - start.at) for at in (situation.occurred_at, situation.now))
        return f"{limit.title}: it ends after {told} by the declared time, and after {live} if entered live."
    return None


def _ended(situation: Situation, decision: Allowed) -> Iterator[tuple[Limit, Occurrence]]:
    """The running limits that the events end or clear, each with what started it."""
    for draft in decision.events:
        state, kind = situation.therapies.get(draft.chain), draft.payload.kind
        if state is None:
            continue
        protocol = situation.protocol(state)
        for unit in units_about(draft.payload, state):
            for limit, start in running_limits(state, protocol, unit):
                if kind in (*limit.ends, *limit.cleared_by):
                    yield limit, start


def refused_live(by_now: Denied) -> str:
    """What to say where judged by the clock it would be refused."""
    return f"Entered live it would be refused: {by_now.reason.message}"


def confirmed(request: Request, decision: Allowed, why: str) -> Allowed:
    """The decision with a second person, because something rests on the declared time alone."""
    notice = Notice(
        "declared_time",
        why,
        "It is in order by the time declared for it, which a second person signs.",
        ScanAnswer.CHECK,
    )
    events = tuple(_with_second(request, draft) for draft in decision.events)
    return replace(decision, events=events, notices=(*decision.notices, notice))


def _with_second(request: Request, draft: Draft) -> Draft:
    if not draft.slots or len(draft.slots) >= 2:
        return draft
    second = Slot(Meaning.VERIFIED, other_than=frozenset({request.entered_by}), because=DECLARED)
    return replace(draft, slots=(*draft.slots, second))
