"""What quality last said of each unit of a deviation, and whom a lock-out keeps out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from msgspec import structs

from schema.vocabulary import DeviationDecision, Severity
from tests.support.rule_cases import Case
from tracker.rules.deviation_state import Assessment, DeviationState
from tracker.rules.registry_state import EVERY_STATION

Cases = Callable[[str], Case]
ALL, ONE, OTHER = (), ("UD22222222V",), ("UD22222222W",)


def said(case: Case, decision: DeviationDecision, units: tuple[str, ...], hours: int) -> Assessment:
    """An assessment so many hours from now."""
    return Assessment(
        severity=Severity.MINOR, cause="human_error", decision=decision, units=units, capa=None,
        actor="QA-2", at=case.now + timedelta(hours=hours),
    )  # fmt: skip


def test_the_newest_of_each_unit_counts(case: Cases) -> None:
    """What is said of all is said of each; what is said of another unit later changes nothing."""
    given = case("made")
    quarantine = said(given, DeviationDecision.QUARANTINE, ALL, 1)
    good = said(given, DeviationDecision.NO_IMPACT, OTHER, 2)
    state = DeviationState(
        deviation="event-1", cause=("label",), units=(*ONE, *OTHER), actor="QA-2", at=given.now,
        site="MFG-1", sequence=1,
        assessments=(quarantine, good),
    )  # fmt: skip
    assert [*state.standing(ONE)] == [quarantine]
    assert [*state.standing(OTHER)] == [good]
    assert [*state.standing((*ONE, *OTHER))] == [quarantine, good]


def test_what_is_said_of_other_cells_is_not_said_of_these(case: Cases) -> None:
    """Of a unit counts what was said of deviations about it or what it was made from."""
    given = case("made")
    first, second = given.one.products[:2]
    about = DeviationState(
        deviation="event-1", cause=("label",), units=(first,), actor="QA-2", at=given.now,
        site="MFG-1", sequence=1,
        assessments=(said(given, DeviationDecision.OOS, ALL, 1),),
    )  # fmt: skip
    state = structs.replace(given.state, deviations={"event-1": about})
    assert {one.deviation for one, _ in state.assessments_of(first)} == {"event-1"}
    assert [*state.assessments_of(second)] == []
    assert state.is_out_of_specification(first) and not state.is_out_of_specification(second)


def test_a_lock_out_lasts_as_long_as_the_longer_of_two(case: Cases) -> None:
    """At one station and over all of them; one that is over keeps nobody out."""
    given = case("made")
    short, long = (given.now + timedelta(minutes=minutes) for minutes in (5, 15))
    for here, everywhere in ((short, long), (long, short)):
        locked = structs.replace(
            given.registry, lockouts={("QA-2", "HUB-1"): here, ("QA-2", EVERY_STATION): everywhere}
        )
        assert locked.locked_until("QA-2", "HUB-1") == long
        assert locked.locked_until("QA-2", "LAB-1") == everywhere
        assert locked.locked_out_at("HUB-1", given.now) == {"QA-2": long}
        assert locked.locked_out_at("HUB-1", long) == {}
