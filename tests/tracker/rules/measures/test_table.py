"""Every measure over a few therapies that are written out, with values computed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

import pytest

from schema.vocabulary import Material, Reason
from tests.support.places import ROOT
from tracker.rules.measures.drawn import DayOffer, Drawn, Grouping, Outcome, Population, ways_once
from tracker.rules.measures.history import (
    GivenBack,
    Happening,
    History,
    HistoryStep,
    Judgment,
    MadeVerdict,
    Moment,
    TakenPlace,
    Way,
)
from tracker.rules.measures.table import MEASURES, MeasureName, MeasureUnit

HOURS: Final = {"WARD": -5, "LAB": 1, "PLANT": 1}
"""How far the clocks of each site are ahead of UTC; in tests these are the same all year."""


def at(month: int, day: int, hour: int = 12, minute: int = 0, year: int = 2026) -> datetime:
    """A time in UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def moment(
    month: int, day: int, hour: int = 12, minute: int = 0, *, year: int = 2026, **marks: bool
) -> Moment:
    return Moment(at(month, day, hour, minute, year), 7, **marks)


def day_of(site: str, when: datetime) -> date:
    return when.astimezone(timezone(timedelta(hours=HOURS[site]))).date()


def history(**values: object) -> History:
    """A therapy collected at LAB, made at PLANT and given at WARD."""
    base = History("cryo", "LAB", "PLANT", "WARD")
    from msgspec.structs import replace

    return replace(base, **values)


def way(shipment: str, materials: tuple[Material, ...], **values: object) -> Way:
    found = {"carrier": "POLAR", "from_site": "LAB", "to_site": "PLANT", "packed": moment(1, 11, 8), **values}
    return Way(shipment=shipment, materials=materials, **found)  # type: ignore[arg-type]


def population(
    *histories: History, now: datetime | None = None, offers: tuple[DayOffer, ...] = ()
) -> Population:
    named = {f"T{number}": one for number, one in enumerate(histories, start=1)}
    return Population(named, ways_once(histories), offers, day_of, now or at(6, 1))


STARTING, PRODUCT = (Material.LEUKAPHERESIS,), (Material.PRODUCT,)

WHOLE: Final = history(
    ready_from="2026-01-05",
    promised_first="2026-02-10",
    promised_last="2026-02-12",
    steps={
        HistoryStep.ENROLLED: (moment(1, 2),),
        HistoryStep.COLLECTED: (moment(1, 10),),
        HistoryStep.FROZEN: (moment(1, 10, 15, 30),),
        HistoryStep.MAKING_STARTED: (moment(1, 14),),
        HistoryStep.MADE: (moment(1, 26),),
        HistoryStep.INFUSION_STARTED: (moment(2, 12, 2),),
        HistoryStep.CLOSED: (moment(2, 12, 9),),
    },
    judgments=(Judgment(1, MadeVerdict.RELEASED, moment(2, 2)),),
    ways=(
        way(
            "S1",
            STARTING,
            taken=moment(1, 11, 10),
            arrived=moment(1, 12, 10),
            arrived_site="PLANT",
            due_at=at(1, 12, 12),
            is_read=True,
            was_outside=True,
        ),
        way(
            "S2",
            PRODUCT,
            from_site="PLANT",
            to_site="WARD",
            packed=moment(2, 3),
            taken=moment(2, 4, 6),
            arrived=moment(2, 5, 12),
            arrived_site="WARD",
            due_at=at(2, 5, 10),
        ),
    ),
    given_back=(
        GivenBack("LAB/CHAIR", at(1, 8), moment(1, 4), Reason.INFECTION),
        GivenBack("LAB/CHAIR", at(1, 9), moment(1, 7), Reason.INFECTION),
    ),
    moves=(Happening(moment(1, 4), "LAB", "infection"),),
    mixups=(Happening(moment(2, 12, 1), "WARD", "bedside_matched"),),
    places=(TakenPlace("collection", "LAB/CHAIR", "2026-01-10", "2026-01-10"),),
)
"""One therapy from its order to its end, infused at 02:00 UTC on 12 February: the 11th at the ward."""

