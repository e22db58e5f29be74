"""The limits that run for the units of a therapy, by its protocol; no clock is read here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tracker.protocols.model import Protocol
from tracker.rules.therapy_state import Occurrence, TherapyState


@dataclass(frozen=True, slots=True)
class RunningClock:
    """A limit that runs for a unit, with the time it ends."""

    name: str
    title: str
    unit: str
    due_at: datetime
    started: Occurrence
    """What set it running, and who did that."""

    until: str
    """The kind of the step that stops it."""


def running_clocks(state: TherapyState, protocol: Protocol | None) -> Iterator[RunningClock]:
    """The limits whose start is past and whose end is not, and the forms that are out."""
    for form in state.forms.values():
        if form.is_out:
            issued = Occurrence(form.issued_at, form.event_id, form.sequence, form.issued_by)
            yield RunningClock(
                "paper_entry", "Downtime form to come back", form.form, form.due_at, issued, "paper_attached"
            )
    if protocol is None or state.status.value != "active":
        return
    for unit in state.open_units():
        for limit in protocol.limits:
            if limit.materials and unit.material not in limit.materials:
                continue
            start, end = unit.facts.get(limit.start), unit.facts.get(limit.until)
            if start is not None and (end is None or end.sequence < start.sequence):
                yield RunningClock(
                    limit.name, limit.title, unit.unit, start.at + limit.within, start, limit.until
                )
