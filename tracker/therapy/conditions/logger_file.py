"""A logger's file as a request carries it: packed, and never larger than what is read."""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import zlib
from functools import lru_cache
from typing import Final

from schema.errors import InputError
from tracker.readings.text import FILE_BYTES_MAX, too_large

FILE_CHARACTERS_MAX: Final = 60_000_000
"""Of a packed file in base64; what is packed so badly is no text."""


@lru_cache(maxsize=2)
def content_of(packed: str) -> bytes:
    """The bytes of a file that a request carries; raises InputError where they are not whole."""
    try:
        stream = gzip.GzipFile(fileobj=io.BytesIO(base64.b64decode(packed, validate=True)))
        content = stream.read(FILE_BYTES_MAX + 1)
    except (binascii.Error, ValueError, OSError, EOFError, zlib.error) as error:
        raise InputError(
            "The logger's file is not whole: it is a file packed by gzip, in base64.",
            remedy="Send it again: gzip -c FILE | base64. Nothing was recorded.",
            code="bad_logger_file",
        ) from error
    if len(content) > FILE_BYTES_MAX:
        raise too_large(len(content))
    return content


def packed_file(content: bytes) -> str:
    """A file as a request carries it, always the same for the same bytes."""
    return base64.b64encode(gzip.compress(content, compresslevel=6, mtime=0)).decode("ascii")
