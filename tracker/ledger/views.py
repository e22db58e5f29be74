"""The read tables: where therapies and units stand, and what a scanned code means."""

from __future__ import annotations

import heapq
import itertools
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from schema.errors import ReadTableDiffers
from schema.instants import format_instant
from schema.tables import CodeRow, TherapyRow, UnitRow, hour_of
from schema.vocabulary import PartyType
from tracker.ledger import compiled
from tracker.ledger.compiled import Compiled
from tracker.ledger.engine import Record, Session
from tracker.ledger.repeated import check_status, check_therapy, check_unit, check_values
from tracker.ledger.rows import TableRows

_THERAPIES: Final = TableRows(TherapyRow, check_therapy)
_UNITS: Final = TableRows(UnitRow, check_unit)
_CODES: Final = TableRows(CodeRow, check_values)
_THERAPY: Final = _THERAPIES.table
_UNIT: Final = _UNITS.table
_CODE: Final = _CODES.table


class _Put:
    """Writes a whole row, on SQLite naming of its indexed columns only those that differ.

    SQLite rewrites the index of every column that an UPDATE names, also with the value it had, and each index
    is one page more for the disk to take. PostgreSQL compares by itself.
    """

    def __init__(self, table: sa.Table) -> None:
        self._table = table
        names = table.columns.keys()
        key = {column.name for column in table.primary_key}
        indexed = {name for index in table.indexes for name in _columns_of(index)} - key
        self._whole = compiled.insert_or_update(table)
        self._new = compiled.insert(table)
        self._indexed = [(place, name) for place, name in enumerate(names) if name in indexed]
        self._rest = [(place, name) for place, name in enumerate(names) if name not in key]
        self._found = compiled.select(table, names[0], columns=[name for _, name in self._indexed])
        self._updates: dict[tuple[int, ...], tuple[Compiled, list[int]]] = {}

    def __call__(self, session: Session, values: Record) -> None:
        if session.dialect != "sqlite":
            session.write(self._whole, values)
            return
        found = session.one(self._found, values[:1])
        if found is None:
            session.write(self._new, values)
            return
        pairs = zip(self._indexed, found, strict=True)
        differing = tuple(place for (place, _), before in pairs if before != values[place])
        update, places = self._updates.get(differing) or self._update(differing)
        session.write(update, [*(values[place] for place in places), values[0]])

    def _update(self, differing: tuple[int, ...]) -> tuple[Compiled, list[int]]:
        left = {name for place, name in self._indexed if place not in differing}
        named = [(place, name) for place, name in self._rest if name not in left]
        statement = compiled.update(self._table, [name for _, name in named])
        self._updates[differing] = statement, [place for place, _ in named]
        return self._updates[differing]


def _columns_of(index: sa.Index) -> Iterator[str]:
    """The columns that an index holds, and those that its condition names."""
    yield from index.columns.keys()
    where = index.dialect_options["sqlite"]["where"]
    if where is not None:
        yield from re.findall(r"[a-z_]+", str(where))


_put_therapy: Final = _Put(_THERAPY)
_put_unit: Final = _Put(_UNIT)
_put_code: Final = _Put(_CODE)
_THERAPY_OF: Final = compiled.select(_THERAPY, "coi")
_UNIT_OF: Final = compiled.select(_UNIT, "unit")
_CODE_OF: Final = compiled.select(_CODE, "code")
_CODES_OF_COI: Final = compiled.select(_CODE, "coi")
_CODES_OF_VALUE: Final = compiled.select(_CODE, "value")
NEWEST: Final = (_THERAPY.c.updated_hour, _THERAPY.c.updated_at, _THERAPY.c.coi)
"""By what the board is sorted: by the hour from an index, and within it by what stands in the rows."""

EVERY: Final = 1_000_000
"""More than a store has."""

NO_LIMIT: Final = "none"
NOT_BEGUN: Final = "not begun"
ENDED: Final = "~ended"
"""What stands for the end of a limit where none runs: all sort behind every time, in this order."""

