"""Decisions of quality: test results, release and quarantine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from schema.events import Payload
from schema.events.processing import (
    QuarantineLifted,
    Released,
    ReleasedOutOfSpecification,
    Tested,
)
from tracker.protocols.model import Protocol, ReleaseTest
from tracker.requests.base import Request
from tracker.rules.attempt import Attempt, local
from tracker.rules.checks.step import step_violations
from tracker.rules.checks.unit import RELEASES
from tracker.rules.conclusion import Plan, conclude
from tracker.rules.decision import Decision, Denied, ScanAnswer, Violation
from tracker.rules.selection import Selected, not_a, reads_for, therapy_of
from tracker.rules.situation import Decisions, Situation
from tracker.rules.therapy_state import TherapyState, UnitState
from tracker.rules.units import decide_units
from tracker.therapy.making import requests as asked


def decide_test(situation: Situation, request: asked.RecordTest) -> Decision:
    """The result of a release test of the protocol; a wrong result is corrected, not recorded twice."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    attempt = Attempt(situation, request, therapy, Tested.kind)
    test = attempt.protocol.release_test(request.test)
    if test is None:
        known = ", ".join(known.code for known in attempt.protocol.release_tests)
        return Denied(
            Violation(
                "test_unknown",
                f"There is no release test {request.test}.",
                f"Name one of {known}.",
                waivable=False,
            )
        )
    sample = None
    if request.sample is not None:
        sample = situation.unit_of(situation.resolve(request.sample))
        if sample is None or therapy.unit(sample.unit) is None:
            return Denied(not_a(situation.resolve(request.sample), "sample of this therapy"))
    payload = Tested(
        test=request.test,
        result=request.result,
        unit_of_measure=test.unit_of_measure,
        sample=sample.unit if sample else None,
    )
    plan = Plan(
        therapy, payload, tuple(filter(None, (attempt.step,))), reads_for(situation, request, therapy.coi)
    )
    return conclude(
        situation, request, (plan,), [*step_violations(attempt), *_tested_before(situation, therapy, test)]
    )


def _tested_before(situation: Situation, therapy: TherapyState, test: ReleaseTest) -> Iterator[Violation]:
    before = therapy.tests.get(test.code)
    if before is not None:
        yield Violation(
            "already_done",
            f"{test.title} has the result {before.result} since {local(situation, before.occurrence)}.",
            "Correct that event if it is wrong; a repeat test needs quality.",
            answer=ScanAnswer.CHECK,
        )


def failed_tests(therapy: TherapyState, protocol: Protocol) -> tuple[str, ...]:
    """The release tests whose standing result does not meet the limit."""
    return tuple(
        test.code
        for test in protocol.release_tests
        if test.code in therapy.tests and not test.meets(therapy.tests[test.code].result)
    )


def pending_tests(therapy: TherapyState, protocol: Protocol) -> tuple[str, ...]:
    """The release tests that have no result."""
    return tuple(test.code for test in protocol.release_tests if test.code not in therapy.tests)


def decide_release(situation: Situation, request: Request) -> Decision:
    """Release in specification: every test there and met."""

    def tests_met(therapy: TherapyState, item: Selected) -> Iterable[Violation]:
        yield from _pending(situation, therapy)
        yield from _decided(situation, item.unit)
        failed = failed_tests(therapy, situation.protocol(therapy))
        if failed:
            yield Violation(
                "test_failed",
                f"These release tests failed: {', '.join(failed)}.",
                "Reject it, or release it out of specification by its own two signatures.",
            )

    return decide_units(
        situation, request, Released.kind, lambda _, units: Released(units=units), extra=tests_met
    )


def decide_release_out_of_specification(situation: Situation, request: Request) -> Decision:
    """Release although tests failed; every result must be known."""

    def tests_failed(therapy: TherapyState, item: Selected) -> Iterable[Violation]:
        yield from _pending(situation, therapy)
        yield from _decided(situation, item.unit)
        if not failed_tests(therapy, situation.protocol(therapy)):
            yield Violation(
                "in_specification", "No release test failed.", "Release it in specification.", waivable=False
            )

    def build(therapy: TherapyState, units: tuple[str, ...]) -> Payload:
        failed = failed_tests(therapy, situation.protocol(therapy)) or ("none",)
        return ReleasedOutOfSpecification(units=units, failed_tests=failed)

    return decide_units(situation, request, ReleasedOutOfSpecification.kind, build, extra=tests_failed)


def _pending(situation: Situation, therapy: TherapyState) -> Iterator[Violation]:
    pending = pending_tests(therapy, situation.protocol(therapy))
    if pending:
        yield Violation(
            "tests_pending",
            f"These release tests have no result: {', '.join(pending)}.",
            "Record them first.",
        )


def _decided(situation: Situation, unit: UnitState) -> Iterator[Violation]:
    for kind in RELEASES if unit.released else ():
        if kind in unit.facts:
            yield Violation(
                "already_done",
                f"{unit.unit} is already {unit.disposition.value}, at {local(situation, unit.facts[kind])}.",
                "Nothing to do.",
                answer=ScanAnswer.CHECK,
            )


def decide_lift_quarantine(situation: Situation, request: asked.LiftQuarantine) -> Decision:
    """Lift the quarantine of units that are in quarantine."""

    def quarantined(_: TherapyState, item: Selected) -> Iterable[Violation]:
        if not item.unit.quarantined:
            yield Violation(
                "not_quarantined", f"{item.unit.unit} is not in quarantine.", "Scan the right unit."
            )

    return decide_units(
        situation,
        request,
        QuarantineLifted.kind,
        lambda _, units: QuarantineLifted(units=units),
        extra=quarantined,
    )


DECISIONS: Final[Decisions] = {
    asked.RecordTest: decide_test,
    asked.Release: decide_release,
    asked.ReleaseOutOfSpecification: decide_release_out_of_specification,
    asked.LiftQuarantine: decide_lift_quarantine,
}
