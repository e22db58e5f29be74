"""What one recorded event costs: CPU time on a file system in memory, and pages of the write-ahead log.

Neither depends on the disk, and both repeat within a few percent on a quiet machine. The event is a bag that
goes into its tank and out again, without signature, as in bench_tracker.

The pages and the CPU of a batch are above their aims, and this is where they go.

In shares of one event in a batch: gathering what it is judged by 16, judging 27 (of which the step itself
21), the limits that its entry carries 4, making the entry's bytes and digests 8, reading them back as
verification does 6, the next state 3, rows of the read tables 10, SQL in all 17 (14 statements), taking the
request in 4. An event of its own has no savepoint, and adds a seventh: turn, begin, commit, and three looks
whether the files are still those at the path. No part stands out: it is Python calling Python.

Of some 12.9 pages: custody_event 1.3 and its three indexes 1.1, 1.3 and 1.7, request_answer 1.6,
log_pending 1, therapy 1, unit 1 and the two of its indexes in which a bag moves when it is put away 2,
shared_row 0.5, the head of the file when it grows 0.4.

Left: the index of statement digests, which only receipts ask for, could be filled when the tree takes an
entry in (-1.5 pages); the column would move to log_leaf, and what compares it in verification with it. A
CHECK for hex digits by GLOB is 1.5 us cheaper for each column, but takes text behind a zero byte.
Statements and entries as structs would save some 5 us. A custody_event without rowids writes more, not
less.

Run with `python -m tests.bench.bench_record_cost [turns]`.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.bench_tracker import Through, prepared
from tests.bench.table import Row, show, size_and_folder
from tracker.ledger.sqlite import connect
from tracker.tracker import Tracker

MEMORY = Path("/dev/shm")  # noqa: S108  the point is that no disk is behind it
TURNS = 30
WINDOW = 25
"""Events timed together. The cheapest window counts: what else the machine does makes the others dearer."""

BATCH = 1000
SINGLE_US = 380
BATCH_US = 250
JUDGING = 1.25
"""The aims are of a program that judged little; what it judges since may cost a quarter more."""

_FRAME_HEADER = 24
_LOG_HEADER = 32


class Pages:
    """Pages written to the log of one file since it was emptied."""

    def __init__(self, path: Path) -> None:
        self._connection = connect(path, read_only=False, timeout=10)
        self._page = int(self._connection.execute("PRAGMA page_size").fetchone()[0])
        self._log = Path(f"{path}-wal")

    def begin(self) -> None:
        """Empty the log."""
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def count(self) -> int:
        """Pages in the log."""
        size = self._log.stat().st_size - _LOG_HEADER
        return max(0, size) // (self._page + _FRAME_HEADER)


def timed(through: Through) -> float:
    """Microseconds of CPU for one event of a window."""
    began = time.process_time()
    through.record(WINDOW)
    return (time.process_time() - began) / WINDOW * 1e6


def single(through: Through, pages: Pages, turns: int) -> Iterator[Row]:
    """Each event with a commit of its own; SQLite does not empty its log within a window."""
    times, counts = [], []
    for _ in range(turns):
        pages.begin()
        times.append(timed(through))
        counts.append(pages.count() / WINDOW)
    title = f"Tracker.record, CPU of an event ({_allowed(SINGLE_US)})"
    yield Row(title, min(times), "us", at_most=SINGLE_US * JUDGING)
    yield Row("Tracker.record, WAL pages of an event", statistics.median(counts), "pages", at_most=10)


def batch(through: Through, tracker: Tracker) -> Iterator[Row]:
    """All events in one commit."""
    with tracker.batch():
        times = [timed(through) for _ in range(BATCH // WINDOW)]
    title = f"Tracker.batch of {BATCH:,}, CPU of an event ({_allowed(BATCH_US)})"
    yield Row(title, min(times), "us", at_most=BATCH_US * JUDGING)


def _allowed(aim: int) -> str:
    return f"{aim} us, {JUDGING - 1:.0%} more for judging"


def rows(arguments: Sequence[str]) -> Iterator[Row]:
    """CPU and pages of single events, CPU of events in a batch."""
    turns, _ = size_and_folder(arguments, TURNS)
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as place:
        journey = prepared(Path(place))
        through, pages = Through(journey), Pages(Path(place) / "cartrail.db")
        yield from single(through, pages, turns)
        yield from batch(through, journey.network.tracker)


if __name__ == "__main__":
    show(rows(sys.argv[1:]))
