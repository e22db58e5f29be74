"""Integration: entries recorded on many stations at once become the leaves of one tree, in one order.

It runs outside the recording path and takes whatever waits, never what lies above some number: an entry that
was numbered early and committed late waits just the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from schema.entry import REGISTRY
from schema.errors import IntegrityFailure
from tracker.ledger.log import clashes_told
from tracker.ledger.retry import retrying
from tracker.ledger.store import Store
from tracker.ledger.transaction import Transaction
from tracker.ledger.tree import EMPTY_ROOT, Node, leaf_hash
from tracker.ledger.waiting import PendingLeaf, Place

LEAVES_MAX: Final = 4096
"""Leaves in one transaction: on SQLite recording waits for it, so it is to last a fraction of a second."""

GROWTH: Final = "log"
"""The shared row that integrators raise, so that of two at once the later one reads again."""


@dataclass(frozen=True, slots=True)
class IntegrationResult:
    """The tree after integration, and how many entries still wait."""

    tree_size: int
    root: str
    added: int
    held: int = 0
    """Entries left waiting, since their chain has a hole before them; verification names it."""


@dataclass(frozen=True, slots=True)
class _Reach:
    """How far the queue was read: past what is held back, which would be read again for ever."""

    registry: int
    after: Place

    def past(self, place: Place) -> _Reach:
        if place.chain == REGISTRY:
            return _Reach(place.sequence, self.after)
        return _Reach(self.registry, place)


_START: Final = _Reach(-1, Place("", -1))


@dataclass(frozen=True, slots=True)
class _Part:
    """What one transaction did."""

    tree_size: int
    root: bytes
    added: int
    held: int
    reach: _Reach | None
    """Where to go on; None at the end of the queue."""


def integrate(store: Store, *, leaves_max: int = LEAVES_MAX) -> IntegrationResult:
    """Take in all that waits, in transactions of so many leaves; raises StoreBusy when others always win."""
    added = held = 0
    reach: _Reach | None = _START
    part = _Part(0, EMPTY_ROOT, 0, 0, None)
    while reach is not None:
        part = retrying(_taking(store, reach, leaves_max))
        added, held, reach = added + part.added, held + part.held, part.reach
    return IntegrationResult(part.tree_size, part.root.hex(), added, held)


def _taking(store: Store, reach: _Reach, leaves_max: int) -> Callable[[], _Part]:
    def take() -> _Part:
        with store.read() as transaction:
            # Most of the time nothing waits, and asking that should not make recording wait.
            if not transaction.pending_leaves(1, reach.registry, reach.after):
                size = transaction.tree_size()
                return _Part(size, transaction.frontier(size).root(), 0, 0, None)
        with clashes_told(), store.begin() as transaction:
            transaction.bump(GROWTH, transaction.version(GROWTH))
            return _take_in(transaction, reach, leaves_max)

    return take


def _take_in(transaction: Transaction, reach: _Reach, leaves_max: int) -> _Part:
    waiting = transaction.pending_leaves(leaves_max, reach.registry, reach.after)
    size = transaction.tree_size()
    frontier = transaction.frontier(size)
    places: list[Place] = []
    full: list[tuple[Node, bytes]] = []
    held = 0
    for chain, run in groupby(waiting, key=lambda row: row.place.chain):
        ready, left = _parted(list(run))
        for row in ready:
            if not row.taken:
                full += frontier.append(_hash_of(row))
                places.append(row.place)
        if ready:
            transaction.take_off(chain, ready[0].place.sequence, ready[-1].place.sequence)
        if left:
            held += len(left)
            reach = reach.past(left[-1].place)
    transaction.add_leaves(size, places, full)
    # A full page may have more behind it; what was taken is off the queue, so the same page is read again.
    return _Part(
        frontier.size, frontier.root(), len(places), held, reach if len(waiting) == leaves_max else None
    )


def _parted(run: Sequence[PendingLeaf]) -> tuple[Sequence[PendingLeaf], Sequence[PendingLeaf]]:
    """A chain's waiting entries, parted before the first that has a hole before it or is gone itself."""
    expected = run[0].place.sequence
    if not (run[0].follows or run[0].taken):
        return (), run
    for count, row in enumerate(run):
        if row.body is None or row.place.sequence != expected + count:
            return run[:count], run[count:]
    return run, ()


def _hash_of(row: PendingLeaf) -> bytes:
    """The leaf hash of the entry's bytes; raises IntegrityFailure where the stored digest is not theirs."""
    found = leaf_hash(row.body if isinstance(row.body, bytes) else b"")
    if found.hex() != row.digest:
        raise IntegrityFailure(
            f"Entry {row.place.sequence} of {row.place.chain} has the digest {found.hex()}, but {row.digest}"
            " is stored with it: it was changed before the log took it in."
        )
    return found
