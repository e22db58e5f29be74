"""Verification of a whole store on all cores against its two floors, in turns, with the memory it takes.

The floor of bytes is reading and hashing the same rows in one process; against it stands verification without
signatures and replay, and then with replay. The floor of signatures is the library's own loop on all cores;
against it stands the check of names, keys and registry heads as well.
Run with `python -m tests.bench.bench_verify_store [entries] [folder]`; a million take some minutes to make.
"""

import multiprocessing
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from pathlib import Path

from tests.bench.bench_verify import Signed, bare, cycled, filled, hashed, seconds, signed_of
from tests.bench.table import Row, show, size_and_folder
from tests.support.bundles import new_hall
from tests.support.stores import sqlite_url
from tracker.evidence.verification.processes import cores
from tracker.evidence.verification.store import verify_store
from tracker.rules.registry_state import RegistryState
from tracker.rules.signatures import signature_faults

ENTRIES = 100_000
READ_AND_HASH = "read and SHA-256 in one process"
WITHOUT_REPLAY = "verify without signatures and replay"
WITH_REPLAY = "verify without signatures, with replay"
EACH = {READ_AND_HASH: None, WITHOUT_REPLAY: 30, WITH_REPLAY: 60}
MEMORY_MB = 130
OVER_BARE = 0.7
SIGNATURES = 8_000
TURNS = 5
LARGE = 200_000
MEMORY = """
import resource, sys
from tracker.evidence.verification.store import verify_store
# Not ru_maxrss: that begins with the memory of the process which started this one.
peak = lambda: next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
before = peak()
verify_store(sys.argv[1])
print(before, peak(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
SPAWN = multiprocessing.get_context("spawn")


def verified(path: Path, *, replay: bool) -> None:
    """The verification of a store in which nobody signed; that is all it may find."""
    verdict = verify_store(sqlite_url(path), replay=replay)
    strange = [one for one in verdict.findings if "signatures it needs" not in one.message]
    assert not strange, strange[:3]


def judge(signed: Sequence[Signed], registry: RegistryState) -> None:
    """Every signature as verification judges it."""
    for one in signed:
        digest = one.entry.statement.digest
        assert not list(signature_faults(one.entry.signatures, digest, registry=registry, head=one.head))


def timed(work: Callable[[], None]) -> float:
    """The time that the work alone took in its process, without what it was sent with."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def on_all(pool: ProcessPoolExecutor, works: Sequence[Callable[[], None]]) -> float:
    """The time of the slowest of the works, each in a process of its own."""
    futures: list[Future[float]] = [pool.submit(timed, work) for work in works]
    return max(future.result() for future in futures)


def compare_signatures(signed: Sequence[Signed], registry: RegistryState) -> Iterator[Row]:
    """The bare loop and ours in turns, on all cores."""
    shares = [signed[number :: cores()] for number in range(cores())]
    count = sum(len(one.parts) for one in signed)
    floors, ours = [], []
    with ProcessPoolExecutor(cores(), mp_context=SPAWN) as pool:
        for turn in range(TURNS + 1):
            floor = on_all(pool, [partial(bare, share) for share in shares])
            our = on_all(pool, [partial(judge, share, registry) for share in shares])
            if turn:  # The first warms the processes up.
                floors.append(floor)
                ours.append(our)
    ratio = statistics.median(floor / our for floor, our in zip(floors, ours, strict=True))
    per_second = count / statistics.median(ours)
    yield Row(f"signatures judged on {cores()} cores", per_second, "a second")
    yield Row(f"signatures judged on {cores()} cores over the bare loop", ratio, "x", at_least=OVER_BARE)


def compare_store(path: Path, count: int) -> Iterator[Row]:
    """Reading and hashing, verification without replay, and all of it, in turns."""
    turns = TURNS if count < LARGE else 2
    works = {
        READ_AND_HASH: partial(hashed, path),
        WITHOUT_REPLAY: partial(verified, path, replay=False),
        WITH_REPLAY: partial(verified, path, replay=True),
    }
    took: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(turns):
        for name, work in works.items():
            took[name].append(seconds(work))
    floors = took[READ_AND_HASH]
    for name, times in took.items():
        each = statistics.median(times) / count * 1e6
        yield Row(f"{name}, {count:,} entries", each, "us an entry", at_most=EACH[name])
        ratio = statistics.median(time / floor for time, floor in zip(times, floors, strict=True))
        yield Row(f"{name} over reading and hashing", ratio, "x")
    answer = subprocess.run(
        [sys.executable, "-c", MEMORY, sqlite_url(path)], check=True, capture_output=True, text=True
    )
    imported, peak, child = (int(kilobytes) // 1024 for kilobytes in answer.stdout.split())
    yield Row(f"verify {count:,} entries: memory, {imported} MB of it imports", peak, "MB", at_most=MEMORY_MB)
    yield Row(f"verify {count:,} entries: memory of each further process", child, "MB", at_most=MEMORY_MB)


def rows(arguments: Sequence[str]) -> Iterator[Row]:
    """Signatures, then a store of the size asked for."""
    wanted, base = size_and_folder(arguments, ENTRIES)
    with tempfile.TemporaryDirectory(dir=base) as name:
        hall = new_hall(Path(name) / "demo")
        yield from compare_signatures(list(cycled(signed_of(hall), SIGNATURES)), hall.tracker.registry)
        path = Path(name) / "store.db"
        count = filled(hall, path, wanted)
        hall.tracker.close()
        yield from compare_store(path, count)


if __name__ == "__main__":
    show(rows(sys.argv[1:]))
