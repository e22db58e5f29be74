"""The first search on a store that was never searched: how long recording waits while its index is filled.

A writer takes a short turn again and again, while another thread fills the index.
Run with `python -m tests.bench.bench_search [entries] [folder]`.
"""

import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.crowd import Crowd
from tests.bench.table import Row, show, size_and_folder
from tracker.demo.run import build_demo
from tracker.ledger.store import Store
from tracker.tracker import Tracker

ENTRIES = 30_000
WAIT_MS = 20
PAUSE_SECONDS = 0.005


def longest_wait(url: str, filling: threading.Thread) -> tuple[float, int]:
    """The longest that a writer waited while the thread ran, in milliseconds, and how many there were."""
    longest, turns = 0.0, 0
    with Store.open(url) as store:
        while filling.is_alive():
            began = time.perf_counter()
            with store.begin():
                longest = max(longest, (time.perf_counter() - began) * 1000)
            turns += 1
            time.sleep(PAUSE_SECONDS)
    return longest, turns


def rows(arguments: Sequence[str]) -> Iterator[Row]:
    """The wait of writers, and how fast the index is filled."""
    wanted, folder = size_and_folder(arguments, ENTRIES)
    with tempfile.TemporaryDirectory(dir=folder) as name:
        demo = build_demo(folder=Path(name) / "demo")
        path = Path(name) / "many.db"
        shutil.copyfile(demo.folder / "cartrail.db", path)
        crowd = Crowd(path, [one.coi for one in demo.therapies])
        crowd.grow(entries=wanted)
        tracker = Tracker.open(url=crowd.url)
        filling = threading.Thread(target=tracker.audit.update_index)
        began = time.perf_counter()
        filling.start()
        longest, turns = longest_wait(crowd.url, filling)
        filling.join()
        took = time.perf_counter() - began
        tracker.close()
        yield Row(
            f"first search, {crowd.entries:,} entries: longest wait of {turns} writers",
            longest,
            "ms",
            at_most=WAIT_MS,
        )
        yield Row("the index is filled", crowd.entries / took, "entries/s")


if __name__ == "__main__":
    show(rows(sys.argv[1:]))
