"""Which steps of its protocol a therapy still has before it, in the order in which they come up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from schema.vocabulary import Material, Scope
from tracker.kinds import STEP_KINDS, Moves, Paper, moves_of
from tracker.protocols.model import Protocol, Step
from tracker.rules.attempt import finished
from tracker.rules.therapy_state import TherapyState, UnitState

_PLANNED: Final = frozenset({Material.LEUKAPHERESIS, Material.PRODUCT})
"""Containers that every therapy will have; others are on the form once they are registered."""


@dataclass(frozen=True, slots=True)
class Remaining:
    """One step that is still to be done, with the units it is to be done to."""

    step: Step
    units: tuple[UnitState, ...] = ()
    """Empty for a step about the whole therapy, and for containers that nobody registered yet."""


def remaining_steps(
    therapy: TherapyState, protocol: Protocol, stage: str | None = None
) -> tuple[Remaining, ...]:
    """What is left, by stage and then as the protocol lists it; one stage alone where it is named."""
    places = {one.name: place for place, one in enumerate(protocol.stages)}
    steps = [step for step in protocol.steps if stage in (None, step.stage) and _on_paper(step)]
    ordered = sorted(steps, key=lambda step: places.get(step.stage, len(places)))
    left = [one for step in ordered for one in _left(therapy, step)]
    return tuple(one for _, run in groupby(left, key=_run) for one in _bag_by_bag([*run]))


def _run(one: Remaining) -> tuple[str, Scope, tuple[Material, ...]]:
    return one.step.stage, one.step.scope, one.step.materials


def _bag_by_bag(run: list[Remaining]) -> Iterator[Remaining]:
    """Steps of one therapy at a time are taken with one container in the hand, from the first to the last.

    Each needs its own times, and the next bag is often not touched before the one before it is infused.
    """
    if run[0].step.scope is not Scope.ONE_THERAPY or not run[0].units:
        yield from run
        return
    for unit in dict.fromkeys(unit.unit for one in run for unit in one.units):
        for one in run:
            yield from (Remaining(one.step, (each,)) for each in one.units if each.unit == unit)


def _on_paper(step: Step) -> bool:
    paper = STEP_KINDS[step.kind].paper
    return paper is Paper.ALWAYS or (paper is Paper.PLANNED and not step.optional)


def _is_done(kind: str, unit: UnitState) -> bool:
    if moves_of(kind) is Moves.TAKEN:
        return unit.last_taken is not None
    return kind in unit.facts


def _left(therapy: TherapyState, step: Step) -> Iterator[Remaining]:
    if not step.materials:
        done = step.kind in therapy.facts or any(step.kind in one.facts for one in therapy.units.values())
        if not done or step.kind == "tested":
            yield Remaining(step)
        return
    alike = [unit for unit in therapy.units.values() if unit.material in step.materials]
    if alike:
        units = [unit for unit in alike if not finished(unit) and not _is_done(step.kind, unit)]
        if units:
            yield Remaining(step, tuple(units))
    elif _PLANNED & {*step.materials}:
        yield Remaining(step)
