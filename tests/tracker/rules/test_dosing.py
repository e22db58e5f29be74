"""What is in a container, what was made, and what flowed into the patient, in millions of cells."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from schema.events.dosing import DoseSet
from schema.events.processing import Manufactured
from schema.vocabulary import FinalDisposition, Material, ReleasePredicate
from tests.support.doses import LISO, dosed, filled
from tests.support.process import OPERATOR, SECOND, begun, take, vessel
from tests.support.rule_cases import Case
from tracker.demo.journey import scan
from tracker.protocols.model import ReleaseRules
from tracker.rules.dosing import cells_in, given, shown
from tracker.rules.release import PredicateAnswer, PredicateVerdict, judge
from tracker.therapy.making.requests import CompleteManufacturing, Release, StartInfusion

Cases = Callable[[str], Case]


def made(case: Case, measured: dict[str, str], *volumes: str) -> Case:
    """The cells of the first therapy in as many bags, with what was measured at their formulation."""
    bag = case.one.bag
    for name in ("activation", "harvest"):
        take(case, name, bag)
    take(case, "formulation", bag, measured=measured)
    names = [vessel(case, f"UD44444444{number}", Material.PRODUCT) for number in range(2, 2 + len(volumes))]
    case.do(
        CompleteManufacturing,
        OPERATOR,
        others=SECOND,
        units=(scan(bag),),
        children=tuple(
            {"unit": scan(unit), "volume_ml": volume} for unit, volume in zip(names, volumes, strict=True)
        ),
    )
    return case


def in_range(case: Case) -> PredicateVerdict:
    """How the dose of what was made stands."""
    case.protocol = case.protocol.model_copy(
        update={
            "release": ReleaseRules(
                predicates=(
                    *ReleaseRules().predicates,
                    ReleasePredicate.DOSE_IN_RANGE,
                )
            )
        }
    )
    units = [unit for unit in case.state.units.values() if unit.material is Material.PRODUCT]
    request = case.request(Release, "QP-1", units=tuple(scan(unit.unit) for unit in units))
    found = judge(case.situation(request), case.state, units)
    return next(one for one in found if one.predicate is ReleasePredicate.DOSE_IN_RANGE)


def dose(case: Case, least: str, most: str) -> None:
    """What the patient is to be given."""
    case.happened(DoseSet(indication="dlbcl", minimum=least, maximum=most), "DOC-A1")


def test_making_d3_cells_are_worked_out_when_the_bag_is_filled(case: Cases) -> None:
    """CAR 38 %, 6.2 million in each mL, 28 mL: 65.968 million, shown as 65.9."""
    given = made(begun(case("received")), {"car_positive": "38", "viable_per_ml": "6.2"}, "28")
    (filled_by,) = (one for one in given.statements.values() if isinstance(one.payload, Manufactured))
    assert isinstance(filled_by.payload, Manufactured)
    (child,) = filled_by.payload.children
    assert child.cells == "65.968"
    unit = given.unit(child.unit)
    assert cells_in(given.state, given.protocol, unit) == Decimal("65.968")
    assert shown(Decimal("65.968")) == "65.9"


def test_making_m5_cells_that_were_never_measured_keep_the_release_back(case: Cases) -> None:
    """What nobody measured is unknown, and unknown is not met; what was measured is held against the dose."""
    given = made(begun(case("received")), {"viable_per_ml": "6.2"}, "28")
    dose(given, "60", "600")
    found = in_range(given)
    assert (found.answer, found.holds) == (PredicateAnswer.UNKNOWN, False)
    assert found.figure == "never measured: car positive"


@pytest.mark.parametrize(
    ("bounds", "answer", "figure"),
    [
        (None, PredicateAnswer.UNKNOWN, "nobody has set the dose"),
        (("131.936", "600"), PredicateAnswer.MET, "131.9 of 131.9 to 600.0 million CAR+"),
        (("131.937", "600"), PredicateAnswer.NOT_MET, "131.9 of 131.9 to 600.0 million CAR+"),
        (("10", "131.9"), PredicateAnswer.NOT_MET, "131.9 of 10.0 to 131.9 million CAR+"),
    ],
)
def test_making_m5_all_bags_together_are_held_against_the_dose(
    case: Cases, bounds: tuple[str, str] | None, answer: PredicateAnswer, figure: str
) -> None:
    """Exact, at the bound within it; the evidence is what was measured, and who set the dose."""
    given = made(begun(case("received")), {"car_positive": "38", "viable_per_ml": "6.2"}, "28", "28")
    if bounds is not None:
        dose(given, *bounds)
    found = in_range(given)
    assert (found.answer, found.figure) == (answer, figure)
    assert len(found.evidence) == (1 if bounds is None else 2)


def test_making_d5_what_was_given_is_summed_by_container(case: Cases) -> None:
    """Liso-cel: 3.1 mL of 14.5 million and 2.4 mL of 20.1 million in each mL are 93.19, within 44 to 120."""
    one = dosed(case("infusing"), LISO)
    first, second = one.one.products[:2]
    flowed = {"final": FinalDisposition.INFUSED}
    filled(one, first, "4.6", cells=Decimal("66.7"), infused_ml=Decimal("3.1"), **flowed)
    filled(one, second, "4.6", cells=Decimal("92.46"), infused_ml=Decimal("2.4"), **flowed)
    found = given(one.state, one.protocol)
    assert [found.of[unit] for unit in (first, second)] == [Decimal("44.95"), Decimal("48.24")]
    assert found.total == Decimal("93.19")
    filled(one, second, "4.6", cells=None, infused_ml=Decimal("2.4"), **flowed)
    unknown = given(one.state, one.protocol)
    assert unknown.total is None and unknown.missing == ("car_positive", "viable_per_ml")


def test_making_d6_what_would_be_too_much_does_not_begin_to_flow(case: Cases) -> None:
    """Given what flowed, a bag that would bring 12.4 million over the most is stopped, with both numbers."""
    one = case("bedside")
    bag, *others = one.one.products
    for unit in others:
        flowed = {"infused_ml": Decimal(50), "final": FinalDisposition.INFUSED}
        filled(one, unit, "50", cells=Decimal("90.2"), **flowed)
    before = given(one.state, one.protocol).total
    assert before == Decimal("90.2")
    filled(one, bag, "50", cells=Decimal(30))
    dose(one, "10", "107.8")
    values = {"units": (scan(bag),)}
    found = one.refusal(StartInfusion, "DOC-A1", **values)
    assert (found.rule, found.waivable) == ("dose_exceeded", True)
    assert f"90.2 million were given and {bag} holds 30.0: that is 12.4 over 107.8" in found.message
    dose(one, "10", "120.2")
    one.do(StartInfusion, "DOC-A1", **values)
