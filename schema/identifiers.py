"""Object ids and the codes printed for them, with check characters that catch every single misread.

An id is a type letter, a purpose letter and nine characters of an alphabet without look-alikes.
The printed code is `CT`, the id, a copy letter and two check characters (ISO 7064 MOD 1271-36).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from schema.errors import BadCode, CopiesExhausted, InputError
from schema.vocabulary import ObjectType, Purpose

ALPHABET: Final = "23456789BCDEFGHJKLNPRSTUVX"
TYPE_LETTERS: Final = "".join(one.value for one in ObjectType)
ID_PATTERN: Final = re.compile(rf"[{TYPE_LETTERS}][DTVP][{ALPHABET}]{{9}}")
PRINTED_PATTERN: Final = re.compile(
    rf"CT([{TYPE_LETTERS}][DTVP][{ALPHABET}]{{9}}|X2{{9}}[{ALPHABET}])([{ALPHABET}])(..)"
)
SHORT_NAME_PATTERN: Final = re.compile(r"[A-Z0-9-]{2,16}")
"""Staff ids, station ids and site codes."""

PRINTED_LENGTH: Final = 16
COPIES_MIN: Final = 8
"""An id with fewer possible copies is redrawn."""

_ISO36: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

PURPOSE_LETTER: Final = {
    Purpose.DEMO: "D",
    Purpose.TRAINING: "T",
    Purpose.VALIDATION: "V",
    Purpose.PRODUCTION: "P",
}
_PURPOSE_BY_LETTER: Final = {letter: purpose for purpose, letter in PURPOSE_LETTER.items()}

COMMANDS: Final = {
    "2": "ALL-IN-ORDER",
    "3": "NOT-IN-ORDER",
    "4": "PARTLY",
    "5": "ATTEMPTED",
    "6": "DONE",
    "7": "CANCEL",
    "8": "CLEAR-BENCH",
}


@dataclass(frozen=True, slots=True)
class PrintedCode:
    """One copy of an object's code, or a command code."""

    object_id: str
    copy: str
    text: str

    @property
    def command(self) -> str | None:
        """The command's name when this is a command code, for gloved hands."""
        return COMMANDS.get(self.object_id[-1], "UNKNOWN") if self.object_id[0] == "X" else None

    @property
    def object_type(self) -> ObjectType | None:
        """What the code stands for; None for a command."""
        return None if self.object_id[0] == "X" else ObjectType(self.object_id[0])

    @property
    def purpose(self) -> Purpose | None:
        """The purpose of the store that issued it; None for a command."""
        return None if self.object_id[0] == "X" else purpose_of(self.object_id)


def check_characters(text: str) -> str:
    """The two ISO 7064 MOD 1271-36 check characters of a text of digits and capitals; `ISO79` gives `3W`."""
    remainder = 0
    for char in text:
        remainder = (remainder + _ISO36.index(char)) * 36 % 1271
    value = (1 - remainder * 36) % 1271
    return _ISO36[value // 36] + _ISO36[value % 36]


def purpose_of(object_id: str) -> Purpose:
    """The purpose in an object id."""
    return _PURPOSE_BY_LETTER[object_id[1]]


def object_type_of(object_id: str) -> ObjectType:
    """The type in an object id."""
    return ObjectType(object_id[0])


def is_object_id(text: str) -> bool:
    """Whether the text has the form of an object id."""
    return ID_PATTERN.fullmatch(text) is not None


def possible_copies(object_id: str) -> Iterator[PrintedCode]:
    """Every printable copy of an id in the order in which copies are issued."""
    for letter in ALPHABET:
        stem = "CT" + object_id + letter
        check = check_characters(stem)
        if check[0] in ALPHABET and check[1] in ALPHABET:
            yield PrintedCode(object_id, letter, stem + check)


def first_copy(object_id: str) -> PrintedCode:
    """The first printed copy of an id."""
    return copy_number(object_id, 1)


def copy_number(object_id: str, number: int) -> PrintedCode:
    """The number-th copy, from 1; raises CopiesExhausted when there is none."""
    for position, code in enumerate(possible_copies(object_id), start=1):
        if position == number:
            return code
    raise CopiesExhausted(f"{object_id} has no copy {number}: all its copy letters are used.")


def copy_ordinal(object_id: str, copy: str) -> str:
    """The letter by which people know a copy: A for the first that is printed, B for the second.

    What is printed inside the code stays as it is: it may be a digit, which would read as a number of labels.
    """
    copies = [one.copy for one in possible_copies(object_id)]
    return chr(ord("A") + copies.index(copy)) if copy in copies else copy


def command_code(character: str) -> PrintedCode:
    """The printed code of a command character."""
    return first_copy("X" + "2" * 9 + character)


def parse_printed(text: str) -> PrintedCode:
    """The copy a printed code stands for; raises BadCode naming what is wrong with it."""
    if len(text) != PRINTED_LENGTH or not text.startswith("CT"):
        raise BadCode(f"{_shown(text)} is not a cartrail code: it should be CT and 14 characters.")
    match = PRINTED_PATTERN.fullmatch(text)
    if match is None:
        raise BadCode(f"{_shown(text)} has a character that no cartrail code holds.", code="bad_character")
    object_id, copy, check = match.group(1), match.group(2), match.group(3)
    if check[0] not in ALPHABET or check[1] not in ALPHABET:
        raise BadCode(f"{_shown(text)} has a character that no cartrail code holds.", code="bad_character")
    if check != check_characters(text[:-2]):
        raise BadCode(
            f"{_shown(text)} has wrong check characters: it was misread or mistyped.", code="bad_check"
        )
    return PrintedCode(object_id, copy, text)


def _shown(text: str) -> str:
    """A text made safe and short for a message."""
    clean = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text[:40])
    return f'"{clean}"' + (f" ... ({len(text)} characters)" if len(text) > 40 else "")


def draw_object_id(object_type: ObjectType, purpose: Purpose, choose: Callable[[Sequence[str]], str]) -> str:
    """A fresh id whose characters come from `choose`; ids with fewer than 8 copies are redrawn."""
    while True:
        object_id = object_type.value + PURPOSE_LETTER[purpose] + "".join(choose(ALPHABET) for _ in range(9))
        if sum(1 for _ in possible_copies(object_id)) >= COPIES_MIN:
            return object_id


def short_name(text: str, *, what: str) -> str:
    """A staff id, station id or site code, checked; `what` names it in the error."""
    if SHORT_NAME_PATTERN.fullmatch(text) is None:
        capitals = text.strip().upper()
        meant = capitals != text and SHORT_NAME_PATTERN.fullmatch(capitals) is not None
        raise InputError(
            f"{what} {_shown(text)} should be 2 to 16 of A-Z, 0-9 and hyphen.",
            remedy=f"Write it as {capitals}; nothing was recorded." if meant else None,
        )
    return text
