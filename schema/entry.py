"""The ledger entry: one custody event as it is said, signed, placed in its chain and hashed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import TypeVar

from schema.canonical import Json, canonical, leaf_digest, plain_digest
from schema.commitments import Commitment
from schema.errors import NotCanonical
from schema.events import Payload, payload_from
from schema.instants import format_instant, parse_instant
from schema.vocabulary import EntryMode, Meaning, ReadMode

_Word = TypeVar("_Word", bound=StrEnum)

FORM = "cartrail/1"
REGISTRY = "registry"
"""The chain of people, sites, keys, protocols and equipment; every other chain is a COI id."""

UUID_PATTERN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[57][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

ENTRY_KEYS = {"form", "sequence", "previous", "registry", "recorded_at", "statement", "signatures"}
STATEMENT_KEYS = {
    "event_id", "act", "chain", "kind", "kind_version", "occurred_at", "offset", "actor", "station", "site",
    "entry", "reads", "outside_rules", "payload",
}  # fmt: skip
SIGNATURE_KEYS = {"signer", "name", "meaning", "signed_at", "key", "value"}


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a chain: its sequence and hex leaf digest."""

    sequence: int
    digest: str


@dataclass(frozen=True, slots=True)
class Read:
    """One identifier that was compared, how it was read, and off what."""

    field: str
    code: str | Commitment
    mode: ReadMode
    carrier: str

    def to_json(self) -> Mapping[str, Json]:
        """The read as it stands in a statement."""
        code: Json = self.code if isinstance(self.code, str) else {"commitment": self.code.commitment}
        return {"field": self.field, "code": code, "mode": self.mode.value, "carrier": self.carrier}


@dataclass(frozen=True)
class Statement:
    """What is said and signed: everything of an event except its place in the ledger."""

    event_id: str
    act: str
    chain: str
    occurred_at: datetime
    offset: str
    actor: str
    station: str
    site: str
    mode: EntryMode
    entered_by: str
    payload: Payload
    reads: tuple[Read, ...] = ()
    outside_rules: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The event kind, by value."""
        return self.payload.kind

    @cached_property
    def canonical(self) -> bytes:
        """The canonical bytes whose digest is signed."""
        return canonical(self.to_json())

    @cached_property
    def digest(self) -> str:
        """Hex SHA-256 of the canonical statement."""
        return plain_digest(self.canonical)

    def to_json(self) -> Mapping[str, Json]:
        """The statement as it stands in an entry."""
        return {
            "event_id": self.event_id,
            "act": self.act,
            "chain": self.chain,
            "kind": self.payload.kind,
            "kind_version": self.payload.kind_version,
            "occurred_at": format_instant(self.occurred_at),
            "offset": self.offset,
            "actor": self.actor,
            "station": self.station,
            "site": self.site,
            "entry": {"mode": self.mode.value, "by": self.entered_by},
            "reads": [read.to_json() for read in self.reads],
            "outside_rules": list(self.outside_rules),
            "payload": self.payload.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Signature:
    """One person's Ed25519 signature, with printed name, time and meaning (21 CFR 11.50)."""

    signer: str
    name: str
    meaning: Meaning
    signed_at: datetime
    key: str
    value: str
    """Base64 of the 64 signature bytes."""

    def to_json(self) -> Mapping[str, Json]:
        """The signature as it stands in an entry."""
        return {
            "signer": self.signer,
            "name": self.name,
            "meaning": self.meaning.value,
            "signed_at": format_instant(self.signed_at),
            "key": self.key,
            "value": self.value,
        }


@dataclass(frozen=True)
class Entry:
    """A statement with its place in its chain; `body` is what is stored and hashed."""

    sequence: int
    previous: str | None
    registry: Head | None
    recorded_at: datetime
    statement: Statement
    signatures: tuple[Signature, ...] = ()
    stored: bytes | None = field(default=None, compare=False)
    """The bytes it was read from; None for an entry just made."""

    @cached_property
    def body(self) -> bytes:
        """The exact canonical bytes.

        `statement` sorts last among the keys, so the bytes that were signed are taken over as they are.
        """
        if self.stored is not None:
            return self.stored
        return canonical(self._frame())[:-1] + b',"statement":' + self.statement.canonical + b"}"

    @cached_property
    def digest(self) -> str:
        """Hex leaf digest of the body."""
        return leaf_digest(self.body)

    @property
    def head(self) -> Head:
        """This entry as the head of its chain."""
        return Head(self.sequence, self.digest)

    def to_json(self) -> Mapping[str, Json]:
        """The entry as a canonical object."""
        return {**self._frame(), "statement": self.statement.to_json()}

    def _frame(self) -> Mapping[str, Json]:
        """The entry without its statement."""
        registry: Json = None
        if self.registry is not None:
            registry = {"sequence": self.registry.sequence, "digest": self.registry.digest}
        return {
            "form": FORM,
            "sequence": self.sequence,
            "previous": self.previous,
            "registry": registry,
            "recorded_at": format_instant(self.recorded_at),
            "signatures": [signature.to_json() for signature in self.signatures],
        }


