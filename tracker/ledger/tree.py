"""The Merkle tree of RFC 6962: hashes, roots, proofs, and checking proofs.

A full subtree covers 2**level leaves and never changes again, so its hash is worth keeping: a root or a proof
then takes a number of hashes that grows with the logarithm of the tree's size. Proofs are checked by the
algorithms of RFC 9162, which end for every input: they accept every proof that is valid by RFC 6962, and
refuse what is too long, too short, has a hash of another length or an index beyond the tree. Nothing here
reads a store.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


class Node(NamedTuple):
    """A full subtree: the 2**level leaves from number * 2**level; at level 0 one leaf."""

    level: int
    number: int


Hashes = Mapping[Node, bytes]
Read = Callable[[Sequence[Node]], Hashes]
"""Gives the hashes of the full subtrees asked for, in one go."""

Span = tuple[int, int]
"""Leaves from the first number up to, and without, the second; it begins where a subtree that wide may."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf's data; its prefix keeps it from ever being the hash of a node."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees that stand side by side."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The full subtrees of a tree that grows to the right: all that a root and the next leaf need."""

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if size.bit_count() != len(hashes):
            raise ValueError(f"a tree of {size} has {size.bit_count()} full subtrees, not {len(hashes)}")
        self.size = size
        self._hashes = list(hashes)
        """From the widest, on the left, to the narrowest."""

    def append(self, leaf: bytes) -> list[tuple[Node, bytes]]:
        """Add the hash of one leaf; gives the subtrees above it that are full with it, lowest first."""
        full: list[tuple[Node, bytes]] = []
        index, level = self.size, 0
        while index & 1:
            leaf = node_hash(self._hashes.pop(), leaf)
            index >>= 1
            level += 1
            full.append((Node(level, index), leaf))
        self._hashes.append(leaf)
        self.size += 1
        return full

    def root(self) -> bytes:
        """The root of the tree as it stands."""
        return _folded(self._hashes)


def covering(span: Span) -> list[Node]:
    """The full subtrees that make up a span, from left to right."""
    start, end = span
    nodes: list[Node] = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append(Node(level, start >> level))
        start += 1 << level
    return nodes


def frontier_at(size: int, read: Read) -> Frontier:
    """The frontier of the tree when it had that size."""
    nodes = covering((0, size))
    hashes = read(nodes)
    return Frontier(size, [hashes[node] for node in nodes])


def inclusion_spans(index: int, size: int) -> list[Span]:
    """What an inclusion proof is made of, from the leaf's sibling upwards (RFC 6962 section 2.1.1)."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    spans: list[Span] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(old: int, new: int) -> list[Span]:
    """What a consistency proof is made of (RFC 6962 section 2.1.2); nothing from 0 or from the same size."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} does not continue one of {old}")
    if old in (0, new):
        return []
    spans: list[Span] = []
    start, end = 0, new
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    # Where the old tree is one full subtree on the left edge, the verifier knows its hash: the old root.
    if start:
        spans.append((start, end))
    return spans[::-1]


def prove_inclusion(index: int, size: int, read: Read) -> list[bytes]:
    """The proof that a leaf is in the tree of that size."""
    return _hashes_of(inclusion_spans(index, size), read)


def prove_consistency(old: int, new: int, read: Read) -> list[bytes]:
    """The proof that the tree of the new size begins with that of the old one."""
    return _hashes_of(consistency_spans(old, new), read)


def _hashes_of(spans: Sequence[Span], read: Read) -> list[bytes]:
    made_of = [covering(span) for span in spans]
    hashes = read([node for nodes in made_of for node in nodes])
    return [_folded([hashes[node] for node in nodes]) for nodes in made_of]


def _split(width: int) -> int:
    """The widest full subtree that is narrower: where RFC 6962 divides a tree."""
    return 1 << (width - 1).bit_length() - 1


def _folded(hashes: Sequence[bytes]) -> bytes:
    """The hash over subtrees side by side, each narrower than the one before it."""
    if not hashes:
        return EMPTY_ROOT
    *rest, folded = hashes
    for left in reversed(rest):
        folded = node_hash(left, folded)
    return folded


def is_included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the path proves that the leaf with this hash is in the tree (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size or not _are_hashes(leaf, root, *path):
        return False
    place, last = index, size - 1
    reached = leaf
    for sibling in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            reached = node_hash(sibling, reached)
            place, last = _past_lone_levels(place, last)
        else:
            reached = node_hash(reached, sibling)
        place >>= 1
        last >>= 1
    return last == 0 and reached == root


def is_consistent(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the path proves that the new tree begins with the old one (RFC 9162 section 2.1.4.2)."""
    if not 0 <= old <= new or not _are_hashes(old_root, new_root, *path):
        return False
    if old == new:
        return not path and old_root == new_root
    if old == 0:
        # Every tree continues the empty one, whose root everybody knows.
        return not path and old_root == EMPTY_ROOT
    if not path:
        return False
    # A full old tree is itself the first subtree, so its root is not repeated in the proof.
    first, *rest = path if old.bit_count() > 1 else (old_root, *path)
    place, last = old - 1, new - 1
    while place & 1:
        place >>= 1
        last >>= 1
    reached_old = reached_new = first
    for sibling in rest:
        if last == 0:
            return False
        if place & 1 or place == last:
            reached_old = node_hash(sibling, reached_old)
            reached_new = node_hash(sibling, reached_new)
            place, last = _past_lone_levels(place, last)
        else:
            reached_new = node_hash(reached_new, sibling)
        place >>= 1
        last >>= 1
    return last == 0 and reached_old == old_root and reached_new == new_root


def _past_lone_levels(place: int, last: int) -> tuple[int, int]:
    """Up over the levels at which the right edge has no sibling and so stands in for its parent."""
    while place and not place & 1:
        place >>= 1
        last >>= 1
    return place, last


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
