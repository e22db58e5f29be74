"""Gathering what a decision looks at, and deciding: the part of an act before anybody signs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from schema.commitments import Opening
from schema.entry import REGISTRY, Statement
from schema.errors import Refusal
from tracker.acts.erasing import erasing
from tracker.acts.gathering import (
    NO_BENCH,
    NO_RECALL,
    BenchView,
    RecallView,
    alerts_to_acknowledge,
    bench_to_clear,
    bench_to_work_at,
    beside_logger,
    closed_boxes,
    found_to_review,
    in_boxes,
    in_shipments,
    instruments_to_work_in,
    is_about_a_plan,
    is_taken,
    lots_behind,
    lying_in,
    named_statements,
    places_left,
    put_away_in,
    recalled_in,
    require_free,
    shared_names,
    shipping_view,
    signed_before,
    still_inside,
    therapies_left,
    units_left,
    uses_in_doubt,
)
from tracker.acts.intake import (
    Intake,
    occurrence,
    require_floor,
    require_own_clock,
    require_read,
    require_reason,
)
from tracker.acts.print_records import blanks_in_use, printed_for_units, prints_for
from tracker.acts.randomness import SaltsAndIds
from tracker.acts.resolving import resolve_all
from tracker.acts.state_cache import KnownRegistry, KnownTherapy, StateCache
from tracker.ledger.conflicts import SharedConflict
from tracker.ledger.transaction import Transaction
from tracker.local_time import offset_of
from tracker.protocols.library import parse_protocol
from tracker.protocols.model import Protocol
from tracker.registry.decide import decide_registry
from tracker.registry.requests import RegistryRequest
from tracker.registry.situation import RegistrySituation
from tracker.requests.base import Request
from tracker.rules.authority import signer_violation, station_violation
from tracker.rules.bookable import PlaceView
from tracker.rules.decision import Decision, Denied, Notice, Violation
from tracker.rules.equipment_use import EquipmentUse
from tracker.rules.limits_judged import limits_judged
from tracker.rules.registry_state import RegistryState, Station
from tracker.rules.selection import patient_identifiers
from tracker.rules.situation import PATIENT_FIELD, Found, Occupant, Resolution, Situation, patient_value
from tracker.rules.therapy_state import TherapyState, TherapyStatus, UnitState
from tracker.therapy.conditions.requests import RecordConditions
from tracker.therapy.decide import Placed, decide, placed
from tracker.therapy.erasure import Erase
from tracker.therapy.evolve import evolve
from tracker.therapy.identity.requests import Enroll
from tracker.therapy.review import ReviewTrail


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from, as far as the program itself knows it."""

    by_program: bool = False
    code_shown_by: str | None = None
    """The person whose one-time code was just checked against its hash."""


FROM_OUTSIDE = Origin()


class Context(Struct, frozen=True):
    """What is known about an act before it is decided."""

    intake: Intake
    registry: KnownRegistry
    therapies: Mapping[str, KnownTherapy]
    protocols: Mapping[tuple[str, int], Protocol]
    station: Station
    now: datetime
    occurred_at: datetime
    offset: str
    shared: Mapping[str, int]
    """Versioned rows that this act depends on, as they were before anything was read."""

    line: BenchView = NO_BENCH
    in_doubt: tuple[EquipmentUse, ...] = ()
    """Uses of what the request says is unfit, lost or quarantined."""

    inside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The units in the place whose conditions the request sets, or in the box that it doubts, by therapy."""

    in_instruments: Mapping[str, tuple[Occupant, ...]] = field(default_factory=dict)
    """Who is in each exclusive instrument that was scanned."""

    recalled: RecallView = NO_RECALL
    origin: Origin = FROM_OUTSIDE

    shown_at: datetime | None = None
    """When it was shown for signing; None where it is recorded at once."""

    @property
    def request(self) -> Request:
        """What is asked."""
        return self.intake.request

    @property
    def offset_now(self) -> str:
        """The local offset of the station's site."""
        return offset_of(self.registry.state, self.station.site)(self.now)


class Decided(Struct, frozen=True):
    """An act that the rules let through, or whose refusal leaves evidence."""

    context: Context
    placed: tuple[Placed, ...]
    statements: tuple[Statement, ...]
    refusal: Violation | None = None
    notices: tuple[Notice, ...] = ()
    again: tuple[str, ...] = ()
    """The evidence of the same attempt, beside which this refusal is counted."""

    @property
    def signer_violation(self) -> Violation | None:
        """What keeps the named signers from being the set the act needs."""
        context = self.context
        drafts = [one.draft for one in self.placed]
        return signer_violation(context.registry.state, context.request, drafts, context.now)


