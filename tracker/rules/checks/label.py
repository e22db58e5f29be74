"""Rules about labels: applied before filling and freezing, accounted for before leaving, and reprints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from schema.events.adoption import CodesBound
from schema.events.identity import CodeAdopted, Enrolled, LabelApplied
from schema.vocabulary import LabelState, Material, ObjectType, PrintOutcome, Reason, Role
from tracker.protocols.model import Protocol
from tracker.rules.authority import grant_violation
from tracker.rules.decision import Violation
from tracker.rules.label_accounts import AccountedCopy, PrintRecord, copies_of, open_copies
from tracker.rules.registry_state import RegistryState
from tracker.rules.situation import Resolution, Situation
from tracker.rules.therapy_state import TherapyState, UnitState

MAKERS_CODE = frozenset({CodeAdopted.kind, CodesBound.kind})
"""Facts by which a manufacturer's own label stands for a unit."""


def copy_out_of_use(therapy: TherapyState, scanned: Resolution) -> LabelState | None:
    """Why a scanned copy is out of use; None for a valid one."""
    if scanned.copy is None or scanned.object_id is None:
        return None
    said = therapy.label_states(scanned.object_id).get(scanned.copy)
    return None if said is LabelState.APPLIED else said


def label_missing(protocol: Protocol, unit: UnitState) -> Iterator[Violation]:
    """A container without a label that was scanned back (FACT CM7); the maker's own counts where it stays."""
    if not unit.labeled and not (unit.adopted and takes_the_makers(protocol, unit.material)):
        yield Violation(
            "label_missing",
            f"{unit.unit} has no label on it that was scanned back.",
            "Apply the label and scan it back before filling or freezing.",
        )


def takes_the_makers(protocol: Protocol, material: Material) -> bool:
    """Whether the protocol accepts the manufacturer's label on a material in place of ours."""
    container = protocol.container(material)
    if container is not None and not container.cartrail_label:
        return True
    return any(
        LabelApplied.kind in rule.split("|") and not MAKERS_CODE.isdisjoint(rule.split("|"))
        for step in protocol.steps
        if not step.materials or material in step.materials
        for rule in step.after
    )


def prints_of(situation: Situation, therapy: TherapyState) -> tuple[PrintRecord, ...]:
    """The print records of one therapy among those that were looked up."""
    return tuple(
        one for one in situation.prints if one.object_id == therapy.coi or (one.unit or "") in therapy.units
    )


def leaving_violations(situation: Situation, therapy: TherapyState, unit: UnitState) -> Iterator[Violation]:
    """No unit leaves a site while a copy of its label that was printed there is not accounted for."""
    here = situation.station.site
    found = [
        one
        for one in open_copies(copies_of(therapy, prints_of(situation, therapy)), site=here)
        if one.unit == unit.unit
    ]
    if found:
        yield _open(f"{unit.unit} may not leave {here}", found)


def closing_violations(situation: Situation, therapy: TherapyState) -> Iterator[Violation]:
    """A therapy closes when every copy of its units' labels is accounted for; its cards stay in the chart."""
    found = open_copies(copies_of(therapy, prints_of(situation, therapy)))
    if found:
        yield _open(f"{therapy.coi} may not be closed", found)


def _open(what: str, found: Sequence[AccountedCopy]) -> Violation:
    listed = ", ".join(f"{one.code} ({_named(one)})" for one in found[:4])
    more = f" and {len(found) - 4} more" if len(found) > 4 else ""
    return Violation(
        "label_open",
        f"{what}: labels are not accounted for: {listed}{more}.",
        f"{found[0].to_do} At the terminal: Ctrl+L, type the number of its line, F6 void, F7 destroy; "
        "one that is on: scan it, F4. `cartrail label --reconcile` lists them too.",
    )


def _named(copy: AccountedCopy) -> str:
    """Which paper it is, where that is not the usual one of a unit, and its state."""
    usual = "cassette label" if copy.object_id[0] == ObjectType.CASSETTE else ""
    kind = usual if copy.record is None else copy.record.label or usual
    return f"{kind}, {copy.word}" if kind else copy.word


def reprint_violation(earlier: Sequence[PrintRecord], label: str, reason: Reason | None) -> Violation | None:
    """Why a further copy may not be printed yet; a copy that certainly was not printed does not count."""
    before = [one for one in earlier if one.label in (label, "") and not _refused(one)]
    if not before or reason is not None:
        return None
    last = before[-1]
    return Violation(
        "reprint_needs_reason",
        f"{last.object_id} has its {label} already (copies {''.join(one.letter for one in before)}); "
        "a further copy needs a reason.",
        'Say why, such as "label_damaged", and account for the copy it replaces.',
        waivable=False,
    )


def reprint_role_violation(
    registry: RegistryState, roles: frozenset[Role], staff: str, site: str, at: datetime
) -> Violation | None:
    """Why a person may not print a further copy here."""
    found = grant_violation(registry, staff, roles, site, at)
    if found is None:
        return None
    message = f"A further copy of a label is printed by others: {found.message}"
    return Violation("reprint_role", message, found.remedy, waivable=False)


def reprint_roles(protocol: Protocol | None, *, card: bool = False) -> frozenset[Role]:
    """Who may print a further copy: as the protocol says, else who may apply labels, and quality.

    A therapy's card is printed again by those who may enroll as well.
    """
    if protocol is not None and protocol.reprint_roles:
        return frozenset(protocol.reprint_roles)
    kinds = (LabelApplied.kind, *((Enrolled.kind,) if card else ()))
    steps = [step for kind in kinds for step in protocol.steps_of(kind)] if protocol is not None else []
    return frozenset((*(role for step in steps for role in step.roles), Role.QUALITY))


def _refused(record: PrintRecord) -> bool:
    return record.outcome is PrintOutcome.NOT_PRINTED
