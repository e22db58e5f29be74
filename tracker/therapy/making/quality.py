"""Decisions of quality: test results, release and quarantine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from schema.errors import InputError
from schema.events import Payload
from schema.events.custody import Inspected
from schema.events.processing import (
    FIGURE_MAX,
    PredicateHeld,
    QuarantineLifted,
    Released,
    Tested,
)
from schema.vocabulary import DeviationDecision, Disposition, Material, TestPhase
from tracker.protocols.model import ReleaseTest, TestGate, with_unit
from tracker.requests.base import Request
from tracker.rules.attempt import Attempt, began, local, local_time
from tracker.rules.certificates import RELEASES
from tracker.rules.checks.excursion import excursion_violations, life_violations
from tracker.rules.checks.step import step_violations
from tracker.rules.conclusion import Plan, conclude, with_notices
from tracker.rules.decision import Decision, Denied, ScanAnswer, Violation
from tracker.rules.deviation_state import FAILED_AFTER_RELEASE
from tracker.rules.identity_assay import (
    NO_MATCH,
    doubtful_units,
    foreign_notices,
    not_independent,
    unproven_violations,
)
from tracker.rules.lineage import recalled_behind
from tracker.rules.lots import lot_named
from tracker.rules.oos import retest_violations
from tracker.rules.release import PredicateAnswer, PredicateVerdict, arrived, judge
from tracker.rules.results import (
    failed_tests,
    fails_after_release,
    not_given,
    pending_tests,
    result_notices,
    result_of,
)
from tracker.rules.reviews import is_queried, newest_review, not_reviewed
from tracker.rules.selection import Selected, not_a, reads_for, therapy_of
from tracker.rules.situation import Decisions, Situation
from tracker.rules.therapy_state import TestState, TherapyState, UnitState
from tracker.rules.units import decide_units
from tracker.therapy.making import requests as asked

SAMPLES: Final = frozenset({Material.QC_SAMPLE, Material.RETAIN})
"""What is drawn to be tested; a result never says of a patient's bag that it was opened."""


