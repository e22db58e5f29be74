"""Heads and receipts from outside, held against a bundle."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from schema.papercodes import HeadCode, ReceiptCode, parse_head, parse_receipt
from tracker.evidence.bundle_verdict import BundleCheck, BundleJournal
from tracker.evidence.verdict import ReceiptPlace


@dataclass(frozen=True, slots=True)
class BundlePaper:
    """The codes that were given."""

    heads: tuple[HeadCode, ...]
    receipts: tuple[ReceiptCode, ...]
    require_head: bool

    @property
    def sizes(self) -> frozenset[int]:
        """The sizes of the log that the heads are of."""
        return frozenset(head.tree_size for head in self.heads)

    def places(self, statements: Mapping[str, tuple[str, int]]) -> tuple[ReceiptPlace, ...]:
        """Where each receipt's statement stands, in the order given."""
        return tuple(
            ReceiptPlace(receipt.text, *statements[receipt.statement_digest])
            for receipt in self.receipts
            if receipt.statement_digest in statements
        )

    def conclude(
        self,
        origin: str,
        root_at: Callable[[int], str | None],
        statements: Mapping[str, tuple[str, int]],
        journal: BundleJournal,
        *,
        whole: bool,
    ) -> None:
        """Step 17; raises OtherLog for a head of another log, unless the bundle is worse than that."""
        for head in self.heads:
            self._check_head(head, origin, root_at(head.tree_size), journal)
        for receipt in self.receipts:
            if receipt.statement_digest in statements:
                continue
            if whole:
                message = f"the statement of the receipt {receipt.text} is not here"
                journal.found(BundleCheck.PAPER, "", message)
            else:
                message = f"the statement of the receipt {receipt.text} is not in these chains"
                journal.missed(BundleCheck.PAPER, "", message)
        if self.require_head and not self.heads:
            journal.missed(BundleCheck.PAPER, "", "an outside head is required, and none was given")
        elif not self.heads and not self.receipts:
            journal.skip(BundleCheck.PAPER, "no outside head or receipt was given")

    def _check_head(self, head: HeadCode, origin: str, root: str | None, journal: BundleJournal) -> None:
        if not head.is_of(origin):
            if not journal.has_findings:
                head.require_origin(origin)
            journal.missed(BundleCheck.PAPER, "", f"the head {head.text} is of another log")
        elif root is None:
            message = (
                f"the head {head.text} could not be checked: no proof from size {head.tree_size} is here"
            )
            journal.missed(BundleCheck.PAPER, "", message)
        elif root != head.root:
            message = f"the log does not begin with what the head {head.text} saw"
            journal.found(BundleCheck.PAPER, "", message)
        else:
            note = f"the log begins with the {head.tree_size} entries of the head {head.text}"
            journal.note(BundleCheck.PAPER, note)


def read_paper(heads: Sequence[str], receipts: Sequence[str], *, require_head: bool) -> BundlePaper:
    """The codes as they were typed or scanned; raises BadCode for one that is not intact."""
    return BundlePaper(
        tuple(parse_head(text.strip()) for text in heads),
        tuple(parse_receipt(text.strip()) for text in receipts),
        require_head,
    )
