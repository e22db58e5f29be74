"""Each number and time of each request, out of range: refused at input. The models name the fields."""

from __future__ import annotations

import copy
import json
import re
import string
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from schema.errors import InputError
from schema.events import kinds
from schema.measured import MEASURED, NUMBER
from tests.support.commands import Cartrail
from tests.support.demos import DemoSite
from tracker.catalog import documentation, parse_request

CLOCK_TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
ZONE = r"^[A-Za-z][A-Za-z_-]*(/[A-Za-z][A-Za-z_-]*){0,2}$"
OFFSET = r"^[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00)$"
"""How JSON Schema says a time of day, a zone by its region and city, and one by its hours."""

Shape = Mapping[str, Any]
Place = tuple[str | int, ...]
EVENT = "01890a5d-ac96-774b-8000-000000000001"
DAY_AND_TIME = "2026-01-05T10:00:00Z"

NO_NUMBERS = (
    "",
    " 1",
    "+1",
    "1_0",
    "1e1",
    "1,5",
    "-60,5",
    "\N{MINUS SIGN}60",
    "NaN",
    "Infinity",
    "1 mL",
    "0x1",
    "-0",
    "999999999999",
    "-999999",
    "1.0000001",
    1,
    1.5,
)
LARGE = ("999999999999", "-999999")
"""Possible for a number that only its protocol bounds."""

NO_COUNTS = (
    *(2**63, 10**30, -(10**30), 1.5, 24.0, "many", "", [1], {"count": 1}),
    *("75_0", "24.0", " 24", "24", True),
)
"""The last ones Python would read as a whole number; JSON has a number for that."""

NO_TIMES = (
    "",
    "yesterday",
    "2026-01-05",
    "2026-01-05T10:00:00",
    "2026-02-30T10:00:00Z",
    "2026-13-01T10:00:00Z",
    "2026-01-05T25:00:00Z",
    "2026-01-05T10:00:00+24:00",
    "0001-01-01T00:00:00+01:00",
    "0001-01-01T00:00:00Z",
    "1971-12-31T23:59:59Z",
    "2200-01-01T00:00:00Z",
    "9999-12-31T23:59:59-05:00",
    "1" * 41,
    1767607200,
)
NO_CLOCK_TIMES = ("", "24:00", "8:30", "08:60", "0830", "08:30:00", "08.30", " 08:30", "noon", 830)
NO_ZONES = ("", "EST", "EST5EDT", "GMT+5", "+05:30", "Mars/Olympus", "europe/berlin", "../UTC", "Europe/", 1)
NO_OFFSETS = ("", "01:00", "+1:00", "+0100", "+24:00", "-00:61", "+14:30", "Z", "UTC", 1)
NO_DAYS = ("", "2026-02-30", "2026-1-5", "26-01-05", "2026-13-01", "2026-01-05T10:00:00Z", 20260105)


def resolved(shape: Shape, defs: Shape) -> Shape:
    """A shape without a reference and without null."""
    if "$ref" in shape:
        return resolved(defs[shape["$ref"].rpartition("/")[2]], defs)
    if "allOf" in shape:
        return resolved(shape["allOf"][0], defs)
    if "anyOf" in shape:
        return resolved(next(one for one in shape["anyOf"] if one.get("type") != "null"), defs)
    return shape


def wrong_values(shape: Shape) -> Sequence[object]:
    """What a number or a time of this shape cannot be; nothing for what is neither."""
    if shape.get("type") == "integer":
        ends = (shape["minimum"] - 1, shape["maximum"] + 1)
        return (*ends, *NO_COUNTS)
    if shape.get("pattern") in MEASURED:
        measure = MEASURED[shape["pattern"]]
        least = Decimal(1).scaleb(-measure.decimals)
        large = LARGE if measure is NUMBER else ()
        ends = (f"{measure.minimum - least:f}", f"{measure.maximum + least:f}")
        return (*(one for one in NO_NUMBERS if one not in large), *ends)
    by_pattern = {CLOCK_TIME: NO_CLOCK_TIMES, ZONE: NO_ZONES, OFFSET: NO_OFFSETS}
    named = by_pattern.get(shape.get("pattern", ""), ())
    return {"date-time": NO_TIMES, "date": NO_DAYS}.get(shape.get("format", ""), named)


