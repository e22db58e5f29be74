"""What the content of an ISBT 128 data structure means, checked as far as structure goes (ICCBBA ST-001)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from labels.frames import shown
from schema.errors import BadCode

_CHECK_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
_DIN: Final = re.compile(r"([A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{2}[0-9]{2}[0-9]{6})([0-9A-HJ-NPR-Y]{2})")
_PRODUCT: Final = re.compile(r"([A-Z][A-Z0-9]{4})([A-Za-z0-9])([A-Z0-9][A-Za-z0-9])")
_FAMILIES_WITH_COLLECTION_TYPE: Final = "EFHPSXY"
_COI: Final = re.compile(r"CH[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{4}[A-Z0-9]{6}")
_TYPE_3_FLAGS: Final = range(60, 97)
_CENTURIES: Final = {"0": 2000, "9": 1900}


@dataclass(frozen=True, slots=True)
class Din:
    """A donation identification number; its flag is not part of the identity (ST-001 2.4.1)."""

    number: str
    flag: str

    @property
    def check(self) -> str:
        """The boxed keyboard-entry character K that is printed after the number."""
        return check_character(self.number)

    @property
    def flag_meaning(self) -> str:
        """What the two flag characters are for."""
        if self.flag == "00":
            return "not used"
        if self.flag.isdigit() and int(self.flag) in _TYPE_3_FLAGS:
            return "check value, verified"
        return "process control"


@dataclass(frozen=True, slots=True)
class ProductCode:
    """A product description code and what follows it, nothing of it looked up."""

    description: str
    division: str
    collection_type: str | None
    """None for the families whose last three characters are all division (ST-001 2.4.3)."""


@dataclass(frozen=True, slots=True)
class CoiIdentifier:
    """A chain of identity identifier (data structure 040), allocated before or at the first collection."""

    identifier: str

    @property
    def check(self) -> str:
        """The character K over all fifteen characters."""
        return check_character(self.identifier)


@dataclass(frozen=True, slots=True)
class CompoundHeader:
    """How many structures a compound message announces; order 000 leaves their order open."""

    count: int
    order: str


Value = Din | ProductCode | CoiIdentifier | CompoundHeader | date | datetime | None


def check_character(text: str) -> str:
    """The ISO 7064 MOD 37-2 character of a text of digits and capitals (ST-001 appendix A)."""
    return _CHECK_ALPHABET[_check_value(text)]


def _check_value(text: str) -> int:
    total = sum(_CHECK_ALPHABET.index(char) << place for place, char in enumerate(reversed(text), start=1))
    return (38 - total % 37) % 37


def parse_din(content: str) -> Din:
    """A DIN with its flag; a type 3 flag is verified."""
    match = _DIN.fullmatch(content)
    if match is None:
        raise BadCode(
            f"The DIN {shown(content)} has a character where ISBT 128 allows none.", code="bad_character"
        )
    number, flag = match.groups()
    expected = _check_value(number) + 60
    if flag.isdigit() and int(flag) in _TYPE_3_FLAGS and int(flag) != expected:
        raise BadCode(
            f"The DIN {number} carries the check flag {flag}, its own check value is {expected}.",
            code="bad_check",
        )
    return Din(number, flag)


def parse_product(content: str) -> ProductCode:
    """A product code taken apart, not looked up."""
    match = _PRODUCT.fullmatch(content)
    if match is None:
        raise BadCode(
            f"The product code {shown(content)} has a character where ISBT 128 allows none.",
            code="bad_character",
        )
    description, collection_type, division = match.groups()
    if description[0] in _FAMILIES_WITH_COLLECTION_TYPE:
        return ProductCode(description, division, collection_type)
    return ProductCode(description, collection_type + division, None)


def parse_coi(content: str) -> CoiIdentifier:
    """A chain of identity identifier."""
    if _COI.fullmatch(content) is None:
        raise BadCode(
            f"The chain of identity identifier {shown(content)} is not CH, facility, year and sequence.",
            code="bad_character",
        )
    return CoiIdentifier(content)


def parse_day(content: str) -> date:
    """The day of a `cyyjjj` date; day 366 of a common year is refused."""
    if not (content.isascii() and content.isdigit()):
        raise BadCode(f"The date {shown(content)} should be digits only.", code="bad_character")
    century, ordinal = _CENTURIES.get(content[0]), int(content[3:6])
    if century is None:
        raise BadCode(
            f"The date {content} has the century digit {content[0]}; 0 is 20xx and 9 is 19xx.",
            code="bad_date",
        )
    year = century + int(content[1:3])
    found = date(year, 1, 1) + timedelta(days=ordinal - 1)
    if found.year != year:
        raise BadCode(
            f"The date {content} has the day {ordinal}, which {year} does not have.", code="bad_date"
        )
    return found


def parse_moment(content: str) -> datetime:
    """The minute of a `cyyjjjhhmm` date, local to the facility that made the label."""
    day = parse_day(content)
    hour, minute = int(content[6:8]), int(content[8:10])
    if hour > 23 or minute > 59:
        raise BadCode(f"The time {content[6:]} of the date {content} is not a time of day.", code="bad_date")
    # The code names no zone; whoever adopts the time must ask for it.
    return datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001


def parse_compound(content: str) -> CompoundHeader:
    """The count and order at the head of a compound message."""
    if not (content[:2].isascii() and content[:2].isdigit() and content[2:].isalnum()):
        raise BadCode(
            f"The compound message begins with {shown(content)}, not a count and an order.",
            code="bad_character",
        )
    if content[:2] == "00":
        raise BadCode("The compound message announces no structure.", code="bad_count")
    return CompoundHeader(int(content[:2]), content[2:])
