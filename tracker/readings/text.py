"""The bytes of a logger's file as text: its size, its SHA-256, its encoding and whether it is whole."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from tracker.readings.refusals import EXPORT_AGAIN, BadFile

FILE_BYTES_MAX: Final = 200_000_000
"""More than a logger holds: six million readings."""

_CHUNK: Final = 1 << 16
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""The marks with which a file says how it is encoded. Without one it is UTF-8, else what Windows writes."""

_WINDOWS: Final = "cp1252"


@dataclass(frozen=True, slots=True)
class Content:
    """What is known of a file's bytes before they are read as text."""

    sha256: str
    size: int
    encoding: str
    ends_with_line: bool
    """Whether its last line is whole: a file that was cut off ends within one."""


def examined(stream: BinaryIO) -> Content:
    """One pass over the bytes of a file that can be sought; raises BadFile for no text, or too much."""
    digest, size, tail = hashlib.sha256(), 0, b""
    marked = next((name for mark, name in _MARKS if _starts(stream, mark)), None)
    utf8 = codecs.getincrementaldecoder("utf-8")()
    plain, nul, line = marked is None, 0, 1
    stream.seek(0)
    while chunk := stream.read(_CHUNK):
        if size + len(chunk) > FILE_BYTES_MAX:
            raise too_large(size + len(chunk))
        digest.update(chunk)
        if nul == 0 and marked is None:
            ends = chunk.find(b"\x00")
            line += chunk.count(b"\n", 0, None if ends < 0 else ends)
            nul = 0 if ends < 0 else line
        if plain:
            plain = _decodes(utf8, chunk)
        size, tail = size + len(chunk), chunk[-4:]
    if size == 0:
        raise BadFile(1, "", "is all there is: the file is empty.")
    if nul:
        raise BadFile(nul, "", "is no text in an encoding that the file names.", remedy=_ENCODING)
    if plain:
        plain = _decodes(utf8, b"", last=True)
    encoding = marked or ("utf-8" if plain else _WINDOWS)
    wide = encoding == "utf-16"
    whole = tail.rstrip(b"\x00")[-1:] in (b"\n", b"\r") and (not wide or size % 2 == 0)
    return Content(digest.hexdigest(), size, encoding, whole)


_ENCODING: Final = (
    "Export it as CSV in UTF-8, or as Unicode text with its byte order mark. Nothing was recorded."
)


def too_large(size: int) -> BadFile:
    """The refusal of a file that nobody reads to its end."""
    return BadFile(
        1,
        f"{size} bytes",
        f"is too much: a logger's file has at most {FILE_BYTES_MAX // 1_000_000} MB.",
        remedy="Export the time of this shipment alone. Nothing was recorded.",
        code="logger_file_too_large",
    )


def _starts(stream: BinaryIO, mark: bytes) -> bool:
    stream.seek(0)
    return stream.read(len(mark)) == mark


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, last: bool = False) -> bool:
    try:
        decoder.decode(chunk, last)
    except UnicodeDecodeError:
        return False
    return True


def lines_of(stream: BinaryIO, encoding: str) -> io.TextIOWrapper:
    """The text of a file from its beginning, with the ends of its lines; detach it to keep the stream."""
    stream.seek(0)
    return io.TextIOWrapper(stream, encoding=encoding, newline="")


def head_of(stream: BinaryIO, encoding: str, lines: int) -> list[str]:
    """The first lines of a file; raises BadFile where they cannot be decoded."""
    text = lines_of(stream, encoding)
    found: list[str] = []
    try:
        for line in text:
            found.append(line)
            if len(found) == lines:
                break
    except UnicodeError as error:
        raise _undecodable(len(found) + 1, encoding) from error
    finally:
        text.detach()
    return found


def rows_of(
    text: io.TextIOBase, encoding: str, delimiter: str, *, quoted: bool
) -> Iterator[tuple[int, list[str]]]:
    """The cells of each line with its number, from 1; raises BadFile for a line that is no row of cells."""
    reader = csv.reader(
        text, delimiter=delimiter, strict=True, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    )
    line = 0
    try:
        for line, row in enumerate(reader, 1):
            if reader.line_num != line:
                raise BadFile(line, row[0] if row else "", "goes over several lines.")
            yield line, row
    except UnicodeError as error:
        raise _undecodable(line + 1, encoding) from error
    except csv.Error as error:
        raise BadFile(line + 1, str(error), "is why this is no line of cells.") from error


def _undecodable(line: int, encoding: str) -> BadFile:
    return BadFile(line, encoding, "is the encoding of the file, and this line is not written in it.")


def cut_off(line: int, value: str) -> BadFile:
    """The refusal of a file whose end is missing."""
    return BadFile(
        line,
        value,
        "is the last there is: the end of the file is missing.",
        remedy=EXPORT_AGAIN,
        code="cut_off",
    )
