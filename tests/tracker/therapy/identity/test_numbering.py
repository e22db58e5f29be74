"""Which container of how many: said when it is registered, on its label, and once for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from schema.events.identity import UnitRegistered
from schema.events.processing import ManufacturingStarted
from schema.vocabulary import FinalDisposition, Material
from tests.support.journeys import World
from tests.support.rule_cases import Case
from tracker.demo.journey import scan
from tracker.therapy.identity.requests import RegisterUnit

Cases = Callable[[str], Case]
Worlds = Callable[[str], World]


def filling(case: Cases) -> Case:
    """A case whose manufacture has begun and nothing is registered for it."""
    given = case("received")
    given.happened(ManufacturingStarted(units=(given.one.bag,)), actor="OPER-1")
    return given


def register(given: Case, **values: Any) -> str:
    """A product bag; gives its id."""
    given.do(RegisterUnit, "OPER-1", coi=scan(given.one.coi), material=Material.PRODUCT, **values)
    return [*given.state.units][-1]


def refusal(given: Case, **values: Any) -> tuple[str, str]:
    """The rule and the sentence by which a product bag is not registered."""
    found = given.refusal(
        RegisterUnit, "OPER-1", coi=scan(given.one.coi), material=Material.PRODUCT, **values
    )
    return found.rule, found.message


def test_a_container_that_is_numbered_says_which_it_is(case: Cases) -> None:
    """Given a protocol that numbers its product, a bag without a number is refused; a sample is not."""
    given = filling(case)
    assert refusal(given) == (
        "number_missing",
        "Each bag of CAR T cells, human, autologous says which of how many it is.",
    )
    given.do(RegisterUnit, "OPER-1", coi=scan(given.one.coi), material=Material.QC_SAMPLE)


def test_each_number_is_given_once(case: Cases) -> None:
    """Given bag 1 of 2, a second number 1 is refused, a bag of another count too, and number 2 is taken."""
    given = filling(case)
    first = register(given, number=1, of=2)
    assert refusal(given, number=1, of=2) == ("number_taken", f"{first} is number 1 of 2 already.")
    assert refusal(given, number=2, of=3) == (
        "number_differs",
        f"{first} says that there are 2, and this one says 3.",
    )
    second = register(given, number=2, of=2)
    units = given.state.units
    assert [(units[one].number, units[one].of) for one in (first, second)] == [(1, 2), (2, 2)]


def test_what_has_ended_or_was_filled_before_is_counted_apart(case: Cases) -> None:
    """Given a bag that was destroyed, or one of an earlier manufacture, its number can be given again."""
    given = filling(case)
    first = register(given, number=1, of=2)
    given.change(first, final=FinalDisposition.DESTROYED)
    second = register(given, number=1, of=1)
    given.change(second, attempt=1)
    register(given, number=1, of=4)


@pytest.mark.parametrize(
    ("number", "of"), [(1, None), (None, 2), (0, 2), (3, 2), (1, 100), (-1, 2), (True, 2), (1.0, 2), ("1", 2)]
)
def test_what_is_no_number_of_a_container(number: Any, of: Any) -> None:
    """Given half of it, more than there are, or no whole number, neither event nor request is made."""
    with pytest.raises(ValidationError):
        UnitRegistered(unit="UD234567892", material=Material.PRODUCT, number=number, of=of)
    with pytest.raises(ValidationError):
        RegisterUnit.model_validate(
            {
                "event_id": "00000000-0000-7000-8000-000000000000",
                "actor": "OPER-1",
                "coi": {"code": "CD234567892"},
                "material": "product",
                "number": number,
                "of": of,
            }
        )


def test_findings_f12_the_label_says_which_bag_of_how_many_before_it_is_filled(world: Worlds) -> None:
    """Given a bag registered as 2 of 2, when its label is printed, then it says so."""
    given = world("made")
    labels = given.tracker.labels
    said = [labels.label(unit, "OPER-1", "MFG-1-01", preview=True) for unit in given.one.products]
    assert [getattr(one, "count", "") for one in said] == ["bag 1 of 2", "bag 2 of 2"]
