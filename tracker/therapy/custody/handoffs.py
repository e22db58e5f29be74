"""Handoffs in two phases: the giver relinquishes, the receiver answers; custody moves on acceptance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from schema.events import Party, Payload
from schema.events.custody import (
    Accepted,
    HandoffAnswer,
    InkReceiver,
    Inspected,
    Lapsed,
    PartlyAccepted,
    Refused,
    Relinquished,
)
from schema.events.processing import ThawStarted
from schema.vocabulary import Fault, Grade, HandoffType, Material, Meaning, PartyType, Reason, Role
from tracker.rules.attempt import Attempt, local
from tracker.rules.authority import part_violation
from tracker.rules.checks.condition import (
    destination_violations,
    display_violations,
    door_violations,
    loose_violations,
)
from tracker.rules.checks.equipment import Use, travelling_violations
from tracker.rules.checks.identity import stop, strangers_in
from tracker.rules.checks.label import leaving_violations
from tracker.rules.checks.seal import seal_violations
from tracker.rules.checks.step import step_violations
from tracker.rules.conclusion import Plan, conclude
from tracker.rules.custodians import described, exists, party_site, stands_for
from tracker.rules.decision import Decision, Denied, ScanAnswer, Slot, Violation
from tracker.rules.registry_state import RegistryState
from tracker.rules.selection import Selected, object_of, reads_for, seal_of, select
from tracker.rules.situation import Decisions, Found, Resolution, Situation
from tracker.rules.therapy_state import HandoffState, TherapyState
from tracker.therapy.custody.at_place import elsewhere
from tracker.therapy.custody.faults import causes, fault_violations
from tracker.therapy.custody.requests import (
    Accept,
    AcceptPartly,
    BoxRequest,
    InkSigner,
    LetLapse,
    LookedAt,
    Refuse,
    Relinquish,
)


@dataclass(frozen=True, slots=True)
class _Contents:
    """What a closed box, or a hand without a box, holds: units by therapy."""

    box: str | None
    groups: tuple[tuple[TherapyState, tuple[Selected, ...]], ...]


def _contents_of(situation: Situation, request: BoxRequest) -> _Contents | Denied:
    """The units a box request is about: all in the scanned box, or the scanned units.

    A seal that was read stands in clear in every chain concerned, so a code of anything else is refused here.
    """
    seal = None if request.seal is None else seal_of(situation, request.seal)
    if isinstance(seal, Violation):
        return Denied(seal)
    if request.box is not None:
        box = object_of(situation, request.box, Found.BOX)
        if isinstance(box, Violation):
            return Denied(box)
        groups = tuple(
            (therapy, tuple(Selected(unit, Resolution(unit.unit, Found.BOX)) for unit in therapy.in_box(box)))
            for therapy in situation.therapies.values()
            if any(therapy.in_box(box))
        )
        if not groups:
            return Denied(
                Violation(
                    "box_empty",
                    f"The box {box} holds no unit.",
                    "Pack it, or scan the right box.",
                    waivable=False,
                    field="box",
                )
            )
        return _scanned_of(situation, request, _Contents(box, groups))
    selection = select(situation, request.units)
    if selection.violations:
        return Denied(selection.violations[0])
    if not selection.groups:
        return Denied(
            Violation("nothing_scanned", "Neither a box nor a unit was scanned.", "Scan it.", waivable=False)
        )
    return _Contents(
        None, tuple((situation.therapy(coi), selected) for coi, selected in selection.groups.items())
    )


def _scanned_of(situation: Situation, request: BoxRequest, contents: _Contents) -> _Contents | Denied:
    """A box of which units were scanned too: all of them, or those that are taken out of it."""
    if not request.units:
        return contents
    selection = select(situation, request.units)
    if selection.violations:
        return Denied(selection.violations[0])
    kind = request.records.kind if request.records is not None else request.name
    holding = tuple(therapy for therapy, _ in contents.groups)
    strangers = strangers_in(contents.box or "", holding, selection, kind, waivable=False)
    if strangers:
        return stop(situation, request, *strangers)
    scanned = {item.unit.unit for selected in selection.groups.values() for item in selected}
    inside = {item.unit.unit for _, selected in contents.groups for item in selected}
    if scanned - inside or (inside - scanned and not isinstance(request, AcceptPartly)):
        differing = ", ".join(sorted(scanned ^ inside))
        return Denied(
            Violation(
                "contents_differ",
                f"What was scanned is not what the box {contents.box} holds by the record: {differing}.",
                "Stop and look; do not hand it over or take it as in order.",
                waivable=False,
                field="units",
                compared="contents of the box",
                expected=", ".join(sorted(inside)),
                read=", ".join(sorted(scanned)),
                carrier="label",
            )
        )
    groups = (
        (therapy, tuple(item for item in selected if item.unit.unit in scanned))
        for therapy, selected in contents.groups
    )
    return _Contents(contents.box, tuple((therapy, selected) for therapy, selected in groups if selected))


def _seal_violations(situation: Situation, request: LookedAt, contents: _Contents) -> Iterator[Violation]:
    """A closed box is handed over by its code and its seal; a seal that is wrong or gone is said to be so."""
    if contents.box is None or Fault.SEAL in request.faults:
        return
    read = None if request.seal is None else seal_of(situation, request.seal)
    if read is None:
        yield Violation(
            "seal_missing",
            "The seal of the box was not read.",
            "Scan the seal. If it is broken or gone, answer NOT-IN-ORDER and name the seal.",
            field="seal",
            waivable=False,
        )
    elif isinstance(read, Violation):
        yield read
    else:
        units = tuple(item.unit.unit for _, selected in contents.groups for item in selected)
        packed = contents.groups[0][0].seals.get(contents.box)
        yield from seal_violations(contents.box, packed, read, units)


def _unfit(situation: Situation, request: LookedAt, contents: _Contents) -> Iterator[Violation]:
    """Box and logger may have failed or become overdue since they were packed; declared faults say more."""
    if contents.box is None or request.faults:
        return
    units = tuple(item.unit for _, selected in contents.groups for item in selected)
    logger = next((unit.logger_beside for unit in units if unit.logger_beside is not None), None)
    use = Use(situation.registry, situation.station.site, situation.occurred_at, situation.offset_of)
    yield from travelling_violations(use, contents.box, logger, tuple(unit.unit for unit in units))


def decide_relinquish(situation: Situation, request: Relinquish) -> Decision:
    """The giver's half: what, with which seal, in which condition, and to whom."""
    contents = _contents_of(situation, request)
    if isinstance(contents, Denied):
        return contents
    violations = [
        *fault_violations(request, contents.box),
        *_seal_violations(situation, request, contents),
        *_unfit(situation, request, contents),
    ]
    plans: list[Plan] = []
    leaves = _leaves(situation, request)
    for therapy, selected in contents.groups:
        to_party = request.to or _planned_receiver(situation, therapy, selected, contents.box)
        if to_party is None or not exists(situation.registry, to_party):
            return Denied(_nobody(to_party))
        steps = []
        for item in selected:
            scanned = item.resolution if contents.box is None else None
            attempt = Attempt(situation, request, therapy, Relinquished.kind, item.unit, scanned)
            violations.extend(step_violations(attempt))
            if attempt.step:
                steps.append(attempt.step)
            if item.unit.custodian is None:
                return Denied(_no_custodian(item))
            if contents.box is None and item.unit.box is not None:
                violations.append(_in_a_box(item))
            if leaves:
                violations.extend(leaving_violations(situation, therapy, item.unit))
        giver = selected[0].unit.custodian
        if giver is None or any(item.unit.custodian != giver for item in selected):
            return Denied(_several_givers())
        if to_party == giver:
            violations.append(_same_party(to_party))
        violations.extend(_going(situation, request, therapy, selected, contents.box))
        payload = Relinquished(
            units=tuple(item.unit.unit for item in selected),
            type=request.type or _type_of(selected, travels=contents.box is not None or leaves),
            from_party=giver,
            to_party=to_party,
            box=contents.box,
            shipment=selected[0].unit.shipment,
            seal=None if request.seal is None else situation.resolve(request.seal).text,
            condition=request.condition,
            faults=request.faults,
            display_celsius=request.display_celsius,
            hold_until=request.hold_until,
        )
        plans.append(
            Plan(
                therapy,
                payload,
                tuple(steps),
                reads_for(situation, request, therapy.coi),
                faults=causes(request.faults),
                doubtful=payload.units if request.faults else (),
            )
        )
    return conclude(situation, request, plans, violations)


