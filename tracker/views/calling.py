"""Therapies that call for somebody: what their chain says of them, and that it says nothing for too long."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from schema.tables import TherapyRow
from tracker.acts.deciding import Decider
from tracker.ledger.transaction import Transaction
from tracker.rules.marks.standing import Flag
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_state import TherapyStatus

STALLED: Final = Flag.STALLED.value
"""Beside the flags that a row has of its chain."""

_PAGE: Final = 200

Position = tuple[datetime, str]


def flags_of(row: TherapyRow, now: datetime) -> tuple[str, ...]:
    """What calls for somebody in a therapy now."""
    is_stalled = row.stalled_at is not None and row.stalled_at <= now
    return (*row.attention, STALLED) if is_stalled else row.attention


def calling(
    transaction: Transaction,
    decider: Decider,
    registry: RegistryState,
    now: datetime,
    *,
    limit: int,
    after: Position | None = None,
    site: str | None = None,
    status: str | None = None,
) -> list[TherapyRow]:
    """A page of the therapies that call for somebody, last changed first."""
    flagged = transaction.therapies(limit=limit, after=after, site=site, status=status, attention=True)
    if status not in (None, TherapyStatus.ACTIVE.value):
        return flagged
    shortest = shortest_silence(transaction, decider, registry)
    if shortest is None:
        return flagged
    oldest = (now - shortest, "\U0010ffff")
    silent = _silent(transaction, now, site, oldest if after is None else min(after, oldest))
    stalled = [row for row, _ in zip(silent, range(limit), strict=False)]
    merged = heapq.merge(flagged, stalled, key=lambda row: (row.updated_at, row.coi), reverse=True)
    return [*{row.coi: row for row in merged}.values()][:limit]


def _silent(
    transaction: Transaction, now: datetime, site: str | None, after: Position
) -> Iterator[TherapyRow]:
    """Stalled therapies that nothing else calls for, from after a position on."""
    while rows := transaction.therapies(
        limit=_PAGE, after=after, site=site, status=TherapyStatus.ACTIVE.value
    ):
        yield from (row for row in rows if not row.attention and STALLED in flags_of(row, now))
        after = (rows[-1].updated_at, rows[-1].coi)


def shortest_silence(transaction: Transaction, decider: Decider, registry: RegistryState) -> timedelta | None:
    """The shortest silence that any adopted protocol takes for a stall."""
    versions = (version for known in registry.protocols.values() for version in known)
    found = (decider.protocol(transaction, version.sha256) for version in versions)
    return min((one.planning.stalled_after for one in found if one is not None), default=None)
