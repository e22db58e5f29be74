"""Results of release tests: read strictly, judged when they are recorded, kept apart by manufacture."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from schema.errors import InputError
from schema.events import processing as events
from schema.vocabulary import FinalDisposition, Material
from tests.support.journeys import PROTOCOL, scans
from tests.support.rule_cases import Case
from tracker.demo.journey import GOOD_RESULTS, scan
from tracker.requests.base import Scan
from tracker.rules.decision import Allowed, ScanAnswer
from tracker.rules.marks.standing import attention
from tracker.rules.results import (
    failed_tests,
    open_attempts,
    pending_tests,
    result_of,
    standing_results,
)
from tracker.therapy.corrections import Correct
from tracker.therapy.making import requests as making

Cases = Callable[[str], Case]


def asked(case: Case, test: str, result: str, **more: Any) -> dict[str, Any]:
    """What a result is recorded with."""
    return {"coi": scan(case.one.coi), "test": test, "result": result, **more}


@pytest.mark.parametrize(
    ("test", "result", "code"),
    [
        ("viability", "101", "implausible"),
        ("viability", "400", "implausible"),
        ("viability", "-5", "implausible"),
        ("viability", "1e9", "bad_number"),
        ("viability", "NaN", "bad_number"),
        ("viability", "80 %", "bad_number"),
        ("viability", "75_0", "bad_number"),
        ("viability", " 75", "bad_number"),
        ("viability", "7,5", "bad_number"),
        ("viability", "8.0E1", "bad_number"),
        ("viability", "79.95", "bad_number"),
        ("viability", "negative", "bad_number"),
        ("dose", "99999999", "implausible"),
        ("vector_copies", "-0.1", "implausible"),
        ("endotoxin", "<0.5", "bad_number"),
        ("sterility", "1.2", "bad_word"),
        ("sterility", "Negative", "bad_word"),
        ("sterility", "neg", "bad_word"),
        ("mycoplasma", "0", "bad_word"),
    ],
)
def test_logistics_q1_findings_a10_what_is_no_result(case: Cases, test: str, result: str, code: str) -> None:
    """Bad input at once, exit 2; it does not happen outside the rules either."""
    given = case("made")
    for more in ({}, {"outside_rules": {"reason": "clinical_need"}}):
        with pytest.raises(InputError) as refused:
            given.decide(making.RecordTest, "QA-2", **asked(given, test, result, **more))
        assert (refused.value.code, refused.value.exit_code) == (code, 2)
    assert not given.state.tests


def test_making_h1_a_result_in_another_unit(case: Cases) -> None:
    """A counter that says what it counts in is held to it."""
    given = case("made")
    with pytest.raises(InputError) as refused:
        given.decide(making.RecordTest, "QA-2", **asked(given, "dose", "412", unit_of_measure="cells"))
    assert refused.value.code == "wrong_unit" and "million_cells" in refused.value.message
    given.do(making.RecordTest, "QA-2", **asked(given, "dose", "412", unit_of_measure="million_cells"))


def test_findings_a10_what_does_not_meet_is_said_at_once(case: Cases) -> None:
    """Possible, but failing: recorded, and told with limit and value, and seen on the board."""
    given = case("made")
    decision = given.decide(making.RecordTest, "QA-2", **asked(given, "endotoxin", "250"))
    assert isinstance(decision, Allowed)
    (said,) = decision.notices
    assert said.rule == "test_failed"
    assert said.message == "Endotoxin 250 EU/mL does not meet its limit: at most 3.5 EU/mL."
    payload = decision.events[0].payload
    assert isinstance(payload, events.Tested)
    assert (payload.limit, payload.meets_limit, payload.attempt) == ("<= 3.5", False, 1)
    assert "test_failed" not in [*attention(given.state, PROTOCOL)]
    given.do(making.RecordTest, "QA-2", **asked(given, "endotoxin", "250"))
    assert "test_failed" in [*attention(given.state, PROTOCOL)]
    met = given.decide(making.RecordTest, "QA-2", **asked(given, "sterility", "negative"))
    assert isinstance(met, Allowed) and met.notices == ()


def test_findings_a10_a_corrected_result_is_read_and_told_alike(case: Cases) -> None:
    """The way round by a correction is no laxer, and the flag goes when the right value meets."""
    given = case("made")
    (draft,) = given.do(making.RecordTest, "QA-2", **asked(given, "viability", "64"))
    recorded = next(one for one, said in given.statements.items() if said.payload == draft.payload)

    def correct(new: str) -> dict[str, Any]:
        values = {"coi": scan(given.one.coi), "event": recorded, "field": "result", "new": new}
        return {**values, "reason": "keying_error", "others": "QP-1 approved"}

    for wrong in ("400", "75_0", "80 %", "79.95"):
        with pytest.raises(InputError):
            given.decide(Correct, "QA-2", **correct(wrong))
    decision = given.decide(Correct, "QA-2", **correct("46.0"))
    assert isinstance(decision, Allowed)
    assert [one.message for one in decision.notices] == [
        "Viability 46.0 percent does not meet its limit: at least 70 percent."
    ]
    given.do(Correct, "QA-2", **correct("84"))
    assert "test_failed" not in [*attention(given.state, PROTOCOL)]
    standing = given.state.tests[1, "viability"]
    assert standing.result == "84"


def second_manufacture(case: Case, sample: str = "UD2222222S2") -> Case:
    """The first products destroyed, and a second manufacture ended with a product and a sample."""
    first = (*case.one.products, *case.one.samples)
    case.happened(events.Destroyed(units=first))
    product = "UD2222222P2"
    made = [(product, Material.PRODUCT), (sample, Material.QC_SAMPLE)]
    case.happened(
        events.Manufactured(
            parents=(case.one.bag,),
            children=tuple(events.ManufacturedUnit(unit=unit, material=what) for unit, what in made),
            attempt=2,
        ),
        actor="OPER-1",
    )
    return case


def test_making_h4_the_second_manufacture_has_results_of_its_own(case: Cases) -> None:
    """M13: viability 61 of the first closes no test of the second and does not decide its release."""
    given = case("made")
    given.do(making.RecordTest, "QA-2", **asked(given, "viability", "61"))
    second_manufacture(given)
    assert open_attempts(given.state) == (2,)
    assert [test.code for test in failed_tests(given.state, 1, PROTOCOL)] == ["viability"]
    assert [test.code for test in pending_tests(given.state, 2, PROTOCOL)] == [*GOOD_RESULTS]
    assert "test_failed" not in [*attention(given.state, PROTOCOL)]
    for test, result in {**GOOD_RESULTS, "viability": "88"}.items():
        given.do(making.RecordTest, "QA-2", **asked(given, test, result, attempt=2))
    assert pending_tests(given.state, 2, PROTOCOL) == failed_tests(given.state, 2, PROTOCOL) == ()
    viability = PROTOCOL.release_test("viability")
    assert viability is not None
    both = [result_of(given.state, attempt, viability) for attempt in (1, 2)]
    assert [one.result for one in both if one] == ["61", "88"]
    again = given.refusal(making.RecordTest, "QA-2", **asked(given, "viability", "90", attempt=2))
    assert (again.rule, again.answer) == ("already_done", ScanAnswer.CHECK) and "88" in again.message


def test_making_h4_the_old_result_never_decides_release(case: Cases) -> None:
    """All of the first met; the product of the second waits for its own."""
    given = case("tested")
    second_manufacture(given)
    product = given.unit("UD2222222P2")
    assert (product.attempt, product.final) == (2, None)
    frozen = {**product.facts, "cryopreserved": product.facts["manufactured"]}
    given.change(product.unit, facts=frozen, expires_at=given.now + timedelta(days=365))
    release = {"others": "QA-2 reviewed", "units": scans(product.unit)}
    found = given.refusal(making.Release, "QP-1", **release)
    assert found.rule == "tests_pending" and "of manufacture 2" in found.message
    given.do(making.RecordTest, "QA-2", **asked(given, "viability", "64", attempt=2))
    for test, result in GOOD_RESULTS.items():
        if test != "viability":
            given.do(making.RecordTest, "QA-2", **asked(given, test, result, attempt=2))
    found = given.refusal(making.Release, "QP-1", **release)
    assert found.rule == "test_failed" and "Viability 64 (at least 70 percent)" in found.message
    (draft,) = given.do(
        making.ReleaseOutOfSpecification, "QP-1", others="DOC-A1 approved", units=scans(product.unit)
    )
    assert isinstance(draft.payload, events.ReleasedOutOfSpecification)
    assert draft.payload.failed_tests == ("viability",)


def test_making_h4_whose_result_it_is_must_be_clear(case: Cases) -> None:
    """A late result of the first is not credited to the second: its sample or a number says whose it is."""
    given = second_manufacture(case("made"))
    found = given.refusal(making.RecordTest, "QA-2", **asked(given, "sterility", "negative"))
    assert (found.rule, found.answer) == ("attempt_unclear", ScanAnswer.CHECK) and not found.waivable
    found = given.refusal(making.RecordTest, "QA-2", **asked(given, "sterility", "negative", attempt=3))
    assert found.rule == "attempt_unknown" and "2 manufactures" in found.message
    given.do(
        making.RecordTest, "QA-2", **asked(given, "sterility", "negative", sample=Scan(code="UD2222222S2"))
    )
    assert [*given.state.tests] == [(2, "sterility")]
    given.do(making.RecordTest, "QA-2", **asked(given, "sterility", "positive", attempt=1))
    assert [*given.state.tests] == [(2, "sterility"), (1, "sterility")]
    assert given.unit(given.one.samples[0]).final is FinalDisposition.DESTROYED


@pytest.mark.parametrize(
    ("stage", "attempts"), [("frozen", ()), ("received", ()), ("made", (1,)), ("released", (1,))]
)
def test_making_h4_what_was_collected_is_no_manufacture(
    case: Cases, stage: str, attempts: tuple[int, ...]
) -> None:
    """Nothing was made of it yet, so no result is missing of anything."""
    assert open_attempts(case(stage).state) == attempts


@pytest.mark.parametrize("attempt", [1, None])
def test_making_h4_before_anything_was_made_a_result_is_of_the_first(
    case: Cases, attempt: int | None
) -> None:
    """Where a protocol takes results while the first manufacture goes on; a second cannot be named yet."""
    given = case("received")
    steps = (
        step.model_copy(update={"after": ()}) if step.kind == "tested" else step
        for step in given.protocol.steps
    )
    given.protocol = given.protocol.model_copy(update={"steps": tuple(steps)})
    assert given.state.attempts == 0
    found = given.refusal(making.RecordTest, "QA-2", **asked(given, "viability", "88", attempt=2))
    assert found.rule == "attempt_unknown"
    (draft,) = given.do(making.RecordTest, "QA-2", **asked(given, "viability", "88", attempt=attempt))
    assert isinstance(draft.payload, events.Tested) and draft.payload.attempt == 1


@pytest.mark.parametrize("material", [*Material])
def test_findings_a10_only_a_sample_was_tested(case: Cases, material: Material) -> None:
    """A product bag scanned for its tube is refused at the sample's own field."""
    given = case("made")
    tube = given.one.samples[0]
    given.change(tube, material=material)
    values = asked(given, "viability", "88", sample=Scan(code=tube))
    if material in (Material.QC_SAMPLE, Material.RETAIN):
        given.do(making.RecordTest, "QA-2", **values)
        return
    found = given.refusal(making.RecordTest, "QA-2", **values)
    assert (found.rule, found.field, found.waivable) == ("not_a_sample", "sample", False)
    assert material.value.replace("_", " ") in found.message


