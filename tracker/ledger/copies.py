"""A whole store copied into one file while others record, and put back: SQLite's own copying, or pg_dump."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote

import sqlalchemy as sa

from schema.errors import StoreError
from tracker.ledger import addresses, creation, faults, postgres
from tracker.ledger.engine import TIMEOUT_SECONDS, Record

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
_SNAPSHOT: Final = "SELECT pg_export_snapshot() WHERE NOT pg_is_in_recovery()"


def engine_name(url: str) -> str:
    """Which engine an address is of."""
    return SQLITE if creation.parsed(url).drivername == "sqlite" else POSTGRESQL


def address_of(copy: Path) -> str:
    """The address at which the copy of a SQLite store is a store itself."""
    return f"sqlite:///{quote(str(copy.absolute()))}"


def snapshot_of(query: Callable[[str], Iterable[Record]]) -> str | None:
    """A name by which others see what a reading transaction sees; None on a standby, which gives none."""
    return next((str(name) for (name,) in query(_SNAPSHOT)), None)


def copy_into(url: str, target: Path, *, snapshot: str | None = None) -> None:
    """Copy a store as it is at one moment into a new file; raises StoreError and leaves none if it fails.

    `snapshot` names the moment, for PostgreSQL; else it is one after the call.
    """
    address = creation.parsed(url)
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        if address.drivername == "sqlite":
            _copy_file(Path(address.database or ""), target)
        else:
            _dump(address, target, snapshot)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def put_back(copy: Path, url: str) -> None:
    """Make a copy a store at an address at which nothing is yet; raises StoreError where something is."""
    address = creation.parsed(url)
    if address.drivername == "sqlite":
        path = Path(address.database or "")
        if path.exists():
            raise creation.occupied(str(path))
        creation.private_folder(path.parent)
        fresh = path.with_name(f".{path.name}.restoring")
        shutil.copyfile(copy, fresh)
        fresh.chmod(0o600)
        with fresh.open("rb") as file:
            os.fsync(file.fileno())
        # A link and not a rename: of two restores at once only one finds the name free.
        try:
            os.link(fresh, path)
        except FileExistsError as error:
            raise creation.occupied(str(path)) from error
        finally:
            fresh.unlink(missing_ok=True)
        return
    with postgres.connect(address, timeout=TIMEOUT_SECONDS) as connection:
        count = connection.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema()"
        ).fetchone()
    if count is None or count[0]:
        raise creation.occupied(addresses.shown(address))
    _run(
        "pg_restore", address, "--exit-on-error", "--single-transaction", "--no-owner", "--no-acl", str(copy)
    )


def _copy_file(path: Path, target: Path) -> None:
    if not path.is_file():
        raise faults.unusable(f"There is no store at {path}.", "Check the path of the database.", "no_store")
    source = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=TIMEOUT_SECONDS)
    copy = sqlite3.connect(target)
    try:
        source.backup(copy)
        # One file, without a log beside it that a copy of the backup could leave behind.
        copy.execute("PRAGMA journal_mode = DELETE")
        if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise faults.unusable(
                f"The copy of {path} is damaged, so its pages are.",
                "Stop recording, keep the file as it is, and restore the last good backup elsewhere.",
                "damaged_store",
            )
    except sqlite3.Error as error:
        raise StoreError(f"{path} could not be copied: {error}.") from error
    finally:
        copy.close()
        source.close()


def _dump(address: sa.URL, target: Path, snapshot: str | None) -> None:
    seen = () if snapshot is None else (f"--snapshot={snapshot}",)
    _run("pg_dump", address, "--format=custom", "--no-owner", "--no-acl", *seen, f"--file={target}")


def _run(program: str, address: sa.URL, *arguments: str) -> None:
    """A program of PostgreSQL's client; the password goes by its environment, never by its arguments."""
    found = shutil.which(program)
    if found is None:
        raise faults.unusable(
            f"There is no program {program} on this machine.",
            "Install the PostgreSQL client of the server's version, or run this where it is.",
            "no_client",
        )
    done = subprocess.run(
        [found, "--dbname", addresses.for_programs(address), "--no-password", *arguments],
        env={**os.environ, **_password(address)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise faults.unusable(
            f"{program} did not do it: {_first_line(done.stderr)}.",
            "Use the client of the server's version, as a user that may read every table.",
            "client_failed",
        )


def _password(address: sa.URL) -> Mapping[str, str]:
    return {} if address.password is None else {"PGPASSWORD": str(address.password)}


def _first_line(text: str) -> str:
    lines: Sequence[str] = [line for line in text.splitlines() if line.strip()]
    return lines[0].strip().removesuffix(".")[:300] if lines else "it said nothing"
