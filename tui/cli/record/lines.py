"""Lines from a file or pipe, and whether another one waits already, which ends a batch."""

from __future__ import annotations

import os
import select
from codecs import BOM_UTF8
from collections import deque
from dataclasses import dataclass
from typing import Final

LINE_BYTES_MAX: Final = 1_000_000
"""The largest request, 200 scans of 4,096 characters, fits; a longer line is thrown away as it comes."""

_CHUNK: Final = 65_536


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its number, without its end; None for a line that was too long to keep."""

    number: int
    content: bytes | None
    length: int


class Lines:
    """Reads a descriptor line by line and keeps no more than one line and one chunk beyond what it gave."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._ready: deque[Line] = deque()
        self._part = bytearray()
        self._part_length = 0
        self._number = 0
        self._ended = False

    def wait(self) -> Line | None:
        """The next line, however long it takes; None at the end."""
        while not self._ready and not self._ended:
            self._read()
        return self._ready.popleft() if self._ready else None

    def waiting(self) -> Line | None:
        """The next line if all of it is there already, else None."""
        while not self._ready and not self._ended and self._readable():
            self._read()
        return self._ready.popleft() if self._ready else None

    def _readable(self) -> bool:
        return bool(select.select([self._descriptor], [], [], 0)[0])

    def _read(self) -> None:
        chunk = os.read(self._descriptor, _CHUNK)
        if not chunk:
            self._ended = True
            if self._part_length:
                self._end_line()
            return
        *whole, rest = chunk.split(b"\n")
        for piece in whole:
            self._keep(piece)
            self._end_line()
        self._keep(rest)

    def _keep(self, piece: bytes) -> None:
        self._part_length += len(piece)
        if self._part_length <= LINE_BYTES_MAX:
            self._part += piece
        else:
            self._part.clear()

    def _end_line(self) -> None:
        self._number += 1
        if self._number == 1:
            # Some editors put it before the first line; it is no part of what was asked.
            del self._part[: len(BOM_UTF8) if self._part.startswith(BOM_UTF8) else 0]
        too_long = self._part_length > LINE_BYTES_MAX
        content = None if too_long else bytes(self._part)
        if content is None or content.strip():
            self._ready.append(Line(self._number, content, self._part_length))
        self._part.clear()
        self._part_length = 0
