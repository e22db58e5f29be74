"""How collection, manufacture, quality and bedside events change a unit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import partial
from typing import Final

from msgspec.structs import replace

from schema.entry import Statement
from schema.events import Party
from schema.events.processing import (
    Collected,
    CollectionStarted,
    Consumed,
    Cryopreserved,
    Destroyed,
    InfusionCompleted,
    InfusionStopped,
    Manufactured,
    ManufacturingFailed,
    ManufacturingStarted,
    Quarantined,
    QuarantineLifted,
    Rejected,
    Released,
    ReleasedOutOfSpecification,
    ResultsReviewed,
    Retained,
    StartsShelfLife,
    StepPerformed,
    Tested,
    ThawEnded,
    ThawStarted,
)
from schema.vocabulary import Disposition, FailurePath, FinalDisposition, PartyType, TestPhase
from tracker.kinds import kind_of
from tracker.rules.therapy_state import (
    Change,
    Changes,
    FailureState,
    Occurrence,
    ProcessRecord,
    ResultReview,
    TestState,
    TherapyState,
    UnitState,
)


def _collection_started(
    state: TherapyState, statement: Statement, payload: CollectionStarted, _: Occurrence
) -> TherapyState:
    return state.with_changed(
        (payload.unit,), lambda unit: replace(unit, din=payload.din, site=statement.site)
    )


def _collected(
    state: TherapyState, statement: Statement, payload: Collected, occurrence: Occurrence
) -> TherapyState:
    custodian = Party(type=PartyType.PERSON, id=statement.actor)
    volume = Decimal(payload.volume_ml)
    filled = state.with_changed(
        (payload.unit,),
        lambda unit: replace(unit, custodian=custodian, site=statement.site, volume_ml=volume),
    )
    return _expiring(filled, payload, occurrence.event_id)


def _manufactured(
    state: TherapyState, statement: Statement, payload: Manufactured, occurrence: Occurrence
) -> TherapyState:
    holders = [state.units[name].custodian for name in payload.parents if name in state.units]
    custodian = next((party for party in holders if party), Party(type=PartyType.PERSON, id=statement.actor))
    evolved = end_units(state, payload.parents, ended(FinalDisposition.CONSUMED))
    units = dict(evolved.units)
    for child in payload.children:
        known = units.get(child.unit) or UnitState(child.unit, child.material, payload.parents)
        units[child.unit] = replace(
            known,
            material=child.material,
            parents=payload.parents,
            attempt=payload.attempt,
            custodian=custodian,
            site=statement.site,
            volume_ml=None if child.volume_ml is None else Decimal(child.volume_ml),
            cells=None if child.cells is None else Decimal(child.cells),
            component=child.component,
            part=child.part,
            color=child.color,
        )
    return _expiring(replace(evolved, units=units), payload, occurrence.event_id)


HANDED_ON: Final = frozenset(
    {
        *(Collected.kind, Cryopreserved.kind, ManufacturingStarted.kind, Manufactured.kind),
        *(ThawStarted.kind, ThawEnded.kind, Released.kind, ReleasedOutOfSpecification.kind),
    }
)
"""Kinds that say something of the cells and not of their container: they go along into another one.

