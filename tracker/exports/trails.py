"""The events of one chain or of many, chain after chain, as entries or as rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from schema.entry import REGISTRY
from schema.errors import InputError
from tracker.acts.memory import entries
from tracker.exports.rows import TrailRow, trail_rows
from tracker.exports.selection import Selection
from tracker.tracker import Tracker


@dataclass(frozen=True, slots=True)
class Trails:
    """What was asked for: which chains, and which of their events."""

    tracker: Tracker
    chains: Sequence[str]
    selection: Selection

    def rows(self) -> Iterator[TrailRow]:
        """The events in words."""
        registry = self.tracker.registry
        for chain in self.chains:
            known = None if chain == REGISTRY else self.tracker.read.therapy(coi=chain)
            with self.tracker.store.read() as transaction:
                found = entries(transaction, chain)
            rows = trail_rows(registry, known[1] if known else None, found)
            for entry, row in zip(found, rows, strict=True):
                if self.selection.takes(entry.statement):
                    yield row

    def bodies(self) -> Iterator[bytes]:
        """The stored bytes of the events, each the exact entry that was hashed."""
        wants_all = self.selection == Selection()
        for chain in self.chains:
            with self.tracker.store.read() as transaction:
                if wants_all:
                    yield from (body for _, _, body in transaction.bodies(chain))
                else:
                    found = entries(transaction, chain)
                    yield from (one.body for one in found if self.selection.takes(one.statement))


def chains_of(tracker: Tracker, codes: Iterable[str]) -> tuple[str, ...]:
    """The chains that codes stand for, any code of a therapy or `registry`; without codes every therapy."""
    found = tuple(dict.fromkeys(_chain_of(tracker, code) for code in codes))
    if found:
        return found
    with tracker.store.read() as transaction:
        return tuple(chain for chain in transaction.chains() if chain != REGISTRY)


def _chain_of(tracker: Tracker, code: str) -> str:
    if code == REGISTRY:
        return code
    lookup = tracker.read.lookup(code=code)
    if lookup.resolution.coi is None:
        raise InputError(
            lookup.resolution.note or f"{lookup.resolution.text[:40]} is no code of a therapy in this store.",
            remedy="Scan a code of the therapy, or take its id from `cartrail board`.",
            code="unknown_therapy",
        )
    return lookup.resolution.coi
