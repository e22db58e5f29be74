"""Readings held against what cells bear: how long, how far, how often, and what nobody knows."""

from array import array
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from schema.vocabulary import ExposureVerdict, KnownFrom, TemperatureUnit
from tracker.readings.judge import (
    Before,
    Bounds,
    Exposure,
    Stay,
    broken,
    found_in,
    verdict_of,
)
from tracker.readings.values import Format, Series, milliseconds, parts_of

DAY = datetime(2026, 11, 28, tzinfo=UTC)
NOTHING = Before()
COLD = Bounds(None, Decimal(-150))
"""At or below -150 C, and nothing outside."""

FRESH = Bounds(Decimal(2), Decimal(8), longest=timedelta(minutes=30))


def at(text: str) -> datetime:
    """A time of the day, `04:10`."""
    hours, minutes = text.split(":")
    return DAY + timedelta(hours=int(hours), minutes=int(minutes))


def readings(*points: tuple[str, str]) -> Series:
    """Readings of a logger that takes one every ten minutes."""
    return Series(
        Format.GENERIC,
        "4411",
        KnownFrom.IN_FILE,
        timedelta(),
        KnownFrom.IN_FILE,
        TemperatureUnit.CELSIUS,
        array("q", [milliseconds(at(time)) for time, _ in points]),
        array("i", [int(parts_of(Decimal(celsius))) for _, celsius in points]),
        stated_interval=timedelta(minutes=10),
    )


def every_ten(first: str, *degrees: str) -> Series:
    """Readings ten minutes apart from a time on."""
    times = (at(first) + timedelta(minutes=10 * number) for number in range(len(degrees)))
    return readings(*((f"{time:%H:%M}", one) for time, one in zip(times, degrees, strict=True)))


def judged(taken: Series, bounds: Bounds, since: str, until: str) -> Exposure:
    """What is found in one window."""
    return found_in(taken, [Stay(at(since), at(until))], bounds)


def minutes(span: timedelta) -> int:
    """A span in whole minutes."""
    return span // timedelta(minutes=1)


WARM = every_ten("03:40", "-184", "-183", "-149.9", "-128", "-149.5", "-151", "-180")


def test_logistics_c1_three_warm_readings_are_an_excursion_to_the_next_reading() -> None:
    found = judged(WARM, COLD, "03:40", "04:50")
    (one,) = found.excursions

    assert (one.began_at, one.ended_at, one.peak) == (at("04:00"), at("04:30"), "-128")
    assert (minutes(found.outside), minutes(found.longest), found.unknown) == (30, 30, ())
    assert broken(found, COLD, NOTHING) == ("too_long",)
    assert verdict_of(found, COLD, NOTHING) is ExposureVerdict.OUTSIDE


def test_logistics_c2_what_is_allowed_is_within_and_counts_in_the_life_of_the_cells() -> None:
    allowed = Bounds(None, Decimal(-150), timedelta(minutes=30), total=timedelta(minutes=50), count=2)
    found = judged(WARM, allowed, "03:40", "04:50")

    assert verdict_of(found, allowed, NOTHING) is ExposureVerdict.WITHIN
    assert verdict_of(found, allowed, Before(timedelta(minutes=20), 1)) is ExposureVerdict.WITHIN
    assert broken(found, allowed, Before(timedelta(minutes=21), 1)) == ("too_long_in_all",)
    assert broken(found, allowed, Before(timedelta(minutes=5), 2)) == ("too_often",)


def test_logistics_c3_a_gap_is_unknown_and_never_good() -> None:
    gap = readings(("04:00", "5"), ("04:10", "5"), ("04:50", "5"), ("05:00", "5"))
    found = judged(gap, FRESH, "04:00", "05:10")
    strict = Bounds(Decimal(2), Decimal(8), longest=timedelta(minutes=29))

    assert [(one.since, one.until) for one in found.unknown] == [(at("04:20"), at("04:50"))]
    assert minutes(found.unknown_for) == 30
    assert verdict_of(found, FRESH, NOTHING) is ExposureVerdict.WITHIN
    assert verdict_of(found, strict, NOTHING) is ExposureVerdict.NOT_JUDGEABLE


def test_a_gap_beside_an_excursion_may_belong_to_it() -> None:
    gap = readings(("04:00", "5"), ("04:10", "9"), ("04:50", "5"), ("05:00", "5"))
    found = judged(gap, FRESH, "04:00", "05:10")

    assert (minutes(found.outside), minutes(found.unknown_for)) == (10, 30)
    assert [minutes(one) for one in found.worst] == [40]
    assert verdict_of(found, FRESH, NOTHING) is ExposureVerdict.NOT_JUDGEABLE


