"""Many writers on one PostgreSQL: all writes of a request against one INSERT of the same bytes in autocommit.

Each writer is a process with a connection and therapies of its own. Both run in turns on the same server,
which waits for the disk at each commit. Where client and server share the cores CPU is the limit: it is ten
times that of an INSERT. The last rows show what one lock for all writers would leave of it.
Run with `python -m tests.bench.bench_record_postgres [seconds]`.
"""

import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import psycopg

from schema.entry import Head
from tests.bench.bench_record import written
from tests.bench.table import Row, show, size_and_folder
from tests.support.postgres import database, running_server
from tests.support.stores import MORNING, entry_of, new_event_id
from tracker.ledger.store import Store

SECONDS = 3
TURNS = 3
WARM_UP = 25
"""Writes of each writer before it is timed: statements are compiled and prepared with the first of them."""

Write = Callable[[int], None]


def floor_of(url: str, writer: int) -> Write:
    """One INSERT for each entry, committed by itself."""
    connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
    connection.prepare_threshold = 2
    body = entry_of().body

    def write(number: int) -> None:
        connection.execute("INSERT INTO floor VALUES (%s, %s, %s)", (f"W{writer}", number, body))

    return write


def ours_of(url: str, writer: int, *, locked: bool = False) -> Write:
    """All that recording a request reads and writes; with `locked` one writer after the other."""
    store = Store.open(url)

    def write(number: int) -> None:
        chain = f"CD{writer:03}{number // 20:06}"
        event_id = f"{writer:08x}-{number % 65536:04x}{new_event_id()[13:]}"
        entry = entry_of(
            chain, number % 20, previous=Head(0, "0" * 64), event_id=event_id, recorded_at=MORNING
        )
        with store.begin() as transaction:
            if locked:
                transaction._session.command("LOCK TABLE shared_row IN EXCLUSIVE MODE")
            written(transaction, entry)

    return write


def locked_of(url: str, writer: int) -> Write:
    """As ours, with one lock for all."""
    return ours_of(url, writer, locked=True)


def _work(
    make: Callable[[str, int], Write], url: str, writer: int, begin: Barrier, seconds: float, out: Any
) -> None:
    write = make(url, writer)
    for number in range(WARM_UP):
        write(number)
    begin.wait()
    end, number = time.monotonic() + seconds, WARM_UP
    while time.monotonic() < end:
        write(number)
        number += 1
    out.put((number - WARM_UP) / seconds)


def rate(make: Callable[[str, int], Write], url: str, first: int, writers: int, seconds: float) -> float:
    """Rows or requests a second of so many writers together."""
    processes = multiprocessing.get_context("fork")
    begin, out = processes.Barrier(writers), processes.Queue()
    running = [
        processes.Process(target=_work, args=(make, url, first + number, begin, seconds, out))
        for number in range(writers)
    ]
    for process in running:
        process.start()
    found = [out.get(timeout=60 + seconds) for _ in running]
    for process in running:
        process.join()
    return float(sum(found))


def rows(arguments: Sequence[str]) -> Iterator[Row]:
    """For 8 and 32 writers: requests a second, their ratio to the floor and to one lock for all."""
    seconds, _ = size_and_folder(arguments, SECONDS)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder)) as server,
        database(server) as url,
    ):
        Store.create(url).close()
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("CREATE TABLE floor (chain text, sequence bigint, body bytea)")
            # The server of the tests does not wait.
            connection.execute("ALTER SYSTEM SET fsync = on")
            connection.execute("SELECT pg_reload_conf()")
        first = 0
        for writers, aim in ((8, 0.35), (32, 0.3)):
            found: dict[Any, list[float]] = {floor_of: [], ours_of: [], locked_of: []}
            for _ in range(TURNS):
                for make, rates in found.items():
                    rates.append(rate(make, url, first, writers, seconds))
                    first += writers
            of_floor, of_ours, of_locked = (statistics.median(rates) for rates in found.values())
            yield Row(f"PostgreSQL, {writers} writers, all writes of a request", of_ours, "events/s")
            floor, locked = f"{of_floor:,.0f} a second", f"{of_locked:,.0f} a second"
            yield Row(f"... over one INSERT in autocommit ({floor})", of_ours / of_floor, "x", at_least=aim)
            yield Row(f"... over one lock for all ({locked})", of_ours / of_locked, "x", at_least=4)


if __name__ == "__main__":
    show(rows(sys.argv[1:]))
