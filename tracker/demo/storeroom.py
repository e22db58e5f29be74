"""The storeroom of the hub at the end of the story: its tank has positions, and was counted this morning."""

from __future__ import annotations

from itertools import islice

from schema.identifiers import first_copy
from schema.positions import every_position
from tracker.demo import cast
from tracker.demo.journey import scan
from tracker.demo.network import Network
from tracker.registry.places.requests import CountStorage, SetLocationConditions
from tracker.requests.base import Request
from tracker.therapy.custody.requests import StoreUnits

ROWS, COLUMNS = 6, 10
KEEPER = "OPER-1"
"""Who answers for the tank."""


def stow_and_count(network: Network) -> None:
    """Give the tank rows and columns, each unit in it a position, and count it with all of them there."""
    tank, actor = network.storage[cast.HUB], cast.FOUNDERS[0]
    _record(network, SetLocationConditions, actor, location=tank, rows=ROWS, columns=COLUMNS)
    units = [one.unit for one in network.tracker.read.storage_map(location=tank).units]
    stowed = units[: ROWS * COLUMNS]
    if stowed:
        positions = tuple(islice(every_position(ROWS, COLUMNS), len(stowed)))
        codes = tuple(scan(unit) for unit in stowed)
        _record(network, StoreUnits, KEEPER, units=codes, positions=positions, location=scan(tank))
    _record(network, CountStorage, KEEPER, location=first_copy(tank).text, units=tuple(map(scan, units)))


def _record(network: Network, request_class: type[Request], actor: str, **fields: object) -> None:
    """A request of somebody at the hub, at the time it is there."""
    own = {
        "event_id": network.tracker.new_event_id(),
        "actor": actor,
        "station": cast.HUB_STATION if actor in cast.FOUNDERS else network.station(cast.HUB, actor),
    }
    network.record(request_class.model_validate({**own, **fields}), actor)
