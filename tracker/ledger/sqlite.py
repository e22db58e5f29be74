"""SQLite: one file in WAL mode, every commit on disk, writers one after the other."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from schema.errors import CartrailError
from tracker.ledger import faults
from tracker.ledger.compiled import Compiled
from tracker.ledger.engine import Dialect, Record, Sessions
from tracker.ledger.queue import QueuePlace

PRAGMAS: Final = (
    "PRAGMA synchronous = FULL",  # a commit that was answered survives a power cut
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what is erased is overwritten, not only unlinked
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cache_size = -16000",
    "PRAGMA wal_autocheckpoint = 4000",  # pages written again and again reach the file once
)

_PARTS_IN_MEMORY: Final = "PRAGMA temp_store = MEMORY"
"""A savepoint keeps the pages that change after it, and what is in them is not for a file in /tmp."""


def connect(path: Path, *, read_only: bool, timeout: float) -> sqlite3.Connection:
    """A connection with our settings; SQLite alone decides here whether the file can be opened."""
    mode = "ro" if read_only else "rw"
    if read_only and not _may_share(path):
        # Nobody can write to this copy, so SQLite needs no shared memory beside it.
        mode = "ro&immutable=1"
    address = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(
        address,
        uri=True,
        timeout=timeout,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    for pragma in PRAGMAS:
        connection.execute(pragma)
    if read_only:
        connection.execute("PRAGMA query_only = ON")
    return connection


def _may_share(path: Path) -> bool:
    log = Path(f"{path}-wal")
    if log.exists() and log.stat().st_size:
        return True
    return os.access(path.parent, os.W_OK)


class OpenFiles:
    """Which files a connection has open: they can be replaced under it, and SQLite does not notice.

    The write-ahead log and the shared memory belong to it. They stay while any connection is open, so one
    that is gone was taken away by somebody else, and what is written goes to a file without a name.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        # The same path objects each time: one that is made anew takes longer than the file system does.
        files = (path, Path(f"{path}-wal"), Path(f"{path}-shm"))
        self._open = [(file, identity) for file in files if (identity := _identity(file)) is not None]

    @property
    def gone(self) -> str | None:
        """The first file that is not at its path any more; None while all are."""
        for file, identity in self._open:
            if _identity(file) != identity:
                return file.name
        return None

    def require(self) -> None:
        """Raise StoreError where a file was deleted or replaced."""
        if (gone := self.gone) is not None:
            raise faults.replaced(self._path, gone)


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


class SqliteSession:
    """An open transaction; driver errors come out as conflicts and store errors."""

    dialect: Dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection = connection
        self._path = path
        self._file = _identity(path)
        self._run = connection.execute

    def all(self, statement: Compiled, values: Sequence[object] = ()) -> list[Record]:
        """Every row."""
        try:
            return self._run(statement.sqlite, values).fetchall()
        except sqlite3.Error as error:
            raise faults.of_sqlite(error, self._path, None) from error

    def one(self, statement: Compiled, values: Sequence[object] = ()) -> Record | None:
        """The first row, if any."""
        try:
            row: Record | None = self._run(statement.sqlite, values).fetchone()
        except sqlite3.Error as error:
            raise faults.of_sqlite(error, self._path, None) from error
        return row

    def write(self, statement: Compiled, values: Sequence[object] = ()) -> None:
        """Run a statement whose outcome nobody waits for."""
        try:
            self._run(statement.sqlite, values)
        except sqlite3.Error as error:
            # Only rows of custody_event clash by key, and they start with chain, sequence and event id.
            clash = (str(values[0]), str(values[2])) if len(values) > 2 else None
            raise faults.of_sqlite(error, self._path, clash) from error

    def change(self, statement: Compiled, values: Sequence[object] = ()) -> int:
        """Run a statement and give the number of rows it hit."""
        try:
            return self._run(statement.sqlite, values).rowcount
        except sqlite3.Error as error:
            raise faults.of_sqlite(error, self._path, None) from error

    def command(self, text: str) -> None:
        """Run a command such as COMMIT."""
        try:
            self._run(text)
        except sqlite3.Error as error:
            raise faults.of_sqlite(error, self._path, None) from error

    def await_replication(self) -> None:
        """Nothing: what can be read was committed to this file's own disk."""

    def settle(self) -> None:
        """Nothing: each statement has run when its call returns."""

    def abandon(self) -> None:
        """Nothing, for the same reason."""

    def query(self, text: str) -> list[Record]:
        """Every row of a fixed text without values."""
        try:
            return self._run(text).fetchall()
        except sqlite3.Error as error:
            raise faults.of_sqlite(error, self._path, None) from error

    def require_file(self) -> None:
        """Raise StoreError where the file that is open is not the one at the path any more."""
        if _identity(self._path) != self._file:
            raise faults.replaced(self._path, self._path.name)

    def rest(self) -> bool:
        """Roll back what is open; False when that fails."""
        try:
            self.connection.rollback()
        except sqlite3.Error:
            return False
        return True

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


