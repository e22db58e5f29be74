"""What waits at a site for the person at a station, what comes up there, and what somebody leaves open."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import orjson

from schema.events.custody import Accepted, Inspected, Relinquished, Stored
from schema.events.deviations import DeviationAssessed, DeviationClosed
from schema.events.identity import Closed
from schema.events.processing import Released, Tested
from schema.instants import parse_instant
from schema.tables import UnitRow
from schema.vocabulary import Disposition, Role
from tracker.acts.deciding import Decider
from tracker.acts.gathering import occupants
from tracker.acts.state_cache import StateCache
from tracker.kinds import Moves, moves_of
from tracker.ledger.transaction import Transaction
from tracker.protocols.model import Protocol, Step
from tracker.rules.authority import grant_violation
from tracker.rules.checks.condition import is_to_be_frozen
from tracker.rules.checks.unit import RELEASES
from tracker.rules.custodians import described, party_site, stands_for
from tracker.rules.decision import Violation
from tracker.rules.registry_state import RegistryState, Station
from tracker.rules.results import failed_tests, open_attempts, pending_tests
from tracker.rules.situation import Found, Occupant, Resolution
from tracker.rules.therapy_state import TherapyState, UnitState
from tracker.therapy.deviations import judging_violations
from tracker.therapy.shift import OpenWork, open_work
from tracker.views.calling import calling, flags_of
from tracker.views.deviations import deviation_words, deviations
from tracker.views.labels import labels_of
from tracker.views.models import DeviationLine, DueClock, LeftLabels, LeftOpen, NextStep, WorkLine, Worklist
from tracker.views.next_steps import in_question, next_steps

COMING_MAX: Final = 40
"""Therapies that are read for what comes up without a unit in anybody's hands, the last changed first."""

LEFT_READ_MAX: Final = 500
"""More than one person has begun and not ended at one site."""

UNITS_READ_MAX: Final = 500
"""More than anybody has in their hands at one site; beyond it the list says that it is not whole."""

JUDGED_MAX: Final = 200
"""Things for which the rules are asked at once; a page of them takes a blink, a warehouse would not."""

SHOWN_MAX: Final = 60
"""Lines of one list: more than the largest screen."""

ATTENTION_MAX: Final = 20

DEVIATIONS_MAX: Final = 20
"""Deviations that the list names; `cartrail deviation list` has all."""


@dataclass(frozen=True, slots=True)
class _Context:
    """What one list is read with."""

    transaction: Transaction
    memory: StateCache
    decider: Decider
    registry: RegistryState
    station: Station
    actor: str
    now: datetime
    at_bench: tuple[Occupant, ...]

    def known(self, coi: str) -> tuple[TherapyState, Protocol] | None:
        """A therapy with its protocol."""
        known = self.memory.therapy(self.transaction, coi)
        protocol = self.decider.protocol(self.transaction, known.state.protocol.sha256) if known else None
        return (known.state, protocol) if known is not None and protocol is not None else None


@dataclass(frozen=True, slots=True)
class _Thing:
    """A line in the making, with a unit that stands for all of it."""

    line: WorkLine
    unit: str


def worklist(
    transaction: Transaction,
    memory: StateCache,
    decider: Decider,
    registry: RegistryState,
    *,
    station: Station,
    actor: str,
    now: datetime,
) -> Worklist:
    """The lines of one site for one person: limits first, then what was given to us, then the rest."""
    at_bench = occupants(transaction, station.bench)
    work = _Context(transaction, memory, decider, registry, station, actor, now, at_bench)
    rows = transaction.units_at_hand(station.site, limit=UNITS_READ_MAX)
    given = _given_to_us(work)
    elsewhere = [row for row in given if row.site != station.site]
    things = sorted(_grouped(work, [*rows, *elsewhere]), key=lambda thing: _urgency(thing.line))
    judged = (_judged(work, thing) for thing in things[:JUDGED_MAX])
    kept = list(itertools.islice((line for line in judged if line is not None), SHOWN_MAX))
    kept.sort(key=_urgency)
    is_whole = len(rows) < UNITS_READ_MAX and len(things) <= JUDGED_MAX and len(kept) < SHOWN_MAX
    listed = {coi for line in kept for coi in line.cois}
    coming, all_read = coming_up(work, listed)
    listed |= {coi for line in coming for coi in line.cois}
    judging = tuple(_deviations(work))
    listed |= {coi for line in judging for coi in line.cois}
    return Worklist((*kept, *coming, *judging, *_attention(work, listed)), is_whole and all_read)


