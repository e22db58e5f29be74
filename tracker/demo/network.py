"""Founding the demo's store and letting its network join, each by the request a real one would send."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from schema.errors import Refusal
from schema.events.registry import WristbandRule
from schema.identifiers import first_copy
from schema.vocabulary import Clock as ClockKind
from schema.vocabulary import EquipmentType, Meaning, ObjectType, Purpose, Role, SiteType
from tracker.clock import SimulatedClock
from tracker.demo import cast
from tracker.people.founding import FounderGiven, NewStore
from tracker.people.signer import Signer
from tracker.protocols.library import shipped
from tracker.requests import registry as asked
from tracker.requests.base import Request, Scan, SignerReference
from tracker.tracker import Means, Tracker

PROTOCOL = "autologous-cryopreserved"
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
    """The storage location of each site."""

    boxes: dict[str, str] = field(default_factory=dict)
    loggers: dict[str, str] = field(default_factory=dict)
    stations: dict[str, str] = field(default_factory=dict)
    """The station of each site."""

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
    means: Means,
    clock: SimulatedClock,
    chance: random.Random,
    say: Callable[[str], None] = lambda _: None,
) -> Network:
    """A founded demo store with sites, people, badges, places and the shipped protocol."""
    names = _names(chance)
    pins = {staff: f"{chance.randrange(1_000_000):06d}" for staff in names}
    founders = tuple(
        FounderGiven(staff, names[staff], cast.PASSWORD.format(staff=staff.lower()), pins[staff])
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
        offset=hub.offset,
        phone_24h=hub.phone_24h,
        clock=ClockKind.SIMULATED,
    )
    tracker, founded = Tracker.found(url=url, new=new, config=config, means=means)
    network = Network(tracker, clock, chance, names=names, pins=pins)
    network.signers = {signer.staff: signer for signer in founded.signers}
    network.stations[hub.code] = cast.HUB_STATION
    say("sites, departments and places")
    with tracker.batch():
        _add_sites(network)
    say(f"{len(cast.PEOPLE)} people with keys and badges")
    _add_people(network)
    say("protocol and equipment")
    _adopt(network)
    _add_equipment(network)
    return network


def _names(chance: random.Random) -> dict[str, str]:
    people = [*cast.FOUNDERS, *(person.staff for person in cast.PEOPLE)]
    first = chance.sample(cast.FIRST_NAMES * 2, len(people))
    last = chance.sample(cast.LAST_NAMES * 2, len(people))
    return {staff: f"{first[index]} {last[index]}" for index, staff in enumerate(people)}


@dataclass(frozen=True, slots=True)
class _Desk:
    """The administrator at the hub, who lets the network join."""

    network: Network
    staff: str = cast.FOUNDERS[0]

    def common(self) -> tuple[str, str, str]:
        """Event id, actor and station of the next request."""
        self.network.clock.advance(timedelta(seconds=20))
        return self.network.tracker.new_event_id(), self.staff, cast.HUB_STATION


def _add_sites(network: Network) -> None:
    desk = _Desk(network)
    for site in cast.SITES:
        if site.code != cast.HUB:
            event, actor, station = desk.common()
            network.record(
                asked.AddSite(
                    event_id=event, actor=actor, station=station, site=site.code, title=site.title,
                    site_type=site.site_type, phone_24h=site.phone_24h, offset=site.offset, wristband=_wristband(site),
                ),
                actor,
            )  # fmt: skip
            event, actor, station = desk.common()
            network.stations[site.code] = f"{site.code}-01"
            network.record(
                asked.AddStation(
                    event_id=event, actor=actor, station=station, new_station=f"{site.code}-01", site=site.code,
                    title="Front desk",
                ),
                actor,
            )  # fmt: skip
        _add_departments(network, desk, site)


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


def _add_departments(network: Network, desk: _Desk, site: cast.SiteCast) -> None:
    for department in site.departments:
        event, actor, station = desk.common()
        network.record(
            asked.AddDepartment(
                event_id=event, actor=actor, station=station, site=site.code, department=department.code,
                title=department.title, roles=department.roles,
            ),
            actor,
        )  # fmt: skip
    for department_code, title, location_type in cast.locations(site):
        event, actor, station = desk.common()
        location = network.tracker.new_object_id(object_type=ObjectType.LOCATION)
        network.storage[site.code] = location
        network.record(
            asked.AddLocation(
                event_id=event, actor=actor, station=station, location=location, site=site.code,
                department=department_code, title=title, location_type=location_type,
            ),
            actor,
        )  # fmt: skip


def _add_people(network: Network) -> None:
    desk = _Desk(network)
    codes: dict[str, str] = {}
    for person in cast.PEOPLE:
        with network.tracker.batch():
            event, actor, station = desk.common()
            network.record(
                asked.AddPerson(
                    event_id=event, actor=actor, station=station, staff=person.staff,
                    printed_name=network.names[person.staff],
                ),
                actor,
            )  # fmt: skip
            _grant(network, desk, person)
        event, actor, station = desk.common()
        request = asked.IssueAccessCode(event_id=event, actor=actor, station=station, staff=person.staff)
        answer, code = network.tracker.issue_access_code(request=request, signer=network.signers[actor])
        if answer.problem is not None or code is None:
            raise Refusal(answer.problem.message if answer.problem else "No code was issued.")
        codes[person.staff] = code
    for staff, code in codes.items():
        network.clock.advance(timedelta(seconds=30))
        _activate(network, staff, code)
    with network.tracker.batch():
        for staff in network.names:
            _badge(network, desk, staff)


def _grant(network: Network, desk: _Desk, person: cast.PersonCast) -> None:
    event, actor, station = desk.common()
    guarded = person.role in (Role.QUALITY, Role.QUALIFIED_PERSON, Role.ADMINISTRATOR)
    others = ((cast.FOUNDERS[1], Meaning.APPROVED),) if guarded else ()
    network.record(
        asked.GrantRole(
            event_id=event, actor=actor, station=station, signers=network.by(actor, *others), staff=person.staff,
            role=person.role, site=person.site, training_reference=f"Training record {person.staff}",
            training_expires_at=network.clock.now() + timedelta(days=730),
        ),
        actor,
        *(other for other, _ in others),
    )  # fmt: skip


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


def _badge(network: Network, desk: _Desk, staff: str) -> None:
    event, actor, station = desk.common()
    badge = network.tracker.new_object_id(object_type=ObjectType.BADGE)
    network.badges[staff] = badge
    network.record(
        asked.BindBadge(
            event_id=event, actor=actor, station=station, staff=staff, badge=Scan(code=first_copy(badge).text),
        ),
        actor,
    )  # fmt: skip


def _adopt(network: Network) -> None:
    file = shipped(PROTOCOL)
    network.clock.advance(timedelta(minutes=5))
    quality, second = cast.FOUNDERS[1], cast.FOUNDERS[0]
    request = asked.AdoptProtocol(
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


def _add_equipment(network: Network) -> None:
    desk = _Desk(network)
    with network.tracker.batch():
        for site, equipment_type, title in cast.EQUIPMENT:
            is_logger = equipment_type is EquipmentType.DATA_LOGGER
            event, actor, station = desk.common()
            equipment = network.tracker.new_object_id(
                object_type=ObjectType.DATA_LOGGER if is_logger else ObjectType.BOX
            )
            (network.loggers if is_logger else network.boxes)[title] = equipment
            network.record(
                asked.AddEquipment(
                    event_id=event, actor=actor, station=station, equipment=equipment, equipment_type=equipment_type,
                    title=title, site=site, hold_hours=None if is_logger else 240,
                ),
                actor,
            )  # fmt: skip
