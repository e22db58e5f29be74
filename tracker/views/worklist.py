"""What waits at a site for the person at a station, the most urgent first; only what is in motion is read."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import orjson

from schema.instants import parse_instant
from schema.tables import UnitRow
from tracker.acts.benches import occupants
from tracker.acts.deciding import Decider
from tracker.acts.state_cache import StateCache
from tracker.kinds import Moves, moves_of
from tracker.ledger.transaction import Transaction
from tracker.rules.custodians import described, party_site
from tracker.rules.registry_state import RegistryState, Station
from tracker.views.models import DueClock, WorkLine, Worklist
from tracker.views.work import Work, coming_up, next_of

UNITS_READ_MAX: Final = 500
"""More than anybody has in their hands at one site; beyond it the list says that it is not whole."""

JUDGED_MAX: Final = 200
"""Things for which the rules are asked at once; a page of them takes a blink, a warehouse would not."""

SHOWN_MAX: Final = 60
"""Lines of one list: more than the largest screen."""

ATTENTION_MAX: Final = 20


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
    work = Work(transaction, memory, decider, registry, station, actor, now, at_bench)
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
    return Worklist((*kept, *coming, *_attention(work, listed)), is_whole and all_read)


def _given_to_us(work: Work) -> list[UnitRow]:
    """Units that somebody handed over to a part of this site."""
    found = []
    for row in work.transaction.units_handed_over(limit=UNITS_READ_MAX):
        known = work.memory.therapy(work.transaction, row.coi)
        handoff = known.state.handoffs.get(row.handoff or "") if known else None
        if handoff is not None and party_site(work.registry, handoff.to_party) == work.station.site:
            found.append(row)
    return found


def _grouped(work: Work, rows: list[UnitRow]) -> Iterator[_Thing]:
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


def _judged(work: Work, thing: _Thing) -> WorkLine | None:
    """The line with its next step; None for what neither runs out nor is this person's to do."""
    line = thing.line
    known = work.known(line.cois[0])
    unit = known[0].unit(thing.unit) if known else None
    if known is None or unit is None:
        return None
    therapy, protocol = known
    step = next_of(work, therapy, protocol, unit)
    hold = therapy.boxes_hold.get(unit.box or "")
    clocks = [line.clock] if line.clock else []
    if hold is not None:
        clocks.append(DueClock("Hold time of the shipper", unit.unit, hold))
    clock = min(clocks, key=lambda one: one.due_at, default=None)
    handoff = therapy.handoffs.get(unit.handoff or "")
    ours = handoff is not None and party_site(work.registry, handoff.to_party) == work.station.site
    if step is None and clock is None and not ours:
        return None
    where = described(work.registry, unit.custodian)
    if unit.handoff is not None and handoff is not None:
        where = f"given to {described(work.registry, handoff.to_party)}"
    what = step.title if step else "Take over" if ours else clock.title if clock else ""
    return replace(line, what=what, where=where, kind=step.kind if step else "", clock=clock)


def _attention(work: Work, listed: set[str]) -> Iterator[WorkLine]:
    """Active therapies of this site with a flag, last, for those who have time to look."""
    rows = work.transaction.therapies(
        limit=ATTENTION_MAX, site=work.station.site, status="active", attention=True
    )
    for row in rows:
        if row.coi not in listed and row.attention:
            yield WorkLine(
                row.coi, "therapy", (row.coi,), "Look", "", since=row.updated_at, attention=row.attention
            )
