"""Measures of ten thousand therapies, beside reading the same rows with an ordinary JSON reader.

The histories are invented and put beside those of a demo.
Run with `python -m tests.bench.bench_measures [therapies]`.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import orjson

from tests.bench.table import Row, show
from tests.support.measured import invented_histories, put_histories
from tracker.demo.run import build_demo
from tracker.rules.measures.drawn import Grouping
from tracker.rules.measures.figures import MeasureWish
from tracker.tracker import Tracker

THERAPIES, TURNS = 10_000, 5
UNTIL = datetime(2026, 11, 1, 12, tzinfo=UTC)
ALL_RATIO, BY_MONTH_RATIO = 25, 35
"""Times the reading of the rows; with ten thousand therapies that is a second or two."""


def seconds(work: Callable[[], object]) -> float:
    """How long it takes once."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def rows(arguments: Sequence[str] = ()) -> Iterator[Row]:
    """Reading alone, all measures, and all by month, in turns; the middle one of each counts."""
    therapies = int(arguments[0]) if arguments else THERAPIES
    with tempfile.TemporaryDirectory() as place:
        demo = build_demo(folder=Path(place) / "demo", seed=7, until=UNTIL)
        tracker = Tracker.open(url=f"sqlite:///{demo.folder / 'cartrail.db'}")
        put_histories(tracker, invented_histories(therapies, UNTIL))

        def read() -> None:
            with tracker.store.read() as transaction:
                for row in transaction.histories():
                    orjson.loads(row.document)

        works = (
            read,
            lambda: tracker.read.measures(MeasureWish()),
            lambda: tracker.read.measures(MeasureWish(by=Grouping.MONTH)),
        )
        taken = [[seconds(work) for work in works] for _ in range(TURNS)]
        tracker.close()
    floor, everything, by_month = (statistics.median(column) for column in zip(*taken, strict=True))
    yield Row(f"{therapies:,} histories read as JSON", 1000 * floor, "ms")
    yield Row("all measures of them, times that", everything / floor, "x", at_most=ALL_RATIO)
    yield Row("all measures of them by month, times that", by_month / floor, "x", at_most=BY_MONTH_RATIO)


if __name__ == "__main__":
    show(rows(sys.argv[1:]))
