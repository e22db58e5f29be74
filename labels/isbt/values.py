"""What the contents of ISBT 128 data structures mean, checked as far as structure goes (ICCBBA ST-001)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from labels.frames import shown
from schema.errors import BadCode

_CHECK_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
_DIN: Final = re.compile(r"([A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{2}[0-9]{2}[0-9]{6})([0-9A-HJ-NPR-Y]{2})")
_DIN_GROUPS: Final = re.compile(r"([A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{2})([0-9]{2})([0-9]{6})")
_DIN_PRINTED: Final = re.compile(
    r"([A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{2}) ([0-9]{2}) ([0-9]{6})(?: ([0-9A-Z*]))?"
)
_PRODUCT: Final = re.compile(r"([A-Z][A-Z0-9]{4})([A-Za-z0-9])([A-Z0-9][A-Za-z0-9])")
_FAMILIES_WITH_COLLECTION_TYPE: Final = "EFHPSXY"
_COI: Final = re.compile(r"CH[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{4}[A-Z0-9]{6}")
_TYPE_3_FLAGS: Final = range(60, 97)
_CENTURIES: Final = {"0": 2000, "9": 1900}

_SEC: Final = re.compile(
    r"([A-Z]{2})([A-Z0-9]{6})([A-Z0-9]{13})([ABE])([A-Z0-9]{7})([A-Za-z0-9]{3})([0-9]{8})"
)
_BLOOD_GROUP: Final = re.compile(r"([A-Za-z0-9]{2})([A-Za-z0-9])0")
_CONSIGNMENT: Final = re.compile(r"([A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{2}[0-9]{2}[0-9]{5})([0-9]{2})([0-9]{2})")
_FLEXIBLE: Final = re.compile(r"([12])0([0-9]{2})([0-9]{8})([0-9]{4})")
_CODING_SYSTEMS: Final = {"A": "ISBT 128", "B": "Eurocode", "E": "EUTC"}
_MOMENTS: Final = {
    "01": "expiration",
    "02": "collection",
    "03": "production",
    "04": "cross clamp",
    "05": "preservation",
    "06": "death",
}
_NO_DATE: Final = "00000000"


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
    """A product description code and what follows it, not looked up."""

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


def verified_flag(din: str) -> str:
    """The flag that says of a DIN that its boxed character was compared: the check value plus 60."""
    return f"{_check_value(din) + 60:02d}"


def din_text(din: str) -> tuple[str, str]:
    """A DIN without its flag in its printed groups and its boxed check character; empty texts for another."""
    match = _DIN_GROUPS.fullmatch(din)
    return (" ".join(match.groups()), check_character(din)) if match else ("", "")


def din_as_printed(text: str) -> str | None:
    """The number of a DIN in its printed groups, with or without the boxed character; None for other text.

    Raises BadCode where the character in the box is not that of the number.
    """
    match = _DIN_PRINTED.fullmatch(text.upper())
    if match is None:
        return None
    number, given = "".join(match.groups()[:3]), match.group(4)
    if given is not None and given != check_character(number):
        raise BadCode(
            f"The donation number {number} has the check character {given}; its own is "
            f"{check_character(number)}.",
            remedy="Read the number again as it is printed, with the character in the box behind it.",
            code="bad_check",
        )
    return number


def is_din(text: str) -> bool:
    """Whether a text is a donation identification number without its flag."""
    return _DIN_GROUPS.fullmatch(text) is not None


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


@dataclass(frozen=True, slots=True)
class Sec:
    """A Single European Code, which names donation and product (Directive (EU) 2015/565)."""

    country: str
    facility: str
    donation: str
    """Thirteen characters; under ISBT 128 the donation identification number itself."""
    system: str
    product: str
    split: str
    expires_on: date | None
    """None where the tissue or cells have no expiration date."""

    @property
    def text(self) -> str:
        """The two halves as they are printed."""
        expiry = self.expires_on.strftime("%Y%m%d") if self.expires_on else _NO_DATE
        first = f"{self.country}{self.facility}{self.donation}"
        return f"{first} {self.system}{self.product}{self.split}{expiry}"

    @property
    def system_name(self) -> str:
        """The name of the product coding system."""
        return _CODING_SYSTEMS[self.system]


@dataclass(frozen=True, slots=True)
class BloodGroup:
    """ABO and RhD as coded; the table that names the groups is licensed and not shipped."""

    group: str
    phenotypes: str


@dataclass(frozen=True, slots=True)
class Consignment:
    """One container of a shipment, `container` of `containers`."""

    number: str
    container: int
    containers: int


@dataclass(frozen=True, slots=True)
class Division:
    """Which part of a divided product this is."""

    code: str


@dataclass(frozen=True, slots=True)
class Month:
    """A month in which something expires."""

    year: int
    month: int


@dataclass(frozen=True, slots=True)
class BirthDate:
    """A patient's date of birth and what the facility wrote before it."""

    location: str
    day: date


