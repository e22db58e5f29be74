"""What is confirmed of the patient before cells are thawed, and at the bed at the latest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schema.errors import InputError
from schema.events.identity import BedsideMatched, PreThawMatched
from tracker.rules.attempt import Attempt
from tracker.rules.decision import Violation
from tracker.rules.therapy_state import TherapyState

TO_THE_PATIENT: Final = frozenset({PreThawMatched.kind, BedsideMatched.kind})
"""Steps that prepare a use and need nothing else of the unit's state."""


def confirmed_of(therapy: TherapyState, unit: str) -> frozenset[str]:
    """What was confirmed for a container, or for what it was drawn from."""
    behind = (therapy.unit(name) for name in therapy.lineage(unit))
    return frozenset(word for one in behind if one is not None for word in one.confirmed)


def bedside_violations(attempt: Attempt) -> Iterator[Violation]:
    """Each thing that has to be confirmed and was not; raises InputError for one that nobody asks for."""
    if attempt.kind not in TO_THE_PATIENT or attempt.unit is None:
        return
    wanted = attempt.protocol.bedside.confirm
    given = attempt.request.given("confirmed")
    said = frozenset(given if isinstance(given, tuple) else ())
    for word in sorted(said.difference(wanted)):
        raise InputError(
            f"{word} is nothing that this protocol has confirmed.",
            remedy=f"Give what was confirmed of {', '.join(wanted) or 'nothing at all'}.",
            code="bad_word",
        )
    known = said | confirmed_of(attempt.therapy, attempt.unit.unit)
    for word in wanted:
        if word not in known:
            yield Violation(
                "not_confirmed",
                f"Not confirmed before {attempt.subject} is used: {in_words(word)}.",
                "See to it, both of you; then confirm it. Nothing is thawed before.",
                field="confirmed",
            )


def in_words(word: str) -> str:
    """One of a protocol's words as people read it: `tocilizumab on hand`."""
    return word.replace("_", " ")
