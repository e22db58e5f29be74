"""The questions that write nothing: each one read transaction over one consistent state."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import BinaryIO, Final

from schema.commitments import Opening
from schema.entry import REGISTRY, Entry
from schema.errors import InputError
from schema.tables import UnitRow
from schema.vocabulary import TRIES, LotStatus, Material, Priority
from tracker.acts.deciding import Decider
from tracker.acts.equipment_uses import uses_of
from tracker.acts.gathering import occupants, owed_to
from tracker.acts.print_records import record_of
from tracker.acts.resolving import asked, resolve
from tracker.acts.state_cache import StateCache, entries
from tracker.clock import Clock
from tracker.ledger.store import Store
from tracker.ledger.transaction import Transaction
from tracker.local_time import offset_of
from tracker.protocols.model import Protocol
from tracker.rules.checks.label import copy_out_of_use
from tracker.rules.decision import Notice, Violation
from tracker.rules.equipment_use import EquipmentUse
from tracker.rules.lots import lot_named
from tracker.rules.measures.figures import MeasureWish
from tracker.rules.quality_figures import QualityReport, quality_figures
from tracker.rules.registry_state import Location, RegistryState
from tracker.rules.situation import Found
from tracker.rules.standing import Standing
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.conditions.subject import Subject
from tracker.therapy.evolve import replay
from tracker.views.alerts import AlertLine, AlertView, may_see_to
from tracker.views.as_of import Known, known, require_reached
from tracker.views.benches import Benches
from tracker.views.board import BoardView
from tracker.views.bookings import (
    CarrierWord,
    ShipmentLine,
    carrier_words,
    shipment_line,
    shipment_lines,
    shipment_named,
)
from tracker.views.calling import calling, flags_of
from tracker.views.conditions import TypedValue, value_violation
from tracker.views.deviations import background, deviations
from tracker.views.deviations import deviation as deviation_of
from tracker.views.duties import DutyLine, due_lines
from tracker.views.equipment import EquipmentLine, equipment_line, equipment_lines, unfit_here
from tracker.views.facts import FactTeller, limit_titles, numbers_of
from tracker.views.finding import cois_beginning
from tracker.views.forecasts import ForecastView, KeptForecasts
from tracker.views.growth import GrowthView, growths
from tracker.views.journey import TherapyJourney, journey
from tracker.views.key_changes import key_notices
from tracker.views.labels import labels_at, labels_of, stock_at
from tracker.views.logger_files import LoggerFileView, SaidOfFile, logger_file
from tracker.views.logger_readings import TherapyReadings, therapy_readings
from tracker.views.lots import LotLine, lot_lines
from tracker.views.making import MadeStep, made_steps
from tracker.views.marks import Transition, step_title, transitions
from tracker.views.measures import MeasureReport, histories_kept, histories_replayed, report
from tracker.views.models import (
    AsOf,
    BenchNow,
    BoardCounts,
    BoardOrder,
    BoardPage,
    BoardPlace,
    BoardRow,
    DeviationBackground,
    DeviationLine,
    LabelAccount,
    LeftOpen,
    Lookup,
    NextStep,
    RackItem,
    Shipment,
    StockCount,
    Trail,
    TrailEntry,
    Worklist,
)
from tracker.views.next_steps import judged, next_steps, rack_item
from tracker.views.notes import NoteLine, notes_at, notes_of
from tracker.views.offering import offered, without_labels
from tracker.views.pick_ups import PickUp, pick_ups
from tracker.views.planning import (
    BookedPlace,
    PlanLine,
    PlanMove,
    PlanOffer,
    ResourceWeek,
    TherapyPlanning,
    booked_on,
    week,
)
from tracker.views.preparing import PreparedProduct, preparation_of
from tracker.views.promised import PromisedLine, promised
from tracker.views.releases import ReleaseView, release_views
from tracker.views.shipments import shipments
from tracker.views.step_numbers import titles_by_number
from tracker.views.storage import (
    CountPreview,
    StorageMap,
    count_preview,
    position_violation,
    storage_map,
    storage_places,
)
from tracker.views.today import HOURS, TodayView
from tracker.views.today_lines import TherapyForecast, Today
from tracker.views.tracing import (
    SharedPlace,
    ThingTrace,
    UnitTrace,
    shared_places,
    trace_person,
    trace_thing,
    trace_unit,
    units_of_event,
)
from tracker.views.tray import JourneyStep, LyingAround, journey_steps, lying_around
from tracker.views.watching import WatchedTherapy, watched
from tracker.views.worklist import left_open, worklist

PAGE = 50
FORECAST_PAGE = 500

_COMMITMENT: Final = re.compile(rb'"([0-9a-f]{64})"')
"""As a commitment stands in the bytes of an entry."""


class Reader:
    """Answers questions about one open store."""

    def __init__(self, store: Store, memory: StateCache, decider: Decider, clock: Clock) -> None:
        self._store = store
        self._memory = memory
        self._decider = decider
        self._clock = clock
        self._kept_forecasts = KeptForecasts()

    def board(
        self,
        *,
        limit: int = PAGE,
        after: tuple[datetime, str] | None = None,
        site: str | None = None,
        status: str | None = None,
        attention: bool = False,
    ) -> tuple[BoardRow, ...]:
        """A page of therapies, the last touched first."""
        with self._store.read() as transaction:
            if attention:
                registry = self._memory.registry(transaction).state
                now = self._clock.now()
                rows = calling(
                    *(transaction, self._decider, registry, now),
                    limit=limit,
                    after=after,
                    site=site,
                    status=status,
                )
            else:
                rows = transaction.therapies(limit=limit, after=after, site=site, status=status)
            return tuple(self._board(transaction).row(row) for row in rows)

    def board_page(
        self,
        *,
        limit: int,
        after: BoardPlace | None = None,
        site: str | None = None,
        standing: Standing | None = None,
        attention: bool = False,
        unplanned: bool = False,
        text: str = "",
        order: BoardOrder = BoardOrder.STANDING,
    ) -> BoardPage:
        """The next therapies of the board, the most urgent first.

        `text` leaves those whose code, site, stage or holder has it, `unplanned` those without a plan.
        """
        with self._store.read() as transaction:
            board = self._board(transaction)
            return board.page(
                limit=limit,
                after=after,
                site=site,
                standing=standing,
                attention=attention,
                unplanned=unplanned,
                text=text,
                order=order,
            )

    def board_counts(self, *, site: str | None = None) -> BoardCounts:
        """How many therapies stand how, and where."""
        with self._store.read() as transaction:
            return self._board(transaction).counts(site=site)

    def whole_board(
        self, *, site: str | None = None, status: str | None = None, attention: bool = False
    ) -> Iterator[BoardRow]:
        """Every therapy once, by id, those too that something is recorded of meanwhile.

        On pages of those last touched, such a one moves to a page that was read already.
        """
        after = ""
        while True:
            with self._store.read() as transaction:
                now = self._clock.now()
                page = transaction.therapies_by_id(limit=PAGE, after=after, site=site, status=status)
                wanted = [row for row in page if not attention or flags_of(row, now)]
                board = self._board(transaction)
                rows = [board.row(row) for row in wanted]
            yield from rows
            if len(page) < PAGE:
                return
            after = page[-1].coi

    def lookup(self, *, code: str) -> Lookup:
        """What a code stands for; raises BadCode for one of ours that was misread."""
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            resolution = resolve(transaction, registry, asked(code))
            known = self._memory.therapy(transaction, resolution.coi) if resolution.coi else None
            state = known.state if known else None
            unit = state.unit(resolution.unit) if state and resolution.unit else None
            superseded = copy_out_of_use(state, resolution) is not None if state else False
            protocol = self._protocol(transaction, state) if state else None
            title = _title(registry, resolution.found, resolution.object_id, unit.material if unit else None)
            return Lookup(resolution, title, state, protocol, unit, superseded)

    def next_steps(self, *, code: str, actor: str, station: str) -> tuple[NextStep, ...]:
        """What can be done with what was scanned, by this person at this station, and what cannot and why."""
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            resolution = resolve(transaction, registry, asked(code))
            place = registry.station(station)
            if resolution.coi is None or place is None:
                return ()
            known = self._memory.therapy(transaction, resolution.coi)
            protocol = self._protocol(transaction, known.state) if known else None
            if known is None or protocol is None:
                return ()
            others = occupants(transaction, place.bench)
            now = self._clock.now()
            steps = next_steps(registry, known.state, protocol, resolution, actor, place, now, others)
            unit = known.state.unit(resolution.unit) if resolution.unit else None
            about = (registry, known.state, protocol, unit)
            shown = offered(steps, *about, actor=actor, site=place.site, now=now)
            useless = without_labels(labels_of(transaction, self._memory, known.state.coi))
            return tuple(one for one in shown if one.kind not in useless)

    def bench(self, *, station: str) -> BenchNow | None:
        """The bench of a terminal and who is at it; None for a station this store does not have."""
        with self._store.read() as transaction:
            return Benches(transaction, self._memory, self._decider).at(station)

    def benches(self, *, site: str | None = None) -> tuple[BenchNow, ...]:
        """Every bench that is taken, at one site or all."""
        with self._store.read() as transaction:
            taken = Benches(transaction, self._memory, self._decider).taken()
            return tuple(one for one in taken if site in (None, one.site))

    def trail(self, *, coi: str, as_of: AsOf | None = None) -> Trail:
        """Every event of a therapy, or those known then; raises InputError where there is none."""
        with self._store.read() as transaction:
            if as_of is not None:
                require_reached(transaction, as_of, self._clock.now())
            shown = known(transaction, coi, as_of)
            state = self._state(transaction, coi, shown, as_of)
            if state is None:
                when = "" if as_of is None else f" as known at {as_of}"
                raise InputError(
                    f"There is no therapy {coi} in this store{when}.",
                    remedy="List them with `cartrail board`.",
                )
            protocol = self._protocol(transaction, state)
            registry = self._memory.registry(transaction).state
            teller = FactTeller(registry, numbers_of(shown.entries), limits=limit_titles(protocol))
            found = tuple(_trail_entry(one, state, protocol, teller) for one in transitions(shown.entries))
            openings = _named(shown.entries, transaction.openings_of(coi))
            return Trail(coi, state, protocol, found, openings, as_of, shown.later)

    def therapy(self, *, coi: str) -> tuple[TherapyState, Protocol | None] | None:
        """The state of a therapy with its protocol; None when it is not here."""
        with self._store.read() as transaction:
            known = self._memory.therapy(transaction, coi)
            return None if known is None else (known.state, self._protocol(transaction, known.state))

    def protocol(self, *, sha256: str) -> Protocol | None:
        """A protocol by the digest of its file; None when the store does not hold it."""
        with self._store.read() as transaction:
            return self._decider.protocol(transaction, sha256)

    def protocol_file(self, *, sha256: str) -> bytes | None:
        """The bytes of an adopted protocol file, by their digest."""
        with self._store.read() as transaction:
            return transaction.attachment(sha256)

    def step_titles(self) -> Mapping[int, str]:
        """What each step number stands for here, in order, by the latest adopted protocols."""
        return titles_by_number(self._latest())

    def is_numbered(self, material: Material) -> bool:
        """Whether a protocol of this store numbers the containers of a material: bag 1 of 2."""
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            latest = (registry.latest_protocol(name) for name in registry.protocols)
            found = (self._decider.protocol(transaction, one.sha256) for one in latest if one is not None)
            containers = (one.container(material) for one in found if one is not None)
            return any(one is not None and one.numbered for one in containers)

    def lying_around(self, *, station: str) -> tuple[LyingAround, ...]:
        """What a trainee can choose at a station; nothing in a store in which something really happens."""
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            place = registry.station(station)
            if place is None or registry.purpose not in TRIES:
                return ()
            return lying_around(transaction, self._memory, registry, place)

    def journey_steps(self, *, coi: str) -> tuple[JourneyStep, ...]:
        """The steps of a therapy between the two veins, each with whether it was taken; none if unknown."""
        known = self.therapy(coi=coi)
        return () if known is None or known[1] is None else journey_steps(known[0], known[1])

    def openings(self, *, commitments: Sequence[str]) -> Mapping[str, Opening]:
        """What opens these commitments, as far as it is still held."""
        with self._store.read() as transaction:
            return transaction.openings(commitments)

    def body(self, *, event_id: str) -> bytes | None:
        """The bytes of the entry with this event id."""
        with self._store.read() as transaction:
            return transaction.body_of_event(event_id)

    def place_of_statement(self, *, digest: str) -> tuple[str, int] | None:
        """Chain and sequence of the statement with this digest, as a receipt names it."""
        with self._store.read() as transaction:
            stored = transaction.find_statement(digest)
            return None if stored is None else (stored.chain, stored.sequence)

    def is_printed(self, *, object_id: str) -> bool:
        """Whether any copy of this object's code was ever printed here."""
        with self._store.read() as transaction:
            return bool(transaction.printed_copies(object_id))

    def units_in_box(self, *, box: str) -> tuple[UnitRow, ...]:
        """The units in a box, by the record."""
        with self._store.read() as transaction:
            return tuple(transaction.units_in_box(box))

    def units_at(self, *, site: str) -> tuple[UnitRow, ...]:
        """The units at a site."""
        with self._store.read() as transaction:
            return tuple(transaction.units_at(site))

    def shipments(self, *, carrier: str | None, site: str) -> tuple[Shipment, ...]:
        """The boxes a carrier holds or is to fetch; without a carrier, those that concern a site."""
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            return shipments(
                transaction,
                self._memory,
                registry,
                lambda sha256: self._decider.protocol(transaction, sha256),
                carrier=carrier,
                site=site,
                now=self._clock.now(),
            )

    def booked_shipments(
        self, *, site: str | None = None, carrier: str | None = None, ended: bool = False
    ) -> tuple[ShipmentLine, ...]:
        """The shipments that were booked, by when the carrier comes; with `ended` those that are over too."""
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            return shipment_lines(
                transaction, self._memory, registry, site=site, carrier=carrier, ended=ended
            )

    def shipment(self, *, code: str) -> ShipmentLine:
        """The booked shipment of an id, waybill or SSCC; raises InputError for any other code."""
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            return shipment_line(transaction, self._memory, registry, code)

    def carrier_words(self, *, content: bytes) -> tuple[CarrierWord, ...]:
        """What a carrier's file says, as it happened; raises InputError by line and value."""
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            return carrier_words(transaction, self._memory, registry, content)

    def equipment(self, *, site: str | None = None) -> tuple[EquipmentLine, ...]:
        """The boxes, shippers and loggers of a site, or of all, and whether each is fit now."""
        now = self._clock.now()
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            return equipment_lines(transaction, registry, now, site=site)

    def lots(self, *, site: str | None = None) -> tuple[LotLine, ...]:
        """The lots of goods of a site, or of all, and whether each may be used now."""
        with self._store.read() as transaction:
            return lot_lines(self._memory.registry(transaction).state, self._clock.now(), site=site)

    def recall_owed(self, *, lot: str) -> int:
        """To how many therapies a recall still owes something; 0 for a lot that is not recalled."""
        with self._store.read() as transaction:
            known = self._memory.registry(transaction).state.lot(lot)
            if known is None or known.status is not LotStatus.RECALLED:
                return 0
            return len(owed_to(transaction, self._memory, known))

    def trace(self, *, thing: str) -> ThingTrace:
        """Which cells a lot, an instrument or a person touched; raises InputError for anything else."""
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            if registry.person(thing) is not None:
                return trace_person(transaction, self._memory, registry, thing)
            if registry.lot(thing) is None and registry.equipment(thing) is None:
                raise InputError(f"There is no lot, instrument or person {thing[:40]} in this store.")
            return trace_thing(transaction, self._memory, registry, thing)

    def shared_places(self, *, coi: str, hours: int = 24) -> tuple[SharedPlace, ...]:
        """Other therapies at the same benches and instruments within so many hours; none is written to."""
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            return shared_places(transaction, self._memory, registry, coi, timedelta(hours=hours))

    def making(self, *, coi: str) -> tuple[MadeStep, ...]:
        """The steps of the process of a therapy; raises InputError where there is no such therapy."""
        with self._store.read() as transaction:
            state = self._known(transaction, coi)
            registry = self._memory.registry(transaction).state
            return tuple(made_steps(entries(transaction, coi), self._protocol(transaction, state), registry))

    def growth(self, *, coi: str) -> tuple[GrowthView, ...]:
        """The counted cultures of a therapy, one for each manufacture; InputError where there is no such."""
        with self._store.read() as transaction:
            state = self._known(transaction, coi)
            registry = self._memory.registry(transaction).state
            clock = offset_of(registry, state.sites.manufacturing)
            return tuple(growths(state, self._protocol(transaction, state), clock))

    def releases(self, *, coi: str) -> tuple[ReleaseView, ...]:
        """What the release of each manufacture would be decided by now; InputError where there is none."""
        now = self._clock.now()
        with self._store.read() as transaction:
            state = self._known(transaction, coi)
            protocol = self._protocol(transaction, state)
            registry = self._memory.registry(transaction).state
            if protocol is None:
                return ()
            prints = tuple(record_of(row) for row in transaction.copies_for(sorted(state.units)))
            known = entries(transaction, coi)
            return tuple(release_views(registry, state, protocol, now, prints=prints, entries=known))

    def preparation(self, *, coi: str) -> PreparedProduct | None:
        """A product as it is prepared now; None without its protocol, InputError for no therapy."""
        with self._store.read() as transaction:
            state = self._known(transaction, coi)
            protocol = self._protocol(transaction, state)
            registry = self._memory.registry(transaction).state
            known = entries(transaction, coi)
            return None if protocol is None else preparation_of(state, protocol, registry, known)

    def watch(self, *, coi: str) -> WatchedTherapy | None:
        """A patient after the infusion; None without the protocol, InputError for no therapy."""
        now = self._clock.now()
        with self._store.read() as transaction:
            state = self._known(transaction, coi)
            protocol = self._protocol(transaction, state)
            if protocol is None:
                return None
            registry = self._memory.registry(transaction).state
            trace = partial(trace_unit, transaction, self._memory, registry, coi)
            return watched(state, protocol, registry, entries(transaction, coi), trace, now)

    def duties_due(self, *, until: str, site: str | None = None) -> tuple[DutyLine, ...]:
        """What is due to a day after infusions and was not recorded, the earliest first."""
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            found = due_lines(
                transaction,
                self._memory,
                registry,
                lambda sha256: self._decider.protocol(transaction, sha256),
                until=until,
                now=self._clock.now(),
                site=site,
            )
            return tuple(sorted(found, key=lambda one: (one.due_on, one.coi, one.duty)))

    def trace_unit(self, *, coi: str, unit: str) -> UnitTrace:
        """What a unit was made from, what was made of it, and everything that touched it."""
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            return trace_unit(transaction, self._memory, registry, coi, unit)

    def trace_event(self, *, event_id: str) -> tuple[UnitTrace, ...]:
        """The same of each unit that an event is about."""
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            coi, units = units_of_event(transaction, self._memory, event_id)
            return tuple(trace_unit(transaction, self._memory, registry, coi, unit) for unit in units)

    def items_described(self) -> frozenset[str]:
        """The items that the latest adopted protocols have a word for."""
        return frozenset(name for protocol in self._latest() for name in protocol.items)

    def equipment_line(self, *, equipment: str) -> EquipmentLine | None:
        """One box, shipper or logger as it stands now; None for an id that is none."""
        now = self._clock.now()
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            one = registry.equipment(equipment)
            return None if one is None else equipment_line(transaction, registry, one, now)

    def equipment_uses(self, *, equipment: str, since: datetime | None = None) -> tuple[EquipmentUse, ...]:
        """For which cells a box or logger was used, from a time on."""
        with self._store.read() as transaction:
            return uses_of(transaction, equipment, since)

    def unfit_to_pack(self, *, equipment: str, station: str, opened: str | None = None) -> Violation | None:
        """Why nothing may be packed in or with it at this station, with what else the site has.

        A carrier's own is fit as far as can be said before the carrier is named; what lies in the box that is
        `opened` is free.
        """
        now = self._clock.now()
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            one, place = registry.equipment(equipment), registry.station(station)
            if one is None or place is None:
                return None
            return unfit_here(transaction, registry, one, place.site, now, opened)

    def pick_ups(self, *, coi: str) -> tuple[PickUp, ...]:
        """What a carrier could be booked for now; raises InputError for ntherapy of that code."""
        with self._store.read() as transaction:
            known = self._known(transaction, coi)
            protocol = self._decider.protocol(transaction, known.protocol.sha256)
            if protocol is None:
                return ()
            registry = self._memory.registry(transaction).state
            return pick_ups(transaction, registry, known, protocol, self._clock.now())

    def plan(self, *, coi: str) -> tuple[PlanLine, ...]:
        """What is booked for a therapy; raises InputError for none, or one whose protocol plans nothing."""
        with self._store.read() as transaction:
            return self._planning(transaction, coi).lines()

    def logger_file(
        self, *, stream: BinaryIO, shipment: str | None = None, location: str | None = None, said: SaidOfFile
    ) -> LoggerFileView:
        """What a logger's file says of a shipment or a place, by any code of it; it writes nothing.

        A box stands for the shipment that is in it, or was last. Raises InputError for what is neither, and
        Refusal for the file of another logger.
        """
        if (shipment is None) is (location is None):
            raise InputError(
                "A logger's file is of a shipment or of a place.", remedy="Name one of them, and not both."
            )
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            if shipment is not None:
                named = shipment_named(transaction, self._memory, registry, shipment, is_packed=True)
                subject = Subject(shipment=named)
            else:
                found = resolve(transaction, registry, asked(location or ""))
                place = registry.location(found.object_id or location or "")
                if place is None:
                    raise InputError(
                        f"There is no place {(location or '')[:40]}.", remedy="Scan the code of the place."
                    )
                subject = Subject(place=place)
            return logger_file(
                transaction,
                self._memory,
                registry,
                lambda sha256: self._decider.protocol(transaction, sha256),
                stream,
                subject,
                said,
                self._clock.now(),
            )

    def therapy_readings(self, *, coi: str) -> TherapyReadings | None:
        """What loggers recorded beside the cells of a therapy, with curves; None where it is not here."""
        with self._store.read() as transaction:
            known = self._memory.therapy(transaction, coi)
            registry = self._memory.registry(transaction).state
            if known is None:
                return None
            protocol = self._decider.protocol(transaction, known.state.protocol.sha256)
            return therapy_readings(transaction, registry, known.state, protocol, self._clock.now())

    def plan_offer(
        self, *, coi: str, ready: date | None = None, priority: Priority | None = None
    ) -> PlanOffer:
        """The chain that could be booked for a therapy now; it writes nothing."""
        with self._store.read() as transaction:
            return self._planning(transaction, coi).offer(ready, priority)

    def plan_move(
        self, *, coi: str, milestone: str, start: datetime, resource: str | None = None
    ) -> PlanMove:
        """What would be moved with a booked milestone; it writes nothing."""
        with self._store.read() as transaction:
            return self._planning(transaction, coi).move(milestone, start, resource)

    def plan_week(self, *, first: date, site: str | None = None) -> tuple[ResourceWeek, ...]:
        """How full each resource is over seven days."""
        with self._store.read() as transaction:
            return week(transaction, self._memory.registry(transaction).state, first, site=site)

    def today(
        self,
        *,
        site: str | None = None,
        hours: int = HOURS,
        carrier: str | None = None,
        lines: int | None = None,
    ) -> Today:
        """The morning of a site, or of the whole network: what is late, due, on the road and in the tanks.

        With a carrier only what it carries or is to fetch is due and on the road, at whichever site. With
        `lines` only so many of what is late and of what is due, the first ones, and no counts: what fills a
        screen while the rest is read.
        """
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            reads = (transaction, self._memory, self._decider, registry, self._clock.now())
            view = TodayView(*reads, kept=self._kept_forecasts, site=site, carrier=carrier)
            return view.today(hours) if lines is None else view.first_lines(hours, lines)

    def measures(self, wish: MeasureWish, *, with_values: bool = False) -> MeasureReport:
        """The measures as the table of histories has them; raises ReadTableDiffers for a row that is none."""
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            kept = histories_kept(transaction)
        return report(kept, registry, self._clock.now(), wish, with_values=with_values)

    def quality(self, *, month: date, site: str | None = None) -> QualityReport:
        """The figures of quality for a month, given by its first day, worked out from every entry."""
        with self._store.read() as transaction:
            chains = [chain for chain in transaction.chains() if chain != REGISTRY]
            told = ([one.statement for one in entries(transaction, chain)] for chain in chains)
            found = quality_figures(told, month, self._clock.now(), site=site)
        return QualityReport(month, site, len(chains), found)

    def measures_from_ledger(
        self, wish: MeasureWish, *, watch: Callable[[int], None], with_values: bool = False
    ) -> MeasureReport:
        """The same by the entries alone, with the therapies of which the table says something else.

        `watch` is told of each therapy that was replayed.
        """
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            found, differing = histories_replayed(transaction, watch)
        now = self._clock.now()
        return report(found, registry, now, wish, with_values=with_values, differing=differing)

    def promised(self, *, site: str | None = None, limit: int = 12) -> tuple[PromisedLine, ...]:
        """The next infusions in beds of the network, or of therapies in which a site has a part."""
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            return tuple(promised(transaction, registry, self._clock.now(), site=site, limit=limit))

    def therapy_forecast(self, *, coi: str) -> TherapyForecast | None:
        """How a therapy stands and why, and when its milestones will be; None for one that is not here."""
        with self._store.read() as transaction:
            row = transaction.therapy(coi)
            return None if row is None else self._forecasts(transaction).line(row)

    def forecasts(self, *, site: str | None = None, limit: int | None = None) -> Iterator[TherapyForecast]:
        """Every running therapy with how it stands and why, by its code."""
        after, left = "", limit
        while left is None or left > 0:
            with self._store.read() as transaction:
                size = FORECAST_PAGE if left is None else min(left, FORECAST_PAGE)
                rows = transaction.therapies_by_id(limit=size, after=after, site=site, status="active")
                view = self._forecasts(transaction)
                lines = [view.line(row) for row in rows]
            yield from lines
            if len(rows) < size:
                return
            after, left = rows[-1].coi, None if left is None else left - len(rows)

    def _forecasts(self, transaction: Transaction) -> ForecastView:
        registry = self._memory.registry(transaction).state
        return ForecastView(transaction, self._decider, registry, self._clock.now())

    def booked_on(self, *, resource: str, first: date, last: date) -> tuple[BookedPlace, ...]:
        """Who has a place of a resource between two days, and whether it begins then."""
        with self._store.read() as transaction:
            return booked_on(transaction, self._memory.registry(transaction).state, resource, first, last)

    def _latest(self) -> tuple[Protocol, ...]:
        """The latest adopted version of each protocol."""
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            latest = (registry.latest_protocol(name) for name in sorted(registry.protocols))
            found = (self._decider.protocol(transaction, one.sha256) for one in latest if one is not None)
            return tuple(one for one in found if one is not None)

    def _known(self, transaction: Transaction, coi: str) -> TherapyState:
        known = self._memory.therapy(transaction, coi)
        if known is None:
            raise InputError(
                f"There is no therapy {coi[:40]} in this store.",
                remedy="See `cartrail board`.",
                code="unknown_therapy",
            )
        return known.state

    def _planning(self, transaction: Transaction, coi: str) -> TherapyPlanning:
        known = self._known(transaction, coi)
        protocol = self._decider.protocol(transaction, known.protocol.sha256)
        registry = self._memory.registry(transaction).state
        return TherapyPlanning(transaction, registry, known, protocol, self._clock.now())

    def alerts(self, *, site: str | None = None, staff: str | None = None) -> tuple[AlertLine, ...]:
        """What calls for somebody now, the gravest first: of therapies in which a site has a part.

        With `staff` only what this person may acknowledge; what somebody has seen stays until its cause ends.
        """
        with self._store.read() as transaction:
            registry, now = self._memory.registry(transaction).state, self._clock.now()
            view = AlertView(transaction, self._memory, self._decider, registry, now)
            found = view.lines(site=site)
            return tuple(one for one in found if staff is None or may_see_to(one, registry, staff, now))

    def therapy_alerts(self, *, coi: str) -> tuple[AlertLine, ...]:
        """What calls for somebody in one therapy now, the gravest first."""
        with self._store.read() as transaction:
            registry, now = self._memory.registry(transaction).state, self._clock.now()
            return AlertView(transaction, self._memory, self._decider, registry, now).of_therapy(coi)

    def notes(self, *, coi: str) -> tuple[NoteLine, ...]:
        """The notes of a therapy, the newest first; none for one that is not here."""
        with self._store.read() as transaction:
            known = self._memory.therapy(transaction, coi)
            return () if known is None else notes_of(transaction, known.state)

    def site_notes(
        self, *, since: datetime, site: str | None = None, limit: int = PAGE
    ) -> tuple[NoteLine, ...]:
        """What was noted from a time on of running therapies in which a site has a part, the newest first."""
        with self._store.read() as transaction:
            return notes_at(transaction, self._memory, site=site, since=since, limit=limit)

    def deviations(self, *, is_open: bool = True, site: str | None = None) -> tuple[DeviationLine, ...]:
        """Deviations that are not closed, or all; of therapies in which a site has a part."""
        with self._store.read() as transaction:
            return tuple(deviations(transaction, self._memory, is_open=is_open, site=site))

    def deviation_background(self, *, deviation: str) -> DeviationBackground | None:
        """What a deviation is about, by the event that drafted or opened it; None for any other id."""
        with self._store.read() as transaction:
            return background(
                transaction,
                self._memory,
                self._memory.registry(transaction).state,
                lambda sha256: self._decider.protocol(transaction, sha256),
                deviation,
            )

    def deviation(self, *, deviation: str) -> DeviationLine:
        """One deviation by the event that drafted or opened it; raises InputError for any other id."""
        with self._store.read() as transaction:
            found = deviation_of(transaction, self._memory, deviation)
        if found is None:
            raise InputError(
                f"There is no deviation {deviation[:40]!r} in this store.",
                remedy="See `cartrail deviation list --all`.",
                code="deviation_unknown",
            )
        return found

    def worklist(self, *, actor: str, station: str, coi: str = "", is_bench_free: bool = False) -> Worklist:
        """What waits at this station's site for this person, of one therapy or all; the most urgent first.

        With `is_bench_free` also what waits only until the bench of the station is cleared.
        """
        now = self._clock.now()
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            place = registry.station(station)
            if place is None:
                return Worklist(())
            reads = (transaction, self._memory, self._decider, registry)
            return worklist(*reads, station=place, actor=actor, now=now, coi=coi, is_bench_free=is_bench_free)

    def left_open(self, *, staff: str, station: str) -> LeftOpen:
        """What this person leaves open at this station's site."""
        with self._store.read() as transaction:
            place = self._memory.registry(transaction).state.station(station)
            if place is None:
                return LeftOpen(staff)
            return left_open(transaction, self._memory, self._decider, staff=staff, site=place.site)

    def scanned(self, *, code: str, kind: str, actor: str, station: str, at: str | None = None) -> RackItem:
        """One code scanned into a rack, judged for the step of the rack; raises BadCode for a misread one.

        `at` is the location or box of the rack.
        """
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            resolution = resolve(transaction, registry, asked(code))
            place = registry.station(station)
            known = self._memory.therapy(transaction, resolution.coi) if resolution.coi else None
            if known is None or place is None:
                return rack_item(resolution, None, None)
            unit = known.state.unit(resolution.unit) if resolution.unit else None
            protocol = self._decider.protocol(transaction, known.state.protocol.sha256)
            if unit is None or protocol is None or not kind:
                return rack_item(resolution, known.state, None)
            others = occupants(transaction, place.bench)
            found = judged(
                *(registry, known.state, protocol, resolution),
                kind=kind,
                actor=actor,
                station=place,
                now=self._clock.now(),
                at_bench=others,
                place=at,
                prints=tuple(record_of(row) for row in transaction.copies_for([unit.unit])),
            )
            return rack_item(resolution, known.state, found)

    def value_violation(self, *, typed: TypedValue) -> Violation | None:
        """Why a value just typed or scanned is not as it has to be for the units it is about."""
        with self._store.read() as transaction:
            return value_violation(
                transaction,
                self._memory,
                self._memory.registry(transaction).state,
                lambda sha256: self._decider.protocol(transaction, sha256),
                typed,
            )

    def units_in_location(self, *, location: str) -> tuple[UnitRow, ...]:
        """The units put away in a location, by the record."""
        with self._store.read() as transaction:
            return tuple(transaction.units_in_location(location))

    def storage(self, *, site: str | None = None) -> tuple[StorageMap, ...]:
        """The storage places of a site, or of all, each with what lies in it."""
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            return tuple(storage_map(transaction, one) for one in storage_places(registry, site=site))

    def storage_map(self, *, location: str) -> StorageMap:
        """A place with what lies in it; raises InputError for an id that is none."""
        with self._store.read() as transaction:
            return storage_map(transaction, self._place(transaction, location))

    def count_preview(self, *, location: str, codes: Sequence[str]) -> CountPreview:
        """What a count of these codes would say of a place; raises InputError for an id that is none."""
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            return count_preview(transaction, registry, self._place(transaction, location), codes)

    def position_violation(
        self, *, location: str, position: str, unit: str, moved: Sequence[str] = ()
    ) -> Violation | None:
        """Why a unit cannot lie in a position of a place, unless what is `moved` with it leaves that."""
        with self._store.read() as transaction:
            place = self._place(transaction, location)
            return position_violation(transaction, place, position, unit, moved)

    def _place(self, transaction: Transaction, location: str) -> Location:
        place = self._memory.registry(transaction).state.location(location)
        if place is None:
            raise InputError(
                f"There is no place {location[:40]!r} in this store.",
                remedy="See `cartrail storage map`.",
                code="location_unknown",
            )
        return place

    def labels(
        self, *, coi: str | None = None, site: str | None = None, station: str | None = None
    ) -> tuple[LabelAccount, ...]:
        """The account of each label of a therapy, or of those printed at a site; open ones first."""
        with self._store.read() as transaction:
            if coi is not None:
                return labels_of(transaction, self._memory, coi)
            return labels_at(transaction, self._memory, site or "", station)

    def key_notices(self, *, staff: str) -> tuple[Notice, ...]:
        """What this person has to be told of one-time codes and keys made anew, the newest last."""
        with self._store.read() as transaction:
            return key_notices(self._memory.registry(transaction).state, staff, self._clock.now())

    def label_stock(self, *, site: str | None = None) -> tuple[StockCount, ...]:
        """The counted sets of blank labels, of one site or of all."""
        with self._store.read() as transaction:
            return stock_at(transaction, self._memory.registry(transaction).state, site)

    def search(self, *, text: str, limit: int) -> tuple[BoardRow, ...]:
        """The therapies whose COI, unit or adopted code begins with a text."""
        with self._store.read() as transaction:
            board = self._board(transaction)
            rows = (transaction.therapy(coi) for coi in cois_beginning(transaction, text, limit=limit))
            return tuple(board.row(row) for row in rows if row is not None)

    def journey(self, *, coi: str) -> TherapyJourney | None:
        """A therapy from vein to vein, as far as it is recorded; None for one that is not here."""
        with self._store.read() as transaction:
            known, row = self._memory.therapy(transaction, coi), transaction.therapy(coi)
            if known is None or row is None:
                return None
            registry, now = self._memory.registry(transaction).state, self._clock.now()
            forecasts = self._forecasts(transaction)
            line = BoardView(transaction, self._decider, registry, now, forecasts).row(row)
            ahead = () if known.state.plan is None else forecasts.line(row).milestones
            protocol = self._protocol(transaction, known.state)
            return journey(registry, known.state, protocol, line, now, ahead)

    def _board(self, transaction: Transaction) -> BoardView:
        registry, now = self._memory.registry(transaction).state, self._clock.now()
        forecasts = ForecastView(transaction, self._decider, registry, now, self._kept_forecasts)
        return BoardView(transaction, self._decider, registry, now, forecasts)

    def _state(
        self, transaction: Transaction, coi: str, shown: Known, as_of: AsOf | None
    ) -> TherapyState | None:
        if as_of is not None:
            return replay((entry.sequence, entry.statement) for entry in shown.entries)
        now = self._memory.therapy(transaction, coi)
        return None if now is None else now.state

    def _protocol(self, transaction: Transaction, state: TherapyState) -> Protocol | None:
        return self._decider.protocol(transaction, state.protocol.sha256)


