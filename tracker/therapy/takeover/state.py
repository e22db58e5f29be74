"""What paper says of a therapy's time before cartrail, and what it is worth once a unit is found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from schema.entry import Statement
from schema.events import Party
from schema.events import takeover as events
from schema.events.identity import CodeAdopted
from schema.events.processing import Quarantined
from schema.vocabulary import Disposition, PartyType
from tracker.rules.therapy_state import Changes, Occurrence, TestState, TherapyState, UnitState

DISPOSITIONS: Final[Mapping[str, Disposition]] = {
    "released": Disposition.RELEASED,
    "released_out_of_specification": Disposition.RELEASED_OUT_OF_SPECIFICATION,
    "rejected": Disposition.REJECTED,
}


def imported(state: TherapyState, payload: events.TherapyImported, occurrence: Occurrence) -> TherapyState:
    """The state with what paper says of the time before cartrail, each step at the time it really had."""
    units = {one.unit: _before(one, occurrence) for one in payload.containers}
    tests = {
        (one.attempt, one.test): TestState(
            one.result,
            replace(occurrence, at=one.at),
            occurrence.sequence,
            performers=frozenset({occurrence.actor}),
        )
        for one in payload.results
    }
    steps = [*payload.steps, *(step for one in payload.containers for step in one.steps)]
    newest = max(steps, key=lambda one: one.at, default=None)
    tested = max((one.at for one in payload.results), default=None)
    facts = {**state.facts, **_facts(payload.steps, occurrence)}
    if tested is not None:
        facts["tested"] = replace(occurrence, at=tested)
    return replace(
        state,
        facts=facts,
        units={**state.units, **units},
        tests={**state.tests, **tests},
        last_kind=state.last_kind if newest is None else newest.step,
    )


def _before(one: events.ContainerBefore, occurrence: Occurrence) -> UnitState:
    facts = _facts(one.steps, occurrence)
    decided = next((DISPOSITIONS[step] for step in facts if step in DISPOSITIONS), Disposition.PENDING)
    place = None if one.final is not None else one.location
    carrier = None if one.final is not None else one.carrier
    if one.quarantined is not None:
        facts[Quarantined.kind] = occurrence
    if one.codes:
        facts[CodeAdopted.kind] = occurrence
    return UnitState(
        one.unit,
        one.material,
        one.parents,
        attempt=one.attempt,
        facts={**facts, events.TherapyImported.kind: occurrence},
        custodian=_holder(place, carrier),
        location=place,
        box=None if carrier is None else one.box,
        cassette=one.cassette,
        quarantined=one.quarantined is not None,
        disposition=decided,
        final=one.final,
        volume_ml=None if one.volume_ml is None else Decimal(one.volume_ml),
        adopted=one.codes,
        expires_at=one.expires_at,
        expires_by=None if one.expires_at is None else occurrence.event_id,
    )


def _holder(place: str | None, carrier: str | None) -> Party | None:
    """Who answers for it until it is found: the place where it lies, or who carries it."""
    if carrier is not None:
        return Party(type=PartyType.CARRIER, id=carrier)
    return None if place is None else Party(type=PartyType.LOCATION, id=place)


def _facts(steps: Iterable[events.StepBefore], occurrence: Occurrence) -> dict[str, Occurrence]:
    """The last time of each kind, the newest first: in one entry only their times order them."""
    found: dict[str, Occurrence] = {}
    for step in sorted(steps, key=lambda one: one.at, reverse=True):
        found.setdefault(step.step, replace(occurrence, at=step.at))
    return found


def _imported(
    state: TherapyState, _: Statement, payload: events.TherapyImported, occurrence: Occurrence
) -> TherapyState:
    return imported(state, payload, occurrence)


def _found(
    state: TherapyState, statement: Statement, payload: events.UnitFound, _: Occurrence
) -> TherapyState:
    custodian = Party(type=PartyType.LOCATION, id=payload.location)
    return state.with_changed(
        payload.units,
        lambda unit: replace(
            unit,
            custodian=custodian,
            location=payload.location,
            position=None,
            site=statement.site,
            box=None,
        ),
    )


CHANGES: Final[Changes] = {
    events.TherapyImported: _imported,
    events.UnitFound: _found,
}
