"""What booking, moving and giving back change in the state of a therapy."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from schema.entry import Statement
from schema.events import planning as events
from schema.events.planning import BookedMilestone
from tracker.rules.plan_state import Booking, PlanState, Promise
from tracker.rules.therapy_state import Changes, Occurrence, TherapyState


def _scheduled(
    state: TherapyState, _: Statement, payload: events.Scheduled, occurrence: Occurrence
) -> TherapyState:
    kept = {} if state.plan is None else state.plan.booked
    booked = {one.name: Booking(one, occurrence.sequence) for one in payload.milestones}
    return replace(
        state,
        plan=PlanState(payload.ready_from, payload.priority, {**kept, **booked}),
        promise=state.promise
        or Promise(payload.milestones[-1], payload.promised_infusion, payload.promised_infusion),
    )


def _rescheduled(
    state: TherapyState, _: Statement, payload: events.Rescheduled, occurrence: Occurrence
) -> TherapyState:
    if state.plan is None:
        return state
    moved = {
        one.name: Booking(BookedMilestone(**one.model_dump(exclude={"from_start"})), occurrence.sequence)
        for one in payload.moved
    }
    booked = {**state.plan.booked, **moved}
    promise = state.promise
    if payload.promised_infusion is not None and promise is not None:
        last = booked[promise.milestone.name].milestone
        promise = Promise(last, payload.promised_infusion, promise.first)
    return replace(state, plan=replace(state.plan, booked=booked), promise=promise)


def _unscheduled(
    state: TherapyState, _: Statement, payload: events.Unscheduled, __: Occurrence
) -> TherapyState:
    if state.plan is None:
        return state
    left = {name: one for name, one in state.plan.booked.items() if name not in payload.names}
    return replace(state, plan=replace(state.plan, booked=left) if left else None)


CHANGES: Final[Changes] = {
    events.Scheduled: _scheduled,
    events.Rescheduled: _rescheduled,
    events.Unscheduled: _unscheduled,
}
