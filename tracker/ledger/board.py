"""The board: every therapy by how it stands and, where limits run, by the end of the first of them.

Each section is read from an index, so that a page costs the same with ten thousand therapies.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from schema.instants import format_instant
from schema.tables import PlanMilestoneRow, TherapyRow, hour_of
from tracker.ledger import compiled
from tracker.ledger.compiled import Compiled
from tracker.ledger.repeated import check_therapy, check_values
from tracker.ledger.rows import TableRows
from tracker.ledger.views import AT_SITE, ENDED, NEWEST, SITES, ViewRecords
from tracker.rules.standing import Standing

_THERAPIES: Final = TableRows(TherapyRow, check_therapy)
_THERAPY: Final = _THERAPIES.table
_MILESTONE: Final = TableRows(PlanMilestoneRow, check_values).table


_ENDED: Final = ("canceled", "closed")
_NOW: Final[sa.ColumnElement[str]] = sa.bindparam("now")
_NO_FLAGS: Final[sa.ColumnElement[str]] = sa.literal_column("'[]'")
_SPEAKS: Final = sa.func.coalesce(_THERAPY.c.stalled_at, sa.literal_column("'never'")) > _NOW
_RUNS: Final = _THERAPY.c.status == sa.literal_column("'active'")
_IN_TIME: Final = sa.and_(
    _THERAPY.c.waits_until >= _NOW, _THERAPY.c.waits_until < sa.literal_column(f"'{ENDED}'")
)
_BOOKED: Final = sa.exists(sa.literal_column("1")).where(_MILESTONE.c.coi == _THERAPY.c.coi)
_UNPLANNED: Final = sa.and_(_RUNS, sa.or_(_THERAPY.c.promised.is_(None), ~_BOOKED))
"""A promise may stand without a plan, and nothing was ever booked without one."""

_NO_CLOCKS: Final = '%"clocks":[]%'
"""What is in the document of a therapy of which no limit runs."""

_PLANS: Final = {"promised": _THERAPY.c.promised.is_not(None), "unplanned": _UNPLANNED}

_AT_RISK: Final[sa.ColumnElement[bool]] = sa.literal_column("therapy.at_risk")
"""As its index has it: compared with a number SQLite would not take that index."""

_SECTIONS: Final[dict[Standing, tuple[sa.ColumnElement[bool], ...]]] = {
    Standing.BREACH: (_THERAPY.c.waits_until < _NOW, _THERAPY.c.breach_at < _NOW),
    Standing.LATE: (_THERAPY.c.waits_until < _NOW, _THERAPY.c.breach_at >= _NOW),
    Standing.STALLED: (
        _RUNS,
        _THERAPY.c.updated_hour <= sa.bindparam("silent_hour"),
        _THERAPY.c.stalled_at <= _NOW,
        _IN_TIME,
    ),
    Standing.AT_RISK: (_IN_TIME, _AT_RISK, _SPEAKS),
    Standing.ON_TRACK: (_IN_TIME, ~_THERAPY.c.at_risk, _THERAPY.c.begun, _SPEAKS),
    Standing.NOT_STARTED: (_IN_TIME, ~_THERAPY.c.at_risk, ~_THERAPY.c.begun, _SPEAKS),
}
"""The running therapies of each section; those that have ended are read by status.

A section is what the record alone says. What a calendar or a closed day adds is found in the rows: something
late or at risk may be in breach, and something on time may be at risk.

Only what is sorted by age names the status: SQLite takes any equation for the best way in, and would read all
that run and sort them for a page.
"""

_NAMES: Final[dict[Standing, tuple[str, ...]]] = {
    Standing.BREACH: ("now", "now"),
    Standing.LATE: ("now", "now"),
    Standing.STALLED: ("silent_hour", "now", "now"),
    Standing.AT_RISK: ("now", "now"),
    Standing.ON_TRACK: ("now", "now"),
    Standing.NOT_STARTED: ("now", "now"),
}


def standing_of(row: TherapyRow, now: datetime) -> Standing:
    """How one therapy stands by the record alone."""
    at = format_instant(now)
    if row.status in _ENDED:
        return Standing.CLOSED
    if row.breach_at < at:
        return Standing.BREACH
    if row.waits_until < at:
        return Standing.LATE
    if row.stalled_at is not None and row.stalled_at <= now:
        return Standing.STALLED
    if row.at_risk:
        return Standing.AT_RISK
    return Standing.ON_TRACK if row.begun else Standing.NOT_STARTED


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Which therapies are shown."""

    now: datetime
    silent_before: datetime
    """No therapy of which anything was recorded since can be stalled."""

    site: str | None = None
    flagged: bool = False
    """Only those that call for somebody."""

    planned: bool = False
    """Only those to which a day was promised."""

    unplanned: bool = False
    """Only those that run and of which nothing is booked."""


