"""The bounds of limits: what just keeps one, and for what none of them runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from schema.events import Payload
from schema.events.base import JudgedClock, JudgedValue
from schema.events.custody import (
    Accepted,
    Inspected,
    Inspection,
    Packed,
    PartlyAccepted,
    Relinquished,
    Stored,
)
from schema.events.identity import Canceled
from schema.events.processing import InfusionStarted, Manufactured, ThawStarted
from schema.vocabulary import Fault, InspectionResult, Material
from tests.support.journeys import PROTOCOL
from tests.support.rule_cases import Case
from tracker.protocols.model import Limit
from tracker.rules.clocks import clock_start, judged_by, running_clocks
from tracker.rules.form_state import FormState, FormStatus
from tracker.rules.limits_judged import is_broken, limits_judged
from tracker.rules.therapy_state import HoldTime, Occurrence, TherapyStatus, UnitState

Cases = Callable[[str], Case]
MINUTE = timedelta(minutes=1)
DUE = datetime(2026, 12, 1, 12, 20, tzinfo=UTC)
START = "01a22b6d-0000-7000-8000-000000000001"


def limit(**changes: Any) -> Limit:
    """Half an hour out of storage."""
    values = {
        "name": "out", "title": "Time out of storage", "start": "retrieved", "until": "stored",
        "within": "PT30M", "guards": ["relinquished"], "source": "a test",
    }  # fmt: skip
    return Limit.model_validate({**values, **changes})


@pytest.mark.parametrize(("late_ms", "broken"), [(-1, False), (0, False), (1, True)])
def test_a_clock_is_kept_until_the_moment_it_is_due(late_ms: int, broken: object) -> None:
    """The moment itself is still in time, as for the rule that refuses the step."""
    judged = JudgedClock(rule="limit.out", start=START, due=DUE)
    assert is_broken(judged, DUE + timedelta(milliseconds=late_ms)) is broken


@pytest.mark.parametrize(
    ("value", "minimum", "maximum", "broken"),
    [
        ("-150", None, "-150", False),
        ("-149.9", None, "-150", True),
        ("-196", None, "-150", False),
        ("2", "2", "8", False),
        ("1.9", "2", "8", True),
        ("8", "2", "8", False),
        ("8.1", "2", "8", True),
        ("1.9", "2", None, True),
        ("40", "2", None, False),
        ("40", None, None, False),
    ],
)
def test_a_value_on_its_bound_is_within_it(
    value: str, minimum: str | None, maximum: str | None, broken: object
) -> None:
    """Either bound breaks it alone; where none is given, nothing does."""
    judged = JudgedValue(rule="out_of_band", value=value, minimum=minimum, maximum=maximum)
    assert is_broken(judged, DUE) is broken


def test_a_display_that_was_said_to_be_wrong_is_no_limit(case: Cases) -> None:
    """What the receiver found not in order has its deviation; it is not held against the band once more."""
    given = case("frozen")
    said: dict[str, Any] = {"units": (given.one.bag,), "box": None, "display_celsius": "-60"}
    (judged,) = limits_judged(given.state, PROTOCOL, Accepted.model_construct(faults=(), **said))
    assert judged == JudgedValue(rule="out_of_band", value="-60", maximum="-150")
    wrong = Accepted.model_construct(faults=(Fault.DISPLAY,), **said)
    assert limits_judged(given.state, PROTOCOL, wrong) == ()
    torn = Accepted.model_construct(faults=(Fault.SEAL,), **said)
    assert limits_judged(given.state, PROTOCOL, torn) == (judged,)


def test_a_step_of_the_therapy_is_judged_by_its_clocks_alone(case: Cases) -> None:
    """A unit that nobody knows brings no clock of the therapy with it."""
    given = case("frozen")
    since = limit(start="patient_identified", until="canceled|packed", guards=[])
    own = PROTOCOL.model_copy(update={"limits": (since,)})
    identified = given.state.facts["patient_identified"]
    (judged,) = limits_judged(given.state, own, Canceled())
    assert judged == JudgedClock(
        rule="limit.out", start=identified.event_id, due=identified.at + timedelta(minutes=30)
    )
    unknown = Packed.model_construct(units=("UD22222222Z",), display_celsius=None)
    assert limits_judged(given.state, own, unknown) == ()


def test_a_clock_of_the_therapy_runs_for_each_unit(case: Cases) -> None:
    """Where a unit has no such fact of its own, it counts from the therapy's."""
    given = case("frozen")
    unit = given.unit(given.one.bag)
    start = clock_start(given.state, unit, limit(start="patient_identified"))
    assert start == given.state.facts["patient_identified"]
    assert "patient_identified" not in unit.facts


def test_a_step_of_the_therapy_clears_a_clock_of_each_unit(case: Cases) -> None:
    """Cleared by what was done to the therapy after it began; not by what came before."""
    given = case("frozen")
    identified = given.state.facts["patient_identified"]
    cleared = limit(start="collected", cleared_by=["patient_identified"])
    for minutes, runs in ((-1, True), (1, False)):
        other = replace(identified, at=given.unit(given.one.bag).facts["collected"].at + minutes * MINUTE)
        state = replace(given.state, facts={**given.state.facts, "patient_identified": other})
        assert (clock_start(state, given.unit(given.one.bag), cleared) is not None) is runs


