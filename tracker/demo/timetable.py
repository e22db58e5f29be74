"""When the demo's stories happen: by the local clock of a site, counted back from the demo's end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from schema.vocabulary import SitePart
from schema.zones import zone_info
from tracker.demo import cast
from tracker.demo.journey import Journey

When = Callable[[datetime, tzinfo], datetime]
"""The moment, from the demo's end and the local time of the site."""


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch of one therapy that its people do at one go."""

    when: When
    part: SitePart
    play: Callable[[Journey], object]


def on(days_before: int, local: str) -> When:
    """At a local time so many days before the end's day."""

    def moment(end: datetime, zone: tzinfo) -> datetime:
        day = end.astimezone(UTC).date() - timedelta(days=days_before)
        return datetime.combine(day, time.fromisoformat(local), tzinfo=zone)

    return moment


def ago(**span: float) -> When:
    """So long before the end, whatever the hour is there: what somebody is in the middle of."""
    return lambda end, _: end - timedelta(**span)


def near(local: str, *, hours: tuple[int, int]) -> When:
    """At a local time that lies between so many hours before the end, or at the later of the two."""

    def moment(end: datetime, zone: tzinfo) -> datetime:
        least, most = (timedelta(hours=count) for count in hours)
        at = time.fromisoformat(local)
        for days in range(most.days + 2):
            day = end.astimezone(zone).date() - timedelta(days=days)
            found = datetime.combine(day, at, tzinfo=zone)
            if least <= end - found <= most:
                return found
        return end - least

    return moment


def moment_of(episode: Episode, journey: Journey, end: datetime) -> datetime:
    """When an episode of a therapy begins."""
    sites = {SitePart.COLLECTION: journey.collection, SitePart.TREATMENT: journey.treatment}
    site = sites.get(episode.part, cast.HUB)
    zone = next(one.zone for one in cast.SITES if one.code == site)
    return episode.when(end, zone_info(zone)).astimezone(UTC)
