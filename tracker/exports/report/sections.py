"""The sections of the report about one therapy, as plain words for the page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from schema.entry import Entry
from schema.events.processing import PredicateHeld, Released, ReleasedOutOfSpecification
from schema.papercodes import receipt_code
from tracker.exports.dossiers import Dossier, DossierEvent, local
from tracker.exports.release_tests import results_of
from tracker.exports.report.curves import reading_parts
from tracker.exports.report.form import form_lines
from tracker.exports.report.growth import growth_drawings
from tracker.exports.report.identity_checks import identity_lines
from tracker.exports.report.lanes import drawing_of
from tracker.exports.report.legs import leg_lines, storage_lines
from tracker.exports.report.limits import limit_lines
from tracker.exports.report.lives import life_rows
from tracker.exports.report.outcome import outcome_of
from tracker.local_time import local as site_clock
from tracker.rules.limit_uses import span_words
from tracker.rules.storage_life import storage_life
from tracker.rules.therapy_state import TherapyState
from tracker.views.aftercare import after_lines
from tracker.views.making import made_steps
from tracker.views.marks import transitions


def section_of(dossier: Dossier, at: datetime) -> dict[str, Any]:
    """Everything the report says about one therapy; what still runs is told as at that time."""
    course = tuple(transitions(dossier.entries))
    last = dossier.events[-1].entry if dossier.events else None
    return {
        "coi": dossier.chain,
        "count": len(dossier.events),
        "whole": len(dossier.events) == len(dossier.entries),
        "first": "" if not dossier.events else " ".join(_when(dossier.events[0].entry)),
        "last": "" if last is None else " ".join(_when(last)),
        "marked": sum(bool(event.marks) for event in dossier.events),
        "grave": any(event.row.is_grave for event in dossier.events),
        "identity": list(_identity(dossier)),
        "outcome": outcome_of(dossier),
        "drawing": drawing_of(dossier, course, at),
        "form": list(form_lines(dossier, {one.entry.sequence: one for one in course})),
        "limits": list(limit_lines(dossier, course, at)),
        "checks": list(identity_lines(dossier)),
        "legs": list(leg_lines(dossier, course, at)),
        "readings": list(reading_parts(dossier)),
        "storage": list(storage_lines(dossier, course)),
        "timeline": [_timeline_line(dossier, event) for event in dossier.events],
        "custody": list(_custody(dossier)),
        "genealogy": list(_genealogy(dossier)),
        "lives": list(
            life_rows(
                storage_life(dossier.protocol, unit, at)
                for unit in ({} if dossier.state is None else dossier.state.units).values()
            )
        ),
        "manufacture": list(_manufacture(dossier)),
        "growth": list(growth_drawings(dossier)),
        "after": list(_after(dossier)),
        "tests": list(_tests(dossier)),
        "releases": list(_releases(dossier)),
        "signatures": [line for event in dossier.events for line in _signatures(dossier, event)],
        "receipts": [_receipt(event.entry) for event in dossier.events],
        "receipt": None if last is None else receipt_code(last.statement.digest).text,
        "receipt_of": None if last is None else last.sequence,
    }


def _receipt(entry: Entry) -> list[str]:
    return [str(entry.sequence), receipt_code(entry.statement.digest).text]


def _when(entry: Entry) -> tuple[str, str]:
    statement = entry.statement
    shown = local(statement.occurred_at, statement.offset)
    return f"{shown:%Y-%m-%d}", f"{shown:%H:%M:%S} {statement.offset}"


def _certificate(state: TherapyState) -> str:
    read = state.certificate
    if read is None:
        return "not read"
    said = "; it says OUT OF SPECIFICATION" if read.out_of_specification else ""
    return (
        f"{read.code.value} of {read.code.issuer} for {read.identifier}: {read.containers} containers, "
        f"good until {read.expires_on}{said}"
    )


def _identity(dossier: Dossier) -> Iterator[tuple[str, str]]:
    state, protocol, registry = dossier.state, dossier.protocol, dossier.registry
    yield "Chain of identity", dossier.chain
    if not dossier.disclosure.identifiers:
        yield "Patient identifiers", "left out; the chain holds them as commitments"
    else:
        yield "Patient identifiers", "; ".join(dossier.identifiers) or "no longer held"
    if state is None:
        return
    title = protocol.title if protocol is not None else state.protocol.id
    yield "Protocol", f"{title} ({state.protocol.id} version {state.protocol.version})"
    because = registry.unverified_because(state.protocol.id, state.protocol.version)
    if because is not None:
        yield "Figures not verified", f"adopted all the same, signed by quality: {because}"
    if state.indication is not None:
        named = protocol.indication(state.indication) if protocol is not None else None
        yield "Indication", f"{named.words if named else state.indication} ({state.indication})"
    if protocol is not None and protocol.is_made_elsewhere:
        yield "Manufacture", "elsewhere, not in this record"
        yield "Certificate of the maker", _certificate(state)
    parts = (("Collection", state.sites.collection), ("Manufacturing", state.sites.manufacturing),
             ("Treatment", state.sites.treatment))  # fmt: skip
    for name, code in parts:
        site = registry.site(code)
        yield name, f"{site.title} ({code})" if site is not None else code
    yield "Status", state.status.value
    read = state.reviewed
    yield (
        "Trail reviewed",
        (
            "not yet"
            if read is None
            else f"through entry {read.through} by {read.actor} on {dossier.reviewed_on}, {read.words}"
        ),
    )
    adopted = [f"{one.issuer} {one.type.value.replace('_', ' ')} {one.value}" for one in state.adopted]
    if adopted:
        yield "Codes of others", "; ".join(adopted)
    dins = [unit.din for unit in state.units.values() if unit.din]
    if dins:
        yield "Donation numbers", "; ".join(dict.fromkeys(dins))


def _timeline_line(dossier: Dossier, event: DossierEvent) -> dict[str, Any]:
    day, clock = _when(event.entry)
    row, statement = event.row, event.entry.statement
    return {
        "sequence": row.sequence,
        "day": day,
        "clock": clock,
        "what": row.title,
        "kind": row.kind,
        "units": row.units,
        "custody": row.custody,
        "marks": row.marks,
        "grave": row.is_grave,
        "said": list(event.said),
        "read": list(event.read),
        "actor": row.actor,
        "place": f"{row.site}, {row.station}",
        "entered": "" if row.entered_by == statement.actor else f"entered by {row.entered_by}",
        "signed": [f"{one.meaning.value.replace('_', ' ')} {one.signer}" for one in event.entry.signatures],
        "event": row.event_id,
    }


def _custody(dossier: Dossier) -> Iterator[list[str]]:
    shown = {event.entry.sequence for event in dossier.events}
    for holding in dossier.holdings:
        ending = holding.until
        if holding.since.sequence not in shown and (ending is None or ending.sequence not in shown):
            continue
        until = "now" if ending is None else " ".join(_when(ending))
        took = (
            ""
            if ending is None
            else span_words(ending.statement.occurred_at - holding.since.statement.occurred_at)
        )
        place = ", ".join(part for part in (holding.site, holding.place) if part)
        yield [
            f"{holding.unit}\n{holding.material}",
            holding.custodian,
            place,
            " ".join(_when(holding.since)),
            until,
            took,
        ]


def _genealogy(dossier: Dossier) -> Iterator[dict[str, Any]]:
    """Units as a tree, each once, parents before their children."""
    state = dossier.state
    units = state.units if state is not None else {}
    placed: set[str] = set()

    def below(name: str, depth: int) -> Iterator[dict[str, Any]]:
        if name in placed:
            return
        placed.add(name)
        unit = units[name]
        final = unit.final.value if unit.final is not None else "open"
        yield {
            "depth": depth,
            "unit": name,
            "material": unit.material.value.replace("_", " "),
            "volume": f"{unit.volume_ml} mL" if unit.volume_ml is not None else "",
            "codes": ", ".join(code for code in (unit.din, unit.cassette) if code),
            "expires": _expires(dossier, unit.expires_at),
            "decision": unit.disposition.value.replace("_", " "),
            "final": final,
        }
        for child in units.values():
            if name in child.parents:
                yield from below(child.unit, depth + 1)

    for name, unit in units.items():
        if not any(parent in units for parent in unit.parents):
            yield from below(name, 0)


def _expires(dossier: Dossier, moment: datetime | None) -> str:
    """By the clocks of the site where it is given."""
    if moment is None or dossier.state is None:
        return ""
    there = site_clock(dossier.registry, dossier.state.sites.treatment, moment)
    return f"{there:%Y-%m-%d %H:%M} {there.isoformat()[-6:]}"


def _manufacture(dossier: Dossier) -> Iterator[list[str]]:
    """A line for each step of the process: when, what, on which units, with what, and what was measured."""
    for one in made_steps((event.entry for event in dossier.events), dossier.protocol, dossier.registry):
        offset = one.entry.statement.offset
        began, ended = (local(at, offset) for at in (one.started_at, one.ended_at))
        form = "%H:%M" if began.date() == ended.date() else "%m-%d %H:%M"
        until = "" if began == ended else f" to {ended:{form}}"
        yield [
            str(one.entry.sequence),
            f"{began:%Y-%m-%d %H:%M}{until} {offset}",
            f"{one.title}, manufacture {one.attempt}",
            ", ".join(one.units),
            "; ".join((*one.lots, *one.instruments)),
            "; ".join((*one.measured, *one.moves)),
            one.entry.statement.actor,
        ]


def _after(dossier: Dossier) -> Iterator[list[str]]:
    """What was recorded after the infusion; grades of two scales stand in two lines."""
    for one in after_lines((event.entry for event in dossier.events), dossier.protocol):
        there = local(one.at, one.entry.statement.offset)
        yield [
            str(one.entry.sequence),
            f"{there:%Y-%m-%d %H:%M}",
            one.what,
            one.result,
            "; ".join(one.details),
            one.entry.statement.actor,
        ]


def _tests(dossier: Dossier) -> Iterator[list[str]]:
    results = [*results_of(dossier)]
    several = any(one.attempt > 1 for one in results)
    for one in results:
        words = {"yes": "meets", "no": "DOES NOT MEET", "unknown": "no limit known"}
        corrected = f"\ncorrected {one.corrected}" if one.corrected else ""
        more = "".join(f"\n{said}" for said in (one.repeats, one.reviewed) if said)
        result = f"{one.result} {one.unit}{corrected}{more}"
        title = f"{one.title}, manufacture {one.attempt}" if several else one.title
        limit = f"{one.limit} {one.unit}".rstrip()
        yield [
            str(one.entry.sequence), title, result, limit, words[one.verdict], one.basis,
        ]  # fmt: skip


def _releases(dossier: Dossier) -> Iterator[str]:
    for event in dossier.events:
        payload = event.entry.statement.payload
        if isinstance(payload, (Released, ReleasedOutOfSpecification)):
            signed = ", ".join(
                f"{one.meaning.value} by {dossier.disclosure.signer(one)}" for one in event.entry.signatures
            )
            failed = ""
            if isinstance(payload, ReleasedOutOfSpecification):
                failed = f" OUT OF SPECIFICATION, failed: {', '.join(payload.failed_tests)};"
            when = " ".join(_when(event.entry))
            yield f"Entry {event.entry.sequence}, {when}:{failed} {event.row.units}; {signed}"
            if payload.predicates:
                yield "Held: " + "; ".join(_held(dossier, one) for one in payload.predicates)


def _held(dossier: Dossier, one: PredicateHeld) -> str:
    """One thing that had to hold, as it was judged, with the entries behind it."""
    numbers = {entry.statement.event_id: entry.sequence for entry in dossier.entries}
    rests = ", ".join(str(numbers[event]) for event in one.evidence if event in numbers)
    said = one.figure if one.applies else f"nothing to judge, {one.figure}"
    return f"{one.name.value.replace('_', ' ')} ({said}{f'; entries {rests}' if rests else ''})"


def _signatures(dossier: Dossier, event: DossierEvent) -> Iterator[list[str]]:
    offset = event.entry.statement.offset
    for one in event.entry.signatures:
        name = one.name if dossier.disclosure.names else ""
        signed = local(one.signed_at, offset)
        yield [
            str(event.entry.sequence), event.row.title, one.meaning.value.replace("_", " "), one.signer, name,
            f"{signed:%Y-%m-%d %H:%M:%S} {offset}", one.key,
        ]  # fmt: skip
