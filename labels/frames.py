"""One scan as the reader gets it: the AIM prefix and the terminator taken off, everything else kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from schema.errors import BadCode

LENGTH_MAX: Final = 4096
"""A QR symbol of the largest version holds 4,296 capitals; no carrier in use here comes near it."""

SHOWN_MAX: Final = 40

_AIM: Final = re.compile(r"\][A-Za-z][0-9A-Fa-f]")
_TERMINATORS: Final = ("\r\n", "\r", "\n", "\t")


@dataclass(frozen=True, slots=True)
class SymbolText:
    """The characters of one symbol and, where the scanner sends it, the AIM identifier of its symbology."""

    text: str
    aim: str | None


def shown(text: str, limit: int = SHOWN_MAX) -> str:
    """A scanned text made safe and short enough to repeat in a message."""
    return f'"{escaped(text[:limit])}"' + (f" ... ({len(text)} characters)" if len(text) > limit else "")


def escaped(text: str) -> str:
    """A text with every character that does not print shown as its number."""
    return "".join(char if char.isprintable() else _number(char) for char in text)


def _number(char: str) -> str:
    return f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}"


def framed(raw: str) -> SymbolText:
    """The frame of a raw scan; GS, RS and EOT inside it are data and stay."""
    if len(raw) > LENGTH_MAX:
        raise BadCode(
            f"The scan has {len(raw)} characters, {LENGTH_MAX} is the most; "
            f"it begins {shown(raw[:SHOWN_MAX])}.",
            remedy="Scan one label; when this is one, report which kind of label it is.",
            code="too_long",
        )
    terminator = next((one for one in _TERMINATORS if raw.endswith(one)), "")
    text = raw.removesuffix(terminator)
    if text.endswith(_TERMINATORS) and text.strip("\r\n\t"):
        raise BadCode(
            f"{shown(raw)} ends in two terminators.",
            remedy="Set the scanner to send one Enter after each scan.",
            code="doubled_suffix",
        )
    match = _AIM.match(text)
    aim = match.group() if match else None
    text = text[3:] if match else text
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise BadCode(
            f"{shown(text)} has bytes that are not text.",
            remedy="Set scanner and terminal to UTF-8, or the scanner to send plain ASCII.",
            code="bad_character",
        )
    if "\x1d" not in text and not any(char.isprintable() and not char.isspace() for char in text):
        after = f" after the AIM prefix {aim}" if aim else ""
        raise BadCode(f"Nothing was read{after}.", remedy="Scan the label again.", code="empty")
    return SymbolText(text, aim)
