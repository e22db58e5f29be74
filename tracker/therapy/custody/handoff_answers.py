"""The receiver's half of a handoff: accept, accept partly, refuse; and the giver's lapse."""

from __future__ import annotations

from collections.abc import Iterator

from schema.events import Party, Payload
from schema.events.custody import (
    Accepted,
    HandoffAnswer,
    InkReceiver,
    Lapsed,
    PartlyAccepted,
    Refused,
)
from schema.vocabulary import Grade, Meaning, PartyType
from tracker.rules.attempt import Attempt
from tracker.rules.checks.step import step_violations
from tracker.rules.conclusion import Plan, conclude
from tracker.rules.custodians import exists, stands_for
from tracker.rules.decision import Decision, Denied, Slot, Violation
from tracker.rules.selection import reads_for, seal_of
from tracker.rules.situation import Situation
from tracker.therapy.custody.handoffs import contents_of, seal_violations
from tracker.therapy.custody.receivers import (
    Waiting,
    not_receiver,
    receiver_of,
    receiver_violations,
    waiting_handoffs,
    whole_violations,
)
from tracker.therapy.custody.requests import (
    Accept,
    AcceptPartly,
    BoxRequest,
    InkSigner,
    LetLapse,
    Refuse,
)


def decide_accept(situation: Situation, request: Accept) -> Decision:
    """Custody moves to the receiver, bound to what the giver said."""
    found = waiting_handoffs(situation, request)
    if isinstance(found, Violation):
        return Denied(found)
    box, waiting = found
    violations: list[Violation] = [*_seal(situation, request, box), *_sealed_again(situation, request, box)]
    plans: list[Plan] = []
    for one in waiting:
        custodian = receiver_of(request, one.handoff)
        violations.extend(receiver_violations(situation, request, one, custodian))
        units = tuple(item.unit.unit for item in one.selected)
        violations.extend(whole_violations(request, one.handoff, units, box))
        kind, payload = _accepted(situation, request, one, custodian, units, box)
        plans.append(_plan(situation, request, one, payload, kind, violations))
    return conclude(situation, request, plans, violations)


def _seal(situation: Situation, request: BoxRequest, box: str | None) -> Iterator[Violation]:
    if box is None:
        return
    contents = contents_of(situation, request)
    if not isinstance(contents, Violation):
        yield from seal_violations(situation, request, contents)


def _sealed_again(situation: Situation, request: Accept, box: str | None) -> Iterator[Violation]:
    """Some of a sealed box is taken by breaking its seal; what is left in it goes on under another."""
    if box is None or not isinstance(request, AcceptPartly):
        return
    new = None if request.new_seal is None else seal_of(situation, request.new_seal)
    if isinstance(new, Violation):
        yield new
    elif new is None or (request.seal is not None and new == situation.resolve(request.seal).text):
        yield Violation(
            "new_seal_missing",
            f"The box {box} was opened to take some of it; what is left is not sealed again.",
            "Seal the box anew and scan the new seal.",
        )


def _answer(
    situation: Situation, request: BoxRequest, waiting: Waiting, units: tuple[str, ...], box: str | None
) -> HandoffAnswer:
    """What every answer says: which statement of the giver, which units, which box and seal."""
    chain = waiting.therapy.coi
    ink = request.ink if isinstance(request, Accept) else None
    return HandoffAnswer(
        handoff=waiting.handoff.event_id,
        relinquished=waiting.handoff.digest,
        units=units,
        box=box,
        seal=None if request.seal is None else situation.resolve(request.seal).text,
        condition=request.condition,
        evidence=Grade.SIGNED if ink is None else Grade.INK,
        ink=None if ink is None else _ink(situation, chain, ink),
        display_celsius=request.display_celsius,
    )


def _ink(situation: Situation, chain: str, ink: InkSigner) -> InkReceiver:
    return InkReceiver(
        company=situation.commit(chain, "company", ink.company),
        name=situation.commit(chain, "person_name", ink.name),
        id_seen=situation.commit(chain, "id_seen", ink.id_seen),
        waybill=None if ink.waybill is None else situation.commit(chain, "waybill", ink.waybill),
    )


