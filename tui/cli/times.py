"""Times as a person types them to a command: by the clock of the station, or of the site they are about."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from schema.errors import InputError
from schema.instants import YEARS, format_instant
from schema.zones import UTC_NAME, Fold, names_its_clock, on_clock, typed_time, zone_info
from tui.cli.session import CommandSession

if TYPE_CHECKING:
    from tracker.tracker import Tracker
    from tracker.values import WholeDay

FoldOption = Annotated[
    Fold | None,
    typer.Option(help="Which of the two is meant, for an hour that the clocks skip or show twice."),
]


def instant(
    session: CommandSession, tracker: Tracker, text: str | None, fold: Fold | None, *, site: str | None = None
) -> str | None:
    """A typed time as requests carry it; raises InputError for what is no time or could be two."""
    return None if text is None else format_instant(moment(session, tracker, text, fold, site=site))


def moment(
    session: CommandSession, tracker: Tracker, text: str, fold: Fold | None = None, *, site: str | None = None
) -> datetime:
    """The moment of a typed time; raises InputError as `instant` does.

    Without offset or zone it is on this station's clock, or on that of the site that it is about.
    """
    now, utc = tracker.clock.now(), zone_info(UTC_NAME)
    found = typed_time(text, utc, day=now.date(), fold=fold, any_clock=True)
    if names_its_clock(text):
        return found
    here = zone_info(_zone(session, tracker, site))
    return typed_time(text, here, day=on_clock(now, here).date(), fold=fold, any_clock=True)


def moment_of(event_id: str) -> datetime:
    """When the id of a request was made, in UTC (RFC 9562 section 5.7)."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=UUID(event_id).int >> 80)


def day_typed(text: str) -> date:
    """A day of the calendar; raises InputError for what is none, and for a year that nobody can mean."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise InputError(
            f'"{text[:40]}" is no day.', remedy="Write it as 2026-11-30.", code="bad_day"
        ) from error
    first, last = YEARS
    if not first <= day.year <= last:
        raise InputError(
            f"The day {day} is before {first} or after {last}.", remedy="Check the year.", code="bad_day"
        )
    return day


def day_words(day: date) -> str:
    """A day as a planner says it, `Tue 8 Dec`; with its year where that is neither this one nor the next."""
    year = "" if day.year - datetime.now(UTC).year in (0, 1) else f" {day.year}"
    return f"{day:%a} {day.day} {day:%b}{year}"


def time_words(there: datetime) -> str:
    """A time by the clocks of its place, `Tue 8 Dec 08:00`."""
    return f"{day_words(there)} {there:%H:%M}"


def whole_day(session: CommandSession, tracker: Tracker, text: str) -> WholeDay:
    """A day by this station's clock; raises InputError for what is no day."""
    from tracker.values import WholeDay

    day = day_typed(text)
    here = zone_info(_zone(session, tracker, None))
    begun, until = (
        datetime.combine(one, time(), here).astimezone(UTC) for one in (day, day + timedelta(days=1))
    )
    return WholeDay(day, begun, until)


def _zone(session: CommandSession, tracker: Tracker, site: str | None) -> str:
    registry, now = tracker.registry, tracker.clock.now()
    if site is not None and registry.site(site) is not None:
        return registry.zone_at(site, now)
    station = registry.station(session.station_in(tracker))
    return registry.zone_at(station.site if station else "", now)
