"""One decision for each request, and the order in which an act's statements stand."""

from __future__ import annotations

import uuid
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from schema.entry import REGISTRY
from schema.events.deviations import DeviationDrafted
from schema.events.identity import MixupPrevented
from tracker.catalog import requests
from tracker.requests.base import Request, TherapyRequest
from tracker.rules.authority import grant_violation
from tracker.rules.checks.declared import clock_stopped, confirmed, refused_live, rests_on_declared, too_late
from tracker.rules.checks.identity import Mismatch, foreign, stop
from tracker.rules.conclusion import reason_missing
from tracker.rules.decision import Decision, Denied, Draft
from tracker.rules.situation import Decisions, Situation
from tracker.rules.tables import joined
from tracker.rules.typed_codes import typed_violation
from tracker.rules.units import decide_plain
from tracker.therapy import alerts, benches, corrections, course, deviations, erasure, notes, review, shift
from tracker.therapy.adoption import decisions as adoption
from tracker.therapy.aftercare import decisions as aftercare
from tracker.therapy.conditions import decisions as conditions
from tracker.therapy.custody import boxes, handoffs, opening, transit
from tracker.therapy.dosing import decisions as dosing
from tracker.therapy.identity import enrollment, units
from tracker.therapy.labels import decisions as labels
from tracker.therapy.making import (
    cells,
    conditioning,
    failing,
    out_of_specification,
    process,
    quality,
    reviewing,
)
from tracker.therapy.paperwork import decisions as paperwork
from tracker.therapy.planning import decisions as planning
from tracker.therapy.shipments import decisions as shipments
from tracker.therapy.standing import judged, outsider
from tracker.therapy.takeover import decisions as takeover

DECISIONS: Final[Decisions] = joined(
    enrollment.DECISIONS,
    units.DECISIONS,
    takeover.DECISIONS,
    adoption.DECISIONS,
    labels.DECISIONS,
    course.DECISIONS,
    corrections.DECISIONS,
    erasure.DECISIONS,
    paperwork.DECISIONS,
    review.DECISIONS,
    shift.DECISIONS,
    benches.DECISIONS,
    boxes.DECISIONS,
    opening.DECISIONS,
    handoffs.DECISIONS,
    transit.DECISIONS,
    cells.DECISIONS,
    process.DECISIONS,
    conditioning.DECISIONS,
    failing.DECISIONS,
    quality.DECISIONS,
    out_of_specification.DECISIONS,
    reviewing.DECISIONS,
    aftercare.DECISIONS,
    deviations.DECISIONS,
    dosing.DECISIONS,
    planning.DECISIONS,
    conditions.DECISIONS,
    shipments.DECISIONS,
    notes.DECISIONS,
    alerts.DECISIONS,
    {one: decide_plain for one in requests().values() if one.plain},
)
"""Which function decides over which request."""


def decide(situation: Situation, request: Request) -> Decision:
    """Accept or refuse a request about therapies; raises InputError for values that make no sense.

    A person the store does not know is refused without any entry.
    """
    for staff in dict.fromkeys((request.actor, request.entered_by)):
        stranger = grant_violation(situation.registry, staff, (), None, situation.now)
        if stranger is not None and not stranger.waivable:
            return Denied(stranger)
    typed = typed_violation(request)
    if typed is not None:
        return Denied(typed)
    missing = reason_missing(request)
    if missing is not None:
        return Denied(missing)
    stranger = outsider(situation, request)
    if stranger is not None:
        return Denied(stranger)
    other = _begun_with_another(situation, request)
    if other is not None and request.outside_rules is None:
        return judged(situation, request, stop(situation, request, other))
    decision = judged(situation, request, _in_time(situation, request))
    return _with_field(situation, request, decision)


def _in_time(situation: Situation, request: Request) -> Decision:
    """What the rules say by the declared time; what rests on it alone takes a second person.

    Every request is held to it; only what is read off paper or taken from another system is not from memory.
    """
    decision = too_late(situation, request, DECISIONS[type(request)](situation, request))
    if isinstance(decision, Denied) or not rests_on_declared(situation, request):
        return decision
    by_clock = replace(situation, occurred_at=situation.now)
    by_now = judged(by_clock, request, DECISIONS[type(request)](by_clock, request))
    if isinstance(by_now, Denied):
        why: str | None = refused_live(by_now)
    else:
        why = clock_stopped(situation, request, decision)
    return decision if why is None else confirmed(request, decision, why)


def _begun_with_another(situation: Situation, request: Request) -> Mismatch | None:
    """The card of another therapy than the step was begun with; units are compared when selected."""
    if not isinstance(request, TherapyRequest) or request.begun_with is None or request.records is None:
        return None
    begun, card = situation.therapies.get(request.begun_with), situation.resolve(request.coi)
    if begun is None or card.coi in (None, begun.coi):
        return None
    kind = request.records.kind
    expected = f"the card of therapy {begun.coi}"
    return foreign(begun, kind, card, field="coi", expected=expected)


def _with_field(situation: Situation, request: Request, decision: Decision) -> Decision:
    """The decision, with the field of the code that it refuses where the rule only knows the code."""
    if not isinstance(decision, Denied) or decision.reason.field or not decision.reason.read:
        return decision
    read = decision.reason.read
    field = next((name for name, scan in request.scans() if situation.resolve(scan).text == read), "")
    return replace(decision, reason=replace(decision.reason, field=field))


class Placed(Struct, frozen=True):
    """A draft with the event id that its place in the act gives it."""

    event_id: str
    draft: Draft


def placed(request_id: str, drafts: tuple[Draft, ...]) -> tuple[Placed, ...]:
    """The statements of an act by chain in byte order, `registry` last, each with its id.

    After what broke the rules, was prevented from breaking them or was found not in order, a deviation is
    drafted in the same chain.
    """
    ordered = sorted(drafts, key=lambda draft: (draft.chain == REGISTRY, draft.chain.encode()))
    found: list[Placed] = []
    for draft in ordered:
        found.append(Placed(act_event_id(request_id, len(found)), draft))
        prevented = ("mixup",) if isinstance(draft.payload, MixupPrevented) else ()
        cause = tuple(dict.fromkeys((*draft.outside_rules, *draft.deviates, *prevented)))
        if cause and draft.chain != REGISTRY:
            deviation = DeviationDrafted(cause=cause, about=found[-1].event_id)
            found.append(Placed(act_event_id(request_id, len(found)), Draft(draft.chain, deviation)))
    return tuple(found)


def act_event_id(request_id: str, position: int) -> str:
    """The request's id for its first statement, UUIDv5 in the request's namespace for each further one."""
    return request_id if position == 0 else str(uuid.uuid5(uuid.UUID(request_id), str(position)))
