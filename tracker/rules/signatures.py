"""Whether signatures fit a statement and are by keys that counted; pure, so that others can write it again.

A key is judged at the registry head the entry names, in the registry itself at the entry before. Only the
activation of a key carries a signature of a key that does not count yet; founders witness each other's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schema.entry import Signature
from schema.signing import verifies
from schema.vocabulary import Meaning
from tracker.rules.registry_state import Key, RegistryState


@dataclass(frozen=True, slots=True)
class Activation:
    """That the statement activates a key, and whose."""

    owner: str
    key: str


def signature_faults(
    signatures: Sequence[Signature],
    statement_digest: str | None,
    *,
    registry: RegistryState,
    head: int,
    activation: Activation | None = None,
) -> Iterator[str]:
    """What is wrong with the signatures under a statement, judged at a sequence of the registry.

    Without a digest the values are not computed again: whoever has just made them with the key knows them.
    """
    signers = [signature.signer for signature in signatures]
    for signer in dict.fromkeys(signers):
        if signers.count(signer) > 1:
            yield f"{signer} signs {signers.count(signer)} times, where each signature is another person's"
    for signature in signatures:
        fault = _fault(signature, statement_digest, registry, head, activation)
        if fault is not None:
            yield f"the signature {signature.meaning.value} of {signature.signer} {fault}"
    if activation is not None:
        yield from _activation_faults(signatures, registry, activation)


def _fault(
    signature: Signature,
    statement_digest: str | None,
    registry: RegistryState,
    head: int,
    activation: Activation | None,
) -> str | None:
    key = registry.key(signature.key)
    if key is None or key.added_sequence > head:
        return f"is by the key {signature.key}, which the registry did not hold"
    if key.owner != signature.signer:
        return f"is by the key {signature.key}, which is that of {key.owner}"
    person = registry.person(signature.signer)
    if person is None or person.name != signature.name:
        return f"is printed {signature.name!r}, which is not that person's name in the registry"
    if statement_digest is not None and not verifies(signature, statement_digest, key.public):
        return "does not fit: the statement, name, meaning, time or value was changed"
    if key.counts_at(head) or _may_sign_early(signature, key, registry, head, activation):
        return None
    if key.retired_sequence is not None and key.retired_sequence <= head:
        return f"is by the key {signature.key}, retired by registry entry {key.retired_sequence}"
    return f"is by the key {signature.key}, which did not count yet at registry entry {head}"


def _may_sign_early(
    signature: Signature, key: Key, registry: RegistryState, head: int, activation: Activation | None
) -> bool:
    """Whether the key signs its own activation, or is a founder's that witnesses the other founder's."""
    if activation is None or (key.retired_sequence is not None and key.retired_sequence <= head):
        return False
    if signature.meaning is Meaning.PERFORMED:
        return signature.key == activation.key and signature.signer == activation.owner
    founders = registry.founding_key(signature.key), registry.founding_key(activation.key)
    return signature.meaning is Meaning.WITNESSED and None not in founders


def _activation_faults(
    signatures: Sequence[Signature], registry: RegistryState, activation: Activation
) -> Iterator[str]:
    """Without its owner and a witness who did not issue the code, anybody could be given a key."""
    performed = [one for one in signatures if one.meaning is Meaning.PERFORMED]
    if not any(one.key == activation.key and one.signer == activation.owner for one in performed):
        yield f"{activation.owner} did not sign the activation of the key {activation.key} with it"
    witnesses = {one.signer for one in signatures if one.meaning is Meaning.WITNESSED} - {activation.owner}
    code = registry.access_code(activation.owner)
    if not witnesses:
        yield f"nobody witnessed the activation of the key {activation.key}"
    elif code is not None and code.issuer in witnesses:
        yield f"{code.issuer} issued the one-time code and witnessed its use"
