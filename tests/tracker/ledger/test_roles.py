"""On PostgreSQL stations connect as a role that adds to the ledger and can change nothing in it."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from schema.errors import InputError, StoreError
from tests.support.commands import Cartrail
from tests.support.journeys import STAGES, START, lead
from tests.support.stores import append_next, fill, sqlite_url
from tracker.clock import SimulatedClock
from tracker.demo.journey import Journey
from tracker.demo.network import build_network
from tracker.evidence.verification.store import verify_store
from tracker.ledger.roles import rights
from tracker.ledger.servers import servers_of
from tracker.ledger.store import Store
from tracker.people.passwords import WEAK
from tracker.tracker import Environment, Tracker


def run(url: str, *statements: str) -> None:
    """Run statements as whoever the address names."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def as_role(url: str, role: str) -> str:
    """The address of the same database for another role."""
    return sa.make_url(url).set(username=role).render_as_string(hide_password=False)


@pytest.fixture
def role(fresh_postgres: str) -> Iterator[str]:
    """The name of a role that is not there yet, and is gone after the test."""
    name = "app_" + str(sa.make_url(fresh_postgres).database).rpartition("_")[2][:12]
    yield name
    engine = sa.create_engine(fresh_postgres, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        if connection.exec_driver_sql(f"SELECT 1 FROM pg_roles WHERE rolname = '{name}'").all():
            connection.exec_driver_sql(f"DROP OWNED BY {name}")
            connection.exec_driver_sql(f"DROP ROLE {name}")


def test_findings_e3_the_application_role_adds_and_changes_nothing(fresh_postgres: str, role: str) -> None:
    """It is made by `migrate`, records, and is refused every way to change an entry or a guard."""
    Store.create(fresh_postgres).close()
    done = Store.migrate(fresh_postgres, app_role=role)
    assert done == [f"role {role}, which can sign in once it has a password", f"rights of the role {role}"]
    assert Store.migrate(fresh_postgres, app_role=role) == []
    url = as_role(fresh_postgres, role)
    with Store.open(url) as store:
        fill(store, 2)
    for statement in (
        "UPDATE custody_event SET body = body",
        "DELETE FROM custody_event",
        "TRUNCATE custody_event",
        "UPDATE log_leaf SET sequence = 0",
        "DELETE FROM checkpoint",
        "DELETE FROM printed_copy",
        "ALTER TABLE custody_event DISABLE TRIGGER ALL",
        "DROP TRIGGER custody_event_no_update ON custody_event",
        "CREATE TRIGGER mine BEFORE INSERT ON custody_event EXECUTE FUNCTION cartrail_append_only()",
        "UPDATE alembic_version SET version_num = 'x'",
        "SET session_replication_role = replica",
    ):
        with pytest.raises(sa.exc.ProgrammingError) as refused:
            run(url, statement)
        assert getattr(refused.value.orig, "sqlstate", "") == "42501", statement


def test_findings_e3_each_migration_renews_the_rights(fresh_postgres: str, role: str) -> None:
    """A table that came later is granted, and a right that somebody added is taken back."""
    Store.create(fresh_postgres).close()
    Store.migrate(fresh_postgres, app_role=role)
    run(
        fresh_postgres,
        "CREATE TABLE came_later (a int)",
        f"GRANT UPDATE, TRIGGER ON custody_event TO {role}",
        f"REVOKE SELECT ON unit FROM {role}",
    )
    assert Store.migrate(fresh_postgres) == [f"rights of the role {role}"]
    url = as_role(fresh_postgres, role)
    run(url, "INSERT INTO came_later VALUES (1)", "SELECT * FROM unit")
    with pytest.raises(sa.exc.ProgrammingError):
        run(url, "UPDATE custody_event SET body = body")


def test_findings_e3_a_therapy_is_recorded_as_the_application_role(
    fresh_postgres: str, role: str, tmp_path: Path
) -> None:
    """From enrolment to infusion; verification says which role read it and what that role could do."""
    clock, chance = SimulatedClock(START), random.Random(3)
    environment = Environment(clock, chance, WEAK, tmp_path)
    network = build_network(
        fresh_postgres, config=tmp_path, environment=environment, clock=clock, chance=chance
    )
    network.tracker.close()
    Store.migrate(fresh_postgres, app_role=role)
    url = as_role(fresh_postgres, role)
    network = replace(network, tracker=Tracker.open(url=url, environment=environment))
    servers = network.tracker.servers()
    assert servers["role"] == role and "primary, PostgreSQL" in servers["server"]
    assert network.tracker.server_warnings() == (
        "No standby is waited for: what is answered is lost with this one server.",
    )
    journey = Journey(network, "A", 1)
    for stage in STAGES:
        lead(journey, stage)
    network.tracker.integrate()
    network.tracker.close()
    recorded = verify_store(url, clock=clock)
    assert recorded.exit_code == 0
    assert not any("owns the tables" in note for step in recorded.steps for note in step.notes)
    (note,) = (
        note for step in verify_store(fresh_postgres, clock=clock).steps for note in step.notes
        if "owns the tables" in note
    )  # fmt: skip
    assert "--app-role" in note
    run(fresh_postgres, f"GRANT DELETE ON log_leaf TO {role}")
    excessive = verify_store(url, clock=clock)
    assert excessive.exit_code == 6
    assert [gap.message for gap in excessive.gaps] == [
        f"the role {role} may DELETE log_leaf, which recording does not need"
    ]


def excessive(url: str) -> list[str]:
    """What verification says of rights, without the words that each has."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return [*rights(lambda text: [tuple(row) for row in connection.exec_driver_sql(text)]).excessive]


def test_findings_e3_a_right_on_one_column_is_seen_and_taken_back(fresh_postgres: str, role: str) -> None:
    """UPDATE of the body alone is as good as UPDATE; a copy's outcome may be written, and no copy deleted."""
    Store.create(fresh_postgres).close()
    Store.migrate(fresh_postgres, app_role=role)
    assert excessive(fresh_postgres) == []
    run(
        fresh_postgres,
        f"GRANT UPDATE (body, event_id), SELECT (body) ON custody_event TO {role}",
        f"GRANT UPDATE (outcome) ON printed_copy TO {role}",
        f"GRANT DELETE ON printed_copy TO {role}",
    )
    assert excessive(fresh_postgres) == [
        f"the role {role} may UPDATE custody_event (column body)",
        f"the role {role} may UPDATE custody_event (column event_id)",
        f"the role {role} may DELETE printed_copy",
    ]
    assert Store.migrate(fresh_postgres) == [f"rights of the role {role}"]
    assert excessive(fresh_postgres) == []
    with pytest.raises(sa.exc.ProgrammingError):
        run(as_role(fresh_postgres, role), "UPDATE custody_event SET body = body")


def test_findings_e3_rights_by_way_of_another_role_are_seen(fresh_postgres: str, role: str) -> None:
    """A role that inherits nothing can still put the other on; whoever does not record is not asked."""
    owner, third, other = f"{role}_owner", f"{role}_third", f"{role}_other"
    Store.create(fresh_postgres).close()
    Store.migrate(fresh_postgres, app_role=role)
    run(fresh_postgres, *(f"CREATE ROLE {one}" for one in (owner, third, other)))
    try:
        run(
            fresh_postgres,
            f"GRANT UPDATE ON checkpoint TO {other}",
            f"GRANT {other} TO {third}",
            f"GRANT {third} TO {role}",
        )
        through = f"the role {role} may UPDATE checkpoint as a member of {other}"
        assert excessive(fresh_postgres) == [f"the role {other} may UPDATE checkpoint", through]
        run(
            fresh_postgres, f"REVOKE UPDATE ON checkpoint FROM {other}", f"GRANT pg_write_all_data TO {third}"
        )
        assert excessive(fresh_postgres) == [
            f"the role {role} may change every table as a member of pg_write_all_data"
        ]
        run(fresh_postgres, f"REVOKE pg_write_all_data FROM {third}", f"ALTER ROLE {third} SUPERUSER")
        assert excessive(fresh_postgres) == [f"the role {role} may act as {third}, a superuser"]
        run(
            fresh_postgres,
            f"ALTER ROLE {third} NOSUPERUSER",
            f"ALTER ROLE {role} NOINHERIT",
            f"GRANT {owner} TO {role}",
            f"ALTER TABLE custody_event OWNER TO {owner}",
        )
        assert excessive(fresh_postgres) == [f"the role {role} may act as {owner}, who owns the tables"]
        with Store.open(as_role(fresh_postgres, role)) as store:
            assert servers_of(store)["role"].endswith("(owns the tables: for init and migrate alone)")
        run(fresh_postgres, f"REVOKE {owner} FROM {role}", f"ALTER ROLE {role} SUPERUSER")
        assert excessive(fresh_postgres) == [f"the role {role} is a superuser"]
    finally:
        for one in (owner, third, other):
            run(fresh_postgres, f"REASSIGN OWNED BY {one} TO CURRENT_USER", f"DROP OWNED BY {one}")
            run(fresh_postgres, f"DROP ROLE {one}")


def test_findings_e3_the_owner_is_no_application_role(fresh_postgres: str, sqlite_path: Path) -> None:
    """From whoever owns the tables no right can be withheld, and a file has no roles."""
    Store.create(fresh_postgres).close()
    owner = str(sa.make_url(fresh_postgres).username)
    with pytest.raises(InputError) as refused:
        Store.migrate(fresh_postgres, app_role=owner)
    assert refused.value.code == "role_owns_tables"
    with pytest.raises(InputError) as refused:
        Store.migrate(sqlite_url(sqlite_path), app_role="cartrail_app")
    assert refused.value.code == "no_roles"


def test_findings_e3_who_may_make_no_role_is_told_the_statement(fresh_postgres: str, role: str) -> None:
    """An owner without the right to make roles names one that the server's administrator makes."""
    owner = f"{role}_owner"
    run(fresh_postgres, f"CREATE ROLE {owner} LOGIN", f"GRANT CREATE ON SCHEMA public TO {owner}")
    try:
        url = as_role(fresh_postgres, owner)
        Store.create(url).close()
        with pytest.raises(StoreError) as refused:
            Store.migrate(url, app_role=role)
        assert refused.value.code == "no_such_role" and f'CREATE ROLE "{role}" LOGIN' in refused.value.remedy
        run(fresh_postgres, f"CREATE ROLE {role} LOGIN")
        assert Store.migrate(url, app_role=role) == [f"rights of the role {role}"]
        with Store.open(as_role(fresh_postgres, role)) as store, store.begin() as transaction:
            append_next(transaction)
    finally:
        run(fresh_postgres, f"DROP OWNED BY {owner} CASCADE", f"DROP ROLE {owner}")


def test_findings_e3_migrate_takes_the_role(fresh_postgres: str, role: str, cartrail: Cartrail) -> None:
    """The command says what it gave, and a second time that nothing was to do."""
    Store.create(fresh_postgres).close()
    first = cartrail("migrate", "--database", fresh_postgres, "--app-role", role)
    assert f"rights of the role {role}" in first.out
    assert "up to date" in cartrail("migrate", "--database", fresh_postgres, "--app-role", role).err
