"""What a logger's readings say of the units that were beside it, each by its own band and its own life."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from msgspec import Struct

from schema.events.conditions import JudgedPlace, JudgedUnit
from schema.vocabulary import ExposureVerdict
from tracker.protocols.bands import band_of, range_of, thermal_state
from tracker.protocols.model import Keeping, Protocol, ThermalState
from tracker.readings.judge import Before, Bounds, Exposure, Stay, broken, found_in, verdict_of
from tracker.readings.values import Series
from tracker.rules.condition_state import told_before
from tracker.rules.therapy_state import UnitState
from tracker.therapy.conditions.subject import Subject


class JudgedStay(Struct, frozen=True):
    """What was found of one unit, and by which bounds."""

    unit: str
    bounds: Bounds | None
    """None where its protocol says nothing of its temperature."""

    exposure: Exposure
    verdict: ExposureVerdict
    rules: tuple[str, ...]

    @property
    def calls_quality(self) -> bool:
        """Whether somebody of quality has to look at it."""
        return self.verdict in (ExposureVerdict.OUTSIDE, ExposureVerdict.NOT_JUDGEABLE)

    def recorded(self) -> JudgedUnit:
        """As the chain keeps it."""
        found, bounds = self.exposure, self.bounds
        return JudgedUnit(
            unit=self.unit,
            verdict=self.verdict,
            celsius_min=_text(None if bounds is None else bounds.celsius_min),
            celsius_max=_text(None if bounds is None else bounds.celsius_max),
            allowed_s=0 if bounds is None else seconds(bounds.longest),
            outside_s=seconds(found.outside),
            longest_s=seconds(found.longest),
            unknown_s=seconds(found.unknown_for),
            excursions=len(found.excursions),
            peak_celsius=found.peak_celsius,
        )

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From when to when quality has to look: the excursions, else what nobody knows."""
        found = self.exposure
        times = [(one.began_at, one.ended_at) for one in found.excursions]
        times = times or [(one.since, one.until) for one in found.unknown]
        return min(since for since, _ in times), max(until for _, until in times)


def _text(degrees: Decimal | None) -> str | None:
    return None if degrees is None else f"{degrees:f}"


def seconds(span: timedelta) -> int:
    """A span in whole seconds, never shorter than it was."""
    return -(-span // timedelta(seconds=1))


def judged_stay(
    protocol: Protocol, unit: UnitState, subject: Subject, windows: tuple[Stay, ...], readings: Series
) -> JudgedStay:
    """What the readings say of one unit while it was beside the logger."""
    bounds = bounds_of(protocol, unit, subject.keeping, windows[0].since)
    exposure = found_in(readings, windows, bounds or Bounds(None, None))
    if bounds is None:
        return JudgedStay(unit.unit, None, exposure, ExposureVerdict.NO_BAND, ())
    before = Before(
        *told_before(
            unit.told_outside, subject.shipment, readings.first_at, readings.last_at + readings.interval
        )
    )
    return JudgedStay(
        unit.unit, bounds, exposure, verdict_of(exposure, bounds, before), broken(exposure, bounds, before)
    )


def judged_place(subject: Subject, readings: Series) -> JudgedPlace | None:
    """How a place kept what it is said to keep, while this logger recorded; None where nobody has said it."""
    place = subject.place
    windows = subject.recorded(readings)
    if place is None or not windows or (place.celsius_min is None and place.celsius_max is None):
        return None
    low, high = (None if text is None else Decimal(text) for text in (place.celsius_min, place.celsius_max))
    found = found_in(readings, windows, Bounds(low, high))
    return JudgedPlace(
        celsius_min=place.celsius_min,
        celsius_max=place.celsius_max,
        outside_s=seconds(found.outside),
        longest_s=seconds(found.longest),
        unknown_s=seconds(found.unknown_for),
        peak_celsius=found.peak_celsius,
    )


def bounds_of(protocol: Protocol, unit: UnitState, where: Keeping, at: datetime) -> Bounds | None:
    """What a unit bore on the road or in storage, as fresh, frozen or thawed as it was then."""
    facts = {kind for kind, fact in unit.facts.items() if fact.at <= at}
    state: ThermalState = thermal_state(protocol, unit.material, facts)
    allowed = range_of(protocol, unit.material, state, where)
    if allowed is None:
        return None
    band = band_of(protocol, unit.material, state, where)
    if band is None:
        return Bounds(allowed.minimum, allowed.maximum)
    return Bounds(
        allowed.minimum,
        allowed.maximum,
        band.allowed_outside,
        band.total_outside,
        None if band.peak is None else Decimal(band.peak),
        band.excursions_max,
    )


def readings_outside(readings: Series, windows: Iterable[Stay]) -> int:
    """How many readings are of a time in which no unit was beside the logger."""
    count, reached = 0, None
    for one in sorted(windows, key=lambda one: one.since):
        first = one.since if reached is None else max(one.since, reached)
        if one.until > first:
            count += readings.between(first, one.until)
        reached = one.until if reached is None else max(reached, one.until)
    return len(readings) - count
