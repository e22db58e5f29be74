"""Grades of adverse reactions: by a scale of the protocol, and not below what was found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from schema.errors import InputError
from schema.events.aftercare import ToxicityGraded
from schema.vocabulary import Syndrome
from tests.support.journeys import PROTOCOL
from tests.support.rule_cases import Case
from tracker.demo.journey import scan
from tracker.protocols.graph import findings as protocol_findings
from tracker.rules.decision import Draft
from tracker.rules.grading import signatures_needed
from tracker.therapy.aftercare.requests import GradeToxicity
from tracker.therapy.course import Close

Cases = Callable[[str], Case]
NURSE = "WARD-A"
DOCTOR = "DOC-A1 witnessed"
CRS = {"syndrome": "crs", "scale": "astct", "scale_version": "2019"}
LEE = {"syndrome": "crs", "scale": "lee", "scale_version": "2014"}
ICANS = {"syndrome": "icans", "scale": "astct", "scale_version": "2019"}


@pytest.fixture
def infused(case: Cases) -> Case:
    """The first therapy's cells were given an hour ago."""
    given = case("infused")
    given.later(hours=1)
    return given


def found(**values: str | None) -> tuple[dict[str, str], ...]:
    """Findings by their words; None where one is there or not."""
    return tuple(
        {"finding": name} if value is None else {"finding": name, "value": value}
        for name, value in values.items()
    )


def ice(*points: int) -> dict[str, str]:
    """The five items of ICE in their order."""
    names = ("orientation", "naming", "command", "sentence", "attention")
    return {f"ice_{name}": str(value) for name, value in zip(names, points, strict=True)}


