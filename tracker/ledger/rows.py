"""The values that go into the store's tables and come out of them; none of them is a SQLModel row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from schema.commitments import Opening


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as it lies in the table: the bytes, and the columns that claim to be derived from them."""

    chain: str
    sequence: int
    event_id: str
    digest: str
    statement_digest: str
    body: bytes


@dataclass(frozen=True, slots=True)
class RequestDigest:
    """What is kept of a request: its salt and the hex SHA-256 of salt and canonical request."""

    salt: bytes
    digest: str


@dataclass(frozen=True, slots=True)
class HeldValue:
    """An opening with the chain and event it is held for."""

    chain: str
    event_id: str
    opening: Opening


@dataclass(frozen=True, slots=True)
class TherapyRow:
    """A line of the board; `sequence` is the place in the chain that it reflects."""

    coi: str
    sequence: int
    stage: str
    status: str
    protocol: str
    protocol_version: str
    collection_site: str
    manufacturing_site: str
    treatment_site: str
    attention: tuple[str, ...]
    """Flags that call for somebody; none when all is well."""
    document: str
    """Further content as JSON text, whose form the writer decides."""
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class UnitRow:
    """Where a unit is, who answers for it and what may be done with it."""

    unit: str
    coi: str
    sequence: int
    material: str
    custodian_type: str
    custodian: str
    site: str | None
    location: str | None
    box: str | None
    cassette: str | None
    disposition: str | None
    quarantined: bool
    final_disposition: str | None
    handoff: str | None
    document: str


@dataclass(frozen=True, slots=True)
class CodeRow:
    """Something a scanner may read: an object id, or an adopted code written `issuer|type|value`."""

    code: str
    coi: str
    sequence: int
    object_type: str
    object_id: str
    issuer: str | None
    value: str | None
    status: str


@dataclass(frozen=True, slots=True)
class BenchRow:
    """A therapy at a bench; `sequence` is the step that took it."""

    bench: str
    coi: str
    sequence: int
    taken_at: datetime
    staff: str


@dataclass(frozen=True, slots=True)
class CredentialRow:
    """A person's encrypted signing key; the store does not look into verifier and blob."""

    staff: str
    key: str
    verifier: str
    blob: bytes
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class AccessCodeRow:
    """A one-time code, by its hash."""

    staff: str
    code_hash: str
    issuer: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignInFailureRow:
    """Failures of one person at one station since the last success there."""

    staff: str
    station: str
    count: int
    locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class PrintedCopyRow:
    """One printed copy of an object's label, and what is certain about the paper."""

    object_id: str
    copy_letter: str
    printed_at: datetime
    staff: str
    station: str
    label: str = ""
    site: str = ""
    unit: str | None = None
    reason: str | None = None
    outcome: str = "printing"
    settled_at: datetime | None = None
