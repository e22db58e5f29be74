"""The course of a therapy as a whole: moved to another protocol version, canceled, closed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

from msgspec.structs import replace
from pydantic import Field

from schema.entry import Statement
from schema.events import identity as events
from schema.events.base import VERSION_MAX, WholeNumber
from schema.events.custody import Accepted, Packed
from schema.vocabulary import Material
from tracker.protocols.model import Protocol
from tracker.requests.base import PayloadClass, TherapyRequest
from tracker.rules.attempt import finished
from tracker.rules.checks.form import forms_out
from tracker.rules.checks.label import closing_violations
from tracker.rules.decision import Decision, Denied, ScanAnswer, Violation
from tracker.rules.failed import kept, owed
from tracker.rules.selection import therapy_of
from tracker.rules.situation import Decisions, Situation
from tracker.rules.therapy_state import Changes, Occurrence, TherapyState, TherapyStatus, UnitState
from tracker.rules.units import decide_on_therapy


class Cancel(TherapyRequest):
    """End a therapy early."""

    name: ClassVar[str] = "cancel"
    summary: ClassVar[str] = "End a therapy early; its units still need a final disposition."
    records: ClassVar[PayloadClass] = events.Canceled
    needs_reason: ClassVar[bool] = True


class Close(TherapyRequest):
    """Close a finished therapy."""

    name: ClassVar[str] = "close"
    summary: ClassVar[str] = "Close a therapy whose units all have a final disposition."
    records: ClassVar[PayloadClass] = events.Closed


class RepinProtocol(TherapyRequest):
    """Move a running therapy to another protocol version."""

    name: ClassVar[str] = "repin_protocol"
    summary: ClassVar[str] = "Move a running therapy to another adopted version of its protocol."
    records: ClassVar[PayloadClass] = events.ProtocolRepinned
    needs_reason: ClassVar[bool] = True
    version: WholeNumber = Field(ge=1, le=VERSION_MAX)


def decide_cancel(situation: Situation, request: Cancel) -> Decision:
    """End the therapy early, with a reason."""
    return decide_on_therapy(situation, request, request.coi, events.Canceled())


def decide_close(situation: Situation, request: Close) -> Decision:
    """Closed once every unit and label has its final disposition."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    extra = (*not_ended(therapy, situation.protocol(therapy)), *closing_violations(situation, therapy))
    return decide_on_therapy(situation, request, request.coi, events.Closed(), extra)


def not_ended(therapy: TherapyState, protocol: Protocol) -> Iterator[Violation]:
    """What is still to come of a therapy that somebody wants to close: a unit's end, a paper form."""
    failed, is_kept = owed(therapy), kept(therapy)
    for name, failure in failed.items():
        yield Violation(
            "not_destroyed",
            f"Manufacture {failure.attempt} failed ({failure.cause.value.replace('_', ' ')}), and {name} "
            "of it was neither destroyed nor kept.",
            f"Destroy {name} before a witness.",
            waivable=False,
        )
    open_units = [
        unit.unit
        for unit in therapy.units.values()
        if not finished(unit)
        and unit.unit not in failed
        and unit.unit not in is_kept
        and not (protocol.is_made_elsewhere and _went_to_its_maker(unit))
    ]
    if open_units:
        yield Violation(
            "units_open",
            f"These units have no final disposition: {', '.join(open_units)}.",
            "Infuse, destroy, use up or retain each of them, and destroy what is left.",
            waivable=False,
        )
    yield from forms_out(therapy)


def _went_to_its_maker(unit: UnitState) -> bool:
    """Whether it was handed over packed: what became of it then stands in the maker's record."""
    packed, taken = unit.facts.get(Packed.kind), unit.facts.get(Accepted.kind)
    is_away = packed is not None and taken is not None and taken.sequence > packed.sequence
    return unit.material is Material.LEUKAPHERESIS and is_away


def decide_repin(situation: Situation, request: RepinProtocol) -> Decision:
    """Another adopted version of the same protocol, with the steps that differ."""
    therapy = therapy_of(situation, request.coi)
    if isinstance(therapy, Violation):
        return Denied(therapy)
    adopted = situation.registry.protocol(therapy.protocol.id, request.version)
    later = situation.protocols.get((therapy.protocol.id, request.version))
    if adopted is None or later is None:
        return Denied(
            Violation(
                "protocol_unknown",
                f"{therapy.protocol.id} version {request.version} is not adopted.",
                "Adopt it first.",
                waivable=False,
            )
        )
    if adopted.version == therapy.protocol.version:
        return Denied(
            Violation(
                "already_done",
                f"{therapy.coi} already runs by version {adopted.version}.",
                "Nothing to do.",
                answer=ScanAnswer.CHECK,
                waivable=False,
            )
        )
    now = situation.protocol(therapy)
    changed = sorted({step.title for step in {*now.steps} ^ {*later.steps}})
    payload = events.ProtocolRepinned(
        protocol=events.ProtocolPin(id=adopted.protocol, version=adopted.version, sha256=adopted.sha256),
        steps_changed=tuple(changed),
    )
    return decide_on_therapy(situation, request, request.coi, payload)


def _repinned(
    state: TherapyState, _: Statement, payload: events.ProtocolRepinned, __: Occurrence
) -> TherapyState:
    return replace(state, protocol=payload.protocol)


def _canceled(state: TherapyState, _: Statement, __: events.Canceled, ___: Occurrence) -> TherapyState:
    return replace(state, status=TherapyStatus.CANCELED)


def _closed(state: TherapyState, _: Statement, __: events.Closed, ___: Occurrence) -> TherapyState:
    return replace(state, status=TherapyStatus.CLOSED)


DECISIONS: Final[Decisions] = {
    Cancel: decide_cancel,
    Close: decide_close,
    RepinProtocol: decide_repin,
}

CHANGES: Final[Changes] = {
    events.ProtocolRepinned: _repinned,
    events.Canceled: _canceled,
    events.Closed: _closed,
}
