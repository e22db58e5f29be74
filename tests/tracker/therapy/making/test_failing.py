"""A manufacture that failed: it ends, owes the end of its vessels, and the next has results of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from schema.events import Party
from schema.events.processing import ManufacturingFailed
from schema.vocabulary import FailurePath, FinalDisposition, LabelState, Material, PartyType
from tests.support.journeys import PROTOCOL
from tests.support.process import OPERATOR, SECOND, SITE, begun, stocked, take, usual, vessel
from tests.support.rule_cases import Case
from tracker.demo.journey import scan
from tracker.rules.decision import Allowed, ScanAnswer
from tracker.rules.failed import attempt_of, owed
from tracker.rules.measures.history import MadeVerdict
from tracker.rules.results import result_of
from tracker.rules.therapy_state import UnitState
from tracker.therapy.course import not_ended
from tracker.therapy.making.requests import Destroy, FailManufacturing, PerformStep, RecordTest

Cases = Callable[[str], Case]
QUALITY, APPROVER = "QA-2", "QP-1 approved"


@pytest.fixture
def making(case: Cases) -> Case:
    """The bag of the first therapy was activated and pooled into a vessel, from which a sample was taken."""
    given = begun(case("received"))
    take(given, "activation", given.one.bag)
    pool = vessel(given)
    moves: tuple[Any, ...] = ((given.one.bag, pool, {"empties": True}),)
    take(given, "pooling", given.one.bag, moves=moves)
    return given


POOL = "UD333333332"


def failing(case: Case, **more: Any) -> dict[str, Any]:
    """Poor growth, and the cells are collected once more."""
    return {"coi": scan(case.one.coi), "cause": "poor_growth", "path": "recollect", **more}


def failed(case: Case, **more: Any) -> ManufacturingFailed:
    """What is recorded when a manufacture fails."""
    (draft,) = case.do(FailManufacturing, QUALITY, others=APPROVER, **failing(case, **more))
    assert isinstance(draft.payload, ManufacturingFailed)
    return draft.payload


def collected_again(case: Case) -> str:
    """A second bag of the patient, in the process."""
    bag = "UD555555552"
    known = case.unit(case.one.bag)
    holder = Party(type=PartyType.PERSON, id=OPERATOR)
    steps = {"activation", "pooling", "manufactured"}
    facts = {kind: fact for kind, fact in known.facts.items() if kind not in steps}
    case.therapies[case.one.coi] = case.state.with_unit(
        UnitState(
            bag,
            Material.LEUKAPHERESIS,
            facts=facts,
            site=SITE,
            labels={"2": LabelState.APPLIED},
            custodian=holder,
        )
    )
    return bag


def test_making_m13_each_manufacture_has_results_of_its_own(case: Cases) -> None:
    """Viability 61 in the first, which failed, and 88 in the second: the second's release reads 88."""
    given = stocked(case("made"))
    coi = {"coi": scan(given.one.coi)}
    given.do(RecordTest, QUALITY, **coi, test="viability", result="61")
    said = failed(given)
    assert (said.attempt, said.cause.value, said.path) == (1, "poor_growth", FailurePath.RECOLLECT)
    assert {*given.one.products} <= {*said.units}
    again = collected_again(given)
    assert attempt_of(given.state, (again,)) == 2
    take(given, "activation", again)
    assert given.state.process[-1].attempt == 2 and given.state.newest_attempt == 2
    given.do(RecordTest, QUALITY, **coi, test="viability", result="88", attempt=2)
    test = PROTOCOL.release_test("viability")
    assert test is not None
    found = [result_of(given.state, one, test) for one in (1, 2)]
    assert [one.result for one in found if one is not None] == ["61", "88"]


def test_making_m14_nothing_is_closed_over_a_vessel_that_nobody_destroyed(making: Case) -> None:
    """The unit is named, until it is destroyed before a witness."""
    failed(making)
    assert [*owed(making.state)] == [POOL]
    first = next(not_ended(making.state, making.protocol))
    assert (first.rule, first.waivable) == ("not_destroyed", False)
    assert first.message == (
        f"Manufacture 1 failed (poor growth), and {POOL} of it was neither destroyed nor kept."
    )
    making.do(Destroy, OPERATOR, others=SECOND, units=(scan(POOL),), reason="manufacturing_failed")
    assert not [*owed(making.state)] and not [*not_ended(making.state, making.protocol)]


def test_what_is_kept_of_a_failed_manufacture_owes_nothing(making: Case) -> None:
    """Quality says so when it fails; of another manufacture or therapy nothing is kept."""
    found = making.refusal(
        FailManufacturing, QUALITY, others=APPROVER, **failing(making, kept=(scan(making.one.bag),))
    )
    assert found.rule == "not_of_attempt" and found.field == "kept"
    stranger = making.refusal(
        FailManufacturing, QUALITY, others=APPROVER, **failing(making, kept=(scan(making.two.bag),))
    )
    assert not stranger.waivable
    said = failed(making, kept=(scan(POOL),))
    assert (said.units, said.kept) == ((POOL,), (POOL,))
    assert not [*owed(making.state)] and not [*not_ended(making.state, making.protocol)]


def test_a_failed_manufacture_goes_no_further(making: Case) -> None:
    """It is told what is to be destroyed; no step is taken with its cells, and it does not fail twice."""
    found = making.decide(FailManufacturing, QUALITY, others=APPROVER, **failing(making))
    assert isinstance(found, Allowed)
    (notice,) = found.notices
    assert notice.rule == "to_destroy" and POOL in notice.message and notice.answer is ScanAnswer.CHECK
    failed(making)
    going_on = making.refusal(PerformStep, OPERATOR, **usual("feeding", POOL))
    assert going_on.rule == "attempt_failed" and not going_on.waivable
    again = making.refusal(FailManufacturing, QUALITY, others=APPROVER, **failing(making))
    assert again.rule == "already_done"
    assert making.state.history.judgments[-1].verdict is MadeVerdict.FAILED


def test_it_is_made_again_of_what_is_left(case: Cases) -> None:
    """Starting material that was not used up is the second manufacture's too."""
    given = begun(case("received"))
    take(given, "activation", given.one.bag)
    assert failed(given, path="remanufacture").units == ()
    take(given, "activation", given.one.bag)
    assert [one.attempt for one in given.state.process] == [1, 2]
    assert given.state.newest_attempt == 2


def test_starting_material_of_a_failed_manufacture_is_destroyed_too(case: Cases) -> None:
    """Where the cells are collected again, what is left of the first collection is owed."""
    given = begun(case("received"))
    take(given, "activation", given.one.bag)
    assert failed(given).units == (given.one.bag,)


def test_what_was_given_did_not_fail(case: Cases) -> None:
    """Nor a manufacture that never began; and two people decide it."""
    given = case("made")
    for product in given.one.products:
        given.change(product, final=FinalDisposition.INFUSED)
    found = given.refusal(FailManufacturing, QUALITY, others=APPROVER, **failing(given))
    assert found.rule == "already_given"
    never = given.refusal(FailManufacturing, QUALITY, others=APPROVER, **failing(given, attempt=4))
    assert never.rule == "attempt_unknown"
    given.therapies[given.one.coi] = replace(given.state, failures={})
    for product in given.one.products:
        given.change(product, final=None)
    alone = given.signature_refusal(FailManufacturing, QUALITY, **failing(given))
    assert "approved" in alone.message
