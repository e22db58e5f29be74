"""Decisions over sites, departments, locations and stations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from schema.errors import InputError
from schema.events import registry as events
from schema.events.processing import Quarantined
from schema.positions import is_within
from schema.vocabulary import EquipmentType, LocationType, Meaning, ObjectType
from tracker.registry.places import requests
from tracker.registry.situation import (
    ADMINISTRATORS,
    NAMED_MAX,
    OVERSEERS,
    PLANNERS,
    Decisions,
    RegistrySituation,
    allowed,
    denied,
    denied_by,
    event_of,
    id_refusal,
    occupied,
    overseen_by,
    performed,
    taken,
)
from tracker.rules.authority import site_violation, station_violation
from tracker.rules.checks.condition import place_violations
from tracker.rules.decision import Decision, Denied, Draft, ScanAnswer, Slot
from tracker.rules.registry_state import STATION_OWNER, Location

CLOSED_AT_MOST: Final = timedelta(days=366)
"""A closure for longer is a mistyped year: calendars are planned for little more than a year."""


def add_site(situation: RegistrySituation, request: requests.AddSite) -> Decision:
    """A site code is used once."""
    if request.site in situation.registry.sites:
        return taken("site", request.site)
    added = event_of(request)
    return allowed(situation, request, [added], performed(request, ADMINISTRATORS))


def change_contact(situation: RegistrySituation, request: requests.ChangeSiteContact) -> Decision:
    """Labels print this number, so it needs digits."""
    if request.address is None and request.phone_24h is None:
        raise InputError("Neither an address nor a telephone is given.", remedy="Give one or both.")
    if request.phone_24h is not None and not any(map(str.isdigit, request.phone_24h)):
        raise InputError(
            "The telephone has no digits.", remedy="Give the number as it is dialed from abroad."
        )
    violation = site_violation(situation.registry, request.site)
    site = situation.registry.site(request.site)
    if violation is not None or site is None:
        return denied_by(violation) if violation else denied("site_unknown", "No such site.", "Check it.")
    if (request.address or site.address, request.phone_24h or site.phone_24h) == (
        site.address,
        site.phone_24h,
    ):
        return denied(
            "already_done",
            f"{site.code} has this address and telephone already.",
            "Nothing to do.",
            answer=ScanAnswer.CHECK,
        )
    changed = event_of(request)
    return allowed(situation, request, [changed], performed(request, ADMINISTRATORS))


def set_zone(situation: RegistrySituation, request: requests.SetSiteZone) -> Decision:
    """From now on or later: what was recorded before keeps the local time it was recorded with."""
    violation = site_violation(situation.registry, request.site)
    if violation is not None:
        return denied_by(violation)
    since = request.valid_from or situation.shown_at
    if since < situation.shown_at:
        return denied(
            "zone_in_the_past",
            f"The zone of {request.site} cannot change from {situation.local(since, request.site)} on, which "
            "is over: what was recorded since keeps the local time it was recorded with.",
            "Leave the time out, and the zone counts from now on.",
        )
    site = situation.registry.site(request.site)
    later = site is not None and any(one.since is not None and one.since > since for one in site.zones)
    if situation.registry.zone_at(request.site, since) == request.zone and not later:
        return denied(
            "already_done",
            f"The clocks of {request.site} go by {request.zone} already.",
            "Nothing to do.",
            answer=ScanAnswer.CHECK,
        )
    changed = event_of(request, valid_from=since)
    return allowed(situation, request, [changed], performed(request, ADMINISTRATORS))


def set_wristband(situation: RegistrySituation, request: requests.SetSiteWristband) -> Decision:
    """Two rules that one number may follow would leave open whose number it is."""
    violation = site_violation(situation.registry, request.site)
    if violation is not None:
        return denied_by(violation)
    changed = event_of(request)
    return allowed(situation, request, [changed], performed(request, ADMINISTRATORS))


def set_days(situation: RegistrySituation, request: requests.SetSiteDays) -> Decision:
    """The days that are named are all on which it is open."""
    violation = site_violation(situation.registry, request.site)
    if violation is not None:
        return denied_by(violation)
    if len({*request.open_on}) < len(request.open_on):
        raise InputError("A day of the week is named twice.", remedy="Name each once.")
    return allowed(situation, request, [event_of(request)], performed(request, PLANNERS))


def close_resource(situation: RegistrySituation, request: requests.CloseResource) -> Decision:
    """The last day is not before the first; what overlaps another closure is closed by both."""
    violation = site_violation(situation.registry, request.site)
    if violation is not None:
        return denied_by(violation)
    if request.until_day < request.from_day:
        raise InputError(
            f"It cannot be closed from {request.from_day} until {request.until_day}.",
            remedy="Name the first day, then the last one, which is closed too.",
        )
    first, last = (date.fromisoformat(day) for day in (request.from_day, request.until_day))
    if last < situation.now.date() - timedelta(days=1) or last - first > CLOSED_AT_MOST:
        raise InputError(
            f"It cannot be closed from {first} until {last}: that is over, or longer than a year.",
            remedy="Check the years. What stays closed for longer is closed again each year.",
        )
    if request.resource and f"{request.site}/{request.resource}" not in situation.registry.resources:
        return denied(
            "resource_unknown",
            f"The site {request.site} has no resource {request.resource}.",
            f"See `cartrail site resource list {request.site}`, or close the site.",
        )
    return allowed(situation, request, [event_of(request)], performed(request, PLANNERS))


def lift_closure(situation: RegistrySituation, request: requests.LiftClosure) -> Decision:
    """Only one that stands is lifted."""
    violation = site_violation(situation.registry, request.site)
    if violation is not None:
        return denied_by(violation)
    site = situation.registry.site(request.site)
    if site is None or all(one.event_id != request.closure for one in site.closures):
        return denied(
            "closure_unknown",
            f"The site {request.site} has no closure {request.closure}.",
            f"See `cartrail site show {request.site}`.",
        )
    return allowed(situation, request, [event_of(request)], performed(request, PLANNERS))


def deactivate_site(situation: RegistrySituation, request: requests.DeactivateSite) -> Decision:
    """Not from one of its own stations, which would leave the store without the terminal that asked."""
    violation = site_violation(situation.registry, request.site)
    if violation is not None:
        return denied_by(violation)
    station = situation.registry.station(situation.station)
    if station is not None and station.site == request.site:
        return denied(
            "own_site",
            f"The station {station.id} stands at the site {request.site} itself.",
            "Deactivate the site from a station of another site.",
        )
    gone = events.SiteDeactivated(site=request.site)
    return occupied(
        f"At {request.site} there is still something in custody",
        situation.there,
        "Hand these units over, return or destroy them first.",
    ) or allowed(situation, request, [gone], *overseen_by(situation, request, (request.site,)))


def reactivate_site(situation: RegistrySituation, request: requests.ReactivateSite) -> Decision:
    """What belongs to it stands as it was left: departments, places, stations and grants."""
    site = situation.registry.site(request.site)
    if site is None or site.active:
        return denied(
            "site_active" if site else "site_unknown",
            f"The site {request.site} is {'in use' if site else 'not in this store'}.",
            "See `cartrail site list`.",
            answer=ScanAnswer.CHECK,
        )
    back = events.SiteReactivated(site=request.site)
    return allowed(situation, request, [back], *overseen_by(situation, request, (request.site,)))


def add_department(situation: RegistrySituation, request: requests.AddDepartment) -> Decision:
    """A department's code is used once at its site."""
    violation = site_violation(situation.registry, request.site)
    if violation is not None:
        return denied_by(violation)
    if situation.registry.department(f"{request.site}/{request.department}") is not None:
        return taken("department", f"{request.site}/{request.department}")
    added = event_of(request)
    return allowed(situation, request, [added], performed(request, ADMINISTRATORS))


