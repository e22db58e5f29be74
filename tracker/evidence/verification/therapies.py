"""The chains of therapies, walked one after the other beside their rows in the read tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

from schema.events.adoption import ManifestReceived
from schema.events.identity import Enrolled, ProtocolRepinned
from tracker.evidence.verification.chains import RegistryHeads, Walk
from tracker.evidence.verification.entries import Examined, examine
from tracker.evidence.verification.links import Links
from tracker.evidence.verification.log import LeafBatch, LeafWalk
from tracker.evidence.verification.mentions import MENTIONS, MentionReplay
from tracker.evidence.verification.replay import (
    BENCHES,
    CODES,
    DEVIATIONS,
    EQUIPMENT,
    HISTORIES,
    MILESTONES,
    POSITIONS,
    SHIPMENTS,
    SLOTS,
    THERAPIES,
    UNITS,
    USES,
    CodeElsewhere,
    Grouped,
    Replay,
    order_of,
)
from tracker.evidence.verification.snapshot import Snapshot, Span, StoredRow
from tracker.evidence.verification.verdict import Check, Journal
from tracker.protocols.model import Protocol

STRIDE: Final = 250
"""Entries between two words on progress."""

Place = tuple[str, int, int | None]
"""Chain, sequence and leaf of an entry; the leaf is None while it waits."""


@dataclass(slots=True)
class SpanFindings:
    """What reading a number of entries leaves behind; small, so that it can go from process to process."""

    wanted: frozenset[str]
    """The statement digests of receipts."""

    size: int
    """How many leaves the log has."""

    journal: Journal = field(default_factory=Journal)
    leaves: LeafBatch = field(default_factory=LeafBatch)
    places: dict[str, Place] = field(default_factory=dict)
    elsewhere: list[tuple[str, CodeElsewhere]] = field(default_factory=list)
    """Codes that another chain may hold by now."""

    entries: int = 0
    chains: int = 0
    named: int = 0

    def examined(
        self, chain: str, rows: Iterable[StoredRow], advance: Callable[[int], None]
    ) -> Iterator[Examined]:
        """A chain's rows, each looked at by itself and as a leaf."""
        walk = LeafWalk(chain, self.size, self.leaves, self.journal)
        self.chains += 1
        for row in rows:
            seen = examine(row, self.journal)
            self.named += seen.named
            walk.follow(seen)
            if seen.statement_digest in self.wanted:
                self.places[seen.statement_digest] = (chain, row.number or 0, row.leaf_index)
            yield seen
            self.entries += 1
            if self.entries % STRIDE == 0:
                advance(self.entries)


@dataclass(frozen=True, slots=True)
class WalkContext:
    """What the registry and the attachments say, by which therapies are judged."""

    registry: RegistryHeads
    protocols: Mapping[str, Protocol]
    """By SHA-256."""

    held: frozenset[str]
    """The digests of all attachments."""

    reach: int = 0
    """From how many leaves the index of names was filled."""