def _given_to_us(work: _Context) -> list[UnitRow]:
    """Units that somebody handed over to a part of this site."""
    found = []
    for row in work.transaction.units_handed_over(limit=UNITS_READ_MAX):
        known = work.memory.therapy(work.transaction, row.coi)
        handoff = known.state.handoffs.get(row.handoff or "") if known else None
        if handoff is not None and party_site(work.registry, handoff.to_party) == work.station.site:
            found.append(row)
    return found


def _grouped(work: _Context, rows: list[UnitRow]) -> Iterator[_Thing]:
    """One line for a unit, one for a box."""
    clocks: dict[str, list[DueClock]] = {}
    for coi in dict.fromkeys(row.coi for row in rows):
        therapy = work.transaction.therapy(coi)
        for clock in orjson.loads(therapy.document).get("clocks", ()) if therapy else ():
            due = DueClock(clock["title"], clock["unit"], parse_instant(clock["due_at"]))
            clocks.setdefault(due.unit, []).append(due)
    groups: dict[str, list[UnitRow]] = {}
    for row in rows:
        groups.setdefault(row.box or row.unit, []).append(row)
    for subject, held in groups.items():
        running = [clock for row in held for clock in clocks.get(row.unit, ())]
        first = held[0]
        since, is_out = _since(first)
        line = WorkLine(
            subject,
            f"box, {len(held)} inside" if first.box else first.material.replace("_", " "),
            tuple(dict.fromkeys(row.coi for row in held)),
            what="",
            where="",
            clock=min(running, key=lambda clock: clock.due_at, default=None),
            since=since,
            is_out=is_out,
        )
        yield _Thing(line, first.unit)


def _since(row: UnitRow) -> tuple[datetime | None, bool]:
    facts = orjson.loads(row.document).get("facts", {})
    if not facts:
        return None, False
    out = out_since(facts) if row.location is None else None
    if out is not None:
        return out, True
    return max(parse_instant(fact["at"]) for fact in facts.values()), False


def out_since(facts: Mapping[str, Any]) -> datetime | None:
    """When it came out of storage, unless it was put away, taken over or taken out of its box since."""
    moved = [kind for kind in facts if moves_of(kind) not in (Moves.STAYS, Moves.FILLED)]
    last = max(moved, key=lambda kind: int(facts[kind]["sequence"]), default="")
    return parse_instant(facts[last]["at"]) if moves_of(last) is Moves.OUT else None


def _urgency(line: WorkLine) -> tuple[bool, bool, str]:
    """Limits by their end; then what is out of storage, then by age."""
    if line.clock is not None:
        return False, False, line.clock.due_at.isoformat()
    return True, not line.is_out, line.since.isoformat() if line.since else ""


def _judged(work: _Context, thing: _Thing) -> WorkLine | None:
    """The line with its next step; None for what neither runs out nor is this person's to do."""
    line = thing.line
    known = work.known(line.cois[0])
    unit = known[0].unit(thing.unit) if known else None
    if known is None or unit is None:
        return None
    therapy, protocol = known
    step = next_of(work, therapy, protocol, unit)
    clock = line.clock
    handoff = therapy.handoffs.get(unit.handoff or "")
    ours = handoff is not None and party_site(work.registry, handoff.to_party) == work.station.site
    if step is None and clock is None and not ours:
        return None
    where = described(work.registry, unit.custodian)
    if unit.handoff is not None and handoff is not None:
        where = f"given to {described(work.registry, handoff.to_party)}"
    what = step.title if step else "Take over" if ours else clock.title if clock else ""
    return replace(
        line,
        what=what,
        where=where,
        kind=step.kind if step else "",
        number=step.number if step else None,
        clock=clock,
    )


