"""Medicines that were given: a record of what, how much, how and when, and for which grade; never advice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from schema.errors import InputError
from schema.events.aftercare import MedicineGiven
from schema.vocabulary import DoseUnit, Route
from tests.support.rule_cases import Case
from tracker.demo.journey import scan
from tracker.therapy.aftercare.requests import GiveMedicine, GradeToxicity

Cases = Callable[[str], Case]
NURSE = "WARD-A"


@pytest.fixture
def infused(case: Cases) -> Case:
    """The first therapy's cells were given."""
    return case("infused")


def medicine(case: Case, **changes: Any) -> dict[str, Any]:
    """Tocilizumab, as it is given at the bed."""
    usual = {"medicine": "tocilizumab", "amount": "560", "unit_of_measure": "mg", "route": "iv"}
    return {"coi": scan(case.one.coi), **usual, **changes}


def test_making_a2_a_medicine_stands_with_the_grade_it_was_given_for(infused: Case) -> None:
    """Given a CRS of grade 2, tocilizumab for it is about the same containers as the grade."""
    by = {"syndrome": "crs", "scale": "astct", "scale_version": "2019"}
    seen = ({"finding": "temperature_celsius", "value": "38.9"}, {"finding": "hypotension"})
    infused.do(GradeToxicity, NURSE, coi=scan(infused.one.coi), by=by, findings=seen)
    grade = infused.state.grades[0].event_id
    (draft,) = infused.do(GiveMedicine, NURSE, **medicine(infused, about=grade))
    said = draft.payload
    assert isinstance(said, MedicineGiven)
    assert (said.medicine, said.amount, said.unit_of_measure, said.route, said.about) == (
        *("tocilizumab", "560", DoseUnit.MG, Route.IV, grade),
    )
    last = max(infused.state.events.values(), key=lambda one: one.sequence)
    assert last.units == (infused.one.products[0],)


def test_making_a2_premedication_comes_before_the_cells(case: Cases) -> None:
    """Given a therapy before its infusion, a medicine is recorded by itself."""
    given = case("bedside")
    (draft,) = given.do(GiveMedicine, NURSE, **medicine(given, medicine="paracetamol", route="oral"))
    assert isinstance(draft.payload, MedicineGiven) and draft.payload.about is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "0"}, {"amount": "-5"}, {"amount": "560 mg"}, {"amount": "5,6"}, {"amount": "1000000"},
        {"unit_of_measure": "mgg"}, {"route": "by_mouth"}, {"medicine": "Tocilizumab 400"},
    ],
)  # fmt: skip
def test_making_a2_what_can_be_no_dose_is_not_taken(infused: Case, wrong: dict[str, str]) -> None:
    """Nothing, less than nothing, a comma, a unit or a way that there is not: nothing is written."""
    with pytest.raises((InputError, ValidationError)):
        infused.decide(GiveMedicine, NURSE, **medicine(infused, **wrong))


def test_making_a2_a_medicine_has_a_grade_of_its_own_therapy_and_a_time_that_was(infused: Case) -> None:
    """Given a grade that the therapy has not, or a time to come or before it began, it is refused."""
    strange = medicine(infused, about="01890a5d-ac96-774b-8000-000000000000")
    assert infused.refusal(GiveMedicine, NURSE, **strange).rule == "grade_unknown"
    for moved in (timedelta(days=1), timedelta(days=-3000)):
        with pytest.raises(InputError, match="cannot have been given at"):
            infused.decide(GiveMedicine, NURSE, **medicine(infused, given_at=infused.now + moved))
