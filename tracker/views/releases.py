"""What a release of each manufacture would be decided by, as it stands now; nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from schema.entry import Entry
from schema.events.processing import Released
from schema.vocabulary import Material
from tracker.protocols.model import Protocol
from tracker.rules.attempt import site_of_part
from tracker.rules.label_accounts import PrintRecord
from tracker.rules.registry_state import RegistryState
from tracker.rules.release import PredicateVerdict, judge
from tracker.rules.therapy_state import TherapyState, UnitState
from tracker.views.next_steps import looked_at


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """One thing that must hold, with the entries that it rests on."""

    verdict: PredicateVerdict
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """The products of one manufacture, and everything that must hold for their release."""

    coi: str
    attempt: int
    units: tuple[UnitState, ...]
    lines: tuple[ReleaseLine, ...]
    at: datetime
    entry: int
    """The newest entry of the chain that this was worked out from."""

    @property
    def holding(self) -> int:
        """How many of the lines do not keep the release back."""
        return sum(one.verdict.holds for one in self.lines)

    @property
    def is_possible(self) -> bool:
        """Whether everything holds."""
        return self.holding == len(self.lines)


def release_views(
    registry: RegistryState,
    therapy: TherapyState,
    protocol: Protocol,
    now: datetime,
    *,
    prints: tuple[PrintRecord, ...],
    entries: Iterable[Entry],
) -> Iterator[ReleaseView]:
    """Each manufacture that has a product which is not at its end, by the clocks of who releases it."""
    step = protocol.step(Released.kind, Material.PRODUCT)
    site = None if step is None else site_of_part(therapy, step.part)
    site = site or therapy.sites.manufacturing
    station = next((one for one in registry.stations.values() if one.site == site), None)
    if station is None:
        return
    situation = looked_at(registry, therapy, protocol, station, now, prints=prints)
    numbers = {one.statement.event_id: one.sequence for one in entries}
    products = [one for one in therapy.open_units() if one.material is Material.PRODUCT]
    # What was made elsewhere has no manufacture in this record.
    products = [one for one in products if one.attempt or protocol.is_made_elsewhere]
    for attempt in sorted({one.attempt for one in products}):
        units = tuple(one for one in products if one.attempt == attempt)
        lines = tuple(
            ReleaseLine(one, tuple(sorted(numbers[event] for event in one.evidence if event in numbers)))
            for one in judge(situation, therapy, units)
        )
        yield ReleaseView(therapy.coi, attempt, units, lines, now, max(numbers.values(), default=0))
