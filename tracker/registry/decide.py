"""What a request about the registry leads to: the one front of its rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from schema.vocabulary import EntryMode
from tracker.registry import requests
from tracker.registry.equipment import decisions as equipment
from tracker.registry.equipment import requests as equipment_requests
from tracker.registry.equipment import scanners as scanner_checks
from tracker.registry.exports import decisions as exports
from tracker.registry.people import decisions as people
from tracker.registry.people import keys
from tracker.registry.places import contacts as site_contacts
from tracker.registry.places import decisions as places
from tracker.registry.requests import RegistryRequest
from tracker.registry.situation import RegistrySituation, refused, refused_by
from tracker.registry.stock import decisions as stock
from tracker.registry.stock import requests as stock_requests
from tracker.rules.decision import Accepted, Decision, Refused
from tracker.rules.permissions import station_violation, unattended_violation
from tracker.rules.signature_sets import act_signature_violations, offered_signers

__all__ = ["RegistrySituation", "decide_registry", "propose_registry"]


def decide_registry(situation: RegistrySituation, request: RegistryRequest) -> Decision:
    """The events to record with the signers the request names, or why not."""
    decision = propose_registry(situation, request)
    return decision if isinstance(decision, Refused) else _signed(situation, request, decision)


def propose_registry(situation: RegistrySituation, request: RegistryRequest) -> Decision:
    """The same before anybody is asked to sign: the events and the slots of signatures they need."""
    refusal = _front_refusal(situation, request)
    return refusal if refusal is not None else DECIDERS[type(request)](situation, request)


def _front_refusal(situation: RegistrySituation, request: RegistryRequest) -> Refused | None:
    """What holds for every request: a working station, the program's own requests, and no second time."""
    violation = station_violation(situation.registry, situation.station)
    if violation is not None:
        return refused_by(violation)
    if request.station != situation.station:
        return refused(
            "other_station",
            f"The request names the station {request.station}, and this is {situation.station}.",
            "Send it from the station it names.",
        )
    if request.by_program and not situation.by_program:
        return refused("by_program", f"{request.name} is made by the program alone.", "Do not send it.")
    if request.entry.mode in (EntryMode.LATE, EntryMode.PAPER) or request.outside_rules is not None:
        return refused(
            "administration_is_live",
            f"{request.name} happens when it is recorded, neither earlier nor outside the rules.",
            "Send it as a live entry.",
        )
    return None


def _signed(situation: RegistrySituation, request: RegistryRequest, decision: Accepted) -> Decision:
    registry = situation.registry
    for draft in decision.events:
        violation = unattended_violation(
            registry.purpose, request.entry.mode, draft.payload.kind, draft.slots
        )
        if violation is not None:
            return refused_by(violation)
    slots = [slot for draft in decision.events for slot in draft.slots]
    violations = act_signature_violations(
        registry,
        decision.events,
        offered_signers(request, slots),
        situation.now,
        activating=request.actor if isinstance(request, requests.ActivateKey) else None,
    )
    return refused_by(violations[0]) if violations else decision


DECIDERS: Mapping[type[RegistryRequest], Callable[[RegistrySituation, Any], Decision]] = {
    requests.AddSite: places.add_site,
    requests.DeactivateSite: places.deactivate_site,
    requests.AddDepartment: places.add_department,
    requests.AddLocation: places.add_location,
    requests.AddStation: places.add_station,
    requests.RetireStation: places.retire_station,
    requests.AddStationKey: places.add_station_key,
    requests.AddPerson: people.add_person,
    requests.DeactivatePerson: people.deactivate_person,
    requests.GrantRole: people.grant_role,
    requests.RevokeRole: people.revoke_role,
    requests.BindBadge: people.bind_badge,
    requests.RevokeBadge: people.revoke_badge,
    requests.IssueAccessCode: keys.issue_access_code,
    requests.ActivateKey: keys.activate_key,
    requests.RetireKey: keys.retire_key,
    requests.RotateLogKey: keys.rotate_log_key,
    requests.AdoptProtocol: places.adopt_protocol,
    requests.AddEquipment: places.add_equipment,
    equipment_requests.EmptyBox: equipment.empty_box,
    equipment_requests.CollectEmpty: equipment.collect_empty,
    equipment_requests.ReturnEmpty: equipment.return_empty,
    equipment_requests.CheckTerminal: equipment.check_terminal,
    **scanner_checks.DECIDERS,
    **site_contacts.DECIDERS,
    stock_requests.IssueLabelStock: stock.issue,
    stock_requests.DestroyLabelStock: stock.destroy,
    requests.LockOut: keys.lock_out,
    requests.Export: exports.export,
    requests.ExportTrail: exports.export_trail,
}
"""Which rule decides over which request."""
