"""The log in the store: every entry becomes a leaf once and in order, and nothing in it is changed."""

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from schema import guards
from schema.entry import REGISTRY
from schema.errors import IntegrityFailure
from schema.instants import format_instant
from schema.tables import CheckpointRow, LogPendingRow, table_of, tuple_of
from tests.schema.test_guards import database
from tests.support.stores import CHAIN, MORNING, OTHER_CHAIN, append_next, entry_of, fill, sqlite_url
from tracker.evidence.integration import IntegrationResult, integrate
from tracker.ledger.compiled import insert
from tracker.ledger.log import LogConflict, clashes_told
from tracker.ledger.retry import retrying
from tracker.ledger.store import Store
from tracker.ledger.transaction import Transaction
from tracker.ledger.tree import Frontier, Hashes, Node, leaf_hash, prove_consistency, prove_inclusion
from tracker.ledger.waiting import Place

WRITERS = 8


def unguarded(url: str, statement: str) -> None:
    """Do what the owner of a database can do: take a guard away, change rows, put the guard back."""
    act, _, rest = statement.partition(" ")
    table = rest.removeprefix("FROM ").partition(" ")[0]
    with database(url) as connection:
        on = "" if connection.dialect.name == "sqlite" else f" ON {table}"
        connection.exec_driver_sql(f"DROP TRIGGER {table}_no_{act.lower()}{on}")
        connection.exec_driver_sql(statement)
        guards.install(connection)


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over the hashes of leaves."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def leaves_of(store: Store) -> list[Place]:
    """Which entry each leaf is, in leaf order; the tree over their bytes has to be the stored one."""
    with store.read() as transaction:
        size = transaction.tree_size()
        rows = list(transaction.leaves(0, size))
        assert [row.index for row in rows] == list(range(size))
        bodies = {
            (chain, sequence): body
            for chain in transaction.chains()
            for sequence, _, body in transaction.bodies(chain)
        }
        hashes = [leaf_hash(bodies[row.place.chain, row.place.sequence]) for row in rows]
        assert transaction.frontier(size).root() == root_of(hashes)
    return [row.place for row in rows]


