"""How each measure takes its values: pure functions from what is kept of therapies to what is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import zip_longest
from typing import Final

from schema.vocabulary import Material
from tracker.rules.measures.drawn import (
    MILLISECONDS_PER_DAY,
    Draw,
    Drawn,
    Grouping,
    Outcome,
    Population,
    between,
    milliseconds,
    of_therapy,
    of_way,
)
from tracker.rules.measures.history import History, HistoryStep, Judgment, MadeVerdict, Moment, Way

LATE_NOTICE: Final = timedelta(hours=72)
"""A place that is given back later than so long before it begins is seldom taken by another patient."""

_PASSED: Final = (MadeVerdict.RELEASED, MadeVerdict.OUT_OF_SPECIFICATION)
_TherapyDraw = Callable[[str, History], Iterator[Drawn]]


def _each(draw: _TherapyDraw) -> Draw:
    """Takes the values of each therapy."""

    def drawn(population: Population) -> Iterator[Drawn]:
        for coi, history in population.histories.items():
            yield from draw(coi, history)

    return drawn


def _first_judged(history: History) -> Moment | None:
    """When the first manufacture of a therapy was released."""
    passed = (one.moment for one in history.judgments if one.verdict in _PASSED)
    return min(passed, key=lambda one: one.at, default=None)


# times of a therapy


def _vein_to_vein(coi: str, history: History) -> Iterator[Drawn]:
    collected, infused = history.first(HistoryStep.COLLECTED), history.first(HistoryStep.INFUSION_STARTED)
    return between(coi, history, history.treatment_site, collected, infused)


def _turnaround(coi: str, history: History) -> Iterator[Drawn]:
    collected = history.first(HistoryStep.COLLECTED)
    return between(coi, history, history.manufacturing_site, collected, _first_judged(history))


def _order_to_collection(coi: str, history: History) -> Iterator[Drawn]:
    enrolled, collected = history.first(HistoryStep.ENROLLED), history.first(HistoryStep.COLLECTED)
    return between(coi, history, history.collection_site, enrolled, collected)


def _freezing(coi: str, history: History) -> Iterator[Drawn]:
    """Nothing of a therapy whose starting material travels fresh: it went on without being frozen."""
    collected, frozen = history.first(HistoryStep.COLLECTED), history.first(HistoryStep.FROZEN)
    went_on = (
        any(way.taken is not None for way in history.ways) or HistoryStep.MAKING_STARTED in history.steps
    )
    if frozen is None and went_on:
        return iter(())
    return between(coi, history, history.collection_site, collected, frozen)


def _waiting_at_plant(coi: str, history: History) -> Iterator[Drawn]:
    arrived = _arrived(history, Material.LEUKAPHERESIS, history.manufacturing_site)
    started = history.first(HistoryStep.MAKING_STARTED)
    return between(coi, history, history.manufacturing_site, arrived, started)


def _waiting_at_ward(coi: str, history: History) -> Iterator[Drawn]:
    arrived = _arrived(history, Material.PRODUCT, history.treatment_site)
    infused = history.first(HistoryStep.INFUSION_STARTED)
    return between(coi, history, history.treatment_site, arrived, infused)


def _arrived(history: History, material: Material, site: str) -> Moment | None:
    """When something of a material first arrived at a site by a carrier."""
    found = (way.arrived for way in history.ways if material in way.materials and way.arrived_site == site)
    return min(filter(None, found), key=lambda one: one.at, default=None)


def _making(coi: str, history: History) -> Iterator[Drawn]:
    """Each manufacture; several starts with no end between them are one, of several bags."""
    made = sorted(history.steps.get(HistoryStep.MADE, ()), key=lambda one: one.at)
    failed = [one.moment for one in history.judgments if one.verdict is MadeVerdict.FAILED]
    ends = sorted((*made, *failed), key=lambda one: one.at)
    starts = sorted(history.steps.get(HistoryStep.MAKING_STARTED, ()), key=lambda one: one.at)
    begun: Moment | None = None
    for start in starts:
        if begun is not None and not any(begun.at <= end.at <= start.at for end in ends):
            continue
        begun = start
        end = next((one for one in ends if one.at >= start.at), None)
        if end is not None and end in failed:
            site = history.manufacturing_site
            yield of_therapy(coi, history, Outcome.LEFT_OUT, site, start, end, at=end.at, since=start.at)
        else:
            yield from between(coi, history, history.manufacturing_site, start, end)


def _testing(coi: str, history: History) -> Iterator[Drawn]:
    """Each manufacture from its product to what quality said of it first.

    A manufacture that failed before it had a product has none to begin with, so products go by time.
    """
    made = sorted(history.steps.get(HistoryStep.MADE, ()), key=lambda one: one.at)
    for product, after in zip_longest(made, made[1:]):
        said = (
            one.moment
            for one in history.judgments
            if one.moment.at >= product.at and (after is None or one.moment.at < after.at)
        )
        judged = min(said, key=lambda one: one.at, default=None)
        yield from between(coi, history, history.manufacturing_site, product, judged)


def _ready_to_vein(population: Population) -> Iterator[Drawn]:
    """In days of the calendar: when somebody is ready is a day and no time."""
    for coi, history in population.histories.items():
        if history.ready_from is None:
            continue
        infused, ended = history.first(HistoryStep.INFUSION_STARTED), history.ended
        site = history.treatment_site
        if infused is None:
            outcome = Outcome.RUNNING if ended is None else Outcome.LEFT_OUT
            yield of_therapy(coi, history, outcome, site, at=None if ended is None else ended.at)
            continue
        days = (population.day_of(site, infused.at) - date.fromisoformat(history.ready_from)).days
        outcome = Outcome.COUNTED if days >= 0 else Outcome.IMPOSSIBLE
        yield of_therapy(
            coi, history, outcome, site, infused, at=infused.at, value=days * MILLISECONDS_PER_DAY
        )


# shipments


def _way(material: Material) -> Draw:
    """From when the carrier took it over until somebody at the other end did."""

    def drawn(population: Population) -> Iterator[Drawn]:
        for way in population.ways:
            if material not in way.materials or way.taken is None:
                continue
            if way.arrived is None or way.arrived_site == way.from_site:
                is_over = way.is_lost or way.arrived is not None
                outcome = Outcome.LEFT_OUT if is_over else Outcome.RUNNING
                at = way.arrived.at if way.arrived is not None else way.taken.at if is_over else None
                yield of_way(way, outcome, way.taken, at=at, since=way.taken.at)
                continue
            spent = milliseconds(way.taken.at, way.arrived.at)
            outcome = Outcome.COUNTED if spent >= 0 else Outcome.IMPOSSIBLE
            yield of_way(
                *(way, outcome, way.taken, way.arrived), at=way.arrived.at, since=way.taken.at, value=spent
            )

    return drawn


def _delivered_on_time(population: Population) -> Iterator[Drawn]:
    for way in population.ways:
        if way.due_at is None or way.taken is None:
            continue
        if way.arrived is None and not way.is_lost and population.now <= way.due_at:
            yield of_way(way, Outcome.RUNNING, way.taken, since=way.taken.at)
            continue
        arrived = way.arrived
        is_there = arrived is not None and way.arrived_site == way.to_site and arrived.at <= way.due_at
        at = way.due_at if arrived is None else arrived.at
        yield of_way(way, Outcome.COUNTED, way.taken, arrived, at=at, since=way.taken.at, value=int(is_there))


def _temperature(is_bad: Callable[[Way], bool]) -> Draw:
    """Of shipments whose logger was read; of any other nobody knows."""

    def drawn(population: Population) -> Iterator[Drawn]:
        for way in population.ways:
            if way.taken is None:
                continue
            if way.is_read:
                at = way.arrived.at if way.arrived is not None else way.taken.at
                yield of_way(way, Outcome.COUNTED, way.taken, way.arrived, at=at, value=int(is_bad(way)))
            elif way.arrived is None and not way.is_lost:
                yield of_way(way, Outcome.RUNNING, way.taken)
            else:
                at = way.taken.at if way.arrived is None else way.arrived.at
                yield of_way(way, Outcome.LEFT_OUT, way.taken, way.arrived, at=at)

    return drawn


# what was promised, made and booked


def _on_time_in_full(promise: Callable[[History], str | None]) -> Draw:
    """Counted by the day that was promised, so that a late therapy is not left out because it is late."""

    def drawn(population: Population) -> Iterator[Drawn]:
        for coi, history in population.histories.items():
            promised = promise(history)
            if promised is None:
                continue
            yield _kept(population, coi, history, date.fromisoformat(promised))

    return drawn


def _kept(population: Population, coi: str, history: History, promised: date) -> Drawn:
    site, infused = history.treatment_site, history.first(HistoryStep.INFUSION_STARTED)
    if infused is None:
        if history.ended is not None:
            return of_therapy(coi, history, Outcome.LEFT_OUT, site, day=promised)
        if population.day_of(site, population.now) <= promised:
            return of_therapy(coi, history, Outcome.RUNNING, site)
        return of_therapy(coi, history, Outcome.COUNTED, site, day=promised, value=0)
    is_whole = HistoryStep.INFUSION_STOPPED not in history.steps
    is_specified = all(one.verdict is not MadeVerdict.OUT_OF_SPECIFICATION for one in history.judgments)
    is_on_time = population.day_of(site, infused.at) <= promised
    kept = int(is_on_time and is_whole and is_specified)
    return of_therapy(coi, history, Outcome.COUNTED, site, infused, day=promised, value=kept)


def _manufactures(is_bad: Callable[[tuple[MadeVerdict, ...]], bool]) -> _TherapyDraw:
    def drawn(coi: str, history: History) -> Iterator[Drawn]:
        site = history.manufacturing_site
        attempts: dict[int, list[Judgment]] = {}
        for one in history.judgments:
            attempts.setdefault(one.attempt, []).append(one)
        for judged in attempts.values():
            first = min((one.moment for one in judged), key=lambda one: one.at)
            value = int(is_bad(tuple(one.verdict for one in judged)))
            yield of_therapy(coi, history, Outcome.COUNTED, site, first, at=first.at, value=value)
        begun = len(history.steps.get(HistoryStep.MADE, ()))
        for product in sorted(history.steps.get(HistoryStep.MADE, ()), key=lambda one: one.at)[
            len(attempts) : begun
        ]:
            outcome = Outcome.RUNNING if history.ended is None else Outcome.LEFT_OUT
            at = None if history.ended is None else history.ended.at
            yield of_therapy(coi, history, outcome, site, product, at=at)

    return drawn


def _is_failed(verdicts: tuple[MadeVerdict, ...]) -> bool:
    return not any(one in _PASSED for one in verdicts)


def _is_out_of_specification(verdicts: tuple[MadeVerdict, ...]) -> bool:
    return MadeVerdict.OUT_OF_SPECIFICATION in verdicts


def _places_used(population: Population) -> Iterator[Drawn]:
    for offer in population.offers:
        site = offer.resource.partition("/")[0]
        yield Drawn(
            offer.resource,
            Outcome.COUNTED,
            site,
            (site,),
            day=offer.day,
            value=offer.taken,
            of=offer.places,
            words={Grouping.RESOURCE: offer.resource},
        )


def _given_back_late(coi: str, history: History) -> Iterator[Drawn]:
    for one in history.given_back:
        site = one.resource.partition("/")[0]
        words = {Grouping.RESOURCE: one.resource, Grouping.PROTOCOL: history.protocol}
        words[Grouping.REASON] = "" if one.reason is None else one.reason.value
        is_late = one.starts_at - one.moment.at < LATE_NOTICE
        yield of_therapy(
            *(coi, history, Outcome.COUNTED, site, one.moment),
            at=one.starts_at,
            value=int(is_late),
            words=words,
        )


def _reschedules(coi: str, history: History) -> Iterator[Drawn]:
    for one in history.moves:
        words = {Grouping.REASON: one.word, Grouping.PROTOCOL: history.protocol}
        yield of_therapy(coi, history, Outcome.COUNTED, one.site, one.moment, at=one.moment.at, words=words)


def _mixups(coi: str, history: History) -> Iterator[Drawn]:
    for one in history.mixups:
        yield of_therapy(coi, history, Outcome.COUNTED, one.site, one.moment, at=one.moment.at)


READY_TO_VEIN: Final[Draw] = _ready_to_vein
VEIN_TO_VEIN: Final = _each(_vein_to_vein)
TURNAROUND: Final = _each(_turnaround)
ORDER_TO_COLLECTION: Final = _each(_order_to_collection)
FREEZING: Final = _each(_freezing)
WAY_TO_PLANT: Final = _way(Material.LEUKAPHERESIS)
WAITING_AT_PLANT: Final = _each(_waiting_at_plant)
MAKING: Final = _each(_making)
TESTING: Final = _each(_testing)
WAY_TO_WARD: Final = _way(Material.PRODUCT)
WAITING_AT_WARD: Final = _each(_waiting_at_ward)
FIRST_PROMISE_KEPT: Final = _on_time_in_full(lambda history: history.promised_first)
LAST_PROMISE_KEPT: Final = _on_time_in_full(lambda history: history.promised_last)
DELIVERED_ON_TIME: Final[Draw] = _delivered_on_time
EXCURSIONS: Final = _temperature(lambda way: way.was_outside)
UNKNOWN_TEMPERATURE: Final = _temperature(lambda way: way.is_unknown)
OUT_OF_SPECIFICATION: Final = _each(_manufactures(_is_out_of_specification))
FAILED: Final = _each(_manufactures(_is_failed))
PLACES_USED: Final[Draw] = _places_used
GIVEN_BACK_LATE: Final = _each(_given_back_late)
RESCHEDULES: Final = _each(_reschedules)
MIXUPS_PREVENTED: Final = _each(_mixups)
