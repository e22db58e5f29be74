"""Decisions over one-time codes, keys and lock-outs (21 CFR 11.10(d), 11.200, 11.300)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from schema.entry import REGISTRY
from schema.events import Payload
from schema.events import registry as events
from schema.instants import to_milliseconds
from schema.vocabulary import Meaning
from tracker.registry.network import requests
from tracker.registry.situation import (
    ADMINISTRATORS,
    OVERSEERS,
    Decisions,
    RegistrySituation,
    allowed,
    denied,
    denied_by,
    last_administrator,
    others_administer,
    overseer_of,
    performed,
    person_refusal,
    quality_elsewhere,
    taken,
)
from tracker.rules.authority import grant_fault, station_violation
from tracker.rules.decision import Allowed, Decision, Denied, Draft, ScanAnswer, Slot
from tracker.rules.public_keys import names_key
from tracker.rules.registry_state import LOG_OWNER, STATION_OWNER, IssuedCode

CODE_VALID_FOR = timedelta(hours=24)
"""Long enough to reach the person on the next shift."""

CODE_VALID_AT_MOST = timedelta(days=7)
"""A code that waits longer is a password on a sheet of paper."""


def issue_access_code(situation: RegistrySituation, request: requests.IssueAccessCode) -> Decision:
    """A key is retired, unread, only when its owner makes the next one, or at once on the word of two.

    So no administrator alone keeps a colleague from working; nobody issues a code to themselves.
    """
    missing = person_refusal(situation, request.staff)
    if missing is not None:
        return missing
    if request.staff == request.actor:
        return denied(
            "own_access_code",
            f"{request.staff} cannot issue a one-time code to themselves.",
            "Another administrator issues it.",
        )
    expires_at = request.expires_at or to_milliseconds(situation.shown_at + CODE_VALID_FOR)
    if not situation.now < expires_at <= situation.now + CODE_VALID_AT_MOST:
        return denied(
            "access_code_time",
            f"The code would expire at {situation.local(expires_at)}.",
            f"Let it expire within {CODE_VALID_AT_MOST.days} days.",
        )
    key = situation.registry.active_key(request.staff) if request.at_once else None
    issued = events.AccessCodeIssued(staff=request.staff, expires_at=expires_at)
    slots = [performed(request, ADMINISTRATORS)]
    if key is None:
        return allowed(situation, request, [issued], *slots)
    because = f"the key of {request.staff} is retired at once"
    slots.append(Slot(Meaning.APPROVED, OVERSEERS, because=because))
    retired = events.KeyRetired(owner=key.owner, key=key.key)
    return allowed(situation, request, [issued, retired], *slots)


def activate_key(situation: RegistrySituation, request: requests.ActivateKey) -> Decision:
    """The owner signs with the new key before a witness, who is not the issuer of the code.

    So no administrator alone can make a key in somebody's name. The key before is retired by it, before the
    same witness: its owner could not sign that, having forgotten the password.
    """
    refusal = (
        person_refusal(situation, request.actor)
        or _code_refusal(situation, request)
        or key_refusal(situation, request.key, request.public)
    )
    if refusal is not None:
        return refusal
    held = situation.registry.active_key(request.actor)
    witnessed = Slot(Meaning.WITNESSED)
    retired = (
        []
        if held is None
        else [Draft(REGISTRY, events.KeyRetired(owner=held.owner, key=held.key), slots=(witnessed,))]
    )
    added = events.KeyAdded(owner=request.actor, key=request.key, public=request.public)
    activated = allowed(
        situation,
        request,
        [events.KeyActivated(owner=request.actor, key=request.key)],
        performed(request),
        witnessed,
    )
    return Allowed((*retired, Draft(REGISTRY, added), *activated.events))


def _code_refusal(situation: RegistrySituation, request: requests.ActivateKey) -> Denied | None:
    code = situation.registry.access_code(request.actor)
    ask = "Ask an administrator for a new one-time code."
    if code is None:
        return denied("access_code_missing", f"No one-time code is out for {request.actor}.", ask)
    if situation.now >= code.expires_at:
        return denied(
            "access_code_expired",
            f"The one-time code of {request.actor} expired at {situation.local(code.expires_at)}.",
            ask,
        )
    if situation.code_shown_by != request.actor:
        return denied(
            "access_code_not_shown",
            f"{request.actor} has not entered the one-time code.",
            "Set the password with the one-time code at the terminal.",
        )
    witnesses = {signer.staff for signer in request.signers if signer.meaning is Meaning.WITNESSED}
    if code.issuer in witnesses:
        return denied(
            "witness_issued_code",
            f"{code.issuer} issued the one-time code and cannot witness its use.",
            "Have somebody else witness it.",
        )
    strangers = [one for one in sorted(witnesses) if not _stands_beside(situation, one, request.actor, code)]
    if strangers and situation.registry.had_key(request.actor):
        sites = ", ".join(sorted(_sites_of(situation, request.actor)))
        return denied(
            "witness_without_standing",
            f"{strangers[0]} did not work at {sites} with a key of their own before the code was issued.",
            f"Have a colleague of {request.actor} witness it, who was there before it was asked for.",
        )
    return None


def _stands_beside(situation: RegistrySituation, witness: str, staff: str, code: IssuedCode) -> bool:
    """Whether somebody worked at a site of a person, with a key, before the code for them was issued."""
    registry = situation.registry
    key = registry.active_key(witness)
    if key is None or key.activated_sequence is None or key.activated_sequence > code.sequence:
        return False
    sites = _sites_of(situation, staff)
    return any(
        one.site in sites and one.sequence < code.sequence and grant_fault(one, situation.now) is None
        for one in registry.grants_of(witness)
    )


def _sites_of(situation: RegistrySituation, staff: str) -> set[str]:
    """Where a person works, or worked where nothing holds any more."""
    given = situation.registry.grants_of(staff)
    holding = {one.site for one in given if grant_fault(one, situation.now) is None}
    return holding or {one.site for one in given}


def retire_key(situation: RegistrySituation, request: requests.RetireKey) -> Decision:
    """The log's key is not retired: without it no checkpoint could be signed."""
    key = situation.registry.key(request.key)
    if key is None:
        return denied("key_unknown", f"This store has no key {request.key}.", "Check the key id.")
    if key.retired_sequence is not None:
        return denied(
            "key_retired",
            f"The key {key.key} of {key.owner} is already retired.",
            "Nothing is to be done.",
            answer=ScanAnswer.CHECK,
        )
    if key.owner == LOG_OWNER:
        return denied("log_key", "The key of the log signs every checkpoint.", "Rotate it on the hub.")
    if not key.owner.startswith(STATION_OWNER) and not others_administer(situation, key.owner):
        return last_administrator(key.owner)
    retired = events.KeyRetired(owner=key.owner, key=key.key)
    if key.owner == request.actor:
        return allowed(situation, request, [retired], performed(request))
    station = situation.registry.station(key.owner.removeprefix(STATION_OWNER))
    grants = situation.registry.grants_of(key.owner)
    sites = [one.site for one in grants] if station is None else [station.site]
    return allowed(situation, request, [retired], overseer_of(situation, request, sites))


