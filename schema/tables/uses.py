"""Which lots and instruments touched the cells of which therapies: a read table, for a trace and a recall."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from schema.tables.base import INSTANT, NUMBER, TEXT, WITHOUT_ROWID, Row, natural


class UseRow(Row, table=True):
    """One step of a process at which a lot or an instrument was used."""

    __tablename__ = "use_of"
    __table_args__ = (natural("sequence"), Index("ix_use_of_coi", "coi"), WITHOUT_ROWID)

    thing: str = Field(sa_type=TEXT, primary_key=True)
    """The id of the lot or instrument."""
    coi: str = Field(sa_type=TEXT, primary_key=True)
    event_id: str = Field(sa_type=TEXT, primary_key=True)
    sequence: int = Field(sa_type=NUMBER)
    """The entry of the step, in the therapy's chain."""
    step: str = Field(sa_type=TEXT)
    at: datetime = Field(sa_type=INSTANT)
    """When the step ended."""