def add_location(situation: RegistrySituation, request: requests.AddLocation) -> Decision:
    """A location belongs to a department, whose roles answer for it."""
    violation = site_violation(situation.registry, request.site)
    if violation is not None:
        return denied_by(violation)
    if situation.registry.department(f"{request.site}/{request.department}") is None:
        return denied(
            "department_unknown",
            f"The site {request.site} has no department {request.department}.",
            "Add the department first, or name one of the site.",
        )
    location = request.location or situation.fresh(ObjectType.LOCATION)
    if location in situation.registry.locations:
        return taken("location", location)
    added = event_of(request, location=location)
    return id_refusal(situation, location) or allowed(
        situation, request, [added], performed(request, ADMINISTRATORS)
    )


def set_conditions(situation: RegistrySituation, request: requests.SetLocationConditions) -> Decision:
    """What a place keeps and how many positions it has; what is not said of either stays as it is."""
    _require_sense(request)
    place = situation.registry.location(request.location)
    if place is None:
        return denied(
            "location_unknown",
            f"This store has no place {request.location}.",
            "Scan the code of the place, or add it first.",
        )
    violation = site_violation(situation.registry, place.site)
    if violation is not None:
        return denied_by(violation)
    changed = _as_said(place, request)
    if changed == place and request.data_logger in (None, place.logger):
        kept = "temperatures" if request.rows is None else "rows and columns"
        return denied(
            "already_done",
            f"{place.title} has these {kept} already.",
            "Nothing to do.",
            answer=ScanAnswer.CHECK,
        )
    wrong = _not_a_logger_of(situation, place, request.data_logger)
    if wrong is not None:
        return wrong
    left_out = _left_out(situation, changed)
    if left_out is not None:
        return left_out
    too_warm = _not_borne(situation, changed)
    if too_warm and request.reason is None:
        return _ask_why(place, too_warm)
    said = event_of(
        request,
        celsius_min=changed.celsius_min,
        celsius_max=changed.celsius_max,
        rows=changed.rows,
        columns=changed.columns,
    )
    decision = allowed(situation, request, [said], performed(request, ADMINISTRATORS))
    drafts = (
        Draft(
            coi,
            Quarantined(units=units, reason=request.reason),
            slots=(Slot(Meaning.PERFORMED, staff=request.actor),),
            deviates=("wrong_place",),
        )
        for coi, units in too_warm.items()
    )
    return replace(decision, events=(*drafts, *decision.events))


