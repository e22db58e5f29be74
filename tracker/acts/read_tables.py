"""Read tables from state: the same rows whether written while recording or rebuilt by replay."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from operator import attrgetter, itemgetter
from typing import Final

import orjson
from msgspec import Struct

from schema.events.custody import Stored
from schema.events.identity import AdoptedCode
from schema.instants import format_instant
from schema.tables import (
    BenchRow,
    CodeRow,
    DeviationRow,
    EquipmentPlaceRow,
    HistoryRow,
    PlacePositionRow,
    PlanMilestoneRow,
    ShipmentRow,
    SlotUseRow,
    TherapyRow,
    UnitRow,
    UseRow,
    hour_of,
    tuple_of,
)
from schema.vocabulary import CodeType, LabelState
from tracker.acts.resolving import ADOPTED, ANNOUNCED
from tracker.ledger.transaction import Transaction
from tracker.ledger.views import ENDED, NO_LIMIT, NOT_BEGUN
from tracker.planning.calendar import days_on
from tracker.planning.chain import PlannedSlot
from tracker.protocols.model import PlannedStep, Protocol
from tracker.rules.attempt import site_of_part
from tracker.rules.clocks import Arrival, RunningClock, running_clocks
from tracker.rules.deviation_state import DeviationState
from tracker.rules.due_steps import due_of_therapy
from tracker.rules.duties import calls_from
from tracker.rules.forecast import RecordedCourse
from tracker.rules.marks.standing import attention
from tracker.rules.measures.history import written
from tracker.rules.plan_state import Booking
from tracker.rules.therapy_state import EquipmentPlace, Occurrence, TherapyState, TherapyStatus, UnitState
from tracker.therapy.planning.forecasts import broken_at, course_of, first_due, is_at_risk
from tracker.therapy.planning.wishes import done_of

_therapy: Final = tuple_of(TherapyRow)
_unit: Final = tuple_of(UnitRow)
_code: Final = tuple_of(CodeRow)
_bench: Final = tuple_of(BenchRow)
_deviation: Final = tuple_of(DeviationRow)
_use: Final = tuple_of(UseRow)
_slot: Final = tuple_of(SlotUseRow)
_milestone: Final = tuple_of(PlanMilestoneRow)
_shipment: Final = tuple_of(ShipmentRow)
_position: Final = tuple_of(PlacePositionRow)
_equipment: Final = tuple_of(EquipmentPlaceRow)
_history: Final = tuple_of(HistoryRow)
_sequence: Final[Callable[[Occurrence], int]] = attrgetter("sequence")


class Rows(Struct, frozen=True):
    """What one entry changes in the read tables."""

    therapy: TherapyRow
    units: tuple[UnitRow, ...]
    codes: tuple[CodeRow, ...]
    benches: tuple[BenchRow, ...] = ()
    """The benches the therapy took."""

    left: tuple[str, ...] = ()
    """The benches that were cleared of it."""

    deviations: tuple[DeviationRow, ...] = ()
    """The deviations that were drafted, opened, assessed or closed."""

    uses: tuple[UseRow, ...] = ()
    """The lots and instruments that were used."""

    slots: tuple[SlotUseRow, ...] = ()
    """The places that were booked."""

    freed: tuple[SlotUseRow, ...] = ()
    """The places that were given back."""

    milestones: tuple[PlanMilestoneRow, ...] = ()
    """What was booked, moved or fulfilled of the plan."""

    dropped: tuple[PlanMilestoneRow, ...] = ()
    """What is booked no more."""
    shipments: tuple[ShipmentRow, ...] = ()
    """The shipments that were booked, or whose status changed."""

    taken: tuple[PlacePositionRow, ...] = ()
    """The positions in which units lie now."""

    vacated: tuple[PlacePositionRow, ...] = ()
    """The positions in which they lie no more."""

    equipment: tuple[EquipmentPlaceRow, ...] = ()
    """Boxes and loggers that were packed, moved or opened."""

    history: HistoryRow | None = None
    """What measures are drawn from; None where it is as it was."""


def rows_after(before: TherapyState | None, state: TherapyState, protocol: Protocol | None) -> Rows:
    """The rows that differ after the last entry of the state; a row carries that entry's sequence."""
    known = before.units if before is not None else {}
    changed = [unit for name, unit in state.units.items() if known.get(name) is not unit]
    codes_changed = (
        before is None or before.adopted != state.adopted or before.announced is not state.announced
    )
    codes = (*(_therapy_codes(state) if codes_changed else ()), *_form_codes(before, state))
    taken = before.benches if before is not None else {}
    slots, freed = _slots_changed(before, state)
    positions, vacated = _positions_changed(state, changed, known)
    milestones, dropped = _milestones_changed(before, state, protocol)
    return Rows(
        therapy=_therapy_row(state, protocol),
        units=tuple(_unit_row(state, unit) for unit in changed),
        codes=(*codes, *(row for unit in changed for row in _unit_codes(state, unit, known.get(unit.unit)))),
        benches=tuple(row for row in bench_rows(state) if row.bench not in taken),
        left=tuple(name for name in taken if name not in state.benches),
        deviations=tuple(
            _deviation_row(state, one)
            for name, one in state.deviations.items()
            if before is None or before.deviations.get(name) is not one
        ),
        uses=use_rows(state, since=0 if before is None else len(before.process)),
        shipments=_shipments_changed(before, state),
        taken=positions,
        vacated=vacated,
        equipment=_equipment_changed(before, state),
        history=None if before is not None and before.history is state.history else history_row(state),
        slots=slots,
        freed=freed,
        milestones=milestones,
        dropped=dropped,
    )