def decide_test(situation: Situation, request: asked.RecordTest) -> Decision:
    """The result of a release test of the protocol; a wrong result is corrected, not recorded twice."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    attempt = Attempt(situation, request, therapy, Tested.kind)
    test = attempt.protocol.release_test(request.test)
    if test is None:
        return Denied(_test_unknown(attempt, request.test))
    try:
        result = test.read(request.result, request.unit_of_measure)
    except InputError as error:
        raise error.at("result") from error
    sample = _sample(situation, request, therapy)
    if isinstance(sample, Violation):
        return Denied(sample)
    number = _attempt(therapy, request.attempt, sample)
    if isinstance(number, Violation):
        return Denied(number)
    first = therapy.tests.get((number, test.code))
    payload = Tested(
        test=request.test,
        attempt=number,
        result=result,
        unit_of_measure=test.unit_of_measure,
        limit=test.limit_text,
        meets_limit=test.meets(result),
        sample=sample.unit if sample else None,
        phase=request.phase,
        follows=None if first is None or request.phase is TestPhase.FIRST else first.occurrence.event_id,
    )
    steps = tuple(filter(None, (attempt.step,)))
    is_foreign = test.gate is TestGate.IDENTITY and result == NO_MATCH
    is_too_late = fails_after_release(therapy, number, test, result)
    doubtful = not_given(therapy, number) if is_too_late else ()
    doubtful = doubtful_units(therapy, number) if is_foreign else doubtful
    plan = Plan(
        therapy,
        payload,
        steps,
        reads_for(situation, request, therapy.coi),
        faults=(NO_MATCH,) if is_foreign else (FAILED_AFTER_RELEASE,) if is_too_late else (),
        doubtful=doubtful,
    )
    before = (
        _tested_before(situation, test, first)
        if request.phase is TestPhase.FIRST
        else retest_violations(therapy, test, first, request.phase)
    )
    own = not_independent(therapy, number, test, request.actor)
    decision = conclude(situation, request, (plan,), [*step_violations(attempt), *own, *before])
    if is_foreign:
        return with_notices(decision, foreign_notices(therapy.coi, doubtful))
    told_at = therapy.sites.treatment if is_too_late else None
    return with_notices(decision, result_notices(test, result, told_at=told_at, held=doubtful))


def _test_unknown(attempt: Attempt, name: str) -> Violation:
    known = ", ".join(known.code for known in attempt.protocol.release_tests)
    said = f"There is no release test {name}."
    return Violation("test_unknown", said, f"Name one of {known}.", waivable=False)


def _sample(
    situation: Situation, request: asked.RecordTest, therapy: TherapyState
) -> UnitState | Violation | None:
    """The tube that was tested; None where none is named."""
    if request.sample is None:
        return None
    sample = situation.unit_of(situation.resolve(request.sample))
    if sample is None or therapy.unit(sample.unit) is None:
        return not_a(situation.resolve(request.sample), "sample of this therapy")
    return sample if sample.material in SAMPLES else _no_sample(sample)


def _no_sample(unit: UnitState) -> Violation:
    return Violation(
        "not_a_sample",
        f"{unit.unit} is {unit.material.value.replace('_', ' ')}, and no sample.",
        "Scan the tube that was tested, or leave out the sample.",
        waivable=False,
        field="sample",
    )


def _attempt(therapy: TherapyState, named: int | None, sample: UnitState | None) -> int | Violation:
    """Whose result it is: of the manufacture that is named, else of the sample's, else of the only one."""
    if named is not None and named > therapy.newest_attempt:
        return Violation(
            "attempt_unknown",
            f"{therapy.coi} has {therapy.attempts} manufactures; there is no manufacture {named}.",
            "Name the manufacture that the sample came out of.",
            waivable=False,
        )
    if named is None and sample is None and therapy.attempts > 1:
        return Violation(
            "attempt_unclear",
            f"{therapy.coi} has {therapy.attempts} manufactures, and the result does not say whose it is.",
            "Scan the sample, or name the manufacture.",
            answer=ScanAnswer.CHECK,
            waivable=False,
        )
    number = named or (sample.attempt if sample and sample.attempt else therapy.newest_attempt)
    if sample is not None and sample.attempt != number and therapy.attempts:
        came = f"of manufacture {sample.attempt}" if sample.attempt else "of what was collected"
        parents = ", ".join(sample.parents) or "nothing else"
        return Violation(
            "wrong_sample",
            f"{sample.unit} is {came}, made from {parents}; it says nothing of manufacture {number}.",
            f"Scan a sample of manufacture {number}.",
            waivable=False,
        )
    return number


def _tested_before(situation: Situation, test: ReleaseTest, before: TestState | None) -> Iterator[Violation]:
    if before is not None:
        yield Violation(
            "already_done",
            f"{test.title} has the result {before.result} since {local(situation, before.occurrence)}.",
            "Correct that event if it is wrong; a repeat test is allowed by the assessment of its deviation.",
            answer=ScanAnswer.CHECK,
        )


def decide_release(situation: Situation, request: Request) -> Decision:
    """Release in specification: everything that the protocol lists holds, and is told with its evidence."""

    def holds(therapy: TherapyState, item: Selected) -> Iterable[Violation]:
        return not_released(situation, therapy, item.unit)

    def build(therapy: TherapyState, units: tuple[str, ...]) -> Payload:
        found = judge(situation, therapy, filter(None, map(therapy.unit, units)))
        return Released(units=units, predicates=held_of(found))

    return decide_units(situation, request, Released.kind, build, extra=holds)


def held_of(found: Iterable[PredicateVerdict]) -> tuple[PredicateHeld, ...]:
    """What the statement of a release keeps of all that held, each with its evidence."""
    return tuple(
        PredicateHeld(
            name=one.predicate,
            applies=one.answer is PredicateAnswer.MET,
            figure=one.figure[:FIGURE_MAX],
            evidence=one.evidence,
        )
        for one in found
        if one.holds
    )


def _predicates(situation: Situation, therapy: TherapyState, unit: UnitState) -> Iterator[Violation]:
    """Whatever else the protocol lists and does not hold, all of it and not the first; unknown is not met."""
    missing = [one for one in judge(situation, therapy, (unit,)) if not one.holds]
    if missing:
        said = "; ".join(f"{one.predicate.value.replace('_', ' ')}: {one.figure}" for one in missing)
        yield Violation(
            "predicate_not_met",
            f"{len(missing)} of {len(situation.protocol(therapy).release.predicates)} that must hold for a "
            f"release do not: {said}.",
            "See `cartrail release COI`; each is put right in its own place.",
            waivable=False,
        )


