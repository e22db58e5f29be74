"""When units expire: their protocol's shelf life, counted from the step that starts it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from schema.events.base import Payload
from schema.events.processing import Collected, Manufactured, StartsShelfLife, UnitExpiry
from schema.instants import parse_offset, to_milliseconds
from schema.vocabulary import Material
from tracker.protocols.spans import CalendarSpan
from tracker.rules.situation import Situation
from tracker.rules.therapy_state import TherapyState


def with_expiries(situation: Situation, therapy: TherapyState, payload: Payload) -> Payload:
    """The event with the time at which each unit expires whose shelf life it starts."""
    if not isinstance(payload, StartsShelfLife):
        return payload
    return payload.model_copy(update={"expires": tuple(_expiries(situation, therapy, payload))})


def _expiries(situation: Situation, therapy: TherapyState, payload: StartsShelfLife) -> Iterator[UnitExpiry]:
    protocol = situation.protocol(therapy)
    began = payload.ended_at if isinstance(payload, Collected) else situation.occurred_at
    for unit, material in _started(therapy, payload):
        container = protocol.container(material)
        if container is None or container.shelf_life is None or container.shelf_life_from != payload.kind:
            continue
        yield UnitExpiry(unit=unit, expires_at=life_ends_at(situation, container.shelf_life, began))


def life_ends_at(situation: Situation, life: CalendarSpan, began: datetime) -> datetime:
    """The same time of day by the clocks of the place, whose offset may be another one by then.

    Months are counted on its calendar, where the last evening of a month is still in it.
    """
    ends = life.after(began.astimezone(parse_offset(situation.offset_of(began))))
    there = parse_offset(situation.offset_of(ends))
    return to_milliseconds(ends.replace(tzinfo=there).astimezone(UTC))


def _started(therapy: TherapyState, payload: StartsShelfLife) -> Iterator[tuple[str, Material]]:
    if isinstance(payload, Manufactured):
        yield from ((child.unit, child.material) for child in payload.children)
        return
    names = (payload.unit,) if isinstance(payload, Collected) else getattr(payload, "units", ())
    for name in names:
        unit = therapy.unit(name)
        if unit is not None:
            yield name, unit.material
