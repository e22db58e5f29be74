"""Measures as files: read again by others' readers, with nothing in them that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest

from schema.errors import InputError
from tests.tracker.rules.measures.test_figures import infused
from tests.tracker.rules.measures.test_table import OFFERS, WHOLE, at, population
from tracker.exports.measures import figure_records, value_records, write_measures, write_records
from tracker.rules.measures.drawn import Grouping
from tracker.rules.measures.figures import MeasureWish, lines, measured
from tracker.rules.measures.history import History
from tracker.rules.measures.table import MEASURES, MeasureName
from tracker.views.measures import MeasureReport

FORMULA = "=HYPERLINK(0)"


def made(*histories: History, by: Grouping | None = None) -> MeasureReport:
    """A report of some therapies; somebody has called a site as a formula."""
    wish = MeasureWish(by=by)
    values = tuple(measured(population(*histories, offers=OFFERS), wish, with_days=True))
    titles = {"WARD": FORMULA, "PLANT": "Works", "LAB": "Laboratory"}
    return MeasureReport(wish, lines(values, by), len(histories), at(6, 1), titles, values)


SIX = tuple(infused(days) for days in (20, 22, 26, 30, 50, 51))


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    """Everything of seven therapies."""
    path = tmp_path_factory.mktemp("measures") / "all.xlsx"
    write_measures(made(*SIX, WHOLE), path)
    return openpyxl.load_workbook(path)


class TestWorkbook:
    def test_a_sheet_for_each_grouping_the_values_and_what_it_is(self, book: openpyxl.Workbook) -> None:
        groupings = [f"by {one.value}" for one in Grouping]
        assert book.sheetnames == ["about", "all", *groupings, "values"]
        told = {str(row[0].value): str(row[1].value) for row in book["about"].iter_rows()}
        assert all(row.definition in told[row.title] for row in MEASURES.values())
        assert told["Measures"] == "of 7 therapies, made 2026-06-01T12:00:00.000Z"

    def test_figures_are_numbers(self, book: openpyxl.Workbook) -> None:
        """So that somebody can go on computing; a median of seven values."""
        head, *rows = book["all"].iter_rows(values_only=True)
        told = {str(row[0]): dict(zip(map(str, head), row, strict=True)) for row in rows}
        vein = told["Vein to vein"]
        assert (vein["n"], vein["median"], vein["unit"]) == (7, 30, "days")
        assert told["Mix-ups prevented"]["n"] == 1 and "percent" not in vein
        assert len(rows) == len(MeasureName)

    def test_the_values_give_the_same_median(self, book: openpyxl.Workbook) -> None:
        head, *rows = book["values"].iter_rows(values_only=True)
        values = [dict(zip(map(str, head), row, strict=True)) for row in rows]
        spent = sorted(one["value"] for one in values if one["measure"] == "Vein to vein")
        assert spent == [20, 22, 26, 30, pytest.approx(32.5833), 50, 51]

    def test_no_cell_is_a_formula(self, book: openpyxl.Workbook) -> None:
        """A title that looks like one is text."""
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert {cell.data_type for cell in cells} <= {"s", "n"}
        assert any(cell.value == FORMULA for cell in cells)

    def test_nothing_was_recorded(self, tmp_path: Path) -> None:
        """An empty store gives a whole file."""
        write_measures(made(), tmp_path / "none.xlsx")
        book = openpyxl.load_workbook(tmp_path / "none.xlsx")
        assert book["by carrier"]["A2"].value == "Nothing of this was recorded."


class TestText:
    def test_csv_is_guarded_and_numbers_are_not(self, tmp_path: Path) -> None:
        """An apostrophe stands before what a spreadsheet would run, and before nothing else."""
        path = tmp_path / "figures.csv"
        write_measures(made(*SIX, by=Grouping.SITE), path)
        rows = [*csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))]
        vein = next(row for row in rows if row["measure"] == "vein_to_vein")
        assert vein["group_title"] == f"'{FORMULA}"
        assert (vein["group"], vein["n"], vein["median"], vein["quartile_low"]) == (
            "WARD",
            "6",
            "28.0",
            "23.0",
        )
        out = io.BytesIO()
        write_records([{"value": -1.5, "said": "-1"}], out)
        assert out.getvalue().decode("utf-8-sig").splitlines() == ["value,said", "-1.5,'-1"]

    def test_json_has_the_same_records(self, tmp_path: Path) -> None:
        path = tmp_path / "figures.json"
        write_measures(made(*SIX), path)
        read = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        assert read == [*figure_records(made(*SIX), None)]

    def test_values_say_why_there_is_none(self, tmp_path: Path) -> None:
        """Each value with its outcome; what is not counted has no value."""
        path = tmp_path / "values.csv"
        write_measures(made(WHOLE), path, is_of_values=True)
        rows = [*csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))]
        assert len(rows) == len([*value_records(made(WHOLE))])
        (left_out,) = (row for row in rows if row["measure"] == "excursions" and row["outcome"] == "left_out")
        assert (left_out["about"], left_out["value"], left_out["lane"]) == ("S2", "", "PLANT > WARD, POLAR")

    def test_another_ending(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r"figures\.pdf is no form that measures have"):
            write_measures(made(), tmp_path / "figures.pdf")
        assert not [*tmp_path.iterdir()]
