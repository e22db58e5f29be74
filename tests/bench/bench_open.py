"""Opening a store whose registry has 10,000 entries: replayed, and as the file beside the keys has it.

CPU time in one process that has loaded the program.
Run with `python -m tests.bench.bench_open [entries] [folder]`.
"""

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from schema.entry import REGISTRY, Entry
from tests.bench.bench_tracker import prepared
from tests.bench.table import Row, show, size_and_folder
from tracker.acts.kept_registry import KeptRegistry
from tracker.acts.state_cache import StateCache, entries
from tracker.ledger.store import Store

ENTRIES = 10_000
TURNS = 5
_OF_PEOPLE = ("person_added", "role_granted")


def lengthened(store: Store, wanted: int) -> None:
    """Add people and grants like those that are there, until the registry has so many entries."""
    with store.begin() as transaction:
        found = entries(transaction, REGISTRY)
        like = [next(one for one in found if one.statement.kind == kind) for kind in _OF_PEOPLE]
        last = found[-1]
        for number in range(len(found), wanted):
            last = _another(like[number % 2], last, number)
            transaction.append([last])


def _another(like: Entry, last: Entry, number: int) -> Entry:
    event_id = str(UUID(int=number << 80 | 7 << 76 | 2 << 62))
    payload = like.statement.payload.model_copy(update={"staff": f"PERSON-{number // 2}"})
    statement = replace(like.statement, event_id=event_id, act=event_id, payload=payload)
    return Entry(last.sequence + 1, last.digest, None, last.recorded_at, statement)


def milliseconds(store: Store, kept: KeptRegistry | None) -> float:
    """CPU until the registry is known, the best of some turns."""
    found = []
    for _ in range(TURNS):
        began = time.process_time()
        with store.read() as transaction:
            StateCache(kept).registry(transaction)
        found.append(time.process_time() - began)
    return min(found) * 1000


def rows(arguments: Sequence[str]) -> Iterator[Row]:
    """Both ways."""
    wanted, base = size_and_folder(arguments, ENTRIES)
    with tempfile.TemporaryDirectory(dir=base) as place:
        store = prepared(Path(place)).network.tracker.store
        lengthened(store, wanted)
        yield Row(f"registry of {wanted:,} entries replayed", milliseconds(store, None), "ms")
        kept = KeptRegistry(Path(place) / "registry")
        yield Row(f"open with {wanted:,} registry entries", milliseconds(store, kept), "ms", at_most=50)


if __name__ == "__main__":
    show(rows(sys.argv[1:]))
