"""What the bytes of one entry say by themselves: form, canonical form, and the columns made from them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from schema.canonical import NESTING_MAX, Json, canonical, leaf_digest, plain_digest
from schema.entry import REGISTRY, UUID_PATTERN, Entry, entry_from
from schema.errors import CartrailError, NotCanonical, UnknownKind
from schema.events import registry_kinds
from schema.events.identity import Closed
from schema.instants import parse_offset
from tracker.evidence.verification.snapshot import StoredRow
from tracker.evidence.verification.verdict import Check, Journal

_COI: Final = re.compile(r"C[DTVP][2-9B-X]{9}")
_SHORT: Final = re.compile(r"[A-Z0-9-]{2,16}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_KEY: Final = re.compile(r"[0-9a-f]{16}")
_NAMED: Final = re.compile(rb'\{"commitment":"([0-9a-f]{64})"\}')

# A number that is no short integer, or text that looks like one; the milliseconds of a time are neither.
_ODD_NUMBER: Final = re.compile(rb'[:\[,]-?\d+(?:\.(?!\d{3}Z")|[eE]|\d{15})')


@dataclass(frozen=True, slots=True)
class Examined:
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
    def commitments(self) -> set[str]:
        """Every commitment that the entry names, whatever its kind."""
        return {found.decode("ascii") for found in _NAMED.findall(self.body)}


def examine(row: StoredRow, journal: Journal) -> Examined:
    """Steps 1, 2 and 5 for one row."""
    name, number = row.chain_name, row.number
    body = row.body if isinstance(row.body, bytes) else str(row.body).encode("utf-8", "surrogateescape")
    if not isinstance(row.body, bytes):
        journal.found(Check.FORM, name, number, f"the body is stored as {type(row.body).__name__}, not bytes")
    value = _value(body, row, journal)
    entry, understood = (None, False) if value is None else _entry(body, value, row, journal)
    digest, statement_digest = leaf_digest(body), ""
    if entry is not None and isinstance(value, Mapping):
        statement: Any = value["statement"]
        statement_digest = plain_digest(_sorted(statement))
        # Replay asks for it too, and to walk through the values again would take a third of all the time.
        vars(entry.statement)["digest"] = statement_digest
        for fault in _faults(entry, statement["payload"] if understood else None):
            journal.found(Check.FORM, name, number, fault)
    for column, stored, computed in _columns(row, digest, entry, statement_digest):
        if stored != computed:
            message = f"the column {column} holds {stored!s:.64}, the bytes give {computed}"
            journal.found(Check.DIGEST, name, number, message)
    return Examined(row, digest, body, entry, statement_digest, understood)


def is_canonical(body: bytes, value: Any) -> bool:
    """Whether these are the canonical bytes of the value; raises NotCanonical for one that has none."""
    shallow = body.startswith(b"{") and body.count(b"{") + body.count(b"[") <= NESTING_MAX
    if shallow and body.isascii() and _ODD_NUMBER.search(body) is None:
        # Nothing is left that could not stand in an entry, so the walk through the value is spared.
        return _sorted(value) == body
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
        journal.found(Check.FORM, name, number, _told(error))
        return None, False
    try:
        entry = entry_from(body, _with_plain_payload(value))
    except (CartrailError, ValueError) as error:
        journal.found(Check.FORM, name, number, _told(error))
        return None, False
    journal.missed(Check.FORM, name, number, f"not understood: {unknown}")
    return entry, False


def _told(error: Exception) -> str:
    """What is wrong, in one line; a validator's own error has several."""
    return error.message if isinstance(error, CartrailError) else " ".join(str(error).split())


def _with_plain_payload(value: Json) -> Json:
    """The entry with the plainest payload of ours in place of one nobody here can read."""
    if not isinstance(value, Mapping) or not isinstance(value["statement"], Mapping):
        return value
    plain: Mapping[str, Json] = {"kind": Closed.kind, "kind_version": Closed.kind_version, "payload": {}}
    return {**value, "statement": {**value["statement"], **plain}}


def _columns(
    row: StoredRow, digest: str, entry: Entry | None, statement_digest: str
) -> Iterator[tuple[str, Any, str]]:
    yield "digest", row.digest, digest
    if entry is not None:
        yield "statement_digest", row.statement_digest, statement_digest
        yield "event_id", row.event_id, entry.statement.event_id


def _faults(entry: Entry, payload: Json) -> Iterator[str]:
    """What the entry says that none of ours could say; the payload is None where it is not understood."""
    statement = entry.statement
    for what, text, pattern in _texts(entry):
        if pattern.fullmatch(text) is None:
            yield f"{what} is {text[:60]!r}"
    if entry.sequence < 0:
        yield f"the sequence is {entry.sequence}"
    if statement.chain != REGISTRY and _COI.fullmatch(statement.chain) is None:
        yield f"the chain is {statement.chain[:60]!r}"
    try:
        parse_offset(statement.offset)
    except CartrailError as error:
        yield error.message
    if payload is None:
        return
    if (statement.kind in registry_kinds()) != (statement.chain == REGISTRY):
        yield f"{statement.kind} has no place in the chain {statement.chain[:60]}"
    if _sorted(statement.payload.to_json()) != _sorted(payload):
        yield f"the payload of {statement.kind} is not written as its version is"


def _texts(entry: Entry) -> Iterator[tuple[str, str, re.Pattern[str]]]:
    statement = entry.statement
    yield "event_id", statement.event_id, UUID_PATTERN
    yield "act", statement.act, UUID_PATTERN
    yield "actor", statement.actor, _SHORT
    yield "station", statement.station, _SHORT
    yield "site", statement.site, _SHORT
    yield "entry.by", statement.entered_by, _SHORT
    if entry.previous is not None:
        yield "previous", entry.previous, _DIGEST
    if entry.registry is not None:
        yield "registry.digest", entry.registry.digest, _DIGEST
    for signature in entry.signatures:
        yield "signer", signature.signer, _SHORT
        yield "key", signature.key, _KEY
