"""Which therapy is at which bench, as every terminal looks it up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa

from schema.tables import BenchRow
from tracker.ledger import compiled
from tracker.ledger.engine import Session
from tracker.ledger.repeated import check_values
from tracker.ledger.rows import TableRows

_ROWS: Final = TableRows(BenchRow, check_values)
_BENCH: Final = _ROWS.table
_PUT: Final = compiled.insert_or_update(_BENCH)
_LEAVE: Final = compiled.delete(_BENCH, "bench", "coi")
_AT: Final = compiled.fixed(
    sa.select(_BENCH)
    .where(_BENCH.c.bench == sa.bindparam("bench"))
    .order_by(_BENCH.c.taken_at, _BENCH.c.coi),
    "bench",
)
_ALL: Final = compiled.fixed(sa.select(_BENCH).order_by(_BENCH.c.bench, _BENCH.c.taken_at, _BENCH.c.coi))


class BenchRecords:
    """The part of a transaction that knows who is at which bench."""

    _session: Session

    def put_benches(self, rows: Iterable[BenchRow]) -> None:
        """A therapy is at these benches."""
        for row in rows:
            self._session.write(_PUT, _ROWS.values(row))

    def leave_benches(self, coi: str, benches: Iterable[str]) -> None:
        """A therapy has left these benches."""
        for bench in benches:
            self._session.write(_LEAVE, (bench, coi))

    def at_bench(self, bench: str) -> list[BenchRow]:
        """The therapies at a bench, who came first first."""
        return [_ROWS.read(row) for row in self._session.all(_AT, (bench,))]

    def benches_taken(self) -> list[BenchRow]:
        """Every bench with something at it."""
        return [_ROWS.read(row) for row in self._session.all(_ALL)]
