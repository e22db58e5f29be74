"""Measures of a store, drawn from the table of histories or from the entries, which must agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final

from msgspec import Struct

from schema.entry import REGISTRY
from schema.errors import ReadTableDiffers
from schema.tables import HistoryRow
from schema.vocabulary import Role
from tracker.acts.read_tables import history_row
from tracker.acts.state_cache import entries
from tracker.ledger.transaction import Transaction
from tracker.local_time import ahead_of
from tracker.planning.calendar import Resource, day_at, days_on
from tracker.rules.bookable import resource_of
from tracker.rules.measures.drawn import DayOffer, Grouping, Population, ways_once
from tracker.rules.measures.figures import MeasuredValue, MeasureLine, MeasureWish, lines, measured
from tracker.rules.measures.history import History, read_history
from tracker.rules.measures.table import MeasureName
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.evolve import evolve

MEASURE_READERS: Final = frozenset({Role.COORDINATOR, Role.QUALITY, Role.AUDITOR})
"""Who sees them: figures about the work of others, drawn from the therapies of every site."""


class MeasureReport(Struct, frozen=True):
    """The figures that somebody asked for."""

    wish: MeasureWish
    lines: tuple[MeasureLine, ...]
    therapies: int
    """Of how many therapies, whatever site they are of."""

    at: datetime
    """When it was asked, in UTC."""

    titles: Mapping[str, str]
    """What sites and carriers are called now, by code; a name that was changed changes no figure."""

    values: tuple[MeasuredValue, ...] = ()
    """Every value behind the figures, where they were asked for."""

    differing: tuple[str, ...] = ()
    """The therapies of which the table says something else than their entries; none where nobody looked."""

    def told_by(self, by: Grouping | None) -> tuple[MeasureLine, ...]:
        """The figures set side by side otherwise than they were asked for: it needs every value."""
        return self.lines if by is self.wish.by else lines(self.values, by)

    def told_of(self, name: MeasureName, by: Grouping | None) -> tuple[MeasureLine, ...]:
        """The same of one measure."""
        told = lines((one for one in self.values if one.name is name), by)
        return tuple(one for one in told if one.name is name)


def histories_kept(transaction: Transaction) -> dict[str, History]:
    """The history of each therapy as the table has it; raises ReadTableDiffers for what is none."""
    found = {}
    for row in transaction.histories():
        try:
            found[row.coi] = read_history(row.document)
        except ValueError as error:
            raise ReadTableDiffers(f"The table therapy_history of {row.coi}: {error}") from error
    return found


def histories_replayed(
    transaction: Transaction, watch: Callable[[int], None]
) -> tuple[dict[str, History], tuple[str, ...]]:
    """The history of each therapy by its entries, and the therapies of which the table says otherwise."""
    kept = {row.coi: row for row in transaction.histories()}
    found, differing = {}, []
    for chain in transaction.chains():
        if chain == REGISTRY:
            continue
        state: TherapyState | None = None
        expected: HistoryRow | None = None
        for entry in entries(transaction, chain):
            before, state = state, evolve(state, entry.sequence, entry.statement)
            if state is not None and (before is None or before.history is not state.history):
                expected = history_row(state)
        if state is not None:
            found[chain] = state.history
        if kept.pop(chain, None) != expected:
            differing.append(chain)
        watch(1)
    return found, (*differing, *kept)


def report(
    histories: Mapping[str, History],
    registry: RegistryState,
    now: datetime,
    wish: MeasureWish,
    *,
    with_values: bool = False,
    differing: tuple[str, ...] = (),
) -> MeasureReport:
    """The figures over some histories, by the calendars of the registry."""
    offset_of = ahead_of(registry)

    @cache
    def ahead_all_day(site: str, day: date) -> timedelta | None:
        """How far the clocks of a site are ahead on a day of UTC; None on one on which they are set."""
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        first, last = (offset_of(site)(one) for one in (midnight, midnight + timedelta(days=1)))
        return first if first == last else None

    def day_of(site: str, moment: datetime) -> date:
        ahead = ahead_all_day(site, moment.date())
        return day_at(offset_of(site), moment) if ahead is None else (moment + ahead).date()

    population = Population(
        histories=histories,
        ways=ways_once(histories.values()),
        offers=tuple(offers(histories.values(), registry, now, wish)),
        day_of=day_of,
        now=now,
    )
    drawn = measured(population, wish, with_days=with_values)
    values = tuple(drawn) if with_values else ()
    return MeasureReport(
        wish=wish,
        lines=lines(values if with_values else drawn, wish.by),
        therapies=len(histories),
        at=now,
        titles={code: site.title for code, site in registry.sites.items()},
        values=values,
        differing=differing,
    )


def offers(
    histories: Iterable[History], registry: RegistryState, now: datetime, wish: MeasureWish
) -> Iterator[DayOffer]:
    """The places of each resource on the days that are over, from the first on which any was booked."""
    begun: Counter[tuple[str, str]] = Counter()
    held: Counter[tuple[str, str]] = Counter()
    for place in (place for history in histories for place in history.places):
        begun[place.resource, place.first_day] += 1
        for day in days_on(date.fromisoformat(place.first_day), date.fromisoformat(place.last_day)):
            held[place.resource, day.isoformat()] += 1
    if not begun:
        return
    earliest = min(date.fromisoformat(day) for _, day in begun)
    offset_of = ahead_of(registry)
    for one in registry.resources.values():
        if wish.site not in (None, one.site):
            continue
        resource = resource_of(registry, one, offset_of)
        today = day_at(resource.offset, now)
        first = max(earliest, wish.first or earliest, resource.from_day)
        last = min(wish.last or today, resource.until_day)
        for day in days_on(first, last):
            taken = (begun if resource.concurrent is None else held)[one.id, day.isoformat()]
            places = _places(resource, day)
            if day < today and (places or taken):
                yield DayOffer(one.id, day, places, taken)


def _places(resource: Resource, day: date) -> int:
    if resource.concurrent is not None:
        return resource.concurrent
    if resource.per_weekday is None or resource.why_not_on(day) is not None:
        return 0
    return resource.per_weekday[day.weekday()]
