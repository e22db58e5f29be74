"""The limits that run for the units of a therapy, by its protocol; no clock is read here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tracker.protocols.model import Protocol
from tracker.rules.therapy_state import TherapyState

HOLD = "hold_time"
"""The clock of a box; all others are limits of the protocol or forms that are out."""


@dataclass(frozen=True, slots=True)
class RunningClock:
    """A limit that runs for a unit, with the time it ends."""

    name: str
    title: str
    unit: str
    due_at: datetime
    until: str
    """The kind of the step that stops it."""


def running_clocks(state: TherapyState, protocol: Protocol | None) -> Iterator[RunningClock]:
    """The limits whose start is past and whose end is not, and the forms that are out."""
    for form in state.forms.values():
        if form.is_out:
            title = "Downtime form to come back"
            yield RunningClock("paper_entry", title, form.form, form.due_at, "paper_attached")
    yield from _boxes(state)
    if protocol is None or state.status.value != "active":
        return
    for unit in state.open_units():
        for limit in protocol.limits:
            if limit.materials and unit.material not in limit.materials:
                continue
            start, end = unit.facts.get(limit.start), unit.facts.get(limit.until)
            if start is not None and (end is None or end.sequence < start.sequence):
                due_at = start.at + limit.within
                yield RunningClock(limit.name, limit.title, unit.unit, due_at, limit.until)


def _boxes(state: TherapyState) -> Iterator[RunningClock]:
    """For how long each closed box that holds units of the therapy keeps its temperature."""
    for box, until in state.boxes_hold.items():
        inside = min((unit.unit for unit in state.in_box(box)), default=None)
        if inside is not None:
            yield RunningClock(HOLD, "Hold time of the shipper", inside, until, "inspected")
