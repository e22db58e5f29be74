"""What a logger's file says: its readings in order of time, and of which clock, unit and logger they are."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from functools import cached_property
from itertools import islice
from operator import sub
from typing import Final

from schema.vocabulary import DayOrder, KnownFrom, TemperatureUnit

PARTS_PER_CELSIUS: Final = 9_000_000
"""A millionth of a degree Celsius is nine of these and one of Fahrenheit five: both exact, in 32 bits."""

DECIMALS_MAX: Final = 6
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Format(StrEnum):
    """The program or logger that wrote a file."""

    HOBOWARE = "hoboware"
    HOBOCONNECT = "hoboconnect"
    MADGETECH_2 = "madgetech_2"
    MADGETECH_4 = "madgetech_4"
    Q_TAG = "q_tag"
    FRIDGE_TAG = "fridge_tag"
    LOGTAG = "logtag"
    LASCAR = "lascar"
    EL_USB = "el_usb"
    GENERIC = "generic"


FORMAT_TITLES: Final = {
    Format.HOBOWARE: "HOBOware",
    Format.HOBOCONNECT: "HOBOconnect",
    Format.MADGETECH_2: "MadgeTech 2",
    Format.MADGETECH_4: "MadgeTech 4",
    Format.Q_TAG: "Berlinger Q-tag",
    Format.FRIDGE_TAG: "Berlinger Fridge-tag",
    Format.LOGTAG: "LogTag",
    Format.LASCAR: "Lascar EasyLog",
    Format.EL_USB: "Lascar EL-USB",
    Format.GENERIC: "cartrail's own layout",
}
"""Each as people know it."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What a person says of a file because the file does not."""

    offset: timedelta | None = None
    """How far the logger's clock was ahead of UTC; it is one offset for the whole file."""

    unit: TemperatureUnit | None = None
    serial: str | None = None
    days: DayOrder | None = None
    channel: int | None = None
    """Which column was the probe in the box, counted from 1, where there are several of temperatures."""


@dataclass(frozen=True)
class Series:
    """The readings of one file, in order of time; each holds until the next one."""

    file_format: Format
    serial: str
    serial_source: KnownFrom
    offset: timedelta
    """Of the logger's clock from UTC, which its times were read by."""

    clock: KnownFrom
    unit: TemperatureUnit
    at: array[int]
    """Milliseconds since 1970 in UTC, rising."""

    parts: array[int]
    """Temperatures in `PARTS_PER_CELSIUS`."""

    repeated: int = 0
    """How many lines said again what another said."""

    stated_interval: timedelta | None = None
    """How far apart the file says its readings are."""

    def __len__(self) -> int:
        return len(self.at)

    @property
    def first_at(self) -> datetime:
        """When the first reading was taken."""
        return moment(self.at[0])

    @property
    def last_at(self) -> datetime:
        """When the last reading was taken."""
        return moment(self.at[-1])

    @cached_property
    def interval(self) -> timedelta:
        """How far apart readings are: as the file says, else the step that is most frequent in it.

        One reading alone has no interval, and says nothing of any time after it.
        """
        if self.stated_interval is not None:
            return self.stated_interval
        steps = Counter(map(sub, islice(self.at, 1, None), self.at))
        if not steps:
            return timedelta()
        often = max(steps.values())
        return timedelta(milliseconds=min(step for step, count in steps.items() if count == often))

    @property
    def lowest(self) -> str:
        """The lowest temperature, never shown higher than it was."""
        return celsius(min(self.parts), ROUND_FLOOR)

    @property
    def highest(self) -> str:
        """The highest temperature, never shown lower than it was."""
        return celsius(max(self.parts), ROUND_CEILING)

    @property
    def mean(self) -> str:
        """The mean of all readings, each counted once."""
        return celsius(Decimal(sum(self.parts)) / len(self.parts))

    def between(self, since: datetime, until: datetime) -> int:
        """How many readings were taken from a time on, and before another."""
        return bisect_left(self.at, milliseconds(until)) - bisect_left(self.at, milliseconds(since))

    def points(self) -> Iterator[tuple[datetime, Decimal]]:
        """Each reading as a moment and degrees Celsius."""
        for at, parts in zip(self.at, self.parts, strict=True):
            yield moment(at), Decimal(parts) / PARTS_PER_CELSIUS


def moment(milliseconds: int) -> datetime:
    """A moment of `Series.at` as a time in UTC."""
    return EPOCH + timedelta(milliseconds=milliseconds)


def milliseconds(at: datetime) -> int:
    """A time as `Series.at` has it."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def parts_of(degrees: Decimal) -> Decimal:
    """Degrees Celsius in `PARTS_PER_CELSIUS`, exactly."""
    return degrees * PARTS_PER_CELSIUS


def celsius(parts: Decimal | int, rounding: str = ROUND_HALF_EVEN) -> str:
    """Parts as degrees Celsius with at most two decimals, as the record writes a temperature: `-150.1`."""
    degrees = (Decimal(parts) / PARTS_PER_CELSIUS).quantize(Decimal("0.01"), rounding=rounding)
    text = f"{degrees:f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
