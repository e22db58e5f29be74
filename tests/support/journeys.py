"""Therapies in any stage for tests: built once in each test process, then copied as file or as values.

`world(stage)` is a store of its own behind a Tracker; `case(stage)` is the same moment as pure values, on
which the rules decide without a database.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from schema.commitments import Opening
from schema.entry import Entry, read_entry
from schema.identifiers import is_object_id, parse_printed
from schema.papercodes import receipt_code
from schema.vocabulary import EquipmentType, InspectionResult, Meaning, ObjectType, PartyType
from tests.support.stores import sqlite_url
from tracker.answers import Answer, Problem
from tracker.clock import SimulatedClock
from tracker.demo import cast, stages
from tracker.demo.asking import clearing
from tracker.demo.journey import GOOD_RESULTS, Journey, party, scan
from tracker.demo.network import Network, build_network
from tracker.people.passwords import WEAK
from tracker.protocols.library import shipped
from tracker.protocols.model import Protocol
from tracker.registry.equipment.requests import ChargeShipper
from tracker.requests.base import PatientIdentifier, Request, Scan, SignerReference
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.custody import requests as custody
from tracker.therapy.identity import requests as identity
from tracker.therapy.making import requests as processing
from tracker.tracker import Environment, Tracker

START = datetime(2026, 1, 5, 7, tzinfo=UTC)
PROTOCOL = shipped("autologous-cryopreserved").protocol
STAGES = (
    *("enrolled", "identified", "collected", "frozen", "packed", "received", "made", "tested", "released"),
    *("delivered", "at_hand", "matched", "thawed", "on_ward", "bedside", "infusing", "infused"),
)
"""How far the first therapy is; the second goes along as far as `delivered` and then waits in its tank."""

ASTRAY = "astray"
"""Not on the way: the first therapy's product in the treatment center's lab, though nobody released it."""

OWN_MEANING: Mapping[type[Request], Meaning] = {
    custody.Relinquish: Meaning.RELINQUISHED,
    custody.Accept: Meaning.RECEIVED,
    custody.AcceptPartly: Meaning.RECEIVED,
    processing.Release: Meaning.RELEASED,
    processing.ReleaseOutOfSpecification: Meaning.RELEASED,
}
"""What the actor signs as, where that is not `performed`."""


def signing(request_class: type[Request], actor: str, others: str = "") -> tuple[SignerReference, ...]:
    """The actor in their own meaning, then others such as "OPER-2 witnessed, QA-2 approved"."""
    own = SignerReference(staff=actor, meaning=OWN_MEANING.get(request_class, Meaning.PERFORMED))
    return (own, *signers(others))


def signers(text: str) -> tuple[SignerReference, ...]:
    """Signers written "OPER-1 performed, OPER-2 witnessed"."""
    pairs = [pair.split() for pair in text.split(",") if pair.strip()]
    return tuple(SignerReference(staff=staff, meaning=Meaning(meaning)) for staff, meaning in pairs)


def scans(*object_ids: str) -> tuple[Scan, ...]:
    """Objects' first copies, scanned."""
    return tuple(scan(object_id) for object_id in object_ids)


def asked(
    request_class: type[Request],
    actor: str,
    *,
    station: str,
    event_id: str,
    others: str = "",
    signed: str | None = None,
    **values: Any,
) -> Request:
    """A request; `others` sign besides the actor, `signed` says all signers instead.

    A handoff finds everything in order where the test says nothing else.
    """
    if request_class is processing.ReleaseOutOfSpecification:
        values = {**stages.REQUESTED, **values}
    given = signing(request_class, actor, others) if signed is None else signers(signed)
    if issubclass(request_class, (custody.Relinquish, custody.Accept)):
        values.setdefault("condition", "in_order")
    return request_class(event_id=event_id, actor=actor, station=station, signers=given, **values)


