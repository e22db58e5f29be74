"""What is booked and still to come, by when it has to be ready and where: what Today looks ahead in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from schema.instants import format_instant
from schema.tables import PlanMilestoneRow
from tracker.ledger import compiled
from tracker.ledger.compiled import Compiled
from tracker.ledger.engine import Session
from tracker.ledger.repeated import check_values
from tracker.ledger.rows import TableRows

_ROWS: Final = TableRows(PlanMilestoneRow, check_values)
_MILESTONE: Final = _ROWS.table
_PUT: Final = compiled.insert_or_update(_MILESTONE)
_DROP: Final = compiled.delete(_MILESTONE, "coi", "name")
_OF_COI: Final = compiled.select(_MILESTONE, "coi")
_ORDER: Final = ("leaves_at", "coi", "name")
_BETWEEN: Final = (
    _MILESTONE.c.done_at.is_(None),
    _MILESTONE.c.leaves_at >= sa.bindparam("first"),
    _MILESTONE.c.leaves_at < sa.bindparam("last"),
)


_WAITS_MAX: Final = timedelta(days=14)
"""How long before it begins something leaves for it at most."""


def _cois(*where: sa.ColumnElement[bool], names: tuple[str, ...]) -> Compiled:
    query = sa.select(_MILESTONE.c.coi).where(*where).order_by(_MILESTONE.c.leaves_at)
    page = query.limit(sa.bindparam("limit")).offset(sa.bindparam("offset"))
    return compiled.fixed(page, *names, "limit", "offset")


_BEGINS_AT: Final = _cois(
    _MILESTONE.c.site == sa.bindparam("site"),
    *_BETWEEN,
    _MILESTONE.c.starts_at >= sa.bindparam("begin"),
    _MILESTONE.c.starts_at < sa.bindparam("end"),
    names=("site", "first", "last", "begin", "end"),
)
_FETCHED: Final = _cois(_MILESTONE.c.lane == sa.bindparam("lane"), *_BETWEEN, names=("lane", "first", "last"))


@compiled.family(True)
def _due(at_site: bool) -> Compiled:  # noqa: FBT001  a key of a cache
    order: list[sa.ColumnElement[Any]] = [_MILESTONE.c[name] for name in _ORDER]
    if not at_site:
        query: sa.Select[Any] = sa.select(_MILESTONE).where(*_BETWEEN)
        names = ["first", "last"]
    else:
        # Each half comes from an index of its own; what is at one site and ready at it is in the first alone.
        here = sa.select(_MILESTONE).where(_MILESTONE.c.place == sa.bindparam("place"), *_BETWEEN)
        coming = sa.select(_MILESTONE).where(
            _MILESTONE.c.site == sa.bindparam("site"),
            *_BETWEEN,
            _MILESTONE.c.place != sa.bindparam("elsewhere"),
        )
        both = sa.union_all(here, coming).subquery()
        query, order = sa.select(both), [both.c[name] for name in _ORDER]
        names = ["place", "first", "last", "site", "first", "last", "elsewhere"]
    page = query.order_by(*order).limit(sa.bindparam("limit")).offset(sa.bindparam("offset"))
    return compiled.fixed(page, *names, "limit", "offset")


class PlanRecords:
    """The part of a transaction that knows what is booked."""

    _session: Session

    def put_milestones(self, rows: Iterable[PlanMilestoneRow]) -> None:
        """These are booked so, or were fulfilled."""
        for row in rows:
            self._session.write(_PUT, _ROWS.values(row))

    def drop_milestones(self, rows: Iterable[PlanMilestoneRow]) -> None:
        """These are booked no more."""
        for row in rows:
            self._session.write(_DROP, (row.coi, row.name))

    def milestones_of(self, coi: str) -> list[PlanMilestoneRow]:
        """What is booked for a therapy, done or to come."""
        return [_ROWS.read(row) for row in self._session.all(_OF_COI, (coi,))]

    def begins_at(self, site: str, first: datetime, last: datetime, *, limit: int) -> list[str]:
        """The therapies of which something that is to come begins at a site between two moments."""
        begin, end = format_instant(first), format_instant(last)
        values = (site, format_instant(first - _WAITS_MAX), end, begin, end, limit, 0)
        return [row[0] for row in self._session.all(_BEGINS_AT, values)]

    def fetched_by(self, lane: str, first: datetime, last: datetime, *, limit: int) -> list[str]:
        """The therapies of which something is to be picked up for a lane between two moments."""
        values = (lane, format_instant(first), format_instant(last), limit, 0)
        return [row[0] for row in self._session.all(_FETCHED, values)]

    def milestones_due(
        self, first: datetime, last: datetime, *, limit: int, site: str | None = None
    ) -> list[PlanMilestoneRow]:
        """What is to be ready between two moments, soonest first; with a site, what is or begins there."""
        span = [format_instant(first), format_instant(last)]
        values: list[object] = [*span] if site is None else [site, *span, site, *span, site]
        statement = _due(site is not None)
        return [_ROWS.read(row) for row in self._session.all(statement, (*values, limit, 0))]
