"""A line of work, and the step that one person would take next with a unit or a therapy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from schema.events.custody import Accepted, Inspected, Relinquished, Stored
from schema.events.identity import Closed
from schema.events.processing import Released, Tested
from schema.vocabulary import Disposition
from tracker.acts.deciding import Decider
from tracker.acts.state_cache import StateCache
from tracker.kinds import Moves, moves_of
from tracker.ledger.transaction import Transaction
from tracker.protocols.model import Protocol
from tracker.rules.checks.unit import RELEASES
from tracker.rules.custodians import described, stands_for
from tracker.rules.registry_state import RegistryState, Station
from tracker.rules.situation import Found, Occupant, Resolution
from tracker.rules.therapy_state import TherapyState, UnitState
from tracker.therapy.making.quality import failed_tests, pending_tests
from tracker.views.models import NextStep, WorkLine
from tracker.views.next_steps import in_question, next_steps

COMING_MAX: Final = 40
"""Therapies that are read for what comes up without a unit in anybody's hands, the last changed first."""


@dataclass(frozen=True, slots=True)
class Work:
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


def next_of(work: Work, therapy: TherapyState, protocol: Protocol, unit: UnitState) -> NextStep | None:
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
        rank = 0 if one.kind == Accepted.kind else 2 if step.optional else 1
        found.append((rank, number, one))
    return min(found, key=lambda item: item[:2])[2] if found else None


def _box_kinds(work: Work, therapy: TherapyState, unit: UnitState) -> tuple[str, ...]:
    """What is done with a closed box next: taken over, opened where it was sent to, else handed on."""
    if unit.handoff is not None:
        return (Accepted.kind,)
    planned = therapy.boxes_carrier.get(unit.box or "")
    if unit.has_travelled and planned is not None and planned[1] == work.station.site:
        return (Inspected.kind, Relinquished.kind)
    return (Relinquished.kind,)


def coming_up(work: Work, listed: set[str]) -> tuple[tuple[WorkLine, ...], bool]:
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


def _of_therapy(work: Work, therapy: TherapyState, protocol: Protocol, *, stage: str) -> WorkLine | None:
    due = _due_of_therapy(work, therapy, protocol)
    if due is None:
        return None
    title = next((one.title for one in protocol.stages if one.name == stage), "")
    return WorkLine(therapy.coi, "therapy", (therapy.coi,), due.title, title, kind=due.kind)


def _of_units(work: Work, therapy: TherapyState, protocol: Protocol) -> WorkLine | None:
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
        return WorkLine(unit.unit, material, (therapy.coi,), step.title, where, kind=step.kind)
    return None


def _is_ripe(kind: str, therapy: TherapyState, protocol: Protocol, unit: UnitState) -> bool:
    """Whether a release is to be decided: every result is there, and it says which of the two releases."""
    if kind not in RELEASES:
        return True
    if unit.disposition is not Disposition.PENDING or pending_tests(therapy, protocol):
        return False
    return bool(failed_tests(therapy, protocol)) is (kind != Released.kind)


def _due_of_therapy(work: Work, therapy: TherapyState, protocol: Protocol) -> NextStep | None:
    """The first step about the therapy as a whole that this person may take and nobody took yet."""
    resolution = Resolution(therapy.coi, Found.COI, therapy.coi, therapy.coi)
    done = {*therapy.facts, *(kind for unit in therapy.units.values() for kind in unit.facts)}
    if pending_tests(therapy, protocol):
        done.discard(Tested.kind)
    if not therapy.units or any(unit.final is None for unit in therapy.units.values()):
        done.add(Closed.kind)  # allowed to be asked for at any time, due only at the end
    steps = next_steps(
        work.registry, therapy, protocol, resolution, work.actor, work.station, work.now, work.at_bench
    )
    for one in steps:
        asked = protocol.step(one.kind, None)
        if one.possible and one.kind not in done and asked is not None and not asked.optional:
            return one
    return None
