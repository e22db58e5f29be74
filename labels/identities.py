"""What of a code names one thing: the values it can be adopted by, the same whatever way it was sent.

A donation number is the same with other flags, a GS1 key the same with or without the expiry beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from labels.frames import shown
from labels.gs1 import Gs1Message
from labels.isbt.message import IsbtMessage
from labels.isbt.values import check_character, parse_coi, parse_din
from labels.reader import ForeignCode, Reading, read
from schema.errors import BadCode
from schema.vocabulary import CodeType

ADOPTED_MAX: Final = 120
"""The longest value a thing can be known by; longer texts name no thing but describe one."""

_OF_PERSONS: Final = frozenset({"019", "024", "025", "039"})
"""ISBT 128 structures that name a donor or patient (ST-001 2.4.19, 2.4.24, 2.4.25, 2.4.39)."""

_RECIPIENT: Final = "8018"
_TRADE_ITEM: Final = "01"
_QUALIFIERS: Final = ("22", "10", "21", "235")
_KEYS: Final = ("00", "253", "255", "401", "402", "8003", "8004", "8006")
_TELLS_APART: Final = frozenset({"10", "21", "235"})
_GS1_TYPES: Final = {"00": CodeType.SSCC, "8003": CodeType.GRAI}
_ISBT_TYPES: Final = {
    "035": CodeType.LOT,
    "036": CodeType.CONTAINER,
    "038": CodeType.SINGLE_EUROPEAN_CODE,
    "040": CodeType.ISBT_COI,
}
_ONE_OF_A_KIND: Final = frozenset({CodeType.DIN, CodeType.ISBT_COI, CodeType.SINGLE_EUROPEAN_CODE})
"""A label carries one value of these types; another value belongs to another thing."""

_DONATION_AND_PRODUCT: Final = re.compile(r"[A-Z0-9]{13} [A-Z0-9]{6}[A-Z0-9][A-Za-z0-9]")
_TRADE_ITEM_VALUE: Final = re.compile(
    r"\(01\)(?P<ai01>\d{14})(?:\(22\)(?P<ai22>.+?))?(?:\(10\)(?P<ai10>.+?))?"
    r"(?:\(21\)(?P<ai21>.+?))?(?:\(235\)(?P<ai235>.+))?"
)
_LOGISTIC_UNIT_VALUE: Final = re.compile(r"\(00\)(?P<ai00>\d{18})")
_PRINTABLE: Final = re.compile(r"[\x20-\x7e]+")
_WITH_CHECK: Final = re.compile(r"[A-Z0-9]{13,15}[0-9A-Z*]")
_LENGTHS: Final = {CodeType.DIN: 13, CodeType.ISBT_COI: 15}
_STARTS: Final = {CodeType.DIN: "=", CodeType.ISBT_COI: "&/", CodeType.SINGLE_EUROPEAN_CODE: "&,4"}


@dataclass(frozen=True, slots=True)
class Identity:
    """One value that names a thing, and what kind of code it is where the code itself says so."""

    value: str
    type: CodeType | None = None


def identities(reading: Reading) -> tuple[Identity, ...]:
    """Every value of a reading that names one thing, the one that says most first; none for a description.

    Blanks around somebody else's code are none of it: one symbol is padded with them, and a file is not.
    """
    content = reading.content
    if isinstance(content, IsbtMessage):
        return tuple(_of_isbt(content))
    if isinstance(content, Gs1Message):
        return tuple(_of_gs1(content))
    return (Identity(content.text.strip(" ")),) if isinstance(content, ForeignCode) else ()


def _of_isbt(message: IsbtMessage) -> Iterator[Identity]:
    din, product = message.din, message.first("003")
    if din is not None and product is not None:
        # Bags of one donation share its number and differ in the division.
        yield Identity(f"{din.number} {product.content}", CodeType.CONTAINER)
    if din is not None:
        yield Identity(din.number, CodeType.DIN)
    for structure in message.structures:
        if structure.number in _ISBT_TYPES:
            yield Identity(structure.content, _ISBT_TYPES[structure.number])
        elif not structure.number:
            yield Identity(structure.identifier + structure.content)


def _of_gs1(message: Gs1Message) -> Iterator[Identity]:
    values = {item.identifier: item.value for item in message.elements}
    if _TRADE_ITEM in values and not _TELLS_APART.isdisjoint(values):
        names = (_TRADE_ITEM, *_QUALIFIERS)
        yield Identity("".join(f"({name}){values[name]}" for name in names if name in values))
    for name in _KEYS:
        if name in values:
            yield Identity(f"({name}){values[name]}", _GS1_TYPES.get(name))
    if message.lot is not None:
        yield Identity(message.lot, CodeType.LOT)


def gs1_parts(value: str) -> dict[str, str]:
    """The elements of an adopted GS1 value by application identifier; empty for any other value."""
    found = _TRADE_ITEM_VALUE.fullmatch(value) or _LOGISTIC_UNIT_VALUE.fullmatch(value)
    return {} if found is None else {name[2:]: text for name, text in found.groupdict().items() if text}


def family_of(value: str, code_type: CodeType | None) -> str | None:
    """The kind of a value, where a label carries only one of that kind; None where it may carry several."""
    if value.startswith("("):
        return value.partition(")")[0]
    if _DONATION_AND_PRODUCT.fullmatch(value):
        return "donation and product"
    return code_type.value if code_type in _ONE_OF_A_KIND and code_type is not None else None


def names_a_person(reading: Reading) -> bool:
    """Whether a code names a patient or donor; such a code stands for no container (21 CFR 1271.290)."""
    content = reading.content
    if isinstance(content, IsbtMessage):
        return any(structure.number in _OF_PERSONS for structure in content.structures)
    return isinstance(content, Gs1Message) and content.value(_RECIPIENT) is not None


def adopted_value(reading: Reading, code_type: CodeType) -> str:
    """The value by which a code is adopted as that type; raises BadCode where it does not name one thing."""
    if names_a_person(reading):
        raise BadCode(
            f"{shown(reading.text)} names a patient or donor; such a code stands for no container.",
            remedy="Scan another code of the label.",
            code="names_a_person",
        )
    found = identities(reading)
    typed = next((one for one in found if one.type is code_type), None)
    if typed is None and code_type in _LENGTHS | _STARTS and not isinstance(reading.content, ForeignCode):
        raise _not_that(reading.text, code_type)
    chosen = typed or next(iter(found), None)
    if chosen is None:
        raise BadCode(
            f"{shown(reading.text)} says what kind of thing it is, not which one.",
            remedy="Scan a code with a number of its own, such as donation, lot or serial number.",
            code="names_nothing",
        )
    if len(chosen.value) > ADOPTED_MAX or not _PRINTABLE.fullmatch(chosen.value):
        raise BadCode(
            f"{shown(chosen.value[:ADOPTED_MAX])} has {len(chosen.value)} characters; a code that stands "
            f"for a thing has at most {ADOPTED_MAX} letters, digits and signs.",
            code="bad_adopted",
        )
    return _stated(chosen.value, code_type) if typed is None else chosen.value


def stated_value(text: str, code_type: CodeType) -> str:
    """The value that a document states, as scanned or as printed; raises BadCode for a damaged one."""
    known = _STARTS.get(code_type)
    if known is None or text.startswith(known):
        return adopted_value(read(text), code_type)
    return _stated(text, code_type)


def _stated(text: str, code_type: CodeType) -> str:
    """A value of a type whose form is known, written without its data identifier, checked as if scanned."""
    start = _STARTS.get(code_type)
    if start is None:
        return text
    bare = re.sub(r"[ -]", "", text.upper().removeprefix("SEC:"))
    if code_type is CodeType.SINGLE_EUROPEAN_CODE:
        return adopted_value(read(start + bare), code_type)
    length = _LENGTHS[code_type]
    if len(bare) == length + 1 and _WITH_CHECK.fullmatch(bare):
        expected = check_character(bare[:length])
        if bare[length] != expected:
            raise BadCode(
                f"{shown(text)} has the check character {bare[length]}, it should be {expected}.",
                code="bad_check",
            )
        bare = bare[:length]
    if len(bare) != length:
        raise _not_that(text, code_type)
    return parse_din(bare + "00").number if code_type is CodeType.DIN else parse_coi(bare).identifier


def _not_that(text: str, code_type: CodeType) -> BadCode:
    return BadCode(
        f"{shown(text)} is not a {code_type.value.replace('_', ' ')}.",
        remedy="Name the type that the code has, or scan the code of that type.",
        code="wrong_code_type",
    )
