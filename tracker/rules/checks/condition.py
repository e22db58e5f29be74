"""Whether temperature, place and time in a box are what the cells bear, by protocol, label and equipment.

Every function only judges; the decision of the step says where it is asked. What is outside can have
happened, so it can be recorded outside the rules; the units concerned are then quarantined in the same act.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Final

from schema.counting import counted
from schema.events.custody import Packed
from schema.instants import format_minute
from schema.vocabulary import Fault
from tracker.protocols.bands import FREEZES, CelsiusRange, band_of, celsius_range, range_of, thermal_state
from tracker.protocols.model import Keeping, Protocol, ThermalState
from tracker.rules.decision import Violation
from tracker.rules.registry_state import Equipment, Location
from tracker.rules.situation import Situation
from tracker.rules.therapy_state import TherapyState, UnitState

DISPLAY: Final = "display_celsius"
OUT_OF_BAND: Final = "out_of_band"
HOLD_PASSED: Final = "hold_passed"
PACKED: Final = Packed.kind
SAY_SO: Final = (
    "If it is so, answer NOT-IN-ORDER: refuse it, or take it into quarantine. "
    "If not, type what the display shows."
)
TAKE_ANOTHER: Final = (
    "If it is so, take another shipper, or call quality. If not, type what the display shows."
)
"""What to do about a display before the box is closed; NOT-IN-ORDER is said of what is handed over."""


def state_of(protocol: Protocol, unit: UnitState) -> ThermalState:
    """Whether a unit is fresh, frozen or thawed, by the steps taken on it."""
    return thermal_state(protocol, unit.material, unit.facts)


def allowed_for(protocol: Protocol, unit: UnitState, where: Keeping) -> CelsiusRange | None:
    """The temperatures a unit bears now; None where the protocol says nothing about its material."""
    return range_of(protocol, unit.material, state_of(protocol, unit), where)


def display_violations(
    protocol: Protocol,
    units: Iterable[UnitState],
    celsius: str | None,
    where: Keeping = Keeping.TRANSPORT,
    *,
    remedy: str = SAY_SO,
) -> Iterator[Violation]:
    """One violation for each of a therapy's units that does not bear what a display shows."""
    if celsius is None:
        return
    for unit in units:
        allowed = allowed_for(protocol, unit, where)
        if allowed is not None and not allowed.holds(Decimal(celsius)):
            yield Violation(
                "out_of_band",
                f"The display shows {celsius} C; {_named(unit)} is kept {_kept(allowed)}.",
                remedy,
                field=DISPLAY,
                expected=str(allowed),
                read=f"{celsius} C",
                quarantines=(unit.unit,),
            )


def box_violations(
    protocol: Protocol, unit: UnitState, box: Equipment | None, *, logger: str | None, hold: datetime | None
) -> Iterator[Violation]:
    """What the protocol asks of the box a unit travels in and that is not there: class, logger, hold time."""
    asked, named = protocol.shipping_of(unit.material), unit.material.value.replace("_", " ")
    wanted = " or ".join(one.value for one in asked.equipment_types)
    if box is not None and box.equipment_type not in asked.equipment_types:
        yield Violation(
            "wrong_equipment",
            f"{box.title} is a {box.equipment_type.value}; {named} travels in a {wanted}.",
            f"Take a {wanted} that is qualified and charged.",
            field="box",
            expected=wanted,
            read=f"{box.title}: {box.equipment_type.value}",
            quarantines=(unit.unit,),
        )
    if asked.logger_required and logger is None:
        yield Violation(
            "logger_missing",
            f"No data logger was scanned, and {named} travels with one.",
            "Start a calibrated logger, put it in and scan it.",
            field="data_logger",
            expected="a data logger",
            read="none",
        )
    if asked.hold_required and hold is None:
        yield Violation(
            "hold_missing",
            f"Nobody knows until when {box.title if box else 'the box'} holds its temperature.",
            "Say until when, as its label or paper does, or record that it was charged.",
            field="hold_until",
            expected="until when it holds",
            read="nothing",
        )


def loose_violations(protocol: Protocol, unit: UnitState) -> Iterator[Violation]:
    """What leaves its site travels in a closed box; packing asks for the rest of what the protocol says."""
    wanted = " or ".join(one.value for one in protocol.shipping_of(unit.material).equipment_types)
    yield Violation(
        "not_packed",
        f"No box holds {_named(unit)}, and it leaves the site only in a {wanted}.",
        f"Pack it into a {wanted} first, then hand over the box.",
        field="box",
        expected=wanted,
        read="no box",
        quarantines=(unit.unit,),
    )


def door_violations(
    situation: Situation,
    therapy: TherapyState,
    units: Iterable[UnitState],
    box: str | None,
    celsius: str | None,
    faults: Container[Fault] = (),
) -> Iterator[Violation]:
    """Why what passes a door is not in order: what the display shows, and the hold time of a box.

    What somebody has found not in order and said is no violation: it goes into quarantine with a deviation.
    """
    if Fault.DISPLAY not in faults:
        yield from unread_violations(situation.registry.equipment(box or ""), celsius)
        yield from display_violations(situation.protocol(therapy), units, celsius)
    if box is not None and Fault.HOLD_TIME not in faults:
        yield from hold_violations(situation, therapy, box)


