"""Which lots and instruments were used where, as a trace and a recall look them up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa

from schema.tables import UseRow
from tracker.ledger import compiled
from tracker.ledger.engine import Session
from tracker.ledger.repeated import check_values
from tracker.ledger.rows import TableRows

_ROWS: Final = TableRows(UseRow, check_values)
_USES: Final = _ROWS.table
_PUT: Final = compiled.insert_or_update(_USES)
_OF: Final = compiled.fixed(
    sa.select(_USES).where(_USES.c.thing == sa.bindparam("thing")).order_by(_USES.c.coi, _USES.c.sequence),
    "thing",
)


class UseRecords:
    """The part of a transaction that knows what touched the cells."""

    _session: Session

    def put_uses(self, rows: Iterable[UseRow]) -> None:
        """A lot or an instrument was used at these steps."""
        for row in rows:
            self._session.write(_PUT, _ROWS.values(row))

    def uses_of(self, thing: str) -> list[UseRow]:
        """Every step at which a lot or an instrument was used, by therapy and in the order of its chain."""
        return [_ROWS.read(row) for row in self._session.all(_OF, (thing,))]
