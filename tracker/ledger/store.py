"""A store: one database of one log, opened only when it is ours, current and guarded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from schema import guards, migrations
from schema.errors import IntegrityFailure, StoreError
from schema.tables import Row
from tracker.ledger import creation, faults
from tracker.ledger.engine import TIMEOUT_SECONDS, Dialect, Engine, Session
from tracker.ledger.outage import patience
from tracker.ledger.transaction import Transaction

_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgresql": (
        "SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')"
        " AND pg_table_is_visible(c.oid)"
    ),
}
"""What a name without a schema leads to, be it a table or something in its place."""

_REPLACED = (
    "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND pg_table_is_visible(c.oid)"
    " AND (c.relkind <> 'r' OR c.relnamespace <> (SELECT e.relnamespace FROM pg_class e"
    " WHERE e.relname = 'custody_event' AND pg_table_is_visible(e.oid)))"
)
"""What is read on a server and is no table beside the entries; a file has one place for names."""


class Store:
    """Gives transactions; may be used by many threads, each transaction by one at a time."""

    def __init__(self, engine: Engine, url: str) -> None:
        self._engine = engine
        self.url = url
        """The address with its password: verification opens the store by itself, in other processes."""

        self.traces: tuple[str, ...] = ()
        """Where what this store erased last may still be read, for people to see to."""

    @classmethod
    def create(cls, url: str) -> Store:
        """Make an empty database a store; raises StoreError, and changes nothing, when something is there."""
        creation.create(url)
        return cls.open(url)

    @staticmethod
    def require_free(url: str) -> None:
        """Raise StoreError where something is at an address at which a store is to be made."""
        creation.require_free(url)

    @classmethod
    def migrate(cls, url: str, *, app_role: str | None = None) -> list[str]:
        """Bring a store to this program's revision, guards and rights; gives the names of what was done."""
        return creation.migrate(url, app_role=app_role)

    @classmethod
    def open(
        cls, url: str, *, read_only: bool = False, check_guards: bool = True, timeout: float = TIMEOUT_SECONDS
    ) -> Store:
        """Open a store; raises StoreError when it cannot be used and GuardMissing when it is not protected.

        `check_guards=False` is for verification, which tells of a missing guard among its findings.
        """
        engine = creation.engine_of(creation.parsed(url), read_only=read_only, timeout=timeout)
        store = cls(engine, url)
        try:
            with engine.reading() as session:
                _check(session, creation.shown(url))
                lacking = guards.missing(engine.dialect, _described(session)) if check_guards else []
                replaced = _replaced(session) if check_guards else []
            if lacking:
                raise faults.guard_missing(lacking, creation.shown(url))
            if replaced:
                raise faults.table_replaced(replaced, creation.shown(url))
            if not read_only:
                creation.check_writable(url)
        except UnicodeDecodeError as error:
            store.close()
            raise IntegrityFailure(f"{creation.shown(url)} is damaged: its schema is not text.") from error
        except BaseException:
            store.close()
            raise
        return store

    @property
    def dialect(self) -> Dialect:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """A transaction, committed when its block ends and rolled back when an exception leaves it."""
        with patience(), self._engine.writing() as session:
            transaction = Transaction(session)
            yield transaction
        if transaction.has_erased:
            self.forget()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction that sees one state of the store and can write nothing."""
        with patience(), self._engine.reading() as session:
            yield Transaction(session)

    def await_replication(self) -> None:
        """Come back when all that can be seen is on the synchronous standby too, where there is one.

        To be called before what was read leaves as a promise: a receipt, a slip, a signed head.
        """
        self._engine.await_replication()

    def forget(self) -> tuple[str, ...]:
        """Clear the disk of what was erased, again where it could not be done at once; gives the traces."""
        self.traces = self._engine.forget()
        return self.traces

    def missing_guards(self) -> list[str]:
        """The names of append-only guards that are not in place."""
        with self._engine.reading() as session:
            return guards.missing(self.dialect, _described(session))

    def close(self) -> None:
        """Close the connections; transactions that are open end in their own time."""
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _described(session: Session) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in session.query(guards.FOUND[session.dialect])]


def _replaced(session: Session) -> list[str]:
    """The relations that are found in place of tables of ours."""
    found = session.query(_REPLACED) if session.dialect == "postgresql" else []
    return [f"{schema}.{name}" for schema, name in found if name in Row.metadata.tables]


def _check(session: Session, where: str) -> None:
    tables = {row[0] for row in session.query(_TABLES[session.dialect])}
    if not {"alembic_version", "custody_event"} <= tables:
        raise faults.no_store(where)
    revision = creation.known_revision([row[0] for row in session.query(migrations.VERSION)], where)
    if revision != migrations.HEAD:
        raise StoreError(
            f"{where} has the tables of revision {revision}; this program needs {migrations.HEAD}.",
            remedy="Run `cartrail migrate`; it makes a copy of a SQLite file first.",
            code="store_outdated",
        )