def _accepted(
    situation: Situation,
    request: Accept,
    waiting: Waiting,
    custodian: Party,
    units: tuple[str, ...],
    box: str | None,
) -> tuple[str, Payload]:
    common = _answer(situation, request, waiting, units, box)
    values = {name: getattr(common, name) for name in HandoffAnswer.model_fields}
    left = tuple(unit for unit in waiting.handoff.units if unit not in units)
    if isinstance(request, AcceptPartly) and left:
        seal = None if request.new_seal is None else situation.resolve(request.new_seal).text
        return PartlyAccepted.kind, PartlyAccepted(
            **values, custodian=custodian, units_left=left, new_seal=seal
        )
    return Accepted.kind, Accepted(**values, custodian=custodian)


def _plan(
    situation: Situation,
    request: BoxRequest,
    waiting: Waiting,
    payload: Payload,
    kind: str,
    violations: list[Violation],
) -> Plan:
    steps = []
    for item in waiting.selected:
        scanned = item.resolution if request.box is None else None
        attempt = Attempt(situation, request, waiting.therapy, kind, item.unit, scanned)
        violations.extend(step_violations(attempt))
        if attempt.step:
            steps.append(attempt.step)
    slots = None
    if isinstance(request, Accept) and request.ink is not None:
        slots = (Slot(Meaning.ATTESTED, staff=request.actor),)
    return Plan(
        waiting.therapy, payload, tuple(steps), reads_for(situation, request, waiting.therapy.coi), slots
    )


def decide_refuse(situation: Situation, request: Refuse) -> Decision:
    """Not taken: custody stays, the reason is kept."""
    found = waiting_handoffs(situation, request)
    if isinstance(found, Violation):
        return Denied(found)
    box, waiting = found
    violations: list[Violation] = []
    plans: list[Plan] = []
    for one in waiting:
        units = tuple(item.unit.unit for item in one.selected)
        if not stands_for(situation.registry, one.handoff.to_party, request.actor, situation.occurred_at):
            violations.append(not_receiver(situation, request, one.handoff.to_party))
        violations.extend(_left_with_the_carrier(situation, request, one))
        common = _answer(situation, request, one, units, box)
        payload = Refused(
            **{name: getattr(common, name) for name in HandoffAnswer.model_fields},
            next_custodian=request.next_custodian,
            next_site=request.next_site,
        )
        plans.append(_plan(situation, request, one, payload, Refused.kind, violations))
    return conclude(situation, request, plans, violations)


def _left_with_the_carrier(situation: Situation, request: Refuse, waiting: Waiting) -> Iterator[Violation]:
    """Refusing before loading is free; at the destination the box needs its next custodian and place."""
    planned = waiting.therapy.boxes_carrier.get(waiting.handoff.box or "")
    if planned is None or planned[1] != situation.station.site:
        return
    if waiting.handoff.from_party.type is not PartyType.CARRIER:
        return
    named = request.next_custodian
    if named is None or request.next_site is None or not exists(situation.registry, named):
        yield Violation(
            "next_custodian_missing",
            f"A box refused at its destination {planned[1]} needs its next custodian and place.",
            "Name both, or take it over and quarantine what is in it.",
            waivable=False,
        )


def decide_lapse(situation: Situation, request: LetLapse) -> Decision:
    """Ended by the giver, who scans the thing still in hand."""
    found = waiting_handoffs(situation, request)
    if isinstance(found, Violation):
        return Denied(found)
    violations: list[Violation] = []
    plans: list[Plan] = []
    for one in found[1]:
        payload = Lapsed(handoff=one.handoff.event_id, units=one.handoff.units)
        plans.append(_plan(situation, request, one, payload, Lapsed.kind, violations))
    return conclude(situation, request, plans, violations)
