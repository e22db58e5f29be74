"""The decision over an acknowledgement: somebody whose work it is has seen an alert.

It is no step of a protocol and ends nothing: an alert goes away when its cause does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

from msgspec.structs import replace
from pydantic import Field

from schema.entry import Statement
from schema.events.alerts import AlertAcknowledged, AlertSubject
from schema.events.base import Word
from schema.vocabulary import AlertCause, Meaning
from tracker.requests.base import FreeText, PayloadClass, TherapyRequest
from tracker.requests.fields import DeclaredTime
from tracker.rules.alert_state import AcknowledgedAlert, Alert, alert_id
from tracker.rules.alerts import may_acknowledge
from tracker.rules.authority import grant_violation
from tracker.rules.conclusion import entry_slots, reason_of
from tracker.rules.decision import Allowed, Decision, Denied, Draft, ScanAnswer, Slot, Violation, never_waived
from tracker.rules.selection import therapy_of
from tracker.rules.situation import Decisions, Situation, remark_of
from tracker.rules.therapy_state import Changes, Occurrence, TherapyState

PLAN_FIELD: Final = "plan"
"""The field of the commitment to what somebody will do about it."""


class AcknowledgeAlert(TherapyRequest):
    """Sign that an alert was seen."""

    name: ClassVar[str] = "acknowledge_alert"
    summary: ClassVar[str] = (
        "Sign that an alert was seen, and what will be done about it (the role it calls)."
    )
    records: ClassVar[PayloadClass] = AlertAcknowledged
    cause: AlertCause
    subject: AlertSubject
    limit: Word | None = Field(default=None, description="the limit or milestone, where it is about one")
    due_at: DeclaredTime
    plan: FreeText | None = Field(default=None, description="what will be done about it; committed")


def decide_acknowledge(situation: Situation, request: AcknowledgeAlert) -> Decision:
    """An alert that stands now, by one of those whom it calls or will call."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    wanted = alert_id(therapy.coi, request.cause, request.subject, request.limit, request.due_at)
    alert = next((one for one in situation.alerts if one.id == wanted), None)
    if alert is None:
        return Denied(_ended(therapy, request))
    for violation in _violations(situation, request, therapy, alert):
        return Denied(violation)
    plan = None if request.plan is None else situation.commit(therapy.coi, PLAN_FIELD, request.plan)
    payload = AlertAcknowledged(
        cause=alert.cause,
        subject=alert.subject,
        name=alert.name,
        due_at=alert.due_at,
        # What moves with the clock would be another statement before it is signed.
        projected_at=None if alert.is_by_now else alert.projected_at,
        plan=plan,
        reason=reason_of(request),
        remark=remark_of(situation, request, therapy.coi),
    )
    slots = entry_slots(request, (Slot(Meaning.PERFORMED, staff=request.actor),))
    return Allowed((Draft(therapy.coi, payload, (), (), slots),))


def _ended(therapy: TherapyState, request: AcknowledgeAlert) -> Violation:
    return Violation(
        "alert_ended",
        f"{therapy.coi} has no alert {request.cause.value.replace('_', ' ')} of {request.subject} now.",
        "Nothing to do: its cause has ended. `cartrail alerts` lists those that stand.",
        answer=ScanAnswer.CHECK,
        waivable=False,
    )


def _violations(
    situation: Situation, request: AcknowledgeAlert, therapy: TherapyState, alert: Alert
) -> Iterator[Violation]:
    called = may_acknowledge(alert, therapy)
    registry, at = situation.registry, situation.occurred_at
    faults = [
        grant_violation(registry, request.actor, {role}, site, at)
        for role, sites in called.items()
        for site in sorted(sites)
    ]
    if None not in faults:
        missing = grant_violation(registry, request.actor, called.keys(), None, at)
        found = missing or next((one for one in faults if one is not None), None)
        if found is not None:
            yield never_waived(found)
    seen = therapy.acknowledged.get(alert.id)
    if seen is not None:
        yield Violation(
            "already_done",
            f"{seen.actor} has acknowledged this alert already.",
            "Nothing to do until its cause ends.",
            answer=ScanAnswer.CHECK,
            waivable=False,
        )


def _acknowledged(
    state: TherapyState, statement: Statement, payload: AlertAcknowledged, occurrence: Occurrence
) -> TherapyState:
    alert = alert_id(state.coi, payload.cause, payload.subject, payload.name, payload.due_at)
    plan = None if payload.plan is None else payload.plan.commitment
    seen = AcknowledgedAlert(statement.event_id, statement.actor, occurrence.at, plan)
    return replace(state, acknowledged={**state.acknowledged, alert: seen})


DECISIONS: Final[Decisions] = {
    AcknowledgeAlert: decide_acknowledge,
}

CHANGES: Final[Changes] = {
    AlertAcknowledged: _acknowledged,
}