def _positions_changed(
    state: TherapyState, changed: Iterable[UnitState], known: Mapping[str, UnitState]
) -> tuple[tuple[PlacePositionRow, ...], tuple[PlacePositionRow, ...]]:
    taken, vacated = [], []
    for unit in changed:
        earlier = known.get(unit.unit)
        was = None if earlier is None else _position_row(state, earlier)
        now = _position_row(state, unit)
        if was != now:
            vacated += [] if was is None else [was]
            taken += [] if now is None else [now]
    return tuple(taken), tuple(vacated)


def _position_row(state: TherapyState, unit: UnitState) -> PlacePositionRow | None:
    """Where a unit lies; None where the record has no position of it."""
    stored = unit.facts.get(Stored.kind)
    if unit.location is None or unit.position is None or stored is None:
        return None
    return _position(
        location=unit.location,
        position=unit.position,
        unit=unit.unit,
        coi=state.coi,
        sequence=stored.sequence,
    )


def position_rows(state: TherapyState) -> tuple[PlacePositionRow, ...]:
    """Where the units of a therapy lie."""
    rows = (_position_row(state, unit) for unit in state.units.values())
    return tuple(row for row in rows if row is not None)


def _equipment_changed(before: TherapyState | None, state: TherapyState) -> tuple[EquipmentPlaceRow, ...]:
    """The rows of equipment that differ; nothing is looked at where no box was touched."""
    if before is None or not state.equipment or _boxes_of(before) == _boxes_of(state):
        return ()
    known = {row.equipment: row for row in equipment_rows(before)}
    return tuple(row for row in equipment_rows(state) if known.get(row.equipment) != row)


def _boxes_of(state: TherapyState) -> tuple[object, ...]:
    """All that the rows of equipment are made from, by identity where that is enough."""
    inside = tuple((name, unit.box, unit.logger_beside) for name, unit in state.units.items() if unit.box)
    return id(state.equipment), id(state.boxes_carrier), id(state.boxes_hold), inside


def equipment_rows(state: TherapyState) -> tuple[EquipmentPlaceRow, ...]:
    """Where each box and logger was last with cells of a therapy."""
    return tuple(_equipment_row(state, one) for one in state.equipment.values())


