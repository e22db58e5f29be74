"""What paper says of the log, asked of a store: its newest head, a head seen earlier, and receipts.

The answers rest on the stored subtree hashes and cost a logarithm of the log; `verify` computes those hashes
anew from every entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from schema.canonical import canonical, parsed, plain_digest
from schema.errors import EvidenceMissing, IntegrityFailure, NotCanonical, StoreError
from schema.papercodes import HeadCode, ReceiptCode, head_code
from schema.tables import CustodyEventRow
from tracker.evidence.checkpoint import Checkpoint, parse_checkpoint
from tracker.evidence.cosignature import with_cosignatures
from tracker.evidence.hub import head_of
from tracker.evidence.proof import Proof
from tracker.ledger.store import Store
from tracker.ledger.transaction import Transaction
from tracker.ledger.tree import is_consistent, leaf_hash, prove_consistency, prove_inclusion
from tracker.ledger.waiting import Place
from tracker.rules.registry_state import RegistryState, StoreLoss


class HeadOutcome(StrEnum):
    """Whether the log still holds the head that paper saw."""

    HOLDS = "holds"
    LARGER = "larger"
    """Paper saw more entries than the log has: its end was cut, or the store was set back."""

    DIFFERS = "differs"
    """The log does not begin with what paper saw: entries were changed, or the log was rebuilt."""

    LOST = "lost"
    """Paper saw what two people accepted to be lost."""


@dataclass(frozen=True, slots=True)
class HeadVerdict:
    """Whether today's log still contains the log that paper saw."""

    head: HeadCode
    outcome: HeadOutcome
    tree_size: int
    """The size of the log that it was compared with."""

    path: tuple[bytes, ...] = ()
    """The consistency proof from the head's size to the log's, where it holds."""

    loss: StoreLoss | None = None
    """What took away what it saw, where it is lost."""

    @property
    def exit_code(self) -> int:
        """0 where it holds, that of missing evidence where it is lost, else of what cannot be trusted."""
        if self.outcome is HeadOutcome.LOST:
            return EvidenceMissing.exit_code
        return 0 if self.outcome is HeadOutcome.HOLDS else IntegrityFailure.exit_code

    def __str__(self) -> str:
        size = self.head.tree_size
        return {
            HeadOutcome.HOLDS: f"the log of {self.tree_size} entries begins with the {size} of this head",
            HeadOutcome.LARGER: f"this head saw {size} entries, and the log has {self.tree_size}",
            HeadOutcome.LOST: f"this head saw {size} entries of what is gone: {_words(self.loss)}",
            HeadOutcome.DIFFERS: f"the log's first {size} entries are not those of this head",
        }[self.outcome]


class ReceiptOutcome(StrEnum):
    """Whether the log holds the statement that paper has a receipt of."""

    INCLUDED = "included"
    PENDING = "pending"
    """It is recorded and waits for the log, or for the next checkpoint."""

    MISSING = "missing"
    DIFFERS = "differs"
    """An entry claims to be it, and its bytes or its proof say otherwise."""

    LOST = "lost"
    """It is not there, and may be one of those that two people accepted to be lost."""


@dataclass(frozen=True, slots=True)
class ReceiptVerdict:
    """Whether the statement of a receipt is in the log."""

    receipt: ReceiptCode
    outcome: ReceiptOutcome
    place: Place | None = None
    proof: Proof | None = None

    @property
    def exit_code(self) -> int:
        """0 unless the statement is missing or lost, or something else stands in its place."""
        if self.outcome is ReceiptOutcome.LOST:
            return EvidenceMissing.exit_code
        bad = self.outcome in (ReceiptOutcome.MISSING, ReceiptOutcome.DIFFERS)
        return IntegrityFailure.exit_code if bad else 0


def _words(loss: StoreLoss | None) -> str:
    return "" if loss is None else loss.words


