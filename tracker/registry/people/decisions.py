"""Decisions over people, grants and badges (21 CFR 11.10(d), 11.100, 11.300)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from schema.entry import Read
from schema.events import registry as events
from schema.identifiers import is_object_id, parse_printed
from schema.instants import CLOCKS_APART_MAX, to_milliseconds
from schema.vocabulary import Meaning, ObjectType, ReadMode, ReviewOutcome, Role
from tracker.registry.people import requests
from tracker.registry.situation import (
    ADMINISTRATORS,
    OVERSEERS,
    QUALITY,
    Decisions,
    RegistrySituation,
    allowed,
    denied,
    denied_by,
    event_of,
    id_refusal,
    last_administrator,
    occupied,
    others_administer,
    overseen_by,
    overseer_of,
    performed,
    person_refusal,
)
from tracker.requests.base import Scan
from tracker.rules.authority import site_violation
from tracker.rules.decision import Allowed, Decision, Denied, ScanAnswer, Slot
from tracker.rules.registry_state import Grant, compared_name

APPROVED_ROLES = frozenset({Role.QUALITY, Role.QUALIFIED_PERSON, Role.ADMINISTRATOR})
"""Roles that decide over release or over the grants of others: one administrator alone cannot give them."""


FARTHEST_ZONE_HOURS: Final = 14
"""How far ahead of UTC a site's clocks may be: its today is no day to come."""


def add_person(situation: RegistrySituation, request: requests.AddPerson) -> Decision:
    """A staff id is never reused, not even of a person who left (21 CFR 11.100(a)), nor a printed name.

    Two people of one printed name could not be told apart beside a signature.
    """
    known = situation.registry.person(request.staff)
    if known is not None:
        state = "is" if known.active else "was"
        return denied(
            "staff_taken",
            f"The staff id {request.staff} {state} that of {known.name} and is never given again.",
            "Choose another staff id.",
        )
    wanted = compared_name(request.printed_name)
    namesake = next(
        (one for one in situation.registry.people.values() if compared_name(one.name) == wanted), None
    )
    if namesake is not None:
        return denied(
            "name_taken",
            f"{namesake.name} is printed beside the signatures of {namesake.staff} already.",
            "Add what tells them apart: a second name, an initial or the department.",
        )
    added = events.PersonAdded(staff=request.staff, name=request.printed_name)
    return allowed(situation, request, [added], performed(request, ADMINISTRATORS))


def deactivate_person(situation: RegistrySituation, request: requests.DeactivatePerson) -> Decision:
    """Their key is retired with them, so that also a reader without the roles sees it count no more."""
    missing = person_refusal(situation, request.staff)
    if missing is not None:
        return missing
    if request.staff == request.actor:
        return denied(
            "own_deactivation",
            f"{request.staff} cannot deactivate themselves.",
            "Another person of quality or administration does it.",
        )
    if not others_administer(situation, request.staff):
        return last_administrator(request.staff)
    key = situation.registry.active_key(request.staff)
    retired = [] if key is None else [events.KeyRetired(owner=key.owner, key=key.key)]
    gone = events.PersonDeactivated(staff=request.staff)
    return occupied(
        f"{request.staff} still holds",
        situation.there,
        f"{request.staff} hands these units over first; where nobody reaches them, quality takes over.",
    ) or allowed(situation, request, [gone, *retired], *_overseen(situation, request))


def reactivate_person(situation: RegistrySituation, request: requests.ReactivatePerson) -> Decision:
    """Their old key stays retired: a one-time code and a witness make a new one."""
    person = situation.registry.person(request.staff)
    if person is None or person.active:
        return denied(
            "person_active" if person else "person_unknown",
            f"{request.staff} is {'active' if person else 'nobody in this store'}.",
            "See `cartrail person list`.",
            answer=ScanAnswer.CHECK,
        )
    back = events.PersonReactivated(staff=request.staff)
    return allowed(situation, request, [back], *_overseen(situation, request))


