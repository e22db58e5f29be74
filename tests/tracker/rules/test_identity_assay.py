"""The identity assay: told by somebody else than who filled, and nothing is released without a match."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace
from pydantic import ValidationError

from schema.vocabulary import ReleasePredicate
from tests.support.journeys import PROTOCOL
from tests.support.rule_cases import Case
from tracker.demo.journey import scan
from tracker.protocols.model import Protocol, ReleaseRules, ReleaseTest
from tracker.rules.decision import Allowed, ScanAnswer
from tracker.rules.release import PredicateAnswer, PredicateVerdict, judge
from tracker.therapy.making import requests as making

Cases = Callable[[str], Case]
ASSAY = ReleaseTest.model_validate(
    {
        "code": "identity_assay", "title": "Identity, STR", "operator": "==", "limit": "match",
        "words": ["match", "no_match", "inconclusive"], "gate": "identity", "basis": "GMP ATMP 11",
        "independent_of": ["manufactured", "cryopreserved"], "retests_max": 1,
        "source": "a test", "verified": "read", "seen": date(2026, 11, 1),
    }
)  # fmt: skip


def with_assay() -> Protocol:
    """The shipped protocol with an identity assay, asked by its own predicate."""
    predicates = (*PROTOCOL.release.predicates, ReleasePredicate.IDENTITY_ASSAY)
    tests = (*PROTOCOL.release_tests, ASSAY)
    return PROTOCOL.model_copy(
        update={"release_tests": tests, "release": ReleaseRules(predicates=predicates)}
    )


def asking(case: Cases) -> Case:
    """A product with every result but the identity."""
    given = case("tested")
    given.protocol = with_assay()
    return given


def told(given: Case, result: str) -> dict[str, Any]:
    """What the assay is recorded with."""
    return {"coi": scan(given.one.coi), "test": "identity_assay", "result": result}


def verdict(given: Case) -> PredicateVerdict:
    """The predicate as it stands for the products."""
    units = given.one.frozen_scans(tuple(given.one.products))
    request = given.request(making.Release, "QP-1", units=units)
    products = [given.state.units[name] for name in given.one.products]
    found = judge(given.situation(request), given.state, products)
    return next(one for one in found if one.predicate is ReleasePredicate.IDENTITY_ASSAY)


def released(given: Case, request_class: Any = making.Release, others: str = "QA-2 reviewed") -> str:
    """The rule that keeps the products back; empty when they can be released."""
    units = given.one.frozen_scans(tuple(given.one.products))
    decision = given.decide(request_class, "QP-1", units=units, others=others)
    return "" if isinstance(decision, Allowed) else decision.reason.rule


def test_making_t7_whoever_filled_does_not_tell_whose_cells_they_are(case: Cases) -> None:
    """OPER-1 filled and froze the bags; another person's word counts."""
    given = asking(case)
    fact = given.state.units[given.one.products[0]].facts["cryopreserved"]
    assert fact.actor == "OPER-1"
    given.do(making.RecordTest, "QA-2", **told(given, "match"))
    assert verdict(given).answer is PredicateAnswer.MET and verdict(given).figure == "match, by QA-2"
    assert released(given) == ""


def test_making_t7_the_refusal_names_the_step(case: Cases) -> None:
    """Whoever may record results and had a hand in it is told by which step."""
    given = asking(case)
    own = given.state.units[given.one.products[0]]
    fact = own.facts["cryopreserved"]
    given.change(own.unit, facts={**own.facts, "cryopreserved": replace(fact, actor="QA-2")})
    refused = given.refusal(making.RecordTest, "QA-2", **told(given, "match"))
    assert refused.rule == "not_independent" and not refused.waivable
    assert refused.message.startswith("QA-2 took the step cryopreserved of this manufacture")


def test_making_t8_no_match_quarantines_the_whole_manufacture_at_once(case: Cases) -> None:
    """In the one act: the result, a deviation, all units of it; and a STOP that says what to do."""
    given = asking(case)
    decision = given.decide(making.RecordTest, "QA-2", **told(given, "no_match"))
    assert isinstance(decision, Allowed)
    (notice,) = decision.notices
    assert notice.rule == "no_match" and notice.answer is ScanAnswer.STOP
    assert notice.remedy.endswith(f"`cartrail trace shared {given.one.coi}`.")
    kinds = [one.payload.kind for one in given.do(making.RecordTest, "QA-2", **told(given, "no_match"))]
    assert sorted(kinds) == ["deviation_drafted", "quarantined", "tested"]
    made = [one for one in given.state.open_units() if one.attempt == 1]
    assert made and all(one.quarantined for one in made)
    assert verdict(given).answer is PredicateAnswer.NOT_MET


def test_making_t9_what_is_inconclusive_is_not_released_by_any_path(case: Cases) -> None:
    """Everything else is met; neither the release nor the path out of specification is open."""
    given = asking(case)
    assert verdict(given).answer is PredicateAnswer.UNKNOWN
    given.do(making.RecordTest, "QA-2", **told(given, "inconclusive"))
    assert verdict(given).answer is PredicateAnswer.NOT_MET
    assert verdict(given).figure == "Identity, STR: inconclusive"
    assert released(given) == "identity_not_proven"
    assert released(given, making.ReleaseOutOfSpecification, "DOC-A1 approved") == "identity_not_proven"


@pytest.mark.parametrize("changes", [{"limit": "no_match"}, {"words": ["match", "no_match"]}])
def test_an_identity_assay_has_its_own_words(changes: dict[str, Any]) -> None:
    """A protocol that turns them round would release another patient's cells."""
    with pytest.raises(ValidationError, match="an identity assay has the limit match and the words"):
        ReleaseTest.model_validate({**ASSAY.model_dump(), **changes})
