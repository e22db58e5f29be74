"""Labels of small containers: vials, the syringes drawn from them, and tubes with samples."""

from __future__ import annotations

from labels.containers import SampleLabel, SyringeLabel, VialLabel
from schema.errors import InputError, Refusal
from schema.vocabulary import Material
from tracker.labeling.subjects import Subject, copy_of, subject_of
from tracker.open_store import OpenStore
from tracker.rules.therapy_state import UnitState


def vial_label(subject: Subject, staff: str, station: str, *, preview: bool) -> VialLabel:
    """The label of a vial."""
    return VialLabel(
        purpose=subject.purpose,
        coi_id=subject.therapy.coi,
        material=subject.container.title,
        count=subject.count,
        volume=subject.volume,
        storage=subject.container.storage_text,
        expiry=subject.expiry(),
        patient_lines=subject.patient_lines,
        statements=subject.container.statements,
        code=copy_of(subject.opened, subject.unit.unit, staff, station, preview=preview),
    )


def sample_label(subject: Subject, staff: str, station: str, *, preview: bool) -> SampleLabel:
    """The label of a tube for tests or retention."""
    return SampleLabel(
        purpose=subject.purpose,
        coi_id=subject.therapy.coi,
        material=subject.container.title,
        taken_at=subject.happened("manufactured", "collected"),
        storage=subject.container.storage_text,
        statements=subject.container.statements,
        code=copy_of(subject.opened, subject.unit.unit, staff, station, preview=preview),
    )


def syringe_label(subject: Subject, staff: str, station: str, *, preview: bool) -> SyringeLabel:
    """The label of a syringe, with when what is in it left storage and until when it may be given."""
    parent = _parent(subject)
    return SyringeLabel(
        purpose=subject.purpose,
        coi_id=subject.therapy.coi,
        parent_id=parent.unit,
        material=subject.container.title,
        removed_at=subject.happened("retrieved", "thaw_started", unit=parent),
        volume=subject.volume,
        expiry=subject.local(subject.use_by(parent), parent.site or subject.therapy.sites.treatment),
        patient_lines=subject.patient_lines,
        statements=subject.container.statements,
        code=copy_of(subject.opened, subject.unit.unit, staff, station, preview=preview),
    )


def syringes_of(opened: OpenStore, unit_id: str) -> tuple[str, ...]:
    """The syringe itself, or those drawn from a vial or bag; raises Refusal when there is none."""
    subject = subject_of(opened, unit_id)
    if subject.unit.material is Material.SYRINGE:
        return (unit_id,)
    drawn = tuple(
        one.unit
        for one in subject.therapy.units.values()
        if one.material is Material.SYRINGE and unit_id in one.parents
    )
    if not drawn:
        raise Refusal(
            f"No syringe was registered from {unit_id}.",
            remedy=f"Register it first: `register_unit` with material syringe and {unit_id} as parent.",
            code="no_syringe",
        )
    return drawn


def _parent(subject: Subject) -> UnitState:
    for name in subject.unit.parents:
        parent = subject.therapy.unit(name)
        if parent is not None:
            return parent
    raise InputError(
        f"The syringe {subject.unit.unit} names no vial or bag that it was drawn from.",
        remedy="Register the syringe with its parent; nothing was printed.",
        code="no_parent",
    )
