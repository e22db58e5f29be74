"""PostgreSQL through psycopg 3: many stations on one database, each transaction READ COMMITTED."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from schema.errors import StoreError
from tracker.ledger import faults
from tracker.ledger.compiled import Compiled
from tracker.ledger.engine import Dialect, Record, Sessions

if TYPE_CHECKING:
    import psycopg

CONNECT_SECONDS: Final = 5
IDLE_SECONDS: Final = 1.0
"""A connection idle for longer is asked first whether its server is still there."""

VALUES_MAX: Final = 50
"""Of statements with more values psycopg does not keep what it made of them."""

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
    """An open transaction; driver errors come out as conflicts and store errors.

    Writes are held until something is read, or the transaction or a part of it ends, and then sent as one
    statement: each statement of its own would cost a round trip and as much work again on both sides.
    """

    dialect: Dialect = "postgresql"

    def __init__(self, connection: psycopg.Connection[Record], where: str) -> None:
        self.connection = connection
        self.used_at = time.monotonic()
        self._where = where
        self._held: list[Compiled] = []
        self.holds = False
        """Whether writes may wait; in a reading transaction each has to be refused at once."""
        self._values: list[object] = []
        self._keys: set[tuple[object, ...]] = set()
        self._cursor = connection.cursor()

    def all(self, statement: Compiled, values: Sequence[object] = ()) -> list[Record]:
        """Every row."""
        self.settle()
        return self._run(statement.postgresql, values).fetchall()

    def one(self, statement: Compiled, values: Sequence[object] = ()) -> Record | None:
        """The first row, if any."""
        self.settle()
        return self._run(statement.postgresql, values).fetchone()

    def write(self, statement: Compiled, values: Sequence[object] = ()) -> None:
        """Hold a statement; what is wrong with it shows in a later call, at the latest in `settle`."""
        # In one statement nothing is before anything else, so it can write a row only once.
        key = (statement, *values[: statement.keys])
        if not statement.keys or key in self._keys or len(self._values) + len(values) > VALUES_MAX:
            self.settle()
        if not statement.keys or not self.holds:
            self._run(statement.postgresql, values)
            return
        self._keys.add(key)
        self._held.append(statement)
        self._values += values

    def change(self, statement: Compiled, values: Sequence[object] = ()) -> int:
        """Run a statement and give the number of rows it hit."""
        self.settle()
        return self._run(statement.postgresql, values).rowcount

    def command(self, text: str) -> None:
        """Run a command such as COMMIT, after what is held."""
        self.settle()
        self._run(text, None)

    def query(self, text: str) -> list[Record]:
        """Every row of a fixed text without values."""
        self.settle()
        return self._run(text, None).fetchall()

    def settle(self) -> None:
        """Send what is held; raises what is wrong with it."""
        if self._held:
            held, values = tuple(self._held), self._values
            self.abandon()
            self._run(_joined(held), values)

    def abandon(self) -> None:
        """Forget what is held."""
        self._held, self._values = [], []
        self._keys.clear()

    def rest(self) -> bool:
        """Roll back what is open and forget what is held; False when the server does not answer."""
        import psycopg

        self.used_at = time.monotonic()
        self.abandon()
        self.holds = False
        try:
            if self.connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                self.connection.rollback()
        except psycopg.Error:
            return False
        return True

    def is_alive(self) -> bool:
        """Whether the server answers; asked only after a rest, since each question is a round trip."""
        if time.monotonic() - self.used_at > IDLE_SECONDS:
            try:
                self.command("SELECT 1")
            except StoreError:
                return False
        return True

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def _run(self, text: str, values: Sequence[object] | None) -> psycopg.Cursor[Record]:
        import psycopg

        try:
            return self._cursor.execute(text, values)
        except psycopg.Error as error:
            raise faults.of_postgres(error, self._where) from error


@lru_cache(maxsize=256)
def _joined(statements: tuple[Compiled, ...]) -> str:
    """One statement that does all of them, the last as its body and the others as parts before it."""
    *parts, body = (statement.postgresql for statement in statements)
    if not parts:
        return body
    named = ", ".join(f"part_{number} AS ({part})" for number, part in enumerate(parts))
    return f"WITH {named} {body}"


_TRACES: Final = (
    "dead rows of the table erasable, until the server's VACUUM has gone over it",
    "the server's write-ahead log and its archive, until they are recycled",
    "replicas, until they have replayed this transaction; a delayed one keeps it longer",
    "backups and dumps made before, for as long as they are kept: erase there too after a restore",
)


class PostgresEngine:
    """One PostgreSQL database."""

    dialect: Dialect = "postgresql"

    def __init__(self, url: sa.URL, *, read_only: bool, timeout: float) -> None:
        self.where = shown(url)
        self._url = url
        self._timeout = timeout
        self._read_only = read_only
        # A server that was restarted leaves dead connections behind; a new one is worth one try.
        self._sessions = Sessions(self._new, PostgresSession.is_alive)

    @contextmanager
    def writing(self) -> Iterator[PostgresSession]:
        """A transaction that is committed at the end."""
        if self._read_only:
            raise faults.opened_read_only(self.where)
        with self._sessions.taken() as session:
            session.command(_BEGIN_WRITING)
            session.holds = True
            yield session
            session.command("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[PostgresSession]:
        """A transaction that sees the state of its first query, however long it lasts."""
        with self._sessions.taken() as session:
            session.command(_BEGIN_READING)
            yield session

    def forget(self) -> tuple[str, ...]:
        """Nothing: the server overwrites erased rows in its own time, and copies are not in its hands."""
        return _TRACES

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._sessions.close()

    def _new(self) -> PostgresSession:
        return PostgresSession(connect(self._url, timeout=self._timeout), self.where)