@dataclass(frozen=True, slots=True)
class StageCount:
    """How many therapies stand so, in one stage of one protocol."""

    standing: Standing
    protocol: str
    version: int
    stage: str
    count: int
    unplanned: int
    """Of how many of them nothing is booked."""


@compiled.family(Standing.LATE, True, True, "unplanned", True)
def _section(standing: Standing, site: bool, flagged: bool, plan: str, after: bool) -> Compiled:  # noqa: FBT001  keys of a cache
    is_by_age = standing is Standing.STALLED
    order = [_THERAPY.c[name] for name in _order(standing)]
    query: sa.Select[Any] = sa.select(_THERAPY).where(*_SECTIONS[standing])
    names = list(_NAMES[standing])
    if site:
        query = query.where(AT_SITE)
        names += SITES
    if flagged and not is_by_age:
        query = query.where(sa.or_(_THERAPY.c.attention != _NO_FLAGS, _THERAPY.c.stalled_at <= _NOW))
        names.append("now")
    if plan:
        query = query.where(_PLANS[plan])
    if after:
        query = query.where(sa.tuple_(*order) > sa.tuple_(*(sa.bindparam(one.name) for one in order)))
        names += [one.name for one in order]
    page = query.order_by(*order).limit(sa.bindparam("limit")).offset(sa.bindparam("offset"))
    return compiled.fixed(page, *names, "limit", "offset")


@compiled.family(True, True)
def _by_limit(site: bool, after: bool) -> Compiled:  # noqa: FBT001  keys of a cache
    order = (_THERAPY.c.waits_until, _THERAPY.c.coi)
    query: sa.Select[Any] = sa.select(_THERAPY)
    names: list[str] = []
    if site:
        query = query.where(AT_SITE)
        names += SITES
    if after:
        query = query.where(sa.tuple_(*order) > sa.tuple_(*(sa.bindparam(one.name) for one in order)))
        names += [one.name for one in order]
    page = query.order_by(*order).limit(sa.bindparam("limit")).offset(sa.bindparam("offset"))
    return compiled.fixed(page, *names, "limit", "offset")


def _order(standing: Standing) -> tuple[str, ...]:
    """By what a section is sorted: the longest silent first, all others by the end of their first limit."""
    if standing is Standing.STALLED:
        return tuple(one.name for one in NEWEST)
    return ("waits_until", "coi")


@compiled.family(True)
def _counts(site: bool) -> Compiled:  # noqa: FBT001  a key of a cache
    standing = sa.case(
        (_THERAPY.c.status != sa.literal_column("'active'"), _word(Standing.CLOSED)),
        (_THERAPY.c.breach_at < _NOW, _word(Standing.BREACH)),
        (_THERAPY.c.waits_until < _NOW, _word(Standing.LATE)),
        (_THERAPY.c.stalled_at <= _NOW, _word(Standing.STALLED)),
        (_THERAPY.c.at_risk, _word(Standing.AT_RISK)),
        (_THERAPY.c.begun, _word(Standing.ON_TRACK)),
        else_=_word(Standing.NOT_STARTED),
    ).label("standing")
    keys = (_THERAPY.c.protocol, _THERAPY.c.protocol_version, _THERAPY.c.stage)
    unplanned = sa.func.count(sa.case((_UNPLANNED, sa.literal_column("1"))))
    query = sa.select(standing, *keys, sa.func.count(), unplanned)
    names = ["now"] * 3
    if site:
        query = query.where(AT_SITE)
        names += SITES
    return compiled.fixed(query.group_by(sa.literal_column("1"), *keys), *names)


