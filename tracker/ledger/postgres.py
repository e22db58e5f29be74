"""PostgreSQL through psycopg 3: many stations on one database, each transaction READ COMMITTED."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from schema.errors import OutcomeUnknown, StoreError, StoreUnreachable
from tracker.ledger import addresses, faults
from tracker.ledger.engine import Dialect, Record, Sessions
from tracker.ledger.postgres_session import PostgresSession
from tracker.ledger.retry import retrying

if TYPE_CHECKING:
    import psycopg

CONNECT_SECONDS: Final = 5
_TIMELY: Final = {
    "connect_timeout": CONNECT_SECONDS,
    # An unplugged machine is noticed in about ten seconds, whether we wait for it or it for us.
    "tcp_user_timeout": 10_000,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}

LOCK_TIMEOUT: Final = "SET lock_timeout = {}"
SETTINGS: Final = ("SET client_min_messages = warning", "SELECT current_setting('synchronous_commit', true)")
SYNCHRONOUS: Final = "SET synchronous_commit = on"

_WEAKER: Final = frozenset({"off", "local", "remote_write"})
"""Settings of `synchronous_commit` under which an answered COMMIT can be lost with the server."""

_WAITS_FOR_STANDBY: Final = (
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND datname = current_database()"
)


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

    _, arguments = PGDialect_psycopg().create_connect_args(  # type: ignore[no-untyped-call]
        addresses.for_writing(url)
    )
    for name, value in {**_TIMELY, "application_name": "cartrail", "client_encoding": "utf8"}.items():
        arguments.setdefault(name, value)
    try:
        connection: psycopg.Connection[Record] = psycopg.connect(autocommit=autocommit, **arguments)
        _set(connection, timeout)
        if not autocommit:
            connection.commit()
    except psycopg.ProgrammingError as error:
        raise faults.bad_option(error) from error
    except psycopg.Error as error:
        raise faults.unreachable(error, addresses.shown(url)) from error
    connection.prepare_threshold = 2
    return connection


def _set(connection: psycopg.Connection[Record], timeout: float) -> None:
    """What a session must not leave to the defaults of a server or role.

    The warning that a COMMIT is on one machine only has to reach us, and each COMMIT has to wait for the
    standby, where there is one.
    """
    cursor = connection.execute("; ".join((LOCK_TIMEOUT.format(int(timeout * 1000)), *SETTINGS)))
    while cursor.nextset():
        pass
    row = cursor.fetchone()
    if row is not None and row[0] in _WEAKER:
        connection.execute(SYNCHRONOUS)


_TRACES: Final = (
    "dead rows of the table erasable, until the server's VACUUM has gone over it",
    "the server's write-ahead log and its archive, until they are recycled",
    "replicas, until they have replayed this transaction; a delayed one keeps it longer",
    "backups and dumps made before, for as long as they are kept: erase there too after a restore",
)


class PostgresEngine:
    """One PostgreSQL database, on one server or on several of which one takes writes."""

    dialect: Dialect = "postgresql"

    def __init__(self, url: sa.URL, *, read_only: bool, timeout: float) -> None:
        self.where = addresses.shown(url)
        self._url = url
        self._timeout = timeout
        self._read_only = read_only
        self._sessions = Sessions(self._new)

    @contextmanager
    def writing(self) -> Iterator[PostgresSession]:
        """A transaction that is committed at the end; raises OutcomeUnknown where that is not known."""
        if self._read_only:
            raise faults.opened_read_only(self.where)
        with self._sessions.taken() as session:
            session.begin_writing()
            yield session
            self._commit(session)

    @contextmanager
    def reading(self) -> Iterator[PostgresSession]:
        """A transaction that sees the state of its first query, however long it lasts."""
        with self._sessions.taken() as session:
            session.begin_reading()
            yield session

    def await_replication(self) -> None:
        """Come back when all that can be seen now is on the synchronous standby too, where there is one."""
        retrying(self._barrier)

    def forget(self) -> tuple[str, ...]:
        """Nothing: the server overwrites erased rows in its own time, and copies are not in its hands."""
        return _TRACES

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._sessions.close()

    def _new(self) -> PostgresSession:
        return PostgresSession(
            lambda: connect(self._url, timeout=self._timeout), self.where, self._sessions.drain
        )

    def _commit(self, session: PostgresSession) -> None:
        try:
            session.commit()
        except OutcomeUnknown as doubt:
            if session.was_cut and self._waits_for_standby():
                doubt.message = (
                    "The database waits for its second server, which does not answer. It is not known whether"
                    " this was written."
                )
            doubt.settle = self._barrier
            raise

    def _barrier(self) -> None:
        with self._sessions.taken() as session:
            session.begin_waiting()
            session.await_replication()
            try:
                session.commit()
            except OutcomeUnknown as doubt:
                # Nothing was written here: what was seen is just not safe yet.
                lost = StoreUnreachable("The database has not confirmed yet that its second server has this.")
                lost.since = doubt.since
                raise lost.with_details(doubt.details) from doubt

    def _waits_for_standby(self) -> bool:
        """Whether a COMMIT of this database waits for a standby just now, as far as this role may see."""
        try:
            with connect(self._url, timeout=self._timeout) as connection:
                row = connection.execute(_WAITS_FOR_STANDBY).fetchone()
        except StoreError:
            return False
        return row is not None and row[0] > 0
