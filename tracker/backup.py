"""Backups: a folder with the store in one file and what it holds written beside it, and back again."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from schema.counting import counted
from schema.errors import InputError, IntegrityFailure, StoreError
from schema.instants import format_instant
from schema.papercodes import HeadCode, parse_head
from tracker.evidence.last_head import COSIGNED_FILE, SIGNED_FILE, LastHead
from tracker.evidence.log_keys import LOG_KEY_FILE, STATION_KEY_FILE, key_folder
from tracker.ledger import copies
from tracker.ledger.store import Store
from tracker.ledger.transaction import Transaction
from tracker.open_store import OpenStore
from tracker.views.hub import BACKUP

FORM: Final = "cartrail-backup/1"
ABOUT: Final = "backup.json"
_FILES: Final = {copies.SQLITE: "store.db", copies.POSTGRESQL: "store.dump"}
_KEYS: Final = (LOG_KEY_FILE, STATION_KEY_FILE, SIGNED_FILE, COSIGNED_FILE)


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds, as written beside it."""

    folder: Path
    origin: str
    engine: str
    file: str
    sha256: str
    entries: int
    tree_size: int
    root: str
    made_at: str
    losses: tuple[str, ...] = ()
    """Each loss that was accepted in this store, in words."""

    keys: tuple[str, ...] = ()
    """Key files of this machine that are not in it: they are kept apart."""

    @property
    def path(self) -> Path:
        """The file with the store."""
        return self.folder / self.file

    def to_json(self) -> dict[str, Any]:
        """As it stands in the file beside the store."""
        names = ("origin", "engine", "file", "sha256", "entries", "tree_size", "root", "made_at")
        lists = {"losses": [*self.losses], "keys": [*self.keys]}
        return {"form": FORM, **{name: getattr(self, name) for name in names}, **lists}


@dataclass(frozen=True, slots=True)
class KnownHead:
    """A head that somebody outside the store has: this machine's files, or paper."""

    source: str
    tree_size: int
    root: str


def back_up(opened: OpenStore, url: str, target: Path, *, keys: Path | None = None) -> Backup:
    """Copy the store into a new folder below `target`, and with `keys` this machine's keys below another.

    Recording goes on meanwhile. Raises InputError where both would lie in one place, StoreError where a copy
    could not be made; a folder that is not whole is removed.
    """
    now, origin = opened.clock.now(), opened.registry.origin
    name = f"cartrail-{origin.partition('/')[2].replace('/', '-')}-{now:%Y%m%dT%H%M%SZ}"
    if keys is not None and (keys == target or target in keys.parents or keys in target.parents):
        raise InputError(
            "The keys would lie beside the store: who takes one has both.",
            remedy="Name a folder of another disk or machine after --keys.",
            code="keys_beside_store",
        )
    folder = _new_folder(target, name)
    try:
        made = _copied(opened, url, folder, now)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if keys is not None:
        _copy_keys(opened, _new_folder(keys, f"{name}-keys"))
    opened.note_presence(BACKUP)
    return made


def read_backup(folder: Path) -> Backup:
    """What a backup holds; raises InputError where it is none, or not as it was made."""
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        if about.pop("form") != FORM:
            raise ValueError("another form")
        lists = {name: tuple(about[name]) for name in ("losses", "keys")}
        found = Backup(folder=folder, **{**about, **lists})
        if Path(found.file).name != found.file or not found.path.is_file():
            raise ValueError("no store in it")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{folder} is no backup of cartrail, or not all of it.",
            remedy=f"Name the folder in which {ABOUT} lies.",
            code="bad_backup",
        ) from error
    if _digest(found.path) != found.sha256:
        raise InputError(
            f"{found.path} is not as it was made: this backup is damaged.",
            remedy="Take another copy of it, or an older backup; keep this one.",
            code="bad_backup",
        )
    return found


def known_heads(
    config: Path, origin: str, codes: Sequence[str], files: Sequence[Path] = ()
) -> Iterator[KnownHead]:
    """The heads of a log that this machine, the given paper and the files of other machines know.

    Raises OtherLog for a code, InputError for a file, that is not of this log; StoreError for a damaged file.
    """
    folder = key_folder(config, origin)
    for path in (folder / SIGNED_FILE, folder / COSIGNED_FILE, *files):
        seen = LastHead(path).read()
        if path in files and (seen is None or seen.head.origin != origin):
            raise InputError(
                f"{path} holds no head of the log {origin}.",
                remedy="Copy `station.head` out of the key folder of the station.",
                code="no_head",
            )
        if seen is not None:
            yield KnownHead(str(path), seen.head.tree_size, seen.head.root)
    for text in codes:
        code: HeadCode = parse_head(text)
        code.require_origin(origin)
        yield KnownHead(text, code.tree_size, code.root)


