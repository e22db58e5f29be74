"""Results that another person looked over: which of them stand, and who may look."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from schema.vocabulary import ResultsVerdict
from tracker.protocols.model import Protocol, ReleaseTest, with_unit
from tracker.rules.decision import Violation
from tracker.rules.results import StandingResult, standing_result
from tracker.rules.therapy_state import ResultReview, TestState, TherapyState


def is_reviewed(result: TestState) -> bool:
    """Whether somebody else agreed with the value as it stands; a correction after that voids it."""
    said = newest_review(result)
    return (
        said is not None
        and said.verdict is ResultsVerdict.AGREED
        and said.occurrence.actor not in result.performers
    )


def newest_review(result: TestState) -> ResultReview | None:
    """What was said last of the value as it stands."""
    said = result.reviews[-1] if result.reviews else None
    return said if said is not None and said.occurrence.sequence > result.changed else None


def is_queried(result: TestState) -> bool:
    """Whether the newest word on the value as it stands is that it is in question."""
    said = newest_review(result)
    return said is not None and said.verdict is ResultsVerdict.QUERIED


def results(
    therapy: TherapyState, attempt: int, protocol: Protocol
) -> Iterator[tuple[ReleaseTest, TestState]]:
    """Every result of a manufacture, repeat tests included, in the order of the protocol."""
    for test in protocol.release_tests:
        first = therapy.tests.get((attempt, test.code))
        if first is not None:
            yield from ((test, one) for one in first.every)


def to_review(
    therapy: TherapyState, attempt: int, protocol: Protocol
) -> tuple[tuple[ReleaseTest, TestState], ...]:
    """The results of a manufacture that no other person has agreed with."""
    return tuple((test, one) for test, one in results(therapy, attempt, protocol) if not is_reviewed(one))


def not_reviewed(
    therapy: TherapyState, attempt: int, protocol: Protocol
) -> tuple[tuple[ReleaseTest, TestState], ...]:
    """Those of them that keep a release back: the protocol asks for the review, or somebody queried."""
    waiting = to_review(therapy, attempt, protocol)
    return tuple((test, one) for test, one in waiting if test.review or is_queried(one))


def reviewed_results(
    therapy: TherapyState, protocol: Protocol, about: Collection[str]
) -> Iterator[tuple[StandingResult, frozenset[str]]]:
    """What a reviewer has to see of each result: the value beside its limit, and who recorded it."""
    for (attempt, code), first in therapy.tests.items():
        test = protocol.release_test(code)
        for result in first.every if test is not None else ():
            if test is not None and result.occurrence.event_id in about:
                yield standing_result(test, attempt, result), result.performers


def not_by_others(actor: str, result: TestState, test: ReleaseTest) -> Iterator[Violation]:
    """Nobody reviews what they recorded, or put right, themselves."""
    if actor in result.performers:
        value = with_unit(result.result, test.unit_of_measure)
        yield Violation(
            "same_person",
            f"{actor} recorded or corrected {test.title} {value}, and cannot review it too.",
            "Somebody else reviews it.",
            waivable=False,
        )
