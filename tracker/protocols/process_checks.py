"""Checks of a protocol's process: every step of it is named, and what it asks for is described."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from schema.measured import CelsiusText
from schema.vocabulary import Material, Meaning, ReleasePredicate
from tracker.kinds import BESIDE, PROCESS_STEP, STEP_KINDS
from tracker.protocols.dosing import dose_findings
from tracker.protocols.growth import growth_findings
from tracker.protocols.model import Protocol, Step

SETS_DOSE = "dose_set"

_OF_THE_PROCESS = (
    *("name", "instruments", "lots", "lots_optional", "measures", "measures_optional"),
    *("into", "day", "witness_lots"),
)
"""Keys that only a step of the process has."""


def filled_from(protocol: Protocol, material: Material) -> frozenset[Material]:
    """A material with all from which its units are filled in the process: their facts come with the cells."""
    found = {material}
    while True:
        more = {
            source
            for step in protocol.process_steps()
            if step.into in found
            for source in step.materials or [one.material for one in protocol.containers]
        }
        if more <= found:
            return frozenset(found)
        found |= more


def process_findings(protocol: Protocol) -> Iterator[str]:
    """Every step that is not whole, and everything that it asks for and nothing describes."""
    for step in protocol.steps:
        if step.kind == PROCESS_STEP:
            yield from _step(protocol, step)
            continue
        for key in _OF_THE_PROCESS:
            if key in step.model_fields_set:
                yield f"step {step.kind} has {key}, which is for {PROCESS_STEP} alone."
    yield from _measures(protocol)
    for name, item in protocol.items.items():
        yield from _bounds(name, item.celsius_min, item.celsius_max)
    yield from _dose(protocol)
    if protocol.growth is not None:
        measures = {one.name for one in protocol.measures}
        yield from growth_findings(protocol.growth, _names(protocol), measures)


def _dose(protocol: Protocol) -> Iterator[str]:
    """A dose is set by rules, and what is in a container is worked out of what is measured."""
    dose = protocol.dose
    has_rules = dose is not None and bool(dose.rules)
    if dose is not None:
        tests = (one.code for one in protocol.release_tests if not one.words)
        measured = {"volume_ml", *tests, *(one.name for one in protocol.measures)}
        scales = frozenset((one.scale, one.scale_version) for one in protocol.scales)
        known = tuple(one.name for one in protocol.indications)
        yield from dose_findings(dose, known, frozenset(measured), scales)
        product = protocol.container(Material.PRODUCT)
        most = None if product is None else product.volume_ml_max
        for bag in dose.bags if most is not None else ():
            if Decimal(bag.volume_ml) > Decimal(most or 0):
                yield f"dose: the {bag.color} bag of {bag.volume_ml} mL is more than a product holds."
    if protocol.step(SETS_DOSE, None) is not None and not has_rules:
        yield f"step {SETS_DOSE} needs dose.rules to set it by."
    if has_rules and protocol.step(SETS_DOSE, None) is None:
        yield f"there are dose.rules and no step {SETS_DOSE}."
    if ReleasePredicate.DOSE_IN_RANGE in protocol.release.predicates and not has_rules:
        yield "release asks for dose_in_range, and there are no dose.rules."


def _names(protocol: Protocol) -> frozenset[str]:
    return frozenset(step.fact for step in protocol.process_steps())


def _step(protocol: Protocol, step: Step) -> Iterator[str]:
    if step.name is None:
        yield f"step {step.number}: a {PROCESS_STEP} needs a name."
        return
    if step.name in STEP_KINDS or step.name in BESIDE:
        yield f"step {step.name}: its name is that of a kind of event."
    yield from _described(protocol, step)
    if step.into is not None and protocol.container(step.into) is None:
        yield f"step {step.name}: it fills {step.into.value}, which has no container."
    classes = protocol.instruments
    exclusive = [one for one in step.instruments if one in classes and classes[one].exclusive]
    if len(exclusive) > 1:
        yield f"step {step.name}: {' and '.join(exclusive)} are exclusive; a step takes one of them."
    if step.day is not None:
        yield from _day(protocol, step.name, *step.day)
    if step.witness_lots and not any(one.meaning is Meaning.WITNESSED for one in step.signatures):
        yield f"step {step.name}: witness_lots needs the signature of a witness."


def _described(protocol: Protocol, step: Step) -> Iterator[str]:
    for what, words, described in (
        ("item", step.items, protocol.items),
        ("instrument", step.instruments, protocol.instruments),
        ("measure", step.values, {one.name for one in protocol.measures}),
    ):
        for word in words:
            if word not in described:
                yield f"step {step.name}: the {what} {word} is described nowhere."
    for required, optional in ((step.lots, step.lots_optional), (step.measures, step.measures_optional)):
        for word in required:
            if word in optional:
                yield f"step {step.name}: {word} is both asked and optional."


def _day(protocol: Protocol, name: str, first: int, last: int) -> Iterator[str]:
    if protocol.growth is None:
        yield f"step {name}: its day is counted from growth.day_zero, and there is no growth."
    if first > last:
        yield f"step {name}: its first day, {first}, is after its last, {last}."


def _measures(protocol: Protocol) -> Iterator[str]:
    known = {one.name for one in protocol.measures}
    for one in protocol.measures:
        for _, factor in one.factors:
            if factor[0].isalpha() and factor not in known:
                yield f"measure {one.name}: {factor} in its formula is described nowhere."
            if factor == one.name:
                yield f"measure {one.name}: its formula names itself."
    for what, name, measure in (
        *(("item", name, item.measure) for name, item in protocol.items.items()),
        *(("duty", duty.name, duty.measure) for duty in protocol.duties),
    ):
        if measure is not None and measure not in known:
            yield f"{what} {name}: the measure {measure} is described nowhere."


def _bounds(name: str, low: CelsiusText | None, high: CelsiusText | None) -> Iterator[str]:
    if low is not None and high is not None and Decimal(low) > Decimal(high):
        yield f"item {name}: its lowest temperature is above its highest."
