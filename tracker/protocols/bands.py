"""The band of temperatures that holds for a material, and what a protocol leaves without one."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from schema.errors import InputError
from schema.vocabulary import EquipmentType, Material
from tracker.protocols.model import Band, Keeping, Protocol, ThermalState

FREEZES = "cryopreserved"
THAWS = "thaw_started"
MUST_BE_JUDGED = (Material.LEUKAPHERESIS, Material.PRODUCT)
"""What is made from, and what is given: no protocol may leave it without a band."""


@dataclass(frozen=True, slots=True)
class CelsiusRange:
    """From which to which temperature, both included; without a bound where there is none."""

    minimum: Decimal | None
    maximum: Decimal | None

    def holds(self, celsius: Decimal) -> bool:
        """Whether a temperature is inside."""
        return (self.minimum is None or celsius >= self.minimum) and (
            self.maximum is None or celsius <= self.maximum
        )

    def covers(self, other: CelsiusRange) -> bool:
        """Whether everything in another range is inside this one too."""
        low = self.minimum is None or (other.minimum is not None and other.minimum >= self.minimum)
        return low and (self.maximum is None or (other.maximum is not None and other.maximum <= self.maximum))

    def require_ordered(self) -> None:
        """Raises InputError for a lowest temperature above the highest."""
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise InputError(
                f"The lowest temperature {self.minimum} is above the highest, {self.maximum}.",
                remedy="Give the lower one as celsius_min: colder is lower, -196 is below -150.",
            )

    def __str__(self) -> str:
        if self.minimum is None:
            return "any temperature" if self.maximum is None else f"at or below {self.maximum} C"
        return (
            f"at or above {self.minimum} C" if self.maximum is None else f"{self.minimum} to {self.maximum} C"
        )


@lru_cache(maxsize=1024)
def celsius_range(minimum: str | None, maximum: str | None) -> CelsiusRange:
    """The range between two temperatures as text."""
    return CelsiusRange(
        None if minimum is None else Decimal(minimum), None if maximum is None else Decimal(maximum)
    )


def kept_as(protocol: Protocol, material: Material) -> ThermalState:
    """The state in which the label says how it is kept: frozen where a step freezes it or the label does."""
    container = protocol.container(material)
    label = None if container is None else container.storage_celsius_max
    frozen = protocol.step(FREEZES, material) is not None or (label is not None and Decimal(label) < 0)
    return ThermalState.FROZEN if frozen else ThermalState.FRESH


def thermal_state(protocol: Protocol, material: Material, facts: Container[str]) -> ThermalState:
    """What a unit is, by the kinds of steps taken on it; what no step freezes came as its label says."""
    if THAWS in facts:
        return ThermalState.THAWED
    if protocol.step(FREEZES, material) is not None and FREEZES not in facts:
        return ThermalState.FRESH
    return kept_as(protocol, material)


def band_of(protocol: Protocol, material: Material, state: ThermalState, where: Keeping) -> Band | None:
    """The row of the protocol for a material, its state and where it is."""
    for band in protocol.bands:
        if band.material is material and band.state is state and where in band.where:
            return band
    return None


def range_of(
    protocol: Protocol, material: Material, state: ThermalState, where: Keeping
) -> CelsiusRange | None:
    """The temperatures allowed: what the container's label says, else the band; None where neither says."""
    band = band_of(protocol, material, state, where)
    minimum, maximum = (band.celsius_min, band.celsius_max) if band else (None, None)
    container = protocol.container(material)
    if container is not None and state is kept_as(protocol, material):
        minimum = container.storage_celsius_min or minimum
        maximum = container.storage_celsius_max or maximum
    return None if minimum is None and maximum is None else celsius_range(minimum, maximum)


def band_findings(protocol: Protocol) -> Iterator[str]:
    """Every band that allows nothing, stands twice or concerns nothing, and every material without one."""
    seen: set[tuple[Material, ThermalState, Keeping]] = set()
    for band in protocol.bands:
        for where in band.where:
            named = f"the band of {band.state.value} {band.material.value} in {where.value}"
            if protocol.container(band.material) is None:
                yield f"{named}: the material has no container."
            if (band.material, band.state, where) in seen:
                yield f"{named} is defined twice."
            seen.add((band.material, band.state, where))
            yield from _bounds(protocol, band, where, named)
    for material, state, where in _without(protocol):
        if material in MUST_BE_JUDGED:
            yield _not_judged(material, state, where)


def unjudged(protocol: Protocol) -> tuple[str, ...]:
    """What the protocol may leave without a band, as sentences: nobody judges its temperature."""
    return tuple(
        _not_judged(material, state, where)
        for material, state, where in _without(protocol)
        if material not in MUST_BE_JUDGED
    )


def _not_judged(material: Material, state: ThermalState, where: Keeping) -> str:
    return f"{state.value} {material.value} in {where.value} has no band: its temperature is not judged."


def shipping_findings(protocol: Protocol) -> Iterator[str]:
    """Rows about what cells travel in that contradict each other or let them travel in nothing."""
    seen: set[Material | None] = set()
    for row in protocol.shipping:
        for material in row.materials or (None,):
            if material in seen:
                yield f"shipping is said twice for {material.value if material else 'every other material'}."
            if material is not None and protocol.container(material) is None:
                yield f"shipping of {material.value}: the material has no container."
            seen.add(material)
        if EquipmentType.DATA_LOGGER in row.equipment_types or not row.equipment_types:
            yield "shipping has to name boxes or shippers to travel in."


def _bounds(protocol: Protocol, band: Band, where: Keeping, named: str) -> Iterator[str]:
    found = range_of(protocol, band.material, band.state, where)
    if found is None:
        yield f"{named} has neither a minimum nor a maximum."
        return
    if found.minimum is not None and found.maximum is not None and found.minimum > found.maximum:
        yield f"{named}: its minimum {found.minimum} C is above its maximum {found.maximum} C."
    if band.peak is not None and found.holds(Decimal(band.peak)):
        yield f"{named}: its peak {band.peak} C is not outside {found}."
    if band.total_outside is not None and band.total_outside < band.allowed_outside:
        yield f"{named}: one excursion may last longer than all of them together."


def _without(protocol: Protocol) -> Iterator[tuple[Material, ThermalState, Keeping]]:
    """What has no band: a material as its label keeps it, and where it is packed before it is frozen."""
    for container in protocol.containers:
        material, state = container.material, kept_as(protocol, container.material)
        packed = protocol.step("packed", material)
        needed = [(state, where) for where in Keeping]
        if packed is not None and state is ThermalState.FROZEN and FREEZES not in packed.after:
            needed.append((ThermalState.FRESH, Keeping.TRANSPORT))
        for one, where in needed:
            if range_of(protocol, material, one, where) is None:
                yield material, one, where
