"""The local time of what is recorded: by the clocks of its site, at the moment when it happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from schema.errors import InputError
from schema.instants import format_instant
from schema.zones import OtherClock, typed_time, zone_info
from tests.support.journeys import World
from tracker.catalog import to_wire
from tracker.demo import cast
from tracker.demo.journey import scan
from tracker.registry.places.requests import AddSite, AddStation, SetSiteZone
from tracker.therapy.deviations import OpenDeviation
from tracker.therapy.making.requests import CompleteCollection

Worlds = Callable[[str], World]
LATE = {"mode": "late", "reason": "network_down"}
ADA = cast.FOUNDERS[0]


def a_note(world: World, **values: Any) -> dict[str, Any]:
    """Something that anybody of quality may record about a therapy at any time."""
    return {"coi": scan(world.one.coi), "category": "other", "description": "The clock was set.", **values}


def newest(world: World) -> tuple[str, str]:
    """When the newest entry says it happened, and its offset."""
    statement = world.entries(world.one.coi)[-1].statement
    return format_instant(statement.occurred_at), statement.offset


class TestFindingsA13:
    @pytest.mark.parametrize(
        ("now", "offset"), [("2026-01-15T21:31:00Z", "-05:00"), ("2026-07-15T20:31:00Z", "-04:00")]
    )
    def test_findings_a13_new_york_in_january_and_july(self, now: str, offset: str, world: Worlds) -> None:
        """A live entry at 16:31 by the clock on the wall, winter and summer."""
        given = world("enrolled")
        given.clock.set(datetime.fromisoformat(now))
        given.do(OpenDeviation, "QA-A", **a_note(given))
        assert newest(given)[1] == offset

    def test_findings_a13_an_offset_of_summer_in_winter_is_asked_again(self, world: Worlds) -> None:
        """At 16:31 in New York in January, 16:26 at -04:00 would be 20:26Z; the true time is 21:26Z."""
        given = world("enrolled")
        given.clock.set(datetime(2026, 1, 15, 21, 31, tzinfo=UTC))
        wrong = a_note(given, entry=LATE, occurred_at="2026-01-15T16:26:00-04:00")
        with pytest.raises(OtherClock, match=r"16:26:00-04:00 is 15:26 here") as caught:
            given.ask(OpenDeviation, "QA-A", **wrong)
        assert (caught.value.code, caught.value.exit_code) == ("offset_differs", 2)
        typed = typed_time(
            "16:26", zone_info("America/New_York"), day=datetime(2026, 1, 15, tzinfo=UTC).date()
        )
        given.do(OpenDeviation, "QA-A", **a_note(given, entry=LATE, occurred_at=typed.isoformat()))
        assert newest(given) == ("2026-01-15T21:26:00.000Z", "-05:00")

    def test_findings_a13_berlin_in_july_has_not_to_come(self, world: Worlds) -> None:
        """At 15:00 in Berlin on 1 July, 14:55 was five minutes ago: 12:55Z."""
        given = world("enrolled")
        given.clock.set(datetime(2026, 7, 1, 13, 0, tzinfo=UTC))
        typed = typed_time("14:55", zone_info("Europe/Berlin"), day=date(2026, 7, 1))
        given.do(OpenDeviation, "QA-2", **a_note(given, entry=LATE, occurred_at=typed.isoformat()))
        assert newest(given) == ("2026-07-01T12:55:00.000Z", "+02:00")

    def test_the_offset_is_that_of_when_it_happened(self, world: Worlds) -> None:
        """Recorded in summer time what was done in winter time, the night between the two included."""
        given = world("enrolled")
        given.clock.set(
            datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
        )  # 03:30 -04:00, half an hour after it was set
        for happened, offset in (("2026-03-08T06:59:00Z", "-05:00"), ("2026-03-08T07:01:00Z", "-04:00")):
            given.do(OpenDeviation, "QA-A", **a_note(given, entry=LATE, occurred_at=happened))
            assert newest(given)[1] == offset


class TestTimesOfAStep:
    @pytest.mark.parametrize("text", ["2026-01-05T02:30:00-04:00", "2026-01-05T08:30:00+01:00"])
    def test_findings_a13_every_time_of_a_step_is_by_the_clock_of_its_site(
        self, text: str, world: Worlds
    ) -> None:
        """The end of a collection in New York, typed with the offset of summer or of another country."""
        given = world("identified")
        bag = scan(given.one.bag or "UD234567892")
        asked = to_wire(given.request(CompleteCollection, "NURSE-A1", units=(bag,), volume_ml="210"))
        with pytest.raises(OtherClock):
            given.send({**asked, "ended_at": text})


class TestLogisticsL1:
    @pytest.mark.parametrize(
        ("zone", "january", "july"),
        [
            ("Australia/Sydney", "+11:00", "+10:00"),
            ("Asia/Kolkata", "+05:30", "+05:30"),
            ("Pacific/Chatham", "+13:45", "+12:45"),
        ],
    )
    def test_logistics_l1_entries_of_far_sites(
        self, zone: str, january: str, july: str, world: Worlds
    ) -> None:
        """South of the equator, and with parts of an hour; two more zones are above."""
        given = world("enrolled")
        site = {"site": "FAR", "title": "Far site", "site_type": "carrier"}
        given.do(AddSite, ADA, zone=zone, **site)
        given.do(AddStation, ADA, new_station="FAR-01", site="FAR", title="Desk")
        for month, offset in ((1, january), (7, july)):
            given.clock.set(datetime(2026, month, 20, 12, tzinfo=UTC))
            given.do(AddStation, ADA, station="FAR-01", new_station=f"S-{month}", site="FAR", title="Desk")
            assert given.entries("registry")[-1].statement.offset == offset

    def test_logistics_l1_a_zone_counts_from_its_moment_on(self, world: Worlds) -> None:
        """What happened before it keeps the zone of before; a change in the past is refused and explained."""
        given = world("enrolled")
        past = given.refusal(
            SetSiteZone, ADA, site="TREAT-A", zone="America/Chicago", valid_from="2026-01-01T00:00:00Z"
        )
        assert past.error == "zone_in_the_past" and "keeps the local time" in past.message
        turn = datetime(2026, 2, 1, 6, tzinfo=UTC)
        given.do(SetSiteZone, ADA, site="TREAT-A", zone="America/Chicago", valid_from=format_instant(turn))
        for day, offset in ((31, "-05:00"), (32, "-06:00")):
            moment = (
                datetime(2026, 1, 31, 12, tzinfo=UTC) if day == 31 else datetime(2026, 2, 1, 12, tzinfo=UTC)
            )
            given.clock.set(moment)
            given.do(OpenDeviation, "QA-A", **a_note(given))
            assert newest(given)[1] == offset
        late = a_note(given, entry=LATE, occurred_at="2026-02-01T05:59:00Z")
        given.do(OpenDeviation, "QA-A", **late)
        assert newest(given)[1] == "-05:00"
        assert given.refusal(SetSiteZone, ADA, site="TREAT-A", zone="America/Chicago").error == "already_done"

    @pytest.mark.parametrize(
        "zone", ["EST", "Mars/Olympus", "", "../../etc/passwd", "america/new_york", "+1"]
    )
    def test_logistics_l1_what_is_no_zone_is_bad_input(self, zone: str, world: Worlds) -> None:
        given = world("enrolled")
        with pytest.raises(InputError) as caught:
            given.ask(SetSiteZone, ADA, site="TREAT-A", zone=zone)
        assert caught.value.code == "zone_unknown"
