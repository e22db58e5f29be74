"""One state of a store, read row by row as it lies there, whatever somebody has put into the columns."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from schema import guards
from schema.errors import IntegrityFailure
from tracker.ledger import creation, faults
from tracker.ledger.engine import Record, Session
from tracker.ledger.postgres_session import PostgresSession
from tracker.ledger.roles import Rights, rights
from tracker.ledger.sqlite import SqliteSession
from tracker.ledger.store import Store

T = TypeVar("T")

ROWS_AT_ONCE: Final = 200
"""Rows a server sends at a time; a body has about two kilobytes."""

_CACHE_KIBIBYTES: Final = 4_000
_STATEMENT_SECONDS: Final = 600.0
"""A server sorts and joins millions of rows before it gives the first; one that is frozen is found out."""

_ENTRIES: Final = (
    "SELECT e.chain, e.sequence, e.body, e.digest, e.statement_digest, e.event_id, p.recorded_at,"
    " l.leaf_index FROM custody_event e"
    " LEFT JOIN log_pending p ON p.chain = e.chain AND p.sequence = e.sequence"
    " LEFT JOIN log_leaf l ON l.chain = e.chain AND l.sequence = e.sequence"
)


@dataclass(frozen=True, slots=True)
class Span:
    """Chains from one up to, and without, another; what is no text sorts before or behind all of them."""

    low: str | None = None
    high: str | None = None

    def where(self, column: str) -> str:
        """The condition on a column."""
        parts = []
        if self.low is not None:
            parts.append(f"{column} >= {_quoted(self.low)}")
        if self.high is not None:
            low = f"{column} < {_quoted(self.high)}"
            parts.append(low if self.low is not None else f"({low} OR {column} IS NULL)")
        return " AND ".join(parts) or "1 = 1"


def _quoted(text: str) -> str:
    """A text in a statement: bounds are read off tables, in which a column can be made to hold anything."""
    return "'" + text.replace("'", "''") + "'"


class StoredRow(NamedTuple):
    """An entry as it lies in the table; in a SQLite file, any column can be made to hold anything."""

    chain: Any
    sequence: Any
    body: Any
    digest: Any
    statement_digest: Any
    event_id: Any
    pending_at: Any
    """The time in the queue for the tree; None when the entry is not in it."""

    leaf_index: Any
    """The leaf of the tree; None when the tree has not taken the entry in."""

    @property
    def chain_name(self) -> str:
        """The chain, for findings."""
        return self.chain if isinstance(self.chain, str) else repr(self.chain)

    @property
    def number(self) -> int | None:
        """The sequence, for findings."""
        return self.sequence if isinstance(self.sequence, int) else None


class Snapshot:
    """A store in one read transaction; every statement here is fixed, and nothing can be written."""

    def __init__(self, session: Session, where: str) -> None:
        self._session = session
        self._where = where
        self._names = (f"cartrail_verify_{number}" for number in itertools.count())
        if isinstance(session, SqliteSession):
            # Rows are read once and in order, so that pages kept would only take memory.
            session.connection.execute(f"PRAGMA cache_size = -{_CACHE_KIBIBYTES}")

    def rows(self, text: str) -> Iterator[Record]:
        """The rows of a statement, one after the other; raises IntegrityFailure for a damaged file."""
        if isinstance(self._session, SqliteSession):
            return _sqlite_rows(self._session, text, self._where)
        if isinstance(self._session, PostgresSession):
            return _postgres_rows(self._session, text, self._where, next(self._names))
        raise TypeError(f"no rows from a {type(self._session).__name__}")

    def registry(self) -> Iterator[StoredRow]:
        """The entries of the registry, in order."""
        text = f"{_ENTRIES} WHERE e.chain = 'registry' ORDER BY e.chain, e.sequence"
        return map(StoredRow._make, self.rows(text))

    def therapies(self, span: Span) -> Iterator[StoredRow]:
        """The entries of the therapies of a span, chain by chain."""
        where = f"e.chain <> 'registry' AND {span.where('e.chain')}"
        text = f"{_ENTRIES} WHERE {where} ORDER BY e.chain, e.sequence"
        return map(StoredRow._make, self.rows(text))

    def table(self, table: str, columns: Sequence[str], span: Span, by: str = "coi") -> Iterator[Record]:
        """The rows of a read table whose therapies, named in one column, are in a span, in their order."""
        where = span.where(by)
        return self.rows(f"SELECT {', '.join(columns)} FROM {table} WHERE {where} ORDER BY {by}")  # noqa: S608  our own names

    def count(self, table: str) -> int:
        """How many rows a table has."""
        (row,) = self.rows(f"SELECT count(*) FROM {table}")  # noqa: S608  our own names
        return int(row[0])

    def leaves_of(self, chain: str) -> int:
        """How many leaves of the log are of a chain."""
        (row,) = self.rows(f"SELECT count(*) FROM log_leaf WHERE chain = {_quoted(chain)}")  # noqa: S608  quoted
        return int(row[0])

    @property
    def is_file(self) -> bool:
        """Whether other processes can read the same by themselves."""
        return self._session.dialect == "sqlite"

    def state(self) -> tuple[object, ...]:
        """What differs as soon as anything is recorded or taken into the log; of a SQLite file."""
        found: list[object] = []
        for text in ("max(rowid) FROM custody_event", "max(leaf_index) FROM log_leaf"):
            found += next(self.rows(f"SELECT {text}"), ())
        return tuple(found)

    def missing_guards(self) -> list[str]:
        """The names of append-only guards that are not in place."""
        found = self.rows(guards.FOUND[self._session.dialect])
        return guards.missing(self._session.dialect, ((str(row[0]), str(row[1])) for row in found))

    def rights(self) -> Rights | None:
        """Who could do more to the ledger than add to it; None for a SQLite file, which has no roles."""
        return None if self.is_file else rights(self.rows)


@contextmanager
def opened(url: str) -> Iterator[Snapshot]:
    """The store of an address, read-only and with unchecked guards; raises StoreError where there is none."""
    where = creation.shown(url)
    try:
        Store.open(url, read_only=True, check_guards=False).close()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        # SQLite names in its messages what it found, which in a damaged file need not even be text.
        raise IntegrityFailure(f"{where} is damaged: SQLite cannot read its tables.") from error
    engine = creation.engine_of(creation.parsed(url), read_only=True)
    try:
        with engine.reading() as session:
            yield Snapshot(session, where)
    finally:
        engine.close()


def _lenient_text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _sqlite_rows(session: SqliteSession, text: str, where: str) -> Iterator[Record]:
    connection, given = session.connection, 0
    try:
        cursor = connection.execute(text)
        while True:
            try:
                rows = cursor.fetchmany(ROWS_AT_ONCE)
            except sqlite3.OperationalError as error:
                if connection.text_factory is _lenient_text or "decode" not in str(error):
                    raise
                # Text that is not UTF-8 ends in a finding, not in the end of the reading; it is rare, and to
                # decode all text so would take longer than reading it.
                connection.text_factory = _lenient_text
                cursor = connection.execute(text)
                for _ in range(given):
                    cursor.fetchone()
                continue
            if not rows:
                return
            given += len(rows)
            yield from rows
    except UnicodeDecodeError as error:
        raise IntegrityFailure(f"{where} is damaged: it cannot be read to its end.") from error
    except sqlite3.Error as error:
        told = faults.of_sqlite(error, Path(where), None)
        if told is error:
            told = IntegrityFailure(f"{where} is damaged: it cannot be read to its end: {error}.")
        raise told from error


def _postgres_rows(session: PostgresSession, text: str, where: str, name: str) -> Iterator[Record]:
    import psycopg

    session.patient(_STATEMENT_SECONDS)
    try:
        with session.connection.cursor(name=name, scrollable=False) as cursor:
            _timed(session, lambda: cursor.execute(text))
            while rows := _timed(session, lambda: cursor.fetchmany(ROWS_AT_ONCE)):
                yield from rows
    except psycopg.Error as error:
        raise faults.of_postgres(error, where) from error


def _timed(session: PostgresSession, ask: Callable[[], T]) -> T:
    session.asked()
    try:
        return ask()
    finally:
        session.answered()
