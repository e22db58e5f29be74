"""Questions of people at work: what waits, what somebody leaves open, what was scanned into a rack."""

from __future__ import annotations

from schema.tables import UnitRow
from tracker.acts.benches import occupants
from tracker.acts.deciding import Decider
from tracker.acts.memory import Memory
from tracker.acts.resolving import resolve
from tracker.clock import Clock
from tracker.ledger.store import Store
from tracker.requests.base import Scan
from tracker.views.next_steps import judged
from tracker.views.rack import RackItem, rack_item
from tracker.views.shift import LeftOpen, left_open
from tracker.views.worklist import Worklist, worklist


class WorkReader:
    """The part of the reader that home, shift change and rack scan stand on."""

    def __init__(self, store: Store, memory: Memory, decider: Decider, clock: Clock) -> None:
        self._store = store
        self._memory = memory
        self._decider = decider
        self._clock = clock

    def worklist(self, *, actor: str, station: str) -> Worklist:
        """What waits at this station's site for this person, the most urgent first."""
        now = self._clock.now()
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            place = registry.station(station)
            if place is None:
                return Worklist(())
            return worklist(
                transaction, self._memory, self._decider, registry, station=place, actor=actor, now=now
            )

    def left_open(self, *, staff: str, station: str) -> LeftOpen:
        """What this person leaves open at this station's site."""
        with self._store.read() as transaction:
            place = self._memory.registry(transaction).state.station(station)
            if place is None:
                return LeftOpen(staff)
            return left_open(transaction, self._memory, self._decider, staff=staff, site=place.site)

    def scanned(self, *, code: str, kind: str, actor: str, station: str) -> RackItem:
        """One code scanned into a rack, judged for the step of the rack; raises BadCode for a misread one."""
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            resolution = resolve(transaction, registry, Scan(code=code))
            place = registry.station(station)
            known = self._memory.therapy(transaction, resolution.coi) if resolution.coi else None
            if known is None or place is None:
                return rack_item(resolution, None, None)
            unit = known.state.unit(resolution.unit) if resolution.unit else None
            protocol = self._decider.protocol(transaction, known.state.protocol.sha256)
            if unit is None or protocol is None or not kind:
                return rack_item(resolution, known.state, None)
            others = occupants(transaction, place.bench)
            found = judged(
                *(registry, known.state, protocol, resolution),
                kind=kind,
                actor=actor,
                station=place,
                now=self._clock.now(),
                at_bench=others,
            )
            return rack_item(resolution, known.state, found)

    def units_in_location(self, *, location: str) -> tuple[UnitRow, ...]:
        """The units put away in a location, by the record."""
        with self._store.read() as transaction:
            return tuple(transaction.units_in_location(location))
