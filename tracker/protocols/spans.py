"""How a protocol writes spans of time: durations by the clock, and months and days by the calendar."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

from schema.counting import under_a_minute

_CALENDAR = re.compile(r"P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?", re.ASCII)
_DAYS_MAX = 50 * 365
_DURATION = re.compile(r"P(?:(\d{1,8})D)?(?:T(?=\d)(?:(\d{1,8})H)?(?:(\d{1,8})M)?)?", re.ASCII)


def parse_duration(value: object) -> timedelta:
    """ISO 8601 days, hours and minutes such as `PT30M`; raises ValueError for any other."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None or not any(match.groups()):
        raise ValueError("a duration is written like P1D, PT30H or PT30M")
    days, hours, minutes = (int(part or 0) for part in match.groups())
    span = timedelta(days=days, hours=hours, minutes=minutes)
    if span > timedelta(days=_DAYS_MAX):
        raise ValueError("a duration is at most 50 years")
    return span


def _some_time(value: object) -> timedelta:
    span = parse_duration(value)
    if not span:
        raise ValueError("a duration of nothing limits nothing; it is written like P1D, PT30H or PT30M")
    return span


def format_duration(span: timedelta) -> str:
    """A span as people read it: `25 s`, `30 min`, `26 h`, `5 d`."""
    if seconds := under_a_minute(span):
        return seconds
    minutes = int(span.total_seconds()) // 60
    if minutes % 1440 == 0 and minutes:
        return f"{minutes // 1440} d"
    return f"{minutes // 60} h" if minutes % 60 == 0 and minutes else f"{minutes} min"


Duration = Annotated[timedelta, BeforeValidator(_some_time), PlainSerializer(format_duration)]
Allowance = Annotated[timedelta, BeforeValidator(parse_duration), PlainSerializer(format_duration)]
"""A duration that may be none at all."""


@dataclass(frozen=True, slots=True)
class CalendarSpan:
    """Months and days by the calendar: a label's nine months are not 270 days."""

    months: int
    days: int

    def after(self, moment: datetime) -> datetime:
        """The same time of day so much later; a day that the month has not is its last: 31 Jan, 28 Feb."""
        index = moment.year * 12 + moment.month - 1 + self.months
        year, month = index // 12, index % 12 + 1
        day = min(moment.day, monthrange(year, month)[1])
        return moment.replace(year=year, month=month, day=day) + timedelta(days=self.days)

    def __str__(self) -> str:
        years, months = divmod(self.months, 12)
        parts = ((years, "y"), (months, "mo"), (self.days, "d"))
        return " ".join(f"{count} {unit}" for count, unit in parts if count)


def parse_calendar_span(value: object) -> object:
    """ISO 8601 years, months and days such as `P9M` or `P1Y`; raises ValueError for any other."""
    match = _CALENDAR.fullmatch(value) if isinstance(value, str) else None
    years, months, days = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    span = CalendarSpan(years * 12 + months, days)
    if not 0 < span.months * 28 + span.days <= _DAYS_MAX:
        raise ValueError("a shelf life is written like P9M, P1Y or P30D, and is at most 50 years")
    return span


ShelfLife = Annotated[CalendarSpan, BeforeValidator(parse_calendar_span), PlainSerializer(str)]
