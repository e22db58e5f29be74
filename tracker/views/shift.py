"""What one person leaves open at a site, for the one who comes next; read from what is in motion there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tracker.acts.deciding import Decider
from tracker.acts.state_cache import StateCache
from tracker.ledger.transaction import Transaction
from tracker.therapy.shift import OpenWork, open_work
from tracker.views.labels import labels_of
from tracker.views.models import LeftLabels, LeftOpen

UNITS_READ_MAX: Final = 500
"""More than one person has begun and not ended at one site."""


def left_open(
    transaction: Transaction, memory: StateCache, decider: Decider, *, staff: str, site: str
) -> LeftOpen:
    """What the chains of the units at a site say that this person has begun and nobody has ended."""
    rows = [
        *transaction.units_at_hand(site, limit=UNITS_READ_MAX),
        *transaction.units_handed_over(limit=UNITS_READ_MAX),
    ]
    works: list[OpenWork] = []
    labels: list[LeftLabels] = []
    for coi in sorted({row.coi for row in rows}):
        labels.extend(_labels(transaction, memory, coi, staff, site))
        known = memory.therapy(transaction, coi)
        if known is None:
            continue
        protocol = decider.protocol(transaction, known.state.protocol.sha256)
        work = open_work(known.state, protocol, staff, site)
        if work:
            works.append(work)
    return LeftOpen(staff, tuple(works), tuple(labels))


def _labels(
    transaction: Transaction, memory: StateCache, coi: str, staff: str, site: str
) -> Iterator[LeftLabels]:
    """Copies that this person printed here and that are neither applied nor destroyed."""
    for account in labels_of(transaction, memory, coi):
        own = [
            copy.letter
            for copy in account.open
            if copy.record is not None and (copy.record.staff, copy.record.site) == (staff, site)
        ]
        if own and account.unit is not None:
            yield LeftLabels(coi, account.unit, "".join(own))
