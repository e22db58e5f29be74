"""A long registry as one file beside the keys, so that not every command replays it.

The file is a cache: it is believed only while the bytes of all entries it was made of are those in the store
and the program is the one that wrote it, and deleting it changes nothing. It never lies in the database:
whoever can write there could give rights to people in it. Who can write beside a machine's keys can do worse.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import stat
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import schema
import tracker
from schema.canonical import leaf_digest
from schema.entry import REGISTRY, Head
from tracker.acts.state_cache import KnownRegistry
from tracker.ledger.creation import private_folder
from tracker.ledger.transaction import Transaction

FROM_ENTRIES: Final = 1_000
"""Shorter registries are replayed: that takes some hundredths of a second."""

EVERY_ENTRIES: Final = 500
"""The file is written again when it lacks that many."""

_DIGEST: Final = hashlib.sha256().digest_size


@dataclass(frozen=True, slots=True)
class KeptRegistry:
    """The file of one machine for each registry, in a folder that only its owner can write."""

    folder: Path

    def load(self, transaction: Transaction, head: Head) -> KnownRegistry | None:
        """The registry as it was kept, perhaps some entries ago; None when nothing kept is to be believed."""
        if head.sequence < FROM_ENTRIES:
            return None
        content = self._read(self._path(transaction))
        if content is None or content[:_DIGEST] != _program():
            return None
        of_bytes, pickled = content[_DIGEST : 2 * _DIGEST], content[3 * _DIGEST :]
        if hashlib.sha256(pickled).digest() != content[2 * _DIGEST : 3 * _DIGEST]:
            return None
        tip, state = pickle.loads(pickled)  # noqa: S301  our own file, as private as the keys beside it
        known = KnownRegistry(tip, state)
        return known if _of_bytes(transaction, tip.head.sequence) == of_bytes else None

    def keep(self, transaction: Transaction, known: KnownRegistry, *, replayed: int) -> None:
        """Write the file when enough had to be replayed; where it cannot be written nothing is kept."""
        sequence = known.tip.head.sequence
        if sequence < FROM_ENTRIES or replayed < EVERY_ENTRIES:
            return
        pickled = pickle.dumps((known.tip, known.state), protocol=pickle.HIGHEST_PROTOCOL)
        head = _program() + _of_bytes(transaction, sequence) + hashlib.sha256(pickled).digest()
        with suppress(OSError):
            private_folder(self.folder)
            path = self._path(transaction)
            # Only its owner can read a file made so; it takes the other's place at once.
            descriptor, name = tempfile.mkstemp(dir=self.folder)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(head + pickled)
                Path(name).replace(path)
            finally:
                # Gone already where it has taken its place.
                Path(name).unlink(missing_ok=True)

    def _path(self, transaction: Transaction) -> Path:
        """One file for each registry, named after its first entry."""
        _, _, first = next(iter(transaction.bodies(REGISTRY, limit=1)))
        return self.folder / f"{leaf_digest(first)[:32]}.registry"

    def _read(self, path: Path) -> bytes | None:
        with suppress(OSError):
            for place, is_right in ((self.folder, stat.S_ISDIR), (path, stat.S_ISREG)):
                found = place.stat()
                if not is_right(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
                    return None
            return path.read_bytes()
        return None


def _of_bytes(transaction: Transaction, sequence: int) -> bytes:
    """The digest over all entries up to one: over their bytes as stored, a line each."""
    digest = hashlib.sha256()
    for _, _, body in transaction.bodies(REGISTRY, limit=sequence + 1):
        digest.update(body)
        digest.update(b"\n")
    return digest.digest()


def _program() -> bytes:
    """What differs when another Python or another program made the file, told as for compiled modules."""
    digest = hashlib.sha256(sys.version.encode())
    for package in (schema, tracker):
        folder = Path(package.__path__[0])
        for path in sorted(folder.rglob("*.py")):
            found = path.stat()
            digest.update(f"{path.relative_to(folder)} {found.st_mtime_ns} {found.st_size}\n".encode())
    return digest.digest()
