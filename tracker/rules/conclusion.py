"""Turns what a step would record, and the rules it breaks, into the decision."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from schema.entry import Read
from schema.events import Payload
from schema.events.processing import Manufactured, Quarantined
from schema.vocabulary import EntryMode, Meaning, ReadMode, Reason
from tracker.kinds import is_decision
from tracker.protocols.model import SignatureRule, Step
from tracker.requests.base import Request
from tracker.rules.attempt import site_of_part
from tracker.rules.authority import OF_THE_PERSON
from tracker.rules.checks.bench import bench_taken
from tracker.rules.checks.declared import declared_violations
from tracker.rules.checks.form import entry_form_violations
from tracker.rules.decision import Allowed, Decision, Denied, Draft, Notice, Slot, Violation, never_waived
from tracker.rules.shelf_life import with_expiries
from tracker.rules.situation import Situation, remark_of
from tracker.rules.therapy_state import TherapyState

ACTORS_OWN = frozenset({Meaning.PERFORMED, Meaning.RELINQUISHED, Meaning.RECEIVED, Meaning.RELEASED})
"""Meanings that only the one who did it can sign for."""


TYPED = "codes were typed by hand, and a second person compares all of them with the labels"


class Plan(Struct, frozen=True):
    """What one therapy's chain would hold, with the steps whose signatures it needs."""

    therapy: TherapyState
    payload: Payload
    steps: tuple[Step, ...]
    reads: tuple[Read, ...] = ()
    slots: tuple[Slot, ...] | None = None
    """Signatures that take the place of the protocol's, such as an attested ink receiver."""

    faults: tuple[str, ...] = ()
    """What somebody found not in order: a deviation is drafted about it."""

    doubtful: tuple[str, ...] = ()
    """The units that go into quarantine because of it."""


def conclude(
    situation: Situation, request: Request, plans: Sequence[Plan], violations: Iterable[Violation]
) -> Decision:
    """Accept, refuse with the first reason, or accept as having happened outside the rules.

    Units whose condition is in doubt, by what was found or by a rule that was broken, go into quarantine in
    the same act, in the chain of each therapy. A decision never happened outside the rules: what forbids it
    stands, whatever is declared.
    """
    therapies = tuple(plan.therapy for plan in plans)
    decided = any(is_decision(plan.payload.kind) for plan in plans)
    found = (
        *violations,
        *entry_form_violations(situation, request, therapies),
        *declared_violations(situation, request),
    )
    # Whose step it is not gets no other answer first: what is wrong with the thing is not theirs to hear.
    for violation in sorted(found, key=lambda one: one.rule not in OF_THE_PERSON):
        if decided:
            return Denied(never_waived(violation))
        if request.outside_rules is None or not violation.waivable:
            return Denied(violation)
    doubtful = {unit for violation in found for unit in violation.quarantines}
    return Allowed(
        tuple(
            draft
            for plan in plans
            for draft in _with_quarantine(
                _draft(situation, request, plan, _broken(plan, found)), plan, doubtful
            )
        )
    )


def _broken(plan: Plan, found: Iterable[Violation]) -> tuple[str, ...]:
    """The rules that were broken in one therapy: the doubt about another's units is none of its own."""
    concerned = (
        violation
        for violation in found
        if not violation.quarantines or any(plan.therapy.unit(unit) for unit in violation.quarantines)
    )
    return tuple(dict.fromkeys(violation.rule for violation in concerned))


def _with_quarantine(draft: Draft, plan: Plan, doubtful: Collection[str]) -> Iterator[Draft]:
    """What happened, and the quarantine of those of its units that are in doubt and not in quarantine yet."""
    yield draft
    held = {*plan.doubtful, *doubtful}
    if isinstance(draft.payload, Manufactured) and not held.isdisjoint(draft.payload.parents):
        # The parents are used up by it; what was made of them is there to be held.
        held = held.difference(draft.payload.parents) | {child.unit for child in draft.payload.children}
    known = (plan.therapy.unit(unit) for unit in sorted(held))
    units = tuple(unit.unit for unit in known if unit is not None and not unit.quarantined)
    if units:
        yield Draft(draft.chain, Quarantined(units=units, reason=draft.payload.reason), slots=draft.slots)


