"""The randomness of a store: the system's, or a demo's seeded one with which a history repeats."""

from __future__ import annotations

import random
import secrets
from datetime import datetime

from schema.identifiers import draw_object_id
from schema.vocabulary import ObjectType, Purpose


class SystemChance:
    """Unpredictable salts and ids."""

    def __init__(self, purpose: Purpose) -> None:
        self._purpose = purpose

    def salt(self, size: int) -> bytes:
        """Bytes from the operating system."""
        return secrets.token_bytes(size)

    def object_id(self, object_type: ObjectType) -> str:
        """An id whose characters nobody can foresee."""
        return draw_object_id(object_type, self._purpose, secrets.choice)


class SeededChance:
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
