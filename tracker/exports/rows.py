"""One event of a trail as the words that tables and CSV files show; the entry stays the evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from schema.commitments import Opening
from schema.entry import Entry
from schema.instants import parse_offset
from tracker.exports.disclosure import NAMES_ONLY, Disclosure
from tracker.protocols.model import Protocol
from tracker.rules.custodians import described
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_state import TherapyState
from tracker.views.facts import FactTeller, limit_titles, numbers_of, units_named
from tracker.views.marks import Transition, step_title


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
    said: str
    """Every fact of the event in words."""

    read: str
    """Every code that was read and compared: which, how it was read, and off what."""

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

    chosen: str = ""
    """What was chosen to be open to the reader and what was left out; empty in a view."""

    is_grave: bool = False
    """Whether one of the marks is red wherever it is shown."""


@dataclass(frozen=True, slots=True)
class RowWriter:
    """How the events of one chain are put in words, and for whom."""

    registry: RegistryState
    """The names that people and places had then."""

    protocol: Protocol | None
    """The therapy's protocol."""

    teller: FactTeller
    as_of: str = ""
    disclosure: Disclosure | None = None
    """What was chosen to be open; None for a view, which shows names and states no choice."""

    def row(self, transition: Transition) -> TrailRow:
        """One event in words; custody follows from what was before it."""
        entry, disclosure = transition.entry, self.disclosure or NAMES_ONLY
        statement, payload = entry.statement, entry.statement.payload.to_json()
        person = self.registry.person(statement.actor)
        facts = orjson.dumps(payload, option=orjson.OPT_SORT_KEYS).decode()
        marks = transition.marks(self.protocol, self.registry)
        return TrailRow(
            chain=statement.chain,
            sequence=entry.sequence,
            occurred_at=_local(statement.occurred_at, statement.offset),
            recorded_at=f"{_clock(entry.recorded_at)}Z",
            kind=statement.kind,
            title=step_title(self.protocol, transition.after, statement),
            units=" ".join(units_named(statement.payload)),
            actor=f"{person.name} ({statement.actor})" if person else statement.actor,
            station=statement.station,
            site=statement.site,
            said="; ".join(self.said(entry)),
            read="; ".join(self.read(entry)),
            custody=_moved(self.registry, transition.before, transition.after),
            marks="; ".join(mark.words for mark in marks),
            signatures=signed(entry, disclosure),
            entry_mode=statement.mode.value,
            entered_by=statement.entered_by,
            event_id=statement.event_id,
            digest=entry.digest,
            statement_digest=statement.digest,
            payload=facts if self.disclosure is None else disclosure.facts(statement.kind, facts),
            as_of=self.as_of,
            chosen="" if self.disclosure is None else disclosure.stated(),
            is_grave=any(mark.is_grave for mark in marks),
        )

    def said(self, entry: Entry) -> tuple[str, ...]:
        """Each fact of the event in words."""
        disclosure = self.disclosure or NAMES_ONLY
        return tuple(map(str, disclosure.told(entry.statement.kind, self.teller.facts(entry))))

    def read(self, entry: Entry) -> tuple[str, ...]:
        """Each code that was read, in words."""
        return tuple(map(str, self.teller.reads(entry)))


def teller_of(
    entries: Sequence[Entry],
    registry: RegistryState,
    disclosure: Disclosure,
    openings: Mapping[str, Opening],
    protocol: Protocol | None,
) -> FactTeller:
    """Who puts the events of a chain in words for a choice; `openings` are those its reader may see."""
    numbers, opened = numbers_of(entries), disclosure.words_of(openings)
    return FactTeller(disclosure.people(registry), numbers, opened, limit_titles(protocol))


def signed(entry: Entry, disclosure: Disclosure) -> str:
    """Who signed the entry, as what and when by the clocks there."""
    return "; ".join(
        f"{one.meaning.value} by {disclosure.signer(one)} {_local(one.signed_at, entry.statement.offset)}"
        for one in entry.signatures
    )


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
    return f"{_clock(moment.astimezone(parse_offset(offset)))}{offset}"


def _clock(moment: datetime) -> str:
    """To the second, in its own offset."""
    return moment.replace(tzinfo=None).isoformat(timespec="seconds")