def asked(case: Case, by: dict[str, str], values: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What the request says."""
    return {"coi": scan(case.one.coi), "by": by, "findings": found(**values), **more}


def graded(case: Case, by: dict[str, str], values: dict[str, Any], **more: Any) -> ToxicityGraded:
    """The grade that is recorded."""
    drafts: tuple[Draft, ...] = case.do(GradeToxicity, NURSE, **asked(case, by, values, **more))
    assert isinstance(drafts[0].payload, ToxicityGraded)
    return drafts[0].payload


def test_making_a1_a_grade_below_what_was_found_is_refused(infused: Case) -> None:
    """Given 39.1 C and nasal oxygen of 4 L/min, 1 is refused with the finding named, and 2 is taken."""
    values = {"temperature_celsius": "39.1", "nasal_l_per_min": "4", "pressors": "0"}
    refusal = infused.refusal(GradeToxicity, NURSE, **asked(infused, CRS, values, grade=1))
    assert (refusal.rule, refusal.expected, refusal.read) == ("grade_too_low", "2", "1")
    assert "nasal oxygen 4 L/min is grade 2" in refusal.message and not refusal.waivable
    said = graded(infused, CRS, values, grade=2)
    assert (said.grade, said.after) == (2, (infused.one.products[0],))
    (kept,) = infused.state.grades
    assert (kept.syndrome, kept.scale, kept.scale_version, kept.grade) == ("crs", "astct", "2019", 2)


def test_making_a1_a_grade_above_what_was_found_is_the_judgement_of_who_signs(infused: Case) -> None:
    """Given fever alone, 2 is taken: a scale says the least, and a person sees more than its findings."""
    assert graded(infused, CRS, {"temperature_celsius": "38.0"}, grade=2).grade == 2
    assert graded(infused, CRS, {"temperature_celsius": "38.0"}).grade == 1
    assert graded(infused, CRS, {"temperature_celsius": "37.9"}).grade == 0


def test_making_a2_no_fever_is_needed_once_it_was_treated(infused: Case) -> None:
    """Given 37.2 C, tocilizumab and one vasopressor, it is grade 3, and a clinician confirms it."""
    values = {"temperature_celsius": "37.2", "treated": None, "pressors": "1"}
    alone = infused.signature_refusal(GradeToxicity, NURSE, **asked(infused, CRS, values))
    assert alone.rule == "signature_missing"
    assert graded(infused, CRS, values, others=DOCTOR).grade == 3
    untreated = {"temperature_celsius": "37.2", "pressors": "1"}
    assert graded(infused, CRS, untreated).grade == 0  # without fever it may be anything else


@pytest.mark.parametrize(
    ("values", "grade"),
    [
        ({"temperature_celsius": "38.5", "hypotension": None}, 2),
        ({"temperature_celsius": "38.5", "nasal_l_per_min": "6"}, 2),
        ({"temperature_celsius": "38.5", "nasal_l_per_min": "6.1"}, 3),
        ({"temperature_celsius": "38.5", "blow_by": None}, 2),
        ({"temperature_celsius": "38.5", "oxygen_mask": None}, 3),
        ({"temperature_celsius": "38.5", "pressors": "2"}, 4),
        ({"temperature_celsius": "38.5", "positive_pressure": None}, 4),
        ({"died": None}, 5),
    ],
)
def test_making_a2_crs_by_each_finding_of_astct(infused: Case, values: dict[str, Any], grade: int) -> None:
    """Each finding beside a fever has its grade; the gravest counts."""
    assert graded(infused, CRS, values, others=DOCTOR if grade > 2 else "").grade == grade


@pytest.mark.parametrize(
    ("values", "grade"),
    [
        ({"age_years": "61", **ice(4, 3, 1, 1, 1)}, 0),
        ({"age_years": "61", **ice(4, 2, 1, 1, 0)}, 1),
        ({"age_years": "61", **ice(3, 2, 1, 0, 0)}, 2),
        ({"age_years": "61", **ice(0, 0, 0, 0, 0)}, 3),
        ({"age_years": "61", **ice(0, 0, 0, 0, 0), "unarousable": None}, 4),
        ({"unarousable": None}, 4),
        ({"age_years": "61", **ice(4, 3, 1, 1, 1), "seizure_brief": None}, 3),
        ({"age_years": "61", **ice(4, 3, 1, 1, 1), "motor_weakness": None}, 4),
        ({"age_years": "61", **ice(4, 3, 1, 1, 1), "edema_focal": None}, 3),
        ({"age_years": "61", **ice(4, 3, 1, 1, 1), "awakens_to_voice": None}, 2),
    ],
)
def test_making_a3_icans_by_ice_and_by_how_one_awakens(
    infused: Case, values: dict[str, Any], grade: int
) -> None:
    """ICE 8 is grade 1; ICE 0 is 3 where the patient is awake and 4 where nothing arouses."""
    assert graded(infused, ICANS, values, others=DOCTOR if grade > 2 else "").grade == grade


def test_making_a4_under_twelve_it_goes_by_capd(infused: Case) -> None:
    """Given 9 years and CAPD 11, awake, it is grade 3; ICE is refused, and so is CAPD at 12."""
    child = {"age_years": "9", "capd": "11"}
    assert graded(infused, ICANS, child, others=DOCTOR).grade == 3
    by_ice = {"age_years": "9", **ice(4, 3, 1, 1, 1)}
    refusal = infused.refusal(GradeToxicity, NURSE, **asked(infused, ICANS, by_ice))
    assert refusal.rule == "wrong_for_age" and "ICE is not for 9 years" in refusal.message
    adult = {"age_years": "12", "capd": "3"}
    assert infused.refusal(GradeToxicity, NURSE, **asked(infused, ICANS, adult)).rule == "wrong_for_age"
    spontaneously = {"age_years": "9", "capd": "8", "awakens_spontaneously": None}
    assert graded(infused, ICANS, spontaneously).grade == 1
    assert graded(infused, ICANS, {"age_years": "9", "capd": "8", "awakens_to_voice": None}).grade == 2


def test_making_a5_grades_of_two_scales_stand_side_by_side(infused: Case) -> None:
    """Given a grade 2 by ASTCT 2019 and one by Lee 2014 of one day, both stand, each by its own findings."""
    graded(infused, CRS, {"temperature_celsius": "38.5", "nasal_l_per_min": "3"})
    lee = graded(infused, LEE, {"temperature_celsius": "38.5", "oxygen_fraction_percent": "39"})
    assert (lee.grade, lee.scale_version) == (2, "2014")
    assert [(one.scale, one.scale_version, one.grade) for one in infused.state.grades] == [
        ("astct", "2019", 2),
        ("lee", "2014", 2),
    ]
    assert graded(infused, LEE, {"temperature_celsius": "38.5", "pressors": "1"}).grade == 2
    high = {"temperature_celsius": "38.5", "oxygen_fraction_percent": "40"}
    assert graded(infused, LEE, high, others=DOCTOR).grade == 3
    liver = {"temperature_celsius": "38.5", "liver_grade": "4"}
    assert graded(infused, LEE, liver, others=DOCTOR).grade == 3


def test_making_a5_a_scale_without_a_table_is_read_by_its_signer(infused: Case) -> None:
    """Given a scale that the program has no table of, the grade has to be said, and no finding is asked."""
    by = {"syndrome": "iec_hs", "scale": "astct", "scale_version": "2023"}
    assert infused.refusal(GradeToxicity, NURSE, **asked(infused, by, {})).rule == "grade_missing"
    assert graded(infused, by, {}, grade=1).findings == ()
    with pytest.raises(InputError, match="is nothing that IEC-HS by ASTCT 2023 asks"):
        infused.decide(GradeToxicity, NURSE, **asked(infused, by, {"ferritin": "900"}, grade=1))


@pytest.mark.parametrize(
    ("by", "values", "code"),
    [
        (ICANS, {"age_years": "61", **ice(5, 3, 1, 1, 1)}, "implausible"),
        (ICANS, {"age_years": "90", **ice(4, 3, 1, 1, 1)}, "implausible"),
        (CRS, {"temperature_celsius": "391"}, "implausible"),
        (CRS, {"temperature_celsius": "39,1"}, "bad_number"),
        (CRS, {"temperature_celsius": "3.9E1"}, "bad_number"),
        (CRS, {"temperature_celsius": None}, "bad_number"),
        (CRS, {"temperature_celsius": "39.1", "treated": "1"}, "bad_number"),
        (CRS, {"temperature_celsius": "39.1", "ice_naming": "3"}, "finding_unknown"),
    ],
)
def test_making_a1_what_cannot_be_found_is_not_taken(
    infused: Case, by: dict[str, str], values: dict[str, Any], code: str
) -> None:
    """Item 5 of 4, a comma, an age that would name somebody, a number where there is none: exit 2 each."""
    with pytest.raises(InputError) as refused:
        infused.decide(GradeToxicity, NURSE, **asked(infused, by, values))
    assert refused.value.code == code


def test_making_a1_a_grade_has_its_scale_its_findings_and_its_time(infused: Case) -> None:
    """A version "latest", no temperature, a finding twice, a time to come: refused each."""
    fever = {"temperature_celsius": "38.5"}
    latest = infused.refusal(
        GradeToxicity, NURSE, **asked(infused, {**CRS, "scale_version": "latest"}, fever)
    )
    assert latest.rule == "scale_unknown" and "crs astct 2019" in latest.remedy
    assert infused.refusal(GradeToxicity, NURSE, **asked(infused, CRS, {})).rule == "finding_missing"
    twice = {**asked(infused, CRS, fever), "findings": found(**fever) * 2}
    with pytest.raises(InputError, match="given twice"):
        infused.decide(GradeToxicity, NURSE, **twice)
    later = infused.now + timedelta(days=1)
    with pytest.raises(InputError, match="after it is recorded"):
        infused.decide(GradeToxicity, NURSE, **asked(infused, CRS, fever, assessed_at=later))
    with pytest.raises(InputError, match="first signs cannot be"):
        infused.decide(GradeToxicity, NURSE, **asked(infused, CRS, fever, onset="2031-01-01"))
    before = infused.now - timedelta(days=2)
    early = infused.refusal(GradeToxicity, NURSE, **asked(infused, CRS, fever, assessed_at=before))
    assert early.rule == "before_infusion"
    with pytest.raises(ValueError, match="less than or equal to 5"):
        infused.decide(GradeToxicity, NURSE, **asked(infused, CRS, fever, grade=6))


def test_making_a1_no_grade_before_the_cells_and_one_after_the_therapy_is_closed(case: Cases) -> None:
    """Given no infusion it is too early; given a closed therapy it is taken: reactions come for weeks."""
    early = case("bedside")
    fever = {"temperature_celsius": "38.5"}
    assert early.refusal(GradeToxicity, NURSE, **asked(early, CRS, fever)).rule == "too_early"
    given = case("infused")
    for unit in given.state.units:
        given.change(unit, final=given.unit(given.one.products[0]).final, volume_ml=None)
    given.do(Close, "DOC-A1", coi=scan(given.one.coi))
    given.later(days=9)
    assert graded(given, CRS, fever).grade == 1


def test_making_a2_a_protocol_says_from_which_grade_two_people_sign() -> None:
    """Given a scale with second_from, its grades are counted by it; by a scale unknown two are asked."""
    assert [signatures_needed(PROTOCOL, Syndrome.CRS, "astct", "2019", grade) for grade in (2, 3)] == [1, 2]
    assert signatures_needed(PROTOCOL, Syndrome.CRS, "own", "1", 0) == 2
    bare = PROTOCOL.model_copy(update={"scales": ()})
    assert "step toxicity_graded needs scales to grade by." in protocol_findings(bare)
    twice = PROTOCOL.model_copy(update={"scales": (*PROTOCOL.scales, PROTOCOL.scales[0])})
    assert "scale crs/astct/2019 is defined twice." in protocol_findings(twice)
