"""Which entries name whom and what: filled from the log after recording, for those who search the record.

No decision and no proof rests on it; emptied, it is filled again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from schema.canonical import Json
from schema.entry import REGISTRY, Entry, stored_entry
from schema.events import Party
from schema.instants import format_instant, parse_offset
from schema.tables import MentionRow, tuple_of
from schema.vocabulary import PartyType
from tracker.ledger.retry import retrying
from tracker.ledger.store import Store
from tracker.ledger.transaction import Transaction

_mention_row: Final = tuple_of(MentionRow)

FOUND_PAGE: Final = 50

LEAVES_MAX: Final = 256
"""Leaves in one transaction: on SQLite recording waits while its rows are written, some milliseconds."""

_GROWTH: Final = "mentions"
"""The shared row that fillers raise, so that of two at once the later one reads again."""

_FIELDS: Final[Mapping[str, str]] = {
    "box": "box",
    "location": "place",
    "shipment": "shipment",
    "data_logger": "logger",
    "seal": "code",
    "din": "code",
    "carrier": "carrier",
    "destination": "site",
    "sample_lot": "code",
    "lot": "lot",
}
"""Fields of payloads in clear, and as what their value is looked for."""


_LISTS: Final[Mapping[str, str]] = {"instruments": "instrument"}
"""The same of fields that list values in clear."""


def fill_mentions(store: Store) -> int:
    """Index the rest of the log; gives how many leaves were read."""
    done = 0
    while (read := retrying(_filling(store))) > 0:
        done += read
    return done


def subjects_of(entry: Entry) -> frozenset[str]:
    """Everything that an entry names in clear and that somebody may look for."""
    return frozenset(_subjects(entry))


def rows_of(entries: list[Entry]) -> list[MentionRow]:
    """What entries add to the mentions: one row for each thing and chain. They go in the order of chains."""
    found: dict[tuple[str, str], MentionRow] = {}
    for entry in entries:
        chain, at = entry.statement.chain, format_instant(entry.recorded_at)
        for subject in subjects_of(entry) if chain != REGISTRY else ():
            before = found.get((chain, subject))
            first = entry.sequence if before is None else before.first_sequence
            found[chain, subject] = _mention_row(
                chain=chain,
                subject=subject,
                first_sequence=first,
                last_sequence=entry.sequence,
                recorded_at=at,
            )
    return list(found.values())


def _filling(store: Store) -> Callable[[], int]:
    def fill() -> int:
        with store.read() as transaction:
            version = transaction.version(_GROWTH)
            start = transaction.mentioned_leaves()
            end = min(transaction.tree_size(), start + LEAVES_MAX)
            bodies = transaction.bodies_of_leaves(start, end) if start < end else ()
        if start >= end:
            return 0
        # Reading and sorting takes most of the time, and recording does not wait for it.
        rows = rows_of([stored_entry(body) for body in bodies])
        with store.begin() as transaction:
            transaction.bump(_GROWTH, version)
            transaction.put_mentions(rows, leaves=end)
        return end - start

    return fill


def _subjects(entry: Entry) -> Iterator[str]:
    statement = entry.statement
    for staff in {statement.actor, statement.entered_by, *(one.signer for one in entry.signatures)}:
        yield f"person:{staff}"
    yield f"site:{statement.site}"
    yield f"station:{statement.station}"
    yield f"day:{statement.occurred_at.astimezone(parse_offset(statement.offset)):%Y-%m-%d}"
    yield from _named(statement.payload.to_json())


def _named(facts: Mapping[str, Json]) -> Iterator[str]:
    """What the facts of an event name, at any depth; a party is a mapping of its type and id."""
    for name, value in facts.items():
        if isinstance(value, Mapping):
            yield from _nested(value)
        elif name in _LISTS and isinstance(value, (list, tuple)):
            yield from (f"{_LISTS[name]}:{one}" for one in value)
        elif isinstance(value, (list, tuple)):
            yield from (subject for one in value if isinstance(one, Mapping) for subject in _nested(one))
        elif isinstance(value, str) and name in _FIELDS:
            yield f"{_FIELDS[name]}:{value}"


def _nested(value: Mapping[str, Json]) -> Iterator[str]:
    if {"issuer", "type", "value"} <= set(value):
        yield f"code:{value['value']}"
    elif set(value) == {"type", "id"}:
        party = Party.model_validate(value)
        word = "place" if party.type is PartyType.LOCATION else party.type.value
        yield f"{word}:{party.id}"
    else:
        yield from _named(value)


def naming(
    transaction: Transaction, subject: str, *, limit: int | None = None, after: tuple[str, str] | None = None
) -> list[MentionRow]:
    """The chains that name something, the last recorded first; with a limit a page of them."""
    fresh = {row.chain: row for row in rows_of(_unread(transaction)) if row.subject == subject}
    found = list(_indexed(transaction, subject, limit, after))
    if after is not None:
        # What the index does not know yet stood on the first page.
        return [row for row in found if row.chain not in fresh]
    known = {row.chain: row for row in found}
    for chain, row in fresh.items():
        before = known.get(chain)
        first = row.first_sequence if before is None else before.first_sequence
        known[chain] = _mention_row(
            subject=subject,
            chain=chain,
            first_sequence=first,
            last_sequence=row.last_sequence,
            recorded_at=row.recorded_at,
        )
    return sorted(known.values(), key=lambda row: (row.recorded_at, row.chain), reverse=True)


def _indexed(
    transaction: Transaction, subject: str, limit: int | None, after: tuple[str, str] | None
) -> Iterator[MentionRow]:
    wanted = FOUND_PAGE if limit is None else limit
    while True:
        page = transaction.mentions(subject, limit=wanted, after=after)
        yield from page
        if limit is not None or len(page) < wanted:
            return
        after = page[-1].recorded_at, page[-1].chain


def _unread(transaction: Transaction) -> list[Entry]:
    """Entries that the index does not know yet: read in full, for there are few or nobody could write it."""
    start, end = transaction.mentioned_leaves(), transaction.tree_size()
    bodies = transaction.bodies_of_leaves(start, end) if start < end else []
    for chain, sequence, _ in transaction.pending():
        if chain != REGISTRY:
            bodies += [body for _, _, body in transaction.bodies(chain, sequence - 1, 1)]
    found = [stored_entry(body) for body in bodies]
    return sorted(found, key=lambda one: (one.statement.chain, one.sequence))
