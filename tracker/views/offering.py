"""Which possible step is the next: what ends the clock that runs, else the protocol's next one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from schema.events.custody import Accepted, Inspected, Relinquished, Retrieved, Stored
from schema.events.identity import Closed, UnitRegistered
from schema.events.labels import LabelsDestroyed, LabelVoided
from schema.events.processing import Manufactured, ManufacturingStarted, Released, ResultsReviewed, Tested
from schema.vocabulary import Disposition, LabelState, Role
from tracker.kinds import Moves, moves_of
from tracker.protocols.model import Holder, Protocol, Step
from tracker.rules.certificates import RELEASES
from tracker.rules.checks.condition import is_to_be_frozen
from tracker.rules.clocks import limits_of
from tracker.rules.custodians import stands_for
from tracker.rules.due_steps import due_step
from tracker.rules.registry_state import RegistryState
from tracker.rules.results import failed_tests, open_attempts, pending_tests
from tracker.rules.reviews import not_reviewed
from tracker.rules.therapy_state import TherapyState, UnitState
from tracker.views.models import LabelAccount, NextStep
from tracker.views.next_steps import in_question

_USELESS: Final = frozenset({LabelState.VOIDED, LabelState.SUPERSEDED})
_NOT_YOURS: Final = frozenset({"role_missing", "role_elsewhere"})


def offered(
    steps: Sequence[NextStep],
    registry: RegistryState,
    therapy: TherapyState,
    protocol: Protocol,
    unit: UnitState | None,
    *,
    actor: str,
    site: str,
    now: datetime,
) -> tuple[NextStep, ...]:
    """The steps as a person reads them: the next one, what else is possible by number, and what is not now.

    Each of the last has the reason in a few words; what is done comes last.
    """
    if unit is None:
        first = next_of_therapy(steps, therapy, protocol)
    else:
        first = next_of_unit(steps, registry, therapy, protocol, unit, actor=actor, site=site, now=now)
    shown = [
        replace(one, is_next=one is first, reason=_reason(one, protocol, therapy, unit)) for one in steps
    ]
    return tuple(sorted(shown, key=_order))


def _order(one: NextStep) -> tuple[bool, bool, bool, int]:
    is_done = one.violation is not None and one.violation.rule == "already_done"
    return not one.is_next, not one.possible, is_done, one.number


def next_of_unit(
    steps: Iterable[NextStep],
    registry: RegistryState,
    therapy: TherapyState,
    protocol: Protocol,
    unit: UnitState,
    *,
    actor: str,
    site: str,
    now: datetime,
) -> NextStep | None:
    """The step that this person would take next: none that is only an aside, such as a quarantine."""
    possible = [one for one in steps if one.possible]
    if unit.box is not None:
        kinds = _box_kinds(therapy, unit, site)
        inside = [one for one in possible if one.kind in kinds]
        return min(inside, key=lambda one: kinds.index(one.kind), default=None)
    in_charge = unit.custodian is not None and stands_for(registry, unit.custodian, actor, now)
    leads = _leads_to_the_end(therapy, protocol, unit)
    found: list[tuple[int, int, NextStep]] = []
    for place, one in enumerate(possible):
        step = protocol.step(one.kind, unit.material)
        if step is None or not _comes_up(step, therapy, protocol, unit, in_charge=in_charge):
            continue
        found.append((_rank(step, is_leading=one.kind in leads), place, one))
    return min(found, key=lambda item: item[:2])[2] if found else None


def _rank(step: Step, *, is_leading: bool) -> int:
    """What is given is taken first; then what ends a limit, the protocol's own, a place, other hands."""
    if step.kind == Accepted.kind:
        return 0
    if not step.optional:
        return 1 if is_leading else 2
    return 3 if step.kind == Stored.kind else 4


def _comes_up(
    step: Step, therapy: TherapyState, protocol: Protocol, unit: UnitState, *, in_charge: bool
) -> bool:
    """Whether a possible step brings the unit on, and is not merely permitted."""
    kind = step.kind
    is_again = kind in (Stored.kind, Retrieved.kind, Relinquished.kind) or moves_of(kind) is Moves.TAKEN
    if (step.optional and not step.materials) or (kind in unit.facts and not is_again):
        return False
    if not in_question(kind, unit) or not _is_ripe(kind, therapy, protocol, unit):
        return False
    if step.optional and kind != Accepted.kind and not in_charge:
        return False  # nobody puts away or gives what is in another's hands
    is_being_used = ManufacturingStarted.kind in unit.facts and Manufactured.kind not in unit.facts
    if step.optional and is_being_used:
        return False  # it is in the hands of who makes the product from it
    if kind == Retrieved.kind:
        # Nothing is warmed up before something is done with it in the hand: a release needs no cells.
        due = due_step(protocol, unit)
        return due is not None and due.holder is not Holder.ANYONE and not unit.quarantined
    # What waits to be frozen is handed on to whoever freezes it; what lies in its place is put away.
    return kind != Stored.kind or (unit.location is None and not is_to_be_frozen(protocol, unit))


