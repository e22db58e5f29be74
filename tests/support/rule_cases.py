"""The rules without a database: states, registry and protocol as values, a request, and what is decided.

A case begins as a stage of `tests.support.journeys`. What is accepted evolves it: given, when, then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from msgspec.structs import replace

from schema.canonical import Json
from schema.commitments import Commitment, Opening
from schema.entry import Statement
from schema.events.base import Payload
from schema.identifiers import ALPHABET
from schema.tables import CodeRow, ShipmentRow
from schema.vocabulary import EntryMode, EquipmentType, ObjectType
from tests.support.journeys import PROTOCOL, Snapshot, Template, asked, at_the_match, home, journey_of
from tests.support.plans import places_of
from tests.support.stores import code_row
from tracker.acts.alerting import standing_alerts
from tracker.acts.gathering import shipping_view
from tracker.acts.intake import occurrence
from tracker.acts.read_tables import rows_after, shipment_rows
from tracker.acts.resolving import resolve_all
from tracker.demo.journey import Journey, scan
from tracker.ledger.transaction import Transaction
from tracker.local_time import offset_of
from tracker.protocols.model import Protocol
from tracker.requests.base import Request, Scan
from tracker.rules.alert_state import Alert
from tracker.rules.authority import offered_signers, signature_violations
from tracker.rules.checks.bench import is_now
from tracker.rules.decision import Allowed, Decision, Denied, Draft, Violation
from tracker.rules.instruments import is_exclusive
from tracker.rules.label_accounts import PrintRecord
from tracker.rules.limits_judged import is_broken, limits_judged
from tracker.rules.registry_state import RegistryState
from tracker.rules.situation import Occupant, Resolution, Situation
from tracker.rules.therapy_state import TherapyState, UnitState
from tracker.therapy.alerts import AcknowledgeAlert
from tracker.therapy.custody.requests import Pack
from tracker.therapy.decide import decide, placed
from tracker.therapy.evolve import evolve
from tracker.therapy.making.requests import PerformStep


@dataclass(frozen=True)
class EntryAt:
    """An entry, by the chain that it stands in."""

    chain: str


class Codes:
    """What a transaction tells the resolver, read off the states."""

    def __init__(self, therapies: Mapping[str, TherapyState]) -> None:
        self._states = therapies
        rows = [rows_after(None, state, PROTOCOL) for state in therapies.values()]
        self._codes = {row.code: row for one in rows for row in one.codes}
        self._codes |= {
            coi: code_row(coi, coi, object_type="C", object_id=coi, status="active") for coi in therapies
        }
        self._units = [row for one in rows for row in one.units]
        self._shipments = [row for state in therapies.values() for row in shipment_rows(state)]

    def code(self, code: str) -> CodeRow | None:
        """What a code stands for."""
        return self._codes.get(code)

    def find_statement(self, digest: str) -> EntryAt | None:
        """In whose chain the statement of a receipt stands."""
        for coi, state in self._states.items():
            if any(event.digest == digest for event in state.events.values()):
                return EntryAt(coi)
        return None

    def codes_of_value(self, value: str) -> list[CodeRow]:
        """Every adopted code with this text."""
        return [row for row in self._codes.values() if row.value == value]

    def codes_of(self, coi: str) -> list[CodeRow]:
        """Every code of a therapy."""
        return [row for row in self._codes.values() if row.coi == coi]

    def shipments_with(self, column: str, value: str) -> list[ShipmentRow]:
        """The booked shipments with a box, logger, waybill or SSCC."""
        return [row for row in self._shipments if getattr(row, column) == value]

    def units_in_cassette(self, cassette: str) -> list[str]:
        """The unit in a cassette."""
        return [row.unit for row in self._units if row.cassette == cassette]


def _own(request: Request) -> str:
    """The therapy whose card a request names; empty for any other."""
    card = getattr(request, "coi", None)
    return card.code[2:12] if isinstance(card, Scan) else ""


@dataclass
class Case:
    """Two therapies at one moment, as values."""

    registry: RegistryState
    therapies: dict[str, TherapyState]
    openings: dict[str, Opening]
    now: datetime
    one: Journey
    two: Journey
    stations: Mapping[str, str]
    protocol: Protocol = PROTOCOL
    later_versions: Mapping[int, Protocol] = field(default_factory=dict)
    """What other versions say, where a therapy is pinned to one of them."""

    drawn: int = 0
    prints: tuple[PrintRecord, ...] = ()
    """The copies that were printed; none unless a test says so."""

    benches_count: bool = False
    """Whether a bench that another therapy has taken is taken; most cases are about other rules."""

    statements: dict[str, Statement] = field(default_factory=dict)
    """Everything that was taken since the case began, by event id."""

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    def request(
        self, request_class: type[Request], actor: str, *, at: str | None = None, **values: Any
    ) -> Request:
        """A request one minute later at the station of a site, the actor's own when none is given."""
        self.later(minutes=1)
        self.drawn += 1
        event_id = values.pop("event_id", f"01890a5d-ac96-774b-8000-{self.drawn:012x}")
        station = values.pop("station", None) or self.stations[at or home(actor)]
        if request_class is Pack:
            values.setdefault("data_logger", self.logger(station))
        values = {**at_the_match(request_class, values, self.therapies.get, self.protocol), **values}
        return asked(request_class, actor, station=station, event_id=event_id, **values)

    def situation(self, request: Request) -> Situation:
        """What the request is judged by."""
        station = self.registry.station(request.station)
        assert station is not None
        clock = offset_of(self.registry, station.site)
        pins = {(state.protocol.id, state.protocol.version) for state in self.therapies.values()}
        pins |= {
            (one.protocol, one.version) for versions in self.registry.protocols.values() for one in versions
        }
        codes = cast("Transaction", Codes(self.therapies))
        resolutions = resolve_all(codes, self.registry, request)
        return Situation(
            registry=self.registry,
            therapies=dict(sorted(self.therapies.items())),
            protocols={pin: self.later_versions.get(pin[1], self.protocol) for pin in pins},
            resolutions=resolutions,
            shipping=shipping_view(codes, self.registry, request, resolutions),
            openings=self.openings,
            occurred_at=occurrence(request, self.now, clock)[0],
            now=self.now,
            station=station,
            offset_of=clock,
            commit=self.commit,
            fresh=self.fresh,
            statements=self.statements,
            prints=self.prints,
            alerts=self.alerts() if isinstance(request, AcknowledgeAlert) else (),
            closed_boxes=self.closed_boxes(),
            places=places_of(self.registry, self.therapies, _own(request)),
            at_bench=self.at_bench(getattr(request, "bench", None) or station.bench),
            in_instruments=self.in_instruments(request, resolutions),
        )

    def in_instruments(
        self, request: Request, resolutions: Mapping[str, Resolution]
    ) -> Mapping[str, tuple[Occupant, ...]]:
        """Who is in each exclusive instrument of a step; as with benches, only where a case is about them."""
        if not isinstance(request, PerformStep) or not is_now(request):
            return {}
        known = (self.registry.equipment(resolutions[one.key].object_id or "") for one in request.instruments)
        used = [one.id for one in known if one is not None and is_exclusive(self.protocol, one)]
        return {name: self.at_bench(name) for name in used}

    def logger(self, station: str) -> Scan | None:
        """A calibrated logger of a station's site that is in no box; None where there is none."""
        known = self.registry.station(station)
        fit = (
            one.id
            for one in self.registry.equipments.values()
            if one.equipment_type is EquipmentType.DATA_LOGGER
            and known is not None
            and one.site == known.site
            and one.requalification_due is not None
            and one.requalification_due > self.now
            and one.id not in self.closed_boxes().values()
        )
        return next(map(scan, fit), None)

    def alerts(self) -> tuple[Alert, ...]:
        """What calls for somebody in the first therapy now."""
        return standing_alerts(self.state, self.protocol, self.registry, self.now)

    def closed_boxes(self) -> Mapping[str, str | None]:
        """Every box with units in it, with its logger."""
        units = (unit for state in self.therapies.values() for unit in state.units.values())
        return {unit.box: unit.logger_beside for unit in units if unit.box}

    def at_bench(self, bench: str) -> tuple[Occupant, ...]:
        """The therapies at a bench, who came first first; none where a case is not about benches."""
        held = [
            Occupant(coi, use.since.at, use.since.actor)
            for coi, state in self.therapies.items()
            for use in state.benches.values()
            if use.bench == bench and self.benches_count
        ]
        return tuple(sorted(held, key=lambda one: one.since))

    def commit(self, chain: str, field_name: str, value: Json) -> Commitment:
        """A commitment whose salt is its number."""
        self.drawn += 1
        opening = Opening(field_name, value, self.drawn.to_bytes(32, "big"))
        self.openings[opening.commitment] = opening
        return Commitment(commitment=opening.commitment)

    def fresh(self, object_type: ObjectType) -> str:
        """An id that was not drawn before."""
        self.drawn += 1
        first, second = divmod(self.drawn, len(ALPHABET))
        return f"{object_type.value}D5555555{ALPHABET[first % len(ALPHABET)]}{ALPHABET[second]}"

    def decide(self, request_class: type[Request], actor: str, **values: Any) -> Decision:
        """What the rules say, without taking the step."""
        request = self.request(request_class, actor, **values)
        return decide(self.situation(request), request)

    def refusal(self, request_class: type[Request], actor: str, **values: Any) -> Violation:
        """Why the rules say no; a sentence and a remedy always stand with it."""
        decision = self.decide(request_class, actor, **values)
        assert isinstance(decision, Denied), decision
        assert decision.reason.message.endswith((".", ").", "?")), decision.reason
        assert decision.reason.remedy.endswith("."), decision.reason
        return decision.reason

    def stopped(self, request_class: type[Request], actor: str, **values: Any) -> tuple[Draft, ...]:
        """The evidence of a mix-up that the rules stopped."""
        decision = self.decide(request_class, actor, **values)
        assert isinstance(decision, Denied) and decision.reason.rule == "mixup", decision
        return tuple(one.draft for one in placed("01890a5d-ac96-774b-8000-000000000000", decision.events))

    def do(self, request_class: type[Request], actor: str, **values: Any) -> tuple[Draft, ...]:
        """Take a step that the rules permit and its signers may sign; gives everything that is recorded."""
        request = self.request(request_class, actor, **values)
        decision = decide(self.situation(request), request)
        if isinstance(decision, Denied) and decision.reason.rule == "not_charged":
            self.charge()
            decision = decide(self.situation(request), request)
        assert isinstance(decision, Allowed), decision
        drafts = placed(request.event_id, decision.events)
        assert not self.unsigned(request, tuple(one.draft for one in drafts))
        for one in drafts:
            self.tell(one.draft, one.event_id, request)
        return tuple(one.draft for one in drafts)

    def charge(self) -> None:
        """Every shipper was just filled."""
        charged = {name: replace(one, charged_at=self.now) for name, one in self.registry.equipments.items()}
        self.registry = replace(self.registry, equipments=charged)

    def unsigned(self, request: Request, drafts: tuple[Draft, ...]) -> tuple[Violation, ...]:
        """What keeps the request's signers from being the set these drafts need."""
        slots = [slot for draft in drafts for slot in draft.slots]
        return signature_violations(self.registry, drafts, offered_signers(request, slots), self.now)

    def signature_refusal(self, request_class: type[Request], actor: str, **values: Any) -> Violation:
        """Why the rules permit the step but not these signers."""
        request = self.request(request_class, actor, **values)
        decision = decide(self.situation(request), request)
        assert isinstance(decision, Allowed), decision
        found = self.unsigned(request, decision.events)
        assert found
        return found[0]

    def tell(self, draft: Draft, event_id: str, request: Request) -> None:
        """Record what was decided."""
        station = self.registry.station(request.station)
        assert station is not None
        statement = Statement(
            event_id=event_id,
            act=request.event_id,
            chain=draft.chain,
            occurred_at=occurrence(request, self.now, offset_of(self.registry, station.site))[0],
            offset="+00:00",
            actor=request.actor,
            station=request.station,
            site=station.site,
            mode=request.entry.mode,
            entered_by=request.entered_by,
            payload=draft.payload,
            reads=draft.reads,
            outside_rules=draft.outside_rules,
        )
        self.judge_again(statement)
        self.take(statement)

    def judge_again(self, statement: Statement) -> None:
        """As verification judges it: a limit that was broken stands among the rules it went against."""
        before = self.therapies.get(statement.chain)
        if before is not None:
            protocol = self.later_versions.get(before.protocol.version, self.protocol)
            for one in limits_judged(before, protocol, statement.payload):
                kept = not is_broken(one, statement.occurred_at)
                assert kept or one.rule in statement.outside_rules, (one, statement)

    def take(self, statement: Statement) -> None:
        """Evolve one chain by one statement."""
        before = self.therapies.get(statement.chain)
        after = evolve(before, before.sequence + 1 if before else 0, statement)
        assert after is not None
        self.therapies[statement.chain] = after
        self.statements[statement.event_id] = statement

    def happened(self, payload: Payload, actor: str = "QA-2", chain: str | None = None) -> Statement:
        """An event told without asking any rule, now, in the first therapy's chain."""
        self.drawn += 1
        event_id = f"01890a5d-ac96-774b-8000-{self.drawn:012x}"
        statement = Statement(
            event_id,
            event_id,
            chain or self.one.coi,
            self.now,
            "+00:00",
            actor,
            self.stations[home(actor)],
            home(actor),
            EntryMode.LIVE,
            actor,
            payload,
        )
        self.take(statement)
        return statement

    @property
    def state(self) -> TherapyState:
        """The first therapy."""
        return self.therapies[self.one.coi]

    def unit(self, unit: str) -> UnitState:
        """A unit of either therapy."""
        return next(state.units[unit] for state in self.therapies.values() if unit in state.units)

    def change(self, unit: str, **changes: Any) -> None:
        """Make a unit be so, without an event."""
        for coi, state in self.therapies.items():
            if unit in state.units:
                self.therapies[coi] = state.with_unit(replace(state.units[unit], **changes))


def case_of(snapshot: Snapshot, template: Template) -> Case:
    """A stage as values."""
    network = template.network
    return Case(
        registry=snapshot.registry,
        therapies=dict(snapshot.therapies),
        openings=dict(snapshot.openings),
        now=snapshot.moment,
        one=journey_of(network, snapshot.one),
        two=journey_of(network, snapshot.two),
        stations=network.stations,
    )


@pytest.fixture
def case(template: Template) -> Callable[[str], Case]:
    """Makes a case of a stage."""
    return lambda stage: case_of(template.snapshots[stage], template)
