"""The numbers of steps: what each stands for in this store, in the protocols and beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from tracker.protocols.model import Protocol


@dataclass(frozen=True, slots=True)
class NumberedStep:
    """A step of no protocol: what is done to a box, shipper or logger itself, or to what is not found yet."""

    number: int
    title: str


EQUIPMENT_STEPS: Final[Mapping[str, NumberedStep]] = MappingProxyType(
    {
        "equipment_status_set": NumberedStep(30, "Clean, repair, quarantine or use it again"),
        "box_emptied": NumberedStep(36, "Say that it is empty: two people look inside"),
        "empty_collected": NumberedStep(37, "Take the empty box away"),
        "empty_returned": NumberedStep(38, "Take the empty box back from its carrier"),
        "shipper_charged": NumberedStep(39, "Say that it was charged"),
    }
)
"""By kind."""

BEFORE_THERAPY: Final[Mapping[str, int]] = MappingProxyType(
    {"enrolled": 10, "stored": 33, "retrieved": 34, "packed": 40}
)
"""What can be offered before the therapy is known, with the number that shipped protocols give it."""


FOUND_STEP: Final = NumberedStep(32, "Found: known from paper, it lies here")
"""For a unit that was taken over from paper, whatever protocol its therapy has."""


def titles_by_number(protocols: Iterable[Protocol]) -> dict[int, str]:
    """What each number means, in order: by the first protocol that has it, then what is done to equipment."""
    found: dict[int, str] = {}
    for protocol in protocols:
        for step in protocol.steps:
            found.setdefault(step.number, step.title)
    for one in (*EQUIPMENT_STEPS.values(), FOUND_STEP):
        found.setdefault(one.number, one.title)
    return dict(sorted(found.items()))