class TherapyWalk:
    """Steps 1 to 8 and 15 to 17 over the therapies of a span."""

    def __init__(
        self, snapshot: Snapshot, context: WalkContext, found: SpanFindings, advance: Callable[[int], None]
    ) -> None:
        self._snapshot = snapshot
        self._context = context
        self._findings = found
        self._journal = found.journal
        self._advance = advance

    def run(self, span: Span) -> SpanFindings:
        """Each chain beside its rows in the read tables."""
        tables = {
            "therapy": Grouped(self._snapshot.table("therapy", THERAPIES.columns, span), 0),
            "unit": Grouped(self._snapshot.table("unit", UNITS.columns, span), 1),
            "scan_code": Grouped(self._snapshot.table("scan_code", CODES.columns, span), 1),
            "bench": Grouped(self._snapshot.table("bench", BENCHES.columns, span), 1),
            "deviation_now": Grouped(self._snapshot.table("deviation_now", DEVIATIONS.columns, span), 1),
            "slot_use": Grouped(self._snapshot.table("slot_use", SLOTS.columns, span), 2),
            "plan_milestone": Grouped(self._snapshot.table("plan_milestone", MILESTONES.columns, span), 0),
            "shipment_now": Grouped(self._snapshot.table("shipment_now", SHIPMENTS.columns, span), 1),
            "place_position": Grouped(self._snapshot.table("place_position", POSITIONS.columns, span), 3),
            "equipment_place": Grouped(self._snapshot.table("equipment_place", EQUIPMENT.columns, span), 1),
            "therapy_history": Grouped(self._snapshot.table("therapy_history", HISTORIES.columns, span), 0),
            "use_of": Grouped(self._snapshot.table("use_of", USES.columns, span), 1),
        }
        named = Grouped(self._snapshot.table("mention", MENTIONS.columns, span, by="chain"), 0)
        rows = self._snapshot.therapies(span)
        for chain, entries in groupby(rows, key=lambda row: order_of(row.chain)):
            name = _name(chain[1])
            replay = Replay(name, self._context.protocols, self._journal)
            mentions = MentionReplay(name, self._context.reach, self._journal)
            self._walk(name, entries, replay, mentions)
            found: dict[str, list[Any]] = {}
            for table, grouped in tables.items():
                found[table], passed = grouped.take(_column(chain))
                self._report_strays(table, passed)
            missing = replay.compare(found)
            self._findings.elsewhere += [(name, row) for row in missing]
            stored, passed = named.take(_column(chain))
            self._report_strays("mention", passed)
            mentions.compare(stored)
        self._report_strays("mention", named.rest())
        for table, grouped in tables.items():
            self._report_strays(table, grouped.rest())
        return self._findings

    def run_alone(self, span: Span) -> SpanFindings:
        """The chains without the read tables."""
        for chain, entries in groupby(self._snapshot.therapies(span), key=lambda row: order_of(row.chain)):
            self._walk(_name(chain[1]), entries)
        return self._findings

    def _walk(self, chain: str, entries: Iterable[StoredRow], *replays: Replay | MentionReplay) -> None:
        walk, links = Walk(chain, self._context.registry, self._journal), Links(chain, self._journal)
        for seen in self._findings.examined(chain, entries, self._advance):
            walk.follow(seen)
            links.follow(seen)
            for replay in replays:
                replay.take(seen)
            self._check_pin(chain, seen)

    def _check_pin(self, chain: str, seen: Examined) -> None:
        payload = seen.entry.statement.payload if seen.entry is not None and seen.understood else None
        if isinstance(payload, ManifestReceived) and payload.sha256 not in self._context.held:
            message = f"the file of the manifest {payload.number} of {payload.issuer} is missing"
            self._journal.missed(Check.ATTACHMENTS, chain, seen.row.number, message)
        if not isinstance(payload, Enrolled | ProtocolRepinned):
            return
        pin = payload.protocol
        adopted = self._context.registry.state.protocol(pin.id, pin.version)
        if adopted is None or adopted.sha256 != pin.sha256:
            message = f"the protocol {pin.id} version {pin.version} ({pin.sha256}) was never adopted"
            self._journal.found(Check.ATTACHMENTS, chain, seen.row.number, message)
        elif pin.sha256 not in self._context.held:
            message = f"the file of the protocol {pin.id} version {pin.version} is missing"
            self._journal.missed(Check.ATTACHMENTS, chain, seen.row.number, message)

    def _report_strays(self, table: str, rows: Iterable[Any]) -> None:
        at = 0 if table in ("therapy", "mention") else 1
        for row in rows:
            message = f"the table {table} has a row {row[0]} of a therapy that has no entries"
            self._journal.found(Check.READ_TABLES, str(row[at]), None, message)


def _name(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return str(value)


def _column(order: tuple[int, Any]) -> Any:
    """The value of a column again, from the place it sorts at."""
    return _name(order[1]) if order[0] == 2 else order[1]