def _leads_to_the_end(therapy: TherapyState, protocol: Protocol, unit: UnitState) -> frozenset[str]:
    """The steps that end the limit which runs out first, and those that have to come before them."""
    first = min(limits_of(therapy, protocol, unit), key=lambda clock: clock.due_at, default=None)
    wanted = list(first.until.split("|")) if first is not None else []
    found: set[str] = set()
    while wanted:
        kind = wanted.pop()
        step = protocol.step(kind, unit.material)
        if step is None or kind in found:
            continue
        found.add(kind)
        wanted += [name for rule in step.after for name in rule.split("|") if name not in unit.facts]
    return frozenset(found)


def _box_kinds(therapy: TherapyState, unit: UnitState, site: str) -> tuple[str, ...]:
    """What is done with a closed box next: taken over, opened where it was sent to, else handed on."""
    if unit.handoff is not None:
        return (Accepted.kind,)
    planned = therapy.boxes_carrier.get(unit.box or "")
    if unit.has_travelled and planned is not None and planned[1] == site:
        return (Inspected.kind, Relinquished.kind)
    return (Relinquished.kind,)


def next_of_therapy(steps: Iterable[NextStep], therapy: TherapyState, protocol: Protocol) -> NextStep | None:
    """The first step about the therapy as a whole that this person may take and nobody took yet."""
    done = {*therapy.facts, *(kind for unit in therapy.units.values() for kind in unit.facts)}
    filled = {unit.material for unit in therapy.units.values()}
    if any(pending_tests(therapy, one, protocol) for one in open_attempts(therapy)):
        done.discard(Tested.kind)
    wants_review = any(not_reviewed(therapy, one, protocol) for one in open_attempts(therapy))
    if not therapy.units:
        done.add(Closed.kind)  # allowed, and not due
    for one in steps:
        asked = next((step for step in protocol.steps_of(one.kind) if step.number == one.number), None)
        if one.possible and one.kind == ResultsReviewed.kind and wants_review:
            return one
        if not one.possible or asked is None or asked.optional:
            continue
        # The first bag is registered long before the containers that will be filled from it.
        is_done = bool(filled & {*asked.materials}) if one.kind == UnitRegistered.kind else one.kind in done
        if not is_done:
            return one
    return None


def _is_ripe(kind: str, therapy: TherapyState, protocol: Protocol, unit: UnitState) -> bool:
    """Whether a release is to be decided: every result is there and reviewed, and says which release."""
    if kind not in RELEASES:
        return True
    if unit.disposition is not Disposition.PENDING or pending_tests(therapy, unit.attempt, protocol):
        return False
    if not_reviewed(therapy, unit.attempt, protocol):
        return False
    return bool(failed_tests(therapy, unit.attempt, protocol)) is (kind != Released.kind)


def _reason(one: NextStep, protocol: Protocol, therapy: TherapyState, unit: UnitState | None) -> str:
    """Why not now, in a few words; empty where only the rule's own sentence says it."""
    violation = one.violation
    if violation is None:
        return ""
    steps = protocol.steps_of(one.kind)
    step = next((each for each in steps if each.number == one.number), None)
    if step is None:
        return ""
    if violation.rule == "too_early":
        return _first(step, protocol, therapy, unit)
    if violation.rule == "already_done":
        return "done"
    if violation.rule in _NOT_YOURS:
        return f"needs {_any_of(step.roles)}"
    return ""


def _first(step: Step, protocol: Protocol, therapy: TherapyState, unit: UnitState | None) -> str:
    """The numbers of what has to come before."""
    facts = {**therapy.facts, **(unit.facts if unit is not None else {})}
    missing = (rule.split("|") for rule in step.after if not any(name in facts for name in rule.split("|")))
    material = unit.material if unit is not None else step.materials[0] if step.materials else None
    numbers = [
        [known.number for name in names if (known := protocol.step(name, material)) is not None]
        for names in missing
    ]
    return ", ".join("first " + " or ".join(map(str, sorted(one))) for one in numbers[:1] if one)


def without_labels(accounts: Iterable[LabelAccount]) -> frozenset[str]:
    """The kinds of steps for which there is no copy: nothing to void, or nothing void to destroy."""
    copies = [copy for account in accounts for copy in account.copies]
    states = {copy.state for copy in copies}
    return frozenset(
        {
            *(() if any(copy.is_open for copy in copies) else (LabelVoided.kind,)),
            *(() if states & _USELESS else (LabelsDestroyed.kind,)),
        }
    )


def _any_of(roles: Iterable[Role]) -> str:
    named = [role.value.replace("_", " ") for role in Role if role in set(roles)]
    return f"{', '.join(named[:-1])} or {named[-1]}" if len(named) > 1 else "".join(named)