class Decider:
    """Loads states and decides; it writes nothing."""

    def __init__(self, memory: StateCache, protocols: dict[str, Protocol]) -> None:
        self._memory = memory
        self._protocols = protocols
        """Parsed protocols by SHA-256."""

    def context(
        self, transaction: Transaction, intake: Intake, now: datetime, frozen_at: datetime | None = None
    ) -> tuple[Context, Mapping[str, Resolution]]:
        """Everything one request needs; raises CartrailError when it cannot be judged at all."""
        request = intake.request
        registry = self._memory.registry(transaction)
        violation = station_violation(registry.state, request.station)
        station = registry.state.station(request.station)
        if violation is not None or station is None:
            raise Refusal(
                violation.message if violation else "No station.",
                remedy=violation.remedy if violation else None,
                code=violation.rule if violation else None,
            )
        require_reason(request)
        require_read(request, registry.state.purpose)
        clock = offset_of(registry.state, station.site)
        occurred_at, offset = occurrence(request, now, clock)
        require_own_clock(intake, clock)
        resolutions = resolve_all(transaction, registry.state, request)
        names = shared_names(registry.state, request, resolutions, now)
        shared = {name: transaction.version(name) for name in names}
        if shared and transaction.others_commit:
            # What was looked up to know these names may have changed before their versions were read.
            resolutions = resolve_all(transaction, registry.state, request)
        resolutions = printed_for_units(transaction, request, resolutions)
        line = bench_to_clear(transaction, station, request)
        in_doubt = uses_in_doubt(transaction, request, resolutions, now)
        recalled = recalled_in(transaction, self._memory, registry.state, request, resolutions)
        inside = {**put_away_in(transaction, request, resolutions), **still_inside(in_doubt)}
        beside = beside_logger(transaction, request, resolutions)
        concerned = (*(use.coi for use in in_doubt), *inside, *beside, *recalled.next)
        therapies = self._therapies(transaction, resolutions, line, concerned)
        protocols = self._pinned(transaction, registry.state, request, therapies)
        if line is NO_BENCH:
            line = bench_to_work_at(transaction, station, request, therapies.values(), protocols)
        within = instruments_to_work_in(transaction, registry.state, request, resolutions, protocols.values())
        shared.update({**line.shared, **within.shared})
        shared.update({one: transaction.version(one) for one in lots_behind(request, therapies.values())})
        if shared and transaction.others_commit:
            self._require_registry(transaction, registry)
        states = [known.state for known in therapies.values()]
        require_floor(request, occurred_at, registry.state, states, clock)
        happened, offset = (occurred_at, offset) if frozen_at is None else (frozen_at, clock(frozen_at))
        context = Context(
            *(intake, registry, therapies, protocols, station, now, happened, offset, shared),
            line=line,
            in_doubt=in_doubt,
            inside=inside,
            in_instruments=within.inside,
            recalled=recalled,
        )
        return context, resolutions

    def _require_registry(self, transaction: Transaction, seen: KnownRegistry) -> None:
        """Raise SharedConflict where the registry has grown before the shared rows were read."""
        if self._memory.registry(transaction).tip.head != seen.tip.head:
            raise SharedConflict(REGISTRY)

    def decide(
        self,
        transaction: Transaction,
        context: Context,
        resolutions: Mapping[str, Resolution],
        drawn: SaltsAndIds,
    ) -> Decided:
        """The decision as frozen statements; a refusal has the statements that are its evidence."""
        require_free(transaction, context.request)
        drawn.begin(lambda object_id: is_taken(transaction, object_id))
        decision = self._decision(transaction, context, resolutions, drawn)
        refusal = decision.reason if isinstance(decision, Denied) else None
        if refusal is not None:
            # What was tried is evidence of now; the time that was declared is part of what was refused.
            context = replace(context, occurred_at=context.now, offset=context.offset_now)
        drafts = placed(context.request.event_id, decision.events)
        if isinstance(decision, Denied):
            statements = tuple(_statement(context, one) for one in drafts)
            return Decided(context, drafts, statements, refusal, again=decision.again)
        statements = tuple(_judged_statements(context, drafts))
        return Decided(context, drafts, statements, refusal, decision.notices)

    def _decision(
        self,
        transaction: Transaction,
        context: Context,
        resolutions: Mapping[str, Resolution],
        drawn: SaltsAndIds,
    ) -> Decision:
        request = context.request
        if isinstance(request, RegistryRequest):
            situation = RegistrySituation(
                registry=context.registry.state,
                now=context.now,
                shown_at=context.now if context.shown_at is None else context.shown_at,
                station=context.station.id,
                offset_of=offset_of(context.registry.state, context.station.site),
                clock_of=partial(offset_of, context.registry.state),
                fresh=drawn.fresh,
                commit=lambda field, value: drawn.commit(REGISTRY, field, value),
                code_shown_by=context.origin.code_shown_by,
                by_program=context.origin.by_program,
                inside=_inside(context),
                resolutions=resolutions,
                touched={coi: context.therapies[coi].state for coi in context.recalled.next},
                touched_left=context.recalled.left,
                **_boxes(transaction, context, resolutions),
            )
            return decide_registry(situation, request)
        return decide(
            Situation(
                registry=context.registry.state,
                therapies={coi: known.state for coi, known in context.therapies.items()},
                protocols=context.protocols,
                resolutions=resolutions,
                openings=self._openings(transaction, context),
                occurred_at=context.occurred_at,
                now=context.now,
                station=context.station,
                offset_of=offset_of(context.registry.state, context.station.site),
                clock_of=partial(offset_of, context.registry.state),
                commit=drawn.commit,
                fresh=drawn.fresh,
                statements=named_statements(transaction, request),
                signed=signed_before(transaction, request),
                found=self._found(transaction, context),
                alerts=alerts_to_acknowledge(
                    *(request, context.registry.state, context.therapies.values(), context.protocols),
                    context.now,
                ),
                closed_boxes=closed_boxes(transaction, request),
                in_boxes=in_boxes(transaction, self._memory, request),
                lying=lying_in(transaction, request, resolutions),
                same_patient=self._same_patient(transaction, context.request),
                at_bench=context.line.occupants,
                in_instruments=context.in_instruments,
                prints=prints_for(transaction, request, resolutions, context.therapies),
                places=_places(transaction, context),
                shipping=shipping_view(transaction, context.registry.state, request, resolutions),
            ),
            request,
        )

    def _found(self, transaction: Transaction, context: Context) -> tuple[tuple[str, int], ...]:
        """What the checks find in the trail that a review is to be signed for."""
        if not isinstance(context.request, ReviewTrail):
            return ()
        found: list[tuple[str, int]] = []
        for known in context.therapies.values():
            state = known.state
            protocol = context.protocols.get((state.protocol.id, state.protocol.version))
            registry = context.registry.state
            found += found_to_review(transaction, registry, state, protocol, context.request)
        return tuple(found)

    def _same_patient(self, transaction: Transaction, request: Request) -> tuple[TherapyState, ...]:
        """Active therapies with an identifier of the patient to be enrolled, by what is still held in clear.

        A foreign identifier that was read by mistake is held for another therapy too; it names nobody there.
        """
        if not isinstance(request, Enroll):
            return ()
        held = (
            one
            for item in request.patient
            for one in transaction.openings_with(PATIENT_FIELD, patient_value(item))
        )
        commitments: dict[str, set[str]] = {}
        for one in held:
            commitments.setdefault(one.chain, set()).add(one.opening.commitment)
        known = [self._memory.therapy(transaction, chain) for chain in sorted(commitments)]
        return tuple(
            one.state
            for one in known
            if one is not None
            and one.state.status is TherapyStatus.ACTIVE
            and not commitments[one.state.coi].isdisjoint(one.state.patient_identifiers)
        )

    def _openings(self, transaction: Transaction, context: Context) -> Mapping[str, Opening]:
        """The committed values that the request is compared with, or is to erase."""
        if isinstance(context.request, Erase):
            return {
                commitment: opening
                for coi in context.therapies
                for commitment, opening in erasing(transaction, self._memory, coi).openings.items()
            }
        states = [known.state for known in context.therapies.values()]
        wanted = [before.commitment for state in states for before in state.last_prevented]
        if isinstance(context.request, RecordConditions):
            wanted += [read.file for state in states for read in state.files_read]
        if patient_identifiers(context.request):
            wanted += [item for state in states for item in state.patient_identifiers]
        return transaction.openings(wanted) if wanted else {}

    def _therapies(
        self,
        transaction: Transaction,
        resolutions: Mapping[str, Resolution],
        line: BenchView,
        concerned: Iterable[str],
    ) -> Mapping[str, KnownTherapy]:
        cois = {item.coi for item in resolutions.values() if item.coi is not None}
        cois.update(other.coi for other in line.occupants)
        cois.update(concerned)
        cois.update(in_shipments(transaction, resolutions))
        for item in resolutions.values():
            if item.found is Found.BOX and item.object_id is not None:
                cois.update(row.coi for row in transaction.units_in_box(item.object_id))
        loaded = {coi: self._memory.therapy(transaction, coi) for coi in sorted(cois)}
        return {coi: known for coi, known in loaded.items() if known is not None}

    def _pinned(
        self,
        transaction: Transaction,
        registry: RegistryState,
        request: Request,
        therapies: Mapping[str, KnownTherapy],
    ) -> Mapping[tuple[str, int], Protocol]:
        pins = {
            (known.state.protocol.id, known.state.protocol.version): known.state.protocol.sha256
            for known in therapies.values()
        }
        named = {protocol for protocol, _ in pins}
        if isinstance(request, Enroll):
            named.add(request.protocol)
        for name in named:
            for version in registry.protocols.get(name, ()):
                pins[version.protocol, version.version] = version.sha256
        found = {pin: self.protocol(transaction, sha256) for pin, sha256 in pins.items()}
        return {pin: protocol for pin, protocol in found.items() if protocol is not None}

    def protocol(self, transaction: Transaction, sha256: str) -> Protocol | None:
        """A protocol by the SHA-256 of its file; None when the store does not hold it."""
        known = self._protocols.get(sha256)
        if known is None:
            content = transaction.attachment(sha256)
            if content is None:
                return None
            known = self._protocols[sha256] = parse_protocol(content).protocol
        return known


