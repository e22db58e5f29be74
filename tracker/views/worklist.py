"""What waits at a site for the person at a station, what comes up there, and what somebody leaves open."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import orjson

from schema.events.conditions import ExcursionAssessed
from schema.events.custody import Accepted, Packed, Retrieved
from schema.events.deviations import DeviationAssessed, DeviationClosed
from schema.events.takeover import UnitFound
from schema.instants import parse_instant
from schema.tables import UnitRow
from schema.vocabulary import Role
from tracker.acts.deciding import Decider
from tracker.acts.gathering import occupants
from tracker.acts.state_cache import StateCache
from tracker.kinds import Moves, moves_of
from tracker.ledger.transaction import Transaction
from tracker.protocols.model import Protocol, Step
from tracker.requests.base import SignerReference
from tracker.rules.attempt import sites_with_part
from tracker.rules.authority import WORKING_ROLES, grant_violation, signers_for
from tracker.rules.custodians import described, party_site
from tracker.rules.decision import Slot, Violation
from tracker.rules.due_steps import due_step
from tracker.rules.registry_state import RegistryState, Station
from tracker.rules.situation import Found, Occupant, Resolution
from tracker.rules.therapy_state import TherapyState, UnitState
from tracker.therapy.conditions.decisions import ASSESSING
from tracker.therapy.deviations import judging_violations
from tracker.therapy.shift import OpenWork, open_work
from tracker.views.calling import calling, flags_of
from tracker.views.deviations import deviation_words, deviations
from tracker.views.labels import labels_of
from tracker.views.models import (
    DeviationLine,
    DueClock,
    LeftLabels,
    LeftOpen,
    Leg,
    NextStep,
    Shipment,
    WorkLine,
    Worklist,
)
from tracker.views.next_steps import next_steps
from tracker.views.offering import next_of_therapy, next_of_unit
from tracker.views.shipments import shipments
from tracker.views.step_numbers import FOUND_STEP

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

LOOKS_INTO: Final = frozenset({Role.QUALITY, Role.COORDINATOR})
"""Those who look into a therapy that calls for somebody although no step of it is theirs."""

ASSESS_EXCURSION: Final = "Assess the excursion"

_AFTER_CLEARING: Final = ", once the bench is clear"
"""What waits for nothing else than another therapy's end at the bench."""

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
    coi: str = ""
    """The one therapy that is asked about; empty for all."""

    def is_about(self, coi: str) -> bool:
        """Whether a therapy is asked about."""
        return self.coi in ("", coi)

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
    coi: str = "",
    is_bench_free: bool = False,
) -> Worklist:
    """The lines of one site for one person: limits first, then what was given to us, then the rest.

    With a COI only those of its therapy; with a free bench as if another's had been cleared.
    """
    at_bench = () if is_bench_free else occupants(transaction, station.bench)
    work = _Context(transaction, memory, decider, registry, station, actor, now, at_bench, coi)
    rows = transaction.units_at_hand(station.site, limit=UNITS_READ_MAX)
    given = _given_to_us(work)
    elsewhere = [row for row in given if row.site != station.site]
    grouped = (one for one in _grouped(work, [*rows, *elsewhere]) if any(map(work.is_about, one.line.cois)))
    things = sorted(grouped, key=lambda thing: _urgency(thing.line))
    judged = (_judged(work, thing) for thing in things[:JUDGED_MAX])
    kept = list(itertools.islice((line for line in judged if line is not None), SHOWN_MAX))
    is_whole = len(rows) < UNITS_READ_MAX and len(things) <= JUDGED_MAX and len(kept) < SHOWN_MAX
    listed = {coi for line in kept for coi in line.cois}
    coming, all_read = coming_up(work, listed)
    listed |= {coi for line in coming for coi in line.cois}
    lines = [
        *(line for line in kept if line.kind),
        *coming,
        *(*_excursions(work), *_deviations(work), *_on_their_way(work)),
    ]
    listed |= {coi for line in lines for coi in line.cois}
    others = tuple(line for line in kept if not line.kind)
    found = (*sorted(lines, key=_urgency), *_attention(work, listed))
    return Worklist(found, is_whole and all_read, others)


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
            due = DueClock.read(clock)
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


ON_ITS_WAY: Final = "On its way here"
"""What is said of a box that a carrier brings: there is nothing to do before it comes."""


def _urgency(line: WorkLine) -> tuple[bool, bool, str]:
    """Late, soon, then by the end of the limit; then what is out of storage, then by age."""
    if line.clock is not None:
        return False, False, line.clock.due_at.isoformat()
    return True, not line.is_out, line.since.isoformat() if line.since else ""


