"""What one recorded event costs: CPU time on a file system in memory, and pages of the write-ahead log.

Neither depends on the disk, and both repeat within a few percent on a quiet machine. The event is a bag that
goes into its tank and out again, without signature, as in bench_tracker.
Run with `python -m tests.bench.bench_record_cost [turns]`.
"""

import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench.bench_tracker import Through, prepared
from tracker.ledger.sqlite import connect
from tracker.tracker import Tracker

MEMORY = Path("/dev/shm")  # noqa: S108  the point is that no disk is behind it
TURNS = 30
WINDOW = 25
"""Events timed together. The cheapest window counts: what else the machine does makes the others dearer."""

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


def timed(through: Through) -> float:
    """Microseconds of CPU for one event of a window."""
    began = time.process_time()
    through.record(WINDOW)
    return (time.process_time() - began) / WINDOW * 1e6


def single(through: Through, pages: Pages, turns: int) -> Costs:
    """Each event with a commit of its own; SQLite does not empty its log within a window."""
    costs = Costs(RECORD, [], [])
    for _ in range(turns):
        pages.begin()
        costs.microseconds.append(timed(through))
        costs.pages.append(pages.count() / WINDOW)
    return costs


def batch(through: Through, pages: Pages, tracker: Tracker) -> Costs:
    """All events in one commit."""
    pages.begin()
    with tracker.batch():
        times = [timed(through) for _ in range(BATCH // WINDOW)]
    return Costs(IN_BATCH, times, [pages.count() / BATCH])


def main() -> None:
    """Print both rows."""
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else TURNS
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as place:
        journey = prepared(Path(place))
        through, pages = Through(journey), Pages(Path(place) / "cartrail.db")
        print(single(through, pages, turns).line())
        print(batch(through, pages, journey.network.tracker).line())


if __name__ == "__main__":
    main()
