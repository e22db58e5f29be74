"""Proofs from a store of a million leaves against both trees of pymerkle at a tenth of that.

Its SQLite tree keeps leaves on disk, as ours does; its in-memory tree holds every node as an object and has
to be built anew in each process. Leaves go in as integration writes them; bodies are short, since a proof
reads two of them at most.
Run with `python -m tests.bench.bench_proofs [leaves] [folder]`.
"""

import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from pymerkle import BaseMerkleTree, InmemoryTree, SqliteTree

from schema.canonical import leaf_digest, plain_digest
from tests.bench.table import Row, show, size_and_folder
from tests.support.stores import MORNING, new_event_id, sqlite_url
from tracker.evidence.integration import integrate
from tracker.ledger.store import Store
from tracker.ledger.tree import prove_consistency, prove_inclusion

LEAVES = 1_000_000
THEIR_LEAVES = 100_000
CHAIN_LENGTH = 40
TURNS = 15
PROOFS = 200
THEIR_PROOFS = 3
AIM = 100
FIRST_OF_A_PROCESS = "pymerkle SqliteTree, first proof of a process"
"""What a proof costs somebody who asks for one, as ours does each time."""


def filled(path: Path, leaves: int) -> Store:
    """A store with so many entries in therapies of a usual length, all of them waiting for the tree."""
    Store.create(sqlite_url(path)).close()
    with sqlite3.connect(path) as connection:
        connection.executemany("INSERT INTO custody_event VALUES (?, ?, ?, ?, ?, ?)", map(row, range(leaves)))
        connection.execute(
            "INSERT INTO log_pending SELECT chain, sequence, ? FROM custody_event",
            (f"{MORNING:%Y-%m-%dT%H:%M:%S}.000Z",),
        )
    connection.close()
    return Store.open(sqlite_url(path))


def row(number: int) -> tuple[object, ...]:
    """One entry, in form only."""
    body = b'{"number":%d}' % number
    chain = f"CD{number // CHAIN_LENGTH:09d}"
    return chain, number % CHAIN_LENGTH, new_event_id(), leaf_digest(body), plain_digest(body), body


def microseconds(work: Callable[[], object], times: int) -> float:
    """The median time of one call."""
    took = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        took.append(time.perf_counter() - start)
    return statistics.median(took) * 1e6


def compare(store: Store, size: int, peers: dict[str, BaseMerkleTree]) -> Iterator[Row]:
    """Ours and theirs in turns, and the ratio of each turn."""
    seeded = random.Random(7)
    ours: list[float] = []
    others: dict[str, list[float]] = {name: [] for name in peers}

    def inclusion() -> None:
        with store.read() as transaction:
            prove_inclusion(seeded.randrange(size), size, transaction.hashes)

    def consistency() -> None:
        with store.read() as transaction:
            prove_consistency(seeded.randrange(1, size), size, transaction.hashes)

    def root() -> None:
        with store.read() as transaction:
            transaction.frontier(transaction.tree_size()).root()

    for _ in range(TURNS):
        ours.append(microseconds(inclusion, PROOFS))
        for name, tree in peers.items():
            others[name].append(
                microseconds(partial(prove, tree, seeded.randrange(THEIR_LEAVES) + 1), THEIR_PROOFS)
            )
    yield Row(f"inclusion proof at {size:,} leaves", statistics.median(ours), "us")
    for name, took in others.items():
        ratio = statistics.median(other / our for our, other in zip(ours, took, strict=True))
        aim = AIM if name == FIRST_OF_A_PROCESS else None
        yield Row(f"{name} at {THEIR_LEAVES:,} over ours", ratio, "x", at_least=aim)
    yield Row(f"consistency proof at {size:,} leaves", microseconds(consistency, PROOFS), "us")
    yield Row(f"root at {size:,} leaves", microseconds(root, PROOFS), "us")


def prove(tree: BaseMerkleTree, number: int) -> None:
    """One proof of theirs, which counts leaves from one."""
    tree.prove_inclusion(number)


def peers_in(folder: Path) -> dict[str, BaseMerkleTree]:
    """Their trees over the same bodies."""
    data = [b'{"number":%d}' % number for number in range(THEIR_LEAVES)]
    memory = InmemoryTree(algorithm="sha256")
    for body in data:
        memory.append_entry(body)
    disk = SqliteTree(str(folder / "pymerkle.db"), algorithm="sha256")
    disk.append_entries(data)
    # Without its cache a proof costs the same each time, as the first does in every process.
    bare = SqliteTree(str(folder / "pymerkle.db"), algorithm="sha256", disable_cache=True)
    return {
        FIRST_OF_A_PROCESS: bare,
        "pymerkle SqliteTree, cache warm": disk,
        "pymerkle InmemoryTree": memory,
    }


def rows(arguments: Sequence[str]) -> Iterator[Row]:
    """Fill, integrate, compare."""
    leaves, base = size_and_folder(arguments, LEAVES)
    with tempfile.TemporaryDirectory(dir=base) as name, filled(Path(name) / "store.db", leaves) as store:
        start = time.perf_counter()
        size = integrate(store).tree_size
        took = time.perf_counter() - start
        yield Row(f"integration of {size:,} leaves, each", took / size * 1e6, "us")
        yield from compare(store, size, peers_in(Path(name)))


if __name__ == "__main__":
    show(rows(sys.argv[1:]))
