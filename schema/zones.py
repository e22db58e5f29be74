"""Local time by the rules of the pinned package `tzdata`, so that every machine reads a clock alike.

What the machine itself knows of zones is left out: it may be of another year than that of the next one.
"""

from __future__ import annotations

import re
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Final

from schema.errors import InputError
from schema.instants import format_offset, parse_declared

zoneinfo.reset_tzpath(())

UTC_NAME: Final = "UTC"
_TABLE: Final = "zone.tab"
"""Not `zone1970.tab`: that one has no Europe/Amsterdam and no Europe/Oslo."""


class Fold(StrEnum):
    """Which of two readings of a local time is meant, where the clocks were set."""

    FIRST = "first"
    SECOND = "second"


@dataclass(frozen=True, slots=True)
class Readings:
    """The two moments that a local time may be, each with the clock of the zone at that moment."""

    first: datetime
    second: datetime
    skipped: bool
    """Whether the clocks showed neither, because they were set forward over it."""


class UnclearTime(InputError):
    """A local time that no clock showed, or that clocks showed twice."""

    def __init__(self, message: str, *, readings: Readings) -> None:
        first, second = (
            f"{one:%Y-%m-%d %H:%M} {format_offset_of(one)}" for one in (readings.first, readings.second)
        )
        super().__init__(
            message,
            remedy=f"Write it as {first} or as {second}.",
            code="time_skipped" if readings.skipped else "time_twice",
        )
        self.readings = readings


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """The names a site's zone may have: those of `zone.tab`, and UTC."""
    text = (resources.files("tzdata") / "zoneinfo" / _TABLE).read_text(encoding="utf-8")
    lines = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return frozenset(line[2] for line in lines) | {UTC_NAME}


def checked_zone(text: str) -> str:
    """A zone as a person names it; raises InputError, with names that look alike, for what is none."""
    names = zone_names()
    if text in names:
        return text
    like = {name.casefold(): name for name in names}
    like |= {name.rpartition("/")[2].casefold(): name for name in names}
    asked = text.strip().replace(" ", "_").casefold()
    known = [like[asked]] if asked in like else []
    close = known or [like[found] for found in get_close_matches(asked[:40], like, n=3, cutoff=0.75)]
    near = f" Is it {' or '.join(dict.fromkeys(close))}?" if close else ""
    raise InputError(
        f'"{text[:40]}" is no time zone.{near}',
        remedy="Name the zone by its region and city, as Europe/Berlin or America/New_York, or UTC.",
        code="zone_unknown",
    )


@lru_cache(maxsize=128)
def zone_info(name: str) -> zoneinfo.ZoneInfo:
    """The rules of a zone that was recorded; raises InputError where this tzdata has none of that name."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(
            f"The time zone {name[:40]} is not in the time zone data of this cartrail.",
            remedy="Install the cartrail that the hub has.",
            code="zone_unknown",
        ) from error


def on_clock(moment: datetime, zone: zoneinfo.ZoneInfo) -> datetime:
    """A moment as the clocks of a zone show it, with their offset then.

    Python compares two times of one zone by what the clock shows; with an offset they differ by how much time
    passed between them, also over the night when clocks are set.
    """
    shown = moment.astimezone(zone)
    return shown.astimezone(timezone(shown.utcoffset() or timedelta()))


def offset_at(zone: str, moment: datetime) -> str:
    """The offset from UTC of a zone's clocks at a moment, as `-04:00`."""
    return format_offset_of(moment.astimezone(zone_info(zone)))


def format_offset_of(moment: datetime) -> str:
    """The offset of an aware time, as `-04:00`; raises InputError for a naive one."""
    delta = moment.utcoffset()
    if delta is None:
        raise InputError(f"The time {moment.isoformat()} has no offset.")
    return format_offset(delta)


_TYPED: Final = re.compile(
    r"(?:(?P<day>\d{4}-\d\d-\d\d)(?:[T ]+|$))?"
    r"(?:(?P<hour>\d?\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.]\d{1,6})?)?)?"
    r"(?: *(?P<offset>[Zz]|[+-]\d\d:\d\d))?"
    r"(?: *\[(?P<quoted>[^]]{1,40})\]| +(?P<zone>[A-Za-z_/-]{2,40}))?",
    re.ASCII,
)


