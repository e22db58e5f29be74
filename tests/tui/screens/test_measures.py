"""The screen of measures: lines that fit, groups on one scale, months typed, and who sees it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from rich.cells import cell_len

from schema.errors import InputError
from tests.support.front_desk import Desk, desk_at
from tests.support.measured import invented_histories, put_histories
from tests.tracker.exports.test_measures import SIX, made
from tests.tracker.rules.measures.test_table import WHOLE
from tracker.rules.measures.drawn import Grouping
from tracker.rules.measures.figures import Figures, MeasureLine, MeasureWish
from tracker.rules.measures.table import MEASURES, MeasureName
from tui.screens.measures import MeasuresScreen
from tui.screens.measures.text import (
    GROUPED,
    cells_of,
    columns_for,
    definition_text,
    group_words,
    groups_text,
    period_typed,
    period_words,
    scale_of,
    scale_words,
    trend_text,
)

VEIN = MeasureName.VEIN_TO_VEIN


def line(group: str, name: MeasureName = VEIN, **told: float) -> MeasureLine:
    figures = Figures(count=int(told.pop("count", 9)), **told)  # type: ignore[arg-type]
    return MeasureLine(name, group, figures)


class TestLines:
    def test_a_median_a_share_and_a_count(self) -> None:
        """Of a count there is no median, and of four values their number."""
        told = [
            line("", quartile_low=28.0, median=30.04, quartile_high=45.5, running=12),
            line("", MeasureName.FAILED, percent=6.25, count=16),
            line("", MeasureName.RESCHEDULES, count=3),
            line("", count=4),
        ]
        shown = [" ".join("".join(cell.plain for cell in cells_of(one, 7)).split()) for one in told]
        assert shown == [
            "Vein to vein 9 28.0 30.0 45.5 days 12",
            "Failed manufactures 16 6.2 %",
            "Reschedules 3",
            "Vein to vein 4",
        ]

    @pytest.mark.parametrize(("width", "count"), [(76, 7), (67, 7), (60, 6), (40, 3), (0, 1), (-3, 1)])
    def test_columns_go_away_whole(self, width: int, count: int) -> None:
        assert len(columns_for(width)) == count

    def test_a_step_against_a_rule_is_marked(self) -> None:
        assert cells_of(line("", outside=1), 7)[-1].plain.endswith("▲")
        said = definition_text(MEASURES[VEIN], Figures(count=9, outside=1, running=2), 76).plain
        assert "Beside it: 2 running, 1 counted against a rule.\n" in said

    @pytest.mark.parametrize("name", MeasureName)
    def test_what_a_measure_means_fits_beside_its_groups(self, name: MeasureName) -> None:
        """Beside the list at 120 columns nine lines, with all that may stand beside the figures."""
        told = Figures(count=9, running=99, left_out=99, impossible=9, outside=9, from_paper=9)
        assert len(definition_text(MEASURES[name], told, 67).plain.split("\n")) <= 9


class TestGroups:
    def test_from_quartile_to_quartile_on_one_scale(self) -> None:
        """The same cell is the same time in every line; few values are told as their number."""
        told = [
            line("2026-01", quartile_low=20.0, median=25.0, quartile_high=30.0),
            line("2026-02", quartile_low=30.0, median=35.0, quartile_high=40.0, count=12),
            line("2026-03", count=3),
        ]
        shown = groups_text(made(), told, Grouping.MONTH, width=60, height=5).plain.split("\n")
        assert shown == [
            "2026-01 " + "···───────●────────" + "·" * 17 + " 25.0 days n 9",
            "2026-02 " + "·" * 18 + "───────●────────·· 35.0 days n 12",
            "2026-03 " + "·" * 36 + " n 3",
        ]
        assert scale_words(told) == "─●─ from 18.0 to 42.0 days"

    def test_the_newest_months_have_room_and_the_first_of_other_groups(self) -> None:
        months = [
            line(f"2026-{month:02d}", median=9.0, quartile_low=8.0, quartile_high=10.0)
            for month in range(1, 9)
        ]
        shown = groups_text(made(), months, Grouping.MONTH, width=60, height=4).plain.split("\n")
        assert [one[:8] for one in shown] == ["5 more: ", "2026-06 ", "2026-07 ", "2026-08 "]
        shown = groups_text(made(), months, Grouping.REASON, width=60, height=4).plain.split("\n")
        assert shown[-1] == "5 more: F12 writes them all" and shown[0].startswith("2026-01")

    def test_names_keep_their_code_where_they_are_long(self) -> None:
        """And what somebody called a site is text, whatever it looks like."""
        assert group_words(made(), "WARD") == "WARD =HYPERLINK(0)"
        assert group_words(made(), "place_closed") == "place closed"
        assert group_words(made(), "") == "none given"
        told = made(*SIX, WHOLE, by=Grouping.SITE).told_of(VEIN, Grouping.SITE)
        assert groups_text(made(), told, Grouping.SITE, width=44, height=4).plain.startswith("WARD =HYPER")
        assert groups_text(made(), told, Grouping.SITE, width=40, height=4).plain.startswith("WARD ·─")
        for width in (44, 60, 76):
            for by in Grouping:
                told = made(*SIX, WHOLE, by=by).lines
                text = groups_text(made(), told, by, width=width, height=99).plain
                assert max(map(cell_len, text.split("\n"))) <= width, (by, width)

    def test_shares_go_as_far_as_they_need(self) -> None:
        """Three of a hundred are seen; more than all places can be booked."""
        few = [line("a", MeasureName.EXCURSIONS, percent=3.0)]
        assert scale_of(few) == (0.0, 5.0) and scale_words(few) == "to 5 %"
        assert scale_of([line("a", MeasureName.PLACES_USED, percent=130.0)]) == (0.0, 200.0)

    def test_nothing(self) -> None:
        assert (
            groups_text(made(), (), Grouping.SITE, width=40, height=4).plain
            == "Nothing of this was recorded."
        )

    def test_every_grouping_has_its_words(self) -> None:
        assert set(GROUPED) == set(Grouping)


class TestTheCurve:
    def test_two_months_make_a_curve(self) -> None:
        told = [
            line(f"2026-{month:02d}", median=float(month), quartile_low=0.5, quartile_high=9.0)
            for month in (1, 2)
        ]
        shown = trend_text(told, width=50, height=8).plain.split("\n")
        assert len(shown) == 8 and max(map(cell_len, shown)) <= 50
        assert "Jan 2026" in shown[-1] and "Feb" in shown[-1]

    def test_one_month_does_not(self) -> None:
        assert "needs two months" in trend_text([line("2026-01", median=3.0)], width=50, height=8).plain


class TestPeriods:
    @pytest.mark.parametrize(
        ("typed", "first", "last", "words"),
        [
            ("2026-02", date(2026, 2, 1), date(2026, 2, 28), "Feb 2026"),
            ("2026-12", date(2026, 12, 1), date(2026, 12, 31), "Dec 2026"),
            ("2026-01..2026-03", date(2026, 1, 1), date(2026, 3, 31), "Jan 2026 to Mar 2026"),
            ("2025", date(2025, 1, 1), date(2025, 12, 31), "Jan 2025 to Dec 2025"),
        ],
    )
    def test_a_month_or_a_year(self, typed: str, first: date, last: date, words: str) -> None:
        assert period_typed(typed) == (first, last)
        assert period_words(MeasureWish(first=first, last=last)) == words

    @pytest.mark.parametrize(
        "typed", ["2026-13", "0000", "2026-1", "January", "2026-01-05", "..", "\uff12026"]
    )
    def test_anything_else_is_no_month(self, typed: str) -> None:
        with pytest.raises(InputError, match="is no month"):
            period_typed(typed)


def shown(desk: Desk) -> MeasuresScreen:
    screen = desk.app.screen
    assert isinstance(screen, MeasuresScreen)
    return screen


async def test_a_coordinator_prepares_a_meeting(tmp_path: Path) -> None:
    """From Today to the figures of one month and site, grouped, opened, and written as a spreadsheet."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        put_histories(desk.tracker, invented_histories(60, desk.clock.now()))
        await desk.sign_in("COORD-A")
        await desk.press("ctrl+v")
        assert "60 therapies   all sites" in desk.screen and "1 of 2" in desk.screen
        await desk.press("down", "f11")
        assert "Vein to vein, by site" in desk.screen
        await desk.squeeze()
        await desk.press("right")
        assert "On time in full, by site" in desk.screen and "2 of 2" in desk.screen
        await desk.press("left", "enter")
        assert "What it means" in desk.screen and "Source:" in desk.screen
        await desk.press("escape", "f4")
        assert shown(desk).wish.site == "TREAT-A" and "TREAT-A" in desk.screen
        await desk.type("2026-01")
        assert "Measures, Jan 2026" in desk.screen
        await desk.type("soon")
        assert "soon is no month." in desk.told
        await desk.type("2026-03..2026-01")
        assert "Give the earlier day first." in desk.told
        await desk.type("all")
        assert shown(desk).wish == MeasureWish(site="TREAT-A")
        await desk.press("f12")
        assert "It names therapies and no patient." in desk.told
        (path,) = desk.app.session.folder.glob("measures-*.xlsx")
        assert "by carrier" in openpyxl.load_workbook(path).sheetnames
        await desk.press("escape")
        assert not isinstance(desk.app.screen, MeasuresScreen)


async def test_who_works_at_the_bench_does_not_see_them(tmp_path: Path) -> None:
    """It says who does."""
    async with desk_at("COLL-A", tmp_path) as desk:
        await desk.sign_in("TECH-A1")
        await desk.press("ctrl+v")
        assert "Coordinators, quality and auditors see them." in desk.screen
        assert "Ready to vein" not in desk.screen
