"""Which places are taken on which day, as planning counts them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa

from schema.tables import SlotUseRow
from tracker.ledger import compiled
from tracker.ledger.engine import Session
from tracker.ledger.repeated import check_values
from tracker.ledger.rows import TableRows

_ROWS: Final = TableRows(SlotUseRow, check_values)
_SLOTS: Final = _ROWS.table
_PUT: Final = compiled.insert_or_update(_SLOTS)
_FREE: Final = compiled.delete(_SLOTS, "resource", "day", "coi", "milestone")
_COUNTED: Final = compiled.fixed(
    sa.select(_SLOTS.c.resource, _SLOTS.c.day, _SLOTS.c.begins, sa.func.count(_SLOTS.c.begins))
    .where(_SLOTS.c.day >= sa.bindparam("first"), _SLOTS.c.coi != sa.bindparam("own"))
    .group_by(_SLOTS.c.resource, _SLOTS.c.day, _SLOTS.c.begins)
    .order_by(_SLOTS.c.resource, _SLOTS.c.day, _SLOTS.c.begins),
    *("first", "own"),
)
_COUNTED_ON: Final = compiled.fixed(
    sa.select(_SLOTS.c.day, sa.func.sum(_SLOTS.c.begins), sa.func.count())
    .where(
        _SLOTS.c.resource == sa.bindparam("resource"),
        _SLOTS.c.day >= sa.bindparam("first"),
        _SLOTS.c.day <= sa.bindparam("last"),
    )
    .group_by(_SLOTS.c.day),
    *("resource", "first", "last"),
)
_BEGUN: Final = compiled.fixed(
    sa.select(_SLOTS.c.coi)
    .where(
        _SLOTS.c.resource == sa.bindparam("resource"),
        _SLOTS.c.day >= sa.bindparam("first"),
        _SLOTS.c.day <= sa.bindparam("last"),
        _SLOTS.c.begins == sa.literal_column("1"),
    )
    .order_by(_SLOTS.c.day, _SLOTS.c.coi)
    .limit(sa.bindparam("limit"))
    .offset(sa.bindparam("offset")),
    *("resource", "first", "last", "limit", "offset"),
)
_ON_DAYS: Final = compiled.fixed(
    sa.select(_SLOTS)
    .where(
        _SLOTS.c.resource == sa.bindparam("resource"),
        _SLOTS.c.day >= sa.bindparam("first"),
        _SLOTS.c.day <= sa.bindparam("last"),
    )
    .order_by(_SLOTS.c.day, _SLOTS.c.coi),
    *("resource", "first", "last"),
)


class SlotRecords:
    """The part of a transaction that knows which places are taken."""

    _session: Session

    def put_slots(self, rows: Iterable[SlotUseRow]) -> None:
        """A therapy has these places."""
        for row in rows:
            self._session.write(_PUT, _ROWS.values(row))

    def free_slots(self, rows: Iterable[SlotUseRow]) -> None:
        """A therapy has these places no more."""
        for row in rows:
            self._session.write(_FREE, (row.resource, row.day, row.coi, row.milestone))

    def slots_counted(self, first: str, *, own: str = "") -> list[tuple[str, str, int, int]]:
        """Resource and day from a day on, with how many begin and how many are in it; not those of `own`."""
        found: dict[tuple[str, str], tuple[int, int]] = {}
        for resource, day, begins, count in self._session.all(_COUNTED, (first, own)):
            begun, held = found.get((resource, day), (0, 0))
            found[resource, day] = (begun + count * begins, held + count)
        return [(resource, day, begun, held) for (resource, day), (begun, held) in found.items()]

    def slots_counted_on(self, resource: str, first: str, last: str) -> dict[str, tuple[int, int]]:
        """How many begin at a resource and how many are in it, on each day between two, both included."""
        found = self._session.all(_COUNTED_ON, (resource, first, last))
        return {day: (int(begun), held) for day, begun, held in found}

    def begun_on(self, resource: str, first: str, last: str, *, limit: int) -> list[str]:
        """The therapies that begin at a resource between two days, both included, so many at most."""
        return [row[0] for row in self._session.all(_BEGUN, (resource, first, last, limit, 0))]

    def slots_on(self, resource: str, first: str, last: str) -> list[SlotUseRow]:
        """Who has a place of a resource between two days, both included."""
        return [_ROWS.read(row) for row in self._session.all(_ON_DAYS, (resource, first, last))]
