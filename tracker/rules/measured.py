"""Numbers held against what they can be: a volume against its container, a value against its measure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from schema.errors import InputError
from schema.measured import VOLUME, Measure, parse
from schema.vocabulary import Material
from tracker.protocols.formulas import measures_in, worked_out
from tracker.protocols.model import ProcessMeasure, Protocol, Step
from tracker.requests.base import Request
from tracker.requests.fields import numbers_of

FILLED: Final = "volume_ml"
"""The field that says what is in a container; the others say what came out of it."""


def require_volumes(protocol: Protocol, material: Material, request: Request) -> None:
    """Raise InputError for a volume of the request that a container of the material cannot hold."""
    for name, measure in numbers_of(type(request)).items():
        text = getattr(request, name)
        if measure is VOLUME and text is not None:
            try:
                require_volume(protocol, material, name, text)
            except InputError as error:
                raise error.at(name) from error


def require_volume(protocol: Protocol, material: Material, name: str, text: str) -> None:
    """Raise InputError for one volume that a container of the material cannot hold."""
    container = protocol.container(material)
    if container is None:
        return
    low = container.volume_ml_min if name == FILLED else None
    parse(
        text,
        Measure(
            f"a volume of {material.value.replace('_', ' ')}",
            VOLUME.unit,
            VOLUME.minimum if low is None else Decimal(low),
            VOLUME.maximum if container.volume_ml_max is None else Decimal(container.volume_ml_max),
            VOLUME.decimals,
        ),
    )


def require_measured(
    protocol: Protocol, step: Step, given: Mapping[str, str], units: Mapping[str, str]
) -> None:
    """Raise InputError for a number that a step cannot have: none of its own, no number, or not in agreement.

    `given` is by measure; `units` are those that were named with a number, by measure.
    """
    for name, text in given.items():
        described = protocol.process_measure(name)
        if described is None or name not in step.values:
            taken = ", ".join(step.values) or "nothing"
            raise InputError(
                f"{name} is not measured at {step.title}.",
                remedy=f"At this step is measured: {taken}.",
                code="wrong_measure",
            )
        try:
            parse(text, described.measure, unit=units.get(name))
        except InputError as error:
            raise error.at(f"measured.{name}") from error
    for name in step.values:
        described = protocol.process_measure(name)
        if described is not None:
            _require_sum(protocol, described, given)


def require_described(protocol: Protocol, measure: str | None, text: str | None, title: str) -> None:
    """Raise InputError for a number where the protocol describes none, or that its measure cannot be."""
    if text is None:
        return
    described = None if measure is None else protocol.process_measure(measure)
    if described is None:
        raise InputError(
            f"{title}: no number belongs to it.",
            remedy="Leave the number out: the protocol does not say what it would be of.",
            code="wrong_measure",
        )
    parse(text, described.measure)


def _require_sum(protocol: Protocol, described: ProcessMeasure, given: Mapping[str, str]) -> None:
    """Raise InputError where a number is not what the others say, or these agree with no number at all."""
    numbers = {name: Decimal(text) for name, text in given.items()}
    value = worked_out(described.equals, numbers)
    if value is None or described.within is None:
        return
    low, high = Decimal(described.plausible_min), Decimal(described.plausible_max)
    shown = f"{value:.{described.decimals}f}"
    if not low <= value <= high:
        others = ((protocol.process_measure(name), given[name]) for name in measures_in(described.equals))
        said_of = " and ".join(f"{one.title} {text}" for one, text in others if one is not None)
        raise InputError(
            f"{said_of}: {described.title} would be {shown}, and it is {described.range_words}.",
            remedy="One of these numbers is wrong: read them again.",
            code="does_not_add_up",
        )
    if described.name not in given:
        return
    said = Decimal(given[described.name])
    if abs(said - value) > Decimal(described.within):
        raise InputError(
            f"{described.title} was given as {said}; by the other values it is {shown}.",
            remedy=f"Read the numbers again; they may differ by {described.within}.",
            code="does_not_add_up",
        )
