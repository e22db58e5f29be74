"""Heads and receipts that come from outside: what paper in other hands says of this record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schema.papercodes import HeadCode, ReceiptCode, parse_head, parse_receipt
from tracker.evidence.verification.therapies import Place
from tracker.evidence.verification.verdict import Check, Journal, ReceiptPlace
from tracker.rules.registry_state import RegistryState


@dataclass(frozen=True, slots=True)
class LogRoots:
    """The log as its entries make it."""

    registry: RegistryState
    size: int
    roots: Mapping[int, str]
    """The roots at the sizes that heads are of, as far as it is that large."""


@dataclass(frozen=True, slots=True)
class OutsidePaper:
    """The codes that were given."""

    receipts: tuple[ReceiptCode, ...]
    heads: tuple[HeadCode, ...]
    require_head: bool

    @property
    def wanted(self) -> frozenset[str]:
        """The statement digests of the receipts."""
        return frozenset(receipt.statement_digest for receipt in self.receipts)

    @property
    def sizes(self) -> frozenset[int]:
        """The sizes of the log that the heads are of."""
        return frozenset(head.tree_size for head in self.heads)

    def require_origin(self, origin: str) -> None:
        """Raise OtherLog for a head of another log."""
        for head in self.heads:
            head.require_origin(origin)

    def places(self, met: Mapping[str, Place], signed: int) -> tuple[ReceiptPlace, ...]:
        """Where each receipt's statement stands, in the order given; pending beyond what is signed."""
        found: list[ReceiptPlace] = []
        for receipt in self.receipts:
            if receipt.statement_digest in met:
                chain, sequence, leaf = met[receipt.statement_digest]
                pending = not isinstance(leaf, int) or leaf >= signed
                found.append(ReceiptPlace(receipt.text, chain, sequence, pending))
        return tuple(found)

    def conclude(self, met: Mapping[str, Place], log: LogRoots, journal: Journal) -> None:
        """Step 13."""
        for receipt in self.receipts:
            if receipt.statement_digest not in met:
                _miss_receipt(receipt, log.registry, journal)
        for head in self.heads:
            _check_head(head, log, journal)
        if self.require_head and not self.heads:
            journal.missed(Check.PAPER, "", None, "an outside head is required, and none was given")
        elif not self.heads and not self.receipts:
            journal.skip(Check.PAPER, "no outside head or receipt was given")


def _miss_receipt(receipt: ReceiptCode, registry: RegistryState, journal: Journal) -> None:
    message = f"the statement of the receipt {receipt.text} is not in this store"
    if registry.losses:
        message = f"{message}, and may be one of those that are gone: {registry.losses[-1].words}"
        journal.missed(Check.PAPER, "", None, message)
    else:
        journal.found(Check.PAPER, "", None, message)


def _check_head(head: HeadCode, log: LogRoots, journal: Journal) -> None:
    loss = log.registry.loss_of(head.tree_size, head.root)
    if not head.is_of(log.registry.origin):
        journal.missed(Check.PAPER, "", None, f"the head {head.text} is of another log")
    elif log.roots.get(head.tree_size) != head.root and loss is not None:
        message = f"the head {head.text} saw {head.tree_size} leaves of what is gone: {loss.words}"
        journal.missed(Check.PAPER, "", None, message)
    elif head.tree_size > log.size:
        message = (
            f"the head {head.text} saw {head.tree_size} leaves, and the log has {log.size}: this paper saw"
            " more, so the end of the log was cut or the store was set back"
        )
        journal.found(Check.PAPER, "", None, message)
    elif log.roots[head.tree_size] != head.root:
        message = f"the log does not begin with the {head.tree_size} leaves that the head {head.text} saw"
        journal.found(Check.PAPER, "", None, message)
    else:
        note = f"the log begins with the {head.tree_size} leaves of the head {head.text}"
        journal.note(Check.PAPER, note)


def read_paper(receipts: Sequence[str], heads: Sequence[str], *, require_head: bool) -> OutsidePaper:
    """The codes as they were typed or scanned; raises InputError for one that is not intact."""
    return OutsidePaper(
        tuple(parse_receipt(text.strip()) for text in receipts),
        tuple(parse_head(text.strip()) for text in heads),
        require_head,
    )
