"""Manufactures that failed: what they still owe, and which one a step is of after that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from schema.events.processing import (
    Collected,
    InfusionStarted,
    Manufactured,
    ManufacturingStarted,
    Released,
    ThawStarted,
)
from schema.vocabulary import FailurePath, Material
from tracker.kinds import PROCESS_STEP, kind_of
from tracker.rules.attempt import Attempt, finished, local
from tracker.rules.decision import Violation
from tracker.rules.therapy_state import FailureState, Occurrence, TherapyState, UnitState

MADE_FURTHER: Final = frozenset(
    {PROCESS_STEP, Manufactured.kind, Released.kind, ThawStarted.kind, InfusionStarted.kind}
)
"""What is not done any more with the cells of a manufacture that failed."""

BEGUN_AGAIN: Final = frozenset({PROCESS_STEP, ManufacturingStarted.kind})
"""What is done a second time with the same starting material, when its first manufacture failed."""


def failure_of(therapy: TherapyState, unit: UnitState) -> FailureState | None:
    """The failure of the manufacture that a container came out of; starting material came out of none."""
    return therapy.failures.get(unit.attempt)


def attempt_of(therapy: TherapyState, units: Iterable[str]) -> int:
    """The manufacture that a step is of: that of its units, else the one that is going on, else the next.

    One that failed does not go on: what is taken into the process after that is of the next.
    """
    known = [unit for name in units if (unit := therapy.unit(name)) is not None]
    own = max((unit.attempt for unit in known), default=0)
    if own:
        return own
    going_on = [
        unit.attempt for unit in therapy.open_units() if unit.material is Material.IN_PROCESS and unit.attempt
    ]
    named = [record.attempt for record in therapy.process if {*record.units} & {unit.unit for unit in known}]
    open_ones = [one for one in (*going_on, *named) if one not in therapy.failures]
    return max(open_ones, default=0) or max((therapy.attempts, *therapy.failures)) + 1


def units_of(therapy: TherapyState, attempt: int, path: FailurePath) -> tuple[str, ...]:
    """The containers of a manufacture that have not come to their end, with what went into it.

    Starting material of which it is made again is none of them.
    """
    again = path is FailurePath.REMANUFACTURE
    went_in = {name for record in therapy.process if record.attempt == attempt for name in record.units}
    return tuple(
        unit.unit
        for unit in therapy.open_units()
        if unit.attempt == attempt or (not unit.attempt and unit.unit in went_in and not again)
    )


def begun_anew(therapy: TherapyState, path: FailurePath) -> datetime | None:
    """Since when all that leads to a manufacture, or the manufacture alone, is done once more."""
    return max((one.occurrence.at for one in therapy.failures.values() if one.path is path), default=None)


def to_collect_again(therapy: TherapyState) -> datetime | None:
    """Since when the patient's cells have to be collected once more; None where they were, or need not."""
    since = begun_anew(therapy, FailurePath.RECOLLECT)
    collected = (unit.facts.get(Collected.kind) for unit in therapy.units.values())
    is_done = since is None or any(one is not None and one.at > since for one in collected)
    return None if is_done else since


def owed(therapy: TherapyState) -> Mapping[str, FailureState]:
    """The containers of failed manufactures that nobody has destroyed or kept, each with its failure."""
    return {
        name: failure
        for failure in therapy.failures.values()
        for name in failure.units
        if name not in failure.kept and (unit := therapy.unit(name)) is not None and not finished(unit)
    }


def kept(therapy: TherapyState) -> frozenset[str]:
    """The containers of failed manufactures that quality keeps, as for an investigation."""
    return frozenset(name for failure in therapy.failures.values() for name in failure.kept)


def failed_violations(attempt: Attempt) -> Iterator[Violation]:
    """The cells of a manufacture that failed are not made further, released or given."""
    unit = attempt.unit
    failure = None if unit is None else failure_of(attempt.therapy, unit)
    if unit is None or failure is None or kind_of(attempt.kind) not in MADE_FURTHER:
        return
    if failure.path is FailurePath.OUT_OF_SPECIFICATION:
        return
    yield Violation(
        "attempt_failed",
        f"Manufacture {failure.attempt} failed ({failure.cause.value.replace('_', ' ')}), "
        f"{local(attempt.situation, failure.occurrence)}; {unit.unit} is of it.",
        f"Destroy {unit.unit} before a witness, or take what is of another manufacture.",
        waivable=False,
    )


def is_begun_again(attempt: Attempt, before: Occurrence) -> bool:
    """Whether a step was for a manufacture that has failed since: its starting material takes it anew."""
    unit = attempt.unit
    if unit is None or unit.attempt or kind_of(attempt.kind) not in BEGUN_AGAIN:
        return False
    return any(one.occurrence.sequence > before.sequence for one in attempt.therapy.failures.values())
