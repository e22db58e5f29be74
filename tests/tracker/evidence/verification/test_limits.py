"""Clocks and limits judged again: in a store by the pinned protocol, in a bundle by what entries carry."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from schema.instants import format_instant, parse_instant
from tests.support.rehearsals import ACCEPTED, COLLECTED, FROZEN, forged, statement_of
from tracker.drill.bundles import exported
from tracker.drill.insiders import sign_otherwise, travel
from tracker.drill.rehearsal import Rehearsal
from tracker.drill.scene import AttackedCopy
from tracker.evidence.standalone.verify import Step
from tracker.evidence.verification.store import verify_store
from tracker.evidence.verification.verdict import Check, StepOutcome, Verification

Change = Callable[[dict[str, Any]], object]


def found(verdict: Verification) -> list[str]:
    """The findings about limits; there are no others."""
    assert {one.step for one in verdict.findings} <= {Check.LIMITS}
    return [one.message for one in verdict.findings]


def carrying(*judged: dict[str, Any]) -> Change:
    """Let the payload carry other limits."""
    return lambda payload: payload.update(limits_judged=list(judged))


def test_findings_d3_a_step_carries_the_limit_it_was_judged_by(attacked: AttackedCopy) -> None:
    """Given cells frozen after a collection, then the entry says from which event the 48 hours ran."""
    frozen, collected = (statement_of(attacked, one) for one in (FROZEN, COLLECTED))
    due = parse_instant(collected["occurred_at"]) + timedelta(hours=48)
    assert frozen["payload"]["limits_judged"] == [
        {"rule": "limit.collection_to_freeze", "start": collected["event_id"], "due": format_instant(due)}
    ]
    assert "limits_judged" not in statement_of(attacked, ACCEPTED)["payload"]
    step = verify_store(attacked.url).steps[Check.LIMITS - 1]
    assert (step.outcome, step.findings) == (StepOutcome.HOLDS, ())


def test_findings_d3_a_limit_that_was_passed_and_recorded_as_in_order(
    rehearsal: Rehearsal, attacked: AttackedCopy, tmp_path: Path
) -> None:
    """Given an entry that itself says its limit was over, then both verifiers ask for `outside_rules`."""
    frozen, collected = (statement_of(attacked, one) for one in (FROZEN, COLLECTED))
    over = format_instant(parse_instant(frozen["occurred_at"]) - timedelta(seconds=1))
    clock = {"rule": "limit.collection_to_freeze", "start": collected["event_id"], "due": over}
    verdict = forged(rehearsal, attacked, FROZEN, carrying(clock))
    assert verdict.exit_code == 4 and found(verdict)[0].startswith(
        "it carries the limits limit.collection_to"
    )
    assert exported(rehearsal, attacked, tmp_path).alone == (Step.LIMITS,)


def test_findings_d3_a_looser_limit_than_the_protocol_has(
    rehearsal: Rehearsal, attacked: AttackedCopy, tmp_path: Path
) -> None:
    """Given a step recorded by 80 hours in place of 48, then the store's protocol shows it; a bundle has the
    entry's word alone.
    """
    collected = statement_of(attacked, COLLECTED)
    due = format_instant(parse_instant(collected["occurred_at"]) + timedelta(hours=80))
    clock = {"rule": "limit.collection_to_freeze", "start": collected["event_id"], "due": due}
    (told,) = found(forged(rehearsal, attacked, FROZEN, carrying(clock)))
    assert due in told and "by its protocol these are" in told
    assert exported(rehearsal, attacked, tmp_path).alone == ()


def test_findings_d3_a_limit_left_out(rehearsal: Rehearsal, attacked: AttackedCopy) -> None:
    """Given a step that carries no limit, then the store's verifier names the one it was to carry."""
    (told,) = found(forged(rehearsal, attacked, FROZEN, lambda payload: payload.pop("limits_judged")))
    assert told.startswith(
        "it carries the limits none, and by its protocol these are limit.collection_to_freeze"
    )


