"""Whether temperature, place and time in a box are what the cells bear, by protocol, label and equipment.

Every function only judges; the decision of the step says where it is asked. What is outside can have
happened, so it can be recorded outside the rules; the units concerned are then quarantined in the same act.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from tracker.protocols.bands import FREEZES, CelsiusRange, celsius_range, range_of, thermal_state
from tracker.protocols.model import Keeping, Protocol, ThermalState
from tracker.rules.decision import Violation
from tracker.rules.registry_state import Location
from tracker.rules.therapy_state import UnitState

DISPLAY: Final = "display_celsius"


def state_of(protocol: Protocol, unit: UnitState) -> ThermalState:
    """Whether a unit is fresh, frozen or thawed, by the steps taken on it."""
    return thermal_state(protocol, unit.material, unit.facts)


def allowed_for(protocol: Protocol, unit: UnitState, where: Keeping) -> CelsiusRange | None:
    """The temperatures a unit bears now; None where the protocol says nothing about its material."""
    return range_of(protocol, unit.material, state_of(protocol, unit), where)


def display_violations(
    protocol: Protocol, units: Iterable[UnitState], celsius: str | None, where: Keeping = Keeping.TRANSPORT
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
                "Read the display again. If it is so, keep the cells apart and call quality.",
                field=DISPLAY,
                expected=str(allowed),
                read=f"{celsius} C",
                quarantines=(unit.unit,),
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
            "Put it into a place that keeps what its label says. If it was in there, call quality.",
            field="location",
            expected=str(allowed),
            read=f"{place.title}: {kept}",
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
