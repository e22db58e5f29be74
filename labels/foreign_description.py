"""ISBT 128 and GS1 messages in words, a row for each thing that they say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

from labels.frames import escaped
from labels.gs1 import Gs1Message
from labels.isbt.message import IsbtForm, IsbtMessage, Structure
from labels.isbt.values import CoiIdentifier, CompoundHeader, Din, ProductCode
from labels.isbt_details import BirthDate, BloodGroup, Consignment, Division, FlexibleTime, Month, Sec

Rows = list[tuple[str, str]]


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
