"""What the sites have of boxes, shippers and loggers: which are fit, until when, and where the others are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from schema.tables import EquipmentPlaceRow
from schema.vocabulary import EquipmentShown, EquipmentStatus, EquipmentType, PartyType, SiteType
from tracker.ledger.transaction import Transaction
from tracker.local_time import offset_of
from tracker.rules.checks.equipment import Use, fault, packing_violations, same_box
from tracker.rules.decision import Violation
from tracker.rules.registry_state import Equipment, RegistryState

DUE_SOON: Final = timedelta(days=14)
"""Before a date is past somebody has to send the shipper or logger away."""


@dataclass(frozen=True, slots=True)
class EquipmentWhere:
    """Where something was last, by what therapies and the registry say."""

    site: str | None = None
    """None where nobody has ever recorded it anywhere: at home, as far as is known."""

    carrier: str | None = None
    """Who carries it now, full or empty."""

    since: datetime | None = None
    destination: str | None = None
    """Where a closed box is to go."""

    hold_until: datetime | None = None
    """How long a closed box holds, as it was said when it was packed."""


NOWHERE: Final = EquipmentWhere()


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
    where: EquipmentWhere = NOWHERE

    @property
    def groups(self) -> frozenset[EquipmentShown]:
        """What somebody looks for it under; in several at once, as what is in use at another site."""
        return frozenset(_groups(self))


def _groups(line: EquipmentLine) -> Iterator[EquipmentShown]:
    one, rule = line.equipment, "" if line.violation is None else line.violation.rule
    if one.status is not EquipmentStatus.IN_SERVICE:
        yield EquipmentShown.OUT
    in_use = bool(line.units) or line.box is not None
    if in_use:
        yield EquipmentShown.IN_USE
    elif line.violation is None:
        yield EquipmentShown.READY
    if rule == "not_charged":
        yield EquipmentShown.TO_CHARGE
    if line.is_due_soon or one.failed or rule in ("not_qualified", "not_calibrated", "expires_in_transit"):
        yield EquipmentShown.DUE
    if line.where.site not in (None, one.site) or line.where.carrier is not None:
        yield EquipmentShown.AWAY


def equipment_lines(
    transaction: Transaction, registry: RegistryState, now: datetime, *, site: str | None = None
) -> tuple[EquipmentLine, ...]:
    """What a site has, or all sites, by site, kind and name."""
    found = [one for one in registry.equipments.values() if site in (None, one.site)]
    found.sort(key=lambda one: (one.site, list(EquipmentType).index(one.equipment_type), one.title))
    closed, places = transaction.closed_boxes(), _newest(transaction.equipment_places())
    return tuple(
        replace(_line(transaction, registry, one, now, closed), where=where_of(one, places.get(one.id)))
        for one in found
    )


def _newest(rows: Iterable[EquipmentPlaceRow]) -> dict[str, EquipmentPlaceRow]:
    """The row that says last where each was; of the rows of one box those with something in it."""
    found: dict[str, EquipmentPlaceRow] = {}
    for row in rows:
        known = found.get(row.equipment)
        if known is None or (row.at, row.units) > (known.at, known.units):
            found[row.equipment] = row
    return found


def where_of(one: Equipment, row: EquipmentPlaceRow | None) -> EquipmentWhere:
    """Where it is: full by the newest of the therapies in it, empty by whoever had it in hand last."""
    if row is not None and (row.units or one.seen_at is None or row.at > one.seen_at):
        carrier = row.custodian if row.units and row.custodian_type == PartyType.CARRIER.value else None
        return EquipmentWhere(
            row.site if carrier is None else None,
            carrier,
            row.at,
            row.destination if row.units else None,
            row.hold_until if row.units else None,
        )
    if one.with_carrier is not None:
        return EquipmentWhere(None, one.with_carrier, one.seen_at)
    return EquipmentWhere(one.seen_at_site, None, one.seen_at)


def equipment_line(
    transaction: Transaction, registry: RegistryState, one: Equipment, now: datetime
) -> EquipmentLine:
    """One of them as it stands now."""
    place = _newest(transaction.equipment_places(one.id)).get(one.id)
    line = _line(transaction, registry, one, now, transaction.closed_boxes())
    return replace(line, where=where_of(one, place))


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

    What lies in the box that is `opened` for it is at hand, and goes into another one.
    """
    if one.id == opened:
        return same_box(one.title, one.id)
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
