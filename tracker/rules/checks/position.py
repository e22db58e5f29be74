"""Where in a place something lies: the place has the position, and nothing else lies there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schema.positions import is_within
from tracker.rules.decision import ScanAnswer, Violation
from tracker.rules.registry_state import Location


def position_violations(
    place: Location, position: str | None, unit: str, lying: Mapping[str, str]
) -> Iterator[Violation]:
    """Why a unit cannot lie there; `lying` is what lies in the positions of the place, by the record.

    That somebody did not say where it lies can have happened; that two lie in one position cannot be kept.
    """
    if place.grid is None:
        if position is not None:
            yield Violation(
                "no_positions",
                f"{place.title} has no positions, and {position} is named.",
                "Leave the position out, or have an administrator give the place rows and columns.",
                ScanAnswer.CHECK,
                waivable=False,
                field="positions",
            )
        return
    if position is None:
        yield Violation(
            "position_missing",
            f"{place.title} has the positions {place.range_words}: nobody said in which {unit} lies.",
            "Say the position of each unit.",
            ScanAnswer.CHECK,
            field="positions",
        )
        return
    if not is_within(position, *place.grid):
        yield Violation(
            "position_unknown",
            f"{place.title} has the positions {place.range_words}, and no {position}.",
            "Read the position again.",
            ScanAnswer.CHECK,
            waivable=False,
            field="positions",
        )
        return
    other = lying.get(position)
    if other not in (None, unit):
        yield Violation(
            "position_taken",
            f"{position} of {place.title} is taken: by the record {other} lies there.",
            "Take another position. If it is free, look for that unit and put it away where it lies.",
            waivable=False,
            field="positions",
        )
