"""Decisions over the life of boxes, shippers and loggers: tested, charged, cleaned, lost, retired."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from schema.errors import InputError
from schema.events import equipment as events
from schema.events.deviations import DeviationDrafted
from schema.events.processing import Quarantined
from schema.instants import CLOCKS_APART_MAX
from schema.vocabulary import EquipmentStatus, EquipmentType, Meaning, Role
from tracker.protocols.bands import celsius_range
from tracker.registry.equipment import requests
from tracker.registry.equipment.boxes import BOX_OPENERS, COURIERS, DUE_MAX
from tracker.registry.situation import (
    OVERSEERS,
    QUALITY,
    Decisions,
    RegistrySituation,
    allowed,
    denied,
    denied_by,
    event_of,
    performed,
)
from tracker.rules.authority import grant_violation
from tracker.rules.decision import Allowed, Decision, Denied, Draft, ScanAnswer, Slot, Violation
from tracker.rules.registry_state import Equipment

DEVIATIONS_MAX: Final = 100
"""Uses for which one act drafts a deviation, the newest first; the list of uses names the others too."""

CHARGE_MAX: Final = timedelta(hours=2000)
"""Longer no shipper holds."""

BY_HANDLERS: Final = frozenset({EquipmentStatus.IN_SERVICE, EquipmentStatus.CLEANING})
"""What whoever packs and opens boxes changes day by day; the rest takes quality to undo."""

DOUBTFUL: Final = frozenset({EquipmentStatus.LOST, EquipmentStatus.QUARANTINED})
"""What puts the cells in doubt that are in a box now: it is gone, or somebody no longer trusts it."""

_END: Final = EquipmentStatus.RETIRED
HANDLERS: Final = BOX_OPENERS | {Role.APHERESIS_NURSE}
"""Who handles boxes and loggers at a site."""


def qualify(situation: RegistrySituation, request: requests.QualifyEquipment) -> Decision:
    """One person says what the certificate says; that it passed, quality approves as a second person."""
    one = _known(situation, request)
    if isinstance(one, Denied):
        return one
    at = _past(situation, one.site, request.at, "test", DUE_MAX)
    _require_whole(situation, one.site, request, at)
    if one.qualified_at is not None and at < one.qualified_at:
        return denied(
            "older_test",
            f"{one.title} was tested at {situation.local(one.qualified_at, one.site)}; this test was "
            "before that.",
            "Nothing to do: the newest test counts.",
            answer=ScanAnswer.CHECK,
        )
    if one.status is _END:
        return _retired(one)
    said = event_of(request, equipment=one.id, at=at)
    passed = request.verdict is events.CheckResult.PASSED
    approved = (Slot(Meaning.APPROVED, QUALITY),) if passed else ()
    rule = "not_calibrated" if one.equipment_type is EquipmentType.DATA_LOGGER else "not_qualified"
    decision = allowed(situation, request, [said], performed(request, OVERSEERS), *approved)
    return decision if passed else _with_deviations(situation, request, decision, rule)


def _with_deviations(
    situation: RegistrySituation, request: requests.EquipmentRequest, decision: Allowed, rule: str
) -> Allowed:
    """With a deviation for each use in doubt, in the chain of those cells, and with what is inside held."""
    drafts = (
        Draft(use.coi, DeviationDrafted(cause=(rule,), about=use.event_id))
        for use in situation.in_doubt[:DEVIATIONS_MAX]
    )
    held = (
        Draft(
            coi,
            Quarantined(units=units, reason=request.reason),
            slots=(Slot(Meaning.PERFORMED, staff=request.actor),),
        )
        for coi, inside in situation.inside.items()
        if (units := tuple(unit.unit for _, unit in inside if unit.final is None and not unit.quarantined))
    )
    return replace(decision, events=(*drafts, *held, *decision.events))


def charge(situation: RegistrySituation, request: requests.ChargeShipper) -> Decision:
    """Whoever fills it says so; what is never charged has no hold time."""
    one = _known(situation, request)
    if isinstance(one, Denied):
        return one
    if one.equipment_type is not EquipmentType.SHIPPER:
        return denied(
            "wrong_kind",
            f"{one.title} is no shipper, and nothing else is charged.",
            "Scan the shipper itself.",
        )
    at = _past(situation, one.site, request.at, "charge", CHARGE_MAX)
    if one.charged_at is not None and at <= one.charged_at:
        return denied(
            "already_done",
            f"{one.title} was charged at {situation.local(one.charged_at, one.site)} already.",
            "Nothing to do.",
            answer=ScanAnswer.CHECK,
        )
    if one.status in (_END, EquipmentStatus.LOST):
        return _retired(one)
    violation = _handler_violation(situation, request)
    if violation is not None:
        return denied_by(violation)
    charged = events.ShipperCharged(box=one.id, at=at, grams=request.grams)
    return allowed(situation, request, [charged], performed(request))


def set_status(situation: RegistrySituation, request: requests.SetEquipmentStatus) -> Decision:
    """Out of service by anybody who handles it; back from quarantine, repair or loss by quality."""
    one = _known(situation, request)
    if isinstance(one, Denied):
        return one
    if one.status is request.status:
        return denied(
            "already_done",
            f"{one.title} is {one.status.value.replace('_', ' ')} already.",
            "Nothing to do.",
            answer=ScanAnswer.CHECK,
        )
    inside = situation.held.get(one.id, ())
    if request.status is _END and inside:
        return denied(
            "box_not_empty",
            f"By the record {one.title} holds {', '.join(inside)}.",
            "Open and inspect it first; then retire it.",
        )
    roles: frozenset[Role] = frozenset()
    if one.status not in BY_HANDLERS and (request.status in BY_HANDLERS or one.status is _END):
        roles = QUALITY
    elif request.status is _END:
        roles = OVERSEERS
    else:
        violation = _handler_violation(situation, request)
        if violation is not None:
            return denied_by(violation)
    said = events.EquipmentStatusSet(equipment=one.id, status=request.status)
    decision = allowed(situation, request, [said], performed(request, roles))
    if request.status not in DOUBTFUL:
        return decision
    return _with_deviations(situation, request, decision, "not_in_service")


def _known(situation: RegistrySituation, request: requests.EquipmentRequest) -> Equipment | Denied:
    one = situation.registry.equipment(situation.equipment.get(request.equipment.key, ""))
    if one is None:
        return denied(
            "wrong_kind",
            "What was scanned is no box, shipper or data logger of this store.",
            "Scan its own code, or have an administrator add it.",
        )
    return one


def _retired(one: Equipment) -> Denied:
    return denied(
        "not_in_service",
        f"{one.title} is {one.status.value}.",
        "If it is used again, quality first puts it back into service.",
    )


def _handler_violation(situation: RegistrySituation, request: requests.EquipmentRequest) -> Violation | None:
    """Why somebody is neither one who handles boxes at this site nor a courier, nor of quality."""
    station = situation.registry.station(situation.station)
    here = station.site if station is not None else ""
    at, registry = situation.now, situation.registry
    for anywhere in (COURIERS, OVERSEERS):
        if grant_violation(registry, request.actor, anywhere, None, at) is None:
            return None
    return grant_violation(registry, request.actor, HANDLERS, here, at)


def _past(
    situation: RegistrySituation, site: str, declared: datetime | None, what: str, longest: timedelta
) -> datetime:
    """When it was, by the clock where nobody says; raises InputError for a time that cannot be meant."""
    if declared is None:
        return situation.shown_at
    if declared - situation.now > CLOCKS_APART_MAX:
        raise InputError(
            f"The {what} at {situation.local(declared, site)} has not come yet.",
            remedy="Give the time at which it was done, with its offset.",
        )
    if situation.now - declared > longest:
        raise InputError(
            f"The {what} at {situation.local(declared, site)} is more than {longest.days} days ago.",
            remedy="Check the year and the month.",
        )
    return declared


def _require_whole(
    situation: RegistrySituation, site: str, request: requests.QualifyEquipment, at: datetime
) -> None:
    """Raise InputError for a test whose parts cannot be true together."""
    passed = request.verdict is events.CheckResult.PASSED
    due, since = request.due_at, request.unfit_since
    fault = ""
    if passed and due is None:
        fault = "What passed its test is good until a day, and none is given."
    elif due is not None and not passed:
        fault = "What failed its test is good until no day, and due_at names one."
    elif due is not None and due <= at:
        tested, again = situation.local(at, site), situation.local(due, site)
        fault = f"It was tested at {tested} and cannot have been due again at {again}."
    elif due is not None and due - at > DUE_MAX:
        fault = f"Due again at {situation.local(due, site)}: nothing is tested for more than ten years."
    elif since is not None and passed:
        fault = "What passed its test is not unfit, and unfit_since names a time."
    elif since is not None and (since > at or at - since > DUE_MAX):
        begun, tested = situation.local(since, site), situation.local(at, site)
        fault = f"Unfit since {begun}, tested at {tested}: that cannot be."
    if fault:
        raise InputError(fault, remedy="Read the certificate again: verdict, due_at, unfit_since.")
    celsius_range(request.celsius_min, request.celsius_max).require_ordered()


DECISIONS: Final[Decisions] = {
    requests.QualifyEquipment: qualify,
    requests.ChargeShipper: charge,
    requests.SetEquipmentStatus: set_status,
}
