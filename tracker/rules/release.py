"""What must hold before units are released: one function per predicate, each with its evidence.

A predicate that cannot be answered counts as not met: nothing is released by what nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct

from schema.vocabulary import Material, ReleasePredicate
from tracker.kinds import PROCESS_STEP
from tracker.protocols.model import Protocol, with_unit
from tracker.rules.attempt import local_time
from tracker.rules.checks.excursion import excursion_violations, life_violations
from tracker.rules.clocks import passed_limits
from tracker.rules.dosing import cells_of, made, range_words, shown
from tracker.rules.identity_assay import identity_tests, not_proven, performers_of
from tracker.rules.instruments import qualification_violations
from tracker.rules.label_accounts import copies_of, open_copies, skipped_copies
from tracker.rules.lineage import steps_behind, tainted
from tracker.rules.lots import faults_of_use, held_since_use, lot_named
from tracker.rules.results import failed_tests, pending_tests, result_of
from tracker.rules.reviews import is_reviewed, newest_review, not_reviewed
from tracker.rules.situation import Situation
from tracker.rules.therapy_state import ProcessRecord, TherapyState, UnitState

EVIDENCE_MAX: Final = 20
"""Events that are named as the evidence of one predicate, the newest."""


class PredicateAnswer(StrEnum):
    """Whether a predicate holds."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class PredicateVerdict(Struct, frozen=True):
    """The answer to one predicate, in words, with the events that it rests on."""

    predicate: ReleasePredicate
    answer: PredicateAnswer
    figure: str
    """What was found, in a few words; of what does not hold, what is wrong."""

    evidence: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether it does not keep a release back."""
        return self.answer in (PredicateAnswer.MET, PredicateAnswer.NOT_APPLICABLE)


class Seen(Struct, frozen=True):
    """What is to be released, and by what it is judged."""

    situation: Situation
    therapy: TherapyState
    units: tuple[UnitState, ...]

    @property
    def protocol(self) -> Protocol:
        """The pinned protocol."""
        return self.situation.protocol(self.therapy)

    @property
    def attempts(self) -> tuple[int, ...]:
        """The manufactures that the units came out of."""
        return tuple(sorted({unit.attempt for unit in self.units}))

    def process(self) -> Iterator[ProcessRecord]:
        """The steps behind the units, each once, in the order of the chain."""
        of_units = (one for unit in self.units for one in steps_behind(self.therapy, unit.unit))
        yield from {one.event_id: one for one in of_units}.values()


Found = tuple[PredicateAnswer, str, Iterable[str]]


def judge(
    situation: Situation, therapy: TherapyState, units: Iterable[UnitState]
) -> tuple[PredicateVerdict, ...]:
    """Every predicate that the protocol lists, in its order; all of them, not the first that fails."""
    seen = Seen(situation, therapy, tuple(units))
    found = []
    for predicate in seen.protocol.release.predicates:
        answer, figure, evidence = PREDICATES[predicate](seen)
        newest = tuple(dict.fromkeys(evidence))[-EVIDENCE_MAX:]
        found.append(PredicateVerdict(predicate, answer, figure, newest))
    return tuple(found)


def _met(figure: str, evidence: Iterable[str] = ()) -> Found:
    return PredicateAnswer.MET, figure, evidence


def _not_met(figure: str, evidence: Iterable[str] = ()) -> Found:
    return PredicateAnswer.NOT_MET, figure, evidence


def steps_complete(seen: Seen) -> Found:
    """Every step of the process that the protocol does not call optional was taken."""
    wanted = {
        step.fact: step.title
        for step in seen.protocol.steps
        if step.kind == PROCESS_STEP and not step.optional
    }
    taken = {one.step: one.event_id for one in seen.process()}
    if not wanted and not taken:
        return PredicateAnswer.NOT_APPLICABLE, "the protocol asks for no step of the process", ()
    missing = [title for fact, title in wanted.items() if fact not in taken]
    if missing:
        return _not_met(f"not recorded: {', '.join(missing)}", taken.values())
    return _met(f"{len(taken)} steps recorded, {len(wanted)} required", taken.values())


def tests_met(seen: Seen) -> Found:
    """Every release test has a result that counts and meets its limit."""
    therapy, protocol = seen.therapy, seen.protocol
    found = ((one, test) for one in seen.attempts for test in protocol.release_tests)
    pairs = [(one, test) for one, test in found if not test.is_late or result_of(therapy, one, test)]
    results = [(test, result_of(therapy, attempt, test)) for attempt, test in pairs]
    evidence = [one.occurrence.event_id for _, one in results if one is not None]
    failed = [
        f"{test.title} {with_unit(one.result, test.unit_of_measure)} ({test.limit_words})"
        for attempt in seen.attempts
        for test in failed_tests(therapy, attempt, protocol)
        if (one := result_of(therapy, attempt, test)) is not None
    ]
    if failed:
        return _not_met(", ".join(failed), evidence)
    pending = [test.title for one in seen.attempts for test in pending_tests(therapy, one, protocol)]
    if pending:
        return PredicateAnswer.UNKNOWN, f"no result: {', '.join(pending)}", evidence
    if not pairs:
        return PredicateAnswer.NOT_APPLICABLE, "the protocol has no release test", ()
    return _met(f"{len(results)} of {len(pairs)}", evidence)


def results_reviewed(seen: Seen) -> Found:
    """Another person agreed with every result of a test that asks for it, and queries none."""
    therapy, protocol = seen.therapy, seen.protocol
    waiting = [test.title for one in seen.attempts for test, _ in not_reviewed(therapy, one, protocol)]
    results = [one for (attempt, _), first in therapy.tests.items() if attempt in seen.attempts
               for one in first.every]  # fmt: skip
    reviews = [review for one in results if (review := newest_review(one)) is not None]
    evidence = [one.occurrence.event_id for one in reviews]
    if waiting:
        return _not_met(f"waits for a review: {', '.join(waiting)}", evidence)
    agreed = sum(map(is_reviewed, results))
    if not agreed and not any(test.review for test in protocol.release_tests):
        return PredicateAnswer.NOT_APPLICABLE, "the protocol asks for no review", ()
    if not results:
        return PredicateAnswer.UNKNOWN, "no result", ()
    by = ", ".join(dict.fromkeys(one.occurrence.actor for one in reviews))
    return _met(f"{agreed} agreed, {by}", evidence)


def identity_assay(seen: Seen) -> Found:
    """Somebody who neither filled nor labeled found that the product is the patient's."""
    therapy, protocol = seen.therapy, seen.protocol
    tests = identity_tests(protocol)
    if not tests:
        return PredicateAnswer.NOT_APPLICABLE, "the protocol has no identity assay", ()
    counting = [(one, test, result_of(therapy, one, test)) for one in seen.attempts for test in tests]
    evidence = [result.occurrence.event_id for _, _, result in counting if result is not None]
    unproven = [pair for one in seen.attempts for pair in not_proven(therapy, one, protocol)]
    if unproven:
        said = ", ".join(
            f"{test.title}: {'no result' if result is None else result.result.replace('_', ' ')}"
            for test, result in unproven
        )
        is_known = all(result is not None for _, result in unproven)
        return (PredicateAnswer.NOT_MET if is_known else PredicateAnswer.UNKNOWN), said, evidence
    own = [
        f"{actor} took the step {performers_of(therapy, one, test)[actor].replace('_', ' ')} too"
        for one, test, result in counting
        for actor in sorted(result.performers if result is not None else ())
        if actor in performers_of(therapy, one, test)
    ]
    if own:
        return _not_met("; ".join(dict.fromkeys(own)), evidence)
    by = ", ".join(dict.fromkeys(one.occurrence.actor for _, _, one in counting if one is not None))
    return _met(f"match, by {by}", evidence)


