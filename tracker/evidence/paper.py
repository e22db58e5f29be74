"""Heads and receipts that come from outside: what paper in other hands says of this record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from schema.papercodes import HeadCode, ReceiptCode, parse_head, parse_receipt
from tracker.evidence.bodies import Examined
from tracker.evidence.verdict import Check, Journal, ReceiptPlace


@dataclass(slots=True)
class Paper:
    """The codes given, and where their statements were met on the way through the store."""

    receipts: tuple[ReceiptCode, ...]
    heads: tuple[HeadCode, ...]
    require_head: bool
    wanted: frozenset[str]
    """The statement digests of the receipts."""

    _places: dict[str, tuple[str, int]] = field(default_factory=dict)

    def meet(self, seen: Examined) -> None:
        """Look whether a receipt is of this entry's statement, by its recomputed digest."""
        if seen.statement_digest in self.wanted:
            self._places[seen.statement_digest] = (seen.row.chain_name, seen.row.number or 0)

    def require_origin(self, origin: str) -> None:
        """Raise OtherLog for a head of another log."""
        for head in self.heads:
            head.require_origin(origin)

    def places(self) -> tuple[ReceiptPlace, ...]:
        """Where each receipt's statement stands, in the order given."""
        return tuple(
            ReceiptPlace(receipt.text, *self._places[receipt.statement_digest])
            for receipt in self.receipts
            if receipt.statement_digest in self._places
        )

    def conclude(self, entries: int, journal: Journal) -> None:
        """Step 13."""
        for receipt in self.receipts:
            if receipt.statement_digest not in self._places:
                message = f"the statement of the receipt {receipt.text} is not in this store"
                journal.found(Check.PAPER, "", None, message)
        for head in self.heads:
            if head.tree_size > entries:
                message = f"the head {head.text} saw {head.tree_size} entries, and the store has {entries}"
                journal.found(Check.PAPER, "", None, message)
            else:
                message = f"the head {head.text} could not be checked: this store has no log yet"
                journal.missed(Check.PAPER, "", None, message)
        if self.require_head and not self.heads:
            journal.missed(Check.PAPER, "", None, "an outside head is required, and none was given")
        elif not self.heads and not self.receipts:
            journal.skip(Check.PAPER, "no outside head or receipt was given")


def read_paper(receipts: Sequence[str], heads: Sequence[str], *, require_head: bool) -> Paper:
    """The codes as they were typed or scanned; raises InputError for one that is not intact."""
    parsed = tuple(parse_receipt(text.strip()) for text in receipts)
    wanted = frozenset(receipt.statement_digest for receipt in parsed)
    return Paper(parsed, tuple(parse_head(text.strip()) for text in heads), require_head, wanted)
