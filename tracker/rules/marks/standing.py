"""What of the standing state of a therapy calls for somebody: the marks of the board."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from schema.vocabulary import Disposition, Material
from tracker.concerns import CHECKS, Concern
from tracker.protocols.model import Protocol
from tracker.rules.results import failed_after_release, failed_tests
from tracker.rules.therapy_state import TherapyState, UnitState


class Flag(StrEnum):
    """One mark of a therapy on the board, the worst first."""

    OUTSIDE_RULES = "outside_rules"
    WARM = "warm"
    COLD = "cold"
    TEMPERATURE_UNKNOWN = "temperature_unknown"
    TEST_FAILED = "test_failed"
    OUT_OF_SPECIFICATION = "out_of_specification"
    REJECTED = "rejected"
    MIXUP_PREVENTED = "mixup_prevented"
    OUT_OF_PLACE = "out_of_place"
    QUARANTINED = "quarantined"
    NOT_FOUND_YET = "not_found_yet"
    DEVIATION = "deviation"
    REFUSED = "refused"
    HANDOFF_OPEN = "handoff_open"
    FROM_PAPER = "from_paper"
    STALLED = "stalled"
    """Silence is in no entry, so it is told when somebody looks."""


FLAG_CONCERNS: Final[Mapping[Flag, Concern]] = MappingProxyType(
    {
        Flag.OUTSIDE_RULES: Concern.OUTSIDE_RULES,
        Flag.WARM: Concern.TEMPERATURES,
        Flag.COLD: Concern.TEMPERATURES,
        Flag.TEMPERATURE_UNKNOWN: Concern.TEMPERATURES,
        Flag.TEST_FAILED: Concern.TESTS_FAILED,
        Flag.QUARANTINED: Concern.QUARANTINED,
        Flag.OUT_OF_PLACE: Concern.OUT_OF_PLACE,
        Flag.NOT_FOUND_YET: Concern.NOT_FOUND,
        Flag.FROM_PAPER: Concern.BEFORE,
        Flag.OUT_OF_SPECIFICATION: Concern.OUT_OF_SPECIFICATION,
        Flag.REJECTED: Concern.OUT_OF_SPECIFICATION,
        Flag.MIXUP_PREVENTED: Concern.MIXUPS,
        Flag.DEVIATION: Concern.OPEN_DEVIATIONS,
        Flag.REFUSED: Concern.NOT_TAKEN,
        Flag.HANDOFF_OPEN: Concern.OPEN_HANDOFFS,
        Flag.STALLED: Concern.STALLED,
    }
)
"""Under which check of page one a reader of the report finds what the board marks."""


def flag_is_grave(flag: str) -> bool:
    """Whether a mark of the board is red wherever it is shown: as the same mark is on an event."""
    return CHECKS[FLAG_CONCERNS[Flag(flag)]].is_grave


_OF_UNITS: Final[Mapping[Flag, Callable[[UnitState], bool]]] = MappingProxyType(
    {
        Flag.OUT_OF_PLACE: lambda unit: unit.out_of_place is not None,
        Flag.QUARANTINED: lambda unit: unit.quarantined,
        Flag.NOT_FOUND_YET: lambda unit: unit.not_found_yet,
    }
)


def attention(state: TherapyState, protocol: Protocol | None) -> Iterator[Flag]:
    """The flags that call for somebody, the worst first; what was outside the rules stays for ever."""
    if state.outside:
        yield Flag.OUTSIDE_RULES
    waiting = {one.outside.value for one in state.excursions.values() if one.decision is None}
    yield from (flag for flag in Flag if flag.value in waiting)
    units = list(state.open_units())
    undecided = {
        unit.attempt
        for unit in units
        if unit.material is Material.PRODUCT and unit.disposition is Disposition.PENDING
    }
    made = {unit.attempt for unit in state.units.values() if unit.attempt}
    if protocol is not None and (
        any(failed_tests(state, one, protocol) for one in undecided)
        or any(failed_after_release(state, one, protocol) for one in made)
    ):
        yield Flag.TEST_FAILED
    dispositions = [unit.disposition for unit in units]
    if Disposition.RELEASED_OUT_OF_SPECIFICATION in dispositions:
        yield Flag.OUT_OF_SPECIFICATION
    if Disposition.REJECTED in dispositions:
        yield Flag.REJECTED
    if state.mixups_prevented:
        yield Flag.MIXUP_PREVENTED
    yield from (flag for flag, is_so in _OF_UNITS.items() if any(map(is_so, units)))
    if any(state.open_deviations()):
        yield Flag.DEVIATION
    if any(any(state.in_box(box)) for box in state.boxes_refused):
        yield Flag.REFUSED
    if state.handoffs:
        yield Flag.HANDOFF_OPEN
    if state.is_from_paper:
        yield Flag.FROM_PAPER
