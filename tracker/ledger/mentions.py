"""Where things are named in the chains, and how far into the log that was looked up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import sqlalchemy as sa

from schema.tables import CustodyEventRow, LogLeafRow, MentionReachRow, MentionRow, table_of
from tracker.ledger import compiled
from tracker.ledger.compiled import Compiled
from tracker.ledger.engine import Session
from tracker.ledger.repeated import check_values
from tracker.ledger.rows import TableRows
from tracker.ledger.waiting import at

_MENTIONS: Final = TableRows(MentionRow, check_values)
_MENTION: Final = _MENTIONS.table
_REACH: Final = table_of(MentionReachRow)
_EVENT: Final = table_of(CustodyEventRow)
_LEAF: Final = table_of(LogLeafRow)
_NAME: Final = "log"


def _put(dialect: str) -> sa.Executable:
    insert: Any = compiled.dialect_insert(dialect, _MENTION)
    new = insert.excluded
    found: sa.Executable = insert.on_conflict_do_update(
        index_elements=["chain", "subject"],
        set_={"last_sequence": new.last_sequence, "recorded_at": new.recorded_at},
    )
    return found


_PUT: Final = Compiled(_put, *_MENTION.columns.keys(), keys=2)
_REACHED: Final = compiled.select(_REACH, "name", columns=("leaves",))
_REACH_NOW: Final = compiled.insert_or_update(_REACH)
_BODIES: Final = compiled.fixed(
    sa.select(_EVENT.c.body)
    .join(_LEAF, at(_EVENT.c, _LEAF.c.chain, _LEAF.c.sequence))
    .where(_LEAF.c.leaf_index >= sa.bindparam("start"), _LEAF.c.leaf_index < sa.bindparam("end"))
    .order_by(_LEAF.c.leaf_index),
    *("start", "end"),
)


@compiled.family(True)
def _page(after: bool) -> Compiled:  # noqa: FBT001  key of a cache
    query: sa.Select[Any] = sa.select(_MENTION).where(_MENTION.c.subject == sa.bindparam("subject"))
    names = ["subject"]
    if after:
        place = sa.tuple_(_MENTION.c.recorded_at, _MENTION.c.chain)
        query = query.where(place < sa.tuple_(sa.bindparam("recorded_at"), sa.bindparam("chain")))
        names += ["recorded_at", "chain"]
    newest = query.order_by(_MENTION.c.recorded_at.desc(), _MENTION.c.chain.desc())
    limited = newest.limit(sa.bindparam("limit")).offset(sa.bindparam("offset"))
    return compiled.fixed(limited, *names, "limit", "offset")


class MentionRecords:
    """The part of a transaction that keeps and answers where something is named."""

    _session: Session

    def mentioned_leaves(self) -> int:
        """How many leaves of the log the mentions were filled from."""
        row = self._session.one(_REACHED, (_NAME,))
        return 0 if row is None else int(row[0])

    def bodies_of_leaves(self, start: int, end: int) -> list[bytes]:
        """The bodies of the entries from one leaf up to another, in the order of the log."""
        return [row[0] for row in self._session.all(_BODIES, (start, end))]

    def put_mentions(self, rows: Iterable[MentionRow], *, leaves: int) -> None:
        """Write where things are named, and that the log was read up to so many leaves."""
        for row in rows:
            self._session.write(_PUT, _MENTIONS.values(row))
        self._session.write(_REACH_NOW, (_NAME, leaves))

    def mentions(
        self, subject: str, *, limit: int = 50, after: tuple[str, str] | None = None
    ) -> list[MentionRow]:
        """A page of the chains that name something, the last recorded first, from after a (time, chain)."""
        statement = _page(after is not None)
        rows = self._session.all(statement, (subject, *(after or ()), limit, 0))
        return [_MENTIONS.read(row) for row in rows]
