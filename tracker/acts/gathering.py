"""What a decision looks at beside the chains: events and ids that a request names, shared rows, the bench."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final

from schema.entry import Statement, stored_entry
from schema.errors import InputError
from schema.events.deviations import DeviationDrafted
from schema.events.equipment import CheckResult
from schema.tables import ShipmentRow
from schema.vocabulary import EntryMode, EquipmentStatus, LotStatus, ObjectType, PartyType
from tracker.acts.alerting import standing_alerts
from tracker.acts.equipment_uses import uses_of
from tracker.acts.mentions import naming
from tracker.acts.state_cache import KnownTherapy, StateCache, entries
from tracker.kinds import Needs, needs_of
from tracker.ledger.transaction import Transaction
from tracker.local_time import ahead_of
from tracker.planning.chain import Taken
from tracker.protocols.model import Protocol
from tracker.registry.equipment.requests import EquipmentRequest, QualifyEquipment, SetEquipmentStatus
from tracker.registry.equipment.service import DOUBTFUL
from tracker.registry.lots.requests import RecallLot, SetLotStatus
from tracker.registry.people.requests import DeactivatePerson
from tracker.registry.places.requests import (
    CountStorage,
    DeactivateSite,
    RetireStation,
    SetLocationConditions,
)
from tracker.requests.base import Request, Scan
from tracker.rules.alert_state import Alert
from tracker.rules.bookable import PlaceView
from tracker.rules.checks.bench import is_for_one, is_now
from tracker.rules.equipment_use import EquipmentUse
from tracker.rules.instruments import is_exclusive
from tracker.rules.marks.events import marks_of
from tracker.rules.recall import owed
from tracker.rules.registry_state import Lot, RegistryState, Station
from tracker.rules.shipment_state import ShipmentStatus, ShippingView, StandingBooking
from tracker.rules.situation import Found, Occupant, Resolution
from tracker.rules.therapy_state import TherapyState, UnitState
from tracker.therapy.adoption.requests import AdoptCode, ReceiveManifest
from tracker.therapy.alerts import AcknowledgeAlert
from tracker.therapy.benches import ClearLine
from tracker.therapy.conditions.requests import RecordConditions
from tracker.therapy.corrections import Correct
from tracker.therapy.custody.requests import Pack, StoreUnits
from tracker.therapy.deviations import AssessDeviation, CloseDeviation
from tracker.therapy.evolve import evolve
from tracker.therapy.identity.requests import BindCassette, Enroll, RegisterUnit
from tracker.therapy.making.requests import PerformStep, StartCollection
from tracker.therapy.paperwork.requests import IssueForm
from tracker.therapy.planning.requests import Reschedule, Schedule
from tracker.therapy.review import ReviewTrail
from tracker.therapy.shipments.requests import BookShipment, ReportShipment
from tracker.therapy.takeover.requests import ImportTherapy

_EQUIPMENT: Final = {Found.BOX: "box", Found.DATA_LOGGER: "logger", Found.INSTRUMENT: "instrument"}
"""What can be tested and fail, and the first part of its shared row."""


def named_statements(transaction: Transaction, request: Request) -> Mapping[str, Statement]:
    """Earlier statements that the request is about, by event id."""
    if not isinstance(request, Correct):
        return {}
    body = transaction.body_of_event(request.event)
    return {} if body is None else {request.event: stored_entry(body).statement}


def signed_before(transaction: Transaction, request: Request) -> frozenset[str]:
    """Who signed what a deviation is about, where it is assessed or closed."""
    if not isinstance(request, AssessDeviation | CloseDeviation):
        return frozenset()
    drafted = transaction.body_of_event(request.deviation)
    said = None if drafted is None else stored_entry(drafted).statement.payload
    about = transaction.body_of_event(said.about) if isinstance(said, DeviationDrafted) else None
    return frozenset(() if about is None else (one.signer for one in stored_entry(about).signatures))


def found_to_review(
    transaction: Transaction,
    registry: RegistryState,
    therapy: TherapyState,
    protocol: Protocol | None,
    request: ReviewTrail,
) -> Iterator[tuple[str, int]]:
    """The check and the entry of each mark up to the entry that a review is signed for."""
    state: TherapyState | None = None
    for entry in entries(transaction, therapy.coi):
        before, state = state, evolve(state, entry.sequence, entry.statement)
        for mark in marks_of(entry, before, state, protocol, registry):
            yield mark.concern.value, entry.sequence
        if entry.statement.event_id == request.through:
            return


def alerts_to_acknowledge(
    request: Request,
    registry: RegistryState,
    therapies: Iterable[KnownTherapy],
    protocols: Mapping[tuple[str, int], Protocol],
    now: datetime,
) -> tuple[Alert, ...]:
    """What calls for somebody in a therapy, where one of it is to be acknowledged."""
    if not isinstance(request, AcknowledgeAlert):
        return ()
    states = (known.state for known in therapies)
    pinned = ((one, protocols.get((one.protocol.id, one.protocol.version))) for one in states)
    return tuple(alert for one, protocol in pinned for alert in standing_alerts(one, protocol, registry, now))


def places_left(transaction: Transaction, registry: RegistryState, coi: str, now: datetime) -> PlaceView:
    """What is left to be booked for a therapy from yesterday on, wherever it is yesterday."""
    taken = Taken()
    first = (now - timedelta(days=2)).date().isoformat()
    for resource, day, begun, held in transaction.slots_counted(first, own=coi):
        taken.count(resource, date.fromisoformat(day).toordinal(), begun, held)
    return PlaceView(ahead_of(registry), taken)


def is_about_a_plan(request: Request) -> bool:
    """Whether it is decided by the places that are left."""
    return isinstance(request, Schedule | Reschedule)


def shipping_view(
    transaction: Transaction, registry: RegistryState, request: Request, resolutions: Mapping[str, Resolution]
) -> ShippingView | None:
    """What else is booked that has a box, a logger or a code in common with a request about a shipment."""
    if not isinstance(request, BookShipment | ReportShipment | Pack):
        return None
    wanted = [
        (_COLUMNS[item.found], item.object_id)
        for item in resolutions.values()
        if item.found in _COLUMNS and item.object_id is not None
    ]
    codes: tuple[str, ...] = ()
    if isinstance(request, BookShipment):
        wanted += [(name, str(value)) for name in ("waybill", "sscc") if (value := request.given(name))]
        codes = tuple(value for name, value in wanted if name == "waybill")
    rows = {
        row.shipment: row for column, value in wanted for row in transaction.shipments_with(column, value)
    }
    known = frozenset(code for code in codes if transaction.codes_of_value(code) or transaction.code(code))
    standing = tuple(map(standing_of, rows.values()))
    return ShippingView(ahead_of(registry), standing, known)


_COLUMNS: Final = {Found.BOX: "box", Found.DATA_LOGGER: "data_logger"}


def standing_of(row: ShipmentRow) -> StandingBooking:
    """A booked shipment as the rules compare it with others."""
    return StandingBooking(
        row.shipment,
        ShipmentStatus(row.status),
        row.from_site,
        row.to_site,
        row.begins_at,
        row.ends_at,
        row.box,
        row.data_logger,
        row.waybill,
        row.sscc,
    )


def in_shipments(transaction: Transaction, resolutions: Mapping[str, Resolution]) -> Iterator[str]:
    """The therapies that are booked in a shipment that was named."""
    for item in resolutions.values():
        if item.found is Found.SHIPMENT and item.object_id is not None:
            yield from (row.coi for row in transaction.shipments_with("shipment", item.object_id))


def is_taken(transaction: Transaction, object_id: str) -> bool:
    """Whether an id that was drawn stands for something already, so that another one is drawn."""
    if object_id.startswith(ObjectType.SHIPMENT.value):
        return bool(transaction.shipments_with("shipment", object_id))
    return transaction.code(object_id) is not None


def require_free(transaction: Transaction, request: Request) -> None:
    """Raise InputError for an object id that a request gives and the store already has."""
    for given in _own_ids(request):
        if transaction.code(given) is not None:
            raise InputError(
                f"{given} already stands for something in this store.", remedy="Leave the id out."
            )


def _own_ids(request: Request) -> tuple[str, ...]:
    """Our ids that a request gives to what it brings in."""
    given: tuple[str | None, ...] = ()
    if isinstance(request, RegisterUnit):
        given = (request.unit,)
    elif isinstance(request, ImportTherapy):
        ours = (code for one in request.containers for code in (one.unit, one.cassette))
        given = (request.coi, *ours)
    elif isinstance(request, Enroll):
        given = (request.coi,)
    elif isinstance(request, IssueForm):
        given = (request.form,)
    return tuple(one for one in given if one is not None)


def shared_names(
    registry: RegistryState, request: Request, resolutions: Mapping[str, Resolution], now: datetime
) -> frozenset[str]:
    """The rows that serialize acts on things which several chains share."""
    names: set[str] = set(_booking_rows(request, resolutions))
    if "box" in type(request).model_fields and not isinstance(request, BookShipment):
        names.update(
            f"box:{item.object_id}"
            for item in resolutions.values()
            if item.found is Found.BOX and item.object_id
        )
    if _doubtful_since(request, now) is not None:
        # Nobody packs into it between the search for its uses and the word that it is not fit.
        names.update(_equipment_rows(resolutions))
    names.update(_goods_rows(request, resolutions))
    names.update(f"logger:{logger}" for logger in _packed_loggers(request, resolutions))
    names.update(f"location:{place}" for place in _judged_places(request, resolutions))
    if isinstance(request, ImportTherapy):
        names.update(f"cassette:{one.cassette}" for one in request.containers if one.cassette is not None)
        names.update(f"box:{one.box}" for one in request.containers if one.box is not None)
    if isinstance(request, BindCassette):
        names.add(f"cassette:{resolutions[request.cassette.key].object_id}")
    for scan in _adopting(request):
        names.add(f"code:{resolutions[scan.key].object_id or scan.code}")
    if isinstance(request, Enroll):
        # Of two who enroll the same patient at once, the second sees the first.
        names.add("enrollments")
    names.update(f"object:{given}" for given in _own_ids(request))
    names.update(_switched_off_by(registry, request))
    names.update(f"slots:{resource}" for resource in _booked(request))
    return frozenset(names)


def closed_boxes(transaction: Transaction, request: Request) -> Mapping[str, str | None]:
    """The closed boxes with their loggers, where cells are packed; the scanned logger's row was read before.

    All of them, because a refusal names others that are free.
    """
    return transaction.closed_boxes() if isinstance(request, Pack) else {}


def in_boxes(
    transaction: Transaction, memory: StateCache, request: Request
) -> Mapping[str, tuple[UnitState, ...]]:
    """What is in each box into which paper puts a unit, by box."""
    if not isinstance(request, ImportTherapy):
        return {}
    found: dict[str, tuple[UnitState, ...]] = {}
    for box in {one.box for one in request.containers if one.box is not None}:
        rows = transaction.units_in_box(box)
        known = ((memory.therapy(transaction, row.coi), row.unit) for row in rows)
        found[box] = tuple(one.state.units[unit] for one, unit in known if one is not None)
    return found


def uses_in_doubt(
    transaction: Transaction, request: Request, resolutions: Mapping[str, Resolution], now: datetime
) -> tuple[EquipmentUse, ...]:
    """For which cells something was used since it is unfit, or is used now that it is lost or quarantined."""
    since = _doubtful_since(request, now)
    if since is None or not isinstance(request, EquipmentRequest):
        return ()
    equipment = resolutions[request.equipment.key]
    if equipment.object_id is None or equipment.found not in _EQUIPMENT:
        return ()
    return uses_of(transaction, equipment.object_id, since)


def still_inside(uses: Iterable[EquipmentUse]) -> Mapping[str, tuple[str, ...]]:
    """The units that have not come out of a box since these uses of it or of its logger, by therapy."""
    found: dict[str, tuple[str, ...]] = {}
    for use in uses:
        if use.inside:
            found[use.coi] = (*found.get(use.coi, ()), *sorted(use.inside))
    return found


def beside_logger(
    transaction: Transaction, request: Request, resolutions: Mapping[str, Resolution]
) -> tuple[str, ...]:
    """The therapies of which something was in the shipment, or in the place, that a logger's file is of."""
    if not isinstance(request, RecordConditions):
        return ()
    found: set[str] = set()
    for scan, kind in ((request.shipment, Found.SHIPMENT), (request.location, Found.LOCATION)):
        one = None if scan is None else resolutions[scan.key]
        if one is not None and one.found is kind and one.object_id is not None:
            found.update(row.chain for row in naming(transaction, f"{_NAMED[kind]}:{one.object_id}"))
    return tuple(sorted(found))


