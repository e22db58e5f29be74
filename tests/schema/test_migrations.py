"""Tables come only from migrations; what cannot be opened says so and stays as it was."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from schema import guards, migrations
from schema.errors import GuardMissing, StoreError
from schema.tables import Row
from tests.support.stores import CHAIN, append_next, fill, sqlite_url
from tracker.ledger.outage import waiting_at_most
from tracker.ledger.store import Store


@pytest.fixture
def store_url(empty_url: str) -> str:
    """The address of a store that was migrated here and not copied, on each engine in turn."""
    Store.create(empty_url).close()
    return empty_url


@pytest.fixture
def sqlite_path(tmp_path: Path) -> Path:
    """The file of a SQLite store that was migrated here."""
    path = tmp_path / "store.db"
    Store.create(sqlite_url(path)).close()
    return path


def test_models_equal_migrations(store_url: str) -> None:
    """Alembic finds nothing between the tables as migrated and as declared."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with sa.create_engine(store_url, poolclass=sa.NullPool).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert not compare_metadata(context, Row.metadata)


def test_checks_equal_migrations(store_url: str) -> None:
    """Alembic does not compare CHECK constraints and table options, so they are compared here."""
    with sa.create_engine(store_url, poolclass=sa.NullPool).connect() as connection:
        inspector = sa.inspect(connection)
        for name, table in Row.metadata.tables.items():
            declared = {str(each.name) for each in table.constraints if isinstance(each, sa.CheckConstraint)}
            assert {each["name"] for each in inspector.get_check_constraints(name)} == declared
            assert inspector.get_pk_constraint(name)["name"] == table.primary_key.name
            if connection.dialect.name == "sqlite":
                options = inspector.get_table_options(name)
                declared_options = table.dialect_options["sqlite"]["with_rowid"]
                assert options.get("sqlite_with_rowid", True) == declared_options


def test_revisions_are_those_of_alembic(sqlite_path: Path) -> None:
    """Opening compares with a list that Alembic is not loaded for; here the two are compared."""
    from alembic.script import ScriptDirectory

    with sa.create_engine(sqlite_url(sqlite_path), poolclass=sa.NullPool).connect() as connection:
        directory = ScriptDirectory.from_config(migrations.configuration(connection))
    revisions = [script.revision for script in directory.walk_revisions()]
    assert tuple(reversed(revisions)) == migrations.REVISIONS
    for script in directory.walk_revisions():
        with pytest.raises(NotImplementedError):
            script.module.downgrade()


def test_every_guard_is_there_after_migration(store_url: str) -> None:
    """Each append-only table has three."""
    with Store.open(store_url) as store:
        assert len(guards.guards(store.dialect)) == 3 * len(guards.GUARDED)
        assert not store.missing_guards()


def test_opening_loads_no_alembic(sqlite_path: Path) -> None:
    """Alembic takes longer to load than most commands take."""
    program = (
        "import sys; from tracker.ledger.store import Store; Store.open(sys.argv[1]).close();"
        "sys.exit('alembic' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", program, sqlite_url(sqlite_path)], check=False).returncode == 0
    )


def test_a_store_is_not_created_over_something(store_url: str) -> None:
    """A store is made only where nothing is; what is there stays."""
    with Store.open(store_url) as store:
        fill(store, 1)
    with pytest.raises(StoreError) as refused:
        Store.create(store_url)
    assert refused.value.code == "store_exists"
    with Store.open(store_url) as store, store.read() as transaction:
        assert transaction.count() == 1


def test_a_new_file_is_private_and_in_its_own_folder(tmp_path: Path) -> None:
    """Openings lie in it, so only its owner may read it; missing folders are made."""
    path = tmp_path / "a" / "b 100%" / "store.db"
    with Store.create(sqlite_url(path)) as store:
        fill(store, 1)
        modes = {each.name: each.stat().st_mode & 0o077 for each in path.parent.iterdir()}
    assert set(modes.values()) == {0}
    assert "store.db-wal" in modes


