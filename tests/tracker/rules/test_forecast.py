"""When milestones will be as things are, and how a therapy stands: one state and one sentence."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from tests.tracker.planning.test_planner import CHAIR, DAY, DOCK, FRESH_PATH, FROZEN_PATH, HOUR, START, at
from tracker.planning.calendar import Resource
from tracker.planning.chain import Milestone, Pathway, PlannedSlot
from tracker.rules.clocks import Arrival
from tracker.rules.forecast import Ending, RecordedCourse, forecast, project
from tracker.rules.standing import Standing

RECORDED: Final = frozenset({"collection", "receipt", "start", "release", "delivery", "infusion"})
BEGUN_BY: Final = frozenset({"start", "infusion"})


def slot(
    name: str, resource: str, start: datetime, lasts: timedelta = timedelta(), **way: Any
) -> PlannedSlot:
    return PlannedSlot(name, resource, start, start + lasts, **way)


BOOKED: Final = {
    "collection": slot("collection", "COLL-A/CHAIR", at(7), 5 * HOUR),
    "receipt": slot("receipt", "MFG-1", at(8, 17), lane="L1", departs=at(7, 17)),
    "start": slot("start", "MFG-1/START", at(9)),
    "release": slot("release", "MFG-1", at(23)),
    "delivery": slot("delivery", "TREAT-A", at(24, 17), lane="L1", departs=at(23, 17)),
    "lymphodepletion": slot("lymphodepletion", "TREAT-A", at(25, 18)),
    "infusion": slot("infusion", "TREAT-A/BED", at(30, 18)),
}
PLANNED: Final = RecordedCourse(
    is_running=True,
    has_begun=True,
    booked=BOOKED,
    recorded=RECORDED,
    begun_by=BEGUN_BY,
    promised="2026-12-30",
    promised_at=at(30, 18),
)


def done(**ends: datetime) -> dict[str, PlannedSlot]:
    return {name: PlannedSlot(name, BOOKED[name].resource, end, end) for name, end in ends.items()}


ON_TIME: Final = done(collection=at(7, 13))
WEDNESDAY: Final = {
    **BOOKED,
    "collection": slot("collection", "COLL-A/CHAIR", at(9), 5 * HOUR),
    "receipt": slot("receipt", "MFG-1", at(10, 17), lane="L1", departs=at(9, 17)),
    "start": slot("start", "MFG-1/START", at(11)),
}
LIMIT: Final = Ending("Collection to freezing", at(7, 9))
FORM: Final = Ending("Downtime form to come back", at(7, 9), is_limit=False)


NEVER: Final = {"promised": None, "promised_at": None}
LATER_THAN_PROMISED: Final = (
    "Infusion is projected for Wed 30 Dec 18:00, promised for Tue 29 Dec 18:00: it is booked for later."
)
LATER: Final = (
    "Receipt is projected for Wed 9 Dec 17:00, promised for Tue 8 Dec 17:00: "
    "Collection was later than planned."
)


@pytest.mark.parametrize(
    ("changes", "now", "standing", "reason"),
    [
        ({}, at(6), Standing.ON_TRACK, "Next is collection, Mon 7 Dec 08:00."),
        ({"has_begun": False}, at(6), Standing.NOT_STARTED, "Next is collection, Mon 7 Dec 08:00."),
        ({"done": ON_TIME}, at(7, 14), Standing.ON_TRACK, "Next is receipt, Tue 8 Dec 17:00."),
        ({}, at(7, 13), Standing.ON_TRACK, "Next is collection, Mon 7 Dec 08:00."),
        ({}, at(7, 14), Standing.LATE, "Collection was due Mon 7 Dec 13:00, 1:00 h ago."),
        (
            {"done": done(collection=at(7, 17))},
            at(7, 18),
            Standing.AT_RISK,
            LATER,
        ),
        (
            {"promised": "2026-12-29", "promised_at": at(29, 18)},
            at(6),
            Standing.AT_RISK,
            ("Infusion is projected for Wed 30 Dec 18:00, promised for Tue 29 Dec 18:00: "
            "it is booked for later."),
        ),
        ({"stalled_at": at(6)}, at(6), Standing.STALLED,
         "Nothing was recorded for longer than its protocol expects, and nothing is booked."),
        ({"is_running": False}, at(40), Standing.CLOSED, "It has ended."),
        ({"endings": (LIMIT,)}, at(7, 10), Standing.BREACH, "Collection to freezing ended 1:00 h ago."),
        ({"endings": (LIMIT,)}, at(7, 9), Standing.ON_TRACK, "Next is collection, Mon 7 Dec 08:00."),
        ({"endings": (FORM,)}, at(7, 10), Standing.LATE,
         "Downtime form to come back: it was due 1:00 h ago."),
        ({"endings": (LIMIT, FORM), "stalled_at": at(6)}, at(7, 14), Standing.BREACH,
         "Collection to freezing ended 5:00 h ago."),
        ({"stalled_at": at(6)}, at(7, 14), Standing.LATE, "Collection was due Mon 7 Dec 13:00, 1:00 h ago."),
        ({"stalled_at": at(6), "promised_at": at(29, 18)}, at(6), Standing.STALLED,
         "Nothing was recorded for longer than its protocol expects, and nothing is booked."),
        ({"booked": {}, **NEVER}, at(6), Standing.ON_TRACK, "Nothing is booked, and no limit runs."),
        ({"booked": {}, **NEVER, "endings": (LIMIT,)}, at(6, 9), Standing.ON_TRACK,
         "Collection to freezing: 24:00 h left."),
    ],
)  # fmt: skip
def test_each_therapy_stands_in_one_way(
    changes: dict[str, Any], now: datetime, standing: Standing, reason: str
) -> None:
    """The first state that applies, with its reason."""
    found = forecast(replace(PLANNED, **changes), FRESH_PATH, now)
    assert (found.standing, found.reason) == (standing, reason)


@pytest.mark.parametrize(
    ("booked", "now", "standing", "reason"),
    [
        (BOOKED, at(29, 17), Standing.AT_RISK,
         LATER_THAN_PROMISED),
        (BOOKED, at(29, 19), Standing.LATE,
         "Infusion was promised for Tue 29 Dec 18:00, and it is booked for Wed 30 Dec 18:00."),
        ({}, at(29, 17), Standing.AT_RISK,
         "Infusion was promised for Tue 29 Dec 18:00, and nothing is booked for it."),
        ({}, at(29, 19), Standing.LATE,
         "Infusion was promised for Tue 29 Dec 18:00, and nothing is booked for it."),
        ({**BOOKED, "infusion": slot("infusion", "TREAT-A/BED", at(29, 20))}, at(29, 17), Standing.ON_TRACK,
         "Next is infusion, Tue 29 Dec 20:00."),
    ],
)  # fmt: skip
def test_a_promise_stands_whatever_is_booked_since(
    booked: dict[str, PlannedSlot], now: datetime, standing: Standing, reason: str
) -> None:
    """At risk until its time, late from then on, with both dates; another hour of its day keeps it."""
    before = [name for name in BOOKED if name != "infusion"]
    course = replace(
        PLANNED,
        booked=booked,
        done=done(**{name: BOOKED[name].end for name in before}) if booked else {},
        promised="2026-12-29",
        promised_at=at(29, 18),
    )
    found = forecast(course, FRESH_PATH, now)
    assert (found.standing, found.reason, found.about) == (standing, reason, "infusion")


def test_a_pick_up_that_has_passed_is_late_and_comes_with_the_next_one() -> None:
    """Nobody has fetched what was to leave on Monday at 17:00: an hour later it is late, by the next lane."""
    course = replace(PLANNED, done=ON_TIME)
    assert forecast(course, FRESH_PATH, at(7, 18)).standing is Standing.ON_TRACK
    missed = forecast(course, FRESH_PATH, at(7, 19))
    assert (missed.standing, missed.about) == (Standing.LATE, "receipt")
    assert missed.reason == "The pick-up for receipt was due Mon 7 Dec 17:00, 2:00 h ago."
    assert missed.milestones[1].start == at(9, 17)
    gone = replace(course, gone=frozenset({"receipt"}))
    assert forecast(gone, FRESH_PATH, at(7, 19)).standing is Standing.ON_TRACK


def test_logistics_t3_an_arrival_that_slips_is_at_risk_and_past_the_limit_a_breach() -> None:
    """72 h from collection end on Thursday at 13:00: four hours later all fits, two days on it does not."""
    course = replace(PLANNED, done=ON_TIME)
    slipped = forecast(replace(course, eta={"receipt": at(8, 21)}), FRESH_PATH, at(8, 12))
    assert slipped.standing is Standing.AT_RISK
    assert slipped.reason == (
        "Receipt is projected for Tue 8 Dec 21:00, promised for Tue 8 Dec 17:00: "
        "the carrier comes later than planned."
    )
    assert [one.start for one in slipped.milestones[1:3]] == [at(8, 21), at(9)]
    missed = forecast(replace(course, eta={"receipt": at(10, 17)}), FRESH_PATH, at(8, 12))
    assert missed.standing is Standing.BREACH
    assert missed.reason == (
        "Collection to start of manufacturing ends Thu 10 Dec 13:00, and start of manufacturing is projected "
        "for Fri 11 Dec 08:00: Receipt will be later than planned."
    )
    assert (missed.about, missed.limit_at) == ("start", at(10, 13))


def test_logistics_t3_a_carrier_expected_after_a_limit_is_a_breach_before_it_is_over() -> None:
    """Whatever limit runs for what is on its way, booked or not; by the clocks there where any are known."""
    arrival = Arrival("MFG-1", at(8, 21), at(8, 12))
    limit = Ending("Hold time of the shipper", at(8, 19), arrives=arrival)
    course = replace(PLANNED, done=ON_TIME, endings=(limit,), gone=frozenset({"receipt"}))
    assert forecast(course, FRESH_PATH, at(8, 12)).standing is Standing.ON_TRACK
    told = forecast(course, FRESH_PATH, at(8, 13))
    assert (told.standing, told.limit_at) == (Standing.BREACH, at(8, 19))
    assert told.reason == (
        "Hold time of the shipper ends Tue 8 Dec 19:00, and the carrier is expected at MFG-1 only "
        "Tue 8 Dec 21:00."
    )
    unplanned = RecordedCourse(is_running=True, has_begun=True, endings=(limit,))
    assert "ends Tue 8 Dec 19:00Z, and" in forecast(unplanned, None, at(8, 13)).reason
    over = forecast(course, FRESH_PATH, at(8, 20))
    assert over.reason == "Hold time of the shipper ended 1:00 h ago."


def test_what_is_overdue_on_a_friday_is_a_breach_before_the_limit_has_passed() -> None:
    """The limit ends on Saturday; nothing can start before Monday, so it is said on Friday evening."""
    course = replace(PLANNED, booked=WEDNESDAY, done=done(collection=at(9, 13)), gone=frozenset({"receipt"}))
    assert forecast(course, FRESH_PATH, at(11, 12)).standing is Standing.LATE
    evening = forecast(course, FRESH_PATH, at(11, 17))
    assert evening.standing is Standing.BREACH
    assert (
        "ends Sat 12 Dec 13:00, and start of manufacturing is projected for Mon 14 Dec 08:00"
        in evening.reason
    )


def test_logistics_t4_silence_is_a_stall() -> None:
    """Nothing for three days and nothing booked; to the minute."""
    silent = RecordedCourse(is_running=True, has_begun=True, stalled_at=at(10))
    assert forecast(silent, FROZEN_PATH, at(10) - timedelta(minutes=1)).standing is Standing.ON_TRACK
    assert forecast(silent, FROZEN_PATH, at(10)).standing is Standing.STALLED


def test_logistics_t8_a_time_on_the_night_when_the_clocks_are_put_forward() -> None:
    """01:50 EST and 40 minutes on it is 03:30 EDT: told so before and after, and late not an hour early."""
    zone = ZoneInfo("America/New_York")
    ny = replace(
        CHAIR, offset=lambda moment: moment.astimezone(zone).utcoffset() or timedelta(), hours=DOCK.hours
    )
    path = Pathway(
        (Milestone("start", "Start", (replace(ny, why_closed=lambda _: None, per_weekday=None),)),)
    )
    due = datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    course = RecordedCourse(
        is_running=True, has_begun=True, booked={"start": slot("start", CHAIR.code, due)},
        recorded=frozenset({"start"}), begun_by=frozenset({"start"}),
    )  # fmt: skip
    for minute in (49, 50, 59):
        before = forecast(course, path, datetime(2026, 3, 8, 6, minute, tzinfo=UTC))
        assert (before.standing, before.reason) == (Standing.ON_TRACK, "Next is start, Sun 8 Mar 03:30.")
    assert forecast(course, path, due).standing is Standing.ON_TRACK
    late = forecast(course, path, due + timedelta(minutes=40))
    assert late.reason == "Start was due Sun 8 Mar 03:30, 0:40 h ago."


def test_a_day_that_was_closed_after_it_was_booked() -> None:
    """It is projected for the next day on which it is open, and what comes after it follows."""

    def closed(day: date) -> str | None:
        return "stocktaking" if day == date(2026, 12, 9) else START.why_closed(day)

    shut = replace(START, why_closed=closed)
    path = _with(FROZEN_PATH, shut)
    found = forecast(replace(PLANNED, done=ON_TIME, gone=frozenset({"receipt"})), path, at(8, 12))
    assert found.standing is Standing.AT_RISK
    assert found.reason == (
        "Start of manufacturing is projected for Thu 10 Dec 08:00, promised for Wed 9 Dec 08:00: "
        "manufacturing start: stocktaking on Wed 9 Dec."
    )


def _with(path: Pathway, other: Resource) -> Pathway:
    """The same with one resource as it is now."""
    return Pathway(
        tuple(
            replace(
                one, resources=tuple(other if each.code == other.code else each for each in one.resources)
            )
            for one in path.milestones
        ),
        path.gaps,
    )


def test_what_is_done_is_told_as_it_was_and_what_is_late_is_carried_on() -> None:
    """The actual time stands; a release of which the carrier is missed moves what follows."""
    times = done(collection=at(7, 13), receipt=at(8, 16), start=at(9, 9), release=at(23, 17))
    found = {one.name: one for one in project(replace(PLANNED, done=times), FROZEN_PATH, at(23, 18))}
    assert [name for name, one in found.items() if one.is_done] == [
        "collection",
        "receipt",
        "start",
        "release",
    ]
    assert found["start"].start == at(9, 9) and not found["start"].is_later
    # Ready at 18:00, an hour after the carrier of the 23rd: the next ones drive on the 24th.
    assert found["delivery"].start == at(25, 17) and found["delivery"].is_later
    assert found["lymphodepletion"].start == at(25, 18) and not found["lymphodepletion"].is_later


@pytest.mark.parametrize(
    ("course", "path", "told"),
    [
        (replace(PLANNED, booked={"washing": slot("washing", "MFG-9/X", at(8))}), FROZEN_PATH,
         "Infusion was promised for Wed 30 Dec 18:00, and nothing is booked for it."),
        (PLANNED, None, "No limit runs."),
        (PLANNED, Pathway(tuple(replace(one, resources=()) for one in FROZEN_PATH.milestones)),
         "Next is collection, Mon 7 Dec 08:00Z."),
        (replace(PLANNED, done=done(collection=at(20), receipt=at(21))), FROZEN_PATH, None),
        (PLANNED, Pathway(()), "Nothing is booked, and no limit runs."),
    ],
)  # fmt: skip
def test_a_superseded_plan_no_milestones_no_resources_and_a_clock_set_back(
    course: RecordedCourse, path: Pathway | None, told: str | None
) -> None:
    """What the protocol no longer has is left out; each therapy still has a state and a sentence."""
    found = forecast(course, path, at(6))
    assert found.reason.endswith(".")
    assert told in (None, found.reason)


def test_later_is_never_better() -> None:
    """As time goes on without anything recorded, no projection gets earlier and no state less urgent."""
    course = replace(PLANNED, done=ON_TIME, stalled_at=at(14), endings=(Ending("Hold time", at(12)),))
    ranks, starts = [], []
    for hours in range(0, 24 * 12, 5):
        now = at(7, 14) + hours * HOUR
        found = forecast(course, FRESH_PATH, now)
        ranks.append(list(Standing).index(found.standing))
        starts.append([one.start for one in found.milestones])
    assert ranks == sorted(ranks, reverse=True)
    assert all(a <= b for first, later in pairwise(starts) for a, b in zip(first, later, strict=True))
    assert starts[-1][1] > at(8, 17) + 2 * DAY


@pytest.mark.parametrize(
    ("left", "arrives", "standing"),
    [
        (at(7, 14), at(8, 14), Standing.ON_TRACK),
        (at(7, 17), at(8, 17), Standing.ON_TRACK),
        (at(7, 19), at(8, 19), Standing.AT_RISK),
        (at(5, 10), at(7, 20), Standing.AT_RISK),
    ],
)
def test_what_is_on_its_way_comes_as_its_lane_takes(
    left: datetime, arrives: datetime, standing: Standing
) -> None:
    """Earlier or later than it was booked; what should have come already comes now at the earliest."""
    course = replace(PLANNED, done=ON_TIME, left={"receipt": left})
    found = forecast(course, FRESH_PATH, at(7, 20))
    assert (found.milestones[1].start, found.standing) == (arrives, standing)
    hold = Ending("Hold time of the shipper", at(8, 16), until="receipt")
    kept = forecast(replace(course, endings=(hold,)), FRESH_PATH, at(7, 20))
    assert (kept.standing is Standing.BREACH) is (arrives > hold.at)


@pytest.mark.parametrize("booked", [BOOKED, {}], ids=["booked for later", "never planned"])
def test_a_box_that_takes_longer_than_its_lane_is_at_risk(booked: dict[str, PlannedSlot]) -> None:
    """It was due by what its lane takes: an exception, until it is here or its carrier says when it comes."""
    course = replace(PLANNED, **NEVER, booked=booked, done=ON_TIME, left={"receipt": at(6, 10)})
    found = forecast(course, FRESH_PATH, at(7, 13))
    assert (found.standing, found.reason, found.about) == (
        Standing.AT_RISK,
        "The box for receipt was due Mon 7 Dec 10:00 as its lane takes, 3:00 h ago.",
        "receipt",
    )
    for changes in ({"eta": {"receipt": at(7, 20)}}, {"done": {**ON_TIME, **done(receipt=at(7, 12))}}):
        assert forecast(replace(course, **changes), FRESH_PATH, at(7, 13)).standing is not Standing.AT_RISK
    assert forecast(course, FRESH_PATH, at(7, 10)).standing is Standing.ON_TRACK
