"""Head and receipt codes: what a sheet of paper remembers of the log.

A receipt is `CTR` and one statement digest; a head is `CTH`, the origin's short digest, the tree size and the
root. Both end in check characters, as every code of ours.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from schema.errors import BadCode, InputError, OtherLog
from schema.identifiers import check_characters

RECEIPT_LENGTH: Final = 57
HEAD_LENGTH: Final = 73
TREE_SIZE_MAX: Final = 2**40 - 1
"""The tree size stands in five bytes."""

_ORIGIN_BYTES: Final = 5
_SIZE_BYTES: Final = 5
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ReceiptCode:
    """The code by which paper proves that one statement is in the log."""

    statement_digest: str
    text: str


@dataclass(frozen=True, slots=True)
class HeadCode:
    """The code by which paper proves that today's log still contains the log it saw."""

    origin_digest: str
    """The first five bytes of SHA-256(origin), in hex: enough to tell two logs apart, not to name one."""
    tree_size: int
    root: str
    text: str

    def is_of(self, origin: str) -> bool:
        """Whether the head was taken from the log of this origin."""
        return self.origin_digest == _origin_digest(origin).hex()

    def require_origin(self, origin: str) -> None:
        """Raise OtherLog unless the head was taken from the log of this origin."""
        if not self.is_of(origin):
            raise OtherLog(f"The head of size {self.tree_size} was not taken from the log {origin}.")


def receipt_code(statement_digest: str) -> ReceiptCode:
    """The receipt of a statement, from the hex SHA-256 of its canonical form."""
    return ReceiptCode(statement_digest, _encoded("CTR", _digest_bytes(statement_digest, "statement digest")))


def head_code(origin: str, tree_size: int, root: str) -> HeadCode:
    """The head of a log, from its origin, its size and the hex root of its tree."""
    if not 0 <= tree_size <= TREE_SIZE_MAX:
        raise InputError(
            f"A tree size of {tree_size} has no place in a head code; it holds 0 to {TREE_SIZE_MAX}."
        )
    short = _origin_digest(origin)
    data = short + tree_size.to_bytes(_SIZE_BYTES, "big") + _digest_bytes(root, "root")
    return HeadCode(short.hex(), tree_size, root, _encoded("CTH", data))


def parse_receipt(text: str) -> ReceiptCode:
    """The statement digest in a receipt code; raises BadCode naming what is wrong with it.

    Typed as printed, in groups or in small letters, it is the same code.
    """
    code = _as_encoded(text)
    return ReceiptCode(_decoded(code, "CTR", RECEIPT_LENGTH, "receipt code").hex(), code)


def parse_head(text: str) -> HeadCode:
    """The size and root in a head code; raises BadCode naming what is wrong with it.

    Typed as printed, in groups or in small letters, it is the same code.
    """
    code = _as_encoded(text)
    data = _decoded(code, "CTH", HEAD_LENGTH, "head code")
    body = data[_ORIGIN_BYTES:]
    size = int.from_bytes(body[:_SIZE_BYTES], "big")
    return HeadCode(data[:_ORIGIN_BYTES].hex(), size, body[_SIZE_BYTES:].hex(), code)


def _as_encoded(text: str) -> str:
    """The code without the blanks, hyphens and small letters with which people copy it; ASCII alone."""
    joined = "".join(text.split()).replace("-", "")
    return joined.upper() if joined.isascii() else joined


def _origin_digest(origin: str) -> bytes:
    return hashlib.sha256(origin.encode()).digest()[:_ORIGIN_BYTES]


def _digest_bytes(digest: str, what: str) -> bytes:
    if _DIGEST.fullmatch(digest) is None:
        raise InputError(
            f"The {what} should be 64 lower-case hex digits, not {len(digest)} characters of something else."
        )
    return bytes.fromhex(digest)


def _encoded(prefix: str, data: bytes) -> str:
    stem = prefix + base64.b32encode(data).decode().rstrip("=")
    return stem + check_characters(stem)


def _decoded(text: str, prefix: str, length: int, what: str) -> bytes:
    if not text.startswith(prefix) or len(text) != length:
        raise BadCode(
            f"A {what} is {prefix} and {length - 3} characters; this one has {len(text)}.", code="bad_length"
        )
    stem, check, middle = text[:-2], text[-2:], text[3:-2]
    foreign = next((char for char in middle if char not in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), None)
    if foreign is not None:
        raise BadCode(
            f"The {what} has the character {foreign!a} at place {text.index(foreign, 3) + 1}; "
            "only A-Z and 2-7 stand there.",
            code="bad_character",
        )
    if check != check_characters(stem):
        raise BadCode(f"The {what} has wrong check characters: it was misread or mistyped.", code="bad_check")
    try:
        data = base64.b32decode(middle + "=" * (-len(middle) % 8))
    except binascii.Error as error:
        raise BadCode(f"The {what} is not base32: {error}.", code="bad_character") from error
    if base64.b32encode(data).decode().rstrip("=") != middle:
        raise BadCode(
            f"The {what} has bits beyond its last byte; cartrail never prints such a code.",
            code="not_canonical",
        )
    return data
