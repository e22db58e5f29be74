"""Formulas of a protocol: what cannot be worked out, or would say nothing, is found when it is read."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from schema.errors import InputError
from tests.support.doses import FORMULA, LISO, dose
from tracker.protocols.dosing import DoseRule, dose_findings
from tracker.protocols.formulas import Formula, worked_out

MEASURED = frozenset({"car_positive", "viable_per_ml", "volume_ml"})


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("viable_cells / 0", "has no use for / 0"),
        ("viable_cells * 0.00", r"has no use for \* 0"),
        ("cells * 999999 * 999999 * 999999 * 999999 * 999999", "together lie between"),
        ("cells / 999999 / 999999", "together lie between"),
        ("cells + 1", "is written like"),
    ],
)
def test_a_formula_that_gives_nothing_is_no_formula(formula: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        TypeAdapter(Formula).validate_python(formula)


def test_conversions_of_units_are_formulas() -> None:
    for formula, given in (("cells * 100 / total", 50), ("cells / 1000 * 1000 / total", Decimal("0.5"))):
        assert TypeAdapter(Formula).validate_python(formula) == formula
        assert worked_out(formula, {"cells": Decimal(1), "total": Decimal(2)}) == given


def test_a_formula_of_the_dose_counts_by_the_volume() -> None:
    """Else a bag of 5 mL would hold as many cells as one of 50."""
    found = dose(LISO, formula="car_positive * viable_per_ml / 100")
    (finding,) = dose_findings(found, ("dlbcl",), MEASURED, frozenset())
    assert finding.startswith("dose: its formula is not multiplied by volume_ml")
    assert not [*dose_findings(dose(LISO, formula=FORMULA), ("dlbcl",), MEASURED, frozenset())]


def test_a_dose_of_nothing_is_no_dose() -> None:
    with pytest.raises((ValidationError, InputError), match="the most that is given is more than 0"):
        DoseRule.model_validate({**LISO, "flat": ["0", "0"], "target": None})