def test_making_h4_m18_a_sample_of_the_other_manufacture(case: Cases) -> None:
    """It is refused with what the sample was made from."""
    given = second_manufacture(case("made"))
    old = Scan(code=given.one.samples[0])
    found = given.refusal(making.RecordTest, "QA-2", **asked(given, "viability", "88", attempt=2, sample=old))
    assert found.rule == "wrong_sample" and not found.waivable
    assert given.one.bag in found.message and "manufacture 1" in found.message


def test_findings_a10_a_release_shows_what_it_is_decided_by(case: Cases) -> None:
    """Each result with unit, limit and verdict; what is missing and what fails among them."""
    given = second_manufacture(case("tested"))
    given.do(making.RecordTest, "QA-2", **asked(given, "viability", "64", attempt=2))
    shown = standing_results(given.state, PROTOCOL, ("UD2222222P2",))
    assert [one.attempt for one in shown] == [2] * len(PROTOCOL.release_tests)
    first, second = shown[:2]
    assert (first.title, first.result, first.limit, first.meets) == (
        "Viability",
        "64 percent",
        "at least 70 percent",
        False,
    )
    assert (second.title, second.result, second.meets) == ("CAR-positive T cells", "", False)
    met = standing_results(given.state, PROTOCOL, given.one.products)
    assert all(one.meets for one in met) and len(met) == len(PROTOCOL.release_tests)


def test_making_h4_which_manufacture_is_the_newest(case: Cases) -> None:
    """The first also before one has ended, so that its forms and results have a number."""
    assert (case("received").state.attempts, case("received").state.newest_attempt) == (0, 1)
    given = case("made")
    assert (given.state.attempts, given.state.newest_attempt) == (1, 1)
    given.change(given.one.products[0], attempt=3)
    assert given.state.newest_attempt == 3
