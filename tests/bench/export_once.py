"""One export in one process, for `bench_exports`: prints how long it took and the peak of memory in MB."""

from __future__ import annotations

import resource
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tracker.evidence.verification.verdict import Verification, WaitingEntries
from tracker.exports.disclosure import NAMES_ONLY
from tracker.exports.files import whole_file
from tracker.exports.forms import TrailFile, TrailFormat
from tracker.exports.report.document import report
from tracker.exports.selection import EventSelection
from tracker.exports.trails import Trails, chains_of
from tracker.exports.uris import Uris
from tracker.tracker import Tracker

ROWS = "rows"
"""Not an export but the floor of one: every stored body, a line each."""


def main(store: str, coi: str, form: str, out: str) -> None:
    """Write the form; the report without verification, which has a bench of its own."""
    tracker = Tracker.open(url=f"sqlite:///{store}", read_only=True)
    trails = Trails(tracker, chains_of(tracker, [coi] if coi else []), EventSelection())
    begun, worked = time.perf_counter(), time.process_time()
    with whole_file(Path(out)) as sink:
        if form == ROWS:
            sink.writelines(_rows(store))
        elif form == "pdf":
            verdict = Verification("", "", 0, 0, (), (), WaitingEntries(0, None, None), ())
            sink.writelines(report(trails, NAMES_ONLY, verdict))
        else:
            TrailFile(trails, NAMES_ONLY, "", Uris()).write(TrailFormat(form), sink)
    print(time.perf_counter() - begun, time.process_time() - worked, peak())
    tracker.close()


def _rows(store: str) -> Iterator[bytes]:
    connection = sqlite3.connect(store)
    for (body,) in connection.execute("SELECT body FROM custody_event ORDER BY chain, sequence"):
        yield body + b"\n"
    connection.close()


def peak() -> float:
    """The most memory of this process or one it started, in MB; its own ru_maxrss would be its parent's."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    own = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


if __name__ == "__main__":
    main(*sys.argv[1:5])
