"""How therapies stand, from the rows of the read tables: the same answer as from their chains."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Final

import orjson

from schema.events.identity import TherapySites
from schema.instants import parse_instant
from schema.tables import PlanMilestoneRow, TherapyRow
from tracker.acts.deciding import Decider
from tracker.ledger.transaction import Transaction
from tracker.local_time import ahead_of, local
from tracker.planning.calendar import Offset, day_at, days_on, instant_at
from tracker.planning.chain import Pathway, PlannedSlot
from tracker.protocols.model import PlannedStep, Protocol
from tracker.rules.bookable import lane_of, resource_of, site_of
from tracker.rules.clocks import Arrival
from tracker.rules.forecast import Ending, Forecast, Projected, RecordedCourse, forecast
from tracker.rules.pathways import pathway_of
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_state import TherapyStatus
from tracker.therapy.planning.forecasts import begun_by_of, recorded_of
from tracker.views.calling import flags_of
from tracker.views.today_lines import MilestoneForecast, TherapyForecast

LOOKED_AHEAD: Final = timedelta(days=90)
"""How far ahead it is looked for what is booked on a day on which nothing can begin."""

KEPT_MAX: Final = 5_000
"""So many forecasts are kept at most."""

DISPLACED_MAX: Final = 500
"""How many of those are looked at, of each resource; a site that was closed has to move them by and by."""


FRESH_FOR: Final = timedelta(seconds=15)
"""For so long a forecast stands if nothing more was recorded of its therapy: times are read in minutes."""

NEVER: Final = datetime.min.replace(tzinfo=UTC)

Reckoned = dict[str, tuple[int, datetime, Forecast]]
"""Forecasts by their therapy, with the entry of its chain and the moment that each is of."""


class KeptForecasts:
    """Forecasts of seconds ago: Today, the counts and the board ask for the same ones, one after the other.

    Those of another registry are none: its calendars may say something else.
    """

    def __init__(self) -> None:
        self._kept: tuple[RegistryState | None, Reckoned] = (None, {})
        self._displaced: tuple[RegistryState | None, datetime, frozenset[str]] = (None, NEVER, frozenset())

    def by(self, registry: RegistryState) -> Reckoned:
        """Those that were reckoned by this registry."""
        kept = self._kept
        if kept[0] is not registry or len(kept[1]) > KEPT_MAX:
            kept = self._kept = (registry, {})
        return kept[1]

    def displaced(
        self, registry: RegistryState, now: datetime, find: Callable[[], Iterator[str]]
    ) -> frozenset[str]:
        """The therapies that a closed day may displace: none is booked on one that is closed already."""
        by, at, found = self._displaced
        if by is not registry or not at <= now < at + FRESH_FOR:
            found = frozenset(find())
            self._displaced = registry, now, found
        return found


class ForecastView:
    """The forecasts of therapies within one transaction, at one moment."""

    def __init__(
        self,
        transaction: Transaction,
        decider: Decider,
        registry: RegistryState,
        now: datetime,
        kept: KeptForecasts | None = None,
    ) -> None:
        self._transaction = transaction
        self._decider = decider
        self._registry = registry
        self._now = now
        self._offset_of = ahead_of(registry)
        self._pathways: dict[tuple[str, int, TherapySites], Pathway] = {}
        self._displaced: frozenset[str] | None = None
        self._found: dict[str, Forecast] = {}
        self._keeper = kept or KeptForecasts()
        self._kept = self._keeper.by(registry)

    def of(self, row: TherapyRow) -> Forecast:
        """How a therapy stands now, or stood seconds ago; reckoned once for a view."""
        found = self._found.get(row.coi)
        if found is None:
            found = self._found[row.coi] = self._reckoned(row)
        return found

    def _reckoned(self, row: TherapyRow) -> Forecast:
        sequence, at, found = self._kept.get(row.coi, (-1, self._now, None))
        if found is not None and sequence == row.sequence and at <= self._now < at + FRESH_FOR:
            return found
        protocol = self.protocol_of(row)
        course, pathway = self._course(row, protocol), self.pathway_of(row, protocol)
        found = forecast(course, pathway, self._now)
        self._kept[row.coi] = row.sequence, self._now, found
        return found

    def line(self, row: TherapyRow) -> TherapyForecast:
        """How it stands, as people see it: each time by the clocks of its site."""
        found = self.of(row)
        lines = tuple(self._milestone(one) for one in found.milestones)
        about = next((one for one in lines if one.name == found.about), None)
        limit = found.limit_at
        site = row.manufacturing_site if about is None else about.site
        return TherapyForecast(
            row.coi,
            found.standing,
            found.reason,
            about,
            None if limit is None else local(self._registry, site, limit),
            lines,
            flags_of(row, self._now),
        )

    def protocol_of(self, row: TherapyRow) -> Protocol | None:
        """The protocol that the therapy is pinned to; None where its bytes are not here."""
        adopted = self._registry.protocol(row.protocol, int(row.protocol_version))
        return self._decider.protocol(self._transaction, adopted.sha256) if adopted else None

    def pathway_of(self, row: TherapyRow, protocol: Protocol | None) -> Pathway | None:
        """What can be planned of it; None where its protocol plans nothing."""
        if protocol is None:
            return None
        sites = (row.collection_site, row.manufacturing_site, row.treatment_site)
        known = TherapySites(collection=sites[0], manufacturing=sites[1], treatment=sites[2])
        return self.pathway_for(protocol, known)

    def pathway_for(self, protocol: Protocol, sites: TherapySites) -> Pathway | None:
        """What can be planned by a protocol at these sites; made once for a view."""
        key = (protocol.id, protocol.version, sites)
        if protocol.milestones and key not in self._pathways:
            self._pathways[key] = pathway_of(protocol, sites, self._registry, self._offset_of)
        return self._pathways.get(key)

    def is_settled(self, row: TherapyRow) -> bool:
        """Whether the record alone says how it stands: nothing that a calendar or a lane could move."""
        return row.status != TherapyStatus.ACTIVE.value or (row.promised is None and not row.at_risk)

    def displaced(self) -> frozenset[str]:
        """The therapies of which something is booked where nothing can begin, or nobody drives, that day."""
        if self._displaced is None:
            self._displaced = self._keeper.displaced(self._registry, self._now, self._find_displaced)
        return self._displaced

    def _find_displaced(self) -> Iterator[str]:
        for one in self._registry.resources.values():
            resource = resource_of(self._registry, one, self._offset_of)
            for first, last in self._closed(resource.offset, resource.why_not_on):
                yield from self._transaction.begun_on(
                    one.id, first.isoformat(), last.isoformat(), limit=DISPLACED_MAX
                )
        for code in self._registry.sites:
            site = site_of(self._registry, code, self._offset_of)
            for days in self._closed(site.offset, site.why_not_on):
                span = _span(site.offset, *days)
                yield from self._transaction.begins_at(code, *span, limit=DISPLACED_MAX)
        for known in self._registry.lanes.values():
            lane = lane_of(self._registry, known, self._offset_of)
            for days in self._closed(lane.offset, lane.why_not_on):
                span = _span(lane.offset, *days)
                yield from self._transaction.fetched_by(lane.code, *span, limit=DISPLACED_MAX)

    def _closed(
        self, offset: Offset, why_not_on: Callable[[date], str | None]
    ) -> Iterator[tuple[date, date]]:
        """The runs of days from today on, on which nothing can begin or nobody drives."""
        first = day_at(offset, self._now)
        days = days_on(first, first + LOOKED_AHEAD)
        for is_closed, run in groupby(days, key=lambda day: why_not_on(day) is not None):
            if is_closed:
                closed = list(run)
                yield closed[0], closed[-1]

    def _course(self, row: TherapyRow, protocol: Protocol | None) -> RecordedCourse:
        document = orjson.loads(row.document)
        rows = () if row.promised is None else self._transaction.milestones_of(row.coi)
        steps = {} if protocol is None else {one.name: one for one in protocol.milestones}
        return RecordedCourse(
            is_running=row.status == TherapyStatus.ACTIVE.value,
            has_begun=row.begun,
            booked={one.name: _slot(one) for one in rows},
            done={one.name: _done(one, steps.get(one.name)) for one in rows if one.done_at is not None},
            recorded=recorded_of(tuple(steps.values())),
            begun_by=begun_by_of(tuple(steps.values())),
            promised=row.promised,
            promised_at=None if document["promised_at"] is None else parse_instant(document["promised_at"]),
            endings=tuple(
                Ending(
                    one["title"],
                    parse_instant(one["at"]),
                    one["is_limit"],
                    one["until"],
                    _arrival(one["arrives"]),
                )
                for one in document["endings"]
            ),
            stalled_at=row.stalled_at,
            eta={name: parse_instant(at) for name, at in document["eta"].items()},
            left={name: parse_instant(at) for name, at in document["left"].items()},
            gone=frozenset(document["gone"]),
        )

    def _milestone(self, one: Projected) -> MilestoneForecast:
        site = one.resource.partition("/")[0]
        promised = None if one.promised is None else local(self._registry, site, one.promised)
        projected = local(self._registry, site, one.start)
        return MilestoneForecast(
            *(one.name, one.title, site, one.resource, promised, projected),
            is_done=one.is_done,
            is_later=one.is_later,
            why=one.why,
        )


def _span(offset: Offset, first: date, last: date) -> tuple[datetime, datetime]:
    """From the beginning of the first day until the end of the last, by the clocks there."""
    return instant_at(offset, first, time.min), instant_at(offset, last + timedelta(days=1), time.min)


def _arrival(said: dict[str, str] | None) -> Arrival | None:
    if said is None:
        return None
    return Arrival(said["site"], parse_instant(said["at"]), parse_instant(said["told_at"]))


def _slot(row: PlanMilestoneRow) -> PlannedSlot:
    departs = None if row.leaves_at == row.starts_at and row.lane is None else row.leaves_at
    return PlannedSlot(row.name, row.resource, row.starts_at, row.ends_at, row.lane, departs)


def _done(row: PlanMilestoneRow, step: PlannedStep | None) -> PlannedSlot:
    at = row.done_at or row.starts_at
    goes_on = step is not None and step.is_fulfilled_at_start
    return PlannedSlot(row.name, row.resource, at, at + step.lasts if step is not None and goes_on else at)