def at_the_match(
    request_class: type[Request],
    values: Mapping[str, Any],
    state_of: Callable[[str], TherapyState | None],
    protocol: Protocol = PROTOCOL,
) -> dict[str, object]:
    """The certificate of the newest release, and all confirmed: what most tests of a match take for given."""
    if request_class not in (identity.MatchBeforeThaw, identity.MatchAtBedside):
        return {}
    state = state_of(values["coi"].code[2:13])
    if state is None:
        return {}
    given: dict[str, object] = {}
    if state.releases and protocol.bedside.certificate:
        given["certificate"] = Scan(code=receipt_code(state.events[state.releases[-1]].digest).text)
    if request_class is identity.MatchBeforeThaw:
        given["confirmed"] = protocol.bedside.confirm
    return given


@dataclass
class World:
    """A store in some stage: two therapies of the same two centers, and everybody signed in."""

    network: Network
    one: Journey
    two: Journey
    url: str

    @property
    def tracker(self) -> Tracker:
        """The front door."""
        return self.network.tracker

    @property
    def clock(self) -> SimulatedClock:
        """The clock, moved by hand."""
        return self.network.clock

    def request(
        self, request_class: type[Request], actor: str, *, at: str | None = None, **values: Any
    ) -> Request:
        """A request a minute later, at the station of a site (the actor's own when none is given)."""
        self.clock.advance(timedelta(minutes=1))
        station = values.pop("station", None) or self.network.stations[at or home(actor)]
        event_id = values.pop("event_id", None) or self.tracker.new_event_id()
        if request_class is custody.Pack:
            values.setdefault("data_logger", self.logger(station))
        values = {**at_the_match(request_class, values, self.state_of), **values}
        return asked(request_class, actor, station=station, event_id=event_id, **values)

    def logger(self, station: str) -> Scan | None:
        """A calibrated logger of a station's site that is in no box; None where there is none."""
        known = self.tracker.registry.station(station)
        lines = self.tracker.read.equipment(site=known.site) if known else ()
        fit = (line.equipment for line in lines if line.violation is None)
        loggers = (one.id for one in fit if one.equipment_type is EquipmentType.DATA_LOGGER)
        return next(map(scan, loggers), None)

    def send(self, request: Request | Mapping[str, object]) -> Answer:
        """Record a request with everybody in session; what is refused writes its evidence, nothing else."""
        before = self.count()
        answer = self.tracker.record(request=request, signers=[*self.network.signers.values()])
        if not answer.repeated:
            assert self.count() - before == len(answer.entries)
        return answer

    def ask(self, request_class: type[Request], actor: str, **values: Any) -> Answer:
        """Ask and give the answer, whatever it is."""
        return self.send(self.request(request_class, actor, **values))

    def do(self, request_class: type[Request], actor: str, **values: Any) -> Answer:
        """Ask for something the rules permit; a bench that another therapy has left is cleared first."""
        request = self.request(request_class, actor, **values)
        answer = self.send(request)
        if answer.problem is not None and answer.problem.error == "bench_occupied":
            cleared = clearing(self.tracker, actor, request.station)
            assert cleared is not None and self.send(cleared).ok
            answer = self.send(request)
        if answer.problem is not None and answer.problem.error == "not_charged":
            self.charge(request)
            answer = self.send(request)
        assert answer.ok, answer.problem
        return answer

    def charge(self, request: Request) -> None:
        """Whoever is about to pack fills the shipper first."""
        assert isinstance(request, custody.Pack)
        station = request.station
        charged = self.request(ChargeShipper, request.actor, station=station, equipment=request.box)
        assert self.send(charged).ok

    def refusal(self, request_class: type[Request], actor: str, **values: Any) -> Problem:
        """Ask for something the rules forbid; gives why."""
        answer = self.ask(request_class, actor, **values)
        assert answer.problem is not None and answer.exit_code == 3, answer
        return answer.problem

    def state(self, journey: Journey | None = None) -> TherapyState:
        """A therapy as it stands."""
        return (journey or self.one).state

    def state_of(self, coi: str) -> TherapyState | None:
        """A therapy as it stands, by its id; the first one where a code of another issuer names it."""
        found = self.tracker.read.therapy(coi=coi if is_object_id(coi) else self.one.coi)
        return None if found is None else found[0]

    def entries(self, coi: str) -> list[Entry]:
        """A chain's entries, from their bytes."""
        with self.tracker.store.read() as transaction:
            return [read_entry(body) for _, _, body in transaction.bodies(coi)]

    def kinds(self, coi: str) -> list[str]:
        """A chain's kinds in order."""
        return [entry.statement.kind for entry in self.entries(coi)]

    def bytes_of(self, coi: str) -> bytes:
        """All bodies of a chain, one after the other."""
        with self.tracker.store.read() as transaction:
            return b"\n".join(body for _, _, body in transaction.bodies(coi))

    def count(self) -> int:
        """How many entries the store holds."""
        with self.tracker.store.read() as transaction:
            return transaction.count()

    def seal_of(self, journey: Journey) -> str:
        """The standing seal of the box that holds a therapy's units."""
        state = self.state(journey)
        return state.seals[self.box_of(journey)]

    def box_of(self, journey: Journey) -> str:
        """The box that holds a therapy's units."""
        return next(unit.box for unit in self.state(journey).units.values() if unit.box is not None)


