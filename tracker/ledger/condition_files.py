"""The files of data loggers, which are kept packed and erased with the therapy they are of."""

from __future__ import annotations

from typing import Final

from schema.tables import ConditionFileRow, table_of
from tracker.ledger import compiled
from tracker.ledger.engine import Session
from tracker.ledger.openings import unaltered
from tracker.readings.packing import as_it_was

_FILE: Final = table_of(ConditionFileRow)
_KEEP: Final = compiled.insert_unless_there(_FILE)
_CONTENT: Final = compiled.select(_FILE, "chain", "sha256", columns=("content",))
_ERASE: Final = compiled.delete(_FILE, "chain")


class ConditionFiles:
    """The part of a transaction that keeps what loggers recorded."""

    _session: Session
    _erased: bool

    def keep_condition_file(self, chain: str, sha256: str, packed: bytes) -> None:
        """Keep a packed file under the SHA-256 of what it unpacks to; the same again is no error."""
        self._session.write(_KEEP, (chain, sha256, packed))

    def condition_file(self, chain: str, sha256: str) -> bytes | None:
        """A logger's file; None when it was erased or never kept; raises IntegrityFailure for other bytes."""
        row = self._session.one(_CONTENT, (chain, sha256))
        return None if row is None else unaltered(sha256, as_it_was(row[0]))

    def erase_condition_files(self, chain: str) -> int:
        """Delete every logger's file of a therapy; gives how many went."""
        self._erased = True
        return self._session.change(_ERASE, (chain,))
