"""The exact bytes that are hashed: RFC 8785 canonical JSON on a restricted set of values.

Values are NFC strings, integers within +-(2^53-1), booleans, null, arrays and objects with ASCII keys.
There are no floats: a temperature is the text "-152.3" and its unit stands in the key.
On such values orjson with sorted keys gives the bytes that RFC 8785 asks for.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TypeGuard

import orjson

from schema.errors import NotCanonical

INTEGER_MAX = 2**53 - 1
"""Beyond it JSON readers that use doubles lose digits (RFC 8785 section 3.2.2.3)."""

NESTING_MAX = 32
"""No payload of ours nests deeper than 8; a limit keeps hostile input from exhausting the stack."""

_NOT_A_VALUE = "is not a string, integer, boolean, null, array or object"

Json = str | int | bool | None | Sequence["Json"] | Mapping[str, "Json"]


def checked(value: Json, *, where: str = "value", depth: int = 0) -> None:
    """Raise NotCanonical, naming the place, unless every part of the value may stand in an entry."""
    if not _is_plain(value, depth):
        _walk(value, where, depth)


def _is_plain(value: object, depth: int) -> TypeGuard[Json]:
    """Whether the value may surely stand in an entry: nearly all may, and need no name for any place."""
    if type(value) is str:
        return value.isascii()
    if value is None or type(value) is bool:
        return True
    if type(value) is int:
        return abs(value) <= INTEGER_MAX
    if depth >= NESTING_MAX:
        return False
    if type(value) is dict:
        for key, item in value.items():
            if type(key) is not str or not key.isascii():
                return False
            if not (item.isascii() if type(item) is str else _is_plain(item, depth + 1)):
                return False
        return True
    return type(value) is list and all(_is_plain(item, depth + 1) for item in value)


def _walk(value: Json, where: str, depth: int) -> None:
    """The same of any value, part by part, so that the place is known where it may not stand."""
    if value is None or isinstance(value, bool):
        return
    if depth > NESTING_MAX:
        raise NotCanonical(f"{where} is nested deeper than {NESTING_MAX} levels.")
    if isinstance(value, str):
        _check_text(value, where)
    elif isinstance(value, int):
        if abs(value) > INTEGER_MAX:
            raise NotCanonical(f"{where} is {value}, outside +-(2^53-1).")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise NotCanonical(f"{where} has the key {key!r}, which is not ASCII text.")
            _walk(item, f"{where}.{key}", depth + 1)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            _walk(item, f"{where}[{index}]", depth + 1)
    else:
        raise NotCanonical(f"{where} {_NOT_A_VALUE}: {type(value).__name__}.")


def _check_text(text: str, where: str) -> None:
    if not text.isascii():
        if not unicodedata.is_normalized("NFC", text):
            raise NotCanonical(f"{where} is not in Unicode NFC.")
        if any("\ud800" <= char <= "\udfff" for char in text):
            raise NotCanonical(f"{where} holds half of a surrogate pair.")


def canonical(value: Json) -> bytes:
    """The canonical bytes of a value; raises NotCanonical when it has none."""
    checked(value)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def canonical_as_received(value: object, normal: Json) -> bytes:
    """The canonical bytes of what `normalized` made of a value; it gives back as it was what may stand so."""
    return orjson.dumps(normal, option=orjson.OPT_SORT_KEYS) if normal is value else canonical(normal)


def normalized(value: object, *, where: str = "value", depth: int = 0) -> Json:
    """The value with every text in NFC; raises NotCanonical on a float or a foreign type."""
    if _is_plain(value, depth):
        # ASCII is in NFC.
        return value
    if isinstance(value, str):
        text = unicodedata.normalize("NFC", value)
        _check_text(text, where)
        return text
    if value is None or isinstance(value, (bool, int)):
        checked(value, where=where)
        return value
    if depth > NESTING_MAX:
        raise NotCanonical(f"{where[:80]} is nested deeper than {NESTING_MAX} levels.")
    if isinstance(value, Mapping):
        return {
            str(key): normalized(item, where=f"{where}.{key}", depth=depth + 1) for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [
            normalized(item, where=f"{where}[{index}]", depth=depth + 1) for index, item in enumerate(value)
        ]
    raise NotCanonical(f"{where} {_NOT_A_VALUE}: {type(value).__name__}.")


def parsed(body: bytes) -> Json:
    """The value of canonical bytes; raises NotCanonical when they are not canonical JSON."""
    try:
        value: Json = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NotCanonical(f"the bytes are not JSON: {error}.") from error
    if canonical(value) != body:
        raise NotCanonical("the bytes are JSON but not in canonical form.")
    return value


def leaf_digest(body: bytes) -> str:
    """Hex SHA-256(0x00 || body): the RFC 6962 leaf hash of an entry and the link to it."""
    return hashlib.sha256(b"\x00" + body).hexdigest()


def plain_digest(data: bytes) -> str:
    """Hex SHA-256 of the bytes, without a prefix; a statement digest is this of its canonical form."""
    return hashlib.sha256(data).hexdigest()
