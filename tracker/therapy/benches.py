"""The decision to clear a bench: what has to be gone, who looks, and when a second person looks too.

It is no step of a protocol: any therapy that was worked on at a bench has to leave it. The protocol says by
its steps who works there, and at which of them cells are open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, Final, Literal

from pydantic import Field

from schema.events.base import CoiId, ShortName
from schema.events.bench import LineCleared
from schema.events.labels import LabelCopy
from schema.instants import CLOCKS_APART_MAX
from schema.vocabulary import EntryMode, Meaning, Role, Scope
from tracker.protocols.model import Protocol
from tracker.requests.base import PayloadClass, Request, ScanField
from tracker.rules.checks.bench import bench_site, bench_title, stations_at
from tracker.rules.checks.step import role_violation
from tracker.rules.conclusion import Plan, conclude
from tracker.rules.decision import Decision, Denied, ScanAnswer, Slot, Violation
from tracker.rules.label_accounts import AccountedCopy, PrintRecord, copies_of, open_copies
from tracker.rules.registry_state import RegistryState
from tracker.rules.selection import not_a, reads_for
from tracker.rules.situation import Decisions, Situation
from tracker.rules.therapy_state import TherapyState


class ClearLine(Request):
    """Say that a bench is clear, so that another therapy may be worked on there."""

    name: ClassVar[str] = "clear_line"
    summary: ClassVar[str] = (
        "Declare that no material, label or paper of the therapy is left at the bench; the next one may come."
    )
    records: ClassVar[PayloadClass] = LineCleared
    nothing_left: Literal[True] = Field(description="the declaration itself, said by who looked")
    bench: ShortName | None = Field(
        default=None, description="the station or bench location; that of this terminal when not given"
    )
    coi: CoiId | None = Field(
        default=None, description="the one therapy that left, where several are at the bench"
    )
    labels: tuple[ScanField, ...] = Field(
        default=(), max_length=200, description="open labels printed here that left with the therapy"
    )


def decide_clear(situation: Situation, request: ClearLine) -> Decision:
    """One statement in the chain of each therapy that leaves; none of them names another."""
    bench = request.bench or situation.station.bench
    leaving = _leaving(situation, request, bench)
    if isinstance(leaving, Violation):
        return Denied(leaving)
    open_codes = {
        copy.code
        for therapy in leaving
        for copy in open_labels(situation.registry, therapy, bench, situation.prints)
    }
    named = _named(situation, request, leaving, open_codes)
    if isinstance(named, Violation):
        return Denied(named)
    plans: list[Plan] = []
    violations: list[Violation] = []
    for therapy in leaving:
        protocol = situation.protocol(therapy)
        roles = who_works_there(protocol)
        open_here = open_labels(situation.registry, therapy, bench, situation.prints)
        own = [copy for copy in open_here if copy.code in named]
        unnamed = [copy for copy in open_here if copy.code not in named]
        violations.extend(_left_behind(therapy, bench, unnamed))
        violations.extend(_used_since(situation, request, therapy, bench))
        wrong_person = role_violation(situation, request.actor, roles)
        violations.extend([wrong_person] if wrong_person else [])
        copies = tuple(LabelCopy(object=copy.object_id, copy_letter=copy.letter) for copy in own)
        payload = LineCleared(bench=bench, nothing_left=request.nothing_left, labels=copies)
        slots = [Slot(Meaning.PERFORMED, staff=request.actor)]
        if needs_witness(therapy, protocol, bench):
            slots.append(Slot(Meaning.WITNESSED, roles, situation.station.site))
        plans.append(Plan(therapy, payload, (), reads_for(situation, request, therapy.coi), tuple(slots)))
    return conclude(situation, request, plans, violations)


def who_works_there(protocol: Protocol) -> frozenset[Role]:
    """Whoever may take a step for one therapy at a time may clear the bench after it."""
    steps = (step for step in protocol.steps if step.scope is Scope.ONE_THERAPY)
    return frozenset(role for step in steps for role in step.roles)


def needs_witness(therapy: TherapyState, protocol: Protocol, bench: str) -> bool:
    """Whether cells were open there since the therapy took the bench."""
    use = therapy.benches.get(bench)
    kinds = use.kinds if use is not None else ()
    return any(step.open_product for kind in kinds for step in protocol.steps_of(kind))


def _leaving(situation: Situation, request: ClearLine, bench: str) -> tuple[TherapyState, ...] | Violation:
    """The therapies that are cleared: those at the bench, or the one that is named."""
    site = bench_site(situation.registry, bench)
    if site != situation.station.site:
        return Violation(
            "bench_unknown",
            f"{bench} is no bench of {situation.station.site}; who clears one has to stand before it.",
            "Name a station of this site, or the location that a station names as its bench.",
            waivable=False,
        )
    there = [other.coi for other in situation.at_bench if request.coi in (None, other.coi)]
    if not there:
        return Violation(
            "bench_free",
            f"By the record {request.coi or 'nothing'} is {'not ' if request.coi else ''}at the bench "
            f"{bench_title(situation.registry, bench)}.",
            "Nothing to do; the next therapy may come.",
            answer=ScanAnswer.CHECK,
            waivable=False,
        )
    return tuple(situation.therapy(coi) for coi in there)


def _named(
    situation: Situation, request: ClearLine, leaving: tuple[TherapyState, ...], open_codes: set[str]
) -> frozenset[str] | Violation:
    """The codes of the labels that left with their therapy; any other label is refused."""
    codes: list[str] = []
    for scan in request.labels:
        resolution = situation.resolve(scan)
        if resolution.coi not in {therapy.coi for therapy in leaving} or not resolution.copy:
            return not_a(resolution, "label printed for this therapy")
        if resolution.text not in open_codes:
            return Violation(
                "label_not_open",
                f"{resolution.text} is accounted for: it was not printed at this bench, or is in its place.",
                "Name only labels that were printed here and are on nothing yet.",
                waivable=False,
            )
        codes.append(resolution.text)
    return frozenset(codes)


def open_labels(
    registry: RegistryState, therapy: TherapyState, bench: str, prints: Iterable[PrintRecord]
) -> tuple[AccountedCopy, ...]:
    """The copies that were printed at the bench and are not accounted for."""
    stations = stations_at(registry, bench)
    return tuple(
        copy
        for copy in open_copies(copies_of(therapy, prints))
        if copy.record is not None and copy.record.station in stations
    )


def _used_since(
    situation: Situation, request: ClearLine, therapy: TherapyState, bench: str
) -> Iterator[Violation]:
    """Somebody who looked and signs minutes later has not seen what was put there since."""
    use = therapy.benches.get(bench)
    if use is None or request.entry.mode is not EntryMode.LIVE:
        return
    if use.last_at - situation.occurred_at > CLOCKS_APART_MAX:
        yield Violation(
            "bench_used_since",
            f"The bench was used for {therapy.coi} again after you looked.",
            "Look once more, then declare it again.",
            waivable=False,
        )


def _left_behind(therapy: TherapyState, bench: str, unnamed: Sequence[AccountedCopy]) -> Iterator[Violation]:
    """What the record says is still there."""
    here = [unit.unit for unit in therapy.open_units() if unit.location == bench]
    if here:
        yield Violation(
            "material_left",
            f"By the record this still lies at the bench: {', '.join(here)}.",
            "Retrieve it and put it where it belongs, then clear the bench.",
        )
    if unnamed:
        yield Violation(
            "labels_open",
            f"These labels were printed here and are on nothing yet: "
            f"{', '.join(copy.code for copy in unnamed)}.",
            "Apply each and scan it back, or void and destroy it; name one that leaves with the therapy.",
        )


DECISIONS: Final[Decisions] = {
    ClearLine: decide_clear,
}