_NAMED: Final = {Found.SHIPMENT: "shipment", Found.LOCATION: "place"}
"""As what the mentions know a thing."""


RECALLED_AT_ONCE: Final = 100
"""Chains in one act: one over many more would lose to anybody who records in one of them."""


@dataclass(frozen=True, slots=True)
class RecallView:
    """The therapies to which the recall of a lot owes something."""

    next: tuple[str, ...] = ()
    """Those in whose chains this act writes."""

    left: int = 0
    """How many there are besides."""


NO_RECALL = RecallView()


def lots_behind(request: Request, therapies: Iterable[KnownTherapy]) -> tuple[str, ...]:
    """The rows of the lots behind cells that go on to the patient: none is recalled meanwhile, unseen."""
    if request.records is None or needs_of(request.records.kind) is not Needs.SOUND:
        return ()
    used = (lot for known in therapies for record in known.state.process for lot in record.lots)
    return tuple(dict.fromkeys(f"lot:{lot}" for lot in used))


def recalled_in(
    transaction: Transaction,
    memory: StateCache,
    registry: RegistryState,
    request: Request,
    resolutions: Mapping[str, Resolution],
) -> RecallView:
    """Which chains a recall writes in: all of them where they are few, else none before it is said."""
    if not isinstance(request, RecallLot):
        return NO_RECALL
    lot = registry.lot(resolutions[request.lot.key].object_id or "")
    if lot is None:
        return NO_RECALL
    open_in = owed_to(transaction, memory, lot)
    if lot.status is not LotStatus.RECALLED and len(open_in) > RECALLED_AT_ONCE:
        return RecallView((), len(open_in))
    return RecallView(open_in[:RECALLED_AT_ONCE], max(len(open_in) - RECALLED_AT_ONCE, 0))


