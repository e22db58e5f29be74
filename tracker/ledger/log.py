"""The Merkle log in the store: which entry is which leaf, and the hashes of full subtrees."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from schema.entry import REGISTRY
from schema.errors import IntegrityFailure
from schema.tables import CustodyEventRow, LogLeafRow, LogNodeRow, table_of
from tracker.ledger import compiled
from tracker.ledger.checkpoints import CheckpointRecords
from tracker.ledger.compiled import Compiled
from tracker.ledger.conflicts import Conflict
from tracker.ledger.engine import Session
from tracker.ledger.tree import Frontier, Hashes, Node, frontier_at, leaf_hash
from tracker.ledger.waiting import Place, WaitingRecords, at

_EVENT: Final = table_of(CustodyEventRow)
_LEAF: Final = table_of(LogLeafRow)
_NODE: Final = table_of(LogNodeRow)

_PAGE: Final = 500
_BLOCK: Final = 64
"""Rows written by one statement."""

_UNIQUE_VIOLATION: Final = "23505"


@dataclass(frozen=True, slots=True)
class LeafRow:
    """A leaf and the digest column of its entry, which verification compares with the bytes."""

    index: int
    place: Place
    digest: str | None
    """None where the entry is gone."""


class LogConflict(Conflict):
    """Another integrator took the next places of the tree."""

    def __init__(self) -> None:
        super().__init__("the log has grown")


_REGISTRY: Final[sa.ColumnElement[str]] = sa.literal_column(f"'{REGISTRY}'")
_LAST: Final = compiled.fixed(
    compiled.first(sa.select(_LEAF.c.leaf_index).order_by(_LEAF.c.leaf_index.desc()))
)
_LEAF_OF: Final = compiled.select(_LEAF, "chain", "sequence", columns=("leaf_index",))
_LEAVES: Final = compiled.fixed(
    sa.select(_LEAF.c.leaf_index, _LEAF.c.chain, _LEAF.c.sequence, _EVENT.c.digest)
    .outerjoin(_EVENT, at(_EVENT.c, _LEAF.c.chain, _LEAF.c.sequence))
    .where(_LEAF.c.leaf_index >= sa.bindparam("start"), _LEAF.c.leaf_index < sa.bindparam("end"))
    .order_by(_LEAF.c.leaf_index),
    *("start", "end"),
)
_REGISTRY_UNDER: Final = compiled.fixed(
    compiled.first(
        sa.select(_LEAF.c.sequence)
        .where(_LEAF.c.chain == _REGISTRY, _LEAF.c.leaf_index < sa.bindparam("tree_size"))
        .order_by(_LEAF.c.sequence.desc())
    ),
    "tree_size",
)


@compiled.family(1, 1)
def _hashes(leaves: int, full: int) -> Compiled:
    """Bodies of so many leaves and hashes of so many wider subtrees, in one statement."""
    parts: list[sa.Select[Any]] = [
        sa.select(sa.literal_column("0"), _LEAF.c.leaf_index, _EVENT.c.body)
        .join(_EVENT, at(_EVENT.c, _LEAF.c.chain, _LEAF.c.sequence))
        .where(_LEAF.c.leaf_index == sa.bindparam(f"leaf_{place}"))
        for place in range(leaves)
    ]
    names = [f"leaf_{place}" for place in range(leaves)]
    for place in range(full):
        level, number = f"level_{place}", f"number_{place}"
        same = _at_node(sa.bindparam(level), sa.bindparam(number))
        parts.append(sa.select(_NODE.c.level, _NODE.c.node_index, _NODE.c.hash).where(same))
        names += [level, number]
    return compiled.fixed(sa.union_all(*parts), *names)


def _at_node(level: Any, number: Any) -> sa.ColumnElement[bool]:
    return sa.and_(_NODE.c.level == level, _NODE.c.node_index == number)


@compiled.family(_LEAF, 2)
def _insert(table: sa.Table, count: int) -> Compiled:
    if count == 1:
        return compiled.insert(table)
    columns = table.columns.keys()
    names = [f"{column}_m{row}" for row in range(count) for column in columns]
    return compiled.fixed(sa.insert(table).values([dict.fromkeys(columns)] * count), *names)


class LogRecords(WaitingRecords, CheckpointRecords):
    """The part of a transaction that reads the tree and lets it grow."""

    _session: Session

    def tree_size(self) -> int:
        """How many leaves the tree has."""
        row = self._session.one(_LAST)
        return 0 if row is None else int(row[0]) + 1

    def frontier(self, size: int) -> Frontier:
        """The full subtrees of the tree when it had that size."""
        return frontier_at(size, self.hashes)

    def hashes(self, nodes: Sequence[Node]) -> Hashes:
        """The hashes of full subtrees, leaves from their bytes; raises IntegrityFailure for a hole."""
        leaves = [node.number for node in nodes if not node.level]
        full = [value for node in nodes if node.level for value in node]
        if not nodes:
            return {}
        rows = self._session.all(_hashes(len(leaves), len(full) // 2), (*leaves, *full))
        found = {
            Node(level, number): value if level else leaf_hash(_bytes(value)) for level, number, value in rows
        }
        lacking = next((node for node in nodes if node not in found), None)
        if lacking is not None:
            raise IntegrityFailure(f"The log lacks the hash {lacking.number} of level {lacking.level}.")
        return found

    def add_leaves(self, first: int, places: Sequence[Place], full: Sequence[tuple[Node, bytes]]) -> None:
        """Append leaves in this order from an index, and the subtrees that are full with them."""
        leaves = [(first + offset, place.chain, place.sequence) for offset, place in enumerate(places)]
        self._insert_all(_LEAF, leaves)
        self._insert_all(_NODE, [(node.level, node.number, value) for node, value in full])

    def leaf_of(self, chain: str, sequence: int) -> int | None:
        """The index of an entry's leaf; None while the tree has not taken it in."""
        row = self._session.one(_LEAF_OF, (chain, sequence))
        return None if row is None else int(row[0])

    def leaves(self, start: int, end: int) -> Iterator[LeafRow]:
        """The leaves from one index up to another, in order."""
        for first in range(start, end, _PAGE):
            for index, chain, sequence, digest in self._session.all(
                _LEAVES, (first, min(end, first + _PAGE))
            ):
                yield LeafRow(index, Place(chain, sequence), digest)

    def registry_sequence_under(self, tree_size: int) -> int:
        """The last sequence of the registry in the tree of that size; -1 for none."""
        row = self._session.one(_REGISTRY_UNDER, (tree_size,))
        return -1 if row is None else int(row[0])

    def _insert_all(self, table: sa.Table, rows: Sequence[tuple[object, ...]]) -> None:
        for start in range(0, len(rows), _BLOCK):
            block = rows[start : start + _BLOCK]
            if len(block) == _BLOCK:
                self._session.write(_insert(table, _BLOCK), [value for row in block for value in row])
            else:
                for row in block:
                    self._session.write(_insert(table, 1), row)


def _bytes(value: object) -> bytes:
    """A body's bytes, also where somebody put text into the column of a SQLite file."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")


@contextmanager
def clashes_told() -> Iterator[None]:
    """Around a whole transaction: a taken place in the tree comes out as LogConflict."""
    try:
        yield
    except Exception as error:
        if _is_clash(error):
            raise LogConflict from error
        raise


def _is_clash(error: Exception) -> bool:
    if isinstance(error, sqlite3.IntegrityError):
        return any(name in str(error) for name in ("log_leaf", "log_node", "checkpoint", "cosignature"))
    return getattr(error, "sqlstate", None) == _UNIQUE_VIOLATION
