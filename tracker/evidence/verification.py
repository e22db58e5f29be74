"""`cartrail verify` on a store: every numbered step from the stored bytes, never writing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from schema.entry import REGISTRY
from schema.errors import InputError
from schema.events.identity import Enrolled, ProtocolRepinned
from schema.instants import format_instant, parse_instant
from schema.vocabulary import Clock as ClockKind
from tracker.clock import Clock, SystemClock
from tracker.evidence.bodies import Examined, examine
from tracker.evidence.chains import RegistryHeads, Walk
from tracker.evidence.holdings import check_attachments, check_guards, check_openings, check_strays
from tracker.evidence.paper import Paper, read_paper
from tracker.evidence.replaying import (
    CODE_COLUMNS,
    THERAPY_COLUMNS,
    UNIT_COLUMNS,
    Grouped,
    Replay,
    order_of,
)
from tracker.evidence.snapshot import REGISTRY_ENTRIES, THERAPY_ENTRIES, Snapshot, StoredRow, opened
from tracker.evidence.verdict import Check, Journal, Verification, Waiting
from tracker.ledger.rows import CodeRow
from tracker.protocols.model import Protocol

Progress = Callable[[int, int], None]
"""Told how many entries of how many are done."""

_STRIDE: Final = 250


def verify_store(
    url: str,
    *,
    receipts: Sequence[str] = (),
    heads: Sequence[str] = (),
    require_head: bool = False,
    progress: Progress | None = None,
    clock: Clock | None = None,
) -> Verification:
    """The verdict over a store; raises InputError for a code that is not intact, OtherLog for a foreign head.

    A store that cannot be opened raises StoreError, a file whose pages are damaged IntegrityFailure.
    """
    paper = read_paper(receipts, heads, require_head=require_head)
    with opened(url) as snapshot:
        return _Verifier(snapshot, paper, progress, clock or SystemClock()).run()


class _Verifier:
    """One verification on its way; what it keeps does not grow with the store."""

    def __init__(self, snapshot: Snapshot, paper: Paper, progress: Progress | None, clock: Clock) -> None:
        self._snapshot = snapshot
        self._paper = paper
        self._progress = progress
        self._clock = clock
        self._journal = Journal()
        self._registry = RegistryHeads()
        self._total = snapshot.count("custody_event")
        self._done = 0
        self._chains = 0
        self._named = 0
        self._waiting = 0
        self._oldest: str | None = None

    def run(self) -> Verification:
        """All steps."""
        journal, snapshot = self._journal, self._snapshot
        self._walk_registry()
        state = self._registry.state
        self._paper.require_origin(state.origin)
        protocols, held = check_attachments(snapshot, state, journal)
        elsewhere = self._walk_therapies(protocols, held)
        self._check_elsewhere(elsewhere)
        check_openings(snapshot, self._named, journal)
        check_guards(snapshot, journal)
        check_strays(snapshot, journal)
        if self._done != self._total:
            message = f"the table has {self._total} entries, and {self._done} can be read in order"
            journal.found(Check.SEQUENCE, "", None, message)
        self._paper.conclude(self._total, journal)
        self._tell(self._done)
        return Verification(
            origin=state.origin,
            purpose=state.purpose.value if state.origin else "",
            entries=self._done,
            chains=self._chains,
            steps=journal.steps(),
            unchecked=tuple(self._unchecked()),
            waiting=self._waiting_now(),
            receipts=self._paper.places(),
        )

    def _walk_registry(self) -> None:
        walk = Walk(REGISTRY, self._registry, self._journal)
        for seen in self._examined(self._snapshot.entries(REGISTRY_ENTRIES)):
            walk.follow(seen)
        if self._done:
            self._chains += 1
        if 0 not in self._registry.heads:
            message = "the store has no founding entry: it was never founded, or its registry is gone"
            self._journal.found(Check.SEQUENCE, REGISTRY, 0, message)

    def _walk_therapies(
        self, protocols: Mapping[str, Protocol], held: frozenset[str]
    ) -> list[tuple[str, CodeRow]]:
        """Each chain beside its rows in the read tables; gives codes that another chain may hold by now."""
        tables = {
            "therapy": Grouped(self._table("therapy", THERAPY_COLUMNS, "coi"), 0),
            "unit": Grouped(self._table("unit", UNIT_COLUMNS, "coi"), 1),
            "scan_code": Grouped(self._table("scan_code", CODE_COLUMNS, "coi"), 1),
        }
        elsewhere: list[tuple[str, CodeRow]] = []
        rows = self._snapshot.entries(THERAPY_ENTRIES)
        for chain, entries in groupby(rows, key=lambda row: order_of(row.chain)):
            self._chains += 1
            name = _name(chain[1])
            replay = Replay(name, protocols, self._journal)
            self._walk_therapy(name, entries, replay, held)
            found: dict[str, list[Any]] = {}
            for table, grouped in tables.items():
                found[table], passed = grouped.take(_column(chain))
                self._report_strays(table, passed)
            missing = replay.compare(found["therapy"], found["unit"], found["scan_code"])
            elsewhere += [(name, row) for row in missing]
        for table, grouped in tables.items():
            self._report_strays(table, grouped.rest())
        return elsewhere

    def _walk_therapy(
        self, chain: str, entries: Iterable[StoredRow], replay: Replay, held: frozenset[str]
    ) -> None:
        walk = Walk(chain, self._registry, self._journal)
        for seen in self._examined(entries):
            walk.follow(seen)
            replay.take(seen)
            self._check_pin(chain, seen, held)

    def _check_pin(self, chain: str, seen: Examined, held: frozenset[str]) -> None:
        payload = seen.entry.statement.payload if seen.entry is not None and seen.understood else None
        if not isinstance(payload, Enrolled | ProtocolRepinned):
            return
        pin = payload.protocol
        adopted = self._registry.state.protocol(pin.id, pin.version)
        if adopted is None or adopted.sha256 != pin.sha256:
            message = f"the protocol {pin.id} version {pin.version} ({pin.sha256}) was never adopted"
            self._journal.found(Check.ATTACHMENTS, chain, seen.row.number, message)
        elif pin.sha256 not in held:
            message = f"the file of the protocol {pin.id} version {pin.version} is missing"
            self._journal.missed(Check.ATTACHMENTS, chain, seen.row.number, message)

    def _examined(self, rows: Iterable[StoredRow]) -> Iterator[Examined]:
        for row in rows:
            seen = examine(row, self._journal)
            self._named += len(seen.commitments)
            self._check_pending(seen)
            self._paper.meet(seen)
            yield seen
            self._done += 1
            if self._done % _STRIDE == 0:
                self._tell(self._done)

    def _check_pending(self, seen: Examined) -> None:
        row = seen.row
        if (row.pending_at is None) == (row.leaf_index is None):
            how = (
                "neither stands in the log nor waits"
                if row.leaf_index is None
                else "stands in the log and waits"
            )
            self._journal.found(Check.PENDING, row.chain_name, row.number, f"the entry {how} for it")
        if row.pending_at is None:
            return
        self._waiting += 1
        pending_at = str(row.pending_at)
        self._oldest = pending_at if self._oldest is None else min(self._oldest, pending_at)
        if seen.entry is not None and format_instant(seen.entry.recorded_at) != pending_at:
            message = f"the entry waits for the log since {pending_at:.40}, which is not when it was recorded"
            self._journal.found(Check.PENDING, row.chain_name, row.number, message)

    def _check_elsewhere(self, missing: list[tuple[str, CodeRow]]) -> None:
        """A code that two therapies adopted stands for the later one; any other has to be there."""
        if not missing:
            return
        wanted = {row.code for _, row in missing}
        there = {row[0]: row[1] for row in self._table("scan_code", CODE_COLUMNS, "coi") if row[0] in wanted}
        for chain, row in missing:
            holder = there.get(row.code)
            if holder is None or row.issuer is None:
                message = f"the table scan_code has no row {row.code} for this therapy"
                self._journal.found(Check.READ_TABLES, chain, row.sequence, message)
            else:
                note = f"{row.code} of {chain} was adopted for {holder} too, for which it stands"
                self._journal.note(Check.READ_TABLES, note)

    def _report_strays(self, table: str, rows: Iterable[Any]) -> None:
        at = 0 if table == "therapy" else 1
        for row in rows:
            message = f"the table {table} has a row {row[0]} of a therapy that has no entries"
            self._journal.found(Check.READ_TABLES, str(row[at]), None, message)

    def _table(self, table: str, columns: Sequence[str], order: str) -> Iterator[Any]:
        return self._snapshot.rows(f"SELECT {', '.join(columns)} FROM {table} ORDER BY {order}")  # noqa: S608  our own names

    def _tell(self, done: int) -> None:
        if self._progress is not None:
            self._progress(done, self._total)

    def _waiting_now(self) -> Waiting:
        oldest = _instant(self._oldest)
        seconds = None if oldest is None else max(int((self._clock.now() - oldest).total_seconds()), 0)
        return Waiting(self._waiting, oldest, seconds)

    def _unchecked(self) -> Iterator[str]:
        state = self._registry.state
        if not self._paper.heads:
            yield "no outside head given: a chain cut at its end, or a whole store made anew, can go unseen"
        yield "checkpoints come with the log: until then nobody outside has witnessed these entries"
        yield "roles were judged when recording; judged here are keys and the number of signatures"
        yield "kept answers to requests, passwords, sign-in failures and printed copies are not evidence"
        if state.clock is ClockKind.SIMULATED:
            yield "the store has a simulated clock: its times are not those of any real event"
        if state.founders:
            names = " and ".join(founder.staff for founder in state.founders)
            yield f"founded on the word of two people: {names}"


def _name(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return str(value)


def _column(order: tuple[int, Any]) -> Any:
    """The value of a column again, from the place it sorts at."""
    return _name(order[1]) if order[0] == 2 else order[1]


def _instant(text: str | None) -> datetime | None:
    try:
        return None if text is None else parse_instant(text)
    except InputError:
        return None
