"""The infusions that were promised: which therapy, on which day, at which site."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from schema.tables import PlanMilestoneRow
from schema.vocabulary import ResourceType
from tracker.ledger.transaction import Transaction
from tracker.local_time import local
from tracker.rules.registry_state import RegistryState

AHEAD: Final = timedelta(days=21)
LOOKED_AT: Final = 400
"""Of everything that is booked in that time; a larger network is looked at by site."""


@dataclass(frozen=True, slots=True)
class PromisedLine:
    """A therapy whose patient is to come into a bed."""

    coi: str
    day: date
    """The one that was promised, by the calendar of the site; what is booked may be later."""

    site: str
    """Where the bed is."""


def promised(
    transaction: Transaction, registry: RegistryState, now: datetime, *, site: str | None, limit: int
) -> Iterator[PromisedLine]:
    """The next ones that are booked, by the day that was promised."""
    beds = {one.id: one for one in registry.resources.values() if one.resource_type is ResourceType.BED}
    rows = transaction.milestones_due(now, now + AHEAD, limit=LOOKED_AT, site=site)
    found = [row for row in rows if row.resource in beds][:limit]
    lines = (_line(transaction, registry, row, beds[row.resource].site) for row in found)
    yield from sorted(lines, key=lambda one: (one.day, one.coi))


def _line(
    transaction: Transaction, registry: RegistryState, row: PlanMilestoneRow, site: str
) -> PromisedLine:
    therapy = transaction.therapy(row.coi)
    told = None if therapy is None else therapy.promised
    day = local(registry, site, row.starts_at).date() if told is None else date.fromisoformat(told)
    return PromisedLine(row.coi, day, site)
