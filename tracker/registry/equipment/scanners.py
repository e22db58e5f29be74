"""The rules about scanners: how a check is judged, where one is asked for, and when it is due."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from labels.scanner_card import CARD_VERSION, CardReading, verdict_of
from schema.entry import Statement
from schema.events import Payload
from schema.events import scanners as events
from schema.vocabulary import ReadMode
from tracker.registry.equipment import scanner_requests as requests
from tracker.registry.requests import RegistryRequest
from tracker.registry.situation import (
    OVERSEERS,
    RegistrySituation,
    accepted,
    performed,
    refused,
    refused_by,
)
from tracker.rules.decision import Answer, Decision
from tracker.rules.permissions import station_violation
from tracker.rules.registry_records import ScannerCheck
from tracker.rules.registry_state import RegistryState


@dataclass(frozen=True, slots=True)
class Due:
    """A check that a station asks for and nobody has passed in time."""

    within_hours: int
    last: ScannerCheck | None


def check_scanner(situation: RegistrySituation, request: requests.CheckScanner) -> Decision:
    """Whoever works at the station scans the card; what it showed is not theirs to say."""
    verdict = verdict_of([CardReading(one.raw, one.mode is ReadMode.MANUAL) for one in request.readings])
    checked = events.ScannerChecked(
        station=situation.station,
        scanner=request.scanner,
        result=events.CheckResult.PASSED if verdict.passed else events.CheckResult.FAILED,
        faults=tuple(dict.fromkeys(fault.code for fault in verdict.faults)),
        advice=tuple(fault.code for fault in verdict.advice),
        card=CARD_VERSION,
    )
    return accepted(situation, request, [checked], performed(request))


def require_check(situation: RegistrySituation, request: requests.RequireScannerCheck) -> Decision:
    """Quality or an administrator says where; it never keeps anybody from recording what happened."""
    violation = station_violation(situation.registry, request.checked_station)
    if violation is not None:
        return refused_by(violation)
    if situation.registry.scanner_hours.get(request.checked_station) == request.within_hours:
        return refused(
            "already_done",
            f"The station {request.checked_station} asks for that already.",
            "Nothing to do.",
            answer=Answer.CHECK,
        )
    asked = events.ScannerCheckRequired(station=request.checked_station, within_hours=request.within_hours)
    return accepted(situation, request, [asked], performed(request, OVERSEERS))


def due(registry: RegistryState, station: str, now: datetime) -> Due | None:
    """What a station asks for and has not got; None where all is well or nothing is asked."""
    hours, last = registry.scanner_hours.get(station), registry.scanner_checks.get(station)
    if hours is None:
        return None
    fresh = last is not None and last.passed and now - last.at <= timedelta(hours=hours)
    return None if fresh else Due(hours, last)


def scanner_checked(
    state: RegistryState, statement: Statement, event: events.ScannerChecked
) -> RegistryState:
    """The newest check of a station; one of a station nobody knows changes nothing."""
    if state.station(event.station) is None:
        return state
    passed = event.result is events.CheckResult.PASSED
    check = ScannerCheck(event.scanner, passed, event.faults, statement.occurred_at, statement.actor)
    return replace(state, scanner_checks={**state.scanner_checks, event.station: check})


def check_required(state: RegistryState, _: Statement, event: events.ScannerCheckRequired) -> RegistryState:
    """How often a station asks from now on."""
    others = {name: hours for name, hours in state.scanner_hours.items() if name != event.station}
    asked: Mapping[str, int] = {} if event.within_hours is None else {event.station: event.within_hours}
    return replace(state, scanner_hours={**others, **asked})


DECIDERS: Mapping[type[RegistryRequest], Callable[[RegistrySituation, Any], Decision]] = {
    requests.CheckScanner: check_scanner,
    requests.RequireScannerCheck: require_check,
}
HANDLERS: Mapping[type[Payload], Callable[[RegistryState, Statement, Any], RegistryState]] = {
    events.ScannerChecked: scanner_checked,
    events.ScannerCheckRequired: check_required,
}
