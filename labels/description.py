"""A reading in words, as rows of a name and a value for a person at a terminal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

from labels.frames import escaped
from labels.gs1 import Gs1Message
from labels.isbt.message import IsbtForm, IsbtMessage, Structure
from labels.isbt.values import (
    BirthDate,
    BloodGroup,
    CoiIdentifier,
    CompoundHeader,
    Consignment,
    Din,
    Division,
    FlexibleTime,
    Month,
    ProductCode,
    Sec,
)
from labels.reader import ForeignCode, Reading
from schema.identifiers import PrintedCode, possible_copies
from schema.papercodes import HeadCode, ReceiptCode
from schema.vocabulary import ObjectType

_OBJECTS: Final = {
    ObjectType.UNIT: "unit code",
    ObjectType.COI: "chain of identity code",
    ObjectType.CASSETTE: "cassette code",
    ObjectType.BADGE: "badge",
    ObjectType.LOCATION: "location code",
    ObjectType.SHIPMENT: "shipment code",
    ObjectType.BOX: "box code",
    ObjectType.DATA_LOGGER: "data logger code",
    ObjectType.INSTRUMENT: "instrument code",
    ObjectType.LOT: "code of a lot of goods",
    ObjectType.FORM: "form code",
}
_SYMBOLOGIES: Final = {
    "A": "Code 39",
    "C": "Code 128",
    "E": "EAN or UPC",
    "L": "PDF417",
    "Q": "QR Code",
    "d": "Data Matrix",
    "e": "GS1 DataBar",
    "z": "Aztec",
}
_SEPARATORS: Final = {"\x1d": "GS", "\x1e": "RS", "\x04": "EOT"}

Rows = list[tuple[str, str]]


def describe(reading: Reading) -> Rows:
    """What was read, most important first; every value is safe to print."""
    rows = _content(reading)
    if reading.aim is not None:
        symbology = _SYMBOLOGIES.get(reading.aim[1], "another symbology")
        rows.append(("symbology", f"{symbology} ({reading.aim})"))
    return rows


def _content(reading: Reading) -> Rows:
    content = reading.content
    if isinstance(content, PrintedCode):
        return _printed(content)
    if isinstance(content, HeadCode):
        return [
            ("kind", "head code"),
            ("tree size", str(content.tree_size)),
            ("root", content.root),
            ("origin", f"SHA-256 begins {content.origin_digest}"),
        ]
    if isinstance(content, ReceiptCode):
        return [("kind", "receipt code"), ("statement digest", content.statement_digest)]
    if isinstance(content, IsbtMessage):
        return isbt_rows(content)
    if isinstance(content, Gs1Message):
        return gs1_rows(content)
    return _foreign(content)


def _printed(code: PrintedCode) -> Rows:
    object_type, purpose = code.object_type, code.purpose
    if object_type is None or purpose is None:
        return [("kind", "command code"), ("command", code.command or "UNKNOWN")]
    number = next(
        place for place, copy in enumerate(possible_copies(code.object_id), 1) if copy.copy == code.copy
    )
    return [
        ("kind", _OBJECTS[object_type]),
        ("object", code.object_id),
        ("purpose", purpose.value),
        ("copy", code.copy),
        ("copy number", str(number)),
    ]


def _foreign(code: ForeignCode) -> Rows:
    rows = [("kind", "foreign code"), ("text", escaped(code.text)), ("length", str(len(code.text)))]
    found = [name for char, name in _SEPARATORS.items() if char in code.text]
    return [*rows, ("separators", ", ".join(found))] if found else rows


def isbt_rows(message: IsbtMessage) -> Rows:
    """An ISBT 128 message, its kind first, then its structures as they were sent."""
    if message.form is IsbtForm.SINGLE:
        rows = [("kind", f"ISBT 128 {message.structures[0].name}")]
    else:
        count = len(message.structures) - (message.form is IsbtForm.COMPOUND)
        rows = [("kind", f"ISBT 128 {message.form.value} message of {count} structures")]
    for structure in message.structures:
        describe = _DESCRIBED.get(type(structure.value))
        if describe is not None:
            rows += describe(structure.name, structure.value)
        else:
            rows.append((_numbered(structure), escaped(structure.content)))
    return rows


def gs1_rows(message: Gs1Message) -> Rows:
    """A GS1 message, its kind first, then its elements as they were sent."""
    rows = [("kind", f"GS1 {message.form.value}")]
    for item in message.elements:
        shown = escaped(item.value) if item.meaning is None else f"{_plain(item.meaning)} ({item.value})"
        rows.append((f"{item.title} ({item.identifier})", shown))
    return rows


def _plain(meaning: object) -> str:
    if isinstance(meaning, datetime):
        return f"{meaning:%Y-%m-%d %H:%M}"
    return meaning.isoformat() if isinstance(meaning, date) else str(meaning)


def _numbered(structure: Structure) -> str:
    return f"{structure.number} {structure.name}" if structure.number else structure.name


def _din(name: str, din: Din) -> Rows:
    return [
        ("DIN", din.number),
        ("DIN check", din.check),
        ("DIN flag", f"{din.flag} ({din.flag_meaning})"),
    ]


def _product(name: str, product: ProductCode) -> Rows:
    rows = [(name, product.description), ("division", product.division)]
    return [*rows, ("collection type", product.collection_type)] if product.collection_type else rows


def _sec(name: str, sec: Sec) -> Rows:
    return [
        ("SEC", sec.text),
        ("country", sec.country),
        ("establishment", sec.facility),
        ("donation", sec.donation),
        ("product", f"{sec.product} ({sec.system_name})"),
        ("split", sec.split),
        ("expiration date", sec.expires_on.isoformat() if sec.expires_on else "none"),
    ]


def _flexible(name: str, value: FlexibleTime) -> Rows:
    zone = "UTC" if value.is_utc else "local to the labeling facility"
    return [(f"{value.meaning} date and time", f"{_plain(value.moment)} {zone}")]


def _blood_group(name: str, value: BloodGroup) -> Rows:
    return [(name, value.group), ("phenotypes", value.phenotypes)]


def _consignment(name: str, value: Consignment) -> Rows:
    return [(name, value.number), ("container", f"{value.container} of {value.containers}")]


def _order(name: str, header: CompoundHeader) -> Rows:
    return [("order", "not defined" if header.order == "000" else header.order)]


_DESCRIBED: Final[dict[type, Callable[[str, Any], Rows]]] = {
    Din: _din,
    ProductCode: _product,
    Sec: _sec,
    FlexibleTime: _flexible,
    CompoundHeader: _order,
    BloodGroup: _blood_group,
    Consignment: _consignment,
    CoiIdentifier: lambda name, value: [(name, value.identifier), ("identifier check", value.check)],
    Division: lambda name, value: [(name, value.code)],
    Month: lambda name, value: [(name, f"{value.year}-{value.month:02}")],
    BirthDate: lambda name, value: [(name, value.day.isoformat())],
    datetime: lambda name, value: [(name, f"{_plain(value)} local to the labeling facility")],
    date: lambda name, value: [(name, value.isoformat())],
}