def dose_in_range(seen: Seen) -> Found:
    """What was made holds as many cells as the patient is to be given; what nobody measured is unknown."""
    therapy, protocol, dose = seen.therapy, seen.protocol, seen.therapy.dose
    if protocol.dose is None or not protocol.dose.rules:
        return PredicateAnswer.NOT_APPLICABLE, "the protocol has no rule for the dose", ()
    units = [unit for attempt in seen.attempts for unit in made(therapy, attempt)]
    held = cells_of(therapy, protocol, units)
    evidence = list(held.evidence)
    if dose is None:
        return PredicateAnswer.UNKNOWN, "nobody has set the dose", evidence
    evidence.append(dose.occurrence.event_id)
    if held.total is None or not units:
        names = ", ".join(one.replace("_", " ") for one in held.missing) or "its cells"
        return PredicateAnswer.UNKNOWN, f"never measured: {names}", evidence
    figure = f"{shown(held.total)} of {range_words(dose)}"
    return (_met if dose.minimum <= held.total <= dose.maximum else _not_met)(figure, evidence)


def lots_good(seen: Seen) -> Found:
    """Every lot that touched the cells was released and not expired then, or quality has judged the use.

    And none keeps them back now. That a lot was used up since says nothing of the use.
    """
    bad, lots, evidence = list[str](), set[str](), list[str]()
    registry = seen.situation.registry
    for record in seen.process():
        for name in record.lots:
            lots.add(name)
            evidence.append(record.event_id)
            lot = registry.lot(name)
            if lot is None:
                bad.append(f"{name} is not known")
                continue
            if not _is_judged(seen.therapy, record):
                bad.extend(faults_of_use(lot, record.ended_at, seen.situation.offset_of))
            held = held_since_use(lot)
            bad.extend(() if held is None else (held,))
    blocked = tainted(seen.therapy, registry)
    for name in dict.fromkeys(blocked[unit.unit] for unit in seen.units if unit.unit in blocked):
        lot = registry.lot(name)
        bad.extend(() if lot is None else (f"the {lot_named(lot)} was {lot.status}",))
    if bad:
        return _not_met("; ".join(dict.fromkeys(bad)), evidence)
    if not lots:
        return PredicateAnswer.NOT_APPLICABLE, "no lot touched the cells by the record", ()
    now = local_time(seen.situation, seen.situation.now)
    return _met(f"{len(lots)} good when used, none holds them back at {now}", evidence)


