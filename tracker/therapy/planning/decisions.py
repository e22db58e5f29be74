"""Decisions over a plan: nothing goes past a limit, into a full place, or over what changed meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from schema.events import planning as events
from schema.events.planning import BookedMilestone, MovedMilestone
from schema.instants import format_minute
from schema.vocabulary import Meaning, Role
from tracker.planning.chain import PlannedSlot
from tracker.planning.moving import PUT_OFF_MAX, Move, too_far, why_not
from tracker.planning.obstacles import Blocker, Obstacle, day_text, in_short
from tracker.planning.placing import Places
from tracker.planning.planner import PlanProposal, Wish, propose
from tracker.requests.base import TherapyRequest
from tracker.rules.authority import grant_violation
from tracker.rules.bookable import PlaceView
from tracker.rules.conclusion import entry_slots, reason_of
from tracker.rules.decision import Allowed, Decision, Denied, Draft, ScanAnswer, Slot, Violation, never_waived
from tracker.rules.plan_state import PlanState
from tracker.rules.selection import therapy_of
from tracker.rules.situation import Decisions, Situation, remark_of
from tracker.rules.therapy_state import TherapyState, TherapyStatus
from tracker.therapy.planning.requests import Reschedule, Schedule, Unschedule, WantedMilestone
from tracker.therapy.planning.wishes import chain_of, days_of, done_of, wish_of

PLAN_MAKERS: Final = frozenset({Role.COORDINATOR})
"""Who promises times to a patient."""


def decide_schedule(situation: Situation, request: Schedule) -> Decision:
    """Every milestone that is still to come, each in a place that is free, in one act."""
    therapy = _planned_by(situation, request)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    far = _far_ready_day(situation, request)
    if far is not None:
        return far
    wish = _wish(situation, therapy, PlanState(request.ready_from, request.priority, {}))
    if therapy.plan is not None and therapy.plan.booked.keys() - wish.done.keys():
        said = f"{therapy.coi} is booked already."
        return _refused("already_planned", said, "Move it, or give it back first.")
    chain = _placed(situation, wish, request.milestones)
    if isinstance(chain, Violation):
        return Denied(chain)
    places = _places(situation)
    against = why_not(wish, chain, places.taken, situation.now)
    if against:
        return Denied(_stopped(situation, wish, against))
    milestones = tuple(_booked(wish, chain[one.name]) for one in wish.pathway.milestones if one.name in chain)
    payload = events.Scheduled(
        ready_from=request.ready_from,
        priority=request.priority,
        milestones=milestones,
        # What was promised before stands: giving a plan back and booking again makes nobody less late.
        promised_infusion=milestones[-1].first_day if therapy.promise is None else therapy.promise.day,
        **_said(situation, request, therapy),
    )
    return _allowed(request, therapy, payload)


def _far_ready_day(situation: Situation, request: Schedule) -> Denied | None:
    """A day that can only be a mistyped year; what is measured from it would be measured from there."""
    day = date.fromisoformat(request.ready_from)
    if abs(day - situation.now.date()) <= PUT_OFF_MAX:
        return None
    said = f"{day_text(day)} {day.year}, from which the patient can be collected, is more than a year away."
    return _refused("ready_day_far", said, "Check the year.")


def decide_reschedule(situation: Situation, request: Reschedule) -> Decision:
    """Each from where it stands now: who decided by an older plan decides again.

    What was promised stands, unless it is promised anew with the reason for it.
    """
    therapy = _planned_by(situation, request)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    plan = therapy.plan
    if plan is None:
        return _refused("not_planned", f"Nothing is booked for {therapy.coi}.", "Book it first.")
    if request.because is not None and request.because not in therapy.events:
        said = f"{request.because} is no event of {therapy.coi}."
        return _refused("unknown_event", said, "See the trail for the event that made the move necessary.")
    wish = _wish(situation, therapy, plan)
    for violation in _not_from_there(situation, request, plan, wish.done):
        return Denied(violation)
    moved = _placed(situation, wish, request.moved)
    if isinstance(moved, Violation):
        return Denied(moved)
    for one in request.moved:
        far = too_far(wish, chain_of(plan), Move(one.name, moved[one.name].start), situation.now)
        if far is not None:
            return Denied(_stopped(situation, wish, (far,)))
    chain = {**chain_of(plan), **moved}
    against = why_not(wish, chain, _places(situation).taken, situation.now, judged=moved.keys())
    if against:
        return Denied(_stopped(situation, wish, against))
    promised = days_of(wish.pathway, chain[_last_of(wish)])[0] if request.promises_anew else None
    for violation in _not_promised(request, therapy, wish, promised):
        return Denied(violation)
    payload = events.Rescheduled(
        moved=tuple(
            MovedMilestone(**_booked(wish, moved[one.name]).model_dump(), from_start=one.from_start)
            for one in request.moved
        ),
        promised_infusion=promised,
        because=request.because,
        **_said(situation, request, therapy),
    )
    return _allowed(request, therapy, payload)


def decide_unschedule(situation: Situation, request: Unschedule) -> Decision:
    """What is done stays in the plan; everything else is free again."""
    therapy = _planned_by(situation, request)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    done = done_of(therapy, situation.protocol(therapy))
    booked = {} if therapy.plan is None else therapy.plan.booked
    names = tuple(name for name in booked if name not in done)
    if not names:
        return _refused("not_planned", f"Nothing of {therapy.coi} is still to come.", "Nothing to do.")
    payload = events.Unscheduled(names=names, **_said(situation, request, therapy))
    return _allowed(request, therapy, payload)


def _planned_by(situation: Situation, request: TherapyRequest) -> TherapyState | Violation:
    """The therapy, where it runs and the actor may plan it."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return therapy
    found = grant_violation(situation.registry, request.actor, PLAN_MAKERS, None, situation.occurred_at)
    if found is not None:
        return never_waived(found)
    if therapy.status is not TherapyStatus.ACTIVE:
        return Violation(
            "therapy_ended",
            f"{therapy.coi} is {therapy.status.value}: nothing of it is planned any more.",
            "Nothing to do.",
            answer=ScanAnswer.CHECK,
            waivable=False,
        )
    if not situation.protocol(therapy).milestones:
        return Violation(
            "no_milestones",
            f"The protocol {therapy.protocol.id} of {therapy.coi} has no milestones.",
            "Adopt a version that has them, and move the therapy to it.",
            waivable=False,
        )
    return therapy


