"""What each event of the chain `registry` changes; total, so that no event can make history unreadable.

An event that names something unknown, or adds what is already there, changes nothing but the head.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from schema.entry import Statement
from schema.events import equipment
from schema.events import registry as events
from schema.events.base import Payload
from tracker.registry.equipment import scanners as scanner_checks
from tracker.registry.people.state import PEOPLE_HANDLERS
from tracker.registry.places import contacts as site_contacts
from tracker.registry.stock.state import STOCK_HANDLERS
from tracker.rules.public_keys import public_bytes
from tracker.rules.registry_records import (
    Department,
    Equipment,
    Founder,
    Location,
    ProtocolVersion,
    Site,
    Station,
)
from tracker.rules.registry_state import RegistryState

Handler = Callable[[RegistryState, Statement, Any], RegistryState]
"""Takes the state whose `sequence` is already that of the event."""

_Key = TypeVar("_Key")
_Record = TypeVar("_Record")


def evolve_registry(state: RegistryState, sequence: int, statement: Statement) -> RegistryState:
    """The registry after one more of its entries."""
    moved = replace(state, sequence=sequence)
    handler = HANDLERS.get(type(statement.payload))
    return moved if handler is None else handler(moved, statement, statement.payload)


def _store_created(state: RegistryState, _: Statement, event: events.StoreCreated) -> RegistryState:
    if state.origin:
        return state
    return replace(
        state,
        origin=event.origin,
        purpose=event.purpose,
        clock=event.clock,
        log_key=event.log_key,
        founders=tuple(Founder(one.staff, one.key, public_bytes(one.public)) for one in event.founders),
    )


def _site_added(state: RegistryState, _: Statement, event: events.SiteAdded) -> RegistryState:
    site = Site(
        event.site,
        event.title,
        event.site_type,
        event.address,
        event.phone_24h,
        event.offset,
        event.wristband,
    )
    return replace(state, sites=_with(state.sites, event.site, site))


def _site_deactivated(state: RegistryState, _: Statement, event: events.SiteDeactivated) -> RegistryState:
    site = state.site(event.site)
    if site is None:
        return state
    return replace(state, sites={**state.sites, event.site: replace(site, active=False)})


def _department_added(state: RegistryState, _: Statement, event: events.DepartmentAdded) -> RegistryState:
    if event.site not in state.sites:
        return state
    department = Department(event.site, event.department, event.title, frozenset(event.roles))
    return replace(state, departments=_with(state.departments, department.id, department))


def _location_added(state: RegistryState, _: Statement, event: events.LocationAdded) -> RegistryState:
    if f"{event.site}/{event.department}" not in state.departments:
        return state
    location = Location(event.location, event.site, event.department, event.title, event.location_type)
    return replace(state, locations=_with(state.locations, event.location, location))


def _station_added(state: RegistryState, _: Statement, event: events.StationAdded) -> RegistryState:
    if event.site not in state.sites:
        return state
    station = Station(event.station, event.site, event.title, event.pasted_accepted, location=event.bench)
    return replace(state, stations=_with(state.stations, event.station, station))


def _station_retired(state: RegistryState, _: Statement, event: events.StationRetired) -> RegistryState:
    station = state.station(event.station)
    if station is None:
        return state
    return replace(state, stations={**state.stations, event.station: replace(station, retired=True)})


def _equipment_added(state: RegistryState, _: Statement, event: events.EquipmentAdded) -> RegistryState:
    if event.site not in state.sites:
        return state
    equipment = Equipment(
        event.equipment,
        event.equipment_type,
        event.title,
        event.site,
        event.hold_hours,
        event.requalification_due,
    )
    return replace(state, equipments=_with(state.equipments, event.equipment, equipment))


def _box_emptied(state: RegistryState, _: Statement, event: equipment.BoxEmptied) -> RegistryState:
    return _box(state, event.box, emptied_at_site=event.site, emptied_uses=event.uses)


def _empty_collected(state: RegistryState, _: Statement, event: equipment.EmptyCollected) -> RegistryState:
    return _box(state, event.box, emptied_at_site=None, with_carrier=event.carrier)


def _empty_returned(state: RegistryState, _: Statement, event: equipment.EmptyReturned) -> RegistryState:
    return _box(state, event.box, emptied_at_site=None, with_carrier=None)


def _box(state: RegistryState, box: str, **changes: Any) -> RegistryState:
    known = state.equipment(box)
    if known is None:
        return state
    return replace(state, equipments={**state.equipments, box: replace(known, **changes)})


def _terminal_checked(
    state: RegistryState, statement: Statement, event: equipment.TerminalChecked
) -> RegistryState:
    if state.station(event.station) is None:
        return state
    return replace(state, terminal_checks={**state.terminal_checks, event.station: statement.occurred_at})


def _protocol_adopted(state: RegistryState, _: Statement, event: events.ProtocolAdopted) -> RegistryState:
    if state.protocol(event.protocol, event.version) is not None:
        return state
    adopted = ProtocolVersion(event.protocol, event.version, event.sha256, event.title)
    versions = sorted((*state.protocols.get(event.protocol, ()), adopted), key=lambda one: one.version)
    return replace(state, protocols={**state.protocols, event.protocol: tuple(versions)})


def _exported(
    state: RegistryState, _: Statement, __: events.Exported | events.TrailExported
) -> RegistryState:
    """What left the store changes nothing in it."""
    return state


def _with(records: Mapping[_Key, _Record], key: _Key, record: _Record) -> Mapping[_Key, _Record]:
    """The records with one more; what is already there stays as it is."""
    return records if key in records else {**records, key: record}


HANDLERS: Mapping[type[Payload], Handler] = {
    events.StoreCreated: _store_created,
    events.SiteAdded: _site_added,
    events.SiteDeactivated: _site_deactivated,
    events.DepartmentAdded: _department_added,
    events.LocationAdded: _location_added,
    events.StationAdded: _station_added,
    events.StationRetired: _station_retired,
    events.EquipmentAdded: _equipment_added,
    equipment.BoxEmptied: _box_emptied,
    equipment.EmptyCollected: _empty_collected,
    equipment.EmptyReturned: _empty_returned,
    equipment.TerminalChecked: _terminal_checked,
    **scanner_checks.HANDLERS,
    **site_contacts.HANDLERS,
    events.ProtocolAdopted: _protocol_adopted,
    events.Exported: _exported,
    events.TrailExported: _exported,
    **PEOPLE_HANDLERS,
    **STOCK_HANDLERS,
}
"""What to do with each kind; a kind without a handler moves only the head."""