def test_where_a_peak_ends_the_cells_no_gap_is_good() -> None:
    gap = readings(("04:00", "5"), ("04:10", "5"), ("04:40", "5"), ("04:50", "5"))
    peaked = Bounds(Decimal(2), Decimal(8), timedelta(minutes=30), peak=Decimal(25))

    assert verdict_of(judged(gap, FRESH, "04:00", "05:00"), FRESH, NOTHING) is ExposureVerdict.WITHIN
    assert verdict_of(judged(gap, peaked, "04:00", "05:00"), peaked, NOTHING) is ExposureVerdict.NOT_JUDGEABLE


def test_a_step_of_two_intervals_is_no_gap() -> None:
    found = judged(readings(("04:00", "9"), ("04:20", "5"), ("04:30", "5")), FRESH, "04:00", "04:40")

    assert (minutes(found.outside), found.unknown) == (20, ())


def test_logistics_c10_what_was_outside_custody_is_not_judged() -> None:
    taken = every_ten("02:00", *["21"] * 12, *["5"] * 12, *["21"] * 6)
    found = judged(taken, FRESH, "04:00", "06:00")

    assert (found.excursions, found.unknown) == ((), ())
    assert verdict_of(found, FRESH, NOTHING) is ExposureVerdict.WITHIN


def test_a_window_cuts_an_excursion_at_both_ends() -> None:
    found = judged(WARM, COLD, "04:05", "04:25")

    assert (found.excursions[0].began_at, found.excursions[0].ended_at) == (at("04:05"), at("04:25"))


def test_time_before_the_first_and_after_the_last_reading_is_unknown() -> None:
    found = judged(every_ten("04:00", "5", "5", "5"), FRESH, "03:45", "05:00")

    assert [(one.since, one.until) for one in found.unknown] == [
        (at("03:45"), at("04:00")),
        (at("04:30"), at("05:00")),
    ]


@pytest.mark.parametrize(("since", "until"), [("01:00", "02:00"), ("08:00", "09:00")])
def test_readings_of_another_time_say_nothing(since: str, until: str) -> None:
    found = judged(every_ten("04:00", "5", "5", "5"), FRESH, since, until)

    assert (found.outside, minutes(found.unknown_for)) == (timedelta(), 60)
    assert verdict_of(found, FRESH, NOTHING) is ExposureVerdict.NOT_JUDGEABLE


def test_two_windows_leave_out_what_is_between_them() -> None:
    windows = [Stay(at("04:20"), at("04:50")), Stay(at("03:40"), at("04:00"))]
    found = found_in(WARM, windows, COLD)

    assert [(one.began_at, one.ended_at) for one in found.excursions] == [(at("04:20"), at("04:30"))]


PEAKS = [
    ("-150", "-80", "-79.9", ("too_long", "too_far")),
    ("-150", "-80", "-80", ("too_long",)),
]


@pytest.mark.parametrize(("highest", "peak", "seen", "rules"), PEAKS)
def test_beyond_the_peak_cells_are_lost_however_short_it_was(
    highest: str, peak: str, seen: str, rules: tuple[str, ...]
) -> None:
    bounds = Bounds(None, Decimal(highest), peak=Decimal(peak))
    found = judged(every_ten("04:00", "-180", seen, "-180"), bounds, "04:00", "04:30")

    assert broken(found, bounds, NOTHING) == rules


def test_a_peak_below_the_band_is_passed_downwards() -> None:
    bounds = Bounds(Decimal(2), Decimal(8), timedelta(hours=1), peak=Decimal(0))

    assert broken(judged(every_ten("04:00", "5", "1", "5"), bounds, "04:00", "04:30"), bounds, NOTHING) == ()
    cold = judged(every_ten("04:00", "5", "-0.1", "5"), bounds, "04:00", "04:30")
    assert broken(cold, bounds, NOTHING) == ("too_far",)


@pytest.mark.parametrize(("degrees", "outside"), [("-150", 0), ("-149.9999", 10), ("-150.0001", 0)])
def test_both_bounds_are_inside_and_nothing_is_rounded_to_them(degrees: str, outside: int) -> None:
    found = judged(every_ten("04:00", "-180", degrees, "-180"), COLD, "04:00", "04:30")

    assert minutes(found.outside) == outside
    assert [one.peak for one in found.excursions] == (["-149.99"] if outside else [])
