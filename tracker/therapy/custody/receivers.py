"""An open handoff and who may answer it: the named party, all of it, on its own box, seal and slip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schema.events import Party
from schema.vocabulary import PartyType
from tracker.rules.custodians import described, stands_for
from tracker.rules.decision import Answer, Violation
from tracker.rules.selection import Selected
from tracker.rules.situation import Found, Situation
from tracker.rules.therapy_state import HandoffState, TherapyState
from tracker.therapy.custody.handoffs import contents_of
from tracker.therapy.custody.requests import Accept, AcceptPartly, BoxRequest, InkSigner


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
    taken = item.unit.last_taken
    holder = described(situation.registry, item.unit.custodian)
    message = f"Nobody has handed {item.unit.unit} over: it is with {holder}."
    if taken is not None and item.unit.handoff is None:
        message += f" It was last taken over at {taken.at:%Y-%m-%d %H:%M} UTC by {taken.actor}."
    return Violation(
        "no_handoff",
        message,
        "The giver hands it over first: box, seal, ALL-IN-ORDER and PIN.",
        answer=Answer.CHECK if taken is not None else Answer.STOP,
        waivable=False,
    )


def whole_violations(
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


def receiver_of(request: Accept, handoff: HandoffState) -> Party:
    """Who becomes custodian: the party the request names, else whom the giver named."""
    if request.custodian is not None:
        return request.custodian
    if request.ink is not None:
        return Party(type=PartyType.CARRIER, id=request.ink.custodian)
    return handoff.to_party


def receiver_violations(
    situation: Situation, request: Accept, waiting: Waiting, custodian: Party
) -> Iterator[Violation]:
    """Why this person may not take it over for that party."""
    at = situation.occurred_at
    if custodian != waiting.handoff.to_party:
        yield Violation(
            "other_receiver",
            f"It was handed over to {described(situation.registry, waiting.handoff.to_party)}, "
            f"not to {described(situation.registry, custodian)}.",
            "The giver ends this handoff and hands it over to the right party.",
        )
    if request.ink is None and not stands_for(situation.registry, custodian, request.actor, at):
        yield not_receiver(situation, request, custodian)
    if request.ink is None and request.actor == waiting.handoff.actor:
        yield Violation(
            "same_person",
            f"{request.actor} gave it and cannot take it too.",
            "A second person takes it over.",
            waivable=False,
        )
    if request.ink is not None:
        yield from _ink_violations(situation, request, request.ink, waiting)


def not_receiver(situation: Situation, request: BoxRequest, party: Party) -> Violation:
    """Why somebody who does not stand for the named party answers nothing."""
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
    if receipt.found is not Found.RECEIPT or receipt.object_id not in _digests(situation, waiting.handoff):
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


def _digests(situation: Situation, waiting: HandoffState) -> frozenset[str]:
    """The statements on the slip: this one, and those over the other therapies in the same box."""
    return frozenset(
        handoff.digest
        for therapy in situation.therapies.values()
        for handoff in therapy.handoffs.values()
        if handoff == waiting or (waiting.box is not None and handoff.box == waiting.box)
    )
