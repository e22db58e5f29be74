"""PostgreSQL through psycopg 3: many stations on one database, each transaction READ COMMITTED."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from schema.errors import StoreError
from tracker.ledger import faults
from tracker.ledger.compiled import Compiled
from tracker.ledger.engine import Dialect, Pool, Record

if TYPE_CHECKING:
    import psycopg

CONNECT_SECONDS: Final = 5
IDLE_SECONDS: Final = 1.0
"""A connection idle for longer is asked first whether its server is still there."""

# Said in full, since a server may have other defaults.
_BEGIN_WRITING: Final = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
_BEGIN_READING: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


def connect(url: sa.URL, *, timeout: float, autocommit: bool = True) -> psycopg.Connection[Record]:
    """A connection with our settings; with autocommit, transactions are begun by word."""
    try:
        import psycopg
    except ImportError as error:
        raise faults.unusable(
            "PostgreSQL needs the Python package psycopg, which is not installed.",
            "Install it with: pip install 'cartrail[postgres]'",
            "driver_missing",
        ) from error
    from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

    _, arguments = PGDialect_psycopg().create_connect_args(url)  # type: ignore[no-untyped-call]
    arguments.setdefault("connect_timeout", CONNECT_SECONDS)
    arguments.setdefault("application_name", "cartrail")
    arguments.setdefault("client_encoding", "utf8")
    try:
        connection: psycopg.Connection[Record] = psycopg.connect(autocommit=autocommit, **arguments)
        connection.execute(f"SET lock_timeout = {int(timeout * 1000)}")
        if not autocommit:
            connection.commit()
    except psycopg.Error as error:
        raise faults.unreachable(error, shown(url)) from error
    connection.prepare_threshold = 2
    return connection


def shown(url: sa.URL) -> str:
    """The address without its password."""
    return url.set(password=None).render_as_string()


class PostgresSession:
    """An open transaction; errors are told in the store's words.

    A writing transaction is one pipeline: statements are sent without waiting for the answers to those before,
    so a dozen of them cost little more time on the network than the reads among them.
    """

    dialect: Dialect = "postgresql"

    def __init__(self, connection: psycopg.Connection[Record], where: str) -> None:
        self.connection = connection
        self.used_at = time.monotonic()
        self._where = where
        self._pipeline: psycopg.Pipeline | None = None

    @contextmanager
    def pipelined(self) -> Iterator[None]:
        """Within the block, statements are sent and not waited for."""
        import psycopg

        if not psycopg.Pipeline.is_supported():
            yield
            return
        try:
            with self.connection.pipeline() as self._pipeline:
                try:
                    yield
                except BaseException:
                    self.abandon()
                    raise
        finally:
            self._pipeline = None

    def all(self, statement: Compiled, values: Sequence[object] = ()) -> list[Record]:
        """Every row."""
        with self._told():
            return self.connection.execute(statement.postgresql, values).fetchall()

    def one(self, statement: Compiled, values: Sequence[object] = ()) -> Record | None:
        """The first row, if any."""
        with self._told():
            return self.connection.execute(statement.postgresql, values).fetchone()

    def write(self, statement: Compiled, values: Sequence[object] = ()) -> None:
        """Send a statement; what is wrong with it shows in one of the next calls, at the latest in `settle`."""
        with self._told():
            self.connection.execute(statement.postgresql, values)

    def change(self, statement: Compiled, values: Sequence[object] = ()) -> int:
        """Run a statement and give the number of rows it hit."""
        with self._told():
            cursor = self.connection.execute(statement.postgresql, values)
            if self._pipeline is not None:
                self._pipeline.sync()
            return cursor.rowcount

    def command(self, text: str) -> None:
        """Send a word of transaction control."""
        with self._told():
            self.connection.execute(text)

    def query(self, text: str) -> list[Record]:
        """Every row of a fixed text without values."""
        with self._told():
            return self.connection.execute(text).fetchall()

    def settle(self) -> None:
        """Wait for all that was sent; raises what was wrong with it."""
        if self._pipeline is not None:
            with self._told():
                self._pipeline.sync()

    def abandon(self) -> None:
        """Wait for all that was sent, whatever became of it, so that it can be rolled back."""
        import psycopg

        # The first call may raise an error not yet told; only after it is the pipeline open again.
        for _ in range(2):
            if self._pipeline is not None:
                with suppress(psycopg.Error):
                    self._pipeline.sync()

    @contextmanager
    def _told(self) -> Iterator[None]:
        import psycopg

        try:
            yield
        except psycopg.Error as error:
            self.abandon()
            raise faults.of_postgres(error, self._where) from error


class PostgresEngine:
    """One PostgreSQL database."""

    dialect: Dialect = "postgresql"

    def __init__(self, url: sa.URL, *, read_only: bool, timeout: float) -> None:
        self.where = shown(url)
        self._url = url
        self._timeout = timeout
        self._read_only = read_only
        self._pool = Pool(self._new, lambda session: session.connection.close())

    @contextmanager
    def writing(self) -> Iterator[PostgresSession]:
        """A transaction that is committed at the end."""
        if self._read_only:
            raise faults.opened_read_only(self.where)
        session = self._taken()
        try:
            with session.pipelined():
                session.command(_BEGIN_WRITING)
                yield session
                session.command("COMMIT")
                session.settle()
        finally:
            self._put_back(session)

    @contextmanager
    def reading(self) -> Iterator[PostgresSession]:
        """A transaction that sees the state of its first query, however long it lasts."""
        session = self._taken()
        try:
            session.command(_BEGIN_READING)
            yield session
        finally:
            self._put_back(session)

    def forget(self) -> None:
        """Nothing: VACUUM overwrites erased rows in its own time, and archives are the administrator's."""

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._pool.close()

    def _taken(self) -> PostgresSession:
        session = self._pool.take()
        if time.monotonic() - session.used_at > IDLE_SECONDS:
            try:
                session.command("SELECT 1")
            except StoreError:
                # A server that was restarted leaves dead connections behind; a new one is worth one try.
                self._pool.drop(session)
                session = self._new()
        return session

    def _put_back(self, session: PostgresSession) -> None:
        import psycopg

        session.used_at = time.monotonic()
        try:
            if session.connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                session.connection.execute("ROLLBACK")
        except psycopg.Error:
            self._pool.drop(session)
        else:
            self._pool.give(session)

    def _new(self) -> PostgresSession:
        return PostgresSession(connect(self._url, timeout=self._timeout), self.where)