@dataclass(frozen=True, slots=True)
class FlexibleTime:
    """A moment with its meaning, local to the facility or in UTC."""

    meaning: str
    is_utc: bool
    moment: datetime


Detail = Sec | BloodGroup | Consignment | Division | Month | BirthDate | FlexibleTime


def parse_sec(content: str) -> Sec:
    """The fields of a Single European Code of forty characters."""
    match = _SEC.fullmatch(content)
    if match is None:
        raise _odd("Single European Code", content, "country, establishment, donation, product and date")
    country, facility, donation, system, product, split, expiry = match.groups()
    day = None if expiry == _NO_DATE else _calendar_day(expiry)
    return Sec(country, facility, donation, system, product, split, day)


def parse_blood_group(content: str) -> BloodGroup:
    """The code of a blood group; its last character is always 0 (ST-001 2.4.2)."""
    match = _BLOOD_GROUP.fullmatch(content)
    if match is None:
        raise _odd("blood group", content, "a group, a phenotype and 0")
    return BloodGroup(*match.groups())


def parse_consignment(content: str) -> Consignment:
    """The number of a shipment and which of its containers this is."""
    match = _CONSIGNMENT.fullmatch(content)
    if match is None:
        raise _odd("product consignment", content, "facility, year, number and two counts")
    number, container, containers = match.group(1), int(match.group(2)), int(match.group(3))
    if not 1 <= container <= containers:
        raise BadCode(
            f"The consignment {number} says container {container} of {containers}.", code="bad_count"
        )
    return Consignment(number, container, containers)


def parse_division(content: str) -> Division:
    """The six characters of a division."""
    if not (content.isascii() and content.isalnum()):
        raise _odd("product division", content, "six letters or digits")
    return Division(content)


def parse_month(content: str) -> Month:
    """The month of a `yyyymm` date."""
    if not (content.isascii() and content.isdigit()):
        raise _odd("expiration month", content, "a year and a month")
    return Month(int(content[:4]), _calendar_day(content + "01").month)


def parse_birth_date(content: str) -> BirthDate:
    """The day of an `aayyyymmdd` date of birth."""
    return BirthDate(content[:2], _calendar_day(content[2:]))


def parse_flexible(content: str) -> FlexibleTime:
    """The moment of a `ZUTTYYYYMMDDhhmm` date and what it is the moment of (ST-001 2.4.31)."""
    match = _FLEXIBLE.fullmatch(content)
    meaning = _MOMENTS.get(match.group(2)) if match else None
    if match is None or meaning is None:
        raise _odd("flexible date and time", content, "zone, meaning, day and time")
    day, time = _calendar_day(match.group(3)), match.group(4)
    hour, minute = int(time[:2]), int(time[2:])
    if hour > 23 or minute > 59:
        raise BadCode(f"The time {time} of the date {shown(content)} is not a time of day.", code="bad_date")
    # The zone stands beside it: a moment local to a facility that only the label names has no offset.
    moment = datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001
    return FlexibleTime(meaning, match.group(1) == "2", moment)


def _calendar_day(text: str) -> date:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError as error:
        raise BadCode(f"{shown(text)} is not a day of the calendar.", code="bad_date") from error


def _odd(what: str, content: str, wanted: str) -> BadCode:
    return BadCode(f"The {what} {shown(content)} is not {wanted}.", code="bad_character")