class TestIntegration:
    def test_the_registry_comes_first_then_each_chain_in_order(self, store: Store) -> None:
        """Whoever reads the tree has met the keys and people that an entry names."""
        for chain in (OTHER_CHAIN, REGISTRY, CHAIN):
            fill(store, 3, chain)
        result = integrate(store)
        expected = [Place(chain, number) for chain in (REGISTRY, CHAIN, OTHER_CHAIN) for number in range(3)]
        assert leaves_of(store) == expected
        with store.read() as transaction:
            assert not transaction.pending()
            assert result == IntegrationResult(9, transaction.frontier(9).root().hex(), 9)
            assert transaction.leaf_of(CHAIN, 2) == 5
            assert transaction.leaf_of(CHAIN, 3) is None
            assert [transaction.registry_sequence_under(size) for size in (0, 1, 9)] == [-1, 0, 2]
        assert integrate(store) == IntegrationResult(9, result.root, 0)

    def test_an_empty_store_has_an_empty_tree(self, store: Store) -> None:
        """Nothing waits, and nothing is written."""
        assert integrate(store) == IntegrationResult(0, root_of([]).hex(), 0)

    @pytest.mark.parametrize("leaves_max", [1, 2, 7])
    def test_a_long_queue_takes_several_transactions(self, store: Store, leaves_max: int) -> None:
        """Each takes so many leaves and leaves the others for the next."""
        for chain in (REGISTRY, CHAIN, OTHER_CHAIN):
            fill(store, 5, chain)
        assert integrate(store, leaves_max=leaves_max).added == 15
        assert len(set(leaves_of(store))) == 15
        fill(store, 70, CHAIN)
        assert integrate(store).tree_size == 85
        assert leaves_of(store)[-1] == Place(CHAIN, 74)

    @pytest.mark.parametrize("leaves_max", [1, 2, 100])
    def test_an_entry_waits_for_the_one_before_it(self, store: Store, leaves_max: int) -> None:
        """A hole holds back what follows it in its chain, and nothing else; once filled, all comes."""
        with store.begin() as transaction:
            transaction.append([entry_of(CHAIN, number) for number in (0, 2, 3)])
            transaction.append([entry_of(REGISTRY, number) for number in (0, 1, 5)])
            transaction.append([entry_of(OTHER_CHAIN, 0)])
        result = integrate(store, leaves_max=leaves_max)
        assert (result.added, result.held) == (4, 3)
        assert set(leaves_of(store)) == {
            *(Place(REGISTRY, 0), Place(REGISTRY, 1), Place(CHAIN, 0), Place(OTHER_CHAIN, 0))
        }
        with store.begin() as transaction:
            transaction.append([entry_of(CHAIN, 1)])
        result = integrate(store, leaves_max=leaves_max)
        assert (result.added, result.held) == (3, 1)
        assert [place for place in leaves_of(store) if place.chain == CHAIN] == [
            Place(CHAIN, number) for number in range(4)
        ]

    def test_a_late_commit_is_not_lost(self, fresh_postgres: str) -> None:
        """What was written early and committed late is taken in when it is there."""
        with Store.create(fresh_postgres) as store:
            with store.begin() as slow:
                append_next(slow, CHAIN)
                slow.head(CHAIN)
                fill(store, 3, OTHER_CHAIN)
                assert integrate(store).added == 3
            assert integrate(store).added == 1
            assert leaves_of(store)[-1] == Place(CHAIN, 0)

    def test_eight_writers_and_two_integrators(self, store: Store) -> None:
        """While all record at once the tree grows, and in the end no entry is missing from it."""
        each, left = 15, threading.Event()
        results: list[IntegrationResult] = []

        def write(number: int) -> None:
            def record() -> None:
                with store.begin() as transaction:
                    append_next(transaction, f"CD23456789{number}")
                    append_next(transaction, CHAIN if number % 2 else OTHER_CHAIN)

            for _ in range(each):
                retrying(record, times=200)

        def grow(_: int) -> None:
            while not left.is_set():
                results.append(integrate(store, leaves_max=16))

        with ThreadPoolExecutor(WRITERS + 2) as pool:
            growing = [pool.submit(grow, number) for number in range(2)]
            for writing in [pool.submit(write, number) for number in range(2, 2 + WRITERS)]:
                writing.result()
            left.set()
            for thread in growing:
                thread.result()
        results.append(integrate(store))
        places = leaves_of(store)
        with store.read() as transaction:
            assert transaction.count() == len(places) == len(set(places)) == WRITERS * each * 2
            assert not transaction.pending()
        assert sum(result.added for result in results) == len(places)
        for chain in {place.chain for place in places}:
            numbers = [place.sequence for place in places if place.chain == chain]
            assert numbers == list(range(len(numbers)))

    def test_a_taken_place_is_a_conflict(self, store: Store) -> None:
        """Also an integrator that does not know our shared row is noticed, by the keys of the tables."""
        fill(store, 2)
        integrate(store)
        for index, place in ((0, Place(OTHER_CHAIN, 0)), (2, Place(CHAIN, 0))):
            with pytest.raises(LogConflict), clashes_told(), store.begin() as transaction:
                transaction.add_leaves(index, [place], [])
        with pytest.raises(LogConflict), clashes_told(), store.begin() as transaction:
            transaction.add_leaves(2, [Place(OTHER_CHAIN, 0)], [(Node(1, 0), bytes(32))])
        with pytest.raises(ZeroDivisionError), clashes_told(), store.begin() as transaction:
            raise ZeroDivisionError
        assert len(leaves_of(store)) == 2

    def test_an_entry_already_taken_in_is_not_taken_in_twice(self, store: Store) -> None:
        """Should somebody put its place back into the queue."""
        fill(store, 3)
        integrate(store)
        with store.begin() as transaction:
            transaction._session.write(insert(table_of(LogPendingRow)), (CHAIN, 1, format_instant(MORNING)))
        assert integrate(store).added == 0
        with store.read() as transaction:
            assert not transaction.pending()
            assert transaction.tree_size() == 3

    def test_what_was_changed_before_is_not_taken_in(self, store_url: str) -> None:
        """The bytes and the digest stored with them no longer agree, and nothing is signed over that."""
        with Store.open(store_url) as store:
            fill(store, 2)
            digest = "0" * 64
            unguarded(store_url, f"UPDATE custody_event SET digest = '{digest}' WHERE sequence = 1")
            with pytest.raises(IntegrityFailure) as failure:
                integrate(store)
            assert f"Entry 1 of {CHAIN}" in failure.value.message

    def test_an_entry_that_is_gone_holds_back_what_follows_it(self, sqlite_path: Path) -> None:
        """It waits in the queue by its place, and verification names the hole."""
        with Store.open(sqlite_url(sqlite_path)) as store:
            fill(store, 3)
            unguarded(sqlite_url(sqlite_path), "DELETE FROM custody_event WHERE sequence = 1")
            result = integrate(store)
            assert (result.added, result.held) == (1, 2)

    def test_text_in_place_of_bytes_is_not_taken_in(self, sqlite_path: Path) -> None:
        """SQLite takes any type into any column."""
        with Store.open(sqlite_url(sqlite_path)) as store:
            fill(store, 2)
            unguarded(sqlite_url(sqlite_path), "UPDATE custody_event SET body = 'text' WHERE sequence = 1")
            with pytest.raises(IntegrityFailure, match=f"Entry 1 of {CHAIN}"):
                integrate(store)


