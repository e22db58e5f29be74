"""The release out of specification: at a physician's request, with the maker's evaluation of the risks.

It is there to avoid an immediate significant hazard to the patient (EU GMP for ATMP 11.53, 11.54); what the
protocol does not let fail has to hold as for any other release.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from schema.canonical import plain_digest
from schema.commitments import Commitment
from schema.errors import InputError
from schema.events import Payload
from schema.events.paperwork import SCAN_FIELD
from schema.events.processing import ReleasedOutOfSpecification
from tracker.protocols.model import ReleaseRules
from tracker.requests.paper_file import paper_of
from tracker.rules.decision import Decision, Violation
from tracker.rules.release import judge
from tracker.rules.results import failed_tests
from tracker.rules.selection import Selected
from tracker.rules.situation import Decisions, Situation
from tracker.rules.therapy_state import TherapyState
from tracker.rules.units import decide_units
from tracker.therapy.making import requests as asked
from tracker.therapy.making.quality import held_of, not_released_out_of_specification

REQUESTED: Final = "requested"
"""The field of the commitment to the physician's request; that of the file is the one of all papers."""


def decide_release_out_of_specification(
    situation: Situation, request: asked.ReleaseOutOfSpecification
) -> Decision:
    """Release although tests failed; every result must be known, and all that may not fail holds."""
    file = None if request.risk_evaluation is None else _file(request.risk_evaluation)

    def violations(therapy: TherapyState, item: Selected) -> Iterable[Violation]:
        yield from not_released_out_of_specification(situation, therapy, item.unit)
        yield from _papers(situation.protocol(therapy).release, request)

    def build(therapy: TherapyState, units: tuple[str, ...]) -> Payload:
        states = [one for one in map(therapy.unit, units) if one is not None]
        protocol = situation.protocol(therapy)
        failed = [
            test.code
            for attempt in sorted({unit.attempt for unit in states})
            for test in failed_tests(therapy, attempt, protocol)
        ]
        found = judge(situation, therapy, states)

        def committed(field: str, value: str | None) -> Commitment | None:
            return None if value is None else situation.commit(therapy.coi, field, value)

        return ReleasedOutOfSpecification(
            units=units,
            failed_tests=tuple(dict.fromkeys(failed)) or ("none",),
            failed=tuple(one.predicate for one in found if not one.holds),
            predicates=held_of(found),
            basis=request.basis,
            requested=committed(REQUESTED, request.requested),
            risk_evaluation=committed(SCAN_FIELD, file),
        )

    return decide_units(situation, request, ReleasedOutOfSpecification.kind, build, extra=violations)


def _file(encoded: str) -> str:
    """The SHA-256 of the file; raises InputError for what is no whole paper, by its field."""
    try:
        return plain_digest(paper_of(encoded))
    except InputError as error:
        raise error.at("risk_evaluation") from error


def _papers(rules: ReleaseRules, request: asked.ReleaseOutOfSpecification) -> Iterator[Violation]:
    """What has to go with it: the law, the physician's request, the evaluation of the risks."""
    if request.basis is not None and request.basis not in rules.bases:
        known = ", ".join(rules.bases) or "none"
        yield Violation(
            "basis_unknown",
            f"{request.basis} is no basis of this protocol for a release out of specification.",
            f"Name one of: {known}.",
            waivable=False,
            field="basis",
        )
    if rules.bases and request.basis is None:
        yield Violation(
            "basis_missing",
            "A release out of specification needs the law that permits it.",
            f"Name one of: {', '.join(rules.bases)}.",
            waivable=False,
            field="basis",
        )
    if rules.risk_evaluation and not request.requested:
        yield Violation(
            "requested_missing",
            "A release out of specification needs the physician's request.",
            "Say by whom, when and why it was asked for.",
            waivable=False,
            field="requested",
        )
    if rules.risk_evaluation and request.risk_evaluation is None:
        yield Violation(
            "risk_evaluation_missing",
            "A release out of specification needs the manufacturer's evaluation of the risks.",
            "Give it as a file with the release; without it nothing goes to the patient.",
            waivable=False,
            field="risk_evaluation",
        )


DECISIONS: Final[Decisions] = {asked.ReleaseOutOfSpecification: decide_release_out_of_specification}