def _equipment_row(state: TherapyState, one: EquipmentPlace) -> EquipmentPlaceRow:
    inside = [unit for unit in state.units.values() if one.equipment in (unit.box, unit.logger_beside)]
    box = next((unit.box for unit in inside), None)
    carried, hold = (None, None) if box is None else (state.boxes_carrier.get(box), state.boxes_hold.get(box))
    return _equipment(
        equipment=one.equipment,
        coi=state.coi,
        sequence=one.since.sequence,
        at=one.since.at,
        site=one.site,
        custodian_type="" if one.custodian is None else one.custodian.type.value,
        custodian="" if one.custodian is None else one.custodian.id,
        units=len(inside),
        box=None if box == one.equipment else box,
        destination=None if carried is None else carried[1],
        hold_until=None if hold is None else hold.until,
    )


def _shipments_changed(before: TherapyState | None, state: TherapyState) -> tuple[ShipmentRow, ...]:
    """The rows of shipments that differ; nothing is looked at where nothing was booked."""
    if before is None or not state.shipments:
        return ()
    known = {row.shipment: row for row in shipment_rows(before)}
    return tuple(row for row in shipment_rows(state) if known.get(row.shipment) != row)


def shipment_rows(state: TherapyState) -> tuple[ShipmentRow, ...]:
    """The booked shipments of a therapy; a box that was packed without a booking has no row."""
    return tuple(
        _shipment(
            shipment=one.shipment,
            coi=state.coi,
            sequence=one.booked_by,
            status=state.shipment_status(one).value,
            carrier=booking.carrier,
            from_site=booking.from_site,
            to_site=booking.to_site,
            begins_at=booking.pick_up.earliest,
            ends_at=booking.delivery.latest,
            box=one.box if one.packed_at is not None else booking.box,
            data_logger=booking.data_logger,
            waybill=booking.waybill,
            sscc=booking.sscc,
        )
        for one in state.shipments.values()
        if (booking := one.booking) is not None
    )


def _milestones_changed(
    before: TherapyState | None, state: TherapyState, protocol: Protocol | None
) -> tuple[tuple[PlanMilestoneRow, ...], tuple[PlanMilestoneRow, ...]]:
    """What differs of the plan; any step may fulfill something that is booked."""
    if before is None or (before.plan is None and state.plan is None):
        return (), ()
    known, now = ({row.name: row for row in milestone_rows(one, protocol)} for one in (before, state))
    return (
        tuple(row for name, row in now.items() if known.get(name) != row),
        tuple(row for name, row in known.items() if name not in now),
    )


def milestone_rows(state: TherapyState, protocol: Protocol | None) -> tuple[PlanMilestoneRow, ...]:
    """What is booked for a running therapy, with what of it is done; none of one that has ended."""
    if state.plan is None or state.status is not TherapyStatus.ACTIVE:
        return ()
    steps = {} if protocol is None else {one.name: one for one in protocol.milestones}
    done = {} if protocol is None else done_of(state, protocol)
    return tuple(
        _milestone_row(state, name, one, steps.get(name), done.get(name))
        for name, one in state.plan.booked.items()
    )


def _milestone_row(
    state: TherapyState, name: str, one: Booking, step: PlannedStep | None, done: PlannedSlot | None
) -> PlanMilestoneRow:
    booked, site = one.milestone, one.milestone.resource.partition("/")[0]
    origin = None if step is None or booked.departs is None else step.carried_from
    place = None if origin is None else site_of_part(state, origin)
    return _milestone(
        coi=state.coi,
        name=name,
        sequence=one.sequence,
        site=site,
        place=place or site,
        resource=booked.resource,
        leaves_at=booked.departs or booked.start,
        starts_at=booked.start,
        ends_at=booked.end,
        lane=booked.lane,
        done_at=None if done is None else done.start,
    )


def _slots_changed(
    before: TherapyState | None, state: TherapyState
) -> tuple[tuple[SlotUseRow, ...], tuple[SlotUseRow, ...]]:
    """What was booked and what was given back; nothing is looked at where the plan is the one it was."""
    if before is None or (before.plan is state.plan and before.status is state.status):
        return (), ()
    known, now = ({_place(row): row for row in slot_rows(one)} for one in (before, state))
    return (
        tuple(row for place, row in now.items() if known.get(place) != row),
        tuple(row for place, row in known.items() if place not in now),
    )