def owed_to(transaction: Transaction, memory: StateCache, lot: Lot) -> tuple[str, ...]:
    """The therapies to which the recall of a lot still owes something, in the order of their codes."""
    chains = dict.fromkeys(row.coi for row in transaction.uses_of(lot.id))
    known = (memory.therapy(transaction, coi) for coi in chains)
    return tuple(one.state.coi for one in known if one is not None and owed(one.state, lot) is not None)


def put_away_in(
    transaction: Transaction, request: Request, resolutions: Mapping[str, Resolution]
) -> Mapping[str, tuple[str, ...]]:
    """The units in the place whose conditions the request sets, or that it counts, by therapy.

    With those of a count are the units that were scanned there, wherever the record has them.
    """
    if not isinstance(request, SetLocationConditions | CountStorage):
        return {}
    found: dict[str, dict[str, None]] = {}
    for row in transaction.units_in_location(request.location):
        found.setdefault(row.coi, {})[row.unit] = None
    for item in resolutions.values() if isinstance(request, CountStorage) else ():
        if item.coi is not None and item.unit is not None:
            found.setdefault(item.coi, {})[item.unit] = None
    return {coi: tuple(units) for coi, units in found.items()}


def lying_in(
    transaction: Transaction, request: Request, resolutions: Mapping[str, Resolution]
) -> Mapping[str, str]:
    """What lies in each position of the place into which units are put away."""
    if not isinstance(request, StoreUnits) or not request.positions:
        return {}
    place = resolutions[request.location.key].object_id or ""
    return {row.position: row.unit for row in transaction.positions_in(place)}


