"""A registry kept as a file: the same state for less work, and never one that the store does not hold."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from schema.entry import REGISTRY, Statement
from tests.support.journeys import World
from tracker.acts import kept_registry, state_cache
from tracker.acts.kept_registry import KeptRegistry
from tracker.acts.state_cache import KnownRegistry, StateCache
from tracker.registry.evolve import evolve_registry
from tracker.rules.registry_state import RegistryState

Worlds = Callable[[str], World]


@pytest.fixture
def given(world: Worlds, monkeypatch: pytest.MonkeyPatch) -> World:
    """A store whose registry counts as long."""
    monkeypatch.setattr(kept_registry, "FROM_ENTRIES", 10)
    monkeypatch.setattr(kept_registry, "EVERY_ENTRIES", 10)
    return world("enrolled")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the file lies."""
    return tmp_path / "registry"


def read(given: World, folder: Path | None) -> KnownRegistry:
    """The registry as a new process reads it."""
    kept = None if folder is None else KeptRegistry(folder)
    with given.tracker.store.read() as transaction:
        return StateCache(kept).registry(transaction)


@pytest.fixture
def replayed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sequences of the registry entries that are evolved."""
    seen: list[int] = []

    def counted(state: RegistryState, sequence: int, statement: Statement) -> RegistryState:
        seen.append(sequence)
        return evolve_registry(state, sequence, statement)

    monkeypatch.setattr(state_cache, "evolve_registry", counted)
    return seen


def file_of(folder: Path) -> Path:
    """The one file in the folder."""
    (path,) = folder.iterdir()
    return path


def test_the_second_process_replays_only_what_is_new(given: World, folder: Path, replayed: list[int]) -> None:
    """The state is the one that replay gives, also some entries later."""
    first = read(given, folder)
    assert len(replayed) == first.tip.head.sequence + 1
    replayed.clear()
    assert read(given, folder) == first and not replayed
    assert file_of(folder).stat().st_mode & 0o077 == 0


def test_a_short_registry_is_not_kept(given: World, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replaying it takes no time worth a file."""
    monkeypatch.setattr(kept_registry, "FROM_ENTRIES", 10_000)
    read(given, folder)
    assert not folder.exists()


def test_changed_bytes_in_the_store_are_not_hidden(given: World, folder: Path, replayed: list[int]) -> None:
    """Whoever changes an old entry past the guards changes the state, as without the file."""
    kept = read(given, folder)
    connection = sqlite3.connect(given.url.removeprefix("sqlite:///"))
    connection.execute("DROP TRIGGER custody_event_no_update")
    connection.execute(
        "UPDATE custody_event SET body = CAST(replace(body, 'COLL-A', 'COLL-9') AS BLOB)"
        " WHERE chain = ? AND sequence < 40",
        (REGISTRY,),
    )
    connection.commit()
    connection.close()
    replayed.clear()
    assert read(given, folder) == read(given, None)
    assert len(replayed) == 2 * (kept.tip.head.sequence + 1)


def test_a_changed_file_is_not_believed(given: World, folder: Path, replayed: list[int]) -> None:
    """Each part of it counts: the program, the bytes of the entries, and the state."""
    first = read(given, folder)
    whole = file_of(folder).read_bytes()
    for place in (0, 40, 70, 100, len(whole) - 1):
        file_of(folder).write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        replayed.clear()
        assert read(given, folder) == first and replayed
    file_of(folder).write_bytes(whole[:50])
    assert read(given, folder) == first


def test_a_file_that_others_can_write_is_not_opened(given: World, folder: Path, replayed: list[int]) -> None:
    """It could hold anything."""
    first = read(given, folder)
    for path, mode in ((file_of(folder), 0o666), (folder, 0o777)):
        before = path.stat().st_mode & 0o777
        path.chmod(mode)
        replayed.clear()
        assert read(given, folder) == first and replayed
        path.chmod(before)


def test_what_is_no_file_is_neither_read_nor_added_to(given: World, folder: Path) -> None:
    """A pipe would wait for ever, and a folder in its place must not gather what could not be renamed."""
    first = read(given, folder)
    path = file_of(folder)
    for make in (os.mkfifo, os.mkdir):
        path.unlink()
        make(path, 0o700)
        assert read(given, folder) == first
        assert [*folder.iterdir()] == [path]
        if path.is_dir():
            break
        # A pipe gives way to a file, so it is made again as a folder.
        assert path.is_file()


def test_a_folder_that_cannot_be_made_changes_nothing(given: World, tmp_path: Path) -> None:
    """The registry is read as ever."""
    (tmp_path / "file").touch()
    assert read(given, tmp_path / "file" / "registry") == read(given, None)
