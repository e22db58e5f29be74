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
SELECT coalesce(r.rolname, 'PUBLIC'), c.relname, a.privilege_type
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE pg_table_is_visible(c.oid) AND c.relkind = 'r' AND a.grantee <> c.relowner
ORDER BY 1, 2, 3
"""
"""Role, table and right, for everybody but the owner of the tables."""

_BY_OTHER_WAYS: Final = """
SELECT r.rolname, c.relname, p.name
FROM pg_class c CROSS JOIN pg_roles r
CROSS JOIN (VALUES ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('TRIGGER'), ('REFERENCES')) p(name)
WHERE pg_table_is_visible(c.oid) AND c.relkind = 'r' AND r.rolcanlogin AND NOT r.rolsuper
AND NOT pg_has_role(r.oid, c.relowner, 'MEMBER')
AND EXISTS (SELECT 1 FROM pg_roles m WHERE pg_has_role(r.oid, m.oid, 'MEMBER') AND NOT m.rolsuper
  AND (has_table_privilege(m.oid, c.oid, p.name)
    OR p.name IN ('UPDATE', 'REFERENCES') AND has_any_column_privilege(m.oid, c.oid, p.name)))
ORDER BY 1, 2, 3
"""
"""Role, table and right of whoever may sign in, by a column or a role that they may put on too."""

_PAST_GUARDS: Final = """
SELECT rolname, 'session_replication_role', 'SET' FROM pg_roles
WHERE rolcanlogin AND NOT rolsuper AND has_parameter_privilege(oid, 'session_replication_role', 'SET')
ORDER BY 1
"""
"""Who is no superuser and may still switch triggers off for a session."""

CONNECTED: Final = """
SELECT current_user, EXISTS (SELECT 1 FROM pg_roles m
  WHERE (m.rolsuper OR m.oid = c.relowner) AND pg_has_role(current_user, m.oid, 'MEMBER'))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE pg_table_is_visible(c.oid) AND c.relname = 'custody_event'
"""
"""Who is connected, and whether the tables are theirs, or they may act as a superuser."""

_ROLE: Final = (
    "SELECT EXISTS (SELECT 1 FROM pg_roles m WHERE (m.rolsuper OR m.oid = c.relowner)"
    " AND pg_has_role(r.oid, m.oid, 'MEMBER')) FROM pg_roles r, pg_class c"
    " JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE r.rolname = :role AND n.nspname = current_schema() AND c.relname = 'custody_event'"
)
_NEEDED: Final = {
    guarded.table: frozenset({"SELECT", "INSERT"} | ({"UPDATE"} if guarded.open_while else set()))
    for guarded in guards.GUARDED
}
"""What recording needs of each table of the ledger."""


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
    held = [one for one in (*query(HELD), *query(_BY_OTHER_WAYS)) if one[1] in _NEEDED]
    excessive = [
        f"the role {held_by} may {right} {table}"
        for held_by, table, right in dict.fromkeys(map(tuple, (*held, *query(_PAST_GUARDS))))
        if right not in _NEEDED.get(table, ())
    ]
    return Rights(str(role), bool(owns), tuple(excessive))


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
        role for role, table, right in _held(connection) if (table, right) == ("custody_event", "INSERT")
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


def _held(connection: sa.Connection) -> set[tuple[str, str, str]]:
    return {(str(role), str(table), str(right)) for role, table, right in connection.exec_driver_sql(HELD)}
