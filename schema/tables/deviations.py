"""How far quality is with each deviation: a read table, so that what is open is found among all therapies."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from schema.tables.base import INSTANT, NUMBER, TEXT, WITHOUT_ROWID, Row, natural


class DeviationRow(Row, table=True):
    """One deviation, drafted or opened, and where it stands."""

    __tablename__ = "deviation_now"
    __table_args__ = (
        natural("sequence"),
        Index("ix_deviation_now_status_begun_at", "status", "begun_at"),
        Index("ix_deviation_now_coi", "coi"),
        WITHOUT_ROWID,
    )

    deviation: str = Field(sa_type=TEXT, primary_key=True)
    """The event that drafted or opened it."""
    coi: str = Field(sa_type=TEXT)
    sequence: int = Field(sa_type=NUMBER)
    """The last entry that changed it, in the therapy's chain."""
    status: str = Field(sa_type=TEXT)
    site: str = Field(sa_type=TEXT)
    """Where it was drafted or opened."""
    begun_at: datetime = Field(sa_type=INSTANT)
