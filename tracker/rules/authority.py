"""Who may do it here and now, and who must sign it (21 CFR 11.10(d), (g), (i), 11.50, 11.200).

Grants, training, stations and unattended entries; then the set of signatures that a statement needs. Each is
given by a different person: nobody is their own second person.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from schema.events.registry import KeyActivated
from schema.instants import format_minute
from schema.vocabulary import EntryMode, Meaning, Purpose, Role
from tracker.kinds import is_attended
from tracker.requests.base import Request, SignerReference
from tracker.rules.decision import Draft, Slot, Violation, never_waived
from tracker.rules.registry_state import Grant, Person, RegistryState

_NEAREST = ("training_expired", "grant_not_yet_valid", "grant_expired", "grant_revoked")
"""From the fault that is soonest put right to the one that was somebody's decision."""


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
    if any(grant_fault(grant, at) is None for grant in here):
        return None
    return _nearest(person, staff, here, at)


def _nearest(person: Person, staff: str, grants: Sequence[Grant], at: datetime) -> Violation:
    """The fault that is soonest put right, of grants none of which holds."""
    found = [(grant_fault(grant, at) or "grant_revoked", grant) for grant in grants]
    rule, grant = min(found, key=lambda pair: _NEAREST.index(pair[0]))
    return Violation(
        rule,
        f"{person.name} ({staff}) may not act as {grant.role} at {grant.site}: {_FAULTS[rule](grant)}.",
        _REMEDIES[rule],
    )


OF_THE_PERSON: Final = frozenset(
    {"person_inactive", "role_missing", "role_elsewhere", "wrong_site", *_NEAREST}
)
"""Rules that say who may do something, and where: they are answered before what is wrong with the thing."""

WORKING_ROLES: Final = frozenset(Role) - {Role.AUDITOR, Role.ADMINISTRATOR}
"""Whoever works on therapies; auditors read, and administrators grant."""