def test_a_canceled_therapy_has_no_clock_but_that_of_its_box(case: Cases) -> None:
    """And of the forms those alone that are out; a box is named by the first of its units."""
    given = case("collected")
    box = "BD222222222"
    given.change(given.one.bag, box=box)
    bag = given.unit(given.one.bag)
    other = replace(bag, unit="UD22222222B")
    out = FormState("FD222222222", START, DUE, "TECH-A1", "COLL-A", DUE, ("collected",))
    state = replace(
        given.state.with_unit(other),
        boxes_hold={box: HoldTime(DUE - timedelta(days=2), DUE, "packed")},
        forms={out.form: out, "FD3": replace(out, form="FD333333333", status=FormStatus.RETURNED)},
    )
    kept = {(one.name, one.unit) for one in running_clocks(state, PROTOCOL)}
    first = min(bag.unit, other.unit)
    assert {("hold_time", first), ("paper_entry", "FD222222222"), ("collection_to_freeze", bag.unit)} <= kept
    assert {unit for name, unit in kept if name != "collection_to_freeze"} == {first, "FD222222222"}
    over = replace(state, status=TherapyStatus.CANCELED)
    assert {one.name for one in running_clocks(over, PROTOCOL)} == {"hold_time", "paper_entry"}


@pytest.mark.parametrize(("kind", "expected"), [("thaw_started", ["expired"]), ("infusion_started", [])])
def test_a_shelf_life_is_judged_where_the_protocol_has_such_a_step(
    case: Cases, kind: str, expected: list[str]
) -> None:
    """Where no step of the kind is taken on a material, no end of its shelf life is carried."""
    given = case("released")
    name = given.one.products[0]
    given.change(name, expires_at=DUE, expires_by=START)
    steps = tuple(one for one in PROTOCOL.steps if one.kind != "infusion_started")
    own = PROTOCOL.model_copy(update={"steps": steps, "limits": ()})
    payload = {"thaw_started": ThawStarted, "infusion_started": InfusionStarted}[kind](units=(name,))
    assert [one.rule for one in limits_judged(given.state, own, payload)] == expected


def test_what_is_filled_is_judged_by_what_it_is_filled_from(case: Cases) -> None:
    """The clocks of a manufacture are those of its starting material; its containers have none yet."""
    given = case("frozen")
    culture = limit(start="collected", until="manufactured", guards=[], cleared_by=[])
    own = PROTOCOL.model_copy(update={"limits": (culture,)})
    made = Manufactured.model_construct(parents=(given.one.bag,), children=())
    (judged,) = limits_judged(given.state, own, made)
    assert judged.rule == "limit.out"
    assert limits_judged(given.state, own, Manufactured.model_construct(parents=(), children=())) == ()


@pytest.mark.parametrize(
    "door",
    [
        Relinquished.model_construct,
        Accepted.model_construct,
        PartlyAccepted.model_construct,
    ],
)
def test_the_hold_time_is_carried_at_each_door(case: Cases, door: Callable[..., Payload]) -> None:
    """Given and taken over, whole or in part."""
    given = case("packed")
    (box,) = given.state.boxes_hold
    units = tuple(one.unit for one in given.state.in_box(box))
    passing = door(units=units, box=box, faults=(), display_celsius=None)
    assert "hold_passed" in {one.rule for one in limits_judged(given.state, PROTOCOL, passing)}


def test_the_hold_time_is_judged_unless_it_was_found_over_for_all(case: Cases) -> None:
    """Of two units that come out of one box, one of which is called in order."""
    given = case("packed")
    (box,) = given.state.boxes_hold
    bag = given.unit(given.one.bag)
    state = given.state.with_unit(replace(bag, unit="UD22222222B"))
    over = Inspection(unit=bag.unit, result=InspectionResult.QUARANTINE, faults=(Fault.HOLD_TIME, Fault.SEAL))
    other = over.model_copy(update={"unit": "UD22222222B", "faults": (Fault.HOLD_TIME,)})
    fine = Inspection(unit="UD22222222B", result=InspectionResult.ACCEPT)
    for second, carried in ((fine, True), (other, False)):
        opened = Inspected(box=box, seal_intact=True, results=(over, second))
        rules = {one.rule for one in limits_judged(state, PROTOCOL, opened)}
        assert ("hold_passed" in rules) is carried


def test_what_is_in_quarantine_is_handed_on_without_a_clock(case: Cases) -> None:
    """To where it is kept or destroyed; put away it is judged as ever."""
    given = case("frozen")
    own = PROTOCOL.model_copy(update={"limits": (limit(),)})
    out = UnitState("UD22222222V", Material.PRODUCT, facts={"retrieved": Occurrence(DUE, START, 9, "LAB-A1")})
    for unit, handed_on in ((out, ["out"]), (replace(out, quarantined=True), [])):
        state = replace(given.state, units={unit.unit: unit})
        for kind, expected in ((Relinquished.kind, handed_on), (Stored.kind, ["out"])):
            assert [one.name for one, _ in judged_by(state, own, kind, unit)] == expected
