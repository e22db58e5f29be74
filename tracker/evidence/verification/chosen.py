"""Some chains by their own bytes, before they are written down for people: quicker than a whole store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from schema.counting import counted
from schema.entry import REGISTRY
from tracker.evidence.verification.chains import RegistryHeads, Walk
from tracker.evidence.verification.links import Links
from tracker.evidence.verification.snapshot import Snapshot, Span, StoredRow, opened
from tracker.evidence.verification.therapies import SpanFindings
from tracker.evidence.verification.verdict import Check, Finding


def findings_in(url: str, chains: Sequence[str]) -> tuple[Finding, ...]:
    """What cannot be in sound chains, the registry among them; raises StoreError as `verify_store` does.

    Form, sequence, links, digests, registry heads, signatures, and that each leaf of the log has its entry.
    Tree, checkpoints and read tables are those of the whole store: `cartrail verify`.
    """
    with opened(url) as snapshot:
        return _Chosen(snapshot).findings(chains)


class _Chosen:
    """The chains of one snapshot on their way through the steps."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._registry = RegistryHeads()
        self._found = SpanFindings(frozenset(), snapshot.count("log_leaf"))

    def findings(self, chains: Sequence[str]) -> tuple[Finding, ...]:
        self._walk(REGISTRY, self._snapshot.registry())
        for chain in chains:
            if chain != REGISTRY:
                # No chain's name begins with another's, so that the span is one chain.
                self._walk(chain, self._snapshot.therapies(Span(chain, f"{chain}0")))
        return tuple(one for step in self._found.journal.steps() for one in step.findings)

    def _walk(self, chain: str, rows: Iterable[StoredRow]) -> None:
        journal, before = self._found.journal, self._found.entries
        walk, links = Walk(chain, self._registry, journal), Links(chain, journal)
        waiting = 0
        for seen in self._found.examined(chain, rows, _nobody):
            walk.follow(seen)
            links.follow(seen)
            waiting += seen.row.leaf_index is None
        entries, leaves = self._found.entries - before - waiting, self._snapshot.leaves_of(chain)
        if entries != leaves:
            taken, said = counted(entries, "entry", "entries"), counted(leaves, "leaf", "leaves")
            message = f"the log has {said} of this chain, and should have {taken}"
            journal.found(Check.SEQUENCE, chain, None, message)


def _nobody(_: int) -> None:
    """Progress that nobody is shown."""
