"""The receiver's half of a handoff: accept, accept partly, refuse; and the giver's lapse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schema.events import Party, Payload
from schema.events.custody import (
    Accepted,
    DeliveryAttempted,
    HandoffAnswer,
    InkReceiver,
    Lapsed,
    PartlyAccepted,
    Refused,
)
from schema.vocabulary import Grade, Meaning, PartyType
from tracker.requests.custody import (
    Accept,
    AcceptPartly,
    AttemptDelivery,
    BoxRequest,
    InkSigner,
    LetLapse,
    Refuse,
)
from tracker.rules import decision as outcome
from tracker.rules.attempt import Attempt
from tracker.rules.conclusion import Plan, conclude, reason_of
from tracker.rules.custodians import described, stands_for
from tracker.rules.decide_handoff import contents_of, seal_violations
from tracker.rules.decision import Decision, Slot, Violation
from tracker.rules.selection import Selected, not_a, object_of, reads_for
from tracker.rules.situation import Found, Situation
from tracker.rules.step_checks import step_violations
from tracker.rules.therapy_state import HandoffState, TherapyState


@dataclass(frozen=True, slots=True)
class Waiting:
    """One therapy's open handoff of what was scanned."""

    therapy: TherapyState
    handoff: HandoffState
    selected: tuple[Selected, ...]


def waiting_handoffs(
    situation: Situation, request: BoxRequest
) -> tuple[str | None, tuple[Waiting, ...]] | Violation:
    """The open handoffs of the scanned box or units, one for each therapy."""
    contents = contents_of(situation, request)
    if isinstance(contents, Violation):
        return contents
    waiting: list[Waiting] = []
    for therapy, selected in contents.groups:
        names = {item.unit.handoff for item in selected}
        handoff = therapy.handoffs.get(next(iter(names)) or "") if len(names) == 1 else None
        if handoff is None:
            return _nothing_given(situation, therapy, selected[0])
        waiting.append(Waiting(therapy, handoff, selected))
    named = getattr(request, "handoff", None)
    if named is not None and named not in {one.handoff.event_id for one in waiting}:
        return _other_handoff(named, waiting[0].handoff)
    return contents.box, tuple(waiting)


def _other_handoff(named: str, waiting: HandoffState) -> Violation:
    return Violation(
        "other_handoff",
        f"What was scanned waits for the answer to {waiting.event_id}, not to {named}.",
        "Read again what the giver said and answer that.",
        waivable=False,
    )


def _nothing_given(situation: Situation, therapy: TherapyState, item: Selected) -> Violation:
    accepted = item.unit.facts.get("accepted")
    holder = described(situation.registry, item.unit.custodian)
    message = f"Nobody has handed {item.unit.unit} over: it is with {holder}."
    if accepted is not None and item.unit.handoff is None:
        message += f" It was last taken over at {accepted.at:%Y-%m-%d %H:%M} UTC by {accepted.actor}."
    return Violation(
        "no_handoff",
        message,
        "The giver hands it over first: box, seal, ALL-IN-ORDER and PIN.",
        answer=outcome.Answer.CHECK if accepted is not None else outcome.Answer.STOP,
        waivable=False,
    )


def decide_accept(situation: Situation, request: Accept) -> Decision:
    """Custody moves to the receiver, bound to what the giver said."""
    found = waiting_handoffs(situation, request)
    if isinstance(found, Violation):
        return outcome.Refused(found)
    box, waiting = found
    violations: list[Violation] = [*_seal(situation, request, box)]
    plans: list[Plan] = []
    for one in waiting:
        custodian = _receiver(request, one.handoff)
        violations.extend(_receiver_violations(situation, request, one, custodian))
        units = tuple(item.unit.unit for item in one.selected)
        violations.extend(_all_of_it(request, one.handoff, units, box))
        kind, payload = _accepted(situation, request, one, custodian, units, box)
        plans.append(_plan(situation, request, one, payload, kind, violations))
    return conclude(situation, request, plans, violations)


def _seal(situation: Situation, request: BoxRequest, box: str | None) -> Iterator[Violation]:
    if box is None:
        return
    contents = contents_of(situation, request)
    if not isinstance(contents, Violation):
        yield from seal_violations(situation, request, contents)


def _all_of_it(
    request: Accept, handoff: HandoffState, units: tuple[str, ...], box: str | None
) -> Iterator[Violation]:
    """A sealed box is taken by its code and seal; what is given as a whole is taken so, or partly by name."""
    if handoff.box is not None and handoff.box != box:
        yield Violation(
            "box_missing",
            f"It was handed over in the sealed box {handoff.box}.",
            "Scan the box and its seal.",
            waivable=False,
        )
    left = [unit for unit in handoff.units if unit not in units]
    if left and not isinstance(request, AcceptPartly):
        yield Violation(
            "units_missing",
            f"The giver also handed over {', '.join(left)}, not scanned.",
            "Scan every unit, or take over only some of them by accept_partly.",
            waivable=False,
        )


