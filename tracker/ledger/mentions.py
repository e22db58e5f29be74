"""Where things are named in the chains, and how far into the log that was looked up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from schema.tables import CustodyEvent, LogLeaf, Mention, MentionReach, table_of
from tracker.ledger import compiled
from tracker.ledger.compiled import Compiled
from tracker.ledger.engine import Session
from tracker.ledger.waiting import at

_MENTION: Final = table_of(Mention)
_REACH: Final = table_of(MentionReach)
_EVENT: Final = table_of(CustodyEvent)
_LEAF: Final = table_of(LogLeaf)
_NAME: Final = "log"


def _put(dialect: str) -> sa.Executable:
    insert: Any = compiled.dialect_insert(dialect, _MENTION)
    new = insert.excluded
    found: sa.Executable = insert.on_conflict_do_update(
        index_elements=["subject", "chain"],
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


@dataclass(frozen=True, slots=True)
class MentionRow:
    """Where in one chain one thing is first and last named."""

    subject: str
    chain: str
    first_sequence: int
    last_sequence: int
    recorded_at: str


@cache
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
            values = (row.subject, row.chain, row.first_sequence, row.last_sequence, row.recorded_at)
            self._session.write(_PUT, values)
        self._session.write(_REACH_NOW, (_NAME, leaves))

    def mentions(
        self, subject: str, *, limit: int = 50, after: tuple[str, str] | None = None
    ) -> list[MentionRow]:
        """A page of the chains that name something, the last recorded first, from after a (time, chain)."""
        statement = _page(after is not None)
        rows = self._session.all(statement, (subject, *(after or ()), limit, 0))
        return [MentionRow(*row) for row in rows]
