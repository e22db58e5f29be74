"""What founding, keys, one-time codes, lock-outs, protocols and exports change in the registry."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from schema.entry import Statement
from schema.events import registry as events
from schema.instants import format_minute
from tracker.rules.public_keys import names_key, public_bytes
from tracker.rules.registry_state import (
    EVERY_STATION,
    LOG_OWNER,
    STATION_OWNER,
    Changes,
    ClockCorrection,
    FounderKey,
    IssuedCode,
    Key,
    ProtocolVersion,
    RegistryState,
    StoreLoss,
)


def _store_created(state: RegistryState, statement: Statement, event: events.StoreCreated) -> RegistryState:
    if state.origin:
        return state
    return replace(
        state,
        founded_at=statement.occurred_at,
        origin=event.origin,
        purpose=event.purpose,
        clock=event.clock,
        log_key=event.log_key,
        founders=tuple(FounderKey(one.staff, one.key) for one in event.founders),
    )


def _access_code_issued(
    state: RegistryState, statement: Statement, event: events.AccessCodeIssued
) -> RegistryState:
    if event.staff not in state.people:
        return state
    code = IssuedCode(statement.actor, event.expires_at, statement.occurred_at, state.sequence)
    return replace(state, access_codes={**state.access_codes, event.staff: code})


def _key_added(state: RegistryState, _: Statement, event: events.KeyAdded) -> RegistryState:
    """A key whose id is taken or not its own is not taken in: it can never make a signature count."""
    if event.key in state.keys or not names_key(event.key, event.public):
        return state
    key = Key(event.owner, event.key, public_bytes(event.public), state.sequence, on_hub=event.on_hub)
    added = replace(state, keys={**state.keys, event.key: key})
    return _counting(added, key) if key.counts_from is not None else added


def _key_activated(state: RegistryState, statement: Statement, event: events.KeyActivated) -> RegistryState:
    """The owner's one-time code is used up with it."""
    key = state.key(event.key)
    if key is None or key.owner != event.owner or key.retired_sequence is not None or _counts_unasked(key):
        return state
    if key.activated_sequence is None:
        code = state.access_code(event.owner)
        key = replace(
            key,
            activated_sequence=state.sequence,
            activated_at=statement.occurred_at,
            issuer=None if code is None else code.issuer,
            after_reset=state.had_key(event.owner),
        )
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
    return replace(
        state, lockouts={**state.lockouts, (event.staff, event.station or EVERY_STATION): event.until}
    )


def _clock_corrected(
    state: RegistryState, statement: Statement, event: events.ClockCorrected
) -> RegistryState:
    correction = ClockCorrection(state.sequence, event.corrected_to)
    return replace(state, clock_corrections=(*state.clock_corrections, correction))


def _store_restored(state: RegistryState, statement: Statement, event: events.StoreRestored) -> RegistryState:
    loss = StoreLoss(
        statement.event_id,
        state.sequence,
        format_minute(statement.occurred_at, statement.offset),
        event.restored_size,
        event.known_size,
        event.known_root,
        statement.actor,
        "no reason" if event.reason is None else event.reason.value,
    )
    return replace(state, losses=(*state.losses, loss))


def _lost_head_named(state: RegistryState, _: Statement, event: events.LostHeadNamed) -> RegistryState:
    head = (event.known_size, event.known_root)
    losses = tuple(
        replace(one, heads=(*one.heads, head)) if one.event_id == event.loss else one for one in state.losses
    )
    return replace(state, losses=losses)


def _clock_confirmed(state: RegistryState, _: Statement, __: events.ClockConfirmed) -> RegistryState:
    """That it was recorded is what counts: the newest entry is of today again."""
    return state


def _counting(state: RegistryState, key: Key) -> RegistryState:
    return replace(state, active_keys={**state.active_keys, key.owner: key.key})


def _counts_unasked(key: Key) -> bool:
    return key.owner == LOG_OWNER or key.owner.startswith(STATION_OWNER)


def _protocol_adopted(state: RegistryState, _: Statement, event: events.ProtocolAdopted) -> RegistryState:
    if state.protocol(event.protocol, event.version) is not None:
        return state
    adopted = ProtocolVersion(
        event.protocol, event.version, event.sha256, event.title, event.unverified_because
    )
    versions = sorted((*state.protocols.get(event.protocol, ()), adopted), key=lambda one: one.version)
    return replace(state, protocols={**state.protocols, event.protocol: tuple(versions)})


def _exported(
    state: RegistryState,
    _: Statement,
    __: events.Exported | events.TrailExported | events.PeopleListed | events.IdentifierSearched,
) -> RegistryState:
    """What left the store, or was looked up in it, changes nothing in it."""
    return state


CHANGES: Final[Changes] = {
    events.StoreCreated: _store_created,
    events.AccessCodeIssued: _access_code_issued,
    events.KeyAdded: _key_added,
    events.KeyActivated: _key_activated,
    events.KeyRetired: _key_retired,
    events.LockedOut: _locked_out,
    events.ClockCorrected: _clock_corrected,
    events.StoreRestored: _store_restored,
    events.LostHeadNamed: _lost_head_named,
    events.ClockConfirmed: _clock_confirmed,
    events.ProtocolAdopted: _protocol_adopted,
    events.Exported: _exported,
    events.TrailExported: _exported,
    events.PeopleListed: _exported,
    events.IdentifierSearched: _exported,
}
