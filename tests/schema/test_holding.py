"""What is looked for only in some fields of a model can lie in no other: told apart by its JSON schema."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from schema.commitments import Commitment
from schema.events.base import Value
from schema.holding import fields_holding
from schema.vocabulary import ReadMode
from tracker.requests.base import Scan


def referring(schema: dict[str, Any], name: str) -> set[str]:
    """The properties of a JSON schema from which references lead to a definition."""
    definitions = schema.get("$defs", {})

    def names(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            if "$ref" in part:
                yield part["$ref"].rpartition("/")[2]
            for value in part.values():
                yield from names(value)
        elif isinstance(part, list):
            for value in part:
                yield from names(value)

    def leads(part: Any) -> bool:
        seen: set[str] = set()
        waiting = list(names(part))
        while waiting:
            found = waiting.pop()
            if found == name:
                return True
            if found not in seen:
                seen.add(found)
                waiting += names(definitions[found])
        return False

    return {field for field, part in schema.get("properties", {}).items() if leads(part)}


def models(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Every class below a base, once its module is loaded."""
    for model in base.__subclasses__():
        yield model
        yield from models(model)


@pytest.mark.parametrize("wanted", [Commitment, Scan, ReadMode])
def test_no_field_is_left_out(wanted: type) -> None:
    """Of payloads, requests and the values in them; other classes of the same name do not matter."""
    held = 0
    for model in models(Value):
        expected = referring(model.model_json_schema(by_alias=False), wanted.__name__)
        found = fields_holding(model, wanted)
        assert expected <= {*found}, model
        held += len(found)
    assert held > 20
