"""The rules about what cells travel in and with: tested, charged, in service, at hand and not in use.

Whoever packs is told what else the site has that is fit. Temperatures and the hold time of a box on its
way are judged elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from schema.instants import format_minute, parse_offset
from schema.vocabulary import EquipmentStatus, EquipmentType
from tracker.protocols.bands import CelsiusRange, celsius_range
from tracker.protocols.model import Keeping, Protocol
from tracker.rules.checks.condition import allowed_for
from tracker.rules.decision import Violation
from tracker.rules.registry_state import Equipment, RegistryState
from tracker.rules.therapy_state import UnitState

NAMED_MAX: Final = 3
"""How many others are named in a refusal; a person needs one of them."""


@dataclass(frozen=True, slots=True)
class Use:
    """What equipment is judged for: where, when, by whose carrier, and what is in use meanwhile."""

    registry: RegistryState
    site: str
    at: datetime
    offset_of: Callable[[datetime], str]
    """The offset from UTC of the site's clocks at a moment."""

    carrier: str | None = None
    """The carrier that is named for the shipment; its own shippers and loggers may be used."""

    until: datetime | None = None
    """How long it is said to hold, where somebody said so."""

    closed_boxes: Mapping[str, str | None] = field(default_factory=dict)
    """Every box with units in it, with the logger that is in it."""

    opened: str | None = None
    """The closed box that is opened for it: its logger is at hand, wherever it belongs, and may go along."""

    @property
    def at_hand(self) -> str | None:
        """The logger of the box that is opened."""
        return self.closed_boxes.get(self.opened) if self.opened is not None else None


def packing_violations(use: Use, box: str | None, logger: str | None) -> Iterator[Violation]:
    """Why cells may not be packed into this box with this logger; the others that are fit are named."""
    for object_id in (box, logger):
        one = use.registry.equipment(object_id or "")
        if one is None:
            continue
        for violation in _faults(use, one):
            yield _with_others(use, one, violation)


def same_box(title: str, box: str) -> Violation:
    """What is put into another box goes into no box that it lies in."""
    return Violation(
        "box_not_empty",
        f"{title} ({box}) is the box that it lies in.",
        "Scan the new one: another fit shipper.",
        field="box",
        waivable=False,
    )


def travelling_violations(
    use: Use, box: str | None, logger: str | None, units: tuple[str, ...]
) -> Iterator[Violation]:
    """Why what is in a closed box is in doubt: the box or its logger is no longer fit, or failed its test."""
    for object_id in (box, logger):
        one = use.registry.equipment(object_id or "")
        if one is not None:
            for violation in (*_service(one), *_tested(use, one)):
                yield replace(violation, remedy=_UNDERWAY, field="box", quarantines=units)


def booking_violations(one: Equipment) -> Iterator[Violation]:
    """Why what is to be packed another day cannot be booked; where it is and its charge show when packing."""
    yield from _service(one)
    if one.failed:
        yield Violation(
            "not_qualified",
            f"{named(one)} failed its last test.",
            "Take another one; quality records it when it has passed.",
            field=_field(one),
        )
    elif one.requalification_due is None and one.equipment_type is not EquipmentType.BOX:
        is_logger = one.equipment_type is EquipmentType.DATA_LOGGER
        yield Violation(
            "not_calibrated" if is_logger else "not_qualified",
            f"Nobody has recorded until when {named(one)} is {'calibrated' if is_logger else 'qualified'}.",
            "Take another one; quality records it when it has passed its test.",
            field=_field(one),
        )


_UNDERWAY: Final = (
    "If it has not left yet, pack the cells into another one. If it comes so, answer NOT-IN-ORDER: refuse "
    "it, or take it into quarantine, and call quality."
)


def temperature_violations(protocol: Protocol, unit: UnitState, one: Equipment) -> Iterator[Violation]:
    """Why a shipper or logger that was tested for some temperatures is not for this unit."""
    allowed = allowed_for(protocol, unit, Keeping.TRANSPORT)
    yield from tested_for_violations(allowed, one, f"{unit.material.value} {unit.unit}")


