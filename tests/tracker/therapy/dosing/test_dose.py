"""The dose: by indication and weight, worked out by the protocol's rule and never typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from schema.errors import InputError
from schema.events.dosing import DoseSet
from tests.support.doses import AXI, LISO, asked, dose, dosed
from tests.support.journeys import PROTOCOL
from tests.support.rule_cases import Case
from tracker.demo.journey import scan
from tracker.protocols.graph import findings
from tracker.protocols.model import Indication
from tracker.rules.decision import Allowed, ScanAnswer
from tracker.rules.dosing import as_text, range_for, shown
from tracker.therapy.dosing.requests import SetDose

Cases = Callable[[str], Case]
DOCTOR, SECOND = "DOC-A1", "PHARM-A witnessed"


def dose_of(case: Case, indication: str, weight_kg: str | None = None, **more: object) -> DoseSet:
    """What is recorded when a dose is set."""
    (draft,) = case.do(SetDose, DOCTOR, others=SECOND, **asked(case, indication, weight_kg, **more))
    assert isinstance(draft.payload, DoseSet)
    return draft.payload


@pytest.mark.parametrize(
    ("weight", "least", "most"),
    [
        ("50.0", "10", "250"),
        ("50", "10", "250"),
        ("50.1", "10", "250"),
        ("31.4", "6.28", "157"),
        ("7.2", "1.44", "36"),
    ],
)
def test_making_d1_a_dose_by_weight_up_to_50_kg_and_flat_above(
    case: Cases, weight: str, least: str, most: str
) -> None:
    """Given tisa-cel for b_all: 0.2 to 5.0 million for each kg up to 50 kg and at it, above 10 to 250."""
    said = dose_of(case("collected"), "b_all", weight)
    assert (said.minimum, said.target, said.maximum) == (least, None, most)


def test_making_d1_the_rule_at_the_bound_is_that_below_it() -> None:
    """50.0 kg goes by weight and 50.1 kg does not, though both are 10 to 250 million."""
    rules = PROTOCOL.dose
    assert rules is not None
    found = [range_for(rules, "b_all", None, Decimal(weight)) for weight in ("50.0", "50.1")]
    assert [one.rule.per_kg is None for one in found if one is not None] == [False, True]
    assert range_for(rules, "b_all", None, None) is None
    assert range_for(rules, "mcl", None, Decimal(70)) is None


@pytest.mark.parametrize(
    ("wrong", "code"), [("720", "implausible"), ("72,5", "bad_number"), ("-7", "implausible"), ("72.555", "")]
)
def test_making_d2_a_weight_that_cannot_be_is_bad_input(case: Cases, wrong: str, code: str) -> None:
    """Nothing is written; a comma is no point."""
    with pytest.raises(InputError) as refused:
        case("collected").do(SetDose, DOCTOR, others=SECOND, **asked(case("collected"), "b_all", wrong))
    assert not code or refused.value.code == code


def test_making_d2_a_weight_of_after_the_collection_is_told(case: Cases) -> None:
    """Given a label that says "at leukapheresis", a weight of today is recorded, and to be looked at."""
    given = case("received")
    given.later(days=3)
    today = f"{given.now:%Y-%m-%d}"
    found = given.decide(SetDose, DOCTOR, others=SECOND, **asked(given, "b_all", "41", weighed_on=today))
    assert isinstance(found, Allowed)
    (notice,) = found.notices
    assert (notice.rule, notice.answer) == ("weight_old", ScanAnswer.CHECK)
    assert f"The weight is of {today}, after the collection on" in notice.message


def test_making_d2_a_weight_of_long_before_is_told(case: Cases) -> None:
    """Seven days are no age, eight are; and no day is to come, nor without a weight."""
    given = dosed(case("collected"), AXI)
    for days, told in ((7, ()), (8, ("weight_old",))):
        day = f"{given.now - timedelta(days=days):%Y-%m-%d}"
        found = given.decide(SetDose, DOCTOR, others=SECOND, **asked(given, "dlbcl", "72", weighed_on=day))
        assert isinstance(found, Allowed) and tuple(one.rule for one in found.notices) == told
    for wrong in ({"weight_kg": "72", "weighed_on": "2031-01-01"}, {"weighed_on": "2026-01-01"}):
        with pytest.raises(InputError):
            given.decide(SetDose, DOCTOR, others=SECOND, **{**asked(given, "dlbcl"), **wrong})


def test_making_d4_a_heavy_patient_gets_no_more_than_the_label_has(case: Cases) -> None:
    """Axi-cel at 132 kg: at most 200 million, and not 264."""
    said = dose_of(dosed(case("collected"), AXI), "dlbcl", "132")
    assert (said.minimum, said.target, said.maximum) == ("132", "200", "200")


def test_a_dose_needs_a_rule_and_what_the_rule_asks_for(case: Cases) -> None:
    """Each refusal says what there is."""
    given = case("collected")
    for values, rule, said in (
        (asked(given, "mcl", "70"), "indication_unknown", "b_all, dlbcl"),
        (asked(given, "b_all"), "weight_missing", "Weigh the patient"),
        (asked(given, "b_all", "40", regimen="high_burden"), "regimen_unknown", "Have quality adopt"),
    ):
        found = given.refusal(SetDose, DOCTOR, others=SECOND, **values)
        assert found.rule == rule and said in found.remedy and not found.waivable
    assert dose_of(given, "dlbcl").weight_kg is None
    bare = dosed(given)
    assert bare.refusal(SetDose, DOCTOR, others=SECOND, **asked(bare, "dlbcl")).rule == "not_in_protocol"


def test_a_dose_is_for_what_the_therapy_was_enrolled_for(case: Cases) -> None:
    """It need not be said again, and no other is taken."""
    given = case("collected")
    given.therapies[given.one.coi] = replace(given.state, indication="dlbcl")
    found = given.refusal(SetDose, DOCTOR, others=SECOND, **asked(given, "b_all", "40"))
    assert (found.rule, found.expected, found.read) == ("other_indication", "dlbcl", "b_all")
    (draft,) = given.do(SetDose, DOCTOR, others=SECOND, coi=scan(given.one.coi))
    assert isinstance(draft.payload, DoseSet) and draft.payload.indication == "dlbcl"


def test_a_dose_by_regimen(case: Cases) -> None:
    """Given two regimens, one of them is named."""
    rules = ({**LISO, "regimen": "high"}, {**LISO, "regimen": "low", "flat": ["410", "410"], "target": None})
    given = dosed(case("collected"), *rules)
    found = given.refusal(SetDose, DOCTOR, others=SECOND, **asked(given, "dlbcl"))
    assert found.rule == "regimen_unknown" and found.remedy == "Name one of: high, low."
    said = dose_of(given, "dlbcl", regimen="low")
    assert (said.regimen, said.minimum, said.maximum) == ("low", "410", "410")


def test_of_two_doses_set_at_once_the_last_counts_and_its_giver_is_told(case: Cases) -> None:
    """And the same one again is none."""
    given = case("collected")
    dose_of(given, "b_all", "32")
    found = given.decide(SetDose, "DOC-A2", others=SECOND, **asked(given, "b_all", "23"))
    assert isinstance(found, Allowed)
    (notice,) = found.notices
    assert notice.rule == "dose_changed"
    assert notice.message.startswith("A dose was set before: 6.4 to 160.0 million CAR+ for b_all, 32 kg, ")
    assert notice.message.endswith("Now it is 4.6 to 115 for b_all, 23 kg.")
    dose_of(given, "b_all", "23")
    assert given.state.dose is not None and given.state.dose.maximum == Decimal(115)
    again = given.refusal(SetDose, DOCTOR, others=SECOND, **asked(given, "b_all", "23.0"))
    assert (again.rule, again.answer) == ("already_done", ScanAnswer.CHECK)


def test_a_dose_is_signed_by_two_and_never_by_one(case: Cases) -> None:
    """A clinician and a pharmacist; nobody waives it."""
    given = case("collected")
    alone = given.signature_refusal(SetDose, DOCTOR, **asked(given, "dlbcl"))
    assert "witnessed" in alone.message


def test_cells_are_cut_and_never_rounded_up() -> None:
    """65.968 million are shown as 65.9; recorded is what was worked out."""
    assert [shown(Decimal(one)) for one in ("65.968", "249.99", "10")] == ["65.9", "249.9", "10.0"]
    assert [as_text(Decimal(one)) for one in ("65.968000", "250.0", "0")] == ["65.968", "250", "0"]


def test_a_protocol_has_one_rule_for_each_weight() -> None:
    """A gap or two rules for one weight are no rule; what the formula names is measured somewhere."""
    rules = PROTOCOL.dose
    assert rules is not None

    def found(**changes: object) -> tuple[str, ...]:
        return findings(PROTOCOL.model_copy(update={"dose": rules.model_copy(update=changes)}))

    light, heavy, flat = rules.rules
    assert found(rules=(light, flat)) == ("dose: b_all has no rule above 50 kg.",)
    assert found(rules=(heavy, flat)) == ("dose: b_all has no rule from 0 to 50 kg.",)
    assert found(rules=(light, heavy, light, flat)) == ("dose: b_all has two rules for a weight of 50 kg.",)
    assert found(formula="moon * volume_ml") == ("dose: moon in its formula is measured nowhere.",)
    listed = Indication(name="dlbcl", title="Diffuse large B-cell lymphoma", source="a label")
    update = {"dose": dose({**LISO, "indication": "mcl"}), "indications": (listed,)}
    assert findings(PROTOCOL.model_copy(update=update)) == ("dose: the indication mcl is described nowhere.",)
    assert "step dose_set needs dose.rules to set it by." in found(rules=())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"flat": None}, "give per_kg or flat"),
        ({"flat": ["120", "44"]}, "the first of two numbers is the least"),
        ({"target": "43"}, "target lies between"),
        ({"cells_max": "40"}, "cells_max is below"),
        ({"weight_over_kg": "60", "weight_max_kg": "50"}, "weight_over_kg is below"),
        ({"flat": ["44", 120]}, "is no number"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(changes: dict[str, object], said: str) -> None:
    """Each with what is wrong."""
    with pytest.raises((ValueError, InputError), match=said):
        dose({**LISO, **changes})


def test_a_dose_for_another_indication_says_for_which(case: Cases) -> None:
    """Both are named, and so is the product that was released by the dose before."""
    given = case("released")
    dose_of(given, "dlbcl")
    found = given.decide(SetDose, DOCTOR, others=SECOND, **asked(given, "b_all", "40"))
    assert isinstance(found, Allowed)
    told = {one.rule: one for one in found.notices}
    changed, released = told["dose_changed"], told["dose_after_release"]
    assert "million CAR+ for dlbcl, " in changed.message
    assert changed.message.endswith("Now it is 8 to 200 for b_all, 40 kg.")
    assert released.answer is ScanAnswer.CHECK
    assert all(unit in released.message for unit in given.one.products)


def test_a_dose_after_the_cells_were_given_says_so(case: Cases) -> None:
    """It is recorded, and nobody takes it for what was given; a bag not begun is named as released."""
    given = case("infused")
    found = given.decide(SetDose, DOCTOR, others=SECOND, **asked(given, "dlbcl"))
    assert isinstance(found, Allowed)
    (notice,) = (one for one in found.notices if one.rule == "dose_after_infusion")
    assert notice.answer is ScanAnswer.CHECK
    begun = [one for one in given.one.products if "infusion_started" in given.unit(one).facts]
    assert begun and notice.message.startswith(f"The infusion of {', '.join(begun)} was started already")


def test_a_day_of_weighing_with_a_mistyped_year_is_bad_input(case: Cases) -> None:
    """Two years are possible with frozen cells, a day more is not."""
    given = case("collected")
    today = given.now.date()
    for days, taken in ((729, True), (732, False)):
        day = (today - timedelta(days=days)).isoformat()
        values = asked(given, "b_all", "40", weighed_on=day)
        if taken:
            assert isinstance(given.decide(SetDose, DOCTOR, others=SECOND, **values), Allowed)
            continue
        with pytest.raises(InputError, match=f"The weight would be of {day}, ") as refused:
            given.decide(SetDose, DOCTOR, others=SECOND, **values)
        assert refused.value.field == "weighed_on" and "Check the year" in refused.value.remedy


def test_another_regimen_is_another_dose(case: Cases) -> None:
    """The same indication without a weight is no repetition."""
    rules = ({**LISO, "regimen": "high"}, {**LISO, "regimen": "low"})
    given = dosed(case("collected"), *rules)
    dose_of(given, "dlbcl", regimen="low")
    assert dose_of(given, "dlbcl", regimen="high").regimen == "high"
