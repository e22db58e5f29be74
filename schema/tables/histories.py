"""What of each therapy's past its measures are drawn from: a read table, so that nothing is replayed."""

from __future__ import annotations

from sqlmodel import Field

from schema.tables.base import NUMBER, TEXT, WITHOUT_ROWID, Row, natural


class HistoryRow(Row, table=True):
    """The history of one therapy; it names no patient and no person."""

    __tablename__ = "therapy_history"
    __table_args__ = (natural("sequence"), WITHOUT_ROWID)

    coi: str = Field(sa_type=TEXT, primary_key=True)
    sequence: int = Field(sa_type=NUMBER)
    """The last entry that changed it, in the therapy's chain."""
    document: str = Field(sa_type=TEXT)
    """As JSON text, whose form the writer decides."""