def require_nothing_lost(backup: Backup, heads: Sequence[KnownHead]) -> None:
    """Raise IntegrityFailure where a head is known that saw more than the backup holds."""
    newest = max(heads, key=lambda one: one.tree_size, default=None)
    if newest is not None and newest.tree_size > backup.tree_size:
        raise IntegrityFailure(
            f"The backup of {backup.made_at} holds a log of {backup.tree_size} entries; {newest.source} saw "
            f"{newest.tree_size}: {counted(newest.tree_size - backup.tree_size, 'entry', 'entries')} would be"
            " lost.",
            remedy="Take a newer backup, or the database itself where it still lies. Nothing was restored. "
            "Only where they are lost for good: --accept-loss, by two people.",
            code="entries_lost",
        )


def newest_lost(backup: Backup, heads: Sequence[KnownHead]) -> KnownHead:
    """The newest head that saw more than the backup holds; raises InputError where none did."""
    newest = max(heads, key=lambda one: one.tree_size, default=None)
    if newest is None or newest.tree_size <= backup.tree_size:
        raise InputError(
            "No head that is known here saw more than this backup holds.",
            remedy="Restore it without --accept-loss, or give the newest head off paper with --head.",
            code="nothing_lost",
        )
    return newest


def restore_or_go_on(backup: Backup, url: str) -> None:
    """Put the store of a backup to an address, where perhaps it was put already and nothing came after it."""
    try:
        restore(backup, url)
    except StoreError as occupied:
        if occupied.code != "store_exists" or not _is_as_backed_up(backup, url):
            raise


def _is_as_backed_up(backup: Backup, url: str) -> bool:
    with Store.open(url, read_only=True) as store, store.read() as transaction:
        return _held(transaction) == (backup.entries, backup.tree_size, backup.root)


def _held(transaction: Transaction) -> tuple[int, int, str]:
    """How many entries, how many of them in the log, and its root."""
    size = transaction.tree_size()
    return transaction.count(), size, transaction.frontier(size).root().hex()


def restore(backup: Backup, url: str) -> None:
    """Put the store of a backup to an address at which nothing is; raises StoreError for another engine."""
    if copies.engine_name(url) != backup.engine:
        raise StoreError(
            f"The backup is of {backup.engine}, and the address is of another engine.",
            remedy="Restore it to the engine it was made of.",
            code="other_engine",
        )
    try:
        copies.put_back(backup.path, url)
    except StoreError as occupied:
        if occupied.code != "store_exists":
            raise
        raise StoreError(
            occupied.message,
            remedy="A backup is put where nothing is: move what is there away, or name another place.",
            code=occupied.code,
        ) from occupied


def _copied(opened: OpenStore, url: str, folder: Path, now: datetime) -> Backup:
    engine = copies.engine_name(url)
    path = folder / _FILES[engine]
    # Counted in the very moment of the copy: with less, a head that it holds would seem to have seen more.
    if engine == copies.SQLITE:
        copies.copy_into(url, path)
        with Store.open(copies.address_of(path), read_only=True) as store, store.read() as transaction:
            entries, size, root = _held(transaction)
    else:
        with Store.open(url, read_only=True) as store, store.read() as transaction:
            entries, size, root = _held(transaction)
            copies.copy_into(url, path, snapshot=copies.snapshot_of(transaction.query))
    registry = opened.registry
    made = Backup(
        *(folder, registry.origin, engine, path.name, _digest(path), entries, size, root),
        format_instant(now),
        losses=tuple(one.words for one in registry.losses),
        keys=_key_files(opened),
    )
    _write(folder / ABOUT, json.dumps(made.to_json(), indent=2) + "\n")
    return made


def _new_folder(parent: Path, name: str) -> Path:
    try:
        parent.mkdir(parents=True, exist_ok=True)
        folder = parent / name
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise InputError(
            f"{parent / name} cannot be made: {error.strerror}.",
            remedy="Name a folder that you may write to.",
            code="not_written",
        ) from error
    return folder


def _key_files(opened: OpenStore) -> tuple[str, ...]:
    folder = opened.log.folder
    return tuple(name for name in _KEYS if (folder / name).exists())


def _copy_keys(opened: OpenStore, target: Path) -> None:
    for name in _key_files(opened):
        shutil.copyfile(opened.log.folder / name, target / name)
        (target / name).chmod(0o600)


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
