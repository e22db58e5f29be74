"""For which cells a box, shipper or data logger was used, and from when until when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from schema.entry import Statement, stored_entry
from schema.events.custody import Inspected, Packed, PartlyAccepted, Unpacked
from schema.identifiers import object_type_of
from schema.vocabulary import ObjectType
from tracker.acts.mentions import naming
from tracker.ledger.transaction import Transaction
from tracker.rules.equipment_use import EquipmentUse


def uses_of(
    transaction: Transaction, equipment: str, since: datetime | None = None
) -> tuple[EquipmentUse, ...]:
    """Each use of a box or logger that had not ended by then, the newest first."""
    word = "logger" if object_type_of(equipment) is ObjectType.DATA_LOGGER else "box"
    found = [
        one
        for row in naming(transaction, f"{word}:{equipment}")
        for one in _in_chain(transaction, row.chain, row.first_sequence, equipment)
        if one.reaches(since)
    ]
    return tuple(sorted(found, key=lambda one: (one.packed_at, one.coi), reverse=True))


def _in_chain(transaction: Transaction, coi: str, first: int, equipment: str) -> Iterator[EquipmentUse]:
    """A box is used again only after it was opened, so its newest use is the one that an opening ends."""
    uses: list[EquipmentUse] = []
    for _, _, body in transaction.bodies(coi, first - 1):
        statement = stored_entry(body).statement
        payload = statement.payload
        if isinstance(payload, Packed):
            if equipment in (payload.box, payload.data_logger):
                uses.append(_begun(coi, statement, payload))
        else:
            uses = [_taken_out(one, statement) for one in uses]
    yield from uses


def _begun(coi: str, statement: Statement, payload: Packed) -> EquipmentUse:
    return EquipmentUse(
        coi,
        statement.event_id,
        payload.box,
        payload.shipment,
        payload.units,
        statement.occurred_at,
        statement.actor,
        frozenset(payload.units),
    )


def _taken_out(use: EquipmentUse, statement: Statement) -> EquipmentUse:
    payload = statement.payload
    if not isinstance(payload, Unpacked | Inspected | PartlyAccepted) or payload.box != use.box:
        return use
    out = (one.unit for one in payload.results) if isinstance(payload, Inspected) else payload.units
    left = use.inside.difference(out)
    if not use.inside or left == use.inside:
        return use
    return replace(use, inside=left, opened_at=None if left else statement.occurred_at)