def test_a_failed_creation_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is half a store would block the next attempt."""

    def fail(_: sa.Connection, *, tables: object = None) -> list[str]:
        raise ZeroDivisionError

    monkeypatch.setattr(guards, "install", fail)
    with pytest.raises(ZeroDivisionError):
        Store.create(sqlite_url(tmp_path / "store.db"))
    assert not list(tmp_path.iterdir())
    monkeypatch.undo()
    Store.create(sqlite_url(tmp_path / "store.db")).close()


def set_revision(url: str, revision: str) -> None:
    """Make a store look as if another program had migrated it."""
    with sa.create_engine(url, poolclass=sa.NullPool).begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :new"), {"new": revision})


def test_a_store_of_another_version_is_left_alone(store_url: str) -> None:
    """Whether it is older or newer nobody can tell; it is neither opened nor migrated."""
    set_revision(store_url, "0007")
    for attempt in (Store.open, Store.migrate):
        with pytest.raises(StoreError) as refused:
            attempt(store_url)
        assert refused.value.code == "store_of_another_version"
        assert refused.value.exit_code == 5
        assert "was made by another version of cartrail (revision 0007)" in refused.value.message


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("DELETE FROM alembic_version", "no revision"),
        ("INSERT INTO alembic_version VALUES ('2000')", "the revisions 1000, 2000"),
    ],
)
def test_findings_c10_an_empty_or_doubled_revision_is_said(store_url: str, change: str, named: str) -> None:
    """Neither is a newer program's store, so neither is said to be."""
    with sa.create_engine(store_url, poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql(change)
    for attempt in (Store.open, Store.migrate):
        with pytest.raises(StoreError) as refused:
            attempt(store_url)
        assert refused.value.code == "store_revision_unclear"
        assert refused.value.exit_code == 5
        assert named in refused.value.message and "newer" not in refused.value.message


LATER = """
import sqlalchemy as sa
from alembic import op

revision = "2000"
down_revision = "1000"


def upgrade():
    op.add_column("therapy", sa.Column("remark", sa.Text()))
    where = " ON custody_event" if op.get_bind().dialect.name == "postgresql" else ""
    op.execute("DROP TRIGGER custody_event_no_delete" + where)
"""
"""A revision that forgets a guard."""

BROKEN = LATER + "    raise ZeroDivisionError\n"


def next_program(monkeypatch: pytest.MonkeyPatch, folder: Path, revision: str = LATER) -> None:
    """Let this program be the next one, which has one revision more, in a folder of its own."""
    versions = folder / "versions of 100%"
    shutil.copytree(migrations.VERSIONS, versions, ignore=shutil.ignore_patterns("__pycache__"))
    (versions / "r2000_later.py").write_text(revision)
    monkeypatch.setattr(migrations, "VERSIONS", versions)
    monkeypatch.setattr(migrations, "REVISIONS", (*migrations.REVISIONS, "2000"))
    monkeypatch.setattr(migrations, "HEAD", "2000")


def test_an_older_store_is_migrated(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening does not migrate but says what does; entries stay, and every guard is back in place."""
    with Store.open(store_url) as store:
        entries = fill(store, 3)
    next_program(monkeypatch, tmp_path)
    with pytest.raises(StoreError) as refused:
        Store.open(store_url)
    assert refused.value.code == "store_outdated"
    assert "cartrail migrate" in refused.value.remedy
    done = [name for name in Store.migrate(store_url) if not name.startswith("copy ")]
    assert done == ["2000", "custody_event_no_delete"]
    with Store.open(store_url) as store, store.read() as transaction:
        assert not store.missing_guards()
        assert [body for _, _, body in transaction.bodies(CHAIN)] == [entry.body for entry in entries]
    assert Store.migrate(store_url) == []


def test_a_new_store_goes_through_every_revision(
    empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A revision that leaves a guard away is seen when the store is opened."""
    next_program(monkeypatch, tmp_path)
    with pytest.raises(GuardMissing):
        Store.create(empty_url)
    assert Store.migrate(empty_url) == ["custody_event_no_delete"]
    Store.open(empty_url).close()


def test_a_migration_that_fails_changes_nothing(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All revisions are one transaction, so the store is of the older program still."""
    with Store.open(store_url) as store:
        fill(store, 1)
    with monkeypatch.context() as patched:
        next_program(patched, tmp_path, BROKEN)
        with pytest.raises(ZeroDivisionError):
            Store.migrate(store_url)
    with Store.open(store_url) as store, store.begin() as transaction:
        append_next(transaction)


def test_migrating_copies_a_file_first(
    sqlite_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy is whole, also while another program has the file open."""
    with Store.open(sqlite_url(sqlite_path)) as store:
        fill(store, 3)
        with monkeypatch.context() as patched:
            next_program(patched, tmp_path)
            copied, *_ = Store.migrate(sqlite_url(sqlite_path))
    copy = Path(copied.removeprefix("copy "))
    assert copy.stat().st_mode & 0o077 == 0
    with Store.open(sqlite_url(copy)) as store, store.read() as transaction:
        assert transaction.count() == 3


def test_no_revision_makes_a_ledger_table_again() -> None:
    """A table that is dropped, renamed or altered in a batch on SQLite loses its triggers on the way."""
    for path in migrations.VERSIONS.glob("*.py"):
        assert not re.search(r"batch_alter_table|drop_table|rename_table|DROP TABLE|RENAME", path.read_text())


def test_migrating_a_current_store_does_nothing(store_url: str) -> None:
    """It may be run at every start."""
    assert Store.migrate(store_url) == []


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "bad_database_url"),
        ("store.db", "bad_database_url"),
        ("sqlite://", "bad_database_url"),
        ("sqlite:///:memory:", "bad_database_url"),
        ("mysql://host/database", "bad_database_url"),
        ("postgresql://host", "bad_database_url"),
        ("sqlite:////nowhere/at/all.db", "no_store"),
        ("postgresql://somebody:s3cret@127.0.0.1:1/database", "store_unreachable"),
    ],
)
def test_a_wrong_address_is_said_to_be_wrong(url: str, code: str) -> None:
    """Each kind of wrong address has a code and a remedy, and no message shows a password."""
    for attempt in (Store.open, Store.migrate):
        with pytest.raises(StoreError) as refused, waiting_at_most(0):
            attempt(url)
        assert refused.value.code == code
        assert refused.value.exit_code == 5
        assert "s3cret" not in refused.value.message + refused.value.details


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    """Text, an empty file and somebody else's database are not stores."""
    text, empty, foreign = tmp_path / "notes.txt", tmp_path / "empty.db", tmp_path / "foreign.db"
    text.write_text("Not a database, but longer than the header of one would be." * 50)
    empty.touch()
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE custody_event (id)")
    for path in (text, empty, foreign):
        before = path.read_bytes()
        for attempt in (Store.open, Store.migrate):
            with pytest.raises(StoreError) as refused:
                attempt(sqlite_url(path))
            assert refused.value.code == "not_a_store"
        assert path.read_bytes() == before