So do all steps of the process. What somebody compared or scanned on a container is of that container.
"""


def _step_performed(
    state: TherapyState, statement: Statement, payload: StepPerformed, occurrence: Occurrence
) -> TherapyState:
    units = dict(state.units)
    for name in payload.filled:
        sources = [units[one.source] for one in payload.moves if one.target == name and one.source in units]
        if sources and name in units:
            moved = [one.volume_ml for one in payload.moves if one.target == name]
            units[name] = _filled(units[name], sources, moved, payload, statement)
    for one in payload.moves:
        source = units.get(one.source)
        if source is not None and one.volume_ml is not None and source.volume_ml is not None:
            left = max(source.volume_ml - Decimal(one.volume_ml), Decimal(0))
            units[one.source] = replace(source, volume_ml=left)
    record = ProcessRecord(
        event_id=occurrence.event_id,
        sequence=occurrence.sequence,
        step=payload.step,
        attempt=payload.attempt,
        units=payload.units,
        filled=payload.filled,
        started_at=payload.started_at,
        ended_at=payload.ended_at,
        actor=statement.actor,
        site=statement.site,
        bench=payload.bench,
        instruments=payload.instruments,
        lots=tuple(one.lot for one in payload.lots),
        measured={one.measure: one.value for one in payload.measured},
    )
    evolved = replace(state, units=units, process=(*state.process, record))
    emptied = [one.source for one in payload.moves if one.empties]
    return end_units(evolved, emptied, ended(FinalDisposition.CONSUMED)) if emptied else evolved


def _filled(
    unit: UnitState,
    sources: Sequence[UnitState],
    moved: Sequence[str | None],
    payload: StepPerformed,
    statement: Statement,
) -> UnitState:
    """A container with what went into it: whose cells, since when, by whose word, until when."""
    handed = {
        fact: occurrence
        for source in sources
        for fact, occurrence in source.facts.items()
        if fact in HANDED_ON or kind_of(fact) == StepPerformed.kind
    }
    holder = next((one.custodian for one in sources if one.custodian is not None), None)
    volumes = [Decimal(one) for one in moved if one is not None]
    before = unit.volume_ml or Decimal(0)
    ends = [(one.expires_at, one.expires_by) for one in (unit, *sources) if one.expires_at is not None]
    until, said_by = min(ends, default=(None, None), key=lambda one: one[0])
    said = {one.disposition for one in sources}
    return replace(
        unit,
        parents=tuple(dict.fromkeys((*unit.parents, *(one.unit for one in sources)))),
        attempt=payload.attempt,
        facts={**handed, **unit.facts},
        custodian=holder or Party(type=PartyType.PERSON, id=statement.actor),
        site=statement.site,
        quarantined=unit.quarantined or any(one.quarantined for one in sources),
        disposition=said.pop() if len(said) == 1 else unit.disposition,
        volume_ml=before + sum(volumes) if len(volumes) == len(moved) else None,
        expires_at=until,
        expires_by=said_by,
    )


def _cryopreserved(
    state: TherapyState, _: Statement, payload: Cryopreserved, occurrence: Occurrence
) -> TherapyState:
    return _expiring(state, payload, occurrence.event_id)


def _expiring(state: TherapyState, payload: StartsShelfLife, event_id: str) -> TherapyState:
    """The state with the shelf lives that an event starts."""
    for one in payload.expires:
        change = partial(replace, expires_at=one.expires_at, expires_by=event_id)
        state = state.with_changed((one.unit,), change)
    return state


def ended(final: FinalDisposition) -> Change:
    """The change that ends a unit: it has no custodian, place or box."""
    return lambda unit: replace(
        unit, final=final, custodian=None, location=None, position=None, box=None, handoff=None
    )


def end_units(state: TherapyState, units: Iterable[str], change: Change) -> TherapyState:
    """The state with units at their end; a handoff without any unit left is dropped."""
    return state.with_changed(units, change).without_idle_handoffs()


def _failed(
    state: TherapyState, _: Statement, payload: ManufacturingFailed, occurrence: Occurrence
) -> TherapyState:
    failure = FailureState(
        payload.attempt, occurrence, payload.cause, payload.path, payload.units, payload.kept
    )
    # What is booked leads from a collection to an infusion: of another collection nothing is booked yet.
    plan = None if payload.path is FailurePath.RECOLLECT else state.plan
    return replace(state, failures={**state.failures, payload.attempt: failure}, plan=plan)


def _tested(
    state: TherapyState, statement: Statement, payload: Tested, occurrence: Occurrence
) -> TherapyState:
    standing = TestState(
        payload.result, occurrence, occurrence.sequence, performers=frozenset({statement.actor})
    )
    first = state.tests.get((payload.attempt, payload.test))
    if first is not None and payload.phase is not TestPhase.FIRST:
        standing = replace(first, retests=(*first.retests, standing))
    return replace(state, tests={**state.tests, (payload.attempt, payload.test): standing})


def _reviewed(
    state: TherapyState, _: Statement, payload: ResultsReviewed, occurrence: Occurrence
) -> TherapyState:
    said = ResultReview(payload.verdict, occurrence)

    def change(result: TestState) -> TestState:
        if result.occurrence.event_id not in payload.about:
            return result
        return replace(result, reviews=(*result.reviews, said))

    return replace(state, tests={name: test.with_each(change) for name, test in state.tests.items()})


def _disposition(disposition: Disposition) -> Callable[..., TherapyState]:
    def handler(state: TherapyState, _: Statement, payload: Released, __: Occurrence) -> TherapyState:
        return state.with_changed(payload.units, lambda unit: replace(unit, disposition=disposition))

    return handler


def _release(disposition: Disposition) -> Callable[..., TherapyState]:
    change = _disposition(disposition)

    def handler(state: TherapyState, statement: Statement, payload: Released, at: Occurrence) -> TherapyState:
        released = replace(state, releases=(*state.releases, at.event_id))
        return change(released, statement, payload, at)

    return handler


def _quarantine(*, quarantined: bool) -> Callable[..., TherapyState]:
    def handler(state: TherapyState, _: Statement, payload: Quarantined, __: Occurrence) -> TherapyState:
        return state.with_changed(payload.units, lambda unit: replace(unit, quarantined=quarantined))

    return handler


def _infused(
    state: TherapyState, _: Statement, payload: InfusionStopped | InfusionCompleted, __: Occurrence
) -> TherapyState:
    infused = Decimal(payload.infused_ml)

    def change(unit: UnitState) -> UnitState:
        return replace(ended(FinalDisposition.INFUSED)(unit), infused_ml=infused)

    return end_units(state, payload.units, change)


def _destroyed(state: TherapyState, _: Statement, payload: Destroyed, __: Occurrence) -> TherapyState:
    def change(unit: UnitState) -> UnitState:
        if unit.final is FinalDisposition.INFUSED:
            return replace(unit, remainder_destroyed=True)
        return ended(FinalDisposition.DESTROYED)(unit)

    return end_units(state, payload.units, change)


def _final(final: FinalDisposition) -> Callable[..., TherapyState]:
    def handler(state: TherapyState, _: Statement, payload: Consumed, __: Occurrence) -> TherapyState:
        return end_units(state, payload.units, ended(final))

    return handler


CHANGES: Final[Changes] = {
    CollectionStarted: _collection_started,
    Collected: _collected,
    Cryopreserved: _cryopreserved,
    StepPerformed: _step_performed,
    Manufactured: _manufactured,
    ManufacturingFailed: _failed,
    Tested: _tested,
    ResultsReviewed: _reviewed,
    Released: _release(Disposition.RELEASED),
    ReleasedOutOfSpecification: _release(Disposition.RELEASED_OUT_OF_SPECIFICATION),
    Rejected: _disposition(Disposition.REJECTED),
    Quarantined: _quarantine(quarantined=True),
    QuarantineLifted: _quarantine(quarantined=False),
    InfusionStopped: _infused,
    InfusionCompleted: _infused,
    Destroyed: _destroyed,
    Consumed: _final(FinalDisposition.CONSUMED),
    Retained: _final(FinalDisposition.RETAINED),
}
