"""Which limits a step is judged by, at its very end, and where somebody said that it is not in order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from schema.events.base import JudgedClock, JudgedValue
from schema.events.custody import Inspected, Inspection, Packed, Refused
from schema.events.identity import Corrected
from schema.events.processing import Collected, ThawStarted
from schema.instants import format_instant
from schema.vocabulary import Condition, Fault, InspectionResult
from tests.support.journeys import PROTOCOL
from tests.support.rule_cases import Case
from tracker.evidence.standalone.verify import Ends
from tracker.rules.limits_judged import is_broken, limits_judged
from tracker.rules.therapy_state import HoldTime, UnitState

Cases = Callable[[str], Case]
FROZE = "01900000-0000-7000-8000-000000000001"
PACKED = "01900000-0000-7000-8000-000000000002"
HANDOFF = "01900000-0000-7000-8000-000000000003"


def product(given: Case, **values: object) -> UnitState:
    """A bag of product as a test wants it."""
    name = given.one.products[0]
    given.change(name, **values)
    return given.unit(name)


@pytest.mark.parametrize(
    ("rule", "at_the_end"), [("expired", True), ("hold_passed", False), ("limit.x", False)]
)
def test_at_the_very_end(case: Cases, rule: str, *, at_the_end: bool) -> None:
    """Given a step at the instant of the end, then a shelf life is over and no other clock is."""
    due = case("packed").now
    judged = JudgedClock(rule=rule, start=FROZE, due=due)
    assert is_broken(judged, due) is at_the_end
    assert is_broken(judged, due + timedelta(milliseconds=1))
    assert not is_broken(judged, due - timedelta(milliseconds=1))


class TestShelfLife:
    @pytest.fixture
    def given(self, case: Cases) -> Case:
        return case("released")

    def test_what_leads_to_the_patient_is_judged_by_it(self, given: Case) -> None:
        """Given a product that expires, when it is thawed, then from what and until when."""
        end = given.now + timedelta(days=3)
        unit = product(given, expires_at=end, expires_by=FROZE)
        judged = limits_judged(given.state, PROTOCOL, ThawStarted(units=(unit.unit,)))
        assert JudgedClock(rule="expired", start=FROZE, due=end) in judged

    def test_a_unit_without_an_end_has_none(self, given: Case) -> None:
        unit = product(given, expires_at=None, expires_by=None)
        judged = limits_judged(given.state, PROTOCOL, ThawStarted(units=(unit.unit,)))
        assert "expired" not in {one.rule for one in judged}

    @pytest.mark.parametrize("quarantined", [False, True])
    def test_what_is_in_quarantine_may_travel_back_expired(self, given: Case, *, quarantined: bool) -> None:
        unit = product(given, expires_at=given.now, expires_by=FROZE, quarantined=quarantined)
        judged = limits_judged(given.state, PROTOCOL, packed(unit.unit))
        assert ("expired" in {one.rule for one in judged}) is not quarantined


def packed(unit: str, celsius: str | None = None) -> Packed:
    """A box that is closed over one unit."""
    return Packed(
        units=(unit,),
        box="BD333333333",
        shipment="SD333333333",
        seal="SEAL-1",
        tally=1,
        carrier="CARR-X",
        destination="TREAT-A",
        display_celsius=celsius,
    )


class TestHoldTime:
    @pytest.mark.parametrize(
        ("faults", "rules"),
        [((), {"hold_passed"}), ((Fault.HOLD_TIME,), set()), ((Fault.SEAL,), {"hold_passed"})],
    )
    def test_a_box_at_a_door(self, case: Cases, faults: tuple[Fault, ...], rules: set[str]) -> None:
        """Given a box that is opened, then by what packing said; not where that is what was found wrong."""
        given = case("packed")
        (box,) = given.state.boxes_hold
        until = given.now + timedelta(hours=1)
        state = replace(given.state, boxes_hold={box: HoldTime(until - timedelta(days=2), until, PACKED)})
        judged = limits_judged(state, PROTOCOL, opened(given, box, faults, None))
        assert {one.rule for one in judged} == rules
        assert not rules or judged == (JudgedClock(rule="hold_passed", start=PACKED, due=until),)


def opened(given: Case, box: str, faults: tuple[Fault, ...], celsius: str | None) -> Inspected:
    """The inspection of what lies in a box, all with the same faults."""
    result = InspectionResult.QUARANTINE if faults else InspectionResult.ACCEPT
    return Inspected(
        box=box,
        seal_intact=True,
        results=tuple(
            Inspection(unit=one.unit, result=result, faults=faults) for one in given.state.in_box(box)
        ),
        display_celsius=celsius,
    )


class TestDisplay:
    @pytest.mark.parametrize(("faults", "count"), [((), 1), ((Fault.DISPLAY,), 0), ((Fault.SEAL,), 1)])
    def test_at_the_inspection_and_at_a_refusal(
        self, case: Cases, faults: tuple[Fault, ...], count: int
    ) -> None:
        """Given frozen cells and a display of -60, then both are judged by what the label says."""
        given = case("packed")
        (box,) = given.state.boxes_hold
        warm = JudgedValue(rule="out_of_band", value="-60", maximum="-150")
        refused = Refused(
            handoff=HANDOFF,
            relinquished="0" * 64,
            units=tuple(one.unit for one in given.state.in_box(box)),
            box=box,
            condition=Condition.NOT_IN_ORDER if faults else Condition.IN_ORDER,
            faults=faults,
            display_celsius="-60",
        )
        for payload in (opened(given, box, faults, "-60"), refused):
            judged = limits_judged(given.state, PROTOCOL, payload)
            assert [one for one in judged if one.rule == "out_of_band"] == [warm] * count
        assert is_broken(warm, given.now)


@pytest.mark.parametrize("began", ["collected", "cryopreserved"])
def test_a_corrected_end_of_collection_moves_the_shelf_life(case: Cases, began: str) -> None:
    """Given a shelf life from the collection on, when its end is corrected, then it moves; no other does."""
    given = case("collected")
    bag = given.one.bag
    end = given.now + timedelta(days=2)
    fact = given.unit(bag).facts[Collected.kind]
    by = fact.event_id if began == "collected" else FROZE
    given.change(bag, expires_at=end, expires_by=by)
    old = fact.at
    for minutes in (30, 45):
        new = fact.at - timedelta(minutes=minutes)
        event, before, after = fact.event_id, format_instant(old), format_instant(new)
        given.happened(Corrected(event=event, field="ended_at", old=before, new=after))
        unit, old = given.unit(bag), new
        moved = timedelta(minutes=minutes if began == "collected" else 0)
        assert (unit.expires_at, unit.expires_by) == (end - moved, by)


def test_the_bundle_counts_a_corrected_end_as_well() -> None:
    """Given a collection's end corrected twice, then the bundle's verifier moves the shelf life with it."""
    ends = Ends()
    ends.follow(FROZE, {"expires": [{"unit": "UD222222222", "expires_at": "2026-01-03T12:00:00.000Z"}]})
    earlier = {"old": "2026-01-01T12:00:00.000Z", "new": "2026-01-01T11:30:00.000Z"}
    later = {"old": "2026-01-01T11:30:00.000Z", "new": "2026-01-01T11:45:00.000Z"}
    ends.follow(PACKED, {"event": FROZE, "field": "ended_at", **earlier})
    ends.follow(HANDOFF, {"event": FROZE, "field": "ended_at", **later})
    ends.follow("remark", {"event": FROZE, "field": "remark", "old": {"commitment": "00"}, "new": "x"})
    assert ends.said("expired", FROZE) == [datetime(2026, 1, 3, 11, 45)]  # noqa: DTZ001  as the verifier has them
    assert not any(ends.said("expired", one) for one in (PACKED, HANDOFF, "remark"))
    assert not ends.said("hold_passed", FROZE)
