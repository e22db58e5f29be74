"""What waits for the Merkle tree: entries recorded and not yet taken in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from schema.entry import REGISTRY
from schema.tables import CustodyEventRow, LogLeafRow, LogPendingRow, table_of
from tracker.ledger import compiled
from tracker.ledger.engine import Session

_EVENT: Final = table_of(CustodyEventRow)
_PENDING: Final = table_of(LogPendingRow)
_LEAF: Final = table_of(LogLeafRow)
_REGISTRY: Final[sa.ColumnElement[str]] = sa.literal_column(f"'{REGISTRY}'")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands: what a leaf of the tree names."""

    chain: str
    sequence: int


@dataclass(frozen=True, slots=True)
class PendingLeaf:
    """An entry that waits for the tree, as it lies in the store."""

    place: Place
    body: bytes | None
    """None where there is no such entry."""

    digest: str | None
    taken: bool
    """Whether the tree has it already."""

    follows: bool
    """Whether the tree has the entry before it; so for the first of a chain."""


def at(columns: Any, chain: Any, sequence: Any) -> sa.ColumnElement[bool]:
    """That a table's row is of this place."""
    return sa.and_(columns.chain == chain, columns.sequence == sequence)


def _waiting(where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The first pending rows, each with its entry, its own leaf and the leaf of the entry before it."""
    row = (
        sa.select(_PENDING.c.chain, _PENDING.c.sequence)
        .where(where)
        .order_by(_PENDING.c.chain, _PENDING.c.sequence)
        .limit(sa.bindparam("limit"))
        .offset(sa.bindparam("offset"))
        .subquery()
        .c
    )
    own, before = _LEAF.alias(), _LEAF.alias()
    return (
        sa.select(
            row.chain, row.sequence, _EVENT.c.body, _EVENT.c.digest, own.c.leaf_index, before.c.leaf_index
        )
        .outerjoin(_EVENT, at(_EVENT.c, row.chain, row.sequence))
        .outerjoin(own, at(own.c, row.chain, row.sequence))
        .outerjoin(before, at(before.c, row.chain, row.sequence - sa.literal_column("1")))
    )


_AFTER: Final = sa.tuple_(sa.bindparam("chain"), sa.bindparam("sequence"))
_WAITING: Final = compiled.fixed(
    sa.union_all(
        _waiting(sa.and_(_PENDING.c.chain == _REGISTRY, _PENDING.c.sequence > sa.bindparam("of_registry"))),
        _waiting(
            sa.and_(_PENDING.c.chain != _REGISTRY, sa.tuple_(_PENDING.c.chain, _PENDING.c.sequence) > _AFTER)
        ),
    ),
    *("of_registry", "limit", "offset", "chain", "sequence", "limit", "offset"),
)
_TAKE_OFF: Final = compiled.fixed(
    sa.delete(_PENDING).where(
        _PENDING.c.chain == sa.bindparam("chain"),
        _PENDING.c.sequence >= sa.bindparam("first"),
        _PENDING.c.sequence <= sa.bindparam("last"),
    ),
    *("chain", "first", "last"),
)


_NEWEST: Final = compiled.fixed(sa.select(sa.func.max(_PENDING.c.recorded_at)))


class WaitingRecords:
    """The part of a transaction that reads and shortens the queue for the tree."""

    _session: Session

    def pending_leaves(self, limit: int, registry_after: int, after: Place) -> list[PendingLeaf]:
        """Entries that wait for the tree, read in one statement: `registry`, then by chain and sequence."""
        places = (registry_after, limit, 0, after.chain, after.sequence, limit, 0)
        rows = self._session.all(_WAITING, places)
        rows.sort(key=lambda row: (row[0] != REGISTRY, row[0], row[1]))
        return [
            PendingLeaf(
                Place(chain, sequence),
                body,
                digest,
                taken=own is not None,
                follows=before is not None or sequence == 0,
            )
            for chain, sequence, body, digest, own, before in rows[:limit]
        ]

    def newest_pending(self) -> str | None:
        """When the newest of the entries that wait was recorded, as written; None when nothing waits."""
        row = self._session.one(_NEWEST)
        return None if row is None else row[0]

    def take_off(self, chain: str, first: int, last: int) -> None:
        """Remove a chain's entries, from one sequence to another, from the queue."""
        self._session.write(_TAKE_OFF, (chain, first, last))
