"""A SQLite file that is deleted or replaced under a running program: nothing is said to be written."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from schema.errors import OutcomeUnknown, StoreError
from tests.support.no_disk import SHIPPED
from tests.support.stores import append_next, fill, sqlite_url, unit_row
from tracker.ledger import faults, sqlite
from tracker.ledger.store import Store


def deleted(path: Path) -> None:
    """Somebody removed the store."""
    for one in path.parent.glob(f"{path.name}*"):
        one.unlink()


def replaced(path: Path) -> None:
    """Somebody put another copy in its place."""
    copy = path.with_name("copy")
    shutil.copy(path, copy)
    copy.replace(path)


def moved(path: Path) -> None:
    """Somebody renamed it."""
    path.rename(path.with_name("elsewhere.db"))


def log_deleted(path: Path) -> None:
    """Somebody removed what seemed to be left over: the newest commits lie in it."""
    Path(f"{path}-wal").unlink()


def interrupted(store: Store, event: Callable[[], None]) -> None:
    """A transaction during which something happens."""
    with store.begin() as transaction:
        append_next(transaction)
        event()


AWAY = [deleted, replaced, moved, log_deleted]


@pytest.mark.parametrize("take_away", AWAY)
def test_findings_e10_nothing_is_recorded_in_a_file_that_is_gone(
    sqlite_path: Path, take_away: Callable[[Path], None]
) -> None:
    """Before the next transaction begins, and where it happened during it before that is committed."""
    with Store.open(sqlite_url(sqlite_path)) as store:
        fill(store, 1)
        with pytest.raises(StoreError) as during:
            interrupted(store, lambda: take_away(sqlite_path))
        with pytest.raises(StoreError) as after, store.begin() as transaction:
            append_next(transaction)
    for error in (during.value, after.value):
        assert error.code == "store_replaced" and error.exit_code == 5
        assert "nothing was written" in error.message and "open it again" in error.remedy


@pytest.mark.parametrize("take_away", [deleted, replaced, moved])
def test_findings_e10_a_board_of_a_file_that_is_gone_is_not_shown(
    sqlite_path: Path, take_away: Callable[[Path], None]
) -> None:
    """What an old file says is not the record any more."""
    with Store.open(sqlite_url(sqlite_path)) as store:
        fill(store, 1)
        with store.read() as transaction:
            assert transaction.count() == 1
        take_away(sqlite_path)
        with pytest.raises(StoreError) as refused, store.read() as transaction:
            transaction.count()
    assert refused.value.code == "store_replaced"


def test_findings_e10_a_file_taken_away_during_the_commit_is_not_ok(
    sqlite_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the check and the end of COMMIT: what was written went into the old file."""
    with Store.open(sqlite_url(sqlite_path)) as store:
        fill(store, 1)
        require = sqlite.OpenFiles.require
        calls: list[int] = []

        def late(files: sqlite.OpenFiles) -> None:
            require(files)
            calls.append(1)
            if len(calls) == 2:
                replaced(sqlite_path)

        monkeypatch.setattr(sqlite.OpenFiles, "require", late)
        with pytest.raises(OutcomeUnknown) as told, store.begin() as transaction:
            append_next(transaction)
    assert told.value.code == "store_replaced" and "only the old file has it" in told.value.message


def test_findings_e10_a_store_that_stays_is_written_by_many(sqlite_path: Path) -> None:
    """Opening, closing and rewriting by others is no replacement."""
    with Store.open(sqlite_url(sqlite_path)) as store:
        fill(store, 1)
        with Store.open(sqlite_url(sqlite_path)) as other:
            fill(other, 1)
            other.forget()
        fill(store, 1)
        with store.read() as transaction:
            assert transaction.count() == 3


def test_availability_a3_a_disk_that_fails_at_commit_is_not_known(tmp_path: Path) -> None:
    """The whole transaction may lie in the log; a full disk at any other place wrote nothing."""
    failed = sqlite3.OperationalError("disk I/O error")
    failed.sqlite_errorname = "SQLITE_IOERR_FSYNC"
    told = faults.commit_of_sqlite(failed, tmp_path / "store.db")
    assert isinstance(told, OutcomeUnknown) and "not known" in told.message
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorname = "SQLITE_FULL"
    known = faults.commit_of_sqlite(full, tmp_path / "store.db")
    assert isinstance(known, StoreError) and not isinstance(known, OutcomeUnknown)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="says which files a process has open on Linux")
def test_no_part_of_a_batch_lies_in_a_temporary_file(tmp_path: Path) -> None:
    """The pages that a savepoint keeps stay in memory, also after the file was rewritten."""
    with Store.create(sqlite_url(tmp_path / "store.db")) as store:
        store.forget()
        open_files: list[str] = []
        for document in ("x", "y"):
            rows = [unit_row(f"UD23456{number:04}", document=document * 3000) for number in range(60)]
            with store.begin() as transaction, transaction.savepoint():
                transaction.put_units(rows)
                # SQLite keeps 64 KiB in memory anyway, and these are about 240.
                open_files = [
                    str(one.readlink()) for one in Path("/proc/self/fd").iterdir() if one.is_symlink()
                ]
        assert any("store.db" in one for one in open_files)
        assert not [one for one in open_files if "etilqs" in one]


def test_a_commit_of_cartrail_itself_waits_for_the_disk(
    sqlite_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given the settings that tests leave out, then what was answered survives a power cut: FULL is 2."""
    monkeypatch.setattr(sqlite, "PRAGMAS", SHIPPED)
    connection = sqlite.connect(sqlite_path, read_only=False, timeout=1)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    connection.close()