def _is_judged(therapy: TherapyState, record: ProcessRecord) -> bool:
    """Whether quality has assessed a deviation about a step of the process."""
    return any(
        one.about == record.event_id and one.assessed is not None for one in therapy.deviations.values()
    )


def instruments_qualified(seen: Seen) -> Found:
    """Every instrument was within its test when it was used, or quality has judged the use."""
    bad, used, evidence = list[str](), set[str](), list[str]()
    for record in seen.process():
        judged = _is_judged(seen.therapy, record)
        for name in record.instruments:
            used.add(name)
            evidence.append(record.event_id)
            one = seen.situation.registry.equipment(name)
            if one is None:
                bad.append(f"{name} is not known")
            elif not judged:
                found = qualification_violations(
                    seen.protocol, one, record.ended_at, seen.situation.offset_of
                )
                bad.extend(violation.message.rstrip(".") for violation in found)
    if bad:
        return _not_met("; ".join(dict.fromkeys(bad)), evidence)
    if not used:
        return PredicateAnswer.NOT_APPLICABLE, "no instrument was used by the record", ()
    return _met(f"{len(used)} within their tests when used", evidence)


def labels_reconciled(seen: Seen) -> Found:
    """Of every copy of a label of these units somebody has said where it is."""
    own = {unit.unit for unit in seen.units}
    copies = copies_of(seen.therapy, seen.situation.prints)
    unsaid = (*open_copies(copies), *skipped_copies(seen.therapy))
    missing = [one.code for one in unsaid if one.unit in own]
    if missing:
        return _not_met(f"nobody has said where these are: {', '.join(missing)}")
    applied = [one for one in copies if one.unit in own]
    if not applied:
        return PredicateAnswer.UNKNOWN, "no copy of their labels is known", ()
    return _met(f"{len(applied)} copies accounted for")


def custody_unbroken(seen: Seen) -> Found:
    """Somebody is in charge of every unit, no handoff hangs, and nothing outside the rules is unjudged."""
    for unit in seen.units:
        if unit.custodian is None:
            return _not_met(f"nobody has {unit.unit}")
        if unit.handoff is not None:
            return _not_met(f"the handoff of {unit.unit} was not answered", (unit.handoff,))
        unjudged = [*seen.therapy.unconfirmed_of(unit.unit)]
        if unjudged:
            return _not_met(f"{len(unjudged)} facts outside the rules behind {unit.unit} unjudged", unjudged)
    return _met(f"{len(seen.units)} units in somebody's hands")


def excursions_assessed(seen: Seen) -> Found:
    """Quality found every excursion bearable, and no life is used up."""
    bad = [
        violation.message.rstrip(".")
        for unit in seen.units
        for violation in (
            *excursion_violations(seen.situation, seen.therapy, unit.unit),
            *life_violations(seen.situation, seen.therapy, unit),
        )
    ]
    evidence = [
        one.event_id
        for one in seen.therapy.excursions.values()
        if any(not seen.therapy.lineage(unit.unit).isdisjoint(one.units) for unit in seen.units)
    ]
    if bad:
        return _not_met("; ".join(dict.fromkeys(bad)), evidence)
    return _met(f"{len(evidence)} assessed" if evidence else "none", evidence)


def within_limits(seen: Seen) -> Found:
    """No limit of time was passed, by the units or by what they were made from, that nobody judged."""
    judged = {
        cause
        for unit in seen.units
        for deviation, _ in seen.therapy.assessments_of(unit.unit)
        for cause in deviation.cause
    }
    passed = {
        limit.title
        for unit in seen.units
        for name in seen.therapy.lineage(unit.unit)
        if (one := seen.therapy.unit(name)) is not None
        for limit in passed_limits(seen.therapy, seen.protocol, one)
        if f"limit.{limit.name}" not in judged
    }
    return _not_met(f"passed: {', '.join(sorted(passed))}") if passed else _met("none passed")


