"""Today: what is late or will be, what is due and ready, what is on the road, and what lies in the tanks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Final, NamedTuple

from schema.events.shipments import ShipmentBooked
from schema.tables import PlanMilestoneRow, UnitRow
from schema.vocabulary import Material, ResourceType
from tracker.acts.alerting import duties_left
from tracker.acts.deciding import Decider
from tracker.acts.state_cache import StateCache
from tracker.ledger.transaction import Transaction
from tracker.local_time import ahead_of, local, offset_of
from tracker.planning.chain import PlannedSlot
from tracker.protocols.model import PlannedStep, Protocol
from tracker.rules.bookable import lane_of, lanes_between, resource_of, site_of
from tracker.rules.clocks import use_by
from tracker.rules.duties import CALLS_BEFORE, DueDuty
from tracker.rules.readiness import Preparation, readiness
from tracker.rules.registry_state import RegistryState
from tracker.rules.results import pending_tests
from tracker.rules.shipment_state import ShipmentStatus
from tracker.rules.therapy_state import TherapyState, UnitState
from tracker.views.board import BoardView
from tracker.views.forecasts import ForecastView, KeptForecasts
from tracker.views.models import BoardCounts, DueClock, Leg, Shipment
from tracker.views.planning import PLAN_DAYS, ResourceWeek, week
from tracker.views.shipments import shipments
from tracker.views.today_lines import DueLine, RoadLine, StoredLine, TherapyForecast, Today, UseLine

HOURS: Final = 48
EXCEPTIONS_MAX: Final = 60
DUE_MAX: Final = 60
LOOKED_AT: Final = 1_000
"""Of what is due in the network, to find the pick-ups of one carrier."""

STORED_MAX: Final = 60
PICK_UP: Final = "Pick-up"
OFF_THE_ROAD: Final = (Leg.BOOKED, Leg.EMPTY_FETCH, Leg.EMPTY_CARRIED)
"""Nothing of a therapy is in these boxes."""
STILL_ON: Final = timedelta(hours=12)
"""For how long what began and is not done stays among what is due; after that it is an exception."""


class _Use(NamedTuple):
    """Places taken of those there are, and the day that is meant where one is."""

    used: int
    places: int
    fullest: date | None


class TodayView:
    """Today of a site, or of the network, within one transaction."""

    def __init__(
        self,
        transaction: Transaction,
        memory: StateCache,
        decider: Decider,
        registry: RegistryState,
        now: datetime,
        *,
        kept: KeptForecasts,
        site: str | None = None,
        carrier: str | None = None,
    ) -> None:
        self._transaction, self._memory, self._decider = transaction, memory, decider
        self._registry, self._now, self._site, self._carrier = registry, now, site, carrier
        self._forecasts = ForecastView(transaction, decider, registry, now, kept)
        self._board = BoardView(transaction, decider, registry, now, self._forecasts)
        self._offset_of = ahead_of(registry)
        self._closed_boxes = transaction.closed_boxes()

    def first_lines(self, hours: int, lines: int) -> Today:
        """What is read first: so many exceptions and lines of what is due; nothing is counted over all."""
        return self._said(hours, lines, self._due_rows(hours, lines), counts=None)

    def today(self, hours: int = HOURS) -> Today:
        """Everything at once."""
        return self._said(hours, None, self._due_rows(hours), counts=self._board.counts(site=self._site))

    def _said(
        self, hours: int, lines: int | None, rows: Sequence[PlanMilestoneRow], counts: BoardCounts | None
    ) -> Today:
        here = self._local(self._now, self._site or "")
        monday = here.date() - timedelta(days=here.weekday())
        milestones = filter(None, (self._due(row) for row in rows))
        duties = self._duties(hours, lines or LOOKED_AT)
        due = tuple(sorted((*milestones, *duties), key=lambda one: one.at))
        return Today(
            now=here,
            site=self._site,
            hours=hours,
            first_day=monday,
            counts=() if counts is None else counts.standings,
            exceptions=tuple(self.exceptions(limit=lines or EXCEPTIONS_MAX)),
            due=due[: lines or DUE_MAX],
            due_count=len(due),
            road=tuple(self.road()),
            week=tuple(self.uses(monday)),
            stored=tuple(self.stored()),
            unplanned=0 if counts is None else counts.unplanned,
        )

    def exceptions(self, *, limit: int) -> Iterator[TherapyForecast]:
        """Therapies that are in breach, late, stalled or at risk, in that order."""
        yield from map(self._forecasts.line, self._board.bad_rows(site=self._site, limit=limit))

    def _due_rows(self, hours: int, limit: int = DUE_MAX + 1) -> list[PlanMilestoneRow]:
        first, last = self._now - STILL_ON, self._now + timedelta(hours=hours)
        if self._carrier is None:
            return self._transaction.milestones_due(first, last, limit=limit, site=self._site)
        driven = {lane for lane, one in self._registry.lanes.items() if one.carrier == self._carrier}
        rows = self._transaction.milestones_due(first, last, limit=LOOKED_AT, site=self._site)
        return [row for row in rows if row.lane in driven][:limit]

    def _duties(self, hours: int, limit: int) -> Iterator[DueLine]:
        """What is to be recorded after infusions; what is over stands among the exceptions."""
        if self._carrier is not None:
            return
        first, last = self._now, self._now + timedelta(hours=hours)
        owing = self._transaction.therapies_owing(
            last, first=first - CALLS_BEFORE, limit=limit, site=self._site
        )
        for coi in owing:
            therapy = self._state(coi)
            protocol = None if therapy is None else self._protocol(therapy.protocol.sha256)
            if therapy is None:
                continue
            for one in duties_left(therapy, protocol, self._registry):
                if first <= one.due_at <= last and self._site in (None, one.site):
                    yield self._duty(therapy, one)

    def _duty(self, therapy: TherapyState, one: DueDuty) -> DueLine:
        site = one.site
        return DueLine(
            coi=therapy.coi,
            milestone=one.duty.name,
            title=one.duty.title,
            at=self._local(one.due_at, site),
            site=site,
            place=site,
            resource_type=None,
            is_pick_up=False,
            items=(),
            roles=one.duty.roles,
        )

    def _due(self, row: PlanMilestoneRow) -> DueLine | None:
        """A line of what is due; None for what has left already, and for what is past and never recorded."""
        known = self._memory.therapy(self._transaction, row.coi)
        if known is None:
            return None
        protocol = self._decider.protocol(self._transaction, known.state.protocol.sha256)
        steps = () if protocol is None else protocol.milestones
        step = next((one for one in steps if one.name == row.name), None)
        if protocol is None or step is None:
            return None
        is_past = row.leaves_at < self._now
        if is_past and step.fulfilled_by is None:
            return None
        if (is_past or row.lane is not None) and _has_left(known.state, step):
            return None  # picked up earlier than booked: it stands on the road
        return self._line(row, step, known.state, protocol)

    def _line(
        self, row: PlanMilestoneRow, step: PlannedStep, therapy: TherapyState, protocol: Protocol
    ) -> DueLine:
        registry, travels = self._registry, row.lane is not None
        booked = registry.resources.get(row.resource)
        site = None if row.site not in registry.sites else site_of(registry, row.site, self._offset_of)
        resource = site if booked is None else resource_of(registry, booked, self._offset_of)
        if booked is None and "/" in row.resource:
            resource = None
        lane = registry.lanes.get(row.lane or "")
        departs = row.leaves_at if travels else None
        items = readiness(
            Preparation(
                registry=registry,
                protocol=protocol,
                therapy=therapy,
                step=step,
                slot=PlannedSlot(row.name, row.resource, row.starts_at, row.ends_at, row.lane, departs),
                resource=resource,
                lane=None if lane is None else lane_of(registry, lane, self._offset_of),
                site=row.place,
                carrier=None if lane is None else lane.carrier,
                offset_of=offset_of(registry, row.place),
                booking=_booking(therapy, row, step),
                closed_boxes=self._closed_boxes,
                labels_printed=bool(self._transaction.copies_for(therapy.units)),
            )
        )
        title = resource.title if resource is not None else row.resource
        return DueLine(
            coi=row.coi,
            milestone=row.name,
            title=PICK_UP if travels else step.title,
            at=self._local(row.leaves_at, row.place),
            site=row.place,
            place=f"{row.place} › {row.site}" if travels else title,
            resource_type=step.resource,
            is_pick_up=travels,
            items=items,
        )

    def road(self) -> Iterator[RoadLine]:
        """The boxes that are on their way or wait for their carrier, what runs out first first."""
        found = shipments(
            *(self._transaction, self._memory, self._registry, self._protocol),
            carrier=self._carrier,
            site=self._site,
            now=self._now,
        )
        yield from (self._road(one) for one in found if one.leg not in OFF_THE_ROAD)

    def _road(self, one: Shipment) -> RoadLine:
        expected = min(filter(None, (self._expected(coi, one) for coi in one.therapies)), default=None)
        therapy = next((self._state(coi) for coi in one.therapies), None)
        return RoadLine(
            box=one.box,
            title=one.title,
            from_site=_origin(therapy, one),
            to_site=one.destination,
            leg=one.leg,
            holder=one.holder,
            carrier=one.carrier,
            expected_at=None if expected is None else self._local(expected, one.destination),
            limit=one.first or one.hold,
            celsius=_shown(therapy, one.box),
            therapies=one.therapies,
            is_refused=one.refused is not None and one.leg in (Leg.CARRIED, Leg.FETCH),
        )

    def _expected(self, coi: str, one: Shipment) -> datetime | None:
        """When a box arrives: as its carrier said, as was booked, or as its lane takes; else by the plan."""
        therapy = self._state(coi)
        if therapy is None or one.leg is Leg.ARRIVED:
            return None
        inside = next(therapy.in_box(one.box), None)
        known = None if inside is None else therapy.shipments.get(inside.shipment or "")
        if known is not None and known.estimates:
            return known.estimates[-1].estimated_delivery
        if known is not None and known.booking is not None:
            return known.booking.delivery.latest
        ways = lanes_between(self._registry, _origin(therapy, one), one.destination, self._offset_of)
        taken = None if inside is None or one.leg is Leg.FETCH else inside.last_taken
        if ways and taken is not None:
            return taken.at + min(lane.transit for lane in ways)
        return self._arrival_planned(coi)

    def _arrival_planned(self, coi: str) -> datetime | None:
        rows = self._transaction.milestones_of(coi)
        coming = (row for row in rows if row.lane is not None and row.done_at is None)
        first = min(coming, key=lambda row: row.starts_at, default=None)
        therapy = None if first is None else self._transaction.therapy(coi)
        if first is None or therapy is None:
            return None
        projected = self._forecasts.of(therapy).milestones
        return next((one.start for one in projected if one.name == first.name), first.starts_at)

    def uses(self, monday: date) -> Iterator[UseLine]:
        """How full each kind of resource is this week and next."""
        weeks = [
            week(self._transaction, self._registry, monday + timedelta(days=days), site=self._site)
            for days in (0, PLAN_DAYS)
        ]
        for kind in ResourceType:
            this, following = (self._use_of(kind, found) for found in weeks)
            if this.places or following.places:
                yield UseLine(kind, this.used, this.places, following.used, following.places, this.fullest)

    def _use_of(self, kind: ResourceType, weeks: Sequence[ResourceWeek]) -> _Use:
        """Of who begins, the sum of the week; of who stays for days, the day on which most are there."""
        resources = self._registry.resources
        alike = [one for one in weeks if resources[one.resource].resource_type is kind]
        begun = [day for one in alike if resources[one.resource].concurrent is None for day in one.days]
        stays = [one.days for one in alike if resources[one.resource].concurrent is not None]
        days = [
            _Use(sum(one.used for one in each), sum(one.places or 0 for one in each), each[0].day)
            for each in zip(*stays, strict=True)
        ]
        open_days = (one for one in days if one.places)  # on a closed day nothing begins: it is not full
        fullest = max(open_days, key=lambda one: one.used / one.places, default=_Use(0, 0, None))
        return _Use(
            sum(one.used for one in begun) + fullest.used,
            sum(one.places or 0 for one in begun) + fullest.places,
            fullest.fullest if fullest.used else None,
        )

    def stored(self) -> Iterator[StoredLine]:
        """What lies in the places of the site, what runs out first first; of the network, nothing."""
        if self._site is None:
            return
        places = (one.id for one in self._registry.locations.values() if one.site == self._site)
        rows = (row for place in places for row in self._transaction.units_stored(place, limit=STORED_MAX))
        found = filter(None, map(self._stored, islice(rows, STORED_MAX)))
        far = datetime.max.replace(tzinfo=self._now.tzinfo)
        yield from sorted(found, key=lambda one: (one.until.due_at if one.until else far, one.unit))

    def _stored(self, row: UnitRow) -> StoredLine | None:
        therapy = self._state(row.coi)
        unit = None if therapy is None else therapy.unit(row.unit)
        protocol = None if therapy is None else self._protocol(therapy.protocol.sha256)
        location = self._registry.location(row.location or "")
        if therapy is None or unit is None or location is None:
            return None
        clock = None if protocol is None else use_by(therapy, protocol, unit)
        return StoredLine(
            unit=unit.unit,
            coi=row.coi,
            material=unit.material,
            place=location.title,
            site=location.site,
            until=None if clock is None else DueClock.of(clock),
            missing=() if protocol is None else tuple(_missing(therapy, protocol, unit)),
            quarantined=unit.quarantined,
        )

    def _state(self, coi: str) -> TherapyState | None:
        known = self._memory.therapy(self._transaction, coi)
        return None if known is None else known.state

    def _protocol(self, sha256: str) -> Protocol | None:
        return self._decider.protocol(self._transaction, sha256)

    def _local(self, moment: datetime, site: str) -> datetime:
        """By the clocks of a site; in UTC where the whole network is meant."""
        return local(self._registry, site, moment)


def _booking(therapy: TherapyState, row: PlanMilestoneRow, step: PlannedStep) -> ShipmentBooked | None:
    """The shipment that was booked for the way to a milestone and has not ended."""
    if step.carried_from is None:
        return None
    return next(
        (
            one.booking
            for one in therapy.shipments.values()
            if one.booking is not None
            and (one.booking.from_site, one.booking.to_site) == (row.place, row.site)
            and therapy.shipment_status(one) is not ShipmentStatus.ENDED
        ),
        None,
    )


def _has_left(therapy: TherapyState, step: PlannedStep) -> bool:
    """Whether what is carried to a milestone is no more with whom it is fetched from."""
    units = [one for one in therapy.open_units() if one.material in step.materials]
    return bool(units) and all(one.has_travelled for one in units)


def _origin(therapy: TherapyState | None, one: Shipment) -> str:
    """Where a box was packed: the site that its cells leave for its destination."""
    if therapy is None:
        return ""
    sites = therapy.sites
    is_product = any(unit.material is Material.PRODUCT for unit in therapy.in_box(one.box))
    return sites.manufacturing if is_product else sites.collection


def _shown(therapy: TherapyState | None, box: str) -> str | None:
    """What the display of a box showed last, as far as an open handoff or a refusal says."""
    if therapy is None:
        return None
    refused = therapy.boxes_refused.get(box)
    shown = [one.display_celsius for one in therapy.handoffs.values() if one.box == box]
    shown += [] if refused is None else [refused.display_celsius]
    return next(filter(None, shown), None)


def _missing(therapy: TherapyState, protocol: Protocol, unit: UnitState) -> Iterator[str]:
    """Results and the release, of what is to be given to the patient."""
    if unit.material is not Material.PRODUCT or unit.released:
        return
    for test in pending_tests(therapy, unit.attempt, protocol):
        yield test.title
    yield "release"
