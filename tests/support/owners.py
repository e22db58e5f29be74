"""Somebody who owns a database of either engine: guards off, statements of their own, guards on again."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import psycopg

from schema.guards import GUARDED
from tracker.ledger import creation


class Run(Protocol):
    """What runs a statement with `?` for each value, on either engine."""

    def __call__(self, statement: str, *values: object) -> None:
        """Run it."""


@contextmanager
def owner(url: str) -> Iterator[Run]:
    """A function that runs a statement on the store of an address, whatever the guards would say."""
    address = creation.parsed(url)
    if address.drivername == "sqlite":
        yield from _of_file(address.database or "")
        return
    plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        yield from _of_server(connection)


def _of_file(path: str) -> Iterator[Run]:
    connection = sqlite3.connect(path, isolation_level=None)
    guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    try:
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        yield lambda statement, *values: _ran(connection.execute(statement, values))
        for _, statement in guards:
            connection.execute(statement)
    finally:
        connection.close()


def _of_server(connection: psycopg.Connection) -> Iterator[Run]:
    rows = (
        "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal"
    )
    guards = [row for row in connection.execute(rows).fetchall() if row[0] in {one.table for one in GUARDED}]
    for table, name in guards:
        connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
    yield lambda statement, *values: _ran(connection.execute(statement.replace("?", "%s"), values))
    for table, name in guards:
        connection.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def _ran(_: object) -> None:
    """A statement gives nothing back."""
