"""What is booked for each therapy and what of it has come: a read table that Today looks days ahead in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from schema.tables.base import INSTANT, NUMBER, TEXT, WITHOUT_ROWID, Row, natural

_WAITS = text("done_at IS NULL")
_TRAVELS = text("done_at IS NULL AND lane IS NOT NULL")


class PlanMilestoneRow(Row, table=True):
    """A booked milestone of a therapy that has not ended."""

    __tablename__ = "plan_milestone"
    __table_args__ = (
        natural("sequence"),
        Index("ix_plan_milestone_leaves", "leaves_at", sqlite_where=_WAITS, postgresql_where=_WAITS),
        Index(
            "ix_plan_milestone_lane", "lane", "leaves_at", sqlite_where=_TRAVELS, postgresql_where=_TRAVELS
        ),
        Index("ix_plan_milestone_place", "place", "leaves_at", sqlite_where=_WAITS, postgresql_where=_WAITS),
        Index("ix_plan_milestone_site", "site", "leaves_at", sqlite_where=_WAITS, postgresql_where=_WAITS),
        WITHOUT_ROWID,
    )

    coi: str = Field(sa_type=TEXT, primary_key=True)
    name: str = Field(sa_type=TEXT, primary_key=True)
    sequence: int = Field(sa_type=NUMBER)
    """The entry that booked or last moved it, in the therapy's chain."""
    site: str = Field(sa_type=TEXT)
    """Where it is."""
    place: str = Field(sa_type=TEXT)
    """Where it has to be ready: the site that a carrier fetches from, else the site where it is."""
    resource: str = Field(sa_type=TEXT)
    """`SITE/RESOURCE`, or a site that only has to be open."""
    leaves_at: datetime = Field(sa_type=INSTANT)
    """When it has to be ready: at the pick-up of what travels, else when it begins."""
    starts_at: datetime = Field(sa_type=INSTANT)
    ends_at: datetime = Field(sa_type=INSTANT)
    lane: str | None = Field(sa_type=TEXT)
    """By which a carrier brings what it needs; NULL where nothing travels."""
    done_at: datetime | None = Field(sa_type=INSTANT)
    """When it was fulfilled; NULL while it is to come."""
