"""What verifying every entry of one chain came to, in numbers. Pure: the proofs are made elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from schema.entry import Entry
from schema.vocabulary import EntryMode
from tracker.evidence.entry_proof import EntryProof


@dataclass(frozen=True, slots=True)
class ChainProof:
    """How many entries there are and how many of them hold in each way."""

    entries: int
    signed: int
    """Whose bytes and signatures fit."""

    by_program: int
    """Made as evidence, without a signature; their bytes fit."""

    linked: bool
    """Whether each entry names the digest of the one before."""

    in_log: int
    waiting: int
    """Too new to be under a signed head."""

    head: int | None
    """The size of the newest signed head that holds one of them."""

    cosigners: tuple[str, ...]
    """The stations that cosigned that head."""

    on_paper: int
    failing: tuple[int, ...]
    """The sequence numbers of entries that are not what was recorded."""

    @property
    def holds(self) -> bool:
        """Whether nothing of it is wrong; an entry that waits for the log is not wrong."""
        return self.linked and not self.failing


def chain_proof(entries: Sequence[Entry], proofs: Sequence[EntryProof]) -> ChainProof:
    """The sum over the entries of a chain in their order, each with its own proof."""
    both = list(zip(entries, proofs, strict=True))
    under = [one for one in proofs if one.head is not None]
    newest = max(under, key=lambda one: one.head or 0, default=None)
    return ChainProof(
        entries=len(entries),
        signed=sum(proof.signed and bool(entry.signatures) for entry, proof in both),
        by_program=sum(proof.signed and not entry.signatures for entry, proof in both),
        linked=all(later.previous == earlier.digest for earlier, later in pairwise(entries)),
        in_log=len(under),
        waiting=sum(one.holds and one.pending for one in proofs),
        head=None if newest is None else newest.head,
        cosigners=() if newest is None else newest.cosigners,
        on_paper=sum(one.statement.mode in (EntryMode.PAPER, EntryMode.IMPORTED) for one in entries),
        failing=tuple(entry.sequence for entry, proof in both if not proof.holds),
    )
