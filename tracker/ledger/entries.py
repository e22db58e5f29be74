"""Entries in the store: appended once, read as the bytes that were hashed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import sqlalchemy as sa

from schema.entry import Entry, Head
from schema.instants import format_instant
from schema.tables import CustodyEventRow, LogPendingRow, table_of
from tracker.ledger import compiled
from tracker.ledger.compiled import Compiled
from tracker.ledger.engine import Session
from tracker.ledger.rows import TableRows

_EVENTS: Final = TableRows(CustodyEventRow)
_EVENT: Final = _EVENTS.table
_PENDING: Final = table_of(LogPendingRow)

PAGE: Final = 500
"""Rows fetched at once, so that a log of a million entries is read in little memory."""

_APPEND: Final = compiled.insert(_EVENT)
_ADD_PENDING: Final = compiled.insert(_PENDING)
_HEAD: Final = compiled.fixed(
    compiled.first(
        sa.select(_EVENT.c.sequence, _EVENT.c.digest)
        .where(_EVENT.c.chain == sa.bindparam("chain"))
        .order_by(_EVENT.c.sequence.desc())
    ),
    "chain",
)


@compiled.family(2)
def _heads(count: int) -> Compiled:
    names = [f"chain_{number}" for number in range(count)]
    last = [
        compiled.first(
            sa.select(_EVENT.c.chain, _EVENT.c.sequence, _EVENT.c.digest)
            .where(_EVENT.c.chain == sa.bindparam(name))
            .order_by(_EVENT.c.sequence.desc())
        ).subquery(f"of_{name}")
        for name in names
    ]
    return compiled.fixed(sa.union_all(*(sa.select(each) for each in last)), *names)


_CHAIN_PAGE: Final = compiled.fixed(
    sa.select(_EVENT.c.sequence, _EVENT.c.digest, _EVENT.c.body)
    .where(_EVENT.c.chain == sa.bindparam("chain"), _EVENT.c.sequence > sa.bindparam("after"))
    .order_by(_EVENT.c.sequence)
    .limit(sa.bindparam("limit"))
    .offset(sa.bindparam("offset")),
    *("chain", "after", "limit", "offset"),
)
_NEXT_CHAIN: Final = compiled.fixed(
    sa.select(sa.func.min(_EVENT.c.chain)).where(_EVENT.c.chain > sa.bindparam("after")), "after"
)
_COUNT: Final = compiled.fixed(sa.select(sa.func.count()).select_from(_EVENT))
_BODY_OF_EVENT: Final = compiled.select(_EVENT, "event_id", columns=("body",))
_OF_EVENT: Final = compiled.select(_EVENT, "event_id")
_OF_STATEMENT: Final = compiled.select(_EVENT, "statement_digest")
_PENDING_ROWS: Final = compiled.fixed(sa.select(_PENDING).order_by(_PENDING.c.recorded_at, _PENDING.c.chain))


class EntryRecords:
    """The part of a transaction that appends and reads entries."""

    _session: Session

    def head(self, chain: str) -> Head | None:
        """The last entry of a chain; None when it has none."""
        row = self._session.one(_HEAD, (chain,))
        return None if row is None else Head(row[0], row[1])

    def heads(self, *chains: str) -> dict[str, Head]:
        """The last entries of several chains in one query; a chain without entries is left out."""
        rows = self._session.all(_heads(len(chains)), chains)
        return {row[0]: Head(row[1], row[2]) for row in rows}

    def append(self, entries: Sequence[Entry]) -> None:
        """Write entries and their places in the queue for the tree; raises ChainConflict or EventIdTaken.

        On PostgreSQL the conflict may show at the next read, savepoint or commit of this transaction.
        """
        write = self._session.write
        for entry in entries:
            statement = entry.statement
            row = _EVENTS.new(
                chain=statement.chain,
                sequence=entry.sequence,
                event_id=statement.event_id,
                digest=entry.digest,
                statement_digest=statement.digest,
                body=entry.body,
            )
            write(_APPEND, _EVENTS.values(row))
            write(_ADD_PENDING, (statement.chain, entry.sequence, format_instant(entry.recorded_at)))

    def bodies(
        self, chain: str, after: int = -1, limit: int | None = None
    ) -> Iterator[tuple[int, str, bytes]]:
        """Sequence, stored digest and body of a chain's entries in order, from the one after `after`."""
        left = limit
        while left is None or left > 0:
            size = PAGE if left is None else min(PAGE, left)
            rows = self._session.all(_CHAIN_PAGE, (chain, after, size, 0))
            yield from rows
            if len(rows) < size:
                return
            after = rows[-1][0]
            left = None if left is None else left - size

    def chains(self) -> Iterator[str]:
        """The names of all chains in byte order, `registry` last."""
        name = ""
        while (row := self._session.one(_NEXT_CHAIN, (name,))) is not None and row[0] is not None:
            name = row[0]
            yield name

    def count(self) -> int:
        """How many entries the store holds."""
        row = self._session.one(_COUNT)
        return 0 if row is None else int(row[0])

    def body_of_event(self, event_id: str) -> bytes | None:
        """The body of the entry with this event id."""
        row = self._session.one(_BODY_OF_EVENT, (event_id,))
        return None if row is None else row[0]

    def event(self, event_id: str) -> CustodyEventRow | None:
        """The entry with this event id."""
        row = self._session.one(_OF_EVENT, (event_id,))
        return None if row is None else _EVENTS.read(row)

    def find_statement(self, statement_digest: str) -> CustodyEventRow | None:
        """The entry whose statement has this digest, as a receipt names it."""
        row = self._session.one(_OF_STATEMENT, (statement_digest,))
        return None if row is None else _EVENTS.read(row)

    def pending(self) -> list[tuple[str, int, str]]:
        """Chain, sequence and time of every entry that the tree has not taken in, oldest first."""
        return self._session.all(_PENDING_ROWS)
