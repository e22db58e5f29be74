"""Checkpoints and cosignatures in the store: written once, never changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from schema.instants import format_instant
from schema.tables import CheckpointRow, CosignatureRow, PrintedHeadRow, table_of
from tracker.ledger import compiled
from tracker.ledger.engine import Session
from tracker.ledger.rows import TableRows

_CHECKPOINTS: Final = TableRows(CheckpointRow)
_CHECKPOINT: Final = _CHECKPOINTS.table
_COSIGNATURE: Final = table_of(CosignatureRow)
_PRINTED: Final = table_of(PrintedHeadRow)
_PAGE: Final = 500

_ADD: Final = compiled.insert(_CHECKPOINT)
_OF_SIZE: Final = compiled.select(_CHECKPOINT, "tree_size")
_NEWEST: Final = compiled.fixed(
    compiled.first(sa.select(_CHECKPOINT).order_by(_CHECKPOINT.c.tree_size.desc()))
)
_AFTER: Final = compiled.fixed(
    sa.select(_CHECKPOINT)
    .where(_CHECKPOINT.c.tree_size > sa.bindparam("after"))
    .order_by(_CHECKPOINT.c.tree_size)
    .limit(sa.bindparam("limit"))
    .offset(sa.bindparam("offset")),
    *("after", "limit", "offset"),
)
_COSIGN: Final = compiled.insert(_COSIGNATURE)
_PRINT: Final = compiled.insert_unless_there(_PRINTED)
_PRINTED_SIZES: Final = compiled.select(_PRINTED, "chain", columns=("tree_size",))
_LINES: Final = compiled.fixed(
    sa.select(_COSIGNATURE.c.station, _COSIGNATURE.c.line)
    .where(_COSIGNATURE.c.tree_size == sa.bindparam("tree_size"))
    .order_by(_COSIGNATURE.c.station),
    "tree_size",
)


class CheckpointRecords:
    """The part of a transaction that keeps what was signed of the tree."""

    _session: Session

    def print_head(self, chain: str, tree_size: int, printed_at: datetime) -> None:
        """Note that a head went onto paper of this therapy."""
        self._session.write(_PRINT, (chain, tree_size, format_instant(printed_at)))

    def printed_heads(self, chain: str) -> list[int]:
        """The sizes of the checkpoints whose heads are on paper of this therapy."""
        return sorted(int(row[0]) for row in self._session.all(_PRINTED_SIZES, (chain,)))

    def add_checkpoint(self, row: CheckpointRow) -> None:
        """Keep a checkpoint; a second one of its size does not fit in."""
        self._session.write(_ADD, _CHECKPOINTS.values(row))

    def checkpoint(self, tree_size: int) -> CheckpointRow | None:
        """The checkpoint of just this size."""
        row = self._session.one(_OF_SIZE, (tree_size,))
        return None if row is None else _CHECKPOINTS.read(row)

    def newest_checkpoint(self) -> CheckpointRow | None:
        """The checkpoint of the largest size; None before the first."""
        row = self._session.one(_NEWEST)
        return None if row is None else _CHECKPOINTS.read(row)

    def checkpoints(self, after: int = -1) -> Iterator[CheckpointRow]:
        """Every checkpoint by size, from above a size."""
        while True:
            rows = self._session.all(_AFTER, (after, _PAGE, 0))
            yield from map(_CHECKPOINTS.read, rows)
            if len(rows) < _PAGE:
                return
            after = rows[-1][0]

    def add_cosignature(self, tree_size: int, station: str, line: str) -> None:
        """Keep a station's line under a checkpoint; a second one does not fit in."""
        self._session.write(_COSIGN, (tree_size, station, line))

    def cosignatures(self, tree_size: int) -> list[tuple[str, str]]:
        """Station and line of every cosignature under the checkpoint of a size, by station."""
        return [(row[0], row[1]) for row in self._session.all(_LINES, (tree_size,))]
