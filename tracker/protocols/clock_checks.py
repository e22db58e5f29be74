"""Checks of a protocol's clocks and containers: what is fresh or thawed never waits without a limit."""

from __future__ import annotations

from collections.abc import Iterator

from schema.vocabulary import Material
from tracker.protocols.model import Limit, Protocol, ScanOn

THAWS = ("thaw_started", "thaw_ended")
"""Either starts the clock, as the label says."""

INFUSIONS = ("infusion_started", "infusion_completed")


def clock_findings(protocol: Protocol) -> Iterator[str]:
    """Every limit that names the wrong thing, and every clock that must run and is not there."""
    for limit in protocol.limits:
        yield from _limit(protocol, limit)
    yield from _fresh(protocol)
    yield from _thawed(protocol)
    yield from _cassettes(protocol)


def _limit(protocol: Protocol, limit: Limit) -> Iterator[str]:
    facts = {step.kind for step in protocol.steps}
    for fact in (limit.start, limit.until, *limit.guards):
        if fact not in facts:
            yield f"limit {limit.name} names {fact}, which no step brings."
        for material in limit.materials if fact in facts else ():
            if protocol.step(fact, material) is None:
                yield f"limit {limit.name} names {fact}, which no step brings for {material.value}."
    if limit.start in (limit.until, *limit.guards):
        yield f"limit {limit.name} ends with the step that starts it."


def _runs(protocol: Protocol, material: Material, starts: tuple[str, ...], ends: tuple[str, ...]) -> bool:
    return any(
        limit.start in starts and limit.until in ends and (not limit.materials or material in limit.materials)
        for limit in protocol.limits
    )


def _fresh(protocol: Protocol) -> Iterator[str]:
    """Cells that nobody freezes are used within a time."""
    material, ends = Material.LEUKAPHERESIS, ("cryopreserved", "manufacturing_started")
    end = ends[0] if protocol.step(ends[0], material) is not None else ends[1]
    collected = protocol.step("collected", material) is not None
    if collected and protocol.step(end, material) and not _runs(protocol, material, ("collected",), (end,)):
        yield f"there is no limit from collected to {end}."


def _thawed(protocol: Protocol) -> Iterator[str]:
    """Thawed cells are infused within a time, and no infusion begins beyond it."""
    if not protocol.step(THAWS[0], None):
        return
    if not _runs(protocol, Material.PRODUCT, THAWS, INFUSIONS):
        yield "there is no limit from the thaw to the infusion."
    for limit in protocol.limits:
        ends_later = limit.start in THAWS and limit.until == "infusion_completed"
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
