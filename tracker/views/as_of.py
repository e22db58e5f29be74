"""The record as it was known at a time, or as the log of a size holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from schema.entry import REGISTRY, Entry
from schema.errors import InputError
from tracker.acts.state_cache import entries
from tracker.ledger.transaction import Transaction
from tracker.registry.evolve import evolve_registry
from tracker.rules.registry_state import RegistryState
from tracker.views.models import AsOf


@dataclass(frozen=True, slots=True)
class Known:
    """The entries of a chain that were known then, and how many came later."""

    entries: tuple[Entry, ...]
    later: int = 0


def require_reached(transaction: Transaction, as_of: AsOf, now: datetime) -> None:
    """Raise InputError for a time that has not come, or a size that the log does not have yet."""
    size = transaction.tree_size()
    if as_of.recorded_by is not None and as_of.recorded_by > now:
        raise InputError(
            f"{as_of} has not come yet: what will be known then nobody can show.",
            remedy="Leave --as-of out for the record as it stands.",
            code="as_of_ahead",
        )
    if as_of.tree_size is not None and as_of.tree_size > size:
        raise InputError(
            f"The log has {size} entries, not {as_of.tree_size}.",
            remedy="If a head on paper says that size, check it with `cartrail verify --head CODE`.",
            code="as_of_ahead",
        )


def known(transaction: Transaction, chain: str, as_of: AsOf | None) -> Known:
    """A chain's entries that were known then; they are always its first ones."""
    found = entries(transaction, chain)
    if as_of is None:
        return Known(tuple(found))
    count = _count_of(transaction, found, as_of)
    return Known(tuple(found[:count]), len(found) - count)


def known_registry(transaction: Transaction, as_of: AsOf) -> RegistryState:
    """People, places and keys as they were known then."""
    state = RegistryState()
    for entry in known(transaction, REGISTRY, as_of).entries:
        state = evolve_registry(state, entry.sequence, entry.statement)
    return state


def _count_of(transaction: Transaction, found: list[Entry], as_of: AsOf) -> int:
    """How many of a chain's entries come first; times and leaves never go back within a chain."""
    low, high = 0, len(found)
    while low < high:
        middle = (low + high) // 2
        if _was_known(transaction, found[middle], as_of):
            low = middle + 1
        else:
            high = middle
    return low


def _was_known(transaction: Transaction, entry: Entry, as_of: AsOf) -> bool:
    if as_of.recorded_by is not None:
        return entry.recorded_at <= as_of.recorded_by
    leaf = transaction.leaf_of(entry.statement.chain, entry.sequence)
    return leaf is not None and leaf < (as_of.tree_size or 0)
