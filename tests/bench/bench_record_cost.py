"""What one recorded event costs: CPU time on a file system in memory, and pages of the write-ahead log.

Neither depends on the disk, and both repeat within a few percent on a quiet machine. The event is a bag that
goes into its tank and out again, without signature, as in bench_tracker.
Run with `python -m tests.bench.bench_record_cost [turns]`.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.bench_tracker import Through, prepared
from tracker.ledger.sqlite import connect
from tracker.tracker import Tracker

MEMORY = Path("/dev/shm")  # noqa: S108  the point is that no disk is behind it
TURNS = 10
SINGLE = 100
"""Events in a turn, each with a commit of its own: few enough that SQLite does not empty its log meanwhile."""

BATCH = 1000
_FRAME_HEADER = 24
_LOG_HEADER = 32


@dataclass(frozen=True, slots=True)
class Aim:
    """A row of the table: how much at most."""

    title: str
    microseconds: float
    pages: float | None = None


RECORD = Aim("Tracker.record, an event", 380, 10)
IN_BATCH = Aim(f"Tracker.batch of {BATCH:,}, an event", 250)


class Pages:
    """Pages written to the log of one file since they were last counted."""

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


@dataclass(slots=True)
class Costs:
    """What the turns of one row cost for each event."""

    aim: Aim
    microseconds: list[float]
    pages: list[float]

    def line(self) -> str:
        """The row: aim, figure, met or not."""
        cpu, pages = min(self.microseconds), statistics.median(self.pages)
        met = cpu <= self.aim.microseconds and (self.aim.pages is None or pages <= self.aim.pages)
        aim = f"<= {self.aim.microseconds:.0f} us" + (
            f", {self.aim.pages:.0f} pages" if self.aim.pages else ""
        )
        return (
            f"{self.aim.title:34} {aim:22} {cpu:6.0f} us  {pages:5.1f} pages   {'met' if met else 'not met'}"
        )


def measured(aim: Aim, pages: Pages, work: Callable[[], int], turns: int) -> Costs:
    """Do the work so many times; it gives how many events it recorded."""
    costs = Costs(aim, [], [])
    for _ in range(turns):
        pages.begin()
        began = time.process_time()
        count = work()
        costs.microseconds.append((time.process_time() - began) / count * 1e6)
        costs.pages.append(pages.count() / count)
    return costs


def single(through: Through) -> int:
    """Each event with a commit of its own."""
    through.record(SINGLE)
    return SINGLE


def batch(through: Through, tracker: Tracker) -> int:
    """All events in one commit."""
    with tracker.batch():
        through.record(BATCH)
    return BATCH


def main() -> None:
    """Print both rows."""
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else TURNS
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as place:
        journey = prepared(Path(place))
        through, pages = Through(journey), Pages(Path(place) / "cartrail.db")
        through.record(SINGLE)
        tracker = journey.network.tracker
        print(measured(RECORD, pages, lambda: single(through), turns).line())
        few = max(3, turns // 3)
        print(measured(IN_BATCH, pages, lambda: batch(through, tracker), few).line())


if __name__ == "__main__":
    main()
