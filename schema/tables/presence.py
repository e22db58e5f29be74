"""Who was last heard of: the hub, each station, the last backup. It is no evidence, and no rule reads it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from schema.tables.base import INSTANT, TEXT, WITHOUT_ROWID, Row


class PresenceRow(Row, table=True):
    """When something that runs for long, or at times, last said that it is there."""

    __tablename__ = "presence"
    __table_args__ = (WITHOUT_ROWID,)

    name: str = Field(sa_type=TEXT, primary_key=True)
    """`hub`, `backup`, or `station/<id>`."""

    seen_at: datetime = Field(sa_type=INSTANT)
    instance: str = Field(sa_type=TEXT)
    """The machine and process, so that two hubs are told apart."""

    trouble: str = Field(sa_type=TEXT)
    """What does not go well there; empty while all does."""
