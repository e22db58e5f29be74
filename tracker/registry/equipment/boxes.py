"""Decisions over boxes, shippers and data loggers: taken into use, found empty, brought back."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from schema.counting import counted
from schema.errors import InputError
from schema.events import equipment as events
from schema.vocabulary import EquipmentType, Meaning, ObjectType, Role
from tracker.registry.equipment import requests
from tracker.registry.situation import (
    ADMINISTRATORS,
    Decisions,
    RegistrySituation,
    allowed,
    denied,
    denied_by,
    event_of,
    id_refusal,
    performed,
    taken,
)
from tracker.rules.authority import grant_violation, site_violation
from tracker.rules.decision import Decision, Denied, ScanAnswer, Slot, Violation
from tracker.rules.registry_state import Equipment

BOX_OPENERS: Final = frozenset(
    {
        Role.CELL_LAB_TECHNICIAN,
        Role.MANUFACTURING_OPERATOR,
        Role.PHARMACIST,
        Role.DOCK,
        Role.QUALITY,
    }
)
"""Who opens boxes at a site, and so may say that one is empty."""

DUE_MAX: Final = timedelta(days=3653)
"""Ten years: nothing is tested for longer, and a date further away is a slip of the year."""

COURIERS: Final = frozenset({Role.COURIER})


LETTERS: Final = {
    EquipmentType.DATA_LOGGER: ObjectType.DATA_LOGGER,
    EquipmentType.INSTRUMENT: ObjectType.INSTRUMENT,
}
"""The letter of an id by what it is; anything else is a box, whatever keeps it cold."""


def add_equipment(situation: RegistrySituation, request: requests.AddEquipment) -> Decision:
    """A data logger has a D id, an instrument an E id, a box or shipper a B id."""
    violation = site_violation(situation.registry, request.site)
    if violation is not None:
        return denied_by(violation)
    due = request.requalification_due
    if due is not None and abs(due - situation.now) > DUE_MAX:
        raise InputError(
            f"Due at {situation.local(due, request.site)}: that is more than ten years away.",
            remedy="Check the year.",
        )
    _require_class(request)
    letter = LETTERS.get(request.equipment_type, ObjectType.BOX)
    kind = request.equipment_type.replace("_", " ")
    equipment = request.equipment or situation.fresh(letter)
    if equipment[0] != letter:
        return denied(
            "wrong_object",
            f"{equipment} is not the id of a {kind}: that begins with {letter}.",
            "Use a code that was printed for such a thing.",
        )
    if situation.registry.equipment(equipment) is not None:
        return taken("equipment", equipment)
    added = event_of(request, equipment=equipment)
    return id_refusal(situation, equipment) or allowed(
        situation, request, [added], performed(request, ADMINISTRATORS)
    )


def _require_class(request: requests.AddEquipment) -> None:
    """Raise InputError for an instrument of no class, and for a box or logger with what only they have."""
    is_instrument = request.equipment_type is EquipmentType.INSTRUMENT
    kind = request.equipment_type.replace("_", " ")
    if is_instrument and request.instrument_class is None:
        raise InputError(
            f"{request.title} is an instrument, and nobody said of which class.",
            remedy="Give instrument_class, the word that the protocol has for it, such as cell_counter.",
        )
    if not is_instrument and (request.instrument_class is not None or request.exclusive):
        raise InputError(
            f"{request.title} is a {kind}: instrument_class and exclusive are for instruments.",
            remedy="Leave them out, or add it as an instrument.",
        )
    if is_instrument and (request.has_display or request.hold_hours is not None):
        raise InputError(
            f"{request.title} is an instrument: hold_hours and has_display are for what cells travel in.",
            remedy="Leave them out.",
        )


def empty_box(situation: RegistrySituation, request: requests.EmptyBox) -> Decision:
    """Two people look inside: nothing may be in it, neither by the ledger nor by their count."""
    box = _empty_by_record(situation, request)
    if isinstance(box, Denied):
        return box
    if request.tally:
        return denied(
            "not_empty",
            f"The box {box.id} was counted to hold {counted(request.tally, 'container')}, and by the record"
            " holds none.",
            "Touch nothing, call quality: what is in it belongs to somebody.",
        )
    site = _site(situation)
    violation = grant_violation(situation.registry, request.actor, BOX_OPENERS, site, situation.now)
    if violation is not None:
        return denied_by(violation)
    emptied = events.BoxEmptied(box=box.id, site=site, uses=situation.uses.get(box.id, 0) + 1)
    return allowed(
        situation, request, [emptied], performed(request), Slot(Meaning.WITNESSED, BOX_OPENERS, site)
    )


def collect_empty(situation: RegistrySituation, request: requests.CollectEmpty) -> Decision:
    """A carrier takes what two people saw empty since its last use; somebody of the site gives it."""
    box = _empty_by_record(situation, request)
    if isinstance(box, Denied):
        return box
    carrier = carrier_of(situation, request.actor)
    if isinstance(carrier, Violation):
        return denied_by(carrier)
    site = _site(situation)
    if box.with_carrier is not None:
        return denied(
            "already_collected",
            f"The box {box.id} is with {box.with_carrier} already.",
            "Nothing to collect.",
            answer=ScanAnswer.CHECK,
        )
    if box.emptied_at_site != site or box.emptied_uses != situation.uses.get(box.id, 0):
        return denied(
            "not_emptied",
            f"Nobody has looked into the box {box.id} at {site} since it was last used.",
            "Two people of the site look inside and say so first: it takes a tally of 0.",
        )
    taken = events.EmptyCollected(box=box.id, carrier=carrier, site=site)
    return allowed(
        situation, request, [taken], performed(request, COURIERS), Slot(Meaning.WITNESSED, BOX_OPENERS, site)
    )


def return_empty(situation: RegistrySituation, request: requests.ReturnEmpty) -> Decision:
    """A site takes it back; the carrier's driver stands by."""
    box = _known_box(situation, request)
    if isinstance(box, Denied):
        return box
    if box.with_carrier is None:
        return denied(
            "not_collected",
            f"The box {box.id} is with no carrier by the record.",
            "Nothing to take back.",
            answer=ScanAnswer.CHECK,
        )
    site = _site(situation)
    violation = grant_violation(situation.registry, request.actor, BOX_OPENERS, site, situation.now)
    if violation is not None:
        return denied_by(violation)
    back = events.EmptyReturned(box=box.id, carrier=box.with_carrier, site=site)
    return allowed(situation, request, [back], performed(request), Slot(Meaning.WITNESSED, COURIERS))


