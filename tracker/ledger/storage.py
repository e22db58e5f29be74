"""What lies in which position, and where equipment was last."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa

from schema.tables import EquipmentPlaceRow, PlacePositionRow
from tracker.ledger import compiled
from tracker.ledger.conflicts import SharedConflict
from tracker.ledger.engine import Session
from tracker.ledger.repeated import check_values
from tracker.ledger.rows import TableRows

_POSITIONS: Final = TableRows(PlacePositionRow, check_values)
_TAKE: Final = compiled.insert_unless_there(_POSITIONS.table)
_FREE: Final = compiled.delete(_POSITIONS.table, "location", "position", "unit")
_IN: Final = compiled.select(_POSITIONS.table, "location")
_PLACES: Final = TableRows(EquipmentPlaceRow, check_values)
_PUT: Final = compiled.insert_or_update(_PLACES.table)
_OF: Final = compiled.select(_PLACES.table, "equipment")
_EVERY: Final = compiled.fixed(sa.select(_PLACES.table))


class StorageRecords:
    """The part of a transaction that knows positions and the whereabouts of equipment."""

    _session: Session

    def free_positions(self, rows: Iterable[PlacePositionRow]) -> None:
        """A unit lies there no more."""
        for row in rows:
            self._session.write(_FREE, (row.location, row.position, row.unit))

    def take_positions(self, rows: Iterable[PlacePositionRow]) -> None:
        """A unit lies there; raises SharedConflict where another was put there meanwhile."""
        for row in rows:
            if not self._session.change(_TAKE, _POSITIONS.values(row)):
                raise SharedConflict(f"location:{row.location}")

    def positions_in(self, location: str) -> list[PlacePositionRow]:
        """What lies in the positions of a place."""
        return [_POSITIONS.read(row) for row in self._session.all(_IN, (location,))]

    def put_equipment_places(self, rows: Iterable[EquipmentPlaceRow]) -> None:
        """A therapy's cells were last with this equipment there."""
        for row in rows:
            self._session.write(_PUT, _PLACES.values(row))

    def equipment_places(self, equipment: str | None = None) -> list[EquipmentPlaceRow]:
        """Where equipment was last with the cells of each therapy; of one, or of all."""
        rows = self._session.all(_EVERY) if equipment is None else self._session.all(_OF, (equipment,))
        return [_PLACES.read(row) for row in rows]
