"""The tables of several subjects joined into one, such as what is decided over which request."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from types import MappingProxyType
from typing import TypeVar

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")


def joined(*tables: Mapping[_Key, _Value]) -> Mapping[_Key, _Value]:
    """Every row of the tables; raises ValueError for a key in two of them, since one would be ignored."""
    found: dict[_Key, _Value] = {}
    for table in tables:
        twice = found.keys() & table.keys()
        if twice:
            raise ValueError(f"These stand in two tables: {', '.join(sorted(map(str, twice)))}.")
        found.update(table)
    return MappingProxyType(found)
