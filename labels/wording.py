"""The checks that every printed text and code passes before it may stand on paper."""

from __future__ import annotations

import struct
import unicodedata
from dataclasses import fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from labels.errors import LabelOverflow, RendererFault, UnprintableText
from labels.frames import shown
from schema.errors import BadCode, InputError, OtherLog
from schema.identifiers import is_object_id, object_type_of, parse_printed, purpose_of
from schema.vocabulary import ObjectType, Purpose

TEXT_MAX: Final = 300
"""The longest field that any stock has room for; the layout sets tighter limits of its own."""

LINES_MAX: Final = 200
"""More lines than any paper holds; the layout refuses long before."""

_HIDDEN: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_JOINERS: Final = "\u200c\u200d"
"""Joiners belong to the spelling of some scripts; other hidden characters can turn a line around."""

_FILES: Final = ("DejaVuSansCondensed.ttf", "DejaVuSansCondensed-Bold.ttf")
_SEGMENTED: Final = 12


def banner(purpose: Purpose) -> str:
    """The words on the black bar of everything that is not for patients; empty in production."""
    return "" if purpose is Purpose.PRODUCTION else f"{purpose.value.upper()} - NOT FOR CLINICAL USE"


def check_texts(content: object, where: str) -> None:
    """Raise UnprintableText or LabelOverflow unless each text in the content may be printed."""
    if isinstance(content, str):
        _check_text(content, where)
    elif isinstance(content, tuple):
        if len(content) > LINES_MAX:
            raise LabelOverflow(f"The {where} has {len(content)} lines, {LINES_MAX} is the most.")
        for item in content:
            check_texts(item, where)
    elif is_dataclass(content):
        for field in fields(content):
            check_texts(getattr(content, field.name), f"{where} {field.name.replace('_', ' ')}")


def check_given(content: object, where: str, *names: str) -> None:
    """Raise InputError where a text is empty that the paper cannot do without."""
    for name in names:
        if not str(getattr(content, name)).strip():
            raise InputError(f"The {where} has no {name}.", code="empty_text")


def check_printable(text: str, where: str) -> None:
    """Raise UnprintableText or LabelOverflow for a text that no paper could ever carry."""
    _check_text(text, where)
    check_drawable(text, where)


def _check_text(text: str, where: str) -> None:
    if len(text) > TEXT_MAX:
        raise LabelOverflow(f"The {where} has {len(text)} characters, {TEXT_MAX} is the most: {shown(text)}.")
    for char in text:
        if unicodedata.category(char) in _HIDDEN and char not in _JOINERS:
            raise UnprintableText(f"The {where} {shown(text)} has the hidden character U+{ord(char):04X}.")


def check_code(code: str, purpose: Purpose, where: str, *types: ObjectType) -> str:
    """The object id of a printed code, once its type and purpose are those of the paper."""
    printed = parse_printed(code)
    if printed.object_type is None:
        raise BadCode(f"The {where} carries a command code, {code}.", code="wrong_type")
    return check_id(printed.object_id, purpose, where, *types)


def check_id(object_id: str, purpose: Purpose, where: str, *types: ObjectType) -> str:
    """The id itself, once it has the form, the type and the purpose that the paper asks for."""
    if not is_object_id(object_id):
        raise InputError(f"The {where} names {shown(object_id)}, which is not an object id.")
    if object_type_of(object_id) not in types:
        wanted = " or ".join(item.name.lower().replace("_", " ") for item in types)
        raise InputError(f"The {where} names {object_id}, which is not a {wanted}.", code="wrong_type")
    if purpose_of(object_id) is not purpose:
        raise OtherLog(
            f"The {where} is of a {purpose.value} store, {object_id} of a {purpose_of(object_id).value} one."
        )
    return object_id


FONTS: Final = Path(__file__).parent / "fonts"


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