def tested_for_violations(allowed: CelsiusRange | None, one: Equipment, what: str) -> Iterator[Violation]:
    """Why it is not for what bears these temperatures.

    A shipper keeps within what the cells bear; a logger has to be right at each bound of it.
    """
    tested = celsius_range(one.celsius_min, one.celsius_max)
    if allowed is None or tested.minimum is tested.maximum is None:
        return
    if one.equipment_type is EquipmentType.DATA_LOGGER:
        bounds = [bound for bound in (allowed.minimum, allowed.maximum) if bound is not None]
        fits = all(tested.holds(bound) for bound in bounds)
    else:
        fits = allowed.covers(tested)
    if not fits:
        yield Violation(
            "wrong_temperature",
            f"{named(one)} was tested for {tested}; {what} is to be {allowed}.",
            "Take another one that was tested for what the label says.",
            field=_field(one),
            expected=str(allowed),
            read=f"{one.title}: {tested}",
        )


def fit(use: Use, equipment_type: EquipmentType) -> tuple[Equipment, ...]:
    """What the site has of a type that may be packed now, what is due last first."""
    found = [
        one
        for one in use.registry.equipments.values()
        if one.equipment_type is equipment_type
        and one.id not in use.closed_boxes
        and next(_faults(use, one), None) is None
    ]
    return tuple(sorted(found, key=lambda one: (one.site != use.site, one.title)))


def fault(use: Use, one: Equipment) -> Violation | None:
    """The first reason why it may not be packed now; None where it is fit."""
    return next(_faults(use, one), None)


def _faults(use: Use, one: Equipment) -> Iterator[Violation]:
    yield from _service(one)
    yield from _place(use, one)
    yield from _tested(use, one)
    yield from _charge(use, one)
    yield from _logger_in_use(use, one)


def _service(one: Equipment) -> Iterator[Violation]:
    if one.status is not EquipmentStatus.IN_SERVICE:
        state = {EquipmentStatus.CLEANING: "being cleaned", EquipmentStatus.REPAIR: "in repair"}
        yield Violation(
            "not_in_service",
            f"{named(one)} is {state.get(one.status, one.status.value)}, not in service.",
            "Take another one.",
            field=_field(one),
        )


def _place(use: Use, one: Equipment) -> Iterator[Violation]:
    """Its own site's, the carrier's that takes the box, or by the record here and empty."""
    if one.id == use.at_hand:
        return
    if one.with_carrier is not None:
        yield Violation(
            "other_site",
            f"By the record {named(one)} is with {one.with_carrier}, empty; nobody has taken it back.",
            "Scan the box and take it back from its carrier first.",
            field="box",
        )
        return
    if one.site in (use.site, use.carrier) or use.site in (one.brought_to, one.emptied_at_site):
        return
    yield Violation(
        "other_site",
        f"{named(one)} belongs to {one.site}, and by the record it is not at {use.site}.",
        "Take one of this site or of the carrier."
        + (" If the box is here, two people first say that it is empty." if _field(one) == "box" else ""),
        field=_field(one),
    )


def _tested(use: Use, one: Equipment) -> Iterator[Violation]:
    """A plain box has no date unless somebody has given it one; a shipper and a logger need one."""
    is_logger = one.equipment_type is EquipmentType.DATA_LOGGER
    rule, test = ("not_calibrated", "calibrat") if is_logger else ("not_qualified", "qualif")
    done = f"{test}ed" if is_logger else f"{test}ied"
    due = one.requalification_due
    if one.failed:
        when = f" on {_day(use, one.qualified_at)}" if one.qualified_at else ""
        said = f"{named(one)} was tested{when} and failed: it is not {done}."
    elif due is None:
        if one.equipment_type is EquipmentType.BOX:
            return
        said = f"Nobody has recorded until when {named(one)} is {done}."
    elif due <= use.at:
        said = f"{named(one)} was to be {done} again by {_day(use, due)}."
    else:
        return
    yield Violation(
        rule, said, "Take another one; quality records it when it has passed its test.", field=_field(one)
    )


