"""The trail of one therapy and the first page of the board as the store grows, against themselves at 10,000.

Both stores are asked in turns, so that what else runs hits both.
Run with `python -m tests.bench.bench_board [entries] [folder]`; a million take some minutes to make.
"""

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.bench.crowd import Crowd
from tests.bench.table import Row, show, size_and_folder
from tracker.demo.run import build_demo
from tracker.tracker import Tracker

SMALL, ENTRIES, TURNS = 10_000, 100_000, 60
SETTLED = ("closed", "canceled", "released out", "tested", "made", "just enrolled")


def spent(ask: Callable[[Tracker], object], tracker: Tracker) -> float:
    """How long a question takes, in milliseconds."""
    began = time.perf_counter()
    ask(tracker)
    return (time.perf_counter() - began) * 1000


def rows(arguments: Sequence[str]) -> Iterator[Row]:
    """The median ratio of each question, and what it costs."""
    wanted, folder = size_and_folder(arguments, ENTRIES)
    with tempfile.TemporaryDirectory(dir=folder) as name:
        demo = build_demo(folder=Path(name) / "demo")
        closed = next(one.coi for one in demo.therapies if one.outcome == "closed")
        kinds = [one.coi for one in demo.therapies if one.outcome.startswith(SETTLED)]
        few, many = Path(name) / "few.db", Path(name) / "many.db"
        for path in (few, many):
            shutil.copyfile(demo.folder / "cartrail.db", path)
        small, grown = Crowd(few, kinds), Crowd(many, kinds)
        for store, entries in ((small, SMALL), (grown, wanted)):
            store.grow(entries=entries)
        little, large = (Tracker.open(url=one.url, read_only=True) for one in (small, grown))
        for title, ask, aim in (
            ("trail of one therapy", lambda tracker: tracker.read.trail(coi=closed), 2.0),
            ("first page of the board", lambda tracker: tracker.read.board_page(limit=50), 1.5),
            ("counts over the board", lambda tracker: tracker.read.board_counts(), None),
        ):
            pairs = [(spent(ask, little), spent(ask, large)) for _ in range(TURNS)]
            ratio = statistics.median(most / least for least, most in pairs)
            least, most = (statistics.median(column) for column in zip(*pairs, strict=True))
            sizes = f"{grown.entries:,} entries against {small.entries:,}"
            yield Row(f"{title}, {sizes}", ratio, "x", at_most=aim)
            yield Row(f"{title}, {grown.entries:,} entries", most, "ms")
            yield Row(f"{title}, {small.entries:,} entries", least, "ms")


if __name__ == "__main__":
    show(rows(sys.argv[1:]))
