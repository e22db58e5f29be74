"""Scanned papers, and the downtime forms that are out."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from schema.canonical import plain_digest
from schema.tables import CodeRow, PaperScanRow, table_of
from tracker.ledger import compiled
from tracker.ledger.engine import Session
from tracker.ledger.openings import unaltered
from tracker.ledger.rows import TableRows

_PAPER: Final = table_of(PaperScanRow)
_CODES: Final = TableRows(CodeRow)
_CODE: Final = _CODES.table
_KEEP: Final = compiled.insert_unless_there(_PAPER)
_CONTENT: Final = compiled.select(_PAPER, "chain", "sha256", columns=("content",))
_ERASE: Final = compiled.delete(_PAPER, "chain")

# The ids of forms lie side by side under the key, so that no other code is looked at.
_FORMS_OUT: Final = compiled.fixed(
    sa.select(_CODE)
    .where(
        _CODE.c.code >= sa.literal_column("'F'"),
        _CODE.c.code < sa.literal_column("'G'"),
        _CODE.c.object_type == sa.literal_column("'F'"),
        _CODE.c.status == sa.literal_column("'out'"),
    )
    .order_by(_CODE.c.code)
)


class PaperRecords:
    """The part of a transaction that keeps what was written by hand."""

    _session: Session
    _erased: bool

    def keep_paper(self, chain: str, content: bytes) -> str:
        """Keep a scanned paper of a therapy and give its hex SHA-256; the same again is no error."""
        sha256 = plain_digest(content)
        self._session.write(_KEEP, (chain, sha256, content))
        return sha256

    def paper(self, chain: str, sha256: str) -> bytes | None:
        """A scanned paper; None when it was erased or never kept; raises IntegrityFailure for other bytes."""
        row = self._session.one(_CONTENT, (chain, sha256))
        return None if row is None else unaltered(sha256, row[0])

    def erase_papers(self, chain: str) -> int:
        """Delete every scanned paper of a therapy; gives how many went."""
        self._erased = True
        return self._session.change(_ERASE, (chain,))

    def forms_out(self) -> list[CodeRow]:
        """The downtime forms, of all therapies, whose outcome nobody has recorded."""
        return [_CODES.read(row) for row in self._session.all(_FORMS_OUT)]