OFFERS: Final = (
    DayOffer("LAB/CHAIR", date(2026, 1, 10), 2, 1),
    DayOffer("LAB/CHAIR", date(2026, 1, 12), 2, 0),
)

ONE_DAY: Final = 24 * 3_600_000

EXPECTED: Final[Mapping[MeasureName, list[tuple[str, str, int, int]]]] = {
    # What it is of, at which site, the value, of how many.
    MeasureName.READY_TO_VEIN: [("T1", "WARD", 37 * ONE_DAY, 1)],
    MeasureName.VEIN_TO_VEIN: [("T1", "WARD", 32 * ONE_DAY + 14 * 3_600_000, 1)],
    MeasureName.TURNAROUND: [("T1", "PLANT", 23 * ONE_DAY, 1)],
    MeasureName.ORDER_TO_COLLECTION: [("T1", "LAB", 8 * ONE_DAY, 1)],
    MeasureName.FREEZING: [("T1", "LAB", 12_600_000, 1)],
    MeasureName.WAY_TO_PLANT: [("S1", "PLANT", ONE_DAY, 1)],
    MeasureName.WAITING_AT_PLANT: [("T1", "PLANT", 2 * ONE_DAY + 7_200_000, 1)],
    MeasureName.MAKING: [("T1", "PLANT", 12 * ONE_DAY, 1)],
    MeasureName.TESTING: [("T1", "PLANT", 7 * ONE_DAY, 1)],
    MeasureName.WAY_TO_WARD: [("S2", "WARD", ONE_DAY + 6 * 3_600_000, 1)],
    MeasureName.WAITING_AT_WARD: [("T1", "WARD", 6 * ONE_DAY + 14 * 3_600_000, 1)],
    MeasureName.FIRST_PROMISE_KEPT: [("T1", "WARD", 0, 1)],
    MeasureName.LAST_PROMISE_KEPT: [("T1", "WARD", 1, 1)],
    MeasureName.DELIVERED_ON_TIME: [("S1", "PLANT", 1, 1), ("S2", "WARD", 0, 1)],
    MeasureName.EXCURSIONS: [("S1", "PLANT", 1, 1)],
    MeasureName.UNKNOWN_TEMPERATURE: [("S1", "PLANT", 0, 1)],
    MeasureName.OUT_OF_SPECIFICATION: [("T1", "PLANT", 0, 1)],
    MeasureName.FAILED: [("T1", "PLANT", 0, 1)],
    MeasureName.PLACES_USED: [("LAB/CHAIR", "LAB", 1, 2), ("LAB/CHAIR", "LAB", 0, 2)],
    MeasureName.GIVEN_BACK_LATE: [("T1", "LAB", 0, 1), ("T1", "LAB", 1, 1)],
    MeasureName.RESCHEDULES: [("T1", "LAB", 1, 1)],
    MeasureName.MIXUPS_PREVENTED: [("T1", "WARD", 1, 1)],
}


def drawn(name: MeasureName, *histories: History, now: datetime | None = None) -> list[Drawn]:
    return [*MEASURES[name].draw(population(*histories, now=now))]


def told(name: MeasureName, *histories: History, now: datetime | None = None) -> list[tuple[str, int]]:
    """Each outcome, with the value where it is counted."""
    found = drawn(name, *histories, now=now)
    return [(one.outcome.value, one.value if one.outcome is Outcome.COUNTED else 0) for one in found]


