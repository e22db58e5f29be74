"""Results out of specification: which result counts, and how many repeat tests are allowed.

The first result stays. What counts is by the assessment and never by the value: a repeat test takes the place
of a result only where quality found an error of the laboratory (FDA guidance on OOS results, 2022).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schema.counting import counted
from schema.vocabulary import LaboratoryFinding, TestPhase
from tracker.protocols.model import Protocol, ReleaseTest, with_unit
from tracker.rules.decision import Violation
from tracker.rules.deviation_state import DeviationState
from tracker.rules.therapy_state import TestState, TherapyState

OOS: Final = "oos"
"""The cause of the deviation that is drafted about a reviewed result which does not meet its limit."""


def deviation_of(therapy: TherapyState, test: ReleaseTest, result: TestState) -> DeviationState | None:
    """The investigation of a failing result: the deviation about a review that agreed with it."""
    return next((one for one in therapy.deviations.values() if _is_about(one, test, result)), None)


def investigated(
    therapy: TherapyState, protocol: Protocol, deviation: DeviationState
) -> tuple[ReleaseTest, ...]:
    """The tests whose failing result a deviation is about."""
    return tuple(
        test
        for test in protocol.release_tests
        for (_, code), first in therapy.tests.items()
        if code == test.code and any(_is_about(deviation, test, one) for one in first.every)
    )


def _is_about(deviation: DeviationState, test: ReleaseTest, result: TestState) -> bool:
    if OOS not in deviation.cause or test.meets(result.result):
        return False
    return any(one.occurrence.event_id == deviation.about for one in result.reviews)


def was_laboratory_error(therapy: TherapyState, test: ReleaseTest, result: TestState) -> bool:
    """Whether quality found that a failing value came from the laboratory and not from the cells."""
    deviation = deviation_of(therapy, test, result)
    assessed = None if deviation is None else deviation.assessed
    return assessed is not None and assessed.laboratory is LaboratoryFinding.ERROR


def counting(therapy: TherapyState, test: ReleaseTest, first: TestState) -> TestState | None:
    """The result that a release is decided by; None where it is still to come.

    The first counts while it is no error of the laboratory. After that the repeat tests count, and of several
    the first that fails: nobody tests until it fits.
    """
    if not was_laboratory_error(therapy, test, first):
        return first
    valid = [one for one in first.retests if not was_laboratory_error(therapy, test, one)]
    failing = next((one for one in valid if not test.meets(one.result)), None)
    return failing or (valid[-1] if valid else None)


def retests_left(therapy: TherapyState, test: ReleaseTest, first: TestState) -> int:
    """How many repeat tests the assessment of the first result still allows."""
    deviation = deviation_of(therapy, test, first)
    assessed = None if deviation is None else deviation.assessed
    allowed = 0 if assessed is None else min(assessed.retests, test.retests_max)
    return max(allowed - len(first.retests), 0)


def retest_violations(
    therapy: TherapyState, test: ReleaseTest, first: TestState | None, phase: TestPhase
) -> Iterator[Violation]:
    """Why a test is not repeated: nothing to repeat, or more often than was fixed in advance."""
    if phase is TestPhase.FIRST:
        return
    if first is None:
        yield Violation(
            "nothing_to_repeat",
            f"{test.title} has no result yet; the first one is no {phase.value}.",
            "Record it as the first result.",
            waivable=False,
            field="phase",
        )
        return
    if retests_left(therapy, test, first):
        return
    stands = f"{test.title} {with_unit(first.result, test.unit_of_measure)}"
    deviation = deviation_of(therapy, test, first)
    assessed = None if deviation is None else deviation.assessed
    if assessed is None:
        said, remedy = (
            f"No assessment allows to repeat {stands}.",
            "The result is reviewed and its deviation assessed first; that says how often it is repeated.",
        )
    else:
        allowed = min(assessed.retests, test.retests_max)
        said, remedy = (
            f"{stands} was repeated {counted(len(first.retests), 'time')}; allowed: {allowed}.",
            "The number was fixed in advance. Quality assesses the deviation again if there is a reason.",
        )
    yield Violation("retest_not_allowed", said, remedy, waivable=False, field="phase")
