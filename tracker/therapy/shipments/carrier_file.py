"""A carrier's file of what happened to shipments: comma-separated, one line for each word of it.

A line that cannot be read refuses the whole file, by its number and the value that is wrong: nothing is
skipped, and nothing is guessed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from schema.errors import InputError
from schema.instants import parse_declared
from schema.vocabulary import ShipmentMilestone

CODES: Final = ("shipment", "waybill", "sscc")
"""By which a line names its shipment: one of them, or several that agree."""

NEEDED: Final = ("milestone", "at", "place")
COLUMNS: Final = (*CODES, *NEEDED, "estimated_delivery")
_PLACE: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}", re.ASCII)
BYTES_MAX: Final = 2_000_000
LINES_MAX: Final = 5_000


@dataclass(frozen=True, slots=True)
class CarrierLine:
    """What one line says."""

    number: int
    """Of the line in the file, the heading being 1."""

    codes: Mapping[str, str]
    """By the column: the codes by which it names its shipment."""

    milestone: ShipmentMilestone
    at: datetime
    place: str
    estimated_delivery: datetime | None


def read_carrier_file(content: bytes) -> tuple[CarrierLine, ...]:
    """Every line of a carrier's file; raises InputError with the line and the value that is wrong."""
    if len(content) > BYTES_MAX:
        raise InputError(
            f"The file has {len(content)} bytes; at most {BYTES_MAX} are read.",
            remedy="Send it in parts.",
            code="file_too_long",
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _wrong(line, "text", repr(content[error.start : error.start + 1]), "it is no UTF-8") from error
    if text and not text.endswith(("\n", "\r")):
        last = text.splitlines()
        raise _wrong(len(last), "text", last[-1], "the file ends within it, so that its end may be missing")
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: list[CarrierLine] = []
    try:
        heading = _heading(next(rows, []))
        for row in rows:
            if len(found) >= LINES_MAX:
                raise _wrong(rows.line_num, "text", "", f"at most {LINES_MAX} lines are taken")
            if row:
                found.append(_line(rows.line_num, heading, row))
    except csv.Error as error:
        raise _wrong(rows.line_num, "text", "", str(error)) from error
    if not found:
        raise InputError("The file has no line but its heading.", remedy="Ask the carrier for it again.")
    return tuple(found)


def _heading(row: list[str]) -> tuple[str, ...]:
    names = tuple(name.strip().lower() for name in row)
    unknown = [name for name in names if name not in COLUMNS]
    missing = [name for name in NEEDED if name not in names]
    if unknown or missing or len(set(names)) != len(names) or not set(names) & set(CODES):
        said = "it names no shipment, or a column twice"
        if unknown or missing:
            said = f"{unknown[0]!r:.40} is no column of it" if unknown else f"it lacks {missing[0]}"
        raise InputError(
            f"Line 1 is not the heading of a carrier's file: {said}.",
            remedy=f"Name these, separated by commas: {', '.join(COLUMNS)}.",
            code="bad_line",
        )
    return names


def _line(number: int, heading: tuple[str, ...], row: list[str]) -> CarrierLine:
    if len(row) != len(heading):
        said = f"it has {len(row)} values for {len(heading)} columns"
        raise _wrong(number, "text", ",".join(row), said)
    values = {name: value.strip() for name, value in zip(heading, row, strict=True)}
    codes = {name: values[name] for name in CODES if values.get(name)}
    if not codes:
        raise _wrong(number, "shipment", "", "it names no shipment, waybill or SSCC")
    for name in NEEDED:
        if not values[name]:
            raise _wrong(number, name, "", "it is empty")
    word = values["milestone"].lower()
    if word not in {*ShipmentMilestone}:
        raise _wrong(
            number, "milestone", values["milestone"], f"it is none of {', '.join(ShipmentMilestone)}"
        )
    place = values["place"].lower().replace(" ", "-")
    if _PLACE.fullmatch(place) is None:
        raise _wrong(number, "place", values["place"], "it is no place in letters and digits")
    estimate = values.get("estimated_delivery")
    return CarrierLine(
        number,
        codes,
        ShipmentMilestone(word),
        _time(number, "at", values["at"]),
        place,
        None if not estimate else _time(number, "estimated_delivery", estimate),
    )


def _time(number: int, column: str, text: str) -> datetime:
    try:
        return parse_declared(text)[0]
    except InputError as error:
        raise _wrong(number, column, text, error.message) from error


def _wrong(number: int, column: str, value: str, why: str) -> InputError:
    shown = f' "{value[:40]}"' if value else ""
    return InputError(
        f"Line {number}, {column}{shown}: {why.rstrip('.')}.",
        remedy="Nothing of the file was recorded. Have the carrier put the line right, and send it again.",
        code="bad_line",
    )


def in_order(lines: tuple[CarrierLine, ...]) -> Iterator[CarrierLine]:
    """The lines as they happened, which is how they are recorded."""
    yield from sorted(lines, key=lambda one: (one.at, one.number))