def units_left(transaction: Transaction, request: Request) -> tuple[str, ...]:
    """The units that are still at a site, or with a person, that the request switches off."""
    if isinstance(request, DeactivateSite):
        rows = transaction.units_at(request.site)
    elif isinstance(request, DeactivatePerson):
        rows = transaction.units_with(request.staff)
    else:
        return ()
    return tuple(row.unit for row in rows if row.final_disposition is None)


def therapies_left(transaction: Transaction, registry: RegistryState, request: Request) -> tuple[str, ...]:
    """The therapies at the bench of the station that the request retires, where no other stands at it."""
    if not isinstance(request, RetireStation):
        return ()
    station = registry.station(request.old_station)
    if station is None:
        return ()
    beside = [one for one in registry.stations.values() if one.bench == station.bench and not one.retired]
    return tuple(row.coi for row in transaction.at_bench(station.bench)) if len(beside) < 2 else ()


def _switched_off_by(registry: RegistryState, request: Request) -> Iterator[str]:
    """Nothing comes to a site, a person or a bench between the look at what is there and its end."""
    if isinstance(request, DeactivateSite):
        yield f"site:{request.site}"
    elif isinstance(request, DeactivatePerson):
        yield f"person:{request.staff}"
    elif isinstance(request, RetireStation):
        station = registry.station(request.old_station)
        if station is not None:
            yield f"bench:{station.bench}"


