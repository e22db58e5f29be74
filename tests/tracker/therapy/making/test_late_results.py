"""Results that no release waits for: due after it, and never lost when they do not meet their limit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from schema.events.deviations import DeviationDrafted
from schema.events.processing import Quarantined
from schema.vocabulary import AlertCause, Role, Severity
from tests.support.journeys import PROTOCOL
from tests.support.rule_cases import Case
from tracker.demo.journey import scan
from tracker.protocols.model import Protocol, ReleaseTest
from tracker.rules.decision import Allowed
from tracker.rules.duties import calls_from, open_duties
from tracker.rules.marks.standing import attention
from tracker.rules.results import failed_tests, late_tests, pending_tests, standing_results
from tracker.therapy.aftercare.requests import RecordOutcome
from tracker.therapy.corrections import Correct
from tracker.therapy.making import requests as making

Cases = Callable[[str], Case]
LATE: dict[str, Any] = {
    "code": "sterility_final",
    "title": "Sterility, 14 days",
    "operator": "==",
    "limit": "negative",
    "basis": "Ph. Eur. 2.6.27",
    "words": ("negative", "positive", "invalid"),
    "phase": "after_release",
    "due_after": "P14D",
    "source": "Ph. Eur. 2.6.27",
}
CAUSE = "failed_after_release"


def waiting(protocol: Protocol = PROTOCOL) -> Protocol:
    """The shipped protocol with a sterility test of 14 days, no duty beside it."""
    tests = (*protocol.release_tests, ReleaseTest.model_validate(LATE))
    return protocol.model_copy(update={"release_tests": tests, "duties": ()})


def given_at(case: Cases, stage: str) -> Case:
    """A stage whose protocol waits for the late result."""
    given = case(stage)
    given.protocol = waiting()
    return given


def late(given: Case, result: str = "positive") -> dict[str, Any]:
    """What the late result is recorded with."""
    return {"coi": scan(given.one.coi), "test": "sterility_final", "result": result}


def due(given: Case) -> list[str]:
    """The open duties of the therapy."""
    return [one.duty.name for one in open_duties(given.state, given.protocol, lambda _: "+00:00")]


def test_making_t10_a_late_test_keeps_no_release_back(case: Cases) -> None:
    """Given every other result, the release is possible; the late one is due 14 days after it."""
    given = given_at(case, "tested")
    assert pending_tests(given.state, 1, given.protocol) == ()
    assert [one.code for one in late_tests(given.state, 1, given.protocol)] == ["sterility_final"]
    assert due(given) == [] and calls_from(given.state, given.protocol) is None
    units = given.one.frozen_scans(tuple(given.one.products))
    given.do(making.Release, "QP-1", units=units, others="QA-2 reviewed")
    (one,) = open_duties(given.state, given.protocol, lambda _: "+00:00")
    assert (one.due_at - given.now, one.site, one.is_result) == (
        timedelta(days=14),
        given.state.sites.manufacturing,
        True,
    )
    assert calls_from(given.state, given.protocol) == one.calls_at == one.due_at - timedelta(days=14) / 5
    shown = standing_results(given.state, given.protocol, given.one.products)[-1]
    assert (shown.result, shown.is_awaited, shown.is_after_release) == ("", True, False)
    given.now = one.due_at + timedelta(minutes=1)
    (overdue,) = [one for one in given.alerts() if one.cause is AlertCause.OVERDUE]
    assert overdue.title == "Sterility, 14 days"
    assert overdue.rungs[0].site == given.state.sites.manufacturing
    given.do(making.RecordTest, "QA-2", **late(given, "negative"))
    assert due(given) == [] and "test_failed" not in [*attention(given.state, given.protocol)]


def test_making_t10_positive_on_day_12_after_the_infusion(case: Cases) -> None:
    """A critical deviation, an alert to the treatment site, and a mark that stays after the close."""
    given = given_at(case, "infused")
    given.now += timedelta(days=12)
    (rest,) = [one for one in given.one.products if given.unit(one).final is None]
    decision = given.decide(making.RecordTest, "QA-2", **late(given))
    assert isinstance(decision, Allowed)
    (said,) = decision.notices
    assert said.rule == CAUSE
    assert said.message == (
        "Sterility, 14 days positive does not meet its limit: negative, and the product was released. "
        f"In quarantine now: {rest}."
    )
    assert "Call the physician at TREAT-A now" in said.remedy
    result, deviation, held = given.do(making.RecordTest, "QA-2", **late(given))
    assert result.payload.kind == "tested" and isinstance(deviation.payload, DeviationDrafted)
    assert deviation.payload.cause == (CAUSE,) and held.payload.kind == "quarantined"
    (opened,) = given.state.deviations.values()
    assert (opened.severity, opened.progress) == (Severity.CRITICAL, "critical, open")
    (alert,) = [one for one in given.alerts() if one.subject == opened.deviation]
    assert (alert.title, alert.rungs[0].role, alert.rungs[0].site) == (
        "Deviation to be assessed: critical: failed after release",
        Role.CLINICIAN,
        "TREAT-A",
    )
    assert due(given) == [] and "test_failed" in [*attention(given.state, given.protocol)]
    shown = standing_results(given.state, given.protocol, given.one.products)[-1]
    assert (shown.result, shown.meets, shown.is_after_release) == ("positive", False, True)


def test_making_t10_what_was_not_given_yet_is_held(case: Cases) -> None:
    """Given a product that is released and still there, it goes into quarantine in the same act."""
    given = given_at(case, "released")
    drafts = given.do(making.RecordTest, "QA-2", **late(given))
    held = [one.payload for one in drafts if isinstance(one.payload, Quarantined)]
    assert [set(given.one.products) <= set(one.units) for one in held] == [True]
    assert all(given.unit(one).quarantined for one in given.one.products)


def test_making_t10_before_the_release_it_keeps_back_like_any_other(case: Cases) -> None:
    """A late test that is known early and fails is no less failed."""
    given = given_at(case, "tested")
    (draft,) = given.do(making.RecordTest, "QA-2", **late(given))
    assert draft.payload.kind == "tested"
    assert [one.code for one in failed_tests(given.state, 1, given.protocol)] == ["sterility_final"]
    units = given.one.frozen_scans(tuple(given.one.products))
    found = given.refusal(making.Release, "QP-1", units=units, others="QA-2 reviewed")
    assert found.rule == "test_failed" and "Sterility, 14 days positive (negative)" in found.message


def test_making_t10_a_correction_tells_it_alike(case: Cases) -> None:
    """Given a negative that should have said positive, the correction drafts, tells and marks the same."""
    given = given_at(case, "infused")
    given.do(making.RecordTest, "QA-2", **late(given, "negative"))
    recorded = given.state.tests[1, "sterility_final"].occurrence.event_id
    values = {"event": recorded, "field": "result", "new": "positive", "reason": "keying_error"}
    drafts = given.do(Correct, "QA-1", coi=scan(given.one.coi), **values, others="QP-1 approved")
    assert [one.payload.kind for one in drafts] == ["corrected", "deviation_drafted", "quarantined"]
    assert "test_failed" in [*attention(given.state, given.protocol)]


def test_making_t10_it_is_recorded_as_a_result_and_not_as_an_outcome(case: Cases) -> None:
    """Also after the close: 14 days are longer than some therapies take."""
    given = given_at(case, "infused")
    values = {"coi": scan(given.one.coi), "duty": "sterility_final", "result": "negative"}
    assert given.refusal(RecordOutcome, "DOC-A1", **values).rule == "duty_unknown"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"due_after": None}, "are given together"),
        ({"phase": "release"}, "are given together"),
        (
            {"gate": "identity", "limit": "match", "words": ("match", "no_match", "inconclusive")},
            "nothing is released before the identity is known",
        ),
    ],
)
def test_making_t10_what_no_late_test_can_be(changes: dict[str, Any], said: str) -> None:
    """It has a day of its own, and never proves whose cells they are."""
    with pytest.raises(ValidationError, match=said):
        ReleaseTest.model_validate({**LATE, **changes})
