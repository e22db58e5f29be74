"""States of chains kept in memory and brought up to the stored head: replay costs only what is new."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from schema.entry import REGISTRY, Entry, Head, stored_entry
from schema.errors import IntegrityFailure
from tracker.ledger.transaction import Transaction
from tracker.registry.evolve import evolve_registry
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.evolve import evolve

if TYPE_CHECKING:
    from tracker.acts.kept_registry import KeptRegistry

THERAPIES_KEPT = 4_000
"""Some 45 kB each: every therapy that calls for somebody, in a network with a fifth of 10,000 not in order.

Alerts read them in turn, so with fewer kept than there are, each look would read every chain again.
"""


class Tip(Struct, frozen=True):
    """The end of a chain as it was last read."""

    head: Head
    recorded_at: datetime
    judged_at: int
    """The sequence of the registry head that the entry names; in the registry of the entry before it."""

    @classmethod
    def of(cls, entry: Entry) -> Tip:
        """The tip that an entry makes."""
        named = entry.sequence - 1 if entry.registry is None else entry.registry.sequence
        return cls(entry.head, entry.recorded_at, named)


class KnownTherapy(Struct, frozen=True):
    """A therapy's state with the head it reflects."""

    tip: Tip
    state: TherapyState


class KnownRegistry(Struct, frozen=True):
    """The registry's state with the head it reflects."""

    tip: Tip
    state: RegistryState


class StateCache:
    """What one process knows of the chains; the stored head always decides whether it still holds."""

    def __init__(self, kept: KeptRegistry | None = None) -> None:
        self._kept = kept
        """Where a long registry lies beside the store; None where every process replays it."""

        self._lock = threading.Lock()
        self._registry: KnownRegistry | None = None
        self._therapies: OrderedDict[str, KnownTherapy] = OrderedDict()

    def registry(self, transaction: Transaction) -> KnownRegistry:
        """The registry as this transaction sees it; raises IntegrityFailure when it cannot be read."""
        with self._lock:
            known = self._registry
        head = transaction.head(REGISTRY)
        if head is None:
            raise IntegrityFailure("This store has no registry: it was never founded.")
        if known is None and self._kept is not None:
            known = self._kept.load(transaction, head)
        if known is not None and known.tip.head == head:
            return self._remember(known)
        newer = _newer(transaction, REGISTRY, known.tip if known else None)
        state = known.state if known is not None and newer.continues else RegistryState()
        for entry in newer.entries:
            state = evolve_registry(state, entry.sequence, entry.statement)
        fresh = KnownRegistry(newer.tip, state)
        if self._kept is not None:
            self._kept.keep(transaction, fresh, replayed=len(newer.entries))
        return self._remember(fresh)

    def _remember(self, known: KnownRegistry) -> KnownRegistry:
        with self._lock:
            self._registry = known
        return known

    def therapy(self, transaction: Transaction, coi: str) -> KnownTherapy | None:
        """A therapy as this transaction sees it; None when there is no such chain."""
        with self._lock:
            known = self._therapies.get(coi)
        head = transaction.head(coi)
        if head is None:
            return None
        if known is not None and known.tip.head == head:
            return known
        newer = _newer(transaction, coi, known.tip if known else None)
        state = known.state if known is not None and newer.continues else None
        for entry in newer.entries:
            state = evolve(state, entry.sequence, entry.statement)
        if state is None:
            raise IntegrityFailure(f"The chain {coi} does not begin with an enrolment.")
        return self.keep(KnownTherapy(newer.tip, state))

    def keep(self, known: KnownTherapy) -> KnownTherapy:
        """Remember a therapy; the least recently used one is forgotten."""
        with self._lock:
            self._therapies[known.state.coi] = known
            self._therapies.move_to_end(known.state.coi)
            while len(self._therapies) > THERAPIES_KEPT:
                self._therapies.popitem(last=False)
        return known

    def forget(self) -> None:
        """Drop everything, after a transaction was undone."""
        with self._lock:
            self._registry = None
            self._therapies.clear()


@dataclass(frozen=True, slots=True)
class _Newer:
    """What a chain holds beyond what was known, or all of it."""

    entries: list[Entry]
    continues: bool
    tip: Tip


def _newer(transaction: Transaction, chain: str, tip: Tip | None) -> _Newer:
    """The entries after a tip; all of them when the tip was undone and another entry took its place."""
    found = entries(transaction, chain, tip.head.sequence if tip else -1)
    continues = tip is not None and bool(found) and found[0].previous == tip.head.digest
    if tip is not None and not continues:
        found = entries(transaction, chain)
    if not found:
        raise IntegrityFailure(f"The entries of {chain} are gone.")
    return _Newer(found, continues, Tip.of(found[-1]))


def entries(transaction: Transaction, chain: str, after: int = -1) -> list[Entry]:
    """The entries of a chain; raises IntegrityFailure naming the one that cannot be read."""
    found: list[Entry] = []
    for sequence, _, body in transaction.bodies(chain, after):
        found.append(stored_entry(body, chain, sequence))
    return found
