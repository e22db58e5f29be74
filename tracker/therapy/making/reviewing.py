"""The decision over a review of results: what is looked over, and by whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from schema.events.processing import ResultsReviewed
from schema.vocabulary import Meaning, ResultsVerdict
from tracker.protocols.model import Protocol, ReleaseTest
from tracker.rules.attempt import Attempt
from tracker.rules.checks.step import step_violations
from tracker.rules.conclusion import Plan, conclude, slots_of
from tracker.rules.decision import Decision, Denied, ScanAnswer, Slot, Violation
from tracker.rules.oos import OOS, deviation_of
from tracker.rules.results import open_attempts
from tracker.rules.reviews import is_reviewed, not_by_others, results, to_review
from tracker.rules.selection import reads_for, therapy_of
from tracker.rules.situation import Decisions, Situation
from tracker.rules.therapy_state import TestState, TherapyState
from tracker.therapy.making import requests as asked

Results = Sequence[tuple[ReleaseTest, TestState]]
"""Results of one manufacture, each with its test."""


def decide_review_results(situation: Situation, request: asked.ReviewResults) -> Decision:
    """Another person than every performer agrees with results of one manufacture, or queries them."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    number = request.attempt or _manufacture_of(therapy, request.about or ())
    known = [*results(therapy, number, situation.protocol(therapy))]
    chosen = _asked_for(therapy, known, request)
    if isinstance(chosen, Violation):
        return Denied(chosen)
    attempt = Attempt(situation, request, therapy, ResultsReviewed.kind)
    own = (one for test, result in chosen for one in not_by_others(request.actor, result, test))
    payload = ResultsReviewed(
        attempt=number,
        about=tuple(dict.fromkeys(one.occurrence.event_id for _, one in chosen)),
        verdict=request.verdict,
    )
    steps = tuple(filter(None, (attempt.step,)))
    performers = frozenset().union(*(one.performers for _, one in chosen))
    slots = tuple(
        _slot(one, request.actor, performers) for one in slots_of(situation, request, therapy, steps)
    )
    plan = Plan(
        therapy,
        payload,
        steps,
        reads_for(situation, request, therapy.coi),
        slots,
        faults=(OOS,) if request.verdict is ResultsVerdict.AGREED and any(_new_oos(therapy, chosen)) else (),
    )
    return conclude(situation, request, (plan,), (*own, *step_violations(attempt)))


def _new_oos(therapy: TherapyState, chosen: Results) -> Iterator[TestState]:
    """The results that do not meet their limit and are not investigated yet: each is, once."""
    for test, result in chosen:
        if not test.meets(result.result) and deviation_of(therapy, test, result) is None:
            yield result


def _manufacture_of(therapy: TherapyState, about: Sequence[str]) -> int:
    """The manufacture of the results that are named; the newest one where none is."""
    for (attempt, _), first in therapy.tests.items():
        if any(one.occurrence.event_id in about for one in first.every):
            return attempt
    return therapy.newest_attempt


def _slot(slot: Slot, actor: str, performers: frozenset[str]) -> Slot:
    """The reviewer signs; nobody who recorded one of the results signs beside them."""
    if slot.meaning is Meaning.REVIEWED:
        return Slot(Meaning.REVIEWED, staff=actor)
    return replace(slot, other_than=slot.other_than | performers)


def _asked_for(therapy: TherapyState, known: Results, request: asked.ReviewResults) -> Results | Violation:
    """The results by the events that are named, else all of the manufacture that wait for a review."""
    if request.about is None:
        return [one for one in known if not is_reviewed(one[1])] or _nothing(therapy)
    events = {result.occurrence.event_id for _, result in known}
    for event in request.about:
        if event not in events:
            return Violation(
                "result_unknown",
                f"{event} is no result of this manufacture of {therapy.coi}.",
                "Take the event ids from the trail; results of one manufacture are reviewed at a time.",
                waivable=False,
                field="about",
            )
    return [one for one in known if one[1].occurrence.event_id in request.about]


def _nothing(therapy: TherapyState) -> Violation:
    return Violation(
        "already_done",
        f"No result of {therapy.coi} waits for a review.",
        "Nothing to do until there is another result, or one is corrected.",
        answer=ScanAnswer.CHECK,
        waivable=False,
    )


def nothing_to_review(therapy: TherapyState, protocol: Protocol, actor: str) -> Iterator[Violation]:
    """Why this person has nothing to review now, whatever they would say."""
    waiting = [one for attempt in open_attempts(therapy) for one in to_review(therapy, attempt, protocol)]
    if not waiting:
        yield _nothing(therapy)
    elif all(actor in result.performers for _, result in waiting):
        test, result = waiting[0]
        yield from not_by_others(actor, result, test)


DECISIONS: Final[Decisions] = {asked.ReviewResults: decide_review_results}