def slot_rows(state: TherapyState) -> tuple[SlotUseRow, ...]:
    """The places that a therapy has: none where it was canceled, or where a site only has to be open."""
    if state.plan is None or state.status is TherapyStatus.CANCELED:
        return ()
    return tuple(
        _slot(
            resource=one.milestone.resource,
            day=day.isoformat(),
            coi=state.coi,
            milestone=name,
            begins=int(day.isoformat() == one.milestone.first_day),
            sequence=one.sequence,
        )
        for name, one in state.plan.booked.items()
        if "/" in one.milestone.resource
        for day in days_on(
            date.fromisoformat(one.milestone.first_day), date.fromisoformat(one.milestone.last_day)
        )
    )


def _place(row: SlotUseRow) -> tuple[str, str, str]:
    return row.resource, row.day, row.milestone


def write_act(transaction: Transaction, act: Iterable[Rows]) -> None:
    """Put the rows of all entries of an act into the read tables.

    Units of several therapies may change places in one act: all leave their positions before any takes one.
    """
    every = list(act)
    lasting: dict[tuple[str, str, str], PlacePositionRow] = {}
    for rows in every:
        transaction.free_positions(rows.vacated)
        for gone in rows.vacated:
            lasting.pop((gone.location, gone.position, gone.unit), None)
        lasting.update({(row.location, row.position, row.unit): row for row in rows.taken})
    for rows in every:
        _write_rows(transaction, rows)
    transaction.take_positions(lasting.values())


def _write_rows(transaction: Transaction, rows: Rows) -> None:
    transaction.put_therapy(rows.therapy)
    transaction.put_units(rows.units)
    transaction.put_codes(rows.codes)
    transaction.put_benches(rows.benches)
    transaction.leave_benches(rows.therapy.coi, rows.left)
    transaction.put_deviations(rows.deviations)
    transaction.put_uses(rows.uses)
    transaction.free_slots(rows.freed)
    transaction.put_slots(rows.slots)
    transaction.drop_milestones(rows.dropped)
    transaction.put_milestones(rows.milestones)
    transaction.put_shipments(rows.shipments)
    transaction.put_equipment_places(rows.equipment)
    if rows.history is not None:
        transaction.put_history(rows.history)


def bench_rows(state: TherapyState) -> tuple[BenchRow, ...]:
    """The benches the therapy is at."""
    return tuple(
        _bench(
            bench=use.bench,
            coi=state.coi,
            sequence=use.since.sequence,
            taken_at=use.since.at,
            staff=use.since.actor,
        )
        for use in state.benches.values()
    )


def history_row(state: TherapyState) -> HistoryRow:
    """What the measures of a therapy are drawn from."""
    return _history(coi=state.coi, sequence=state.sequence, document=written(state.history))


def use_rows(state: TherapyState, *, since: int = 0) -> tuple[UseRow, ...]:
    """What was used at the steps of the process, or at those after the first ones."""
    return tuple(
        _use(
            thing=thing,
            coi=state.coi,
            event_id=record.event_id,
            sequence=record.sequence,
            step=record.step,
            at=record.ended_at,
        )
        for record in state.process[since:]
        for thing in dict.fromkeys((*record.lots, *record.instruments))
    )


def deviation_rows(state: TherapyState) -> tuple[DeviationRow, ...]:
    """Every deviation of the therapy."""
    return tuple(_deviation_row(state, one) for one in state.deviations.values())


def _deviation_row(state: TherapyState, one: DeviationState) -> DeviationRow:
    return _deviation(
        deviation=one.deviation,
        coi=state.coi,
        sequence=one.sequence,
        status=one.status.value,
        site=one.site,
        begun_at=one.at,
    )


