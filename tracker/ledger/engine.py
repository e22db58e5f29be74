"""What the store needs of a database driver: connections that are kept, and sessions that run statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar, cast

import sqlalchemy as sa

from tracker.ledger.compiled import Compiled

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection

Dialect = Literal["sqlite", "postgresql"]
Record = tuple[Any, ...]
"""A row as the driver gives it."""

TIMEOUT_SECONDS = 10.0
"""How long a writer waits: longer than any transaction of ours, shorter than a person's patience."""


class Session(Protocol):
    """One open transaction on one connection; driver errors come out as conflicts and store errors."""

    @property
    def dialect(self) -> Dialect:
        """Which engine this is, for the few statements that differ."""

    def all(self, statement: Compiled, values: Sequence[object] = ()) -> list[Record]:
        """Every row."""

    def one(self, statement: Compiled, values: Sequence[object] = ()) -> Record | None:
        """The first row, if any."""

    def write(self, statement: Compiled, values: Sequence[object] = ()) -> None:
        """Run a statement whose outcome nobody waits for; on PostgreSQL a clash may show only later."""

    def change(self, statement: Compiled, values: Sequence[object] = ()) -> int:
        """Run a statement and give the number of rows it hit."""

    def command(self, text: str) -> None:
        """Run a command such as COMMIT or SAVEPOINT, after all that was written."""

    def query(self, text: str) -> list[Record]:
        """Every row of a fixed text without values."""

    def settle(self) -> None:
        """Wait for every statement that was sent; raises what was wrong with it."""

    def await_replication(self) -> None:
        """Let the end of this transaction wait until all it saw is safe, even if it wrote nothing itself."""

    def abandon(self) -> None:
        """Wait for every statement that was sent, whatever became of it."""


class Engine(Protocol):
    """A database that can be read and written in transactions."""

    @property
    def dialect(self) -> Dialect:
        """Which engine this is."""

    def writing(self) -> AbstractContextManager[Session]:
        """A transaction that is committed at the end, or rolled back by an exception."""

    def reading(self) -> AbstractContextManager[Session]:
        """A transaction that sees one state of the database and writes nothing."""

    def await_replication(self) -> None:
        """Come back when all that can be seen now would outlast the loss of one machine, as far as it can."""

    def forget(self) -> tuple[str, ...]:
        """Remove from disk, as far as the engine can, what was deleted; gives where it may still be read."""

    def close(self) -> None:
        """Close every connection that is not in use."""


class Pooled(Protocol):
    """A session on a connection that a pool keeps."""

    def rest(self) -> bool:
        """End what is open; False when the connection is of no further use."""

    def close(self) -> None:
        """Close the connection."""


SessionT = TypeVar("SessionT", bound=Pooled)


class Sessions(Generic[SessionT]):
    """Sessions kept ready in a pool of SQLAlchemy's, one for each transaction that runs at the same time.

    The one used last is taken first, since its caches are warm.
    """

    def __init__(self, connect: Callable[[], SessionT]) -> None:
        # All that a pool asks of a connection is that it can be closed, and a session can.
        make = cast("Callable[[], DBAPIConnection]", connect)
        self._pool: sa.Pool = sa.QueuePool(make, pool_size=0, use_lifo=True, reset_on_return=None)
        self._closed = False

    @contextmanager
    def taken(self) -> Iterator[SessionT]:
        """A session for one transaction."""
        pool = self._pool
        connection = pool.connect()
        session = cast("SessionT", connection.dbapi_connection)
        try:
            yield session
        finally:
            if self._closed or not session.rest() or pool is not self._pool:
                connection.invalidate()
            connection.close()

    def drain(self) -> None:
        """Close the sessions that are ready, and those in use when they come back: their server is gone."""
        drained, self._pool = self._pool, self._pool.recreate()
        drained.dispose()

    def close(self) -> None:
        """Close the sessions that are ready now, and later those in use."""
        self._closed = True
        self._pool.dispose()