def test_an_empty_database_on_a_server_is_no_store(fresh_postgres: str) -> None:
    """It is made one by init, not by opening."""
    for attempt in (Store.open, Store.migrate):
        with pytest.raises(StoreError) as refused:
            attempt(fresh_postgres)
        assert refused.value.code == "not_a_store"


READER = """
import os, sys
from schema.errors import GuardMissing, StoreError
from tracker.ledger.outage import waiting_at_most
from tracker.ledger.store import Store
os.setgid(65534); os.setuid(65534)
try:
    Store.open(sys.argv[1])
except StoreError as error:
    print(error.code)
with Store.open(sys.argv[1], read_only=True) as store, store.read() as transaction:
    print(transaction.count())
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a user without rights")
def test_a_read_only_folder_can_be_read_and_verified(tmp_path: Path) -> None:
    """A copy that was kept as evidence lies where nobody can write."""
    folder = Path(tempfile.mkdtemp(prefix="cartrail-kept-"))
    path = folder / "store.db"
    with Store.create(sqlite_url(path)) as store:
        fill(store, 2)
    for each in folder.iterdir():
        each.chmod(0o444)
    folder.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-c", READER, sqlite_url(path)], capture_output=True, text=True, check=False
    )
    shutil.rmtree(folder)
    assert done.stdout.split() == ["store_read_only", "2"], done.stderr


def test_a_transaction_survives_a_kill(sqlite_path: Path) -> None:
    """What was committed is there after the process died, and what was not is not."""
    program = (
        "import os, sys; from tests.support.stores import append_next\n"
        "from tracker.ledger.store import Store\n"
        "store = Store.open(sys.argv[1])\n"
        "with store.begin() as transaction: append_next(transaction)\n"
        "with store.begin() as transaction:\n"
        "    append_next(transaction)\n"
        "    os._exit(9)"
    )
    done = subprocess.run([sys.executable, "-c", program, sqlite_url(sqlite_path)], check=False)
    assert done.returncode == 9
    with Store.open(sqlite_url(sqlite_path)) as store, store.begin() as transaction:
        assert transaction.count() == 1
        append_next(transaction)
