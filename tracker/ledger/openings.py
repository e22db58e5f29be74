"""What is kept beside the entries: openings of commitments, requests with their answers, attachments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import orjson
import sqlalchemy as sa

from schema.canonical import Json, canonical, plain_digest
from schema.commitments import Opening
from schema.errors import IntegrityFailure
from schema.tables import AttachmentRow, CustodyEventRow, ErasableRow, RequestAnswerRow, table_of
from tracker.ledger import compiled
from tracker.ledger.engine import Session
from tracker.ledger.rows import TableRows

_ERASABLE: Final = table_of(ErasableRow)
_ANSWERS: Final = TableRows(RequestAnswerRow)
_ANSWER: Final = _ANSWERS.table
_EVENT: Final = table_of(CustodyEventRow)
_ATTACHMENT: Final = table_of(AttachmentRow)

_ONE_ROW: Final = sa.select(sa.literal_column("1")).subquery("one")
_OPENING_COLUMNS: Final = (_ERASABLE.c.commitment, _ERASABLE.c.field, _ERASABLE.c.value, _ERASABLE.c.salt)
_KEEP: Final = compiled.insert_unless_there(_ERASABLE)
_OF_COMMITMENT: Final = compiled.fixed(
    sa.select(*_OPENING_COLUMNS).where(_ERASABLE.c.commitment == sa.bindparam("commitment")),
    "commitment",
)
_OF_CHAIN: Final = compiled.fixed(
    sa.select(*_OPENING_COLUMNS).where(_ERASABLE.c.chain == sa.bindparam("chain")), "chain"
)
_ERASE_OPENING: Final = compiled.fixed(
    sa.delete(_ERASABLE).where(_ERASABLE.c.commitment == sa.bindparam("commitment")), "commitment"
)
_ERASE_ANSWER: Final = compiled.delete(_ANSWER, "event_id")
_SAME_VALUE: Final = compiled.fixed(
    sa.select(_ERASABLE.c.chain, _ERASABLE.c.event_id, *_OPENING_COLUMNS)
    .where(_ERASABLE.c.field == sa.bindparam("field"), _ERASABLE.c.value == sa.bindparam("value"))
    .order_by(_ERASABLE.c.chain),
    *("field", "value"),
)
_ENDING_ALIKE: Final = compiled.fixed(
    sa.select(_ERASABLE.c.chain, _ERASABLE.c.event_id, *_OPENING_COLUMNS)
    .where(
        _ERASABLE.c.field == sa.bindparam("field"),
        sa.func.upper(_ERASABLE.c.value).like(sa.func.upper(sa.bindparam("ending")), escape="\\"),
    )
    .order_by(_ERASABLE.c.chain),
    *("field", "ending"),
)
"""Without an index: who asks that waits for a table to be read, some ten times a day."""

_KEEP_ANSWER: Final = compiled.insert(_ANSWER)
_RECORDED: Final = (
    sa.select(_EVENT.c.event_id).where(_EVENT.c.event_id == sa.bindparam("event_id")).scalar_subquery()
)
_KEPT: Final = compiled.fixed(
    sa.select(
        sa.select(_EVENT.c.event_id).where(_EVENT.c.event_id == sa.bindparam("event_id")).scalar_subquery(),
        _ANSWER,
    ).select_from(_ONE_ROW.outerjoin(_ANSWER, _ANSWER.c.event_id == sa.bindparam("request_id"))),
    *("event_id", "request_id"),
)
_KEEP_ATTACHMENT: Final = compiled.insert_unless_there(_ATTACHMENT)
_ATTACHMENT_OF: Final = compiled.select(_ATTACHMENT, "sha256", columns=("content",))


@dataclass(frozen=True, slots=True)
class HeldValue:
    """An opening with the chain and event it is held for."""

    chain: str
    event_id: str
    opening: Opening


class OpeningRecords:
    """The part of a transaction that keeps what may be erased, and what requests and entries refer to."""

    _session: Session
    _erased: bool

    def keep_openings(self, chain: str, event_id: str, openings: Iterable[Opening]) -> None:
        """Keep what opens the commitments of one event."""
        for opening in openings:
            value = canonical(opening.value).decode()
            row = (event_id, opening.commitment, chain, opening.field, opening.salt, value)
            self._session.write(_KEEP, row)

    def openings(self, commitments: Iterable[str]) -> Mapping[str, Opening]:
        """The openings still held of these commitments; what was erased is not among them."""
        found: dict[str, Opening] = {}
        for commitment in commitments:
            row = self._session.one(_OF_COMMITMENT, (commitment,))
            if row is not None:
                found[commitment] = Opening(row[1], orjson.loads(row[2]), row[3])
        return found

    def openings_of(self, chain: str) -> Mapping[str, Opening]:
        """The openings still held of all commitments in a chain."""
        rows = self._session.all(_OF_CHAIN, (chain,))
        return {row[0]: Opening(row[1], orjson.loads(row[2]), row[3]) for row in rows}

    def openings_with(self, field: str, value: Json) -> list[HeldValue]:
        """Every chain and event for which this very value is held; erasing and enrolling ask that."""
        rows = self._session.all(_SAME_VALUE, (field, canonical(value).decode()))
        return [HeldValue(row[0], row[1], Opening(row[3], orjson.loads(row[4]), row[5])) for row in rows]

    def openings_ending(self, field: str, ending: str) -> list[HeldValue]:
        """Those of a field whose canonical JSON ends with a text; capitals make no difference."""
        escaped = re.sub(r"([\\%_])", r"\\\1", ending)
        rows = self._session.all(_ENDING_ALIKE, (field, f"%{escaped}"))
        return [HeldValue(row[0], row[1], Opening(row[3], orjson.loads(row[4]), row[5])) for row in rows]

    def erase_openings(self, commitments: Iterable[str]) -> int:
        """Delete these openings wherever they are held; gives how many rows went."""
        self._erased = True
        return sum(self._session.change(_ERASE_OPENING, (commitment,)) for commitment in commitments)

    def erase_request(self, event_id: str) -> int:
        """Delete the digest of a request and its kept answer; sent again, it is another one's id."""
        self._erased = True
        return self._session.change(_ERASE_ANSWER, (event_id,))

    def keep_answer(self, row: RequestAnswerRow) -> None:
        """Keep what is answered to a request, and by what it is recognized when it is sent again."""
        self._session.write(_KEEP_ANSWER, _ANSWERS.values(row))

    def kept_answer(self, event_id: str) -> tuple[bool, RequestAnswerRow | None]:
        """Whether this event is recorded, and the answer to its request; None when unknown or erased.

        Both are read at one moment: another station may just be recording the same request.
        """
        known, *answer = self._session.all(_KEPT, (event_id, event_id))[0]
        return known is not None, None if answer[0] is None else _ANSWERS.read(tuple(answer))

    def keep_attachment(self, content: bytes) -> str:
        """Keep a file and give its hex SHA-256; the same file again is no error."""
        sha256 = plain_digest(content)
        # The guard of SQLite stops even an insert that would do nothing, so look first.
        if self._session.one(_ATTACHMENT_OF, (sha256,)) is None:
            self._session.write(_KEEP_ATTACHMENT, (sha256, content))
        return sha256

    def attachment(self, sha256: str) -> bytes | None:
        """The file with this hex SHA-256; raises IntegrityFailure where the bytes kept have another."""
        row = self._session.one(_ATTACHMENT_OF, (sha256,))
        return None if row is None else unaltered(sha256, row[0])


def unaltered(sha256: str, content: bytes) -> bytes:
    """The bytes kept under this hex SHA-256; raises IntegrityFailure where they have another.

    Whoever owns the database can change a file, have a step taken by it and put it back; so it is hashed each
    time it is loaded, and nothing goes by what was changed.
    """
    # In a SQLite file, a column can be made to hold anything.
    data: object = content
    found = plain_digest(content if isinstance(data, bytes) else str(data).encode("utf-8", "surrogateescape"))
    if found != sha256:
        raise IntegrityFailure(
            f"The file kept as {sha256} has the digest {found}: its bytes were changed in the database.",
            remedy="Nothing was done by it. Call the administrator: run `cartrail verify`, and compare the"
            " file with a bundle or the copy it was adopted from.",
            code="file_altered",
        )
    return content