def add_station_key(situation: RegistrySituation, request: requests.AddStationKey) -> Decision:
    """A station has one cosigning key at a time, and it counts as soon as an administrator vouched for it."""
    violation = station_violation(situation.registry, request.key_station)
    if violation is not None:
        return denied_by(violation)
    owner = STATION_OWNER + request.key_station
    held = situation.registry.active_key(owner)
    if held is not None:
        return denied(
            "key_active", f"The station already cosigns with the key {held.key}.", "Retire that key first."
        )
    added = events.KeyAdded(owner=owner, key=request.key, public=request.public, on_hub=request.on_hub)
    return key_refusal(situation, request.key, request.public) or allowed(
        situation, request, [added], performed(request, ADMINISTRATORS)
    )


def rotate_log_key(situation: RegistrySituation, request: requests.RotateLogKey) -> Decision:
    """One act, so that the log is at no time without a key or with two."""
    refusal = key_refusal(situation, request.key, request.public)
    if refusal is not None:
        return refusal
    held = situation.registry.active_key(LOG_OWNER)
    payloads: list[Payload] = [] if held is None else [events.KeyRetired(owner=LOG_OWNER, key=held.key)]
    payloads.append(events.KeyAdded(owner=LOG_OWNER, key=request.key, public=request.public))
    second = Slot(Meaning.APPROVED, OVERSEERS)
    return allowed(situation, request, payloads, performed(request, ADMINISTRATORS), second)


