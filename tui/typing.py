"""What a hand typed, in the form that a scanner would have sent: words of commands, codes in small letters.

Nothing is guessed: check characters prove a code, and a command is the whole word as the screen prints it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from labels.keyed import in_groups, joined
from schema.errors import CartrailError
from schema.identifiers import COMMANDS, command_code, is_object_id
from schema.positions import POSITION_PATTERN
from schema.vocabulary import ReadMode
from tracker.values import is_pin
from tui.answers import ShownAnswer, check, is_like_a_code
from tui.framing import RawScan, has_our_form
from tui.language import tr

_BRACKETS: Final = re.compile(r"\[(.+)\]")
_DIGITS_SHOWN_MAX: Final = 3
"""A step number or the number of a line is shown as it is typed; longer it may be the beginning of a PIN."""


def is_position(text: str) -> bool:
    """Whether somebody said a position, in small letters too; no code of ours or others looks like one."""
    return POSITION_PATTERN.fullmatch(text.upper()) is not None


def as_read(scan: RawScan) -> RawScan:
    """A typed command word as its code, a code of ours without blanks and in capitals; all else as it is."""
    if scan.is_overlong:
        return scan
    if scan.mode is not ReadMode.MANUAL:
        return _copied(scan)
    text = scan.text.strip()
    character = command_character(text)
    if character is not None:
        return replace(scan, text=command_code(character).text)
    bare = "".join(text.split()).upper()
    return replace(scan, text=bare) if has_our_form(bare) or is_object_id(bare) else scan


def _copied(scan: RawScan) -> RawScan:
    """A code of ours copied off a screen in its groups: no symbol has blanks, so no scanner read it."""
    text = joined(scan.text)
    return scan if text == scan.text else replace(scan, text=text, mode=ReadMode.PASTED)


def command_character(text: str) -> str | None:
    """The character of the command that a word names, as `ALL-IN-ORDER` or `[DONE]`; None for any other.

    A word without a hyphen is a command in capitals alone: somebody's remark may be `done`.
    """
    match = _BRACKETS.fullmatch(text)
    word = match[1] if match else text
    for character, name in COMMANDS.items():
        if word == name or ("-" in name and word.upper() == name):
            return character
    return None


def command_said(text: str) -> str | None:
    """The command of several words that this names, however it is written: `not in order`; None for none.

    Where a code or a number is asked nobody means anything else by it, and a remote terminal sends a line as
    fast as a scanner does.
    """
    name = "-".join(text.upper().strip("[] ").split())
    return name if "-" in name and name in COMMANDS.values() else None


def echoed(text: str, *, is_number: bool) -> str:
    """What was typed so far as others may see it: digits could be a PIN where no number is asked for."""
    hidden = not is_number and text.isdecimal() and len(text) > _DIGITS_SHOWN_MAX
    return "*" * len(text) if hidden else text


def is_early_pin(scan: RawScan) -> bool:
    """Whether a typed text may be a PIN that came before it was asked for."""
    return scan.mode is ReadMode.MANUAL and is_pin(scan.text.strip())


def slip_of(scan: RawScan, error: CartrailError) -> ShownAnswer | None:
    """The answer to a slip of the finger in a code: the fault by name, and how to read it again."""
    text = scan.text.strip()
    if scan.mode is not ReadMode.MANUAL or error.code not in _SLIPS or not is_like_a_code(text):
        return None
    line = (_SLIPS[error.code] if has_our_form(text) else "") or error.message
    return check(line, tr("Read it again, in groups of four: {code}", code=in_groups(text)))


_SLIPS: Final = {
    "bad_check": tr("One character is wrong, or two are swapped: the check characters do not fit."),
    "bad_length": "",
    "bad_character": "",
}