def _therapy_row(state: TherapyState, protocol: Protocol | None) -> TherapyRow:
    clocks = tuple(running_clocks(state, protocol))
    course = course_of(state, protocol, clocks)
    document = _therapy_document(state, protocol, clocks, course)
    updated_at = state.facts["enrolled"].at if state.last is None else state.last.at
    return _therapy(
        coi=state.coi,
        sequence=state.sequence,
        stage=stage_of(state, protocol),
        status=state.status.value,
        protocol=state.protocol.id,
        protocol_version=str(state.protocol.version),
        collection_site=state.sites.collection,
        manufacturing_site=state.sites.manufacturing,
        treatment_site=state.sites.treatment,
        waits_until=_waits_until(state, course),
        breach_at=_first(one.breaks_at for one in course.endings if one.is_limit),
        at_risk=protocol is not None and is_at_risk(state, course, protocol),
        begun=course.has_begun,
        promised=course.promised,
        stalled_at=course.stalled_at,
        noted_at=max((one.at for one in state.notes), default=None),
        duty_from=None if protocol is None else calls_from(state, protocol),
        attention=tuple(flag.value for flag in attention(state, protocol)),
        document=orjson.dumps(document, option=orjson.OPT_SORT_KEYS).decode(),
        updated_at=updated_at,
        updated_hour=hour_of(updated_at),
    )


def _therapy_document(
    state: TherapyState, protocol: Protocol | None, clocks: Iterable[RunningClock], course: RecordedCourse
) -> dict[str, object]:
    """What the board shows of a therapy beyond the columns that it is sorted and found by."""
    document: dict[str, object] = {
        "clocks": [
            {
                "name": clock.name,
                "title": clock.title,
                "unit": clock.unit,
                "began_at": None if clock.began_at is None else format_instant(clock.began_at),
                "due_at": format_instant(clock.due_at),
            }
            for clock in clocks
        ],
        "last_actor": state.last.actor if state.last else "",
        "last_at": format_instant(state.last.at) if state.last else "",
        "last_kind": state.last_kind,
        "mixups_prevented": state.mixups_prevented,
        "endings": [
            {
                "title": one.title,
                "at": format_instant(one.at),
                "is_limit": one.is_limit,
                "until": one.until,
                "arrives": None if one.arrives is None else _arrives(one.arrives),
            }
            for one in course.endings
        ],
        "eta": {name: format_instant(at) for name, at in course.eta.items()},
        "left": {name: format_instant(at) for name, at in course.left.items()},
        "gone": sorted(course.gone),
        "promised_at": None if course.promised_at is None else format_instant(course.promised_at),
    }
    if state.reviewed is not None:
        document["reviewed_through"] = state.reviewed.through
    due = None if protocol is None else due_of_therapy(state, protocol)
    if due is not None:
        document["next"] = due.number
    return document


def _arrives(one: Arrival) -> dict[str, str]:
    return {"site": one.site, "at": format_instant(one.at), "told_at": format_instant(one.told_at)}


def _waits_until(state: TherapyState, course: RecordedCourse) -> str:
    if state.status is not TherapyStatus.ACTIVE:
        return ENDED
    first = _first((*(one.breaks_at for one in course.endings), first_due(course), broken_at(state, course)))
    return NOT_BEGUN if first == NO_LIMIT and not course.has_begun else first


def _first(moments: Iterable[datetime | None]) -> str:
    first = min((one for one in moments if one is not None), default=None)
    return NO_LIMIT if first is None else format_instant(first)


def stage_of(state: TherapyState, protocol: Protocol | None) -> str:
    """The stage of the last step that was progress."""
    if state.status.value != "active":
        return state.status.value
    return state.last_kind if protocol is None else reached_stage(state, protocol)


def reached_stage(state: TherapyState, protocol: Protocol) -> str:
    """The same of a therapy that has ended, too: how far it came."""
    if not state.units:
        step = protocol.step(state.last_kind, None)
        return step.stage if step else state.last_kind
    newest = max(state.units.values(), key=_last_sequence)
    # A result of a release test is of the therapy, and is progress as much as a step on its bag.
    of_both = ((newest.facts, newest.material), (state.facts, None))
    found = [(fact.sequence, kind, material) for facts, material in of_both for kind, fact in facts.items()]
    for _, kind, material in sorted(found, key=itemgetter(0), reverse=True):
        step = protocol.step(kind, material)
        if step is not None and not step.optional and (material is not None or not step.materials):
            return step.stage
    return protocol.stages[0].name


def _last_sequence(unit: UnitState) -> int:
    return max(map(_sequence, unit.facts.values()), default=-1)


