"""Booking, moving and giving back: what the rules permit, and what stands afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from schema.events.identity import Canceled
from schema.events.planning import Rescheduled, Scheduled, Unscheduled
from schema.events.processing import LymphodepletionStarted, ManufacturingFailed
from schema.instants import parse_instant
from schema.vocabulary import FailurePath, Role
from tests.support.authority_cases import staff_of, with_everybody
from tests.support.plans import BED, CHAIR, later_by, wanted_chain, with_capacity
from tests.support.rule_cases import Case
from tracker.acts.read_tables import slot_rows
from tracker.demo.journey import scan
from tracker.rules.decision import Allowed, Violation
from tracker.rules.forecast import forecast
from tracker.rules.pathways import pathway_of
from tracker.rules.standing import Standing
from tracker.therapy.planning.forecasts import course_of, is_at_risk
from tracker.therapy.planning.requests import Reschedule, Schedule, Unschedule
from tracker.therapy.planning.wishes import done_of

COORDINATOR = staff_of(Role.COORDINATOR)


@pytest.fixture
def given(case: Callable[[str], Case]) -> Case:
    """Two enrolled therapies, a coordinator, and two places a day everywhere."""
    found = with_everybody(case("enrolled"), "COLL-A")
    found.registry = with_capacity(found.registry)
    return found


def told(case: Case, request_class: Any, coi: str | None = None, **values: Any) -> Any:
    """What is recorded of a request that the rules permit; the state then has it."""
    whose = coi or case.one.coi
    decision = case.decide(request_class, COORDINATOR, at="COLL-A", coi=scan(whose), **values)
    assert isinstance(decision, Allowed), decision
    (draft,) = decision.events
    case.happened(draft.payload, COORDINATOR, whose)
    return draft.payload


def refused(case: Case, request_class: Any, **values: Any) -> Violation:
    return case.refusal(request_class, COORDINATOR, at="COLL-A", coi=scan(case.one.coi), **values)


def changed(chain: dict[str, Any], milestone: str, **changes: str) -> dict[str, Any]:
    """A chain to ask for, with one milestone changed."""
    found = tuple({**one, **changes} if one["name"] == milestone else one for one in chain["milestones"])
    return {**chain, "milestones": found}


def start_of(chain: dict[str, Any], name: str) -> str:
    return next(str(one["start"]) for one in chain["milestones"] if one["name"] == name)


class TestSchedule:
    def test_a_whole_chain_is_booked_in_one_act(self, given: Case) -> None:
        """Seven milestones with the days that each takes, and the day that was promised."""
        payload = told(given, Schedule, **wanted_chain(given), priority="urgent")
        assert isinstance(payload, Scheduled) and len(payload.milestones) == 7
        bed = payload.milestones[-1]
        assert (bed.name, bed.resource) == ("infusion", BED)
        assert payload.promised_infusion == bed.first_day < bed.last_day
        rows = slot_rows(given.state)
        assert sum(row.begins for row in rows) == 3, "a chair, a start and a bed; sites are only open"
        assert {row.sequence for row in rows} == {given.state.sequence}
        again = refused(given, Schedule, **wanted_chain(given))
        assert again.rule == "already_planned"

    @pytest.mark.parametrize("day", ["2020-01-02", "2127-03-01"])
    def test_a_ready_day_in_another_year_is_a_slip(self, given: Case, day: str) -> None:
        """What is measured from that day would be measured over years."""
        found = refused(given, Schedule, **{**wanted_chain(given), "ready_from": day})
        assert (found.rule, found.remedy) == ("ready_day_far", "Check the year.")
        assert day[:4] in found.message

    def test_logistics_p2_the_second_in_the_last_place_is_refused_with_another_chain(
        self, given: Case
    ) -> None:
        """By the day alone: whose therapy is there is not said."""
        given.registry = with_capacity(given.registry, a_day=1)
        chain = wanted_chain(given)
        told(given, Schedule, given.two.coi, **chain)
        full = refused(given, Schedule, **chain)
        assert full.rule == "slot_full" and "COLL-A chair full" in full.message
        assert given.two.coi not in full.message + full.remedy
        assert "The earliest chain now has collection" in full.remedy
        told(given, Schedule, **wanted_chain(given))

    @pytest.mark.parametrize(
        ("name", "days", "rule"),
        [
            ("collection", -10, "before_ready"),
            ("infusion", -8, "out_of_order"),
            ("infusion", 15, "past_limit"),
        ],
    )
    def test_nothing_out_of_order_or_past_a_limit(self, given: Case, name: str, days: int, rule: str) -> None:
        """Not before the patient is ready, not before what it waits for, not later than the label says."""
        chain = wanted_chain(given)
        given.later(days=-20)
        moved = changed(chain, name, start=later_by(start_of(chain, name), days=days))
        assert refused(given, Schedule, **moved).rule == rule

    def test_what_is_no_milestone_or_no_place(self, given: Case) -> None:
        """Each milestone once, in a place of its own site, and none is left out."""
        chain = wanted_chain(given)
        unknown = refused(given, Schedule, **changed(chain, "infusion", name="flight"))
        assert unknown.rule == "milestone_unknown" and "collection, receipt" in unknown.remedy
        elsewhere = refused(given, Schedule, **changed(chain, "infusion", resource=CHAIR))
        assert elsewhere.rule == "resource_unknown"
        short = {**chain, "milestones": chain["milestones"][:-1]}
        assert refused(given, Schedule, **short).message == "Infusion is not in the chain."

    def test_a_canceled_therapy_or_one_without_milestones(self, given: Case) -> None:
        """Nothing is promised that cannot come."""
        chain = wanted_chain(given)
        given.protocol = given.protocol.model_copy(update={"milestones": ()})
        assert refused(given, Schedule, **chain).rule == "no_milestones"


class TestReschedule:
    def moved(self, chain: dict[str, Any], name: str, days: int) -> dict[str, str]:
        """A milestone so many days later than in a chain."""
        one = next(one for one in chain["milestones"] if one["name"] == name)
        return {**one, "start": later_by(one["start"], days=days), "from_start": one["start"]}

    def test_logistics_p4_moved_places_are_free_and_new_ones_taken(self, given: Case) -> None:
        """The bed a day later, because of an infection: its first day is free, and one more is taken."""
        chain = wanted_chain(given)
        told(given, Schedule, **chain)
        before = {row.day for row in slot_rows(given.state) if row.resource == BED}
        payload = told(given, Reschedule, moved=(self.moved(chain, "infusion", 1),), reason="infection")
        assert isinstance(payload, Rescheduled)
        assert payload.moved[0].from_start == parse_instant(start_of(chain, "infusion"))
        after = {row.day for row in slot_rows(given.state) if row.resource == BED}
        assert len(before - after) == len(after - before) == 1 and min(before) not in after

    def test_a_move_names_the_event_that_made_it_necessary(self, given: Case) -> None:
        """One of its own therapy, which trail and report then name by its entry; no other is taken."""
        chain = wanted_chain(given)
        told(given, Schedule, **chain)
        moved = (self.moved(chain, "infusion", 1),)
        because = next(iter(given.state.events))
        other = "01890a5d-ac96-774b-8000-0000000000ff"
        found = refused(given, Reschedule, moved=moved, reason="infection", because=other)
        assert found.rule == "unknown_event" and not found.waivable
        payload = told(given, Reschedule, moved=moved, reason="infection", because=because)
        assert isinstance(payload, Rescheduled) and payload.because == because

    def test_no_lost_update(self, given: Case) -> None:
        """Who decided by the plan before somebody else moved it, decides again."""
        chain = wanted_chain(given)
        told(given, Schedule, **chain)
        first = self.moved(chain, "infusion", 1)
        told(given, Reschedule, moved=(first,), reason="infection")
        late = refused(given, Reschedule, moved=(self.moved(chain, "infusion", 2),), reason="clinical_need")
        assert late.rule == "booking_changed" and "somebody has changed the plan" in late.message

    def test_alone_it_may_not_leave_its_order(self, given: Case) -> None:
        """The collection two weeks later, and the receipt where it was: not like this."""
        chain = wanted_chain(given)
        told(given, Schedule, **chain)
        moved = (self.moved(chain, "collection", 14),)
        assert refused(given, Reschedule, moved=moved, reason="infection").rule == "out_of_order"

    def test_without_a_plan_or_a_reason(self, given: Case) -> None:
        """There is nothing to move; and nobody moves a patient without saying why."""
        chain = wanted_chain(given)
        moved = (self.moved(chain, "infusion", 1),)
        assert refused(given, Reschedule, moved=moved, reason="infection").rule == "not_planned"
        assert refused(given, Reschedule, moved=moved).rule == "reason_missing"


class TestGivenBack:
    def test_all_that_is_to_come_is_free_and_can_be_booked_again(self, given: Case) -> None:
        """By reason; a second time there is nothing left."""
        chain = wanted_chain(given)
        told(given, Schedule, **chain)
        payload = told(given, Unschedule, reason="patient_not_ready")
        assert isinstance(payload, Unscheduled) and len(payload.names) == 7
        assert not slot_rows(given.state)
        assert refused(given, Unschedule, reason="patient_not_ready").rule == "not_planned"
        told(given, Schedule, **chain)

    def test_booking_again_promises_nothing_anew(self, given: Case) -> None:
        """Given back and booked for two weeks later: the promise stands, until another day is promised."""
        chain = wanted_chain(given)
        first = told(given, Schedule, **chain).promised_infusion
        told(given, Unschedule, reason="patient_not_ready")
        later = [{**one, "start": later_by(one["start"], days=14)} for one in chain["milestones"]]
        again = told(given, Schedule, **{**chain, "milestones": later})
        bed = again.milestones[-1]
        assert again.promised_infusion == first < bed.first_day
        promise = given.state.promise
        assert promise is not None and (promise.day, promise.first) == (first, first)
        assert refused(given, Reschedule, promises_anew=True).rule == "reason_missing"
        payload = told(given, Reschedule, promises_anew=True, reason="patient_not_ready")
        assert (payload.moved, payload.promised_infusion) == ((), bed.first_day)
        promise = given.state.promise
        assert promise is not None and (promise.day, promise.first) == (bed.first_day, first)
        assert promise.milestone == bed
        same = refused(given, Reschedule, promises_anew=True, reason="infection")
        assert same.rule == "nothing_changed" and "is promised for" in same.message
        assert refused(given, Reschedule, reason="infection").rule == "nothing_changed"

    def test_logistics_p10_a_canceled_therapy_gives_its_places_back(self, given: Case) -> None:
        """In the state after the cancellation, from which the rows of its transaction are made."""
        told(given, Schedule, **wanted_chain(given))
        given.happened(Canceled(), COORDINATOR, given.one.coi)
        assert not slot_rows(given.state)
        assert refused(given, Unschedule, reason="patient_died").rule == "therapy_ended"


def test_making_the_plan_starts_anew_after_a_manufacture_that_failed(case: Callable[[str], Case]) -> None:
    """Its places are free again, nothing of it is done, and Today asks for another collection."""
    given = with_everybody(case("received"), "COLL-A")
    given.registry = with_capacity(given.registry)
    told(given, Schedule, **wanted_chain(given))
    assert "collection" in done_of(given.state, given.protocol)
    values = {"attempt": 1, "cause": "poor_growth", "units": [given.one.bag], "kept": []}
    again = ManufacturingFailed.model_validate({**values, "path": "recollect"})
    before = given.therapies[given.one.coi]
    given.happened(again, "QA-2", given.one.coi)
    assert given.state.plan is None and not slot_rows(given.state)
    assert not done_of(given.state, given.protocol)
    course = course_of(given.state, given.protocol)
    assert course.collect_again is not None and is_at_risk(given.state, course, given.protocol)
    pathway = pathway_of(given.protocol, given.state.sites, given.registry, lambda _: lambda __: timedelta())
    found = forecast(replace(course, endings=(), promised_at=None), pathway, given.now)
    assert found.standing is Standing.AT_RISK
    assert found.reason == "Manufacturing failed: plan another collection."
    told(given, Schedule, **wanted_chain(given))
    assert "collection" in course_of(given.state, given.protocol).booked
    given.therapies[given.one.coi] = before
    given.happened(again.model_copy(update={"path": FailurePath.REMANUFACTURE}), "QA-2", given.one.coi)
    assert "manufacturing_start" in course_of(given.state, given.protocol).booked
    assert [*done_of(given.state, given.protocol)] == ["collection", "receipt"]


def test_logistics_p5_lymphodepletion_before_its_cells_says_nothing_of_them(given: Case) -> None:
    """Recorded outside the rules before anything was collected: only itself is done, and no bed is promised
    before the delivery; its own limit to the infusion cannot be kept, and is said.
    """
    chain = wanted_chain(given)
    told(given, Schedule, **chain)
    given.happened(LymphodepletionStarted(regimen="bendamustine"), staff_of(Role.CLINICIAN))
    assert [*done_of(given.state, given.protocol)] == ["lymphodepletion"]
    course = course_of(given.state, given.protocol)
    assert [*course.done] == ["lymphodepletion"] and is_at_risk(given.state, course, given.protocol)
    told(given, Unschedule, reason="other")
    wanted = tuple(one for one in chain["milestones"] if one["name"] != "lymphodepletion")
    refusal = refused(given, Schedule, **{**chain, "milestones": wanted})
    assert refusal.rule == "past_limit" and "Lymphodepletion to infusion: " in refusal.message
    early = tuple(
        {**one, "start": later_by(one["start"], days=-8)} if one["name"] == "infusion" else one
        for one in wanted
    )
    refusal = refused(given, Schedule, **{**chain, "milestones": early})
    assert refusal.rule == "out_of_order" and "Infusion comes after" in refusal.message