def leaves(shape: Shape, defs: Shape, place: Place = ()) -> Iterator[tuple[Place, Shape]]:
    """Every value in a shape, the first of each list."""
    shape = resolved(shape, defs)
    if shape.get("type") == "object":
        for name, inner in shape.get("properties", {}).items():
            yield from leaves(inner, defs, (*place, name))
    elif shape.get("type") == "array":
        yield from leaves(shape["items"], defs, (*place, 0))
    else:
        yield place, shape


def example(shape: Shape, defs: Shape) -> Any:
    """Something of a shape that its model takes, as far as JSON Schema says it."""
    shape = resolved(shape, defs)
    kind = shape.get("type")
    if "const" in shape or "enum" in shape:
        return shape.get("const") or shape["enum"][0]
    if kind == "object":
        needed = shape.get("required", ())
        return {name: example(shape["properties"][name], defs) for name in needed}
    if kind == "array":
        return [example(shape["items"], defs)] * shape.get("minItems", 1)
    if kind == "integer":
        return shape["minimum"]
    if kind == "boolean":
        return True
    return _text(shape)


def _text(shape: Shape) -> str:
    if shape.get("format") in ("date-time", "date"):
        return DAY_AND_TIME if shape["format"] == "date-time" else DAY_AND_TIME[:10]
    if shape.get("pattern") in MEASURED:
        return "10"
    pattern = shape.get("pattern", ".*").replace(r"\p{Cc}", r"\x00-\x1f")
    least, most = shape.get("minLength", 0), shape.get("maxLength", 4096)
    fitting = (one for one in WRITTEN if least <= len(one) <= most and re.fullmatch(pattern, one))
    found = next(fitting, None)
    assert found is not None, f"nothing in WRITTEN is like {pattern}"
    return found


WRITTEN = (
    EVENT,
    "MFG-1",
    "Europe/Berlin",
    "word",
    "08:30",
    *(f"{letter}D234567892" for letter in string.ascii_uppercase),
    "2",
    "0" * 16,
    "0" * 64,
    "A" * 43 + "=",
    "https://example.org/",
)
"""Texts of every form that a request asks for."""

SHAPES: Mapping[str, Shape] = json.loads(json.dumps(documentation()))
FIELDS = [
    (name, place)
    for name, shape in SHAPES.items()
    for place, leaf in leaves(shape, shape.get("$defs", {}))
    if wrong_values(leaf)
]


def sendable(name: str) -> dict[str, Any]:
    """A request with everything it cannot do without."""
    shape = SHAPES[name]
    made = {**example(shape, shape.get("$defs", {})), "event_id": EVENT}
    return {**made, **NEEDS.get(name, {})}


NEEDS: Mapping[str, Mapping[str, Any]] = {"assess_deviation": {"remark": "The cells were not touched by it."}}
"""What a model asks beyond its JSON Schema."""


def put(request: dict[str, Any], name: str, place: Place, value: object) -> dict[str, Any]:
    """The request with a value at a place; what leads there is made up where it was left out."""
    made = copy.deepcopy(request)
    shape, defs = SHAPES[name], SHAPES[name].get("$defs", {})
    here: Any = made
    for step in place[:-1]:
        inner = resolved(shape["items"] if isinstance(step, int) else shape["properties"][step], defs)
        if isinstance(step, str) and not here.get(step):
            here[step] = example(inner, defs)
        here, shape = here[step], inner
    if isinstance(place[-1], int):
        here[:] = [value]
    else:
        here[place[-1]] = value
    return made


def wrong_requests(name: str, place: Place) -> Iterator[dict[str, Any]]:
    """The request once with each wrong value of one field."""
    (leaf,) = (leaf for one, leaf in leaves(SHAPES[name], SHAPES[name].get("$defs", {})) if one == place)
    for value in wrong_values(leaf):
        yield put(sendable(name), name, place, value)


