"""What events about lots change in the registry."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from schema.entry import Statement
from schema.events.lots import LotReceived, LotStatusSet
from schema.vocabulary import LotStatus
from tracker.rules.registry_state import Changes, Lot, RegistryState, with_one_more


def _received(state: RegistryState, statement: Statement, event: LotReceived) -> RegistryState:
    if event.site not in state.sites:
        return state
    lot = Lot(
        event.lot,
        event.item,
        event.site,
        event.number,
        event.gtin,
        event.expires,
        event.celsius_min,
        event.celsius_max,
        event.certificate,
        statement.occurred_at,
        statement.occurred_at,
    )
    return replace(state, lots=with_one_more(state.lots, event.lot, lot))


def _status_set(state: RegistryState, statement: Statement, event: LotStatusSet) -> RegistryState:
    lot = state.lot(event.lot)
    if lot is None:
        return state
    changed = replace(lot, status=event.status, status_since=statement.occurred_at)
    if event.status is LotStatus.RELEASED and lot.released_at is None:
        changed = replace(changed, released_at=statement.occurred_at)
    return replace(state, lots={**state.lots, event.lot: changed})


CHANGES: Final[Changes] = {
    LotReceived: _received,
    LotStatusSet: _status_set,
}
