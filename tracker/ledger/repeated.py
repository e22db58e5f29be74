"""Whether a row of a table that repeats the record is one that cartrail can have written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from schema.instants import parse_instant
from schema.tables import Row, TherapyRow, UnitRow
from schema.vocabulary import FinalDisposition, Material, PartyType

STATUSES: Final = ("active", "canceled", "closed")
"""Of a therapy; any other word would be taken for an end where only running ones are looked for."""


def check_status(status: object) -> None:
    """Raise ValueError for a status that no therapy can have."""
    if status not in STATUSES:
        raise ValueError(f"{status!r:.40} is no status of a therapy")


def check_therapy(row: TherapyRow) -> None:
    """Raise ValueError, LookupError, TypeError or InputError for what no line of the board can be."""
    check_status(row.status)
    int(row.protocol_version)
    document = _object(row.document)
    _text(document["last_kind"])
    _text(document["last_actor"])
    parse_instant(document["last_at"])
    for clock in document["clocks"]:
        _text(clock["title"])
        _text(clock["unit"])
        parse_instant(clock["due_at"])
        if clock["began_at"] is not None:
            parse_instant(clock["began_at"])
    for ending in document["endings"]:
        _text(ending["title"])
        _text(ending["until"])
        parse_instant(ending["at"])
        if ending["arrives"] is not None:
            _text(ending["arrives"]["site"])
            parse_instant(ending["arrives"]["at"])
            parse_instant(ending["arrives"]["told_at"])
    for moment in (*document["eta"].values(), *document["left"].values()):
        parse_instant(moment)


def check_unit(row: UnitRow) -> None:
    """Raise ValueError, LookupError, TypeError or InputError for what no unit can be."""
    Material(row.material)
    if row.custodian_type:
        PartyType(row.custodian_type)
    if row.final_disposition is not None:
        FinalDisposition(row.final_disposition)
    for fact in _object(row.document)["facts"].values():
        parse_instant(fact["at"])
        int(fact["sequence"])


def check_values(row: Row) -> None:
    """Nothing beyond what the types of its columns can be read as."""


def _object(text: str) -> Mapping[str, Any]:
    value = orjson.loads(text)
    if not isinstance(value, dict):
        raise TypeError(f"{text[:40]!r} is no JSON object")
    return value


def _text(value: object) -> None:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} is no text")
