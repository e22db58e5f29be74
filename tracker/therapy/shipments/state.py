"""What a booking, and what is heard of a shipment, change in the state of a therapy."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from schema.entry import Statement
from schema.events.shipments import ShipmentBooked, ShipmentProgress
from tracker.rules.shipment_state import HeardOf, ShipmentState
from tracker.rules.therapy_state import Changes, Occurrence, TherapyState


def _booked(
    state: TherapyState, _: Statement, payload: ShipmentBooked, occurrence: Occurrence
) -> TherapyState:
    known = state.shipments.get(payload.shipment) or ShipmentState(payload.shipment)
    booked = replace(known, booking=payload, booked_by=occurrence.sequence)
    return replace(
        state,
        shipments={**state.shipments, payload.shipment: booked},
        named_sites=state.named_sites | {payload.carrier, payload.from_site, payload.to_site},
    )


def _heard(
    state: TherapyState, _: Statement, payload: ShipmentProgress, occurrence: Occurrence
) -> TherapyState:
    known = state.shipments.get(payload.shipment)
    if known is None:
        return state
    heard = HeardOf(
        payload.milestone,
        payload.place,
        occurrence.at,
        payload.estimated_delivery,
        payload.source,
        occurrence.sequence,
        occurrence.actor,
    )
    return replace(
        state,
        shipments={**state.shipments, payload.shipment: replace(known, heard=(*known.heard, heard))},
    )


CHANGES: Final[Changes] = {ShipmentBooked: _booked, ShipmentProgress: _heard}
