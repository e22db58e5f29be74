"""Decisions over sites, departments, locations, stations, equipment and protocols."""

from __future__ import annotations

from schema.events import registry as events
from schema.vocabulary import EquipmentType, LocationType, Meaning, ObjectType
from tracker.registry import requests
from tracker.registry.situation import (
    ADMINISTRATORS,
    OVERSEERS,
    QUALITY,
    RegistrySituation,
    accepted,
    id_refusal,
    performed,
    refused,
    refused_by,
)
from tracker.rules.decision import Answer, Decision, Refused, Slot
from tracker.rules.permissions import site_violation, station_violation
from tracker.rules.public_keys import names_key
from tracker.rules.registry_records import STATION_OWNER


def add_site(situation: RegistrySituation, request: requests.AddSite) -> Decision:
    """A site code is used once."""
    if request.site in situation.registry.sites:
        return _taken("site", request.site)
    added = events.SiteAdded(
        site=request.site,
        title=request.title,
        site_type=request.site_type,
        address=request.address,
        phone_24h=request.phone_24h,
        offset=request.offset,
        wristband=request.wristband,
    )
    return accepted(situation, request, [added], performed(request, ADMINISTRATORS))


def deactivate_site(situation: RegistrySituation, request: requests.DeactivateSite) -> Decision:
    """Not from one of its own stations, which would leave the store without the terminal that asked."""
    violation = site_violation(situation.registry, request.site)
    if violation is not None:
        return refused_by(violation)
    station = situation.registry.station(situation.station)
    if station is not None and station.site == request.site:
        return refused(
            "own_site",
            f"The station {station.id} stands at the site {request.site} itself.",
            "Deactivate the site from a station of another site.",
        )
    gone = events.SiteDeactivated(site=request.site)
    return accepted(situation, request, [gone], performed(request, OVERSEERS))


def add_department(situation: RegistrySituation, request: requests.AddDepartment) -> Decision:
    """A department's code is used once at its site."""
    violation = site_violation(situation.registry, request.site)
    if violation is not None:
        return refused_by(violation)
    if situation.registry.department(f"{request.site}/{request.department}") is not None:
        return _taken("department", f"{request.site}/{request.department}")
    added = events.DepartmentAdded(
        site=request.site, department=request.department, title=request.title, roles=request.roles
    )
    return accepted(situation, request, [added], performed(request, ADMINISTRATORS))


def add_location(situation: RegistrySituation, request: requests.AddLocation) -> Decision:
    """A location belongs to a department, whose roles answer for it."""
    violation = site_violation(situation.registry, request.site)
    if violation is not None:
        return refused_by(violation)
    if situation.registry.department(f"{request.site}/{request.department}") is None:
        return refused(
            "department_unknown",
            f"The site {request.site} has no department {request.department}.",
            "Add the department first, or name one of the site.",
        )
    location = request.location or situation.fresh(ObjectType.LOCATION)
    if location in situation.registry.locations:
        return _taken("location", location)
    added = events.LocationAdded(
        location=location,
        site=request.site,
        department=request.department,
        title=request.title,
        location_type=request.location_type,
    )
    return id_refusal(situation, location) or accepted(
        situation, request, [added], performed(request, ADMINISTRATORS)
    )


def add_station(situation: RegistrySituation, request: requests.AddStation) -> Decision:
    """A station id is used once, also after it was retired."""
    violation = site_violation(situation.registry, request.site)
    if violation is not None:
        return refused_by(violation)
    if request.new_station in situation.registry.stations:
        return _taken("station", request.new_station)
    place = None if request.bench is None else situation.registry.location(request.bench)
    if request.bench is not None and not (
        place is not None and place.site == request.site and place.location_type is LocationType.BENCH
    ):
        return refused(
            "bench_unknown",
            f"The site {request.site} has no bench {request.bench}.",
            "Add the bench as a location of the site first, or leave it out: the terminal is its own bench.",
        )
    added = events.StationAdded(
        station=request.new_station,
        site=request.site,
        title=request.title,
        pasted_accepted=request.pasted_accepted,
        bench=request.bench,
    )
    return accepted(situation, request, [added], performed(request, ADMINISTRATORS))