def part_violation(
    registry: RegistryState, staff: str, sites: Collection[str], at: datetime
) -> Violation | None:
    """Why somebody signs nothing in the chain of a therapy of these sites; None where they work at one.

    Training that ran out leaves them there; a grant that ended does not, and is named.
    """
    there: list[Grant] = []
    for grant in registry.grants_of(staff):
        if grant.site in sites and grant.role in WORKING_ROLES:
            if grant_fault(grant, at) in (None, "training_expired"):
                return None
            there.append(grant)
    if there:
        return never_waived(_nearest(registry.people[staff], staff, there, at))
    person = registry.person(staff)
    name = staff if person is None else f"{person.name} ({staff})"
    is_reader = not any(one.role in WORKING_ROLES for one in registry.grants_of(staff))
    return Violation(
        "no_part",
        f"{name} has no part in this therapy, which is that of {', '.join(sorted(sites))}.",
        ("Ctrl+F opens its trail to read. " if is_reader else "")
        + "Somebody who works there does it. If it was done already, two people who work there record it: "
        "at the step F11 (outside the rules), then the doer's name and employer.",
        waivable=False,
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
    sites = sorted({grant.site for grant in given})
    return Violation(
        "role_elsewhere",
        f"{person.name} ({staff}) is {roles_text({one.role for one in given})} at {', '.join(sites)}, "
        f"but not{where}.",
        f"{remedy} If it is done at {' or '.join(sites)}, use a station there: "
        "a command names it with --station.",
    )


def grant_fault(grant: Grant, at: datetime) -> str | None:
    """The rule by which a grant does not hold at that time; None if it holds."""
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
    return "never" if moment is None else format_minute(moment, "+00:00")


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


def offered_signers(request: Request, slots: Sequence[Slot]) -> tuple[SignerReference, ...]:
    """Who is to sign: those the request names, else the actor as `performed` where that is asked."""
    if request.signers or not any(slot.meaning is Meaning.PERFORMED for slot in slots):
        return request.signers
    return (SignerReference(staff=request.actor, meaning=Meaning.PERFORMED),)


def signer_violation(
    registry: RegistryState, request: Request, drafts: Sequence[Draft], at: datetime
) -> Violation | None:
    """What keeps those who are to sign from being the set that the events need; None if nothing does."""
    for draft in drafts:
        found = unattended_violation(registry.purpose, request.entry.mode, draft.payload.kind, draft.slots)
        if found is not None:
            return found
    activated = [draft.payload.owner for draft in drafts if isinstance(draft.payload, KeyActivated)]
    signers = offered_signers(request, [slot for draft in drafts for slot in draft.slots])
    violations = signature_violations(
        registry, drafts, signers, at, activating=activated[0] if activated else None
    )
    return violations[0] if violations else _keyed_by_nobody_here(request, signers)


def _keyed_by_nobody_here(request: Request, signers: Sequence[SignerReference]) -> Violation | None:
    """Why the entry names somebody as who keyed it that did not sign in for it; None if they did."""
    keyed_by = request.entry.by
    if keyed_by is None or keyed_by in {one.staff for one in signers}:
        return None
    return Violation(
        "not_signed_in",
        f"The entry says that {keyed_by} keyed it, who has not signed in for it.",
        "Leave `by` out of `entry`, or name the person who signs in to key it.",
        waivable=False,
    )


def signature_violations(
    registry: RegistryState,
    drafts: Sequence[Draft],
    signers: Sequence[SignerReference],
    at: datetime,
    *,
    activating: str | None = None,
) -> tuple[Violation, ...]:
    """What keeps these signers from being exactly those an act needs; empty if nothing does.

    Each statement gets its set, and everybody signs something. `activating` is the owner of the key that this
    very act activates, who signs with it.
    """
    found: dict[tuple[str, str], Violation] = {}
    signing: list[SignerReference] = []
    for draft in drafts:
        for violation in _missing(registry, draft.slots, signers, at):
            found.setdefault((violation.rule, violation.message), violation)
        signing.extend(signers_for(registry, draft.slots, signers, at))
    extra = () if found else _extra(signers, signing)
    return (*found.values(), *extra, *_keyless(registry, signers, activating))


def signers_for(
    registry: RegistryState, slots: Sequence[Slot], signers: Sequence[SignerReference], at: datetime
) -> tuple[SignerReference, ...]:
    """Who of the offered signs this statement, in slot order; empty when the set is not complete."""
    chosen = _assigned(registry, tuple(slots), tuple(signers), at)
    return () if chosen is None else chosen


def _assigned(
    registry: RegistryState, slots: tuple[Slot, ...], signers: tuple[SignerReference, ...], at: datetime
) -> tuple[SignerReference, ...] | None:
    """One different person for each slot; a set has at most a handful of slots, so trying them is quick."""
    if not slots:
        return ()
    for signer in signers:
        if _slot_violation(registry, slots[0], signer, at) is None:
            others = tuple(other for other in signers if other.staff != signer.staff)
            rest = _assigned(registry, slots[1:], others, at)
            if rest is not None:
                return (signer, *rest)
    return None


def _slot_violation(
    registry: RegistryState, slot: Slot, signer: SignerReference, at: datetime
) -> Violation | None:
    if signer.meaning is not slot.meaning:
        return _absent(slot)
    if slot.staff is not None and signer.staff != slot.staff:
        return Violation(
            "wrong_signer",
            f"The signature {slot.meaning} has to be by {slot.staff}, not by {signer.staff}.",
            f"{slot.staff} signs with their own badge and password.",
            waivable=False,
        )
    if signer.staff in slot.other_than:
        return Violation(
            "same_person",
            f"{signer.staff} cannot sign {slot.meaning} here: {slot.because}.",
            "Have a second person sign with their own badge and password.",
            waivable=False,
        )
    found = grant_violation(registry, signer.staff, slot.roles, slot.site, at)
    if found is not None:
        return found
    without = (part_violation(registry, signer.staff, sites, at) for sites in sorted(slot.parts, key=sorted))
    return next((one for one in without if one is not None), None)


def _missing(
    registry: RegistryState, slots: Sequence[Slot], signers: Sequence[SignerReference], at: datetime
) -> tuple[Violation, ...]:
    if _assigned(registry, tuple(slots), tuple(signers), at) is not None:
        return ()
    found: list[Violation] = []
    for slot in slots:
        offered = [signer for signer in signers if signer.meaning is slot.meaning]
        faults = [_slot_violation(registry, slot, signer, at) for signer in offered]
        if not offered:
            found.append(_absent(slot))
        elif None not in faults:
            found.extend([fault for fault in faults if fault is not None][:1])
    return tuple(found) or (_same_person(slots, signers),)


def _absent(slot: Slot) -> Violation:
    who = slot.staff or roles_text(slot.roles) or "anybody with an active key"
    where = f" at {slot.site}" if slot.site is not None else ""
    why = f": {slot.because}" if slot.because else ""
    return Violation(
        "signature_missing",
        f"A signature {slot.meaning} by {who}{where} is missing{why}.",
        f"Have {who}{where} sign {slot.meaning} with their own badge and password.",
        waivable=False,
    )


def _same_person(slots: Sequence[Slot], signers: Sequence[SignerReference]) -> Violation:
    staff = ", ".join(dict.fromkeys(signer.staff for signer in signers))
    return Violation(
        "same_person",
        f"This needs {len(slots)} different people, and only {staff} would sign.",
        "Have a second person sign with their own badge and password.",
        waivable=False,
    )


def _extra(signers: Sequence[SignerReference], signing: Sequence[SignerReference]) -> tuple[Violation, ...]:
    unasked = list(signers)
    for signer in dict.fromkeys(signing):
        unasked.remove(signer)
    return tuple(
        Violation(
            "signer_not_asked",
            f"A signature {signer.meaning} by {signer.staff} is not asked here.",
            "Leave that signer out: a signature without a meaning of its own proves nothing.",
            waivable=False,
        )
        for signer in unasked
    )


def _keyless(
    registry: RegistryState, signers: Sequence[SignerReference], activating: str | None
) -> tuple[Violation, ...]:
    return tuple(
        Violation(
            "key_missing",
            f"{staff} has no active signing key.",
            f"{staff} sets a first password with a one-time code before a witness.",
            waivable=False,
        )
        for staff in dict.fromkeys(signer.staff for signer in signers)
        if staff != activating and registry.active_key(staff) is None
    )