def _overseen(
    situation: RegistrySituation, request: requests.DeactivatePerson | requests.ReactivatePerson
) -> tuple[Slot, ...]:
    """Those of the sites where the person works, and of another one."""
    return overseen_by(situation, request, _sites_of(situation, request.staff), concerned=request.staff)


def _sites_of(situation: RegistrySituation, staff: str) -> list[str]:
    """Where a person works or has worked: who revokes a grant first gains no say by it."""
    return [one.site for one in situation.registry.grants_of(staff)]


def grant_role(situation: RegistrySituation, request: requests.GrantRole) -> Decision:
    """What one person should not give alone, or to themselves, a second one approves."""
    violation = site_violation(situation.registry, request.site)
    refusal = person_refusal(situation, request.staff) or (
        None if violation is None else denied_by(violation)
    )
    if refusal is not None:
        return refusal
    valid_from = request.valid_from or to_milliseconds(situation.shown_at)
    if valid_from < situation.shown_at - CLOCKS_APART_MAX:
        return denied(
            "grant_backdated",
            f"The grant would be valid from {situation.local(valid_from, request.site)}, before it is given.",
            "Grant it from now on; what was done without it is recorded outside the rules.",
        )
    for what, end in (("grant", request.valid_until), ("training", request.training_expires_at)):
        if end is not None and end <= max(valid_from, situation.now):
            return denied(
                f"{what}_expired",
                f"The {what} would end at {situation.local(end, request.site)}, before the grant begins.",
                "Give a later end, or none.",
            )
    standing = _standing_grant(situation, request, valid_from)
    if standing is not None:
        ends = standing.valid_until
        until = "" if ends is None else f" until {situation.local(ends, request.site)}"
        return denied(
            "already_granted",
            f"{request.staff} is {request.role.replace('_', ' ')} at {request.site}{until} already, "
            f"by training {standing.training_reference}.",
            "Nothing is to be done; a renewal names other training or a later end.",
            answer=ScanAnswer.CHECK,
        )
    granted = events.RoleGranted(
        staff=request.staff,
        role=request.role,
        site=request.site,
        valid_from=valid_from,
        valid_until=request.valid_until,
        training=events.Training(
            reference=request.training_reference, expires_at=request.training_expires_at
        ),
    )
    slots = [performed(request, ADMINISTRATORS)]
    if request.role in APPROVED_ROLES or request.staff == request.actor:
        slots.append(Slot(Meaning.APPROVED, OVERSEERS))
    return allowed(situation, request, [granted], *slots)


def _standing_grant(
    situation: RegistrySituation, request: requests.GrantRole, valid_from: datetime
) -> Grant | None:
    """A grant of the same role, site and training that lasts from before until at least as long."""
    for one in situation.registry.grants_of(request.staff):
        is_same = (one.role, one.site, one.training_reference) == (
            request.role, request.site, request.training_reference,
        )  # fmt: skip
        if (
            is_same
            and not one.revoked
            and one.valid_from <= valid_from
            and _lasts(one.valid_until, request.valid_until)
            and _lasts(one.training_expires_at, request.training_expires_at)
        ):
            return one
    return None


def _lasts(end: datetime | None, wanted: datetime | None) -> bool:
    """Whether what ends then, or never, ends no earlier than what is wanted."""
    return end is None or (wanted is not None and end >= wanted)


def revoke_role(situation: RegistrySituation, request: requests.RevokeRole) -> Decision:
    """Not the grant without which nobody could administer the store."""
    grant = situation.registry.grant(request.grant)
    if grant is None:
        return denied(
            "grant_unknown",
            f"No grant was given by the event {request.grant}.",
            "Take the event id of the grant from `cartrail person show`.",
        )
    if grant.revoked:
        return denied(
            "grant_revoked",
            f"The grant {request.grant} of {grant.role} to {grant.staff} is already revoked.",
            "Nothing is to be done.",
            answer=ScanAnswer.CHECK,
        )
    if grant.role is Role.ADMINISTRATOR and not others_administer(
        situation, grant.staff, without_grant=grant.event_id
    ):
        return last_administrator(grant.staff)
    revoked = events.RoleRevoked(grant=request.grant)
    return allowed(situation, request, [revoked], overseer_of(situation, request, (grant.site,)))


