"""Decisions over copies of labels: applied, superseded, voided, destroyed, counted (FACT CM7.2.2.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from schema.events import Payload
from schema.events.identity import LabelApplied, LabelSuperseded
from schema.events.labels import LabelCopy, LabelCount, LabelsDestroyed, LabelsReconciled, LabelVoided
from schema.events.processing import Cryopreserved
from schema.vocabulary import LabelState, Reason
from tracker.requests.base import Request, Scan
from tracker.rules.attempt import Attempt, local
from tracker.rules.checks.count import count_violations
from tracker.rules.checks.label import prints_of
from tracker.rules.checks.step import step_violations
from tracker.rules.conclusion import Plan, conclude, reason_of
from tracker.rules.decision import Decision, Denied, ScanAnswer, Violation
from tracker.rules.label_accounts import AccountedCopy, copies_of, letters, open_copies
from tracker.rules.selection import Selected, not_a, reads_for, therapy_of
from tracker.rules.situation import Decisions, Found, Situation
from tracker.rules.therapy_state import TherapyState
from tracker.rules.units import decide_on_therapy, decide_units
from tracker.therapy.labels import requests as asked
from tracker.therapy.labels.requests import ApplyLabel, SupersedeLabel

LABELED = (Found.UNIT, Found.CASSETTE, Found.COI)


@dataclass(frozen=True, slots=True)
class Named:
    """A copy that a request names, with the therapy it belongs to."""

    therapy: TherapyState
    copy: AccountedCopy


def decide_apply_label(situation: Situation, request: ApplyLabel) -> Decision:
    """The copy just applied, scanned back off the container or its cassette."""
    return _decide_on_container(situation, request, LabelApplied)


def decide_supersede_label(situation: Situation, request: SupersedeLabel) -> Decision:
    """A copy taken out of use; a frozen bag's own label is never replaced."""
    return _decide_on_container(situation, request, LabelSuperseded)


def _decide_on_container(
    situation: Situation, request: Request, payload_class: type[LabelApplied | LabelSuperseded]
) -> Decision:
    resolution = situation.resolve(request.scans()[0][1])
    labeled, copy = resolution.object_id, resolution.copy
    if resolution.found not in (Found.UNIT, Found.CASSETTE) or copy is None or labeled is None:
        return Denied(not_a(resolution, "printed unit label"))
    cassette = labeled if resolution.found is Found.CASSETTE else None
    return decide_units(
        situation,
        request,
        payload_class.kind,
        lambda _, units: payload_class(unit=units[0], cassette=cassette, copy_letter=copy),
        extra=lambda therapy, item: _standing(situation, therapy, item, payload_class, labeled, copy),
    )


def _standing(
    situation: Situation,
    therapy: TherapyState,
    item: Selected,
    payload_class: type[Payload],
    labeled: str,
    copy: str,
) -> Iterable[Violation]:
    stands = therapy.label_states(labeled).get(copy) is LabelState.APPLIED
    applied = item.unit.facts.get(LabelApplied.kind)
    if payload_class is LabelApplied and stands:
        when = f"; it was last labeled at {local(situation, applied)}" if applied else ""
        yield Violation(
            "already_done",
            f"This copy of {labeled} is on it{when}.",
            "Nothing to do.",
            answer=ScanAnswer.CHECK,
        )
    if payload_class is LabelSuperseded:
        if not stands:
            yield Violation("not_applied", f"This copy of {labeled} is not in use.", "Scan the damaged copy.")
        if Cryopreserved.kind in item.unit.facts and labeled == item.unit.unit:
            yield Violation(
                "frozen_label",
                f"{item.unit.unit} is frozen; its own label is never replaced.",
                "Label the cassette.",
            )


def decide_void_label(situation: Situation, request: asked.VoidLabel) -> Decision:
    """Void a copy that is on nothing: misprinted, unused, or not printed."""
    named = _named(situation, request.label)
    if isinstance(named, Violation):
        return Denied(named)
    copy = named.copy
    payload = LabelVoided(unit=copy.unit, object=copy.object_id, copy_letter=copy.letter)
    violations = [*_not_voidable(copy, reason_of(request))]
    return conclude(
        situation, request, (_plan(situation, request, named.therapy, payload, violations),), violations
    )


def _not_voidable(copy: AccountedCopy, reason: Reason | None) -> Iterator[Violation]:
    if copy.state is LabelState.APPLIED:
        yield Violation(
            "label_applied",
            f"The copy {copy.code} is on {copy.unit or copy.object_id}: it was scanned back.",
            "Remove or obliterate it before a second person, as superseded.",
        )
    elif copy.state is not None:
        yield _said_before(copy)
    elif copy.record is None:
        yield Violation(
            "never_printed",
            f"By the record no copy {copy.letter} of {copy.object_id} was ever printed here.",
            "Keep the paper and call quality: two labels may carry one code.",
        )
    if reason is Reason.NEVER_CAME_OUT and copy.record is not None and not copy.is_unsure:
        yield Violation(
            "was_printed",
            f"The printer said that {copy.code} came out.",
            "Look for the label. Destroy it before a second person when it turns up.",
        )