def entry_from(body: bytes, value: Json) -> Entry:
    """The entry of a parsed body; raises NotCanonical for a wrong form and UnknownKind for a newer kind."""
    data = _object(value, ENTRY_KEYS, "entry")
    if data["form"] != FORM:
        raise NotCanonical(f'the form is {data["form"]!r}, not "{FORM}".')
    registry = data["registry"]
    head = None
    if registry is not None:
        pair = _object(registry, {"sequence", "digest"}, "registry")
        head = Head(_integer(pair["sequence"]), _text(pair["digest"]))
    signatures = data["signatures"]
    if not isinstance(signatures, list):
        raise NotCanonical("signatures is not an array.")
    return Entry(
        sequence=_integer(data["sequence"]),
        previous=None if data["previous"] is None else _text(data["previous"]),
        registry=head,
        recorded_at=parse_instant(_text(data["recorded_at"])),
        statement=statement_from(data["statement"]),
        signatures=tuple(_signature(item) for item in signatures),
        stored=body,
    )


def statement_from(value: Json) -> Statement:
    """The statement of its parsed JSON."""
    data = _object(value, STATEMENT_KEYS, "statement")
    entry = _object(data["entry"], {"mode", "by"}, "entry")
    reads, outside = data["reads"], data["outside_rules"]
    if not isinstance(reads, list) or not isinstance(outside, list):
        raise NotCanonical("reads or outside_rules is not an array.")
    payload = data["payload"]
    if not isinstance(payload, Mapping):
        raise NotCanonical("payload is not an object.")
    return Statement(
        event_id=_text(data["event_id"]),
        act=_text(data["act"]),
        chain=_text(data["chain"]),
        occurred_at=parse_instant(_text(data["occurred_at"])),
        offset=_text(data["offset"]),
        actor=_text(data["actor"]),
        station=_text(data["station"]),
        site=_text(data["site"]),
        mode=_member(EntryMode, entry["mode"]),
        entered_by=_text(entry["by"]),
        payload=payload_from(_text(data["kind"]), _integer(data["kind_version"]), payload),
        reads=tuple(_read(item) for item in reads),
        outside_rules=tuple(_text(item) for item in outside),
    )


def _signature(value: Json) -> Signature:
    data = _object(value, SIGNATURE_KEYS, "signature")
    return Signature(
        signer=_text(data["signer"]),
        name=_text(data["name"]),
        meaning=_member(Meaning, data["meaning"]),
        signed_at=parse_instant(_text(data["signed_at"])),
        key=_text(data["key"]),
        value=_text(data["value"]),
    )


def _read(value: Json) -> Read:
    data = _object(value, {"field", "code", "mode", "carrier"}, "read")
    found = data["code"]
    code: str | Commitment
    if isinstance(found, str):
        code = found
    else:
        code = _commitment(_text(_object(found, {"commitment"}, "code")["commitment"]))
    return Read(_text(data["field"]), code, _member(ReadMode, data["mode"]), _text(data["carrier"]))


def _commitment(text: str) -> Commitment:
    try:
        return Commitment(commitment=text)
    except ValueError as error:
        raise NotCanonical("a commitment is not 64 hex digits.") from error


def _object(value: Json, keys: set[str], where: str) -> Mapping[str, Json]:
    if not isinstance(value, Mapping) or set(value) != keys:
        raise NotCanonical(f"{where} does not have exactly the keys {', '.join(sorted(keys))}.")
    return value


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise NotCanonical(f"{value!r} is not text.")
    return value


def _integer(value: Json) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise NotCanonical(f"{value!r} is not an integer.")
    return value


def _member(words: type[_Word], value: Json) -> _Word:
    try:
        return words(str(value))
    except ValueError as error:
        raise NotCanonical(f"{value!r} is not a known word.") from error