def arrivals(before: TherapyState | None, state: TherapyState) -> Iterator[str]:
    """The rows of the sites, people and benches to which something of a therapy came."""
    units = {} if before is None else before.units
    for name, unit in state.units.items():
        earlier = units.get(name)
        if unit.site is not None and (earlier is None or earlier.site != unit.site):
            yield f"site:{unit.site}"
        holder = unit.custodian
        if holder is None or holder.type is not PartyType.PERSON:
            continue
        if earlier is None or earlier.custodian != holder:
            yield f"person:{holder.id}"
    benches = {} if before is None else before.benches
    yield from (f"bench:{bench}" for bench in state.benches if bench not in benches)


def is_switched_off(registry: RegistryState, row: str) -> bool:
    """Whether the site, the person or the bench of a row that `arrivals` gives takes no part any more."""
    kind, _, name = row.partition(":")
    if kind == "site":
        site = registry.site(name)
        return site is not None and not site.active
    if kind == "person":
        person = registry.people.get(name)
        return person is not None and not person.active
    instrument = registry.equipment(name)
    if instrument is not None:
        return instrument.status is EquipmentStatus.RETIRED
    return all(one.retired for one in registry.stations.values() if one.bench == name)


def _booking_rows(request: Request, resolutions: Mapping[str, Resolution]) -> Iterator[str]:
    """Of two who book one box, logger or waybill at once, or book and pack it, the second sees the first.

    They are no rows of the boxes themselves: a booking is no act on a box that somebody has emptied.
    """
    if isinstance(request, BookShipment | Pack):
        yield from (f"booking:{row}" for row in _equipment_rows(resolutions))
    if isinstance(request, BookShipment):
        yield from (
            f"booking:{name}:{value}" for name in ("waybill", "sscc") if (value := request.given(name))
        )


def _doubtful_since(request: Request, now: datetime) -> datetime | None:
    if isinstance(request, QualifyEquipment) and request.verdict is CheckResult.FAILED:
        # It failed at the latest when it was tested; what travels in it now has not ended since.
        return request.unfit_since or request.at or now
    if isinstance(request, SetEquipmentStatus) and request.status in DOUBTFUL:
        return now
    return None


def _equipment_rows(resolutions: Mapping[str, Resolution]) -> Iterator[str]:
    for item in resolutions.values():
        if item.found in _EQUIPMENT and item.object_id:
            yield f"{_EQUIPMENT[item.found]}:{item.object_id}"


_GOODS: Final = {Found.LOT: "lot", Found.INSTRUMENT: "instrument"}
"""What touches cells at steps of the process, and the first part of its shared row."""


def _goods_rows(request: Request, resolutions: Mapping[str, Resolution]) -> Iterator[str]:
    """Nobody uses a lot or an instrument between the look at who used it and the word that it is not good."""
    if isinstance(request, PerformStep | SetLotStatus | RecallLot):
        for item in resolutions.values():
            if item.found in _GOODS and item.object_id:
                yield f"{_GOODS[item.found]}:{item.object_id}"


def _booked(request: Request) -> Iterator[str]:
    """Of two who take the last place at once, the second sees the first."""
    if isinstance(request, Schedule):
        yield from (one.resource for one in request.milestones if "/" in one.resource)
    elif isinstance(request, Reschedule):
        yield from (one.resource for one in request.moved if "/" in one.resource)


