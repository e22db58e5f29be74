"""Who may do it here and now: grants, training, stations, unattended entries (21 CFR 11.10(d), (g), (i))."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from schema.instants import format_instant
from schema.vocabulary import EntryMode, Purpose, Role
from tracker.kinds import is_attended
from tracker.rules.decision import Slot, Violation
from tracker.rules.registry_state import Grant, RegistryState


def grant_violation(
    registry: RegistryState, staff: str, roles: Collection[Role], site: str | None, at: datetime
) -> Violation | None:
    """Why nobody of this staff id may act in any of the roles at the site at that time; None if they may.

    Without a site a grant at any site will do, without roles any active person. Of several grants that do not
    hold, the one that comes nearest is named.
    """
    person = registry.person(staff)
    if person is None:
        return Violation(
            "person_unknown",
            f"Nobody in this store has the staff id {staff}.",
            "Check the staff id, or have an administrator add the person.",
            waivable=False,
        )
    if not person.active:
        return Violation(
            "person_inactive",
            f"{person.name} ({staff}) was deactivated.",
            "Somebody else with the role has to do this.",
        )
    if not roles:
        return None
    given = [grant for grant in registry.grants_of(staff) if grant.role in roles]
    here = [grant for grant in given if site is None or grant.site == site]
    if not here:
        return _no_grant(registry, staff, roles, site, given)
    found = [_grant_fault(grant, at) for grant in here]
    if None in found:
        return None
    rule, grant = min(
        ((rule, grant) for rule, grant in zip(found, here, strict=True) if rule is not None),
        key=lambda pair: _NEAREST.index(pair[0]),
    )
    return Violation(
        rule,
        f"{person.name} ({staff}) may not act as {grant.role} at {grant.site}: {_FAULTS[rule](grant)}.",
        _REMEDIES[rule],
    )


def station_violation(registry: RegistryState, station: str) -> Violation | None:
    """Why nothing can be recorded at this terminal; None if it can."""
    found = registry.station(station)
    if found is None:
        return Violation(
            "station_unknown",
            f"This store has no station {station}.",
            "Name a station of this store, or have an administrator add it.",
            waivable=False,
        )
    if found.retired:
        return Violation(
            "station_retired",
            f"The station {station} ({found.title}) was retired.",
            "Use another station of the site.",
            waivable=False,
        )
    return site_violation(registry, found.site)


def site_violation(registry: RegistryState, site: str) -> Violation | None:
    """Why a site takes no part in the network; None if it does."""
    found = registry.site(site)
    if found is None:
        return Violation(
            "site_unknown",
            f"This store has no site {site}.",
            "Check the site code, or have an administrator add the site.",
            waivable=False,
        )
    if not found.active:
        return Violation(
            "site_inactive",
            f"The site {site} ({found.title}) left the network.",
            "Use an active site.",
            waivable=False,
        )
    return None


def unattended_violation(
    purpose: Purpose, mode: EntryMode, kind: str, slots: Collection[Slot]
) -> Violation | None:
    """Why an entry signed with passwords from a file or descriptor cannot be this one; None if it can.

    In a demo store it can be any. Elsewhere it carries at most one signature and is no release or infusion.
    """
    if mode is not EntryMode.UNATTENDED or purpose is Purpose.DEMO:
        return None
    if len(slots) < 2 and not is_attended(kind):
        return None
    why = f"needs {len(slots)} signatures" if len(slots) > 1 else "is a release or infusion"
    return Violation(
        "unattended",
        f"{kind} {why}, which unattended entries cannot give in a {purpose} store.",
        "Type the passwords at the terminal.",
        waivable=False,
    )


def roles_text(roles: Collection[Role]) -> str:
    """Roles as a person reads them, in the order of the vocabulary."""
    return " or ".join(role.replace("_", " ") for role in Role if role in roles)


def _no_grant(
    registry: RegistryState, staff: str, roles: Collection[Role], site: str | None, given: list[Grant]
) -> Violation:
    person = registry.people[staff]
    wanted, where = roles_text(roles), "" if site is None else f" at {site}"
    remedy = f"Somebody who is {wanted}{where} has to do this, or an administrator grants the role."
    if not given:
        return Violation("role_missing", f"{person.name} ({staff}) is not {wanted}{where}.", remedy)
    elsewhere = ", ".join(sorted({grant.site for grant in given}))
    return Violation(
        "role_elsewhere", f"{person.name} ({staff}) is {wanted} at {elsewhere}, but not{where}.", remedy
    )


def _grant_fault(grant: Grant, at: datetime) -> str | None:
    if grant.revoked:
        return "grant_revoked"
    if grant.valid_until is not None and at >= grant.valid_until:
        return "grant_expired"
    if at < grant.valid_from:
        return "grant_not_yet_valid"
    if grant.training_expires_at is not None and at >= grant.training_expires_at:
        return "training_expired"
    return None


def _when(moment: datetime | None) -> str:
    return "never" if moment is None else format_instant(moment)


_NEAREST = ("training_expired", "grant_not_yet_valid", "grant_expired", "grant_revoked")
"""From the fault that is soonest put right to the one that was somebody's decision."""

_FAULTS: Mapping[str, Callable[[Grant], str]] = {
    "training_expired": lambda grant: (
        f'the training "{grant.training_reference}" expired at {_when(grant.training_expires_at)}'
    ),
    "grant_not_yet_valid": lambda grant: f"the grant is valid from {_when(grant.valid_from)}",
    "grant_expired": lambda grant: f"the grant ended at {_when(grant.valid_until)}",
    "grant_revoked": lambda grant: f"the grant {grant.event_id} was revoked",
}
_REMEDIES: Mapping[str, str] = {
    "training_expired": "Renew the training, then an administrator grants the role again.",
    "grant_not_yet_valid": "Wait until the grant is valid, or have somebody else with the role do this.",
    "grant_expired": "An administrator grants the role again, or somebody else with the role does this.",
    "grant_revoked": "Somebody else with the role has to do this.",
}
