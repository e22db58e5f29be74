"""Local time: five zones in January and July, hours that clocks skip and show twice, and what is no time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from schema.errors import InputError
from schema.instants import format_instant, parse_declared
from schema.zones import (
    Fold,
    OtherClock,
    UnclearTime,
    checked_zone,
    offset_at,
    typed_time,
    zone_info,
    zone_names,
)

DAY = date(2026, 1, 5)
NEW_YORK = zone_info("America/New_York")
BERLIN = zone_info("Europe/Berlin")


@pytest.mark.parametrize(
    ("zone", "january", "july"),
    [
        ("Europe/Berlin", "+01:00", "+02:00"),
        ("America/New_York", "-05:00", "-04:00"),
        ("Australia/Sydney", "+11:00", "+10:00"),
        ("Asia/Kolkata", "+05:30", "+05:30"),
        ("Pacific/Chatham", "+13:45", "+12:45"),
    ],
)
def test_logistics_l1_five_zones_in_january_and_july(zone: str, january: str, july: str) -> None:
    """North and south of the equator, half and three quarters of an hour, with and without summer time."""
    info = zone_info(zone)
    for month, offset in ((1, january), (7, july)):
        noon = datetime(2026, month, 1, 12, tzinfo=UTC)
        assert offset_at(zone, noon) == offset
        typed = typed_time(f"2026-{month:02d}-01 16:26", info, day=DAY)
        assert typed.isoformat() == f"2026-{month:02d}-01T16:26:00{offset}"
        assert typed_time(f"2026-{month:02d}-01 16:26 {offset}", info, day=DAY) == typed


def test_zones_are_those_of_the_pinned_package() -> None:
    """The machine's own are never looked at, and the table is the one that has Amsterdam and Oslo."""
    assert {"Europe/Amsterdam", "Europe/Oslo", "UTC"} <= zone_names()
    assert not {"EST", "GMT", "Etc/GMT+5", "posixrules"} & zone_names()
    # The rules of 2026 are known to every year that may be recorded.
    assert offset_at("America/New_York", datetime(2199, 7, 1, tzinfo=UTC)) == "-04:00"


@pytest.mark.parametrize(
    ("text", "like"),
    [
        ("EST", ""),
        ("Mars/Olympus", ""),
        ("", ""),
        ("../../etc/passwd", ""),
        ("/etc/localtime", ""),
        ("America/New_York\x00", "America/New_York"),
        ("new york", "America/New_York"),
        ("europe/berlin", "Europe/Berlin"),
        ("Europe/Kiev", "Europe/Kyiv"),
    ],
)
def test_what_is_no_zone_is_bad_input(text: str, like: str) -> None:
    """One sentence, whatever zoneinfo would raise, and the name that may have been meant."""
    with pytest.raises(InputError) as caught:
        checked_zone(text)
    assert caught.value.code == "zone_unknown" and caught.value.exit_code == 2
    assert like in caught.value.message and "Europe/Berlin" in caught.value.remedy


def test_a_recorded_zone_that_this_tzdata_lacks_says_so() -> None:
    with pytest.raises(InputError, match="Mars/Olympus is not in the time zone data"):
        zone_info("Mars/Olympus")


class TestClocksThatAreSet:
    def test_logistics_l1_a_skipped_hour_is_asked(self) -> None:
        """02:30 on 8 March 2026 was on no clock in New York; both readings are shown and either answers."""
        with pytest.raises(UnclearTime) as caught:
            typed_time("2026-03-08 02:30", NEW_YORK, day=DAY)
        assert caught.value.code == "time_skipped"
        assert "03:30 -04:00 (07:30 UTC)" in caught.value.message
        assert "01:30 -05:00 (06:30 UTC)" in caught.value.message
        assert caught.value.remedy == "Write it as 2026-03-08 03:30 -04:00 or as 2026-03-08 01:30 -05:00."
        for answer, instant in (("03:30 -04:00", "07:30"), ("01:30 -05:00", "06:30")):
            found = typed_time(f"2026-03-08 {answer}", NEW_YORK, day=DAY)
            assert format_instant(found) == f"2026-03-08T{instant}:00.000Z"
        for fold, instant in ((Fold.FIRST, "07:30"), (Fold.SECOND, "06:30")):
            found = typed_time("2026-03-08 02:30", NEW_YORK, day=DAY, fold=fold)
            assert format_instant(found) == f"2026-03-08T{instant}:00.000Z"

    def test_logistics_l1_an_hour_that_comes_twice_is_asked(self) -> None:
        """01:30 on 1 November 2026 came twice in New York."""
        with pytest.raises(UnclearTime) as caught:
            typed_time("2026-11-01 01:30", NEW_YORK, day=DAY)
        assert caught.value.code == "time_twice"
        assert "first at 01:30 -04:00 (05:30 UTC), then at 01:30 -05:00 (06:30 UTC)" in caught.value.message
        for answer, instant in (("01:30 -04:00", "05:30"), ("01:30 -05:00", "06:30"), ("06:30Z", "06:30")):
            found = typed_time(f"2026-11-01 {answer}", NEW_YORK, day=DAY)
            assert format_instant(found) == f"2026-11-01T{instant}:00.000Z"
        for fold, instant in ((Fold.FIRST, "05:30"), (Fold.SECOND, "06:30")):
            found = typed_time("2026-11-01 01:30", NEW_YORK, day=DAY, fold=fold)
            assert format_instant(found) == f"2026-11-01T{instant}:00.000Z"

    def test_half_an_hour_on_lord_howe_island(self) -> None:
        """Its clocks are set by half an hour: 02:15 on 4 October 2026 is skipped, 02:45 is not."""
        island = zone_info("Australia/Lord_Howe")
        with pytest.raises(UnclearTime):
            typed_time("2026-10-04 02:15", island, day=DAY)
        assert typed_time("2026-10-04 02:45", island, day=DAY).isoformat() == "2026-10-04T02:45:00+11:00"


