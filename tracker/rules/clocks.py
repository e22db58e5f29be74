"""The limits that run for the units of a therapy, by its protocol; no clock is read here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tracker.protocols.model import Protocol
from tracker.rules.therapy_state import TherapyState


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
