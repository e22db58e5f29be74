"""Every time and number of every request, out of its range: refused where it is entered."""

from __future__ import annotations

import types
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from pydantic import TypeAdapter, ValidationError

from schema.errors import InputError
from schema.measured import MEASURED
from tracker.catalog import requests
from tracker.requests.base import Request

TIMES = (
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+01:00",
    "1971-12-31T23:59:59Z",
    "2200-01-01T00:00:01Z",
    "9999-12-31T23:59:59-05:00",
    "2026-11-29T20:00:00+14:30",
    "2026-11-29T20:00:00+23:00",
    "2026-11-29T20:00:00+01:00:30",
    "2026-11-29T20:00:00",
    "2026-02-30T20:00:00Z",
    "29 November",
    "",
    20261129,
)
NUMBERS = (
    "",
    " 75",
    "+75",
    "75_0",
    "5e2",
    "1E3",
    "-60,5",
    "\u221260.5",
    "NaN",
    "Infinity",
    "0x10",
    "1 000",
    75.5,
)


def plain(annotation: Any) -> Iterator[Any]:
    """The types that a field may have, without None."""
    if get_origin(annotation) in (Union, types.UnionType):
        for one in get_args(annotation):
            yield from plain(one)
    elif annotation is not type(None):
        yield annotation


def is_time(annotation: Any) -> bool:
    """Whether a field takes a declared time."""
    return annotation is datetime or (
        get_origin(annotation) is Annotated and get_args(annotation)[0] is datetime
    )


def bare(wanted: Any) -> Any:
    """A type without what is said about it."""
    return get_args(wanted)[0] if get_origin(wanted) is Annotated else wanted


def patterns(shape: Any) -> set[str]:
    """Every pattern of a value itself; of the parts of an object their own tests ask."""
    found = {shape["pattern"]} if "pattern" in shape else set()
    return found.union(*(patterns(one) for one in shape.get("anyOf", ())))


def fields() -> Iterator[tuple[type[Request], str, Any]]:
    """Every field of every request with its type."""
    for request_class in requests().values():
        for name, field in request_class.model_fields.items():
            wanted = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
            yield request_class, name, wanted


def refused(adapter: TypeAdapter[Any], value: object) -> bool:
    """Whether the field says no, as bad input and not otherwise."""
    try:
        adapter.validate_python(value)
    except (ValidationError, InputError):
        return True
    return False


CASES = [(one.name, name, wanted) for one, name, wanted in fields()]
OF_TIME = [case for case in CASES if any(is_time(one) for one in plain(bare(case[2]))) or is_time(case[2])]
OF_NUMBERS = [case for case in CASES if not patterns(TypeAdapter(case[2]).json_schema()).isdisjoint(MEASURED)]


def test_there_are_such_fields() -> None:
    """The lists below are not empty by mistake."""
    assert len(OF_TIME) > 8 and len(OF_NUMBERS) > 8


@pytest.mark.parametrize(("request_name", "field", "wanted"), OF_TIME, ids=lambda one: str(one)[:30])
def test_a_time_that_cannot_be(request_name: str, field: str, wanted: Any) -> None:
    """Before 1972, after 2199, with an offset of nowhere, without one, on no calendar."""
    adapter = TypeAdapter(wanted)
    assert [value for value in TIMES if not refused(adapter, value)] == []


@pytest.mark.parametrize(("request_name", "field", "wanted"), OF_NUMBERS, ids=lambda one: str(one)[:30])
def test_a_number_that_is_none(request_name: str, field: str, wanted: Any) -> None:
    """One grammar: digits, a point, perhaps a minus; no comma, exponent, underscore, blank or word."""
    adapter = TypeAdapter(wanted)
    assert [value for value in NUMBERS if not refused(adapter, value)] == []
