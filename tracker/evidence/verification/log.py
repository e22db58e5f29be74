"""The log of a store, steps 8 to 12: its leaves, the tree made of them once more, and who signed it."""

from __future__ import annotations

import hashlib
import heapq
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from schema.entry import REGISTRY
from schema.errors import InputError
from schema.events.registry import Exported
from schema.instants import format_instant, parse_instant
from tracker.evidence.checkpoint import Checkpoint, SignedCheckpoint, parse_checkpoint
from tracker.evidence.cosignature import cosigned, parse_cosignature, station_vkey
from tracker.evidence.note import NoteSignature, verifies
from tracker.evidence.verification.entries import Examined
from tracker.evidence.verification.snapshot import Snapshot
from tracker.evidence.verification.verdict import Check, Journal
from tracker.evidence.vkey import VerifierKey, vkey
from tracker.ledger.tree import HASH_BYTES, Frontier, Node, covering, node_hash
from tracker.rules.registry_state import LOG_OWNER, STATION_OWNER, Key, RegistryState

_EMPTY = bytes(HASH_BYTES)
"""What stands in a place to which no entry came: no digest is this."""


@dataclass(slots=True)
class LeafBatch:
    """Leaves met on the way, by index with the digest of the bytes, and what waits for the log."""

    indexes: array[int] = field(default_factory=lambda: array("q"))
    digests: bytearray = field(default_factory=bytearray)
    waiting: int = 0
    oldest: str | None = None

    def wait(self, since: str) -> None:
        """One more entry waits."""
        self.waiting += 1
        self.oldest = since if self.oldest is None else min(self.oldest, since)


class LeafWalk:
    """Step 8 along one chain; give it each entry in the order of the table."""

    def __init__(self, chain: str, size: int, batch: LeafBatch, journal: Journal) -> None:
        self._chain = chain
        self._size = size
        self._batch = batch
        self._journal = journal
        self._last = -1
        self._held = False

    def follow(self, seen: Examined) -> None:
        """The next entry."""
        row = seen.row
        if (row.pending_at is None) == (row.leaf_index is None):
            stands = row.leaf_index is not None
            how = "stands in the log and waits" if stands else "neither stands in the log nor waits"
            self._found(row.number, f"the entry {how} for it")
        if row.pending_at is not None:
            self._wait(seen, str(row.pending_at))
        if row.leaf_index is None:
            self._held = True
        else:
            self._place(row.number, row.leaf_index, seen.digest)

    def _wait(self, seen: Examined, since: str) -> None:
        self._batch.wait(since)
        if seen.entry is not None and format_instant(seen.entry.recorded_at) != since:
            message = f"the entry waits for the log since {since:.40}, which is not when it was recorded"
            self._found(seen.row.number, message)

    def _place(self, number: int | None, index: Any, digest: str) -> None:
        if not isinstance(index, int) or not 0 <= index < self._size:
            self._found(number, f"the entry is leaf {index!r:.40} of a log with {self._size} leaves")
            return
        if index <= self._last:
            self._found(number, f"the entry is leaf {index}; an entry before it is leaf {self._last}")
        elif self._held:
            self._found(number, f"the entry is leaf {index}, and an entry before it is not in the log")
        self._last = max(self._last, index)
        self._batch.indexes.append(index)
        self._batch.digests += bytes.fromhex(digest)

    def _found(self, number: int | None, message: str) -> None:
        self._journal.found(Check.LEAVES, self._chain, number, message)


