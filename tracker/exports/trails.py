"""The events of one chain or of many, chain after chain, as entries or as rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from schema.entry import REGISTRY
from schema.errors import InputError
from tracker.exports.rows import TrailRow, trail_rows
from tracker.exports.selection import Selection
from tracker.protocols.model import Protocol
from tracker.tracker import Tracker
from tracker.views.as_of import AsOf, Known, known, known_registry, require_reached
from tracker.views.models import notice


@dataclass(frozen=True, slots=True)
class Trails:
    """What was asked for: which chains, which of their events, and as of when."""

    tracker: Tracker
    chains: Sequence[str]
    selection: Selection
    as_of: AsOf | None = None

    def rows(self) -> Iterator[TrailRow]:
        """The events in words, by the names that people and places had then."""
        registry = self.tracker.registry
        if self.as_of is not None:
            with self.tracker.store.read() as transaction:
                require_reached(transaction, self.as_of, self.tracker.clock.now())
                registry = known_registry(transaction, self.as_of)
        for chain in self.chains:
            found = self.known(chain)
            rows = trail_rows(registry, self.protocol(chain, found), found.entries, self.notice_of(found))
            for entry, row in zip(found.entries, rows, strict=True):
                if self.selection.takes(entry.statement):
                    yield row

    def bodies(self) -> Iterator[bytes]:
        """The stored bytes of the events: the entries that were hashed, with the statements as signed."""
        wants_all = self.selection == Selection() and self.as_of is None
        for chain in self.chains:
            if wants_all:
                with self.tracker.store.read() as transaction:
                    yield from (body for _, _, body in transaction.bodies(chain))
            else:
                found = self.known(chain).entries
                yield from (one.body for one in found if self.selection.takes(one.statement))

    def notice(self) -> str | None:
        """That this is an earlier state, over all chains; raises InputError for one that never was."""
        if self.as_of is None:
            return None
        with self.tracker.store.read() as transaction:
            require_reached(transaction, self.as_of, self.tracker.clock.now())
        return notice(self.as_of, sum(self.known(chain).later for chain in self.chains))

    def notice_of(self, found: Known) -> str:
        """That these are the entries of an earlier state of their chain; empty for the record as it is."""
        return "" if self.as_of is None else notice(self.as_of, found.later)

    def known(self, chain: str) -> Known:
        """The entries of a chain that were known."""
        with self.tracker.store.read() as transaction:
            return known(transaction, chain, self.as_of)

    def protocol(self, chain: str, found: Known) -> Protocol | None:
        """The protocol that the therapy ran by then."""
        if chain == REGISTRY or not found.entries:
            return None
        if self.as_of is not None:
            return self.tracker.read.trail(coi=chain, as_of=self.as_of).protocol
        now = self.tracker.read.therapy(coi=chain)
        return None if now is None else now[1]


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