def _wish(situation: Situation, therapy: TherapyState, plan: PlanState) -> Wish:
    ready = date.fromisoformat(plan.ready_from)
    return wish_of(
        therapy,
        situation.protocol(therapy),
        situation.registry,
        _places(situation),
        ready=ready,
        priority=plan.priority,
    )


def _places(situation: Situation) -> PlaceView:
    if situation.places is None:
        raise TypeError("A plan is decided with the places that are left.")
    return situation.places


def _placed(
    situation: Situation, wish: Wish, wanted: Sequence[WantedMilestone]
) -> dict[str, PlannedSlot] | Violation:
    """The wanted milestones as slots, each with the way by which it is reached; or what is in the way."""
    found: dict[str, PlannedSlot] = {}
    for one in wanted:
        milestone = wish.pathway.by_name.get(one.name)
        if milestone is None or one.name in found or one.name in wish.done:
            names = ", ".join(name for name in wish.pathway.by_name if name not in wish.done)
            return Violation(
                "milestone_unknown",
                f"{one.name} is no milestone that can be planned, or it is named twice.",
                f"Name each of these once: {names}.",
                waivable=False,
            )
        places = Places(_places(situation).taken, situation.now, [])
        slot = places.at(milestone, one.start, one.resource)
        if slot is None:
            said = f"{one.resource} has no place for {milestone.title.lower()}"
            nothing = Obstacle(one.name, Blocker.NO_PLACE, said)
            return _stopped(situation, wish, tuple(places.met) or (nothing,))
        found[one.name] = slot
    return found


