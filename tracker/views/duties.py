"""What is due after the infusion in all therapies, the closed ones too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from tracker.acts.state_cache import StateCache
from tracker.ledger.transaction import Transaction
from tracker.local_time import offset_of
from tracker.protocols.model import Protocol
from tracker.rules.duties import open_duties
from tracker.rules.registry_state import RegistryState

_LATER: Final = timedelta(days=2)
"""A day of the calendar has ended everywhere by then."""


@dataclass(frozen=True, slots=True)
class DutyLine:
    """One thing that is due, or will be."""

    coi: str
    site: str
    """Where it is done: where the cells were given, whose calendar says the day, or where they were made."""

    duty: str
    title: str
    due_on: str
    is_overdue: bool
    roles: tuple[str, ...]
    results: tuple[str, ...]


def due_lines(
    transaction: Transaction,
    memory: StateCache,
    registry: RegistryState,
    protocol_of: Callable[[str], Protocol | None],
    *,
    until: str,
    now: datetime,
    site: str | None = None,
) -> Iterator[DutyLine]:
    """What is due to a day and was not recorded, therapy by therapy; no other is read."""
    last = datetime.combine(date.fromisoformat(until), time(tzinfo=UTC)) + _LATER
    for coi in transaction.therapies_owing(last, site=site):
        yield from _of(transaction, memory, registry, protocol_of, coi, until, now)


def _of(
    transaction: Transaction,
    memory: StateCache,
    registry: RegistryState,
    protocol_of: Callable[[str], Protocol | None],
    coi: str,
    until: str,
    now: datetime,
) -> Iterator[DutyLine]:
    known = memory.therapy(transaction, coi)
    protocol = None if known is None else protocol_of(known.state.protocol.sha256)
    if known is None or protocol is None:
        return
    where = known.state.sites.treatment
    for one in open_duties(known.state, protocol, offset_of(registry, where)):
        if one.due_on <= until:
            yield DutyLine(
                coi,
                one.site,
                one.duty.name,
                one.duty.title,
                one.due_on,
                one.due_at < now,
                tuple(role.value for role in one.duty.roles),
                one.duty.results,
            )
