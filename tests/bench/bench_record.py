"""One durable append through the store against a raw sqlite3 insert and commit of the same bytes.

Both write to files on the same disk in turns of a few dozen, so that what else the machine does hits both.
Run with `python -m tests.bench.bench_record [turns] [folder]`.
"""

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from schema.commitments import Opening
from schema.entry import Entry, Head
from schema.tables import RequestAnswerRow, tuple_of
from tests.bench.table import Row, show, size_and_folder
from tests.support.stores import MORNING, code_row, entry_of, new_event_id, sqlite_url, therapy_row, unit_row
from tracker.ledger.store import Store
from tracker.ledger.transaction import Transaction

EACH_TURN = 50
TURNS = 40
BATCH = 1000
SALT = bytes(32)
ANSWER = b'{"ok":true}' * 20
answer_row = tuple_of(RequestAnswerRow)

Work = Callable[[list[Entry]], None]


class Floor:
    """The same bytes in a table with the same key, each row committed, WAL and synchronous=FULL."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute(
            "CREATE TABLE event (chain TEXT, sequence INTEGER, body BLOB, PRIMARY KEY (chain, sequence))"
        )

    def record(self, entries: list[Entry]) -> None:
        """Insert one row for each entry, each committed by itself."""
        for entry in entries:
            values = (entry.statement.chain, entry.sequence, entry.body)
            self._connection.execute("INSERT INTO event VALUES (?, ?, ?)", values)

    def batch(self, entries: list[Entry]) -> None:
        """Insert all rows in one transaction."""
        self._connection.execute("BEGIN IMMEDIATE")
        self.record(entries)
        self._connection.execute("COMMIT")


class Ours:
    """The store: only the append, or with all that recording a request writes and reads."""

    def __init__(self, path: Path) -> None:
        self._store = Store.create(sqlite_url(path))

    def append(self, entries: list[Entry]) -> None:
        """Head, append and commit for each entry."""
        for entry in entries:
            with self._store.begin() as transaction:
                transaction.head(entry.statement.chain)
                transaction.append([entry])

    def record(self, entries: list[Entry]) -> None:
        """As append, with request, answer, read tables and now and then an opening."""
        for entry in entries:
            with self._store.begin() as transaction:
                written(transaction, entry)

    def batch(self, entries: list[Entry]) -> None:
        """Append all in one transaction, a savepoint each."""
        with self._store.begin() as transaction:
            for entry in entries:
                with transaction.savepoint():
                    transaction.head(entry.statement.chain)
                    transaction.append([entry])


def written(transaction: Transaction, entry: Entry) -> None:
    """What recording a request reads and writes."""
    chain, event_id = entry.statement.chain, entry.statement.event_id
    transaction.kept_answer(event_id)
    transaction.heads("registry", chain)
    transaction.therapy(chain)
    transaction.append([entry])
    transaction.keep_answer(answer_row(event_id=event_id, salt=SALT, digest=entry.digest, answer=ANSWER))
    if entry.sequence % 4 == 0:
        transaction.keep_openings(chain, event_id, [Opening("remark", event_id, SALT)])
    transaction.put_therapy(therapy_row(chain, sequence=entry.sequence))
    transaction.put_units([unit_row("U" + chain[1:], chain, sequence=entry.sequence)])
    if entry.sequence == 0:
        transaction.put_codes([code_row("U" + chain[1:], chain)])


def made(count: int, turn: int) -> list[Entry]:
    """So many entries on ten therapies, their bytes and digests computed beforehand."""
    entries = []
    for number in range(count):
        chain = f"CD{turn:06}{number % 10:03}"
        entry = entry_of(
            chain,
            number // 10,
            previous=Head(0, "0" * 64),
            event_id=new_event_id(),
            recorded_at=MORNING + timedelta(seconds=turn),
        )
        assert entry.body and entry.digest and entry.statement.digest
        entries.append(entry)
    return entries


def seconds(work: Work, entries: list[Entry]) -> float:
    """How long the work took for each entry."""
    began = time.perf_counter()
    work(entries)
    return (time.perf_counter() - began) / len(entries)


def compare(
    title: str, floor: Work, ours: Work, *, each: int = EACH_TURN, turns: int = TURNS, first: int = 1000
) -> Iterator[Row]:
    """Run both in turns; the medians and their ratio."""
    pairs = []
    for turn in range(first, first + turns):
        entries = made(each, turn)
        pairs.append((seconds(floor, entries), seconds(ours, entries)))
    of_floor, of_ours = (statistics.median(times) * 1e6 for times in zip(*pairs, strict=True))
    ratio = statistics.median(floor_time / our_time for floor_time, our_time in pairs)
    yield Row(f"{title}, durable", of_ours, "us")
    yield Row(f"{title}, raw insert and commit of the same bytes", of_floor, "us")
    yield Row(f"{title}, raw over ours", ratio, "x")


def rows(arguments: Sequence[str]) -> Iterator[Row]:
    """Append, all the writes of a request, and batches, each against its floor."""
    turns, base = size_and_folder(arguments, TURNS)
    with tempfile.TemporaryDirectory(dir=base) as folder:
        floors = [Floor(Path(folder) / f"floor{number}.db") for number in range(3)]
        stores = [Ours(Path(folder) / f"store{number}.db") for number in range(3)]
        yield from compare("append", floors[0].record, stores[0].append, turns=turns)
        yield from compare("all writes of a request", floors[1].record, stores[1].record, turns=turns)
        few = max(3, turns // 8)
        yield from compare(
            "append in batches of 1,000", floors[2].batch, stores[2].batch, each=BATCH, turns=few
        )


if __name__ == "__main__":
    show(rows(sys.argv[1:]))
