"""What an erasure takes away: the values that open a therapy's commitments, and what its requests left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from schema.commitments import Opening
from schema.entry import stored_entry
from tracker.acts.state_cache import StateCache, entries
from tracker.ledger.openings import HeldValue
from tracker.ledger.transaction import Transaction
from tracker.rules.situation import PATIENT_FIELD

READ_CODE = "code"
"""The field under which a code or wristband of somebody else is committed where it was read by mistake."""


@dataclass(frozen=True, slots=True)
class Erasing:
    """Everything that is erased together."""

    openings: Mapping[str, Opening]
    """By commitment: those of the therapy's own chain, and where this patient was read in another one."""

    acts: frozenset[str]
    """Requests whose salted digests and kept answers go too: who knows a request could look it up by them."""


def erasing(transaction: Transaction, memory: StateCache, coi: str) -> Erasing:
    """What an erasure of a therapy takes away."""
    own = transaction.openings_of(coi)
    strays = list(_strays(transaction, memory, coi, own))
    acts = {entry.statement.act for entry in entries(transaction, coi)}
    acts |= {_act_of(transaction, stray.event_id) for stray in strays}
    found = {stray.opening.commitment: stray.opening for stray in strays}
    return Erasing({**own, **found}, frozenset(acts))


def erase(transaction: Transaction, memory: StateCache, coi: str, *, kept: str) -> Erasing:
    """Delete it; the request `kept` is that of the erasure itself, which may be sent again."""
    found = erasing(transaction, memory, coi)
    transaction.erase_openings(found.openings)
    transaction.erase_papers(coi)
    transaction.erase_condition_files(coi)
    for act in sorted(found.acts - {kept}):
        transaction.erase_request(act)
    return found


def _strays(
    transaction: Transaction, memory: StateCache, coi: str, own: Mapping[str, Opening]
) -> Iterator[HeldValue]:
    """This patient's identifiers in the chains of others, read there by mistake.

    A chain that has them for its own patient is another therapy of the same person, and goes on.
    """
    for opening in own.values():
        if opening.field != PATIENT_FIELD or not isinstance(opening.value, Mapping):
            continue
        held = transaction.openings_with(PATIENT_FIELD, opening.value)
        for stray in (*held, *transaction.openings_with(READ_CODE, opening.value.get("value"))):
            if stray.chain != coi and not _same_patient(transaction, memory, stray.chain, held):
                yield stray


def _same_patient(transaction: Transaction, memory: StateCache, chain: str, held: list[HeldValue]) -> bool:
    known = memory.therapy(transaction, chain)
    own = frozenset(known.state.patient_identifiers) if known is not None else frozenset()
    return any(one.opening.commitment in own for one in held)


def _act_of(transaction: Transaction, event_id: str) -> str:
    """The request by which an event was recorded."""
    body = transaction.body_of_event(event_id)
    return event_id if body is None else stored_entry(body).statement.act