_FIRST_STATUS: Final = compiled.fixed(sa.select(sa.func.min(_THERAPY.c.status)))
_NEXT_STATUS: Final = compiled.fixed(
    sa.select(sa.func.min(_THERAPY.c.status)).where(_THERAPY.c.status > sa.bindparam("after")), "after"
)


@compiled.family("coi")
def _units_by(column: str) -> Compiled:
    where = _UNIT.c[column] == sa.bindparam(column)
    return compiled.fixed(sa.select(_UNIT).where(where).order_by(_UNIT.c.unit), column)


_IN_CASSETTE: Final = compiled.fixed(
    sa.select(_UNIT.c.unit).where(_UNIT.c.cassette == sa.bindparam("cassette")).order_by(_UNIT.c.unit),
    "cassette",
)
_AT_HAND: Final = compiled.fixed(
    sa.select(_UNIT)
    .where(
        _UNIT.c.site == sa.bindparam("site"),
        _UNIT.c.final_disposition.is_(None),
        sa.or_(_UNIT.c.location.is_(None), _UNIT.c.cassette.is_(None)),
    )
    .limit(sa.bindparam("limit"))
    .offset(sa.bindparam("offset")),
    "site",
    "limit",
    "offset",
)
_STORED: Final = compiled.fixed(
    sa.select(_UNIT)
    .where(_UNIT.c.location == sa.bindparam("location"), _UNIT.c.final_disposition.is_(None))
    .order_by(_UNIT.c.unit)
    .limit(sa.bindparam("limit"))
    .offset(sa.bindparam("offset")),
    *("location", "limit", "offset"),
)
_CLOSED_BOXES: Final = compiled.fixed(
    sa.select(_UNIT.c.box, sa.func.min(_UNIT.c.data_logger))
    .where(_UNIT.c.box.is_not(None))
    .group_by(_UNIT.c.box)
)
_HANDED_OVER: Final = compiled.fixed(
    sa.select(_UNIT)
    .where(_UNIT.c.handoff.is_not(None))
    .limit(sa.bindparam("limit"))
    .offset(sa.bindparam("offset")),
    "limit",
    "offset",
)


SITES: Final = ("collection_site", "manufacturing_site", "treatment_site")
AT_SITE: Final = sa.or_(*(_THERAPY.c[name] == sa.bindparam(name) for name in SITES))


@compiled.family(True, True)
def _therapies_by_id(status: bool, site: bool) -> Compiled:  # noqa: FBT001  keys of a cache
    query = sa.select(_THERAPY).where(_THERAPY.c.coi > sa.bindparam("coi"))
    names = ["coi"]
    if status:
        query = query.where(_THERAPY.c.status == sa.bindparam("status"))
        names.append("status")
    if site:
        query = query.where(AT_SITE)
        names += SITES
    page = query.order_by(_THERAPY.c.coi).limit(sa.bindparam("limit")).offset(sa.bindparam("offset"))
    return compiled.fixed(page, *names, "limit", "offset")


@compiled.family(True)
def _owing(site: bool) -> Compiled:  # noqa: FBT001  a key of a cache
    query = sa.select(_THERAPY.c.coi).where(
        _THERAPY.c.duty_from >= sa.bindparam("first"), _THERAPY.c.duty_from <= sa.bindparam("last")
    )
    names = ["first", "last"]
    if site:
        query = query.where(AT_SITE)
        names += SITES
    page = query.order_by(_THERAPY.c.duty_from, _THERAPY.c.coi).limit(sa.bindparam("limit"))
    return compiled.fixed(page.offset(sa.bindparam("offset")), *names, "limit", "offset")


@compiled.family(True)
def _noted(site: bool) -> Compiled:  # noqa: FBT001  a key of a cache
    query = sa.select(_THERAPY.c.coi).where(
        _THERAPY.c.noted_at >= sa.bindparam("since"), _THERAPY.c.status == sa.bindparam("status")
    )
    names = ["since", "status"]
    if site:
        query = query.where(AT_SITE)
        names += SITES
    return compiled.fixed(query.order_by(_THERAPY.c.noted_at.desc()), *names)


