"""The last look before an act is appended: what verification would find in an entry is not written.

Nothing here is judged by other rules than verification's own, which are called, not copied.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schema.entry import REGISTRY, Entry, require_readable
from schema.entry_faults import entry_faults, purpose_faults
from schema.errors import CartrailError, InputError, SignInRefused
from schema.events.registry import KeyActivated
from schema.instants import CLOCKS_APART_MAX, format_instant
from tracker.kinds import is_decision
from tracker.registry.evolve import evolve_registry
from tracker.rules.registry_state import RegistryState
from tracker.rules.signatures import Activation, signature_faults


def require_verifiable(entries: Sequence[Entry], registry: RegistryState) -> None:
    """Raise InputError or SignInRefused for an act of which verification would find fault with an entry.

    `registry` is the state at the head that the entries name. Entries of the registry itself are judged each
    after the one before it, as verification does.
    """
    for entry in entries:
        for fault in (*_faults(entry), *purpose_faults(entry.statement, registry.purpose)):
            raise InputError(
                f"{entry.statement.kind} cannot be recorded like this: {fault}.", code="not_verifiable"
            )
        for fault in _signature_faults(entry, registry):
            raise SignInRefused(
                f"{entry.statement.kind} cannot be signed like this: {fault}.",
                remedy="Whoever was given another key since signing in signs in again. Nothing was written.",
                code="key_not_active",
            )
        if entry.statement.chain == REGISTRY:
            registry = evolve_registry(registry, entry.sequence, entry.statement)


def _faults(entry: Entry) -> Iterator[str]:
    try:
        require_readable(entry.body)
    except (CartrailError, ValueError) as error:
        yield (error.message if isinstance(error, CartrailError) else " ".join(str(error).split())).rstrip(
            "."
        )
        return
    # What was read is the entry: its bytes are the only ones that such parts are written as.
    yield from entry_faults(entry, understood=True, decision=is_decision(entry.statement.kind))
    occurred_at = entry.statement.occurred_at
    if occurred_at - entry.recorded_at > CLOCKS_APART_MAX:
        yield f"it occurred at {format_instant(occurred_at)}, after it is recorded"


def _signature_faults(entry: Entry, registry: RegistryState) -> Iterator[str]:
    """Who signed with a key that does not count at the head the entry names."""
    payload = entry.statement.payload
    activation = Activation(payload.owner, payload.key) if isinstance(payload, KeyActivated) else None
    head = entry.sequence - 1 if entry.registry is None else entry.registry.sequence
    # The values were made a moment ago by the keys in memory, each bound to its id when it was opened.
    yield from signature_faults(entry.signatures, None, registry=registry, head=head, activation=activation)