def _receiver(request: Accept, handoff: HandoffState) -> Party:
    if request.custodian is not None:
        return request.custodian
    if request.ink is not None:
        return Party(type=PartyType.CARRIER, id=request.ink.custodian)
    return handoff.to_party


def _receiver_violations(
    situation: Situation, request: Accept, waiting: Waiting, custodian: Party
) -> Iterator[Violation]:
    at = situation.occurred_at
    if custodian != waiting.handoff.to_party:
        yield Violation(
            "other_receiver",
            f"It was handed over to {described(situation.registry, waiting.handoff.to_party)}, "
            f"not to {described(situation.registry, custodian)}.",
            "The giver ends this handoff and hands it over to the right party.",
        )
    if request.ink is None and not stands_for(situation.registry, custodian, request.actor, at):
        yield _not_receiver(situation, request, custodian)
    if request.ink is None and request.actor == waiting.handoff.actor:
        yield Violation(
            "same_person",
            f"{request.actor} gave it and cannot take it too.",
            "A second person takes it over.",
            waivable=False,
        )
    if request.ink is not None:
        yield from _ink_violations(situation, request, request.ink, waiting)


def _not_receiver(situation: Situation, request: BoxRequest, party: Party) -> Violation:
    return Violation(
        "not_receiver",
        f"{request.actor} does not stand for {described(situation.registry, party)}.",
        "Somebody of the receiving party takes it over or refuses it.",
    )


def _ink_violations(
    situation: Situation, request: Accept, ink: InkSigner, waiting: Waiting
) -> Iterator[Violation]:
    """The slip with the ink must be the slip of this very statement; its attester is not the giver."""
    receipt = situation.resolve(ink.receipt)
    if receipt.found is not Found.RECEIPT or receipt.object_id not in _digests(situation):
        yield Violation(
            "wrong_slip",
            "The receipt code is not of this handoff's slip.",
            "Scan the receipt code on the slip that was signed.",
            waivable=False,
        )
    if request.actor == waiting.handoff.actor:
        yield Violation(
            "same_person",
            "The giver cannot attest the receiver's ink.",
            "A second person of the site attests and scans it in.",
            waivable=False,
        )


def _digests(situation: Situation) -> frozenset[str]:
    return frozenset(
        handoff.digest for therapy in situation.therapies.values() for handoff in therapy.handoffs.values()
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
        return PartlyAccepted.kind, PartlyAccepted(**values, custodian=custodian, units_left=left)
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
    if reason_of(request) is None:
        return outcome.Refused(
            Violation("reason_missing", "A refusal needs a reason code.", "Add a reason.", waivable=False)
        )
    found = waiting_handoffs(situation, request)
    if isinstance(found, Violation):
        return outcome.Refused(found)
    box, waiting = found
    violations: list[Violation] = []
    plans: list[Plan] = []
    for one in waiting:
        units = tuple(item.unit.unit for item in one.selected)
        if not stands_for(situation.registry, one.handoff.to_party, request.actor, situation.occurred_at):
            violations.append(_not_receiver(situation, request, one.handoff.to_party))
        common = _answer(situation, request, one, units, box)
        payload = Refused(**{name: getattr(common, name) for name in HandoffAnswer.model_fields})
        plans.append(_plan(situation, request, one, payload, Refused.kind, violations))
    return conclude(situation, request, plans, violations)


def decide_lapse(situation: Situation, request: LetLapse) -> Decision:
    """Ended by the giver, who scans the thing still in hand."""
    found = waiting_handoffs(situation, request)
    if isinstance(found, Violation):
        return outcome.Refused(found)
    violations: list[Violation] = []
    plans: list[Plan] = []
    for one in found[1]:
        payload = Lapsed(handoff=one.handoff.event_id, units=one.handoff.units)
        plans.append(_plan(situation, request, one, payload, Lapsed.kind, violations))
    return conclude(situation, request, plans, violations)


def decide_attempt(situation: Situation, request: AttemptDelivery) -> Decision:
    """Nobody at the door: an event, and custody stays with the carrier."""
    box = object_of(situation, request.box, Found.BOX)
    if isinstance(box, Violation):
        return outcome.Refused(box)
    if situation.registry.site(request.at_site) is None:
        return outcome.Refused(
            Violation(
                "site_unknown", f"There is no site {request.at_site}.", "Name the site.", waivable=False
            )
        )
    violations: list[Violation] = []
    plans: list[Plan] = []
    for therapy in situation.therapies.values():
        units = tuple(therapy.in_box(box))
        steps = []
        for unit in units:
            attempt = Attempt(situation, request, therapy, DeliveryAttempted.kind, unit)
            violations.extend(step_violations(attempt))
            if attempt.step:
                steps.append(attempt.step)
        if units:
            payload = DeliveryAttempted(
                units=tuple(unit.unit for unit in units), box=box, at_site=request.at_site
            )
            plans.append(Plan(therapy, payload, tuple(steps), reads_for(situation, request, therapy.coi)))
    if not plans:
        return outcome.Refused(not_a(situation.resolve(request.box), "packed box"))
    return conclude(situation, request, plans, violations)
