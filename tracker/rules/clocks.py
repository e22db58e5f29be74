"""The limits that run for the units of a therapy, by its protocol; no clock is read here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct

from schema.events.custody import Accepted, Packed, Relinquished
from schema.events.processing import LymphodepletionStarted
from schema.vocabulary import Material, PartyType
from tracker.protocols.model import Limit, Protocol
from tracker.rules.therapy_state import Occurrence, TherapyState, UnitState

SHELF_LIFE: Final = "shelf_life"
DRAWN: Final = (Material.SYRINGE,)
"""Materials that are the same cells in another vessel, drawn to be given."""

OF_THE_PATIENT: Final = frozenset({LymphodepletionStarted.kind})
"""What is done to the patient: a limit that begins with it says nothing of how long cells keep."""

BEFORE_THE_ROAD: Final = frozenset({Packed.kind, Relinquished.kind, Accepted.kind})
"""What can end a limit of cells that still wait for their carrier."""

Facts = Mapping[str, Occurrence]
"""The last occurrence of each kind of step."""

HOLD = "hold_time"
"""The clock of a box; all others are limits of the protocol or forms that are out."""


class RunningClock(Struct, frozen=True):
    """A limit that runs for a unit, from when it began to when it ends."""

    name: str
    title: str
    unit: str
    began_at: datetime | None
    """None of a shelf life that was only read off a label: nobody knows how much of it is used."""

    due_at: datetime
    until: str
    """The kind of the step that stops it; empty for a shelf life, which nothing stops."""


class Arrival(Struct, frozen=True):
    """When a carrier is expected at a door with what it has, by the newest estimate."""

    site: str
    at: datetime
    told_at: datetime


def late_arrival(state: TherapyState, clock: RunningClock) -> Arrival | None:
    """The arrival that is expected only after a limit of what travels; None where the limit can be kept.

    Whatever ends it is done at the site that the box goes to.
    """
    unit = state.unit(clock.unit)
    arrival = None if unit is None else _arrival(state, unit)
    if unit is None or arrival is None or arrival.at <= clock.due_at:
        return None
    is_carried = unit.custodian is not None and unit.custodian.type is PartyType.CARRIER
    waits = not is_carried and not BEFORE_THE_ROAD.isdisjoint(clock.until.split("|"))
    return None if waits else arrival


def _arrival(state: TherapyState, unit: UnitState) -> Arrival | None:
    """When a box on its way, or that waits for its carrier, is expected; None where nobody has said it."""
    shipment = None if unit.box is None else state.shipments.get(unit.shipment or "")
    if shipment is None or not shipment.estimates:
        return None
    is_carried = unit.custodian is not None and unit.custodian.type is PartyType.CARRIER
    told = shipment.estimates[-1]
    if (unit.has_travelled and not is_carried) or told.estimated_delivery is None:
        return None
    _, site = state.boxes_carrier.get(unit.box or "", ("", ""))
    return Arrival(site, told.estimated_delivery, told.at)


def running_clocks(state: TherapyState, protocol: Protocol | None) -> Iterator[RunningClock]:
    """The limits whose start is past and whose end is not, and the forms that are out."""
    for form in state.forms.values():
        if form.is_out:
            title = "Downtime form to come back"
            yield RunningClock("paper_entry", title, form.form, form.issued_at, form.due_at, "paper_attached")
    yield from _boxes(state)
    if protocol is None or state.status.value != "active":
        return
    of_the_patient, told = _of_the_patient(protocol), set[str]()
    for unit in state.open_units():
        for clock in limits_of(state, protocol, unit):
            # What runs for the patient runs once, however many bags wait for it.
            if clock.name not in told:
                yield clock
            told.update({clock.name} & of_the_patient)


def limits_of(state: TherapyState, protocol: Protocol, unit: UnitState) -> Iterator[RunningClock]:
    """The limits that run for one unit."""
    for limit, start in running_limits(state, protocol, unit):
        ends = start.at + limit.within
        yield RunningClock(limit.name, limit.title, unit.unit, start.at, ends, limit.until)


def running_limits(
    state: TherapyState, protocol: Protocol, unit: UnitState
) -> Iterator[tuple[Limit, Occurrence]]:
    """The limits that run for one unit, each with what started it."""
    for limit in protocol.limits:
        if limit.materials and unit.material not in limit.materials:
            continue
        start = clock_start(state, unit, limit)
        if start is not None and not has_ended(unit, limit, start):
            yield limit, start


def judged_by(
    state: TherapyState, protocol: Protocol, kind: str, unit: UnitState | None
) -> Iterator[tuple[Limit, Occurrence]]:
    """The limits that a step ends or may not begin beyond, with when each began; whether kept or not."""
    if kind == Relinquished.kind and unit is not None and unit.quarantined:
        # What is in quarantine is handed on to where it is kept or destroyed.
        return
    for limit in protocol.limits_until(kind, None if unit is None else unit.material):
        start = clock_start(state, unit, limit)
        if start is not None and not (unit is not None and has_ended(unit, limit, start)):
            yield limit, start


def has_ended(unit: UnitState, limit: Limit, start: Occurrence) -> bool:
    """Whether a step has ended the limit since it began."""
    began = _key(start)
    for kind in limit.ends:
        fact = unit.facts.get(kind)
        if fact is not None and _key(fact) >= began:
            return True
    return False


def passed_limits(state: TherapyState, protocol: Protocol, unit: UnitState) -> Iterator[Limit]:
    """The limits beyond which the unit took a step that had to come within them."""
    for limit in protocol.limits:
        start = clock_start(state, unit, limit)
        if start is None or (limit.materials and unit.material not in limit.materials):
            continue
        # What first ends it ends it for good; a step that had to come within it counts until then.
        end = min(_after(start, unit, limit.ends), key=_key, default=None)
        guarded = _after(start, unit, limit.guards)
        steps = [step for step in guarded if end is None or _key(step) < _key(end)]
        if any(step.at - start.at > limit.within for step in (*steps, *filter(None, (end,)))):
            yield limit


def _after(start: Occurrence, unit: UnitState, kinds: tuple[str, ...]) -> Iterator[Occurrence]:
    for fact in filter(None, map(unit.facts.get, kinds)):
        if _key(fact) >= _key(start):
            yield fact


def clock_start(state: TherapyState, unit: UnitState | None, limit: Limit) -> Occurrence | None:
    """When a limit began: at the later of its starts, or with what a child was filled from.

    None before it began, and once a step has cleared it.
    """
    own = _began(state.facts if unit is None else unit.facts, state.facts, limit)
    if unit is None or not limit.inherit:
        return own
    parents = (state.unit(name) for name in unit.parents)
    handed_on = (clock_start(state, one, limit) for one in parents if one and _hands_on(one, limit))
    starts = [start for start in handed_on if start is not None and not _is_cleared(start, unit.facts, limit)]
    return min((*starts, *((own,) if own else ())), key=_key, default=None)


def _hands_on(parent: UnitState, limit: Limit) -> bool:
    """Whether its start is that of what was filled from it.

    What cells are made from was taken out of storage too, weeks before: a product begins anew with its own
    removal, unless the limit is about what it was made from as well.
    """
    made_from = parent.material in (Material.LEUKAPHERESIS, Material.IN_PROCESS)
    return not made_from or not limit.materials or parent.material in limit.materials


def _is_cleared(start: Occurrence, facts: Facts, limit: Limit) -> bool:
    """Whether a step has stopped the limit since it began."""
    return any(_key(facts[name]) > _key(start) for name in limit.cleared_by if name in facts)


def _began(own: Facts, of_therapy: Facts, limit: Limit) -> Occurrence | None:
    """When it began by the facts of a unit; where it has none of a kind, by those of its therapy."""
    start: Occurrence | None = None
    for name in limit.starts:
        fact = own.get(name) or of_therapy.get(name)
        if fact is not None and (start is None or _key(fact) > _key(start)):
            start = fact
    if start is None:
        return None
    for name in limit.cleared_by:
        fact = own.get(name) or of_therapy.get(name)
        if fact is not None and _key(fact) > _key(start):
            return None
    return start


def _key(fact: Occurrence) -> tuple[datetime, int]:
    return fact.at, fact.sequence


def shelf_life(unit: UnitState) -> Iterator[RunningClock]:
    """The end of a unit's shelf life as one more clock; none while it is not known."""
    if unit.expires_at is not None:
        began = (fact.at for fact in unit.facts.values() if fact.event_id == unit.expires_by)
        yield RunningClock(SHELF_LIFE, "Shelf life", unit.unit, next(began, None), unit.expires_at, "")


