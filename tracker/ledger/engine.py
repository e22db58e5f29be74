"""What the store needs of a database driver: connections that are kept, and sessions that run statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from threading import Lock
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
        """Run or send a word of transaction control."""

    def query(self, text: str) -> list[Record]:
        """Every row of a fixed text without values."""

    def settle(self) -> None:
        """Wait for every statement that was sent; raises what was wrong with it."""

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

    def forget(self) -> tuple[str, ...]:
        """Remove from disk, as far as the engine can, what was deleted; gives where it may still be read."""

    def close(self) -> None:
        """Close every connection that is not in use."""


ConnectionT = TypeVar("ConnectionT")


class Pool(Generic[ConnectionT]):
    """Connections that are ready: the one used last is taken first, since its caches are warm."""

    def __init__(self, connect: Callable[[], ConnectionT], close: Callable[[ConnectionT], None]) -> None:
        self._connect = connect
        self._close = close
        self._ready: list[ConnectionT] = []
        self._closed = False
        self._lock = Lock()

    def take(self) -> ConnectionT:
        """A connection for one transaction."""
        with self._lock:
            if self._ready:
                return self._ready.pop()
        return self._connect()

    def give(self, connection: ConnectionT) -> None:
        """Put a sound connection back."""
        with self._lock:
            if not self._closed:
                self._ready.append(connection)
                return
        self._close(connection)

    def drop(self, connection: ConnectionT) -> None:
        """Close a connection whose state is not known."""
        self._close(connection)

    def close(self) -> None:
        """Close what is ready now, and what is given back later."""
        with self._lock:
            self._closed = True
            ready, self._ready = self._ready, []
        for connection in ready:
            self._close(connection)

    def __iter__(self) -> Iterator[ConnectionT]:
        return iter(tuple(self._ready))