def _going(
    situation: Situation,
    request: Relinquish,
    therapy: TherapyState,
    selected: tuple[Selected, ...],
    box: str | None,
) -> Iterator[Violation]:
    """Why what is handed over is not in order, or goes where or as it may not go."""
    units = tuple(item.unit for item in selected)
    yield from door_violations(situation, therapy, units, box, request.display_celsius, request.faults)
    to = request.to
    where = None if to is None or to.type is PartyType.CARRIER else party_site(situation.registry, to)
    if where is not None:
        yield from destination_violations(therapy, where, "to")
    if _leaves(situation, request):
        for unit in units:
            yield from loose_violations(situation.protocol(therapy), unit)


def _leaves(situation: Situation, request: Relinquish) -> bool:
    return leaves_site(situation.registry, request, situation.station.site, situation.occurred_at)


def _type_of(selected: tuple[Selected, ...], *, travels: bool) -> HandoffType:
    if travels:
        return HandoffType.TRANSPORT
    thawed = all(ThawStarted.kind in item.unit.facts for item in selected)
    product = all(item.unit.material is Material.PRODUCT for item in selected)
    return HandoffType.ISSUE if product and thawed else HandoffType.INTERNAL


def _planned_receiver(
    situation: Situation, therapy: TherapyState, selected: tuple[Selected, ...], box: str | None
) -> Party | None:
    """For a packed box: the carrier while it is at a site, the destination's dock while it travels."""
    planned = therapy.boxes_carrier.get(box) if box is not None else None
    giver = selected[0].unit.custodian
    if planned is None or giver is None:
        return None
    carrier, destination = planned
    if giver.type is not PartyType.CARRIER:
        return Party(type=PartyType.CARRIER, id=carrier)
    named = therapy.boxes_receiver.get(box or "")
    if named is not None:
        return named
    return _receiving_department(situation, therapy, selected, destination)


