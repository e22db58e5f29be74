"""Which characters the shipped label font can draw, read from its own character map."""

from __future__ import annotations

import struct
from functools import lru_cache
from pathlib import Path
from typing import Final

from labels.errors import RendererFault, UnprintableText
from labels.frames import shown

FONTS: Final = Path(__file__).parent / "fonts"
_FILES: Final = ("DejaVuSansCondensed.ttf", "DejaVuSansCondensed-Bold.ttf")
_SEGMENTED: Final = 12


def check_drawable(text: str, where: str) -> None:
    """Raise UnprintableText when the label font, regular or bold, lacks a character of the text."""
    if text.isascii():
        return
    for char in text:
        if not all(_draws(file, ord(char)) for file in _FILES):
            raise UnprintableText(
                f"The {where} {shown(text)} has {char!a}, which the label font cannot draw.", code="no_glyph"
            )


def _draws(file: str, point: int) -> bool:
    return any(start <= point <= end for start, end in _ranges(file))


@lru_cache(maxsize=len(_FILES))
def _ranges(file: str) -> tuple[tuple[int, int], ...]:
    """The ranges of code points that a font draws (OpenType cmap, format 12)."""
    try:
        data = (FONTS / file).read_bytes()
    except OSError as error:
        raise RendererFault(f"The label font {file} cannot be read: {error}.") from error
    table = _table(data, b"cmap")
    for index in range(struct.unpack_from(">H", table, 2)[0]):
        offset = struct.unpack_from(">HHI", table, 4 + 8 * index)[2]
        if struct.unpack_from(">H", table, offset)[0] == _SEGMENTED:
            count = struct.unpack_from(">I", table, offset + 12)[0]
            groups = (struct.unpack_from(">III", table, offset + 16 + 12 * group) for group in range(count))
            return tuple((start, end) for start, end, _ in groups)
    raise RendererFault(f"The label font {file} has no full character map.")


def _table(data: bytes, tag: bytes) -> bytes:
    for index in range(struct.unpack_from(">H", data, 4)[0]):
        name, _, offset, length = struct.unpack_from(">4sIII", data, 12 + 16 * index)
        if name == tag:
            return data[offset : offset + length]
    raise RendererFault(f"The label font has no table {tag.decode()}.")
