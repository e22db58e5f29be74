"""ISBT 128 data structures as a scanner sends them and as a label carries them (ICCBBA ST-001).

Single, concatenated and compound. Only structure is parsed: the tables behind product codes and facilities
are licensed and are not shipped.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, TypeVar

from labels.frames import shown
from labels.isbt.values import (
    CoiIdentifier,
    CompoundHeader,
    Detail,
    Din,
    Division,
    ProductCode,
    Sec,
    Value,
    is_din,
    parse_birth_date,
    parse_blood_group,
    parse_coi,
    parse_compound,
    parse_consignment,
    parse_day,
    parse_din,
    parse_division,
    parse_flexible,
    parse_moment,
    parse_month,
    parse_product,
    parse_sec,
)
from schema.counting import counted
from schema.errors import BadCode, InputError

StructureValue = TypeVar("StructureValue", bound=Value | Detail)


class IsbtForm(StrEnum):
    """How the structures of one read were put together."""

    SINGLE = "single"
    CONCATENATED = "concatenated"
    COMPOUND = "compound"


@dataclass(frozen=True, slots=True)
class Structure:
    """One data structure: its ISBT number, its data identifier, its content as sent and what that means."""

    number: str
    name: str
    identifier: str
    content: str
    value: Value | Detail = None


@dataclass(frozen=True, slots=True)
class IsbtMessage:
    """Everything that one ISBT 128 symbol says, in the order in which it was sent."""

    form: IsbtForm
    structures: tuple[Structure, ...]

    def first(self, number: str) -> Structure | None:
        """The first structure of a number, such as `001` for the DIN."""
        return next((item for item in self.structures if item.number == number), None)

    def of(self, kind: type[StructureValue]) -> StructureValue | None:
        """The first value of a kind, such as `Sec`."""
        return next((item.value for item in self.structures if isinstance(item.value, kind)), None)

    @property
    def din(self) -> Din | None:
        """The first donation identification number of the message."""
        return self.of(Din)

    @property
    def product(self) -> ProductCode | None:
        """The product code, not looked up."""
        return self.of(ProductCode)

    @property
    def coi(self) -> CoiIdentifier | None:
        """The chain of identity identifier (data structure 040)."""
        return self.of(CoiIdentifier)

    @property
    def sec(self) -> Sec | None:
        """The Single European Code."""
        return self.of(Sec)

    @property
    def division(self) -> Division | None:
        """Which part of a divided product it is."""
        return self.of(Division)

    @property
    def expiry(self) -> date | datetime | None:
        """The day or minute of expiry, local to the labeling facility; the code names no zone."""
        found = self.first("005") or self.first("004")
        return found.value if found is not None and isinstance(found.value, date) else None


@dataclass(frozen=True, slots=True)
class _Shape:
    number: str
    name: str
    length: int
    parse: Callable[[str], Value | Detail] | None = None
    repeat: tuple[int, int, int] | None = None
    """Where a count stands in the content (from, to) and how long each counted part is."""


_DIN_SHAPE: Final = _Shape("001", "donation identification number", 15, parse_din)
_SHAPES: Final = {
    "=%": _Shape("002", "blood groups", 4, parse_blood_group),
    "=<": _Shape("003", "product code", 8, parse_product),
    "=>": _Shape("004", "expiration date", 6, parse_day),
    "&>": _Shape("005", "expiration date and time", 10, parse_moment),
    "=*": _Shape("006", "collection date", 6, parse_day),
    "&*": _Shape("007", "collection date and time", 10, parse_moment),
    "=}": _Shape("008", "production date", 6, parse_day),
    "&}": _Shape("009", "production date and time", 10, parse_moment),
    "&(": _Shape("010", "special testing", 5),
    "=\\": _Shape("012", "red cell antigens", 18),
    "&\\": _Shape("013", "red cell antigens, Finnish", 18),
    "&{": _Shape("014", "platelet antigens", 18),
    "=)": _Shape("017", "container manufacturer and catalog number", 10),
    "&)": _Shape("018", "container lot number", 10),
    "=;": _Shape("019", "donor identification number", 21),
    "='": _Shape("020", "staff member identification number", 11),
    "=-": _Shape("021", "manufacturer and catalog number", 10),
    "&-": _Shape("022", "lot number", 10),
    "=+": _Shape("023", "compound message", 5, parse_compound),
    "=#": _Shape("024", "patient date of birth", 10, parse_birth_date),
    "&#": _Shape("025", "patient identification number", 4, None, (2, 4, 1)),
    "=]": _Shape("026", "expiration month and year", 6, parse_month),
    '&"': _Shape("027", "infection markers", 18),
    "=$": _Shape("028", "product consignment", 16, parse_consignment),
    "&$": _Shape("029", "dimensions", 2, None, (0, 2, 14)),
    "&%": _Shape("030", "red cell antigens with test history", 3, None, (0, 3, 10)),
    "=(": _Shape("031", "flexible date and time", 16, parse_flexible),
    "=,": _Shape("032", "product divisions", 6, parse_division),
    "&+": _Shape("033", "processing facility information code", 11),
    "=/": _Shape("034", "processor product identification code", 16),
    "&,1": _Shape("035", "MPHO lot number", 18),
    "&,2": _Shape("036", "MPHO supplemental identification number", 18),
    "&,4": _Shape("038", "Single European Code", 40, parse_sec),
    "&:": _Shape("039", "global registration identifier for donors", 19),
    "&/": _Shape("040", "chain of identity identifier", 15, parse_coi),
}


def _shape_at(text: str) -> tuple[str, _Shape] | None:
    """The data identifier at the beginning of a text; `=` and a facility letter is a DIN (ST-001 2.1)."""
    if re.match(r"=[A-NP-Z1-9]", text):
        return "=", _DIN_SHAPE
    for length in (3, 2):
        shape = _SHAPES.get(text[:length])
        if shape is not None and len(text) >= length:
            return text[:length], shape
    return None


def parse_isbt(text: str) -> IsbtMessage | None:
    """The structures of a read; None for what is not ISBT 128, BadCode for what is and is damaged."""
    if re.fullmatch(r"=[O0][A-Z0-9]{2}[0-9]{10}[0-9A-Z]{2}", text):
        raise BadCode(
            f"{shown(text)} has the form of a DIN, and no DIN begins with {text[1]} (ST-001 2.4.1).",
            code="bad_character",
        )
    if _shape_at(text) is None:
        return None
    found: list[Structure] = []
    rest = text
    while rest:
        structure = _structure_at(rest, found)
        found.append(structure)
        rest = rest[len(structure.identifier) + len(structure.content) :]
    header = found[0].value
    if isinstance(header, CompoundHeader):
        if header.count != len(found) - 1:
            raise BadCode(
                f"The compound message announces {header.count} structures and holds {len(found) - 1}.",
                code="bad_count",
            )
        return IsbtMessage(IsbtForm.COMPOUND, tuple(found))
    if len(found) == 1:
        return IsbtMessage(IsbtForm.SINGLE, tuple(found))
    numbers = [structure.number for structure in found]
    twice = next((structure for structure in found if numbers.count(structure.number) > 1), None)
    if twice is not None:
        raise BadCode(
            f"The {twice.name} stands twice in one read: two scans run together.",
            remedy="Clear the field and scan one label at a time.",
            code="run_together",
        )
    return IsbtMessage(IsbtForm.CONCATENATED, tuple(found))


def _structure_at(text: str, before: list[Structure]) -> Structure:
    found = _shape_at(text)
    if found is None:
        if re.match(r"&[a-z;!]", text) and not isinstance(before[0].value, CompoundHeader):
            return Structure("", "nationally defined", text[:2], text[2:])
        raise BadCode(
            f"After the {before[-1].name} stands {shown(text)}, which is not an ISBT 128 structure.",
            remedy="Scan the label again, and only this label; two scans may have run together.",
            code="bad_structure",
        )
    identifier, shape = found
    if shape.number == "023" and before:
        raise BadCode(
            "A compound message begins inside another read: two scans run together.", code="run_together"
        )
    content = text[len(identifier) :][: _length(shape, text[len(identifier) :])]
    if len(content) < _length(shape, content):
        raise BadCode(
            f"The {shape.name} {shown(text)} has {counted(len(content), 'character')}, "
            f"it needs {_length(shape, content)}.",
            code="bad_length",
        )
    if not (content.isascii() and content.isprintable()):
        raise BadCode(
            f"The {shape.name} {shown(content)} has a character that ISBT 128 does not use.",
            code="bad_character",
        )
    return Structure(
        shape.number, shape.name, identifier, content, shape.parse(content) if shape.parse else None
    )


def _length(shape: _Shape, content: str) -> int:
    if shape.repeat is None:
        return shape.length
    start, end, each = shape.repeat
    count = content[start:end]
    return shape.length + each * int(count) if count.isascii() and count.isdigit() else shape.length


_FIRST_YEAR, _LAST_YEAR = 2000, 2099
"""The years that the one digit of a century in ISBT 128 dates is used for here (ST-001 2.4.5)."""


def isbt_message(
    *, din: str, product_code: str | None = None, expires: datetime | None = None, coi: str | None = None
) -> str:
    """A donation number alone, or a compound message with what else is known (ST-001 2.4.23).

    `expires` is the local time of the facility that labels it; a CoI identifier of another form is left out.
    """
    if not is_din(din):
        raise InputError(f"{din[:20]} is not a donation identification number of 13 characters.")
    parts = [f"={din}00"]
    if product_code is not None:
        parts.append(f"=<{product_code}")
    if expires is not None:
        if not _FIRST_YEAR <= expires.year <= _LAST_YEAR:
            raise InputError(f"ISBT 128 has no expiry in the year {expires.year}.")
        parts.append(f"&>0{expires:%y%j%H%M}")
    if coi is not None and _is_coi(coi):
        parts.append(f"&/{coi}")
    text = parts[0] if len(parts) == 1 else f"=+{len(parts):02}000" + "".join(parts)
    if parse_isbt(text) is None:
        raise InputError(f"{text} is not an ISBT 128 message.")
    return text


def _is_coi(text: str) -> bool:
    try:
        parse_coi(text)
    except BadCode:
        return False
    return True
