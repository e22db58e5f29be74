"""One frozen payload class per event kind and version, and how to find it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import ModuleType

import orjson
from pydantic import ValidationError

from schema.canonical import Json
from schema.errors import NotCanonical, UnknownKind
from schema.events import (
    adoption,
    aftercare,
    alerts,
    bench,
    capacity,
    conditions,
    custody,
    deviations,
    dosing,
    equipment,
    identity,
    labels,
    lots,
    notes,
    paperwork,
    planning,
    processing,
    registry,
    review,
    shift,
    shipments,
    stock,
    takeover,
)
from schema.events.base import Party, Payload, UnitsPayload
from schema.shape_faults import fault_place, fault_words

__all__ = ["Party", "Payload", "UnitsPayload", "kinds", "payload_from", "registry_kinds"]


def _declared(module: ModuleType) -> Mapping[tuple[str, int], type[Payload]]:
    return {
        (value.kind, value.kind_version): value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Payload)
        and value.kind
        and value.__module__ == module.__name__
    }


@cache
def kinds() -> Mapping[tuple[str, int], type[Payload]]:
    """Every payload class by kind and version."""
    found: dict[tuple[str, int], type[Payload]] = {}
    for module in (
        identity,
        adoption,
        labels,
        paperwork,
        custody,
        processing,
        aftercare,
        takeover,
        conditions,
        deviations,
        dosing,
        planning,
        shipments,
        notes,
        alerts,
        review,
        registry,
        capacity,
        equipment,
        stock,
        lots,
        shift,
        bench,
    ):
        found.update(_declared(module))
    return found


@cache
def registry_kinds() -> frozenset[str]:
    """The kinds that belong to the chain `registry`."""
    return frozenset(
        kind for module in (registry, capacity, equipment, stock, lots) for kind, _ in _declared(module)
    )


def payload_from(kind: str, version: int, data: Mapping[str, Json]) -> Payload:
    """The payload of its JSON; raises UnknownKind for a newer kind and NotCanonical for wrong fields."""
    payload_class = kinds().get((kind, version))
    if payload_class is None:
        raise UnknownKind(f"The kind {kind!r} version {version} is not known to this program.")
    try:
        return payload_class.model_validate_json(orjson.dumps(data))
    except ValidationError as error:
        first = error.errors()[0]
        raise NotCanonical(
            f"the payload of {kind} has a wrong {fault_place(first) or 'shape'}: {fault_words(first)}."
        ) from error
