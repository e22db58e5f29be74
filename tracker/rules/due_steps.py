"""What a protocol asks for next, whoever may take the step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from schema.events.identity import Closed, UnitRegistered
from schema.events.processing import ResultsReviewed, Tested
from tracker.protocols.model import Protocol, Step
from tracker.rules.certificates import RELEASES
from tracker.rules.results import open_attempts, pending_tests
from tracker.rules.reviews import not_reviewed
from tracker.rules.therapy_state import TherapyState, TherapyStatus, UnitState


def due_step(protocol: Protocol, unit: UnitState) -> Step | None:
    """The first step, stage by stage, that its protocol asks for with a unit and that was not taken."""
    is_released = any(kind in unit.facts for kind in RELEASES)
    left = (
        step
        for step in protocol.steps
        if unit.material in step.materials
        and not step.optional
        and step.fact not in unit.facts
        and not (is_released and step.kind in RELEASES)
    )
    return _earliest(protocol, left)


def due_of_therapy(state: TherapyState, protocol: Protocol) -> Step | None:
    """The first step that is left of the therapy and of its open units; None of one that has ended."""
    if state.status is not TherapyStatus.ACTIVE:
        return None
    of_units = (due_step(protocol, unit) for unit in state.open_units())
    left = [*_left_of_therapy(state, protocol)]
    if any(step.kind == ResultsReviewed.kind for step in left):
        of_units = (step for step in of_units if step is None or step.kind not in RELEASES)
    return _earliest(protocol, [*filter(None, of_units), *left])


def _left_of_therapy(state: TherapyState, protocol: Protocol) -> Iterator[Step]:
    """Steps that are about no unit that exists already."""
    units = tuple(state.units.values())
    filled = {unit.material for unit in units}
    is_tested = not any(pending_tests(state, one, protocol) for one in open_attempts(state))
    is_reviewed = not any(not_reviewed(state, one, protocol) for one in open_attempts(state))
    for step in protocol.steps:
        if step.kind == ResultsReviewed.kind:
            # Whether it is asked for stands with each test.
            if not is_reviewed:
                yield step
            continue
        if step.optional:
            continue
        if step.kind == UnitRegistered.kind:
            is_left = not filled & {*step.materials}
        elif step.materials:
            is_left = False
        elif step.kind == Closed.kind:
            is_left = bool(units) and not any(state.open_units())
        elif step.kind == Tested.kind:
            is_left = not is_tested
        else:
            is_left = step.fact not in state.facts
        if is_left:
            yield step


def _earliest(protocol: Protocol, steps: Iterable[Step]) -> Step | None:
    stages = [one.name for one in protocol.stages]
    return min(steps, key=lambda step: stages.index(step.stage), default=None)
