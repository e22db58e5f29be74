"""The histories of therapies, from which measures are drawn: one row for each, read all at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa

from schema.tables import HistoryRow
from tracker.ledger import compiled
from tracker.ledger.engine import Session
from tracker.ledger.repeated import check_values
from tracker.ledger.rows import TableRows

_ROWS: Final = TableRows(HistoryRow, check_values)
_TABLE: Final = _ROWS.table
_PUT: Final = compiled.insert_or_update(_TABLE)
_ALL: Final = compiled.fixed(sa.select(_TABLE))


class HistoryRecords:
    """The part of a transaction that knows what measures are drawn from."""

    _session: Session

    def put_history(self, row: HistoryRow) -> None:
        """A therapy's history is this now."""
        self._session.write(_PUT, _ROWS.values(row))

    def histories(self) -> Iterator[HistoryRow]:
        """The history of every therapy."""
        return map(_ROWS.read, self._session.all(_ALL))
