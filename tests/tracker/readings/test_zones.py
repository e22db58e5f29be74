"""A zone that a person names for a logger's clock: one offset for the whole file, or a question."""

import io
from datetime import timedelta

import pytest

from schema.errors import InputError
from schema.zones import UnclearTime
from tests.support.logger_files import HOBOWARE, NOW
from tracker.readings.values import Declared
from tracker.readings.zones import with_zone

HEAD = "serial,1\ntime,celsius\n"


def offset_of(times: list[str], zone: str) -> timedelta | None:
    """The offset that a zone stands for in a file of these times."""
    text = HEAD + "".join(f"{time},-180\n" for time in times)
    return with_zone(io.BytesIO(text.encode()), Declared(), zone, NOW).offset


@pytest.mark.parametrize(
    ("zone", "hours"),
    [("Z", 0), ("+05:30", 5.5), ("UTC", 0), ("America/New_York", -5), ("Asia/Kolkata", 5.5)],
)
def test_a_zone_stands_for_the_offset_of_the_day(zone: str, hours: float) -> None:
    assert offset_of(["2026-01-15 01:30:00", "2026-01-15 02:30:00"], zone) == timedelta(hours=hours)


def test_an_hour_that_clocks_skipped_or_showed_twice_is_refused_with_both_readings() -> None:
    with pytest.raises(UnclearTime, match="skipped 2026-03-08 02:30"):
        offset_of(["2026-03-08 02:30:00"], "America/New_York")
    with pytest.raises(UnclearTime, match=r"twice: first at 01:30 -04:00 \(05:30 UTC\), then") as caught:
        offset_of(["2026-11-01 01:30:00"], "America/New_York")
    assert "--zone -04:00 or --zone -05:00" in caught.value.remedy, "nobody edits a logger's file"


def test_clocks_that_were_set_on_the_way_ask_for_the_offset() -> None:
    with pytest.raises(InputError, match="its times are -05:00 or -04:00") as caught:
        offset_of(["2026-03-07 12:00:00", "2026-03-09 12:00:00"], "America/New_York")
    assert caught.value.code == "zone_changes"


def test_what_the_file_says_of_its_clock_counts() -> None:
    found = with_zone(io.BytesIO(HOBOWARE.encode()), Declared(), "Europe/Berlin", NOW)

    assert found.offset is None
