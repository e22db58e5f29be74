"""How a protocol counts the days and the cells of a culture, and what is expected of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from schema.events.base import WholeNumber, Word
from schema.events.processing import StepWord
from schema.measured import NumberText
from tracker.protocols.parts import ProtocolPart, Sourced

FOLD_PER_DAY_MOST = 100
"""No cells of a culture divide more than six times a day; a higher limit would never say anything."""

CultureDay = Annotated[WholeNumber, Field(ge=0, le=60)]


class ExpectedGrowth(ProtocolPart):
    """How many times the cells of day zero there should be by a day."""

    day: CultureDay
    fold: NumberText


class Growth(Sourced):
    """How a culture is counted from day zero to its harvest, and how many cells of it are kept back."""

    day_zero: StepWord
    """The step on whose day the culture begins."""

    until: StepWord | None = None
    """The step that ends it, at which what there is is held against the dose."""

    count: Word | None = None
    """The measure that counts its viable cells, in millions."""

    car_positive: Word | None = None
    """The measure that says how many of them carry the receptor, in percent."""

    fold_per_day_max: NumberText | None = None
    """Faster than this no culture grows: then one of two counts is wrong."""

    recovery: NumberText = "1"
    """The part of the cells that comes through harvest and freezing."""

    reserve: NumberText = "0"
    """Millions that are kept for tests and retains."""

    expected: tuple[ExpectedGrowth, ...] = ()


def growth_findings(growth: Growth, steps: Collection[str], measures: Collection[str]) -> Iterator[str]:
    """Every word of it that nothing describes, and every number that cannot be."""
    for key, name in (("day_zero", growth.day_zero), ("until", growth.until)):
        if name is not None and name not in steps:
            yield f"growth: {key} names {name}, which no step of the process is."
    for key, name in (("count", growth.count), ("car_positive", growth.car_positive)):
        if name is not None and name not in measures:
            yield f"growth: {key} names {name}, which nothing measures."
    needs_count = growth.until or growth.fold_per_day_max or growth.expected
    if needs_count and growth.count is None:
        yield "growth: without count nothing of it can be judged."
    if not 0 < Decimal(growth.recovery) <= 1:
        yield f"growth: recovery is a part of the cells, from 0 to 1, and not {growth.recovery}."
    if Decimal(growth.reserve) < 0:
        yield f"growth: reserve cannot be {growth.reserve}."
    if growth.fold_per_day_max is not None and Decimal(growth.fold_per_day_max) <= 1:
        yield "growth: fold_per_day_max is more than 1, or nothing may grow."
    if growth.fold_per_day_max is not None and Decimal(growth.fold_per_day_max) > FOLD_PER_DAY_MOST:
        yield (
            f"growth: fold_per_day_max {growth.fold_per_day_max} is faster than any cells grow; "
            f"at most {FOLD_PER_DAY_MOST}."
        )
    days = [one.day for one in growth.expected]
    if days != sorted(set(days)):
        yield "growth: the days of expected are in their order, each once."