def _judged(work: _Context, thing: _Thing) -> WorkLine | None:
    """The line with its next step, or the limit that others have to keep; None for what is neither."""
    line = thing.line
    known = work.known(line.cois[0])
    unit = known[0].unit(thing.unit) if known else None
    if known is None or unit is None:
        return None
    therapy, protocol = known
    step = next_of(work, therapy, protocol, unit)
    if step is None and line.clock is None:
        return None
    handoff = therapy.handoffs.get(unit.handoff or "")
    where = described(work.registry, unit.custodian)
    if unit.handoff is not None and handoff is not None:
        where = f"given to {described(work.registry, handoff.to_party)}"
    if step is None:
        return replace(line, what=line.clock.title if line.clock else "", where=where)
    return replace(line, what=step.title, where=where, kind=step.kind, number=step.number)


def _deviations(work: _Context) -> Iterator[WorkLine]:
    """What quality has to assess or to close here, the oldest first; nobody assesses what they did."""
    if _not_quality(work) is None:
        lines = deviations(work.transaction, work.memory, is_open=True, site=work.station.site)
        for line in itertools.islice(lines, DEVIATIONS_MAX):
            step = _judging_step(work, line) if work.is_about(line.coi) else None
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
        step = protocol.step(kind, None)
        if step is not None and not any(judging_violations(therapy, line.state, kind, work.actor)):
            return step if _is_signed_here(work, therapy, step) else None
    return None


def _excursions(work: _Context) -> Iterator[WorkLine]:
    """What was outside its band and is not assessed, of therapies in which this site has a part."""
    if grant_violation(work.registry, work.actor, ASSESSING, work.station.site, work.now) is not None:
        return
    rows = work.transaction.therapies(limit=ATTENTION_MAX, site=work.station.site, attention=True)
    for row in rows:
        known = work.known(row.coi) if work.is_about(row.coi) else None
        for one in known[0].excursions.values() if known is not None else ():
            if one.decision is None:
                about = one.outside.value.replace("_", " ")
                yield WorkLine(
                    *(row.coi, "therapy", (row.coi,), ASSESS_EXCURSION, about, ExcursionAssessed.kind),
                    since=one.at,
                )


def _is_signed_here(work: _Context, therapy: TherapyState, step: Step) -> bool:
    """Whether this site has the people whose signatures a step needs, or no other site of the therapy has.

    One person of quality closes no deviation alone: it waits at the site where two of them are.
    """
    others = sorted(sites_with_part(therapy) - {work.station.site})
    return _has_signers(work, step, work.station.site, work.actor) or not any(
        _has_signers(work, step, site) for site in others
    )


def _has_signers(work: _Context, step: Step, site: str, actor: str | None = None) -> bool:
    registry = work.registry
    slots = [
        Slot(rule.meaning, frozenset(rule.roles or step.roles), site, None if rule.roles else actor)
        for rule in step.signatures
    ]
    there = [staff for staff, grants in registry.grants.items() if any(one.site == site for one in grants)]
    signers = [SignerReference(staff=staff, meaning=slot.meaning) for slot in slots for staff in there]
    return bool(signers_for(registry, slots, signers, work.now))


def _not_quality(work: _Context) -> Violation | None:
    """Why this person decides over no deviation here."""
    return grant_violation(work.registry, work.actor, {Role.QUALITY}, work.station.site, work.now)


def _attention(work: _Context, listed: set[str]) -> Iterator[WorkLine]:
    """Active therapies of this site with a flag, last, for those whose work is what goes wrong."""
    if grant_violation(work.registry, work.actor, LOOKS_INTO, work.station.site, work.now) is not None:
        return
    rows = calling(
        *(work.transaction, work.decider, work.registry, work.now),
        limit=ATTENTION_MAX,
        site=work.station.site,
        status="active",
    )
    for row in rows:
        if row.coi not in listed and work.is_about(row.coi):
            flags = flags_of(row, work.now)
            yield WorkLine(
                row.coi, "therapy", (row.coi,), "Look into it", "", since=row.updated_at, attention=flags
            )


def _on_their_way(work: _Context) -> Iterator[WorkLine]:
    """The boxes that carriers bring to this site, for those who take them over when they come."""
    protocols = work.decider.protocol
    for one in shipments(
        work.transaction,
        work.memory,
        work.registry,
        lambda sha256: protocols(work.transaction, sha256),
        carrier=None,
        site=work.station.site,
        now=work.now,
    ):
        is_coming = one.leg is Leg.CARRIED and one.destination == work.station.site
        if is_coming and any(map(work.is_about, one.therapies)) and _receives(work, one):
            clock = one.first or one.hold
            thing = f"box, {one.units} inside"
            yield WorkLine(one.box, thing, one.therapies, ON_ITS_WAY, one.holder, clock=clock)


