"""The ledger entry: one custody event as it is said, signed, placed in its chain and hashed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Final, Literal, TypeVar

import msgspec
import orjson
from pydantic import ValidationError

from schema.canonical import (
    INTEGER_MAX,
    Json,
    canonical,
    leaf_digest,
    parsed,
    plain_digest,
)
from schema.commitments import Commitment
from schema.errors import CartrailError, IntegrityFailure, NotCanonical
from schema.events import Payload, kinds, payload_from
from schema.instants import format_instant, parse_instant, parse_offset
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


class Head(msgspec.Struct, frozen=True):
    """The last entry of a chain: its sequence and hex leaf digest."""

    sequence: int
    digest: str


class Read(msgspec.Struct, frozen=True):
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

    def there(self, moment: datetime) -> datetime:
        """A moment as the clocks showed it where this happened, with their offset."""
        return moment.astimezone(parse_offset(self.offset))

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


class Signature(msgspec.Struct, frozen=True):
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


Integer = Annotated[int, msgspec.Meta(ge=-INTEGER_MAX, le=INTEGER_MAX)]


class _Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """An object with exactly these keys; they stand in the order in which canonical JSON has them."""


class _CommitmentForm(_Form, frozen=True):
    commitment: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class _ReadForm(_Form, frozen=True):
    carrier: str
    code: str | _CommitmentForm
    field: str
    mode: ReadMode


class _EnteredForm(_Form, frozen=True):
    by: str
    mode: EntryMode


class _StatementForm(_Form, frozen=True):
    act: str
    actor: str
    chain: str
    entry: _EnteredForm
    event_id: str
    kind: str
    kind_version: Integer
    occurred_at: str
    offset: str
    outside_rules: tuple[str, ...]
    payload: msgspec.Raw
    reads: tuple[_ReadForm, ...]
    site: str
    station: str


class _HeadForm(_Form, frozen=True):
    digest: str
    sequence: Integer


class _SignatureForm(_Form, frozen=True):
    key: str
    meaning: Meaning
    name: str
    signed_at: str
    signer: str
    value: str


class _EntryForm(_Form, frozen=True):
    form: Literal["cartrail/1"]
    previous: str | None
    recorded_at: str
    registry: _HeadForm | None
    sequence: Integer
    signatures: tuple[_SignatureForm, ...]
    statement: msgspec.Raw


_ENTRIES: Final = msgspec.json.Decoder(_EntryForm)
_STATEMENTS: Final = msgspec.json.Decoder(_StatementForm)
_ENCODER: Final = msgspec.json.Encoder()
_CANONICAL: Final = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_UNREADABLE: Final = (
    msgspec.MsgspecError,
    ValidationError,
    orjson.JSONEncodeError,
    UnicodeError,
    RecursionError,
    CartrailError,
)


def read_entry(body: bytes) -> Entry:
    """The entry that these bytes are; raises NotCanonical, or UnknownKind for a kind of a newer program.

    The bytes are read into the types of an entry's parts and written again from them: what is the same
    afterwards has the form of an entry, in canonical form, with a payload as its version writes it.
    """
    entry = _read_exactly(body)
    if entry is not None:
        return entry
    value = parsed(body)
    entry = entry_from(body, value)
    raise NotCanonical(f"the payload of {entry.statement.kind} is not written as its version is.")


def require_readable(body: bytes) -> None:
    """Raise what `read_entry` raises of these bytes; no entry is made of them, which halves the time."""
    try:
        parts = _exact_parts(body)
        if parts is not None:
            form, said, _ = parts
            for text in (said.occurred_at, form.recorded_at, *(one.signed_at for one in form.signatures)):
                parse_instant(text)
            return
    except _UNREADABLE:
        pass
    read_entry(body)


def stored_entry(body: bytes, chain: str = "", sequence: int | None = None) -> Entry:
    """The entry that a store keeps in these bytes; raises IntegrityFailure where they are none.

    What was recorded could be read, so bytes that cannot were changed in the database.
    """
    try:
        return read_entry(body)
    except NotCanonical as error:
        named = f"Entry {sequence} of {chain}" if sequence is not None else "An entry of the store"
        raise IntegrityFailure(f"{named} cannot be read: {error.message}") from error


def _read_exactly(body: bytes) -> Entry | None:
    try:
        parts = _exact_parts(body)
        if parts is None:
            return None
        form, said, payload = parts
        statement, written = _statement_of(said, payload), bytes(form.statement)
        vars(statement).update(canonical=written, digest=plain_digest(written))
        return _entry_of(form, statement, body)
    except _UNREADABLE:
        return None


def _exact_parts(body: bytes) -> tuple[_EntryForm, _StatementForm, Payload] | None:
    """The parts of bytes that are just what their parts are written as; one of _UNREADABLE, or None, else."""
    form = _ENTRIES.decode(body)
    said = _STATEMENTS.decode(form.statement)
    payload_class = kinds().get((said.kind, said.kind_version))
    if payload_class is None:
        return None
    facts = bytes(said.payload)
    # What `model_validate_json` and `model_dump` call, without their looking for options.
    payload: Payload = payload_class.__pydantic_validator__.validate_json(facts)
    again = payload.__pydantic_serializer__.to_python(payload, mode="json", exclude_none=True)
    is_exact = (
        _ENCODER.encode(form) == body
        and _ENCODER.encode(said) == bytes(form.statement)
        and orjson.dumps(again, option=_CANONICAL) == facts
        and _is_normal(body)
    )
    return (form, said, payload) if is_exact else None


def _is_normal(body: bytes) -> bool:
    # No character of JSON itself composes with another, so the whole is in NFC where each text is.
    return body.isascii() or unicodedata.is_normalized("NFC", body.decode())


def _statement_of(said: _StatementForm, payload: Payload) -> Statement:
    return Statement(
        said.event_id,
        said.act,
        said.chain,
        parse_instant(said.occurred_at),
        said.offset,
        said.actor,
        said.station,
        said.site,
        said.entry.mode,
        said.entry.by,
        payload,
        tuple([_read_of(read) for read in said.reads]),
        said.outside_rules,
    )


def _read_of(read: _ReadForm) -> Read:
    code = read.code
    if not isinstance(code, str):
        return Read(read.field, Commitment(commitment=code.commitment), read.mode, read.carrier)
    return Read(read.field, code, read.mode, read.carrier)


def _entry_of(form: _EntryForm, statement: Statement, body: bytes) -> Entry:
    head = form.registry
    return Entry(
        form.sequence,
        form.previous,
        None if head is None else Head(head.sequence, head.digest),
        parse_instant(form.recorded_at),
        statement,
        tuple([_signature_of(one) for one in form.signatures]),
        body,
    )


def _signature_of(one: _SignatureForm) -> Signature:
    return Signature(one.signer, one.name, one.meaning, parse_instant(one.signed_at), one.key, one.value)


def entry_from(body: bytes, value: Json) -> Entry:
    """The entry of a parsed body, to say what is wrong with one that cannot be read, or to go on despite it.

    Raises NotCanonical for a wrong form and UnknownKind for a newer kind; how its payload is written is not
    asked.
    """
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
