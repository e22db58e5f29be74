"""The copies printed: each written before its paper, its outcome once, and nothing of it ever again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from schema.errors import CopiesExhausted
from schema.identifiers import PrintedCode, possible_copies
from schema.instants import format_instant
from schema.tables import PrintedCopyRow, TherapyRow, UnitRow, table_of
from tracker.ledger import compiled
from tracker.ledger.engine import Session
from tracker.ledger.rows import TableRows

_COPIES: Final = TableRows(PrintedCopyRow)
_COPY: Final = _COPIES.table
_UNIT: Final = table_of(UnitRow)
_THERAPY: Final = table_of(TherapyRow)

_PRINT: Final = compiled.insert_unless_there(_COPY)
_OLDEST: Final = (_COPY.c.printed_at, _COPY.c.object_id, _COPY.c.copy_letter)
_OF_OBJECT: Final = compiled.fixed(
    sa.select(_COPY).where(_COPY.c.object_id == sa.bindparam("object_id")).order_by(_COPY.c.printed_at),
    "object_id",
)
_OF_UNIT: Final = compiled.fixed(
    sa.select(_COPY).where(_COPY.c.unit == sa.bindparam("unit")).order_by(*_OLDEST), "unit"
)
_SETTLE: Final = compiled.fixed(
    sa.update(_COPY)
    .values(outcome=sa.bindparam("new_outcome"), settled_at=sa.bindparam("new_settled_at"))
    .where(
        _COPY.c.object_id == sa.bindparam("of_object"),
        _COPY.c.copy_letter == sa.bindparam("of_letter"),
        _COPY.c.outcome == sa.literal_column("'printing'"),
    ),
    *("new_outcome", "new_settled_at", "of_object", "of_letter"),
)
# A therapy closes when all its labels are accounted for, so what is open is in those that are not closed.
_AT_SITE: Final = compiled.fixed(
    sa.select(_COPY)
    .join(_UNIT, _UNIT.c.unit == _COPY.c.unit)
    .join(_THERAPY, _THERAPY.c.coi == _UNIT.c.coi)
    .where(_COPY.c.site == sa.bindparam("site"), _THERAPY.c.status != sa.literal_column("'closed'"))
    .order_by(*_OLDEST),
    "site",
)


class CopyRecords:
    """The part of a transaction that gives out copy letters and keeps the outcome of each print."""

    _session: Session

    def print_copy(
        self,
        object_id: str,
        *,
        printed_at: datetime,
        staff: str,
        station: str,
        label: str = "",
        site: str = "",
        unit: str | None = None,
        reason: str | None = None,
    ) -> PrintedCode:
        """The next copy of an object's code, written as being printed; its letter is never given again.

        Raises CopiesExhausted when every letter is used.
        """
        used = {row.copy_letter for row in self.printed_copies(object_id)}
        for code in possible_copies(object_id):
            if code.copy in used:
                continue
            row = _COPIES.new(
                object_id=object_id,
                copy_letter=code.copy,
                printed_at=printed_at,
                staff=staff,
                station=station,
                label=label,
                site=site,
                unit=unit,
                reason=reason,
                outcome="printing",
                settled_at=None,
            )
            # Another station may have taken the letter since it was looked up.
            if self._session.change(_PRINT, _COPIES.values(row)):
                return code
        raise CopiesExhausted(
            f"{object_id} has no further copy: all {len(used)} of its copy letters are used."
        )

    def settle_copy(self, object_id: str, letter: str, *, outcome: str, at: datetime) -> bool:
        """Write the outcome of a print; False when it was written before."""
        return self._session.change(_SETTLE, (outcome, format_instant(at), object_id, letter)) > 0

    def printed_copies(self, object_id: str) -> list[PrintedCopyRow]:
        """The copies of an object that were printed, oldest first."""
        return [_COPIES.read(row) for row in self._session.all(_OF_OBJECT, (object_id,))]

    def copies_for(self, units: Iterable[str]) -> list[PrintedCopyRow]:
        """The copies of every label that is for these units, their cassettes' included."""
        return [_COPIES.read(row) for unit in units for row in self._session.all(_OF_UNIT, (unit,))]

    def copies_at(self, site: str) -> list[PrintedCopyRow]:
        """The copies printed at a site for units of therapies that are not closed."""
        return [_COPIES.read(row) for row in self._session.all(_AT_SITE, (site,))]
