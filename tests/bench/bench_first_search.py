"""The first search on a store that was never searched: how long those who record wait for it.

It indexes the whole log in pieces; while a piece is written nobody records on SQLite.
Run with `python -m tests.bench.bench_first_search [entries] [folder]`.
"""

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.bench.bench_verify import filled
from tests.bench.table import Row, show, size_and_folder
from tests.support.bundles import new_hall
from tests.support.stores import sqlite_url
from tracker.acts.mentions import fill_mentions
from tracker.ledger.store import Store
from tracker.ledger.transaction import Transaction

ENTRIES = 20_000


class Watched(Store):
    """A store that notes how long each of its writing transactions took, commit and all."""

    held: list[float]

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """As ever, and timed."""
        began = time.perf_counter()
        with super().begin() as transaction:
            yield transaction
        self.held.append(time.perf_counter() - began)


def rows(arguments: Sequence[str]) -> Iterator[Row]:
    """What one piece takes, and the whole."""
    wanted, base = size_and_folder(arguments, ENTRIES)
    with tempfile.TemporaryDirectory(dir=base) as place:
        path = Path(place) / "store.db"
        count = filled(new_hall(Path(place) / "hall"), path, wanted)
        with Watched.open(sqlite_url(path)) as store:
            assert isinstance(store, Watched)
            store.held = []
            began = time.process_time()
            assert fill_mentions(store) == count
            cpu = time.process_time() - began
        held = sorted(store.held)
        yield Row("first search: writers wait, median piece", held[len(held) // 2] * 1000, "ms", at_most=20)
        yield Row("first search: writers wait, longest piece", held[-1] * 1000, "ms")
        yield Row("first search: CPU of an entry", cpu / count * 1e6, "us")


if __name__ == "__main__":
    show(rows(sys.argv[1:]))
