"""The verdict over a scanner: what the codes of the card showed, how fast they came, what could be better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labels.scanner_card import Fault, judge


@dataclass(frozen=True, slots=True)
class CardReading:
    """One scan of the card: everything that came, its terminators included, and whether a hand typed it."""

    raw: str
    typed: bool = False
    """Whether it came no faster than a person types."""


@dataclass(frozen=True, slots=True)
class CardVerdict:
    """What is set wrong, and what could be set better without being wrong."""

    faults: tuple[Fault, ...]
    advice: tuple[Fault, ...]

    @property
    def passed(self) -> bool:
        """Whether the scanner may be used as it is set."""
        return not self.faults


def verdict_of(readings: Sequence[CardReading]) -> CardVerdict:
    """What the scans of the card say of the scanner; none at all is a scanner that reads nothing."""
    found = judge([one.raw for one in readings])
    slow = sum(one.typed for one in readings)
    faults = found.faults
    if slow:
        faults = (
            *faults,
            Fault(
                "slow",
                f"{slow} of {len(readings)} codes came as slowly as typed by hand.",
                "Scan them; if you did, take the pause between characters out of the scanner's setting.",
            ),
        )
    return CardVerdict(faults, () if found.sends_aim else (_NO_AIM,))


_NO_AIM = Fault(
    "no_aim_prefix",
    "The scanner does not say which symbology it reads.",
    "Turn its AIM identifiers on: GS1 codes are then told from others by what they are.",
)