def carrier_of(situation: RegistrySituation, staff: str) -> str | Violation:
    """The carrier that somebody drives for."""
    violation = grant_violation(situation.registry, staff, COURIERS, None, situation.now)
    if violation is not None:
        return violation
    for grant in situation.registry.grants_of(staff):
        found = grant_violation(situation.registry, staff, COURIERS, grant.site, situation.now)
        if grant.role is Role.COURIER and found is None:
            return grant.site
    return Violation("role_missing", f"{staff} drives for no carrier.", "A courier takes it.", waivable=False)


def _site(situation: RegistrySituation) -> str:
    station = situation.registry.station(situation.station)
    return station.site if station is not None else ""


def _known_box(situation: RegistrySituation, request: requests.BoxInUse) -> Equipment | Denied:
    box = situation.registry.equipment(situation.boxes.get(request.box.key, ""))
    if box is None or box.equipment_type in LETTERS:
        return denied("wrong_kind", "What was scanned is no box of this store.", "Scan the box itself.")
    return box


def _empty_by_record(situation: RegistrySituation, request: requests.BoxInUse) -> Equipment | Denied:
    box = _known_box(situation, request)
    if isinstance(box, Denied):
        return box
    inside = situation.held.get(box.id, ())
    if inside:
        return denied(
            "box_not_empty",
            f"By the record the box {box.id} holds {', '.join(inside)}.",
            "Open and inspect it; if nothing is inside, call quality.",
        )
    return box


DECISIONS: Final[Decisions] = {
    requests.AddEquipment: add_equipment,
    requests.EmptyBox: empty_box,
    requests.CollectEmpty: collect_empty,
    requests.ReturnEmpty: return_empty,
}
