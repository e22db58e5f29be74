"""Blank labels: coded beforehand for a material, bound to a unit of a therapy only when they are scanned."""

from __future__ import annotations

from typing import Final

from labels.containers import UNIT_DESIGNS, UnitLabel
from schema.errors import InputError
from schema.vocabulary import Material
from tracker.labeling.subjects import copy_of
from tracker.protocols.model import Container
from tracker.rules.label_accounts import BLANK
from tracker.tracker import Tracker

_WRITE_INS: Final = ("Therapy", "End time", "Volume mL", "Initials")


def blank_label(
    tracker: Tracker, unit_id: str, material: Material, site: str, staff: str, station: str
) -> UnitLabel:
    """A label with a fresh unit id and everything that holds for its material, but no therapy."""
    registry = tracker.registry
    container, place = _container(tracker, material), registry.site(site)
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
        code=copy_of(tracker, unit_id, staff, station, preview=False, label=BLANK),
    )


def _container(tracker: Tracker, material: Material) -> Container:
    """How the protocols hold the material; they differ in limits, not in what a bag's label has to say."""
    for name in tracker.registry.protocols:
        adopted = tracker.registry.latest_protocol(name)
        protocol = None if adopted is None else tracker.read.protocol(sha256=adopted.sha256)
        container = None if protocol is None else protocol.container(material)
        if container is not None and container.cartrail_label:
            return container
    raise InputError(
        f"No adopted protocol puts our label on {material.value}.",
        remedy="Name a material that a protocol of this store labels.",
        code="no_own_label",
    )