def no_open_deviation(seen: Seen) -> Found:
    """Quality has closed every deviation about the units and about what they were made from."""
    about = {one.deviation: one for unit in seen.units for one in seen.therapy.open_deviations(unit.unit)}
    if about:
        said = ", ".join(f"{one.title} ({one.status.value})" for one in about.values())
        return _not_met(f"open: {said}", about)
    return _met(f"none of {len(seen.therapy.deviations)} is open")


def no_quarantine(seen: Seen) -> Found:
    """No unit is in quarantine, by a word of quality or because of a lot that is recalled."""
    held = [unit.unit for unit in seen.units if unit.quarantined]
    if held:
        return _not_met(f"in quarantine: {', '.join(held)}")
    blocked = tainted(seen.therapy, seen.situation.registry)
    recalled = [f"{unit.unit} ({blocked[unit.unit]})" for unit in seen.units if unit.unit in blocked]
    return _not_met(f"touched by a recalled lot: {', '.join(recalled)}") if recalled else _met("none")


def not_expired(seen: Seen) -> Found:
    """The shelf life of every unit is known and not over."""
    for unit in seen.units:
        container = seen.protocol.container(unit.material)
        if unit.expires_at is None and container is not None and container.shelf_life is not None:
            return PredicateAnswer.UNKNOWN, f"the shelf life of {unit.unit} has not begun", ()
        if unit.expires_at is not None and unit.expires_at <= seen.situation.occurred_at:
            until = local_time(seen.situation, unit.expires_at)
            return _not_met(f"{unit.unit} expired at {until}")
    ends = [(unit.expires_at, unit.expires_by) for unit in seen.units if unit.expires_at is not None]
    if not ends:
        return PredicateAnswer.NOT_APPLICABLE, "the protocol has no shelf life", ()
    first, said_by = min(ends, key=lambda one: one[0])
    return _met(f"until {local_time(seen.situation, first)}", filter(None, (said_by,)))


def certificate_adopted(seen: Seen) -> Found:
    """The maker's certificate was read, and does not say that the product is out of specification."""
    read = seen.therapy.certificate
    if read is None:
        return _not_met("the maker's certificate was not read")
    evidence = (read.occurrence.event_id,)
    if read.out_of_specification:
        return _not_met(f"{read.code.value} says that it is out of specification", evidence)
    return _met(f"{read.code.value} of {read.code.issuer}", evidence)


def counts_match(seen: Seen) -> Found:
    """As many containers were opened and accepted here as the certificate says."""
    read = seen.therapy.certificate
    if read is None:
        return PredicateAnswer.UNKNOWN, "the maker's certificate was not read", ()
    here = [unit for unit in arrived(seen.therapy) if "inspected" in unit.facts]
    evidence = (read.occurrence.event_id, *(unit.facts["inspected"].event_id for unit in here))
    if len(here) != read.containers:
        return _not_met(f"{len(here)} are here, the certificate says {read.containers}", evidence)
    return _met(f"{len(here)} of {read.containers}", evidence)


def arrived(therapy: TherapyState) -> tuple[UnitState, ...]:
    """The containers of a product that came from its maker."""
    return tuple(unit for unit in therapy.units.values() if unit.material is Material.PRODUCT)


def identifiers_match(seen: Seen) -> Found:
    """The patient's number on the certificate is the one on order or containers: it was read only then."""
    read = seen.therapy.certificate
    if read is None:
        return PredicateAnswer.UNKNOWN, "the maker's certificate was not read", ()
    return _met(read.identifier, (read.occurrence.event_id,))


PREDICATES: Final[Mapping[ReleasePredicate, Callable[[Seen], Found]]] = {
    ReleasePredicate.STEPS_COMPLETE: steps_complete,
    ReleasePredicate.TESTS_MET: tests_met,
    ReleasePredicate.RESULTS_REVIEWED: results_reviewed,
    ReleasePredicate.IDENTITY_ASSAY: identity_assay,
    ReleasePredicate.DOSE_IN_RANGE: dose_in_range,
    ReleasePredicate.LOTS_GOOD: lots_good,
    ReleasePredicate.INSTRUMENTS_QUALIFIED: instruments_qualified,
    ReleasePredicate.LABELS_RECONCILED: labels_reconciled,
    ReleasePredicate.CUSTODY_UNBROKEN: custody_unbroken,
    ReleasePredicate.EXCURSIONS_ASSESSED: excursions_assessed,
    ReleasePredicate.WITHIN_LIMITS: within_limits,
    ReleasePredicate.NO_OPEN_DEVIATION: no_open_deviation,
    ReleasePredicate.NO_QUARANTINE: no_quarantine,
    ReleasePredicate.NOT_EXPIRED: not_expired,
    ReleasePredicate.CERTIFICATE_ADOPTED: certificate_adopted,
    ReleasePredicate.COUNTS_MATCH: counts_match,
    ReleasePredicate.IDENTIFIERS_MATCH: identifiers_match,
}
"""The function of each predicate."""
