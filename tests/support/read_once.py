"""Import this before anything else of cartrail: what one test has read and verified others need not.

An entry is its bytes and a signature holds or not, whoever asks; both are worked out once for the same bytes.
Hundreds of tests begin with a copy of the same store, and verifying it took a tenth of all time.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from schema import entry, signing

_READ_EXACTLY: Final = entry._read_exactly


class _Kinds:
    """The kinds by which bytes were read: those of a test that takes one away are others."""

    def __init__(self, kinds: Mapping[tuple[str, int], object]) -> None:
        self.kinds = kinds

    def __hash__(self) -> int:
        return id(self.kinds)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kinds) and self.kinds is other.kinds


@lru_cache(maxsize=4_000)
def _read(body: bytes, kinds: _Kinds) -> entry.Entry | None:
    del kinds
    return _READ_EXACTLY(body)


entry._read_exactly = lambda body: _read(body, _Kinds(vars(entry)["kinds"]()))
signing.verifies = lru_cache(maxsize=20_000)(signing.verifies)
