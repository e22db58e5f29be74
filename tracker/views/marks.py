"""What stands beside an event in a trail: its title, and marks such as late, typed, ink or corrected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from schema.entry import Entry, Statement
from schema.events.custody import HandoffAnswer
from schema.events.identity import Corrected, MixupOccurred, MixupPrevented
from schema.events.processing import Tested
from schema.vocabulary import EntryMode, Grade, ReadMode
from tracker.protocols.model import Protocol
from tracker.rules.therapy_state import TherapyState

LATE_AFTER = timedelta(minutes=15)
"""An event recorded later than this is shown late whatever mode it declares."""


def marks_of(entry: Entry) -> tuple[str, ...]:
    """The marks of one entry, the gravest first."""
    return (*_marks(entry), *_of_entry(entry))


def _marks(entry: Entry) -> Iterator[str]:
    statement = entry.statement
    if statement.outside_rules:
        yield "outside rules: " + ", ".join(statement.outside_rules)
    if isinstance(statement.payload, MixupPrevented):
        yield "mix-up prevented"
    if isinstance(statement.payload, MixupOccurred):
        yield "mix-up"
    if isinstance(statement.payload, Tested) and not statement.payload.meets_limit:
        yield f"does not meet {statement.payload.limit}"
    if isinstance(statement.payload, Corrected):
        yield "correction"
    if isinstance(statement.payload, HandoffAnswer) and statement.payload.evidence is Grade.INK:
        yield "ink"
    if statement.payload.doer is not None:
        yield f"done by an outsider, {statement.payload.doer.evidence.value}"


def _of_entry(entry: Entry) -> Iterator[str]:
    """How and when it came into the record."""
    statement = entry.statement
    if statement.mode is not EntryMode.LIVE:
        yield statement.mode.value
    if is_late(entry) and statement.mode is not EntryMode.LATE:
        yield "late"
    modes = {read.mode for read in statement.reads}
    if ReadMode.PAPER in modes and statement.mode is not EntryMode.PAPER:
        yield "read off paper"
    if ReadMode.MANUAL in modes:
        yield "typed"
    if ReadMode.PASTED in modes:
        yield "pasted"


def is_late(entry: Entry) -> bool:
    """Whether it was recorded more than 15 minutes after it happened."""
    return entry.recorded_at - entry.statement.occurred_at > LATE_AFTER


def step_title(protocol: Protocol | None, state: TherapyState | None, statement: Statement) -> str:
    """The title of an event's step; one kind is another step for a collection bag than for a product."""
    payload = statement.payload
    units = getattr(payload, "units", None) or (getattr(payload, "unit", None),)
    unit = state.units.get(units[0] or "") if state else None
    step = protocol.step(statement.kind, unit.material if unit else None) if protocol else None
    return step.title if step else statement.kind.replace("_", " ").capitalize()
