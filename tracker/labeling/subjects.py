"""What a label is about: the therapy, its protocol and the unit, with the lines that several labels share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from schema.commitments import Opening
from schema.errors import InputError
from schema.instants import parse_offset
from schema.vocabulary import Material
from tracker.protocols.model import Container, Protocol
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_state import TherapyState, UnitState
from tracker.tracker import Tracker

_COLLECTED: Final = frozenset({Material.LEUKAPHERESIS})


def unit_of(tracker: Tracker, unit_id: str) -> tuple[TherapyState, Protocol, UnitState]:
    """The therapy, protocol and state of a unit; raises InputError for a unit that is not here."""
    with tracker.store.read() as transaction:
        row = transaction.unit(unit_id)
    if row is None:
        raise unknown("unit", unit_id)
    therapy, protocol = therapy_of(tracker, row.coi)
    unit = therapy.unit(unit_id)
    if unit is None:
        raise unknown("unit", unit_id)
    return therapy, protocol, unit


def therapy_of(tracker: Tracker, coi: str) -> tuple[TherapyState, Protocol]:
    """A therapy with its protocol; without the protocol's file nothing can be printed for it."""
    known = tracker.read.therapy(coi=coi)
    if known is None:
        raise unknown("therapy", coi)
    therapy, protocol = known
    if protocol is None:
        pin = therapy.protocol
        raise InputError(
            f"The protocol {pin.id} version {pin.version} of {coi} is not in this store.",
            remedy="Adopt the same file again with `cartrail protocol adopt FILE`.",
        )
    return therapy, protocol


def container_of(protocol: Protocol, unit: UnitState) -> Container:
    """How the protocol holds and labels what is in the unit."""
    container = protocol.container(unit.material)
    if container is None:
        raise InputError(f"The protocol {protocol.id} has no container for {unit.material.value}.")
    return container


def site_of(therapy: TherapyState, unit: UnitState) -> str:
    """The site whose name and address a container carries: where it was filled (21 CFR 1271.370)."""
    return therapy.sites.collection if unit.material in _COLLECTED else therapy.sites.manufacturing


def expiry_of(registry: RegistryState, site: str, unit: UnitState) -> str:
    """When the unit expires, in the time of the site that labels it; empty before that is known."""
    if unit.expires_at is None:
        return ""
    offset = registry.offset_at(site)
    return f"{unit.expires_at.astimezone(parse_offset(offset)):%Y-%m-%d %H:%M} {offset}"


def patient_lines_of(tracker: Tracker, therapy: TherapyState) -> tuple[str, ...]:
    """The patient's identifiers that are still held, one a line."""
    with tracker.store.read() as transaction:
        held: Mapping[str, Opening] = transaction.openings(therapy.patient_identifiers)
    return tuple(_identifier_lines(held, therapy))


def _identifier_lines(held: Mapping[str, Opening], therapy: TherapyState) -> Iterator[str]:
    for commitment in therapy.patient_identifiers:
        opening = held.get(commitment)
        if opening is not None and isinstance(opening.value, Mapping):
            kind = str(opening.value["type"]).replace("_", " ")
            yield f"{kind} {opening.value['value']} ({opening.value['issuer']})"


def unknown(what: str, object_id: str) -> InputError:
    """The error for an id that stands for nothing here."""
    return InputError(
        f"There is no {what} {object_id} in this store.",
        remedy="Ask `cartrail scan CODE --lookup` what the code is.",
        code="unknown_object",
    )