def home(staff: str) -> str:
    """The site where somebody of the cast works; couriers stand at the manufacturer's dock."""
    for person in cast.PEOPLE:
        if person.staff == staff:
            return cast.HUB if person.site.startswith("CARR") else person.site
    return cast.HUB


@dataclass(frozen=True)
class Snapshot:
    """Everything of one stage: a database file, and the same as values."""

    path: Path
    moment: datetime
    one: Mapping[str, Any]
    two: Mapping[str, Any]
    registry: RegistryState
    therapies: Mapping[str, TherapyState]
    openings: Mapping[str, Opening]


@dataclass
class Template:
    """The network and its two therapies, frozen at every stage."""

    folder: Path
    network: Network
    snapshots: dict[str, Snapshot] = field(default_factory=dict)

    def freeze(self, stage: str, one: Journey, two: Journey, live: Path) -> None:
        """Keep what there is now in the live file as that stage."""
        path = self.folder / f"{stage}.db"
        with sqlite3.connect(live) as source, sqlite3.connect(path) as target:
            source.backup(target)
        target.close()
        source.close()
        tracker = one.network.tracker
        openings: dict[str, Opening] = {}
        with tracker.store.read() as transaction:
            for journey in (one, two):
                openings.update(transaction.openings_of(journey.coi))
        self.snapshots[stage] = Snapshot(
            path,
            one.network.clock.now(),
            _kept(one),
            _kept(two),
            tracker.registry,
            {one.coi: one.state, two.coi: two.state},
            openings,
        )

    def keys(self, folder: Path) -> Path:
        """The keys of the hub, on a machine that has signed nothing with them yet."""
        return shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("*.db*", "log.head"))

    def world(self, stage: str, path: Path, *, seed: int = 0) -> World:
        """A copy of a stage in a file of its own."""
        snapshot = self.snapshots[stage]
        shutil.copyfile(snapshot.path, path)
        clock, chance = SimulatedClock(snapshot.moment), random.Random(f"{stage} {seed}")
        tracker = Tracker.open(url=sqlite_url(path), environment=Environment(clock, chance, WEAK))
        network = replace(self.network, tracker=tracker, clock=clock, chance=chance, papers=[])
        return World(
            network, journey_of(network, snapshot.one), journey_of(network, snapshot.two), sqlite_url(path)
        )


def _kept(journey: Journey) -> Mapping[str, Any]:
    """A journey's fields but the network, copied."""
    return {one.name: copy(getattr(journey, one.name)) for one in fields(journey) if one.name != "network"}


def journey_of(network: Network, kept: Mapping[str, Any]) -> Journey:
    """A journey as it was kept, which may go on without changing what was kept."""
    return Journey(network, **{name: copy(value) for name, value in kept.items()})


def reopened(model: World, url: str) -> World:
    """A closed world on a copy of its store, with a front door and ids of its own."""
    clock, chance = SimulatedClock(model.clock.now()), random.Random("reopened")
    tracker = Tracker.open(url=url, environment=Environment(clock, chance, WEAK))
    network = replace(model.network, tracker=tracker, clock=clock, chance=chance, papers=[])
    return World(network, journey_of(network, _kept(model.one)), journey_of(network, _kept(model.two)), url)


