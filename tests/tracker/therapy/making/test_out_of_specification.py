"""The release out of specification: at a physician's request, with the law, the file and two signatures."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from pydantic import ValidationError

from schema.errors import InputError
from schema.events.processing import ReleasedOutOfSpecification
from schema.vocabulary import AlertCause, Disposition, PrintOutcome, ReleasePredicate
from tests.support.rule_cases import Case
from tests.tracker.therapy.making.test_reviews import assess, review, reviewing, with_results
from tracker.demo.journey import scan
from tracker.protocols.model import ReleaseRules
from tracker.requests.paper_file import PAPER_BYTES_MAX
from tracker.rules.label_accounts import PrintRecord
from tracker.rules.therapy_state import OutcomeState
from tracker.therapy.deviations import AssessDeviation, CloseDeviation, OpenDeviation
from tracker.therapy.making import requests as making

Cases = Callable[[str], Case]


def investigated(case: Cases) -> Case:
    """Viability 64 where 70 is asked: reviewed, assessed as no error of the laboratory, and closed."""
    given = with_results(case, viability="64")
    given.protocol = reviewing().model_copy(update={"release": given.protocol.release})
    review(given)
    given.do(AssessDeviation, "QA-2", **assess(given, "oos", laboratory="no_error"))
    (deviation,) = given.state.deviations
    closing = {"coi": scan(given.one.coi), "deviation": deviation}
    given.do(CloseDeviation, "QA-2", others="QP-1 approved", **closing)
    return given


def asked(given: Case, **more: Any) -> dict[str, Any]:
    """What the qualified person asks for, approved by the treating physician."""
    return {"units": given.one.frozen_scans(tuple(given.one.products)), "others": "DOC-A1 approved", **more}


def test_making_t13_at_the_physicians_request_with_the_law_and_the_evaluation_of_the_risks(
    case: Cases,
) -> None:
    """Two signatures; the statement says what does not hold, what does, by which law and on which papers."""
    given = investigated(case)
    (draft,) = given.do(making.ReleaseOutOfSpecification, "QP-1", **asked(given))
    payload = draft.payload
    assert isinstance(payload, ReleasedOutOfSpecification)
    assert payload.failed_tests == ("viability",) and payload.failed == (ReleasePredicate.TESTS_MET,)
    held = {one.name for one in payload.predicates}
    assert held == {*given.protocol.release.predicates} - {ReleasePredicate.TESTS_MET}
    assert payload.basis == "eu_gmp_11_5"
    assert payload.requested is not None and payload.risk_evaluation is not None
    product = given.unit(given.one.products[0])
    assert product.disposition is Disposition.RELEASED_OUT_OF_SPECIFICATION


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"risk_evaluation": None}, "risk_evaluation_missing"),
        ({"requested": None}, "requested_missing"),
        ({"basis": None}, "basis_missing"),
        ({"basis": "nobody_minds"}, "basis_unknown"),
    ],
)
def test_making_t14_without_one_of_its_papers(case: Cases, changes: dict[str, Any], rule: str) -> None:
    """Each is refused by its own name, and not outside the rules either."""
    given = investigated(case)
    refused = given.refusal(making.ReleaseOutOfSpecification, "QP-1", **asked(given, **changes))
    assert refused.rule == rule and not refused.waivable
    assert given.unit(given.one.products[0]).disposition is Disposition.PENDING


def test_making_t14_a_clinician_of_another_site_and_an_open_deviation(case: Cases) -> None:
    """The physician is of the treatment site; and what may not fail has to hold here too."""
    given = investigated(case)
    elsewhere = given.signature_refusal(
        making.ReleaseOutOfSpecification, "QP-1", **asked(given, others="DOC-B1 approved")
    )
    assert elsewhere.rule == "role_elsewhere"
    label = {"coi": scan(given.one.coi), "category": "label", "description": "A label hangs loose."}
    given.do(OpenDeviation, "QA-2", **label)
    assert given.refusal(making.ReleaseOutOfSpecification, "QP-1", **asked(given)).rule == "deviation_open"


def test_making_t14_what_may_not_fail_is_told_whole(case: Cases) -> None:
    """A program that asks for more keeps its own list of what may fail."""
    given = investigated(case)
    rules = ReleaseRules(
        predicates=(*given.protocol.release.predicates, ReleasePredicate.LABELS_RECONCILED),
        bases=("eu_gmp_11_5",),
    )
    given.protocol = given.protocol.model_copy(update={"release": rules})
    unit = given.one.products[0]
    given.prints = (PrintRecord(unit, "7", PrintOutcome.PRINTED, unit=unit),)
    refused = given.refusal(making.ReleaseOutOfSpecification, "QP-1", **asked(given))
    assert refused.rule == "may_not_fail" and not refused.waivable
    assert "labels reconciled: nobody has said where these are: CT" in refused.message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 and nothing more", "cut off"),
        (b"a word file", "neither PDF"),
        (b"%PDF-%%EOF", "no page or picture"),
        (b"\xff\xd8\xff\xff\xd9", "no page or picture"),
        (b"\x89PNG\r\n\x1a\nIEND\xaeB`\x82", "no page or picture"),
    ],
)
def test_a_risk_file_that_is_no_whole_paper(case: Cases, content: bytes, said: str) -> None:
    """Refused by its field; nothing is recorded."""
    given = investigated(case)
    file = base64.b64encode(content).decode("ascii")
    with pytest.raises(InputError, match=said) as refused:
        given.decide(making.ReleaseOutOfSpecification, "QP-1", **asked(given, risk_evaluation=file))
    assert refused.value.field == "risk_evaluation" and refused.value.exit_code == 2


def test_bad_input_a_risk_file_that_is_too_large(case: Cases) -> None:
    """What nobody can send by post is not kept."""
    given = investigated(case)
    file = "A" * (PAPER_BYTES_MAX * 2)
    with pytest.raises(InputError, match="larger than 10 MB"):
        given.decide(making.ReleaseOutOfSpecification, "QP-1", **asked(given, risk_evaluation=file))


@pytest.mark.parametrize(
    "never", ["identity_assay", "labels_reconciled", "custody_unbroken", "no_quarantine"]
)
def test_may_fail_never_holds_identity_labels_or_custody(never: str) -> None:
    """Decided in the design, whatever a program writes."""
    with pytest.raises(ValidationError, match=f"may_fail never has {never}"):
        ReleaseRules(may_fail=(ReleasePredicate(never),))


def test_making_t15_the_authority_is_told_within_two_days_or_an_alert_says_so(case: Cases) -> None:
    """Nothing at 48 h less a minute after the infusion; overdue after it; told, it ends."""
    given = case("infused")
    unit = given.unit(given.one.products[0])
    infused = unit.facts["infusion_started"].at

    def overdue(at: timedelta) -> list[tuple[str, AlertCause, datetime]]:
        given.now = infused + at
        found = [one for one in given.alerts() if one.name == "authority_notified"]
        return [(one.title, one.cause, one.due_at) for one in found if one.cause is not AlertCause.DUE]

    late = timedelta(hours=48, minutes=1)
    assert overdue(late) == []
    given.change(unit.unit, disposition=Disposition.RELEASED_OUT_OF_SPECIFICATION)
    assert overdue(timedelta(hours=47, minutes=59)) == []
    due = infused + timedelta(hours=48)
    title = "Authority told of a product out of specification"
    assert overdue(late) == [(title, AlertCause.OVERDUE, due)]
    said = OutcomeState("event-1", 99, "authority_notified", due.date().isoformat(), "told")
    given.therapies[given.one.coi] = replace(given.state, outcomes=(said,))
    assert overdue(late) == []


@pytest.mark.parametrize("blank", [" ", "\n", "\t \r\n", "\u00a0", " \u200d "])
def test_blanks_are_no_request_of_a_physician(case: Cases, blank: str) -> None:
    """Nor any other text that a request asks for."""
    given = investigated(case)
    with pytest.raises(InputError, match="The text is only blanks"):
        given.decide(making.ReleaseOutOfSpecification, "QP-1", **asked(given, requested=blank))
