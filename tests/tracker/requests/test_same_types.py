"""One type for one value: what a request takes in a field, the payload of its event takes too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tracker.catalog import requests
from tracker.requests.base import Request

Shape = Mapping[str, Any]
PAIRS = [one for one in requests().values() if one.records is not None]
OTHER_NAMES = {"printed_name": "name"}
"""Where request and payload name the same value differently."""

STRICTER = {("add_person", "printed_name"): "no blank at either end"}
"""Fields whose pattern differs because it refuses more."""

DECIDED = {("relinquish", "units"), ("let_lapse", "units"), ("attach_paper", "about")}
"""Lists that may be empty in the request: of a box all in it, of a form all that was entered from it."""

IN_PAYLOAD_ONLY = {"bench", "limits_judged", "remark", "reason"}
"""Of every payload: written by the recorder, from fields that every request has."""


def resolved(shape: Shape, definitions: Shape) -> Iterator[Shape]:
    """The forms a value may have, each without references."""
    if "$ref" in shape:
        yield from resolved(definitions[shape["$ref"].rpartition("/")[2]], definitions)
    elif "anyOf" in shape:
        for one in shape["anyOf"]:
            yield from resolved(one, definitions)
    elif shape.get("type") == "array":
        yield shape
        yield from resolved(shape.get("items", {}), definitions)
    else:
        yield shape


def texts(model: type[Any], name: str) -> list[Shape]:
    """The forms of a field that are text, a number or a list."""
    shape = model.model_json_schema()
    found = resolved(shape["properties"][name], shape.get("$defs", {}))
    return [one for one in found if one.get("type") in ("string", "integer", "array")]


def laxer(given: Shape, kept: Shape) -> list[str]:
    """In what the first takes more than the second."""
    found = []
    if "pattern" in kept and kept["pattern"] != given.get("pattern") and "enum" not in given:
        found.append(f"pattern {given.get('pattern')} for {kept['pattern']}")
    found += [
        f"{bound} {given.get(bound)} for {kept[bound]}"
        for bound in ("maxLength", "maxItems", "maximum")
        if bound in kept and given.get(bound, float("inf")) > kept[bound] and "enum" not in given
    ]
    found += [
        f"{bound} {given.get(bound)} for {kept[bound]}"
        for bound in ("minLength", "minItems", "minimum")
        if bound in kept and given.get(bound, float("-inf")) < kept[bound] and "enum" not in given
    ]
    if "enum" in kept and not {*given.get("enum", ["anything"])} <= {*kept["enum"]}:
        found.append("words")
    return found


@pytest.mark.parametrize("request_class", PAIRS, ids=lambda one: one.name)
def test_findings_g6_no_request_takes_what_its_payload_refuses(request_class: type[Request]) -> None:
    """Field by field: pattern, length, range and words are equal or stricter in the request."""
    payload = request_class.records
    assert payload is not None
    faults = []
    for name in request_class.model_fields:
        kept = OTHER_NAMES.get(name, name)
        if kept not in payload.model_fields or kept in IN_PAYLOAD_ONLY:
            continue
        for given, written in zip(texts(request_class, name), texts(payload, kept), strict=False):
            if given["type"] == written["type"]:
                found = laxer(given, written)
                if (request_class.name, name) in STRICTER:
                    found = [one for one in found if not one.startswith("pattern")]
                if (request_class.name, name) in DECIDED:
                    found = [one for one in found if not one.startswith("minItems")]
                faults += [f"{name}: {one}" for one in found]
    assert not faults
