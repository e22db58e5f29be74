"""What the events about people, grants and badges change in the registry."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from schema.entry import Statement
from schema.events import registry as events
from tracker.rules.registry_state import Badge, Changes, Grant, Person, RegistryState, RightsReview


def _person_added(state: RegistryState, _: Statement, event: events.PersonAdded) -> RegistryState:
    if event.staff in state.people:
        return state
    return replace(state, people={**state.people, event.staff: Person(event.staff, event.name)})


def _person_deactivated(state: RegistryState, _: Statement, event: events.PersonDeactivated) -> RegistryState:
    person = state.person(event.staff)
    if person is None:
        return state
    return replace(state, people={**state.people, event.staff: replace(person, active=False)})


def _person_reactivated(state: RegistryState, _: Statement, event: events.PersonReactivated) -> RegistryState:
    person = state.person(event.staff)
    if person is None:
        return state
    return replace(state, people={**state.people, event.staff: replace(person, active=True)})


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
        sequence=state.sequence,
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


def _rights_reviewed(
    state: RegistryState, statement: Statement, event: events.RightsReviewed
) -> RegistryState:
    return replace(
        state, rights_review=RightsReview(statement.actor, statement.occurred_at, event.day, event.outcome)
    )


def _badge_bound(state: RegistryState, _: Statement, event: events.BadgeBound) -> RegistryState:
    person = state.person(event.staff)
    if person is None or event.badge in state.badges:
        return state
    bearer = replace(person, badges=(*person.badges, event.badge))
    return replace(
        state,
        people={**state.people, event.staff: bearer},
        badges={**state.badges, event.badge: Badge(event.staff)},
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


CHANGES: Final[Changes] = {
    events.PersonAdded: _person_added,
    events.PersonDeactivated: _person_deactivated,
    events.PersonReactivated: _person_reactivated,
    events.RoleGranted: _role_granted,
    events.RoleRevoked: _role_revoked,
    events.RightsReviewed: _rights_reviewed,
    events.BadgeBound: _badge_bound,
    events.BadgeRevoked: _badge_revoked,
}
