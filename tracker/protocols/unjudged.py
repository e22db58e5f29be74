"""What a protocol may be adopted with and quality should know: values that nobody judges or has verified."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schema.vocabulary import Material
from tracker.protocols import bands
from tracker.protocols.library import ProtocolFile
from tracker.protocols.model import Protocol
from tracker.protocols.parts import Sourced, Verified
from tracker.protocols.rows import FileLines, with_line
from tracker.protocols.spans import format_duration

FILLED_BY = "unit_registered"
"""Without this step of a material none of its containers can be on record."""

GIVEN_BY = "infusion_started"


def unjudged(protocol: Protocol) -> tuple[str, ...]:
    """Everything that would be recorded and held against nothing, and what cannot be recorded at all."""
    return (
        *bands.unjudged(protocol),
        *_volumes(protocol),
        *_tests(protocol),
        *_syringes(protocol),
        *_milestones(protocol),
    )


def _volumes(protocol: Protocol) -> Iterator[str]:
    for container in protocol.containers:
        if container.volume_ml_min is None or container.volume_ml_max is None:
            yield f"the {_named(container.material)} container has no smallest and largest volume."
        if container.shelf_life is None and container.material is Material.LEUKAPHERESIS:
            yield "leukapheresis has no shelf life: only limits say how old it may become."


def _tests(protocol: Protocol) -> Iterator[str]:
    if not protocol.release_tests and not protocol.is_made_elsewhere:
        yield "there are no release tests: whatever is made can be released."


def _syringes(protocol: Protocol) -> Iterator[str]:
    """A syringe that cannot be registered, filled or given by the protocol."""
    material = Material.SYRINGE
    if protocol.container(material) is None:
        return
    if protocol.step(FILLED_BY, material) is None:
        yield f"syringe has a container that no step {FILLED_BY} brings: none can be registered."
    if protocol.step(GIVEN_BY, material) is None:
        yield f"syringe has no step {GIVEN_BY}: what is drawn is recorded as given from its bag or vial."
    if not any(step.into is material for step in protocol.process_steps()):
        yield "how much is drawn into a syringe is recorded by no step; it is written on its label by hand."


def _milestones(protocol: Protocol) -> Iterator[str]:
    if not protocol.milestones:
        yield "there are no milestones: nothing of a therapy can be planned."
    for one in protocol.milestones:
        if one.fulfilled_by is None:
            yield f"milestone {one.name} is fulfilled by no step: it is planned, and nobody records it here."


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure whose source nobody has read, or whose sources disagree."""

    words: str
    """What it is, with what was said of it."""

    row: Sourced
    feeds_rule: bool
    """Whether a step is stopped or a release decided by it, and not only a plan or a list made."""


def unverified(protocol: Protocol) -> tuple[Figure, ...]:
    """Every such figure in the order of the file's tables."""
    return tuple(
        Figure(f"{what}: {one.source} ({one.verified.value}).", one, feeds)
        for what, one, feeds in _figures(protocol)
        if one.verified in (Verified.UNVERIFIED, Verified.CONFLICT)
    )


def must_be_verified(file: ProtocolFile) -> tuple[str, ...]:
    """What keeps a file out of a production store: unverified figures that feed a rule, with their lines."""
    lines, protocol = FileLines(file.content), file.protocol
    return tuple(
        with_line(lines.of_row(protocol, one.row), one.words)
        for one in unverified(protocol)
        if one.feeds_rule
    )


def _at_the_bed(protocol: Protocol) -> Iterator[tuple[str, Sourced, bool]]:
    for part in protocol.bedside.components:
        yield f"component {part.name}", part, True
    for name, said in (("filter", protocol.bedside.filter), ("rate", protocol.bedside.rate)):
        if said is not None:
            yield f"{name} at the bed", said, False


def _figures(protocol: Protocol) -> Iterator[tuple[str, Sourced, bool]]:
    for container in protocol.containers:
        if container.shelf_life is not None:
            yield f"shelf life of {_named(container.material)}, {container.shelf_life}", container, True
        elif container.storage_celsius_max is not None:
            at_most = f"at most {container.storage_celsius_max} C"
            yield f"storage of {_named(container.material)}, {at_most}", container, True
    for band in protocol.bands:
        yield f"band of {band.state.value} {_named(band.material)}", band, True
    for limit in protocol.limits:
        yield f"limit {limit.name}", limit, True
    for rule in protocol.dose.rules if protocol.dose is not None else ():
        yield f"dose of {rule.indication}", rule, True
    yield from _at_the_bed(protocol)
    if protocol.growth is not None:
        yield "growth of a culture", protocol.growth, False
    for test in protocol.release_tests:
        yield f"release test {test.code} {test.limit_text}", test, True
    answered = f"handoffs answered within {format_duration(protocol.handoffs.answered_within)}"
    yield answered, protocol.handoffs, False
    for one in protocol.milestones:
        yield f"milestone {one.name}", one, False
    for named, words in (
        *((one, f"regimen {one.name}") for one in protocol.regimens),
        *((one, f"watch of {one.region}") for one in protocol.watch),
        *((one, f"indication {one.name}") for one in protocol.indications),
    ):
        yield words, named, False


def _named(material: Material) -> str:
    return material.value.replace("_", " ")
