"""Who may have something written in a therapy's chain at all, whatever the step: people with a part in it.

What a person without any part did is attested by two who have one. Evidence of a refusal is written only
where the step was that person's to take: nobody fills a chain by scanning what is not theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec.structs import replace

from schema.events.base import Doer
from schema.events.identity import Enrolled, MixupOccurred, MixupPrevented
from schema.events.processing import Quarantined
from schema.events.review import TrailReviewed
from schema.events.takeover import TherapyImported
from schema.vocabulary import EntryMode, Grade, Meaning, PartyType, Role
from tracker.kinds import is_decision
from tracker.requests.base import Outsider, Request, Scan
from tracker.rules.attempt import sites_with_part
from tracker.rules.authority import part_violation
from tracker.rules.checks.step import role_violation
from tracker.rules.decision import Decision, Denied, Draft, Slot, Violation
from tracker.rules.situation import Situation
from tracker.rules.therapy_state import TherapyState

BY_OTHERS: Final = frozenset({Enrolled.kind, TherapyImported.kind, TrailReviewed.kind})
"""Begun before the therapy has any site, or read by auditors of every site: their own roles are asked."""

Parts = frozenset[frozenset[str]]


def _sites(situation: Situation, request: Request, therapy: TherapyState) -> frozenset[str]:
    """The sites whose people have a part in a therapy, for what is asked.

    A courier whose shipper fails finds help at any site of the network: those who put what the courier
    holds into another box have a part in it from then on.
    """
    sites, opened = sites_with_part(therapy), request.given("from_box")
    if not isinstance(opened, Scan):
        return sites
    box = situation.resolve(opened).object_id or ""
    helps = any(
        unit.custodian is not None and unit.custodian.type is PartyType.CARRIER
        for unit in therapy.in_box(box)
    )
    return sites | {situation.station.site} if helps else sites


def outsider(situation: Situation, request: Request) -> Violation | None:
    """Why somebody has no business with anything that was scanned; None if they have a part in some of it."""
    kind = request.records.kind if request.records is not None else ""
    if kind in BY_OTHERS:
        return None
    found: Violation | None = None
    for therapy in situation.therapies.values():
        found = part_violation(
            situation.registry,
            request.actor,
            _sites(situation, request, therapy),
            situation.occurred_at,
        )
        if found is None:
            return None
    return found


def judged(situation: Situation, request: Request, decision: Decision) -> Decision:
    """The decision with the part that each signer must have, or the refusal of somebody who has none."""
    if isinstance(decision, Denied):
        return _evidence(situation, request, decision)
    refusal = _of_decisions(request)
    if refusal is not None:
        return Denied(refusal)
    parts = frozenset(_parts(situation, request, decision.events))
    for staff in dict.fromkeys((request.actor, request.entered_by)):
        for sites in sorted(parts, key=sorted):
            found = part_violation(situation.registry, staff, sites, situation.occurred_at)
            if found is not None:
                return Denied(found)
    signed = tuple(_signed(situation, request, draft, parts) for draft in decision.events)
    changed = any(one is not before for one, before in zip(signed, decision.events, strict=True))
    return replace(decision, events=signed) if changed else decision


def _of_decisions(request: Request) -> Violation | None:
    """No decision happens outside the rules, also where no rule was in its way."""
    kind = request.records.kind if request.records is not None else ""
    if request.outside_rules is None or not is_decision(kind):
        return None
    return Violation(
        "decision",
        f"{request.name} is a decision, and no decision happens outside the rules.",
        "Leave out that it happened outside the rules: nothing forbids it now.",
        waivable=False,
    )


def _parts(situation: Situation, request: Request, drafts: Iterable[Draft]) -> Iterator[frozenset[str]]:
    """The sites with a part in each therapy of the act; where two were mixed up, a part in one will do."""
    found: list[frozenset[str]] = []
    mixed = False
    for draft in drafts:
        if isinstance(draft.payload, TrailReviewed):
            continue
        if isinstance(draft.payload, Enrolled):
            sites = draft.payload.sites
            found.append(frozenset((sites.collection, sites.manufacturing, sites.treatment)))
        elif draft.chain in situation.therapies:
            found.append(_sites(situation, request, situation.therapy(draft.chain)))
        mixed = mixed or isinstance(draft.payload, MixupOccurred)
    if mixed:
        yield frozenset().union(*found)
    else:
        yield from found


def _signed(situation: Situation, request: Request, draft: Draft, parts: Parts) -> Draft:
    """The statement with who must sign it, and with its doer where that was an outsider."""
    doer = None if request.outside_rules is None else request.outside_rules.doer
    if doer is not None:
        draft = _attested(situation, request, draft, doer)
    if not draft.slots:
        return draft
    return replace(draft, slots=tuple(replace(slot, parts=parts) for slot in draft.slots))


def _attested(situation: Situation, request: Request, draft: Draft, doer: Outsider) -> Draft:
    slots = draft.slots
    if request.entry.mode is not EntryMode.PAPER:
        slots = (Slot(Meaning.ATTESTED, staff=request.actor), Slot(Meaning.WITNESSED))
    if isinstance(draft.payload, Quarantined) and request.records is not Quarantined:
        # A quarantine that follows is the word of those who sign, and nothing against the rules.
        return replace(draft, slots=slots)
    named = Doer(
        name=situation.commit(draft.chain, "person_name", doer.name),
        employer=situation.commit(draft.chain, "company", doer.employer),
        evidence=Grade.ATTESTED,
    )
    payload = draft.payload.model_copy(update={"doer": named})
    rules = (*draft.outside_rules, "no_part")
    return replace(draft, payload=payload, outside_rules=rules, slots=slots)


def _evidence(situation: Situation, request: Request, decision: Denied) -> Denied:
    """A refusal with its evidence, or without where the step was not this person's to take."""
    for draft in decision.events:
        therapy = situation.therapies.get(draft.chain)
        if therapy is None or not isinstance(draft.payload, MixupPrevented):
            continue
        sites = _sites(situation, request, therapy)
        found = part_violation(situation.registry, request.actor, sites, situation.occurred_at)
        steps = situation.protocol(therapy).steps_of(draft.payload.step)
        roles: frozenset[Role] = frozenset(role for step in steps for role in step.roles)
        found = found or role_violation(situation, request.actor, roles)
        if found is not None:
            return Denied(found)
    return decision
