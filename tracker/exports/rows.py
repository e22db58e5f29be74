"""One event of a trail as the words that tables and CSV files show; the entry stays the evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from schema.canonical import Json
from schema.commitments import Opening
from schema.entry import REGISTRY, Entry
from schema.instants import parse_offset
from tracker.exports.sharing import NAMES_ONLY, Sharing
from tracker.protocols.model import Protocol
from tracker.rules.custodians import described
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_evolve import evolve
from tracker.rules.therapy_state import TherapyState
from tracker.views.marks import marks_of
from tracker.views.titles import step_title


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One event, in words."""

    chain: str
    sequence: int
    occurred_at: str
    """Local time with its offset, as it was where it happened."""

    recorded_at: str
    """In UTC, as the ledger took it."""

    kind: str
    title: str
    units: str
    actor: str
    station: str
    site: str
    custody: str
    """Who holds the units from here on, where this event moved them."""

    marks: str
    signatures: str
    entry_mode: str
    entered_by: str
    event_id: str
    digest: str
    statement_digest: str
    payload: str
    """The facts of the event, as JSON."""

    as_of: str = ""
    """Where this is an earlier state of the record: which, and how much came later in this chain."""

    opened: str = ""
    """What the event committed to and was chosen to be shown."""

    chosen: str = ""
    """What was chosen to be open to the reader and what was left out; empty in a view."""

    @property
    def is_grave(self) -> bool:
        """Whether it happened outside the rules, or is about a mix-up; red wherever it is shown."""
        return self.marks.startswith(("outside rules", "mix-up"))


def trail_rows(
    registry: RegistryState, protocol: Protocol | None, entries: Iterable[Entry], as_of: str = ""
) -> Iterator[TrailRow]:
    """The rows of one chain, from its first entry on, since custody follows from what was before."""
    for step in steps(entries):
        yield row_of(registry, protocol, step, as_of)


@dataclass(frozen=True, slots=True)
class Step:
    """One entry between the states of its therapy before and after it; the chain `registry` has none."""

    entry: Entry
    before: TherapyState | None
    after: TherapyState | None


def steps(entries: Iterable[Entry]) -> Iterator[Step]:
    """The entries of one chain from its first one on, each with the states around it."""
    state: TherapyState | None = None
    for entry in entries:
        before = state
        if entry.statement.chain != REGISTRY:
            state = evolve(before, entry.sequence, entry.statement)
        yield Step(entry, before, state)


def row_of(registry: RegistryState, protocol: Protocol | None, step: Step, as_of: str = "") -> TrailRow:
    """One event in words, by the protocol that the therapy ran by."""
    title = step_title(protocol, step.after, step.entry.statement)
    return _row(registry, title, step.entry, _moved(registry, step.before, step.after), as_of)


def told_row(row: TrailRow, entry: Entry, sharing: Sharing, openings: Mapping[str, Opening]) -> TrailRow:
    """The row as an export may hold it: what was chosen is open, and the choice stands beside it."""
    opened = "; ".join(f"{field}: {value}" for field, value in sharing.opened(entry, openings))
    return replace(
        row,
        payload=sharing.facts(row.kind, row.payload),
        opened=opened,
        chosen=sharing.stated(),
        signatures=signed(entry, sharing),
    )


def signed(entry: Entry, sharing: Sharing) -> str:
    """Who signed the entry, as what and when by the clocks there."""
    return "; ".join(
        f"{one.meaning.value} by {sharing.signer(one)} {_local(one.signed_at, entry.statement.offset)}"
        for one in entry.signatures
    )


def _row(registry: RegistryState, title: str, entry: Entry, custody: str, as_of: str) -> TrailRow:
    statement = entry.statement
    person = registry.person(statement.actor)
    payload: Mapping[str, Json] = statement.payload.to_json()
    return TrailRow(
        chain=statement.chain,
        sequence=entry.sequence,
        occurred_at=_local(statement.occurred_at, statement.offset),
        recorded_at=f"{entry.recorded_at:%Y-%m-%dT%H:%M:%S}Z",
        kind=statement.kind,
        title=title,
        units=" ".join(_units(payload)),
        actor=f"{person.name} ({statement.actor})" if person else statement.actor,
        station=statement.station,
        site=statement.site,
        custody=custody,
        marks="; ".join(mark.replace("_", " ") for mark in marks_of(entry)),
        signatures=signed(entry, NAMES_ONLY),
        entry_mode=statement.mode.value,
        entered_by=statement.entered_by,
        event_id=statement.event_id,
        digest=entry.digest,
        statement_digest=statement.digest,
        payload=orjson.dumps(payload, option=orjson.OPT_SORT_KEYS).decode(),
        as_of=as_of,
    )


def _units(payload: Mapping[str, Json]) -> list[str]:
    units = payload.get("units")
    if isinstance(units, (list, tuple)):
        return [str(unit) for unit in units]
    unit = payload.get("unit")
    return [unit] if isinstance(unit, str) else []


def _moved(registry: RegistryState, before: TherapyState | None, after: TherapyState | None) -> str:
    """The custodians that units have now and had not before the event."""
    if after is None:
        return ""
    found: dict[str, None] = {}
    for name, unit in after.units.items():
        earlier = before.unit(name) if before is not None else None
        if unit.custodian is not None and (earlier is None or earlier.custodian != unit.custodian):
            found[described(registry, unit.custodian)] = None
    return ", ".join(found)


def _local(moment: datetime, offset: str) -> str:
    return f"{moment.astimezone(parse_offset(offset)):%Y-%m-%dT%H:%M:%S}{offset}"
