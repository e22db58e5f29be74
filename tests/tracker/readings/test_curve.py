"""A file as a curve: no more points than can be seen, every peak kept, a gap where readings are missing."""

from __future__ import annotations

from array import array
from datetime import timedelta

from schema.vocabulary import KnownFrom, TemperatureUnit
from tracker.readings.curve import curve_of
from tracker.readings.judge import Stay
from tracker.readings.values import EPOCH, PARTS_PER_CELSIUS, Format, Series

MINUTE = timedelta(minutes=1)


def series(degrees: dict[int, int]) -> Series:
    """Readings by the minute at which they were taken."""
    return Series(
        Format.GENERIC, "4411", KnownFrom.IN_FILE, timedelta(), KnownFrom.IN_FILE, TemperatureUnit.CELSIUS,
        array("q", [60_000 * minute for minute in degrees]),
        array("i", [PARTS_PER_CELSIUS * value for value in degrees.values()]),
        stated_interval=MINUTE,
    )  # fmt: skip


def test_of_a_hundred_thousand_readings_few_points_are_left_and_the_peak_is_among_them() -> None:
    """One warm reading among as many as a logger takes in ten weeks."""
    found = series({minute: -128 if minute == 70_123 else -185 for minute in range(100_000)})
    (run,) = curve_of(found, [Stay(EPOCH, EPOCH + 100_000 * MINUTE)], stripes=100)
    assert len(run) <= 4 * 101
    assert [one.at for one in run if one.celsius == -128] == [EPOCH + 70_123 * MINUTE]
    assert (run[0].at, run[-1].at) == (EPOCH, EPOCH + 99_999 * MINUTE)


def test_a_run_ends_where_readings_are_missing_and_nothing_outside_the_stays_is_drawn() -> None:
    """Room temperature before packing would hide the band."""
    degrees = dict.fromkeys(range(5), 21) | dict.fromkeys(range(5, 10), -185)
    found = series(degrees | dict.fromkeys(range(20, 25), -184))
    runs = curve_of(found, [Stay(EPOCH + 5 * MINUTE, EPOCH + 24 * MINUTE)])
    assert [[one.celsius for one in run] for run in runs] == [[-185] * 5, [-184] * 4]