def not_released(situation: Situation, therapy: TherapyState, unit: UnitState) -> Iterator[Violation]:
    """Why a unit is not released in specification."""
    yield from _counts(therapy)
    yield from _pending(situation, therapy, unit)
    yield from _unreviewed(situation, therapy, unit)
    yield from _decided(situation, unit)
    yield from _deviations(situation, therapy, unit)
    yield from excursion_violations(situation, therapy, unit.unit)
    yield from life_violations(situation, therapy, unit)
    yield from unproven_violations(therapy, unit.attempt, situation.protocol(therapy))
    failed = failed_tests(therapy, unit.attempt, situation.protocol(therapy))
    if failed:
        yield Violation(
            "test_failed",
            f"These release tests failed: {_with_results(therapy, unit.attempt, failed)}.",
            "Reject it, or release it out of specification by its own two signatures.",
        )
    yield from _assessed_otherwise(therapy, unit, (DeviationDecision.OOS,))
    yield from _predicates(situation, therapy, unit)


def _counts(therapy: TherapyState) -> Iterator[Violation]:
    """A container that the maker's certificate counts and that did not come is somewhere else."""
    read = therapy.certificate
    here = [unit for unit in arrived(therapy) if Inspected.kind in unit.facts]
    if read is not None and len(here) != read.containers:
        yield Violation(
            "counts_differ",
            f"The certificate {read.code.value} says {read.containers} containers, and {len(here)} were "
            "opened and accepted here.",
            "Put them into quarantine and call the maker: one is missing, or the certificate is another's.",
            waivable=False,
        )


def not_released_out_of_specification(
    situation: Situation, therapy: TherapyState, unit: UnitState
) -> Iterator[Violation]:
    """Why a unit is not released out of specification."""
    yield from _pending(situation, therapy, unit)
    yield from _unreviewed(situation, therapy, unit)
    assessed = therapy.is_out_of_specification(unit.unit)
    if not assessed or unit.disposition is not Disposition.RELEASED:
        yield from _decided(situation, unit)
    yield from _deviations(situation, therapy, unit)
    yield from excursion_violations(situation, therapy, unit.unit)
    yield from life_violations(situation, therapy, unit)
    yield from unproven_violations(therapy, unit.attempt, situation.protocol(therapy))
    if not assessed and not failed_tests(therapy, unit.attempt, situation.protocol(therapy)):
        yield Violation(
            "in_specification", "No release test failed.", "Release it in specification.", waivable=False
        )
    yield from _may_not_fail(situation, therapy, unit)


def _may_not_fail(situation: Situation, therapy: TherapyState, unit: UnitState) -> Iterator[Violation]:
    """Everything that does not hold and may not fail, all of it and not the first."""
    rules = situation.protocol(therapy).release
    found = judge(situation, therapy, (unit,))
    missing = [one for one in found if not one.holds and one.predicate not in rules.may_fail]
    if missing:
        said = "; ".join(f"{one.predicate.value.replace('_', ' ')}: {one.figure}" for one in missing)
        yield Violation(
            "may_not_fail",
            f"{unit.unit}: this has to hold for a release out of specification too: {said}.",
            "See `cartrail release COI`; each is put right in its own place.",
            waivable=False,
        )


def _with_results(therapy: TherapyState, attempt: int, failed: Iterable[ReleaseTest]) -> str:
    """The failed tests, each with what was found and what it should be."""
    found = ((test, result_of(therapy, attempt, test)) for test in failed)
    return ", ".join(f"{test.title} {stands.result} ({test.limit_words})" for test, stands in found if stands)


def _pending(situation: Situation, therapy: TherapyState, unit: UnitState) -> Iterator[Violation]:
    pending = pending_tests(therapy, unit.attempt, situation.protocol(therapy))
    if pending:
        names = ", ".join(test.code for test in pending)
        which = f" of manufacture {unit.attempt}" if therapy.attempts > 1 else ""
        yield Violation(
            "tests_pending",
            f"These release tests{which} have no result: {names}.",
            "Record them first.",
        )


