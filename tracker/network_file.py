"""A whole network in one TOML file: sites with what is in them, and people with their roles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from importlib import resources
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field

from schema.events.base import ShortName, Value, WholeNumber
from schema.events.capacity import ClockTime, PlacesPerWeekday
from schema.events.equipment import EquipmentSerial
from schema.events.registry import WristbandRule
from schema.instants import format_instant
from schema.measured import CelsiusText
from schema.positions import COLUMNS_MAX, ROWS_MAX
from schema.vocabulary import (
    EquipmentType,
    LocationType,
    ObjectType,
    Purpose,
    ResourceType,
    Role,
    SiteType,
    Weekday,
)
from schema.wristbands import wristband_rule
from schema.zones import typed_time, zone_info
from tracker.registry.people.decisions import APPROVED_ROLES
from tracker.requests.fields import LabelText, LabelTitle, PhoneText, PrintedName, Zone
from tracker.requests.toml_files import WrittenFile, twice

NETWORK_BYTES_MAX: Final = 1_000_000
"""A network of a hundred sites and thousands of people stays far below it."""

_FILE: Final = WrittenFile(
    "network file",
    NETWORK_BYTES_MAX,
    "bad_network",
    "Correct the file; `cartrail init --example` prints one. Nothing was created.",
)

FOUNDERS: Final = 2
OF_THE_HUB: Final = "QUALITY"
"""The department that the first site has from the founding on."""

NewId = Callable[[ObjectType], str]
"""Draws an id that stands for nothing yet."""


def _pictured(text: str) -> str:
    wristband_rule(text)
    return text


class PlaceGiven(Value):
    """A storage place, bench, dock or ward of a department."""

    title: LabelTitle
    type: LocationType
    celsius_min: CelsiusText | None = None
    celsius_max: CelsiusText | None = None
    rows: WholeNumber | None = Field(default=None, ge=1, le=ROWS_MAX)
    columns: WholeNumber | None = Field(default=None, ge=1, le=COLUMNS_MAX)


class DepartmentGiven(Value):
    """A part of a site that can hold custody, with the roles that answer for it."""

    department: ShortName
    title: LabelTitle
    roles: tuple[Role, ...] = Field(min_length=1)
    places: tuple[PlaceGiven, ...] = ()


class StationGiven(Value):
    """A station; `place` is the title of the bench it stands at, where several share one."""

    station: ShortName
    title: LabelTitle
    place: LabelTitle | None = None


class EquipmentGiven(Value):
    """A box, shipper or data logger."""

    title: LabelTitle
    type: EquipmentType
    hold_hours: WholeNumber | None = Field(default=None, ge=1, le=2000)
    has_display: bool = False
    serial: EquipmentSerial | None = None


class ResourceGiven(Value):
    """What can be booked at a site: how many can begin on each day, Monday first, and for how long."""

    resource: ShortName
    title: LabelTitle
    type: ResourceType
    per_weekday: PlacesPerWeekday
    concurrent: WholeNumber | None = Field(default=None, ge=1, le=9999)
    occupies_hours: WholeNumber = Field(ge=1, le=2400)
    notice_hours: WholeNumber = Field(default=0, ge=0, le=2400)
    opens: ClockTime
    closes: ClockTime


class LaneGiven(Value):
    """When a carrier picks up at one site for another, how long it takes, and what it keeps on the way."""

    lane: ShortName
    from_site: ShortName
    to_site: ShortName
    carrier: ShortName
    transit_hours: WholeNumber = Field(ge=1, le=720)
    transit_hours_max: WholeNumber | None = Field(default=None, ge=1, le=720)
    celsius_min: CelsiusText | None = None
    celsius_max: CelsiusText | None = None
    cutoff: ClockTime
    picks_up_on: tuple[Weekday, ...] = Field(min_length=1, max_length=7)
    documents: tuple[LabelTitle, ...] = Field(default=(), max_length=20)


class SiteGiven(Value):
    """A site with what is in it; the first of a file is that of the hub."""

    site: ShortName
    title: LabelTitle
    type: SiteType
    zone: Zone
    address: LabelText = ""
    phone_24h: PhoneText = ""
    wristband: tuple[Annotated[str, AfterValidator(_pictured)], ...] = ()
    open_on: tuple[Weekday, ...] = ()
    departments: tuple[DepartmentGiven, ...] = ()
    stations: tuple[StationGiven, ...] = ()
    equipment: tuple[EquipmentGiven, ...] = ()
    resources: tuple[ResourceGiven, ...] = ()

    @property
    def wristband_rules(self) -> tuple[WristbandRule, ...]:
        """How its wristband numbers look."""
        return tuple(map(wristband_rule, self.wristband))


class RoleGiven(Value):
    """A role at a site, with what shows that the person can do it."""

    role: Role
    site: ShortName
    training: LabelTitle
    training_expires: str | None = None
    until: str | None = None


class PersonGiven(Value):
    """A person; two of a file found the store."""

    staff: ShortName
    name: PrintedName
    is_founder: bool = False
    badge: bool = True
    roles: tuple[RoleGiven, ...] = ()


class NetworkFile(Value):
    """What a file says; every list keeps its order."""

    purpose: Purpose
    station: ShortName = "HUB-1"
    protocols: tuple[str, ...] = ()
    sites: tuple[SiteGiven, ...] = Field(min_length=1)
    people: tuple[PersonGiven, ...] = Field(min_length=FOUNDERS)
    lanes: tuple[LaneGiven, ...] = ()

    @property
    def founders(self) -> tuple[PersonGiven, ...]:
        """Those who found the store."""
        return tuple(one for one in self.people if one.is_founder)

    @property
    def needs_both(self) -> bool:
        """Whether something in it is decided by two, who sign it where they are."""
        is_decided = any(_is_approved(one, granted) for one in self.people for granted in one.roles)
        return bool(self.protocols) or is_decided


@dataclass(frozen=True, slots=True)
class Wanted:
    """One request that a file asks for."""

    request: str
    fields: Mapping[str, Any]
    is_approved: bool = False
    """Whether a second founder signs it."""


def network_example() -> str:
    """A network file with one of everything, to be changed."""
    return resources.files(__package__).joinpath("network.example.toml").read_text(encoding="utf-8")


def network_of(content: bytes) -> NetworkFile:
    """A network as a file says it; raises InputError naming the line or key that cannot be."""
    return _FILE.read(content, NetworkFile, _faults)


def wanted(network: NetworkFile, *, now: datetime, new_id: NewId) -> Iterator[Wanted]:
    """Every request after the founding, in an order in which each finds what it names."""
    first = network.sites[0]
    places: dict[tuple[str, str], str] = {}
    for site in network.sites:
        if site is not first:
            yield Wanted("add_site", _site(site))
        if site.open_on:
            yield Wanted("set_site_days", {"site": site.site, "open_on": [day.value for day in site.open_on]})
        for department in site.departments:
            yield from _department(site, department, places, new_id)
        for station in site.stations:
            yield Wanted("add_station", _station(site, station, places))
        for thing in site.equipment:
            yield Wanted("add_equipment", _thing(site, thing))
        for resource in site.resources:
            yield Wanted("set_resource", {"site": site.site, **_resource(resource)})
    for lane in network.lanes:
        yield Wanted("set_lane", lane.model_dump(mode="json"))
    zones = {site.site: site.zone for site in network.sites}
    for person in network.people:
        yield from _person(person, zones, now)


def _site(site: SiteGiven) -> dict[str, Any]:
    return {
        "site": site.site,
        "title": site.title,
        "site_type": site.type.value,
        "zone": site.zone,
        "address": site.address,
        "phone_24h": site.phone_24h,
        "wristband": [rule.model_dump(mode="json") for rule in site.wristband_rules],
    }


def _department(
    site: SiteGiven, department: DepartmentGiven, places: dict[tuple[str, str], str], new_id: NewId
) -> Iterator[Wanted]:
    where = {"site": site.site, "department": department.department}
    roles = [role.value for role in department.roles]
    yield Wanted("add_department", {**where, "title": department.title, "roles": roles})
    for place in department.places:
        drawn = places[site.site, place.title] = new_id(ObjectType.LOCATION)
        named = {"location": drawn, "title": place.title, "location_type": place.type.value}
        yield Wanted("add_location", {**where, **named})
        kept = {name: getattr(place, name) for name in ("celsius_min", "celsius_max", "rows", "columns")}
        if any(one is not None for one in kept.values()):
            yield Wanted("set_location_conditions", {"location": drawn, **_said(kept)})


def _station(site: SiteGiven, station: StationGiven, places: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    bench = None if station.place is None else places[site.site, station.place]
    named = {"new_station": station.station, "site": site.site, "title": station.title}
    return {**named, **_said({"bench": bench})}


def _thing(site: SiteGiven, thing: EquipmentGiven) -> dict[str, Any]:
    named = {"equipment_type": thing.type.value, "title": thing.title, "site": site.site}
    return {
        **named,
        "has_display": thing.has_display,
        **_said({"hold_hours": thing.hold_hours, "serial": thing.serial}),
    }


def _resource(resource: ResourceGiven) -> dict[str, Any]:
    given = _said(resource.model_dump(mode="json", exclude={"type"}))
    return {**given, "resource_type": resource.type.value}


def _person(person: PersonGiven, zones: Mapping[str, str], now: datetime) -> Iterator[Wanted]:
    if not person.is_founder:
        yield Wanted("add_person", {"staff": person.staff, "printed_name": person.name})
    for granted in person.roles:
        times = {"training_expires_at": granted.training_expires, "valid_until": granted.until}
        fields = {
            "staff": person.staff,
            "role": granted.role.value,
            "site": granted.site,
            "training_reference": granted.training,
            **{name: _instant(text, zones[granted.site], now) for name, text in _said(times).items()},
        }
        yield Wanted("grant_role", fields, is_approved=_is_approved(person, granted))
    if person.badge:
        yield Wanted("bind_badge", {"staff": person.staff})


def _is_approved(person: PersonGiven, granted: RoleGiven) -> bool:
    """A role that decides over others, or a role of who records it, is given by two."""
    return person.is_founder or granted.role in APPROVED_ROLES


def _instant(text: str, zone: str, now: datetime) -> str:
    here = zone_info(zone)
    return format_instant(typed_time(text, here, day=now.astimezone(here).date(), any_clock=True))


def _checked_times(granted: RoleGiven, zone: str) -> None:
    """Raises InputError for a time that is none; which day it is now makes no difference to that."""
    for text in (granted.training_expires, granted.until):
        if text is not None:
            typed_time(text, zone_info(zone), day=date(2000, 1, 1), any_clock=True)


def _said(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _faults(network: NetworkFile) -> Iterator[str]:
    """What each part allows and the whole does not."""
    if len(network.founders) != FOUNDERS:
        founders = len(network.founders)
        have = "1 person has" if founders == 1 else f"{founders} people have"
        yield f"{have} is_founder = true; a store is founded by two"
    yield from twice("site", [site.site for site in network.sites])
    zones = {site.site: site.zone for site in network.sites}
    if any(one.department == OF_THE_HUB for one in network.sites[0].departments):
        yield f"the first site has the department {OF_THE_HUB} without being told"
    for place in (one for site in network.sites for part in site.departments for one in part.places):
        if (place.rows is None) != (place.columns is None):
            yield f"the place {place.title} has rows or columns alone; give both or neither"
    stations = [network.station, *(one.station for site in network.sites for one in site.stations)]
    yield from twice("station", stations)
    yield from twice("person", [person.staff for person in network.people])
    yield from twice("protocol", network.protocols)
    yield from _faults_of_lanes(network)
    for site in network.sites:
        yield from _faults_of(site)
    for person in network.people:
        if not person.roles and not person.is_founder:
            yield f"{person.staff} has no role at any site"
        for granted in person.roles:
            if granted.site in zones:
                _checked_times(granted, zones[granted.site])
            else:
                yield f"{person.staff} has a role at {granted.site}, which is no site of the file"


def _faults_of_lanes(network: NetworkFile) -> Iterator[str]:
    yield from twice("lane", [one.lane for one in network.lanes])
    types = {site.site: site.type for site in network.sites}
    for one in network.lanes:
        for site in (one.from_site, one.to_site, one.carrier):
            if site not in types:
                yield f"lane {one.lane} names {site}, which is no site of the file"
        if types.get(one.carrier, SiteType.CARRIER) is not SiteType.CARRIER:
            yield f"lane {one.lane} is driven by {one.carrier}, which is no carrier"
        if one.from_site == one.to_site:
            yield f"lane {one.lane} leads from {one.from_site} to itself"
        if len({*one.picks_up_on}) < len(one.picks_up_on):
            yield f"lane {one.lane} names a day of the week twice"


def _faults_of(site: SiteGiven) -> Iterator[str]:
    yield from twice(f"resource of {site.site}", [one.resource for one in site.resources])
    for one in site.resources:
        if one.closes < one.opens:
            yield f"resource {one.resource} of {site.site} begins from {one.opens} until {one.closes}"
    yield from twice(f"department of {site.site}", [one.department for one in site.departments])
    places = [place for one in site.departments for place in one.places]
    titles = [place.title for place in places]
    yield from twice(f"place of {site.site}", titles)
    for place in places:
        low, high = place.celsius_min, place.celsius_max
        if low is not None and high is not None and Decimal(low) > Decimal(high):
            kept = f"{low} C as its coldest and {high} C as its warmest"
            yield f'the place "{place.title}" of {site.site} has {kept}'
    yield from twice(f"equipment of {site.site}", [one.title for one in site.equipment])
    for station in site.stations:
        if station.place is not None and station.place not in titles:
            yield f'station {station.station} stands at "{station.place}", which is no place of {site.site}'
