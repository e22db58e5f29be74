"""What a scanned code is and what can be done with it here: one question to the store, one value back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from schema.errors import InputError
from schema.vocabulary import EquipmentType, PartyType, ReadMode
from tracker.values import (
    BEFORE_THERAPY,
    EQUIPMENT_STEPS,
    FOUND_STEP,
    STEP_KINDS,
    DueClock,
    EquipmentLine,
    Found,
    Handoff,
    HandoffState,
    Lookup,
    NextStep,
    Protocol,
    RegistryState,
    Step,
    TherapyState,
    UnitState,
    Violation,
    by_code_of_box,
    grant_violation,
    in_question,
    running_clocks,
    shelf_life,
)
from tui.framing import RawScan
from tui.language import tr
from tui.session import TerminalSession

HANDOVER_KINDS = frozenset({"relinquished", "accepted", "partly_accepted"})
"""Kinds that the handoff screen takes, both sides of it."""

HELD_SHOWN_MAX = 4


@dataclass(frozen=True, slots=True)
class Offer:
    """A step for what was scanned: possible here and now, or why not."""

    kind: str
    request: str
    title: str
    step: Step | None = None
    violation: Violation | None = None
    number: int | None = None
    """By which people name it; None for what is opened by a key alone."""

    is_next: bool = False
    """Whether it is the step to take now; it stands first and alone."""

    reason: str = ""
    """Why not now, in a few words; empty where the rule's own sentence has to say it."""

    @property
    def possible(self) -> bool:
        """Whether nothing stands in its way."""
        return self.violation is None


@dataclass(frozen=True, slots=True)
class ScannedThing:
    """What a person scanned, and everything a screen says about it."""

    scan: RawScan
    lookup: Lookup
    registry: RegistryState
    offers: tuple[Offer, ...] = ()
    clocks: tuple[DueClock, ...] = ()
    held: tuple[tuple[TherapyState, UnitState], ...] = ()
    """The units in a box, or the first ones at a location, each with its therapy."""

    more: int = 0
    """How many more there are at a location."""

    equipment: EquipmentLine | None = None
    """A box, shipper or logger as it stands now."""

    due: str = ""
    """The kind of step for which it was chosen from a list; empty when it was scanned."""

    @property
    def therapy(self) -> TherapyState | None:
        """The therapy it belongs to; of a box the first one's."""
        return self.lookup.therapy or (self.held[0][0] if self.held else None)

    @property
    def therapies(self) -> tuple[str, ...]:
        """The codes of all therapies it belongs to; of a location those that were read."""
        own = self.lookup.therapy
        found = (own,) if own is not None else (therapy for therapy, _ in self.held)
        return tuple(dict.fromkeys(one.coi for one in found))

    @property
    def unit(self) -> UnitState | None:
        """The unit that was scanned."""
        return self.lookup.unit

    @property
    def found(self) -> Found:
        """What kind of code it is."""
        return self.lookup.resolution.found

    @property
    def object_id(self) -> str | None:
        """The id of the object that was scanned."""
        return self.lookup.resolution.object_id

    @property
    def seal(self) -> str | None:
        """The seal a box was closed with, by the record."""
        therapy = self.therapy
        return therapy.seals.get(self.object_id or "") if therapy and self.found is Found.BOX else None

    @property
    def handoff(self) -> HandoffState | None:
        """The giver's statement that waits for an answer."""
        units = [self.unit] if self.unit else [unit for _, unit in self.held]
        therapy = self.therapy
        names = {unit.handoff for unit in units if unit.handoff}
        return therapy.handoffs.get(names.pop()) if therapy and len(names) == 1 else None

    def numbered(self, number: int) -> Offer | None:
        """The step of a number, possible or not."""
        return next((one for one in self.offers if one.number == number), None)

    def offer(self, *kinds: str) -> Offer | None:
        """The first possible step of these kinds."""
        return next((one for one in self.offers if one.kind in kinds and one.possible), None)


def look(session: TerminalSession, scan: RawScan, *, due: str = "") -> ScannedThing:
    """What a code is and what this person can do with it here; raises BadCode for one that was misread.

    The step that is `due` comes first, where it can be taken.
    """
    subject = _looked_at(session, scan)
    possible = [offer for offer in subject.offers if offer.possible]
    wanted = [one for one in possible if one.kind == due] or [one for one in possible if one.is_next]
    first = next(iter(wanted), None)
    is_of_units = subject.unit is not None or subject.lookup.therapy is not None
    if first is None and not is_of_units and (not subject.held or subject.found is Found.LOCATION):
        # Of what is in a box only the protocol says what comes next: sending it elsewhere never does.
        first = next(iter(possible), None)
    others = [replace(one, is_next=False) for one in subject.offers if one is not first]
    offers = (*(() if first is None else (replace(first, is_next=True),)), *others)
    return replace(subject, offers=offers, due=due)