def _receiving_department(
    situation: Situation, therapy: TherapyState, selected: tuple[Selected, ...], site: str
) -> Party | None:
    """Where nobody is named: the dock, else a department whose people open such a box, else any."""
    protocol = situation.protocol(therapy)
    steps = (protocol.step(Inspected.kind, item.unit.material) for item in selected)
    openers = frozenset(role for step in steps if step is not None for role in step.roles)
    there = [one for one in situation.registry.departments.values() if one.site == site]
    by_fitness = sorted(there, key=lambda one: (Role.DOCK not in one.roles, not openers & one.roles, one.id))
    return Party(type=PartyType.DEPARTMENT, id=by_fitness[0].id) if by_fitness else None


def _nobody(party: Party | None) -> Violation:
    named = "nobody" if party is None else str(party)
    return Violation(
        "no_receiver",
        f"It cannot be handed over to {named}.",
        "Name the person, department or carrier that takes it; if nobody does, record an attempted delivery.",
        waivable=False,
    )


def _no_custodian(item: Selected) -> Violation:
    return Violation(
        "no_custodian",
        f"{item.unit.unit} has no custodian who could give it.",
        "Scan the right unit.",
        waivable=False,
    )


def _in_a_box(item: Selected) -> Violation:
    return Violation(
        "in_box",
        f"{item.unit.unit} is in the sealed box {item.unit.box}.",
        "Hand over the box by its code and seal, or take the unit out first.",
        waivable=False,
    )


def _several_givers() -> Violation:
    return Violation(
        "several_custodians",
        "The units scanned are with different custodians; one handoff has one giver.",
        "Hand over what each custodian holds by itself.",
        waivable=False,
    )


def _same_party(party: Party) -> Violation:
    return Violation("same_party", f"It is already with {party}.", "Nothing to hand over.", waivable=False)


def leaves_site(registry: RegistryState, request: Relinquish, site: str, at: datetime) -> bool:
    """Whether a loose handoff takes units out of the site: to a carrier, or to whom or what is elsewhere.

    A person is elsewhere who works on no therapy at the site, such as a courier or another site's operator.
    """
    to = request.to
    if request.box is not None or to is None:
        return False
    if to.type is PartyType.PERSON:
        return part_violation(registry, to.id, (site,), at) is not None
    where = party_site(registry, to)
    return to.type is PartyType.CARRIER or (where is not None and where != site)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """One therapy's open handoff of what was scanned."""

    therapy: TherapyState
    handoff: HandoffState
    selected: tuple[Selected, ...]


