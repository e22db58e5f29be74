"""Volumes held against the container they are in; a volume that cannot be in it was mistyped."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from schema.errors import InputError
from schema.measured import VOLUME, Measure, parse
from schema.vocabulary import Material
from tracker.protocols.model import Protocol
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