class TestTheTable:
    def test_every_measure_has_a_row_and_a_value_here(self) -> None:
        """None can be added without its row, and none without a value that somebody computed."""
        assert [*MEASURES] == [*MeasureName] == [*EXPECTED]

    @pytest.mark.parametrize("name", MeasureName)
    def test_what_it_draws_from_one_therapy(self, name: MeasureName) -> None:
        """The values of the therapy above."""
        found = [*MEASURES[name].draw(population(WHOLE, offers=OFFERS))]
        counted = [
            (one.about, one.site, one.value, one.of) for one in found if one.outcome is Outcome.COUNTED
        ]
        assert counted == EXPECTED[name]

    @pytest.mark.parametrize("name", MeasureName)
    def test_a_row_says_what_it_means(self, name: MeasureName) -> None:
        """A title that a table has room for, a sentence, a source, and by what it is grouped."""
        row = MEASURES[name]
        assert 4 < len(row.title) <= 22
        assert row.definition.endswith(".") and row.source and not row.source.endswith(".")
        assert {Grouping.SITE, Grouping.MONTH} <= {*row.groupings}
        assert row.is_time == (row.unit in (MeasureUnit.DAYS, MeasureUnit.HOURS))

    @pytest.mark.parametrize("name", MeasureName)
    def test_the_guide_says_the_same(self, name: MeasureName) -> None:
        """Who reads it there and who reads it on the screen do not measure two things."""
        row, guide = (
            MEASURES[name],
            " ".join((ROOT / "docs" / "guide" / "measures.md").read_text("utf-8").split()),
        )
        by = ", ".join(row.groupings)
        said = f"**{row.title}** ({row.unit.value}; by {by}). {row.definition} Source: {row.source}."
        assert said in guide, said

    @pytest.mark.parametrize("name", MeasureName)
    def test_a_value_says_every_word_it_can_be_grouped_by(self, name: MeasureName) -> None:
        """By carrier, lane, protocol, resource and reason, as its row promises."""
        for one in MEASURES[name].draw(population(WHOLE, offers=OFFERS)):
            asked = {*MEASURES[name].groupings} - {Grouping.SITE, Grouping.MONTH}
            assert asked <= one.words.keys(), (name, one)

    @pytest.mark.parametrize("name", MeasureName)
    def test_nothing_and_a_therapy_that_has_only_begun(self, name: MeasureName) -> None:
        """An empty store has no values, one that was enrolled just now counts nowhere."""
        assert not drawn(name)
        begun = history(steps={HistoryStep.ENROLLED: (moment(5, 30),)})
        assert not [one for one in drawn(name, begun) if one.outcome is Outcome.COUNTED]


COLLECTED = {HistoryStep.ENROLLED: (moment(1, 2),), HistoryStep.COLLECTED: (moment(1, 10),)}


class TestWhatHasNoValue:
    def test_running_is_told_and_not_counted(self) -> None:
        """Collected and not infused: no vein-to-vein time, however long it has been already."""
        running = history(ready_from="2026-01-05", steps=COLLECTED)
        for name in (MeasureName.READY_TO_VEIN, MeasureName.VEIN_TO_VEIN, MeasureName.TURNAROUND):
            assert told(name, running) == [("running", 0)]

    @pytest.mark.parametrize("end", [HistoryStep.CANCELED, HistoryStep.CLOSED])
    def test_canceled_or_closed_without_infusion_is_left_out(self, end: HistoryStep) -> None:
        """By the month in which it ended."""
        over = history(ready_from="2026-01-05", steps={**COLLECTED, end: (moment(2, 1),)})
        for name in (MeasureName.READY_TO_VEIN, MeasureName.VEIN_TO_VEIN):
            (one,) = drawn(name, over)
            assert (one.outcome, one.at) == (Outcome.LEFT_OUT, at(2, 1))

    def test_a_time_that_ends_before_it_begins_is_impossible(self) -> None:
        """A wrong time off paper: it is in no figure, and it is told."""
        wrong = history(steps={**COLLECTED, HistoryStep.INFUSION_STARTED: (moment(1, 9),)})
        assert told(MeasureName.VEIN_TO_VEIN, wrong) == [("impossible", 0)]

    def test_what_is_against_a_rule_or_off_paper_counts_and_is_marked(self) -> None:
        """A value with a mark at either end."""
        steps = {
            HistoryStep.COLLECTED: (moment(1, 10, is_from_paper=True),),
            HistoryStep.INFUSION_STARTED: (moment(2, 10, is_outside=True),),
        }
        (one,) = drawn(MeasureName.VEIN_TO_VEIN, history(steps=steps))
        assert (one.value, one.is_outside, one.is_from_paper) == (31 * ONE_DAY, True, True)

    def test_fresh_starting_material_is_never_frozen(self) -> None:
        """It travelled, so it is not waiting to be frozen."""
        fresh = history(steps=COLLECTED, ways=(way("S1", STARTING, taken=moment(1, 10, 14)),))
        assert told(MeasureName.FREEZING, fresh) == []
        assert told(MeasureName.FREEZING, history(steps=COLLECTED)) == [("running", 0)]


