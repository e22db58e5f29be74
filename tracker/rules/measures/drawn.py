"""What one measure takes from one therapy, shipment or place: a value, or why there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from tracker.rules.measures.history import History, Moment, Way

DayOf = Callable[[str, datetime], date]
"""The day that the clocks of a site show at a moment."""

MILLISECONDS_PER_DAY: Final = 86_400_000


class Grouping(StrEnum):
    """By what figures are set side by side."""

    SITE = "site"
    CARRIER = "carrier"
    LANE = "lane"
    """From which site to which, and by whom."""

    PROTOCOL = "protocol"
    RESOURCE = "resource"
    REASON = "reason"
    MONTH = "month"


class Outcome(StrEnum):
    """Whether there is a value."""

    COUNTED = "counted"
    RUNNING = "running"
    """It has begun and not ended: it has no value yet, and is told beside the figures."""

    LEFT_OUT = "left_out"
    """It will never have one, as of a therapy that was canceled before."""

    IMPOSSIBLE = "impossible"
    """It ends before it begins: a time is wrong."""


class Drawn(Struct, frozen=True, gc=False):
    """One value of a measure, or why there is none."""

    about: str
    """A therapy, a shipment or a resource."""

    outcome: Outcome
    site: str
    """By whose clocks its month is, and whose it is where figures are told by site."""

    sites: tuple[str, ...]
    """Those that have a part in it."""

    at: datetime | None = None
    """The event by which it counts for a month; None while it runs."""

    day: date | None = None
    """The day by which it counts, where it is a day and no time."""

    since: datetime | None = None
    """From when a measured time runs."""

    value: int = 1
    """Milliseconds of a time; of a share what is counted; else how many."""

    of: int = 1
    """Of how many, where it is a share."""

    words: Mapping[Grouping, str] = {}
    """What it is, where figures are told otherwise than by site and month."""

    is_outside: bool = False
    """Whether a step behind it was against a rule."""

    is_from_paper: bool = False
    """Whether a time of it was read off paper."""


class DayOffer(Struct, frozen=True):
    """How many places of a resource there were on a day, and how many were taken."""

    resource: str
    day: date
    places: int
    taken: int


class Population(Struct, frozen=True):
    """Everything that measures are drawn from."""

    histories: Mapping[str, History]
    """By therapy."""

    ways: tuple[Way, ...]
    """Each shipment once, however many therapies travel in it."""

    offers: tuple[DayOffer, ...]
    day_of: DayOf
    now: datetime


Draw = Callable[[Population], Iterator[Drawn]]
"""Takes every value of one measure."""


def ways_once(histories: Iterable[History]) -> tuple[Way, ...]:
    """The shipments of all therapies, each once: what went wrong with one went wrong with the shipment."""
    found: dict[str, Way] = {}
    for way in (way for history in histories for way in history.ways):
        known = found.get(way.shipment)
        found[way.shipment] = way if known is None else _joined(known, way)
    return tuple(found.values())


def _joined(one: Way, other: Way) -> Way:
    first = min(one, other, key=lambda way: (way.packed.at, way.from_site))
    arrivals = [way for way in (one, other) if way.arrived is not None]
    last = max(arrivals, key=lambda way: way.arrived.at if way.arrived else way.packed.at, default=None)
    has_all = len(arrivals) == 2
    return replace(
        first,
        materials=tuple(dict.fromkeys((*one.materials, *other.materials))),
        taken=_earlier(one.taken, other.taken),
        arrived=last.arrived if last is not None and has_all else None,
        arrived_site=last.arrived_site if last is not None and has_all else None,
        is_lost=one.is_lost or other.is_lost,
        is_read=one.is_read or other.is_read,
        was_outside=one.was_outside or other.was_outside,
        is_unknown=one.is_unknown or other.is_unknown,
    )


def _earlier(one: Moment | None, other: Moment | None) -> Moment | None:
    return min(filter(None, (one, other)), key=lambda moment: moment.at, default=None)


def of_therapy(
    coi: str,
    history: History,
    outcome: Outcome,
    site: str,
    *moments: Moment | None,
    at: datetime | None = None,
    day: date | None = None,
    since: datetime | None = None,
    value: int = 1,
    words: Mapping[Grouping, str] | None = None,
) -> Drawn:
    """One value of a therapy, marked by the moments behind it."""
    return Drawn(
        coi,
        outcome,
        site,
        history.sites,
        at=at,
        day=day,
        since=since,
        value=value,
        words=_of_protocol(history.protocol) if words is None else words,
        is_outside=_is_outside(moments),
        is_from_paper=_is_from_paper(moments),
    )


def _is_outside(moments: Iterable[Moment | None]) -> bool:
    return any(one.is_outside for one in moments if one is not None)


def _is_from_paper(moments: Iterable[Moment | None]) -> bool:
    return any(one.is_from_paper for one in moments if one is not None)


@cache
def _of_protocol(protocol: str) -> Mapping[Grouping, str]:
    """One mapping for all values of a protocol: there are hundreds of thousands of them."""
    return {Grouping.PROTOCOL: protocol}


@cache
def _of_lane(carrier: str, from_site: str, to_site: str) -> Mapping[Grouping, str]:
    return {Grouping.CARRIER: carrier, Grouping.LANE: f"{from_site} > {to_site}, {carrier}"}


def between(
    coi: str, history: History, site: str, since: Moment | None, until: Moment | None
) -> Iterator[Drawn]:
    """The time between two moments of a therapy; nothing where the first has not come."""
    if since is None:
        return
    if until is None:
        ended = history.ended
        outcome = Outcome.RUNNING if ended is None else Outcome.LEFT_OUT
        at = None if ended is None else ended.at
        yield of_therapy(coi, history, outcome, site, since, at=at, since=since.at)
        return
    spent = milliseconds(since.at, until.at)
    outcome = Outcome.COUNTED if spent >= 0 else Outcome.IMPOSSIBLE
    yield of_therapy(coi, history, outcome, site, since, until, at=until.at, since=since.at, value=spent)


def milliseconds(since: datetime, until: datetime) -> int:
    """How long it is from one moment to another; less than nothing where they are the other way round."""
    return round((until - since).total_seconds() * 1000)


def of_way(
    way: Way,
    outcome: Outcome,
    *moments: Moment | None,
    at: datetime | None = None,
    since: datetime | None = None,
    value: int = 1,
) -> Drawn:
    """One value of a shipment; its site is the one that it was sent to."""
    return Drawn(
        way.shipment,
        outcome,
        way.to_site,
        (way.from_site, way.to_site, way.carrier),
        at=at,
        since=since,
        value=value,
        words=_of_lane(way.carrier, way.from_site, way.to_site),
        is_outside=_is_outside(moments),
        is_from_paper=_is_from_paper(moments),
    )
