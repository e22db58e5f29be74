"""What is wrong with the shape of a value, in words: whoever sent or typed it knows no validator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from pydantic_core import ErrorDetails

from schema.identifiers import SHORT_NAME_PATTERN

SHOWN_MAX: Final = 40
FORMS: Final[Mapping[str, str]] = {
    f"^{SHORT_NAME_PATTERN.pattern}$": "2 to 16 capitals, digits and hyphens",
    r"^[a-z0-9][a-z0-9_.-]{0,63}$": "up to 64 small letters, digits, points, hyphens and low lines",
    r"^[A-Z0-9-]{2,16}/[A-Z0-9-]{2,16}$": "SITE/RESOURCE, in capitals, digits and hyphens",
    r"^[A-Z0-9-]{2,16}(/[A-Z0-9-]{2,16})?$": "SITE or SITE/RESOURCE, in capitals, digits and hyphens",
}
"""What is written so, in words; none of these forms holds a patient's number or a name."""

_IDS: Final = {
    "C": "a therapy",
    "U": "a unit",
    "L": "a place",
    "B": "a box",
    "K": "a cassette",
    "F": "a form",
    "S": "a shipment",
    "P": "a badge",
    "G": "a lot",
}
SHAPES: Final[Mapping[str, str]] = {
    **{f"^{letter}[DTVP][2-9B-X]{{9}}$": f"the id of {what}" for letter, what in _IDS.items()},
    r"^[BDE][DTVP][2-9B-X]{9}$": "the id of a box, a logger or an instrument",
    r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$": "a UUID of version 7",
    r"^[0-9a-f]{8}-[0-9a-f]{4}-[57][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$": "the id of an event",
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$": "a day, as 2026-11-30",
    r"^([01][0-9]|2[0-3]):[0-5][0-9]$": "a time of day, as 08:00",
    r"^[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00)$": "an offset, as +01:00",
    r"^-?(0|[1-9][0-9]{0,2})(\.[0-9]{1,2})?$": "a temperature, as -150.0",
    r"^(0|[1-9][0-9]{0,3})(\.[0-9]{1,3})?$": "a volume in mL, as 12.5",
    r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,3})?$": "a quantity, as 12.5",
    r"^(0|[1-9][0-9]{0,5})(\.[0-9]{1,3})?$": "an amount, as 12.5",
    r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$": "a number, as 12.5",
    r"^[A-Z][1-9][0-9]?$": "a position, as B7",
    r"^[^\p{Cc}]+$": "text in one line",
    r"^[^\s\p{Cc}]([^\p{Cc}]*[^\s\p{Cc}])?$": "a name in one line, without blanks around it",
    r"^[\x20-\x7e]+$": "plain letters, digits and signs",
    r"^[\x21-\x7e]+$": "plain letters, digits and signs without blanks",
    r"^[a-z][a-z0-9_]{1,39}$": "the name of a step, in small letters, digits and low lines",
    r"^[A-Za-z0-9./_-]{1,40}$": "up to 40 letters, digits, points, slashes, hyphens and low lines",
    r"^[A-Z0-9](?:[A-Z0-9 /-]{2,34}[A-Z0-9])$": "4 to 36 capitals, digits, blanks, slashes and hyphens",
    r"^[A-Za-z0-9-]{2,36}$": "2 to 36 letters, digits and hyphens",
    r"^[A-Z0-9-]*$": "capitals, digits and hyphens",
    r"^[A-Za-z][A-Za-z_-]*(/[A-Za-z][A-Za-z_-]*){0,2}$": "a time zone, as Europe/Berlin",
    r"^[0-9]{18}$": "18 digits",
    r"^[0-9]{14}$": "14 digits",
    r"^[0-9a-f]{64}$": "a SHA-256 of 64 digits and small letters from a to f",
    r"^[0-9a-f]{16}$": "a key id of 16 digits and small letters from a to f",
    r"^[A-Za-z0-9+/]{43}=$": "32 bytes in base64",
    r"^[2-9B-X]{1,26}$": "the letters of copies",
}
"""What is written so, in words; a value that was meant to be one may hold a name, and is not said again."""