class TestTimes:
    def test_a_second_collection_and_manufacture(self) -> None:
        """Vein to vein counts from the first collection; making and deciding count for each manufacture."""
        twice = history(
            steps={
                HistoryStep.COLLECTED: (moment(1, 10), moment(2, 20)),
                HistoryStep.MAKING_STARTED: (moment(1, 14), moment(2, 23)),
                HistoryStep.MADE: (moment(1, 26), moment(3, 9)),
                HistoryStep.INFUSION_STARTED: (moment(3, 25),),
            },
            judgments=(
                Judgment(1, MadeVerdict.REJECTED, moment(2, 4)),
                Judgment(2, MadeVerdict.RELEASED, moment(3, 16)),
            ),
        )
        assert told(MeasureName.VEIN_TO_VEIN, twice) == [("counted", 74 * ONE_DAY)]
        assert told(MeasureName.TURNAROUND, twice) == [("counted", 65 * ONE_DAY)]
        assert told(MeasureName.MAKING, twice) == [("counted", 12 * ONE_DAY), ("counted", 14 * ONE_DAY)]
        assert told(MeasureName.TESTING, twice) == [("counted", 9 * ONE_DAY), ("counted", 7 * ONE_DAY)]
        assert told(MeasureName.FAILED, twice) == [("counted", 1), ("counted", 0)]

    def test_a_manufacture_that_failed_has_no_time(self) -> None:
        """It ended without a product; the one after it counts."""
        failed = history(
            steps={
                HistoryStep.MAKING_STARTED: (moment(1, 14), moment(2, 1)),
                HistoryStep.MADE: (moment(2, 13),),
            },
            judgments=(Judgment(1, MadeVerdict.FAILED, moment(1, 20)),),
        )
        assert told(MeasureName.MAKING, failed) == [("left_out", 0), ("counted", 12 * ONE_DAY)]
        assert told(MeasureName.FAILED, failed)[0] == ("counted", 1)

    def test_bags_started_one_after_the_other_are_one_manufacture(self) -> None:
        """Two starts with no end between them."""
        bags = history(
            steps={
                HistoryStep.MAKING_STARTED: (moment(1, 14, 9), moment(1, 14, 11)),
                HistoryStep.MADE: (moment(1, 26, 9),),
            }
        )
        assert told(MeasureName.MAKING, bags) == [("counted", 12 * ONE_DAY)]

    def test_over_the_end_of_a_year(self) -> None:
        """By the clock 31 times 24 hours; from the ready day to the day of infusion 36 days."""
        over = history(
            ready_from="2025-12-15",
            steps={
                HistoryStep.COLLECTED: (moment(12, 20, year=2025),),
                HistoryStep.INFUSION_STARTED: (moment(1, 20),),
            },
        )
        assert told(MeasureName.VEIN_TO_VEIN, over) == [("counted", 31 * ONE_DAY)]
        assert told(MeasureName.READY_TO_VEIN, over) == [("counted", 36 * ONE_DAY)]


