"""Temperatures and hold times leg by leg: displays against their bands, what was used of hold times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from schema.entry import Entry
from schema.events import Payload
from schema.events.custody import HandoffAnswer, Inspected, Packed, Relinquished, Stored, Unpacked
from tracker.exports.dossiers import Dossier, local, minute_there
from tracker.protocols.bands import CelsiusRange, celsius_range
from tracker.protocols.model import Keeping, Protocol
from tracker.rules.checks.condition import DISPLAY, allowed_for
from tracker.rules.limit_uses import span_words
from tracker.rules.marks.events import units_about
from tracker.rules.registry_state import Location, RegistryState
from tracker.rules.therapy_state import TherapyState
from tracker.views.marks import Transition

READ_AT = (Packed, Relinquished, HandoffAnswer, Inspected, Unpacked)
"""Events of a box at which its display is read, or could be."""


@dataclass(slots=True)
class BoxLeg:
    """One journey of a box with units of the therapy in it."""

    packed: Entry
    payload: Packed
    readings: list[Transition] = field(default_factory=list)
    opened: Entry | None = None


def leg_lines(dossier: Dossier, course: Sequence[Transition], at: datetime) -> Iterator[dict[str, Any]]:
    """A part for each leg that an event asked for is about, with its readings."""
    shown = {event.entry.sequence for event in dossier.events}
    for leg in legs_of(course):
        if any(one.entry.sequence in shown for one in leg.readings):
            yield _leg(dossier, leg, at)


def storage_lines(dossier: Dossier, course: Sequence[Transition]) -> Iterator[dict[str, Any]]:
    """A line for each time that units were put away: what the place keeps against what they bear."""
    shown = {event.entry.sequence for event in dossier.events}
    for one in course:
        payload = one.entry.statement.payload
        if isinstance(payload, Stored) and one.entry.sequence in shown and one.before is not None:
            yield place_line(dossier, one.entry, payload, one.before)


def legs_of(course: Sequence[Transition]) -> Iterator[BoxLeg]:
    """Each box from packing until its last unit of the therapy is out of it."""
    standing: dict[str, BoxLeg] = {}
    for one in course:
        payload = one.entry.statement.payload
        if isinstance(payload, Packed):
            if payload.box in standing:
                yield standing.pop(payload.box)
            standing[payload.box] = BoxLeg(one.entry, payload)
        box = getattr(payload, "box", None)
        leg = standing.get(box) if isinstance(box, str) else None
        if leg is None or not isinstance(payload, READ_AT):
            continue
        leg.readings.append(one)
        if isinstance(payload, (Inspected, Unpacked)) and one.after is not None:
            leg.opened = one.entry
            if not any(one.after.in_box(leg.payload.box)):
                yield standing.pop(leg.payload.box)
    yield from standing.values()


def _leg(dossier: Dossier, leg: BoxLeg, at: datetime) -> dict[str, Any]:
    registry, packed = dossier.registry, leg.payload
    box = registry.equipment(packed.box)
    logger = registry.equipment(packed.data_logger or "")
    start, offset = leg.packed.statement.occurred_at, leg.packed.statement.offset
    end = at if leg.opened is None else leg.opened.statement.occurred_at
    return {
        "title": f"{leg.packed.statement.site} to {packed.destination}, shipment {packed.shipment}",
        "facts": [
            ["Box", f"{box.title} ({packed.box})" if box is not None else packed.box],
            ["Carrier", packed.carrier],
            ["Data logger", logger.title if logger is not None else packed.data_logger or "none"],
            ["Packed to opened", span_words(end - start) + ("" if leg.opened else ", not opened yet")],
            ["Hold time", _hold(packed, start, end, offset)],
        ],
        "readings": [
            reading_line(dossier, one, has_display=box is not None and box.has_display)
            for one in leg.readings
        ],
        "over": packed.hold_until is not None and end > packed.hold_until,
    }


def _hold(packed: Packed, start: datetime, end: datetime, offset: str) -> str:
    """How much of the time for which the box holds its temperature was used."""
    if packed.hold_until is None:
        return "not said when it was packed"
    allowed = packed.hold_until - start
    percent = round(100 * (end - start) / allowed) if allowed else 100
    over = f", OVER by {span_words(end - packed.hold_until)}" if end > packed.hold_until else ""
    until = minute_there(packed.hold_until, offset)
    return f"{span_words(end - start)} used of {span_words(allowed)} ({percent} %), until {until}{over}"


def reading_line(dossier: Dossier, one: Transition, *, has_display: bool) -> dict[str, str]:
    """One event of a box: what its display showed against what its contents bear, in words."""
    statement = one.entry.statement
    celsius = getattr(statement.payload, DISPLAY, None)
    allowed = _allowed(dossier.protocol, statement.payload, one.before)
    when = local(statement.occurred_at, statement.offset)
    return {
        "number": str(one.entry.sequence),
        "when": f"{when:%Y-%m-%d %H:%M} {statement.offset}",
        "what": statement.kind.replace("_", " "),
        "place": statement.site,
        "celsius": f"{celsius} °C" if celsius is not None else "not read" if has_display else "no display",
        "band": " and ".join(str(one) for one in allowed) or "no band",
        "verdict": _verdict(celsius, allowed),
    }


def _allowed(
    protocol: Protocol | None, payload: Payload, before: TherapyState | None
) -> tuple[CelsiusRange, ...]:
    """The bands of what is in the box, each once."""
    if protocol is None or before is None:
        return ()
    found = (allowed_for(protocol, unit, Keeping.TRANSPORT) for unit in units_about(payload, before))
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _verdict(celsius: str | None, allowed: tuple[CelsiusRange, ...]) -> str:
    if celsius is None or not allowed:
        return ""
    return "inside" if all(one.holds(Decimal(celsius)) for one in allowed) else "OUTSIDE"


def place_line(dossier: Dossier, entry: Entry, payload: Stored, before: TherapyState) -> dict[str, str]:
    """One time that units were put away: what the place keeps against what they bear, in words."""
    statement, place = entry.statement, dossier.registry.location(payload.location)
    kept = None if place is None else celsius_range(place.celsius_min, place.celsius_max)
    units = [unit for unit in (before.unit(name) for name in payload.units) if unit is not None]
    found = (
        [allowed_for(dossier.protocol, unit, Keeping.STORAGE) for unit in units] if dossier.protocol else []
    )
    allowed = tuple(dict.fromkeys(one for one in found if one is not None))
    fits = kept is not None and all(one.covers(kept) for one in allowed)
    when = local(statement.occurred_at, statement.offset)
    return {
        "number": str(entry.sequence),
        "when": f"{when:%Y-%m-%d %H:%M} {statement.offset}",
        "place": f"{_where(place, payload)}, {statement.site}",
        "kept": "not said" if kept is None else _kept(dossier.registry, payload.location, kept),
        "band": " and ".join(str(one) for one in allowed) or "no band",
        "verdict": "" if not allowed else "fits" if fits else "DOES NOT FIT",
    }


def _where(place: Location | None, payload: Stored) -> str:
    """The place by its name, with the positions in it."""
    title = place.title if place is not None else payload.location
    return title if payload.positions is None else f"{title} {', '.join(payload.positions)}"


def _kept(registry: RegistryState, location: str, kept: CelsiusRange) -> str:
    unsaid = kept.minimum is None and kept.maximum is None
    return "not said" if unsaid or registry.location(location) is None else str(kept)