def _require_sense(request: requests.SetLocationConditions) -> None:
    """Something is said, the coldest is not above the warmest, and rows come with columns."""
    low, high = request.celsius_min, request.celsius_max
    if (request.rows is None) != (request.columns is None):
        raise InputError(
            "Rows and columns are given together, or neither.",
            remedy="Give both, such as 5 rows and 8 columns for the positions A1 to E8.",
        )
    if (low, high, request.rows, request.data_logger) == (None, None, None, None):
        raise InputError(
            "Neither temperatures nor rows and columns are given.",
            remedy="Give celsius_min, celsius_max or both as the place is mapped and monitored, "
            "rows and columns, or the logger that records in it.",
        )
    if low is not None and high is not None and Decimal(low) > Decimal(high):
        raise InputError(
            f"The coldest temperature {low} C is above the warmest {high} C.",
            remedy="Give the lower one as celsius_min.",
        )


def _as_said(place: Location, request: requests.SetLocationConditions) -> Location:
    """The place as it is from now on: both temperatures are said at once, and so are rows and columns."""
    if request.celsius_min is not None or request.celsius_max is not None:
        place = replace(place, celsius_min=request.celsius_min, celsius_max=request.celsius_max)
    if request.rows is not None:
        place = replace(place, rows=request.rows, columns=request.columns)
    return place


def _left_out(situation: RegistrySituation, place: Location) -> Denied | None:
    """The refusal of rows and columns that leave out a position in which something lies."""
    if place.grid is None:
        return None
    lying = {
        unit.position: unit.unit
        for inside in situation.inside.values()
        for _, unit in inside
        if unit.position is not None and not is_within(unit.position, *place.grid)
    }
    some = ", ".join(f"{lying[position]} in {position}" for position in sorted(lying)[:NAMED_MAX])
    more = f" and {len(lying) - NAMED_MAX} more" if len(lying) > NAMED_MAX else ""
    if not lying:
        return None
    return denied(
        "position_in_use",
        f"{place.title} would have {place.range_words} alone, and by the record lie {some}{more}.",
        "Give these units other positions first, or keep the rows and columns.",
    )


def _not_a_logger_of(situation: RegistrySituation, place: Location, logger: str | None) -> Denied | None:
    """Why a logger's files could not be known to be of a place; a logger of another place is moved here."""
    if logger is None or logger == place.logger:
        return None
    known = situation.registry.equipment(logger)
    if known is None or known.equipment_type is not EquipmentType.DATA_LOGGER or known.site != place.site:
        return denied(
            "logger_unknown",
            f"{place.site} has no data logger {logger}.",
            f"Name a logger of this site, or add it: cartrail site equipment add {place.site} data_logger.",
        )
    if known.serial is None:
        return denied(
            "serial_unknown",
            f"Nobody has said the serial number of {known.title}, so no file can be known to be of it.",
            "Add the logger with the number of its maker: cartrail site equipment add --serial.",
        )
    return None


def _not_borne(situation: RegistrySituation, place: Location) -> dict[str, tuple[str, ...]]:
    """The units in a place that do not bear what it is now said to keep, by therapy."""
    found: dict[str, tuple[str, ...]] = {}
    for coi, inside in situation.inside.items():
        for protocol, unit in inside:
            if any(one.rule == "wrong_place" for one in place_violations(protocol, unit, place)):
                found[coi] = (*found.get(coi, ()), unit.unit)
    return found


