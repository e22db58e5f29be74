"""Checkpoints and cosignatures in a store: who signed which head, and whether the log still has it."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import Any, Final

from schema.errors import InputError
from schema.instants import parse_instant
from tracker.evidence.checkpoint import Checkpoint, SignedCheckpoint, parse_checkpoint
from tracker.evidence.cosignature import cosigned, parse_cosignature, station_vkey
from tracker.evidence.note import NoteSignature, verifies
from tracker.evidence.verification.leaves import Leaves
from tracker.evidence.verification.rebuilding import RebuiltTree
from tracker.evidence.verification.snapshot import Snapshot
from tracker.evidence.verification.verdict import Check, Journal
from tracker.people.vkey import VerifierKey, vkey
from tracker.rules.registry_state import LOG_OWNER, STATION_OWNER, Key, RegistryState

_CHECKPOINTS: Final = "SELECT tree_size, root, note, signed_at FROM checkpoint ORDER BY tree_size"
_COSIGNATURES: Final = (
    "SELECT k.tree_size, k.station, k.line, c.note FROM cosignature k"
    " LEFT JOIN checkpoint c ON c.tree_size = k.tree_size ORDER BY k.tree_size, k.station"
)


class Witnesses:
    """Steps 10 to 12: what was signed of the log, held against the registry and the tree."""

    def __init__(self, registry: RegistryState, leaves: Leaves, journal: Journal) -> None:
        self._registry = registry
        self._leaves = leaves
        self._journal = journal
        self._signers: dict[tuple[str, bytes], tuple[Key, VerifierKey]] = {}
        for key in registry.keys.values():
            verifier = _verifier(registry.origin, key)
            if verifier is not None:
                self._signers[verifier.name, verifier.key_hash] = key, verifier
        self.newest = 0
        """The size of the largest checkpoint that the log signed and the tree has; 0 for none."""

        self.on_hub: set[bool] = set()
        """Whether on the hub itself, of each cosignature that fits."""

    def check(self, snapshot: Snapshot, tree: RebuiltTree, sizes: frozenset[int]) -> dict[int, str]:
        """All checkpoints and cosignatures; gives the roots at the sizes that paper asks for."""
        roots: dict[int, str] = {}
        asked = ((size, None) for size in sorted(sizes) if size <= tree.size)
        count = 0
        for size, head in heapq.merge(asked, self._checkpoints(snapshot), key=lambda pair: pair[0]):
            if head is None:
                roots[size] = tree.root_at(size)
            else:
                count += 1
                self._check_consistency(head, tree)
        if count:
            self._journal.note(Check.CONSISTENCY, f"{count} checkpoints, the newest of size {self.newest}")
        else:
            self._skip("no checkpoint is signed", Check.CHECKPOINTS, Check.CONSISTENCY)
        self._check_cosignatures(snapshot)
        return roots

    def _skip(self, why: str, *checks: Check) -> None:
        for check in checks:
            self._journal.skip(check, why)

    def _found(self, check: Check, size: Any, message: str) -> None:
        self._journal.found(check, "", None, f"the checkpoint of size {size!s:.30} {message}")

    def _checkpoints(self, snapshot: Snapshot) -> Iterator[tuple[int, Checkpoint]]:
        """The heads whose notes can be read, by size."""
        for size, root, note, signed_at in snapshot.rows(_CHECKPOINTS):
            signed = self._read(size, note)
            if signed is None:
                continue
            head = signed.checkpoint
            if (head.tree_size, head.root) != (size, root):
                self._found(Check.CHECKPOINTS, size, f"has a note of {head.tree_size} and {head.root}")
            try:
                parse_instant(str(signed_at))
            except InputError as error:
                self._found(Check.CHECKPOINTS, size, f"was signed at no time: {error.message}")
            self._check_signed(signed)
            if head.tree_size == size:
                yield size, head

    def _read(self, size: Any, note: Any) -> SignedCheckpoint | None:
        try:
            if not isinstance(note, str):
                raise InputError(f"The note is stored as {type(note).__name__}.")
            signed = parse_checkpoint(note)
        except InputError as error:
            self._found(Check.CHECKPOINTS, size, f"is none: {error.message}")
            return None
        if signed.checkpoint.origin != self._registry.origin:
            self._found(Check.CHECKPOINTS, size, f"is of another log, {signed.checkpoint.origin}")
        return signed

    def _check_signed(self, signed: SignedCheckpoint) -> None:
        """Each line is by a key of the log that counted at that size; cosignatures are kept apart."""
        size, text = signed.checkpoint.tree_size, signed.checkpoint.text.encode()
        for line in signed.note.signatures:
            signer = self._signer(line, size)
            if signer is None or signer[0].owner != LOG_OWNER:
                self._found(Check.CHECKPOINTS, size, f"is signed by {line.name} with no key that counted")
            elif not verifies(signer[0].public, line.value, text):
                self._found(Check.CHECKPOINTS, size, "has a signature of the log that does not fit")

    def _signer(self, line: NoteSignature, size: int) -> tuple[Key, VerifierKey] | None:
        """The key that a line names, if the registry in the tree of that size lets it count."""
        signer = self._signers.get((line.name, line.key_hash))
        counts = signer is not None and signer[0].counts_at(self._leaves.registry_under(size))
        return signer if counts else None

    def _check_consistency(self, head: Checkpoint, tree: RebuiltTree) -> None:
        size = head.tree_size
        if size > tree.size:
            self._found(Check.CONSISTENCY, size, f"was signed; the log has {tree.size} leaves")
        elif (root := tree.root_at(size)) != head.root:
            self._found(Check.CONSISTENCY, size, f"has the root {head.root}, the entries give {root}")
        else:
            self.newest = max(self.newest, size)

    def _check_cosignatures(self, snapshot: Snapshot) -> None:
        count, stations = 0, set()
        for size, station, line, note in snapshot.rows(_COSIGNATURES):
            count += 1
            try:
                self.on_hub.add(self._cosigned_on_hub(str(station), line, note))
                stations.add(str(station))
            except InputError as error:
                message = f"is not cosigned by {station!s:.30}: {error.message}"
                self._found(Check.COSIGNATURES, size, message)
        if not count:
            self._skip("no station cosigned", Check.COSIGNATURES)
        elif stations:
            self._journal.note(Check.COSIGNATURES, f"{count} cosignatures, by {', '.join(sorted(stations))}")

    def _cosigned_on_hub(self, station: str, line: Any, note: Any) -> bool:
        """Whether a station's line was made on the hub; raises InputError for one that does not fit."""
        if not isinstance(note, str) or not isinstance(line, str):
            raise InputError("There is no such checkpoint, or the line is not text.")
        signature, head = parse_cosignature(line), parse_checkpoint(note).checkpoint
        signer = self._signer(signature, head.tree_size)
        if signer is None or signer[0].owner != STATION_OWNER + station:
            raise InputError(f"The line of {signature.name} is by no key of the station that counted.")
        cosigned(head, signature, signer[1])
        return signer[0].on_hub is True


def _verifier(origin: str, key: Key) -> VerifierKey | None:
    try:
        if key.owner == LOG_OWNER:
            return vkey(origin, key.public)
        if key.owner.startswith(STATION_OWNER):
            return station_vkey(origin, key.owner.removeprefix(STATION_OWNER), key.public)
    except InputError:
        # Only a forged registry has a name that no note can carry; no note is by it then.
        return None
    return None
