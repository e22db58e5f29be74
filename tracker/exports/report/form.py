"""The one-page form of custody: each handoff on one line, and who has the cells from there on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schema.entry import Entry
from schema.events import Payload
from schema.events.custody import HandoffAnswer, Relinquished
from tracker.exports.dossiers import Dossier, local, minute_there
from tracker.kinds import is_on_page_one
from tracker.rules.custodians import described
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.custody.faults import seen_words
from tracker.views.marks import Transition


def form_lines(dossier: Dossier, course: Mapping[int, Transition]) -> Iterator[dict[str, Any]]:
    """The lines of the form, of the events asked for; a handoff is one line, with giver and receiver."""
    by_id = {one.statement.event_id: one for one in dossier.entries}
    answers = (event.entry.statement.payload for event in dossier.events)
    answered = {one.handoff for one in answers if isinstance(one, HandoffAnswer)}
    people = dossier.disclosure.people(dossier.registry)
    for event in dossier.events:
        payload = event.entry.statement.payload
        if not is_on_page_one(payload.kind) or event.entry.statement.event_id in answered:
            continue
        giver = by_id.get(payload.handoff) if isinstance(payload, HandoffAnswer) else None
        gave = event.entry if isinstance(payload, Relinquished) else giver
        took = None if isinstance(payload, Relinquished) else event.entry
        yield {
            "numbers": " ".join(str(one.sequence) for one in (giver, event.entry) if one is not None),
            "what": event.row.title,
            "units": event.row.units,
            "details": ", ".join(_details(dossier, payload, event.entry.statement.offset)),
            "holder": holder_words(people, course[event.entry.sequence], event.row.units.split()),
            "gave": [] if gave is None else signed_lines(dossier, gave),
            "took": ["not answered yet"] if took is None else signed_lines(dossier, took),
        }


def holder_words(people: RegistryState, transition: Transition, units: list[str]) -> str:
    """Who has these units after an event, or how they ended: never left to be looked up above."""
    after = transition.after
    if after is None:
        return ""
    known = [after.units[name] for name in units or _moved(transition) if name in after.units]
    found: dict[str, None] = {}
    for unit in known:
        if unit.final is None:
            waits = ", until it is taken" if unit.handoff is not None else ""
            found[f"{described(people, unit.custodian)}{waits}"] = None
        else:
            found[_ended(transition.before, unit.unit, unit.final.value)] = None
    return "; ".join(found)


def _moved(transition: Transition) -> list[str]:
    """The units whose custody an event changed that names none as its own: what was made, and of what."""
    before = transition.before.units if transition.before is not None else {}
    after = transition.after.units if transition.after is not None else {}
    return [
        name
        for name, unit in after.items()
        if name not in before or (before[name].custodian, before[name].final) != (unit.custodian, unit.final)
    ]


def _ended(before: TherapyState | None, name: str, final: str) -> str:
    earlier = before.unit(name) if before is not None else None
    if earlier is not None and earlier.final is not None:
        return f"nobody: {final} before, its remainder destroyed"
    return f"nobody: {final}"


def condition_words(payload: Relinquished | HandoffAnswer, offset: str) -> str:
    """What a party of a handoff saw; empty where nobody looked."""
    until = "" if payload.hold_until is None else minute_there(payload.hold_until, offset)
    seen = seen_words(payload.condition, payload.faults, until)
    return f"condition {seen}" if seen else ""


def _details(dossier: Dossier, payload: Payload, offset: str) -> Iterator[str]:
    people = dossier.disclosure.people(dossier.registry)
    if isinstance(payload, (Relinquished, HandoffAnswer)):
        if payload.condition is not None:
            yield condition_words(payload, offset)
        if payload.box:
            yield f"box {payload.box}"
        if payload.seal:
            yield f"seal {payload.seal}"
    if payload.reason is not None:
        yield f"reason {payload.reason.value.replace('_', ' ')}"
    if isinstance(payload, Relinquished):
        yield f"for {described(people, payload.to_party)}"
    facts = payload.to_json()
    if "display_celsius" in facts:
        yield f"{facts['display_celsius']} °C"
    for name, words in (
        ("volume_ml", "volume"),
        ("infused_ml", "infused"),
        ("planned_ml", "planned"),
        ("destroyed_ml", "destroyed"),
    ):
        if name in facts:
            yield f"{words} {facts[name]} mL"


def signed_lines(dossier: Dossier, entry: Entry) -> list[str]:
    """Who signed an entry, as what and when by the clocks there."""
    offset = entry.statement.offset
    return [
        f"{dossier.disclosure.signer(one)}, {one.meaning.value.replace('_', ' ')}, "
        f"{local(one.signed_at, offset):%Y-%m-%d %H:%M} {offset}"
        for one in entry.signatures
    ]
