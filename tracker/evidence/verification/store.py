"""`cartrail verify` on a store: every numbered step from the stored bytes, never writing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from schema.entry import REGISTRY
from schema.errors import InputError
from schema.instants import parse_instant
from schema.vocabulary import ClockKind
from tracker.clock import Clock, SystemClock
from tracker.evidence.verification.chains import RegistryHeads, Walk
from tracker.evidence.verification.holdings import (
    check_attachments,
    check_erasable_files,
    check_guards,
    check_openings,
    check_strays,
)
from tracker.evidence.verification.kept import KeptHeads
from tracker.evidence.verification.log import Leaves, RebuiltTree, Witnesses
from tracker.evidence.verification.mentions import reached
from tracker.evidence.verification.paper import LogRoots, OutsidePaper, read_paper
from tracker.evidence.verification.processes import SpanWork, walked_spans
from tracker.evidence.verification.replay import CODES, CodeElsewhere
from tracker.evidence.verification.snapshot import Snapshot, Span, opened
from tracker.evidence.verification.surroundings import check_surroundings
from tracker.evidence.verification.tables import not_proved
from tracker.evidence.verification.therapies import Place, SpanFindings, WalkContext
from tracker.evidence.verification.verdict import Check, Journal, Verification, WaitingEntries

Progress = Callable[[int, int], None]
"""Advance how many entries of how many are done."""


def verify_store(
    url: str,
    *,
    receipts: Sequence[str] = (),
    heads: Sequence[str] = (),
    require_head: bool = False,
    replay: bool = True,
    progress: Progress | None = None,
    clock: Clock | None = None,
    config: Path | None = None,
) -> Verification:
    """The verdict over a store; raises InputError for a code that is not intact, OtherLog for a foreign head.

    In `config` lie the keys of this machine, and beside them the heads that it signed and cosigned last.

    Without replay the read tables, which are no evidence, are left out, and the verdict says so.

    A store that cannot be opened raises StoreError, a file whose pages are damaged IntegrityFailure.
    """
    paper = read_paper(receipts, heads, require_head=require_head)
    with opened(url) as snapshot:
        verifier = _Verifier(url, snapshot, paper, progress, clock or SystemClock(), config)
        return verifier.run(replayed=replay)


class _Verifier:
    """One verification on its way; of each leaf it keeps the digest, and else nothing that grows."""

    def __init__(
        self,
        url: str,
        snapshot: Snapshot,
        paper: OutsidePaper,
        progress: Progress | None,
        clock: Clock,
        config: Path | None,
    ) -> None:
        self._url = url
        self._snapshot = snapshot
        self._paper = paper
        self._progress = progress
        self._clock = clock
        self._config = config
        self._journal = Journal()
        self._registry = RegistryHeads()
        self._total = snapshot.count("custody_event")
        self._leaves = Leaves(snapshot.count("log_leaf"))
        self._places: dict[str, Place] = {}
        self._elsewhere: list[tuple[str, CodeElsewhere]] = []
        self._done = self._chains = self._named = 0

    def run(self, *, replayed: bool) -> Verification:
        """All steps."""
        journal, snapshot = self._journal, self._snapshot
        self._walk_registry()
        state = self._registry.state
        if not journal.has_findings:
            # A registry that was tampered with may no longer say whose log this is.
            self._paper.require_origin(state.origin)
        protocols, held = check_attachments(snapshot, state, journal)
        reach = reached(snapshot, self._leaves.size, journal) if replayed else 0
        self._walk_therapies(WalkContext(self._registry, protocols, held, reach), replayed=replayed)
        self._check_elsewhere()
        witnesses = self._check_log()
        check_openings(snapshot, self._named, journal)
        check_erasable_files(snapshot, journal)
        check_guards(snapshot, journal)
        check_surroundings(snapshot, journal)
        check_strays(snapshot, journal)
        if self._done != self._total:
            message = f"the table has {self._total} entries, and {self._done} can be read in order"
            journal.found(Check.SEQUENCE, "", None, message)
        self._tell(0)
        waiting = self._waiting_now()
        return Verification(
            origin=state.origin,
            purpose=state.purpose.value if state.origin else "",
            entries=self._done,
            chains=self._chains,
            steps=journal.steps(),
            unchecked=tuple(self._unchecked(witnesses, waiting)),
            waiting=waiting,
            receipts=self._paper.places(self._places, witnesses.newest),
        )

    def _walk_registry(self) -> None:
        found = SpanFindings(self._paper.wanted, self._leaves.size)
        walk = Walk(REGISTRY, self._registry, found.journal)
        for seen in found.examined(REGISTRY, self._snapshot.registry(), self._tell):
            walk.follow(seen)
        if 0 not in self._registry.heads:
            message = "the store has no founding entry: it was never founded, or its registry is gone"
            found.journal.found(Check.SEQUENCE, REGISTRY, 0, message)
        if not found.entries:
            found.chains = 0
        self._take(found, chain=REGISTRY)

    def _walk_therapies(self, context: WalkContext, *, replayed: bool) -> None:
        snapshot = self._snapshot
        state = snapshot.state() if snapshot.is_file else ()
        work = SpanWork(self._url, context, self._paper.wanted, self._leaves.size, replayed, state)
        for found in walked_spans(snapshot, work, self._total, self._tell):
            self._take(found)
        if not replayed:
            for check in (Check.READ_TABLES, Check.LIMITS):
                self._journal.skip(check, "left out: this verification was asked not to replay")

    def _take(self, found: SpanFindings, *, chain: str = "") -> None:
        """Add what reading a part left behind."""
        self._journal.merge(found.journal)
        self._leaves.take(found.leaves, self._journal, chain=chain)
        self._places.update(found.places)
        self._elsewhere += found.elsewhere
        self._done += found.entries
        self._chains += found.chains
        self._named += found.named

    def _check_log(self) -> Witnesses:
        """Steps 8 to 13, as far as no single entry shows them."""
        journal, leaves = self._journal, self._leaves
        leaves.conclude(journal)
        tree = RebuiltTree(leaves, self._snapshot, journal)
        witnesses = Witnesses(self._registry.state, leaves, journal)
        exports = self._registry.exports
        kept = KeptHeads.of(self._config, self._registry.state.origin)
        sizes = self._paper.sizes.union(kept.sizes, (said.tree_size for _, said in exports))
        roots = witnesses.check(self._snapshot, tree, sizes)
        witnesses.check_named(exports, roots)
        witnesses.check_printed(self._snapshot)
        kept.conclude(tree.size, roots, self._registry.state, witnesses, journal)
        root = tree.conclude()
        if tree.size:
            journal.note(Check.TREE, f"{tree.size} leaves have the root {root}")
        log = LogRoots(self._registry.state, tree.size, roots)
        self._paper.conclude(self._places, log, journal)
        return witnesses

    def _check_elsewhere(self) -> None:
        """A code that two therapies adopted stands for the later one; any other has to be there."""
        if not self._elsewhere:
            return
        wanted = {row.code for _, row in self._elsewhere}
        rows = self._snapshot.table("scan_code", CODES.columns, Span())
        there = {row[0]: row[1] for row in rows if row[0] in wanted}
        for chain, row in self._elsewhere:
            holder = there.get(row.code)
            if holder is None or row.issuer is None:
                message = f"the table scan_code has no row {row.code} for this therapy"
                self._journal.found(Check.READ_TABLES, chain, row.sequence, message)
            else:
                note = f"{row.code} of {chain} was adopted for {holder} too, for which it stands"
                self._journal.note(Check.READ_TABLES, note)

    def _tell(self, more: int) -> None:
        if self._progress is not None:
            self._progress(self._done + more, self._total)

    def _waiting_now(self) -> WaitingEntries:
        oldest = _instant(self._leaves.oldest)
        seconds = None if oldest is None else max(int((self._clock.now() - oldest).total_seconds()), 0)
        return WaitingEntries(self._leaves.waiting, oldest, seconds)

    def _unchecked(self, witnesses: Witnesses, waiting: WaitingEntries) -> Iterator[str]:
        state = self._registry.state
        for loss in state.losses:
            yield loss.words
        if not self._paper.heads:
            yield "no outside head given: a chain cut at its end, or a whole store rebuilt, can go unseen"
        if waiting.count:
            age = "" if waiting.seconds is None else f", the oldest since {waiting.seconds} s"
            one, many = f"1 entry waits for the log{age}", f"{waiting.count} entries wait for the log{age}"
            covers = "no head that others hold covers"
            yield f"{one}: {covers} it yet" if waiting.count == 1 else f"{many}: {covers} them yet"
        later = self._leaves.size - witnesses.newest
        if later > 0:
            one, many = "1 leaf of the log is", f"{later} leaves of the log are"
            them = "it" if later == 1 else "them"
            yield (
                f"{one if later == 1 else many} under no checkpoint that holds: nobody has signed for {them}"
            )
        if True in witnesses.on_hub:
            yield "cosigned on the hub itself: no independent witness"
        if not witnesses.on_hub:
            yield "no station cosigned the checkpoints: no independent witness"
        yield "roles were judged when recording; judged here are keys and the number of signatures"
        yield from not_proved()
        if state.clock is ClockKind.SIMULATED:
            yield "the store has a simulated clock: its times are not those of any real event"
        if state.founders:
            names = " and ".join(founder.staff for founder in state.founders)
            yield f"founded on the word of two people: {names}"


def _instant(text: str | None) -> datetime | None:
    try:
        return None if text is None else parse_instant(text)
    except InputError:
        return None
