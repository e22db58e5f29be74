"""The tree is that of RFC 6962: published vectors, another library, and every size up to some hundreds."""

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree, verify_consistency, verify_inclusion

from tests.support import places
from tracker.ledger.tree import (
    EMPTY_ROOT,
    Frontier,
    Hashes,
    Node,
    consistency_spans,
    covering,
    frontier_at,
    inclusion_spans,
    is_consistent,
    is_included,
    leaf_hash,
    node_hash,
    prove_consistency,
    prove_inclusion,
)

VECTORS: Any = json.loads((places.VECTORS / "log.json").read_text(encoding="utf-8"))["tree"]
ROOTS = [bytes.fromhex(root) for root in VECTORS["roots"]]
LARGEST = 300


class Grown:
    """A tree of so many leaves with every full subtree's hash, and a count of what was read."""

    def __init__(self, data: Sequence[bytes]) -> None:
        self.leaves = [leaf_hash(each) for each in data]
        self.nodes: dict[Node, bytes] = {}
        self.roots = [EMPTY_ROOT]
        self.asked: list[int] = []
        frontier = Frontier()
        for index, leaf in enumerate(self.leaves):
            self.nodes[Node(0, index)] = leaf
            self.nodes.update(frontier.append(leaf))
            self.roots.append(frontier.root())

    def read(self, nodes: Sequence[Node]) -> Hashes:
        """The hashes asked for."""
        self.asked.append(len(nodes))
        return {node: self.nodes[node] for node in nodes}


@pytest.fixture(scope="module")
def grown() -> Grown:
    """A tree of a few hundred leaves, no two alike."""
    return Grown([str(number).encode() for number in range(LARGEST)])


def unhexed(path: Sequence[str]) -> list[bytes]:
    """A published path as bytes."""
    return [bytes.fromhex(value) for value in path]


class TestPublished:
    def test_hashes(self) -> None:
        """Leaves and nodes have prefixes of their own; the empty tree has the hash of nothing."""
        assert EMPTY_ROOT.hex() == VECTORS["empty_root"]
        for data, expected in VECTORS["leaf_hashes"].items():
            assert leaf_hash(bytes.fromhex(data)).hex() == expected
        node = VECTORS["node"]
        assert node_hash(bytes.fromhex(node["left"]), bytes.fromhex(node["right"])).hex() == node["hash"]

    def test_roots(self) -> None:
        """Every size of the published tree."""
        tree = Grown(unhexed(VECTORS["leaves"]))
        assert tree.roots[1:] == ROOTS

    @pytest.mark.parametrize("vector", VECTORS["inclusion"])
    def test_inclusion(self, vector: Any) -> None:
        """The published proof is made and holds; every change to it is refused."""
        index, size, path = vector["index"], vector["size"], unhexed(vector["path"])
        tree = Grown(unhexed(VECTORS["leaves"]))
        assert prove_inclusion(index, size, tree.read) == path
        assert is_included(tree.leaves[index], index, size, path, ROOTS[size - 1])
        for changed in wrong_inclusions(index, size, path, tree.leaves[index], ROOTS[size - 1]):
            assert not is_included(*changed), changed

    @pytest.mark.parametrize("vector", VECTORS["consistency"])
    def test_consistency(self, vector: Any) -> None:
        """The published proof is made and holds; every change to it is refused."""
        old, new, path = vector["old"], vector["new"], unhexed(vector["path"])
        tree = Grown(unhexed(VECTORS["leaves"]))
        assert prove_consistency(old, new, tree.read) == path
        assert is_consistent(old, new, ROOTS[old - 1], ROOTS[new - 1], path)
        if path:
            for changed in wrong_consistencies(old, new, ROOTS[old - 1], ROOTS[new - 1], path):
                assert not is_consistent(*changed), changed

    def test_proofs_of_nothing(self) -> None:
        """Sizes that prove nothing: an empty tree, a leaf beyond the tree, a tree that shrank."""
        some = bytes(range(32))
        for index, size in ((0, 0), (1, 0), (2, 1), (-1, 1), (1, 1)):
            assert not is_included(some, index, size, [], some)
        assert not is_included(b"", 0, 1, [], b"")
        assert is_consistent(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])
        assert is_consistent(0, 5, EMPTY_ROOT, some, [])
        assert is_consistent(1, 1, some, some, [])
        for old, new, roots, path in (
            (0, 0, (EMPTY_ROOT, some), []),
            (0, 5, (some, some), []),
            (0, 1, (EMPTY_ROOT, some), [some]),
            (1, 1, (some, EMPTY_ROOT), []),
            (1, 1, (some, some), [some]),
            (1, 0, (some, EMPTY_ROOT), []),
            (2, 1, (some, some), []),
            (1, 2, (some, EMPTY_ROOT), []),
            (-1, 2, (some, some), []),
        ):
            assert not is_consistent(old, new, *roots, path)


def broken(path: Sequence[bytes], *others: bytes) -> list[list[bytes]]:
    """Paths with a bit flipped, a hash more, less or elsewhere."""
    paths = [[*path, b""], [b"", *path], list(path[:-1]), list(path[1:])] if path else [[b""]]
    paths += [[*path, other] for other in others] + [[other, *path] for other in others]
    for place, value in enumerate(path):
        flipped = bytes([value[0] ^ 8]) + value[1:]
        paths += [
            [*path[:place], flipped, *path[place + 1 :]],
            [*path[:place], value[:-1], *path[place + 1 :]],
        ]
    return paths


