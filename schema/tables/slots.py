"""Which place of which resource is taken on which day: a read table that every booking counts in."""

from __future__ import annotations

from sqlalchemy import Index
from sqlmodel import Field

from schema.tables.base import NUMBER, TEXT, WITHOUT_ROWID, Row, natural


class SlotUseRow(Row, table=True):
    """A day on which a milestone takes a place of a resource."""

    __tablename__ = "slot_use"
    __table_args__ = (
        natural("begins"),
        natural("sequence"),
        Index("ix_slot_use_coi", "coi"),
        WITHOUT_ROWID,
    )

    resource: str = Field(sa_type=TEXT, primary_key=True)
    day: str = Field(sa_type=TEXT, primary_key=True)
    """By the calendar of its site, as 2026-12-07."""
    coi: str = Field(sa_type=TEXT, primary_key=True)
    milestone: str = Field(sa_type=TEXT, primary_key=True)
    begins: int = Field(sa_type=NUMBER)
    """1 on the day on which it begins, else 0."""
    sequence: int = Field(sa_type=NUMBER)
    """The entry that booked it, in the therapy's chain."""
