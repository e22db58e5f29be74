"""What an event costs at the end of a long chain, against the same at the end of a short one.

CPU time on a file system in memory: the state of a therapy is kept between requests, and an event that copied
all of it would cost more with each one. Run with `python -m tests.bench.bench_growth [events] [folder]`.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.bench_tracker import Through, prepared
from tests.bench.table import Row, show, size_and_folder

MEMORY = "/dev/shm"  # noqa: S108  no disk is behind it
EVENTS = 10_000
SHORT = 500
WINDOW = 50
NO_GROWTH = 1.1


def costs(through: Through, count: int) -> list[float]:
    """Microseconds of CPU for one event, in each window of so many events."""
    found = []
    for _ in range(count // WINDOW):
        began = time.process_time()
        through.record(WINDOW)
        found.append((time.process_time() - began) / WINDOW * 1e6)
    return found


def rows(arguments: Sequence[str]) -> Iterator[Row]:
    """One therapy whose bag goes into its tank and out again, until its chain has the events asked for."""
    events, base = size_and_folder(arguments, EVENTS)
    with tempfile.TemporaryDirectory(dir=base or (MEMORY if Path(MEMORY).is_dir() else None)) as place:
        through = Through(prepared(Path(place)))
        through.record(WINDOW)
        first = statistics.median(costs(through, SHORT))
        through.record(events - 2 * SHORT)
        last = statistics.median(costs(through, SHORT))
    yield Row(f"Tracker.record, CPU of an event in a chain of {SHORT}", first, "us")
    yield Row(f"Tracker.record, CPU of an event in a chain of {events:,}", last, "us")
    yield Row(f"an event in a chain of {events:,} over one of {SHORT}", last / first, "x", at_most=NO_GROWTH)


if __name__ == "__main__":
    show(rows(sys.argv[1:]))
