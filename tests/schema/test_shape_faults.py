"""What is wrong with the shape of a value is said in words, whatever field of whatever request it is in."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from schema.errors import CartrailError
from schema.shape_faults import FAULTS, FORMS, SHAPES, fault_place, fault_words
from schema.vocabulary import Fault
from tracker.catalog import requests

WRONG: Any = (None, "", "?", "x" * 5_000, -1, 10**30, True, 1.5, [], [1], {}, {"x": 1}, b"\xff", ("a",) * 900)
OF_A_LIBRARY = (
    "Input should",
    "String should",
    "should be",
    "Value error",
    "pattern",
    "validation",
    "pydantic",
)


def faults_of(adapter: TypeAdapter[Any], value: Any) -> list[Any]:
    try:
        adapter.validate_python(value)
    except ValidationError as error:
        return [*error.errors(include_url=False)]
    except (CartrailError, TypeError):
        return []
    return []


def test_every_fault_of_every_field_has_its_words() -> None:
    """Each wrong value in each field of each request: no kind of fault without words, none of a library's."""
    met, patterns = set(), set()
    fields = [one for each in requests().values() for one in each.model_fields.items()]
    for (name, _), field in {(name, f"{one.annotation}{one.metadata}"): one for name, one in fields}.items():
        shape: Any = Annotated[field.annotation, name, *field.metadata]
        for fault in (one for value in WRONG for one in faults_of(TypeAdapter(shape), value)):
            met.add(fault["type"])
            patterns.add(fault.get("ctx", {}).get("pattern"))
            assert not any(word in fault_words(fault) for word in OF_A_LIBRARY), (name, fault)
    assert met <= FAULTS.keys(), met - FAULTS.keys()
    assert len(met) > 15
    assert patterns - {None} <= FORMS.keys() | SHAPES.keys(), patterns - FORMS.keys() - SHAPES.keys()


class Tally(BaseModel, extra="forbid"):
    count: Annotated[int, Field(ge=1, le=9)]
    fault: Fault = Fault.SEAL


class Sheet(BaseModel):
    lines: tuple[Tally, ...]


@pytest.mark.parametrize(
    ("line", "place", "words"),
    [
        ({"count": 0}, "lines.1.count", "0 is not 1 or more"),
        ({"count": 10}, "lines.1.count", "10 is not 9 or less"),
        ({"count": "two"}, "lines.1.count", "this is not a whole number"),
        ({}, "lines.1.count", "this is missing"),
        ({"count": 1, "fault": "?"}, "lines.1.fault", "this is none of " + ", ".join([*Fault][:-1])),
        ({"count": 1, "more": 1}, "lines.1.more", "there is no such field"),
    ],
)
def test_a_fault_and_its_place(line: Any, place: str, words: str) -> None:
    """Counted from one, for people count lines so."""
    (fault,) = faults_of(TypeAdapter(Sheet), {"lines": [line]})
    assert fault_place(fault, first=1) == place
    assert fault_words(fault).startswith(words)


def test_what_is_not_known_is_said_without_the_librarys_words() -> None:
    """Another release of the library may find another fault."""
    fault: Any = {"type": "of_tomorrow", "loc": ("a",), "msg": "Input should be of tomorrow", "input": 1}
    assert fault_words(fault) == "this is not what belongs there"
