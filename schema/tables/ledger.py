"""The record itself, and what is kept beside it because it must stay erasable."""

from __future__ import annotations

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from schema.tables.base import BYTES, NUMBER, TEXT, WITHOUT_ROWID, Row, filled, hex64, natural


class CustodyEventRow(Row, table=True):
    """One ledger entry: the bytes that were hashed, and what it is found by. Append-only."""

    __tablename__ = "custody_event"
    __table_args__ = (
        # Named, because a clash here means "somebody was faster" and a clash on event_id "already done".
        UniqueConstraint("event_id", name="uq_custody_event_event_id"),
        Index("ix_custody_event_statement_digest", "statement_digest"),
        natural("sequence"),
        hex64("digest"),
        hex64("statement_digest"),
        filled("chain"),
        filled("body"),
    )

    chain: str = Field(sa_type=TEXT, primary_key=True)
    sequence: int = Field(sa_type=NUMBER, primary_key=True)
    event_id: str = Field(sa_type=TEXT)
    digest: str = Field(sa_type=TEXT)
    """The leaf digest as computed when recording; verification compares it and never trusts it."""
    statement_digest: str = Field(sa_type=TEXT)
    body: bytes = Field(sa_type=BYTES)


class LogPendingRow(Row, table=True):
    """An entry that the Merkle tree has not taken in yet."""

    __tablename__ = "log_pending"
    __table_args__ = (natural("sequence"), WITHOUT_ROWID)

    chain: str = Field(sa_type=TEXT, primary_key=True)
    sequence: int = Field(sa_type=NUMBER, primary_key=True)
    recorded_at: str = Field(sa_type=TEXT)


class ErasableRow(Row, table=True):
    """The one table people's data is erased from: what opens the commitments of an event."""

    __tablename__ = "erasable"
    __table_args__ = (
        hex64("commitment"),
        Index("ix_erasable_commitment", "commitment"),
        Index("ix_erasable_chain", "chain"),
        Index("ix_erasable_field", "field"),
        WITHOUT_ROWID,
    )

    event_id: str = Field(sa_type=TEXT, primary_key=True)
    commitment: str = Field(sa_type=TEXT, primary_key=True)
    chain: str = Field(sa_type=TEXT)
    field: str = Field(sa_type=TEXT)
    salt: bytes = Field(sa_type=BYTES)
    value: str = Field(sa_type=TEXT)
    """Canonical JSON."""


class RequestAnswerRow(Row, table=True):
    """What was answered to a request, so that sending it again gives the same; erased with what it said."""

    __tablename__ = "request_answer"
    __table_args__ = (hex64("digest"), WITHOUT_ROWID)

    event_id: str = Field(sa_type=TEXT, primary_key=True)
    salt: bytes = Field(sa_type=BYTES)
    digest: str = Field(sa_type=TEXT)
    """SHA-256 of salt and canonical request, by which the same request is recognized."""
    answer: bytes = Field(sa_type=BYTES)


class AttachmentRow(Row, table=True):
    """A file that entries commit to, such as the protocol as adopted. Append-only."""

    __tablename__ = "attachment"
    __table_args__ = (hex64("sha256"),)

    sha256: str = Field(sa_type=TEXT, primary_key=True)
    content: bytes = Field(sa_type=BYTES)


class SharedRow(Row, table=True):
    """A version that everybody raises who decides by a rule that spans chains, so that two cannot at once."""

    __tablename__ = "shared_row"
    __table_args__ = (natural("version"), WITHOUT_ROWID)

    name: str = Field(sa_type=TEXT, primary_key=True)
    version: int = Field(sa_type=NUMBER)
