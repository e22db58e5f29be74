"""What must hold before a release: each predicate with figure and evidence, all of them in the statement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from schema.events.processing import Released
from schema.vocabulary import PrintOutcome, ReleasePredicate
from tests.support.journeys import PROTOCOL, scans
from tests.support.rule_cases import Case
from tests.tracker.therapy.making.test_reviews import review, reviewing, with_results
from tracker.demo.journey import scan
from tracker.protocols.model import ReleaseRules
from tracker.rules.label_accounts import PrintRecord
from tracker.rules.release import PREDICATES, PredicateAnswer, PredicateVerdict, judge
from tracker.therapy.deviations import OpenDeviation
from tracker.therapy.making import requests as making

Cases = Callable[[str], Case]
ALL = ReleaseRules(predicates=tuple(ReleasePredicate))


def asking(case: Cases, stage: str = "tested") -> Case:
    """A manufacture of which every predicate is asked."""
    given = case(stage)
    given.protocol = reviewing().model_copy(update={"release": ALL})
    return given


def answers(given: Case) -> dict[str, PredicateVerdict]:
    """Each predicate as it stands for the products."""
    request = given.request(making.Release, "QP-1", units=given.one.frozen_scans(tuple(given.one.products)))
    units = [given.state.units[name] for name in given.one.products]
    return {one.predicate.value: one for one in judge(given.situation(request), given.state, units)}


def released(given: Case, **more: Any) -> dict[str, Any]:
    """What a qualified person asks for."""
    units = given.one.frozen_scans(tuple(given.one.products))
    return {"units": units, "others": "QA-2 reviewed", **more}


def test_making_t11_the_statement_holds_every_predicate_with_its_evidence(case: Cases) -> None:
    """Given all that is asked, the release names each of the twelve, what was found, and by which events."""
    given = asking(case)
    review(given)
    shown = answers(given)
    assert {one: verdict.answer for one, verdict in shown.items() if not verdict.holds} == {}
    (draft,) = given.do(making.Release, "QP-1", **released(given))
    payload = draft.payload
    assert isinstance(payload, Released)
    assert [one.name for one in payload.predicates] == [*ReleasePredicate]
    assert {one.name.value: (one.figure, one.evidence) for one in payload.predicates} == {
        name: (verdict.figure, verdict.evidence) for name, verdict in shown.items()
    }
    told = {one.name.value: one for one in payload.predicates}
    assert told["tests_met"].figure == "7 of 7" and len(told["tests_met"].evidence) == 7
    assert told["results_reviewed"].figure == "7 agreed, QP-1"
    assert (
        not told["lots_good"].applies and told["lots_good"].figure == "no lot touched the cells by the record"
    )
    again = {one: verdict.answer for one, verdict in answers(given).items()}
    assert again == {one: verdict.answer for one, verdict in shown.items()}


def test_making_m5_what_nobody_knows_is_not_met(case: Cases) -> None:
    """A result that is missing is unknown, and no release; the refusal tells all that does not hold."""
    given = asking(case, "made")
    shown = answers(given)
    assert shown["tests_met"].answer is PredicateAnswer.UNKNOWN and not shown["tests_met"].holds
    assert shown["tests_met"].figure.startswith("no result: Viability, ")
    given = with_results(case)
    given.protocol = given.protocol.model_copy(update={"release": ALL})
    review(given)
    told = {"category": "label", "description": "A label hangs loose.", "units": scans(*given.one.products)}
    given.do(OpenDeviation, "QA-2", coi=scan(given.one.coi), **told)
    assert answers(given)["no_open_deviation"].figure == "open: label (open)"
    assert given.refusal(making.Release, "QP-1", **released(given)).rule == "deviation_open"


def test_making_t12_a_label_that_nobody_has_accounted_for(case: Cases) -> None:
    """A copy that was printed and never seen again keeps the release back, by its code."""
    given = asking(case)
    review(given)
    unit = given.one.products[0]
    given.prints = (PrintRecord(unit, "7", PrintOutcome.PRINTED, unit=unit),)
    refused = given.refusal(making.Release, "QP-1", **released(given))
    assert refused.rule == "predicate_not_met"
    assert "labels reconciled: nobody has said where these are: CT" in refused.message


def test_every_predicate_has_its_function_and_two_are_always_asked() -> None:
    """A word that nothing judges cannot be listed, and no protocol leaves out tests or quarantine."""
    assert {*PREDICATES} == {*ReleasePredicate}
    assert {*PROTOCOL.release.predicates} >= {ReleasePredicate.TESTS_MET, ReleasePredicate.NO_QUARANTINE}
    with pytest.raises(ValidationError, match="predicates must have no_quarantine"):
        ReleaseRules(predicates=(ReleasePredicate.TESTS_MET,))