def shown(value: object) -> str:
    """The name of a case."""
    return ".".join(map(str, value)) if isinstance(value, tuple) else str(value)


@pytest.mark.parametrize("name", sorted({name for name, _ in FIELDS}))
def test_what_is_made_wrong_was_right(name: str) -> None:
    """Before a value is put out of range the request can be read: otherwise nothing would be tried."""
    assert parse_request(sendable(name)).name == name


@pytest.mark.parametrize(("name", "place"), FIELDS, ids=shown)
def test_findings_a10_each_number_and_time_is_refused_at_input(name: str, place: Place) -> None:
    """Whatever it says besides; the message is a sentence and the code is for scripts."""
    for request in wrong_requests(name, place):
        with pytest.raises(InputError) as refused:
            parse_request(request)
        assert refused.value.exit_code == 2 and refused.value.message[-1] in ".?", request


def takes_digits_alone(pattern: str) -> bool:
    """Whether a text takes some numbers or times, and no word."""
    tried = ("7", "12345678901234", "123456789012345678", "2.5", "-7", "08:30", "+02:00")
    form = re.compile(pattern.replace(r"\p{Cc}", r"\x00-\x1f"))
    return any(map(form.search, tried)) and not any(map(form.search, ("word", "WORD", "BBBB")))


def test_what_is_like_a_number_or_a_time_is_tried() -> None:
    """A text that takes digits and nothing else, or a colon, is none that this table forgets."""
    like = {
        (place[-1], leaf["pattern"])
        for shape in SHAPES.values()
        for place, leaf in leaves(shape, shape.get("$defs", {}))
        if "pattern" in leaf and not wrong_values(leaf) and takes_digits_alone(leaf["pattern"])
    }
    assert {name for name, _ in like} <= CODES_IN_DIGITS, like


CODES_IN_DIGITS = {"gtin", "sscc"}
"""Numbers of things: nothing is counted or measured by them."""


def test_every_count_has_both_ends() -> None:
    """In requests and in payloads: without one, some number is too large for nobody."""
    shapes = dict(SHAPES)
    shapes |= {f"{kind} {version}": one.model_json_schema() for (kind, version), one in kinds().items()}
    for name, shape in shapes.items():
        for place, leaf in leaves(shape, shape.get("$defs", {})):
            assert leaf.get("type") != "integer" or {"minimum", "maximum"} <= {*leaf}, (name, place)
            assert leaf.get("type") != "number", (name, place)


FORMS = ("table", "json", "csv", "xlsx", "pdf", "epcis")


def test_findings_a10_a_store_that_was_asked_all_of_it(
    cartrail: Cartrail, demo_site: DemoSite, tmp_path: Path
) -> None:
    """Every line is bad input, nothing is written, the store verifies and every form still exports."""
    lines = [wrong for name, place in FIELDS for wrong in wrong_requests(name, place)]
    file = tmp_path / "wrong.jsonl"
    file.write_text("".join(f"{json.dumps(one)}\n" for one in lines), encoding="utf-8")
    shared = ("--database", demo_site.path, "--station", "MFG-1-01")
    coi = demo_site.coi("closed")
    before = cartrail("trail", coi, "--format", "json", "--as", "AUDIT-1", *shared).out
    answered = cartrail("record", file, "--as", "QA-2", *shared, exit_code=2).out.splitlines()
    assert len(answered) == len(lines) > 2000
    taken = [json.loads(one) for one in answered]
    assert not [one for one in taken if one["ok"] or one["entries"] or one["error"] == "internal"]
    cartrail("verify", "--database", demo_site.path)
    for form in FORMS:
        out = () if form == "table" else ("--out", tmp_path / f"trail.{form}")
        cartrail("trail", coi, "--format", form, "--as", "AUDIT-1", *out, *shared)
    assert cartrail("trail", coi, "--format", "json", "--as", "AUDIT-1", *shared).out == before
