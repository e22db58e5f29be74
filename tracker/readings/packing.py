"""A logger's file packed by gzip: a tenth of its bytes, and never unpacked beyond what is read of one."""

from __future__ import annotations

import gzip
import hashlib
import io
import shutil
import zlib
from typing import BinaryIO, Final, cast

from tracker.readings.text import FILE_BYTES_MAX

_CHUNK: Final = 1 << 16
NOT_WHOLE: Final = (OSError, EOFError, zlib.error)
"""What is raised while bytes are read that are no whole file packed by gzip."""


def packed(stream: BinaryIO) -> bytes:
    """A file from its beginning, packed; always the same for the same bytes."""
    found = io.BytesIO()
    stream.seek(0)
    with gzip.GzipFile(fileobj=found, mode="wb", compresslevel=6, mtime=0) as packing:
        shutil.copyfileobj(stream, packing)
    return found.getvalue()


def opened(content: bytes) -> BinaryIO:
    """A packed file as a stream that can be sought; reading it raises one of NOT_WHOLE."""
    return cast("BinaryIO", gzip.GzipFile(fileobj=io.BytesIO(content)))


def digest_of(content: bytes) -> str:
    """The hex SHA-256 of what a packed file has, which was read before."""
    digest = hashlib.sha256()
    with opened(content) as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def as_it_was(kept: object) -> bytes:
    """The file that was packed; of what nobody packed those bytes themselves, whose digest is another."""
    content = kept if isinstance(kept, bytes) else str(kept).encode("utf-8", "surrogateescape")
    try:
        with opened(content) as stream:
            return stream.read(FILE_BYTES_MAX + 1)
    except NOT_WHOLE:
        return content