def wrong_inclusions(
    index: int, size: int, path: list[bytes], leaf: bytes, root: bytes
) -> list[tuple[bytes, int, int, list[bytes], bytes]]:
    """Everything near the proof that must not hold."""
    wrong = [(leaf, place, size, path, root) for place in (index - 1, index + 1, index ^ 2)]
    wrong += [(leaf, index, other, path, root) for other in (size * 2, size // 2)]
    wrong += [(b"WrongLeaf", index, size, path, root), (leaf_hash(b"another"), index, size, path, root)]
    wrong += [(leaf, index, size, path, other) for other in (EMPTY_ROOT, b"", leaf_hash(b"another"))]
    return wrong + [(leaf, index, size, other, root) for other in broken(path, root, EMPTY_ROOT)]


def wrong_consistencies(
    old: int, new: int, old_root: bytes, new_root: bytes, path: list[bytes]
) -> list[tuple[int, int, bytes, bytes, list[bytes]]]:
    """Everything near the proof that must not hold."""
    wrong = [(size, new, old_root, new_root, path) for size in (old - 1, old + 1, old ^ 2)]
    wrong += [(old, size, old_root, new_root, path) for size in (new * 2, new // 2)]
    wrong += [
        (old, new, *roots, path)
        for roots in ((b"WrongRoot", new_root), (old_root, b"WrongRoot"), (new_root, old_root))
    ]
    wrong.append((old, new, old_root, new_root, []))
    return wrong + [
        (old, new, old_root, new_root, other) for other in broken(path, old_root, new_root, path[0])
    ]


class TestAgainstAnotherLibrary:
    def test_roots_and_proofs_are_the_same(self, grown: Grown) -> None:
        """pymerkle, which shares no line with ours, has the same roots and the same hashes in its proofs."""
        tree = InmemoryTree(algorithm="sha256")
        for number in range(LARGEST):
            tree.append_entry(str(number).encode())
            assert tree.get_root() == grown.roots[number + 1]
        for size in (1, 2, 3, 7, 8, 9, 64, 65, 100, 255, 256, 257, LARGEST):
            for index in {0, 1, size // 3, size // 2, size - 2, size - 1} & set(range(size)):
                theirs = tree.prove_inclusion(index + 1, size)  # it counts leaves from one
                verify_inclusion(grown.leaves[index], grown.roots[size], theirs)
                path = {bytes.fromhex(each) for each in theirs.serialize()["path"]}
                ours = prove_inclusion(index, size, grown.read)
                assert path - {grown.leaves[index]} == set(ours)
        for old, new in pairwise((1, 2, 3, 7, 8, 9, 64, 65, 100, 255, 256, 257, LARGEST)):
            theirs = tree.prove_consistency(old, new)
            # Its proofs name more hashes than RFC 6962 does, so it is the roots that are compared.
            verify_consistency(grown.roots[old], grown.roots[new], theirs)


class TestEverySize:
    @given(st.data())
    def test_every_leaf_of_every_size_is_proved(self, grown: Grown, data: st.DataObject) -> None:
        """A proof holds for its own leaf, index and size, and for no other leaf."""
        size = data.draw(st.integers(1, LARGEST))
        index, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size - 1))
        path = prove_inclusion(index, size, grown.read)
        assert is_included(grown.leaves[index], index, size, path, grown.roots[size])
        held = is_included(grown.leaves[other], other, size, path, grown.roots[size])
        assert held == (index == other)

    @given(st.data())
    def test_every_size_continues_every_smaller_one(self, grown: Grown, data: st.DataObject) -> None:
        """A proof holds between its two roots, and not from the root of another size."""
        new = data.draw(st.integers(0, LARGEST))
        old, other = data.draw(st.integers(0, new)), data.draw(st.integers(0, new))
        path = prove_consistency(old, new, grown.read)
        roots = grown.roots
        assert is_consistent(old, new, roots[old], roots[new], path)
        assert is_consistent(old, new, roots[other], roots[new], path) == (old == other)

    @given(st.integers(0, LARGEST))
    def test_a_tree_grows_on_from_what_is_stored(self, grown: Grown, size: int) -> None:
        """The frontier read back has the root of its size and goes on to the roots of all later ones."""
        frontier = frontier_at(size, grown.read)
        assert frontier.root() == grown.roots[size]
        for index in range(size, LARGEST):
            frontier.append(grown.leaves[index])
            assert frontier.root() == grown.roots[index + 1]

    @given(st.integers(1, 2**40), st.data())
    def test_proofs_take_few_hashes(self, size: int, data: st.DataObject) -> None:
        """No more than two for each level, in one go, however large the tree is."""
        index = data.draw(st.integers(0, size - 1))
        for spans in (inclusion_spans(index, size), consistency_spans(index, size)):
            nodes = [node for span in spans for node in covering(span)]
            assert len(nodes) <= 2 * size.bit_length()
            assert len(set(nodes)) == len(nodes)
            assert all((node.number + 1) << node.level <= size for node in nodes)

    def test_hashes_are_read_in_one_go(self, grown: Grown) -> None:
        """A store answers a proof with one statement."""
        grown.asked.clear()
        prove_inclusion(77, LARGEST, grown.read)
        prove_consistency(77, LARGEST, grown.read)
        frontier_at(LARGEST, grown.read)
        assert len(grown.asked) == 3

    def test_what_cannot_be_asked(self) -> None:
        """A leaf beyond the tree, a tree that shrinks, and a frontier that is not one of its size."""
        for index, size in ((0, 0), (5, 5), (-1, 5)):
            with pytest.raises(ValueError, match="no leaf"):
                inclusion_spans(index, size)
        for old, new in ((3, 2), (-1, 2)):
            with pytest.raises(ValueError, match="does not continue"):
                consistency_spans(old, new)
        with pytest.raises(ValueError, match="full subtrees"):
            Frontier(3, [EMPTY_ROOT])
