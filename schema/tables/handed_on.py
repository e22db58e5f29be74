"""To whom an alert was handed on: state that is no part of the ledger, kept so that nothing is said twice."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from schema.tables.base import INSTANT, NUMBER, TEXT, WITHOUT_ROWID, Row, natural


class AlertHandedOnRow(Row, table=True):
    """One attempt to hand an alert on to a role, by a command of the site."""

    __tablename__ = "alert_handed_on"
    __table_args__ = (natural("attempt"), WITHOUT_ROWID)

    alert: str = Field(sa_type=TEXT, primary_key=True)
    role: str = Field(sa_type=TEXT, primary_key=True)
    attempt: int = Field(sa_type=NUMBER, primary_key=True)
    """From 1."""
    subject: str = Field(sa_type=TEXT)
    due_at: datetime = Field(sa_type=INSTANT)
    channel: str = Field(sa_type=TEXT)
    """The command by its name."""
    at: datetime = Field(sa_type=INSTANT)
    result: str = Field(sa_type=TEXT)
    """`done`, or why it was not."""
