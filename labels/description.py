"""A reading in words, as rows of a name and a value for a person at a terminal."""

from __future__ import annotations

from typing import Final

from labels.foreign_description import Rows, gs1_rows, isbt_rows
from labels.frames import escaped
from labels.gs1 import Gs1Message
from labels.isbt.message import IsbtMessage
from labels.readings import ForeignCode, Reading
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