def _deviations(work: _Context) -> Iterator[WorkLine]:
    """What quality has to assess or to close here, the oldest first; nobody assesses what they did."""
    if _not_quality(work) is None:
        lines = deviations(work.transaction, work.memory, is_open=True, site=work.station.site)
        for line in itertools.islice(lines, DEVIATIONS_MAX):
            step = _judging_step(work, line)
            if step is not None:
                known = work.known(line.coi)
                about = deviation_words(line.state, None if known is None else known[1])
                yield WorkLine(
                    *(line.coi, "therapy", (line.coi,), step.title, about, step.kind, step.number),
                    since=line.state.at,
                )


def _judging_step(work: _Context, line: DeviationLine) -> Step | None:
    """The step that this person may take with a deviation: to close it, else to assess it, perhaps again."""
    known = work.known(line.coi)
    if known is None:
        return None
    therapy, protocol = known
    for kind in (DeviationClosed.kind, DeviationAssessed.kind):
        if not any(judging_violations(therapy, line.state, kind, work.actor)):
            return protocol.step(kind, None)
    return None


def _not_quality(work: _Context) -> Violation | None:
    """Why this person decides over no deviation here."""
    return grant_violation(work.registry, work.actor, {Role.QUALITY}, work.station.site, work.now)


def _attention(work: _Context, listed: set[str]) -> Iterator[WorkLine]:
    """Active therapies of this site with a flag, last, for those who have time to look."""
    rows = calling(
        *(work.transaction, work.decider, work.registry, work.now),
        limit=ATTENTION_MAX,
        site=work.station.site,
        status="active",
    )
    for row in rows:
        if row.coi not in listed:
            flags = flags_of(row, work.now)
            yield WorkLine(row.coi, "therapy", (row.coi,), "Look", "", since=row.updated_at, attention=flags)


def next_of(work: _Context, therapy: TherapyState, protocol: Protocol, unit: UnitState) -> NextStep | None:
    """The step that this person would take next: none that is only an aside, such as a quarantine."""
    resolution = Resolution(unit.unit, Found.UNIT, unit.unit, therapy.coi, unit.unit)
    steps = next_steps(
        work.registry, therapy, protocol, resolution, work.actor, work.station, work.now, work.at_bench
    )
    if unit.box is not None:
        kinds = _box_kinds(work, therapy, unit)
        possible = [one for one in steps if one.possible and one.kind in kinds]
        return min(possible, key=lambda one: kinds.index(one.kind), default=None)
    in_charge = unit.custodian is not None and stands_for(work.registry, unit.custodian, work.actor, work.now)
    found: list[tuple[int, int, NextStep]] = []
    for number, one in enumerate(steps):
        step = protocol.step(one.kind, unit.material)
        is_aside = step is None or (step.optional and not step.materials)
        is_again = one.kind in (Stored.kind, Relinquished.kind) or moves_of(one.kind) is Moves.TAKEN
        is_done = one.kind in unit.facts and not is_again
        if step is None or is_aside or is_done or not one.possible or not in_question(one.kind, unit):
            continue
        if step.optional and one.kind != Accepted.kind and not in_charge:
            continue  # nobody puts away or gives what is in another's hands
        if one.kind == Stored.kind and is_to_be_frozen(protocol, unit):
            continue  # what waits to be frozen is handed on to whoever freezes it
        rank = 0 if one.kind == Accepted.kind else 2 if step.optional else 1
        found.append((rank, number, one))
    return min(found, key=lambda item: item[:2])[2] if found else None


def _box_kinds(work: _Context, therapy: TherapyState, unit: UnitState) -> tuple[str, ...]:
    """What is done with a closed box next: taken over, opened where it was sent to, else handed on."""
    if unit.handoff is not None:
        return (Accepted.kind,)
    planned = therapy.boxes_carrier.get(unit.box or "")
    if unit.has_travelled and planned is not None and planned[1] == work.station.site:
        return (Inspected.kind, Relinquished.kind)
    return (Relinquished.kind,)