class Leaves:
    """All leaves of the log: 32 bytes for each, however long its entry is."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.waiting = 0
        self.oldest: str | None = None
        self._digests = bytearray(size * HASH_BYTES)
        self._registry: array[int] = array("q")

    def take(self, batch: LeafBatch, journal: Journal, *, chain: str = "") -> None:
        """Put a batch in its places."""
        digests, start = self._digests, 0
        for index in batch.indexes:
            at = index * HASH_BYTES
            if digests[at : at + HASH_BYTES] != _EMPTY:
                journal.found(Check.LEAVES, chain, None, f"leaf {index} of the log is of two entries")
            digests[at : at + HASH_BYTES] = batch.digests[start : start + HASH_BYTES]
            start += HASH_BYTES
        if chain == REGISTRY:
            self._registry = batch.indexes
        self.waiting += batch.waiting
        if batch.oldest is not None:
            self.oldest = batch.oldest if self.oldest is None else min(self.oldest, batch.oldest)

    def conclude(self, journal: Journal) -> None:
        """Name the places to which no entry came: an index was left out, or its entry is gone."""
        # Looking through all bytes at once is fast, and almost always the end of it.
        for index in range(self.size if _EMPTY in self._digests else 0):
            if self.hash(index) == _EMPTY:
                journal.found(Check.LEAVES, "", None, f"no entry is leaf {index} of the log")
        if not self.size:
            journal.note(Check.LEAVES, "the log has no leaves yet")

    def hash(self, index: int) -> bytes:
        """The leaf hash at a place."""
        return bytes(self._digests[index * HASH_BYTES : (index + 1) * HASH_BYTES])

    def hashes(self, start: int, end: int) -> list[bytes]:
        """The leaf hashes from one place up to another."""
        data = bytes(self._digests[start * HASH_BYTES : end * HASH_BYTES])
        return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]

    def registry_under(self, tree_size: int) -> int:
        """The last sequence of the registry in the tree of that size; -1 for none."""
        return bisect_left(self._registry, tree_size) - 1


BLOCK_LEVEL: Final = 12
_BLOCK: Final = 1 << BLOCK_LEVEL


class RebuiltTree:
    """Step 9, and the roots that steps 12 and 13 ask for; sizes have to be asked for in rising order."""

    def __init__(self, leaves: Leaves, snapshot: Snapshot, journal: Journal) -> None:
        self._leaves = leaves
        self._snapshot = snapshot
        self._journal = journal
        self._base = 0
        """The first leaf of the block that lies open."""

        self._levels: list[list[bytes]] = []
        self._wide: list[tuple[int, bytes]] = []
        """Level and hash of the full subtrees before the block, from the widest to the narrowest."""

        self._open()

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return self._leaves.size

    def root_at(self, size: int) -> str:
        """The root, in hex, of the tree when it had that size, which is not beyond it."""
        while size >= self._base + _BLOCK:
            self._next()
        inside = [
            self._levels[node.level][node.number - (self._base >> node.level)]
            for node in covering((self._base, size))
        ]
        return Frontier(size, [digest for _, digest in self._wide] + inside).root().hex()

    def conclude(self) -> str:
        """Make the rest of the tree; gives its root."""
        root = self.root_at(self.size)
        for level, count in self._snapshot.rows("SELECT level, count(*) FROM log_node GROUP BY level"):
            known = isinstance(level, int) and level > 0
            expected = self.size >> level if known else 0
            if count > expected:
                message = f"{count} hashes of level {level!r:.20} are stored; the tree has {expected}"
                self._journal.found(Check.TREE, "", None, message)
        return root

    def _open(self) -> None:
        level = self._leaves.hashes(self._base, min(self._base + _BLOCK, self.size))
        self._levels = [level]
        for height in range(1, BLOCK_LEVEL + 1):
            level = _above(level)
            self._levels.append(level)
            self._compare(height, self._base >> height, level)

    def _next(self) -> None:
        """Close the block, which is full, and open the one behind it."""
        level, number = BLOCK_LEVEL, self._base >> BLOCK_LEVEL
        ((digest,), self._levels) = (self._levels[BLOCK_LEVEL], [])
        while self._wide and self._wide[-1][0] == level:
            digest = node_hash(self._wide.pop()[1], digest)
            level, number = level + 1, number >> 1
            self._compare(level, number, [digest])
        self._wide.append((level, digest))
        self._base += _BLOCK
        self._open()

    def _compare(self, level: int, first: int, made: list[bytes]) -> None:
        """The stored hashes of neighbors against those made of the entries."""
        if not made:
            return
        end = first + len(made)
        stored: list[tuple[Any, Any]] = list(
            self._snapshot.rows(
                f"SELECT node_index, hash FROM log_node WHERE level = {level}"  # noqa: S608  only numbers
                f" AND node_index >= {first} AND node_index < {end} ORDER BY node_index"
            )
        )
        if [row[1] for row in stored] == made and [row[0] for row in stored] == list(range(first, end)):
            return
        there = dict(stored)
        for node, digest in ((Node(level, first + place), digest) for place, digest in enumerate(made)):
            found = there.get(node.number)
            if found != digest:
                shown = "missing" if found is None else _shown(found)
                message = (
                    f"the stored hash {node.number} of level {level} is {shown},"
                    f" the entries give {digest.hex()}"
                )
                self._journal.found(Check.TREE, "", None, message)


def _above(level: list[bytes]) -> list[bytes]:
    """The hashes one level up; a last one without neighbor has none."""
    sha256 = hashlib.sha256
    return [
        sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)
    ]


def _shown(stored: object) -> str:
    return stored.hex()[:64] if isinstance(stored, bytes) else f"{stored!r:.64}"


_CHECKPOINTS: Final = "SELECT tree_size, root, note, signed_at FROM checkpoint ORDER BY tree_size"
_COSIGNATURES: Final = (
    "SELECT k.tree_size, k.station, k.line, c.note FROM cosignature k"
    " LEFT JOIN checkpoint c ON c.tree_size = k.tree_size ORDER BY k.tree_size, k.station"
)
_PRINTED: Final = (
    "SELECT p.chain, p.tree_size,"
    " EXISTS (SELECT 1 FROM custody_event e WHERE e.chain = p.chain AND e.sequence = 0),"
    " EXISTS (SELECT 1 FROM checkpoint c WHERE c.tree_size = p.tree_size)"
    " FROM printed_head p ORDER BY p.chain, p.tree_size"
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

        self.sizes: set[int] = set()
        """The sizes of all checkpoints that are there."""

        self.on_hub: set[bool] = set()
        """Whether on the hub itself, of each cosignature that fits."""

        self.checkpoints = 0
        """How many there are, whether they hold or not."""

        self.stations: set[str] = set()
        """Those with a cosignature that fits."""

        self.cosigners: set[bytes] = set()
        """The public keys of these cosignatures."""

    def check(self, snapshot: Snapshot, tree: RebuiltTree, sizes: frozenset[int]) -> dict[int, str]:
        """All checkpoints and cosignatures; gives the roots at the sizes that paper asks for."""
        roots: dict[int, str] = {}
        asked = ((size, None) for size in sorted(sizes) if size <= tree.size)
        for size, head in heapq.merge(asked, self._checkpoints(snapshot), key=lambda pair: pair[0]):
            if head is None:
                roots[size] = tree.root_at(size)
            else:
                self.checkpoints += 1
                self._check_consistency(head, tree)
        if self.checkpoints:
            told = f"{self.checkpoints} checkpoints, the newest of size {self.newest}"
            self._journal.note(Check.CONSISTENCY, told)
        else:
            self._skip("no checkpoint is signed", Check.CHECKPOINTS, Check.CONSISTENCY)
        self._check_cosignatures(snapshot)
        return roots

    def check_named(self, exports: Iterable[tuple[int, Exported]], roots: Mapping[int, str]) -> None:
        """What was signed stays: each checkpoint that an export names is there, and the log continues it."""
        for number, said in exports:
            root = roots.get(said.tree_size)
            if root is None:
                message = (
                    f"the export shows a log of {said.tree_size} leaves, and the log has {self._leaves.size}"
                )
                self._journal.found(Check.CONSISTENCY, REGISTRY, number, message)
            elif root != said.root:
                message = f"the log does not begin with the {said.tree_size} leaves that the export showed"
                self._journal.found(Check.CONSISTENCY, REGISTRY, number, message)
            for size in sorted({*said.checkpoints, said.tree_size} - self.sizes):
                message = f"the export holds a checkpoint of size {size}, which is not there any more"
                self._journal.found(Check.CHECKPOINTS, REGISTRY, number, message)

    def check_printed(self, snapshot: Snapshot) -> None:
        """Each head that went onto paper is of a checkpoint and a chain that are there."""
        for chain, size, is_there, signed in snapshot.rows(_PRINTED):
            if not is_there:
                self._journal.found(
                    Check.CHECKPOINTS, str(chain), None, "a head is noted for a chain that is none"
                )
            elif not signed:
                message = (
                    f"a head of size {size!s:.30} went onto paper, and there is no such checkpoint any more"
                )
                self._journal.found(Check.CHECKPOINTS, str(chain), None, message)

    def _skip(self, why: str, *checks: Check) -> None:
        for check in checks:
            self._journal.skip(check, why)

    def _found(self, check: Check, size: Any, message: str) -> None:
        self._journal.found(check, "", None, f"the checkpoint of size {size!s:.30} {message}")

    def _checkpoints(self, snapshot: Snapshot) -> Iterator[tuple[int, Checkpoint]]:
        """The heads whose notes can be read, by size."""
        for size, root, note, signed_at in snapshot.rows(_CHECKPOINTS):
            self.sizes.add(size)
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
            self._found(Check.CHECKPOINTS, size, f"cannot be read: {error.message}")
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
        count = 0
        for size, station, line, note in snapshot.rows(_COSIGNATURES):
            count += 1
            try:
                self.on_hub.add(self._cosigned_on_hub(str(station), line, note))
                self.stations.add(str(station))
            except InputError as error:
                message = f"is not cosigned by {station!s:.30}: {error.message}"
                self._found(Check.COSIGNATURES, size, message)
        if not count:
            self._skip("no station cosigned", Check.COSIGNATURES)
        elif self.stations:
            by = ", ".join(sorted(self.stations))
            self._journal.note(Check.COSIGNATURES, f"{count} cosignatures, by {by}")

    def _cosigned_on_hub(self, station: str, line: Any, note: Any) -> bool:
        """Whether a station's line was made on the hub; raises InputError for one that does not fit."""
        if not isinstance(note, str) or not isinstance(line, str):
            raise InputError("There is no such checkpoint, or the line is not text.")
        signature, head = parse_cosignature(line), parse_checkpoint(note).checkpoint
        signer = self._signer(signature, head.tree_size)
        if signer is None or signer[0].owner != STATION_OWNER + station:
            raise InputError(f"The line of {signature.name} is by no key of the station that counted.")
        cosigned(head, signature, signer[1])
        self.cosigners.add(signer[1].public)
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
