"""The growth of each culture of a therapy for a reader: its counts, and whether they are enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tracker.protocols.model import Protocol
from tracker.rules.growth import Count, Curve, Enough, Interval, IsEnough, curve, enough
from tracker.rules.therapy_state import TherapyState


@dataclass(frozen=True, slots=True)
class CountView:
    """One count, with what happened since the one before."""

    day: int
    at: datetime
    cells: Decimal
    change: str
    """As a person says it: `doubled in 35.7 h`, `fell to 0.95`; empty for the first."""


@dataclass(frozen=True, slots=True)
class GrowthView:
    """The culture of one manufacture."""

    attempt: int
    counts: tuple[CountView, ...]
    summary: str
    """`26.0-fold, 4.70 doublings`; empty while there is one count."""

    enough: IsEnough
    dose: str
    """What could be made of the newest count, of what the patient needs."""

    projected_at: datetime | None
    """When there will be enough if it grows on as in the last interval."""


def growths(
    therapy: TherapyState, protocol: Protocol | None, offset_of: Callable[[datetime], str]
) -> Iterator[GrowthView]:
    """The cultures of a therapy in which something was counted, in the order of its manufactures."""
    growth = None if protocol is None else protocol.growth
    if protocol is None or growth is None:
        return
    for attempt in sorted({one.attempt for one in therapy.process}):
        found = curve(therapy, protocol, attempt, offset_of)
        if found.counts:
            yield _view(found, enough(found, therapy.dose, growth))


def _view(found: Curve, made: Enough) -> GrowthView:
    summary = ""
    if found.fold is not None and found.doublings is not None:
        summary = f"{found.fold:.1f}-fold, {found.doublings:.2f} doublings"
    return GrowthView(
        found.attempt,
        tuple(_counts(found)),
        summary,
        made.answer,
        made.words,
        made.projected_at,
    )


def _counts(found: Curve) -> Iterator[CountView]:
    before: Count | None = None
    for one in found.counts:
        change = "" if before is None or not before.cells else _change(before, one)
        yield CountView(one.day, one.at, one.cells, change)
        before = one


def _change(before: Count, after: Count) -> str:
    hours = (after.at - before.at).total_seconds() / 3600
    since = Interval(float(after.cells / before.cells), hours)
    if since.is_fall:
        return f"fell to {since.fold:.2f}"
    if since.doubling_hours is None:
        return "the same"
    return f"doubled in {since.doubling_hours:.1f} h"
