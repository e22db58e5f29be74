"""Where in a model something may lie: so that what is looked for is looked for only there."""

from __future__ import annotations

from functools import cache
from typing import Any, get_args

from pydantic import BaseModel


@cache
def fields_holding(model: type[BaseModel], wanted: type) -> tuple[str, ...]:
    """The fields of a model that may hold a value of a class, itself or at any depth, in field order."""
    return tuple(
        name for name, field in model.model_fields.items() if _may_hold(field.annotation, wanted, {model})
    )


def _may_hold(annotation: Any, wanted: type, seen: set[type[BaseModel]]) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, wanted):
        return True
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        # Where a base class stands any class below it may be held.
        return any(_is_or_holds(kind, wanted, seen) for kind in _with_subclasses(annotation))
    if annotation is Any or annotation is object:
        return True
    return any(_may_hold(part, wanted, seen) for part in get_args(annotation))


def _is_or_holds(kind: type[BaseModel], wanted: type, seen: set[type[BaseModel]]) -> bool:
    if issubclass(kind, wanted):
        return True
    if kind in seen:
        return False
    inside = (field.annotation for field in kind.model_fields.values())
    return any(_may_hold(annotation, wanted, seen | {kind}) for annotation in inside)


def _with_subclasses(kind: type[BaseModel]) -> list[type[BaseModel]]:
    return [kind, *(below for child in kind.__subclasses__() for below in _with_subclasses(child))]