def review_rights(situation: RegistrySituation, request: requests.ReviewRights) -> Decision:
    """Of a day that is over or today; whoever observes something says what."""
    today = (situation.now + timedelta(hours=FARTHEST_ZONE_HOURS)).date().isoformat()
    if request.day > today:
        return denied(
            "day_ahead", f"{request.day} has not come yet.", "Review the rights of today or of a day before."
        )
    if request.outcome is ReviewOutcome.WITH_OBSERVATIONS and request.remark is None:
        return denied(
            "observation_missing",
            "A review with observations says what was observed.",
            "Add it as the remark.",
        )
    reviewer = Slot(Meaning.REVIEWED, QUALITY, staff=request.actor)
    return allowed(situation, request, [event_of(request)], reviewer)


def bind_badge(situation: RegistrySituation, request: requests.BindBadge) -> Decision:
    """A badge stands for one person for ever; a revoked one is not bound again."""
    missing = person_refusal(situation, request.staff)
    if missing is not None:
        return missing
    scan = request.badge or Scan(code=situation.fresh(ObjectType.BADGE), mode=ReadMode.SCANNED)
    badge = scan.code if is_object_id(scan.code) else parse_printed(scan.code).object_id
    refusal = _badge_refusal(situation, badge, request.staff)
    if refusal is not None:
        return refusal
    bound = events.BadgeBound(badge=badge, staff=request.staff)
    decision = allowed(situation, request, [bound], performed(request, ADMINISTRATORS))
    if request.badge is None:
        return decision
    read = Read("badge", scan.code, scan.mode, scan.carrier or "badge")
    return Allowed(tuple(replace(draft, reads=(read,)) for draft in decision.events))


def _badge_refusal(situation: RegistrySituation, badge: str, staff: str) -> Denied | None:
    if badge[0] != ObjectType.BADGE:
        return denied("wrong_object", f"{badge} is not the id of a badge.", "Scan a new badge.")
    known = situation.registry.badge(badge)
    if known is None:
        return id_refusal(situation, badge)
    if known.revoked:
        return denied(
            "badge_revoked", f"The badge {badge} was revoked and is never bound again.", "Take a new badge."
        )
    if known.staff == staff:
        return denied(
            "badge_bound",
            f"The badge {badge} already stands for {staff}.",
            "Nothing is to be done.",
            answer=ScanAnswer.CHECK,
        )
    return denied("badge_taken", f"The badge {badge} stands for {known.staff}.", "Take a new badge.")


def revoke_badge(situation: RegistrySituation, request: requests.RevokeBadge) -> Decision:
    """A person without badge still works with staff id and password."""
    badge = situation.registry.badge(request.badge)
    if badge is None:
        return denied(
            "badge_unknown", f"The badge {request.badge} stands for nobody here.", "Check the badge id."
        )
    if badge.revoked:
        return denied(
            "badge_revoked",
            f"The badge {request.badge} of {badge.staff} is already revoked.",
            "Nothing is to be done.",
            answer=ScanAnswer.CHECK,
        )
    revoked = events.BadgeRevoked(badge=request.badge)
    sites = _sites_of(situation, badge.staff)
    return allowed(situation, request, [revoked], overseer_of(situation, request, sites))


DECISIONS: Final[Decisions] = {
    requests.AddPerson: add_person,
    requests.DeactivatePerson: deactivate_person,
    requests.ReactivatePerson: reactivate_person,
    requests.GrantRole: grant_role,
    requests.RevokeRole: revoke_role,
    requests.ReviewRights: review_rights,
    requests.BindBadge: bind_badge,
    requests.RevokeBadge: revoke_badge,
}
