"""What NOT-IN-ORDER says, at every door: what is wrong, with the value that shows it, and what follows.

Whoever hands over, takes over, refuses or opens a box may find something wrong. A fault is said with what was
read, measured or seen; a deviation is then drafted in the chain of each therapy, and the units go into
quarantine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from schema.vocabulary import Condition, Fault, Reason
from tracker.rules.decision import Violation
from tracker.therapy.custody.requests import Inspect, LookedAt, Refuse

REASON_FAULTS: Final[Mapping[Reason, Fault]] = MappingProxyType(
    {
        Reason.SEAL_MISMATCH: Fault.SEAL,
        Reason.SEAL_BROKEN: Fault.SEAL,
        Reason.TEMPERATURE_EXCURSION: Fault.DISPLAY,
        Reason.TIME_LIMIT_EXCEEDED: Fault.HOLD_TIME,
        Reason.CONTAINER_DAMAGED: Fault.DAMAGE,
        Reason.LABEL_DAMAGED: Fault.LABEL,
        Reason.LABEL_UNREADABLE: Fault.LABEL,
        Reason.CONTENTS_DIFFER: Fault.OTHER,
    }
)
"""Reasons of a refusal that are observations, with the fault that says what was seen."""

_OF_A_BOX: Final = frozenset({Fault.SEAL, Fault.HOLD_TIME})
_IN_WORDS: Final = frozenset({Fault.DAMAGE, Fault.LABEL, Fault.OTHER})


def seen_words(condition: Condition | None, faults: Iterable[Fault], box_says: str = "") -> str:
    """What a party saw, as paper says it; empty where nobody looked. `box_says` is until when it holds."""
    if condition is None:
        return ""
    found = ", ".join(fault.value.replace("_", " ") for fault in faults)
    said = condition.value.replace("_", " ") + (f": {found}" if found else "")
    return f"{said}, the box says {box_says}" if box_says else said


def causes(faults: tuple[Fault, ...]) -> tuple[str, ...]:
    """Why the deviation is drafted, in the words of the record."""
    return tuple(f"{fault.value}_not_in_order" for fault in faults)


def fault_violations(request: LookedAt, box: str | None) -> Iterator[Violation]:
    """Faults without the value that shows them, or of what is not there."""
    for fault in request.faults:
        if fault in _OF_A_BOX and box is None:
            yield Violation(
                "fault_of_a_box",
                f"Only a box has a {fault.value.replace('_', ' ')}, and units without one were scanned.",
                "Say what is wrong with the container or its label.",
                field="faults",
                waivable=False,
            )
    yield from _value_violations(request, request.faults)
    if Fault.HOLD_TIME in request.faults and request.hold_until is None:
        yield _without_value("hold_until", "Until when the box holds", "Type the time that the box says.")
    if isinstance(request, Refuse):
        yield from _unsaid(request)


def inspection_violations(request: Inspect) -> Iterator[Violation]:
    """The same for what comes out of an opened box, unit by unit."""
    for given in request.results:
        yield from _value_violations(request, given.faults)


def _value_violations(request: LookedAt | Inspect, faults: tuple[Fault, ...]) -> Iterator[Violation]:
    if Fault.DISPLAY in faults and request.display_celsius is None:
        yield _without_value("display_celsius", "What the display shows", "Read the display and type it.")
    named = [fault.value for fault in faults if fault in _IN_WORDS]
    if named and request.remark is None and request.outside_rules is None:
        yield _without_value("remark", f"What is wrong ({', '.join(named)})", "Say in words what you see.")


def _without_value(field: str, what: str, remedy: str) -> Violation:
    return Violation("fault_value_missing", f"{what} was not given.", remedy, field=field, waivable=False)


def _unsaid(request: Refuse) -> Iterator[Violation]:
    """A reason that is an observation stands in the record as one, with its value."""
    fault = REASON_FAULTS.get(request.reason) if request.reason is not None else None
    if fault is not None and fault not in request.faults:
        yield Violation(
            "fault_missing",
            f"It is refused for {request.reason}, and nothing says what was found wrong.",
            f"Answer NOT-IN-ORDER and name the {fault.value.replace('_', ' ')}.",
            field="faults",
            waivable=False,
        )
