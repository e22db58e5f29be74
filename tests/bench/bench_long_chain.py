"""One chain of 10,000 entries: what the state after one more entry costs, at its end and at its beginning.

Run with `python -m tests.bench.bench_long_chain [entries]`.
"""

import itertools
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from schema.entry import Statement
from tests.bench.bench_tracker import Through, prepared
from tests.bench.table import Row, show, size_and_folder
from tracker.acts.state_cache import entries
from tracker.therapy.evolve import evolve

ENTRIES = 10_000
WINDOW = 100


def statements(place: Path, wanted: int) -> Iterator[Statement]:
    """A real therapy, whose bag then goes into its tank and out again until the end."""
    journey = prepared(place)
    through = Through(journey)
    through.record(2)
    with journey.network.tracker.store.read() as transaction:
        made = [entry.statement for entry in entries(transaction, journey.coi)]
    yield from made
    for number, again in zip(range(len(made), wanted), itertools.cycle(made[-2:]), strict=False):
        event_id = str(UUID(int=number << 80 | 7 << 76 | 2 << 62))
        statement = replace(again, event_id=event_id, act=event_id)
        # Its digest stands in the state, and is there already when something is recorded.
        assert statement.digest
        yield statement


def rows(arguments: Sequence[str]) -> Iterator[Row]:
    """The cheapest window at each end, and their ratio."""
    wanted, base = size_and_folder(arguments, ENTRIES)
    with tempfile.TemporaryDirectory(dir=base) as place:
        chain = list(enumerate(statements(Path(place), wanted)))
    state, times = None, []
    for first in range(0, wanted, WINDOW):
        began = time.process_time()
        for sequence, statement in chain[first : first + WINDOW]:
            state = evolve(state, sequence, statement)
        times.append((time.process_time() - began) / WINDOW * 1e6)
    # The first window holds steps of other kinds.
    begin, end = min(times[1:11]), min(times[-10:])
    yield Row("state after one more entry, chain of 1,000", begin, "us")
    yield Row(f"state after one more entry, chain of {wanted:,}", end, "us")
    yield Row("... the one over the other", end / begin, "x", at_most=1.1)


if __name__ == "__main__":
    show(rows(sys.argv[1:]))