def fault_words(fault: ErrorDetails) -> str:
    """One fault in words; a value is named only where it can be nobody's name or number."""
    found = FAULTS.get(fault["type"])
    if found is None:
        return "this is not what belongs there"
    return found(fault, fault.get("ctx", {}))


def fault_place(fault: ErrorDetails, *, first: int = 0) -> str:
    """Where it is, as `moved.0.start`; places in a list are counted from `first`."""
    parts = (str(part + first) if isinstance(part, int) else str(part) for part in fault["loc"])
    return ".".join(parts)[:80]


_Words = Callable[[ErrorDetails, Mapping[str, Any]], str]


def _said(text: str) -> _Words:
    return lambda _, __: text


def _own(_: ErrorDetails, given: Mapping[str, Any]) -> str:
    """What a check of ours says."""
    return str(given.get("error", "this cannot be")).removesuffix(".")


def _pattern(fault: ErrorDetails, given: Mapping[str, Any]) -> str:
    pattern = given.get("pattern", "")
    if pattern not in FORMS:
        return f"this is not written as {SHAPES.get(pattern, 'such a value is')}"
    return f'"{str(fault["input"])[:SHOWN_MAX]}" is not written as {FORMS[pattern]}'


def _choice(_: ErrorDetails, given: Mapping[str, Any]) -> str:
    listed = str(given.get("expected", "")).replace("'", "")
    return f"this is none of {listed}" if " or " in listed else f"this is not {listed}"


def _bound(words: str, key: str) -> _Words:
    def said(fault: ErrorDetails, given: Mapping[str, Any]) -> str:
        number = fault["input"]
        shown = f"{number}" if isinstance(number, (int, Decimal)) else "this"
        return f"{shown} is not {words.format(given[key])}"

    return said


def _length(words: str, key: str) -> _Words:
    return lambda _, given: f"this has {words} {given[key]}"


_NUMBER: Final = _said("this is not a number")
_WHOLE: Final = _said("this is not a whole number")
_TIME: Final = _said("this is no time, such as 2026-11-30T14:05:00Z")
FAULTS: Final[Mapping[str, _Words]] = {
    "value_error": _own,
    "assertion_error": _own,
    "missing": _said("this is missing"),
    "missing_argument": _said("this is missing"),
    "extra_forbidden": _said("there is no such field"),
    "unexpected_keyword_argument": _said("there is no such field"),
    "string_type": _said("this is not text"),
    "string_unicode": _said("this has bytes that are not text"),
    "string_pattern_mismatch": _pattern,
    "string_too_short": _length("fewer characters than", "min_length"),
    "string_too_long": _length("more characters than", "max_length"),
    "bytes_too_long": _length("more bytes than", "max_length"),
    "too_short": _length("fewer entries than", "min_length"),
    "too_long": _length("more entries than", "max_length"),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": _said("this number is too large"),
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "bool_type": _said("this is neither true nor false"),
    "bool_parsing": _said("this is neither true nor false"),
    "greater_than": _bound("more than {}", "gt"),
    "greater_than_equal": _bound("{} or more", "ge"),
    "less_than": _bound("less than {}", "lt"),
    "less_than_equal": _bound("{} or less", "le"),
    "enum": _choice,
    "literal_error": _choice,
    "union_tag_invalid": _said("this is of no kind that is known"),
    "union_tag_not_found": _said("this does not say of which kind it is"),
    "none_required": _said("nothing may stand there"),
    "dict_type": _said("this is not a group of named values"),
    "mapping_type": _said("this is not a group of named values"),
    "model_type": _said("this is not a group of named values"),
    "model_attributes_type": _said("this is not a group of named values"),
    "list_type": _said("this is not a list"),
    "tuple_type": _said("this is not a list"),
    "set_type": _said("this is not a list"),
    "datetime_type": _TIME,
    "datetime_parsing": _TIME,
    "datetime_from_date_parsing": _TIME,
    "time_delta_type": _said("this is no duration, such as PT72H"),
    "time_delta_parsing": _said("this is no duration, such as PT72H"),
    "date_type": _said("this is no day, such as 2026-11-30"),
    "date_parsing": _said("this is no day, such as 2026-11-30"),
    "date_from_datetime_parsing": _said("this is no day, such as 2026-11-30"),
    "uuid_type": _said("this is no event id"),
    "uuid_parsing": _said("this is no event id"),
}
