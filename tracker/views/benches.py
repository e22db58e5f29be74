"""Who is at which bench now, and what it takes to clear it."""

from __future__ import annotations

from collections.abc import Iterator

from schema.tables import BenchRow
from tracker.acts.deciding import Decider
from tracker.acts.print_records import records_of
from tracker.acts.state_cache import StateCache
from tracker.ledger.transaction import Transaction
from tracker.rules.checks.bench import bench_site, bench_title
from tracker.therapy.benches import needs_witness, open_labels
from tracker.views.models import AtBench, BenchNow


class Benches:
    """Looks at benches within one read transaction."""

    def __init__(self, transaction: Transaction, memory: StateCache, decider: Decider) -> None:
        self._transaction = transaction
        self._memory = memory
        self._decider = decider
        self._registry = memory.registry(transaction).state

    def at(self, station: str) -> BenchNow | None:
        """The bench of a station; None for a station that is not in this store."""
        found = self._registry.station(station)
        if found is None:
            return None
        return self._now(found.bench, self._transaction.at_bench(found.bench))

    def taken(self) -> Iterator[BenchNow]:
        """Every bench with something at it."""
        rows: dict[str, list[BenchRow]] = {}
        for row in self._transaction.benches_taken():
            rows.setdefault(row.bench, []).append(row)
        return (self._now(bench, found) for bench, found in rows.items())

    def _now(self, bench: str, rows: list[BenchRow]) -> BenchNow:
        return BenchNow(
            bench,
            bench_title(self._registry, bench),
            bench_site(self._registry, bench) or "",
            tuple(self._therapy(row) for row in rows),
        )

    def _therapy(self, row: BenchRow) -> AtBench:
        known = self._memory.therapy(self._transaction, row.coi)
        if known is None:
            return AtBench(row.coi, row.taken_at, row.staff, needs_witness=False, open_labels=())
        protocol = self._decider.protocol(self._transaction, known.state.protocol.sha256)
        prints = records_of(self._transaction, row.coi, sorted(known.state.units))
        copies = open_labels(self._registry, known.state, row.bench, prints)
        return AtBench(
            row.coi,
            row.taken_at,
            row.staff,
            needs_witness=protocol is not None and needs_witness(known.state, protocol, row.bench),
            open_labels=tuple(copy.code for copy in copies),
        )
