"""The demo's network: its store, and the requests by which sites, people and equipment join it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from labels.content import Content
from schema.errors import Refusal
from schema.events.registry import WristbandRule
from schema.identifiers import first_copy
from schema.vocabulary import (
    ClockKind,
    EquipmentStatus,
    EquipmentType,
    LocationType,
    Meaning,
    ObjectType,
    PrintOutcome,
    Purpose,
    Role,
    SiteType,
)
from tracker.clock import SimulatedClock
from tracker.demo import cast
from tracker.new_store import FounderAccount, NewStore
from tracker.people.signer import Signer
from tracker.protocols.library import ProtocolFile, shipped
from tracker.registry.equipment.requests import AddEquipment, ChargeShipper, SetEquipmentStatus
from tracker.registry.network.requests import AdoptProtocol, IssueAccessCode
from tracker.registry.people.requests import AddPerson, BindBadge, GrantRole
from tracker.registry.places.requests import (
    AddDepartment,
    AddLocation,
    AddSite,
    AddStation,
    SetLocationConditions,
)
from tracker.requests.base import Request, SignerReference
from tracker.tracker import Environment, Tracker

PROTOCOL = "autologous-cryopreserved"
FRESH_PROTOCOL = "autologous-fresh"
HOSPITAL_NUMBER = "hospital_number"
PROGRAM_NUMBER = "program_number"


@dataclass(slots=True)
class Network:
    """The demo's store with everybody in it signed in."""

    tracker: Tracker
    clock: SimulatedClock
    chance: random.Random
    signers: dict[str, Signer] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    pins: dict[str, str] = field(default_factory=dict)
    badges: dict[str, str] = field(default_factory=dict)
    storage: dict[str, str] = field(default_factory=dict)
    """The frozen storage location of each site."""

    boxes: dict[str, str] = field(default_factory=dict)
    loggers: dict[str, str] = field(default_factory=dict)
    stations: dict[str, str] = field(default_factory=dict)
    """The front desk of each site."""

    pace_seconds: tuple[int, int] = (40, 200)
    """How long its people need for one request, at least and at most."""

    papers: list[Content] = field(default_factory=list)
    """Every label and slip that was printed, in order."""

    refrigerators: dict[str, str] = field(default_factory=dict)
    """The cool storage location of each site that has one."""

    goods: dict[str, str] = field(default_factory=dict)
    """The lots in use, by what they are, and the instruments by their titles."""

    def print(self, paper: Content) -> None:
        """Put a paper among those printed; its copy came out."""
        self.papers.append(paper)
        code: str = getattr(paper, "code", "")
        if code:
            self.tracker.prints.settle((code,), PrintOutcome.PRINTED)

    def station(self, site: str, staff: str) -> str:
        """The terminal where somebody works at a site."""
        return cast.desk_of(site, staff)

    def password(self, staff: str) -> str:
        """The openly printed password of somebody."""
        return cast.PASSWORD.format(staff=staff.lower())

    def record(self, request: Request, *signers: str) -> tuple[str, ...]:
        """Record a request signed by these people; gives the event ids; raises Refusal when it is refused."""
        answer = self.tracker.record(request=request, signers=[self.signers[staff] for staff in signers])
        if answer.problem is not None:
            raise Refusal(
                f"{request.name} by {request.actor}: {answer.problem.message}",
                remedy=answer.problem.remedy,
                code=answer.problem.error,
            )
        return tuple(entry.statement_digest for entry in answer.entries)

    def by(
        self, staff: str, *others: tuple[str, Meaning], meaning: Meaning = Meaning.PERFORMED
    ) -> tuple[SignerReference, ...]:
        """The signers of a request: who did it, then the others."""
        return (
            SignerReference(staff=staff, meaning=meaning),
            *(SignerReference(staff=other, meaning=other_meaning) for other, other_meaning in others),
        )