def _unreviewed(situation: Situation, therapy: TherapyState, unit: UnitState) -> Iterator[Violation]:
    """Nothing is released by results that nobody else looked over, where the protocol asks for it."""
    missing = not_reviewed(therapy, unit.attempt, situation.protocol(therapy))
    if missing:
        yield Violation(
            "not_reviewed",
            f"Nobody else has agreed with these results as they stand: "
            f"{', '.join(_stands(test, result) for test, result in missing)}.",
            "Another person than who recorded and corrected them reviews them first.",
            waivable=False,
        )


def _stands(test: ReleaseTest, result: TestState) -> str:
    """A test with its value, and whose question waits for an answer."""
    value = f"{test.title} {with_unit(result.result, test.unit_of_measure)}"
    review = newest_review(result)
    return f"{value} (queried by {review.occurrence.actor})" if review and is_queried(result) else value


def _deviations(situation: Situation, therapy: TherapyState, unit: UnitState) -> Iterator[Violation]:
    """Nothing is released while quality is not done with what went wrong (findings A12)."""
    for deviation in therapy.open_deviations(unit.unit):
        yield Violation(
            "deviation_open",
            f"The deviation {deviation.deviation} ({deviation.title}) about {unit.unit}, "
            f"of {began(situation, deviation)}, is not closed.",
            "Assess it" + (" and close it." if deviation.assessed is None else " again, or close it."),
        )


_HELD: Final = (DeviationDecision.QUARANTINE, DeviationDecision.REJECT)
"""What an assessment says of units that stay where they are."""


def _assessed_otherwise(
    therapy: TherapyState, unit: UnitState, decisions: tuple[DeviationDecision, ...]
) -> Iterator[Violation]:
    """An assessment of the unit that says something else than what is now asked."""
    for deviation, assessed in therapy.assessments_of(unit.unit):
        if assessed.decision in decisions:
            said = assessed.decision.value.replace("_", " ")
            yield Violation(
                "assessed_otherwise",
                f"{assessed.actor} assessed the deviation {deviation.deviation} "
                f"({deviation.title}) about {unit.unit} as: {said}.",
                "Do what the assessment says; if it is no longer so, quality assesses it again.",
                waivable=False,
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


def not_lifted(situation: Situation, therapy: TherapyState, unit: UnitState) -> Iterator[Violation]:
    """Why a quarantine is not lifted; from a unit that is in none there is nothing to lift."""
    if not unit.quarantined:
        yield Violation("not_quarantined", f"{unit.unit} is not in quarantine.", "Scan the right unit.")
    for deviation in therapy.open_deviations(unit.unit):
        if unit.unit in deviation.units and not any(deviation.standing((unit.unit,))):
            yield Violation(
                "not_assessed",
                f"The deviation {deviation.deviation} ({deviation.title}) about {unit.unit}, "
                f"of {began(situation, deviation)}, was not assessed.",
                "Assess it first; what it was decides whether the quarantine ends.",
                waivable=False,
            )
    yield from _recall_unjudged(situation, therapy, unit)
    yield from excursion_violations(situation, therapy, unit.unit)
    yield from _assessed_otherwise(therapy, unit, _HELD)


def _recall_unjudged(situation: Situation, therapy: TherapyState, unit: UnitState) -> Iterator[Violation]:
    """A recalled lot behind a unit of which quality has said nothing since; habit lifts no quarantine."""
    for lot in recalled_behind(therapy, situation.registry, unit.unit):
        if not any(one.at >= lot.status_since for _, one in therapy.assessments_of(unit.unit)):
            yield Violation(
                "not_assessed",
                f"The {lot_named(lot)} that touched {unit.unit} was {lot.status} at "
                f"{local_time(situation, lot.status_since)}, and "
                "no deviation says since what that means for it.",
                "Open a deviation about the unit and assess it first.",
                waivable=False,
            )


def decide_lift_quarantine(situation: Situation, request: asked.LiftQuarantine) -> Decision:
    """Lift the quarantine of units that are in quarantine."""

    def quarantined(therapy: TherapyState, item: Selected) -> Iterable[Violation]:
        return not_lifted(situation, therapy, item.unit)

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
    asked.LiftQuarantine: decide_lift_quarantine,
}
