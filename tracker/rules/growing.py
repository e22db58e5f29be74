"""A mapping that only grows, so that each further state of a long chain costs the same as the one before."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from threading import Lock
from typing import Any, Self, TypeVar

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")


class Growing(Mapping[KeyT, ValueT]):
    """An immutable mapping; what grows out of it shares its items and is not seen by it.

    Of several that grow out of the same one, the first goes on sharing and the others copy.
    """

    __slots__ = ("_items", "_lock", "_size")

    def __init__(self, items: Mapping[KeyT, ValueT] | None = None) -> None:
        pairs = enumerate((items or {}).items())
        self._items: dict[KeyT, tuple[int, ValueT]] = {key: (at, value) for at, (key, value) in pairs}
        self._size = len(self._items)
        self._lock = Lock()

    def plus(self, key: KeyT, value: ValueT) -> Self:
        """This with one item more, or with another value for a key that it has."""
        with self._lock:
            shares = len(self._items) == self._size and key not in self._items
            if shares:
                self._items[key] = (self._size, value)
        if not shares:
            return type(self)({**self, key: value})
        grown = object.__new__(type(self))
        grown._items, grown._lock, grown._size = self._items, self._lock, self._size + 1
        return grown

    def __getitem__(self, key: KeyT) -> ValueT:
        at, value = self._items[key]
        if at >= self._size:
            raise KeyError(key)
        return value

    def __iter__(self) -> Iterator[KeyT]:
        return itertools.islice(list(self._items), self._size)

    def __len__(self) -> int:
        return self._size

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)