def _looked_at(session: TerminalSession, scan: RawScan) -> ScannedThing:
    lookup = session.tracker.read.lookup(code=scan.text)
    subject = ScannedThing(scan, lookup, session.registry)
    if subject.found in (Found.BOX, Found.DATA_LOGGER, Found.INSTRUMENT):
        line = session.tracker.read.equipment_line(equipment=subject.object_id or "")
        subject = replace(subject, equipment=line)
    if subject.found in (Found.DATA_LOGGER, Found.INSTRUMENT):
        return replace(subject, offers=_serviced(subject))
    if subject.found is Found.BOX:
        return _box(session, subject)
    if subject.found is Found.SHIPMENT:
        box = _travels_in(session, scan)
        return subject if box is None else _looked_at(session, by_id(box))
    if subject.found is Found.LOCATION:
        return _location(session, subject)
    if lookup.therapy is None:
        return subject
    offers = (*_found(session, lookup.unit), *_unit_offers(_steps(session, scan.text), lookup))
    clocks = _clocks(lookup.therapy, lookup.protocol, lookup.unit)
    return replace(subject, offers=offers, clocks=clocks)


def _travels_in(session: TerminalSession, scan: RawScan) -> str | None:
    """The box of a shipment that is under way, where its waybill or SSCC was scanned off the outside."""
    try:
        line = session.tracker.read.shipment(code=scan.text)
    except InputError:
        return None
    return line.box if line.status == "packed" and line.box else None


def _steps(session: TerminalSession, code: str) -> tuple[NextStep, ...]:
    if not session.is_open:
        return ()
    return session.tracker.read.next_steps(code=code, actor=session.staff, station=session.station.id)


def _found(session: TerminalSession, *units: UnitState | None) -> tuple[Offer, ...]:
    """What is done with units that are known from paper alone, where there is one among these."""
    waits = any(unit is not None and unit.not_found_yet and unit.final is None for unit in units)
    if not waits or not session.is_open:
        return ()
    return (Offer("unit_found", "find_units", tr(FOUND_STEP.title), number=FOUND_STEP.number, is_next=True),)


def _unit_offers(steps: Iterable[NextStep], lookup: Lookup) -> Iterator[Offer]:
    unit = lookup.unit
    for one in steps:
        if in_question(one.kind, unit):
            yield _offer(one, lookup.protocol, unit)


def _offer(one: NextStep, protocol: Protocol | None, unit: UnitState | None) -> Offer:
    step = None
    if protocol is not None:
        same = [step for step in protocol.steps_of(one.kind) if step.title == one.title]
        step = protocol.step(one.kind, unit.material) if unit else same[0] if same else None
    return Offer(
        one.kind,
        one.request,
        one.title,
        step,
        one.violation,
        one.number,
        is_next=one.is_next,
        reason=one.reason,
    )


def _before_therapy(kind: str, request: str, title: str, violation: Violation | None = None) -> Offer:
    """What is offered for a box or a place before it is known which therapy it is of."""
    return Offer(kind, request, title, violation=violation, number=BEFORE_THERAPY[kind])


def _equipment(kind: str, request: str, violation: Violation | None = None) -> Offer:
    """What is done to a box, shipper or logger itself."""
    step = EQUIPMENT_STEPS[kind]
    return Offer(kind, request, step.title, violation=violation, number=step.number)


def _clocks(therapy: TherapyState, protocol: Protocol | None, unit: UnitState | None) -> tuple[DueClock, ...]:
    return tuple(
        DueClock.of(clock)
        for clock in (*running_clocks(therapy, protocol), *(() if unit is None else shelf_life(unit)))
        if unit is None or clock.unit == unit.unit
    )


