"""One decision for each request, and the order in which an act's statements stand."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from schema.entry import REGISTRY
from schema.events.identity import MixupPrevented
from schema.events.processing import DeviationDrafted
from tracker.catalog import requests
from tracker.requests.base import Request
from tracker.rules.conclusion import reason_missing
from tracker.rules.decision import Decision, Denied, Draft
from tracker.rules.permissions import grant_violation
from tracker.rules.situation import Situation
from tracker.rules.typed_codes import typed_violation
from tracker.rules.units import decide_plain
from tracker.therapy.adoption import decisions as decide_adoption
from tracker.therapy.adoption import requests as adoption
from tracker.therapy import benches as decide_bench
from tracker.therapy.benches import requests as bench
from tracker.therapy import corrections as decide_correct
from tracker.therapy.custody import boxes as decide_box
from tracker.therapy.custody import handoff_answers as decide_answer
from tracker.therapy.custody import handoffs as decide_handoff
from tracker.therapy.custody import opening as decide_opening
from tracker.therapy.custody import requests as custody
from tracker.therapy.custody import transit as decide_transit
from tracker.therapy import erasure as decide_erase
from tracker.therapy.identity import enrollment as decide_enroll
from tracker.therapy.identity import requests as identity
from tracker.therapy import course as decide_therapy
from tracker.therapy.labels import decisions as decide_labels
from tracker.therapy.labels import requests as labels
from tracker.therapy.making import quality as decide_making
from tracker.therapy.making import requests as processing
from tracker.therapy.making import cells as decide_steps
from tracker.therapy.paperwork import decisions as decide_paperwork
from tracker.therapy.paperwork import requests as paperwork
from tracker.therapy import review as decide_review
from tracker.therapy.review import requests as review
from tracker.therapy import shift as decide_shift
from tracker.therapy.shift import requests as shift

_DECISIONS: Mapping[type[Request], Callable[[Situation, Any], Decision]] = {
    identity.Enroll: decide_enroll.decide_enroll,
    identity.AdoptCode: decide_enroll.decide_adopt,
    adoption.ReceiveManifest: decide_adoption.decide_receive,
    adoption.BindCodes: decide_adoption.decide_bind,
    identity.IdentifyPatient: decide_therapy.decide_identify,
    identity.RegisterUnit: decide_therapy.decide_register,
    identity.ApplyLabel: decide_labels.decide_apply_label,
    identity.SupersedeLabel: decide_labels.decide_supersede_label,
    labels.VoidLabel: decide_labels.decide_void_label,
    labels.DestroyLabels: decide_labels.decide_destroy_labels,
    labels.ReconcileLabels: decide_labels.decide_reconcile_labels,
    identity.BindCassette: decide_steps.decide_bind_cassette,
    identity.MatchBag: decide_steps.decide_match_bag,
    identity.RepinProtocol: decide_therapy.decide_repin,
    identity.Correct: decide_correct.decide_correct,
    identity.Cancel: decide_therapy.decide_cancel,
    identity.Close: decide_therapy.decide_close,
    identity.OpenDeviation: decide_therapy.decide_deviation,
    identity.Erase: decide_erase.decide_erase,
    paperwork.IssueForm: decide_paperwork.decide_issue,
    paperwork.AttachPaper: decide_paperwork.decide_attach,
    paperwork.VoidForm: decide_paperwork.decide_void,
    review.ReviewTrail: decide_review.decide_review,
    shift.TakeOver: decide_shift.decide_take_over,
    bench.ClearLine: decide_bench.decide_clear,
    custody.Store: decide_box.decide_store,
    custody.Retrieve: decide_box.decide_retrieve,
    custody.Pack: decide_box.decide_pack,
    custody.Unpack: decide_opening.decide_unpack,
    custody.Relinquish: decide_handoff.decide_relinquish,
    custody.Accept: decide_answer.decide_accept,
    custody.AcceptPartly: decide_answer.decide_accept,
    custody.Refuse: decide_answer.decide_refuse,
    custody.LetLapse: decide_answer.decide_lapse,
    custody.AttemptDelivery: decide_transit.decide_attempt,
    custody.Divert: decide_transit.decide_divert,
    custody.Inspect: decide_opening.decide_inspect,
    processing.StartCollection: decide_steps.decide_start_collection,
    processing.CompleteCollection: decide_steps.decide_complete_collection,
    processing.CompleteManufacturing: decide_making.decide_manufactured,
    processing.RecordTest: decide_making.decide_test,
    processing.Release: decide_making.decide_release,
    processing.ReleaseOutOfSpecification: decide_making.decide_release_out_of_specification,
    processing.StopInfusion: decide_steps.decide_infusion_end,
    processing.CompleteInfusion: decide_steps.decide_infusion_end,
    processing.LiftQuarantine: decide_steps.decide_lift_quarantine,
    **{one: decide_plain for one in requests().values() if one.plain},
}


def decide(situation: Situation, request: Request) -> Decision:
    """Accept or refuse a request about therapies; raises InputError for values that make no sense.

    Whom the store does not know leaves nothing in a chain, no evidence either.
    """
    for staff in (request.actor, request.entered_by):
        stranger = grant_violation(situation.registry, staff, (), None, situation.now)
        if stranger is not None and not stranger.waivable:
            return Denied(stranger)
    typed = typed_violation(request)
    if typed is not None:
        return Denied(typed)
    missing = reason_missing(request)
    if missing is not None:
        return Denied(missing)
    return _DECISIONS[type(request)](situation, request)


def therapy_requests() -> tuple[type[Request], ...]:
    """Every request about therapies, in the order of the journey."""
    return tuple(_DECISIONS)


@dataclass(frozen=True, slots=True)
class Placed:
    """A draft with the event id that its place in the act gives it."""

    event_id: str
    draft: Draft


def placed(request_id: str, drafts: tuple[Draft, ...]) -> tuple[Placed, ...]:
    """The statements of an act by chain in byte order, `registry` last, each with its id.

    After what broke the rules, or was prevented from breaking them, a deviation is drafted in the same chain.
    """
    ordered = sorted(drafts, key=lambda draft: (draft.chain == REGISTRY, draft.chain.encode()))
    found: list[Placed] = []
    for draft in ordered:
        found.append(Placed(act_event_id(request_id, len(found)), draft))
        cause = draft.outside_rules or (("mixup",) if isinstance(draft.payload, MixupPrevented) else ())
        if cause and draft.chain != REGISTRY:
            deviation = DeviationDrafted(cause=cause, about=found[-1].event_id)
            found.append(Placed(act_event_id(request_id, len(found)), Draft(draft.chain, deviation)))
    return tuple(found)


def act_event_id(request_id: str, position: int) -> str:
    """The request's id for its first statement, UUIDv5 in the request's namespace for each further one."""
    return request_id if position == 0 else str(uuid.uuid5(uuid.UUID(request_id), str(position)))
