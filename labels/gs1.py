"""GS1 element strings and Digital Link URIs, as a typed message; wrong check digits are refused.

`biip` does the parsing and is loaded only for what looks like GS1. An element string without its AIM prefix
cannot be told from another issuer's number for certain, so it counts only where its check digit fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from labels.frames import shown
from schema.errors import BadCode

if TYPE_CHECKING:
    from biip.gs1_element_strings import GS1ElementString

AIMS: Final = frozenset({"]C1", "]d2", "]Q3", "]e0", "]J1"})
"""With these the scanner says that the symbol began with FNC1."""

_GS: Final = "\x1d"
_ENVELOPE: Final = re.compile(r"\[\)>\x1e05\x1d(.*)\x1e\x04", re.DOTALL)
"""ISO/IEC 15434 format 05 carries element strings."""

_KEY: Final = re.compile(r"(?:00|8018|8017)[0-9]{18}|0[12][0-9]{14}")
_NEXT: Final = re.compile(r"\x1d|[0-9]{2}")
_PRINTED: Final = re.compile(r"\((00|01|02|8017|8018)\)|\([0-9]{2,4}\)")
"""Text that begins with one of the named keys in parentheses is nothing but GS1."""

_REPLACED: Final = re.compile(
    r"<GS>|\{GS\}|\[GS\]|<FNC1>|\{FNC1\}|\[FNC1\]|<0x1D>|<1D>|\\x1D|\\u001D|\^\]|\u241d", re.IGNORECASE
)
"""What scanners and documents write where the separator stood; a lot would swallow all that follows it."""

_LINK: Final = re.compile(r"https?://", re.IGNORECASE)
_FULL_KEY: Final = re.compile(r"/(?:01/[0-9]{14}|(?:00|8017|8018)/[0-9]{18})(?:[/?#]|$)")
_RESOLVER: Final = "https://id.gs1.org/"
_CHECKED: Final = {"402": 17, "253": 13, "255": 13, "8003": 14, "8006": 14, "8017": 18, "8018": 18}
"""Keys whose check digit biip leaves alone, with the place of that digit."""

SSCC_DIGITS: Final = 18
_TITLES: Final = {"01": "GTIN", "00": "SSCC", "10": "lot", "17": "expiry", "21": "serial"}

Meaning = date | datetime | Decimal | None


class Gs1Form(StrEnum):
    """The ways in which GS1 data comes."""

    ELEMENT_STRING = "element string"
    DIGITAL_LINK = "Digital Link"
    PRINTED = "printed text"
    """As people read it under the symbol: each identifier in parentheses, in any order."""


@dataclass(frozen=True, slots=True)
class Gs1Element:
    """One application identifier with its value and, for dates and measures, what that means."""

    identifier: str
    title: str
    value: str
    meaning: Meaning = None


@dataclass(frozen=True, slots=True)
class Gs1Message:
    """Everything that one GS1 symbol says, in the order in which it was sent."""

    form: Gs1Form
    elements: tuple[Gs1Element, ...]

    def value(self, identifier: str) -> str | None:
        """The value of an application identifier, None where the message has none."""
        return next((item.value for item in self.elements if item.identifier == identifier), None)

    @property
    def lot(self) -> str | None:
        """The batch or lot (AI 10)."""
        return self.value("10")

    @property
    def expiry(self) -> date | datetime | None:
        """The day or minute of expiry (AI 17 or 7003); the code names no zone."""
        found = next((item.meaning for item in self.elements if item.identifier in ("17", "7003")), None)
        return found if isinstance(found, date) else None


def parse_gs1(text: str, aim: str | None) -> Gs1Message | None:
    """The message of a read; None for what is not GS1, BadCode for what is and is damaged."""
    if _LINK.match(text):
        return _link(text)
    printed = _PRINTED.match(text)
    if printed is not None:
        return _printed(text, declared=printed.group(1) is not None)
    declared = aim in AIMS or text.startswith(_GS)
    envelope = _ENVELOPE.fullmatch(text)
    if envelope is not None:
        text, declared = envelope.group(1), True
    key = _KEY.match(text)
    if not declared and (key is None or not _goes_on(text[key.end() :])):
        return None
    replaced = _REPLACED.search(text)
    if replaced is not None:
        raise BadCode(
            f"{shown(text)} has {shown(replaced.group())} as characters where GS1 has its separator:"
            " the scanner replaced it.",
            remedy="Set the scanner to send GS (0x1D) as it is, and scan the label again.",
            code="replaced_separator",
        )
    return _string(text.strip(_GS), declared=declared)


def check_digit(digits: str) -> str:
    """The last digit of a GS1 key of these digits (GS1 General Specifications, 7.9)."""
    weighed = (int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-sum(weighed) % 10)


def scanned(printed: str) -> str:
    """What a scanner sends of an element string that is printed with its identifier in parentheses."""
    return printed.replace("(", "").replace(")", "")


def require_sscc(text: str) -> str:
    """The eighteen digits of an SSCC, with (00) or without; raises BadCode, which names the right digit."""
    digits = text.removeprefix("(00)").replace(" ", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) == SSCC_DIGITS):
        raise BadCode(
            f"{shown(text)} is no SSCC: (00) and eighteen digits, the last of which checks the others.",
            remedy="Scan the SSCC again.",
            code="no_sscc",
        )
    right = check_digit(digits[:-1])
    if digits[-1] != right:
        raise BadCode(
            f"{shown(text)} is no SSCC: its check digit is {digits[-1]}, and should be {right}.",
            remedy="Scan the SSCC again, or compare what was typed with what stands under the bars.",
            code="bad_check",
        )
    return digits


def _goes_on(rest: str) -> bool:
    return not rest or _NEXT.match(rest) is not None


def _string(text: str, *, declared: bool) -> Gs1Message | None:
    from biip import ParseError
    from biip.gs1_messages import GS1Message

    if text != text.strip() or not text:
        raise BadCode(
            f"{shown(text)} has nothing, or white space, where GS1 has a number.", code="bad_character"
        )
    try:
        found = GS1Message.parse(text)
    except ParseError as error:
        if not declared and _GS not in text:
            return None
        raise BadCode(f"{shown(text)} is not a GS1 element string: {error}", code="bad_structure") from error
    elements = list(found.element_strings)
    fault = next(_faults(elements), None)
    if fault is not None:
        # One number of sixteen digits may be anybody's; several elements that fit are GS1.
        if not declared and len(elements) == 1:
            return None
        raise fault
    return Gs1Message(Gs1Form.ELEMENT_STRING, tuple(map(_element, elements)))


def _printed(text: str, *, declared: bool) -> Gs1Message | None:
    """The message of a text as it is printed; blanks beside the parentheses are of the print."""
    from biip import ParseError
    from biip.gs1_messages import GS1Message

    bare = re.sub(r" *(\([0-9]{2,4}\)) *", r"\1", text).strip()
    try:
        elements = list(GS1Message.parse_hri(bare).element_strings)
    except ParseError as error:
        if not declared:
            return None
        raise BadCode(f"{shown(text)} is not GS1 as it is printed: {error}", code="bad_structure") from error
    fault = next(_faults(elements), None)
    if fault is not None:
        raise fault
    return Gs1Message(Gs1Form.PRINTED, tuple(map(_element, elements)))


def _link(text: str) -> Gs1Message | None:
    is_theirs = text.lower().startswith(_RESOLVER)
    if not is_theirs and _FULL_KEY.search(text) is None:
        return None
    from biip import ParseError
    from biip.gs1_digital_link_uris import GS1DigitalLinkURI

    try:
        found = GS1DigitalLinkURI.parse(text)
    except ParseError as error:
        if is_theirs:
            raise BadCode(
                f"{shown(text)} is not a GS1 Digital Link: {error}", code="bad_structure"
            ) from error
        return None
    elements = list(found.element_strings)
    fault = next(_faults(elements), None)
    if fault is not None:
        raise fault
    return Gs1Message(Gs1Form.DIGITAL_LINK, tuple(map(_element, elements)))


def _element(found: GS1ElementString) -> Gs1Element:
    title = _TITLES.get(found.ai.ai) or found.ai.data_title or found.ai.description
    meanings = (found.datetime, found.date, found.decimal)
    meaning = next((each for each in meanings if each is not None), None)
    return Gs1Element(found.ai.ai, title, found.value, meaning)


def _faults(elements: list[GS1ElementString]) -> Iterator[BadCode]:
    """What is wrong with elements that could be taken apart."""
    values: dict[str, str] = {}
    for item in elements:
        identifier = item.ai.ai
        error = item.gtin_error or item.sscc_error or item.gln_error or _wrong_check(identifier, item.value)
        if error:
            yield BadCode(f"GS1 {item.ai.data_title} ({identifier}): {error}", code="bad_check")
        if values.setdefault(identifier, item.value) != item.value:
            yield BadCode(
                f"GS1 ({identifier}) stands twice in one read, with {shown(values[identifier])} and "
                f"{shown(item.value)}: two scans run together.",
                remedy="Clear the field and scan one label at a time.",
                code="run_together",
            )


def is_trade_item_number(digits: str) -> bool:
    """Whether the check digit of 12 to 14 digits is that of a GTIN, with or without its leading zeros."""
    from biip.checksums import gs1_standard_check_digit

    full = digits.zfill(14)
    return gs1_standard_check_digit(full[:-1]) == int(full[-1])


def _wrong_check(identifier: str, value: str) -> str | None:
    from biip.checksums import gs1_standard_check_digit

    place = _CHECKED.get(identifier)
    if place is None or not value[:place].isdigit():
        return None
    expected, found = gs1_standard_check_digit(value[: place - 1]), int(value[place - 1])
    return None if expected == found else f"check digit {found} of {shown(value)} should be {expected}."
