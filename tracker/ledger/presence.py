"""When the hub, the stations and the last backup were last heard of: state that is no part of the ledger."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from schema.tables import PresenceRow
from tracker.ledger import compiled
from tracker.ledger.engine import Session
from tracker.ledger.rows import TableRows

_ROWS: Final = TableRows(PresenceRow)
_PUT: Final = compiled.insert_or_update(_ROWS.table)
_ALL: Final = compiled.fixed(sa.select(_ROWS.table).order_by(_ROWS.table.c.name))


class PresenceRecords:
    """The part of a transaction that knows who was last heard of."""

    _session: Session

    def put_presence(self, row: PresenceRow) -> None:
        """Note that somebody is there, in place of the time before."""
        self._session.write(_PUT, _ROWS.values(row))

    def presences(self) -> dict[str, PresenceRow]:
        """Everybody who ever was there, by name."""
        return {row.name: row for row in map(_ROWS.read, self._session.all(_ALL))}
