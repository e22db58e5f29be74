"""What the store needs of a database driver: connections that are kept, and sessions that run statements."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Generic, Literal, Protocol, TypeVar

from tracker.ledger.compiled import Compiled

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
    """Sessions kept ready, one for each transaction that runs at the same time.

    The one used last is taken first, since its caches are warm. A stack is all that is asked: how many there
    may be and whether a server still answers is not decided here.
    """

    def __init__(self, connect: Callable[[], SessionT]) -> None:
        self._connect = connect
        self._ready: deque[SessionT] = deque()
        """Threads take from it and put back without a lock: each of the two is one step of a deque."""

        self._closed = False

    @contextmanager
    def taken(self) -> Iterator[SessionT]:
        """A session for one transaction."""
        ready = self._ready
        try:
            session = ready.pop()
        except IndexError:
            session = self._connect()
        try:
            yield session
        finally:
            if self._closed or not session.rest() or ready is not self._ready:
                session.close()
            else:
                ready.append(session)

    def drain(self) -> None:
        """Close the sessions that are ready, and those in use when they come back: their server is gone."""
        drained, self._ready = self._ready, deque()
        while drained:
            drained.pop().close()

    def close(self) -> None:
        """Close the sessions that are ready now, and later those in use."""
        self._closed = True
        self.drain()
