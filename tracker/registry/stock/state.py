"""What events about blank labels change in the registry."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from schema.entry import Statement
from schema.events.stock import LabelStockDestroyed, LabelStockIssued
from tracker.rules.registry_state import Changes, LabelStock, RegistryState


def _issued(state: RegistryState, _: Statement, event: LabelStockIssued) -> RegistryState:
    if event.set in state.stock:
        return state
    fresh = {unit: event.set for unit in event.units if unit not in state.blanks}
    stock = LabelStock(event.set, event.site, event.material, tuple(fresh))
    return replace(state, stock={**state.stock, event.set: stock}, blanks={**state.blanks, **fresh})


def _destroyed(state: RegistryState, _: Statement, event: LabelStockDestroyed) -> RegistryState:
    stock = state.stock.get(event.set)
    if stock is None:
        return state
    gone = tuple(unit for unit in event.units if unit in stock.units and unit not in stock.destroyed)
    left = {unit: name for unit, name in state.blanks.items() if unit not in gone}
    changed = replace(stock, destroyed=(*stock.destroyed, *gone))
    return replace(state, stock={**state.stock, event.set: changed}, blanks=left)


CHANGES: Final[Changes] = {
    LabelStockIssued: _issued,
    LabelStockDestroyed: _destroyed,
}
