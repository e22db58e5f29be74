"""A driver's errors in words for people: what happened and what to do, details for the administrator."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Final

from schema import guards
from schema.errors import (
    CartrailError,
    GuardMissing,
    IntegrityFailure,
    OutcomeUnknown,
    StoreBusy,
    StoreError,
    StoreUnreachable,
)
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
        f"In {where} the search path finds {', '.join(sorted(names))} in place of our tables.",
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
        remedy="Close other programs that use this file, then try again; nothing is recorded twice.",
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
        "Free some space or check the disk, then try again; nothing is recorded twice.",
        "disk_failed",
    )


def commit_of_sqlite(error: sqlite3.Error, path: Path) -> Exception:
    """What an error at COMMIT means: a disk that failed then may hold the whole transaction all the same."""
    if (getattr(error, "sqlite_errorname", "") or "").startswith("SQLITE_IOERR"):
        return OutcomeUnknown(
            f"{path}: the disk failed while this was written, and it is not known whether it was.",
            remedy="Check the disk and its space. " + OutcomeUnknown.default_remedy,
        ).with_details(str(error))
    return of_sqlite(error, path, None)


def replaced(path: Path, gone: str) -> StoreError:
    """The file that is open is not the one at its path any more."""
    return unusable(
        f"{path} was deleted, moved or replaced while it was open ({gone}); nothing was written.",
        "Close every cartrail on this store. Put the file back, or open it again to work with the new one.",
        "store_replaced",
    )


def replaced_meanwhile(path: Path, gone: str) -> OutcomeUnknown:
    """The file was taken away between the check and the end of the commit."""
    return OutcomeUnknown(
        f"{path} was deleted, moved or replaced while this was written ({gone}): only the old file has it.",
        remedy="Close every cartrail on this store and open it again; then look whether this is recorded.",
        code="store_replaced",
    )


def of_postgres(error: psycopg.Error, where: str, *, since: float | None = None) -> Exception:
    """What a PostgreSQL error means; the error itself when it is a fault of the program.

    `since` is when the statement was sent, by the monotonic clock.
    """
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
    details = f"{where}: {_first_line(error)}."
    if state in {"55P03", "57014"}:
        busy = StoreBusy("The database was locked by another writer for too long.")
        busy.since = since
        return busy.with_details(details)
    if state == "25006" or not state or state.startswith(_LOST):
        return unreachable(error, where, since=since)
    told = _refusal(state)
    return error if told is None else told.with_details(details)


_LOST: Final = ("08", "57P", "25P03")
"""The connection is gone, the server stops or starts, or it has become a standby (25006)."""


def _refusal(state: str) -> StoreError | None:
    """What the server refuses, and would refuse in a minute too."""
    if state == "42501":
        return unusable(
            "The database does not give this station the right to do that.",
            "Ask whoever looks after the database: `cartrail migrate --app-role NAME` gives the rights.",
            "store_read_only",
        )
    if state.startswith("53"):
        return unusable("The database has run out of space, memory or connections.", _LATER, "disk_failed")
    if state.startswith(("28", "3D")):
        return unusable("The database does not let this station in.", _CHECK_LOGIN, "store_unreachable")
    if state in {"26000", "42P05"}:
        return unusable(
            "The database is reached through a connection pooler that changes servers between transactions.",
            "Name the server itself in the address, or let the pooler keep sessions (pool_mode = session).",
            "behind_pooler",
        )
    return None


_LATER: Final = (
    "Ask whoever looks after the database to free some, then try again; nothing is recorded twice."
)
_CHECK_LOGIN: Final = "Check the name of the database, the user and the password."


def bad_option(error: Exception) -> StoreError:
    """An address with what is no option of PostgreSQL."""
    return unusable(
        f"The database address cannot be used: {_first_line(error)}.",
        "Correct what follows the question mark in it.",
        "bad_database_url",
    )


def unreachable(error: Exception, where: str, *, since: float | None = None) -> StoreError:
    """A server that does not answer, or, for a refusal that no waiting changes, does not let us in."""
    tried = _attempts(error)
    if _LETS_NOBODY_IN.search(str(error)):
        refused = unusable("The database does not let this station in.", _CHECK_LOGIN, "store_unreachable")
        return refused.with_details(f"{where}: {tried}.")
    lost = StoreUnreachable("The database does not answer.")
    lost.since = since
    lost.with_details(f"{where}: {tried}.")
    return lost


_LETS_NOBODY_IN: Final = re.compile(
    r"password authentication failed|no password supplied|no pg_hba\.conf entry|role \".*\" does not exist"
    r"|database \".*\" does not exist|permission denied for database|not permitted to log in"
    r"|certificate verify failed|does not support SSL|does not match host name|root certificate file"
)
"""Before a session begins a server gives no code, only words, in its own language: others are waited for."""

_ATTEMPT: Final = re.compile(r"^- host: '?(.*?)'?, port: '?(.*?)'?, hostaddr: \S+: (.*)$", re.MULTILINE)


def _attempts(error: Exception) -> str:
    """What each server that was tried said, in one line."""
    found = [f"{host}:{port} {_reason(said)}" for host, port, said in _ATTEMPT.findall(str(error))]
    return "; ".join(dict.fromkeys(found)) or _reason(_first_line(error))


def _reason(line: str) -> str:
    return line.rpartition(" failed: ")[2].rstrip(". ")


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(". ") if lines else type(error).__name__


def lost_while_committing(why: str, details: str) -> OutcomeUnknown:
    """COMMIT was sent and was not answered, or not without a warning."""
    return OutcomeUnknown(f"{why} It is not known whether this was written.").with_details(details)


def opened_read_only(where: str) -> StoreError:
    """A write to a store that was opened for reading, or can only be read."""
    return unusable(
        f"{where} is open for reading only.",
        "Give this user the right to write the store and its folder, or record on another station.",
        "store_read_only",
    )
