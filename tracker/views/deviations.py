"""The deviations of all therapies: which quality has still to assess or close, and what one of them says."""

from __future__ import annotations

from collections.abc import Iterator

from schema.tables import DeviationRow
from tracker.acts.state_cache import StateCache
from tracker.ledger.transaction import Transaction
from tracker.rules.attempt import sites_with_part
from tracker.rules.deviation_state import DeviationStatus
from tracker.views.models import DeviationLine


def deviations(
    transaction: Transaction, memory: StateCache, *, is_open: bool, site: str | None
) -> Iterator[DeviationLine]:
    """Every deviation or those not closed, the oldest first; of therapies in which a site has a part."""
    rows = transaction.deviations(without=DeviationStatus.CLOSED.value if is_open else None)
    return (line for row in rows if (line := _line(transaction, memory, row, site)) is not None)


def deviation(transaction: Transaction, memory: StateCache, event: str) -> DeviationLine | None:
    """One deviation by the event that drafted or opened it."""
    row = transaction.deviation(event)
    return None if row is None else _line(transaction, memory, row, None)


def _line(
    transaction: Transaction, memory: StateCache, row: DeviationRow, site: str | None
) -> DeviationLine | None:
    known = memory.therapy(transaction, row.coi)
    found = known.state.deviations.get(row.deviation) if known is not None else None
    if known is None or found is None:
        return None
    if site is not None and site not in sites_with_part(known.state):
        return None
    return DeviationLine(row.coi, found)
