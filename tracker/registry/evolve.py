"""What each event of the chain `registry` changes; total, so that no event can make history unreadable.

An event that names something unknown, or adds what is already there, changes nothing but the head.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from schema.entry import Statement
from tracker.registry.capacity import state as capacity
from tracker.registry.equipment import state as equipment
from tracker.registry.lots import state as lots
from tracker.registry.network import state as network
from tracker.registry.people import state as people
from tracker.registry.places import state as places
from tracker.registry.stock import state as stock
from tracker.rules.registry_state import Changes, RegistryState
from tracker.rules.tables import joined

CHANGES: Final[Changes] = joined(
    network.CHANGES,
    people.CHANGES,
    places.CHANGES,
    capacity.CHANGES,
    equipment.CHANGES,
    stock.CHANGES,
    lots.CHANGES,
)
"""What to do with each kind; one that is not here moves only the head."""


def evolve_registry(state: RegistryState, sequence: int, statement: Statement) -> RegistryState:
    """The registry after one more of its entries."""
    moved = replace(state, sequence=sequence)
    change = CHANGES.get(type(statement.payload))
    return moved if change is None else change(moved, statement, statement.payload)
