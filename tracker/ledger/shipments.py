"""Booked shipments, as boxes, loggers and the codes of carriers are looked up in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa

from schema.tables import ShipmentRow
from tracker.ledger import compiled
from tracker.ledger.engine import Session
from tracker.ledger.repeated import check_values
from tracker.ledger.rows import TableRows

_ROWS: Final = TableRows(ShipmentRow, check_values)
_TABLE: Final = _ROWS.table
_PUT: Final = compiled.insert_or_update(_TABLE)


_WITHOUT: Final = compiled.fixed(sa.select(_TABLE).where(_TABLE.c.status != sa.bindparam("status")), "status")
_ALL: Final = compiled.fixed(sa.select(_TABLE))


@compiled.family("shipment")
def _by(column: str) -> compiled.Compiled:
    return compiled.select(_TABLE, column)


class ShipmentRecords:
    """The part of a transaction that knows which shipments were booked."""

    _session: Session

    def put_shipments(self, rows: Iterable[ShipmentRow]) -> None:
        """A therapy is booked in these shipments."""
        for row in rows:
            self._session.write(_PUT, _ROWS.values(row))

    def shipments_with(self, column: str, value: str) -> list[ShipmentRow]:
        """Every shipment with this shipment id, box, data_logger, waybill or sscc; a row for each therapy."""
        return [_ROWS.read(row) for row in self._session.all(_by(column), (value,))]

    def shipments_booked(self, *, ended: bool = False) -> list[ShipmentRow]:
        """Every shipment that was booked and is not over, or all of them; a row for each therapy."""
        rows = self._session.all(_ALL) if ended else self._session.all(_WITHOUT, ("ended",))
        return [_ROWS.read(row) for row in rows]