def coming_up(work: _Context, listed: set[str]) -> tuple[tuple[WorkLine, ...], bool]:
    """What this person can do next with therapies that nobody has in hand here; and whether all were read.

    A patient to be identified, a product to be tested or released, a therapy to be closed.
    """
    rows = work.transaction.therapies(limit=COMING_MAX, site=work.station.site, status="active")
    found: list[WorkLine] = []
    for row in rows:
        known = work.known(row.coi)
        if known is not None:
            line = _of_therapy(work, *known, stage=row.stage)
            if line is None and row.coi not in listed:
                line = _of_units(work, *known)
            found += [] if line is None else [replace(line, since=row.updated_at)]
    return tuple(reversed(found)), len(rows) < COMING_MAX


def _of_therapy(work: _Context, therapy: TherapyState, protocol: Protocol, *, stage: str) -> WorkLine | None:
    due = _due_of_therapy(work, therapy, protocol)
    if due is None:
        return None
    title = next((one.title for one in protocol.stages if one.name == stage), "")
    return WorkLine(
        therapy.coi, "therapy", (therapy.coi,), due.title, title, kind=due.kind, number=due.number
    )


def _of_units(work: _Context, therapy: TherapyState, protocol: Protocol) -> WorkLine | None:
    """The first unit with a step that brings the therapy on."""
    for unit in therapy.units.values():
        step = next_of(work, therapy, protocol, unit) if unit.final is None else None
        asked = protocol.step(step.kind, unit.material) if step else None
        if (
            step is None
            or asked is None
            or asked.optional
            or not _is_ripe(step.kind, therapy, protocol, unit)
        ):
            continue
        where = described(work.registry, unit.custodian)
        material = unit.material.value.replace("_", " ")
        return WorkLine(
            unit.unit, material, (therapy.coi,), step.title, where, kind=step.kind, number=step.number
        )
    return None


def _is_ripe(kind: str, therapy: TherapyState, protocol: Protocol, unit: UnitState) -> bool:
    """Whether a release is to be decided: every result is there, and it says which of the two releases."""
    if kind not in RELEASES:
        return True
    if unit.disposition is not Disposition.PENDING or pending_tests(therapy, unit.attempt, protocol):
        return False
    return bool(failed_tests(therapy, unit.attempt, protocol)) is (kind != Released.kind)


def _due_of_therapy(work: _Context, therapy: TherapyState, protocol: Protocol) -> NextStep | None:
    """The first step about the therapy as a whole that this person may take and nobody took yet."""
    resolution = Resolution(therapy.coi, Found.COI, therapy.coi, therapy.coi)
    done = {*therapy.facts, *(kind for unit in therapy.units.values() for kind in unit.facts)}
    if any(pending_tests(therapy, one, protocol) for one in open_attempts(therapy)):
        done.discard(Tested.kind)
    if not therapy.units:
        done.add(Closed.kind)  # allowed, and not due
    steps = next_steps(
        work.registry, therapy, protocol, resolution, work.actor, work.station, work.now, work.at_bench
    )
    for one in steps:
        asked = protocol.step(one.kind, None)
        if one.possible and one.kind not in done and asked is not None and not asked.optional:
            return one
    return None


def left_open(
    transaction: Transaction, memory: StateCache, decider: Decider, *, staff: str, site: str
) -> LeftOpen:
    """What this person has begun at a site and what is not ended, by the chains of the units there."""
    rows = [
        *transaction.units_at_hand(site, limit=LEFT_READ_MAX),
        *transaction.units_handed_over(limit=LEFT_READ_MAX),
    ]
    works: list[OpenWork] = []
    labels: list[LeftLabels] = []
    for coi in sorted({row.coi for row in rows}):
        labels.extend(_labels(transaction, memory, coi, staff, site))
        known = memory.therapy(transaction, coi)
        if known is None:
            continue
        protocol = decider.protocol(transaction, known.state.protocol.sha256)
        work = open_work(known.state, protocol, staff, site)
        if work:
            works.append(work)
    return LeftOpen(staff, tuple(works), tuple(labels))


def _labels(
    transaction: Transaction, memory: StateCache, coi: str, staff: str, site: str
) -> Iterator[LeftLabels]:
    """Copies that this person printed here and that are neither applied nor destroyed."""
    for account in labels_of(transaction, memory, coi):
        own = [
            copy.letter
            for copy in account.open
            if copy.record is not None and (copy.record.staff, copy.record.site) == (staff, site)
        ]
        if own and account.unit is not None:
            yield LeftLabels(coi, account.unit, "".join(own))
