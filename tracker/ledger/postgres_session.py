"""The transactions of one connection to PostgreSQL; what only reads outlasts the loss of the connection."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from schema.errors import StoreError, StoreUnreachable
from tracker.ledger import faults
from tracker.ledger.compiled import Compiled
from tracker.ledger.engine import Dialect, Record
from tracker.ledger.outage import (
    STATEMENT_SECONDS,
    ServerWait,
    Waiting,
    patience,
    unwatch,
    waiting_since,
    watch,
)

if TYPE_CHECKING:
    import psycopg

VALUES_MAX: Final = 50
"""Of statements with more values psycopg does not keep what it made of them."""

READ_AGAIN_MAX: Final = 64
"""Queries of one reading transaction that are asked again on a new connection; a longer one ends."""

# Said in full, since a server may have other defaults.
BEGIN_WRITING: Final = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
BEGIN_READING: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_BEGIN_WAITING: Final = "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY"

STANDBYS_NAMED: Final = "SELECT current_setting('synchronous_standby_names', true)"
REPLICATED: Final = "SELECT pg_logical_emit_message(true, 'cartrail', '') WHERE NOT pg_is_in_recovery()"
"""A transaction with this message waits at its COMMIT for the standby; one that only read does not."""

_READ_ONLY: Final = "25006"
_NOT_ON_A_STANDBY: Final = "0A000"
"""What a standby says to BEGIN ... READ WRITE."""


class PostgresSession:
    """An open transaction; driver errors come out as conflicts and store errors.

    Writes are held until something is read, or the transaction or a part of it ends, and then sent as one
    statement: each statement of its own would cost a round trip and as much work again on both sides.
    """

    dialect: Dialect = "postgresql"

    def __init__(
        self, connect: Callable[[], psycopg.Connection[Record]], where: str, lost: Callable[[], None]
    ) -> None:
        self.was_cut = False
        """Whether the connection was cut since a statement had no answer for too long."""

        self._connect = connect
        self._where = where
        self._lost = lost
        """Is called when a connection is lost, since others to the same server are lost as well."""

        self._connection: psycopg.Connection[Record] | None = None
        self._cursor: Any = None
        self._lock = threading.Lock()
        self._since: float | None = None
        self._wait: ServerWait | None = None
        self._limit = STATEMENT_SECONDS
        self._held: list[Compiled] = []
        self._holds = False
        """Whether writes may wait; in a reading transaction each has to be refused at once."""
        self._values: list[object] = []
        self._keys: set[tuple[object, ...]] = set()
        self._wrote = False
        self._seen: list[tuple[str, Sequence[object] | None, int]] | None = None
        """What a reading transaction was answered, as digests; None where it cannot be asked again."""
        self._warnings: list[str] = []

    @property
    def connection(self) -> psycopg.Connection[Record]:
        """The connection of the transaction that runs."""
        if self._connection is None:
            raise faults.unreachable(ConnectionError("no connection"), self._where)
        return self._connection

    def begin_writing(self) -> None:
        """Begin a transaction that writes."""
        self._begin(BEGIN_WRITING)
        self._holds = True

    def begin_reading(self) -> None:
        """Begin a transaction that sees one state; it goes on on another connection if it can."""
        self._begin(BEGIN_READING)
        self._seen = []

    def begin_waiting(self) -> None:
        """Begin a transaction that does nothing but wait at its COMMIT."""
        self._begin(_BEGIN_WAITING)

    def all(self, statement: Compiled, values: Sequence[object] = ()) -> list[Record]:
        """Every row."""
        self.settle()
        return self._rows(statement.postgresql, values)

    def one(self, statement: Compiled, values: Sequence[object] = ()) -> Record | None:
        """The first row, if any."""
        self.settle()
        rows = self._rows(statement.postgresql, values)
        return rows[0] if rows else None

    def write(self, statement: Compiled, values: Sequence[object] = ()) -> None:
        """Hold a statement; what is wrong with it shows in a later call, at the latest in `settle`."""
        self._wrote = True
        # In one statement nothing is before anything else, so it can write a row only once.
        key = (statement, *values[: statement.keys])
        if not statement.keys or key in self._keys or len(self._values) + len(values) > VALUES_MAX:
            self.settle()
        if not statement.keys or not self._holds:
            self._run(statement.postgresql, values)
            return
        self._keys.add(key)
        self._held.append(statement)
        self._values += values

    def change(self, statement: Compiled, values: Sequence[object] = ()) -> int:
        """Run a statement and give the number of rows it hit."""
        self._wrote = True
        self.settle()
        hit: int = self._run(statement.postgresql, values).rowcount
        return hit

    def command(self, text: str) -> None:
        """Run a command such as SAVEPOINT, after what is held."""
        self.settle()
        self._run(text, None)

    def query(self, text: str) -> list[Record]:
        """Every row of a fixed text without values."""
        self.settle()
        return self._rows(text, None)

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

    def await_replication(self) -> None:
        """Let COMMIT wait for the synchronous standby, where there is one, even if nothing is written."""
        if self.query(STANDBYS_NAMED)[0][0]:
            self.query(REPLICATED)
            self._wrote = True

    def commit(self) -> None:
        """End the transaction; raises OutcomeUnknown unless the server says COMMIT and warns of nothing.

        A server whose wait for its standby was ended warns, and says COMMIT all the same.
        """
        self.settle()
        self._warnings.clear()
        try:
            done = self._run("COMMIT", None).statusmessage
        except StoreUnreachable as error:
            if not self._wrote:
                raise
            doubt = faults.lost_while_committing(
                "The database was lost while this was written.", error.details
            )
            doubt.since = error.since
            raise doubt from error
        if self._wrote and (self._warnings or done != "COMMIT"):
            said = "; ".join(self._warnings) or f"the answer to COMMIT was {done}"
            raise faults.lost_while_committing(
                "The database did not confirm that this is on its second server too.",
                f"{self._where}: {said}.",
            )

    def rest(self) -> bool:
        """Roll back what is open and forget what is held; False when the server does not answer."""
        import psycopg

        self.abandon()
        self._holds = self._wrote = False
        self._seen = None
        self._warnings.clear()
        connection = self._connection
        if connection is None:
            return False
        try:
            if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                self._run("ROLLBACK", None)
        except (psycopg.Error, StoreError):
            self._drop()
            return False
        return True

    def close(self) -> None:
        """Close the connection."""
        self._drop()

    @property
    def waiting(self) -> Waiting | None:
        """How long the statement that runs has had no answer."""
        since = self._since
        return None if since is None else waiting_since(since, self._wait)

    def check(self) -> None:
        """Cut the connection where the statement had its time: a frozen server never says that it is gone."""
        with self._lock:
            if self._since is not None and time.monotonic() - self._since >= self._limit:
                self._cut()

    def cut(self) -> None:
        """Cut the connection where a statement has no answer: whoever asked does not wait any longer."""
        with self._lock:
            if self._since is not None:
                if self._wait is not None:
                    self._wait.give_up()
                self._cut()

    def _cut(self) -> None:
        self.was_cut = True
        with (
            suppress(OSError, StoreError),
            socket.socket(fileno=os.dup(self.connection.fileno())) as line,
        ):
            line.shutdown(socket.SHUT_RDWR)

    def patient(self, seconds: float) -> None:
        """Let each statement on this connection take so long."""
        self._limit = seconds

    def asked(self) -> None:
        """Count the time from now: something is asked of the connection itself."""
        self._since = time.monotonic()

    def answered(self) -> None:
        """It was answered, or failed."""
        with self._lock:
            self._since = None

    def _begin(self, text: str) -> None:
        """Begin, on a new connection where the one from before is dead."""
        self._limit = STATEMENT_SECONDS
        with patience() as (wait, _):
            self._wait = wait
            while True:
                try:
                    self._open()
                    self._run(text, None)
                except StoreUnreachable as error:
                    self._drop()
                    self._lost()
                    wait.pause(error)
                else:
                    wait.go_on()
                    return

    def _open(self) -> None:
        if self._connection is not None:
            return
        began = time.monotonic()
        try:
            connection = self._connect()
        except StoreUnreachable as error:
            error.since = began
            raise
        connection.add_notice_handler(lambda said: self._warnings.append(said.message_primary or ""))
        self._connection, self._cursor = connection, connection.cursor()
        self.was_cut = False
        watch(self)

    def _drop(self) -> None:
        import psycopg

        unwatch(self)
        connection, self._connection, self._cursor = self._connection, None, None
        if connection is not None:
            with suppress(psycopg.Error):
                connection.close()

    def _rows(self, text: str, values: Sequence[object] | None) -> list[Record]:
        while True:
            try:
                rows: list[Record] = self._run(text, values).fetchall()
            except StoreUnreachable as error:
                self._read_again(error)
                continue
            if self._seen is not None:
                self._see(text, values, rows)
            return rows

    def _see(self, text: str, values: Sequence[object] | None, rows: list[Record]) -> None:
        if self._seen is None or len(self._seen) >= READ_AGAIN_MAX:
            self._seen = None
            return
        try:
            self._seen.append((text, values, hash(tuple(rows))))
        except TypeError:  # a list or an object in a column cannot be compared that way
            self._seen = None

    def _read_again(self, lost: StoreUnreachable) -> None:
        """Go on reading elsewhere, where all that was answered so far is answered the same again."""
        if self._seen is None:
            raise lost
        seen, self._seen = self._seen, None
        with patience() as (wait, _):
            while True:
                wait.pause(lost)
                self._drop()
                self._lost()
                self._begin(BEGIN_READING)
                try:
                    same = all(
                        hash(tuple(self._run(text, values).fetchall())) == answer
                        for text, values, answer in seen
                    )
                except StoreUnreachable as error:
                    lost = error
                    continue
                if not same:
                    raise lost
                self._seen = seen
                return

    def _run(self, text: str, values: Sequence[object] | None) -> psycopg.Cursor[Record]:
        import psycopg

        if self._cursor is None:
            raise faults.unreachable(ConnectionError("the connection was lost"), self._where)
        self._since = since = time.monotonic()
        try:
            cursor: psycopg.Cursor[Record] = self._cursor.execute(text, values)
        except psycopg.Error as error:
            if error.sqlstate == _NOT_ON_A_STANDBY and text == BEGIN_WRITING:
                raise faults.unreachable(error, self._where, since=since) from error
            if error.sqlstate == _READ_ONLY and not self._holds:
                raise faults.opened_read_only(self._where) from error
            raise faults.of_postgres(error, self._where, since=since) from error
        finally:
            self.answered()
        return cursor


@lru_cache(maxsize=256)
def _joined(statements: tuple[Compiled, ...]) -> str:
    """One statement that does all of them, the last as its body and the others as parts before it."""
    *parts, body = (statement.postgresql for statement in statements)
    if not parts:
        return body
    named = ", ".join(f"part_{number} AS ({part})" for number, part in enumerate(parts))
    return f"WITH {named} {body}"