def build_network(
    url: str,
    *,
    config: Path,
    environment: Environment,
    clock: SimulatedClock,
    chance: random.Random,
    say: Callable[[str], None] = lambda _: None,
) -> Network:
    """A founded demo store with sites, people, badges, places and the shipped protocols."""
    names = _names(chance)
    pins = {staff: f"{chance.randrange(1_000_000):06d}" for staff in names}
    founders = tuple(
        FounderAccount(staff, names[staff], cast.PASSWORD.format(staff=staff.lower()), pins[staff])
        for staff in cast.FOUNDERS
    )
    hub = cast.SITES[0]
    new = NewStore(
        purpose=Purpose.DEMO,
        site=hub.code,
        site_title=hub.title,
        station=cast.HUB_STATION,
        founders=(founders[0], founders[1]),
        site_type=hub.site_type,
        zone=hub.zone,
        address=hub.address,
        phone_24h=hub.phone_24h,
        clock=ClockKind.SIMULATED,
    )
    tracker, founded = Tracker.found(url=url, new=new, config=config, environment=environment)
    network = Network(tracker, clock, chance, names=names, pins=pins)
    network.signers = {signer.staff: signer for signer in founded.signers}
    network.stations[hub.code] = cast.HUB_STATION
    say("sites, departments and places")
    with tracker.batch():
        _add_sites(network)
    say(f"{len(cast.PEOPLE)} people with keys and badges")
    _add_people(network)
    say("protocols and equipment")
    for protocol in (PROTOCOL, FRESH_PROTOCOL):
        adopt(network, shipped(protocol))
    add_equipment(network, cast.EQUIPMENT)
    return network


def _names(chance: random.Random) -> dict[str, str]:
    people = [*cast.FOUNDERS, *(person.staff for person in cast.PEOPLE)]
    everybody = [f"{first} {last}" for first in cast.FIRST_NAMES for last in cast.LAST_NAMES]
    return dict(zip(people, chance.sample(everybody, len(people)), strict=True))


def administer(
    network: Network,
    request_class: type[Request],
    *others: tuple[str, Meaning],
    **fields: object,
) -> None:
    """A request of the administrator at the hub."""
    actor = cast.FOUNDERS[0]
    network.clock.advance(timedelta(seconds=20))
    own: dict[str, object] = {
        "event_id": network.tracker.new_event_id(),
        "actor": actor,
        "station": cast.HUB_STATION,
    }
    if others:
        own["signers"] = network.by(actor, *others)
    network.record(request_class.model_validate({**own, **fields}), actor, *(other for other, _ in others))


def _add_sites(network: Network) -> None:
    for site in cast.SITES:
        if site.code != cast.HUB:
            administer(
                network,
                AddSite,
                site=site.code,
                title=site.title,
                site_type=site.site_type,
                address=site.address,
                phone_24h=site.phone_24h,
                zone=site.zone,
                wristband=_wristband(site),
            )
            network.stations[site.code] = station = f"{site.code}-01"
            administer(network, AddStation, new_station=station, site=site.code, title="Front desk")
        for number, desk in enumerate(site.desks, start=2):
            station = f"{site.code}-{number:02d}"
            administer(network, AddStation, new_station=station, site=site.code, title=desk.title)
        _add_departments(network, site)


def _wristband(site: cast.SiteCast) -> tuple[WristbandRule, ...]:
    if site.site_type in (SiteType.CARRIER, SiteType.MANUFACTURER):
        return ()
    letter = site.code[-1]
    return (
        WristbandRule(
            issuer=f"HOSPITAL-{letter}", type=HOSPITAL_NUMBER, prefix=f"DEMO-H{letter}-", length=13
        ),
        WristbandRule(issuer="PROGRAM", type=PROGRAM_NUMBER, prefix="DEMO-P-", length=12),
    )


def _add_departments(network: Network, site: cast.SiteCast) -> None:
    for department in site.departments:
        administer(
            network,
            AddDepartment,
            site=site.code,
            department=department.code,
            title=department.title,
            roles=department.roles,
        )
    for place, kept, (department_code, title) in zip(
        (network.storage, network.refrigerators), (cast.TANK, cast.REFRIGERATOR), site.storage, strict=False
    ):
        place[site.code] = location = network.tracker.new_object_id(object_type=ObjectType.LOCATION)
        administer(
            network,
            AddLocation,
            location=location,
            site=site.code,
            department=department_code,
            title=title,
            location_type=LocationType.STORAGE,
        )
        administer(network, SetLocationConditions, location=location, **kept)


