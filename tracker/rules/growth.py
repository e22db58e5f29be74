"""How the cells of a manufacture have grown, by what was counted, and whether they make the dose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from math import inf, isfinite, log, log2
from typing import Final

from msgspec import Struct

from schema.events.processing import StepPerformed
from schema.instants import parse_offset
from tracker.protocols.growth import Growth
from tracker.protocols.model import Protocol
from tracker.rules.decision import Notice, ScanAnswer
from tracker.rules.dosing import SHOWN, shown
from tracker.rules.therapy_state import DoseState, TherapyState

HOUR: Final = timedelta(hours=1)
PROJECTED_DAYS_MAX: Final = 60
"""So many days as the protocol counts of a culture; what would take longer does not come."""

_HUNDRED: Final = Decimal(100)


class Count(Struct, frozen=True):
    """A count of the viable cells in the vessel, in millions."""

    at: datetime
    day: int
    """Of the culture, by the calendar of its site."""

    cells: Decimal
    event_id: str = ""


class Interval(Struct, frozen=True):
    """What happened between two counts."""

    fold: float
    """Infinite where cells were counted after none."""

    hours: float

    @property
    def doubling_hours(self) -> float | None:
        """In how many hours the cells doubled; None where they did not grow, or from nothing."""
        has_grown = self.fold > 1 and isfinite(self.fold) and self.hours
        return self.hours * log(2) / log(self.fold) if has_grown else None

    @property
    def is_fall(self) -> bool:
        """Whether there were fewer cells than before."""
        return self.fold < 1


def _fold(before: Decimal, after: Decimal) -> float:
    if not before:
        return inf if after else 1.0
    return float(after / before)


class Curve(Struct, frozen=True):
    """The counts of one manufacture from its day zero on."""

    attempt: int
    counts: tuple[Count, ...]
    car_positive: Decimal | None
    """The newest percentage of cells that carry the receptor; None while it was never measured."""

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """Between each count and the one before."""
        return tuple(
            Interval(_fold(before.cells, after.cells), (after.at - before.at) / HOUR)
            for before, after in pairwise(self.counts)
        )

    @property
    def fold(self) -> float | None:
        """How many times the cells of day zero there are; None without two counts."""
        first = self.counts[0].cells if self.counts else Decimal(0)
        return float(self.counts[-1].cells / first) if len(self.counts) > 1 and first else None

    @property
    def doublings(self) -> float | None:
        """How often they have doubled since day zero; below nothing where they became fewer."""
        return log2(self.fold) if self.fold else None


class IsEnough(StrEnum):
    """Whether there are enough cells for the dose."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Enough(Struct, frozen=True):
    """What could be made of the newest count, beside what the patient needs."""

    answer: IsEnough
    made: Decimal | None
    needed: Decimal | None
    projected_at: datetime | None = None
    """When there will be enough if they grow on as in the last interval; None where that says nothing."""

    @property
    def words(self) -> str:
        """Both numbers as people read them: `118.0 of 144.0 million CAR+`."""
        made = "not known" if self.made is None else shown(self.made)
        if self.needed is None:
            return "nobody has set the dose"
        return f"{made} of {shown(self.needed)} {SHOWN}"


def curve(
    therapy: TherapyState, protocol: Protocol, attempt: int, offset_of: Callable[[datetime], str]
) -> Curve:
    """The counts of a manufacture; what was counted before its day zero is not of the culture."""
    growth = protocol.growth
    records = [one for one in therapy.process if one.attempt == attempt]
    start = next((one for one in records if growth is not None and one.step == growth.day_zero), None)
    if growth is None or growth.count is None or start is None:
        return Curve(attempt, (), None)
    own = [one for one in records if one.sequence >= start.sequence]
    counts = tuple(
        Count(
            one.ended_at,
            _day(start.ended_at, one.ended_at, offset_of),
            Decimal(one.measured[growth.count]),
            one.event_id,
        )
        for one in own
        if growth.count in one.measured
    )
    positive = [one.measured[name] for one in own if (name := growth.car_positive) in one.measured and name]
    in_order = tuple(sorted(counts, key=lambda one: one.at))
    return Curve(attempt, in_order, Decimal(positive[-1]) if positive else None)


def counted(
    before: Curve, protocol: Protocol, said: StepPerformed, offset_of: Callable[[datetime], str]
) -> Curve | None:
    """The curve with what a step is about to record; None where it counts nothing."""
    growth = protocol.growth
    given = {one.measure: one.value for one in said.measured}
    if growth is None or growth.count is None or growth.count not in given:
        return None
    start = before.counts[0] if before.counts else None
    days = 0 if start is None else start.day + _day(start.at, said.ended_at, offset_of)
    own = Count(said.ended_at, days, Decimal(given[growth.count]))
    positive = given.get(growth.car_positive or "")
    return Curve(
        before.attempt,
        (*(one for one in before.counts if one.at <= own.at), own),
        before.car_positive if positive is None else Decimal(positive),
    )


