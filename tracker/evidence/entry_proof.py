"""One entry held against the log, on the spot: its bytes, and the path to the newest signed head."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from schema.canonical import leaf_digest
from schema.entry import Entry
from schema.errors import CartrailError, InputError
from tracker.evidence.checkpoint import SignedCheckpoint
from tracker.evidence.cosignature import cosigned
from tracker.evidence.heads import prove
from tracker.evidence.log_keys import log_keys, station_keys
from tracker.evidence.note import verifies
from tracker.ledger.transaction import Transaction
from tracker.ledger.tree import leaf_hash
from tracker.ledger.waiting import Place
from tracker.rules.registry_state import RegistryState
from tracker.rules.signatures import signature_faults


@dataclass(frozen=True, slots=True)
class EntryProof:
    """What was checked of an entry, each in words, and whether all of it holds."""

    lines: tuple[str, ...]
    holds: bool
    pending: bool = False
    """Whether it is too new to be under any checkpoint."""

    signed: bool = False
    """Whether the bytes are those that were recorded and every signature fits them."""

    head: int | None = None
    """The size of the newest signed head that it lies under."""

    cosigners: tuple[str, ...] = ()
    """The stations that cosigned that head, each signature checked."""

    text: str = ""
    """The proof as a file that others can check (C2SP tlog-proof)."""


def entry_proof(transaction: Transaction, registry: RegistryState, entry: Entry) -> EntryProof:
    """Read the entry's bytes again and prove them under the newest checkpoint."""
    chain, sequence = entry.statement.chain, entry.sequence
    stored = next(iter(transaction.bodies(chain, sequence - 1, 1)), None)
    if stored is None or stored[2] != entry.body:
        return EntryProof(("The store no longer has these bytes at this place.",), holds=False)
    same = stored[1] == leaf_digest(entry.body)
    lines = [
        "The stored digest is that of the bytes." if same else "THE STORED DIGEST IS NOT THAT OF THE BYTES."
    ]
    faults = list(
        signature_faults(
            entry.signatures,
            entry.statement.digest,
            registry=registry,
            head=registry.sequence if entry.registry is None else entry.registry.sequence,
        )
    )
    fit = not faults
    lines.append(_signed(len(entry.signatures)) if fit else "; ".join(faults).upper())
    same = same and fit
    try:
        proof = prove(transaction, Place(chain, sequence))
    except CartrailError as error:
        return EntryProof((*lines, error.message), holds=same, pending=True, signed=same)
    head = proof.checkpoint.checkpoint
    included = proof.includes(leaf_hash(entry.body))
    signed = any(
        line.names(key) and verifies(key.public, line.value, head.text.encode())
        for line in proof.checkpoint.note.signatures
        for key in log_keys(registry)
    )
    word = "leads" if included else "DOES NOT LEAD"
    lines.append(
        f"It is leaf {proof.index} of the log; a path of {len(proof.path)} hashes {word} from it to the root "
        f"of the {head.tree_size} entries that were signed last."
    )
    lines.append(
        "That head is signed by the log's key." if signed else "THAT HEAD IS SIGNED BY NO KEY OF THE LOG."
    )
    return EntryProof(
        tuple(lines),
        same and included and signed,
        signed=same,
        head=head.tree_size if included and signed else None,
        cosigners=tuple(sorted({*_cosigners(proof.checkpoint, registry)})),
        text=str(proof),
    )


def _cosigners(checkpoint: SignedCheckpoint, registry: RegistryState) -> Iterator[str]:
    """The stations whose signature under a head is one by their key over just this head."""
    for key in station_keys(registry):
        for line in checkpoint.note.signatures:
            if line.names(key):
                with suppress(InputError):
                    yield cosigned(checkpoint.checkpoint, line, key).name.rpartition("/")[2]


def _signed(count: int) -> str:
    if not count:
        return "It carries no signature: the program made it as evidence."
    return "Its signature fits." if count == 1 else f"All its {count} signatures fit."
