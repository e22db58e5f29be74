"""A logger's file of a million readings, read and judged, against `csv.reader` over the same bytes.

Run with `python -m tests.bench.bench_readings [readings]`.
"""

import csv
import gc
import io
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import BinaryIO

from tests.bench.table import Row, show
from tracker.readings.judge import Before, Bounds, Stay, found_in, verdict_of
from tracker.readings.packing import digest_of
from tracker.readings.reading import read
from tracker.readings.values import Declared
from tracker.therapy.conditions.logger_file import file_of as file_of_request
from tracker.therapy.conditions.logger_file import packed_file, packed_of

READINGS = 1_000_000
TIMES_CSV, MEGABYTES, ROUNDS = 6, 60, 5
BEGAN = datetime(2020, 1, 1, tzinfo=UTC)


def file_of(readings: int) -> bytes:
    """A HOBO file with a reading a minute, cold and now and then warmer than -150 C."""
    head = '"Plot Title: bench"\n"#","Date Time, GMT+00:00","Temp, °C (LGR S/N: 1, SEN S/N: 1)"\n'
    lines = [head]
    for number in range(readings):
        at = BEGAN + timedelta(minutes=number)
        degrees = -190 + (number * 7919 % 400) / 10 + (5 if number % 5_000 < 3 else 0)
        lines.append(f"{number + 1},{at:%m/%d/%y %I:%M:%S %p},{degrees:.3f}\n")
    return "".join(lines).encode()


def by_csv(content: bytes) -> None:
    """The floor: each line split into its cells, and nothing else."""
    for _ in csv.reader(io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline="")):
        pass


def by_us(content: bytes) -> None:
    """Read, and held against a band from the first reading to the last."""
    judged(io.BytesIO(content))


def as_asked(packed: str) -> None:
    """The same of the file that a request carries, packed, with what is kept of it."""
    with file_of_request(packed) as stream:
        judged(stream)
    digest_of(packed_of(packed))


def judged(stream: BinaryIO) -> None:
    """Every reading of a file, and what it says of cells beside it."""
    _, readings = read(stream, Declared(), BEGAN + timedelta(days=3_000))
    bounds = Bounds(None, Decimal(-150))
    found = found_in(readings, [Stay(readings.first_at, readings.last_at)], bounds)
    verdict_of(found, bounds, Before())


def seconds(work: Callable[[bytes], None], content: bytes) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work(content)
    return time.perf_counter() - began


def rows(arguments: Sequence[str]) -> Iterator[Row]:
    """The fastest of floor and ours by turns, then the memory that ours takes beside the file."""
    count = int(arguments[0]) if arguments else READINGS
    content = file_of(count)
    pairs = [(seconds(by_csv, content), seconds(by_us, content)) for _ in range(ROUNDS)]
    floor, ours = (min(one) for one in zip(*pairs, strict=True))
    named = f"{count:,} readings"
    yield Row(f"{named}: csv.reader alone", floor, "s")
    yield Row(f"{named}: read and judged", ours, "s")
    yield Row(f"{named}: read and judged against csv.reader", ours / floor, "x", at_most=TIMES_CSV)
    size, packed = len(content), packed_file(io.BytesIO(content))
    del content
    gc.collect()
    tracemalloc.start()
    copy = packed.encode().decode()
    as_asked(copy)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    yield Row(f"{named}: memory with the file's {size / 1e6:.0f} MB as asked", peak / 1e6, "MB",
              at_most=MEGABYTES)  # fmt: skip


if __name__ == "__main__":
    show(rows(sys.argv[1:]))
