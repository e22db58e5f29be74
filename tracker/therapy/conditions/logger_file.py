"""A logger's file as a request carries it: packed, in base64, and never larger than what is read."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

from schema.errors import InputError
from tracker.readings.packing import NOT_WHOLE, opened, packed

FILE_CHARACTERS_MAX: Final = 60_000_000
"""Of a packed file in base64; what is packed so badly is no text."""


def packed_of(text: str) -> bytes:
    """The packed file that a request carries; raises InputError for what is no base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _not_whole() from error


@contextmanager
def file_of(text: str) -> Iterator[BinaryIO]:
    """The file that a request carries, from its beginning; raises InputError where it is not whole."""
    try:
        with opened(packed_of(text)) as stream:
            yield stream
    except NOT_WHOLE as error:
        raise _not_whole() from error


def _not_whole() -> InputError:
    return InputError(
        "The logger's file is not whole: it is a file packed by gzip, in base64.",
        remedy="Send it again: gzip -c FILE | base64. Nothing was recorded.",
        code="bad_logger_file",
    )


def packed_file(stream: BinaryIO) -> str:
    """A file as a request carries it, always the same for the same bytes."""
    return base64.b64encode(packed(stream)).decode("ascii")
