"""What scanned codes stand for in this store: ours by id, others by adoption, the rest said plainly."""

from __future__ import annotations

from collections.abc import Mapping

from labels.isbt_values import Din
from labels.reader import Reading, ReadingKind, read
from schema.errors import BadCode
from schema.identifiers import PrintedCode, is_object_id, purpose_of
from schema.papercodes import ReceiptCode
from schema.vocabulary import ObjectType
from tracker.ledger.rows import CodeRow
from tracker.ledger.transaction import Transaction
from tracker.requests.base import Request, Scan
from tracker.rules.registry_state import RegistryState
from tracker.rules.situation import Found, Resolution

ADOPTED = "adopted"
"""The object type of scan codes that another issuer gave."""

_FOUND = {
    ObjectType.UNIT: Found.UNIT,
    ObjectType.COI: Found.COI,
    ObjectType.CASSETTE: Found.CASSETTE,
    ObjectType.BOX: Found.BOX,
    ObjectType.LOCATION: Found.LOCATION,
    ObjectType.BADGE: Found.BADGE,
    ObjectType.DATA_LOGGER: Found.DATA_LOGGER,
    ObjectType.SHIPMENT: Found.SHIPMENT,
}
FREE_FIELDS = frozenset({"seal", "adopted", "adopted_codes", "din"})
"""Fields that take any text a label carries: a damaged code of ours is still refused where ours is asked."""


def resolve_all(
    transaction: Transaction, registry: RegistryState, request: Request
) -> Mapping[str, Resolution]:
    """Every scan of a request, looked up; raises BadCode for a code of ours that was misread."""
    return {
        scan.code: resolve(transaction, registry, scan, free=field in FREE_FIELDS)
        for field, scan in request.scans()
    }


def resolve(
    transaction: Transaction, registry: RegistryState, scan: Scan, *, free: bool = False
) -> Resolution:
    """One scan, looked up."""
    if is_object_id(scan.code):
        return _object(transaction, registry, PrintedCode(scan.code, "", scan.code), copy=None)
    try:
        reading = read(scan.code)
    except BadCode:
        if free:
            return Resolution(scan.code.strip(), Found.FOREIGN)
        raise
    printed = reading.printed
    if printed is not None:
        if printed.command is not None:
            return Resolution(printed.text, Found.COMMAND, note=printed.command)
        return _object(transaction, registry, printed, copy=printed.copy)
    if isinstance(reading.content, ReceiptCode):
        return Resolution(reading.text, Found.RECEIPT, reading.content.statement_digest)
    if reading.kind is ReadingKind.HEAD:
        return Resolution(reading.text, Found.FOREIGN, note="a log head")
    return _adopted(transaction, reading, getattr(scan, "issuer", None))


def _object(
    transaction: Transaction, registry: RegistryState, code: PrintedCode, *, copy: str | None
) -> Resolution:
    purpose = purpose_of(code.object_id)
    if purpose is not registry.purpose:
        note = f"{code.text} is a code of a {purpose.value} store; this is a {registry.purpose.value} store."
        return Resolution(code.text, Found.OTHER_PURPOSE, code.object_id, note=note)
    object_type = ObjectType(code.object_id[0])
    found = _FOUND.get(object_type, Found.UNKNOWN)
    row = transaction.code(code.object_id)
    if row is not None:
        return _therapy_object(transaction, row, found, code, copy)
    shared = {
        Found.BOX: registry.equipment,
        Found.DATA_LOGGER: registry.equipment,
        Found.LOCATION: registry.location,
        Found.BADGE: registry.badge,
    }.get(found)
    if shared is not None and shared(code.object_id) is not None:
        return Resolution(code.text, found, code.object_id, copy=copy)
    if found in (Found.CASSETTE, Found.SHIPMENT):
        return Resolution(code.text, found, code.object_id, copy=copy)
    note = f"{code.text} is a code of this purpose, but this store does not know it."
    return Resolution(code.text, Found.UNKNOWN, code.object_id, note=note)


def _therapy_object(
    transaction: Transaction, row: CodeRow, found: Found, code: PrintedCode, copy: str | None
) -> Resolution:
    unit: str | None = None
    if found is Found.UNIT:
        unit = code.object_id
    elif found is Found.CASSETTE:
        rows = transaction.units_in_cassette(code.object_id)
        unit = rows[0].unit if rows else None
    return Resolution(code.text, found, code.object_id, row.coi, unit, copy)


def _adopted(transaction: Transaction, reading: Reading, issuer: str | None) -> Resolution:
    """Another issuer's code: two issuers with the same value are told apart or not taken at all."""
    value = adopted_value(reading)
    rows = transaction.codes_of_value(value)
    if issuer is not None:
        rows = [row for row in rows if row.issuer == issuer]
    if not rows:
        return Resolution(reading.text, Found.FOREIGN, value)
    if len({(row.coi, row.object_id) for row in rows}) > 1:
        issuers = ", ".join(sorted({row.issuer or "" for row in rows}))
        note = f"{reading.text[:40]} stands for several things (issuers {issuers}); scan another code."
        return Resolution(reading.text, Found.UNKNOWN, value, note=note)
    row = rows[0]
    is_unit = row.object_id.startswith(ObjectType.UNIT.value)
    return Resolution(
        reading.text,
        Found.UNIT if is_unit else Found.COI,
        value,
        row.coi,
        row.object_id if is_unit else None,
        note=row.issuer or "",
    )


def adopted_value(reading: Reading) -> str:
    """The text an adopted code is known by: a donation number without identifier and flags, else as read."""
    structures = getattr(reading.content, "structures", ())
    for structure in structures:
        if isinstance(structure.value, Din):
            return structure.value.number
    return reading.text
