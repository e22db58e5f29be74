"""What must hold before a release: each predicate with figure and evidence, all of them in the statement."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace
from pydantic import ValidationError

from schema.events.dosing import DoseSet
from schema.events.processing import Released
from schema.vocabulary import LotStatus, PrintOutcome, ReleasePredicate
from tests.support.journeys import PROTOCOL, scans
from tests.support.process import VECTOR, stocked, with_lot
from tests.support.rule_cases import Case
from tests.tracker.therapy.making.test_reviews import review, reviewing, with_results
from tracker.demo.journey import scan
from tracker.protocols.model import ReleaseRules
from tracker.rules.label_accounts import PrintRecord
from tracker.rules.lots import lot_violations
from tracker.rules.release import PREDICATES, PredicateAnswer, PredicateVerdict, judge
from tracker.rules.therapy_state import ProcessRecord
from tracker.therapy.deviations import OpenDeviation
from tracker.therapy.making import requests as making

Cases = Callable[[str], Case]
OF_A_MAKER = ("certificate_adopted", "counts_match", "identifiers_match")
ALL = ReleaseRules(predicates=tuple(one for one in ReleasePredicate if one.value not in OF_A_MAKER))


def asking(case: Cases, stage: str = "tested") -> Case:
    """A manufacture of which every predicate is asked."""
    given = case(stage)
    given.protocol = reviewing().model_copy(update={"release": ALL})
    given.happened(DoseSet(indication="dlbcl", minimum="60", maximum="600"), "DOC-A1")
    for unit in given.one.products:
        given.change(unit, cells=Decimal(150))
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
    """Given all that is asked, the release names each of them, what was found, and by which events."""
    given = asking(case)
    review(given)
    shown = answers(given)
    assert {one: verdict.answer for one, verdict in shown.items() if not verdict.holds} == {}
    (draft,) = given.do(making.Release, "QP-1", **released(given))
    payload = draft.payload
    assert isinstance(payload, Released)
    assert [one.name for one in payload.predicates] == [*ALL.predicates]
    assert {one.name.value: (one.figure, one.evidence) for one in payload.predicates} == {
        name: (verdict.figure, verdict.evidence) for name, verdict in shown.items()
    }
    told = {one.name.value: one for one in payload.predicates}
    assert told["dose_in_range"].figure == "300.0 of 60.0 to 600.0 million CAR+"
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


class TestLotsGood:
    """What a lot is now and what it was when it touched the cells are two questions."""

    @staticmethod
    def of_lot(case: Cases, used: str = VECTOR, **changes: Any) -> PredicateVerdict:
        """The answer where the products came of one step with a lot that stands so by the record."""
        given = stocked(asking(case))
        with_lot(given, used, **changes)
        at = given.now - timedelta(days=1)
        event, products = "01890a5d-ac96-774b-8000-0000000000aa", tuple(given.one.products)
        record = ProcessRecord(
            event_id=event, sequence=1, step="transduction", attempt=1, units=products, filled=(),
            started_at=at, ended_at=at, actor="OPER-1", site="MFG-1", bench=None, instruments=(),
            lots=(used,), measured={},
        )  # fmt: skip
        given.therapies[given.one.coi] = replace(given.state, process=(record,))
        return answers(given)["lots_good"]

    @pytest.mark.parametrize("status", [LotStatus.RELEASED, LotStatus.EXHAUSTED])
    def test_a_lot_that_is_used_up_since_keeps_nothing_back(self, case: Cases, status: LotStatus) -> None:
        assert self.of_lot(case, status=status).answer is PredicateAnswer.MET

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"status": LotStatus.RESTRICTED}, "is restricted by quality"),
            ({"status": LotStatus.QUARANTINED}, "is in quarantine"),
            ({"status": LotStatus.RECALLED}, "was recalled"),
            ({"status": LotStatus.REJECTED}, "was rejected"),
            ({"released_at": None, "status": LotStatus.QUARANTINED}, "was not released when it was used"),
            ({"released_at": None, "status": LotStatus.EXHAUSTED}, "was not released when it was used"),
            ({"expires": "2020-01-31"}, "was good until 2020-01-31"),
        ],
    )
    def test_making_m8_a_lot_in_doubt_keeps_the_release_back(
        self, case: Cases, changes: dict[str, Any], said: str
    ) -> None:
        found = self.of_lot(case, **changes)
        assert found.answer is PredicateAnswer.NOT_MET and said in found.figure

    def test_a_lot_that_was_released_after_its_use(self, case: Cases) -> None:
        """That it is good now does not make it good then."""
        later = asking(case).now
        assert "was not released when it was used" in self.of_lot(case, released_at=later).figure

    @pytest.mark.parametrize("status", LotStatus)
    def test_every_status_has_its_words(self, case: Cases, status: LotStatus) -> None:
        """A status that nothing says would end a step in a fault of the program."""
        given = stocked(case("received"))
        with_lot(given, VECTOR, status=status)
        found = lot_violations(
            given.registry,
            given.registry.lots[VECTOR],
            site="MFG-1",
            at=given.now,
            offset_of=lambda _: "+00:00",
        )
        assert bool([*found]) is (status is not LotStatus.RELEASED)


def test_every_predicate_has_its_function_and_two_are_always_asked() -> None:
    """A word that nothing judges cannot be listed, and no protocol leaves out tests or quarantine."""
    assert {*PREDICATES} == {*ReleasePredicate}
    assert {*PROTOCOL.release.predicates} >= {ReleasePredicate.TESTS_MET, ReleasePredicate.NO_QUARANTINE}
    with pytest.raises(ValidationError, match="predicates must have no_quarantine"):
        ReleaseRules(predicates=(ReleasePredicate.TESTS_MET,))
