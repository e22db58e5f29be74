"""Which alerts were handed on: state that is no part of the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa

from schema.tables import AlertHandedOnRow
from tracker.ledger import compiled
from tracker.ledger.engine import Session
from tracker.ledger.rows import TableRows

_ROWS: Final = TableRows(AlertHandedOnRow)
_PUT: Final = compiled.insert_or_update(_ROWS.table)
_OF: Final = compiled.fixed(
    sa.select(_ROWS.table)
    .where(_ROWS.table.c.alert == sa.bindparam("alert"))
    .order_by(_ROWS.table.c.role, _ROWS.table.c.attempt),
    "alert",
)


class HandedOnRecords:
    """The part of a transaction that knows which alerts were handed on."""

    _session: Session

    def put_handed_on(self, rows: Iterable[AlertHandedOnRow]) -> None:
        """Keep what came of these attempts."""
        for row in rows:
            self._session.write(_PUT, _ROWS.values(row))

    def handed_on(self, alert: str) -> list[AlertHandedOnRow]:
        """Every attempt to hand an alert on, by role in their order."""
        return [_ROWS.read(row) for row in self._session.all(_OF, (alert,))]