def _receives(work: _Context, one: Shipment) -> bool:
    """Whether this person may take over here what is in the box."""
    known = work.known(one.therapies[0]) if one.therapies else None
    steps = known[1].steps_of(Accepted.kind) if known is not None else ()
    roles = {role for step in steps for role in step.roles} - {Role.COURIER}
    return grant_violation(work.registry, work.actor, roles, work.station.site, work.now) is None


def _to_find(work: _Context, therapy: TherapyState) -> Iterator[WorkLine]:
    """The units here that were taken over from paper and that nobody has scanned where they lie."""
    here = {one.id for one in work.registry.locations.values() if one.site == work.station.site}
    lost = [unit for unit in therapy.open_units() if unit.not_found_yet and unit.location in here]
    if not lost or grant_violation(work.registry, work.actor, WORKING_ROLES, work.station.site, work.now):
        return
    for unit in lost:
        yield WorkLine(
            unit.unit,
            unit.material.value.replace("_", " "),
            (therapy.coi,),
            FOUND_STEP.title,
            described(work.registry, unit.custodian),
            kind=UnitFound.kind,
            number=FOUND_STEP.number,
        )


def next_of(work: _Context, therapy: TherapyState, protocol: Protocol, unit: UnitState) -> NextStep | None:
    """The step that this person would take next with a unit."""
    resolution = Resolution(unit.unit, Found.UNIT, unit.unit, therapy.coi, unit.unit)
    steps = next_steps(
        work.registry, therapy, protocol, resolution, work.actor, work.station, work.now, work.at_bench
    )
    about = (work.registry, therapy, protocol, unit)
    return next_of_unit(steps, *about, actor=work.actor, site=work.station.site, now=work.now)


def coming_up(work: _Context, listed: set[str]) -> tuple[tuple[WorkLine, ...], bool]:
    """What this person can do next with therapies that nobody has in hand here; and whether all were read.

    A patient to be identified, a product to be tested or released, a therapy to be closed.
    """
    rows = work.transaction.therapies(limit=COMING_MAX, site=work.station.site, status="active")
    found: list[WorkLine] = []
    for row in rows:
        known = work.known(row.coi) if work.is_about(row.coi) else None
        if known is not None:
            line = _of_therapy(work, *known, stage=row.stage)
            if line is None and row.coi not in listed:
                line = _of_units(work, *known)
            lines = [*([] if line is None else [line]), *_to_find(work, known[0])]
            found += [replace(one, since=row.updated_at) for one in lines]
    return tuple(reversed(found)), len(rows) < COMING_MAX


def _of_therapy(work: _Context, therapy: TherapyState, protocol: Protocol, *, stage: str) -> WorkLine | None:
    due = _due_of_therapy(work, therapy, protocol)
    waits = due is None and bool(work.at_bench)
    if waits:
        due = _due_of_therapy(replace(work, at_bench=()), therapy, protocol)
    if due is None:
        return None
    title = next((one.title for one in protocol.stages if one.name == stage), "")
    what = f"{due.title}{_AFTER_CLEARING}" if waits else due.title
    return WorkLine(therapy.coi, "therapy", (therapy.coi,), what, title, kind=due.kind, number=due.number)


def _of_units(work: _Context, therapy: TherapyState, protocol: Protocol) -> WorkLine | None:
    """The first unit with a step that brings the therapy on, else one that waits for the bench."""
    line = _first_unit(work, therapy, protocol)
    if line is not None or not work.at_bench:
        return line
    waits = _first_unit(replace(work, at_bench=()), therapy, protocol)
    return None if waits is None else replace(waits, what=f"{waits.what}{_AFTER_CLEARING}")


def _first_unit(work: _Context, therapy: TherapyState, protocol: Protocol) -> WorkLine | None:
    for unit in therapy.units.values():
        step = next_of(work, therapy, protocol, unit) if unit.final is None else None
        asked = protocol.step(step.kind, unit.material) if step else None
        if step is None or asked is None or (asked.optional and not _is_to_be_sent(step, protocol, unit)):
            continue
        where = described(work.registry, unit.custodian)
        material = unit.material.value.replace("_", " ")
        return WorkLine(
            unit.unit, material, (therapy.coi,), step.title, where, kind=step.kind, number=step.number
        )
    return None


def _is_to_be_sent(step: NextStep, protocol: Protocol, unit: UnitState) -> bool:
    """Whether it is fetched from its place to be packed; what is put away is no work otherwise."""
    due = due_step(protocol, unit)
    return step.kind == Retrieved.kind and due is not None and due.kind == Packed.kind


def _due_of_therapy(work: _Context, therapy: TherapyState, protocol: Protocol) -> NextStep | None:
    resolution = Resolution(therapy.coi, Found.COI, therapy.coi, therapy.coi)
    steps = next_steps(
        work.registry, therapy, protocol, resolution, work.actor, work.station, work.now, work.at_bench
    )
    return next_of_therapy(steps, therapy, protocol)


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