def _named(entries: Iterable[Entry], openings: Mapping[str, Opening]) -> dict[str, Opening]:
    """The openings of what these entries commit to."""
    said = {name.decode() for entry in entries for name in _COMMITMENT.findall(entry.body)}
    return {key: one for key, one in openings.items() if key in said}


def _trail_entry(
    one: Transition, state: TherapyState, protocol: Protocol | None, teller: FactTeller
) -> TrailEntry:
    marks = one.marks(protocol, teller.registry)
    return TrailEntry(
        one.entry,
        step_title(protocol, state, one.entry.statement),
        tuple(mark.words for mark in marks),
        any(mark.is_grave for mark in marks),
        teller.facts(one.entry),
        teller.reads(one.entry),
    )


def _title(registry: RegistryState, found: Found, object_id: str | None, material: Material | None) -> str:
    if found is Found.LOCATION and object_id:
        location = registry.location(object_id)
        return f"location {location.title} at {location.site}" if location else "location"
    if found is Found.LOT and object_id:
        lot = registry.lot(object_id)
        return lot_named(lot) if lot else "lot"
    if found in (Found.BOX, Found.DATA_LOGGER, Found.INSTRUMENT) and object_id:
        equipment = registry.equipment(object_id)
        return f"{equipment.equipment_type.value.replace('_', ' ')} {equipment.title}" if equipment else found
    if found is Found.BADGE and object_id:
        owner = registry.badge_owner(object_id)
        return f"badge of {owner.name} ({owner.staff})" if owner else "badge, revoked"
    if material is not None:
        return f"{found.value} of {material.value.replace('_', ' ')}"
    return "announced code" if found is Found.ANNOUNCED else found.value.replace("_", " ")