def _day(start: datetime, at: datetime, offset_of: Callable[[datetime], str]) -> int:
    there, began = (one.astimezone(parse_offset(offset_of(one))).date() for one in (at, start))
    return (there - began).days


def enough(found: Curve, dose: DoseState | None, growth: Growth) -> Enough:
    """Whether what was counted last makes the dose: by its aim, or by its least where it has none."""
    needed = None if dose is None else dose.target or dose.minimum
    if not found.counts or found.car_positive is None:
        return Enough(IsEnough.UNKNOWN, None, needed)
    part = found.car_positive / _HUNDRED * Decimal(growth.recovery)
    made = max(found.counts[-1].cells * part - Decimal(growth.reserve), Decimal(0))
    if needed is None:
        return Enough(IsEnough.UNKNOWN, made, None)
    if made >= needed:
        return Enough(IsEnough.YES, made, needed)
    return Enough(IsEnough.NO, made, needed, _projected(found, (needed + Decimal(growth.reserve)), part))


def _projected(found: Curve, wanted: Decimal, part: Decimal) -> datetime | None:
    last = found.intervals[-1] if found.intervals else None
    if last is None or last.doubling_hours is None or not part:
        return None
    more = float(wanted / part / found.counts[-1].cells)
    days = last.doubling_hours * log2(more) / 24
    return found.counts[-1].at + timedelta(days=days) if days <= PROJECTED_DAYS_MAX else None


def growth_notices(protocol: Protocol, step: str, found: Curve, dose: DoseState | None) -> Iterator[Notice]:
    """What people are told of the last count of a curve; none of it keeps anybody from going on."""
    growth = protocol.growth
    if growth is None or not found.counts:
        return
    if growth.fold_per_day_max is not None and len(found.counts) > 1 and found.intervals:
        yield from _too_fast(Decimal(growth.fold_per_day_max), found)
    if not found.counts[-1].cells:
        yield _nothing_counted(found)
    yield from _behind(growth, found)
    if step == growth.until:
        yield from _not_enough(enough(found, dose, growth))


def _too_fast(most: Decimal, found: Curve) -> Iterator[Notice]:
    """Counts within a day may be as far apart as a day allows: hours between them are little to tell by."""
    before, after, last = found.counts[-2], found.counts[-1], found.intervals[-1]
    days = max(last.hours / 24, 1.0)
    if last.fold > 1 and log(last.fold) > days * log(most):
        is_fold = f"is {last.fold:.1f}-fold" if isfinite(last.fold) else "is growth from nothing"
        yield Notice(
            "grows_too_fast",
            f"{after.cells} million after {before.cells} million in {last.hours:.0f} h "
            f"{is_fold}; at most {most}-fold a day is possible.",
            "Count again and record it too: both counts stand, and the later one is taken.",
            ScanAnswer.CHECK,
        )


def _nothing_counted(found: Curve) -> Notice:
    """Cells that are gone are a fault of the count or the loss of the product; nobody goes on unaware."""
    before = f" after {found.counts[-2].cells} million" if len(found.counts) > 1 else ""
    return Notice(
        "nothing_counted",
        f"No viable cell was counted{before}.",
        "Count again and record it too; if it is so, tell the process owner at once.",
        ScanAnswer.CHECK,
    )


def _behind(growth: Growth, found: Curve) -> Iterator[Notice]:
    today, fold = found.counts[-1].day, found.fold
    expected = [one for one in growth.expected if one.day <= today]
    if fold is not None and expected and fold < float(expected[-1].fold):
        wanted = expected[-1]
        yield Notice(
            "behind_expected",
            f"Day {today}: {fold:.1f}-fold; expected by day {wanted.day} is {wanted.fold}-fold.",
            "Tell the process owner; the culture goes on.",
            ScanAnswer.CHECK,
        )


def _not_enough(found: Enough) -> Iterator[Notice]:
    if found.answer is IsEnough.YES:
        return
    unknown = found.answer is IsEnough.UNKNOWN
    yield Notice(
        "not_enough_yet" if not unknown else "enough_unknown",
        f"{'Nobody can say whether it is enough' if unknown else 'Not enough yet'}: {found.words}.",
        "Ask quality and the treating physician before it is filled; a product out of specification may be "
        "the only one there is."
        if not unknown
        else "Set the dose, and measure how many cells carry the receptor.",
        ScanAnswer.CHECK,
    )
