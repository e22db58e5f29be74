"""No statement changes or removes a row of the ledger, and a store without its guards is not opened."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from schema import guards
from schema.errors import GuardMissing
from schema.tables import CustodyEventRow, table_of
from tests.support.stores import fill
from tracker.ledger.store import Store

CHANGES = (
    "UPDATE custody_event SET body = body",
    "UPDATE custody_event SET sequence = 7 WHERE sequence = 2",
    "DELETE FROM custody_event WHERE sequence = 1",
    "UPDATE attachment SET content = content",
    "DELETE FROM attachment",
)
SQLITE_CHANGES = (
    "INSERT OR REPLACE INTO custody_event SELECT * FROM custody_event WHERE sequence = 1",
    "REPLACE INTO custody_event SELECT 'x', 0, event_id, digest, statement_digest, body FROM custody_event",
    (
        "INSERT OR REPLACE INTO custody_event"
        "(rowid, chain, sequence, event_id, digest, statement_digest, body)"
        " SELECT rowid, 'x', 0, 'new', digest, statement_digest, body FROM custody_event WHERE sequence = 1"
    ),
    (
        "INSERT INTO custody_event SELECT * FROM custody_event WHERE sequence = 1"
        " ON CONFLICT (event_id) DO UPDATE SET chain = 'x'"
    ),
    "UPDATE OR REPLACE custody_event SET sequence = 0 WHERE sequence = 1",
    "REPLACE INTO attachment SELECT * FROM attachment",
)
POSTGRESQL_CHANGES = (
    "TRUNCATE custody_event",
    "TRUNCATE attachment CASCADE",
    (
        "INSERT INTO custody_event SELECT * FROM custody_event WHERE sequence = 1"
        " ON CONFLICT (event_id) DO UPDATE SET chain = 'x'"
    ),
    "SET session_replication_role = replica; DELETE FROM custody_event",
)


@contextmanager
def database(url: str) -> Iterator[sa.Connection]:
    """A connection of somebody who owns the database and does not use cartrail."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        yield connection


def rows(url: str) -> list[tuple[object, ...]]:
    """Everything the guards protect."""
    with database(url) as connection:
        tables = [connection.execute(sa.select(sa.text(f"* FROM {name.table}"))) for name in guards.GUARDED]
        return [tuple(row) for table in tables for row in table]


@pytest.fixture
def filled_url(store_url: str) -> str:
    """A store with entries and an attachment."""
    with Store.open(store_url) as store:
        fill(store, 3)
        with store.begin() as transaction:
            transaction.keep_attachment(b"protocol")
    return store_url


def test_ledger_rows_cannot_be_changed(filled_url: str) -> None:
    """UPDATE, DELETE, every way of REPLACE, and TRUNCATE are refused, and nothing has changed after them."""
    before = rows(filled_url)
    sqlite = filled_url.startswith("sqlite")
    for statement in CHANGES + (SQLITE_CHANGES if sqlite else POSTGRESQL_CHANGES):
        with (
            pytest.raises(sa.exc.DBAPIError, match=r"append-only|is taken"),
            database(filled_url) as connection,
        ):
            connection.exec_driver_sql(statement)
    assert len(before) == 4
    assert rows(filled_url) == before


def test_each_missing_guard_is_named(filled_url: str) -> None:
    """A store that lacks any one guard is not opened, except by verification, and migrate puts it back."""
    dialect = "sqlite" if filled_url.startswith("sqlite") else "postgresql"
    for guard in guards.guards(dialect):
        with database(filled_url) as connection:
            connection.exec_driver_sql(
                f"DROP TRIGGER {guard.name}" + ("" if dialect == "sqlite" else f" ON {guard.table}")
            )
        with pytest.raises(GuardMissing) as missing:
            Store.open(filled_url)
        assert guard.name in missing.value.message
        with Store.open(filled_url, read_only=True, check_guards=False) as store:
            assert store.missing_guards() == [guard.name]
        assert Store.migrate(filled_url) == [guard.name]
        Store.open(filled_url).close()


def test_a_guard_that_guards_nothing_counts_as_missing(filled_url: str) -> None:
    """A trigger of the right name that does nothing, or is switched off, is no guard."""
    name = "custody_event_no_delete"
    with database(filled_url) as connection:
        if filled_url.startswith("sqlite"):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
            connection.exec_driver_sql(
                f"CREATE TRIGGER {name} BEFORE DELETE ON custody_event BEGIN SELECT 1; END"
            )
        else:
            connection.exec_driver_sql(f"ALTER TABLE custody_event DISABLE TRIGGER {name}")
    with pytest.raises(GuardMissing) as missing:
        Store.open(filled_url)
    assert name in missing.value.message
    assert Store.migrate(filled_url) == [name]
    Store.open(filled_url).close()


def test_an_emptied_guard_function_counts_as_missing(fresh_postgres: str) -> None:
    """On PostgreSQL the triggers call a function, and that is compared as well."""
    Store.create(fresh_postgres).close()
    with database(fresh_postgres) as connection:
        connection.exec_driver_sql(
            "CREATE OR REPLACE FUNCTION cartrail_append_only() RETURNS trigger LANGUAGE plpgsql"
            " AS 'BEGIN RETURN NULL; END'"
        )
    with pytest.raises(GuardMissing) as missing:
        Store.open(fresh_postgres)
    assert all(guard.name in missing.value.message for guard in guards.guards("postgresql"))
    Store.migrate(fresh_postgres)
    Store.open(fresh_postgres).close()


def test_the_application_role_can_record_and_not_change(fresh_postgres: str) -> None:
    """With the rights we name, a role records and erases openings, but has no right to change the ledger."""
    Store.create(fresh_postgres).close()
    role = "recorder_" + fresh_postgres.rpartition("_")[2].partition("?")[0]
    with database(fresh_postgres) as connection:
        connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN")
        for statement in guards.grants(role):
            connection.exec_driver_sql(statement)
    try:
        with database(fresh_postgres) as connection:
            for right in ("INSERT", "SELECT", "UPDATE", "DELETE", "TRUNCATE"):
                asked = sa.text("SELECT has_table_privilege(:role, 'custody_event', :right)")
                has = connection.execute(asked, {"role": role, "right": right}).scalar_one()
                assert has == (right in {"INSERT", "SELECT"}), right
            connection.exec_driver_sql(f"SET ROLE {role}")
            connection.exec_driver_sql("INSERT INTO shared_row VALUES ('a', 1)")
            connection.exec_driver_sql("DELETE FROM erasable")
    finally:
        with database(fresh_postgres) as connection:
            connection.exec_driver_sql(f"DROP OWNED BY {role}")
            connection.exec_driver_sql(f"DROP ROLE {role}")


def test_the_database_checks_what_it_is_given(store_url: str) -> None:
    """SQLModel validates nothing for tables, so a row that no program of ours writes is refused by CHECK."""
    good = {
        "chain": "x",
        "sequence": 0,
        "event_id": "e",
        "digest": "a" * 64,
        "statement_digest": "b" * 64,
        "body": b"{}",
    }
    bad: tuple[dict[str, object], ...] = (
        {"sequence": -1},
        {"digest": "A" * 64},
        {"digest": "a" * 63},
        {"statement_digest": "g" * 64},
        {"chain": ""},
        {"body": b""},
        {"body": None},
    )
    for change in bad:
        with pytest.raises(sa.exc.IntegrityError), database(store_url) as connection:
            connection.execute(sa.insert(table_of(CustodyEventRow)), {**good, **change})
    with database(store_url) as connection:
        connection.execute(sa.insert(table_of(CustodyEventRow)), good)
