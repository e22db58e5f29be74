"""Times as a person types them to a command: by this station's clock, unless offset or zone stands there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from schema.instants import format_instant
from schema.zones import Fold, on_clock, typed_time, zone_info
from tui.cli.session import CommandSession

if TYPE_CHECKING:
    from tracker.tracker import Tracker

FoldOption = Annotated[
    Fold | None,
    typer.Option(help="Which of the two is meant, for an hour that the clocks skip or show twice."),
]


def instant(session: CommandSession, tracker: Tracker, text: str | None, fold: Fold | None) -> str | None:
    """A typed time as requests carry it; raises InputError for what is no time or could be two."""
    if text is None:
        return None
    registry, now = tracker.registry, tracker.clock.now()
    station = registry.station(session.station_in(tracker))
    here = zone_info(registry.zone_at(station.site if station else "", now))
    return format_instant(typed_time(text, here, day=on_clock(now, here).date(), fold=fold, any_clock=True))
