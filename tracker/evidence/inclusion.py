"""Checking proofs of the Merkle tree, by the algorithms of RFC 9162, which end for every input.

They give the same verdict as RFC 6962's definitions on every valid proof and refuse everything else: a proof
too long or too short, a hash of another length, an index beyond the tree.
"""

from __future__ import annotations

from collections.abc import Sequence

from tracker.evidence.tree import EMPTY_ROOT, HASH_BYTES, node_hash


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