def accept_loss(situation: RegistrySituation, request: requests.AcceptLoss) -> Decision:
    """The loss, and in the same act another key of the log: the one before signed what is gone.

    Quality signs for it, of another site where there is somebody who can.
    """
    if request.known_size <= request.restored_size:
        return denied(
            "nothing_lost",
            f"The backup holds {request.restored_size} entries of the {request.known_size} that are known.",
            "Restore it without --accept-loss.",
        )
    refusal = key_refusal(situation, request.key, request.public)
    if refusal is not None:
        return refusal
    held = situation.registry.active_key(LOG_OWNER)
    restored = events.StoreRestored(
        known_size=request.known_size, known_root=request.known_root, restored_size=request.restored_size
    )
    payloads: list[Payload] = [restored]
    if held is not None:
        payloads.append(events.KeyRetired(owner=LOG_OWNER, key=held.key))
    payloads.append(events.KeyAdded(owner=LOG_OWNER, key=request.key, public=request.public))
    station = situation.registry.station(situation.station)
    second = quality_elsewhere(situation, request, "" if station is None else station.site)
    return allowed(situation, request, payloads, performed(request, ADMINISTRATORS), second)


def name_lost_head(situation: RegistrySituation, request: requests.NameLostHead) -> Decision:
    """A larger head of a log that is lost: whatever it saw beyond what was named then is gone as well."""
    loss = next((one for one in situation.registry.losses if one.event_id == request.loss), None)
    if loss is None:
        return denied("loss_unknown", f"No loss {request.loss} was accepted.", "See `cartrail verify`.")
    if loss.took(request.known_size, request.known_root):
        return denied(
            "already_named", f"That head of {request.known_size} is covered by the loss.", "Nothing to do."
        )
    if request.known_size <= loss.largest:
        return denied(
            "heads_differ",
            f"A head of {request.known_size} entries with another root is no part of what was lost.",
            "Two logs were kept: keep the file, and call quality.",
        )
    named = events.LostHeadNamed(
        loss=loss.event_id, known_size=request.known_size, known_root=request.known_root
    )
    station = situation.registry.station(situation.station)
    second = quality_elsewhere(situation, request, "" if station is None else station.site)
    return allowed(situation, request, [named], performed(request, ADMINISTRATORS), second)


def lock_out(situation: RegistrySituation, request: requests.LockOut) -> Decision:
    """Unsigned: the program saw the failures, and nobody should be able to lock out another by asking."""
    missing = person_refusal(situation, request.staff)
    if missing is not None:
        return missing
    if request.locked_station is not None and request.locked_station not in situation.registry.stations:
        return denied(
            "station_unknown",
            f"This store has no station {request.locked_station}.",
            "Name a station of this store.",
        )
    if request.until <= situation.now:
        return denied(
            "lock_out_over",
            f"The lock-out would have ended at {situation.local(request.until)}.",
            "Give an end that is still to come.",
        )
    locked = events.LockedOut(staff=request.staff, station=request.locked_station, until=request.until)
    return allowed(situation, request, [locked])


def key_refusal(situation: RegistrySituation, key: str, public: str) -> Denied | None:
    """Why a key cannot be added: a wrong id, or one that is taken."""
    if not names_key(key, public):
        return denied(
            "key_mismatch",
            f"{key} is not the id of that public key.",
            "Give the first 16 hex digits of the SHA-256 of the 32 public bytes.",
        )
    return taken("key", key) if situation.registry.key(key) is not None else None


DECISIONS: Final[Decisions] = {
    requests.IssueAccessCode: issue_access_code,
    requests.ActivateKey: activate_key,
    requests.RetireKey: retire_key,
    requests.AddStationKey: add_station_key,
    requests.RotateLogKey: rotate_log_key,
    requests.AcceptLoss: accept_loss,
    requests.NameLostHead: name_lost_head,
    requests.LockOut: lock_out,
}
