"""From the store to what a label says: one assembling function for each kind of label.

Each call records the copy that will be printed, so that no two pieces of paper carry the same copy letter.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Final

from labels.containers import UNIT_DESIGNS
from labels.content import BadgeLabel, CassetteLabel, CoiCard, EquipmentLabel, LocationLabel, UnitLabel
from schema.commitments import Opening
from schema.errors import InputError, Refusal
from schema.identifiers import draw_object_id
from schema.instants import parse_offset
from schema.vocabulary import Material, ObjectType
from tracker.protocols.model import Container, Protocol
from tracker.rules.registry_state import Person, RegistryState
from tracker.rules.therapy_state import TherapyState, UnitState
from tracker.slips import handoff_slip
from tracker.tracker import Tracker

__all__ = [
    "badge_label",
    "cassette_label",
    "coi_card",
    "equipment_label",
    "handoff_slip",
    "location_label",
    "new_cassette_id",
    "unit_label",
]

_DIN: Final = re.compile(r"[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{10}")
"""A donation number of another form is adopted as it is; a label's ISBT 128 field has no place for it."""

_COLLECTED: Final = frozenset({Material.LEUKAPHERESIS})


def unit_label(tracker: Tracker, unit_id: str, staff: str, station: str) -> UnitLabel:
    """The label of a unit; raises Refusal where the protocol keeps the manufacturer's own."""
    registry = tracker.registry
    therapy, protocol, unit = _unit(tracker, unit_id)
    container = _container(protocol, unit)
    if not container.cartrail_label:
        raise Refusal(
            f"The protocol {protocol.id} keeps the manufacturer's label on {container.title}.",
            remedy="Adopt the manufacturer's code by scanning it; nothing was printed.",
            code="no_own_label",
        )
    site = _site_of(therapy, unit)
    known = registry.site(site)
    patient = _patient_lines(tracker, therapy) if container.patient_identifiers_printed else ()
    return UnitLabel(
        purpose=registry.purpose,
        code=tracker.print_copy(object_id=unit_id, staff=staff, station=station).text,
        coi_id=therapy.coi,
        material=container.title,
        site=known.title if known else site,
        address=known.address if known else "",
        storage=container.storage_text,
        expiry=_expiry(registry, site, unit),
        din=unit.din if unit.din is not None and _DIN.fullmatch(unit.din) else "",
        statements=container.statements,
        patient_lines=patient,
        design=UNIT_DESIGNS.get(unit.material, "unit"),
    )


def cassette_label(
    tracker: Tracker, unit_id: str, staff: str, station: str, cassette: str | None = None
) -> CassetteLabel:
    """The label of a unit's cassette; before they are bound, of the one named or of a fresh one."""
    registry = tracker.registry
    therapy, protocol, unit = _unit(tracker, unit_id)
    container = _container(protocol, unit)
    if not container.cassette:
        raise Refusal(
            f"The protocol {protocol.id} puts {container.title} into no cassette.",
            remedy="Print the unit's own label.",
            code="no_cassette",
        )
    if unit.cassette is not None and cassette not in (None, unit.cassette):
        raise Refusal(
            f"{unit_id} is bound to the cassette {unit.cassette}, not to {cassette}.",
            remedy="Print the label of the cassette it is bound to.",
            code="wrong_cassette",
        )
    cassette_id = unit.cassette or cassette or new_cassette_id(tracker)
    patient = _patient_lines(tracker, therapy) if container.patient_identifiers_printed else ()
    return CassetteLabel(
        purpose=registry.purpose,
        code=tracker.print_copy(object_id=cassette_id, staff=staff, station=station).text,
        unit_id=unit_id,
        coi_id=therapy.coi,
        material=container.title,
        storage=container.storage_text,
        expiry=_expiry(registry, _site_of(therapy, unit), unit),
        statements=container.statements,
        patient_lines=patient,
    )


def new_cassette_id(tracker: Tracker) -> str:
    """An id that no cassette of this store has and no label was printed for."""
    purpose = tracker.purpose
    with tracker.store.read() as transaction:
        while True:
            cassette = draw_object_id(ObjectType.CASSETTE, purpose, secrets.choice)
            if transaction.code(cassette) is None and not transaction.printed_copies(cassette):
                return cassette


def coi_card(tracker: Tracker, coi: str, staff: str, station: str) -> CoiCard:
    """The card of a therapy, for the chart and the chair."""
    registry = tracker.registry
    therapy, protocol = _therapy(tracker, coi)
    printed = any(container.patient_identifiers_printed for container in protocol.containers)
    site = registry.site(therapy.sites.collection)
    return CoiCard(
        purpose=registry.purpose,
        code=tracker.print_copy(object_id=coi, staff=staff, station=station).text,
        therapy=protocol.title,
        site=site.title if site else therapy.sites.collection,
        patient_lines=_patient_lines(tracker, therapy) if printed else (),
    )


