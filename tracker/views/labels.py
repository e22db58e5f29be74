"""Accounts of labels: where each printed copy is, for a therapy, at a site or off a station."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tracker.acts.print_records import record_of, records_of
from tracker.acts.state_cache import StateCache
from tracker.ledger.transaction import Transaction
from tracker.rules.label_accounts import AccountedCopy, PrintRecord, copies_of
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_state import TherapyState
from tracker.views.models import LabelAccount, StockCount


def accounts(
    therapy: TherapyState,
    prints: Iterable[PrintRecord],
    *,
    wanted: Callable[[AccountedCopy], bool] = lambda _: True,
) -> tuple[LabelAccount, ...]:
    """A therapy's labels object by object, those with something open first."""
    copies = [one for one in copies_of(therapy, prints) if wanted(one)]
    found = [
        LabelAccount(therapy.coi, mine[0].unit, object_id, tuple(mine))
        for object_id in dict.fromkeys(one.object_id for one in copies)
        for mine in ([one for one in copies if one.object_id == object_id],)
    ]
    return tuple(sorted(found, key=lambda one: not one.open))


def labels_of(transaction: Transaction, memory: StateCache, coi: str) -> tuple[LabelAccount, ...]:
    """Every label of one therapy, wherever it was printed; none for a therapy that is not here."""
    known = memory.therapy(transaction, coi)
    if known is None:
        return ()
    return accounts(known.state, records_of(transaction, coi, sorted(known.state.units)))


def labels_at(
    transaction: Transaction, memory: StateCache, site: str, station: str | None = None
) -> tuple[LabelAccount, ...]:
    """The labels printed at a site, or off one of its stations, for therapies that are not closed."""
    by_coi: dict[str, list[PrintRecord]] = {}
    owners: dict[str, str] = {}
    for row in transaction.copies_at(site):
        if row.unit is None or (station is not None and row.station != station):
            continue
        if row.unit not in owners:
            unit = transaction.unit(row.unit)
            owners[row.unit] = "" if unit is None else unit.coi
        by_coi.setdefault(owners[row.unit], []).append(record_of(row))
    found: list[LabelAccount] = []
    for coi, records in by_coi.items():
        known = memory.therapy(transaction, coi)
        if known is not None:
            found.extend(accounts(known.state, records, wanted=lambda one: one.record is not None))
    return tuple(sorted(found, key=lambda one: not one.open))


def stock_at(
    transaction: Transaction, registry: RegistryState, site: str | None = None
) -> tuple[StockCount, ...]:
    """The counted sets of blank labels, of one site or of all."""
    return tuple(
        StockCount(
            stock.set,
            stock.site,
            stock.material.value,
            len(stock.units),
            sum(transaction.code(unit) is not None for unit in stock.units),
            len(stock.destroyed),
        )
        for stock in registry.stock.values()
        if site in (None, stock.site)
    )
