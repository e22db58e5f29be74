"""How custody events change who holds a unit and where it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from msgspec.structs import replace

from schema.entry import Statement
from schema.events import Party
from schema.events.custody import (
    Accepted,
    CountFound,
    Diverted,
    Inspected,
    Lapsed,
    Packed,
    PartlyAccepted,
    Refused,
    Relinquished,
    Retrieved,
    Stored,
    Unpacked,
)
from schema.vocabulary import Fault, InspectionResult, PartyType
from tracker.rules.condition_state import LoggerStay, begun_stay, ended_stays
from tracker.rules.shipment_state import ShipmentState
from tracker.rules.therapy_state import (
    Changes,
    CountWord,
    EquipmentPlace,
    HandoffState,
    HoldTime,
    Occurrence,
    RefusalState,
    TherapyState,
    UnitState,
)


def _stored(state: TherapyState, statement: Statement, payload: Stored, _: Occurrence) -> TherapyState:
    custodian = Party(type=PartyType.LOCATION, id=payload.location)
    lies = dict(zip(payload.units, payload.positions or (), strict=False))
    return state.with_changed(
        payload.units,
        lambda unit: replace(
            unit,
            custodian=custodian,
            location=payload.location,
            position=lies.get(unit.unit),
            site=statement.site,
        ),
    )


def _counted(state: TherapyState, _: Statement, payload: CountFound, occurrence: Occurrence) -> TherapyState:
    word = CountWord(
        payload.result, payload.location, occurrence.at, occurrence.event_id, occurrence.sequence
    )
    return state.with_changed(payload.units, lambda unit: replace(unit, counted=word))


def _retrieved(state: TherapyState, statement: Statement, payload: Retrieved, _: Occurrence) -> TherapyState:
    return state.with_changed(
        payload.units,
        lambda unit: replace(
            unit,
            custodian=payload.custodian,
            location=None,
            position=None,
            site=statement.site,
            removals=unit.removals + 1,
        ),
    )


def _seen(
    state: TherapyState, names: Iterable[str | None], place: EquipmentPlace
) -> Mapping[str, EquipmentPlace]:
    """Where boxes and loggers are, with these ones at another place than before."""
    named = {name: replace(place, equipment=name) for name in names if name is not None}
    return {**state.equipment, **named}


def _loggers(state: TherapyState, units: Iterable[str]) -> Iterator[str | None]:
    """The loggers that are in a box with these units."""
    return (unit.logger_beside for unit in map(state.units.get, units) if unit is not None)


def _packed(
    state: TherapyState, statement: Statement, payload: Packed, occurrence: Occurrence
) -> TherapyState:
    stay = LoggerStay(payload.shipment, payload.box, payload.data_logger, occurrence.at)
    evolved = _settled(state, payload.box).with_changed(
        payload.units,
        lambda unit: replace(
            unit,
            box=payload.box,
            data_logger=payload.data_logger,
            shipment=payload.shipment,
            location=None,
            position=None,
            stays=begun_stay(unit.stays, stay),
        ),
    )
    holds = {box: hold for box, hold in evolved.boxes_hold.items() if box != payload.box}
    if payload.hold_until is not None:
        holds[payload.box] = HoldTime(occurrence.at, payload.hold_until, occurrence.event_id)
    known = evolved.shipments.get(payload.shipment) or ShipmentState(payload.shipment)
    shipped = replace(
        known,
        box=payload.box,
        packed_at=known.packed_at or occurrence.at,
        packed_from=known.packed_from or statement.site,
    )
    receivers = _without_box(evolved.boxes_receiver, payload.box)
    told = None if known.box == payload.box else evolved.boxes_receiver.get(known.box or "")
    if told is not None and evolved.boxes_carrier.get(known.box or "", ("", ""))[1] == payload.destination:
        # In another box it goes to whom it was sent before.
        receivers = {**_without_box(receivers, known.box or ""), payload.box: told}
    holder = next(
        (unit.custodian for unit in map(evolved.units.get, payload.units) if unit is not None), None
    )
    return replace(
        evolved,
        shipments={**evolved.shipments, payload.shipment: shipped},
        equipment=_seen(
            evolved,
            (payload.box, payload.data_logger),
            EquipmentPlace("", occurrence, statement.site, holder),
        ),
        named_sites=evolved.named_sites | {statement.site, payload.carrier, payload.destination},
        seals={**evolved.seals, payload.box: payload.seal},
        boxes_carrier={**evolved.boxes_carrier, payload.box: (payload.carrier, payload.destination)},
        boxes_receiver=receivers,
        boxes_hold=holds,
    )


def _without_box(receivers: Mapping[str, Party], box: str) -> Mapping[str, Party]:
    return {name: party for name, party in receivers.items() if name != box}


def _sent_to(state: TherapyState, box: str, site: str, receiver: Party | None) -> TherapyState:
    """The state with another destination for a box that is on its way; its carrier stays."""
    planned = state.boxes_carrier.get(box)
    if planned is None:
        return state
    receivers = _without_box(state.boxes_receiver, box)
    return replace(
        state,
        named_sites=state.named_sites | {site},
        boxes_carrier={**state.boxes_carrier, box: (planned[0], site)},
        boxes_receiver=receivers if receiver is None else {**receivers, box: receiver},
    )


def _opened(
    state: TherapyState, statement: Statement, box: str | None, units: Iterable[str], occurrence: Occurrence
) -> TherapyState:
    """The state with a box and its logger open at a site; nobody holds them closed any more."""
    if box is None:
        return state
    place = EquipmentPlace("", occurrence, statement.site)
    return replace(state, equipment=_seen(state, (box, *_loggers(state, units)), place))


def _unpacked(
    state: TherapyState, statement: Statement, payload: Unpacked, occurrence: Occurrence
) -> TherapyState:
    settled = _opened(_settled(state, payload.box), statement, payload.box, payload.units, occurrence)
    return settled.with_changed(
        payload.units,
        lambda unit: replace(unit, box=None, shipment=None, stays=ended_stays(unit.stays, occurrence.at)),
    )


def _sealed_as_read(state: TherapyState, payload: Relinquished | Accepted | PartlyAccepted) -> TherapyState:
    """A seal that was declared to be another one is what the next person finds on the box."""
    if payload.box is None or payload.seal is None or Fault.SEAL not in payload.faults:
        return state
    return replace(state, seals={**state.seals, payload.box: payload.seal})


def _relinquished(
    state: TherapyState, statement: Statement, payload: Relinquished, _: Occurrence
) -> TherapyState:
    handoff = HandoffState(
        event_id=statement.event_id,
        digest=statement.digest,
        units=payload.units,
        from_party=payload.from_party,
        to_party=payload.to_party,
        box=payload.box,
        at=statement.occurred_at,
        actor=statement.actor,
        site=statement.site,
        display_celsius=payload.display_celsius,
    )
    said = _sealed_as_read(state, payload)
    evolved = said.with_changed(payload.units, lambda unit: replace(unit, handoff=statement.event_id))
    handoffs = {**evolved.handoffs, statement.event_id: handoff}
    to_site = payload.to_party.site
    named = evolved.named_sites if to_site is None else evolved.named_sites | {to_site}
    return replace(evolved, handoffs=handoffs, named_sites=named).without_idle_handoffs()


def _without(state: TherapyState, handoff: str, units: Iterable[str]) -> TherapyState:
    """The state with a handoff answered; its units no longer wait for it."""
    known = state.handoffs.get(handoff)
    waiting = (*units, *(known.units if known else ()))
    evolved = state.with_changed(
        waiting, lambda unit: replace(unit, handoff=None) if unit.handoff == handoff else unit
    )
    return replace(
        evolved, handoffs={key: value for key, value in evolved.handoffs.items() if key != handoff}
    )


def _site_of(custodian: Party, statement: Statement) -> str:
    return custodian.site or statement.site


def _accepted(
    state: TherapyState, statement: Statement, payload: Accepted | PartlyAccepted, occurrence: Occurrence
) -> TherapyState:
    site = _site_of(payload.custodian, statement)
    evolved = _settled(_without(state, payload.handoff, payload.units), payload.box)
    evolved = _sealed_as_read(evolved, payload)
    taken_out = payload.box is not None and isinstance(payload, PartlyAccepted)
    if payload.box is not None and not taken_out:
        inside = [unit.unit for unit in evolved.in_box(payload.box)]
        place = EquipmentPlace("", occurrence, site, payload.custodian)
        moved = _seen(evolved, (payload.box, *_loggers(evolved, inside)), place)
        evolved = replace(evolved, equipment=moved)
    if isinstance(payload, PartlyAccepted) and payload.box is not None and payload.new_seal is not None:
        evolved = replace(evolved, seals={**evolved.seals, payload.box: payload.new_seal})

    def taken(unit: UnitState) -> UnitState:
        # Some of a box can only be taken by opening it at the door.
        box, shipment = (None, None) if taken_out else (unit.box, unit.shipment)
        return replace(
            unit,
            custodian=payload.custodian,
            site=site,
            location=None,
            position=None,
            box=box,
            shipment=shipment,
            stays=ended_stays(unit.stays, occurrence.at) if taken_out else unit.stays,
        )

    return evolved.with_changed(payload.units, taken)


def _refused(
    state: TherapyState, statement: Statement, payload: Refused, occurrence: Occurrence
) -> TherapyState:
    evolved = _without(state, payload.handoff, payload.units)
    if payload.box is None:
        return evolved
    reason = payload.reason.value if payload.reason is not None else ""
    faults = tuple(fault.value for fault in payload.faults)
    said = RefusalState(occurrence, statement.site, reason, faults, payload.display_celsius)
    return replace(evolved, boxes_refused={**evolved.boxes_refused, payload.box: said})


def _settled(state: TherapyState, box: str | None) -> TherapyState:
    """The state with a box that was packed anew, taken over, emptied or sent elsewhere: no refusal stands."""
    if box not in state.boxes_refused:
        return state
    return replace(state, boxes_refused={key: one for key, one in state.boxes_refused.items() if key != box})


def _diverted(state: TherapyState, _: Statement, payload: Diverted, __: Occurrence) -> TherapyState:
    return _sent_to(_settled(state, payload.box), payload.box, payload.to_site, payload.receiver)


def _lapsed(state: TherapyState, _: Statement, payload: Lapsed, __: Occurrence) -> TherapyState:
    return _without(state, payload.handoff, payload.units)


def _inspected(
    state: TherapyState, statement: Statement, payload: Inspected, occurrence: Occurrence
) -> TherapyState:
    results = {result.unit: result.result for result in payload.results}
    return _opened(state, statement, payload.box, results, occurrence).with_changed(
        results,
        lambda unit: replace(
            unit,
            # What came from its maker was in nobody's hands that this record knows.
            custodian=unit.custodian or Party(type=PartyType.PERSON, id=statement.actor),
            site=unit.site or statement.site,
            box=None,
            shipment=None,
            stays=ended_stays(unit.stays, occurrence.at),
            quarantined=unit.quarantined or results[unit.unit] is not InspectionResult.ACCEPT,
        ),
    )


CHANGES: Final[Changes] = {
    Stored: _stored,
    CountFound: _counted,
    Retrieved: _retrieved,
    Packed: _packed,
    Unpacked: _unpacked,
    Relinquished: _relinquished,
    Accepted: _accepted,
    PartlyAccepted: _accepted,
    Refused: _refused,
    Lapsed: _lapsed,
    Diverted: _diverted,
    Inspected: _inspected,
}
