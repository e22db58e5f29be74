"""Results that another person looks over, and those out of specification that are investigated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from schema.errors import InputError
from schema.events.deviations import DeviationDrafted
from schema.vocabulary import TestPhase
from tests.support.journeys import PROTOCOL, scans
from tests.support.rule_cases import Case
from tracker.demo.journey import GOOD_RESULTS, scan
from tracker.protocols.model import Protocol
from tracker.rules.decision import Violation
from tracker.rules.due_steps import due_of_therapy
from tracker.rules.results import failed_tests, pending_tests, result_of
from tracker.rules.reviews import is_reviewed, not_reviewed
from tracker.therapy.corrections import Correct
from tracker.therapy.deviations import AssessDeviation, CloseDeviation
from tracker.therapy.making import requests as making

Cases = Callable[[str], Case]


def reviewing(**changes: Any) -> Protocol:
    """The shipped protocol, whose release tests are reviewed and may be repeated once."""
    said = {"review": True, "retests_max": 1, **changes}
    tests = tuple(test.model_copy(update=said) for test in PROTOCOL.release_tests)
    return PROTOCOL.model_copy(update={"release_tests": tests})


def with_results(case: Cases, **instead: str) -> Case:
    """A product with every result, by QA-2; nobody has looked them over."""
    given = case("made")
    given.protocol = reviewing()
    for test, result in {**GOOD_RESULTS, **instead}.items():
        given.do(making.RecordTest, "QA-2", coi=scan(given.one.coi), test=test, result=result)
    return given


def event_of(given: Case, test: str) -> str:
    """The event that recorded the first result of a test."""
    return given.state.tests[1, test].occurrence.event_id


def review(given: Case, actor: str = "QP-1", verdict: str = "agreed", **more: Any) -> list[str]:
    """Somebody looks over what waits; gives the kinds that were recorded."""
    values = {"coi": scan(given.one.coi), "verdict": verdict, "signed": f"{actor} reviewed", **more}
    return [one.payload.kind for one in given.do(making.ReviewResults, actor, **values)]


def released(given: Case) -> Violation | None:
    """Why the products are not released; None when they can be."""
    units = given.one.frozen_scans(tuple(given.one.products))
    values = {"units": units, "others": "QA-2 reviewed"}
    decision = given.decide(making.Release, "QP-1", **values)
    return getattr(decision, "reason", None)


def assess(given: Case, decision: str, **more: Any) -> dict[str, Any]:
    """What quality says of the one deviation there is."""
    (deviation,) = given.state.deviations
    said = {"severity": "major", "cause": "method", "decision": decision, "deviation": deviation}
    return {"coi": scan(given.one.coi), "remark": "See the report of the laboratory.", **said, **more}


def test_making_t3_another_person_reviews_and_a_correction_voids_it(case: Cases) -> None:
    """Given results by QA-2: not QA-2 but QP-1 agrees; a corrected result waits again."""
    given = with_results(case)
    missing = released(given)
    assert missing is not None and missing.rule == "not_reviewed"
    assert "Viability 92 percent" in missing.message and "Sterility, rapid negative" in missing.message
    later = case("tested")  # where the samples are used up too
    due = due_of_therapy(later.state, given.protocol)
    assert due is not None and due.kind == "results_reviewed"
    own = given.refusal(
        making.ReviewResults, "QA-2", coi=scan(given.one.coi), verdict="agreed", signed="QA-2 reviewed"
    )
    assert own.rule == "same_person"
    assert own.message == "QA-2 recorded or corrected Viability 92 percent, and cannot review it too."
    assert review(given) == ["results_reviewed"]
    assert released(given) is None
    again = given.refusal(making.ReviewResults, "QP-1", coi=scan(given.one.coi), verdict="agreed")
    assert again.rule == "already_done"
    wrong = {"event": event_of(given, "viability"), "field": "result", "new": "91", "reason": "keying_error"}
    given.do(Correct, "QA-1", coi=scan(given.one.coi), **wrong, others="QP-1 approved")
    missing = released(given)
    assert missing is not None and missing.rule == "not_reviewed"
    assert "Viability 91 percent" in missing.message and "Sterility" not in missing.message
    corrector = given.refusal(making.ReviewResults, "QA-1", coi=scan(given.one.coi), verdict="agreed")
    assert corrector.rule == "same_person"


def test_making_t3_what_is_queried_holds_the_release(case: Cases) -> None:
    """Whatever the protocol asks: who doubts a result says why, and it waits until somebody agrees."""
    given = with_results(case)
    given.protocol = PROTOCOL
    assert released(given) is None
    values: dict[str, Any] = {"coi": scan(given.one.coi), "verdict": "queried"}
    values["about"] = (event_of(given, "endotoxin"),)
    with pytest.raises(ValidationError, match="queried needs what is in question as remark"):
        given.request(making.ReviewResults, "QP-1", **values)
    review(given, **{**values, "remark": "The curve is missing."})
    missing = released(given)
    assert missing is not None and "Endotoxin 0.5 EU/mL (queried by QP-1)" in missing.message
    assert not_reviewed(given.state, 1, PROTOCOL)
    review(given, about=(event_of(given, "endotoxin"),))
    assert released(given) is None
    strange = given.refusal(
        making.ReviewResults,
        "QP-1",
        coi=scan(given.one.coi),
        verdict="agreed",
        about=(next(iter(given.state.events)),),
    )
    assert strange.rule == "result_unknown"


def test_making_t4_a_failing_reviewed_result_drafts_a_deviation_once(case: Cases) -> None:
    """Viability 61 against 70: one deviation, however often it is looked over, and no release."""
    given = with_results(case, viability="61")
    assert review(given, verdict="queried", remark="Is it 61 or 91?") == ["results_reviewed"]
    values = {"coi": scan(given.one.coi), "verdict": "agreed", "signed": "QP-1 reviewed"}
    drafts = given.do(making.ReviewResults, "QP-1", **values)
    drafted = drafts[1].payload
    assert isinstance(drafted, DeviationDrafted) and drafted.cause == ("oos",)
    (deviation,) = given.state.deviations.values()
    assert {*given.one.products} <= {*deviation.units}
    assert review(given, about=(event_of(given, "viability"),)) == ["results_reviewed"]
    assert len(given.state.deviations) == 1
    refused = released(given)
    assert refused is not None and refused.rule == "deviation_open"


def test_making_t5_which_result_counts_is_by_the_assessment(case: Cases) -> None:
    """No error: 61 counts although the repeat is 82; an error of the laboratory: 82 counts, 61 stays."""
    given = with_results(case, viability="61")
    review(given)
    given.do(AssessDeviation, "QA-2", **assess(given, "no_impact", laboratory="no_error", retests=1))
    repeat = {"coi": scan(given.one.coi), "test": "viability", "result": "82", "phase": "retest"}
    (draft,) = given.do(making.RecordTest, "QA-2", **repeat)
    first = event_of(given, "viability")
    assert (draft.payload.phase, draft.payload.follows) == (TestPhase.RETEST, first)  # type: ignore[attr-defined]
    (viability,) = failed_tests(given.state, 1, given.protocol)
    counts = result_of(given.state, 1, viability)
    assert counts is not None and counts.result == "61"
    given.do(AssessDeviation, "QA-2", **assess(given, "no_impact", laboratory="error", retests=1))
    counts = result_of(given.state, 1, viability)
    assert counts is not None and counts.result == "82" and not is_reviewed(counts)
    assert [one.result for one in given.state.tests[1, "viability"].every] == ["61", "82"]
    review(given)
    (deviation,) = given.state.deviations
    close = {"coi": scan(given.one.coi), "deviation": deviation}
    given.do(CloseDeviation, "QA-2", **close, others="QP-1 approved")
    assert released(given) is None


def test_making_t5_an_error_without_a_repeat_leaves_no_result(case: Cases) -> None:
    """The first is no result any more, and another one is still to come."""
    given = with_results(case, viability="61")
    review(given)
    given.do(AssessDeviation, "QA-2", **assess(given, "no_impact", laboratory="error", retests=1))
    assert [test.code for test in pending_tests(given.state, 1, given.protocol)] == ["viability"]
    refused = released(given)
    assert refused is not None and refused.rule == "tests_pending"


def test_making_t6_a_test_is_repeated_as_often_as_was_fixed_in_advance(case: Cases) -> None:
    """One is allowed: the second is stopped, and so is one that nobody allowed; the protocol bounds it."""
    given = with_results(case, viability="61")
    repeat = {"coi": scan(given.one.coi), "test": "viability", "result": "82", "phase": "retest"}
    assert given.refusal(making.RecordTest, "QA-2", **repeat).rule == "retest_not_allowed"
    review(given)
    with pytest.raises(InputError, match="allows 1 repeat test of Viability, not 2"):
        given.decide(AssessDeviation, "QA-2", **assess(given, "oos", laboratory="error", retests=2))
    given.do(AssessDeviation, "QA-2", **assess(given, "oos", laboratory="error", retests=1))
    given.do(making.RecordTest, "QA-2", **repeat)
    second = given.refusal(making.RecordTest, "QA-2", **{**repeat, "phase": "resample"})
    assert second.rule == "retest_not_allowed"
    assert second.message == "Viability 61 percent was repeated 1 time; allowed: 1."
    first = given.refusal(making.RecordTest, "QA-2", **{**repeat, "phase": "first"})
    assert first.rule == "already_done"
    given.change(given.one.samples[0], attempt=1)
    other = {**repeat, "test": "sterility", "result": "negative", "sample": scans(given.one.samples[0])[0]}
    assert given.refusal(making.RecordTest, "QA-2", **other).rule == "retest_not_allowed"
