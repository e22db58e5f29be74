"""What the clocks of a site show: the registry has the name of its zone, tzdata the rules of that zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from schema.zones import offset_at, on_clock, zone_info
from tracker.rules.registry_state import RegistryState


def local(registry: RegistryState, site: str, moment: datetime) -> datetime:
    """A moment as a site's clocks show it."""
    return on_clock(moment, zone_info(registry.zone_at(site, moment)))


def ahead_of(registry: RegistryState) -> Callable[[str], Callable[[datetime], timedelta]]:
    """Asks, for a site, how far its clocks are ahead of UTC at a moment."""
    return lambda site: (
        lambda moment: moment.astimezone(zone_info(registry.zone_at(site, moment))).utcoffset() or timedelta()
    )


def offset_of(registry: RegistryState, site: str) -> Callable[[datetime], str]:
    """Asks for the offset from UTC of a site's clocks at a moment, as `-04:00`."""
    return lambda moment: offset_at(registry.zone_at(site, moment), moment)
