"""Opening a bundle: a zip whose every byte follows from its files, so that none can change unseen."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol, overload

from tracker.evidence.bundle_format import NAMES, REGULAR_FILE, REQUIRED, UNIX

_LOCAL: Final = struct.Struct("<4s2B4HL2L2H")
_CENTRAL: Final = struct.Struct("<4s4B4HL2L5H2L")
_END: Final = struct.Struct("<4s4H2LH")
_VERSION: Final = 20
"""2.0, which zipfile asks for whatever a file needs."""

_DAY: Final = 1 << 5 | 1
"""1980-01-01 as a zip writes days."""

_BLOCK: Final = 1 << 20


class Fault(Exception):
    """Something in a bundle is not as it has to be; the message says what."""


class Bytes(Protocol):
    """What bytes and a mapped file have in common."""

    def __len__(self) -> int: ...

    @overload
    def __getitem__(self, place: int, /) -> int: ...
    @overload
    def __getitem__(self, place: slice, /) -> bytes: ...

    def find(self, what: bytes, start: int, end: int, /) -> int:
        """The place of the first such bytes between two places, or -1."""


@dataclass(frozen=True, slots=True)
class Container:
    """The files of a bundle, read where they lie."""

    data: Bytes
    spans: Mapping[str, slice]

    def __contains__(self, name: str) -> bool:
        return name in self.spans

    def read(self, name: str) -> bytes:
        """The bytes of a file."""
        return self.data[self.spans[name]]

    def sha256(self, name: str) -> str:
        """The hex digest of a file."""
        span, digest = self.spans[name], hashlib.sha256()
        for place in range(span.start, span.stop, _BLOCK):
            digest.update(self.data[place : min(place + _BLOCK, span.stop)])
        return digest.hexdigest()

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a file without their ends; raises Fault where the last one has none."""
        span = self.spans[name]
        start = span.start
        while start < span.stop:
            end = self.data.find(b"\n", start, span.stop)
            if end < 0:
                raise Fault("its last line does not end")
            yield self.data[start:end]
            start = end + 1


def open_container(data: Bytes) -> Container:
    """The files of a bundle; raises Fault unless a zip built anew from them is the same bytes."""
    count, directory = _end_of(data)
    spans: dict[str, slice] = {}
    place, at, last = 0, directory, ""
    for _ in range(count):
        fixed = data[at : at + _CENTRAL.size]
        if len(fixed) != _CENTRAL.size:
            raise Fault("its directory is cut")
        fields = _CENTRAL.unpack(fixed)
        size, length = fields[11], fields[12]
        name = _name(data[at + _CENTRAL.size : at + _CENTRAL.size + length], last)
        start = place + _LOCAL.size + length
        if start + size > directory:
            raise Fault(f"{name} reaches beyond the files")
        local, central = _records(name, _crc(data, start, start + size), size, place)
        if data[place:start] != local or data[at : at + len(central)] != central:
            raise Fault(f"the record of {name} is not the one that zipfile writes for these bytes")
        spans[name] = slice(start, start + size)
        place, at, last = start + size, at + len(central), name
    if place != directory or at != len(data) - _END.size:
        raise Fault("it has bytes that belong to no file")
    lacking = [name for name in REQUIRED if name not in spans]
    if lacking:
        raise Fault(f"it has no {', '.join(lacking)}")
    return Container(data, spans)


def _end_of(data: Bytes) -> tuple[int, int]:
    """How many files there are, and where their directory begins."""
    tail = data[max(len(data) - _END.size, 0) : len(data)]
    if len(tail) != _END.size or not tail.startswith(b"PK\x05\x06"):
        raise Fault("it does not end as a zip without comment does: it is cut, padded or something else")
    _, _, _, count, _, size, directory, _ = _END.unpack(tail)
    if tail != _END.pack(b"PK\x05\x06", 0, 0, count, count, size, directory, 0):
        raise Fault("its last record is not the one that zipfile writes")
    if directory + size + _END.size != len(data):
        raise Fault("its directory does not reach from where it says to the end")
    return count, directory


def _name(raw: bytes, last: str) -> str:
    try:
        name = raw.decode("ascii")
    except UnicodeDecodeError as error:
        raise Fault("it has a file whose name is not ASCII") from error
    if NAMES.fullmatch(name) is None:
        raise Fault(f"{name[:80]!r} is no file of a bundle")
    if name <= last:
        raise Fault(f"{name} stands twice or out of order")
    return name


def _crc(data: Bytes, start: int, end: int) -> int:
    crc = 0
    for place in range(start, end, _BLOCK):
        crc = zlib.crc32(data[place : min(place + _BLOCK, end)], crc)
    return crc


def _records(name: str, crc: int, size: int, place: int) -> tuple[bytes, bytes]:
    """The record before a file and the one in the directory."""
    raw = name.encode("ascii")
    common = (0, 0, 0, _DAY, crc, size, size, len(raw), 0)
    local = _LOCAL.pack(b"PK\x03\x04", _VERSION, 0, *common)
    central = _CENTRAL.pack(b"PK\x01\x02", _VERSION, UNIX, _VERSION, 0, *common, 0, 0, 0, REGULAR_FILE, place)
    return local + raw, central + raw