def _unit_row(state: TherapyState, unit: UnitState) -> UnitRow:
    document = {
        "facts": {
            kind: {"at": format_instant(fact.at), "by": fact.actor, "sequence": fact.sequence}
            for kind, fact in unit.facts.items()
        },
        "expires_at": None if unit.expires_at is None else format_instant(unit.expires_at),
        "infused_ml": None if unit.infused_ml is None else str(unit.infused_ml),
        "labels": {letter: state is LabelState.APPLIED for letter, state in unit.labels.items()},
        "parents": list(unit.parents),
        "volume_ml": None if unit.volume_ml is None else str(unit.volume_ml),
    }
    if unit.out_of_place is not None:
        document["out_of_place"] = unit.out_of_place.result.value
    return _unit(
        unit=unit.unit,
        coi=state.coi,
        sequence=state.sequence,
        material=unit.material.value,
        custodian_type=unit.custodian.type.value if unit.custodian else "",
        custodian=unit.custodian.id if unit.custodian else "",
        site=unit.site,
        location=unit.location,
        box=unit.box,
        data_logger=unit.logger_beside,
        cassette=unit.cassette,
        disposition=unit.disposition.value,
        quarantined=unit.quarantined,
        final_disposition=unit.final.value if unit.final else None,
        handoff=unit.handoff,
        document=orjson.dumps(document, option=orjson.OPT_SORT_KEYS).decode(),
    )


def _therapy_codes(state: TherapyState) -> Iterator[CodeRow]:
    if state.sequence == 0:
        yield _own(state, state.coi, "C")
    for code in state.adopted:
        yield _adopted(state, code, state.coi)
    for code in sorted(state.announced - _bound(state), key=str):
        yield _adopted(state, code, state.coi, status=ANNOUNCED)


def _form_codes(before: TherapyState | None, state: TherapyState) -> Iterator[CodeRow]:
    """A form's code carries its status, so that forms that are out are found among all therapies."""
    known = before.forms if before is not None else {}
    for form in state.forms.values():
        earlier = known.get(form.form)
        if earlier is None or earlier.status is not form.status:
            yield _own(state, form.form, "F", status=form.status.value)


def _bound(state: TherapyState) -> frozenset[AdoptedCode]:
    """What already stands for something; a donation number does since the collection began."""
    site = state.sites.collection
    of_units = (
        code
        for unit in state.units.values()
        for code in (
            *unit.adopted,
            *((AdoptedCode(issuer=site, type=CodeType.DIN, value=unit.din),) if unit.din else ()),
        )
    )
    return frozenset((*state.adopted, *of_units))


def _own(state: TherapyState, object_id: str, letter: str, *, status: str = "active") -> CodeRow:
    return _code(
        code=object_id,
        coi=state.coi,
        sequence=state.sequence,
        object_type=letter,
        object_id=object_id,
        issuer=None,
        value=None,
        status=status,
    )


def _adopted(state: TherapyState, code: AdoptedCode, object_id: str, *, status: str = "active") -> CodeRow:
    return _others(state, object_id, code.issuer, code.type, code.value, status=status)


def _others(
    state: TherapyState, object_id: str, issuer: str, kind: CodeType, value: str, *, status: str = "active"
) -> CodeRow:
    """A code that somebody else gave to one of our objects."""
    return _code(
        code=f"{issuer}|{kind.value}|{value}",
        coi=state.coi,
        sequence=state.sequence,
        object_type=ADOPTED,
        object_id=object_id,
        issuer=issuer,
        value=value,
        status=status,
    )


def _unit_codes(state: TherapyState, unit: UnitState, before: UnitState | None) -> Iterator[CodeRow]:
    if before is None:
        yield _own(state, unit.unit, "U")
    if unit.cassette is not None and (before is None or before.cassette != unit.cassette):
        yield _own(state, unit.cassette, "K")
    if unit.din is not None and (before is None or before.din != unit.din):
        yield _others(state, unit.unit, state.sites.collection, CodeType.DIN, unit.din)
    for code in unit.adopted if before is None or before.adopted != unit.adopted else ():
        yield _adopted(state, code, unit.unit)
