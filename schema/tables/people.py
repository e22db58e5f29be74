"""What opens a person's key: secrets and counters that change, and so are no part of the ledger."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from schema.tables.base import BYTES, INSTANT, NUMBER, TEXT, WITHOUT_ROWID, Row, natural


class CredentialRow(Row, table=True):
    """A person's signing key, encrypted under their password; what the blob holds only its owner can read."""

    __tablename__ = "credential"
    __table_args__ = (WITHOUT_ROWID,)

    staff: str = Field(sa_type=TEXT, primary_key=True)
    key: str = Field(sa_type=TEXT)
    verifier: str = Field(sa_type=TEXT)
    blob: bytes = Field(sa_type=BYTES)
    updated_at: datetime = Field(sa_type=INSTANT)


class AccessCodeRow(Row, table=True):
    """A one-time code with which a person sets the first password."""

    __tablename__ = "access_code"
    __table_args__ = (WITHOUT_ROWID,)

    staff: str = Field(sa_type=TEXT, primary_key=True)
    code_hash: str = Field(sa_type=TEXT)
    issuer: str = Field(sa_type=TEXT)
    expires_at: datetime = Field(sa_type=INSTANT)


class SignInFailureRow(Row, table=True):
    """How often a person failed to sign in at one station since the last success."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (natural("count"), WITHOUT_ROWID)

    staff: str = Field(sa_type=TEXT, primary_key=True)
    station: str = Field(sa_type=TEXT, primary_key=True)
    count: int = Field(sa_type=NUMBER)
    locked_until: datetime | None = Field(sa_type=INSTANT)
