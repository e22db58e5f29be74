"""What the sites have of boxes, shippers and loggers: which are fit, until when, and where the others are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from schema.vocabulary import EquipmentType, SiteType
from tracker.ledger.transaction import Transaction
from tracker.local_time import offset_of
from tracker.rules.checks.equipment import Use, fault, packing_violations
from tracker.rules.decision import Violation
from tracker.rules.registry_state import Equipment, RegistryState

DUE_SOON: Final = timedelta(days=14)
"""Before a date is past somebody has to send the shipper or logger away."""


@dataclass(frozen=True, slots=True)
class EquipmentLine:
    """One box, shipper or logger as it stands now."""

    equipment: Equipment
    violation: Violation | None
    """Why nothing may be packed in or with it at its own site; None where it is fit."""

    units: int = 0
    """How many units are in the box."""

    box: str | None = None
    """The closed box in which a logger is."""

    is_due_soon: bool = False


def equipment_lines(
    transaction: Transaction, registry: RegistryState, now: datetime, *, site: str | None = None
) -> tuple[EquipmentLine, ...]:
    """What a site has, or all sites, by site, kind and name."""
    found = [one for one in registry.equipments.values() if site in (None, one.site)]
    found.sort(key=lambda one: (one.site, list(EquipmentType).index(one.equipment_type), one.title))
    closed = transaction.closed_boxes()
    return tuple(_line(transaction, registry, one, now, closed) for one in found)


def equipment_line(
    transaction: Transaction, registry: RegistryState, one: Equipment, now: datetime
) -> EquipmentLine:
    """One of them as it stands now."""
    return _line(transaction, registry, one, now, transaction.closed_boxes())


def _line(
    transaction: Transaction,
    registry: RegistryState,
    one: Equipment,
    now: datetime,
    closed: Mapping[str, str | None],
) -> EquipmentLine:
    use = Use(registry, one.site, now, offset_of(registry, one.site), closed_boxes=closed)
    units = len(transaction.units_in_box(one.id))
    due = one.requalification_due
    soon = due is not None and now < due <= now + DUE_SOON
    box = next((box for box, logger in closed.items() if logger == one.id), None)
    return EquipmentLine(one, fault(use, one), units, box, soon)


def unfit_here(
    transaction: Transaction,
    registry: RegistryState,
    one: Equipment,
    site: str,
    now: datetime,
    opened: str | None = None,
) -> Violation | None:
    """Why nothing may be packed in or with it at a site, before anybody has named the carrier.

    What lies in the box that is `opened` for it is at hand.
    """
    owner = registry.site(one.site)
    carrier = one.site if owner is not None and owner.site_type is SiteType.CARRIER else None
    closed = transaction.closed_boxes()
    use = Use(
        *(registry, site, now, offset_of(registry, site)),
        carrier=carrier,
        closed_boxes=closed,
        opened=opened,
    )
    return next(packing_violations(use, one.id, None), None)
