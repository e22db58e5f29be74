"""The log of one store, for those who need it whole: integrate and sign, head, proofs, verdicts on paper."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from schema.errors import CartrailError, StoreError
from schema.papercodes import HeadCode, ReceiptCode
from schema.tables import CheckpointRow
from tracker.acts.state_cache import StateCache
from tracker.clock import Clock, SystemClock
from tracker.evidence import heads
from tracker.evidence.heads import HeadVerdict, ReceiptVerdict
from tracker.evidence.hub import sign_checkpoint
from tracker.evidence.integration import IntegrationResult, integrate
from tracker.evidence.last_head import SIGNED_FILE, check_not_set_back, lost_heads
from tracker.evidence.log_keys import STATION_KEY_FILE, finish_rotation, read_hub_key
from tracker.evidence.station import cosign_newest
from tracker.ledger.store import Store
from tracker.ledger.waiting import Place


@dataclass(frozen=True, slots=True)
class Advanced:
    """What integration and signing have come to."""

    integration: IntegrationResult
    checkpoint: CheckpointRow | None
    """The newest; older than the tree where this is no hub."""


class Log:
    """The tree over all entries of a store; with the log's key in the folder, also its signer."""

    def __init__(
        self,
        store: Store,
        key_folder: Path | None = None,
        *,
        clock: Clock | None = None,
        memory: StateCache | None = None,
    ) -> None:
        self._store = store
        self._folder = key_folder
        self._clock = clock or SystemClock()
        self._memory = memory or StateCache()
        self.trouble: CartrailError | None = None
        """Why the log did not grow, or was not signed, when it was last tried; None while all is well."""

        self.unknown: CartrailError | None = None
        """Why nothing here showed on opening whether the store was set back; None where the head did."""

    @property
    def is_hub(self) -> bool:
        """Whether the log's key lies here; raises StoreError if others could read it."""
        return self._folder is not None and read_hub_key(self._folder) is not None

    @property
    def folder(self) -> Path:
        """Where this machine keeps its keys of this store; raises StoreError where nobody named a folder."""
        if self._folder is None:
            raise StoreError(
                "No folder for keys was named.", remedy="Set CARTRAIL_CONFIG or open it by command."
            )
        return self._folder

    def require_not_set_back(self) -> None:
        """Raise IntegrityFailure unless the log continues what this machine signed and cosigned last.

        A head that should lie here and does not stops no recording: it is kept in `unknown`, to be told.
        """
        if self._folder is not None:
            with self._store.read() as transaction:
                registry = self._memory.registry(transaction).state
                check_not_set_back(transaction, registry, self._folder)
                is_signed = transaction.newest_checkpoint() is not None
            self.unknown = next(lost_heads(self._folder, {SIGNED_FILE} if is_signed else ()), None)

    def try_to_integrate(self) -> CartrailError | None:
        """Take in what waits and sign, after a commit: what fails is told, and the entries stand."""
        try:
            self.integrate_and_sign()
        except CartrailError as error:
            return error
        except Exception as error:  # noqa: BLE001  the entries stand, whatever happens to the tree over them
            return StoreError(
                f"The log could not take in what was recorded ({type(error).__name__}).", code="log_not_grown"
            )
        return None

    def integrate_and_sign(self) -> Advanced:
        """Take in what waits and, on a hub, sign the head; raises StoreError where its key does not count.

        What went wrong is kept in `trouble` until it goes well again.
        """
        try:
            advanced = self._integrate_and_sign()
        except Exception as error:
            self.trouble = error if isinstance(error, CartrailError) else StoreError(str(error))
            raise
        self.trouble = None
        return advanced

    def _integrate_and_sign(self) -> Advanced:
        result = integrate(self._store)
        if self._folder is not None:
            with self._store.read() as transaction:
                finish_rotation(self._folder, self._memory.registry(transaction).state)
        key = None if self._folder is None else read_hub_key(self._folder)
        if key is None:
            with self._store.read() as transaction:
                return Advanced(result, transaction.newest_checkpoint())
        now = self._clock.now()
        signed = sign_checkpoint(self._store, key, now, folder=self._folder, memory=self._memory)
        return Advanced(result, signed)

    def cosign(self, station: str) -> str | None:
        """This station's line under the newest checkpoint, kept in the store; None before the first."""
        if self._folder is None:
            return None
        return cosign_newest(self._store, station, self._folder, self._clock.now(), memory=self._memory)

    def cosign_if_able(self, station: str) -> None:
        """Cosign the newest checkpoint where this machine has a key of the station that counts already.

        Raises IntegrityFailure for a head that does not continue the one cosigned last.
        """
        if self._folder is None or not (self._folder / STATION_KEY_FILE).exists():
            return
        try:
            self.cosign(station)
        except StoreError as error:
            if error.code != "not_the_station_key":
                raise

    def head(self) -> HeadCode | None:
        """The head of the newest checkpoint, which is to go onto paper: it is safe when this returns."""
        head = heads.current_head(self._store)
        self._store.await_replication()
        return head

    def check_head(self, code: HeadCode) -> HeadVerdict:
        """Whether the log still contains what a head saw; raises OtherLog for a head of another log."""
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
        return heads.check_head(self._store, registry, code)

    def check_receipt(self, code: ReceiptCode) -> ReceiptVerdict:
        """Whether the statement of a receipt is in the log."""
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
        return heads.check_receipt(self._store, registry, code)

    def prove(self, chain: str, sequence: int, *, tree_size: int | None = None) -> str:
        """The tlog-proof of an entry under the checkpoint of a size, or the newest."""
        with self._store.read() as transaction:
            return str(heads.prove(transaction, Place(chain, sequence), tree_size=tree_size))
