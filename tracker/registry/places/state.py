"""What the events about sites, departments, locations and stations change in the registry."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from msgspec.structs import replace

from schema.entry import Statement
from schema.events import registry as events
from tracker.rules.registry_state import (
    Changes,
    Closure,
    CountSaid,
    Department,
    Location,
    LoggerSince,
    RegistryState,
    Site,
    Station,
    ZoneSince,
    with_one_more,
)


def _site_added(state: RegistryState, _: Statement, event: events.SiteAdded) -> RegistryState:
    site = Site(
        event.site,
        event.title,
        event.site_type,
        event.address,
        event.phone_24h,
        (ZoneSince(event.zone),),
        event.wristband,
    )
    return replace(state, sites=with_one_more(state.sites, event.site, site))


def _contact_changed(state: RegistryState, _: Statement, event: events.SiteContactChanged) -> RegistryState:
    site = state.site(event.site)
    if site is None:
        return state
    changed = replace(
        site, address=event.address or site.address, phone_24h=event.phone_24h or site.phone_24h
    )
    return replace(state, sites={**state.sites, site.code: changed})


def _zone_set(state: RegistryState, _: Statement, event: events.SiteZoneSet) -> RegistryState:
    site = state.site(event.site)
    if site is None:
        return state
    before = (one for one in site.zones if one.since is None or one.since < event.valid_from)
    changed = replace(site, zones=(*before, ZoneSince(event.zone, event.valid_from)))
    return replace(state, sites={**state.sites, site.code: changed})


def _wristband_set(state: RegistryState, _: Statement, event: events.SiteWristbandSet) -> RegistryState:
    site = state.site(event.site)
    if site is None:
        return state
    changed = replace(site, wristband=event.wristband)
    return replace(state, sites={**state.sites, site.code: changed})


def _days_set(state: RegistryState, _: Statement, event: events.SiteDaysSet) -> RegistryState:
    site = state.site(event.site)
    if site is None:
        return state
    changed = replace(site, open_on=frozenset(event.open_on))
    return replace(state, sites={**state.sites, site.code: changed})


def _closed(state: RegistryState, statement: Statement, event: events.ResourceClosed) -> RegistryState:
    site = state.site(event.site)
    if site is None:
        return state
    first, last = date.fromisoformat(event.from_day), date.fromisoformat(event.until_day)
    closure = Closure(statement.event_id, event.resource, first, last, event.title)
    changed = replace(site, closures=(*site.closures, closure))
    return replace(state, sites={**state.sites, site.code: changed})


def _closure_lifted(state: RegistryState, _: Statement, event: events.ClosureLifted) -> RegistryState:
    site = state.site(event.site)
    if site is None:
        return state
    left = tuple(one for one in site.closures if one.event_id != event.closure)
    return replace(state, sites={**state.sites, site.code: replace(site, closures=left)})


def _site_deactivated(state: RegistryState, _: Statement, event: events.SiteDeactivated) -> RegistryState:
    site = state.site(event.site)
    if site is None:
        return state
    return replace(state, sites={**state.sites, event.site: replace(site, active=False)})


def _site_reactivated(state: RegistryState, _: Statement, event: events.SiteReactivated) -> RegistryState:
    site = state.site(event.site)
    if site is None:
        return state
    return replace(state, sites={**state.sites, event.site: replace(site, active=True)})


def _department_added(state: RegistryState, _: Statement, event: events.DepartmentAdded) -> RegistryState:
    if event.site not in state.sites:
        return state
    department = Department(event.site, event.department, event.title, frozenset(event.roles))
    return replace(state, departments=with_one_more(state.departments, department.id, department))


def _location_added(state: RegistryState, _: Statement, event: events.LocationAdded) -> RegistryState:
    if f"{event.site}/{event.department}" not in state.departments:
        return state
    location = Location(event.location, event.site, event.department, event.title, event.location_type)
    return replace(state, locations=with_one_more(state.locations, event.location, location))


def _conditions_set(
    state: RegistryState, statement: Statement, event: events.LocationConditionsSet
) -> RegistryState:
    place = state.location(event.location)
    if place is None:
        return state
    locations = dict(state.locations)
    if event.data_logger is not None and event.data_logger != place.logger:
        for one in state.locations.values():
            if one.logger == event.data_logger:
                locations[one.id] = _with_logger(one, None, statement.occurred_at)
        place = _with_logger(place, event.data_logger, statement.occurred_at)
    locations[place.id] = replace(
        place,
        celsius_min=event.celsius_min,
        celsius_max=event.celsius_max,
        rows=event.rows,
        columns=event.columns,
    )
    return replace(state, locations=locations)


def _with_logger(place: Location, logger: str | None, since: datetime) -> Location:
    return replace(place, loggers=(*place.loggers, LoggerSince(logger, since)))


def _counted(state: RegistryState, statement: Statement, event: events.StorageCounted) -> RegistryState:
    place = state.location(event.location)
    if place is None:
        return state
    said = CountSaid(
        statement.occurred_at, statement.actor, event.expected, event.found, event.missing,
        event.unexpected, len(event.unknown),
    )  # fmt: skip
    return replace(state, locations={**state.locations, place.id: replace(place, counted=said)})


def _station_added(state: RegistryState, _: Statement, event: events.StationAdded) -> RegistryState:
    if event.site not in state.sites:
        return state
    station = Station(event.station, event.site, event.title, event.pasted_accepted, location=event.bench)
    return replace(state, stations=with_one_more(state.stations, event.station, station))


def _board_set(state: RegistryState, _: Statement, event: events.StationBoardSet) -> RegistryState:
    station = state.station(event.station)
    if station is None:
        return state
    changed = replace(station, shows_board=event.board)
    return replace(state, stations={**state.stations, station.id: changed})


def _station_retired(state: RegistryState, _: Statement, event: events.StationRetired) -> RegistryState:
    station = state.station(event.station)
    if station is None:
        return state
    return replace(state, stations={**state.stations, event.station: replace(station, retired=True)})


def _station_reactivated(
    state: RegistryState, _: Statement, event: events.StationReactivated
) -> RegistryState:
    station = state.station(event.station)
    if station is None:
        return state
    return replace(state, stations={**state.stations, event.station: replace(station, retired=False)})


CHANGES: Final[Changes] = {
    events.SiteAdded: _site_added,
    events.SiteContactChanged: _contact_changed,
    events.SiteZoneSet: _zone_set,
    events.SiteWristbandSet: _wristband_set,
    events.SiteDaysSet: _days_set,
    events.ResourceClosed: _closed,
    events.ClosureLifted: _closure_lifted,
    events.SiteDeactivated: _site_deactivated,
    events.SiteReactivated: _site_reactivated,
    events.DepartmentAdded: _department_added,
    events.LocationAdded: _location_added,
    events.LocationConditionsSet: _conditions_set,
    events.StorageCounted: _counted,
    events.StationAdded: _station_added,
    events.StationBoardSet: _board_set,
    events.StationRetired: _station_retired,
    events.StationReactivated: _station_reactivated,
}
