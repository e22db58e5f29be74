"""The growth of each culture on paper: its counts as a curve on a scale that doubles, and beside the dose."""

from __future__ import annotations

from collections.abc import Iterator
from math import log2
from typing import Any

from schema.instants import format_minute
from tracker.exports.dossiers import Dossier
from tracker.local_time import offset_of
from tracker.views.growth import CountView, GrowthView, growths

MARKS_MAX = 8
"""Doublings that are marked beside the curve, so that their numbers can be read."""


def growth_drawings(dossier: Dossier) -> Iterator[dict[str, Any]]:
    """What the template draws of each manufacture in which something was counted."""
    state = dossier.state
    if state is None:
        return
    clock = offset_of(dossier.registry, state.sites.manufacturing)
    for one in growths(state, dossier.protocol, clock):
        yield {
            "title": f"Growth of manufacture {one.attempt}: {one.summary or 'one count'}",
            "enough": f"Enough for the dose: {one.enough.value}, {one.dose}.",
            "rows": [
                [str(each.day), format_minute(each.at, clock(each.at)), str(each.cells), each.change]
                for each in one.counts
            ],
            "curve": _curve(one),
        }


def _curve(one: GrowthView) -> dict[str, Any] | None:
    """Points and marks as parts of width and height, from the left and from above; None of one count."""
    counts = [each for each in one.counts if each.cells > 0]
    if len(counts) < 2:
        return None
    low, high = (edge(log2(each.cells) for each in counts) for edge in (min, max))
    low, high = low - 0.3, high + 0.3
    start, end = counts[0].at, counts[-1].at
    whole = max((end - start).total_seconds(), 1.0)

    def across(each: CountView) -> float:
        return (each.at - start).total_seconds() / whole

    def down(doublings: float) -> float:
        return (high - doublings) / (high - low)

    step = max(1, round((high - low) / MARKS_MAX))
    marks = [number for number in range(int(low) + 1, int(high) + 1) if number % step == 0]
    return {
        "points": [[across(each), down(log2(each.cells))] for each in counts],
        "labels": [f"d{each.day}" for each in counts],
        "marks": [{"at": down(number), "words": f"{2.0**number:g}"} for number in marks],
    }
