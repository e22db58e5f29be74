"""Times as the ledger writes them: UTC with milliseconds, the local offset kept beside."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

from schema.errors import InputError

_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
YEARS = (1972, 2199)
"""The first and the last year of a declared time: since 1972 clocks differ from UTC by whole minutes."""

CLOCKS_APART_MAX = timedelta(seconds=120)
"""How far clocks may differ: of two stations, of a station and the ledger, of a paper and a station."""

_OFFSET = re.compile(r"[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00", re.ASCII)


def format_instant(moment: datetime) -> str:
    """An aware time as `YYYY-MM-DDTHH:MM:SS.mmmZ`, cut to milliseconds; raises InputError when naive."""
    if moment.tzinfo is UTC:
        return _written(moment)
    if moment.tzinfo is None:
        raise InputError(
            f"The time {moment.isoformat()} has no offset.", remedy="Write it with Z or an offset."
        )
    return _written(moment.astimezone(UTC))


@lru_cache(maxsize=4096)
def _written(utc: datetime) -> str:
    # In UTC alone: of the two hours that a zone's clocks show twice, Python says that they are equal.
    return utc.isoformat(timespec="milliseconds")[:-6] + "Z"


def format_minute(moment: datetime, offset: str) -> str:
    """A time for people, by clocks with an offset: `2026-03-02 14:05 (+01:00)`."""
    return f"{moment.astimezone(parse_offset(offset)):%Y-%m-%d %H:%M} ({offset})"


def format_apart(moments: Iterable[datetime], offset: str) -> list[str]:
    """Times that are held against each other, to the second where the minute does not tell them apart."""
    known = [one.astimezone(parse_offset(offset)) for one in moments]
    minutes = {f"{one:%Y-%m-%d %H:%M}" for one in known}
    picture = "%Y-%m-%d %H:%M" if len(minutes) == len(known) else "%Y-%m-%d %H:%M:%S"
    return [f"{one:{picture}} ({offset})" for one in known]


def parse_instant(text: str) -> datetime:
    """The time of the ledger's own form; raises InputError for any other."""
    if _FORM.fullmatch(text) is None:
        raise InputError(f'The time "{text[:40]}" is not in the form 2026-01-31T13:45:00.000Z.')
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f'The time "{text}" does not exist.') from error


def parse_declared(text: str) -> tuple[datetime, str | None]:
    """A time a person or system declared, ISO 8601 with an offset or Z, and the offset when one is written.

    Raises InputError for a naive time: which midnight was meant cannot be guessed. Also for a year in which
    there was no UTC as it is now, and for one that nobody can mean.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f'The time "{text[:40]}" is not ISO 8601.') from error
    if moment.tzinfo is None:
        raise InputError(
            f'The time "{text}" has no offset.', remedy="Write it with Z or an offset such as +01:00."
        )
    offset = None if text.endswith(("Z", "z")) else _written_offset(text, moment)
    first, last = YEARS
    # A year away from both ends is that of UTC to within one; further out there may be no such time in UTC.
    if not (first - 1 <= moment.year <= last + 1 and first <= moment.astimezone(UTC).year <= last):
        raise InputError(
            f'The time "{text[:40]}" is before {first} or after {last}.', remedy="Check the year."
        )
    return to_milliseconds(moment.astimezone(UTC)), offset


def _written_offset(text: str, moment: datetime) -> str:
    """The offset of a declared time; raises InputError for one that no place on earth has."""
    delta = moment.utcoffset() or timedelta()
    offset = format_offset(delta)
    if delta % timedelta(minutes=1) or _OFFSET.fullmatch(offset) is None:
        raise InputError(
            f'The time "{text[:40]}" has an offset that no place has; they go from -14:00 to +14:00.',
            remedy="Write it with Z or with the offset of the place, such as +01:00.",
        )
    return offset


def to_milliseconds(moment: datetime) -> datetime:
    """The same time cut to whole milliseconds, as the ledger will hold it."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@lru_cache(maxsize=128)
def format_offset(delta: timedelta) -> str:
    """A UTC offset as `+01:00`."""
    minutes = int(delta.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


@lru_cache(maxsize=128)
def parse_offset(text: str) -> timezone:
    """The zone of a written offset; raises InputError when it is not one."""
    if _OFFSET.fullmatch(text) is None:
        raise InputError(f'The offset "{text[:20]}" is not in the form +01:00.')
    minutes = int(text[1:3]) * 60 + int(text[4:6])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def _instant(value: object) -> object:
    return parse_instant(value) if isinstance(value, str) else value


Instant = Annotated[datetime, BeforeValidator(_instant), PlainSerializer(format_instant)]
"""A field of a payload: a time in the ledger's form."""
