"""How long recording waits while the first search of a store reads what its log names.

Another process asks for the right to write again and again, as a station does that records.
Run with `python -m tests.bench.bench_search [entries] [folder]`.
"""

import multiprocessing
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from multiprocessing.synchronize import Event
from pathlib import Path

from tests.bench.bench_verify import filled
from tests.bench.table import Row, show, size_and_folder
from tests.support.bundles import new_hall
from tests.support.stores import sqlite_url
from tracker.acts.mentions import fill_mentions
from tracker.ledger.store import Store

ENTRIES = 20_000
WAIT_MS = 20
SPAWN = multiprocessing.get_context("spawn")


def writes(path: Path, ready: Event, done: Event, answers: "multiprocessing.Queue[list[float]]") -> None:
    """Milliseconds until a writer was let in, each time it asked."""
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    waits: list[float] = []
    ready.set()
    while not done.is_set():
        began = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        waits.append((time.perf_counter() - began) * 1000)
        connection.execute("ROLLBACK")
        time.sleep(0.001)
    answers.put(waits)


def rows(arguments: Sequence[str]) -> Iterator[Row]:
    """The waits of a writer, and how long the first search takes."""
    wanted, base = size_and_folder(arguments, ENTRIES)
    with tempfile.TemporaryDirectory(dir=base) as name:
        hall, path = new_hall(Path(name) / "demo"), Path(name) / "store.db"
        count = filled(hall, path, wanted)
        hall.tracker.close()
        ready, done = SPAWN.Event(), SPAWN.Event()
        answers: multiprocessing.Queue[list[float]] = SPAWN.Queue()
        writer = SPAWN.Process(target=writes, args=(path, ready, done, answers))
        writer.start()
        ready.wait()
        with Store.open(sqlite_url(path)) as store:
            began = time.perf_counter()
            fill_mentions(store)
            took = time.perf_counter() - began
        done.set()
        waits = sorted(answers.get())
        writer.join()
    yield Row(f"first search of {count:,} entries, each", took / count * 1e6, "us")
    yield Row("a writer waits meanwhile, p95", waits[len(waits) * 95 // 100], "ms", at_most=WAIT_MS)
    yield Row("a writer waits meanwhile, at most", waits[-1], "ms")


if __name__ == "__main__":
    show(rows(sys.argv[1:]))
