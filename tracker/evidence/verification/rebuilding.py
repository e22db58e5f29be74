"""The tree over the entries as they are: every subtree hash made anew, roots at any size on the way.

Leaves are hashed in blocks, so that at no time more of the tree lies in memory than its leaves.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from tracker.evidence.tree import Frontier, Node, covering, node_hash
from tracker.evidence.verification.leaves import Leaves
from tracker.evidence.verification.snapshot import Snapshot
from tracker.evidence.verification.verdict import Check, Journal

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
