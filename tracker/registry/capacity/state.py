"""What the events about resources and lanes change in the registry."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Final

from msgspec.structs import replace

from schema.entry import Statement
from schema.events import capacity as events
from tracker.rules.registry_state import BookableResource, CarrierLane, Changes, RegistryState


def _resource_set(state: RegistryState, _: Statement, event: events.ResourceSet) -> RegistryState:
    if state.site(event.site) is None:
        return state
    resource = BookableResource(
        event.site,
        event.resource,
        event.resource_type,
        event.title,
        event.per_weekday,
        event.concurrent,
        timedelta(hours=event.occupies_hours),
        timedelta(hours=event.notice_hours),
        (time.fromisoformat(event.opens), time.fromisoformat(event.closes)),
        _day(event.from_day, date.min),
        _day(event.until_day, date.max),
    )
    return replace(state, resources={**state.resources, resource.id: resource})


def _lane_set(state: RegistryState, _: Statement, event: events.LaneSet) -> RegistryState:
    if state.site(event.from_site) is None or state.site(event.to_site) is None:
        return state
    lane = CarrierLane(
        event.lane,
        event.from_site,
        event.to_site,
        event.carrier,
        timedelta(hours=event.transit_hours),
        time.fromisoformat(event.cutoff),
        frozenset(event.picks_up_on),
        _day(event.until_day, date.max),
        None if event.transit_hours_max is None else timedelta(hours=event.transit_hours_max),
        event.celsius_min,
        event.celsius_max,
        event.documents,
    )
    return replace(state, lanes={**state.lanes, lane.code: lane})


def _day(text: str | None, otherwise: date) -> date:
    return otherwise if text is None else date.fromisoformat(text)


CHANGES: Final[Changes] = {
    events.ResourceSet: _resource_set,
    events.LaneSet: _lane_set,
}
