"""Who opened which trail at a terminal: what was only looked at is no event, and is kept all the same."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from schema.tables.base import INSTANT, TEXT, WITHOUT_ROWID, Row


class TrailOpenedRow(Row, table=True):
    """Somebody who was signed in saw the trail of a therapy on a screen."""

    __tablename__ = "trail_opened"
    __table_args__ = (WITHOUT_ROWID,)

    staff: str = Field(sa_type=TEXT, primary_key=True)
    opened_at: datetime = Field(sa_type=INSTANT, primary_key=True)
    chain: str = Field(sa_type=TEXT, primary_key=True)
    station: str = Field(sa_type=TEXT)
