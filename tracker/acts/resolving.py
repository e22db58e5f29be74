"""What scanned codes stand for in this store: ours by id, others by adoption, the rest as unknown."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from labels.frames import framed, shown
from labels.identities import Identity, adopted_value, family_of, identities
from labels.keyed import keyed
from labels.reader import ReadingKind, read
from schema.errors import BadCode
from schema.identifiers import PrintedCode, is_object_id, purpose_of
from schema.papercodes import ReceiptCode
from schema.tables import CodeRow
from schema.vocabulary import CodeType, ObjectType, ReadMode
from tracker.ledger.transaction import Transaction
from tracker.requests.base import AdoptedCodeGiven, Request, Scan, StatedCode
from tracker.rules.lots import lot_of_maker
from tracker.rules.registry_state import RegistryState
from tracker.rules.shipment_state import ShipmentStatus
from tracker.rules.situation import Found, Resolution
from tracker.rules.typed_codes import SEAL_FIELDS

ADOPTED = "adopted"
"""The object type of scan codes that another issuer gave."""

ANNOUNCED = "announced"
"""The status of a code that a manifest names and that was not scanned on its container yet."""

_read: Final = lru_cache(maxsize=1024)(read)
"""Codes of requests are read again when they are signed; what is typed at a prompt never comes here."""

_FOUND = {
    ObjectType.UNIT: Found.UNIT,
    ObjectType.COI: Found.COI,
    ObjectType.CASSETTE: Found.CASSETTE,
    ObjectType.BOX: Found.BOX,
    ObjectType.LOCATION: Found.LOCATION,
    ObjectType.BADGE: Found.BADGE,
    ObjectType.DATA_LOGGER: Found.DATA_LOGGER,
    ObjectType.INSTRUMENT: Found.INSTRUMENT,
    ObjectType.LOT: Found.LOT,
    ObjectType.SHIPMENT: Found.SHIPMENT,
    ObjectType.FORM: Found.FORM,
}


def resolve_all(
    transaction: Transaction, registry: RegistryState, request: Request
) -> Mapping[str, Resolution]:
    """Every code of a request, looked up; raises BadCode for a code of ours that was misread."""
    station = registry.station(request.station)
    site = station.site if station is not None else None
    found = {
        scan.key: resolve(transaction, registry, scan, free=field in SEAL_FIELDS, site=site)
        for field, scan in request.scans()
    }
    return found | {scan.key: resolve(transaction, registry, scan) for scan in request.named()}


def asked(code: str) -> Scan:
    """A code that somebody asks about; raises BadCode for nothing, a flood, or bytes that are no text."""
    framed(code)
    return Scan(code=code)


def resolve(
    transaction: Transaction,
    registry: RegistryState,
    scan: Scan,
    *,
    free: bool = False,
    site: str | None = None,
) -> Resolution:
    """One scan, looked up; `site` is where it was read, for goods that several sites have."""
    if isinstance(scan, StatedCode):
        return _by_value(transaction, scan.code, (Identity(scan.code, scan.type),), scan.issuer)
    if is_object_id(scan.code):
        return _object(transaction, registry, PrintedCode(scan.code, "", scan.code), copy=None)
    try:
        reading = _read(keyed(scan.code).text if scan.mode is ReadMode.MANUAL else scan.code)
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
        return _receipt(transaction, reading.text, reading.content.statement_digest)
    if reading.kind is ReadingKind.HEAD:
        return Resolution(reading.text, Found.FOREIGN, note="a log head")
    if isinstance(scan, AdoptedCodeGiven):
        value = adopted_value(reading, scan.type)
        return _by_value(transaction, reading.text, (Identity(value, scan.type),), scan.issuer)
    lot = lot_of_maker(registry.lots, reading, site)
    if lot is not None:
        return Resolution(reading.text, Found.LOT, lot.id)
    return _by_value(transaction, reading.text, identities(reading))


def _receipt(transaction: Transaction, text: str, digest: str) -> Resolution:
    """A receipt with the therapy in whose chain its statement stands; None where that is no therapy."""
    said = transaction.find_statement(digest)
    coi = None if said is None or not is_object_id(said.chain) else said.chain
    return Resolution(text, Found.RECEIPT, digest, coi)


def _object(
    transaction: Transaction, registry: RegistryState, code: PrintedCode, *, copy: str | None
) -> Resolution:
    purpose = purpose_of(code.object_id)
    if purpose is not registry.purpose:
        note = f"{code.text} is a code of a {purpose.value} store; this is a {registry.purpose.value} store."
        return Resolution(code.text, Found.OTHER_PURPOSE, code.object_id, note=note)
    object_type = ObjectType(code.object_id[0])
    found = _FOUND.get(object_type, Found.UNKNOWN)
    shared = {
        Found.BOX: registry.equipment,
        Found.DATA_LOGGER: registry.equipment,
        Found.INSTRUMENT: registry.equipment,
        Found.LOT: registry.lot,
        Found.LOCATION: registry.location,
        Found.BADGE: registry.badge,
    }.get(found)
    if shared is not None and shared(code.object_id) is not None:
        return Resolution(code.text, found, code.object_id, copy=copy)
    row = transaction.code(code.object_id)
    if row is not None:
        return _therapy_object(transaction, row, found, code, copy)
    if found in (Found.CASSETTE, Found.SHIPMENT):
        return Resolution(code.text, found, code.object_id, copy=copy)
    note = f"{code.text} is a code of this purpose, but this store does not know it."
    blank = registry.stock.get(registry.blanks.get(code.object_id, ""))
    if blank is not None:
        note = (
            f"{code.text} is a blank label for {blank.material.value}, issued to {blank.site} in the set "
            f"{blank.set}; it stands for nothing yet."
        )
    return Resolution(code.text, Found.UNKNOWN, code.object_id, note=note)


def _therapy_object(
    transaction: Transaction, row: CodeRow, found: Found, code: PrintedCode, copy: str | None
) -> Resolution:
    unit: str | None = None
    if found is Found.UNIT:
        unit = code.object_id
    elif found is Found.CASSETTE:
        unit = next(iter(transaction.units_in_cassette(code.object_id)), None)
    return Resolution(code.text, found, code.object_id, row.coi, unit, copy)


def _by_value(
    transaction: Transaction, text: str, named: tuple[Identity, ...], issuer: str | None = None
) -> Resolution:
    """Another issuer's code: two issuers with the same value are told apart or not taken at all.

    The value that says most decides; nothing else that the code says may be otherwise than is known.
    """
    value = named[0].value if named else text
    for one in named:
        rows = _rows(transaction, one.value, issuer)
        if not rows:
            continue
        if _are_several(rows):
            return Resolution(text, Found.UNKNOWN, value, note=_several(text, rows), identities=named)
        note = _disagrees(transaction, rows[0], named)
        if note is not None:
            return Resolution(text, Found.UNKNOWN, value, note=note, identities=named)
        return _standing_for(text, one.value, rows, named)
    shipment = _shipment_by(transaction, value) if issuer is None else None
    if shipment is not None:
        return Resolution(text, Found.SHIPMENT, shipment)
    return Resolution(text, Found.FOREIGN, value, identities=named)


def _shipment_by(transaction: Transaction, value: str) -> str | None:
    """The shipment whose waybill or SSCC a value is: the one that is under way, else the last one."""
    column, code = ("sscc", value[4:]) if value.startswith("(00)") else ("waybill", value.upper())
    rows = transaction.shipments_with(column, code)
    rows.sort(key=lambda row: (row.status != ShipmentStatus.ENDED.value, row.begins_at))
    return rows[-1].shipment if rows else None


def _are_several(rows: list[CodeRow]) -> bool:
    """Whether a value stands for two things; what is announced for a therapy is a thing of that therapy."""
    bound = {row.object_id for row in rows if row.status != ANNOUNCED}
    return len(bound) > 1 or len({row.coi for row in rows}) > 1


def _standing_for(text: str, value: str, rows: list[CodeRow], named: tuple[Identity, ...]) -> Resolution:
    bound = [row for row in rows if row.status != ANNOUNCED]
    if not bound:
        note = f"It stands in a manifest of {rows[0].coi} and was not yet scanned on its container."
        return Resolution(text, Found.ANNOUNCED, value, rows[0].coi, note=note, identities=named)
    row = bound[0]
    is_unit = row.object_id.startswith(ObjectType.UNIT.value)
    found, unit = (Found.UNIT, row.object_id) if is_unit else (Found.COI, None)
    return Resolution(text, found, value, row.coi, unit, note=row.issuer or "", identities=named)


def _rows(transaction: Transaction, value: str, issuer: str | None) -> list[CodeRow]:
    rows = transaction.codes_of_value(value)
    return rows if issuer is None else [row for row in rows if row.issuer == issuer]


def _several(text: str, rows: list[CodeRow]) -> str:
    issuers = ", ".join(sorted({row.issuer or "" for row in rows}))
    return (
        f"{shown(text)} stands for several things (issuers {issuers}); scan another code of the same thing."
    )


def _disagrees(transaction: Transaction, row: CodeRow, named: tuple[Identity, ...]) -> str | None:
    """What a code that says several things says otherwise than is known; each field of it is compared."""
    if len(named) == 1:
        return None
    known = transaction.codes_of(row.coi)
    for one in named:
        family = family_of(one.value, one.type)
        same = [other for other in known if family is not None and _family(other) == family]
        own = [other for other in same if other.object_id == row.object_id]
        values = {other.value for other in own or same}
        if values and one.value not in values:
            return (
                f"One code, two things: {shown(row.value or '')} is known here, "
                f"and not with {shown(one.value)} beside it. Put it aside and call quality."
            )
    return None


def _family(row: CodeRow) -> str | None:
    """The family of an adopted code, whose type stands in its key."""
    if row.value is None:
        return None
    return family_of(row.value, CodeType(row.code.split("|")[1]))
