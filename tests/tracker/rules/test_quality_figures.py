"""The figures of quality for one month: every number written out, and the same as counted by hand."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from schema.errors import InputError
from tests.support.journeys import World
from tests.support.rule_cases import Case
from tests.tracker.therapy.making.test_reviews import assess, review, with_results
from tracker.demo.journey import scan
from tracker.rules.quality_figures import (
    IDENTITY_CHECKS,
    TITLES,
    QualityFigure,
    QualityLine,
    quality_figures,
)
from tracker.therapy.deviations import AssessDeviation, CloseDeviation

Cases = Callable[[str], Case]


def shown(given: Case, month: date) -> dict[str, str]:
    """The figures of the first therapy, as people read them."""
    told = [one for one in given.statements.values() if one.chain == given.one.coi]
    lines = quality_figures([told], month, given.now)
    return {f"{one.figure.value} {one.part}".strip(): one.words for one in lines}


def test_making_q1_one_prevented_of_eleven_is_a_fraction() -> None:
    """Below a thousand nobody is told a figure per thousand; from there on with its n."""
    few = QualityLine(QualityFigure.MIXUPS_PREVENTED, "", 1, 11)
    many = QualityLine(QualityFigure.MIXUPS_PREVENTED, "", 3, 2400)
    assert few.words == "1 of 11"
    assert many.words == "1.25 per 1,000 (n = 2400)"
    assert QualityLine(QualityFigure.HOURS_TO_REVIEW, "", 0).words == "none"
    assert QualityLine(QualityFigure.HOURS_TO_REVIEW, "", 3, median=12.25).words == "12.2 (n = 3)"
    assert {*TITLES} == {*QualityFigure}


def test_making_q1_results_reviews_and_deviations_of_a_month(case: Cases) -> None:
    """Seven results, one of them out of specification; reviewed after a day; closed after ten."""
    given = with_results(case, viability="64")
    month = given.now.date().replace(day=1)
    given.later(minutes=24 * 60)
    review(given)
    (deviation,) = given.state.deviations
    given.do(AssessDeviation, "QA-2", **assess(given, "oos", laboratory="no_error"))
    told = shown(given, month)
    assert told["results"] == "7"
    assert told["out_of_specification"] == told["out_of_specification viability"] == "1 of 7"
    assert told["hours_to_review"].endswith("(n = 7)") and told["hours_to_review"].startswith("24.")
    assert (told["deviations_opened oos"], told["deviations_open"]) == ("1", "1")
    assert told["deviations_open_old"] == "0"
    given.later(minutes=10 * 24 * 60)
    closing = {"coi": scan(given.one.coi), "deviation": deviation}
    given.do(CloseDeviation, "QA-2", others="QP-1 approved", **closing)
    told = shown(given, given.now.date().replace(day=1))
    assert told["deviations_closed"] == "1" and told["days_to_close"] == "10.0 (n = 1)"
    assert told["deviations_open"] == "0" and told["rejected"] == "0"
    before = shown(given, (month - timedelta(days=1)).replace(day=1))
    assert before["results"] == "0" and before["out_of_specification"] == "0 of 0"


def test_making_q1_the_figures_are_those_of_the_ledger(world: Callable[[str], World], tmp_path: Path) -> None:
    """Counted again from the entries by hand, at the front door and in the file."""
    given = world("released")
    month = given.clock.now().date().replace(day=1)
    report = given.tracker.read.quality(month=month)
    counted: Counter[str] = Counter()
    for row in given.tracker.read.board():
        for entry in given.entries(row.coi):
            one = entry.statement
            if one.occurred_at.date().replace(day=1) != month:
                continue
            counted["checks"] += isinstance(one.payload, IDENTITY_CHECKS)
            counted[one.kind] += 1
    by_figure = {one.figure: one for one in report.lines if not one.part}
    assert by_figure[QualityFigure.RESULTS].count == counted["tested"] > 0
    assert by_figure[QualityFigure.RELEASED].count == counted["released"] > 0
    assert by_figure[QualityFigure.MIXUPS_PREVENTED].of == counted["checks"] > 0
    assert by_figure[QualityFigure.RIGHT_FIRST_TIME].of == counted["released"]
    out = tmp_path / "quality.csv"
    given.tracker.exports.quality(report, out)
    rows = [*csv.DictReader(io.StringIO(out.read_bytes().decode("utf-8-sig")))]
    assert [row["figure"] for row in rows] == [one.figure.value for one in report.lines]
    assert next(row["n"] for row in rows if row["figure"] == "results") == str(counted["tested"])
    for form in ("json", "xlsx"):
        given.tracker.exports.quality(report, tmp_path / f"quality.{form}")
    assert (tmp_path / "quality.xlsx").read_bytes().startswith(b"PK")
    with pytest.raises(InputError, match=r"ends in none of \.csv"):
        given.tracker.exports.quality(report, tmp_path / "quality.ods")
