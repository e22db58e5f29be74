"""The index of names against replay: what one chain names, as far as the index says it was filled."""

from __future__ import annotations

from typing import Any, Final

from schema.instants import format_instant
from schema.tables import MentionRow
from tracker.acts.mentions import subjects_of
from tracker.evidence.verification.entries import Examined
from tracker.evidence.verification.snapshot import Snapshot
from tracker.evidence.verification.verdict import Check, Journal
from tracker.ledger.engine import Record
from tracker.ledger.rows import TableRows

MENTIONS: Final = TableRows(MentionRow)
_REACH: Final = "SELECT name, leaves FROM mention_reach"


def reached(snapshot: Snapshot, size: int, journal: Journal) -> int:
    """From how many leaves the index says it was filled; a row that cannot be is reported."""
    leaves = 0
    for name, said in snapshot.rows(_REACH):
        if name != "log" or not isinstance(said, int) or not 0 <= said <= size:
            message = f"mention_reach {name!s:.20}: the index of names has {said!r:.20} of {size} leaves"
            journal.found(Check.READ_TABLES, "", None, message)
        else:
            leaves = said
    return leaves


class MentionReplay:
    """What one chain names; give it each entry in order, then compare."""

    def __init__(self, chain: str, reach: int, journal: Journal) -> None:
        self._chain = chain
        self._reach = reach
        self._journal = journal
        self._found: dict[str, tuple[int, int, str]] = {}
        """First and last sequence and the time of the last, by what is named."""

        self._stopped = False

    def take(self, seen: Examined) -> None:
        """The next entry; one that cannot be read names nobody knows what."""
        leaf, number, entry = seen.row.leaf_index, seen.row.number, seen.entry
        if not isinstance(leaf, int) or leaf >= self._reach:
            return
        if entry is None or number is None or not seen.understood:
            self._stopped = True
            return
        at = format_instant(entry.recorded_at)
        for subject in subjects_of(entry):
            before = self._found.get(subject)
            self._found[subject] = (number if before is None else before[0], number, at)

    def compare(self, stored: list[Record]) -> None:
        """Report every row that differs."""
        if self._stopped:
            return
        there: dict[Any, Record] = {row[1]: row for row in stored}
        for subject in sorted(there.keys() - self._found.keys(), key=str):
            self._tell(None, f"the table mention has a row {subject!s:.60}, to which no entry leads")
        for subject, (first, last, at) in self._found.items():
            row = there.get(subject)
            if row is None:
                self._tell(
                    last, f"the table mention has no row {subject}: a search for it would not find this"
                )
            elif row[2:] != (first, last, at):
                told = f"mention {subject}: it says {row[2:]!s:.80}, and by replay {(first, last, at)}"
                self._tell(last, told)

    def _tell(self, number: int | None, message: str) -> None:
        self._journal.found(Check.READ_TABLES, self._chain, number, message)
