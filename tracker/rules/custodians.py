"""Who stands for a custodian, and which custodian a person stands for."""

from __future__ import annotations

from datetime import datetime

from schema.events import Party
from schema.vocabulary import PartyType, Role
from tracker.rules.authority import grant_violation
from tracker.rules.registry_state import RegistryState


def responsible_roles(registry: RegistryState, party: Party) -> frozenset[Role]:
    """The roles that answer for a department, location or carrier."""
    if party.type is PartyType.CARRIER:
        return frozenset({Role.COURIER})
    department_id = party.id
    if party.type is PartyType.LOCATION:
        location = registry.location(party.id)
        department_id = f"{location.site}/{location.department}" if location else ""
    department = registry.department(department_id)
    return department.roles if department else frozenset()


def party_site(registry: RegistryState, party: Party) -> str | None:
    """The site a custodian belongs to; None for a person."""
    if party.type is PartyType.LOCATION:
        location = registry.location(party.id)
        return location.site if location else None
    return party.site


def stands_for(registry: RegistryState, party: Party, staff: str, at: datetime) -> bool:
    """Whether a person may act for a custodian at that time."""
    if party.type is PartyType.PERSON:
        return party.id == staff
    roles = responsible_roles(registry, party)
    return bool(roles) and grant_violation(registry, staff, roles, party_site(registry, party), at) is None


def receiving_department(registry: RegistryState, site: str, staff: str, at: datetime) -> Party | None:
    """For which department somebody takes a box over at a site: its dock, else the first there is."""
    there = sorted(
        (one for one in registry.departments.values() if one.site == site),
        key=lambda one: (Role.DOCK not in one.roles, one.id),
    )
    parties = (Party(type=PartyType.DEPARTMENT, id=one.id) for one in there)
    return next((one for one in parties if stands_for(registry, one, staff, at)), None)


def exists(registry: RegistryState, party: Party) -> bool:
    """Whether a custodian is known and still active."""
    if party.type is PartyType.PERSON:
        person = registry.person(party.id)
        return person is not None and person.active
    if party.type is PartyType.CARRIER:
        site = registry.site(party.id)
        return site is not None and site.active
    return bool(responsible_roles(registry, party))


def described(registry: RegistryState, party: Party | None) -> str:
    """A custodian as a person reads it."""
    if party is None:
        return "nobody"
    if party.type is PartyType.PERSON:
        person = registry.person(party.id)
        return f"{person.name} ({party.id})" if person else party.id
    if party.type is PartyType.LOCATION:
        location = registry.location(party.id)
        return f"{location.title} ({location.site})" if location else party.id
    if party.type is PartyType.DEPARTMENT:
        department = registry.department(party.id)
        return f"{department.title} ({party.id})" if department else party.id
    site = registry.site(party.id)
    return f"{site.title} ({party.id})" if site else party.id