def _box(session: TerminalSession, subject: ScannedThing) -> ScannedThing:
    box = subject.object_id or ""
    held = tuple(_held(session, (row.unit for row in session.tracker.read.units_in_box(box=box))))
    if not held:
        unfit = session.tracker.read.unfit_to_pack(equipment=box, station=session.station.id)
        offers = (*_empty_box(subject.registry, box, unfit), *_serviced(subject))
        return replace(subject, offers=offers)
    therapy, unit = held[0]
    protocol = _protocol(session, therapy)
    planned = therapy.boxes_carrier.get(box)
    has_arrived = planned is not None and planned[1] == session.station.site
    order = sorted(by_code_of_box(), key=lambda kind: has_arrived and kind != "inspected")
    steps = [
        one
        for one in _steps(session, unit.unit)
        if one.kind in order
        and (unit.handoff or STEP_KINDS[one.kind].handoff is not Handoff.ANSWERS)
        # A box that came is opened by inspection, one that never left is unpacked: one of them is no step.
        and one.kind != ("unpacked" if unit.has_travelled else "inspected")
    ]
    steps.sort(key=lambda one: (not one.possible, order.index(one.kind)))
    offers = (*(_offer(one, protocol, unit) for one in steps), *_another_box(session, protocol, unit))
    clocks = tuple(clock for one, part in held for clock in _clocks(one, _protocol(session, one), part))
    lookup = replace(subject.lookup, protocol=protocol)
    return replace(subject, lookup=lookup, offers=offers, clocks=clocks, held=held)


def _another_box(session: TerminalSession, protocol: Protocol | None, unit: UnitState) -> Iterator[Offer]:
    """What a courier holds is put into another box by who packs such cells at the station's site."""
    step = None if protocol is None else protocol.step("packed", unit.material)
    is_on_its_way = unit.custodian is not None and unit.custodian.type is PartyType.CARRIER
    if step is None or not is_on_its_way or not session.is_open:
        return
    registry, site, now = session.registry, session.station.site, session.tracker.clock.now()
    if grant_violation(registry, session.staff, frozenset(step.roles), site, now) is None:
        yield _before_therapy("packed", "pack", tr("Put all of it into another box"))


_BY_COURIER: Final = Violation(
    "role_missing",
    tr("A courier takes it away, here too."),
    tr("Ctrl+O, scan the box, F11: the courier signs there with badge and password."),
    waivable=False,
)


def _serviced(subject: ScannedThing) -> tuple[Offer, ...]:
    """What is done to a shipper or logger itself: filled, taken out of service, put back."""
    line = subject.equipment
    if line is None:
        return ()
    status = _equipment("equipment_status_set", "set_equipment_status")
    if line.equipment.equipment_type is EquipmentType.SHIPPER:
        return (_equipment("shipper_charged", "charge_shipper"), status)
    return (status,)


def _empty_box(registry: RegistryState, box: str, unfit: Violation | None) -> tuple[Offer, ...]:
    """What is done with an empty box: packed, looked into by two, taken away and brought back."""
    known = registry.equipment(box)
    pack = _before_therapy("packed", "pack", tr("Pack units into this box"), unfit)
    look_inside = _equipment("box_emptied", "empty_box")
    if known is None:
        return (pack,)
    if known.with_carrier is not None:
        return (_equipment("empty_returned", "return_empty"), pack)
    if known.emptied_at_site is not None:
        taken = _equipment("empty_collected", "collect_empty", _BY_COURIER)
        return (pack, look_inside, taken)
    return (pack, look_inside)


def _location(session: TerminalSession, subject: ScannedThing) -> ScannedThing:
    location = subject.registry.location(subject.object_id or "")
    if location is None:
        return subject
    rows = session.tracker.read.units_in_location(location=location.id)
    units = [row.unit for row in rows if row.final_disposition is None]
    # A tank may hold thousands: only those that are shown are looked up.
    held = tuple(_held(session, units[:HELD_SHOWN_MAX]))
    offers: tuple[Offer, ...] = (_before_therapy("stored", "store", tr("Put units away here")),)
    offers = (*_found(session, *(unit for _, unit in held)), *offers)
    if held:
        offers = (*offers, _before_therapy("retrieved", "retrieve", tr("Take units out of here")))
    return replace(subject, offers=offers, held=held, more=len(units) - len(held))


def _held(session: TerminalSession, units: Iterable[str]) -> Iterator[tuple[TherapyState, UnitState]]:
    for name in units:
        lookup = session.tracker.read.lookup(code=name)
        if lookup.therapy is not None and lookup.unit is not None:
            yield lookup.therapy, lookup.unit


def _protocol(session: TerminalSession, therapy: TherapyState) -> Protocol | None:
    known = session.tracker.read.therapy(coi=therapy.coi)
    return known[1] if known else None


def by_id(object_id: str) -> RawScan:
    """A scan for an object that the program names, such as a line of the board; nobody read a code."""
    return RawScan(object_id, ReadMode.MANUAL, 0.0, len(object_id))