def _charge(use: Use, one: Equipment) -> Iterator[Violation]:
    """A shipper is cold because somebody has charged it, and only for as long as it was found to hold."""
    if one.equipment_type is not EquipmentType.SHIPPER:
        return
    holds = one.holds_until
    if one.charged_at is None:
        yield Violation(
            "not_charged",
            f"Nobody has recorded that {named(one)} was charged.",
            "Charge it and record that.",
            field="box",
        )
    elif holds is not None and holds <= use.at:
        yield Violation(
            "not_charged",
            f"{named(one)} was charged at {_time(use, one.charged_at)} and holds {one.hold_hours} h: "
            f"that ended at {_time(use, holds)}.",
            "Charge it again and record that.",
            field="box",
        )
    elif use.until is not None and holds is not None and use.until > holds:
        yield Violation(
            "hold_until_too_late",
            f"It is said to hold until {_time(use, use.until)}; charged at {_time(use, one.charged_at)} "
            f"{named(one)} holds {one.hold_hours} h, until {_time(use, holds)}.",
            "Say the earlier time, or charge it again and record that.",
            field="hold_until",
        )
    if use.until is not None and use.until <= use.at:
        yield Violation(
            "hold_until_past",
            f"The time until which it holds, {_time(use, use.until)}, has passed.",
            "Read the label or paper of the shipper again, or charge it again.",
            field="hold_until",
        )
    end, due = use.until or holds, one.requalification_due
    if end is not None and due is not None and use.at < due < end:
        yield Violation(
            "expires_in_transit",
            f"{named(one)} has to be qualified again by {_day(use, due)}, and is to hold cells until "
            f"{_time(use, end)}.",
            "Take another one; if it arrives before that day, say until when it has to hold.",
            field="box",
        )


def _logger_in_use(use: Use, one: Equipment) -> Iterator[Violation]:
    box = next((box for box, logger in use.closed_boxes.items() if logger == one.id), None)
    if box not in (None, use.opened):
        known = use.registry.equipment(box or "")
        yield Violation(
            "logger_in_use",
            f"{named(one)} is in the closed box {named(known) if known else box} by the record.",
            "Take another one: one logger tells of one box.",
            field="data_logger",
        )
    place = next((place for place in use.registry.locations.values() if place.logger == one.id), None)
    if place is not None:
        yield Violation(
            "logger_in_use",
            f"{named(one)} records in {place.title} ({place.id}).",
            f"Take another one, or give {place.title} another one first: cartrail site conditions.",
            field="data_logger",
        )


def _with_others(use: Use, one: Equipment, violation: Violation) -> Violation:
    """The same with what the site has instead; a wrong time is no reason for another shipper."""
    if violation.rule in ("hold_until_past", "hold_until_too_late"):
        return violation
    others = [other for other in fit(use, one.equipment_type) if other.id != one.id]
    kind = one.equipment_type.value.replace("_", " ")
    if others:
        some = ", ".join(named(other) for other in others[:NAMED_MAX])
        more = f" and {len(others) - NAMED_MAX} more" if len(others) > NAMED_MAX else ""
        return replace(violation, remedy=f"{violation.remedy} Fit here: {some}{more}.")
    return replace(violation, remedy=f"{violation.remedy} No other {kind} of {use.site} is fit now.")


def _field(one: Equipment) -> str:
    """The field of a packing request that it is scanned for."""
    return {EquipmentType.DATA_LOGGER: "data_logger", EquipmentType.INSTRUMENT: "instruments"}.get(
        one.equipment_type, "box"
    )


def named(one: Equipment) -> str:
    """Its name with its code: several may bear the same name."""
    return f"{one.title} ({one.id})"


def _day(use: Use, moment: datetime) -> str:
    return f"{moment.astimezone(parse_offset(use.offset_of(moment))):%Y-%m-%d}"


def _time(use: Use, moment: datetime) -> str:
    offset = use.offset_of(moment)
    return format_minute(moment, offset)
