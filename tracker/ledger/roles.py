"""Rights in PostgreSQL: who owns the tables can remove their guards, so stations connect as another role."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from schema import guards
from schema.errors import InputError
from tracker.ledger import faults

if TYPE_CHECKING:
    from tracker.ledger.engine import Record

HELD: Final = """
SELECT coalesce(r.rolname, 'PUBLIC'), c.relname, a.privilege_type, a.of_column
FROM pg_class c CROSS JOIN LATERAL (
  SELECT grantee, privilege_type, '' AS of_column
  FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner)))
  UNION ALL
  SELECT one.grantee, one.privilege_type, t.attname
  FROM pg_attribute t CROSS JOIN LATERAL aclexplode(t.attacl) one
  WHERE t.attrelid = c.oid AND NOT t.attisdropped
) a
LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE pg_table_is_visible(c.oid) AND c.relkind = 'r' AND a.grantee <> c.relowner
ORDER BY 1, 2, 3, 4
"""
"""Role, table, right, and the column where it is of that alone, for everybody but the owner of the tables."""

MEMBERS: Final = """
SELECT r.rolname, r.rolsuper, m.rolname, m.rolsuper, m.oid = c.relowner
FROM pg_class c CROSS JOIN pg_roles r LEFT JOIN pg_roles m
ON m.oid <> r.oid AND pg_has_role(r.oid, m.oid, 'MEMBER') AND NOT r.rolsuper
WHERE pg_table_is_visible(c.oid) AND c.relname = 'custody_event'
ORDER BY 1, 3
"""
"""Each role, and each other as which it may act, directly or by way of a third; and which have all rights."""

CONNECTED: Final = """
SELECT current_user, pg_has_role(current_user, c.relowner, 'MEMBER')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE pg_table_is_visible(c.oid) AND c.relname = 'custody_event'
"""
"""Who is connected, and whether the tables are theirs."""

_ROLE: Final = (
    "SELECT r.rolsuper OR pg_has_role(r.oid, c.relowner, 'MEMBER') FROM pg_roles r, pg_class c"
    " JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE r.rolname = :role AND n.nspname = current_schema() AND c.relname = 'custody_event'"
)
_NEEDED: Final = {
    guarded.table: frozenset({"SELECT", "INSERT"} | ({"UPDATE"} if guarded.open_while else set()))
    for guarded in guards.GUARDED
}
"""What recording needs of each table of the ledger."""

_OF_SERVER: Final = {
    "pg_write_all_data": "may change every table",
    "pg_write_server_files": "may write the server's files",
    "pg_execute_server_program": "may run programs on the server",
}
"""What the server's own roles give to their members."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What the connected role, and every other but the owner, can do to the ledger beside adding to it."""

    role: str
    owns_tables: bool
    """Whether it owns the tables, or may act for their owner: it could switch the guards off."""

    excessive: tuple[str, ...]
    """Rights on ledger tables that recording does not need, as sentences."""


def rights(query: Callable[[str], Iterable[Record]]) -> Rights:
    """The rights in a PostgreSQL store, asked by a function that runs a fixed text."""
    role, owns = next(iter(query(CONNECTED)))
    held = [(str(who), *(str(one) for one in what)) for who, *what in query(HELD)]
    excessive: dict[str, list[str]] = {}
    for held_by, table, right, column in held:
        if table in _NEEDED and right not in _NEEDED[table]:
            of_column = f" (column {column})" if column else ""
            excessive.setdefault(held_by, []).append(f"may {right} {table}{of_column}")
    recording = {who for who, table, right, _ in held if (table, right) == ("custody_event", "INSERT")}
    sentences = [f"the role {who} {what}" for who, found in excessive.items() for what in found]
    for member, is_super, other, other_is_super, other_owns in query(MEMBERS):
        if member in recording:
            found = ["is a superuser"] if is_super else []
            if other_is_super or other_owns:
                found = [f"may act as {other}, {'a superuser' if other_is_super else 'who owns the tables'}"]
            elif other is not None:
                through = [*excessive.get(other, ()), *filter(None, [_OF_SERVER.get(other)])]
                found = [f"{what} as a member of {other}" for what in through]
            sentences += [f"the role {member} {what}" for what in found]
    return Rights(str(role), bool(owns), tuple(sentences))


def grant(connection: sa.Connection, role: str) -> list[str]:
    """Give a role, made where it is not there, what a recording station needs; gives what was changed.

    Raises InputError for the owner of the tables or a superuser, who cannot be kept from anything.
    """
    done: list[str] = []
    powerful = connection.execute(sa.text(_ROLE), {"role": role}).scalar_one_or_none()
    if powerful:
        raise InputError(
            f"{role} owns the tables or is a superuser; no right can be withheld from it.",
            remedy="Name another role for the stations, such as cartrail_app.",
            code="role_owns_tables",
        )
    if powerful is None:
        _make(connection, role)
        done.append(f"role {role}, which can sign in once it has a password")
    return done + _renew(connection, role)


def renew(connection: sa.Connection) -> list[str]:
    """Bring the rights of every role that records to the tables as they are now; gives what was changed."""
    roles = {
        role for role, table, right, _ in _held(connection) if (table, right) == ("custody_event", "INSERT")
    }
    return [line for role in sorted(roles - {"PUBLIC"}) for line in _renew(connection, role)]


def _renew(connection: sa.Connection, role: str) -> list[str]:
    before = _held(connection)
    schema = str(connection.exec_driver_sql("SELECT current_schema()").scalar_one())
    for statement in guards.grants(role, schema):
        connection.exec_driver_sql(statement)
    return [] if _held(connection) == before else [f"rights of the role {role}"]


def _make(connection: sa.Connection, role: str) -> None:
    quoted = guards.quoted(role)
    try:
        connection.exec_driver_sql(f"CREATE ROLE {quoted} LOGIN")
    except sa.exc.ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != "42501":
            raise
        raise faults.unusable(
            f"There is no role {role}, and this user may not make one.",
            f"Let the administrator of the server run: CREATE ROLE {quoted} LOGIN. Then run this again.",
            "no_such_role",
        ) from error


def _held(connection: sa.Connection) -> set[tuple[str, ...]]:
    return {tuple(map(str, row)) for row in connection.exec_driver_sql(HELD)}
