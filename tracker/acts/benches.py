"""Who is at the bench that a request is about, read so that two terminals cannot both take it unseen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from schema.vocabulary import EntryMode
from tracker.acts.state_cache import KnownTherapy
from tracker.ledger.transaction import Transaction
from tracker.protocols.model import Protocol
from tracker.requests.base import Request
from tracker.rules.checks.bench import is_for_one, is_now
from tracker.rules.registry_state import Station
from tracker.rules.situation import Occupant
from tracker.therapy.benches import ClearLine


@dataclass(frozen=True, slots=True)
class BenchView:
    """A bench as one request finds it."""

    bench: str = ""
    occupants: tuple[Occupant, ...] = ()
    shared: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """The versioned row of the bench, when this request may change who is at it."""


NO_BENCH = BenchView()


def bench_to_clear(transaction: Transaction, station: Station, request: Request) -> BenchView:
    """The bench that the request clears; the therapies at it are not otherwise named by it."""
    if not isinstance(request, ClearLine):
        return NO_BENCH
    return _view(transaction, request.bench or station.bench, changes=True)


def bench_to_work_at(
    transaction: Transaction,
    station: Station,
    request: Request,
    therapies: Collection[KnownTherapy],
    protocols: Mapping[tuple[str, int], Protocol],
) -> BenchView:
    """The bench of the station, where the request may be a step for one therapy at a time."""
    if request.records is None or not is_now(request):
        return NO_BENCH
    pins = {(known.state.protocol.id, known.state.protocol.version) for known in therapies}
    pinned = (protocols[pin] for pin in pins if pin in protocols)
    if not any(is_for_one(tuple(protocol.steps_of(request.records.kind))) for protocol in pinned):
        return NO_BENCH
    bench = station.bench
    takes = request.entry.mode is EntryMode.LIVE and any(
        bench not in known.state.benches for known in therapies
    )
    return _view(transaction, bench, changes=takes)


def occupants(transaction: Transaction, bench: str) -> tuple[Occupant, ...]:
    """The therapies at a bench, who came first first."""
    return tuple(Occupant(row.coi, row.taken_at, row.staff) for row in transaction.at_bench(bench))


def _view(transaction: Transaction, bench: str, *, changes: bool) -> BenchView:
    # The version first: whoever comes between the two reads is seen, or met when it is raised.
    row = f"bench:{bench}"
    shared = {row: transaction.version(row)} if changes else {}
    return BenchView(bench, occupants(transaction, bench), shared)
