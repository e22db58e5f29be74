"""Deviations by their status, as quality's lists look them up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa

from schema.tables import DeviationRow
from tracker.ledger import compiled
from tracker.ledger.engine import Session
from tracker.ledger.repeated import check_values
from tracker.ledger.rows import TableRows

_ROWS: Final = TableRows(DeviationRow, check_values)
_TABLE: Final = _ROWS.table
_PUT: Final = compiled.insert_or_update(_TABLE)
_ONE: Final = compiled.select(_TABLE, "deviation")
_ALL: Final = compiled.fixed(sa.select(_TABLE).order_by(_TABLE.c.begun_at, _TABLE.c.deviation))
_WITHOUT: Final = compiled.fixed(
    sa.select(_TABLE)
    .where(_TABLE.c.status != sa.bindparam("status"))
    .order_by(_TABLE.c.begun_at, _TABLE.c.deviation),
    "status",
)


class DeviationRecords:
    """The part of a transaction that knows which deviations there are."""

    _session: Session

    def put_deviations(self, rows: Iterable[DeviationRow]) -> None:
        """Where these deviations stand now."""
        for row in rows:
            self._session.write(_PUT, _ROWS.values(row))

    def deviation(self, deviation: str) -> DeviationRow | None:
        """One deviation by the event that drafted or opened it."""
        found = self._session.all(_ONE, (deviation,))
        return _ROWS.read(found[0]) if found else None

    def deviations(self, *, without: str | None = None) -> list[DeviationRow]:
        """Every deviation, or those that are not in one status; the oldest first."""
        rows = self._session.all(_ALL) if without is None else self._session.all(_WITHOUT, (without,))
        return [_ROWS.read(row) for row in rows]