def with_notices(decision: Decision, notices: Sequence[Notice]) -> Decision:
    """The decision with what people are to be told once it is recorded; a refusal says enough itself."""
    if isinstance(decision, Denied):
        return decision
    return replace(decision, notices=(*decision.notices, *notices))


def _draft(situation: Situation, request: Request, plan: Plan, rules: tuple[str, ...]) -> Draft:
    chain = plan.therapy.coi
    payload = with_expiries(situation, plan.therapy, plan.payload).model_copy(
        update={
            "reason": reason_of(request),
            "remark": remark_of(situation, request, chain),
            "bench": plan.payload.bench or bench_taken(request, situation.station, plan.steps),
        }
    )
    slots = plan.slots if plan.slots is not None else slots_of(situation, request, plan.therapy, plan.steps)
    draft = Draft(chain, payload, plan.reads, rules, entry_slots(request, slots, plan.reads), plan.faults)
    return draft if not rules else replace(draft, slots=_two_people(request, draft.slots))


def reason_of(request: Request) -> Reason | None:
    """The reason code of a request: for going outside the rules, for the request, or for a late entry."""
    if request.outside_rules is not None:
        return request.outside_rules.reason
    return request.reason or request.entry.reason


def reason_missing(request: Request) -> Violation | None:
    """The refusal of a request that needs a reason code and has none."""
    if not request.needs_reason or reason_of(request) is not None:
        return None
    return Violation(
        "reason_missing",
        f"{request.name} needs a reason code.",
        'Add a reason, such as "label_damaged" or "temperature_excursion".',
        waivable=False,
    )


def slots_of(
    situation: Situation, request: Request, therapy: TherapyState, steps: Sequence[Step]
) -> tuple[Slot, ...]:
    """The signatures the protocol asks of these steps, each once."""
    rules: dict[tuple[Meaning, tuple[str, ...]], tuple[SignatureRule, Step]] = {}
    for step in steps:
        for rule in step.signatures:
            rules.setdefault((rule.meaning, tuple(role.value for role in rule.roles)), (rule, step))
    return tuple(_slot(situation, request, therapy, rule, step) for rule, step in rules.values())


def _slot(
    situation: Situation, request: Request, therapy: TherapyState, rule: SignatureRule, step: Step
) -> Slot:
    if rule.meaning in ACTORS_OWN:
        return Slot(rule.meaning, staff=request.actor)
    part = rule.part or step.part
    site = site_of_part(therapy, part) or situation.station.site
    return Slot(rule.meaning, frozenset(rule.roles), site if rule.roles else None)


def entry_slots(request: Request, slots: tuple[Slot, ...], reads: tuple[Read, ...] = ()) -> tuple[Slot, ...]:
    """The signatures as the entry mode asks: paper is transcribed and verified, typed codes are verified."""
    if request.entry.mode is EntryMode.PAPER:
        return (Slot(Meaning.TRANSCRIBED, staff=request.entered_by), Slot(Meaning.VERIFIED))
    typed = any(read.mode is ReadMode.MANUAL for read in reads)
    if typed and not any(slot.meaning is Meaning.VERIFIED for slot in slots):
        return (*slots, Slot(Meaning.VERIFIED, other_than=frozenset({request.entered_by}), because=TYPED))
    return slots


def _two_people(request: Request, slots: tuple[Slot, ...]) -> tuple[Slot, ...]:
    """Outside the rules two people sign, also for a step that the protocol does not have."""
    if len(slots) >= 2:
        return slots
    return (*(slots or (Slot(Meaning.PERFORMED, staff=request.actor),)), Slot(Meaning.WITNESSED))
