"""What a station does: cosign the newest checkpoint, once proved to continue the one it cosigned last."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from schema.errors import InputError, IntegrityFailure, StoreError
from schema.tables import CheckpointRow
from tracker.acts.state_cache import StateCache
from tracker.evidence.checkpoint import Checkpoint, SignedCheckpoint, is_signed_by_log, parse_checkpoint
from tracker.evidence.cosignature import cosign, station_name, station_vkey
from tracker.evidence.hub import head_of
from tracker.evidence.last_head import COSIGNED_FILE, LastHead
from tracker.evidence.log_keys import log_keys, read_station_key, station_keys
from tracker.evidence.vkey import LogKey
from tracker.ledger.log import clashes_told
from tracker.ledger.retry import retrying
from tracker.ledger.store import Store
from tracker.ledger.transaction import Transaction
from tracker.rules.registry_state import RegistryState


def cosign_newest(
    store: Store, station: str, folder: Path, now: datetime, *, memory: StateCache | None = None
) -> str | None:
    """Cosign the newest checkpoint with this station's key; gives the line, None before the first.

    Raises IntegrityFailure, and signs nothing, for a head that is smaller than the last, does not continue it
    or is not signed by the log. The head is written beside the key before the line leaves this function.
    """
    key = read_station_key(folder)
    last = LastHead(folder / COSIGNED_FILE)
    with last.turn():
        with store.read() as transaction:
            row = transaction.newest_checkpoint()
            if row is None:
                return None
            registry = (memory or StateCache()).registry(transaction).state
            kept = dict(transaction.cosignatures(row.tree_size)).get(station)
            head = _checked(transaction, registry, row, station, key)
            last.check(transaction, head, registry)
        if kept is not None:
            return kept
        store.await_replication()
        line = cosign(head, key, now).line
        last.write(head, registry)
        return retrying(lambda: _kept(store, head.tree_size, station, line))


def _kept(store: Store, tree_size: int, station: str, line: str) -> str:
    """The line in the store, which is another where the key lies on two machines."""
    with clashes_told(), store.begin() as transaction:
        kept = dict(transaction.cosignatures(tree_size)).get(station)
        if kept is None:
            transaction.add_cosignature(tree_size, station, line)
        return kept or line


def _checked(
    transaction: Transaction, registry: RegistryState, row: CheckpointRow, station: str, key: LogKey
) -> Checkpoint:
    """The head of a checkpoint that the log signed, while the station's key counts under it."""
    head = head_of(row)
    under = transaction.registry_sequence_under(head.tree_size)
    if head.origin != registry.origin or not _is_true(parse_checkpoint(row.note), registry, under):
        raise IntegrityFailure(f"The checkpoint of size {head.tree_size} is not signed by a key of the log.")
    verifier = station_vkey(registry.origin, station, key.verifier.public)
    if key.name != station_name(registry.origin, station) or verifier not in station_keys(registry, under):
        raise StoreError(
            f"The key of {key.name} does not count for {station} at size {head.tree_size}.",
            remedy="Let an administrator add it with `add_station_key`; it counts from the next checkpoint.",
            code="not_the_station_key",
        )
    return head


def _is_true(signed: SignedCheckpoint, registry: RegistryState, under: int) -> bool:
    try:
        return is_signed_by_log(signed, log_keys(registry, under))
    except InputError:
        return False
