"""The results of release tests, each of one manufacture: what stands, what is missing, what does not meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tracker.protocols.model import Protocol, ReleaseTest, with_unit
from tracker.rules.certificates import release_of
from tracker.rules.decision import Notice
from tracker.rules.deviation_state import FAILED_AFTER_RELEASE
from tracker.rules.oos import counting, retests_left
from tracker.rules.therapy_state import Occurrence, TestState, TherapyState


def result_of(therapy: TherapyState, attempt: int, test: ReleaseTest) -> TestState | None:
    """The result of a test of one manufacture that counts; another's never stands for it."""
    first = therapy.tests.get((attempt, test.code))
    return None if first is None else counting(therapy, test, first)


def pending_tests(therapy: TherapyState, attempt: int, protocol: Protocol) -> tuple[ReleaseTest, ...]:
    """The tests that a release of a manufacture waits for and that have no result."""
    return tuple(
        test
        for test in protocol.release_tests
        if not test.is_late and result_of(therapy, attempt, test) is None
    )


def late_tests(therapy: TherapyState, attempt: int, protocol: Protocol) -> tuple[ReleaseTest, ...]:
    """The tests of a manufacture whose result no release waits for and that is still to come."""
    return tuple(
        test for test in protocol.release_tests if test.is_late and result_of(therapy, attempt, test) is None
    )


def released_at(therapy: TherapyState, attempt: int) -> Occurrence | None:
    """The first release of anything that came out of a manufacture."""
    found = (release_of(unit) for unit in therapy.units.values() if unit.attempt == attempt)
    return min(filter(None, found), key=lambda fact: fact.sequence, default=None)


def failed_after_release(therapy: TherapyState, attempt: int, protocol: Protocol) -> tuple[ReleaseTest, ...]:
    """The tests whose failing result became known only when something of the manufacture was released."""
    release = released_at(therapy, attempt)
    return tuple(
        test
        for test in failed_tests(therapy, attempt, protocol)
        if test.is_late
        and release is not None
        and (stands := result_of(therapy, attempt, test)) is not None
        and stands.changed > release.sequence
    )


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
    is_awaited: bool = False
    """Whether there is none, and no release waits for it."""

    is_after_release: bool = False
    """Whether it became known only after the release, and does not meet its limit."""


def standing_results(
    therapy: TherapyState, protocol: Protocol, units: Iterable[str]
) -> tuple[StandingResult, ...]:
    """Every test of the manufactures that these units came out of, in the order of the protocol."""
    made = {unit.attempt for name in units if (unit := therapy.unit(name)) is not None}
    return tuple(
        replace(
            standing_result(test, attempt, result_of(therapy, attempt, test)),
            is_after_release=test in failed_after_release(therapy, attempt, protocol),
        )
        for attempt in sorted(made)
        for test in protocol.release_tests
    )


def standing_result(test: ReleaseTest, attempt: int, stands: TestState | None) -> StandingResult:
    """One test as whoever decides has to see it."""
    if stands is None:
        return StandingResult(attempt, test.title, "", test.limit_words, meets=False, is_awaited=test.is_late)
    result = with_unit(stands.result, test.unit_of_measure)
    return StandingResult(attempt, test.title, result, test.limit_words, test.meets(stands.result))


def open_attempts(therapy: TherapyState) -> tuple[int, ...]:
    """The manufactures of which a unit has not come to its end."""
    return tuple(sorted({unit.attempt for unit in therapy.open_units() if unit.attempt}))


def fails_after_release(therapy: TherapyState, attempt: int, test: ReleaseTest, result: str) -> bool:
    """Whether a result tells too late that what was released does not meet its limit."""
    return test.is_late and not test.meets(result) and released_at(therapy, attempt) is not None


def not_given(therapy: TherapyState, attempt: int) -> tuple[str, ...]:
    """What of a manufacture was released and can still be given."""
    return tuple(
        unit.unit
        for unit in therapy.open_units()
        if unit.attempt == attempt and release_of(unit) is not None and not unit.quarantined
    )


def result_notices(
    test: ReleaseTest, result: str, *, told_at: str | None = None, held: Sequence[str] = ()
) -> tuple[Notice, ...]:
    """That a result does not meet its limit is said when it is recorded, mostly long before a release.

    After one, `told_at` is the site whose physicians are told of it, and `held` what was not given yet.
    """
    if test.meets(result):
        return ()
    if told_at is not None:
        return (
            Notice(
                FAILED_AFTER_RELEASE,
                f"{test.title} {with_unit(result, test.unit_of_measure)} does not meet its limit: "
                f"{test.limit_words}, and the product was released. "
                f"In quarantine now: {', '.join(held) or 'nothing, all of it is used'}.",
                f"Call the physician at {told_at} now; the alert there stays until quality has assessed the "
                "deviation. The certificate says it at its next print.",
            ),
        )
    return (
        Notice(
            "test_failed",
            f"{test.title} {with_unit(result, test.unit_of_measure)} does not meet its limit: "
            f"{test.limit_words}.",
            "Open a deviation and have it investigated. Nothing of this manufacture can be released in "
            "specification: it is rejected, or released out of specification.",
        ),
    )
