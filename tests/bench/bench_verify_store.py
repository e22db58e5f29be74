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
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from pathlib import Path

from tests.bench.bench_verify import Signed, bare, cycled, filled, hashed, seconds, signed_of
from tests.support.bundles import new_hall
from tests.support.stores import sqlite_url
from tracker.evidence.signatures import signature_faults
from tracker.evidence.spreading import cores
from tracker.evidence.verification import verify_store
from tracker.rules.registry_state import RegistryState

ENTRIES = 20_000
SIGNATURES = 8_000
TURNS = 5
LARGE = 200_000
MEMORY = """
import resource, sys
from tracker.evidence.verification import verify_store
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


def compare_signatures(signed: Sequence[Signed], registry: RegistryState) -> None:
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
    print(f"{count:,} signatures on {cores()} cores: {per_second:,.0f} a second, {ratio:.2f}x the bare loop")


def compare_store(path: Path, count: int) -> None:
    """Reading and hashing, verification without replay, and all of it, in turns."""
    turns = TURNS if count < LARGE else 2
    works = {
        "read and SHA-256 in one process": partial(hashed, path),
        "verify without signatures and replay": partial(verified, path, replay=False),
        "verify without signatures": partial(verified, path, replay=True),
    }
    took: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(turns):
        for name, work in works.items():
            took[name].append(seconds(work))
    floors = took["read and SHA-256 in one process"]
    for name, times in took.items():
        ratio = statistics.median(time / floor for time, floor in zip(times, floors, strict=True))
        each = statistics.median(times) / count * 1e6
        print(f"{name}: {statistics.median(times):.2f} s, {each:.0f} us an entry, {ratio:.1f}x")
    answer = subprocess.run(
        [sys.executable, "-c", MEMORY, sqlite_url(path)], check=True, capture_output=True, text=True
    )
    imported, peak, child = (int(kilobytes) // 1024 for kilobytes in answer.stdout.split())
    print(f"peak memory: {peak} MB ({imported} MB are imports), {child} MB in each further process")


def main() -> None:
    """Signatures, then a store of the size asked for."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else ENTRIES
    base = sys.argv[2] if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory(dir=base) as name:
        hall = new_hall(Path(name) / "demo")
        compare_signatures(list(cycled(signed_of(hall), SIGNATURES)), hall.tracker.registry)
        path = Path(name) / "store.db"
        count = filled(hall, path, wanted)
        hall.tracker.close()
        print(f"{count:,} entries")
        compare_store(path, count)


if __name__ == "__main__":
    main()
