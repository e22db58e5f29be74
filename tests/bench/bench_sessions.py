"""Four terminals and 28 sessions of `cartrail record` on one store for two minutes, on both engines.

Nothing may be lost, every scan is answered, and the store holds before verification.
Run with `python -m tests.bench.bench_sessions [seconds] [folder]`.
"""

import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.bench.table import Row, show, size_and_folder
from tests.support.burst import rack
from tests.support.postgres import database, running_server
from tests.support.sessions import BAGS_AT_TERMINAL, at_once

SECONDS, TERMINALS, LINES = 120, 4, 28


def rows(arguments: Sequence[str]) -> Iterator[Row]:
    """Counts, losses and times of each engine."""
    seconds, base = size_and_folder(arguments, SECONDS)
    with tempfile.TemporaryDirectory(dir=base) as name, ExitStack() as opened:
        folder = Path(name)
        server = opened.enter_context(running_server(folder))
        for engine, url in (("SQLite", ""), ("PostgreSQL", opened.enter_context(database(server)))):
            work = folder / engine
            given = rack(work, BAGS_AT_TERMINAL * TERMINALS + LINES, server_url=url)
            done = at_once(given, work, terminals=TERMINALS, lines=LINES, seconds=seconds)
            yield Row(f"{engine}: scans at {TERMINALS} terminals, all answered", done.scanned)
            yield Row(f"{engine}: lines of {LINES} other sessions, all taken", done.recorded)
            yield Row(f"{engine}: answers of which the store has no entry", done.lost, at_most=0)
            yield Row(f"{engine}: exit code of verify", done.verdict, at_most=0)
            for title, times in (("scan", done.scan_seconds), ("line", done.line_seconds)):
                ordered = sorted(times)
                yield Row(f"{engine}: {title} to answer, median", statistics.median(ordered) * 1000, "ms")
                yield Row(f"{engine}: {title} to answer, p95", ordered[len(ordered) * 95 // 100] * 1000, "ms")


if __name__ == "__main__":
    show(rows(sys.argv[1:]))
