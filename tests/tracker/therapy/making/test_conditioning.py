"""Making a patient ready: only once the product is there and released, and the cells within its window."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.support.journeys import PROTOCOL
from tests.support.rule_cases import Case
from tracker.demo.journey import scan
from tracker.protocols.graph import findings
from tracker.rules.clocks import running_clocks, use_by
from tracker.therapy.making.requests import StartLymphodepletion, StartThaw
from tracker.therapy.planning.wishes import done_of

Cases = Callable[[str], Case]


def lymphodepletion(case: Case, **changes: Any) -> dict[str, Any]:
    """The therapy's card and the usual regimen."""
    return {"coi": scan(case.one.coi), "regimen": "fludarabine_cyclophosphamide", **changes}


@pytest.mark.parametrize(
    ("stage", "changed", "said"),
    [
        ("received", {}, "there is no product of therapy"),
        ("made", {}, "is not released"),
        ("released", {}, "is not at TREAT-A"),
        ("delivered", {"quarantined": True}, "is in quarantine"),
        ("delivered", {"box": "BD55555555"}, "is not inspected"),
    ],
)
def test_logistics_p5_no_lymphodepletion_before_the_product_is_there(
    case: Cases, stage: str, changed: dict[str, Any], said: str
) -> None:
    """STOP with what is missing of which bag; what has begun all the same is recorded with its mark."""
    given = case(stage)
    for unit in given.one.products[:1]:
        given.change(unit, **changed)
    found = given.refusal(StartLymphodepletion, "DOC-A1", **lymphodepletion(given))
    wanted = "product_not_here" if stage not in ("received", "made") else found.rule
    assert found.rule == wanted and found.waivable and (said in found.message or found.rule == "too_early")
    drafts = given.do(
        StartLymphodepletion, "DOC-A1", others="DOC-A2 witnessed",
        outside_rules={"reason": "patient_not_ready"}, **lymphodepletion(given),
    )  # fmt: skip
    assert [one.payload.kind for one in drafts] == ["lymphodepletion_started", "deviation_drafted"]
    assert "product_not_here" in drafts[0].outside_rules


def test_logistics_p5_lymphodepletion_starts_the_window_of_the_label(case: Cases) -> None:
    """Given a released product that was accepted here: it fulfills its milestone, and its time runs."""
    given = case("at_hand")
    assert given.refusal(
        StartLymphodepletion, "DOC-A1", **lymphodepletion(given, regimen="water")
    ).rule == "regimen_unknown"  # fmt: skip
    unit = given.unit(given.one.products[0])
    before = use_by(given.state, given.protocol, unit)
    given.do(StartLymphodepletion, "DOC-A1", **lymphodepletion(given))
    began = given.state.facts["lymphodepletion_started"].at
    assert done_of(given.state, given.protocol)["lymphodepletion"].start == began
    runs = [
        one
        for one in running_clocks(given.state, given.protocol)
        if one.name == "lymphodepletion_to_infusion"
    ]
    assert len(given.one.products) == 2, "and it is one window"
    assert [(one.began_at, one.due_at) for one in runs] == [(began, began + timedelta(days=16))]
    assert use_by(given.state, given.protocol, unit) == before, "the label still says how long the cells keep"


@pytest.mark.parametrize(
    ("ago", "rule"),
    [
        (timedelta(days=3), "too_soon"),
        (timedelta(days=4) - timedelta(hours=2), None),
        (timedelta(days=16) - timedelta(hours=1), None),
        (timedelta(days=16), "limit.lymphodepletion_to_infusion"),
    ],
)
def test_logistics_p5_cells_are_thawed_within_the_window(
    case: Cases, ago: timedelta, rule: str | None
) -> None:
    """From two days after the last of three doses until 14 days after it; the cells are not in doubt."""
    given = case("matched")
    unit = given.unit(given.one.products[0])
    began = replace(unit.facts["pre_thaw_matched"], at=given.now - ago)
    facts = {**given.state.facts, "lymphodepletion_started": began}
    given.therapies[given.one.coi] = replace(given.state, facts=facts)
    values: dict[str, Any] = {"units": given.one.frozen_scans((unit.unit,))}
    if rule is None:
        given.do(StartThaw, "LAB-A1", **values)
        return
    found = given.refusal(StartThaw, "LAB-A1", **values)
    assert found.rule == rule and found.waivable and not found.quarantines


def test_a_protocol_says_with_what_a_patient_is_made_ready() -> None:
    """And its window has an inside."""
    assert findings(PROTOCOL.model_copy(update={"regimens": ()})) == (
        "step lymphodepletion_started needs regimens to choose from.",
    )
    limits = tuple(
        one.model_copy(update={"not_before": one.within}) if one.not_before else one
        for one in PROTOCOL.limits
    )
    assert findings(PROTOCOL.model_copy(update={"limits": limits})) == (
        "limit lymphodepletion_to_infusion ends after 16 d at the earliest, and after 16 d at the latest.",
    )
