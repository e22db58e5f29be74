"""ISBT 128 contents of several fields: Single European Code, blood group, consignment, the rarer dates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from labels.frames import shown
from schema.errors import BadCode

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
