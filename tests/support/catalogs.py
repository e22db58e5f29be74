"""Catalogs for tests: gettext's binary form, and a made-up language that shows what was not translated."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase
from typing import Final

MADE_UP: Final = "qps"
"""No language has this name: ISO 639-2 keeps qaa to qtz for private use."""

_LETTERS: Final = str.maketrans(
    ascii_lowercase + ascii_uppercase,
    "".join(chr(0x430 + place) for place in range(26)) + "".join(chr(0x410 + place) for place in range(26)),
)
_NAME: Final = re.compile(r"(\{\w+\})")


def made_up(text: str) -> str:
    """The sentence in letters of another alphabet, as wide as before; names of values stay."""
    return "".join(part if _NAME.fullmatch(part) else part.translate(_LETTERS) for part in _NAME.split(text))


def compiled(words: dict[str, str]) -> bytes:
    """A catalog in gettext's binary form (GNU gettext manual, 10.3)."""
    pairs = sorted({"": "Content-Type: text/plain; charset=UTF-8\n", **words}.items())
    originals = [key.encode() for key, _ in pairs]
    translated = [value.encode() for _, value in pairs]
    count, start = len(pairs), 28
    at = start + 16 * count
    tables: list[bytes] = []
    data = b""
    for texts in (originals, translated):
        for text in texts:
            tables.append(struct.pack("<II", len(text), at + len(data)))
            data += text + b"\0"
    head = struct.pack("<IIIIIII", 0x950412DE, 0, count, start, start + 8 * count, 0, at)
    return head + b"".join(tables) + data


def write_catalog(folder: Path, language: str, words: dict[str, str]) -> None:
    """Put a catalog where gettext looks for it."""
    place = folder / language / "LC_MESSAGES"
    place.mkdir(parents=True)
    (place / "cartrail.mo").write_bytes(compiled(words))
