"""Windows over the read tables for lists and searches: boxes on their way, codes by their beginning."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from schema.tables import CodeRow, UnitRow
from tracker.ledger import compiled
from tracker.ledger.compiled import Compiled
from tracker.ledger.engine import Session
from tracker.ledger.repeated import check_unit, check_values
from tracker.ledger.rows import TableRows

_UNITS: Final = TableRows(UnitRow, check_unit)
_CODES: Final = TableRows(CodeRow, check_values)
_UNIT: Final = _UNITS.table
_CODE: Final = _CODES.table
_AFTER_ALL: Final = "\uffff"
"""Sorts after every character that a code has, on both engines."""

_BOXED: Final = compiled.fixed(
    sa.select(_UNIT)
    .where(_UNIT.c.box > sa.literal_column("''"))
    .order_by(_UNIT.c.box)
    .limit(sa.bindparam("limit"))
    .offset(sa.bindparam("offset")),
    "limit",
    "offset",
)


@compiled.family("code")
def _beginning(column: str) -> Compiled:
    """The codes with a column that begins with a text, as a range that an index can answer."""
    name = _CODE.c[column]
    within = (name >= sa.bindparam("first"), name < sa.bindparam("past"))
    page = sa.select(_CODE).where(*within).order_by(name).limit(sa.bindparam("limit"))
    return compiled.fixed(page.offset(sa.bindparam("offset")), "first", "past", "limit", "offset")


class ReachRecords:
    """The part of a transaction that reads a window of what begins or travels alike."""

    _session: Session

    def units_boxed(self, *, limit: int) -> list[UnitRow]:
        """The units in boxes, box by box."""
        return [_UNITS.read(row) for row in self._session.all(_BOXED, (limit, 0))]

    def codes_beginning(self, text: str, *, limit: int) -> list[CodeRow]:
        """Codes of ours, then adopted ones, that begin with a text."""
        given = (text, text + _AFTER_ALL, limit, 0)
        found = [row for column in ("code", "value") for row in self._session.all(_beginning(column), given)]
        return [_CODES.read(row) for row in found]