@pytest.mark.parametrize(
    ("judged", "told"),
    [
        (
            {"rule": "limit.made_up", "start": "01900000-0000-7000-8000-000000000001"},
            "limit.made_up runs from the event 01900000-0000-7000-8000-000000000001, and no entry before it",
        ),
        (
            {"rule": "out_of_band", "value": "4", "maximum": "-150"},
            "was judged by 4, which is not what it says",
        ),
    ],
)
def test_findings_d3_what_a_bundle_cannot_hold(
    rehearsal: Rehearsal, attacked: AttackedCopy, tmp_path: Path, judged: dict[str, Any], told: str
) -> None:
    """Given a limit from an event that never was, or a value that the entry has not, then it is found."""
    if "start" in judged:
        judged = {**judged, "due": "2099-01-01T00:00:00.000Z"}
    assert found(forged(rehearsal, attacked, FROZEN, carrying(judged)))
    data = exported(rehearsal, attacked, tmp_path)
    assert data.alone == (Step.LIMITS,)
    assert any(told in one for one in data.messages)


def rules_carried(attacked: AttackedCopy) -> dict[str, set[str]]:
    """What each kind of step on the way to the manufacturer was judged by."""
    carried: dict[str, set[str]] = {}
    with attacked.owner() as editor:
        for number in range(FROZEN + 1, editor.length(attacked.coi)):
            statement = editor.entry(attacked.coi, number)["statement"]
            judged = statement["payload"].get("limits_judged", ())
            carried.setdefault(statement["kind"], set()).update(one["rule"] for one in judged)
    return carried


def test_findings_d3_shelf_life_hold_time_and_display_are_carried_too(
    rehearsal: Rehearsal, attacked: AttackedCopy, tmp_path: Path
) -> None:
    """Given frozen cells on their way, then each step that such a limit can stop carries it, and it holds."""
    attacked.key = rehearsal.key
    travel(rehearsal, attacked)
    attacked.integrate()
    carried = rules_carried(attacked)
    out = "limit.leukapheresis_out_of_storage"
    assert carried["packed"] == {out, "expired", "out_of_band"}
    assert carried["relinquished"] == carried["accepted"] == {"hold_passed"}
    assert carried["inspected"] == {"hold_passed", "out_of_band"}
    assert carried["stored"] == {out}
    assert verify_store(attacked.url).findings == ()
    assert exported(rehearsal, attacked, tmp_path).messages == ()


@pytest.mark.parametrize(("rule", "kind"), [("expired", "packed"), ("hold_passed", "accepted")])
def test_findings_d3_a_bundle_holds_an_end_against_what_said_it(
    rehearsal: Rehearsal, attacked: AttackedCopy, tmp_path: Path, rule: str, kind: str
) -> None:
    """Given a step that carries another end than freezing or packing gave, then the bundle shows it."""
    attacked.key = rehearsal.key
    travel(rehearsal, attacked)

    def second_later(statement: dict[str, Any]) -> None:
        clock = next(one for one in statement["payload"]["limits_judged"] if one["rule"] == rule)
        clock["due"] = format_instant(parse_instant(clock["due"]) + timedelta(seconds=1))

    def is_of_box(statement: dict[str, Any]) -> bool:
        return statement["kind"] == kind and "box" in statement["payload"]

    sign_otherwise(rehearsal, attacked, is_of_box, second_later)
    assert found(verify_store(attacked.url))
    data = exported(rehearsal, attacked, tmp_path)
    assert data.alone == (Step.LIMITS,)
    assert [f"{rule} at " in one and "is not what the event" in one for one in data.messages] == [True]


def test_findings_d3_without_replay_it_is_said(attacked: AttackedCopy) -> None:
    """Given a verification that leaves replay out, then this step is not checked."""
    step = verify_store(attacked.url, replay=False).steps[Check.LIMITS - 1]
    assert step.outcome is StepOutcome.NOT_CHECKED
