"""Codes keyed in by hand: what their own check characters prove, and the form a scanner would have sent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from labels.frames import framed, shown
from labels.gs1 import Gs1Message
from labels.identities import identities
from labels.isbt.message import IsbtMessage
from labels.isbt.values import check_character, verified_flag
from labels.misreads import is_own
from labels.reader import ReadingKind, read
from schema.errors import BadCode
from schema.identifiers import PRINTED_PATTERN, is_object_id

_DIN_WITH_CHECK: Final = re.compile(r"([A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{10})([0-9A-Z*])")
_VERIFIED_FLAG: Final = "check value, verified"
_CHECKED_KEYS: Final = ("(00)", "(402)")
"""GS1 keys that end with a check digit and have nothing behind it."""

_NUMBER: Final = re.compile(r"[\x21-\x7e]{1,40}")
GROUP: Final = 4


@dataclass(frozen=True, slots=True)
class Keyed:
    """A code as it was keyed in."""

    text: str
    """What a scanner would have sent."""

    is_checked: bool
    """Whether check characters over all of it were right: a slip of the finger cannot pass."""


def keyed(text: str) -> Keyed:
    """A keyed code; a donation number with its boxed character K is taken as its symbol would be read.

    Raises BadCode for a donation number whose character K is not that of the number.
    """
    if is_own(text.strip()):
        return Keyed(text.strip(), is_checked=True)
    match = _DIN_WITH_CHECK.fullmatch(re.sub(r"[ -]", "", text.upper()))
    if match is not None:
        number, given = match.groups()
        expected = check_character(number)
        if given != expected:
            raise BadCode(
                f"The donation number {number} was typed with the check character {given}; "
                f"its own is {expected}.",
                remedy="Type the number again as it is printed, with the character in the box behind it.",
                code="bad_check",
            )
        return Keyed(f"={number}00", is_checked=True)
    return Keyed(text, _is_checked(text))


def seal_text(raw: str) -> str:
    """The number of a seal in its one form: what was read, without the blanks that a print groups it by.

    Raises BadCode for what is no such number: one to forty letters, digits and signs of ASCII.
    """
    return _one_form(framed(raw).text, "seal")


def donation_text(raw: str) -> str:
    """A donation number in its one form: a DIN as its symbol has it, another without the blanks of its print.

    Raises BadCode for a DIN whose boxed character is another, and for what is no such number.
    """
    found = keyed(framed(raw).text)
    reading = read(found.text)
    if reading.kind is ReadingKind.FOREIGN:
        return _one_form(found.text, "donation number")
    content = reading.content
    if found.is_checked and isinstance(content, IsbtMessage) and content.din is not None:
        return f"={content.din.number}{verified_flag(content.din.number)}"
    return reading.text


def _one_form(text: str, what: str) -> str:
    bare = text.replace(" ", "")
    if _NUMBER.fullmatch(bare) is None:
        raise BadCode(
            f"{shown(text)} is no {what}: that has 1 to 40 letters, digits and signs, without accents.",
            remedy=f"Read the {what} again, or type it as it is printed.",
            code="bad_character",
        )
    return bare


def in_groups(text: str) -> str:
    """A code in groups of four characters, as two people read it to each other."""
    return " ".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))


def joined(text: str) -> str:
    """A code of ours as people write it down, in its one form; every other text as it is.

    An id is taken in groups of four and in small letters, and so is a printed code in its groups: no symbol
    has blanks, and none holds an id alone. A printed code in small letters and in one piece may come from a
    scanner whose caps lock is on, which is for the reader to explain.
    """
    return _in_one_piece(text, is_typed=False)


def typed(text: str) -> str:
    """As `joined`, of what surely no scanner sent: a printed code in small letters is taken too."""
    return _in_one_piece(text, is_typed=True)


def _in_one_piece(text: str, *, is_typed: bool) -> str:
    said = text.strip().upper()
    bare = said.replace(" ", "")
    if said not in (bare, in_groups(bare)):
        return text
    if is_object_id(bare):
        return bare
    is_printed = PRINTED_PATTERN.fullmatch(bare) is not None
    return bare if is_printed and (is_typed or said != bare) else text


def _is_checked(text: str) -> bool:
    try:
        reading = read(text)
    except BadCode:
        return False
    content = reading.content
    if isinstance(content, IsbtMessage):
        return content.din is not None and content.din.flag_meaning == _VERIFIED_FLAG
    values = [one.value for one in identities(reading)]
    return isinstance(content, Gs1Message) and bool(values) and values[0].startswith(_CHECKED_KEYS)
