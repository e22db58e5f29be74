"""Who opened which trail at a terminal: state that is no part of the ledger."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from schema.tables import TrailOpenedRow
from tracker.ledger import compiled
from tracker.ledger.engine import Session
from tracker.ledger.rows import TableRows

_ROWS: Final = TableRows(TrailOpenedRow)
_PUT: Final = compiled.insert_or_update(_ROWS.table)
_OF: Final = compiled.fixed(
    sa.select(_ROWS.table)
    .where(_ROWS.table.c.staff == sa.bindparam("staff"))
    .order_by(_ROWS.table.c.opened_at.desc())
    .limit(sa.bindparam("limit"))
    .offset(sa.bindparam("offset")),
    *("staff", "limit", "offset"),
)


class OpenedRecords:
    """The part of a transaction that knows who looked at what."""

    _session: Session

    def put_opened(self, row: TrailOpenedRow) -> None:
        """Keep that somebody opened a trail."""
        self._session.write(_PUT, _ROWS.values(row))

    def opened_by(self, staff: str, *, limit: int) -> list[TrailOpenedRow]:
        """The trails that a person opened, the last first."""
        return [_ROWS.read(row) for row in self._session.all(_OF, (staff, limit, 0))]
