"""Blank labels: coded beforehand for a material, bound to a unit of a therapy only when they are scanned."""

from __future__ import annotations

from typing import Final

from labels.containers import UNIT_DESIGNS, UnitLabel
from schema.errors import InputError
from schema.vocabulary import Material
from tracker.labeling.subjects import copy_of
from tracker.open_store import OpenStore
from tracker.protocols.model import Container
from tracker.rules.label_accounts import BLANK

_WRITE_INS: Final = ("Therapy", "End time", "Volume mL", "Initials")


def blank_label(
    opened: OpenStore, unit_id: str, material: Material, site: str, staff: str, station: str
) -> UnitLabel:
    """A label with a fresh unit id and everything that holds for its material, but no therapy."""
    registry = opened.registry
    container, place = _container(opened, material), registry.site(site)
    return UnitLabel(
        purpose=registry.purpose,
        blank=True,
        coi_id="",
        material=container.title,
        site=place.title if place else site,
        address=place.address if place else "",
        storage=container.storage_text,
        statements=container.statements,
        write_ins=_WRITE_INS,
        design=UNIT_DESIGNS.get(material, "unit"),
        code=copy_of(opened, unit_id, staff, station, preview=False, label=BLANK),
    )


def _container(opened: OpenStore, material: Material) -> Container:
    """How the protocols hold the material; they differ in limits, not in what a bag's label has to say."""
    for name in opened.registry.protocols:
        adopted = opened.registry.latest_protocol(name)
        protocol = None if adopted is None else opened.read.protocol(sha256=adopted.sha256)
        container = None if protocol is None else protocol.container(material)
        if container is not None and container.cartrail_label:
            return container
    raise InputError(
        f"No adopted protocol puts our label on {material.value}.",
        remedy="Name a material that a protocol of this store labels.",
        code="no_own_label",
    )