def typed_time(
    text: str, here: zoneinfo.ZoneInfo, *, day: date, fold: Fold | None = None, any_clock: bool = False
) -> datetime:
    """A time as a person types it: `14:05` of a day, `2026-11-23 14:05`, either with an offset or a zone.

    Without one it is by the clocks of `here`, and a day alone begins there at midnight. It comes back as
    those clocks show it. Raises InputError for what is no time, UnclearTime for one that was skipped or shown
    twice, and OtherClock for an offset at which the clocks were not then, unless `any_clock` is asked about.
    """
    found = _TYPED.fullmatch(text.strip())
    if found is None or not text.strip() or not (found["day"] or found["hour"]):
        raise InputError(
            f'"{text.strip()[:40]}" is no time.',
            remedy="Write it as 14:05 or 2026-01-31 14:05.",
            code="no_time",
        )
    named = found["quoted"] or found["zone"]
    zone = here if named is None else zone_info(checked_zone(named))
    try:
        on = date.fromisoformat(found["day"]) if found["day"] else day
        wall = datetime.combine(
            on, time(int(found["hour"] or 0), int(found["minute"] or 0), int(found["second"] or 0))
        )
    except ValueError as error:
        raise InputError(f'The time "{text.strip()[:40]}" does not exist.', code="no_time") from error
    parse_declared(f"{wall.isoformat()}Z")
    offset = found["offset"]
    if offset is None:
        return on_clock(from_local(wall, zone, fold), here)
    moment = parse_declared(wall.isoformat() + offset)[0]
    if not any_clock and offset not in ("Z", "z") and offset != format_offset_of(moment.astimezone(zone)):
        raise OtherClock(f"{wall:%Y-%m-%d %H:%M} {offset}", moment.astimezone(zone))
    return on_clock(moment, here)


def names_its_clock(text: str) -> bool:
    """Whether a typed time has an offset or a zone, so that it is the same moment wherever it is read."""
    found = _TYPED.fullmatch(text.strip())
    return found is not None and any(found[name] for name in ("offset", "quoted", "zone"))


class OtherClock(InputError):
    """A time with an offset at which the clocks of the place were not then."""

    def __init__(self, written: str, here: datetime) -> None:
        offset = format_offset_of(here)
        super().__init__(
            f"{written} is {here:%H:%M} here: the clocks were at {offset} then.",
            remedy=f"Write it as a clock here showed it, as {here:%Y-%m-%d %H:%M} {offset} if it is that.",
            code="offset_differs",
        )
        self.here = here


def from_local(wall: datetime, zone: zoneinfo.ZoneInfo, fold: Fold | None = None) -> datetime:
    """The moment at which the clocks of a zone showed a naive time, with the zone's offset then.

    Raises UnclearTime for a time that was skipped or shown twice, unless `fold` says which reading is meant.
    """
    moments = [wall.replace(tzinfo=zone, fold=number).astimezone(UTC) for number in (0, 1)]
    first, second = (on_clock(moment, zone) for moment in moments)
    if first == second:
        return first
    if fold is not None:
        return first if fold is Fold.FIRST else second
    readings = Readings(first, second, skipped=first.replace(tzinfo=None) != wall)
    clocks, shown = f"The clocks in {zone.key}", f"{wall:%Y-%m-%d %H:%M}"
    told = (
        f"{clocks} skipped {shown}: by the clock before the change it is {_read(first)}, by the clock after "
        f"it {_read(second)}."
        if readings.skipped
        else f"{clocks} showed {shown} twice: first at {_read(first)}, then at {_read(second)}."
    )
    raise UnclearTime(told, readings=readings)


def _read(moment: datetime) -> str:
    return f"{moment:%H:%M} {format_offset_of(moment)} ({moment.astimezone(UTC):%H:%M} UTC)"