def unread_violations(box: Equipment | None, celsius: str | None) -> Iterator[Violation]:
    """A box that shows its temperature is not passed on without anybody reading it."""
    if box is not None and box.has_display and celsius is None:
        yield Violation(
            "display_missing",
            f"{box.title} shows its temperature, and nobody has read it.",
            "Read the display and type what it shows.",
            field=DISPLAY,
            expected="what the display shows",
            read="nothing",
        )


def hold_violations(situation: Situation, therapy: TherapyState, box: str) -> Iterator[Violation]:
    """Why the cells in a box are in doubt: the time for which it holds its temperature is over."""
    known, at = situation.registry.equipment(box), situation.occurred_at
    hold = therapy.boxes_hold.get(box)
    if hold is None or at <= hold.until:
        return
    shown = (
        format_minute(hold.until, situation.offset_of(hold.until)),
        format_minute(at, situation.offset_of(at)),
    )
    yield hold_passed(*shown, known.title if known else box, tuple(unit.unit for unit in therapy.in_box(box)))


def hold_passed(until: str, at: str, title: str, units: tuple[str, ...] = ()) -> Violation:
    """The refusal of a box whose hold time is over; both times as people read them."""
    return Violation(
        "hold_passed",
        f"{title} held its temperature until {until}; it is {at}.",
        "Read its display if it has one. Answer NOT-IN-ORDER: refuse it, or take it into quarantine.",
        field="box",
        expected=f"until {until}",
        read=at,
        quarantines=units,
    )


def destination_violations(therapy: TherapyState, destination: str, field: str) -> Iterator[Violation]:
    """Cells go only to a site that has a part in their therapy, for each of the therapies in a box."""
    sites = dict.fromkeys((therapy.sites.collection, therapy.sites.manufacturing, therapy.sites.treatment))
    if destination not in sites:
        yield Violation(
            "destination_no_part",
            f"{destination} has no part in the therapy {therapy.coi}.",
            f"Send it to {', '.join(sites)}; in an emergency record it outside the rules.",
            field=field,
            expected=", ".join(sites),
            read=destination,
        )


def place_violations(protocol: Protocol, unit: UnitState, place: Location) -> Iterator[Violation]:
    """Why a unit may not be put away in a place: too warm, too cold, or nobody said what the place keeps."""
    allowed = allowed_for(protocol, unit, Keeping.STORAGE)
    if allowed is None:
        yield from storing_violations(protocol, unit)
        return
    kept = celsius_range(place.celsius_min, place.celsius_max)
    if kept.minimum is None and kept.maximum is None:
        yield Violation(
            "place_without_band",
            f"Nobody has said what {place.title} keeps; {_named(unit)} is kept {_kept(allowed)}.",
            f"Take another place, or have an administrator say it: cartrail site conditions {place.id}.",
            field="location",
            expected=str(allowed),
            read=f"{place.title}: not known",
            quarantines=(unit.unit,),
        )
    elif not allowed.covers(kept):
        yield Violation(
            "wrong_place",
            f"{place.title} keeps {kept}; {_named(unit)} is kept {_kept(allowed)}.",
            f"Put it into a place that keeps {allowed}. If it was in there, call quality.",
            field="location",
            expected=str(allowed),
            read=f"{place.title}: {kept}",
            quarantines=(unit.unit,),
        )


def removal_violations(protocol: Protocol, unit: UnitState) -> Iterator[Violation]:
    """Why a unit may not be taken out of storage once more: each removal warms it, and they add up."""
    band = band_of(protocol, unit.material, state_of(protocol, unit), Keeping.STORAGE)
    if band is not None and band.removals_max is not None and unit.removals >= band.removals_max:
        yield Violation(
            "removed_too_often",
            f"{_named(unit)} was taken out of storage {counted(unit.removals, 'time')}, and may be"
            f" {band.removals_max}.",
            "Leave it where it is and call quality.",
            expected=f"at most {counted(band.removals_max, 'time')}",
            read=counted(unit.removals, "time"),
            quarantines=(unit.unit,),
        )


def storing_violations(protocol: Protocol, unit: UnitState) -> Iterator[Violation]:
    """Why a unit may be put away nowhere as it is now: to be frozen first, or thawed."""
    state = state_of(protocol, unit)
    if allowed_for(protocol, unit, Keeping.STORAGE) is not None:
        return
    if state is ThermalState.THAWED or (state is ThermalState.FRESH and is_to_be_frozen(protocol, unit)):
        yield Violation(
            "not_storable",
            f"{_named(unit)} is {state.value}, and its protocol has no place for it so.",
            "Freeze it first." if state is ThermalState.FRESH else "Use it in time, or destroy it.",
            field="location",
            quarantines=(unit.unit,),
        )


def is_to_be_frozen(protocol: Protocol, unit: UnitState) -> bool:
    """Whether freezing is what it waits for: it is not put away before."""
    to_freeze = protocol.step(FREEZES, unit.material) is not None
    return to_freeze and state_of(protocol, unit) is ThermalState.FRESH


def _named(unit: UnitState) -> str:
    return f"the {unit.material.value.replace('_', ' ')} {unit.unit}"


def _kept(allowed: CelsiusRange) -> str:
    return f"at {allowed}" if allowed.minimum is not None and allowed.maximum is not None else str(allowed)