def build_template(folder: Path) -> Template:
    """The demo's network, and two therapies of it led through every stage."""
    clock, chance = SimulatedClock(START), random.Random(20260105)
    network = build_network(
        sqlite_url(folder / "live.db"),
        config=folder,
        environment=Environment(clock, chance, WEAK),
        clock=clock,
        chance=chance,
    )
    template = Template(folder, network)
    one, two = Journey(network, "A", 1), Journey(network, "A", 2)
    for stage in STAGES:
        lead(one, stage)
        if STAGES.index(stage) <= STAGES.index("delivered"):
            lead(two, stage)
        template.freeze(stage, one, two, folder / "live.db")
    network.tracker.close()
    _go_astray(template)
    return template


def lead(journey: Journey, stage: str) -> None:
    """Take a therapy from the stage before to this one."""
    _STEPS[stage](journey)


def _go_astray(template: Template) -> None:
    """A product packed unreleased, outside the rules, and taken over at the treatment center all the same."""
    live = template.folder / "live-astray.db"
    world = template.world("made", live)
    one = world.one
    units, box = one.frozen_scans(tuple(one.products)), scan(world.network.boxes["Dry shipper 4"])
    world.do(custody.Retrieve, "OPER-1", units=units, location=scan(world.network.storage[cast.HUB]))
    world.do(ChargeShipper, "OPER-1", equipment=box)
    world.do(
        custody.Pack,
        "OPER-1",
        others="OPER-2 witnessed",
        units=units,
        box=box,
        seal=Scan(code="SEAL-1"),
        tally=len(units),
        carrier=one.carrier,
        destination=one.treatment,
        outside_rules={"reason": "clinical_need"},
    )
    lab = party(PartyType.DEPARTMENT, f"{one.treatment}/CELL-LAB")
    for giver, receiver, at, to in (
        ("OPER-1", "COUR-X1", cast.HUB, None),
        ("COUR-X1", "DOCK-A", one.treatment, None),
        ("DOCK-A", "LAB-A1", one.treatment, lab),
    ):
        world.do(custody.Relinquish, giver, at=at, box=box, seal=Scan(code="SEAL-1"), to=to)
        world.do(custody.Accept, receiver, at=at, box=box, seal=Scan(code="SEAL-1"))
    one.inspect("LAB-A1", one.treatment, box_id(box), InspectionResult.ACCEPT, tuple(one.products))
    template.freeze(ASTRAY, one, world.two, live)
    world.tracker.close()


def box_id(code: Scan) -> str:
    """The object id in a printed code."""
    return parse_printed(code.code).object_id


def freeze_bag(journey: Journey) -> None:
    """The collected bag goes to the cell lab and is frozen."""
    nurse, tech = f"NURSE-{journey.letter}1", f"TECH-{journey.letter}1"
    lab = party(PartyType.DEPARTMENT, f"{journey.collection}/CELL-LAB")
    journey.hand_units(nurse, tech, journey.collection, lab, (journey.bag,))
    journey.freeze(tech, journey.collection, (journey.bag,))


def _pack(journey: Journey) -> None:
    box = journey.network.boxes[f"Dry shipper {journey.number}"]
    tech = f"TECH-{journey.letter}"
    stages.pack(journey, f"{tech}1", f"{tech}2", journey.collection, box, cast.HUB)


def _receive(journey: Journey) -> None:
    box = journey.network.boxes[f"Dry shipper {journey.number}"]
    seal = journey.state.seals[box]
    stages.hand_box(journey, f"TECH-{journey.letter}1", journey.courier, journey.collection, box, seal)
    stages.receive_at_manufacturer(journey, box, seal)


def _test(journey: Journey) -> None:
    journey.test(GOOD_RESULTS)
    stages.use_up_samples(journey)


def _release(journey: Journey) -> None:
    units = journey.frozen_scans(tuple(journey.products))
    reviewed = ("QA-2", Meaning.REVIEWED)
    journey.ask(processing.Release, "QP-1", cast.HUB, reviewed, meaning=Meaning.RELEASED, units=units)


