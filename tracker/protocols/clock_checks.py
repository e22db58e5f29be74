"""Checks of a protocol's clocks and containers: what is fresh or thawed never waits without a limit."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from schema.measured import VOLUME
from schema.vocabulary import Material
from tracker.protocols.model import Limit, Protocol, ScanOn
from tracker.protocols.process_checks import filled_from
from tracker.protocols.spans import format_duration

THAWS = ("thaw_started", "thaw_ended", "retrieved", "inspected")
"""Any starts the clock, as the label says: of some products it runs from their removal from storage."""

BACK_IN_THE_COLD = ("stored", "packed")
"""What ends a time out of storage without any use."""

INFUSIONS = ("infusion_started", "infusion_completed")


STARTS_SHELF_LIFE = ("collected", "cryopreserved", "manufactured")
"""Their events carry when each unit expires."""

FILLS = "manufactured"
"""It is a step on what is used up, and a fact of what is filled."""


def clock_findings(protocol: Protocol) -> Iterator[str]:
    """Every limit that names the wrong thing, and every clock that must run and is not there."""
    for limit in protocol.limits:
        yield from _limit(protocol, limit)
    yield from _fresh(protocol)
    yield from _thawed(protocol)
    yield from _cassettes(protocol)
    yield from _shelf_lives(protocol)


def _limit(protocol: Protocol, limit: Limit) -> Iterator[str]:
    facts = {step.fact for step in protocol.steps}
    for fact in (*limit.starts, *limit.ends, *limit.guards, *limit.cleared_by):
        if fact not in facts:
            yield f"limit {limit.name} names {fact}, which no step brings."
        for material in limit.materials if fact in facts and fact not in limit.cleared_by else ():
            inherited = limit.inherit and fact in limit.starts
            if not any(
                protocol.step(fact, one) for one in _brought_by(protocol, material, inherited=inherited)
            ):
                yield f"limit {limit.name} names {fact}, which no step brings for {material.value}."
    for fact in limit.starts:
        if fact in (*limit.ends, *limit.guards):
            yield f"limit {limit.name} ends with the step that starts it."
        if fact in limit.cleared_by:
            yield f"limit {limit.name} is cleared by the step that starts it."
    if limit.not_before is not None and limit.not_before >= limit.within:
        yield (
            f"limit {limit.name} ends after {format_duration(limit.not_before)} at the earliest, "
            f"and after {format_duration(limit.within)} at the latest."
        )
    yield from _out_of_storage(protocol, limit)


def _brought_by(protocol: Protocol, material: Material, *, inherited: bool) -> frozenset[Material]:
    """Whose steps start a clock: the material's own, and where it is inherited all that it is filled from."""
    if not inherited:
        return frozenset({material})
    if protocol.step("unit_registered", material) is not None:
        # Whoever registers a container names what it is filled from.
        return frozenset(one.material for one in protocol.containers)
    return filled_from(protocol, material)


def _out_of_storage(protocol: Protocol, limit: Limit) -> Iterator[str]:
    """Cells are taken out at the manufacturer too: that clock does not run while they travel and lie cold."""
    if "retrieved" not in limit.starts or not {*INFUSIONS}.intersection(limit.ends):
        return
    for fact in BACK_IN_THE_COLD:
        used = any(protocol.step(fact, material) for material in limit.materials or (Material.PRODUCT,))
        if used and fact not in limit.cleared_by:
            yield f"limit {limit.name} starts with retrieved and must be cleared by {fact}."


def _runs(protocol: Protocol, material: Material, starts: frozenset[str], ends: tuple[str, ...]) -> bool:
    limits = [limit for limit in protocol.limits if not limit.materials or material in limit.materials]
    return any({*ends}.intersection(limit.ends) and not starts.isdisjoint(limit.starts) for limit in limits)


def _fresh(protocol: Protocol) -> Iterator[str]:
    """Cells that nobody freezes are used within a time."""
    material, ends = Material.LEUKAPHERESIS, ("cryopreserved", "manufacturing_started")
    end = ends[0] if protocol.step(ends[0], material) is not None else ends[1]
    has_both = protocol.step("collected", material) is not None and protocol.step(end, material) is not None
    if has_both and not _runs(protocol, material, frozenset({"collected"}), (end,)):
        yield f"there is no limit from collected to {end}."


def _thawed(protocol: Protocol) -> Iterator[str]:
    """Thawed cells are infused within a time, and no infusion begins beyond it."""
    if not protocol.step(THAWS[0], None):
        return
    if not _runs(protocol, Material.PRODUCT, frozenset(THAWS), INFUSIONS):
        yield "there is no limit from the thaw to the infusion."
    for limit in protocol.limits:
        from_thaw = any(start in THAWS for start in limit.starts)
        ends_later = from_thaw and "infusion_completed" in limit.ends
        if ends_later and "infusion_started" not in limit.guards:
            yield f"limit {limit.name} must guard infusion_started."


def _cassettes(protocol: Protocol) -> Iterator[str]:
    """A cassette is scanned only where bags have one, and bags that have one are bound to it."""
    for container in protocol.containers:
        material = container.material
        if container.cassette and protocol.step("cassette_bound", material) is None:
            yield f"the {material.value} container has a cassette that no step binds."
        if container.cassette:
            continue
        for step in protocol.steps:
            if step.scan is ScanOn.CASSETTE and material in step.materials:
                yield f"step {step.kind} scans the cassette of {material.value}, which has none."


def _shelf_lives(protocol: Protocol) -> Iterator[str]:
    """What is given has a shelf life, and it is counted from a step that its units take."""
    for container in protocol.containers:
        material, start = container.material, container.shelf_life_from
        if container.shelf_life is None and start is None:
            if material is Material.PRODUCT and not protocol.is_made_elsewhere:
                yield "the product container has no shelf life."
        elif container.shelf_life is None or start is None:
            yield f"the {material.value} container needs both shelf_life and shelf_life_from."
        elif start not in STARTS_SHELF_LIFE:
            known = ", ".join(STARTS_SHELF_LIFE)
            yield f"the shelf life of {material.value} starts with {start}; it can start with {known}."
        elif protocol.step(start, None if start == FILLS else material) is None:
            yield f"the shelf life of {material.value} starts with {start}, which no step brings for it."
        if _volume(container.volume_ml_min) > _volume(container.volume_ml_max or str(VOLUME.maximum)):
            yield f"the {material.value} container has a smallest volume above its largest."


def _volume(text: str | None) -> Decimal:
    return Decimal(text or 0)
