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


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("GRANT UPDATE (body) ON custody_event TO {role}", ["may UPDATE custody_event"]),
        ("GRANT SET ON PARAMETER session_replication_role TO {role}", ["may SET session_replication_role"]),
        (
            "GRANT pg_write_all_data TO {role}",
            [
                f"may {right} {table}"
                for table in (
                    *("attachment", "checkpoint", "cosignature"),
                    *("custody_event", "log_leaf", "log_node", "printed_copy"),
                )
                for right in ("DELETE", "UPDATE")
                if (right, table) != ("UPDATE", "printed_copy")
            ],
        ),
        ("GRANT DELETE ON printed_copy TO {role}", ["may DELETE printed_copy"]),
        (
            (
                "GRANT UPDATE (body) ON custody_event TO {role}_third; GRANT {role}_third TO {role};"
                " ALTER ROLE {role} NOINHERIT"
            ),
            ["may UPDATE custody_event"],
        ),
    ],
    ids=["a column", "triggers switched off", "another role", "a copy", "a role to be put on"],
)
def test_findings_e3_a_right_given_by_another_way_is_named(
    fresh_postgres: str, role: str, given: str, named: list[str]
) -> None:
    """It stands in no table's own list of rights, and PostgreSQL lets the role use it."""
    Store.create(fresh_postgres).close()
    Store.migrate(fresh_postgres, app_role=role)
    run(fresh_postgres, f"CREATE ROLE {role}_third", given.format(role=role))
    gaps = [gap.message for gap in verify_store(as_role(fresh_postgres, role)).gaps]
    assert gaps == [f"the role {role} {one}, which recording does not need" for one in named]
    Store.migrate(fresh_postgres)
    run(fresh_postgres, f"DROP OWNED BY {role}_third", f"DROP ROLE {role}_third")


def test_findings_e3_a_member_of_a_superuser_is_said_to_own(fresh_postgres: str, role: str) -> None:
    """PostgreSQL asks only the role itself whether it is a superuser; whoever may put one on is one too."""
    Store.create(fresh_postgres).close()
    Store.migrate(fresh_postgres, app_role=role)
    url = as_role(fresh_postgres, role)
    with Store.open(url) as store:
        assert servers_of(store)["role"] == role
    run(fresh_postgres, f"CREATE ROLE {role}_root SUPERUSER", f"GRANT {role}_root TO {role}")
    try:
        with Store.open(url) as store:
            assert servers_of(store)["role"] == f"{role} (owns the tables: for init and migrate alone)"
        with pytest.raises(InputError) as refused:
            Store.migrate(fresh_postgres, app_role=role)
        assert refused.value.code == "role_owns_tables"
    finally:
        run(fresh_postgres, f"DROP ROLE {role}_root")


def test_findings_e3_who_can_become_the_owner_is_said_to_own(fresh_postgres: str, role: str) -> None:
    """A member that does not inherit has the owner's rights after SET ROLE."""
    Store.create(fresh_postgres).close()
    owner = sa.make_url(fresh_postgres).username
    Store.migrate(fresh_postgres, app_role=role)
    run(fresh_postgres, f"ALTER ROLE {role} NOINHERIT", f'GRANT "{owner}" TO {role}')
    url = as_role(fresh_postgres, role)
    run(url, f'SET ROLE "{owner}"; ALTER TABLE custody_event DISABLE TRIGGER ALL')
    run(fresh_postgres, "ALTER TABLE custody_event ENABLE TRIGGER ALL")
    notes = [note for step in verify_store(url).steps for note in step.notes]
    assert any(f"read as {role}, who owns the tables" in note for note in notes)
    with pytest.raises(InputError) as refused:
        Store.migrate(fresh_postgres, app_role=role)
    assert refused.value.code == "role_owns_tables"


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