class _Writer(SqliteSession):
    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__(connect(path, read_only=False, timeout=timeout), path)
        try:
            # A copy may have lost the mode; where it is set already this costs nothing.
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute(_PARTS_IN_MEMORY)
            # Only a query opens the log, and makes it where it is not there yet.
            self.connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
            self.files = OpenFiles(path)
            self.place = QueuePlace(path, path.stat().st_mode & 0o777)
        except (OSError, sqlite3.Error):
            self.connection.close()
            raise

    def commit(self) -> None:
        """Commit into the file that lies at the path; raises StoreError where that is another one now."""
        self.files.require()
        try:
            self._run("COMMIT")
        except sqlite3.Error as error:
            raise faults.commit_of_sqlite(error, self._path) from error
        if (gone := self.files.gone) is not None:
            raise faults.replaced_meanwhile(self._path, gone)

    def rewrite(self) -> None:
        """Rewrite the file by a copy on the disk: a whole store may not fit into memory."""
        self.command("PRAGMA temp_store = FILE")
        try:
            self.command("VACUUM")
        finally:
            self.command(_PARTS_IN_MEMORY)

    def close(self) -> None:
        """Close the connection and the place in the queue."""
        self.place.close()
        super().close()


class SqliteEngine:
    """One SQLite file."""

    dialect: Dialect = "sqlite"

    def __init__(self, path: Path, *, read_only: bool, timeout: float) -> None:
        self.path = path
        self._timeout = timeout
        self._read_only = read_only
        self._writers = Sessions(self._new_writer)
        self._readers = Sessions(self._new_reader)

    @contextmanager
    def writing(self) -> Iterator[SqliteSession]:
        """A transaction in its turn, committed at the end."""
        if self._read_only:
            raise faults.opened_read_only(str(self.path))
        with self._in_turn() as writer:
            writer.files.require()
            writer.command("BEGIN IMMEDIATE")
            try:
                yield writer
                writer.commit()
            except BaseException:
                # Before the next writer's turn. A full disk may already have rolled back.
                if writer.connection.in_transaction:
                    writer.connection.rollback()
                raise

    @contextmanager
    def _in_turn(self) -> Iterator[_Writer]:
        with self._writers.taken() as writer:
            writer.place.enter(self._timeout)
            try:
                yield writer
            finally:
                writer.place.leave()

    @contextmanager
    def reading(self) -> Iterator[SqliteSession]:
        """A transaction that sees the state of its first moment, however long it lasts."""
        with self._readers.taken() as reader:
            reader.require_file()
            reader.command("BEGIN")
            # Without this the moment would be that of the first query.
            reader.query("SELECT 1 FROM sqlite_master LIMIT 1")
            yield reader

    def await_replication(self) -> None:
        """Nothing: what can be read was committed to this file's own disk."""

    def forget(self) -> tuple[str, ...]:
        """Rewrite the file and empty the write-ahead log; gives where older bytes may still be read.

        What SQLite moved from page to page lies there in two places, and it overwrites only the last one.
        """
        traces = [f"the copy {copy}" for copy in sorted(self.path.parent.glob(f"{self.path.name}.*.bak"))]
        try:
            with self._in_turn() as writer:
                writer.rewrite()
            with self._writers.taken() as writer:
                writer.command("PRAGMA wal_checkpoint(TRUNCATE)")
        except CartrailError as error:
            traces.append(f"the file {self.path}, which could not be rewritten: {error.message}")
        log = Path(f"{self.path}-wal")
        if log.exists() and log.stat().st_size:
            traces.append(f"{log}, which another program still reads: close every cartrail on this store")
        return (*traces, "backups of the file and snapshots of the disk that were made before")

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._readers.close()
        self._writers.close()

    def _new_reader(self) -> SqliteSession:
        try:
            return SqliteSession(connect(self.path, read_only=True, timeout=self._timeout), self.path)
        except sqlite3.Error as error:
            raise faults.of_sqlite(error, self.path, None) from error

    def _new_writer(self) -> _Writer:
        try:
            return _Writer(self.path, self._timeout)
        except sqlite3.Error as error:
            raise faults.of_sqlite(error, self.path, None) from error
        except OSError as error:
            raise faults.opened_read_only(str(self.path)) from error