@compiled.family(True, True, True, True)
def _therapies(status: bool, site: bool, attention: bool, after: bool) -> Compiled:  # noqa: FBT001  keys of a cache
    query: sa.Select[Any] = sa.select(_THERAPY)
    names: list[str] = []
    if status:
        query = query.where(_THERAPY.c.status == sa.bindparam("status"))
        names.append("status")
    if site:
        query = query.where(AT_SITE)
        names += SITES
    if attention:
        query = query.where(_THERAPY.c.attention != sa.literal_column("'[]'"))
    if after:
        query = query.where(sa.tuple_(*NEWEST) < sa.tuple_(*(sa.bindparam(one.name) for one in NEWEST)))
        names += [one.name for one in NEWEST]
    newest = query.order_by(*(one.desc() for one in NEWEST))
    return compiled.fixed(
        newest.limit(sa.bindparam("limit")).offset(sa.bindparam("offset")), *names, "limit", "offset"
    )


class ViewRecords:
    """The part of a transaction that writes and reads the read tables."""

    _session: Session

    def put_therapy(self, row: TherapyRow) -> None:
        """Write the line of one therapy."""
        _put_therapy(self._session, _THERAPIES.values(row))

    def put_units(self, rows: Iterable[UnitRow]) -> None:
        """Write the lines of units."""
        for row in rows:
            _put_unit(self._session, _UNITS.values(row))

    def put_codes(self, rows: Iterable[CodeRow]) -> None:
        """Write what codes stand for."""
        for row in rows:
            _put_code(self._session, _CODES.values(row))

    def therapy(self, coi: str) -> TherapyRow | None:
        """The line of one therapy."""
        row = self._session.one(_THERAPY_OF, (coi,))
        return None if row is None else _THERAPIES.read(row)

    def therapies(
        self,
        *,
        limit: int = 50,
        after: tuple[datetime, str] | None = None,
        status: str | None = None,
        site: str | None = None,
        attention: bool = False,
    ) -> list[TherapyRow]:
        """A page of the board, last changed first, from after the (updated_at, coi) of the page before.

        `site` is any of the three sites of a therapy; `attention` leaves only lines with a flag.
        """
        if status is None and not attention:
            return self._of_every_status(limit, after, site)
        statement = _therapies(status is not None, site is not None, attention, after is not None)
        values: list[object] = [] if status is None else [status]
        if site is not None:
            values += [site, site, site]
        if after is not None:
            values += [hour_of(after[0]), format_instant(after[0]), after[1]]
        return [_THERAPIES.read(row) for row in self._session.all(statement, (*values, limit, 0))]

    def therapies_by_id(
        self, *, limit: int, after: str = "", status: str | None = None, site: str | None = None
    ) -> list[TherapyRow]:
        """A page of the board by id, from after the last one of the page before.

        What is recorded between two pages changes no id, so whoever reads page after page misses no therapy.
        """
        values: list[object] = [after]
        if status is not None:
            values.append(status)
        if site is not None:
            values += [site, site, site]
        statement = _therapies_by_id(status is not None, site is not None)
        return [_THERAPIES.read(row) for row in self._session.all(statement, (*values, limit, 0))]

    def therapies_noted(self, since: datetime, *, status: str, site: str | None = None) -> list[str]:
        """The therapies of a status of which something was noted from a time on, the newest note first."""
        values: list[object] = [format_instant(since), status]
        if site is not None:
            values += [site] * len(SITES)
        return [row[0] for row in self._session.all(_noted(site is not None), values)]

    def therapies_owing(
        self, last: datetime, *, first: datetime | None = None, limit: int = EVERY, site: str | None = None
    ) -> list[str]:
        """The therapies of which a duty begins to call between two times, the earliest first."""
        values: list[object] = ["" if first is None else format_instant(first), format_instant(last)]
        if site is not None:
            values += [site] * len(SITES)
        return [row[0] for row in self._session.all(_owing(site is not None), (*values, limit, 0))]

    def statuses(self) -> Iterator[str]:
        """Every status that a therapy has; raises ReadTableDiffers for one that none can have."""
        row = self._session.one(_FIRST_STATUS, ())
        while row is not None and row[0] is not None:
            status = row[0]
            try:
                check_status(status)
            except ValueError as error:
                raise ReadTableDiffers(
                    f"The table therapy, which only repeats the record, says that {error}."
                ) from error
            yield status
            row = self._session.one(_NEXT_STATUS, (status,))

    def _of_every_status(
        self, limit: int, after: tuple[datetime, str] | None, site: str | None
    ) -> list[TherapyRow]:
        # Statuses are few, and each has its index in order; one index for all of them would cost every
        # recording two pages more.
        pages = [
            self.therapies(limit=limit, after=after, status=status, site=site) for status in self.statuses()
        ]
        newest = heapq.merge(*pages, key=lambda row: (row.updated_at, row.coi), reverse=True)
        return list(itertools.islice(newest, limit))

    def unit(self, unit: str) -> UnitRow | None:
        """The line of one unit."""
        row = self._session.one(_UNIT_OF, (unit,))
        return None if row is None else _UNITS.read(row)

    def units_of(self, coi: str) -> list[UnitRow]:
        """The units of a therapy."""
        return self._units("coi", coi)

    def units_in_box(self, box: str) -> list[UnitRow]:
        """The units in a box or shipper, of any patient."""
        return self._units("box", box)

    def closed_boxes(self) -> dict[str, str | None]:
        """Every box with units in it, and the data logger in each where there is one."""
        return {row[0]: row[1] for row in self._session.all(_CLOSED_BOXES)}

    def units_in_cassette(self, cassette: str) -> list[str]:
        """The id of the unit in a cassette; a list, since a finding may be that there are two."""
        return [row[0] for row in self._session.all(_IN_CASSETTE, (cassette,))]

    def units_at(self, site: str) -> list[UnitRow]:
        """The units at a site."""
        return self._units("site", site)

    def units_with(self, staff: str) -> list[UnitRow]:
        """The units that a person holds."""
        rows = self._units("custodian", staff)
        return [row for row in rows if row.custodian_type == PartyType.PERSON.value]

    def units_at_hand(self, site: str, *, limit: int) -> list[UnitRow]:
        """The units at a site that are in somebody's hands, or were put away before they were frozen."""
        return [_UNITS.read(row) for row in self._session.all(_AT_HAND, (site, limit, 0))]

    def units_handed_over(self, *, limit: int) -> list[UnitRow]:
        """The units whose handoff nobody has answered, wherever they are."""
        return [_UNITS.read(row) for row in self._session.all(_HANDED_OVER, (limit, 0))]

    def units_in_location(self, location: str) -> list[UnitRow]:
        """The units that are put away in a location."""
        return self._units("location", location)

    def units_stored(self, location: str, *, limit: int) -> list[UnitRow]:
        """The units that are put away in a location and whose end is not known, so many at most."""
        return [_UNITS.read(row) for row in self._session.all(_STORED, (location, limit, 0))]

    def code(self, code: str) -> CodeRow | None:
        """What a code stands for; None for a code that no therapy has."""
        row = self._session.one(_CODE_OF, (code,))
        return None if row is None else _CODES.read(row)

    def codes_of(self, coi: str) -> list[CodeRow]:
        """Every code of a therapy."""
        return [_CODES.read(row) for row in self._session.all(_CODES_OF_COI, (coi,))]

    def codes_of_value(self, value: str) -> list[CodeRow]:
        """Every adopted code with this text; two issuers may have given the same."""
        return [_CODES.read(row) for row in self._session.all(_CODES_OF_VALUE, (value,))]

    def _units(self, column: str, value: str) -> list[UnitRow]:
        return [_UNITS.read(row) for row in self._session.all(_units_by(column), (value,))]