def _waiting_handoffs(
    situation: Situation, request: BoxRequest
) -> tuple[str | None, tuple[_Waiting, ...]] | Denied:
    """The open handoffs of the scanned box or units, one for each therapy."""
    contents = _contents_of(situation, request)
    if isinstance(contents, Denied):
        return contents
    waiting: list[_Waiting] = []
    for therapy, selected in contents.groups:
        names = {item.unit.handoff for item in selected}
        handoff = therapy.handoffs.get(next(iter(names)) or "") if len(names) == 1 else None
        if handoff is None:
            return Denied(_nothing_given(situation, therapy, selected[0]))
        waiting.append(_Waiting(therapy, handoff, selected))
    named = getattr(request, "handoff", None)
    if named is not None and named not in {one.handoff.event_id for one in waiting}:
        return Denied(_other_handoff(named, waiting[0].handoff))
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
        message += f" It was last taken over at {local(situation, taken)}."
    return Violation(
        "no_handoff",
        message,
        "The giver hands it over first: box, seal, ALL-IN-ORDER and PIN.",
        answer=ScanAnswer.CHECK if taken is not None else ScanAnswer.STOP,
        waivable=False,
    )


def _whole_violations(
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


def _receiver_of(request: Accept, handoff: HandoffState) -> Party:
    """Who becomes custodian: the party the request names, else whom the giver named."""
    if request.custodian is not None:
        return request.custodian
    if request.ink is not None:
        return Party(type=PartyType.CARRIER, id=request.ink.custodian)
    return handoff.to_party


def _receiver_violations(
    situation: Situation, request: Accept, waiting: _Waiting, custodian: Party
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
        yield _not_receiver(situation, request.actor, custodian)
    if request.ink is None and request.actor == waiting.handoff.actor:
        yield Violation(
            "same_person",
            f"{request.actor} gave it and cannot take it too.",
            "A second person takes it over.",
            waivable=False,
        )
    if request.ink is not None:
        yield from _ink_violations(situation, request, request.ink, waiting)


def answering_violations(situation: Situation, handoff: HandoffState, actor: str) -> Iterator[Violation]:
    """Why this person can neither take over nor refuse what was handed over, whatever is scanned."""
    if not stands_for(situation.registry, handoff.to_party, actor, situation.occurred_at):
        yield _not_receiver(situation, actor, handoff.to_party)


def _not_receiver(situation: Situation, actor: str, party: Party) -> Violation:
    """The violation of somebody who does not stand for the named party."""
    return Violation(
        "not_receiver",
        f"{actor} does not stand for {described(situation.registry, party)}.",
        "Somebody of the receiving party takes it over or refuses it.",
    )


def _ink_violations(
    situation: Situation, request: Accept, ink: InkSigner, waiting: _Waiting
) -> Iterator[Violation]:
    """The signed slip must belong to this handoff, and the giver may not attest it."""
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


def decide_accept(situation: Situation, request: Accept) -> Decision:
    """Custody moves to the receiver, who answers exactly what the giver stated."""
    found = _waiting_handoffs(situation, request)
    if isinstance(found, Denied):
        return found
    box, waiting = found
    violations: list[Violation] = [
        *fault_violations(request, box),
        *_closed(situation, request, box),
        *_sealed_again(situation, request, box),
    ]
    plans: list[Plan] = []
    for one in waiting:
        custodian = _receiver_of(request, one.handoff)
        violations.extend(_receiver_violations(situation, request, one, custodian))
        units = tuple(item.unit.unit for item in one.selected)
        violations.extend(_whole_violations(request, one.handoff, units, box))
        violations.extend(_coming(situation, request, one, box))
        kind, payload = _accepted(situation, request, one, custodian, units, box)
        plans.append(_plan(situation, request, one, payload, kind, violations))
    return conclude(situation, request, plans, violations)


def _coming(situation: Situation, request: Accept, waiting: _Waiting, box: str | None) -> Iterator[Violation]:
    """Why what is taken over is not in order; a display that the receiver does not read is the giver's."""
    units = tuple(item.unit for item in waiting.selected)
    shown = _shown(request, waiting)
    yield from door_violations(situation, waiting.therapy, units, box, shown, request.faults)


def _shown(request: LookedAt, waiting: _Waiting) -> str | None:
    """What the display shows: as the receiver reads it, else as the giver did and the receiver confirms."""
    confirmed = waiting.handoff.display_celsius if isinstance(request, Accept) else None
    return request.display_celsius or confirmed


def _closed(situation: Situation, request: LookedAt, box: str | None) -> Iterator[Violation]:
    if box is None:
        return
    contents = _contents_of(situation, request)
    if not isinstance(contents, Denied):
        yield from _seal_violations(situation, request, contents)
        yield from _unfit(situation, request, contents)


def _sealed_again(situation: Situation, request: Accept, box: str | None) -> Iterator[Violation]:
    """Taking part of a sealed box breaks its seal; what is left needs a new one."""
    if box is None or not isinstance(request, AcceptPartly):
        return
    new = None if request.new_seal is None else seal_of(situation, request.new_seal)
    if isinstance(new, Violation):
        yield new
    elif new is None or (request.seal is not None and new == situation.resolve(request.seal).text):
        yield Violation(
            "new_seal_missing",
            f"The box {box} was opened to take some of it; what is left is not sealed again.",
            "Seal the box again and scan the new seal.",
        )


def _answer(
    situation: Situation, request: LookedAt, waiting: _Waiting, units: tuple[str, ...], box: str | None
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
        faults=request.faults,
        evidence=Grade.SIGNED if ink is None else Grade.INK,
        ink=None if ink is None else _ink(situation, chain, ink),
        display_celsius=_shown(request, waiting),
        hold_until=request.hold_until,
        happened_at_site=elsewhere(situation, _place(situation, waiting.handoff)),
    )


def _place(situation: Situation, handoff: HandoffState) -> str:
    """Where a handoff is answered: at the receiver's own site, by a carrier where the giver is."""
    if handoff.to_party.type is PartyType.CARRIER:
        return handoff.site
    return party_site(situation.registry, handoff.to_party) or handoff.site


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
    waiting: _Waiting,
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
    waiting: _Waiting,
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
    faults = request.faults if isinstance(request, LookedAt) else ()
    return Plan(
        waiting.therapy,
        payload,
        tuple(steps),
        reads_for(situation, request, waiting.therapy.coi),
        slots,
        faults=causes(faults),
        doubtful=tuple(item.unit.unit for item in waiting.selected) if faults else (),
    )


def decide_refuse(situation: Situation, request: Refuse) -> Decision:
    """Not taken: custody and route stay as they were, the reason is kept with what was seen.

    Where it goes now, if not to the planned door, is decided by a diversion.
    """
    found = _waiting_handoffs(situation, request)
    if isinstance(found, Denied):
        return found
    box, waiting = found
    violations = [*fault_violations(request, box), *_other_seal(situation, request, box)]
    plans: list[Plan] = []
    for one in waiting:
        units = tuple(item.unit.unit for item in one.selected)
        violations.extend(answering_violations(situation, one.handoff, request.actor))
        if Fault.DISPLAY not in request.faults:
            held, protocol = tuple(item.unit for item in one.selected), situation.protocol(one.therapy)
            violations.extend(display_violations(protocol, held, request.display_celsius))
        common = _answer(situation, request, one, units, box)
        payload = Refused(**{name: getattr(common, name) for name in HandoffAnswer.model_fields})
        plans.append(_plan(situation, request, one, payload, Refused.kind, violations))
    return conclude(situation, request, plans, violations)


def _other_seal(situation: Situation, request: Refuse, box: str | None) -> Iterator[Violation]:
    """A seal is refused as another one only by its text, which is not the one it was sealed with."""
    if request.reason is not Reason.SEAL_MISMATCH or box is None:
        return
    read = None if request.seal is None else situation.resolve(request.seal).text
    packed = next((one.seals[box] for one in situation.therapies.values() if box in one.seals), None)
    if read is None or read == packed:
        said = "no seal was read" if read is None else f"the seal read is {read}, as it was sealed"
        yield Violation(
            "seal_not_other",
            f"It is refused for another seal, and {said}.",
            "Scan the seal that is on the box, or give another reason.",
            field="seal",
            compared="seal",
            expected=f"another seal than {packed}",
            read=read or "none",
            carrier="seal",
            waivable=False,
        )


def decide_lapse(situation: Situation, request: LetLapse) -> Decision:
    """Ended by the giver, who scans the thing still in hand."""
    found = _waiting_handoffs(situation, request)
    if isinstance(found, Denied):
        return found
    violations: list[Violation] = []
    plans: list[Plan] = []
    for one in found[1]:
        payload = Lapsed(handoff=one.handoff.event_id, units=one.handoff.units)
        plans.append(_plan(situation, request, one, payload, Lapsed.kind, violations))
    return conclude(situation, request, plans, violations)


DECISIONS: Final[Decisions] = {
    Relinquish: decide_relinquish,
    Accept: decide_accept,
    AcceptPartly: decide_accept,
    Refuse: decide_refuse,
    LetLapse: decide_lapse,
}
