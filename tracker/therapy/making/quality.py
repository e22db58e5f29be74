"""Decisions over manufacture, tests and release."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from schema.events import Payload
from schema.events.processing import (
    Manufactured,
    ManufacturedUnit,
    Released,
    ReleasedOutOfSpecification,
    Tested,
)
from schema.instants import parse_declared
from tracker.protocols.model import Protocol, ReleaseTest
from tracker.requests.base import Request
from tracker.rules.attempt import Attempt, local
from tracker.rules.checks.identity import foreign_unit, stop
from tracker.rules.checks.label import label_missing
from tracker.rules.checks.step import step_violations
from tracker.rules.checks.unit import RELEASES
from tracker.rules.conclusion import Plan, conclude
from tracker.rules.decision import Answer, Decision, Denied, Violation
from tracker.rules.selection import Selected, not_a, reads_for, therapy_of
from tracker.rules.situation import Situation
from tracker.rules.therapy_state import TherapyState, UnitState
from tracker.rules.units import decide_units
from tracker.therapy.making import requests as asked


def decide_manufactured(situation: Situation, request: asked.CompleteManufacturing) -> Decision:
    """One to many: every child was registered and labeled before it was filled."""
    children: list[tuple[asked.ChildGiven, UnitState]] = []
    violations: list[Violation] = []
    for given in request.children:
        resolution = situation.resolve(given.unit)
        unit = situation.unit_of(resolution)
        if unit is None or resolution.coi is None:
            return Denied(not_a(resolution, "registered container"))
        parents = {situation.resolve(scan).coi for scan in request.units}
        if resolution.coi not in parents:
            for therapy in [known for coi, known in situation.therapies.items() if coi in parents][:1]:
                foreign = foreign_unit(
                    therapy, Manufactured.kind, resolution.text, field="children", waivable=False
                )
                return stop(situation, request, foreign)
        violations.extend(_child_violations(situation, resolution.coi, unit, given))
        children.append((given, unit))
    expires_at = None if request.expires_at is None else parse_declared(request.expires_at)[0]

    def build(_: TherapyState, units: tuple[str, ...]) -> Payload:
        made = tuple(
            ManufacturedUnit(unit=unit.unit, material=unit.material, volume_ml=given.volume_ml)
            for given, unit in children
        )
        return Manufactured(parents=units, children=made, expires_at=expires_at)

    def same_therapy(therapy: TherapyState, parent: Selected) -> Iterable[Violation]:
        yield from violations
        for given, unit in children:
            if unit.unit == parent.unit.unit:
                yield Violation(
                    "own_parent",
                    f"{unit.unit} cannot be filled from itself.",
                    "Scan the container that was filled.",
                    waivable=False,
                )
            if therapy.unit(unit.unit) is None:
                yield Violation(
                    "mixup",
                    f"STOP: {given.unit.code} is a container of another patient.",
                    "Clear the bench, call quality.",
                    waivable=False,
                )

    return decide_units(situation, request, Manufactured.kind, build, extra=same_therapy)


def _child_violations(
    situation: Situation, coi: str, unit: UnitState, given: asked.ChildGiven
) -> Iterator[Violation]:
    if unit.final is not None:
        yield Violation(
            "unit_ended",
            f"{unit.unit} is {unit.final.value}: its record has ended.",
            "Scan an empty container.",
            waivable=False,
        )
    yield from label_missing(situation.protocol(situation.therapy(coi)), unit)
    if "manufactured" in unit.facts:
        yield Violation("already_done", f"{unit.unit} is already filled.", "Scan an empty container.")
    if given.material is not None and given.material is not unit.material:
        yield Violation(
            "wrong_material",
            f"{unit.unit} was registered as {unit.material.value}, not as {given.material.value}.",
            "Scan the right container.",
        )


def decide_test(situation: Situation, request: asked.RecordTest) -> Decision:
    """The result of a release test the protocol asks for; a second result replaces none, it is corrected."""
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
            answer=Answer.CHECK,
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
    """Release although tests failed: only then, with every result known."""

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
                answer=Answer.CHECK,
            )
