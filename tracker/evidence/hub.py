"""What the hub alone does: sign the head of the log, never one that does not continue the last."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from schema.errors import InputError, IntegrityFailure, StoreError
from schema.tables import CheckpointRow, tuple_of
from tracker.acts.state_cache import StateCache
from tracker.evidence.checkpoint import Checkpoint, parse_checkpoint, sign
from tracker.evidence.last_head import SIGNED_FILE, LastHead, check_continues
from tracker.evidence.log_keys import log_keys
from tracker.evidence.vkey import LogKey
from tracker.ledger.log import clashes_told
from tracker.ledger.retry import retrying
from tracker.ledger.store import Store
from tracker.ledger.transaction import Transaction

_checkpoint_row: Final = tuple_of(CheckpointRow)

_SIGNING: Final = "checkpoint"
"""The shared row that signers raise, so that heads are signed in the order of their sizes."""


def sign_checkpoint(
    store: Store, key: LogKey, now: datetime, *, folder: Path | None = None, memory: StateCache | None = None
) -> CheckpointRow | None:
    """Sign the tree as it stands, and keep that; None while it is empty, the old one where it has not grown.

    Raises IntegrityFailure instead of signing a head that is smaller than one signed before, or does not
    continue it; with a folder also against what this machine signed last, whatever the store says now.
    """
    known = memory or StateCache()
    last = None if folder is None else LastHead(folder / SIGNED_FILE)

    def attempt() -> CheckpointRow | None:
        with store.read() as transaction:
            safe = transaction.tree_size()
        # What is signed can never be taken back, so it must not be on one machine only.
        store.await_replication()
        with clashes_told(), store.begin() as transaction:
            transaction.bump(_SIGNING, transaction.version(_SIGNING))
            return _signed(transaction, known, key, now, last, safe)

    with store.read() as transaction:
        if _is_current(transaction):
            return transaction.newest_checkpoint()
    if last is None:
        return retrying(attempt)
    with last.turn():
        return retrying(attempt)


def _is_current(transaction: Transaction) -> bool:
    newest = transaction.newest_checkpoint()
    size = transaction.tree_size()
    if newest is None:
        return size == 0
    return newest.tree_size == size and newest.root == transaction.frontier(size).root().hex()


def _signed(
    transaction: Transaction, memory: StateCache, key: LogKey, now: datetime, last: LastHead | None, safe: int
) -> CheckpointRow | None:
    newest, grown = transaction.newest_checkpoint(), transaction.tree_size()
    size = min(safe, grown)
    if _is_current(transaction) or (newest is not None and size < newest.tree_size <= grown):
        return newest
    registry = memory.registry(transaction).state
    head = Checkpoint(registry.origin, size, transaction.frontier(size).root().hex())
    if newest is not None:
        check_continues(transaction, head_of(newest), head)
    if last is not None:
        last.check(transaction, head, registry)
    if key.verifier not in log_keys(registry, transaction.registry_sequence_under(size)):
        raise StoreError(
            f"The key {key.verifier.key_hash.hex()} is not the log's at size {size}.",
            remedy="Run this on the hub, with the log.key whose `key_added` the registry holds.",
            code="not_the_log_key",
        )
    row = _checkpoint_row(tree_size=size, root=head.root, note=str(sign(head, key)), signed_at=now)
    transaction.add_checkpoint(row)
    if last is not None:
        last.write(head, registry)
    return row


def head_of(row: CheckpointRow) -> Checkpoint:
    """The head that the note of a stored checkpoint is of; raises IntegrityFailure if its columns differ."""
    try:
        head = parse_checkpoint(row.note).checkpoint
    except InputError as error:
        raise IntegrityFailure(
            f"The checkpoint of size {row.tree_size} is not one: {error.message}"
        ) from error
    if (head.tree_size, head.root) != (row.tree_size, row.root):
        raise IntegrityFailure(
            f"The checkpoint of size {row.tree_size} has a note of {head.tree_size} and {head.root}."
        )
    return head
