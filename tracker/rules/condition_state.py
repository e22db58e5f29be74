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


class PlaceStay(Struct, frozen=True):
    """A time in which a unit lay in a place."""

    location: str
    since: datetime
    until: datetime | None = None
    """When it was taken out; None while it is in it."""


def place_stays(stays: tuple[PlaceStay, ...], location: str | None, at: datetime) -> tuple[PlaceStay, ...]:
    """A unit's stays in places when it came to another one at a moment, or to none."""
    if stays and stays[-1].until is None:
        stays = (*stays[:-1], replace(stays[-1], until=at))
    return stays if location is None else (*stays, PlaceStay(location, at))


class FileRead(Struct, frozen=True):
    """A logger's file that was read for a shipment, or for a place."""

    event_id: str
    shipment: str | None
    location: str | None
    data_logger: str
    file: str
    """The commitment to its SHA-256."""

    first_at: datetime
    ends_at: datetime
    """Until when its last reading held."""

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
    outside: TemperatureMark
    decision: ExcursionDecision | None = None


class OutsideBand(Struct, frozen=True):
    """For how long and how often a unit was outside its band, by files of one time."""

    shipment: str | None
    """The shipment they are of; None for those of places."""

    since: datetime
    until: datetime
    lasted: timedelta
    count: int

    def tells_again(self, shipment: str | None, since: datetime, until: datetime) -> bool:
        """Whether a file of these times tells of the same: two files of one box, of which one goes on.

        Those of a place do not, since of them only the time is judged that no file before had.
        """
        return (
            shipment is not None and shipment == self.shipment and since < self.until and self.since < until
        )


def told_before(
    told: tuple[OutsideBand, ...], shipment: str | None, since: datetime, until: datetime
) -> tuple[timedelta, int]:
    """For how long and how often a unit was outside in its life, beside what a file of these times tells."""
    others = [one for one in told if not one.tells_again(shipment, since, until)]
    return sum((one.lasted for one in others), timedelta()), sum(one.count for one in others)


def told_with(told: tuple[OutsideBand, ...], new: OutsideBand) -> tuple[OutsideBand, ...]:
    """What is known of a life with one more file; of two that tell the same, the worse one counts."""
    same = [one for one in told if one.tells_again(new.shipment, new.since, new.until)]
    others = tuple(one for one in told if one not in same)
    return (
        *others,
        OutsideBand(
            new.shipment,
            min([new.since, *(one.since for one in same)]),
            max([new.until, *(one.until for one in same)]),
            max(new.lasted, sum((one.lasted for one in same), timedelta())),
            max(new.count, sum(one.count for one in same)),
        ),
    )
