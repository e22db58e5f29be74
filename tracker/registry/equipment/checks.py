"""Checks of terminals and scanners: how one is judged, where one is asked for, and when it is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from labels.scanner_card import CARD_VERSION, CardReading, verdict_of
from schema.events import equipment as events
from schema.vocabulary import ReadMode
from tracker.registry.equipment import requests
from tracker.registry.situation import (
    OVERSEERS,
    Decisions,
    RegistrySituation,
    allowed,
    denied,
    denied_by,
    event_of,
    performed,
)
from tracker.rules.authority import station_violation
from tracker.rules.decision import Decision, ScanAnswer
from tracker.rules.registry_state import RegistryState, ScannerCheck


@dataclass(frozen=True, slots=True)
class Due:
    """A check that a station asks for and that was not passed in time."""

    within_hours: int
    last: ScannerCheck | None


def check_terminal(situation: RegistrySituation, request: requests.CheckTerminal) -> Decision:
    """What a person noticed of their terminal; also that an answer went unnoticed is kept."""
    checked = event_of(request, station=situation.station)
    return allowed(situation, request, [checked], performed(request))


def check_scanner(situation: RegistrySituation, request: requests.CheckScanner) -> Decision:
    """Whoever works at the station scans the card; the program judges what came."""
    unread = _mode_of_no_scanner(situation, request)
    if unread is not None:
        return denied(
            "card_not_scanned",
            f"A reading of the scanner card is {unread.value}, so it says nothing of the scanner.",
            "Scan the card with the scanner; nothing was recorded.",
            answer=ScanAnswer.CHECK,
        )
    verdict = verdict_of([CardReading(one.raw, one.mode is ReadMode.MANUAL) for one in request.readings])
    checked = events.ScannerChecked(
        station=situation.station,
        scanner=request.scanner,
        result=events.CheckResult.PASSED if verdict.passed else events.CheckResult.FAILED,
        faults=tuple(dict.fromkeys(fault.code for fault in verdict.faults)),
        advice=tuple(fault.code for fault in verdict.advice),
        card=CARD_VERSION,
    )
    return allowed(situation, request, [checked], performed(request))


def _mode_of_no_scanner(situation: RegistrySituation, request: requests.CheckScanner) -> ReadMode | None:
    """How a reading came that no scanner of this station sent; what came slowly is judged as slow."""
    station = situation.registry.station(situation.station)
    sent = {ReadMode.SCANNED, ReadMode.MANUAL}
    if station is not None and station.pasted_accepted:
        # Such a station's scanner may come in by a paste, as through a remote desktop.
        sent.add(ReadMode.PASTED)
    return next((one.mode for one in request.readings if one.mode not in sent), None)


def require_check(situation: RegistrySituation, request: requests.RequireScannerCheck) -> Decision:
    """Quality or an administrator says where; it never keeps anybody from recording what happened."""
    violation = station_violation(situation.registry, request.checked_station)
    if violation is not None:
        return denied_by(violation)
    if situation.registry.scanner_hours.get(request.checked_station) == request.within_hours:
        return denied(
            "already_done",
            f"The station {request.checked_station} asks for that already.",
            "Nothing to do.",
            answer=ScanAnswer.CHECK,
        )
    asked = events.ScannerCheckRequired(station=request.checked_station, within_hours=request.within_hours)
    return allowed(situation, request, [asked], performed(request, OVERSEERS))


def scanner_check_due(registry: RegistryState, station: str, now: datetime) -> Due | None:
    """The check that is due at a station; None if it was passed in time or none is asked for."""
    hours, last = registry.scanner_hours.get(station), registry.scanner_checks.get(station)
    if hours is None:
        return None
    fresh = last is not None and last.passed and now - last.at <= timedelta(hours=hours)
    return None if fresh else Due(hours, last)


DECISIONS: Final[Decisions] = {
    requests.CheckTerminal: check_terminal,
    requests.CheckScanner: check_scanner,
    requests.RequireScannerCheck: require_check,
}
