"""A driver's errors in the words of the store: what is wrong, with the address, and what to do."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from schema import guards
from schema.errors import CartrailError, GuardMissing, IntegrityFailure, StoreBusy, StoreError
from tracker.ledger.conflicts import ChainConflict, Conflict, Deadlock, EventIdTaken

if TYPE_CHECKING:
    import psycopg

_DETAIL_VALUE = re.compile(r"\)=\((.*)\)")
_SQLITE_KEYS = {
    f"custody_event chain, sequence {guards.TAKEN}": "chain",
    f"custody_event event_id {guards.TAKEN}": "event_id",
    # Where a guard was removed the constraint itself still says which it is.
    "UNIQUE constraint failed: custody_event.chain, custody_event.sequence": "chain",
    "UNIQUE constraint failed: custody_event.event_id": "event_id",
}
_POSTGRES_KEYS = {
    "pk_custody_event": "chain",
    "uq_custody_event_event_id": "event_id",
    # These rows go in one statement with the entry, and either may be found to clash first.
    "pk_log_pending": "chain",
    "pk_request_answer": "event_id",
}


def unusable(message: str, remedy: str, code: str) -> StoreError:
    """A store error of its own code."""
    return StoreError(message, remedy=remedy, code=code)


def no_store(where: str) -> StoreError:
    """A database of somebody else, or an empty one."""
    return unusable(
        f"{where} is a database, but not a cartrail store.",
        "Check the address; `cartrail init` makes a store in an empty database.",
        "not_a_store",
    )


def table_replaced(names: list[str], where: str) -> IntegrityFailure:
    """The search path leads to something else than the tables that were made."""
    return IntegrityFailure(
        f"In {where} the search path finds {', '.join(names)} in place of our tables.",
        remedy="Nothing is read or recorded through it. Have the administrator of the database set the search"
        " path of the role and database to the schema of the store, and run `cartrail verify`.",
        code="table_replaced",
    )


def guard_missing(names: list[str], where: str) -> GuardMissing:
    """Guards that are gone, by name."""
    return GuardMissing(f"{where} lacks the append-only guard {', '.join(names)}.")


def of_sqlite(error: sqlite3.Error, path: Path, chain_and_event: tuple[str, str] | None) -> Exception:
    """What a SQLite error means; the error itself when it is a fault of the program."""
    if isinstance(error, sqlite3.IntegrityError):
        kind = _SQLITE_KEYS.get(str(error))
        return error if kind is None or chain_and_event is None else _clash(kind, *chain_and_event)
    name = getattr(error, "sqlite_errorname", "") or ""
    for prefix, make in (
        ("SQLITE_BUSY", _busy),
        ("SQLITE_LOCKED", _busy),
        ("SQLITE_READONLY", _read_only),
        ("SQLITE_NOTADB", _not_a_database),
        ("SQLITE_CORRUPT", _damaged),
        ("SQLITE_CANTOPEN", _cannot_open),
        ("SQLITE_FULL", _full),
        ("SQLITE_IOERR", _full),
    ):
        if name.startswith(prefix):
            return make(path)
    if "query_only" in str(error) or "readonly" in str(error):
        return _read_only(path)
    return error


def _clash(kind: str, chain: str, event_id: str) -> Conflict:
    return ChainConflict(chain) if kind == "chain" else EventIdTaken(event_id)


def _busy(path: Path) -> CartrailError:
    return StoreBusy(
        f"{path} is locked by another program.",
        remedy="Close other programs that use this file, then send the request again under its event_id.",
    )


def _read_only(path: Path) -> CartrailError:
    return unusable(
        f"{path} cannot be written: the file, its folder or the disk is read-only.",
        "Give this user the right to write the file and its folder, or open the store on the hub.",
        "store_read_only",
    )


def _not_a_database(path: Path) -> CartrailError:
    return unusable(
        f"{path} is not a cartrail store: it is not a SQLite database.",
        "Check the path; `cartrail init` makes a new store at a path that does not exist.",
        "not_a_store",
    )


def _damaged(path: Path) -> CartrailError:
    return IntegrityFailure(f"{path} is damaged: SQLite cannot read its pages.")


def _cannot_open(path: Path) -> CartrailError:
    return unusable(
        f"{path} cannot be opened.",
        "Check that the file and its folder exist and that this user may read and write both.",
        "store_unreachable",
    )


def _full(path: Path) -> CartrailError:
    return unusable(
        f"{path} could not be read or written: the disk is full or failed.",
        "Free some space or check the disk, then send the request again under its event_id.",
        "disk_failed",
    )


def of_postgres(error: psycopg.Error, where: str) -> Exception:
    """What a PostgreSQL error means; the error itself when it is a fault of the program."""
    state = error.sqlstate or ""
    if state == "23505":
        kind = _POSTGRES_KEYS.get(error.diag.constraint_name or "")
        value = _DETAIL_VALUE.search(error.diag.message_detail or "")
        if kind is None or value is None:
            return error
        # The detail is in the server's language; only the values between the brackets are read.
        return _clash(kind, value[1].rpartition(", ")[0], value[1])
    if state in {"40P01", "40001"}:
        return Deadlock("two transactions waited for each other")
    if state in {"55P03", "57014"}:
        return StoreBusy(f"{where} was locked by another writer for too long.")
    if state in {"42501", "25006"}:
        return unusable(
            f"{where} does not let this user write: {_first_line(error)}.",
            "Ask the database administrator for the rights of a recording station.",
            "store_read_only",
        )
    if state.startswith("53"):
        return unusable(f"{where} has run out of resources: {_first_line(error)}.", _LATER, "disk_failed")
    if not state or state.startswith(("08", "57P", "28", "3D")):
        return unreachable(error, where)
    return error


_LATER = "Free some space or ask the database administrator, then send the request again under its event_id."


def unreachable(error: Exception, where: str) -> StoreError:
    """A server that does not answer or does not let us in."""
    return unusable(
        f"{where} cannot be reached: {_first_line(error)}.",
        "Check host, port, database, user and password, and that the server runs; nothing was written.",
        "store_unreachable",
    )


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(". ") if lines else type(error).__name__


def opened_read_only(where: str) -> StoreError:
    """A write to a store that was opened for reading, or can only be read."""
    return unusable(
        f"{where} is open for reading only.",
        "Give this user the right to write the store and its folder, or record on another station.",
        "store_read_only",
    )