def _judged_places(request: Request, resolutions: Mapping[str, Resolution]) -> Iterator[str]:
    """Nothing is put away by what a place kept while somebody says that it keeps something else."""
    if isinstance(request, SetLocationConditions | CountStorage):
        yield request.location
    elif isinstance(request, StoreUnits):
        yield resolutions[request.location.key].object_id or ""


def _packed_loggers(request: Request, resolutions: Mapping[str, Resolution]) -> Iterator[str]:
    if "data_logger" in type(request).model_fields and not isinstance(request, BookShipment):
        for item in resolutions.values():
            if item.found is Found.DATA_LOGGER and item.object_id:
                yield item.object_id


def _adopting(request: Request) -> tuple[Scan, ...]:
    """Codes that begin to stand for something by this request."""
    if isinstance(request, AdoptCode):
        return (request.adopted,)
    if isinstance(request, ImportTherapy):
        return (*request.adopted_codes, *(code for one in request.containers for code in one.codes))
    if isinstance(request, Enroll):
        return request.adopted_codes
    if isinstance(request, ReceiveManifest):
        return request.named()
    return (request.din,) if isinstance(request, StartCollection) else ()


@dataclass(frozen=True, slots=True)
class BenchView:
    """A bench as one request finds it."""

    bench: str = ""
    occupants: tuple[Occupant, ...] = ()
    shared: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """The versioned row of the bench, when this request may change who is at it."""


NO_BENCH = BenchView()


def bench_to_clear(transaction: Transaction, station: Station, request: Request) -> BenchView:
    """The bench that the request clears; the therapies at it are not otherwise named by it."""
    if not isinstance(request, ClearLine):
        return NO_BENCH
    return _view(transaction, request.bench or station.bench, changes=True)


def bench_to_work_at(
    transaction: Transaction,
    station: Station,
    request: Request,
    therapies: Collection[KnownTherapy],
    protocols: Mapping[tuple[str, int], Protocol],
) -> BenchView:
    """The bench of the station, where the request may be a step for one therapy at a time."""
    if request.records is None or not is_now(request):
        return NO_BENCH
    pins = {(known.state.protocol.id, known.state.protocol.version) for known in therapies}
    pinned = (protocols[pin] for pin in pins if pin in protocols)
    fact = request.step if isinstance(request, PerformStep) else request.records.kind
    if not any(is_for_one(tuple(protocol.steps_of(fact))) for protocol in pinned):
        return NO_BENCH
    bench = station.bench
    takes = request.entry.mode is EntryMode.LIVE and any(
        bench not in known.state.benches for known in therapies
    )
    return _view(transaction, bench, changes=takes)


@dataclass(frozen=True, slots=True)
class InstrumentView:
    """The exclusive instruments that one request scans, as it finds them."""

    inside: Mapping[str, tuple[Occupant, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Who is in each, by its id."""

    shared: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """The versioned rows of those that this request may take."""


def instruments_to_work_in(
    transaction: Transaction,
    registry: RegistryState,
    request: Request,
    resolutions: Mapping[str, Resolution],
    protocols: Iterable[Protocol],
) -> InstrumentView:
    """The exclusive instruments at a step of the process."""
    if not isinstance(request, PerformStep) or not is_now(request):
        return InstrumentView()
    pinned = tuple(protocols)
    known = (registry.equipment(resolutions[scan.key].object_id or "") for scan in request.instruments)
    views = {
        one.id: _view(transaction, one.id, changes=request.entry.mode is EntryMode.LIVE)
        for one in known
        if one is not None and any(is_exclusive(protocol, one) for protocol in pinned)
    }
    rows = {row: version for view in views.values() for row, version in view.shared.items()}
    return InstrumentView({name: view.occupants for name, view in views.items()}, rows)


def occupants(transaction: Transaction, bench: str) -> tuple[Occupant, ...]:
    """The therapies at a bench, in the order they came."""
    return tuple(Occupant(row.coi, row.taken_at, row.staff) for row in transaction.at_bench(bench))


def _view(transaction: Transaction, bench: str, *, changes: bool) -> BenchView:
    # The version first: whoever comes between the two reads is seen, or met when it is raised.
    row = f"bench:{bench}"
    shared = {row: transaction.version(row)} if changes else {}
    return BenchView(bench, occupants(transaction, bench), shared)