def _bedside(
    request_class: type[Request], actor: str, second: str | None = None
) -> Callable[[Journey], None]:
    """A step on the first product at the treatment center; with a second person patient and card are read."""

    def step(journey: Journey) -> None:
        unit = journey.products[0]
        frozen = request_class in (identity.MatchBeforeThaw, processing.StartThaw, processing.EndThaw)
        given: dict[str, object] = {"units": journey.frozen_scans((unit,)) if frozen else scans(unit)}
        if second is not None:
            given.update(coi=scan(journey.coi), patient=journey.wristband())
            given["certificate"] = journey.certificate(unit)
        if request_class is identity.MatchBeforeThaw:
            given["confirmed"] = journey.confirm()
        if request_class is identity.MatchBag:
            given["cassette"] = scan(journey.cassettes[unit])
        if request_class is processing.CompleteInfusion:
            given["infused_ml"] = "66.5"
        others = () if second is None else ((second, Meaning.WITNESSED),)
        journey.ask(request_class, actor, journey.treatment, *others, **given)  # type: ignore[arg-type]

    return step


def _thaw(journey: Journey) -> None:
    for request_class in (processing.StartThaw, processing.EndThaw, identity.MatchBag):
        _bedside(request_class, "LAB-A1")(journey)


def _to_ward(journey: Journey) -> None:
    ward = party(PartyType.DEPARTMENT, f"{journey.treatment}/WARD")
    journey.hand_units("LAB-A1", "DOC-A1", journey.treatment, ward, (journey.products[0],))


def manufacture(journey: Journey, bags: int = 2) -> None:
    """One starting material to product bags and a sample, frozen and put away."""
    stages.start_manufacturing(journey)
    journey.wait(days=9)
    stages.complete_manufacturing(journey, bags)


def release(journey: Journey) -> None:
    """Tested and released by the qualified person with quality's review."""
    journey.test(GOOD_RESULTS)
    stages.sign_release(journey)


def deliver_product(journey: Journey, box: str) -> None:
    """Packed, shipped, received closed, handed to the lab, inspected, put away."""
    stages.send_product(journey, box)
    journey.wait(hours=22)
    stages.receive_product(journey)


_STEPS: Mapping[str, Callable[[Journey], None]] = {
    "enrolled": Journey.enroll,
    "identified": Journey.identify,
    "collected": Journey.collect,
    "frozen": freeze_bag,
    "packed": _pack,
    "received": _receive,
    "made": manufacture,
    "tested": _test,
    "released": _release,
    "delivered": lambda journey: deliver_product(
        journey, journey.network.boxes[f"Dry shipper {journey.number + 3}"]
    ),
    "at_hand": lambda journey: journey.retrieve("LAB-A1", journey.treatment, (journey.products[0],)),
    "matched": _bedside(identity.MatchBeforeThaw, "LAB-A1", "PHARM-A"),
    "thawed": _thaw,
    "on_ward": _to_ward,
    "bedside": _bedside(identity.MatchAtBedside, "DOC-A1", "DOC-A2"),
    "infusing": _bedside(processing.StartInfusion, "DOC-A1"),
    "infused": _bedside(processing.CompleteInfusion, "DOC-A1"),
}


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Every stage, built once in this test process."""
    return build_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def world(template: Template, tmp_path: Path) -> Iterator[Callable[[str], World]]:
    """Makes a store of its own in a stage, closed after the test."""
    opened: list[World] = []

    def make(stage: str) -> World:
        made = template.world(stage, tmp_path / f"{stage}-{len(opened)}.db")
        opened.append(made)
        return made

    yield make
    for one in opened:
        one.tracker.close()


def enrolling(given: World, patient: tuple[PatientIdentifier, ...], **more: Any) -> dict[str, Any]:
    """A therapy of the first therapy's sites for a patient."""
    return {
        "coi": given.tracker.new_object_id(object_type=ObjectType.COI),
        "protocol": PROTOCOL.id,
        "collection_site": given.one.collection,
        "manufacturing_site": "MFG-1",
        "treatment_site": given.one.treatment,
        "patient": patient,
        **more,
    }
