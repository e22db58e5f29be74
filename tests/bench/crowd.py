"""A store that grows to thousands of therapies: copies of its own, under new ids, in valid chains, unsigned.

What was there stays as it is, so that its people have something to do. What is multiplied is in no box, as
are most therapies that a store has ever seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count, cycle
from pathlib import Path

from tests.bench.bench_verify import Copies
from tests.support.stores import sqlite_url
from tracker.evidence.integration import integrate
from tracker.ledger.board import BoardFilter
from tracker.ledger.store import Store

BATCH = 40
EVER = datetime(2026, 1, 1, tzinfo=UTC)
"""However they stand, each therapy is counted once."""
SEED = 5000
"""Apart from the seeds that ids of tests are drawn with."""


class Crowd:
    """A store, and the therapies of it that are multiplied in turns; one named twice is twice as often."""

    def __init__(self, path: Path, cois: Sequence[str]) -> None:
        self.path = path
        with Store.open(self.url) as store, store.read() as transaction:
            # A position holds one unit, so copies lie in none: the demo gives them at its end.
            bodies = {
                coi: [body for _, _, body in transaction.bodies(coi) if b'"positions":' not in body]
                for coi in cois
            }
            self.therapies = sum(one.count for one in transaction.board_counts(BoardFilter(EVER, EVER)))
            self.entries = transaction.count()
        seeds = count(SEED + self.therapies)  # a store that is grown twice gets other ids
        copies = {coi: Copies(each, seed=next(seeds)) for coi, each in bodies.items()}
        self._kinds = cycle([copies[coi] for coi in cois])

    @property
    def url(self) -> str:
        """The address of the store."""
        return sqlite_url(self.path)

    def grow(self, *, therapies: int = 0, entries: int = 0) -> None:
        """Add therapies until there are so many, or so many entries; all of it in the log."""
        with Store.open(self.url) as store:
            while self.therapies < therapies or self.entries < entries:
                with store.begin() as transaction:
                    for _ in range(BATCH):
                        self.entries += next(self._kinds).append(transaction)
                        self.therapies += 1
            integrate(store)
