"""PostgreSQL through psycopg 3: many stations on one database, each transaction READ COMMITTED."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from schema.errors import StoreError
from tracker.ledger import faults
from tracker.ledger.compiled import Compiled
from tracker.ledger.engine import Dialect, Pool, Record

if TYPE_CHECKING:
    import psycopg

CONNECT_SECONDS: Final = 5

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
    """An open transaction; errors are told in the store's words."""

    dialect: Dialect = "postgresql"

    def __init__(self, connection: psycopg.Connection[Record], where: str) -> None:
        self.connection = connection
        self._where = where

    def _run(self, text: str, values: Sequence[object] | None) -> psycopg.Cursor[Record]:
        import psycopg

        try:
            return self.connection.execute(text, values)
        except psycopg.Error as error:
            raise faults.of_postgres(error, self._where) from error

    def all(self, statement: Compiled, values: Sequence[object] = ()) -> list[Record]:
        """Every row."""
        return self._run(statement.postgresql, values).fetchall()

    def one(self, statement: Compiled, values: Sequence[object] = ()) -> Record | None:
        """The first row, if any."""
        return self._run(statement.postgresql, values).fetchone()

    def write(self, statement: Compiled, values: Sequence[object] = ()) -> None:
        """Run a statement whose outcome nobody waits for."""
        self._run(statement.postgresql, values)

    def change(self, statement: Compiled, values: Sequence[object] = ()) -> int:
        """Run a statement and give the number of rows it hit."""
        return self._run(statement.postgresql, values).rowcount

    def command(self, text: str) -> None:
        """Run a word of transaction control."""
        self._run(text, None)

    def query(self, text: str) -> list[Record]:
        """Every row of a fixed text without values."""
        return self._run(text, None).fetchall()


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
        session = self._begun(_BEGIN_WRITING)
        try:
            yield session
            session.command("COMMIT")
        finally:
            self._put_back(session)

    @contextmanager
    def reading(self) -> Iterator[PostgresSession]:
        """A transaction that sees the state of its first query, however long it lasts."""
        session = self._begun(_BEGIN_READING)
        try:
            yield session
        finally:
            self._put_back(session)

    def forget(self) -> None:
        """Nothing: VACUUM overwrites erased rows in its own time, and archives are the administrator's."""

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._pool.close()

    def _begun(self, begin: str) -> PostgresSession:
        session = self._pool.take()
        try:
            session.command(begin)
        except StoreError:
            # A server that was restarted leaves dead connections behind; a new one is worth one try.
            self._pool.drop(session)
            session = self._new()
            session.command(begin)
        return session

    def _put_back(self, session: PostgresSession) -> None:
        import psycopg

        try:
            if session.connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                session.connection.execute("ROLLBACK")
        except psycopg.Error:
            self._pool.drop(session)
        else:
            self._pool.give(session)

    def _new(self) -> PostgresSession:
        return PostgresSession(connect(self._url, timeout=self._timeout), self.where)
