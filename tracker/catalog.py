"""Every request by its wire name, how it is read, and its documentation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pydantic import ValidationError

from schema.canonical import Json
from schema.errors import InputError
from schema.shape_faults import fault_place, fault_words
from tracker.kinds import STEP_KINDS
from tracker.registry.capacity import requests as capacity
from tracker.registry.equipment import requests as equipment
from tracker.registry.lots import requests as lots
from tracker.registry.network import requests as network
from tracker.registry.people import requests as people
from tracker.registry.places import requests as places
from tracker.registry.stock import requests as stock
from tracker.requests.base import Request
from tracker.therapy import alerts, benches, corrections, course, deviations, erasure, notes, review, shift
from tracker.therapy.adoption import requests as adoption
from tracker.therapy.aftercare import requests as aftercare
from tracker.therapy.conditions import requests as conditions
from tracker.therapy.custody import requests as custody
from tracker.therapy.dosing import requests as dosing
from tracker.therapy.identity import requests as identity
from tracker.therapy.labels import requests as labels
from tracker.therapy.making import requests as making
from tracker.therapy.paperwork import requests as paperwork
from tracker.therapy.planning import requests as planning
from tracker.therapy.shipments import requests as shipments
from tracker.therapy.takeover import requests as takeover


@cache
def requests() -> Mapping[str, type[Request]]:
    """Every request class by its wire name, in the order of the modules."""
    found: dict[str, type[Request]] = {}
    for module in (
        identity,
        takeover,
        adoption,
        labels,
        paperwork,
        custody,
        making,
        aftercare,
        deviations,
        dosing,
        planning,
        conditions,
        shipments,
        notes,
        alerts,
        course,
        corrections,
        erasure,
        review,
        places,
        capacity,
        people,
        network,
        equipment,
        stock,
        lots,
        shift,
        benches,
    ):
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Request) and value.name:
                found.setdefault(value.name, value)
    return found


@cache
def requests_by_kind() -> Mapping[str, type[Request]]:
    """The request that asks for each kind of step."""
    return {
        one.records.kind: one
        for one in requests().values()
        if one.records is not None and one.records.kind in STEP_KINDS
    }


def parse_request(data: Mapping[str, Json]) -> Request:
    """The request of a JSON object with the key `request`; raises InputError naming the wrong field."""
    name = data.get("request")
    request_class = requests().get(name) if isinstance(name, str) else None
    if request_class is None:
        shown = name[:40] if isinstance(name, str) else name
        raise InputError(
            f"There is no request {shown!r}.",
            remedy="See `cartrail record --help-requests`.",
            code="unknown_request",
        )
    try:
        return request_class.model_validate({key: value for key, value in data.items() if key != "request"})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InputError(
            f"{name}: {fault_place(first) or 'the request'}: {fault_words(first)}.",
            remedy=f"See `cartrail record --help-requests {name}`.",
            code="bad_request",
        ) from error


def to_wire(request: Request) -> Mapping[str, Json]:
    """A request as it would be sent: only what was given, with its name."""
    data: Mapping[str, Json] = request.model_dump(mode="json", exclude_unset=True)
    return {"request": request.name, **data}


def documentation() -> Mapping[str, Json]:
    """The JSON Schema of every request, by name."""
    schemas: dict[str, Json] = {}
    for name, request_class in requests().items():
        shape = request_class.model_json_schema()
        properties: dict[str, Json] = {"request": {"const": name}, **shape.get("properties", {})}
        shape["properties"] = properties
        shape["required"] = ["request", *shape.get("required", [])]
        shape["description"] = request_class.summary
        schemas[name] = shape
    return schemas