def _add_people(network: Network) -> None:
    codes: dict[str, str] = {}
    for person in cast.PEOPLE:
        with network.tracker.batch():
            name = network.names[person.staff]
            administer(network, AddPerson, staff=person.staff, printed_name=name)
            _grant(network, person)
        codes[person.staff] = _access_code(network, person.staff)
    for staff, code in codes.items():
        network.clock.advance(timedelta(seconds=30))
        _activate(network, staff, code)
    with network.tracker.batch():
        for staff in network.names:
            network.badges[staff] = badge = network.tracker.new_object_id(object_type=ObjectType.BADGE)
            administer(network, BindBadge, staff=staff, badge=first_copy(badge).text)


def _grant(network: Network, person: cast.PersonCast) -> None:
    guarded = person.role in (Role.QUALITY, Role.QUALIFIED_PERSON, Role.ADMINISTRATOR)
    others = ((cast.FOUNDERS[1], Meaning.APPROVED),) if guarded else ()
    administer(
        network,
        GrantRole,
        *others,
        staff=person.staff,
        role=person.role,
        site=person.site,
        training_reference=f"Training record {person.staff}",
        training_expires_at=network.clock.now() + timedelta(days=730),
    )


def _access_code(network: Network, staff: str) -> str:
    actor = cast.FOUNDERS[0]
    network.clock.advance(timedelta(seconds=20))
    event_id = network.tracker.new_event_id()
    request = IssueAccessCode(event_id=event_id, actor=actor, station=cast.HUB_STATION, staff=staff)
    answer, code = network.tracker.issue_access_code(request=request, signers=[network.signers[actor]])
    if code is None:
        raise Refusal(answer.problem.message if answer.problem else "No code was issued.")
    return code


def _activate(network: Network, staff: str, code: str) -> None:
    answer, signer = network.tracker.activate_key(
        staff=staff,
        code=code,
        password=network.password(staff),
        pin=network.pins[staff],
        witness=network.signers[cast.FOUNDERS[1]],
        station=cast.HUB_STATION,
        event_id=network.tracker.new_event_id(),
    )
    if answer.problem is not None:
        raise Refusal(f"The key of {staff}: {answer.problem.message}", remedy=answer.problem.remedy)
    network.signers[staff] = signer


def adopt(network: Network, file: ProtocolFile) -> None:
    """Let therapies of the network run by a protocol, signed by quality and a second founder."""
    network.clock.advance(timedelta(minutes=5))
    quality, second = cast.FOUNDERS[1], cast.FOUNDERS[0]
    request = AdoptProtocol(
        event_id=network.tracker.new_event_id(),
        actor=quality,
        station=cast.HUB_STATION,
        signers=network.by(quality, (second, Meaning.APPROVED)),
        protocol=file.protocol.id,
        version=file.protocol.version,
        sha256=file.sha256,
        title=file.protocol.title,
    )
    signers: Sequence[Signer] = [network.signers[quality], network.signers[second]]
    answer = network.tracker.adopt_protocol(file=file, request=request, signers=signers)
    if answer.problem is not None:
        raise Refusal(answer.problem.message)


def add_equipment(network: Network, equipment_cast: Sequence[cast.EquipmentCast]) -> None:
    """Shippers and loggers, each with the date until which it is good, the shippers charged."""
    with network.tracker.batch():
        for one in equipment_cast:
            is_logger = one.equipment_type is EquipmentType.DATA_LOGGER
            object_type = ObjectType.DATA_LOGGER if is_logger else ObjectType.BOX
            equipment = network.tracker.new_object_id(object_type=object_type)
            (network.loggers if is_logger else network.boxes)[one.title] = equipment
            administer(
                network,
                AddEquipment,
                equipment=equipment,
                equipment_type=one.equipment_type,
                title=one.title,
                site=one.site,
                hold_hours=None if is_logger else cast.HOLD_HOURS[one.title.split()[0]],
                requalification_due=network.clock.now() + timedelta(days=one.due_after_days),
                has_display=one.has_display,
                serial=one.serial,
            )
            if not is_logger:
                administer(network, ChargeShipper, equipment=equipment)
            if one.status is not EquipmentStatus.IN_SERVICE:
                administer(network, SetEquipmentStatus, equipment=equipment, status=one.status)
