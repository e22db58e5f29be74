"""The bounds of limits: what just keeps one, and for what none of them runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from schema.events.base import JudgedClock, JudgedValue
from schema.events.custody import Accepted, Packed, Relinquished, Stored
from schema.events.identity import Canceled
from schema.vocabulary import Fault, Material
from tests.support.journeys import PROTOCOL
from tests.support.rule_cases import Case
from tracker.protocols.model import Limit
from tracker.rules.clocks import clock_start, judged_by
from tracker.rules.limits_judged import is_broken, limits_judged
from tracker.rules.therapy_state import Occurrence, UnitState

Cases = Callable[[str], Case]
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


def test_what_is_in_quarantine_is_handed_on_without_a_clock(case: Cases) -> None:
    """To where it is kept or destroyed; put away it is judged as ever."""
    given = case("frozen")
    own = PROTOCOL.model_copy(update={"limits": (limit(),)})
    out = UnitState("UD22222222V", Material.PRODUCT, facts={"retrieved": Occurrence(DUE, START, 9, "LAB-A1")})
    for unit, handed_on in ((out, ["out"]), (replace(out, quarantined=True), [])):
        state = replace(given.state, units={unit.unit: unit})
        for kind, expected in ((Relinquished.kind, handed_on), (Stored.kind, ["out"])):
            assert [one.name for one, _ in judged_by(state, own, kind, unit)] == expected
