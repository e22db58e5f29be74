"""Which entry is which leaf of the log: each once, each chain in its order, no place left out."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Any

from schema.entry import REGISTRY
from schema.instants import format_instant
from tracker.evidence.tree import HASH_BYTES
from tracker.evidence.verification.entries import Examined
from tracker.evidence.verification.verdict import Check, Journal

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
