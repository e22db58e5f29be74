"""What a therapy's chain has of temperatures over time: stays beside a logger, files read, excursions."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from schema.vocabulary import ExcursionDecision


class LoggerStay(Struct, frozen=True):
    """A time in which a unit was in a closed box, with the logger that was packed with it."""

    shipment: str
    box: str
    data_logger: str | None
    since: datetime
    until: datetime | None = None
    """When it came out of the box; None while it is in it."""


def begun_stay(stays: tuple[LoggerStay, ...], stay: LoggerStay) -> tuple[LoggerStay, ...]:
    """A unit's stays with one more: it was packed, and so came out of any box before."""
    return (*ended_stays(stays, stay.since), stay)


def ended_stays(stays: tuple[LoggerStay, ...], at: datetime) -> tuple[LoggerStay, ...]:
    """A unit's stays, with the last one ended."""
    if not stays or stays[-1].until is not None:
        return stays
    return (*stays[:-1], replace(stays[-1], until=at))


class FileRead(Struct, frozen=True):
    """A logger's file that was read for a shipment."""

    event_id: str
    shipment: str
    file: str
    """The commitment to its SHA-256."""

    at: datetime
    actor: str


class TemperatureMark(StrEnum):
    """How an excursion is marked until quality has assessed it."""

    WARM = "warm"
    COLD = "cold"
    UNKNOWN = "temperature_unknown"


class ExcursionState(Struct, frozen=True):
    """An excursion, and what quality said of it last."""

    event_id: str
    units: tuple[str, ...]
    at: datetime
    shipment: str
    outside: TemperatureMark
    decision: ExcursionDecision | None = None


class OutsideInLife(Struct, frozen=True):
    """For how long and how often a unit was outside its band, by every file that was read."""

    lasted: timedelta = timedelta()
    count: int = 0