class Counted:
    """A session that counts what is asked of it."""

    def __init__(self, session: object) -> None:
        self._session = session
        self.queries = 0

    def __getattr__(self, name: str) -> object:
        if name in {"all", "one", "query"}:
            self.queries += 1
        return getattr(self._session, name)


class TestProofsFromTheStore:
    def test_they_take_few_reads_however_large_the_log(self, store: Store) -> None:
        """One statement for a proof, of hashes as many as the tree is high, twice at most."""
        asked: dict[int, set[int]] = {}
        for size in (40, 3000):
            fill(store, size - (0 if size == 40 else 40))
            assert integrate(store).tree_size == size
            with store.read() as transaction:
                counted = Counted(transaction._session)
                transaction._session = counted  # type: ignore[assignment]
                asked[size] = set()
                for index in (0, 1, size // 3, size // 2 + 1, size - 1):
                    nodes: list[Node] = []
                    before = counted.queries
                    path = prove_inclusion(index, size, noting(transaction, nodes))
                    prove_consistency(index, size, noting(transaction, nodes))
                    asked[size].add(counted.queries - before)
                    assert len(path) <= size.bit_length()
                    assert len(nodes) <= 4 * size.bit_length()
        assert asked == {40: {1, 2}, 3000: {1, 2}}

    def test_a_hole_in_the_tree_is_named(self, store_url: str) -> None:
        """A hash that somebody removed is not passed over in silence."""
        with Store.open(store_url) as store:
            fill(store, 8)
            integrate(store)
            unguarded(store_url, "DELETE FROM log_node WHERE level = 2 AND node_index = 0")
            with store.read() as transaction, pytest.raises(IntegrityFailure, match="hash 0 of level 2"):
                prove_inclusion(7, 8, transaction.hashes)


def noting(transaction: Transaction, nodes: list[Node]) -> Callable[[Sequence[Node]], Hashes]:
    """Reads hashes and notes which."""

    def read(asked: Sequence[Node]) -> Hashes:
        nodes.extend(asked)
        return transaction.hashes(asked)

    return read


class TestTables:
    def test_rows_cannot_be_changed(self, store_url: str) -> None:
        """All four tables are append-only, like the entries themselves."""
        with Store.open(store_url) as store:
            fill(store, 2)
            integrate(store)
            with store.begin() as transaction:
                transaction.add_checkpoint(
                    tuple_of(CheckpointRow)(tree_size=2, root="0" * 64, note="a note", signed_at=MORNING)
                )
                transaction.add_cosignature(2, "HUB-1", "a line")
            with pytest.raises(LogConflict), clashes_told(), store.begin() as transaction:
                transaction.add_cosignature(2, "HUB-1", "another line")
        before = log_rows(store_url)
        assert [len(rows) for rows in before] == [2, 1, 1, 1]
        for table, column in LOG_COLUMNS.items():
            changes = [f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"]
            if store_url.startswith("sqlite"):
                changes.append(f"REPLACE INTO {table} SELECT * FROM {table}")
            else:
                changes.append(f"TRUNCATE {table}")
            for change in changes:
                with (
                    pytest.raises(sa.exc.DBAPIError, match=r"append-only|is taken"),
                    database(store_url) as connection,
                ):
                    connection.exec_driver_sql(change)
        assert log_rows(store_url) == before


LOG_COLUMNS = {"log_leaf": "chain", "log_node": "hash", "checkpoint": "note", "cosignature": "line"}


def log_rows(url: str) -> list[list[tuple[object, ...]]]:
    """Everything in the tables of the log."""
    with database(url) as connection:
        return [
            [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table}")]
            for table in LOG_COLUMNS
        ]
