"""What an entry says of an earlier one by its statement digest: that one is there and says just that."""

from __future__ import annotations

from schema.entry import Entry
from schema.events.custody import HandoffAnswer
from schema.events.review import TrailReviewed
from tracker.evidence.verification.entries import Examined
from tracker.evidence.verification.verdict import Check, Journal


class Links:
    """Step 16 along one chain; give it each entry in the order of the table."""

    def __init__(self, chain: str, journal: Journal) -> None:
        self._chain = chain
        self._journal = journal
        self._said: dict[str, tuple[int, str, str]] = {}
        """Sequence, kind and statement digest of each statement before, by event id."""

    def follow(self, seen: Examined) -> None:
        """The next entry."""
        entry, number = seen.entry, seen.row.number
        if entry is None or number is None:
            return
        if seen.understood:
            self._check(number, entry)
        statement = entry.statement
        self._said[statement.event_id] = number, statement.kind, seen.statement_digest

    def _check(self, number: int, entry: Entry) -> None:
        payload = entry.statement.payload
        if isinstance(payload, HandoffAnswer):
            self._compare(number, payload.handoff, payload.relinquished, "relinquished", None)
        elif isinstance(payload, TrailReviewed):
            self._compare(number, payload.event, payload.digest, "", payload.through)

    def _compare(self, number: int, event: str, digest: str, kind: str, at: int | None) -> None:
        """Report unless the event is an earlier statement with this digest, of the kind or at the place."""
        known = self._said.get(event)
        if known is None:
            message = f"it names the event {event}, and no entry before it is that event"
        elif kind and known[1] != kind:
            message = f"it answers entry {known[0]}, which is {known[1]} and not {kind}"
        elif at is not None and known[0] != at:
            message = f"it names entry {at} by the event of entry {known[0]}"
        elif known[2] != digest:
            message = f"it names the statement {digest}; entry {known[0]} has the statement digest {known[2]}"
        else:
            return
        self._journal.found(Check.LINKS, self._chain, number, message)