def _places(transaction: Transaction, context: Context) -> PlaceView | None:
    """What is left for the therapy that a request plans; it reads one therapy, which is the one it names."""
    if not is_about_a_plan(context.request):
        return None
    coi = next(iter(context.therapies), "")
    return places_left(transaction, context.registry.state, coi, context.now)


def _inside(context: Context) -> Mapping[str, tuple[tuple[Protocol, UnitState], ...]]:
    found: dict[str, tuple[tuple[Protocol, UnitState], ...]] = {}
    for coi, names in context.inside.items():
        state = context.therapies[coi].state
        protocol = context.protocols[state.protocol.id, state.protocol.version]
        found[coi] = tuple((protocol, state.units[name]) for name in names)
    return found


def _boxes(
    transaction: Transaction, context: Context, resolutions: Mapping[str, Resolution]
) -> dict[str, Any]:
    """What the registry's rules ask of the boxes that were scanned: which, what is inside, how often used."""
    boxes = {
        key: one.object_id
        for key, one in resolutions.items()
        if one.found is Found.BOX and one.object_id is not None
    }
    equipment = {
        key: one.object_id
        for key, one in resolutions.items()
        if one.found in (Found.BOX, Found.DATA_LOGGER, Found.INSTRUMENT) and one.object_id is not None
    }
    lots = {
        key: one.object_id
        for key, one in resolutions.items()
        if one.found is Found.LOT and one.object_id is not None
    }
    return {
        "boxes": boxes,
        "equipment": equipment,
        "lots": lots,
        "in_doubt": context.in_doubt,
        "held": {box: tuple(row.unit for row in transaction.units_in_box(box)) for box in boxes.values()},
        "in_use": blanks_in_use(transaction, context.request),
        "there": units_left(transaction, context.request),
        "at_bench": therapies_left(transaction, context.registry.state, context.request),
        "uses": {box: context.shared.get(f"box:{box}", 0) for box in boxes.values()},
    }


