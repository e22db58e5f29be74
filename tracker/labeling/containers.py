"""Labels of bags and of the cassettes around them, each with the next copy of the code it carries."""

from __future__ import annotations

import secrets

from labels.containers import UNIT_DESIGNS, CassetteLabel, TieTag, UnitContent, UnitLabel
from labels.isbt.message import isbt_message
from schema.errors import Refusal
from schema.identifiers import draw_object_id
from schema.instants import parse_offset
from schema.vocabulary import CodeType, Material, ObjectType
from tracker.labeling.doses import sample_label, syringe_label, vial_label
from tracker.labeling.subjects import Subject, copy_of, require_own_label, subject_of
from tracker.open_store import OpenStore
from tracker.protocols.model import Vessel


def unit_label(
    opened: OpenStore, unit_id: str, staff: str, station: str, *, preview: bool = False
) -> UnitContent:
    """The label of a unit for what its protocol holds it in; Refusal where the manufacturer's own stays."""
    subject = subject_of(opened, unit_id)
    require_own_label(subject)
    match subject.container.held_in:
        case Vessel.VIAL:
            return vial_label(subject, staff, station, preview=preview)
        case Vessel.TUBE:
            return sample_label(subject, staff, station, preview=preview)
        case Vessel.SYRINGE:
            return syringe_label(subject, staff, station, preview=preview)
        case Vessel.BAG:
            return _bag_label(subject, staff, station, preview=preview)


def _bag_label(subject: Subject, staff: str, station: str, *, preview: bool) -> UnitLabel:
    return UnitLabel(
        purpose=subject.purpose,
        coi_id=subject.therapy.coi,
        material=subject.container.title,
        site=subject.site_title,
        address=subject.address,
        storage=subject.container.storage_text,
        expiry=subject.expiry(),
        din=subject.din,
        statements=subject.container.statements,
        patient_lines=subject.patient_lines,
        volume=subject.volume,
        count=subject.count,
        isbt=_isbt(subject),
        design=UNIT_DESIGNS.get(subject.unit.material, "unit"),
        code=copy_of(subject.opened, subject.unit.unit, staff, station, preview=preview),
    )


def _isbt(subject: Subject) -> str:
    """The ISBT 128 content where the protocol asks for it and a donation number is known."""
    if not subject.container.isbt_symbol or not subject.din:
        return ""
    offset = parse_offset(subject.registry.offset_at(subject.site))
    expires = subject.unit.expires_at
    coi = next((code.value for code in subject.therapy.adopted if code.type is CodeType.ISBT_COI), None)
    return isbt_message(
        din=subject.din,
        product_code=subject.container.isbt_product_code,
        expires=None if expires is None else expires.astimezone(offset),
        coi=coi,
    )


def tie_tag(opened: OpenStore, unit_id: str, staff: str, station: str, *, preview: bool = False) -> TieTag:
    """The tag tied to a collection bag, with what has no place on the bag itself."""
    subject = subject_of(opened, unit_id)
    require_own_label(subject)
    if subject.unit.material is not Material.LEUKAPHERESIS:
        raise Refusal(
            f"{unit_id} is {subject.container.title}; only a collection bag has a tie-tag.",
            remedy=f"Print its label: `cartrail label {unit_id}`.",
            code="no_tie_tag",
        )
    return TieTag(
        purpose=subject.purpose,
        coi_id=subject.therapy.coi,
        material=subject.container.title,
        site=subject.site_title,
        address=subject.address,
        collected=subject.happened("collected"),
        din=subject.din,
        statements=subject.container.statements,
        patient_lines=subject.patient_lines,
        code=copy_of(opened, unit_id, staff, station, preview=preview, label=TieTag.name),
    )


def cassette_label(
    opened: OpenStore,
    unit_id: str,
    staff: str,
    station: str,
    cassette: str | None = None,
    *,
    preview: bool = False,
) -> CassetteLabel:
    """The label of a unit's cassette; before they are bound, of the one named or of a fresh one."""
    subject = subject_of(opened, unit_id)
    unit, container = subject.unit, subject.container
    if not container.cassette:
        raise Refusal(
            f"The protocol {subject.protocol.id} puts {container.title} into no cassette.",
            remedy="Print the unit's own label.",
            code="no_cassette",
        )
    if unit.cassette is not None and cassette not in (None, unit.cassette):
        raise Refusal(
            f"{unit_id} is bound to the cassette {unit.cassette}, not to {cassette}.",
            remedy="Print the label of the cassette it is bound to.",
            code="wrong_cassette",
        )
    cassette_id = unit.cassette or cassette or new_cassette_id(opened)
    return CassetteLabel(
        purpose=subject.purpose,
        unit_id=unit_id,
        coi_id=subject.therapy.coi,
        material=container.title,
        storage=container.storage_text,
        expiry=subject.expiry(),
        statements=container.statements,
        patient_lines=subject.patient_lines,
        count=subject.count,
        code=copy_of(opened, cassette_id, staff, station, preview=preview, unit=unit_id),
    )


def new_cassette_id(opened: OpenStore) -> str:
    """An id that no cassette of this store has and no label was printed for."""
    purpose = opened.purpose
    with opened.store.read() as transaction:
        while True:
            cassette = draw_object_id(ObjectType.CASSETTE, purpose, secrets.choice)
            if transaction.code(cassette) is None and not transaction.printed_copies(cassette):
                return cassette
