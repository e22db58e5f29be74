"""The notes of one therapy, or of a site's running ones, with their words as far as they are still held."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tracker.acts.state_cache import StateCache
from tracker.ledger.transaction import Transaction
from tracker.rules.therapy_state import TherapyState, TherapyStatus


@dataclass(frozen=True, slots=True)
class NoteLine:
    """One note as people read it."""

    event_id: str
    coi: str
    at: datetime
    actor: str
    site: str
    """Where it was written."""

    unit: str | None
    milestone: str | None
    text: str | None
    """None once it was erased."""


def notes_of(transaction: Transaction, state: TherapyState) -> tuple[NoteLine, ...]:
    """The notes of a therapy, the newest first."""
    held = transaction.openings(one.text for one in state.notes)
    lines = []
    for one in reversed(state.notes):
        opening = held.get(one.text)
        text = None if opening is None else str(opening.value)
        lines.append(
            NoteLine(one.event_id, state.coi, one.at, one.actor, one.site, one.unit, one.milestone, text)
        )
    return tuple(lines)


def notes_at(
    transaction: Transaction, memory: StateCache, *, site: str | None, since: datetime, limit: int
) -> tuple[NoteLine, ...]:
    """The notes that were written from a time on about running therapies of a site, the newest first."""
    found: list[NoteLine] = []
    for coi in transaction.therapies_noted(since, status=TherapyStatus.ACTIVE.value, site=site):
        known = memory.therapy(transaction, coi)
        notes: Iterable[NoteLine] = () if known is None else notes_of(transaction, known.state)
        found.extend(one for one in notes if one.at >= since)
    return tuple(sorted(found, key=lambda one: (one.at, one.event_id), reverse=True)[:limit])