def _stopped(situation: Situation, wish: Wish, against: Sequence[Obstacle]) -> Violation:
    """The refusal, with the chain that could be booked instead."""
    said = in_short([*dict.fromkeys(one.sentence.rstrip(",") for one in against)])
    instead = propose(wish, _places(situation).taken, situation.now)
    if isinstance(instead, PlanProposal):
        first, *_, last = (slot for name, slot in instead.slots.items() if name not in wish.done)
        days = (day_text(date.fromisoformat(days_of(wish.pathway, slot)[0])) for slot in (first, last))
        titles = (wish.pathway.by_name[slot.name].title.lower() for slot in (first, last))
        offer = " and ".join(f"{title} {day}" for title, day in zip(titles, days, strict=True))
        remedy = f"The earliest chain now has {offer}: see `cartrail plan propose`."
    else:
        remedy = "No chain can be booked now: see `cartrail plan propose`."
    return Violation(against[0].blocker.value, f"{said}.", remedy, waivable=False)


def _not_from_there(
    situation: Situation, request: Reschedule, plan: PlanState, done: Collection[str]
) -> Iterator[Violation]:
    """What was moved or done since: nobody undoes unseen what somebody else has booked."""
    for one in request.moved:
        standing = plan.booked.get(one.name)
        if one.name in done:
            yield Violation(
                "already_done",
                f"{one.name} is done.",
                "Leave it out.",
                answer=ScanAnswer.CHECK,
                waivable=False,
            )
        elif standing is None or standing.milestone.start != one.from_start:
            where = "not booked" if standing is None else f"at {_time(situation, standing.milestone)}"
            yield Violation(
                "booking_changed",
                f"{one.name} is {where} and not where it is to be moved from: somebody has changed the plan.",
                "Look at the plan as it is now, then decide again.",
                waivable=False,
            )


def _last_of(wish: Wish) -> str:
    return wish.pathway.milestones[-1].name


def _not_promised(
    request: Reschedule, therapy: TherapyState, wish: Wish, promised: str | None
) -> Iterator[Violation]:
    """That nothing would be changed, or that the patient has been given the cells already."""
    title = wish.pathway.by_name[_last_of(wish)].title
    if promised is None and not request.moved:
        said, remedy = "Nothing is moved, and nothing is promised.", "Name what is to be moved."
    elif promised is not None and _last_of(wish) in wish.done:
        said, remedy = f"{title} of {therapy.coi} is done.", "Nothing to promise any more."
    elif promised is not None and therapy.promise is not None and promised == therapy.promise.day:
        day = day_text(date.fromisoformat(promised))
        said, remedy = f"{title} of {therapy.coi} is promised for {day} already.", "Nothing to do."
    else:
        return
    yield Violation("nothing_changed", said, remedy, answer=ScanAnswer.CHECK, waivable=False)


def _time(situation: Situation, one: BookedMilestone) -> str:
    return format_minute(one.start, situation.offset_of(one.start))


def _booked(wish: Wish, slot: PlannedSlot) -> BookedMilestone:
    first, last = days_of(wish.pathway, slot)
    return BookedMilestone(
        name=slot.name,
        resource=slot.resource,
        start=slot.start,
        end=slot.end,
        first_day=first,
        last_day=last,
        lane=slot.lane,
        departs=slot.departs,
    )


def _said(situation: Situation, request: TherapyRequest, therapy: TherapyState) -> Mapping[str, Any]:
    return {"reason": reason_of(request), "remark": remark_of(situation, request, therapy.coi)}


def _refused(rule: str, message: str, remedy: str) -> Denied:
    return Denied(Violation(rule, message, remedy, answer=ScanAnswer.CHECK, waivable=False))


def _allowed(
    request: TherapyRequest,
    therapy: TherapyState,
    payload: events.Scheduled | events.Rescheduled | events.Unscheduled,
) -> Allowed:
    slots = entry_slots(request, (Slot(Meaning.PERFORMED, PLAN_MAKERS, staff=request.actor),))
    return Allowed((Draft(therapy.coi, payload, (), (), slots),))


DECISIONS: Final[Decisions] = {
    Schedule: decide_schedule,
    Reschedule: decide_reschedule,
    Unschedule: decide_unschedule,
}