class TestTyped:
    def test_an_offset_of_other_clocks_is_asked_again(self) -> None:
        """16:26 at -04:00 on a winter's day in New York is 15:26 there."""
        with pytest.raises(OtherClock) as caught:
            typed_time("2026-01-05 16:26 -04:00", NEW_YORK, day=DAY)
        assert caught.value.message.startswith("2026-01-05 16:26 -04:00 is 15:26 here")
        assert "15:26 -05:00" in caught.value.remedy
        found = typed_time("2026-01-05 16:26 -04:00", NEW_YORK, day=DAY, any_clock=True)
        assert format_instant(found) == "2026-01-05T20:26:00.000Z"

    @pytest.mark.parametrize(
        "text",
        ["2026-07-01T16:26[America/New_York]", "2026-07-01 16:26 America/New_York", "2026-07-01 20:26Z"],
    )
    def test_another_zone_is_named_beside_the_time(self, text: str) -> None:
        """It comes back as the clocks here showed it."""
        found = typed_time(text, BERLIN, day=DAY)
        assert found.isoformat() == "2026-07-01T22:26:00+02:00"

    def test_a_day_alone_begins_at_midnight(self) -> None:
        assert typed_time("2026-07-01", BERLIN, day=DAY).isoformat() == "2026-07-01T00:00:00+02:00"
        assert typed_time("7:05", BERLIN, day=DAY).isoformat() == "2026-01-05T07:05:00+01:00"

    @pytest.mark.parametrize(
        "text",
        [
            *(
                "",
                " ",
                "noon",
                "25:00",
                "12:60",
                "2026-02-30 12:00",
                "2026-01-05 12",
                "12:00 EST",
                "12:00 +1",
            ),
            *("1971-12-31 12:00", "2200-01-01 12:00", "0001-01-01 12:00", "9999-12-31 23:59"),
            *(
                "12:00 -04:00Z",
                "12:00 +1",
                "\uff11\uff12:00",
                "2026-01-05 12:00 [Mars/Olympus]",
                "12:00 +99:00",
            ),
        ],
    )
    def test_what_is_no_time_is_bad_input(self, text: str) -> None:
        with pytest.raises(InputError) as caught:
            typed_time(text, BERLIN, day=DAY)
        assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00+12:00",
        "9999-12-31T23:59:59-12:00",
        "1971-12-31T23:59:59Z",
        "1972-01-01T00:30:00+01:00",
        "2200-01-01T00:00:00Z",
        "2199-12-31T23:30:00-01:00",
    ],
)
def test_years_that_nobody_can_mean_are_bad_input(text: str) -> None:
    """By the year in UTC, whatever offset is written."""
    with pytest.raises(InputError, match="before 1972 or after 2199"):
        parse_declared(text)


@pytest.mark.parametrize("text", ["1971-12-31T23:30:00-01:00", "2200-01-01T00:30:00+01:00"])
def test_the_first_and_the_last_hour_are_taken(text: str) -> None:
    moment, _ = parse_declared(text)
    assert 1972 <= moment.year <= 2199


def test_every_zone_has_whole_minutes() -> None:
    """An offset is written in hours and minutes, so that no zone may have seconds in it."""
    for name in sorted(zone_names()):
        for year in (1973, 2026, 2199):
            shown = datetime(year, 7, 1, tzinfo=UTC).astimezone(ZoneInfo(name))
            delta = shown.utcoffset()
            assert delta is not None and delta.total_seconds() % 60 == 0, name
