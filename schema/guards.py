"""Append-only guards: triggers that stop every way to change or remove a ledger row by statement.

The owner of a database can drop them; then the chain, the tree and the paper are what shows it. They stop
mistakes, and programs that were never meant to write here.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class Guarded:
    """An append-only table and every key by which `INSERT OR REPLACE` could hit a row."""

    table: str
    keys: tuple[tuple[str, ...], ...]
    rowid: bool = True
    """Whether SQLite keeps a rowid beside the columns, by which a row could be replaced as well."""

    open_while: str | None = None
    """A column's text while which a row may still be written, but for the columns in `fixed`."""

    fixed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Guard:
    """One trigger: how to make it, and how the database describes it when it is as we made it."""

    name: str
    table: str
    create: str
    described: str


GUARDED: Final = (
    Guarded("custody_event", (("chain", "sequence"), ("event_id",))),
    Guarded("attachment", (("sha256",),)),
    Guarded("log_leaf", (("leaf_index",), ("chain", "sequence")), rowid=False),
    Guarded("log_node", (("level", "node_index"),), rowid=False),
    Guarded("checkpoint", (("tree_size",),), rowid=False),
    Guarded("cosignature", (("tree_size", "station"),), rowid=False),
    Guarded(
        "printed_copy",
        (("object_id", "copy_letter"),),
        rowid=False,
        open_while="outcome = 'printing'",
        fixed=(
            *("object_id", "copy_letter", "printed_at", "staff", "station"),
            *("label", "site", "unit", "reason"),
        ),
    ),
)

ALL_TABLES: Final = frozenset(guarded.table for guarded in GUARDED)

TAKEN: Final = "is taken"
"""What the replace guard says of a key, in the form `custody_event chain, sequence is taken`."""

FOUND: Final = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": (
        "SELECT t.tgname, concat_ws(' ', c.relname, t.tgtype, t.tgenabled, p.proname, p.prosrc)"
        " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
        " WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid)"
    ),
}
"""Gives each trigger's name and description."""

_FUNCTION = "cartrail_append_only"
_FUNCTION_BODY = (
    " BEGIN RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP"
    " USING ERRCODE = 'restrict_violation'; END "
)
# The bits of pg_trigger.tgtype for a trigger before a whole statement, which none that hits no row escapes.
_STATEMENT_BITS = {"update": 2 + 16, "delete": 2 + 8, "truncate": 2 + 32}


def guards(dialect: str) -> tuple[Guard, ...]:
    """Every guard that a store of this dialect must have."""
    make = _sqlite_guards if dialect == "sqlite" else _postgresql_guards
    return tuple(guard for guarded in GUARDED for guard in make(guarded))


def missing(
    dialect: str, found: Iterable[tuple[str, str]], *, tables: Container[str] = ALL_TABLES
) -> list[str]:
    """The names of guards that are not there, or are not as we made them."""
    there = {name: description.strip() for name, description in found}
    return [
        guard.name
        for guard in guards(dialect)
        if guard.table in tables and there.get(guard.name) != guard.described.strip()
    ]


def install(connection: sa.Connection, *, tables: Container[str] = ALL_TABLES) -> list[str]:
    """Put every missing guard in place and give the names; each migration ends with this.

    An older revision names its own tables, since those of later ones are not there yet.
    """
    dialect = connection.dialect.name
    lacking = missing(dialect, _found(connection), tables=tables)
    if lacking and dialect == "postgresql":
        connection.execute(
            sa.text(
                f"CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql"
                f" AS $guard${_FUNCTION_BODY}$guard$"
            )
        )
    for guard in guards(dialect):
        if guard.name in lacking:
            on = "" if dialect == "sqlite" else f" ON {guard.table}"
            connection.execute(sa.text(f"DROP TRIGGER IF EXISTS {guard.name}{on}"))
            connection.execute(sa.text(guard.create))
            if dialect == "postgresql":
                # An ALWAYS trigger fires also where session_replication_role would switch others off.
                connection.execute(sa.text(f"ALTER TABLE {guard.table} ENABLE ALWAYS TRIGGER {guard.name}"))
    left = missing(dialect, _found(connection), tables=tables)
    if left:
        raise RuntimeError(f"guards not in place after their creation: {', '.join(left)}")
    return lacking


def grants(role: str, schema: str = "public") -> list[str]:
    """The statements that give a PostgreSQL role what recording needs: of ledger tables, to read and add."""
    ledger = ", ".join(guarded.table for guarded in GUARDED if guarded.open_while is None)
    settled = ", ".join(guarded.table for guarded in GUARDED if guarded.open_while is not None)
    who, where = quoted(role), quoted(schema)
    return [
        f"GRANT USAGE ON SCHEMA {where} TO {who}",
        # First nothing: a right that somebody added, such as TRIGGER, goes with it.
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {where} FROM {who}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {where} TO {who}",
        f"REVOKE UPDATE, DELETE ON {ledger} FROM {who}",
        f"REVOKE DELETE ON {settled} FROM {who}",
        f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {who}",
    ]


def quoted(name: str) -> str:
    """A name as PostgreSQL takes it in a statement."""
    return '"' + name.replace('"', '""') + '"'


def _found(connection: sa.Connection) -> list[tuple[str, str]]:
    rows = connection.execute(sa.text(FOUND[connection.dialect.name]))
    return [(str(name), str(description)) for name, description in rows]


def _sqlite_guards(guarded: Guarded) -> Iterable[Guard]:
    table = guarded.table
    for act in ("update", "delete"):
        when = f" WHEN {_settled(guarded, 'IS NOT')}" if act == "update" and guarded.open_while else ""
        create = (
            f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table}{when}"
            f" BEGIN SELECT RAISE(ABORT, '{table} is append-only: {act.upper()} refused'); END"
        )
        yield Guard(f"{table}_no_{act}", table, create, create)
    # REPLACE deletes without firing the delete trigger, so each key is looked up first. The rowid is a key
    # too, even where no column shows it.
    keys = (*guarded.keys, ("rowid",)) if guarded.rowid else guarded.keys
    checks = "".join(
        f" SELECT RAISE(ABORT, '{table} {', '.join(key)} {TAKEN}') FROM {table}"  # noqa: S608  our own names
        f" WHERE {' AND '.join(f'{column} = NEW.{column}' for column in key)};"
        for key in keys
    )
    create = f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} BEGIN{checks} END"
    yield Guard(f"{table}_no_replace", table, create, create)


def _postgresql_guards(guarded: Guarded) -> Iterable[Guard]:
    table = guarded.table
    for act, bits in _STATEMENT_BITS.items():
        name = f"{table}_no_{act}"
        each, kind = "FOR EACH STATEMENT", bits
        if act == "update" and guarded.open_while:
            # What may change depends on the row, so this one fires for each and has the bit that says so.
            each, kind = f"FOR EACH ROW WHEN {_settled(guarded, 'IS DISTINCT FROM')}", bits + 1
        create = (
            f"CREATE TRIGGER {name} BEFORE {act.upper()} ON {table} {each} EXECUTE FUNCTION {_FUNCTION}()"
        )
        yield Guard(name, table, create, f"{table} {kind} A {_FUNCTION} {_FUNCTION_BODY}")


def _settled(guarded: Guarded, differs: str) -> str:
    """The condition under which a row may not be written: it is settled, or what is fixed would change."""
    changed = (f"OLD.{column} {differs} NEW.{column}" for column in guarded.fixed)
    return f"({' OR '.join((f'NOT (OLD.{guarded.open_while})', *changed))})"
