"""Decides over every request about the registry: checks that hold for all, then the rule of its subject."""

from __future__ import annotations

from typing import Final

from schema.vocabulary import EntryMode
from tracker.registry.capacity import decisions as capacity
from tracker.registry.equipment import boxes, checks, service
from tracker.registry.lots import decisions as lots
from tracker.registry.network import clocks, exports, keys, protocols
from tracker.registry.people import decisions as people
from tracker.registry.places import counting
from tracker.registry.places import decisions as places
from tracker.registry.requests import RegistryRequest
from tracker.registry.situation import Decisions, RegistrySituation, denied, denied_by
from tracker.registry.stock import decisions as stock
from tracker.rules.authority import (
    station_violation,
)
from tracker.rules.decision import Decision, Denied
from tracker.rules.tables import joined

DECISIONS: Final[Decisions] = joined(
    places.DECISIONS,
    counting.DECISIONS,
    capacity.DECISIONS,
    people.DECISIONS,
    keys.DECISIONS,
    clocks.DECISIONS,
    protocols.DECISIONS,
    boxes.DECISIONS,
    checks.DECISIONS,
    service.DECISIONS,
    stock.DECISIONS,
    lots.DECISIONS,
    exports.DECISIONS,
)
"""Which function decides over which request."""


def decide_registry(situation: RegistrySituation, request: RegistryRequest) -> Decision:
    """The events with the signatures they need, before anybody is asked to sign; or why not."""
    refusal = _front_refusal(situation, request)
    return refusal if refusal is not None else DECISIONS[type(request)](situation, request)


def _front_refusal(situation: RegistrySituation, request: RegistryRequest) -> Denied | None:
    """What holds for every request: a station in use, nobody posing as the program, and live entry alone."""
    violation = station_violation(situation.registry, situation.station)
    if violation is not None:
        return denied_by(violation)
    if request.station != situation.station:
        return denied(
            "other_station",
            f"The request names the station {request.station}, and this is {situation.station}.",
            "Send it from the station it names.",
        )
    if request.by_program and not situation.by_program:
        return denied("by_program", f"{request.name} is made by the program alone.", "Do not send it.")
    if request.entry.mode in (EntryMode.LATE, EntryMode.PAPER) or request.outside_rules is not None:
        return denied(
            "administration_is_live",
            f"{request.name} happens when it is recorded, neither earlier nor outside the rules.",
            "Send it as a live entry.",
        )
    return None
