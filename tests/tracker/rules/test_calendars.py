"""When a site is open, and who is told of a box on its way to one that is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from schema.errors import InputError
from schema.vocabulary import SiteType, Weekday
from tests.support.journeys import World
from tracker.demo import cast
from tracker.registry.places.requests import CloseResource, LiftClosure, SetSiteDays
from tracker.rules.calendars import closed_days, why_closed
from tracker.rules.registry_state import Closure, Site, ZoneSince

Worlds = Callable[[str], World]
ADA = cast.FOUNDERS[0]
CLINIC = Site(
    "CLINIC", "Clinic", SiteType.TREATMENT_CENTER, "", "", (ZoneSince("America/New_York"),),
    open_on=frozenset({*Weekday} - {Weekday.SATURDAY, Weekday.SUNDAY}),
    closures=(
        Closure("1", None, date(2026, 12, 24), date(2026, 12, 26), "Holidays"),
        Closure("2", "CHAIR-1", date(2026, 12, 29), date(2026, 12, 29), "Repair"),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (23, None), (24, "Holidays"), (26, "Holidays"), (27, "not open on Sunday"), (28, None), (29, None),
    ],
)  # fmt: skip
def test_logistics_l1_open_by_its_week_and_but_for_its_closures(day: int, why: str | None) -> None:
    """A closure of one chair closes the chair alone; the first and the last day are closed too."""
    assert why_closed(CLINIC, date(2026, 12, day)) == why
    assert why_closed(CLINIC, date(2026, 12, 29), "CHAIR-1") == "Repair"
    assert why_closed(CLINIC, date(2026, 12, 29), "CHAIR-2") is None


def test_logistics_l1_closed_days_in_a_row_are_told_together() -> None:
    """Each run with its own reason; nothing where the days go backwards."""
    found = list(closed_days(CLINIC, date(2026, 12, 23), date(2026, 12, 30)))
    assert found == [
        (date(2026, 12, 24), date(2026, 12, 26), "Holidays"),
        (date(2026, 12, 27), date(2026, 12, 27), "not open on Sunday"),
    ]
    assert not list(closed_days(CLINIC, date(2026, 12, 30), date(2026, 12, 23)))
    assert not list(closed_days(replace(CLINIC, closures=()), date(2026, 12, 21), date(2026, 12, 25)))


class TestOnTheWay:
    def test_logistics_l1_a_box_to_a_site_that_is_closed_says_so(self, world: Worlds) -> None:
        """By the day at the destination, until the closure is lifted."""
        given = world("packed")
        today = given.clock.now().astimezone(UTC).date().isoformat()
        days = {"from_day": today, "until_day": "2026-12-31", "title": "Power failure"}
        answer = given.do(CloseResource, ADA, site="MFG-1", **days)
        (shown, *_) = given.tracker.read.shipments(carrier=None, site="MFG-1")
        ((first, _, why),) = shown.closed
        assert (first.isoformat(), why) == (today, "Power failure")
        given.do(LiftClosure, ADA, site="MFG-1", closure=answer.event_id)
        (shown, *_) = given.tracker.read.shipments(carrier=None, site="MFG-1")
        assert shown.closed == ()

    def test_logistics_l1_closed_on_a_day_of_the_week(self, world: Worlds) -> None:
        """A site that is open on one day of the week is closed on the others on which the box may arrive."""
        given = world("packed")
        tomorrow = [*Weekday][(datetime.now(UTC).weekday() + 1) % 7]
        given.do(SetSiteDays, ADA, site="MFG-1", open_on=(tomorrow,))
        (shown, *_) = given.tracker.read.shipments(carrier=None, site="MFG-1")
        assert shown.closed and all(why.startswith("not open on ") for _, _, why in shown.closed)


@pytest.mark.parametrize(
    "days",
    [
        {"from_day": "2026-12-26", "until_day": "2026-12-24"},
        {"from_day": "2026-02-30", "until_day": "2026-03-01"},
        {"from_day": "24.12.2026", "until_day": "2026-12-26"},
        {"from_day": "", "until_day": ""},
    ],
)
def test_days_that_are_none_or_go_backwards_are_bad_input(days: dict[str, Any], world: Worlds) -> None:
    given = world("enrolled")
    asked = {"request": "close_resource", "actor": ADA, "station": cast.HUB_STATION, "site": "MFG-1"}
    with pytest.raises(InputError):
        given.send({**asked, "event_id": given.tracker.new_event_id(), "title": "Holidays", **days})


def test_a_day_of_the_week_twice_and_an_unknown_closure(world: Worlds) -> None:
    given = world("enrolled")
    with pytest.raises(InputError, match="twice"):
        given.ask(SetSiteDays, ADA, site="MFG-1", open_on=(Weekday.MONDAY, Weekday.MONDAY))
    unknown = given.refusal(LiftClosure, ADA, site="MFG-1", closure=given.tracker.new_event_id())
    assert unknown.error == "closure_unknown" and "cartrail site show MFG-1" in (unknown.remedy or "")
