"""Which therapy is at which bench: a read table that every terminal asks before an open-product step."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from schema.tables.base import INSTANT, NUMBER, TEXT, WITHOUT_ROWID, Row, natural


class BenchRow(Row, table=True):
    """A therapy that is at a bench, until the line is cleared; two at one bench are what the rules forbid."""

    __tablename__ = "bench"
    __table_args__ = (natural("sequence"), WITHOUT_ROWID)

    bench: str = Field(sa_type=TEXT, primary_key=True)
    """The location that the station names as its bench, else the station."""
    coi: str = Field(sa_type=TEXT, primary_key=True)
    sequence: int = Field(sa_type=NUMBER)
    """The step that took it, in the therapy's chain."""
    taken_at: datetime = Field(sa_type=INSTANT)
    staff: str = Field(sa_type=TEXT)
