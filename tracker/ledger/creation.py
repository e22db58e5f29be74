"""From an address to a database: understood, created, brought up to date."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy import event

from schema import guards, migrations
from schema.errors import CartrailError, InputError, OutcomeUnknown, StoreError, StoreUnreachable
from tracker.ledger import addresses, faults, postgres, roles, sqlite
from tracker.ledger.engine import TIMEOUT_SECONDS, Engine
from tracker.ledger.retry import retrying

_POSTGRES = {"postgresql", "postgresql+psycopg", "postgres"}


def parsed(url: str) -> sa.URL:
    """The address, when it is one of the two kinds of store."""
    try:
        address = addresses.made_url(url)
    except sa.exc.ArgumentError as error:
        raise _no_address("The database address is not a URL.") from error
    except ValueError as error:
        raise _no_address("The database address has a port that is no number.") from error
    if address.drivername in {"sqlite", "sqlite+pysqlite"}:
        if address.query or not address.database or address.database == ":memory:":
            raise _no_address(f"{address.render_as_string()} names no file.")
        return address.set(drivername="sqlite")
    if address.drivername in _POSTGRES:
        if not address.database:
            raise _no_address(f"{addresses.shown(address)} names no database.")
        return address.set(drivername="postgresql+psycopg")
    raise _no_address(f'"{address.drivername}" is not a kind of database that cartrail knows.')


def _no_address(message: str) -> StoreError:
    return faults.unusable(
        message,
        "Write it as sqlite:////absolute/path.db, postgresql://user@host/database or, with several servers,"
        " postgresql://user@host1:5432,host2:5432,host3:5432/database.",
        "bad_database_url",
    )


def occupied(where: str) -> StoreError:
    return faults.unusable(
        f"There is something at {where} already; nothing was changed.",
        "Open it without `init`, or choose another path or an empty database.",
        "store_exists",
    )


def shown(url: str) -> str:
    """The address as messages show it: the path of a file, or the URL without password."""
    address = parsed(url)
    return str(_path(address)) if address.drivername == "sqlite" else addresses.shown(address)


def engine_of(address: sa.URL, *, read_only: bool = False, timeout: float = TIMEOUT_SECONDS) -> Engine:
    """The engine for an address; nothing is opened yet."""
    if address.drivername == "sqlite":
        path = _path(address)
        if not path.is_file():
            raise faults.unusable(
                f"There is no store at {path}.",
                "Check the path, or make a new store there with `cartrail init`.",
                "no_store",
            )
        return sqlite.SqliteEngine(path, read_only=read_only, timeout=timeout)
    return postgres.PostgresEngine(address, read_only=read_only, timeout=timeout)


def check_writable(url: str) -> None:
    """Raise StoreError when a SQLite file or its folder is not to be written; a server tells when asked."""
    address = parsed(url)
    if address.drivername == "sqlite":
        path = _path(address)
        if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
            raise faults.opened_read_only(str(path))


def private_folder(path: Path) -> None:
    """Make a folder and what is missing above it, for its owner alone: keys and a store lie there."""
    for one in reversed([one for one in (path, *path.parents) if not one.exists()]):
        one.mkdir(mode=0o700, exist_ok=True)


def require_free(url: str) -> None:
    """Raise StoreError where something is at an address at which a store is to be made."""
    address = parsed(url)
    if address.drivername != "sqlite":
        with _connection(address) as connection:
            if sa.inspect(connection).get_table_names() and not _is_unfounded(connection):
                raise occupied(shown(url))
    elif _path(address).exists() and not _is_unfounded_file(_path(address)):
        raise occupied(str(_path(address)))


def create(url: str) -> None:
    """Make the database of an address a store; raises StoreError when something is there already.

    Tables in which nothing was ever recorded are taken as they are: `init` was killed before the founding.
    """
    address = parsed(url)
    if address.drivername != "sqlite":
        with _connection(address) as connection:
            if not sa.inspect(connection).get_table_names():
                migrations.upgrade(connection)
            elif not _is_unfounded(connection):
                raise occupied(shown(url))
        return
    path = _path(address)
    if path.exists() and _is_unfounded_file(path):
        return
    try:
        private_folder(path.parent)
        # Only its owner may read the openings that lie in it; SQLite gives its other files the same mode.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError as error:
        raise occupied(str(path)) from error
    except OSError as error:
        raise faults.opened_read_only(str(path.parent)) from error
    try:
        with _connection(address) as connection:
            migrations.upgrade(connection)
    except BaseException:
        for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            name.unlink(missing_ok=True)
        raise


_NOTHING_IN_IT: Final = (
    "SELECT (SELECT count(*) FROM custody_event) + (SELECT count(*) FROM credential) + "
    "(SELECT count(*) FROM checkpoint)"
)


def _is_unfounded(connection: sa.Connection) -> bool:
    """Whether these are our tables of today, and nobody ever recorded, signed or chose a password in them."""
    if not {"alembic_version", "custody_event", "credential", "checkpoint"} <= set(
        sa.inspect(connection).get_table_names()
    ):
        return False
    version = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars().all()
    return list(version) == [migrations.HEAD] and not connection.execute(sa.text(_NOTHING_IN_IT)).scalar()


def _is_unfounded_file(path: Path) -> bool:
    engine = sa.create_engine(
        "sqlite://",
        creator=lambda: sqlite.connect(path, read_only=True, timeout=TIMEOUT_SECONDS),
        poolclass=sa.NullPool,
    )
    try:
        with engine.connect() as connection:
            return _is_unfounded(connection)
    except (sa.exc.DBAPIError, CartrailError):
        return False
    finally:
        engine.dispose()


def migrate(url: str, *, app_role: str | None = None) -> list[str]:
    """Bring a store to HEAD, with its guards and the rights of its roles; gives what was changed.

    `app_role` is a PostgreSQL role to be given what a recording station needs, made where it is not there.
    """
    address = parsed(url)
    where = shown(url)
    if app_role is not None and address.drivername == "sqlite":
        raise InputError(
            f"{where} is a SQLite file, which has no roles.",
            remedy="Who may write it is said by the rights of the file and its folder.",
            code="no_roles",
        )
    engine_of(address).close()
    with _connection(address) as connection:
        if not {"alembic_version", "custody_event"} <= set(sa.inspect(connection).get_table_names()):
            raise faults.no_store(where)
        version = known_revision(connection.exec_driver_sql(migrations.VERSION).scalars().all(), where)
        done: list[str] = []
        if version != migrations.HEAD:
            if address.drivername == "sqlite":
                done.append(f"copy {_copied(_path(address), version)}")
            done += migrations.upgrade(connection)
        done += guards.install(connection)
        if address.drivername != "sqlite":
            done += roles.renew(connection)
            done += [] if app_role is None else roles.grant(connection, app_role)
        return done


def known_revision(versions: Sequence[str], where: str) -> str:
    """The one revision that a database names; raises StoreError when this program does not know it."""
    if len(versions) != 1:
        named = f"the revisions {', '.join(sorted(versions))}" if versions else "no revision"
        raise faults.unusable(
            f"The table alembic_version of {where} names {named}, where exactly one must stand.",
            "Restore a backup, or have the administrator of the database find out what changed the table.",
            "store_revision_unclear",
        )
    (version,) = versions
    if version not in migrations.REVISIONS:
        raise faults.unusable(
            f"{where} was made by another version of cartrail (revision {version});"
            f" this one knows revision {migrations.HEAD}.",
            "Use the version of cartrail that made it, or make a new store with `cartrail init`.",
            "store_of_another_version",
        )
    return version


def _copied(path: Path, version: str) -> Path:
    copy = path.with_name(f"{path.name}.{version}.{datetime.now(UTC):%Y%m%dT%H%M%SZ}.bak")
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    source = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    target = sqlite3.connect(copy)
    try:
        source.backup(target)
    finally:
        target.close()
        source.close()
    return copy


@contextmanager
def _connection(address: sa.URL) -> Iterator[sa.Connection]:
    """A connection for migrations in one transaction, which on SQLite holds the file for itself."""
    if address.drivername == "sqlite":
        path = _path(address)
        engine = sa.create_engine(
            "sqlite://",
            creator=lambda: sqlite.connect(path, read_only=False, timeout=TIMEOUT_SECONDS),
            poolclass=sa.NullPool,
        )
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    else:
        engine = sa.create_engine(
            "postgresql+psycopg://",
            creator=lambda: retrying(
                lambda: postgres.connect(address, timeout=TIMEOUT_SECONDS, autocommit=False)
            ),
            poolclass=sa.NullPool,
        )
    try:
        with engine.begin() as connection:
            yield connection
    except sa.exc.DBAPIError as error:
        raise _said(error, address) from error
    finally:
        engine.dispose()


def _said(error: sa.exc.DBAPIError, address: sa.URL) -> Exception:
    if isinstance(error.orig, sqlite3.Error):
        return faults.of_sqlite(error.orig, _path(address), None)
    import psycopg

    if not isinstance(error.orig, psycopg.Error):
        return error
    told = faults.of_postgres(error.orig, addresses.shown(address))
    if isinstance(told, StoreUnreachable):
        return OutcomeUnknown(
            "The database was lost while its tables were changed.",
            remedy="Run the same command again: it does what is left to do, and nothing twice.",
        ).with_details(told.details)
    return told


def _path(address: sa.URL) -> Path:
    return Path(address.database or "")
