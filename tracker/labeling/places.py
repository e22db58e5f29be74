"""Labels of places and of what travels between them; none of them names a patient."""

from __future__ import annotations

from labels.content import BoxLabel, EquipmentLabel, LocationLabel
from schema.errors import InputError
from schema.events.custody import Packed
from schema.tables import UnitRow
from tracker.acts.state_cache import entries
from tracker.labeling.slips import label_of
from tracker.labeling.subjects import copy_of, unknown
from tracker.open_store import OpenStore
from tracker.rules.registry_state import RegistryState, Site


def location_label(
    opened: OpenStore, location_id: str, staff: str, station: str, *, preview: bool = False
) -> LocationLabel:
    """The label of a shelf, tank position, dock, bench or ward."""
    registry = opened.registry
    location = registry.location(location_id)
    if location is None:
        raise unknown("location", location_id)
    site = registry.site(location.site)
    return LocationLabel(
        purpose=registry.purpose,
        title=location.title,
        site=site.title if site else location.site,
        detail=f"{location.location_type.value}, {location.site}/{location.department}",
        code=copy_of(opened, location_id, staff, station, preview=preview),
    )


def equipment_label(
    opened: OpenStore, equipment_id: str, staff: str, station: str, *, preview: bool = False
) -> EquipmentLabel:
    """The label of a box, shipper or data logger itself, whatever travels in it."""
    registry = opened.registry
    equipment = registry.equipment(equipment_id)
    if equipment is None:
        raise unknown("box or data logger", equipment_id)
    site = registry.site(equipment.site)
    detail = equipment.equipment_type.value.replace("_", " ")
    if equipment.hold_hours is not None:
        detail += f", holds {equipment.hold_hours} h"
    return EquipmentLabel(
        purpose=registry.purpose,
        title=equipment.title,
        site=site.title if site else equipment.site,
        detail=detail,
        code=copy_of(opened, equipment_id, staff, station, preview=preview),
    )


def is_packed(opened: OpenStore, box: str) -> bool:
    """Whether something travels in a box, so that it has a sender and a receiver."""
    with opened.store.read() as transaction:
        return bool(transaction.units_in_box(box))


def box_label(opened: OpenStore, box: str) -> BoxLabel:
    """The label on the outside of a packed box; its code is that of the box's own label, no new copy."""
    registry = opened.registry
    if registry.equipment(box) is None:
        raise unknown("box", box)
    with opened.store.read() as transaction:
        rows = transaction.units_in_box(box)
        code = label_of(transaction, box)
    if not rows:
        raise InputError(
            f"Nothing is packed in {box}, so it goes to nobody.",
            remedy="Print its label after packing; `--equipment` prints the label of the box itself.",
            code="not_packed",
        )
    sender, receiver = _ends(opened, box, rows)
    return BoxLabel(
        purpose=registry.purpose,
        code=code,
        sender=sender.title,
        sender_address=sender.address,
        receiver=receiver.title,
        receiver_address=receiver.address,
        phones=tuple(f"{one.title} {one.phone_24h}" for one in (sender, receiver)),
        storage=_storage(opened, rows),
    )


def _ends(opened: OpenStore, box: str, rows: list[UnitRow]) -> tuple[Site, Site]:
    """The site it was packed at and the one it goes to, each with an address and a telephone."""
    with opened.store.read() as transaction:
        for coi in dict.fromkeys(row.coi for row in rows):
            for entry in reversed(entries(transaction, coi)):
                payload = entry.statement.payload
                if isinstance(payload, Packed) and payload.box == box:
                    registry = opened.registry
                    # Where it goes may have changed on the way; where it was packed has not.
                    known = opened.read.therapy(coi=coi)
                    to = known[0].boxes_carrier.get(box) if known else None
                    return (
                        _reachable(registry, entry.statement.site),
                        _reachable(registry, to[1] if to else payload.destination),
                    )
    raise InputError(f"It is not known where {box} was packed and where it goes.", code="not_packed")


def _reachable(registry: RegistryState, code: str) -> Site:
    site = registry.site(code)
    if site is None:
        raise unknown("site", code)
    missing = [
        what
        for what, text in (
            ("address", site.address),
            ("telephone that answers day and night", site.phone_24h),
        )
        if not text.strip()
    ]
    if missing:
        raise InputError(
            f"The site {code} has no {' and no '.join(missing)}; an outer box carries both (ISO 21973).",
            remedy=f"Give it: `cartrail site contact {code} --address ... --phone ...`; nothing was printed.",
            code="no_contact",
        )
    return site


def _storage(opened: OpenStore, rows: list[UnitRow]) -> str:
    """How what is in the box is kept, in the words of its protocols."""
    found: dict[str, None] = {}
    for row in rows:
        known = opened.read.therapy(coi=row.coi)
        protocol = known[1] if known else None
        for container in protocol.containers if protocol else ():
            if container.material.value == row.material:
                found[container.storage_text] = None
    return "; ".join(found)
