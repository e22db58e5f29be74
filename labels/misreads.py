"""Why a read that is almost a code of ours is not one: caps lock, layout, lost or joined characters."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from labels.frames import shown
from labels.isbt import parse_isbt
from schema.errors import BadCode
from schema.identifiers import ALPHABET, PRINTED_LENGTH, PrintedCode, parse_printed
from schema.papercodes import HEAD_LENGTH, RECEIPT_LENGTH, HeadCode, ReceiptCode, parse_head, parse_receipt

OwnCode = PrintedCode | HeadCode | ReceiptCode

_PRINTED_START: Final = re.compile(r"CT(?:[UCKPLSBDF][DTVP]|X2)")
_ALMOST_PRINTED: Final = re.compile(r"CT(?:[UCKPLSBDF][DTVP]|X2)[A-Z0-9]{6,20}")
_ALMOST_PAPER: Final = re.compile(r"CT[HR][A-Z2-7]{20,77}")
_INSIDE: Final = re.compile(r"CT(?:[UCKPLSBDF][DTVP]|X2)[A-Z0-9]{12}|CTR[A-Z0-9]{54}|CTH[A-Z0-9]{70}")

_DIGIT_ROWS: Final = {
    "French": "&é\"'(-è_çà",
    "Belgian": "&é\"'(§è!çà",
    "Czech": "+ěščřžýáíé",
}
"""What the keys 1 to 0 give without shift; a scanner set to another layout sends these in place of digits."""

_LAYOUT_REMEDY: Final = (
    "Set the scanner and this computer to the same keyboard layout, or the scanner to USB serial."
)
_JOINED_REMEDY: Final = (
    "Clear the field and scan one label at a time; set the scanner to end each scan with Enter."
)


def parse_own(text: str) -> OwnCode | None:
    """The code of ours that a text is; None for any other text, BadCode for a damaged code of ours."""
    if text.startswith("CTR") and len(text) == RECEIPT_LENGTH:
        return parse_receipt(text)
    if text.startswith("CTH") and len(text) == HEAD_LENGTH:
        return parse_head(text)
    if (
        len(text) == PRINTED_LENGTH
        and text.startswith("CT")
        and (_alphanumeric(text) or _PRINTED_START.match(text))
    ):
        return _printed(text)
    return None


def _printed(text: str) -> PrintedCode:
    code = parse_printed(text)
    if text[-2] not in ALPHABET or text[-1] not in ALPHABET:
        raise BadCode(f"{shown(text)} has check characters that cartrail never prints.", code="bad_character")
    return code


def _alphanumeric(text: str) -> bool:
    return text.isascii() and text.isalnum()


def _understood(text: str, parse: Callable[[str], object | None]) -> bool:
    try:
        return parse(text) is not None
    except BadCode:
        return False


def is_own(text: str) -> bool:
    """Whether the text is an intact code of ours."""
    return _understood(text, parse_own)


def _is_known(text: str) -> bool:
    return is_own(text) or _understood(text, parse_isbt)


def explain(text: str) -> BadCode | None:
    """The fault that turns this text into one that cartrail would understand; None when none shows."""
    return _case(text) or _spaces(text) or _layout(text) or _joined(text)


def explain_foreign(text: str) -> BadCode | None:
    """Why a text that nothing else understands is a damaged code of ours; None for any other text."""
    if len(text) == PRINTED_LENGTH and is_own("CT" + text[2:]):
        return BadCode(
            f"{shown(text)} should begin with CT: it was misread or mistyped.", code="bad_character"
        )
    if _ALMOST_PRINTED.fullmatch(text) and len(text) != PRINTED_LENGTH:
        return _wrong_length(text, "cartrail code", PRINTED_LENGTH)
    if _ALMOST_PAPER.fullmatch(text):
        what, length = ("receipt code", RECEIPT_LENGTH) if text[2] == "R" else ("head code", HEAD_LENGTH)
        return _wrong_length(text, what, length) if len(text) != length else None
    return None


def _wrong_length(text: str, what: str, length: int) -> BadCode:
    fate = "characters were lost" if len(text) < length else "characters were added"
    return BadCode(
        f"{shown(text)} has {len(text)} characters, a {what} has {length}: {fate}.", code="bad_length"
    )


def _case(text: str) -> BadCode | None:
    if not any(char.islower() for char in text):
        return None
    if _is_known(text.swapcase()):
        return BadCode(
            f"{shown(text)} has capitals and small letters swapped: "
            "the scanner or keyboard has caps lock on.",
            remedy="Turn caps lock off and scan again.",
            code="caps_lock",
        )
    if is_own(text.upper()):
        return BadCode(
            f"{shown(text)} has small letters; a cartrail code has capitals only.",
            remedy="Scan the label, or type the code in capitals.",
            code="small_letters",
        )
    return None


def _spaces(text: str) -> BadCode | None:
    bare = "".join(text.split(" "))
    if bare == text or not _is_known(bare):
        return None
    return BadCode(
        f"{shown(text)} is a code with spaces in it.",
        remedy="Scan the label, or type the code without spaces.",
        code="spaces",
    )


def _layout(text: str) -> BadCode | None:
    for layout, row in _DIGIT_ROWS.items():
        digits = text.translate(str.maketrans(row, "1234567890"))
        if digits != text and (is_own(digits) or is_own(digits.swapcase())):
            return BadCode(
                f"{shown(text)} is a code typed for a {layout} keyboard: "
                "the scanner and this computer use two layouts.",
                remedy=_LAYOUT_REMEDY,
                code="keyboard_layout",
            )
    return None


def _joined(text: str) -> BadCode | None:
    pieces = [piece for piece in re.split(r"[\r\n\t]+", text) if piece]
    if len(pieces) > 1 and any(_is_known(piece) for piece in pieces):
        return _run_together(f"{len(pieces)} scans stand in one, the first {shown(pieces[0])}")
    for match in _INSIDE.finditer(text):
        inner = match.group()
        if inner == text or not is_own(inner):
            continue
        more = len(text) - len(inner)
        plural = "" if more == 1 else "s"
        return _run_together(f"{shown(text)} holds the code {shown(inner)} and {more} more character{plural}")
    if len(text) == 2 * PRINTED_LENGTH and all(_PRINTED_START.match(half) for half in (text[:16], text[16:])):
        return _run_together(f"{shown(text)} has the length of two codes")
    return None


def _run_together(fact: str) -> BadCode:
    return BadCode(f"{fact}: two scans run together.", remedy=_JOINED_REMEDY, code="run_together")
