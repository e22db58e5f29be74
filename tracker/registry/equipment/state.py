"""What the events about boxes, terminals and scanners change in the registry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from schema.entry import Statement
from schema.events import equipment as events
from tracker.rules.registry_state import Changes, Equipment, RegistryState, ScannerCheck, with_one_more


def _equipment_added(state: RegistryState, _: Statement, event: events.EquipmentAdded) -> RegistryState:
    if event.site not in state.sites:
        return state
    added = Equipment(
        event.equipment,
        event.equipment_type,
        event.title,
        event.site,
        event.hold_hours,
        event.requalification_due,
        has_display=event.has_display,
        serial=event.serial,
        instrument_class=event.instrument_class,
        exclusive=event.exclusive,
    )
    return replace(state, equipments=with_one_more(state.equipments, event.equipment, added))


def _qualified(state: RegistryState, _: Statement, event: events.EquipmentQualified) -> RegistryState:
    """The newest test counts; what it does not say again of hold time and temperatures stays."""
    known = state.equipment(event.equipment)
    if known is None:
        return state
    low, high = event.celsius_min, event.celsius_max
    return _box(
        state,
        event.equipment,
        qualified_at=event.at,
        failed=event.verdict is events.CheckResult.FAILED,
        unfit_since=event.unfit_since,
        requalification_due=event.due_at,
        standard=event.standard,
        hold_hours=event.hold_hours or known.hold_hours,
        celsius_min=low or known.celsius_min,
        celsius_max=high or known.celsius_max,
    )


def _charged(state: RegistryState, statement: Statement, event: events.ShipperCharged) -> RegistryState:
    """Where it was filled it stood then, unless a carrier has it by the record or it was seen since."""
    known = state.equipment(event.box)
    is_newest = known is not None and (known.seen_at is None or known.seen_at < event.at)
    is_there = known is not None and known.with_carrier is None and is_newest
    stood = {"seen_at": event.at, "seen_at_site": statement.site} if is_there else {}
    return _box(state, event.box, charged_at=event.at, **stood)


def _status_set(state: RegistryState, _: Statement, event: events.EquipmentStatusSet) -> RegistryState:
    return _box(state, event.equipment, status=event.status)


def _box_emptied(state: RegistryState, statement: Statement, event: events.BoxEmptied) -> RegistryState:
    return _box(state, event.box, emptied_at_site=event.site, emptied_uses=event.uses, **_seen(statement))


def _empty_collected(
    state: RegistryState, statement: Statement, event: events.EmptyCollected
) -> RegistryState:
    gone: dict[str, Any] = {"emptied_at_site": None, "with_carrier": event.carrier, "brought_to": None}
    return _box(state, event.box, **gone, **_seen(statement))


def _empty_returned(state: RegistryState, statement: Statement, event: events.EmptyReturned) -> RegistryState:
    back: dict[str, Any] = {"emptied_at_site": None, "with_carrier": None, "brought_to": event.site}
    return _box(state, event.box, **back, **_seen(statement))


def _seen(statement: Statement) -> dict[str, Any]:
    """That somebody of a site had it in hand."""
    return {"seen_at": statement.occurred_at, "seen_at_site": statement.site}


def _box(state: RegistryState, box: str, **changes: Any) -> RegistryState:
    known = state.equipment(box)
    if known is None:
        return state
    return replace(state, equipments={**state.equipments, box: replace(known, **changes)})


def _terminal_checked(
    state: RegistryState, statement: Statement, event: events.TerminalChecked
) -> RegistryState:
    if state.station(event.station) is None:
        return state
    return replace(state, terminal_checks={**state.terminal_checks, event.station: statement.occurred_at})


def _scanner_checked(
    state: RegistryState, statement: Statement, event: events.ScannerChecked
) -> RegistryState:
    """The newest check of a station; one of a station nobody knows changes nothing."""
    if state.station(event.station) is None:
        return state
    passed = event.result is events.CheckResult.PASSED
    check = ScannerCheck(event.scanner, passed, event.faults, statement.occurred_at, statement.actor)
    return replace(state, scanner_checks={**state.scanner_checks, event.station: check})


def _check_required(state: RegistryState, _: Statement, event: events.ScannerCheckRequired) -> RegistryState:
    """A check is asked for within these hours, or no longer."""
    others = {name: hours for name, hours in state.scanner_hours.items() if name != event.station}
    asked: Mapping[str, int] = {} if event.within_hours is None else {event.station: event.within_hours}
    return replace(state, scanner_hours={**others, **asked})


CHANGES: Final[Changes] = {
    events.EquipmentAdded: _equipment_added,
    events.EquipmentQualified: _qualified,
    events.ShipperCharged: _charged,
    events.EquipmentStatusSet: _status_set,
    events.BoxEmptied: _box_emptied,
    events.EmptyCollected: _empty_collected,
    events.EmptyReturned: _empty_returned,
    events.TerminalChecked: _terminal_checked,
    events.ScannerChecked: _scanner_checked,
    events.ScannerCheckRequired: _check_required,
}