class TestPromises:
    def kept(self, now: datetime | None = None, **values: object) -> list[tuple[str, int]]:
        return told(MeasureName.FIRST_PROMISE_KEPT, history(promised_first="2026-02-10", **values), now=now)

    def test_the_last_minute_of_the_promised_day_at_the_ward_is_on_time(self) -> None:
        """04:59 UTC on the 11th is 23:59 on the 10th there."""
        steps = {HistoryStep.INFUSION_STARTED: (moment(2, 11, 4, 59),)}
        assert self.kept(steps=steps) == [("counted", 1)]
        assert self.kept(steps={HistoryStep.INFUSION_STARTED: (moment(2, 11, 5),)}) == [("counted", 0)]

    def test_late_is_late_before_it_is_infused(self) -> None:
        """Else only therapies that were infused would be judged, and the worst would never count."""
        assert self.kept(now=at(2, 11, 4)) == [("running", 0)]
        assert self.kept(now=at(2, 11, 5)) == [("counted", 0)]

    def test_a_canceled_therapy_is_left_out(self) -> None:
        assert self.kept(steps={HistoryStep.CANCELED: (moment(2, 20),)}) == [("left_out", 0)]

    def test_stopped_or_out_of_specification_is_not_in_full(self) -> None:
        infused = {HistoryStep.INFUSION_STARTED: (moment(2, 9),)}
        stopped = {**infused, HistoryStep.INFUSION_STOPPED: (moment(2, 9, 13),)}
        oos = (Judgment(1, MadeVerdict.OUT_OF_SPECIFICATION, moment(2, 1)),)
        assert self.kept(steps=infused) == [("counted", 1)]
        assert self.kept(steps=stopped) == [("counted", 0)]
        assert self.kept(steps=infused, judgments=oos) == [("counted", 0)]


class TestShipments:
    def test_two_therapies_in_one_box_are_one_shipment(self) -> None:
        """An excursion of either is the shipment's, and it is counted once."""
        shared = {
            "taken": moment(1, 11, 10),
            "arrived": moment(1, 12, 10),
            "arrived_site": "PLANT",
            "is_read": True,
        }
        one = history(ways=(way("S1", STARTING, **shared, was_outside=True),))
        two = history(ways=(way("S1", STARTING, **shared),))
        assert told(MeasureName.EXCURSIONS, one, two) == [("counted", 1)]
        assert told(MeasureName.WAY_TO_PLANT, one, two) == [("counted", ONE_DAY)]

    def test_it_is_on_its_way_until_all_of_it_arrived(self) -> None:
        """One therapy was taken out at the door, the other is still in the box."""
        one = history(
            ways=(way("S1", STARTING, taken=moment(1, 11), arrived=moment(1, 12), arrived_site="PLANT"),)
        )
        two = history(ways=(way("S1", STARTING, taken=moment(1, 11)),))
        assert told(MeasureName.WAY_TO_PLANT, one, two) == [("running", 0)]

    def test_lost_or_back_at_its_sender_has_no_time_and_is_not_on_time(self) -> None:
        lost = history(ways=(way("S1", STARTING, taken=moment(1, 11), due_at=at(1, 12), is_lost=True),))
        back = history(
            ways=(
                way(
                    *("S2", STARTING),
                    taken=moment(1, 11),
                    arrived=moment(1, 11, 20),
                    arrived_site="LAB",
                    due_at=at(1, 12),
                ),
            )
        )
        for one in (lost, back):
            assert told(MeasureName.WAY_TO_PLANT, one) == [("left_out", 0)]
            assert told(MeasureName.DELIVERED_ON_TIME, one) == [("counted", 0)]

    def test_a_logger_that_was_not_read_says_nothing_good(self) -> None:
        """Shipments without readings are left out: they are no shipments without excursion."""
        sent = history(
            ways=(way("S1", STARTING, taken=moment(1, 11), arrived=moment(1, 12), arrived_site="PLANT"),)
        )
        assert told(MeasureName.EXCURSIONS, sent) == [("left_out", 0)]

    def test_what_nobody_took_over_is_no_shipment_yet(self) -> None:
        """Packed, and unpacked again before a carrier came."""
        packed = history(ways=(way("S1", STARTING),))
        for name in (MeasureName.WAY_TO_PLANT, MeasureName.DELIVERED_ON_TIME, MeasureName.EXCURSIONS):
            assert told(name, packed) == []


class TestPlaces:
    @pytest.mark.parametrize(("hours", "late"), [(72, 0), (71.99, 1), (-3, 1)])
    def test_less_than_72_hours_before_it_begins_is_late(self, hours: float, late: int) -> None:
        """Also what was given back after it should have begun."""
        begins = at(1, 20)
        left = Moment(begins - timedelta(hours=hours), 7)
        one = history(given_back=(GivenBack("LAB/CHAIR", begins, left, None),))
        assert told(MeasureName.GIVEN_BACK_LATE, one) == [("counted", late)]
