"""Salts and new ids of one act: drawn once, and the same again when the decision is made again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from schema.canonical import Json, canonical
from schema.commitments import SALT_BYTES, Commitment, Opening
from schema.vocabulary import ObjectType


class Chance(Protocol):
    """Where salts, ids and event ids come from: the system's randomness, or a demo's seed."""

    def salt(self, size: int) -> bytes:
        """Unpredictable bytes."""
        ...

    def object_id(self, object_type: ObjectType) -> str:
        """A new object id of the store's purpose."""
        ...


class ActBook:
    """What one act commits to and names, kept so that deciding again gives the same draft.

    Each use of a value gets its own salt, so that equal values do not show as equal in the ledger.
    """

    def __init__(self, chance: Chance, taken: Callable[[str], bool]) -> None:
        self._chance = chance
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
            opening = self._openings[(*key, use)] = Opening(field, value, self._chance.salt(SALT_BYTES))
        self._used.append((chain, opening))
        return Commitment(commitment=opening.commitment)

    def fresh(self, object_type: ObjectType) -> str:
        """A new object id that nothing in the store has."""
        use = self._drawn[object_type] = self._drawn.get(object_type, 0) + 1
        known = self._ids.get((object_type, use))
        while known is None:
            drawn = self._chance.object_id(object_type)
            known = None if self._taken(drawn) else drawn
        self._ids[object_type, use] = known
        return known

    def openings(self, commitments: frozenset[str]) -> tuple[tuple[str, Opening], ...]:
        """The openings, with their chains, of the commitments that the act recorded."""
        return tuple(pair for pair in self._used if pair[1].commitment in commitments)