def retire_station(situation: RegistrySituation, request: requests.RetireStation) -> Decision:
    """Not from the station itself; its cosigning key is retired with it."""
    station = situation.registry.station(request.old_station)
    if station is None:
        return refused(
            "station_unknown", f"This store has no station {request.old_station}.", "Check the station id."
        )
    if station.retired:
        return refused(
            "station_retired",
            f"The station {request.old_station} is already retired.",
            "Nothing is to be done.",
            answer=Answer.CHECK,
        )
    if request.old_station == situation.station:
        return refused(
            "own_station",
            f"The station {request.old_station} cannot retire itself.",
            "Retire it from another station.",
        )
    key = situation.registry.active_key(STATION_OWNER + station.id)
    retired = [] if key is None else [events.KeyRetired(owner=key.owner, key=key.key)]
    gone = events.StationRetired(station=request.old_station)
    return accepted(situation, request, [gone, *retired], performed(request, OVERSEERS))


def add_station_key(situation: RegistrySituation, request: requests.AddStationKey) -> Decision:
    """A station has one cosigning key at a time, and it counts as soon as an administrator vouched for it."""
    violation = station_violation(situation.registry, request.key_station)
    if violation is not None:
        return refused_by(violation)
    owner = STATION_OWNER + request.key_station
    held = situation.registry.active_key(owner)
    if held is not None:
        return refused(
            "key_active", f"The station already cosigns with the key {held.key}.", "Retire that key first."
        )
    added = events.KeyAdded(owner=owner, key=request.key, public=request.public, on_hub=request.on_hub)
    return key_refusal(situation, request.key, request.public) or accepted(
        situation, request, [added], performed(request, ADMINISTRATORS)
    )


def key_refusal(situation: RegistrySituation, key: str, public: str) -> Refused | None:
    """Why a key cannot be added: a wrong id, or one that is taken."""
    if not names_key(key, public):
        return refused(
            "key_mismatch",
            f"{key} is not the id of that public key.",
            "Give the first 16 hex digits of the SHA-256 of the 32 public bytes.",
        )
    return _taken("key", key) if situation.registry.key(key) is not None else None


def add_equipment(situation: RegistrySituation, request: requests.AddEquipment) -> Decision:
    """A data logger has a D id, a box or shipper a B id."""
    violation = site_violation(situation.registry, request.site)
    if violation is not None:
        return refused_by(violation)
    logger = request.equipment_type is EquipmentType.DATA_LOGGER
    letter = ObjectType.DATA_LOGGER if logger else ObjectType.BOX
    kind = request.equipment_type.replace("_", " ")
    equipment = request.equipment or situation.fresh(letter)
    if equipment[0] != letter:
        return refused(
            "wrong_object",
            f"{equipment} is not the id of a {kind}: that begins with {letter}.",
            "Use a code that was printed for such a thing.",
        )
    if situation.registry.equipment(equipment) is not None:
        return _taken("equipment", equipment)
    added = events.EquipmentAdded(
        equipment=equipment,
        equipment_type=request.equipment_type,
        title=request.title,
        site=request.site,
        hold_hours=request.hold_hours,
        requalification_due=request.requalification_due,
    )
    return id_refusal(situation, equipment) or accepted(
        situation, request, [added], performed(request, ADMINISTRATORS)
    )


def adopt_protocol(situation: RegistrySituation, request: requests.AdoptProtocol) -> Decision:
    """Versions only go up, so that "the latest" is what was adopted last; two people answer for each."""
    latest = situation.registry.latest_protocol(request.protocol)
    if latest is not None and request.version <= latest.version:
        same = situation.registry.protocol(request.protocol, request.version)
        done = same is not None and same.sha256 == request.sha256
        return refused(
            "protocol_adopted" if done else "protocol_version_taken",
            f"{request.protocol} is at version {latest.version}: version {request.version} comes too late.",
            "Nothing is to be done." if done else f"Give the changed protocol version {latest.version + 1}.",
            answer=Answer.CHECK if done else Answer.STOP,
        )
    adopted = events.ProtocolAdopted(
        protocol=request.protocol, version=request.version, sha256=request.sha256, title=request.title
    )
    approved = Slot(Meaning.APPROVED, OVERSEERS)
    return accepted(situation, request, [adopted], performed(request, QUALITY), approved)


def _taken(what: str, value: str) -> Refused:
    return refused(
        f"{what}_taken",
        f"The {what} {value} is already in this store.",
        "Use another; nothing in the registry is ever reused.",
    )