def use_by(state: TherapyState, protocol: Protocol, unit: UnitState) -> RunningClock | None:
    """What ends first of everything that runs for a unit and for what it was filled from; None without any.

    A limit that ends where the shelf life begins is left out: cells have two days until they are frozen, and
    what is printed on their cassette by then stands on it for months. So is one that runs for the patient. A
    syringe can be used no longer than the vial it was drawn from, whatever the limits say of syringes.
    """
    container = protocol.container(unit.material)
    begins = None if container is None else container.shelf_life_from
    beside = _of_the_patient(protocol)
    running = (
        one for one in limits_of(state, protocol, unit) if one.until != begins and one.name not in beside
    )
    found = [*running, *shelf_life(unit)]
    for name in unit.parents if unit.material in DRAWN else ():
        parent = state.unit(name)
        first = None if parent is None else use_by(state, protocol, parent)
        found += [] if first is None else [first]
    return min(found, key=lambda clock: clock.due_at, default=None)


def _of_the_patient(protocol: Protocol) -> frozenset[str]:
    """The limits that begin with what was done to the patient."""
    return frozenset(one.name for one in protocol.limits if not OF_THE_PATIENT.isdisjoint(one.starts))


def _boxes(state: TherapyState) -> Iterator[RunningClock]:
    """For how long each closed box that holds units of the therapy keeps its temperature."""
    for box, hold in state.boxes_hold.items():
        inside = min((unit.unit for unit in state.in_box(box)), default=None)
        if inside is not None:
            title = "Hold time of the shipper"
            yield RunningClock(HOLD, title, inside, hold.since, hold.until, "inspected")