def badge_label(tracker: Tracker, staff_or_badge: str, staff: str, station: str) -> BadgeLabel:
    """The badge of a person, named by staff id or by one badge id."""
    registry = tracker.registry
    badge, person = _badge(registry, staff_or_badge)
    grants = [grant for grant in registry.grants_of(person.staff) if not grant.revoked]
    sites = list(dict.fromkeys(grant.site for grant in grants))
    known = registry.site(sites[0]) if len(sites) == 1 else None
    return BadgeLabel(
        purpose=registry.purpose,
        code=tracker.print_copy(object_id=badge, staff=staff, station=station).text,
        person=person.name,
        staff_id=person.staff,
        site=known.title if known else ", ".join(sites),
        roles=tuple(dict.fromkeys(grant.role.value.replace("_", " ") for grant in grants)),
    )


def location_label(tracker: Tracker, location_id: str, staff: str, station: str) -> LocationLabel:
    """The label of a shelf, tank position, dock, bench or ward."""
    registry = tracker.registry
    location = registry.location(location_id)
    if location is None:
        raise _unknown("location", location_id)
    site = registry.site(location.site)
    return LocationLabel(
        purpose=registry.purpose,
        code=tracker.print_copy(object_id=location_id, staff=staff, station=station).text,
        title=location.title,
        site=site.title if site else location.site,
        detail=f"{location.location_type.value}, {location.site}/{location.department}",
    )


def equipment_label(tracker: Tracker, equipment_id: str, staff: str, station: str) -> EquipmentLabel:
    """The label of a box, shipper or data logger; it never names a patient."""
    registry = tracker.registry
    equipment = registry.equipment(equipment_id)
    if equipment is None:
        raise _unknown("box or data logger", equipment_id)
    site = registry.site(equipment.site)
    detail = equipment.equipment_type.value.replace("_", " ")
    if equipment.hold_hours is not None:
        detail += f", holds {equipment.hold_hours} h"
    return EquipmentLabel(
        purpose=registry.purpose,
        code=tracker.print_copy(object_id=equipment_id, staff=staff, station=station).text,
        title=equipment.title,
        site=site.title if site else equipment.site,
        detail=detail,
    )


def _unit(tracker: Tracker, unit_id: str) -> tuple[TherapyState, Protocol, UnitState]:
    with tracker.store.read() as transaction:
        row = transaction.unit(unit_id)
    if row is None:
        raise _unknown("unit", unit_id)
    therapy, protocol = _therapy(tracker, row.coi)
    unit = therapy.unit(unit_id)
    if unit is None:
        raise _unknown("unit", unit_id)
    return therapy, protocol, unit


def _therapy(tracker: Tracker, coi: str) -> tuple[TherapyState, Protocol]:
    known = tracker.read.therapy(coi=coi)
    if known is None:
        raise _unknown("therapy", coi)
    therapy, protocol = known
    if protocol is None:
        pin = therapy.protocol
        raise InputError(
            f"The protocol {pin.id} version {pin.version} of {coi} is not in this store.",
            remedy="Adopt the same file again with `cartrail protocol adopt FILE`.",
        )
    return therapy, protocol


def _container(protocol: Protocol, unit: UnitState) -> Container:
    container = protocol.container(unit.material)
    if container is None:
        raise InputError(f"The protocol {protocol.id} has no container for {unit.material.value}.")
    return container


def _site_of(therapy: TherapyState, unit: UnitState) -> str:
    """The site whose name and address a container carries: where it was filled (21 CFR 1271.370)."""
    return therapy.sites.collection if unit.material in _COLLECTED else therapy.sites.manufacturing


def _expiry(registry: RegistryState, site: str, unit: UnitState) -> str:
    if unit.expires_at is None:
        return ""
    offset = registry.offset_at(site)
    return f"{unit.expires_at.astimezone(parse_offset(offset)):%Y-%m-%d %H:%M} {offset}"


def _patient_lines(tracker: Tracker, therapy: TherapyState) -> tuple[str, ...]:
    with tracker.store.read() as transaction:
        held: Mapping[str, Opening] = transaction.openings(therapy.patient_identifiers)
    return tuple(_identifier_lines(held, therapy))


def _identifier_lines(held: Mapping[str, Opening], therapy: TherapyState) -> Iterator[str]:
    for commitment in therapy.patient_identifiers:
        opening = held.get(commitment)
        if opening is not None and isinstance(opening.value, Mapping):
            kind = str(opening.value["type"]).replace("_", " ")
            yield f"{kind} {opening.value['value']} ({opening.value['issuer']})"


def _badge(registry: RegistryState, text: str) -> tuple[str, Person]:
    owner = registry.badge_owner(text)
    if owner is not None:
        return text, owner
    person = registry.person(text)
    if person is None or not person.active:
        raise _unknown("person or badge", text)
    if not person.badges:
        raise InputError(
            f"{text} has no badge.",
            remedy=f"Bind one first: `cartrail person badge {text}`.",
            code="no_badge",
        )
    return person.badges[-1], person


def _unknown(what: str, object_id: str) -> InputError:
    return InputError(
        f"There is no {what} {object_id} in this store.",
        remedy="Ask `cartrail scan CODE --lookup` what the code is.",
        code="unknown_object",
    )
