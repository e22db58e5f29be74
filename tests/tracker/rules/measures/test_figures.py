"""Median and quartiles as a spreadsheet has them, how few are told, what period and site leave."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from schema.errors import InputError
from tests.tracker.rules.measures.test_table import COLLECTED, OFFERS, WHOLE, at, history, moment, population
from tracker.rules.measures.drawn import Grouping
from tracker.rules.measures.figures import Figures, MeasureLine, MeasureWish, lines, measured
from tracker.rules.measures.history import Happening, History, HistoryStep, Moment
from tracker.rules.measures.table import MeasureName


def infused(days: float, collected: datetime | None = None, protocol: str = "cryo") -> History:
    """A therapy with this vein-to-vein time."""
    begun = collected or at(1, 10)
    steps = {
        HistoryStep.COLLECTED: (Moment(begun, 3),),
        HistoryStep.INFUSION_STARTED: (Moment(begun + timedelta(days=days), 40),),
    }
    return replace(history(steps=steps), protocol=protocol)


def found(wish: MeasureWish, *histories: History) -> dict[str, Figures]:
    """The vein-to-vein figures by group."""
    of_all = found_of(MeasureName.VEIN_TO_VEIN, wish, *histories)
    return {one.group: one.figures for one in of_all}


def found_of(name: MeasureName, wish: MeasureWish, *histories: History) -> list[MeasureLine]:
    values = measured(population(*histories, offers=OFFERS), wish)
    return [one for one in lines(values, wish.by) if one.name is name]


EVERYTHING = MeasureWish()


class TestMedians:
    def test_the_quartiles_of_a_spreadsheet(self) -> None:
        """QUARTILE.INC of 20, 22, 26, 30, 50, 51 is 23, 28 and 45."""
        told = found(EVERYTHING, *map(infused, (50, 20, 26, 51, 22, 30)))[""]
        assert (told.quartile_low, told.median, told.quartile_high) == (23.0, 28.0, 45.0)
        assert (told.count, told.percent) == (6, None)

    def test_fewer_than_five_are_told_as_their_number(self) -> None:
        told = found(EVERYTHING, *map(infused, (20, 22, 26, 30)))[""]
        assert told == Figures(count=4)
        assert found(EVERYTHING, *map(infused, (20, 22, 26, 30, 31)))[""].median == 26.0

    def test_nothing_at_all(self) -> None:
        """An empty store has every measure, with no value."""
        told = lines(measured(population(), EVERYTHING), None)
        assert [one.name for one in told] == [*MeasureName]
        assert {one.figures for one in told} == {Figures(count=0)}

    def test_a_share_of_places_is_of_all_places(self) -> None:
        """One of four places on two days is 25 %, and no mean of two days; four are too few to be told."""
        (told,) = found_of(MeasureName.PLACES_USED, EVERYTHING, WHOLE)
        assert told.figures == Figures(count=4)
        offers = tuple(replace(one, places=one.places * 2) for one in OFFERS)
        values = measured(population(WHOLE, offers=offers), EVERYTHING)
        (told,) = (one for one in lines(values, None) if one.name is MeasureName.PLACES_USED)
        assert (told.figures.count, told.figures.percent) == (8, 12.5)

    def test_what_has_no_value_stands_beside(self) -> None:
        """Running, left out and impossible are counted, each by itself, and marks of what is counted."""
        over = {**COLLECTED, HistoryStep.CANCELED: (moment(2, 1),)}
        wrong = {**COLLECTED, HistoryStep.INFUSION_STARTED: (moment(1, 9),)}
        marked = {**COLLECTED, HistoryStep.INFUSION_STARTED: (moment(2, 9, is_outside=True),)}
        told = found(EVERYTHING, *(history(steps=steps) for steps in (COLLECTED, over, wrong, marked)))[""]
        assert told == Figures(count=1, running=1, left_out=1, impossible=1, outside=1)

    @given(st.lists(st.integers(min_value=0, max_value=10**9), min_size=5, max_size=40))
    def test_quartiles_lie_where_they_belong(self, spent: list[int]) -> None:
        """At least a quarter of the values is not above the lower one, and half not above the median."""
        told = found(EVERYTHING, *(infused(seconds / 86_400) for seconds in spent))[""]
        assert told.quartile_low is not None and told.median is not None and told.quartile_high is not None
        days = sorted(round(seconds * 1000) / 86_400_000 for seconds in spent)
        assert days[0] <= told.quartile_low <= told.median <= told.quartile_high <= days[-1]
        assert sum(one <= told.median for one in days) * 2 >= len(days)
        middle = (days[(len(days) - 1) // 2] + days[len(days) // 2]) / 2
        assert told.median == pytest.approx(middle)


class TestGroups:
    def test_the_month_is_that_of_the_end_at_its_site(self) -> None:
        """03:00 UTC on 1 February is still January at the ward, which is five hours behind."""
        told = found(MeasureWish(by=Grouping.MONTH), infused(21.625), infused(22), infused(-1))
        assert told == {"2026-01": Figures(count=1, impossible=1), "2026-02": Figures(count=1)}

    def test_over_the_end_of_a_year(self) -> None:
        told = found(MeasureWish(by=Grouping.MONTH), infused(20, at(12, 20, year=2025)), infused(5))
        assert told == {"2026-01": Figures(count=2)}

    def test_by_protocol_and_by_site(self) -> None:
        both = (infused(20), infused(21, protocol="fresh"))
        assert found(MeasureWish(by=Grouping.PROTOCOL), *both) == {
            "cryo": Figures(count=1),
            "fresh": Figures(count=1),
        }
        assert [*found(MeasureWish(by=Grouping.SITE), *both)] == ["WARD"]

    def test_only_measures_that_have_a_carrier_are_told_by_carrier(self) -> None:
        values = measured(population(WHOLE), MeasureWish(by=Grouping.CARRIER))
        assert {one.name for one in lines(values, Grouping.CARRIER)} == {
            MeasureName.WAY_TO_PLANT,
            MeasureName.WAY_TO_WARD,
            MeasureName.DELIVERED_ON_TIME,
            MeasureName.EXCURSIONS,
            MeasureName.UNKNOWN_TEMPERATURE,
        }

    def test_reschedules_by_reason(self) -> None:
        moves = tuple(
            Happening(moment(1, 4), "LAB", word) for word in ("infection", "place_closed", "infection")
        )
        told = found_of(MeasureName.RESCHEDULES, MeasureWish(by=Grouping.REASON), history(moves=moves))
        assert [(one.group, one.figures.count) for one in told] == [("infection", 2), ("place_closed", 1)]


class TestWishes:
    def test_a_period_has_both_its_days(self) -> None:
        """By the day at the site; what runs belongs to a period that is not over."""
        three = (infused(21), infused(22), infused(23), history(steps=COLLECTED))
        told = found(MeasureWish(first=date(2026, 2, 1), last=date(2026, 2, 2)), *three)[""]
        assert told == Figures(count=2)
        assert found(MeasureWish(first=date(2026, 2, 1)), *three)[""] == Figures(count=2, running=1)

    def test_a_site_sees_what_it_has_a_part_in(self) -> None:
        other = replace(infused(30), collection_site="LAB-2", treatment_site="WARD")
        assert found(MeasureWish(site="LAB"), infused(20), other)[""].count == 1
        assert found(MeasureWish(site="WARD"), infused(20), other)[""].count == 2
        (told,) = found_of(MeasureName.WAY_TO_PLANT, MeasureWish(site="POLAR"), WHOLE)
        assert told.figures.count == 1

    def test_days_in_the_wrong_order(self) -> None:
        with pytest.raises(InputError, match="ends on 2026-01-01, before it begins on 2026-02-01"):
            MeasureWish(first=date(2026, 2, 1), last=date(2026, 1, 1))
