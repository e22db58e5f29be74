"""Labels of units and cassettes, each with the next copy of the code it carries."""

from __future__ import annotations

import re
import secrets
from typing import Final

from labels.containers import UNIT_DESIGNS, CassetteLabel, UnitLabel
from schema.errors import Refusal
from schema.identifiers import draw_object_id
from schema.vocabulary import ObjectType
from tracker.labeling.subjects import container_of, expiry_of, patient_lines_of, site_of, unit_of
from tracker.tracker import Tracker

_DIN: Final = re.compile(r"[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{10}")
"""A donation number of another form is adopted as it is; a label's ISBT 128 field has no place for it."""


def unit_label(tracker: Tracker, unit_id: str, staff: str, station: str) -> UnitLabel:
    """The label of a unit; raises Refusal where the protocol keeps the manufacturer's own."""
    registry = tracker.registry
    therapy, protocol, unit = unit_of(tracker, unit_id)
    container = container_of(protocol, unit)
    if not container.cartrail_label:
        raise Refusal(
            f"The protocol {protocol.id} keeps the manufacturer's label on {container.title}.",
            remedy="Adopt the manufacturer's code by scanning it; nothing was printed.",
            code="no_own_label",
        )
    site = site_of(therapy, unit)
    known = registry.site(site)
    patient = patient_lines_of(tracker, therapy) if container.patient_identifiers_printed else ()
    return UnitLabel(
        purpose=registry.purpose,
        code=tracker.print_copy(object_id=unit_id, staff=staff, station=station).text,
        coi_id=therapy.coi,
        material=container.title,
        site=known.title if known else site,
        address=known.address if known else "",
        storage=container.storage_text,
        expiry=expiry_of(registry, site, unit),
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
    therapy, protocol, unit = unit_of(tracker, unit_id)
    container = container_of(protocol, unit)
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
    patient = patient_lines_of(tracker, therapy) if container.patient_identifiers_printed else ()
    return CassetteLabel(
        purpose=registry.purpose,
        code=tracker.print_copy(object_id=cassette_id, staff=staff, station=station).text,
        unit_id=unit_id,
        coi_id=therapy.coi,
        material=container.title,
        storage=container.storage_text,
        expiry=expiry_of(registry, site_of(therapy, unit), unit),
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
