"""When a therapy can be: the earliest chain that fits, collected as late as that allows, and why not then."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import pairwise
from typing import Final

import pytest
from msgspec.structs import replace

from tests.bench.planning_network import FEW_BEDS, Network, each_week, first_come
from tracker.planning.calendar import Lane, Resource, day_at, instant_at
from tracker.planning.chain import LongestGap, Milestone, Pathway, PlannedSlot, Taken, Weight
from tracker.planning.moving import Consequences, Move, NoMove, consequences, why_not
from tracker.planning.obstacles import Blocker, in_short
from tracker.planning.planner import PlanProposal, Unplaced, Wish, propose, propose_each, right_shift

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
NOW: Final = datetime(2026, 12, 4, 12, tzinfo=UTC)
MONDAY: Final = date(2026, 12, 7)
TUESDAY: Final = date(2026, 12, 8)
ALL_WEEK: Final = (2, 2, 2, 2, 2, 0, 0)


def utc(_: datetime) -> timedelta:
    return timedelta()


def test_the_day_of_a_moment_is_that_of_the_site_by_whichever_clocks_it_was_given() -> None:
    """02:30 in New York given as such, and as 06:30 UTC, is the same day there."""
    there = timezone(timedelta(hours=-4))
    for moment in (datetime(2027, 3, 17, 2, 30, tzinfo=there), datetime(2027, 3, 17, 6, 30, tzinfo=UTC)):
        assert day_at(lambda _: timedelta(hours=-4), moment) == date(2027, 3, 17)


def test_a_closure_is_said_on_a_day_on_which_nothing_begins_anyway() -> None:
    """It can be lifted; the weekday alone is said where nobody closed it."""
    sunday, next_sunday = date(2026, 12, 20), date(2026, 12, 27)
    chair = Resource("C/CHAIR", "Chairs", utc, lambda day: "Repair" if day == sunday else None, ALL_WEEK)
    assert chair.why_not_on(sunday) == "Repair"
    assert chair.why_not_on(next_sunday) == "closed on Sundays"


def open_always(_: date) -> str | None:
    return None


def weekdays(day: date) -> str | None:
    return f"not open on {day:%A}" if day.weekday() > 4 else None


def at(day: int, hour: int = 8) -> datetime:
    """A time in December 2026, or in January 2027 from 32 on."""
    return datetime(2026, 12, 1, hour, tzinfo=UTC) + (day - 1) * DAY


CHAIR: Final = Resource("COLL-A/CHAIR", "COLL-A chair", utc, weekdays, ALL_WEEK, hours=(time(8), time(15)))
DOCK: Final = Resource("MFG-1", "MFG-1", utc, weekdays)
START: Final = Resource(
    "MFG-1/START", "manufacturing start", utc, weekdays, (1, 1, 1, 1, 1, 0, 0), hours=(time(8), time(16))
)
WARD: Final = Resource("TREAT-A", "TREAT-A", utc, open_always)
BED: Final = Resource(
    *("TREAT-A/BED", "TREAT-A bed", utc, open_always, (1,) * 7),
    concurrent=1,
    occupies=14 * DAY,
    hours=(time(0), time(23, 59)),
)
COURIER: Final = Lane(
    "L1", "Polar Courier", "COLL-A", "MFG-1", DAY, time(17), frozenset(range(5)), utc, weekdays
)

COLLECTION: Final = Milestone("collection", "Collection", (CHAIR,), lasts=5 * HOUR)
RECEIPT: Final = Milestone("receipt", "Receipt", (DOCK,), "collection", HOUR, lanes=(COURIER,))
START_MADE: Final = Milestone("start", "Start of manufacturing", (START,), "receipt")
RELEASE: Final = Milestone("release", "Release", (DOCK,), "start", 10 * DAY, 14 * DAY)
DELIVERY: Final = Milestone("delivery", "Delivery", (WARD,), "release", HOUR, lanes=(COURIER,))
LYMPHODEPLETION: Final = Milestone("lymphodepletion", "Lymphodepletion", (WARD,), "delivery", HOUR, DAY)
INFUSION: Final = Milestone("infusion", "Infusion", (BED,), "lymphodepletion", 2 * DAY, 5 * DAY)
FRESH: Final = LongestGap("Collection to start of manufacturing", "collection", "start", 72 * HOUR)
DEPLETED: Final = LongestGap("Lymphodepletion to infusion", "lymphodepletion", "infusion", 14 * DAY)
WHOLE: Final = (COLLECTION, RECEIPT, START_MADE, RELEASE, DELIVERY, LYMPHODEPLETION, INFUSION)
FROZEN_PATH: Final = Pathway(WHOLE, (DEPLETED,))
FRESH_PATH: Final = Pathway(WHOLE, (FRESH, DEPLETED))


def proposed(wish: Wish, taken: Taken | None = None) -> PlanProposal:
    found = propose(wish, taken or Taken(), NOW)
    assert isinstance(found, PlanProposal)
    return found


def sentences(found: PlanProposal | Unplaced | Consequences | NoMove) -> list[str]:
    return [one.sentence for one in found.obstacles]


def full(resource: Resource, *starts: datetime) -> Taken:
    taken = Taken()
    for start in starts:
        taken.book(resource, start)
    return taken


class TestPropose:
    def test_what_waits_for_an_open_day_keeps_its_hour(self) -> None:
        """A plant that says its open days and no hours: Sunday 08:00 becomes Monday 08:00."""
        release = replace(RELEASE, typical=12 * DAY)
        pathway = Pathway((replace(START_MADE, after=None), replace(release, after="start")))
        wish = Wish(pathway, MONDAY)
        found = proposed(wish)
        assert [slot.start for slot in found.slots.values()] == [at(9), at(21)]
        moved = consequences(wish, found.slots, Move("start", at(8)), Taken(), NOW)
        assert isinstance(moved, Consequences)
        assert [one.after.start for one in moved.changes] == [at(8), at(21)]

    def test_logistics_p1_the_next_day_where_both_chairs_are_booked(self) -> None:
        """Both places of Tuesday are gone: Wednesday, and the reason is said."""
        wish = Wish(Pathway((COLLECTION,)), TUESDAY)
        found = proposed(wish, full(CHAIR, at(8), at(8, 9)))
        assert found.slots["collection"].start == at(9)
        assert sentences(found) == ["COLL-A chair full Tue 8 Dec"]
        assert found.obstacles[0].blocker is Blocker.FULL

    def test_logistics_p3_fresh_material_is_collected_so_that_its_start_is_within_its_limit(self) -> None:
        """Collected on Wednesday it would start on Monday, 115 h on: it is collected when that is not so."""
        found = proposed(Wish(FRESH_PATH, date(2026, 12, 9)), full(START, at(11)))
        collected, started = found.slots["collection"], found.slots["start"]
        assert (collected.start, started.start) == (at(14), at(16))
        told = sentences(found)
        assert told[0] == "manufacturing start full Fri 11 Dec"
        assert (
            "Collection to start of manufacturing: Wed 9 Dec to Mon 14 Dec is 4 d 19 h, at most 3 d" in told
        )

    @pytest.mark.parametrize("first_taken", range(7, 12))
    def test_logistics_p3_never_collected_before_a_weekend_that_takes_too_long(
        self, first_taken: int
    ) -> None:
        """Whichever start is taken, no chain lets more than the limit pass."""
        for ready in range(7, 15):
            wish = Wish(FRESH_PATH, date(2026, 12, ready))
            found = proposed(wish, full(START, at(first_taken)))
            for chain in (found.earliest, found.slots):
                assert chain["start"].start - chain["collection"].end <= 72 * HOUR
                assert not why_not(wish, chain, full(START, at(first_taken)), NOW)

    def test_logistics_p9_collected_later_where_the_bed_is_late_and_the_infusion_stays(self) -> None:
        """The bed is free from 21 January: the infusion stays, the frozen cells are collected weeks later."""
        taken = full(BED, *(at(day, 9) for day in (21, 37)))
        found = proposed(Wish(FROZEN_PATH, MONDAY), taken)
        infusion = found.slots["infusion"].start
        assert infusion == found.earliest["infusion"].start == at(52, 0)
        assert (found.earliest["collection"].start, found.slots["collection"].start) == (at(7), at(28))
        assert "TREAT-A bed full" in " ".join(sentences(found))

    def test_a_chain_is_never_before_the_ready_day_and_in_order(self) -> None:
        """Each milestone leaves after the one before it has ended, by what is typical between them."""
        found = proposed(Wish(FROZEN_PATH, TUESDAY))
        slots = list(found.slots.values())
        assert slots[0].start >= at(8, 0)
        for before, slot, milestone in zip(slots, slots[1:], WHOLE[1:], strict=False):
            assert slot.leaves >= before.end + milestone.lag
        assert [slot.name for slot in slots] == [one.name for one in WHOLE]

    def test_places_are_booked_as_long_before_as_the_resource_asks(self) -> None:
        """A chair that wants to know three days ahead is not proposed for tomorrow."""
        chair = replace(CHAIR, notice=3 * DAY)
        wish = Wish(Pathway((replace(COLLECTION, resources=(chair,)),)), date(2026, 12, 5))
        assert proposed(wish).slots["collection"].start == at(7, 12)

    def test_the_other_chair_where_the_first_is_taken_longer(self) -> None:
        """Of several resources the one with the earliest place."""
        other = replace(CHAIR, code="COLL-A/CHAIR-2", title="COLL-A chair 2")
        wish = Wish(Pathway((replace(COLLECTION, resources=(CHAIR, other)),)), TUESDAY)
        found = proposed(wish, full(CHAIR, at(8), at(8)))
        assert (found.slots["collection"].resource, found.slots["collection"].start) == (other.code, at(8))

    def test_what_is_done_stays_where_it_was(self) -> None:
        """A collected patient is planned from the collection on; nothing is moved that has happened."""
        done = {"collection": PlannedSlot("collection", CHAIR.code, at(3), at(3, 13))}
        found = proposed(Wish(FROZEN_PATH, date(2026, 12, 1), done=done))
        assert found.slots["collection"] == done["collection"]
        assert found.slots["receipt"].departs == at(7, 17)

    def test_fresh_cells_that_cannot_start_in_time_have_no_chain(self) -> None:
        """What is collected cannot be collected later: it is said that the limit passes."""
        done = {"collection": PlannedSlot("collection", CHAIR.code, at(3), at(3, 13))}
        found = propose(Wish(FRESH_PATH, date(2026, 12, 1), done=done), Taken(), NOW)
        assert isinstance(found, Unplaced)
        assert any(one.blocker is Blocker.LIMIT for one in found.obstacles)

    def test_nothing_within_the_horizon_is_said(self) -> None:
        """A resource without any place gives no chain, and says so instead of looking for ever."""
        wish = Wish(
            Pathway((replace(COLLECTION, resources=(replace(CHAIR, per_weekday=(0,) * 7),)),)), TUESDAY
        )
        found = propose(wish, Taken(), NOW)
        assert isinstance(found, Unplaced)
        assert found.obstacles[0].blocker is Blocker.CLOSED

    def test_a_local_time_that_was_skipped_or_shown_twice_is_one_moment(self) -> None:
        """The calendar of New York in 2026, whose clocks were set on 8 March and 1 November."""

        def new_york(moment: datetime) -> timedelta:
            summer = datetime(2026, 3, 8, 7, tzinfo=UTC) <= moment < datetime(2026, 11, 1, 6, tzinfo=UTC)
            return timedelta(hours=-4 if summer else -5)

        for month, day, clock, utc_hour in ((3, 8, time(8), 12), (3, 7, time(8), 13), (11, 1, time(8), 13)):
            moment = instant_at(new_york, date(2026, month, day), clock)
            assert moment == datetime(2026, month, day, utc_hour, tzinfo=UTC)
        assert instant_at(new_york, date(2026, 3, 8), time(2, 30)) in (
            datetime(2026, 3, 8, 6, 30, tzinfo=UTC), datetime(2026, 3, 8, 7, 30, tzinfo=UTC),
        )  # fmt: skip


class TestRightShift:
    def test_it_stops_at_the_limit_of_fresh_material(self) -> None:
        """However late the bed is, the start stays within 72 h of the collection."""
        found = proposed(Wish(FRESH_PATH, MONDAY), full(BED, at(21, 9), at(37, 9)))
        assert found.slots["collection"].start > found.earliest["collection"].start
        assert found.slots["start"].start - found.slots["collection"].end <= 72 * HOUR

    def test_a_chain_that_is_tight_stays(self) -> None:
        """Shifting what was shifted changes nothing."""
        wish = Wish(FROZEN_PATH, MONDAY)
        found = proposed(wish)
        assert right_shift(wish, found.slots, Taken(), NOW) == found.slots


class TestMove:
    def test_what_follows_goes_later_and_its_places_are_freed(self) -> None:
        """Two days later with an infection: every milestone is listed, and each that had to go says where."""
        wish = Wish(FROZEN_PATH, MONDAY)
        standing = proposed(wish).slots
        taken = Taken()
        taken.book_chain(FROZEN_PATH, standing.values())
        found = consequences(
            wish, standing, Move("collection", standing["collection"].start + 2 * DAY), taken, NOW
        )
        assert isinstance(found, Consequences)
        assert [one.after.name for one in found.changes] == [one.name for one in WHOLE]
        assert all(one.after.start >= one.before.start for one in found.moved)
        after = {one.after.name: one.after for one in found.changes}
        assert after["collection"].start == standing["collection"].start + 2 * DAY
        assert not why_not(wish, after, Taken(), NOW)

    def test_what_follows_stays_where_it_can(self) -> None:
        """The day between is slack: only the moved milestone moves."""
        wish = Wish(FROZEN_PATH, MONDAY)
        standing = proposed(wish, full(BED, at(21, 9), at(37, 9))).earliest
        found = consequences(wish, standing, Move("collection", at(8)), Taken(), NOW)
        assert isinstance(found, Consequences)
        unmoved = {one.after.name for one in found.changes} - {one.after.name for one in found.moved}
        assert "infusion" in unmoved

    def test_what_comes_before_follows_where_a_limit_asks_it(self) -> None:
        """A fresh start that goes two days on takes its collection along."""
        wish = Wish(FRESH_PATH, MONDAY)
        standing = proposed(wish).slots
        start = standing["start"].start + 2 * DAY
        found = consequences(wish, standing, Move("start", start), Taken(), NOW)
        assert isinstance(found, Consequences)
        moved = {one.after.name: one.after for one in found.moved}
        assert moved["start"].start - moved["collection"].end <= 72 * HOUR

    def test_logistics_p5_lymphodepletion_comes_after_the_product(self) -> None:
        """Released 19 January, delivered on the 21st: on the 14th nobody depletes, and 24 January is said."""
        done = {
            "collection": PlannedSlot("collection", CHAIR.code, at(21), at(21, 13)),
            "receipt": PlannedSlot("receipt", DOCK.code, at(22, 17), at(22, 17)),
            "start": PlannedSlot("start", START.code, at(23), at(23)),
            "release": PlannedSlot("release", DOCK.code, at(50), at(50)),
            "delivery": PlannedSlot("delivery", WARD.code, at(52, 7), at(52, 7), None, at(51, 7)),
        }
        milestones = (*WHOLE[:5], LYMPHODEPLETION, replace(INFUSION, typical=2 * DAY))
        wish = Wish(Pathway(milestones, (DEPLETED,)), MONDAY, done=done)
        standing = proposed(wish).slots
        found = consequences(wish, standing, Move("lymphodepletion", at(45)), Taken(), NOW)
        assert isinstance(found, NoMove)
        assert sentences(found) == ["Lymphodepletion comes after delivery (Thu 21 Jan)"]
        assert found.first["lymphodepletion"].start.date() == date(2027, 1, 22)
        assert found.first["infusion"].start.date() == date(2027, 1, 24)

    def test_a_full_or_closed_day_is_refused_with_its_reason(self) -> None:
        """Not the day is changed silently: what was asked for cannot be, and why."""
        wish = Wish(Pathway((COLLECTION,)), MONDAY)
        standing = proposed(wish).slots
        for start, said in (
            (at(8), "COLL-A chair full Tue 8 Dec"),
            (at(12), "COLL-A chair: not open on Saturday, Sat 12 Dec"),
            (at(9, 5), "COLL-A chair begins from 08:00 to 15:00, Wed 9 Dec"),
        ):
            found = consequences(wish, standing, Move("collection", start), full(CHAIR, at(8), at(8)), NOW)
            assert isinstance(found, NoMove)
            assert sentences(found) == [said]

    def test_a_stay_names_the_day_that_is_full(self) -> None:
        """The bed is free on Monday and taken from the 21st on: 14 days from Monday meet that."""
        wish = Wish(Pathway((replace(INFUSION, after=None),)), MONDAY)
        standing = proposed(wish).slots
        found = consequences(wish, standing, Move("infusion", at(8, 0)), full(BED, at(21)), NOW)
        assert isinstance(found, NoMove)
        assert sentences(found) == ["TREAT-A bed full within the 14 days it takes: Mon 21 Dec"]

    def test_a_place_of_another_site_is_named(self) -> None:
        """It is not there already: it can never be there."""
        wish = Wish(Pathway((COLLECTION,)), MONDAY)
        move = Move("collection", at(9), "COLL-B/CHAIR")
        found = consequences(wish, proposed(wish).slots, move, Taken(), NOW)
        assert isinstance(found, NoMove)
        assert sentences(found) == ["COLL-B/CHAIR is no place for collection"]

    def test_a_year_of_obstacles_is_told_in_one_line(self) -> None:
        """The first four, and how many there are besides."""
        assert in_short([f"closed {day}" for day in range(50)]).endswith("closed 3; and 46 more")
        assert in_short(["full Tue 8 Dec"]) == "full Tue 8 Dec"


class TestWhyNot:
    def test_each_thing_that_speaks_against_a_chain(self) -> None:
        """Before the ready day, in no place of its own, and later than a limit."""
        wish = Wish(FRESH_PATH, TUESDAY)
        good = proposed(wish).slots
        early = {**good, "collection": replace(good["collection"], start=at(7), end=at(7, 13))}
        elsewhere = {**good, "start": replace(good["start"], resource="MFG-2/START")}
        late = {**good, "start": replace(good["start"], start=at(21), end=at(21))}
        for chain, blockers in (
            (good, set()),
            (early, {Blocker.NOT_READY}),
            (elsewhere, {Blocker.NO_PLACE}),
            (late, {Blocker.LIMIT, Blocker.ORDER}),
        ):
            found = {one.blocker for one in why_not(wish, chain, Taken(), NOW)}
            assert found & {Blocker.NOT_READY, Blocker.NO_PLACE, Blocker.LIMIT} == blockers - {Blocker.ORDER}

    def test_a_chain_without_one_of_its_milestones_is_no_chain(self) -> None:
        """What is left out is named."""
        wish = Wish(FROZEN_PATH, MONDAY)
        chain = dict(proposed(wish).slots)
        del chain["delivery"]
        assert [one.sentence for one in why_not(wish, chain, Taken(), NOW)] == [
            "Delivery is not in the chain"
        ]


class TestMany:
    @pytest.mark.parametrize("seed", [1, 2])
    def test_logistics_p6_all_have_a_place_and_wait_less_than_first_come(self, seed: int) -> None:
        """All 200 with beds short: no longer wait than first come, and a shorter time from vein to vein."""
        arrivals = Network(FEW_BEDS).arrivals(seed)
        first, ours = first_come(arrivals), each_week(arrivals)
        assert (first.placed, ours.placed) == (200, 200)
        assert ours.wait <= 0.98 * first.wait
        assert ours.vein_to_vein <= 0.8 * first.vein_to_vein

    def test_logistics_p7_what_others_booked_is_looked_up_and_not_gone_through(self) -> None:
        """10,000 booked chains change a proposal only where they fill a day, and each day is met once."""
        taken = Taken()
        roomy = replace(CHAIR, per_weekday=(5000,) * 5 + (0, 0))
        pathway = Pathway((replace(COLLECTION, resources=(roomy,)),))
        for number in range(10_000):
            taken.book(roomy, at(8 + number % 2))
        found = propose(Wish(pathway, TUESDAY), taken, NOW)
        assert isinstance(found, PlanProposal)
        assert found.slots["collection"].start == at(10)
        assert sentences(found) == ["COLL-A chair full Tue 8 Dec to Wed 9 Dec"]

    def test_the_most_pressing_of_several_takes_the_last_place(self) -> None:
        """One bed: who weighs most is infused first, whoever asked first."""
        wishes = [Wish(FROZEN_PATH, MONDAY, weight) for weight in (Weight.ROUTINE, Weight.CRITICAL)]
        planned = propose_each(wishes, Taken(), NOW)
        found = {wish.weight: one for wish, one in planned if isinstance(one, PlanProposal)}
        assert found[Weight.CRITICAL].slots["infusion"].start < found[Weight.ROUTINE].slots["infusion"].start
        days = sorted(one.slots["infusion"].start for one in found.values())
        assert all(later - sooner >= 14 * DAY for sooner, later in pairwise(days))

    def test_places_that_are_given_back_are_free(self) -> None:
        """Booked and given back, a chain leaves nothing behind."""
        taken = Taken()
        slots = proposed(Wish(FROZEN_PATH, MONDAY)).slots.values()
        taken.book_chain(FROZEN_PATH, slots)
        assert taken.full_day(BED, next(slot.start for slot in slots if slot.name == "infusion")) is not None
        taken.book_chain(FROZEN_PATH, slots, -1)
        assert not any(count for days in taken.held.values() for count in days.values())
