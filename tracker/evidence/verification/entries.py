"""What the bytes of one entry say by themselves: form, canonical form, and the columns made from them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import orjson

from schema.canonical import Json, canonical, leaf_digest
from schema.entry import Entry, entry_from, read_entry
from schema.entry_faults import entry_faults
from schema.errors import CartrailError, NotCanonical, UnknownKind
from schema.events.identity import Closed
from tracker.evidence.verification.snapshot import StoredRow
from tracker.evidence.verification.verdict import Check, Journal
from tracker.kinds import is_decision

_COLUMNS: Final = slice(3, 6)
_COLUMN_NAMES: Final = StoredRow._fields[_COLUMNS]
_COMMITMENT: Final = b'{"commitment"'
_NAMED: Final = re.compile(rb'\{"commitment":"([0-9a-f]{64})"\}')


class Examined(NamedTuple):
    """An entry whose own bytes were looked at; what follows needs nothing else of it."""

    row: StoredRow
    digest: str
    """Recomputed from the body."""

    body: bytes
    entry: Entry | None
    """None when the bytes are not an entry."""

    statement_digest: str
    """Recomputed; empty without an entry."""

    understood: bool
    """False for a kind or version of a newer program, whose envelope alone was read."""

    @property
    def named(self) -> int:
        """How many commitments the entry names, whatever its kind."""
        return len(set(_NAMED.findall(self.body))) if _COMMITMENT in self.body else 0


def examine(row: StoredRow, journal: Journal) -> Examined:
    """Steps 1, 2 and 5 for one row."""
    body = row.body
    if not isinstance(body, bytes):
        kind = type(body).__name__
        journal.found(Check.FORM, row.chain_name, row.number, f"the body is stored as {kind}, not bytes")
        body = str(body).encode("utf-8", "surrogateescape")
    digest, statement_digest, event_id = leaf_digest(body), "", ""
    entry, understood = _read(body, row, journal)
    if entry is not None:
        statement = entry.statement
        statement_digest, event_id = statement.digest, statement.event_id
        for fault in entry_faults(entry, understood=understood, decision=is_decision(entry.statement.kind)):
            journal.found(Check.FORM, row.chain_name, row.number, fault)
    computed = (digest, statement_digest, event_id)
    if row[_COLUMNS] != computed:
        _compare_columns(row, computed if entry is not None else (digest,), journal)
    return Examined(row, digest, body, entry, statement_digest, understood)


def _read(body: bytes, row: StoredRow, journal: Journal) -> tuple[Entry | None, bool]:
    """The entry, and whether its kind is known; None where nothing of it can be gone by.

    What `read_entry` refuses is looked at once more, to name each fault at its step and to go on despite it.
    """
    try:
        return read_entry(body), True
    except (CartrailError, ValueError) as error:
        refused = _message(error)
    counted = journal.count
    value = _value(body, row, journal)
    entry, understood = (None, False) if value is None else _entry(body, value, row, journal)
    if entry is not None and isinstance(value, Mapping):
        statement: Any = value["statement"]
        vars(entry.statement)["canonical"] = _sorted(statement)
        if understood and _sorted(entry.statement.payload.to_json()) != _sorted(statement["payload"]):
            message = f"the payload of {entry.statement.kind} is not written as its version is"
            journal.found(Check.FORM, row.chain_name, row.number, message)
    if journal.count == counted:
        journal.found(Check.FORM, row.chain_name, row.number, refused)
    return entry, understood


def _compare_columns(row: StoredRow, computed: tuple[str, ...], journal: Journal) -> None:
    for column, stored, given in zip(_COLUMN_NAMES, row[_COLUMNS], computed, strict=False):
        if stored != given:
            message = f"the column {column} holds {stored!s:.64}, the bytes give {given}"
            journal.found(Check.DIGEST, row.chain_name, row.number, message)


def is_canonical(body: bytes, value: Any) -> bool:
    """Whether these are the canonical bytes of the value; raises NotCanonical for one that has none."""
    return canonical(value) == body


def _sorted(value: Any) -> bytes:
    """The canonical bytes of what is known to have them."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _value(body: bytes, row: StoredRow, journal: Journal) -> Json:
    """The parsed body; None when it is not JSON or not in the one form it may have."""
    name, number = row.chain_name, row.number
    try:
        value: Json = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        journal.found(Check.FORM, name, number, f"the body is not JSON: {error}")
        return None
    try:
        same = is_canonical(body, value)
    except NotCanonical as error:
        journal.found(Check.CANONICAL, name, number, error.message)
        return None
    if not same:
        journal.found(Check.CANONICAL, name, number, "the body is JSON, but not its canonical form")
        return None
    if value is None:
        journal.found(Check.FORM, name, number, "the body is null, not an entry")
    return value


def _entry(body: bytes, value: Json, row: StoredRow, journal: Journal) -> tuple[Entry | None, bool]:
    name, number = row.chain_name, row.number
    try:
        return entry_from(body, value), True
    except UnknownKind as error:
        unknown = error.message
    except (CartrailError, ValueError) as error:
        journal.found(Check.FORM, name, number, _message(error))
        return None, False
    try:
        entry = entry_from(body, _with_plain_payload(value))
    except (CartrailError, ValueError) as error:
        journal.found(Check.FORM, name, number, _message(error))
        return None, False
    journal.missed(Check.FORM, name, number, f"not understood: {unknown}")
    return entry, False


def _message(error: Exception) -> str:
    """What is wrong, in one line; a validator's own error has several."""
    return error.message if isinstance(error, CartrailError) else " ".join(str(error).split())


def _with_plain_payload(value: Json) -> Json:
    """The entry with the plainest payload of ours in place of one nobody here can read."""
    if not isinstance(value, Mapping) or not isinstance(value["statement"], Mapping):
        return value
    plain: Mapping[str, Json] = {"kind": Closed.kind, "kind_version": Closed.kind_version, "payload": {}}
    return {**value, "statement": {**value["statement"], **plain}}
