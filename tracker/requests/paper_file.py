"""A scanned paper as a file: which formats are taken, and how damaged or truncated files are detected."""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache
from typing import Final

from schema.errors import InputError

PAPER_BYTES_MAX: Final = 10 * 1024 * 1024
"""Twenty pages at 300 dpi, black and white, stay far below it."""

CONTENT_CHARACTERS_MAX: Final = -(-PAPER_BYTES_MAX // 3) * 4
"""The same in base64."""

FILES_MAX: Final = 20

_PDF_END_WITHIN: Final = 1024
"""Readers look for the end of a PDF in its last kilobyte (ISO 32000-1, annex H)."""

_PDF_OBJECT: Final = re.compile(rb"[0-9] [0-9]{1,5} obj\b")
"""The beginning of an object, of which every page has one (ISO 32000-1, 7.3.10)."""

_JPEG_FRAME: Final = re.compile(rb"\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf]")
"""The marker of a frame; what a scan shows follows it (ITU-T T.81, table B.1)."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_END: Final = b"IEND\xaeB`\x82"


@lru_cache(maxsize=FILES_MAX)
def paper_of(encoded: str) -> bytes:
    """The file that a request carries in base64; raises InputError for what is no whole PDF, PNG or JPEG."""
    if len(encoded) > CONTENT_CHARACTERS_MAX:
        raise _bad(
            f"it is larger than {PAPER_BYTES_MAX // 1024 // 1024} MB.", "Scan at 300 dpi, black and white."
        )
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _bad("its content is not base64.") from error
    check_paper(content)
    return content


def encoded_paper(content: bytes) -> str:
    """A file as a request carries it; raises InputError like `paper_of`."""
    check_paper(content)
    return base64.b64encode(content).decode("ascii")


def check_paper(content: bytes) -> None:
    """Raise InputError unless these bytes are a whole PDF, PNG or JPEG of a size that is kept."""
    if not content:
        raise _bad("the file is empty.")
    if len(content) > PAPER_BYTES_MAX:
        raise _bad(
            f"it has {len(content)} bytes, {PAPER_BYTES_MAX} is the most.",
            "Scan at 300 dpi, black and white.",
        )
    if content.startswith(b"%PDF-"):
        whole = b"%%EOF" in content[-_PDF_END_WITHIN:]
        has_content = b"startxref" in content[-_PDF_END_WITHIN:] and _PDF_OBJECT.search(content) is not None
    elif content.startswith(_PNG):
        whole = content.endswith(_PNG_END)
        has_content = b"IHDR" in content[:16] and b"IDAT" in content
    elif content.startswith(b"\xff\xd8\xff"):
        whole = content.rstrip(b"\x00").endswith(b"\xff\xd9")
        has_content = _JPEG_FRAME.search(content) is not None and b"\xff\xda" in content
    else:
        raise _bad("it is neither PDF nor PNG nor JPEG.")
    if not whole:
        raise _bad("its end is missing; it was cut off.")
    if not has_content:
        raise _bad("there is no page or picture in it.")


def _bad(why: str, remedy: str = "Scan the paper again as PDF, PNG or JPEG.") -> InputError:
    return InputError(
        f"The scanned paper cannot be taken: {why}", remedy=f"{remedy} Nothing was recorded.", code="bad_scan"
    )