def _said_before(copy: AccountedCopy) -> Violation:
    return Violation(
        "already_done", f"The copy {copy.code} is {copy.word}.", "Nothing to do.", answer=ScanAnswer.CHECK
    )


def decide_destroy_labels(situation: Situation, request: asked.DestroyLabels) -> Decision:
    """Destroy copies out of use: each scanned, all counted by hand, by two; of several therapies."""
    groups: dict[str, dict[str, Named]] = {}
    for scan in request.labels:
        named = _named(situation, scan)
        if isinstance(named, Violation):
            return Denied(named)
        groups.setdefault(named.therapy.coi, {})[named.copy.code] = named
    scanned = sum(len(group) for group in groups.values())
    differs = next(count_violations(request.count, scanned), None)
    if differs is not None:
        return Denied(differs)
    violations: list[Violation] = []
    plans: list[Plan] = []
    for group in groups.values():
        copies = [named.copy for named in group.values()]
        violations.extend(one for copy in copies for one in _not_destroyable(copy))
        payload = LabelsDestroyed(
            copies=tuple(LabelCopy(object=one.object_id, copy_letter=one.letter) for one in copies),
            count=len(copies),
        )
        therapy = next(iter(group.values())).therapy
        plans.append(_plan(situation, request, therapy, payload, violations))
    return conclude(situation, request, plans, violations)


def _not_destroyable(copy: AccountedCopy) -> Iterator[Violation]:
    if copy.state is LabelState.APPLIED:
        yield Violation(
            "label_applied",
            f"The copy {copy.code} is on {copy.unit or copy.object_id}: it was scanned back.",
            "Remove or obliterate it before a second person first, as superseded.",
        )
    elif copy.state in (LabelState.DESTROYED, LabelState.NOT_PRINTED):
        yield _said_before(copy)
    elif copy.state is None:
        yield Violation(
            "not_voided",
            f"The copy {copy.code} was neither voided nor superseded.",
            "Void it first, with the reason.",
        )


def decide_reconcile_labels(situation: Situation, request: asked.ReconcileLabels) -> Decision:
    """The count that is recorded: for each object, the copy letters by their state."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    copies = copies_of(therapy, prints_of(situation, therapy))
    objects = dict.fromkeys(one.object_id for one in copies)
    counts = tuple(_count(name, [one for one in copies if one.object_id == name]) for name in objects)
    different = len(open_copies(copies))
    printed = sum(len(one.printed) for one in counts)
    payload = LabelsReconciled(
        objects=counts, printed=printed, accounted=printed - different, differences=different
    )
    extra: tuple[Violation, ...] = ()
    if different and reason_of(request) is None:
        extra = (
            Violation(
                "reason_missing",
                f"Labels not accounted for: {different}; a count with differences needs a reason.",
                "Account for them first, or add a reason.",
                waivable=False,
            ),
        )
    return decide_on_therapy(situation, request, request.coi, payload, extra)


def _count(object_id: str, copies: Sequence[AccountedCopy]) -> LabelCount:
    def of(state: LabelState) -> str:
        return letters([one for one in copies if one.state is state])

    return LabelCount(
        object=object_id,
        printed=letters([one for one in copies if not one.was_not_printed]),
        not_printed=letters([one for one in copies if one.was_not_printed]),
        applied=of(LabelState.APPLIED),
        voided=of(LabelState.VOIDED),
        superseded=of(LabelState.SUPERSEDED),
        destroyed=of(LabelState.DESTROYED),
        kept=letters([one for one in copies if one.is_kept]),
        open=letters([one for one in copies if one.is_open and one.state is None]),
    )


def _named(situation: Situation, scan: Scan) -> Named | Violation:
    """The copy that a code stands for, with its print record and the chain's last word on it."""
    resolution = situation.resolve(scan)
    therapy = situation.therapies.get(resolution.coi or "")
    object_id, letter = resolution.object_id, resolution.copy
    if resolution.found not in LABELED or therapy is None or object_id is None or letter is None:
        return not_a(resolution, "printed label")
    known = copies_of(therapy, prints_of(situation, therapy))
    for copy in known:
        if (copy.object_id, copy.letter) == (object_id, letter):
            return Named(therapy, copy)
    owner = resolution.unit if resolution.found is not Found.COI else None
    return Named(therapy, AccountedCopy(object_id, letter, owner, None))


def _plan(
    situation: Situation,
    request: Request,
    therapy: TherapyState,
    payload: Payload,
    violations: list[Violation],
) -> Plan:
    attempt = Attempt(situation, request, therapy, payload.kind)
    violations.extend(step_violations(attempt))
    steps = (attempt.step,) if attempt.step else ()
    return Plan(therapy, payload, steps, reads_for(situation, request, therapy.coi))


DECISIONS: Final[Decisions] = {
    ApplyLabel: decide_apply_label,
    SupersedeLabel: decide_supersede_label,
    asked.VoidLabel: decide_void_label,
    asked.DestroyLabels: decide_destroy_labels,
    asked.ReconcileLabels: decide_reconcile_labels,
}
