"""The results of release tests, each of one manufacture: what stands, what is missing, what does not meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tracker.protocols.model import Protocol, ReleaseTest, with_unit
from tracker.rules.decision import Notice
from tracker.rules.oos import counting, retests_left
from tracker.rules.therapy_state import TestState, TherapyState


def result_of(therapy: TherapyState, attempt: int, test: ReleaseTest) -> TestState | None:
    """The result of a test of one manufacture that counts; another's never stands for it."""
    first = therapy.tests.get((attempt, test.code))
    return None if first is None else counting(therapy, test, first)


def pending_tests(therapy: TherapyState, attempt: int, protocol: Protocol) -> tuple[ReleaseTest, ...]:
    """The release tests of a manufacture that have no result."""
    return tuple(test for test in protocol.release_tests if result_of(therapy, attempt, test) is None)


def to_record(therapy: TherapyState, attempt: int, protocol: Protocol) -> tuple[ReleaseTest, ...]:
    """The tests that can be recorded: without a result, or with a repeat test that an assessment allows."""
    return tuple(
        test
        for test in protocol.release_tests
        if (first := therapy.tests.get((attempt, test.code))) is None or retests_left(therapy, test, first)
    )


def failed_tests(therapy: TherapyState, attempt: int, protocol: Protocol) -> tuple[ReleaseTest, ...]:
    """The release tests of a manufacture whose standing result does not meet the limit."""
    return tuple(_failed(therapy, attempt, protocol))


def _failed(therapy: TherapyState, attempt: int, protocol: Protocol) -> Iterator[ReleaseTest]:
    for test in protocol.release_tests:
        stands = result_of(therapy, attempt, test)
        if stands is not None and not test.meets(stands.result):
            yield test


@dataclass(frozen=True, slots=True)
class StandingResult:
    """One test as whoever decides over a release has to see it."""

    attempt: int
    title: str
    result: str
    """With its unit; empty while there is none."""

    limit: str
    meets: bool


def standing_results(
    therapy: TherapyState, protocol: Protocol, units: Iterable[str]
) -> tuple[StandingResult, ...]:
    """Every test of the manufactures that these units came out of, in the order of the protocol."""
    made = {unit.attempt for name in units if (unit := therapy.unit(name)) is not None}
    return tuple(
        standing_result(test, attempt, result_of(therapy, attempt, test))
        for attempt in sorted(made)
        for test in protocol.release_tests
    )


def standing_result(test: ReleaseTest, attempt: int, stands: TestState | None) -> StandingResult:
    """One test as whoever decides has to see it."""
    if stands is None:
        return StandingResult(attempt, test.title, "", test.limit_words, meets=False)
    result = with_unit(stands.result, test.unit_of_measure)
    return StandingResult(attempt, test.title, result, test.limit_words, test.meets(stands.result))


def open_attempts(therapy: TherapyState) -> tuple[int, ...]:
    """The manufactures of which a unit has not come to its end."""
    return tuple(sorted({unit.attempt for unit in therapy.open_units() if unit.attempt}))


def result_notices(test: ReleaseTest, result: str) -> tuple[Notice, ...]:
    """That a result does not meet its limit is said when it is recorded, long before a release."""
    if test.meets(result):
        return ()
    return (
        Notice(
            "test_failed",
            f"{test.title} {with_unit(result, test.unit_of_measure)} does not meet its limit: "
            f"{test.limit_words}.",
            "Open a deviation and have it investigated. Nothing of this manufacture can be released in "
            "specification: it is rejected, or released out of specification.",
        ),
    )
