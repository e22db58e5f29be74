"""The identity assay: whether a product is the patient's, told by somebody who neither filled nor labeled it.

No other result makes up for it: without a match nothing is released, in specification or out of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from tracker.protocols.model import Protocol, ReleaseTest, TestGate
from tracker.rules.decision import Notice, Violation
from tracker.rules.results import result_of
from tracker.rules.therapy_state import TestState, TherapyState

NO_MATCH: Final = "no_match"


def identity_tests(protocol: Protocol) -> tuple[ReleaseTest, ...]:
    """The release tests that tell whose cells they are."""
    return tuple(test for test in protocol.release_tests if test.gate is TestGate.IDENTITY)


def performers_of(therapy: TherapyState, attempt: int, test: ReleaseTest) -> dict[str, str]:
    """Who took a step that the test is independent of, on what came out of a manufacture; and which."""
    found = dict[str, str]()
    for unit in therapy.units.values():
        for name in test.independent_of if unit.attempt == attempt else ():
            if name in unit.facts:
                found.setdefault(unit.facts[name].actor, name)
    for record in therapy.process:
        if record.attempt == attempt and record.step in test.independent_of:
            found.setdefault(record.actor, record.step)
    return found


def not_independent(
    therapy: TherapyState, attempt: int, test: ReleaseTest, actor: str
) -> Iterator[Violation]:
    """Why this person cannot tell: they would look for their own mistake."""
    step = performers_of(therapy, attempt, test).get(actor)
    if step is not None:
        yield Violation(
            "not_independent",
            f"{actor} took the step {step.replace('_', ' ')} of this manufacture, and {test.title} is "
            "recorded by somebody who did not.",
            "Somebody else of the laboratory records it.",
            waivable=False,
        )


def not_proven(
    therapy: TherapyState, attempt: int, protocol: Protocol
) -> Iterator[tuple[ReleaseTest, TestState | None]]:
    """The identity assays of a manufacture without a match that counts."""
    for test in identity_tests(protocol):
        stands = result_of(therapy, attempt, test)
        if stands is None or not test.meets(stands.result):
            yield test, stands


def unproven_violations(therapy: TherapyState, attempt: int, protocol: Protocol) -> Iterator[Violation]:
    """Why a manufacture is not released, not even at a physician's request."""
    for test, stands in not_proven(therapy, attempt, protocol):
        said = "has no result" if stands is None else f"says {stands.result.replace('_', ' ')}"
        yield Violation(
            "identity_not_proven",
            f"{test.title} {said}: it is not known whether these are the patient's cells.",
            "It is repeated as its assessment allows; nothing is released without a match.",
            waivable=False,
        )


def doubtful_units(therapy: TherapyState, attempt: int) -> tuple[str, ...]:
    """What goes into quarantine when the cells are not the patient's: all of it that is not at its end."""
    return tuple(one.unit for one in therapy.open_units() if one.attempt == attempt and not one.quarantined)


def foreign_notices(coi: str, held: Sequence[str]) -> tuple[Notice, ...]:
    """A STOP: what is held now, and how to find who else may have got the wrong cells."""
    return (
        Notice(
            "no_match",
            "These are not the cells of this patient. "
            f"In quarantine now: {', '.join(held) or 'nothing more'}.",
            "Quality looks at every therapy that was at the same benches and devices within a day: "
            f"`cartrail trace shared {coi}`.",
        ),
    )
