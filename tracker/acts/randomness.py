"""Where salts and new ids come from: the system's randomness, or a demo's seed that repeats a history."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from schema.canonical import Json, canonical
from schema.commitments import SALT_BYTES, Commitment, Opening
from schema.identifiers import draw_object_id
from schema.vocabulary import ObjectType, Purpose


class Randomness(Protocol):
    """A source of salts and ids for one store."""

    def salt(self, size: int) -> bytes:
        """Unpredictable bytes."""
        ...

    def object_id(self, object_type: ObjectType) -> str:
        """A new object id of the store's purpose."""
        ...


class SaltsAndIds:
    """What one act commits to and names, kept so that deciding again gives the same draft.

    Each use of a value gets its own salt, so that equal values do not show as equal in the ledger.
    """

    def __init__(self, randomness: Randomness, taken: Callable[[str], bool]) -> None:
        self._randomness = randomness
        self._taken = taken
        self._openings: dict[tuple[str, str, bytes, int], Opening] = {}
        self._uses: dict[tuple[str, str, bytes], int] = {}
        self._ids: dict[tuple[ObjectType, int], str] = {}
        self._drawn: dict[ObjectType, int] = {}
        self._used: list[tuple[str, Opening]] = []

    def begin(self, taken: Callable[[str], bool] | None = None) -> None:
        """Start a decision: uses are counted from the first again."""
        self._uses, self._drawn, self._used = {}, {}, []
        if taken is not None:
            self._taken = taken

    def commit(self, chain: str, field: str, value: Json) -> Commitment:
        """A salted commitment of a chain."""
        key = (chain, field, canonical(value))
        use = self._uses[key] = self._uses.get(key, 0) + 1
        opening = self._openings.get((*key, use))
        if opening is None:
            opening = self._openings[(*key, use)] = Opening(field, value, self._randomness.salt(SALT_BYTES))
        self._used.append((chain, opening))
        return Commitment(commitment=opening.commitment)

    def fresh(self, object_type: ObjectType) -> str:
        """A new object id that nothing in the store has."""
        use = self._drawn[object_type] = self._drawn.get(object_type, 0) + 1
        known = self._ids.get((object_type, use))
        while known is None:
            drawn = self._randomness.object_id(object_type)
            known = None if self._taken(drawn) else drawn
        self._ids[object_type, use] = known
        return known

    def openings(self, commitments: frozenset[str]) -> tuple[tuple[str, Opening], ...]:
        """The openings, with their chains, of the commitments that the act recorded."""
        return tuple(pair for pair in self._used if pair[1].commitment in commitments)


class SystemRandomness:
    """Unpredictable salts and ids."""

    def __init__(self, purpose: Purpose) -> None:
        self._purpose = purpose

    def salt(self, size: int) -> bytes:
        """Bytes from the operating system."""
        return secrets.token_bytes(size)

    def object_id(self, object_type: ObjectType) -> str:
        """An id whose characters nobody can foresee."""
        return draw_object_id(object_type, self._purpose, secrets.choice)


class SeededRandomness:
    """Ids that repeat with the seed; salts stay unpredictable, for a demo's values are committed too."""

    def __init__(self, purpose: Purpose, source: random.Random) -> None:
        self._purpose = purpose
        self._source = source

    def salt(self, size: int) -> bytes:
        """Bytes from the operating system."""
        return secrets.token_bytes(size)

    def object_id(self, object_type: ObjectType) -> str:
        """The next id of the seeded sequence."""
        return draw_object_id(object_type, self._purpose, self._source.choice)


def uuid7(moment: datetime, source: random.Random | None = None) -> str:
    """A UUIDv7 (RFC 9562 section 5.7) of a time; from a seeded source it repeats."""
    bits = source.getrandbits(74) if source is not None else secrets.randbits(74)
    milliseconds = int(moment.timestamp() * 1000)
    value = milliseconds << 80 | 0x7 << 76 | (bits >> 62) << 64 | 0b10 << 62 | bits & ((1 << 62) - 1)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
