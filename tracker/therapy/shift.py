"""The decision over a change of hands at a terminal.

It is no step of a protocol: it happens at every terminal, whatever therapy is at hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

from pydantic import Field

from schema.events import Party
from schema.events.base import ShortName, UnitId, Value
from schema.events.shift import OpenClock, OpenLabels, TakenOver
from schema.vocabulary import Meaning, PartyType
from tracker.protocols.model import Protocol
from tracker.requests.base import PayloadClass, Request, ScanField
from tracker.rules.authority import WORKING_ROLES
from tracker.rules.checks.step import role_violation
from tracker.rules.clocks import RunningClock, running_clocks
from tracker.rules.conclusion import entry_slots
from tracker.rules.decision import Allowed, Decision, Denied, Draft, ScanAnswer, Slot, Violation
from tracker.rules.selection import therapy_of
from tracker.rules.situation import Decisions, Situation
from tracker.rules.therapy_state import TherapyState, UnitState


class LabelsLeft(Value):
    """Printed copies of a unit's label that were found open."""

    unit: UnitId
    copies: Annotated[str, Field(pattern=r"^[2-9B-X]{1,26}$")]


class TakeOver(Request):
    """Go on with what somebody else left open at this station's site."""

    name: ClassVar[str] = "take_over"
    summary: ClassVar[str] = (
        "Take over what the person before you left open: running limits, open handoffs, labels and tallies."
    )
    records: ClassVar[PayloadClass] = TakenOver
    from_staff: ShortName
    therapies: tuple[ScanField, ...] = Field(min_length=1, max_length=200)
    """The therapies with something open; their COI ids, one statement in each chain."""

    labels: tuple[LabelsLeft, ...] = Field(default=(), max_length=200)
    tallied: tuple[UnitId, ...] = Field(default=(), max_length=1000)


@dataclass(frozen=True, slots=True)
class OpenWork:
    """What is open in one therapy, as its chain says."""

    coi: str
    clocks: tuple[RunningClock, ...] = ()
    handoffs: tuple[str, ...] = ()
    """Event ids of what was given and not taken yet."""

    held: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.clocks or self.handoffs or self.held)


def decide_take_over(situation: Situation, request: TakeOver) -> Decision:
    """One statement in each therapy that has something open, with the clocks and handoffs of its chain."""
    for violation in _violations(situation, request):
        return Denied(violation)
    drafts: list[Draft] = []
    slots = entry_slots(request, (Slot(Meaning.PERFORMED, staff=request.actor),))
    for scan in request.therapies:
        therapy = therapy_of(situation, scan)
        if isinstance(therapy, Violation):
            return Denied(therapy)
        payload = _taken_over(situation, request, therapy)
        if payload is not None and all(draft.chain != therapy.coi for draft in drafts):
            drafts.append(Draft(therapy.coi, payload, slots=slots))
    if not drafts:
        return Denied(
            Violation(
                "nothing_open",
                f"{request.from_staff} left nothing open here.",
                "Nothing to take over; go on.",
                answer=ScanAnswer.CHECK,
                waivable=False,
            )
        )
    return Allowed(tuple(drafts))


def _taken_over(situation: Situation, request: TakeOver, therapy: TherapyState) -> TakenOver | None:
    """The statement for this therapy's chain; None where nothing is open."""
    protocol = situation.protocol(therapy)
    found = open_work(therapy, protocol, request.from_staff, situation.station.site)
    labels = tuple(
        OpenLabels(unit=one.unit, copies=one.copies) for one in request.labels if one.unit in therapy.units
    )
    tallied = tuple(unit for unit in request.tallied if unit in therapy.units)
    if not (found or labels or tallied):
        return None
    return TakenOver(
        from_staff=request.from_staff,
        clocks=tuple(
            OpenClock(limit=clock.name, unit=clock.unit, due_at=clock.due_at) for clock in found.clocks
        ),
        handoffs=found.handoffs,
        held=found.held,
        labels=labels,
        tallied=tallied,
    )


def _violations(situation: Situation, request: TakeOver) -> Iterator[Violation]:
    registry = situation.registry
    if request.actor == request.from_staff:
        yield Violation(
            "same_person",
            "Nobody takes over from themselves.",
            "Sign in and go on.",
            answer=ScanAnswer.CHECK,
            waivable=False,
        )
    if registry.person(request.from_staff) is None:
        yield Violation(
            "person_unknown",
            f"Nobody in this store has the staff id {request.from_staff}.",
            "Name the person who was here before.",
            waivable=False,
        )
    own = role_violation(situation, request.actor, WORKING_ROLES)
    if own is not None:
        yield Violation(own.rule, own.message, own.remedy, waivable=False)


def _touched_last(unit: UnitState, staff: str) -> bool:
    """Whether this person was the last to do something with the unit."""
    return max(unit.facts.values(), key=lambda fact: fact.sequence).actor == staff


def open_work(therapy: TherapyState, protocol: Protocol | None, staff: str, site: str) -> OpenWork:
    """What this person left open: clocks, handoffs and units at the site."""
    here = {unit.unit for unit in therapy.open_units() if unit.site in (site, None)}
    own = Party(type=PartyType.PERSON, id=staff)
    return OpenWork(
        therapy.coi,
        tuple(
            clock
            for clock in running_clocks(therapy, protocol)
            if clock.unit in here and _touched_last(therapy.units[clock.unit], staff)
        ),
        tuple(
            handoff.event_id
            for handoff in therapy.handoffs.values()
            if handoff.actor == staff and handoff.site == site
        ),
        tuple(name for name in sorted(here) if therapy.units[name].custodian == own),
    )


DECISIONS: Final[Decisions] = {
    TakeOver: decide_take_over,
}
