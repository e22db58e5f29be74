"""Many sessions on one store at once: real terminals that are scanned at, and others by `cartrail record`."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from typing import Final

from schema.identifiers import first_copy
from tests.support.burst import PASSWORD, STAFF, STATION, Rack
from tests.support.commands import write_credentials
from tests.support.forked import Command
from tests.support.terminals import PATIENCE, terminal
from tracker.acts.randomness import uuid7
from tracker.clock import SystemClock
from tracker.evidence.verification.store import verify_store
from tracker.tracker import Tracker

BAGS_AT_TERMINAL: Final = 2


@dataclass(frozen=True)
class Worked:
    """What the sessions did, and what the store holds of it."""

    scanned: int
    """Codes that were scanned at terminals; each was answered as durable, or the run ends with an error."""

    recorded: int
    """Lines that were answered as taken."""

    lost: int
    """Answers of which the store does not hold the entry."""

    scan_seconds: tuple[float, ...]
    line_seconds: tuple[float, ...]
    verdict: int
    """The exit code of verification: 0, it holds."""


def at_once(given: Rack, folder: Path, *, terminals: int, lines: int, seconds: float) -> Worked:
    """So many terminals and so many `cartrail record` work for so long; each waits for its answer.

    Two bags for each terminal, and the other therapies for the others: people share a store, seldom a bag.
    """
    bags = BAGS_AT_TERMINAL * terminals
    others = given.cois[bags:]
    start = threading.Barrier(terminals + lines, timeout=PATIENCE)
    credentials = write_credentials(folder / "credentials.toml", {STAFF: PASSWORD})

    with ThreadPoolExecutor(terminals + lines) as pool:
        scanning = [
            pool.submit(
                _scan, given, folder / f"{at}.jsonl", given.cassettes[at:bags:terminals], start, seconds
            )
            for at in range(terminals)
        ]
        recording = [
            pool.submit(_record, given, credentials, others[number % len(others)], start, seconds)
            for number in range(lines)
        ]
        scans = [one for done in scanning for one in done.result()]
        taken = [one for done in recording for one in done.result()]
    answers = [place for place, _ in (*scans, *taken)]
    return Worked(
        len(scans),
        len(taken),
        len(answers) - len(set(answers) & set(_places(given))),
        tuple(took for _, took in scans),
        tuple(took for _, took in taken),
        verify_store(given.url).exit_code,
    )


Place = tuple[str, int]
"""Chain and sequence of an entry."""


def _places(given: Rack) -> Iterator[Place]:
    tracker = Tracker.open(url=given.url, read_only=True)
    for coi in given.cois:
        yield from ((coi, one.entry.sequence) for one in tracker.read.trail(coi=coi).entries)
    tracker.close()


def _scan(
    given: Rack, out: Path, codes: Sequence[str], start: threading.Barrier, seconds: float
) -> list[tuple[Place, float]]:
    """A terminal of 80 by 24 with a person who scans as soon as the last scan is answered."""
    found: list[tuple[Place, float]] = []
    with terminal(["-m", "tests.support.burst", given.url, str(out), given.tank], out) as bench:
        bench.wait(lambda: bool(bench.lines()), what="ready")
        start.wait()
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            code = codes[len(found) % len(codes)]
            began = time.perf_counter()
            (answer,) = bench.answers(f"{code}\r".encode(), 1)
            assert answer["text"] == code and "sequence" in answer, answer
            found.append(((str(answer["chain"]), int(str(answer["sequence"]))), time.perf_counter() - began))
        bench.leave()
    return found


def _record(
    given: Rack, credentials: Path, coi: str, start: threading.Barrier, seconds: float
) -> list[tuple[Place, float]]:
    """An instrument that writes a note and waits for its answer."""
    found: list[tuple[Place, float]] = []
    with ExitStack() as opened:
        process = opened.enter_context(
            Command("record", "--database", given.url, "--credentials", credentials, stdin=PIPE, stdout=PIPE)
        )
        opened.callback(process.kill)
        start.wait()
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            line = {
                "request": "note",
                "event_id": uuid7(SystemClock().now()),
                "actor": STAFF,
                "station": STATION,
                "coi": {"code": first_copy(coi).text, "mode": "manual"},
                "text": f"Note {len(found)}.",
            }
            began = time.perf_counter()
            process.stdin.write(json.dumps(line).encode() + b"\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            assert answer["ok"], answer
            (entry,) = answer["entries"]
            found.append(((entry["chain"], entry["sequence"]), time.perf_counter() - began))
    return found
