"""Therapies verified on all cores: spans of chains go to processes that read the same state of the store.

A small store, a server, a store that grew meanwhile and a host that starts no process leave the work to this
one, which says what is wrong where something is.
"""

from __future__ import annotations

import multiprocessing
import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

from schema.errors import CartrailError
from tracker.evidence.verification.snapshot import Snapshot, Span, opened
from tracker.evidence.verification.therapies import SpanFindings, TherapyWalk, WalkContext

SPAN_ENTRIES: Final = 5_000
SPREAD_FROM: Final = 100_000
"""Entries below which starting processes takes longer than they save."""

STARTED_BY: Final = "spawn"
"""How a process is started; never by fork: SQLite keeps its locks in memory that two must not share."""

_BOUND: Final = re.compile(r"C[DTVP][2-9B-X]{9}")
_CHAINS: Final = (
    "SELECT chain, count(*) FROM custody_event WHERE chain <> 'registry' GROUP BY chain ORDER BY chain"
)

Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class SpanWork:
    """Everything that a process needs to walk therapies."""

    url: str
    context: WalkContext
    wanted: frozenset[str]
    size: int
    replayed: bool
    """Whether the read tables are held against replay."""

    state: tuple[object, ...]
    """By what a process knows that it reads the state that the others read."""

    def walk(self, snapshot: Snapshot, span: Span, advance: Advance) -> SpanFindings:
        """What walking the therapies of a span leaves behind."""
        walk = TherapyWalk(snapshot, self.context, SpanFindings(self.wanted, self.size), advance)
        return walk.run(span) if self.replayed else walk.run_alone(span)


def spans(snapshot: Snapshot, entries: int = SPAN_ENTRIES) -> Iterator[Span]:
    """All chains, in spans of about so many entries."""
    low: str | None = None
    count = 0
    for chain, length in snapshot.rows(_CHAINS):
        if count >= entries and isinstance(chain, str) and _BOUND.fullmatch(chain):
            yield Span(low, chain)
            low, count = chain, 0
        count += length
    yield Span(low, None)


def walked_spans(
    snapshot: Snapshot, work: SpanWork, entries: int, advance: Advance
) -> Iterator[SpanFindings]:
    """What walking all therapies leaves behind, span by span in order."""
    cuts = list(spans(snapshot))
    done = 0
    if _may_spread(snapshot, entries):
        for found in _spread(work, cuts, advance):
            done += 1
            yield found
    for span in cuts[done:]:
        yield work.walk(snapshot, span, advance)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _may_spread(snapshot: Snapshot, entries: int) -> bool:
    # A process of a pool may have none of its own.
    own = multiprocessing.current_process().daemon
    return entries >= SPREAD_FROM and cores() > 1 and snapshot.is_file and not own


def _spread(work: SpanWork, cuts: list[Span], advance: Advance) -> Iterator[SpanFindings]:
    """The walked_spans that processes give, up to the first that they do not."""
    context = multiprocessing.get_context(STARTED_BY)
    pool = ProcessPoolExecutor(cores(), mp_context=context, initializer=_begin, initargs=(work,))
    try:
        for found in pool.map(_walk, cuts):
            if found is None:
                return
            advance(found.entries)
            yield found
    except (BrokenProcessPool, OSError):
        return
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class _Process:
    """What one process of the pool keeps between spans."""

    work: SpanWork | None = None
    snapshot: Snapshot | None = None
    store: AbstractContextManager[Snapshot] | None = None
    """Open as long as the process lives."""


def _begin(work: SpanWork) -> None:
    _Process.store = opened(work.url)
    try:
        snapshot = _Process.store.__enter__()
        if snapshot.state() == work.state:
            _Process.work, _Process.snapshot = work, snapshot
    except CartrailError:
        # The process that began says it, in the same words as on one core.
        return


def _walk(span: Span) -> SpanFindings | None:
    work, snapshot = _Process.work, _Process.snapshot
    if work is None or snapshot is None:
        return None
    try:
        return work.walk(snapshot, span, lambda _: None)
    except CartrailError:
        return None
