"""What the events about people, grants, badges and keys change in the registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from schema.entry import Statement
from schema.events import registry as events
from schema.events.base import Payload
from tracker.rules.public_keys import names_key, public_bytes
from tracker.rules.registry_records import LOG_OWNER, STATION_OWNER, AccessCode, Badge, Grant, Key, Person
from tracker.rules.registry_state import RegistryState


def _person_added(state: RegistryState, _: Statement, event: events.PersonAdded) -> RegistryState:
    if event.staff in state.people:
        return state
    return replace(state, people={**state.people, event.staff: Person(event.staff, event.name)})


def _person_deactivated(state: RegistryState, _: Statement, event: events.PersonDeactivated) -> RegistryState:
    person = state.person(event.staff)
    if person is None:
        return state
    return replace(state, people={**state.people, event.staff: replace(person, active=False)})


def _role_granted(state: RegistryState, statement: Statement, event: events.RoleGranted) -> RegistryState:
    if event.staff not in state.people or event.site not in state.sites:
        return state
    given = state.grants_of(event.staff)
    if any(one.event_id == statement.event_id for one in given):
        return state
    grant = Grant(
        event_id=statement.event_id,
        staff=event.staff,
        role=event.role,
        site=event.site,
        valid_from=event.valid_from,
        valid_until=event.valid_until,
        training_reference=event.training.reference,
        training_expires_at=event.training.expires_at,
        granted_by=statement.actor,
    )
    return replace(state, grants={**state.grants, event.staff: (*given, grant)})


def _role_revoked(state: RegistryState, _: Statement, event: events.RoleRevoked) -> RegistryState:
    grant = state.grant(event.grant)
    if grant is None:
        return state
    given = tuple(
        replace(one, revoked=True) if one.event_id == event.grant else one
        for one in state.grants_of(grant.staff)
    )
    return replace(state, grants={**state.grants, grant.staff: given})


def _badge_bound(state: RegistryState, _: Statement, event: events.BadgeBound) -> RegistryState:
    person = state.person(event.staff)
    if person is None or event.badge in state.badges:
        return state
    bearer = replace(person, badges=(*person.badges, event.badge))
    return replace(
        state,
        people={**state.people, event.staff: bearer},
        badges={**state.badges, event.badge: Badge(event.badge, event.staff)},
    )


def _badge_revoked(state: RegistryState, _: Statement, event: events.BadgeRevoked) -> RegistryState:
    badge = state.badge(event.badge)
    person = None if badge is None else state.person(badge.staff)
    if badge is None or person is None:
        return state
    bearer = replace(person, badges=tuple(one for one in person.badges if one != event.badge))
    return replace(
        state,
        people={**state.people, badge.staff: bearer},
        badges={**state.badges, event.badge: replace(badge, revoked=True)},
    )


def _access_code_issued(
    state: RegistryState, statement: Statement, event: events.AccessCodeIssued
) -> RegistryState:
    if event.staff not in state.people:
        return state
    code = AccessCode(event.staff, statement.actor, event.expires_at)
    return replace(state, access_codes={**state.access_codes, event.staff: code})


def _key_added(state: RegistryState, _: Statement, event: events.KeyAdded) -> RegistryState:
    """A key whose id is taken or not its own is not taken in: it can never make a signature count."""
    if event.key in state.keys or not names_key(event.key, event.public):
        return state
    key = Key(event.owner, event.key, public_bytes(event.public), state.sequence, on_hub=event.on_hub)
    added = replace(state, keys={**state.keys, event.key: key})
    return _counting(added, key) if key.counts_from is not None else added


def _key_activated(state: RegistryState, _: Statement, event: events.KeyActivated) -> RegistryState:
    """The owner's one-time code is used up with it."""
    key = state.key(event.key)
    if key is None or key.owner != event.owner or key.retired_sequence is not None or _counts_unasked(key):
        return state
    if key.activated_sequence is None:
        key = replace(key, activated_sequence=state.sequence)
    codes = {staff: code for staff, code in state.access_codes.items() if staff != event.owner}
    return _counting(replace(state, keys={**state.keys, event.key: key}, access_codes=codes), key)


def _key_retired(state: RegistryState, _: Statement, event: events.KeyRetired) -> RegistryState:
    key = state.key(event.key)
    if key is None or key.owner != event.owner or key.retired_sequence is not None:
        return state
    retired = replace(key, retired_sequence=state.sequence)
    active = {owner: held for owner, held in state.active_keys.items() if held != event.key}
    return replace(state, keys={**state.keys, event.key: retired}, active_keys=active)


def _locked_out(state: RegistryState, _: Statement, event: events.LockedOut) -> RegistryState:
    return replace(state, lockouts={**state.lockouts, (event.staff, event.station): event.until})


def _counting(state: RegistryState, key: Key) -> RegistryState:
    return replace(state, active_keys={**state.active_keys, key.owner: key.key})


def _counts_unasked(key: Key) -> bool:
    return key.owner == LOG_OWNER or key.owner.startswith(STATION_OWNER)


PEOPLE_HANDLERS: Mapping[type[Payload], Callable[[RegistryState, Statement, Any], RegistryState]] = {
    events.PersonAdded: _person_added,
    events.PersonDeactivated: _person_deactivated,
    events.RoleGranted: _role_granted,
    events.RoleRevoked: _role_revoked,
    events.BadgeBound: _badge_bound,
    events.BadgeRevoked: _badge_revoked,
    events.AccessCodeIssued: _access_code_issued,
    events.KeyAdded: _key_added,
    events.KeyActivated: _key_activated,
    events.KeyRetired: _key_retired,
    events.LockedOut: _locked_out,
}
"""What to do with each kind about people and keys."""
