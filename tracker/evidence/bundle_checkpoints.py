"""The checkpoints of a bundle: by whom they are signed, and that each continues the one before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from schema.canonical import parsed
from schema.entry import REGISTRY
from schema.errors import CartrailError
from tracker.evidence.bundle_container import Container, Fault
from tracker.evidence.bundle_format import CHECKPOINTS, LEAVES
from tracker.evidence.bundle_manifest import ReadManifest, exact
from tracker.evidence.bundle_tree import BundleTree
from tracker.evidence.bundle_verdict import BundleCheck, BundleJournal
from tracker.evidence.checkpoint import SignedCheckpoint, parse_checkpoint
from tracker.evidence.cosignature import cosigned, station_vkey
from tracker.evidence.inclusion import is_consistent
from tracker.evidence.note import NoteSignature, decoded64, verifies
from tracker.people.vkey import VerifierKey, vkey
from tracker.rules.registry_state import LOG_OWNER, STATION_OWNER, Key, RegistryState

_KEYS: Final = frozenset(("size", "note", "consistency"))


class BundleCheckpoints:
    """Steps 10, 11 and 13."""

    def __init__(
        self, registry: RegistryState, manifest: ReadManifest, tree: BundleTree, journal: BundleJournal
    ) -> None:
        self._registry = registry
        self._manifest = manifest
        self._tree = tree
        self._journal = journal
        self.roots: dict[int, str] = {}
        self.cosigned_on_hub: set[bool] = set()
        """Whether on the hub, of each cosignature that fits."""

    def check(self, container: Container) -> None:
        """Every line, then the two that the export stands between."""
        before: SignedCheckpoint | None = None
        number = 0
        try:
            for number, line in enumerate(container.lines(CHECKPOINTS), start=1):
                before = self._take(f"{CHECKPOINTS} line {number}", line, before) or before
        except Fault as error:
            self._found(BundleCheck.CHECKPOINTS, f"{CHECKPOINTS} line {number + 1}", str(error))
        self._check_ends()
        whole = LEAVES in container
        for size, root in self.roots.items():
            if whole and size <= self._manifest.now.tree_size and self._tree.roots.get(size) != root:
                message = f"the leaves do not have the root of size {size}"
                self._found(BundleCheck.CONSISTENCY, "", message)

    def root_at(self, size: int) -> str | None:
        """The root of the log at a size, where this bundle proves one."""
        return self._tree.roots.get(size, self.roots.get(size))

    def _found(self, check: BundleCheck, place: str, message: str) -> None:
        self._journal.found(check, place, message)

    def _take(self, place: str, line: bytes, before: SignedCheckpoint | None) -> SignedCheckpoint | None:
        try:
            data = exact(parsed(line), _KEYS, "the line")
            note, hashes = data["note"], data["consistency"]
            if not isinstance(note, str) or not isinstance(hashes, list):
                raise Fault("the note is not text, or the proof is not an array")
            signed = parse_checkpoint(note)
            path = [_hash(one) for one in hashes]
            head = signed.checkpoint
            if data["size"] != head.tree_size or isinstance(data["size"], bool):
                raise Fault("the note is of another size")
            if head.origin != self._manifest.origin:
                raise Fault("the note is of another log")
            if before is not None and head.tree_size <= before.checkpoint.tree_size:
                raise Fault(f"it does not come after size {before.checkpoint.tree_size}")
        except (CartrailError, Fault) as error:
            message = error.message if isinstance(error, CartrailError) else str(error)
            self._found(BundleCheck.CHECKPOINTS, place, message)
            return None
        self._check_lines(place, signed)
        self._check_consistency(place, before, signed, path)
        self.roots[head.tree_size] = head.root
        return signed

    def _check_lines(self, place: str, signed: SignedCheckpoint) -> None:
        """Each signature line is by a key that counted at that size, and fits."""
        by_log = False
        for line in signed.note.signatures:
            key = self._signer(line, signed.checkpoint.tree_size)
            if key is None:
                message = f"the line of {line.name} is by no key that counted"
                self._found(BundleCheck.CHECKPOINTS, place, message)
            elif key[0].owner == LOG_OWNER:
                by_log = verifies(key[0].public, line.value, signed.checkpoint.text.encode())
                if not by_log:
                    self._found(BundleCheck.CHECKPOINTS, place, "the signature of the log does not fit")
            else:
                self._check_cosignature(place, signed, line, *key)
        if not by_log:
            self._found(BundleCheck.CHECKPOINTS, place, "the log did not sign it")

    def _check_cosignature(
        self, place: str, signed: SignedCheckpoint, line: NoteSignature, key: Key, verifier: VerifierKey
    ) -> None:
        try:
            cosigned(signed.checkpoint, line, verifier)
        except CartrailError as error:
            self._found(BundleCheck.COSIGNATURES, place, error.message)
        else:
            self.cosigned_on_hub.add(key.on_hub is True)

    def _signer(self, line: NoteSignature, size: int) -> tuple[Key, VerifierKey] | None:
        """The key of that name, if the tree of that size holds its `key_added` and not its end."""
        for key in self._registry.keys.values():
            if not self._is_under(key.added_sequence, size) or self._is_under(key.retired_sequence, size):
                continue
            if key.owner == LOG_OWNER:
                verifier = vkey(self._manifest.origin, key.public)
            elif key.owner.startswith(STATION_OWNER):
                station = key.owner.removeprefix(STATION_OWNER)
                verifier = station_vkey(self._manifest.origin, station, key.public)
            else:
                continue
            if line.names(verifier):
                return key, verifier
        return None

    def _is_under(self, sequence: int | None, size: int) -> bool:
        if sequence is None:
            return False
        return self._tree.leaves.get((REGISTRY, sequence), size) < size

    def _check_consistency(
        self, place: str, before: SignedCheckpoint | None, now: SignedCheckpoint, path: Sequence[bytes]
    ) -> None:
        if before is None:
            if path:
                self._found(BundleCheck.CONSISTENCY, place, "the first checkpoint has a proof from nothing")
            return
        old, new = before.checkpoint, now.checkpoint
        roots = bytes.fromhex(old.root), bytes.fromhex(new.root)
        if not is_consistent(old.tree_size, new.tree_size, *roots, path):
            message = f"its log does not begin with that of size {old.tree_size}"
            self._found(BundleCheck.CONSISTENCY, place, message)

    def _check_ends(self) -> None:
        manifest: Mapping[str, tuple[int, str]] = {
            "A": (self._manifest.at.tree_size, self._manifest.at.root),
            "B": (self._manifest.now.tree_size, self._manifest.now.root),
        }
        for name, (size, root) in manifest.items():
            if self.roots.get(size) != root:
                message = f"checkpoint {name} of size {size} is not here"
                self._found(BundleCheck.CHECKPOINTS, "", message)
        behind = [size for size in self.roots if size > self._manifest.now.tree_size]
        if behind:
            self._found(BundleCheck.CHECKPOINTS, "", f"size {max(behind)} is behind checkpoint B")


def _hash(value: object) -> bytes:
    if not isinstance(value, str):
        raise Fault("a hash is not text")
    return decoded64(value, "hash")
