"""When a site is open: its days of the week and its closures, by the day at the site itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from schema.vocabulary import Weekday
from tracker.rules.registry_state import Site

_WEEK: Final = tuple(Weekday)


def why_closed(site: Site, day: date, resource: str | None = None) -> str | None:
    """Why a site, or one thing of it, is closed on a day; None on a day on which it is open."""
    found = (
        one for one in site.closures if one.resource in (None, resource) and one.first <= day <= one.last
    )
    closure = next(found, None)
    if closure is not None:
        return closure.title
    weekday = _WEEK[day.weekday()]
    return None if weekday in site.open_on else f"not open on {weekday.value.capitalize()}"


def closed_days(
    site: Site, first: date, last: date, resource: str | None = None
) -> Iterator[tuple[date, date, str]]:
    """The closed days between two days, both included: from which until which in a row, and why."""
    count = (last - first).days + 1
    days = [first + timedelta(days=number) for number in range(max(count, 0))]
    for why, run in groupby(days, key=lambda day: why_closed(site, day, resource)):
        if why is not None:
            closed = list(run)
            yield closed[0], closed[-1], why
