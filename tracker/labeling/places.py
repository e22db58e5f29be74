"""Labels of places and of what travels between them; none of them names a patient."""

from __future__ import annotations

from labels.content import EquipmentLabel, LocationLabel
from tracker.labeling.subjects import unknown
from tracker.tracker import Tracker


def location_label(tracker: Tracker, location_id: str, staff: str, station: str) -> LocationLabel:
    """The label of a shelf, tank position, dock, bench or ward."""
    registry = tracker.registry
    location = registry.location(location_id)
    if location is None:
        raise unknown("location", location_id)
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
        raise unknown("box or data logger", equipment_id)
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
