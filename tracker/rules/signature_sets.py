"""Whether the people who are to sign make up the set a statement needs (21 CFR 11.10(g), 11.50, 11.200).

Each slot is filled by a different person: nobody is their own second person.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from schema.vocabulary import Meaning
from tracker.requests.base import Request, SignerReference
from tracker.rules.decision import Draft, Slot, Violation
from tracker.rules.permissions import grant_violation, roles_text
from tracker.rules.registry_state import RegistryState


def offered_signers(request: Request, slots: Sequence[Slot]) -> tuple[SignerReference, ...]:
    """Who is to sign: those the request names, else the actor as `performed` where that is asked."""
    if request.signers or not any(slot.meaning is Meaning.PERFORMED for slot in slots):
        return request.signers
    return (SignerReference(staff=request.actor, meaning=Meaning.PERFORMED),)


def signature_violations(
    registry: RegistryState,
    slots: Sequence[Slot],
    signers: Sequence[SignerReference],
    at: datetime,
    *,
    activating: str | None = None,
) -> tuple[Violation, ...]:
    """What keeps these signers from being exactly the set one statement needs; empty if nothing does.

    `activating` is the owner of the key that this very act activates, who signs with it.
    """
    missing = _missing(registry, slots, signers, at)
    extra = () if missing else _extra(signers, signers_for(registry, slots, signers, at))
    return (*missing, *extra, *_keyless(registry, signers, activating))


def act_signature_violations(
    registry: RegistryState,
    drafts: Sequence[Draft],
    signers: Sequence[SignerReference],
    at: datetime,
    *,
    activating: str | None = None,
) -> tuple[Violation, ...]:
    """The same for an act of several statements: everybody signs something, each has its set."""
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
    if slot.other_than == signer.staff:
        return Violation(
            "same_person",
            f"{signer.staff} typed the codes and cannot be the one who compares them with the labels.",
            "Have a second person sign with their own badge and password.",
            waivable=False,
        )
    return grant_violation(registry, signer.staff, slot.roles, slot.site, at)


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
