"""Kinds of values that requests take and turn into the ledger's own form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, ValidationInfo

from labels.frames import shown
from labels.wording import check_printable
from schema.errors import InputError
from schema.events.base import COUNT_MAX, CoiId, Day, Sha256, Text, Title, Value, WholeNumber, ZoneName
from schema.identifiers import is_object_id, parse_printed
from schema.instants import YEARS, format_instant, parse_declared, to_milliseconds
from schema.measured import MEASURED, Measure
from schema.positions import POSITION_PATTERN, Position
from schema.zones import checked_zone
from tracker.requests.base import Request


def _declared(value: object) -> object:
    """A time with Z or an offset; a time without one is ambiguous and is not guessed."""
    if isinstance(value, datetime):
        return parse_declared(value.isoformat())[0]
    if not isinstance(value, str):
        # A number would be taken for seconds since 1970, and nobody says a time like that.
        raise InputError(f"{str(value)[:40]} is not a time in ISO 8601 with Z or an offset.")
    return to_milliseconds(parse_declared(value)[0])


def object_id_of(value: object) -> object:
    """An object id as it is, or the id in one of its printed codes."""
    if isinstance(value, str) and value.startswith("CT"):
        return parse_printed(value).object_id
    if isinstance(value, str) and not is_object_id(value):
        raise InputError(f'"{value[:40]}" is neither an object id nor a printed code.')
    return value


def _position(value: object) -> object:
    """A position as it is kept: in capitals; raises InputError for what is none, such as A0 or 7B."""
    if not isinstance(value, str):
        return value
    text = value.strip().upper()
    if POSITION_PATTERN.fullmatch(text) is None:
        raise InputError(
            f"{shown(value, 40)} is no position.",
            remedy="Say the letter of the row, then the number of the column, as B7.",
        )
    return text


def _in_our_time(text: str) -> str:
    first, last = YEARS
    if not first <= int(text[:4]) <= last:
        raise InputError(f"The day {text} is before {first} or after {last}.", remedy="Check the year.")
    return text


def _zone(value: object) -> object:
    return checked_zone(value) if isinstance(value, str) else value


DeclaredTime = Annotated[datetime, BeforeValidator(_declared), PlainSerializer(format_instant)]
"""ISO 8601 with Z or an offset."""

NearDay = Annotated[Day, AfterValidator(_in_our_time)]
"""A day that somebody can mean: calendars are counted from it and to it."""

PositionField = Annotated[Position, BeforeValidator(_position)]
"""A position of a place, in small letters too."""

Zone = Annotated[ZoneName, BeforeValidator(_zone)]
"""A time zone that the pinned tzdata knows, by its name in `zone.tab`, or UTC."""


def _on_paper(value: str, info: ValidationInfo) -> str:
    """A text as labels, slips and forms can print it; raises UnprintableText for any other."""
    check_printable(value, (info.field_name or "text").replace("_", " "))
    return value


PrintedName = Annotated[
    str,
    Field(min_length=1, max_length=120, pattern=r"^[^\s\p{Cc}]([^\p{Cc}]*[^\s\p{Cc}])?$"),
    AfterValidator(_on_paper),
]
"""A name as it is printed beside every signature (21 CFR 11.50(a)(1))."""

LabelTitle = Annotated[Title, AfterValidator(_on_paper)]
"""A title that stands on labels, slips or forms."""

LabelText = Annotated[Text, AfterValidator(_on_paper)]
"""An address that stands on labels, slips or forms."""

PhoneText = Annotated[str, Field(max_length=40), AfterValidator(_on_paper)]
"""A telephone number that stands on labels, slips or forms."""


@cache
def times_of(request_class: type[Request]) -> frozenset[str]:
    """The fields of a request that are a declared time."""
    properties = request_class.model_json_schema()["properties"]
    return frozenset(
        name
        for name, shape in properties.items()
        if any(one.get("format") == "date-time" for one in shape.get("anyOf", [shape]))
    )


@cache
def numbers_of(request_class: type[Request]) -> Mapping[str, Measure | None]:
    """The fields of a request that are a number of its own: what is measured, or None for a count by hand."""
    found: dict[str, Measure | None] = {}
    properties = request_class.model_json_schema()["properties"]
    for name in request_class.model_fields.keys() - Request.model_fields.keys():
        for one in properties[name].get("anyOf", [properties[name]]):
            if one.get("type") == "integer":
                found[name] = None
            elif one.get("pattern") in MEASURED:
                found[name] = MEASURED[one["pattern"]]
    return {name: found[name] for name in request_class.model_fields if name in found}


class ChainEnd(Value):
    """How far a bundle holds a therapy's chain."""

    chain: CoiId
    entries: WholeNumber = Field(ge=1, le=COUNT_MAX)
    last_sequence: WholeNumber = Field(ge=0, le=COUNT_MAX)
    last_digest: Sha256
