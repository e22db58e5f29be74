"""The record itself, and what is kept beside it because it must stay erasable."""

from __future__ import annotations

from sqlalchemy import Index, UniqueConstraint, text
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
    """The one table people's data is erased from: openings of commitments, and salted request digests."""

    __tablename__ = "erasable"
    __table_args__ = (
        hex64("commitment"),
        # Requests are found by their event, so only the others stand in the second tree.
        Index(
            "ix_erasable_commitment",
            "commitment",
            sqlite_where=text("field <> 'request'"),
            postgresql_where=text("field <> 'request'"),
        ),
        Index(
            "ix_erasable_chain",
            "chain",
            sqlite_where=text("field <> 'request'"),
            postgresql_where=text("field <> 'request'"),
        ),
        WITHOUT_ROWID,
    )

    event_id: str = Field(sa_type=TEXT, primary_key=True)
    commitment: str = Field(sa_type=TEXT, primary_key=True)
    chain: str = Field(sa_type=TEXT)
    """Empty for a request: it belongs to all chains it wrote to."""
    field: str = Field(sa_type=TEXT)
    salt: bytes = Field(sa_type=BYTES)
    value: str | None = Field(sa_type=TEXT)
    """Canonical JSON; NULL for a request, whose digest alone is kept."""


class RequestAnswerRow(Row, table=True):
    """What was answered to a request, so that sending it again gives the same."""

    __tablename__ = "request_answer"
    __table_args__ = (WITHOUT_ROWID,)

    event_id: str = Field(sa_type=TEXT, primary_key=True)
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
