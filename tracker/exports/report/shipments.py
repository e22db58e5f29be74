"""The page of a report about a shipment: what was in the box, who had it, each act once for all therapies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schema.events import Payload
from schema.events.custody import HandoffAnswer, Inspected, Inspection, Packed, Relinquished
from tracker.exports.dossiers import Dossier, DossierEvent, minute_there
from tracker.exports.report.form import condition_words, holder_words
from tracker.views.marks import Transition, transitions

Courses = Mapping[str, Mapping[int, Transition]]
"""The states around each entry, by chain and sequence."""


@dataclass(slots=True)
class _Act:
    """One act over several therapies: its statements, each with the chain it stands in."""

    parts: list[tuple[Dossier, DossierEvent]] = field(default_factory=list)


def shipments_of(dossiers: Sequence[Dossier]) -> list[dict[str, Any]]:
    """Every shipment that these events are about, in the order in which they were packed."""
    acts: dict[str, _Act] = {}
    for dossier in dossiers:
        for event in dossier.events:
            acts.setdefault(event.entry.statement.act, _Act()).parts.append((dossier, event))
    courses: Courses = {
        dossier.chain: {one.entry.sequence: one for one in transitions(dossier.entries)}
        for dossier in dossiers
    }
    ordered = sorted(acts.values(), key=lambda act: act.parts[0][1].entry.statement.occurred_at)
    found: list[dict[str, Any]] = []
    for act in ordered:
        payload = act.parts[0][1].entry.statement.payload
        if isinstance(payload, Packed):
            found.append({"facts": list(_facts(act, payload)), "contents": list(_contents(act)), "acts": []})
        if found:
            found[-1]["acts"].append(_line(act, courses))
    return found


def _facts(act: _Act, packed: Packed) -> Iterator[tuple[str, str]]:
    registry = act.parts[0][0].registry
    box = registry.equipment(packed.box)
    carrier, destination = registry.site(packed.carrier), registry.site(packed.destination)
    yield "Shipment", packed.shipment
    yield "Box", f"{box.title} ({packed.box})" if box is not None else packed.box
    yield "Seal", packed.seal
    yield "Carrier", f"{carrier.title} ({packed.carrier})" if carrier is not None else packed.carrier
    yield "Destination", f"{destination.title} ({packed.destination})" if destination else packed.destination
    if packed.data_logger is not None:
        logger = registry.equipment(packed.data_logger)
        title = packed.data_logger if logger is None else f"{logger.title} ({packed.data_logger})"
        yield "Data logger", title
    if packed.hold_until is not None:
        yield (
            "Holds its temperature until",
            minute_there(packed.hold_until, act.parts[0][1].entry.statement.offset),
        )


def _contents(act: _Act) -> Iterator[list[str]]:
    for dossier, event in act.parts:
        units = dossier.state.units if dossier.state is not None else {}
        for name in event.row.units.split():
            unit = units.get(name)
            material = unit.material.value.replace("_", " ") if unit is not None else ""
            cassette = unit.cassette if unit is not None and unit.cassette else ""
            yield [dossier.chain, name, material, cassette]


def _seen(payload: Payload, offset: str) -> str:
    """What the party of a handoff saw, or what was wrong with a unit that came out of the box."""
    if isinstance(payload, (Relinquished, HandoffAnswer)) and payload.condition is not None:
        return condition_words(payload, offset)
    if isinstance(payload, Inspected):
        return "; ".join(_result(one) for one in payload.results)
    return ""


def _result(one: Inspection) -> str:
    faults = ", ".join(one.faults).replace("_", " ")
    return f"{one.result.value} {one.unit}" + (f": {faults}" if faults else "")


def _holders(act: _Act, courses: Courses) -> Iterator[str]:
    """Who has the cells of each therapy after the act, or how they ended."""
    for dossier, event in act.parts:
        people = dossier.disclosure.people(dossier.registry)
        transition = courses[dossier.chain][event.entry.sequence]
        yield holder_words(people, transition, event.row.units.split())


def _line(act: _Act, courses: Courses) -> dict[str, Any]:
    dossier, event = act.parts[0]
    statement = event.entry.statement
    payload = statement.payload.to_json()
    celsius = payload.get("display_celsius")
    details = [
        _seen(statement.payload, statement.offset),
        f"seal {payload['seal']}" if "seal" in payload else "",
        f"{celsius} °C" if celsius is not None else "",
        event.row.marks,
    ]
    return {
        "when": f"{event.happened:%Y-%m-%d %H:%M:%S} {statement.offset}",
        "what": event.row.title,
        "details": ", ".join(one for one in details if one),
        "therapies": ", ".join(f"{one.chain} {each.row.sequence}" for one, each in act.parts),
        "holder": "; ".join(dict.fromkeys(filter(None, _holders(act, courses)))),
        "place": f"{statement.site}, {statement.station}",
        "signed": [
            f"{dossier.disclosure.signer(one)}, {one.meaning.value.replace('_', ' ')}"
            for one in event.entry.signatures
        ],
    }