def current_head(store: Store) -> HeadCode | None:
    """The head of the newest checkpoint, for slips and label sheets; None before the first."""
    with store.read() as transaction:
        newest = transaction.newest_checkpoint()
    if newest is None:
        return None
    head = head_of(newest)
    return head_code(head.origin, head.tree_size, head.root)


def check_head(store: Store, registry: RegistryState, head: HeadCode) -> HeadVerdict:
    """Compare a head with the log as it stands; raises OtherLog for one of another log."""
    head.require_origin(registry.origin)
    loss = registry.loss_of(head.tree_size, head.root)
    with store.read() as transaction:
        size = transaction.tree_size()
        if head.tree_size > size:
            outcome = HeadOutcome.LARGER if loss is None else HeadOutcome.LOST
            return HeadVerdict(head, outcome, size, loss=loss)
        root = transaction.frontier(size).root()
        path = prove_consistency(head.tree_size, size, transaction.hashes)
    if not is_consistent(head.tree_size, size, bytes.fromhex(head.root), root, path):
        outcome = HeadOutcome.DIFFERS if loss is None else HeadOutcome.LOST
        return HeadVerdict(head, outcome, size, loss=loss)
    return HeadVerdict(head, HeadOutcome.HOLDS, size, tuple(path))


def check_receipt(store: Store, registry: RegistryState, receipt: ReceiptCode) -> ReceiptVerdict:
    """Look for the statement of a receipt and prove it under the newest checkpoint."""
    with store.read() as transaction:
        entry = transaction.find_statement(receipt.statement_digest)
        if entry is None:
            outcome = ReceiptOutcome.LOST if registry.losses else ReceiptOutcome.MISSING
            return ReceiptVerdict(receipt, outcome)
        place = Place(entry.chain, entry.sequence)
        if not _states(entry, receipt.statement_digest):
            return ReceiptVerdict(receipt, ReceiptOutcome.DIFFERS, place)
        newest = transaction.newest_checkpoint()
        index = transaction.leaf_of(entry.chain, entry.sequence)
        if newest is None or index is None or index >= newest.tree_size:
            return ReceiptVerdict(receipt, ReceiptOutcome.PENDING, place)
        proof = _proof(transaction, head_of(newest), newest.note, index)
    holds = proof.includes(leaf_hash(entry.body))
    outcome = ReceiptOutcome.INCLUDED if holds else ReceiptOutcome.DIFFERS
    return ReceiptVerdict(receipt, outcome, place, proof)


def prove(transaction: Transaction, place: Place, *, tree_size: int | None = None) -> Proof:
    """That an entry is in the log, under the checkpoint of a size or the newest, with its cosignatures.

    Raises StoreError while no such checkpoint contains the entry.
    """
    row = transaction.newest_checkpoint() if tree_size is None else transaction.checkpoint(tree_size)
    index = transaction.leaf_of(place.chain, place.sequence)
    if row is None or index is None or index >= row.tree_size:
        under = "any checkpoint" if row is None else f"the checkpoint of size {row.tree_size}"
        raise StoreError(
            f"Entry {place.sequence} of {place.chain} is not under {under}.",
            remedy="Integrate and sign on the hub first; a terminal there does so within a minute.",
            code="not_in_log",
        )
    head = head_of(row)
    lines = (line for _, line in transaction.cosignatures(row.tree_size))
    return _proof(transaction, head, str(with_cosignatures(row.note, lines)), index)


def _proof(transaction: Transaction, head: Checkpoint, note: str, index: int) -> Proof:
    path = prove_inclusion(index, head.tree_size, transaction.hashes)
    return Proof(index, tuple(path), parse_checkpoint(note))


def _states(entry: CustodyEventRow, statement_digest: str) -> bool:
    """Whether the bytes make the statement; the column by which the entry was found only says so."""
    try:
        body = parsed(entry.body)
        return isinstance(body, dict) and plain_digest(canonical(body["statement"])) == statement_digest
    except (NotCanonical, KeyError):
        return False
