"""The head a machine signed last, kept beside its key: no store set back or forked is signed again unseen.

The file holds the three lines of the checkpoint and, where the store was once restored with loss, a fourth
with the event of that: a head signed before it may be of what was lost, one signed after it may not. The file
is written before the signature is given out; else a crash between the two would let a fork be signed.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from schema.errors import InputError, IntegrityFailure, StoreError
from tracker.evidence.checkpoint import Checkpoint, parse_text
from tracker.evidence.log_keys import LOG_KEY_FILE, STATION_KEY_FILE
from tracker.evidence.vkey import OWNER_ONLY
from tracker.ledger.log import LogRecords
from tracker.ledger.tree import is_consistent, prove_consistency
from tracker.rules.registry_state import RegistryState, StoreLoss

SIGNED_FILE: Final = "log.head"
COSIGNED_FILE: Final = "station.head"

_KEY_OF: Final[Mapping[str, str]] = {SIGNED_FILE: LOG_KEY_FILE, COSIGNED_FILE: STATION_KEY_FILE}
"""The key beside which each of them lies once it has signed."""
_KNOWN_LOSS: Final = "after the loss "

_REMEDY: Final = (
    "The store was set back or replaced: compare it with slips and other copies, and keep both ({path}). "
    "Where entries are truly lost, `cartrail restore BACKUP --accept-loss` says so for ever, and goes on."
)


_LOST: Final = (
    "Put {name} back from a backup of the keys. If it is lost, hold the store against heads on paper "
    "(`cartrail verify --head CODE`){then}: without it a store that was set back goes unseen."
)


@dataclass(frozen=True, slots=True)
class KeptHead:
    """A head as it is kept in a file."""

    path: Path
    head: Checkpoint
    known_loss: str = ""
    """The event of the newest loss that the store had when it was signed; empty for none."""

    def loss_before(self, registry: RegistryState) -> StoreLoss | None:
        """The first loss after it was signed, whatever that covers; None where it is younger than all."""
        known = [one.event_id for one in registry.losses]
        later = registry.losses[known.index(self.known_loss) + 1 if self.known_loss in known else 0 :]
        return next(iter(later), None) if self.head.origin == registry.origin else None

    def loss_in(self, registry: RegistryState) -> StoreLoss | None:
        """The loss that took away what this head saw, where the registry has one."""
        if self.head.origin != registry.origin:
            return None
        return registry.loss_of(self.head.tree_size, self.head.root, after=self.known_loss)


class LastHead:
    """One file of one signer."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Lets one process of this machine at a time read, sign and write."""
        try:
            handle = os.open(self._path.parent, os.O_RDONLY)
        except OSError as error:
            raise StoreError(
                f"The key folder {self._path.parent} cannot be read: {error.strerror}."
            ) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def read(self) -> KeptHead | None:
        """What was signed last; None before the first, StoreError where the file is no head."""
        try:
            *lines, fourth, end = self._path.read_text(encoding="ascii").split("\n")
            known = fourth.removeprefix(_KNOWN_LOSS) if fourth.startswith(_KNOWN_LOSS) else ""
            if not known:
                lines.append(fourth)
            return KeptHead(self._path, parse_text("\n".join([*lines, end])), known)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, InputError) as error:
            raise StoreError(
                f"The file {self._path} does not hold the head that was signed last.",
                remedy=_LOST.format(name=self._path.name, then=", then move the damaged file away"),
                code="no_last_head",
            ) from error

    def write(self, head: Checkpoint, registry: RegistryState) -> None:
        """Keep this head in place of the one before, on disk before this returns.

        One before it that is of a lost log is set aside as `NAME.lost-SIZE`.
        """
        known = f"{_KNOWN_LOSS}{registry.losses[-1].event_id}\n" if registry.losses else ""
        fresh = self._path.with_name(f"{self._path.name}.new")
        try:
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                os.fchmod(handle, OWNER_ONLY)
                file.write(head.text + known)
                file.flush()
                os.fsync(handle)
            self._set_aside(registry)
            fresh.replace(self._path)
            self._sync_folder()
        except OSError as error:
            raise StoreError(f"The file {self._path} cannot be written: {error.strerror}.") from error

    def _set_aside(self, registry: RegistryState) -> None:
        """Keep a head of a lost log under a name of its own: it is all that is left of it here."""
        seen = self.read()
        if seen is not None and seen.loss_in(registry) is not None:
            self._path.replace(self._path.with_name(f"{self._path.name}.lost-{seen.head.tree_size}"))

    def _sync_folder(self) -> None:
        """The new name of the file is safe only with its folder."""
        handle = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def check(self, transaction: LogRecords, head: Checkpoint, registry: RegistryState) -> None:
        """Raise IntegrityFailure unless the head continues what this machine signed last.

        What was signed of a log that was lost, and is named in the registry as lost, nothing can continue.
        """
        seen = self.read()
        if seen is not None and seen.loss_in(registry) is None:
            check_continues(transaction, seen.head, head, remedy=_REMEDY.format(path=self._path))


def check_continues(
    transaction: LogRecords, seen: Checkpoint, head: Checkpoint, *, remedy: str | None = None
) -> None:
    """Raise IntegrityFailure unless the stored tree proves that the head continues one that was signed."""
    if seen.origin != head.origin:
        raise IntegrityFailure(
            f"A head of {seen.origin} was signed here; this store is {head.origin}.", remedy=remedy
        )
    if seen.tree_size > head.tree_size:
        raise IntegrityFailure(
            f"The log has {head.tree_size} entries, but a head of {seen.tree_size} was signed.", remedy=remedy
        )
    path = prove_consistency(seen.tree_size, head.tree_size, transaction.hashes)
    roots = bytes.fromhex(seen.root), bytes.fromhex(head.root)
    if not is_consistent(seen.tree_size, head.tree_size, *roots, path):
        raise IntegrityFailure(
            f"The log of {head.tree_size} entries does not begin with the {seen.tree_size} that were signed.",
            remedy=remedy,
        )


def kept_heads(folder: Path) -> Iterator[KeptHead]:
    """The heads that this machine signed and cosigned last; a damaged one is left out."""
    for name in (SIGNED_FILE, COSIGNED_FILE):
        try:
            head = LastHead(folder / name).read()
        except StoreError:
            # Whoever signs next says so; what is recorded meanwhile stands all the same.
            continue
        if head is not None:
            yield head


def lost_heads(folder: Path, signed: Collection[str]) -> Iterator[StoreError]:
    """Why what was signed here last is not known: a file is damaged, or gone though its key has signed.

    `signed` names the files that the store shows to have been written by whoever has the key.
    """
    for name, key in _KEY_OF.items():
        try:
            head = LastHead(folder / name).read()
        except StoreError as error:
            yield error
            continue
        if head is None and name in signed and (folder / key).exists():
            yield StoreError(
                f"In {folder} lies {key} without {name}, though it has signed: nothing here shows whether "
                "the store was set back.",
                remedy=_LOST.format(name=name, then=""),
                code="no_last_head",
            )


def check_not_set_back(transaction: LogRecords, registry: RegistryState, folder: Path) -> None:
    """Raise IntegrityFailure unless the log continues every head that is kept in the folder of its keys."""
    for seen in kept_heads(folder):
        size = transaction.tree_size()
        head = Checkpoint(registry.origin, size, transaction.frontier(size).root().hex())
        if seen.loss_in(registry) is None:
            check_continues(transaction, seen.head, head, remedy=_REMEDY.format(path=seen.path))