@compiled.family(2, True)
def _calling(marks: int, site: bool) -> Compiled:  # noqa: FBT001  keys of a cache
    mark_names = [f"mark_{place}" for place in range(marks)]
    runs = sa.and_(
        _RUNS,
        sa.or_(
            _AT_RISK,
            _THERAPY.c.waits_until <= _NOW,
            _THERAPY.c.document.not_like(sa.bindparam("no_clocks")),
        ),
    )
    marked = (_THERAPY.c.attention.like(sa.bindparam(name)) for name in mark_names)
    by_time = (_THERAPY.c.stalled_at <= _NOW, _THERAPY.c.duty_from <= _NOW)
    query = sa.select(_THERAPY).where(sa.or_(*marked, *by_time, runs))
    names = [*mark_names, "now", "now", "now", "no_clocks"]
    if site:
        query = query.where(AT_SITE)
        names += SITES
    return compiled.fixed(query, *names)


def _word(standing: Standing) -> sa.ColumnElement[str]:
    return sa.literal_column(f"'{standing.value}'")


class BoardRecords(ViewRecords):
    """The part of a transaction that reads the board."""

    def therapies_standing(
        self, standing: Standing, asked: BoardFilter, *, limit: int, after: TherapyRow | None = None
    ) -> list[TherapyRow]:
        """A page of the therapies that stand so, from after the last one of the page before."""
        if standing is Standing.CLOSED:
            return [] if asked.unplanned else self._ended(asked, limit, after)
        plan = "promised" if asked.planned else "unplanned" if asked.unplanned else ""
        statement = _section(standing, asked.site is not None, asked.flagged, plan, after is not None)
        given = {"now": format_instant(asked.now), "silent_hour": hour_of(asked.silent_before)}
        values: list[object] = [given[name] for name in _NAMES[standing]]
        if asked.site is not None:
            values += [asked.site] * len(SITES)
        if asked.flagged and standing is not Standing.STALLED:
            values.append(given["now"])
        if after is not None:
            last = dict(zip(_THERAPIES.columns, _THERAPIES.values(after), strict=True))
            values += [last[name] for name in _order(standing)]
        return [_THERAPIES.read(row) for row in self._session.all(statement, (*values, limit, 0))]

    def therapies_by_limit(
        self, *, limit: int, after: TherapyRow | None = None, site: str | None = None
    ) -> list[TherapyRow]:
        """A page of all therapies by the end of the first limit; those without one, then the ended, last."""
        values: list[object] = [] if site is None else [site] * len(SITES)
        if after is not None:
            values += [after.waits_until, after.coi]
        statement = _by_limit(site is not None, after is not None)
        return [_THERAPIES.read(row) for row in self._session.all(statement, (*values, limit, 0))]

    def _ended(self, asked: BoardFilter, limit: int, after: TherapyRow | None) -> list[TherapyRow]:
        place = None if after is None else (after.updated_at, after.coi)
        pages = (
            self.therapies(limit=limit, after=place, status=one, site=asked.site, attention=asked.flagged)
            for one in _ENDED
        )
        newest = heapq.merge(*pages, key=lambda row: (row.updated_at, row.coi), reverse=True)
        return list(itertools.islice(newest, limit))

    def therapies_calling(
        self, marks: Collection[str], now: datetime, *, site: str | None = None
    ) -> list[TherapyRow]:
        """Therapies with one of these marks, late, stalled, at risk, with limits running or duties open.

        All are looked at within the engine: of what is written down of each, only these are read.
        """
        at = format_instant(now)
        values: list[object] = [*(f'%"{mark}"%' for mark in marks), at, at, at, _NO_CLOCKS]
        if site is not None:
            values += [site] * len(SITES)
        found = self._session.all(_calling(len(marks), site is not None), values)
        return [_THERAPIES.read(row) for row in found]

    def board_counts(self, asked: BoardFilter) -> Iterator[StageCount]:
        """How many therapies stand how, in which stage."""
        values: list[object] = [format_instant(asked.now)] * 3
        if asked.site is not None:
            values += [asked.site] * len(SITES)
        for standing, protocol, version, stage, count, unplanned in self._session.all(
            _counts(asked.site is not None), values
        ):
            yield StageCount(Standing(standing), protocol, int(version), stage, count, unplanned)