def _ask_why(place: Location, inside: Mapping[str, tuple[str, ...]]) -> Denied:
    """The refusal of what may be a slip, or of a place that is to be used otherwise while cells are in it."""
    units = [unit for held in inside.values() for unit in held]
    some = ", ".join(units[:NAMED_MAX])
    more = f" and {len(units) - NAMED_MAX} more" if len(units) > NAMED_MAX else ""
    return denied(
        "wrong_place",
        f"In {place.title} lie {some}{more}, which do not bear that.",
        "Read the temperatures again. Put these units elsewhere first. If they lie in it as it is now, give "
        "a reason, such as temperature_excursion: they go into quarantine, each therapy with a deviation.",
    )


def add_station(situation: RegistrySituation, request: requests.AddStation) -> Decision:
    """A station id is used once, also after it was retired."""
    violation = site_violation(situation.registry, request.site)
    if violation is not None:
        return denied_by(violation)
    if request.new_station in situation.registry.stations:
        return taken("station", request.new_station)
    place = None if request.bench is None else situation.registry.location(request.bench)
    if request.bench is not None and not (
        place is not None and place.site == request.site and place.location_type is LocationType.BENCH
    ):
        return denied(
            "bench_unknown",
            f"The site {request.site} has no bench {request.bench}.",
            "Add the bench as a location of the site first, or leave it out: the terminal is its own bench.",
        )
    added = event_of(request, station=request.new_station)
    return allowed(situation, request, [added], performed(request, ADMINISTRATORS))


def set_board(situation: RegistrySituation, request: requests.SetStationBoard) -> Decision:
    """Its own site allows it: a board in a corridor says which therapies are there."""
    violation = station_violation(situation.registry, request.board_station)
    if violation is not None:
        return denied_by(violation)
    station = situation.registry.stations[request.board_station]
    if station.shows_board is request.board:
        return denied(
            "already_done",
            f"The station {station.id} {'shows' if request.board else 'does not show'} the board without "
            "sign-in already.",
            "Nothing to do.",
            answer=ScanAnswer.CHECK,
        )
    changed = events.StationBoardSet(station=station.id, board=request.board)
    site = replace(performed(request, OVERSEERS), site=station.site)
    return allowed(situation, request, [changed], site)


def retire_station(situation: RegistrySituation, request: requests.RetireStation) -> Decision:
    """Not from the station itself; its cosigning key is retired with it."""
    station = situation.registry.station(request.old_station)
    if station is None:
        return denied(
            "station_unknown", f"This store has no station {request.old_station}.", "Check the station id."
        )
    if station.retired:
        return denied(
            "station_retired",
            f"The station {request.old_station} is already retired.",
            "Nothing is to be done.",
            answer=ScanAnswer.CHECK,
        )
    if request.old_station == situation.station:
        return denied(
            "own_station",
            f"The station {request.old_station} cannot retire itself.",
            "Retire it from another station.",
        )
    key = situation.registry.active_key(STATION_OWNER + station.id)
    retired = [] if key is None else [events.KeyRetired(owner=key.owner, key=key.key)]
    gone = events.StationRetired(station=request.old_station)
    return occupied(
        f"At the bench of {station.id} there is still",
        situation.at_bench,
        "Have the bench cleared first: Ctrl+B at that station.",
    ) or allowed(situation, request, [gone, *retired], *overseen_by(situation, request, (station.site,)))


def reactivate_station(situation: RegistrySituation, request: requests.ReactivateStation) -> Decision:
    """At its site as before; its cosigning key stays retired, and it makes a new one."""
    station = situation.registry.station(request.old_station)
    if station is None or not station.retired:
        return denied(
            "station_in_use" if station else "station_unknown",
            f"The station {request.old_station} is {'in use' if station else 'not in this store'}.",
            "See `cartrail station list`.",
            answer=ScanAnswer.CHECK,
        )
    violation = site_violation(situation.registry, station.site)
    if violation is not None:
        return denied_by(violation)
    back = events.StationReactivated(station=station.id)
    return allowed(situation, request, [back], *overseen_by(situation, request, (station.site,)))


DECISIONS: Final[Decisions] = {
    requests.AddSite: add_site,
    requests.ChangeSiteContact: change_contact,
    requests.SetSiteZone: set_zone,
    requests.SetSiteWristband: set_wristband,
    requests.SetSiteDays: set_days,
    requests.CloseResource: close_resource,
    requests.LiftClosure: lift_closure,
    requests.DeactivateSite: deactivate_site,
    requests.ReactivateSite: reactivate_site,
    requests.AddDepartment: add_department,
    requests.AddLocation: add_location,
    requests.SetLocationConditions: set_conditions,
    requests.AddStation: add_station,
    requests.SetStationBoard: set_board,
    requests.RetireStation: retire_station,
    requests.ReactivateStation: reactivate_station,
}