def _judged_statements(context: Context, drafts: Iterable[Placed]) -> Iterator[Statement]:
    """The statements of an act, each with the limits that it was judged by where it stands in its chain."""
    states: dict[str, tuple[TherapyState, int]] = {
        coi: (known.state, known.tip.head.sequence) for coi, known in context.therapies.items()
    }
    waiting = list(drafts)
    for number, one in enumerate(waiting):
        carrying, chain = one, one.draft.chain
        state, sequence = states.get(chain, (None, -1))
        protocol = (
            None if state is None else context.protocols.get((state.protocol.id, state.protocol.version))
        )
        if state is not None and protocol is not None:
            judged = limits_judged(state, protocol, one.draft.payload)
            if judged:
                payload = one.draft.payload.model_copy(update={"limits_judged": judged})
                carrying = replace(one, draft=replace(one.draft, payload=payload))
        statement = _statement(context, carrying)
        if any(later.draft.chain == chain for later in waiting[number + 1 :]) and chain != REGISTRY:
            evolved = evolve(state, sequence + 1, statement)
            if evolved is not None:
                states[chain] = evolved, sequence + 1
        yield statement


def _statement(context: Context, one: Placed) -> Statement:
    request = context.request
    return Statement(
        event_id=one.event_id,
        act=request.event_id,
        chain=one.draft.chain,
        occurred_at=context.occurred_at,
        offset=context.offset,
        actor=request.actor,
        station=request.station,
        site=context.station.site,
        mode=request.entry.mode,
        entered_by=request.entered_by,
        payload=one.draft.payload,
        reads=one.draft.reads,
        outside_rules=one.draft.outside_rules,
    )
